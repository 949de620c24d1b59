"""What an estimate may claim, and when it must stay silent."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator import estimates

REPETITIONS = 1500


def _covered(interval, truth):
    low, high = interval
    return (-np.inf if low is None else low) <= truth <= (np.inf if high is None else high)


@pytest.mark.parametrize("chance", [0.02, 0.2, 0.5, 0.97])
@pytest.mark.parametrize("runs", [20, 100, 1000])
def test_chance_is_inside_its_interval_about_as_often_as_promised(chance, runs):
    """Averaged over all outcomes, Wilson's interval holds the chance in about 95 of 100 cases."""
    hits = np.random.default_rng(1).binomial(runs, chance, REPETITIONS)
    told = [estimates.proportion(int(hit), runs) for hit in hits]
    share = np.mean([_covered((p.low, p.high), chance) for p in told])
    assert share > 0.91


@given(st.integers(2, 5000).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))))
def test_interval_of_a_chance_is_a_chance(case):
    """Bounds lie between 0 and 1, around the share that was seen."""
    told = estimates.proportion(*case)
    assert 0 <= told.low <= told.share <= told.high <= 1


def test_never_seen_is_not_impossible():
    """An event unseen in 1 000 runs may still happen in 4 of 1 000."""
    told = estimates.proportion(0, 1000)
    assert told.low == 0
    assert told.high == pytest.approx(0.0038, abs=1e-4)


def test_one_run_tells_no_chance():
    """A single run has no interval."""
    told = estimates.proportion(1, 1)
    assert (told.low, told.high) == (None, None)


@pytest.mark.parametrize(
    ("level", "needed"), [(0.99, 299), (0.95, 59), (0.05, 59), (0.9, 29), (0.5, 5)]
)
def test_extreme_quantiles_need_many_runs(level, needed):
    """A quantile is withheld until the sample reaches beyond it with 95 % confidence."""
    assert estimates.needed_runs(level) == needed
    short = estimates.quantile(np.arange(float(needed - 1)), level)
    enough = estimates.quantile(np.arange(float(needed)), level)
    assert (short.value, short.needed) == (None, needed)
    assert enough.value is not None


@pytest.mark.parametrize("level", [0.05, 0.25, 0.5, 0.95])
@pytest.mark.parametrize("runs", [59, 200, 1000])
def test_quantile_is_inside_its_interval_as_often_as_promised(level, runs):
    """Order statistics hold the true quantile in at least 94 of 100 cases, whatever the law."""
    samples = np.random.default_rng(2).random((REPETITIONS, runs))
    told = [estimates.quantile(sample, level) for sample in samples]
    assert np.mean([_covered((q.low, q.high), level) for q in told]) > 0.935


def test_interval_of_a_quantile_is_published_for_the_size_of_the_sample():
    """With 200 runs the 95 % interval of the 5 % quantile spans the 2 and 8.5 % quantiles."""
    told = estimates.quantile(np.arange(1, 201) / 201, 0.05)
    assert told.low == pytest.approx(0.020, abs=0.003)
    assert told.high == pytest.approx(0.085, abs=0.003)


LAWS = {
    "normal": (lambda r, n: r.normal(size=n), 0.0),
    "exponential": (lambda r, n: r.exponential(size=n), 1.0),
    "lognormal 1.0": (lambda r, n: r.lognormal(0, 1.0, n), np.exp(0.5)),
    "lognormal 1.5": (lambda r, n: r.lognormal(0, 1.5, n), np.exp(1.125)),
    "total loss in 2 of 100": (lambda r, n: (r.random(n) > 0.02) + r.normal(0, 0.05, n), 0.98),
}


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("runs", [20, 50, 150, 400, 1000])
def test_wrong_interval_of_an_average_is_rarely_printed(law, runs):
    """For calm, skewed and catastrophic laws a printed interval misses in at most 7 of 100 uses."""
    draw, truth = LAWS[law]
    random = np.random.default_rng(3)
    told = [estimates.mean(draw(random, runs)) for _ in range(REPETITIONS)]
    missed = [m.half_width is not None and abs(m.value - truth) > m.half_width for m in told]
    assert np.mean(missed) <= 0.07


