"""Mixes: the cheapest one of a known chance is found, near enough."""

import itertools

import numpy as np
import pytest

from simulator.mixes import cheapest
from simulator.thresholds import REACHED, UNREACHABLE


def logistic(odds):
    """A chance by its log odds."""
    return 1 / (1 + np.exp(-odds))


WORLDS = {
    "one lever is worth more for its price": (lambda a, b: logistic(-1 + 3 * a + 2 * b), (1, 1)),
    "only both together": (lambda a, b: logistic(-2 + a + b + 3.5 * a * b), (1, 1)),
    "ever less for more": (
        lambda a, b, c: logistic(-1.5 + 2 * np.sqrt(a) + 2 * np.sqrt(b) + 0.5 * c),
        (1, 1, 0.3),
    ),
    "the weaker one decides": (
        lambda a, b: logistic(-1.5 + 4 * np.minimum(a + 0.1, b + 0.3)),
        (1, 2),
    ),
}


def on_common_draws(chance, seed=1, size=1000):
    """Replications that meet the target where their draw lies below the chance of the mix."""
    draws = np.random.default_rng(seed).random(size)
    return lambda mixes: [draws < chance(*mix) for mix in mixes]


def least(chance, costs, probability):
    """The cost of the cheapest mix, by trying all on a grid."""
    grid = np.linspace(0, 1, 41)
    mixes = np.array(list(itertools.product(grid, repeat=len(costs))))
    enough = chance(*mixes.T) >= probability
    return float((mixes[enough] @ np.array(costs)).min())


@pytest.mark.parametrize("name", WORLDS)
def test_the_cheapest_mix_is_found(name):
    """Its cost is within 15 % of the least there is, and its chance is what is asked."""
    chance, costs = WORLDS[name]
    found = cheapest(costs, on_common_draws(chance), 0.8)
    assert found.status == REACHED
    assert found.chance.share >= 0.8
    assert chance(*found.shares) == pytest.approx(0.8, abs=0.04)
    assert found.cost == pytest.approx(np.dot(costs, found.shares))
    assert found.cost <= 1.15 * least(chance, costs, 0.8)
    assert found.near <= found.cost
    assert len(found.tried) < 90


def test_a_lever_that_is_enough_alone_is_told():
    """How far it goes alone is known, and the mix is never dearer than that."""
    chance, _ = WORLDS["one lever is worth more for its price"]
    found = cheapest((1, 1), on_common_draws(chance), 0.8)
    truth = (1 + np.log(4)) / 3
    assert found.alone[0] == pytest.approx(truth, abs=0.04)
    assert found.alone[1] is None
    assert found.cost <= found.alone[0] + 1e-9


def test_a_dear_lever_is_left_alone():
    """What another does for a tenth of the price is not bought."""
    chance = WORLDS["one lever is worth more for its price"][0]
    found = cheapest((10, 1), on_common_draws(lambda a, b: chance(a, 1.5 * b)), 0.8)
    assert found.shares[0] < 0.03


def test_what_all_levers_cannot_do_is_not_reachable():
    """The best mix is told."""
    found = cheapest((1, 1), on_common_draws(lambda a, b: 0.2 + 0.1 * a + 0.2 * b), 0.8)
    assert (found.status, found.shares, found.cost) == (UNREACHABLE, None, None)
    assert found.best == (1, 1)
    assert found.best_chance.low < 0.5 < found.best_chance.high


def test_where_nothing_has_to_move_nothing_is_paid():
    """A chance that is large enough at the start costs nothing."""
    found = cheapest((1, 1), on_common_draws(lambda a, b: 0.9 + 0.01 * (a + b)), 0.8)
    assert found.cost == 0
    assert found.shares == (0, 0)


def test_the_interval_of_the_cost_holds_the_truth_along_one_lever():
    """With a second lever that does nothing it is the interval of the first one's threshold.

    Of 15 data sets 1 is expected to miss it; more than 4 come in 1 of 1,000 tests.
    """
    missed = 0
    for seed in range(15):
        ask = on_common_draws(lambda a, b: logistic(-1 + 4 * a + 0 * b), seed, 400)
        found = cheapest((1, 50), ask, 0.8)
        truth = (1 + np.log(4)) / 4
        missed += not found.near <= truth <= (np.inf if found.far is None else found.far)
    assert missed <= 4
