"""Thresholds: known ones lie within their interval, and there is none where there is none."""

import numpy as np
import pytest

from simulator.thresholds import OPEN, REACHED, UNREACHABLE, axis, threshold

PLACES = axis(0, 10)


def on_common_draws(chance, seed, size=400):
    """Replications that meet the target where their draw lies below the chance of the place."""
    draws = np.random.default_rng(seed).random(size)
    return lambda places: [draws < chance(place) for place in places]


def rising(place):
    """A chance that is 0.8 at 6."""
    return 1 / (1 + np.exp(6 - place) / 4)


def humped(place):
    """A chance that rises to 0.95 at 5 and falls again; it is 0.8 at about 3.3 and 6.7."""
    return 0.95 * np.exp(-((place - 5) ** 2) / 17)


@pytest.mark.parametrize("way", [1, -1])
def test_the_interval_holds_a_known_threshold_as_often_as_it_says(way):
    """Whichever way the chance rises: in 95 of 100 data sets, and it errs on both sides.

    Of 600 data sets 30 are expected to miss it; more than 48 come in 1 of 1,000 tests, and so do
    fewer than 14.
    """
    truth = 5 + way
    early = late = 0
    for seed in range(600):
        ask = on_common_draws(lambda place: rising(5 + way * (place - 5)), seed)
        found = threshold(PLACES, 5 - 4 * way, ask, 0.8)
        assert found.status == REACHED
        assert (found.value - found.start) * way > 0
        early += found.far is not None and found.far * way < truth * way
        late += found.near * way > truth * way
    assert 14 <= early + late <= 48
    assert min(early, late) >= 3


@pytest.mark.parametrize("probability", [0.1, 0.5, 0.97])
def test_other_probabilities_have_intervals_as_good(probability):
    """At the edges too: of 400 data sets 20 are expected to miss it, more than 36 hardly ever."""
    truth = 6 + np.log(probability / (1 - probability) / 4)
    missed = 0
    for seed in range(400):
        found = threshold(PLACES, 0, on_common_draws(rising, seed), probability)
        far = np.inf if found.far is None else found.far
        missed += not found.near <= truth <= far
    assert missed <= 36


def test_what_is_told_reaches_the_probability_and_the_place_before_does_not():
    """The value was tried and is enough; the draws know no nearer one by much."""
    ask = on_common_draws(rising, 1)
    found = threshold(PLACES, 1, ask, 0.8)
    assert found.chance.share >= 0.8
    nearer = found.value - (found.far - found.near) / 20
    assert ask([nearer])[0].mean() < 0.8
    assert found.near < found.value < found.far


def test_more_draws_know_the_place_better():
    """Four times as many replications halve the interval."""
    few, many = (threshold(PLACES, 1, on_common_draws(rising, 3, n), 0.8) for n in (500, 8000))
    assert (few.far - few.near) / (many.far - many.near) == pytest.approx(4, rel=0.3)


def test_the_way_is_found_and_the_nearer_threshold_is_taken():
    """Of two thresholds on either side of the start the one that asks for less is told."""
    ask = on_common_draws(lambda place: 1 - humped(place), 1, 4000)
    assert threshold(PLACES, 4.5, ask, 0.4).value < 4.5
    assert threshold(PLACES, 5.5, ask, 0.4).value > 5.5


def test_a_chance_that_falls_again_is_noticed():
    """Where the chance is lost again further on is told, and that it does not rise all the way."""
    found = threshold(PLACES, 0, on_common_draws(humped, 1, 2000), 0.8)
    assert found.near < 3.3 < found.far
    assert 6.7 < found.lost < 9
    assert found.fall.peak == pytest.approx(5, abs=1)
    assert found.fall.change.high < 0
    rises = threshold(PLACES, 0, on_common_draws(rising, 1, 2000), 0.8)
    assert (rises.lost, rises.fall, rises.backward) == (None, None, 0)


def test_noise_is_not_called_a_fall():
    """Independent draws at places of equal chance: a clear fall in 5 of 100 data sets at most.

    Of 200 data sets 10 are expected at most; more than 20 come in 1 of 1,000 tests.
    """
    falls = 0
    for seed in range(200):
        random = np.random.default_rng(seed)
        found = threshold(PLACES, 0, lambda ps, r=random: [r.random(300) < 0.4 for _ in ps], 0.9)
        falls += found.fall is not None
    assert falls <= 20


def test_what_no_place_reaches_is_not_reachable():
    """The best place is told, with its chance; the known one lies in its interval."""
    found = threshold(PLACES, 2, on_common_draws(lambda p: 0.046 * p, 1, 2000), 0.8)
    assert (found.status, found.value, found.near, found.far) == (UNREACHABLE, None, None, None)
    assert found.best.value == 10
    assert found.best.chance.low < 0.46 < found.best.chance.high


def test_a_chance_just_below_is_left_open():
    """Where the best interval holds the probability, that it cannot be reached is not said."""
    draws = np.arange(400) / 400
    found = threshold(PLACES, 2, lambda ps: [draws < 0.0785 * p for p in ps], 0.8)
    assert found.status == OPEN
    assert found.best.chance.share == pytest.approx(0.785)


def test_a_peak_between_two_looks_is_found():
    """Beside the best place is looked more closely before anything is called unreachable."""
    ask = on_common_draws(lambda p: 0.9 * np.exp(-((p - 5.7) ** 2) / 2), 1, 1000)
    found = threshold(PLACES, 0, ask, 0.85)
    assert found.status == REACHED


def test_a_start_that_is_enough_needs_no_change():
    """Where the start itself reaches it, it is the threshold."""
    found = threshold(PLACES, 8, on_common_draws(rising, 1), 0.8)
    assert (found.value, found.near) == (8, 8)


def test_an_end_beyond_the_axis_is_not_made_up():
    """Where no place is surely enough, the interval has no far end."""
    found = threshold(axis(0, 6.1), 0, on_common_draws(rising, 1), 0.8)
    assert found.status == REACHED
    assert found.far is None


def test_a_start_outside_the_axis_counts_distance_only():
    """It is not tried itself."""
    asked = []

    def ask(places):
        asked.extend(places)
        return on_common_draws(rising, 1)(places)

    found = threshold(axis(2, 10), -3, ask, 0.8)
    assert min(asked) == 2
    assert found.near < 6 < found.far


def test_few_runs_are_enough():
    """About thirty settings are answered, none twice."""
    asked = []

    def ask(places):
        asked.extend(places)
        return on_common_draws(rising, 1, 1000)(places)

    threshold(PLACES, 1, ask, 0.8)
    assert len(asked) == len(set(asked)) <= 32


def test_the_places_of_an_axis():
    """Whole numbers where only those make sense, else short numbers that tell places apart."""
    assert axis(2, 5, whole=True) == (2, 3, 4, 5)
    assert len(axis(0, 100_000, whole=True)) == 1025
    assert axis(20, 150)[:2] == (20, 20.1)
    assert axis(0.03, 0.1)[-1] == 0.1