def test_calm_average_has_an_interval():
    """A thousand runs of a normal law are enough, and the interval shrinks with their root."""
    random = np.random.default_rng(4)
    small, large = (estimates.mean(random.normal(100, 10, n)) for n in (1000, 4000))
    assert small.half_width / large.half_width == pytest.approx(2, rel=0.1)
    assert small.withheld is None


def test_equal_runs_are_said_to_be_equal():
    """Where every run gives the same value, no interval pretends to know its error."""
    told = estimates.mean(np.full(500, 0.1))
    assert (told.half_width, told.withheld) == (None, "every run gave the same value")


@pytest.mark.parametrize(
    ("value", "error", "printed"),
    [
        (142.3874, 1, "142"),
        (142.3874, 0.3, "142.4"),
        (142.3, 12, "140"),
        (12345.6, 400, "12 300"),
        (-0.2, 1, "-0.2"),
        (0.04, 3, "0.04"),
        (7, 12, "7"),
        (0, 1, "0"),
        (96.4, 0, "96"),
        (0, 0, "0"),
    ],
)
def test_digits_follow_the_error(value, error, printed):
    """The last digit shown is as large as the standard error."""
    assert estimates.rounded(value, error) == printed


def test_a_verdict_holds_however_often_one_looks():
    """Of 400 fair coins looked at 2,000 times each, few are ever called unfair (V33)."""
    rng = np.random.default_rng(7)
    called = 0
    for _ in range(400):
        hits = np.cumsum(rng.random(2000) < 0.5)
        called += any(
            estimates.likelier(int(h), n) is not None for n, h in enumerate(hits, start=1)
        )
    # At most 20 are expected; 36 or more would come by chance in 1 of 2,000 tests.
    assert called < 36


def test_a_verdict_comes_when_the_evidence_does():
    """Little says nothing, much says which side, and the other side of it is the mirror image."""
    assert estimates.likelier(3, 5) is None
    assert estimates.likelier(60, 100) is None
    assert estimates.likelier(660, 1000) is True
    assert estimates.likelier(340, 1000) is False
    assert estimates.likelier(0, 10) is False


def test_a_change_is_clear_by_its_average_or_by_its_signs():
    """Where the average has an interval it decides; where a few runs decide it, the signs do."""
    rng = np.random.default_rng(8)
    noise = rng.normal(size=400)
    assert estimates.is_clear(noise + 0.5)
    assert estimates.is_clear(-noise - 0.5)
    assert not estimates.is_clear(noise - noise.mean())
    skewed = np.append(np.full(199, 0.1), 500.0)
    assert estimates.mean(skewed).half_width is None
    assert estimates.is_clear(skewed)
    against = np.append(np.full(199, -0.1), 500.0)
    assert not estimates.is_clear(against), "most are down, the average is up"
    assert not estimates.is_clear(np.zeros(400))
    assert not estimates.is_clear(np.tile([1.0, -1.0], 20))
    assert estimates.is_clear(np.full(30, 2.0), 1 - 1e-6)


def test_a_clear_change_stays_rare_where_there_is_none():
    """Of 1,000 samples without a change, with an interval or by signs, about 50 are called."""
    rng = np.random.default_rng(9)
    for size in (60, 300):  # below 150 the signs decide
        called = sum(estimates.is_clear(rng.normal(size=size)) for _ in range(1000))
        # 78 or more would come by chance in 1 of 10,000 tests.
        assert 20 < called < 78


def test_groups_apart_are_told_with_welchs_interval():
    """Two groups of known spread: the difference of averages, and 1.96 standard errors of it."""
    one, other = np.array([1.0, 3.0] * 50), np.array([0.0, 4.0] * 200)
    value, half = estimates.apart(one, other)
    assert value == 0.0
    spread = 1.0 * 100 / 99 / 100 + 4.0 * 400 / 399 / 400
    assert half == pytest.approx(1.959964 * np.sqrt(spread), rel=1e-6)
    assert estimates.apart(one, other, 0.999)[1] > half


def test_widths_are_those_of_the_tables():
    """Normal and Student's 95 % points as every table has them."""
    assert estimates.normal_width(0.95) == pytest.approx(1.959964, abs=1e-6)
    assert estimates.student(2.0, 4) == pytest.approx(3.182446, abs=1e-6)
