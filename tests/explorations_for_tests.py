"""Explorations that cost nothing: a synthetic run in which three sliders move trade as known."""

from functools import cache

import numpy as np
from runs_for_tests import synthetic

from simulator.explorations import explored, planned
from simulator.trials import turnover

PATIENCE, SUPPORT = "settlement.patience_days", "relationships.search_support"
EVERY = "exports.*.last_usd_million"
SLIDERS = {PATIENCE: "30..120", SUPPORT: "0.5..1.5", EVERY: "20..40"}


def factor(values, bend=0.0):
    """By how much a setting multiplies trade: patience and support help, the rest does not."""
    patience, support, _ = values
    return (patience / 60) ** 0.2 * support**0.4 * np.exp(bend * np.sin(9 * support))


def toy(run, bend=0.0):
    """Asks a synthetic run: its own turnover, multiplied."""

    def ask(settings, replications, _):
        own = turnover(run)[:replications]
        return [own * factor([one.stated[path] for path in SLIDERS], bend) for one in settings]

    return ask


@cache
def example(bend=0.0, **changes):
    """A run and its exploration; a bend is more than a surface of second degree can follow."""
    run = synthetic(500, **changes)
    plan = planned(run.scenario, SLIDERS, seed=run.seed, replications=run.replications)
    return run, explored(plan, run, toy(run, bend))
