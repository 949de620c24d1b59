"""Influence: what is known of inputs from the runs that are there."""

import numpy as np
import pytest
from runs_for_tests import MATTERS, synthetic, uncertain

from simulator import runs
from simulator.draws import Draws
from simulator.influence import influences, unknown
from simulator.inputs import Inputs
from simulator.scenario.types import quantities


@pytest.fixture(scope="module")
def run():
    """A run of which one of two uncertain inputs moves turnover."""
    return uncertain()


def test_the_input_that_matters_is_found_with_its_sign(run):
    """What multiplies turnover by 0.6 at its P10 and by 1.4 at its P90 stands first, and alone."""
    first, second = influences(run)
    assert (first.path, first.is_clear, first.is_assumed) == (MATTERS, True, True)
    assert first.change - first.half_width > 0
    assert (second.is_clear, second.is_assumed) == (False, False)
    assert abs(second.change) < 2 * second.half_width
    assert (first.low, first.high) == pytest.approx((0.004, 0.036))


def test_groups_are_the_runs_with_the_input_at_either_end(run):
    """The change is the mean of the runs above P80 less that of those below P20."""
    inputs = Inputs.of(list(quantities(run.scenario)))
    column = [inputs.paths[place] for place, _ in inputs.laws].index(MATTERS)
    share = inputs.shares(Draws(run.seed, range(run.replications)))[:, column]
    turnover = runs.turnover(run, "belarus", 2023)
    expected = turnover[share > 0.8].mean() - turnover[share < 0.2].mean()
    assert influences(run)[0].change == expected


def test_an_input_without_influence_is_rarely_called_clear():
    """Of 40 seeds at most 6 call the second input clear: 5 in 100 are expected of both inputs."""
    asked = uncertain()
    called = 0
    for seed in range(40):
        moved = runs.Run(asked.scenario, seed, asked.replications, synthetic().tables)
        called += any(one.is_clear for one in influences(moved))
    assert called <= 6


@pytest.mark.parametrize(
    ("run", "reason"),
    [
        (synthetic(), "No input of this scenario is uncertain."),
        (uncertain(199), "Fewer than 200 runs"),
        (uncertain(200), ""),
    ],
)
def test_nothing_is_told_where_nothing_is_known(run, reason):
    """Without laws or with few runs there is a reason in place of numbers."""
    assert unknown(run).startswith(reason)
    assert bool(influences(run)) == (not reason)


def test_a_year_that_is_cut_off_tells_nothing():
    """Turnover of a year that is not simulated to its end is sorted by nothing."""
    run = uncertain(complete=False)
    assert "not simulated to its end" in unknown(run)
    assert influences(run) == ()


def test_the_order_of_replications_is_that_of_their_numbers(run):
    """The first half of the replications alone gives what they give."""
    half = run.replications // 2
    tables = {name: t.filter(np.asarray(t["replication"]) < half) for name, t in run.tables.items()}
    first = runs.Run(run.scenario, run.seed, half, tables)
    assert influences(first)[0].path == MATTERS
    assert influences(first) != influences(run)
