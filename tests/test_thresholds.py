"""Thresholds: known ones are found within their interval, and none where there is none."""

import numpy as np
import pytest

from simulator.thresholds import OPEN, REACHED, UNREACHABLE, axis, threshold

PLACES = axis(0, 10)


def answers_to(chance, seed, size=400):
    """Replications that meet the target where their draw lies below the chance: common draws."""
    draws = np.random.default_rng(seed).random(size)
    return lambda places: [draws < chance(place) for place in places]


def rising(place):
    """A chance of which 0.8 lies at 6."""
    return 1 / (1 + np.exp(-(place - 6) - np.log(4)))


def falling(place):
    """The same, mirrored: 0.8 lies at 4."""
    return rising(10 - place)


@pytest.mark.parametrize(("chance", "truth"), [(rising, 6), (falling, 4)])
def test_the_interval_holds_a_known_threshold_as_often_as_it_says(chance, truth):
    """In 95 of 100 data sets, whichever way the chance rises.

    Of 600 data sets 570 are expected; fewer than 552 or more than 588 would come by chance in 1 of
    1,000 tests. The interval leans neither way: of those that miss it, both ends have some.
    """
    start = 10 - truth if chance is rising else 10
    low = high = 0
    for seed in range(600):
        found = threshold(PLACES, 1 if chance is rising else 9, answers_to(chance, seed), 0.8)
        assert found.status == REACHED
        ends = sorted((found.near, np.inf if found.far is None else found.far))
        low += truth < ends[0]
        high += truth > ends[1]
    assert start
    assert 12 <= low + high <= 48
    assert min(low, high) >= 2
