"""Inference: posteriors that can be written down come out, and intervals hold the truth."""

import math

import numpy as np
import pytest

from simulator.evidence.inference import Reference, Sample, place_of, share_of

DRAWS = 20_000
NOISE = 0.8


@pytest.fixture(scope="module")
def means():
    """Normal means, four noisy readings of each, and an input that nothing depends on."""
    chance = np.random.default_rng(5)
    places = chance.normal(size=(DRAWS, 2))
    return places, places[:, :1] + NOISE * chance.normal(size=(DRAWS, 4))


@pytest.mark.parametrize("reading", [-1.5, 0.0, 0.4, 2.0])
def test_a_normal_mean_has_its_posterior(means, reading):
    """The closed form: precision 1 + n / s^2, mean in proportion to that of the readings."""
    precision = 1.0 + 4.0 / NOISE**2
    found, other = Reference.of(*means).posterior(np.full(4, reading))
    mean, sd = found.moments()
    assert mean == pytest.approx(reading * (1.0 - 1.0 / precision), abs=0.04)
    assert sd == pytest.approx(1.0 / math.sqrt(precision), rel=0.05)
    low, middle, high = found.quantiles([0.05, 0.5, 0.95])
    assert middle == pytest.approx(mean, abs=0.03)
    assert high - low == pytest.approx(2.0 * 1.645 * sd, rel=0.06)
    assert other.moments() == pytest.approx((0.0, 1.0), abs=0.06)


def test_a_spread_has_its_posterior():
    """The log of a normal spread, of which ten readings tell, by quadrature on a grid."""
    chance = np.random.default_rng(6)
    places = chance.normal(size=(DRAWS, 1))
    readings = np.exp(0.5 * places) * chance.normal(size=(DRAWS, 10))
    told = np.log((readings**2).mean(axis=1, keepdims=True)) / 2.0
    grid = np.linspace(-5.0, 5.0, 4001)
    for observed in (-0.6, 0.0, 0.7):
        likelihood = -10.0 * 0.5 * grid - 5.0 * np.exp(2.0 * observed - grid)
        weights = np.exp(likelihood - 0.5 * grid**2)
        weights /= weights.sum()
        mean = weights @ grid
        sd = math.sqrt(weights @ (grid - mean) ** 2)
        (found,) = Reference.of(places, told).posterior(np.array([observed]))
        assert found.moments() == pytest.approx((mean, sd), abs=0.06)


def test_intervals_hold_the_truth_as_often_as_they_say(means):
    """Of 400 truths about 95 and 50 in 100 lie inside; five standard errors are allowed."""
    places, readings = means
    reference = Reference.of(places[:2000], readings[:2000])
    for level in (0.5, 0.95):
        error = math.sqrt(level * (1.0 - level) / 400)
        held = reference.coverage(readings[:2000], 400, level)
        assert held == pytest.approx([level, level], abs=5 * error)


def test_a_draw_does_not_know_itself():
    """Without readings worth anything, leaving the truth out changes no interval much."""
    chance = np.random.default_rng(7)
    places, noise = chance.normal(size=(400, 1)), chance.normal(size=(400, 60))
    reference = Reference.of(places, noise)
    # Sixty summaries of noise fit two hundred draws by chance; the other half does not follow.
    assert abs(np.corrcoef(reference.guesses[:, 0], places[:, 0])[0, 1]) < 0.2
    assert reference.coverage(noise, 400)[0] == pytest.approx(0.95, abs=0.05)


def test_what_does_not_vary_or_follows_from_others_says_nothing_more(means):
    """A constant and a sum of two readings leave the posterior where it is."""
    places, readings = means
    more = np.column_stack([readings, np.ones(DRAWS), readings[:, 0] + readings[:, 1]])
    plain = Reference.of(places, readings).posterior(np.full(4, 0.5))[0]
    found = Reference.of(places, more).posterior(np.array([0.5, 0.5, 0.5, 0.5, 1.0, 1.0]))[0]
    assert found.moments() == pytest.approx(plain.moments(), abs=0.02)


def test_what_was_never_simulated_is_taken_as_the_edge(means):
    """A reading far outside all draws gives a posterior within the law, not beyond it."""
    found = Reference.of(*means).posterior(np.full(4, 1e6))[0]
    assert 1.0 < found.moments()[0] < 4.0


def test_the_error_of_a_middle_is_that_of_other_draws(means):
    """It falls with the root of the draws, and middles from separate draws differ by about it."""
    places, readings = means
    observed = np.full(4, 0.5)
    parts = [Reference.of(places[n::20], readings[n::20]) for n in range(20)]
    (whole, _), (part, _) = (one.errors(observed) for one in (Reference.of(*means), parts[0]))
    assert 0.6 < part / (whole * math.sqrt(20)) < 3.0
    middles = [one.posterior(observed)[0].quantiles([0.5])[0] for one in parts]
    assert 0.5 * part < np.std(middles, ddof=1) < 4.0 * part


def test_an_odd_series_moves_only_what_it_tells_of():
    """Many summaries far out of the ordinary leave an input alone that they do not depend on."""
    chance = np.random.default_rng(8)
    places = chance.normal(size=(1200, 2))
    noise = chance.normal(size=(1200, 40))
    readings = np.column_stack([places[:, 0] + 0.1 * chance.normal(size=1200), noise])
    found, other = Reference.of(places, readings).posterior(np.array([0.3, *np.full(40, 4.0)]))
    assert found.moments() == pytest.approx((0.3, 0.1), abs=0.05)
    assert other.moments() == pytest.approx((0.0, 1.0), abs=0.1)


def test_a_sample_knows_its_quantiles_and_shares():
    """Weights count, not numbers of values."""
    sample = Sample(np.array([1.0, 2.0, 4.0]), np.array([0.25, 0.5, 0.25]))
    assert sample.quantiles([0.5])[0] == 2.0
    assert sample.below(3.0) == 0.75
    assert sample.moments() == pytest.approx((2.25, math.sqrt(1.1875)))


def test_places_and_shares_are_inverse():
    """The middle of a law stands at 0, 97.5 % at 1.96."""
    assert place_of(np.array([0.5, 0.975])) == pytest.approx([0.0, 1.959964])
    assert place_of(share_of(np.array([-1.0, 2.0]))) == pytest.approx([-1.0, 2.0])
