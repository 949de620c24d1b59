"""Scores: closed forms, what is proper, and how often an interval of the skill is wrong."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from simulator.evidence.scores import crps_of_normal, crps_of_sample, pit_of_sample, skill

VALUES = st.floats(-50.0, 50.0)


@settings(derandomize=True, deadline=None, max_examples=50)
@given(VALUES, st.floats(0.1, 10.0), VALUES)
def test_score_of_a_normal_law_is_its_integral(mean, sd, observed):
    """CRPS is the integral of the squared distance between the law and the step at the event."""

    def squared(x):
        return (stats.norm.cdf(x, mean, sd) - (x >= observed)) ** 2

    low, high = min(mean, observed) - 12 * sd, max(mean, observed) + 12 * sd
    breaks = sorted({observed, mean, mean - sd, mean + sd})
    found, _ = integrate.quad(squared, low, high, points=breaks, limit=300)
    assert crps_of_normal(mean, sd, observed) == pytest.approx(found, rel=1e-5, abs=1e-6)


@settings(derandomize=True, deadline=None)
@given(st.lists(VALUES, min_size=1, max_size=30), VALUES)
def test_score_of_a_sample_is_its_definition(sample, observed):
    """The mean distance to the event less half of the mean distance between two members."""
    values = np.array(sample)
    apart = np.abs(values[:, None] - values).mean()
    expected = np.abs(values - observed).mean() - apart / 2
    assert crps_of_sample(values, observed) == pytest.approx(expected, abs=1e-9)


def test_a_large_sample_scores_as_its_law():
    """Quantiles of a normal law have nearly its score."""
    sample = stats.norm.ppf((np.arange(2000) + 0.5) / 2000, 1.0, 2.0)
    for observed in (-4.0, 0.0, 1.0, 6.0):
        law = crps_of_normal(1.0, 2.0, observed)
        assert crps_of_sample(sample, observed) == pytest.approx(law, abs=2e-3)


def test_a_forecast_without_spread_scores_its_error():
    """One value, and a normal law of spread zero, have the absolute error as their score."""
    assert crps_of_sample(np.array([2.0]), 5.0) == 3.0
    assert crps_of_normal(2.0, 0.0, 5.0) == 3.0


def test_the_truth_has_the_best_score():
    """The score is proper: no other spread or mean does better where the law is standard normal."""
    events = stats.norm.ppf((np.arange(400) + 0.5) / 400)

    def score(mean, sd):
        return np.mean([crps_of_normal(mean, sd, x) for x in events])

    for mean, sd in ((0.3, 1.0), (-0.3, 1.0), (0.0, 0.6), (0.0, 1.6)):
        assert score(0.0, 1.0) < score(mean, sd)


def test_place_in_an_honest_forecast_is_uniform():
    """Events of the law that was forecast fall anywhere in it alike."""
    chance = np.random.default_rng(5)
    places = [pit_of_sample(chance.normal(size=99), chance.normal()) for _ in range(2000)]
    assert stats.kstest(places, "uniform").pvalue > 0.001
    assert pit_of_sample(np.zeros(3), 0.0) == 0.5


def test_interval_of_no_skill_leaves_zero_out_as_often_as_it_says():
    """Of 30 clusters Student's law lets 6 % be wrong, 24 of 400; a right one is within 9 to 39."""
    chance = np.random.default_rng(11)
    cluster = np.repeat(np.arange(30), 8)
    wrong = 0
    for _ in range(400):
        common = chance.normal(size=30)[cluster]
        own = 2.0 + common + chance.normal(size=240)
        other = 2.0 + chance.normal(size=30)[cluster] + chance.normal(size=240)
        found = skill(own, other, cluster)
        wrong += found.low > 0 or found.high < 0
    assert 9 <= wrong <= 39


def test_skill_is_the_share_of_the_score_that_is_saved():
    """Half of another's score is a skill of one half; the same score is none, without doubt."""
    other = np.array([1.0, 2.0, 3.0, 4.0])
    cluster = np.array([0, 0, 1, 1])
    assert skill(other / 2, other, cluster).value == pytest.approx(0.5)
    same = skill(other, other, cluster)
    assert (same.value, same.low, same.high) == (0.0, 0.0, 0.0)
