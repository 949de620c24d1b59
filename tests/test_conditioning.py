"""Conditioning: what is known of an input was so all along, what is moved is so from now on."""

import numpy as np
import pytest
from engines.worlds import busy

from simulator import runs
from simulator.conditioning import Setting, at, conditioned, moved, shares, uncertain
from simulator.draws import Draws
from simulator.inputs import quantile
from simulator.scenario.overriding import override
from simulator.scenario.types import quantities
from simulator.simulation import run
from simulator.specification import specification

REFUSED = "settlement.channels.bank.refusal_share"
PATIENCE = "settlement.patience_days"
SLOTS = "settlement.channels.bank.slots"
SEED = 3
LAWS = {
    REFUSED: {"beta": {"a": 2, "b": 8}},
    PATIENCE: {"lognormal": {"median": 60, "sigma": 0.5}},
    SLOTS: {"triangular": {"low": 2, "mode": 4, "high": 8}},
    "exports.AAA.affinity_volatility": {"uniform": {"low": 0.1, "high": 0.9}},
}


def drawn():
    """The busy world with four uncertain inputs, which it has had all along."""
    return override(busy(), LAWS).model_copy(update={"former": {}})


def turnover(scenario, replications=6):
    """What is published in the target year."""
    found = run(scenario, seed=SEED, replications=replications)
    return runs.turnover(found, runs.headline(found), scenario.target.year)


@pytest.mark.parametrize(
    "changes", [{}, {REFUSED: 0.3}, {PATIENCE: {"uniform": {"low": 5, "high": 9}}}]
)
def test_a_replication_is_one_of_what_was_drawn_in_it(changes):
    """With all inputs held at what they were in a replication, it comes out with the same bits.

    Inputs that were uncertain only when the base was observed are among them.
    """
    scenario = override(drawn(), changes)
    paths = uncertain(scenario)
    assert set(paths) == set(LAWS)
    whole = turnover(scenario)
    for number, row in enumerate(shares(paths, SEED, range(6))):
        held = conditioned(scenario, dict(zip(paths, map(float, row), strict=True)))
        assert turnover(held)[number] == whole[number]
        assert not any(np.ptp([law.low, law.high]) for law in laws(held).values())


def test_what_is_known_was_so_at_the_base():
    """A law that only the base had is held at the same share as the one that took its place."""
    scenario = override(drawn(), {PATIENCE: {"uniform": {"low": 5, "high": 9}}})
    inputs = specification(conditioned(scenario, {PATIENCE: 0.5})).inputs
    several = Draws(SEED, range(5))
    numbers = inputs.drawn(several)
    place = inputs.paths.index(PATIENCE)
    assert np.allclose(numbers[:, place], 7)
    assert np.allclose(inputs.at_base(numbers, several)[:, place], 60)


def laws(scenario):
    """The laws of a scenario."""
    return {path: number.law for path, number in quantities(scenario) if number.law is not None}


def test_what_is_stated_is_what_is_set():
    """A number of a setting is that of ``--set``, also by a pattern."""
    scenario = drawn()
    stated = {"settlement.channels.*.refusal_share": 0.3, PATIENCE: 20}
    assert np.array_equal(
        turnover(at(scenario, Setting(stated=stated))), turnover(override(scenario, stated))
    )


def test_what_is_moved_is_what_is_set():
    """Moving an input to a number is the same as setting it, which the base does not follow."""
    scenario = drawn()
    number = quantile(laws(scenario)[REFUSED], 0.9)
    set_to = override(scenario, {REFUSED: {"uniform": {"low": number, "high": number}}})
    assert np.array_equal(turnover(moved(scenario, {REFUSED: 0.9})), turnover(set_to))
    known = turnover(conditioned(scenario, {REFUSED: 0.9}))
    assert known.sum() > turnover(set_to).sum(), "base flows were observed under the refusals"


def test_whole_numbers_may_be_known_as_they_are_drawn():
    """A law of slots draws parts of one, which a value may not be; knowing it changes nothing."""
    assert turnover(conditioned(drawn(), {SLOTS: 0.35}), 2).size == 2


def test_settings_join_both():
    """What is known and what is moved in one setting is what both are one after the other."""
    scenario, known, change = drawn(), {PATIENCE: 0.2}, {REFUSED: 0.8}
    both = at(scenario, Setting(known, change))
    assert both == conditioned(moved(scenario, change), known)
    assert at(scenario, Setting()) is scenario
