"""Shocks: paths of politics, output, exchange rates and prices with the stated laws.

Seeds are fixed, so a test passes always or never; a band holds a right model in 99.9 % of seeds.
"""

from datetime import date, timedelta
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from engines.worlds import MINIMAL, YEAR
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from simulator.draws import Draws
from simulator.scenario.reading import load
from simulator.scenario.types import Closing
from simulator.shocks import (
    PeriodClock,
    SanctionEvents,
    Spans,
    closings,
    event_times,
    interruptions,
    shocks,
)
from simulator.specification import specification

ALARM = 0.001

RANDOM = {
    "horizon.end": "2032-12-31",
    "geopolitics.persistence_share": 0.8,
    "geopolitics.output_loading": 0.6,
    "geopolitics.price_loading": -0.4,
    "geopolitics.exchange_loading": 0.5,
    "geopolitics.affinity_loading": 0.0,
    "economies.AAA.output_volatility": 0.05,
    "economies.AAB.output_volatility": 0.1,
    "economies.AAA.exchange_rate.volatility": 0.2,
    "exports.AAA.affinity_volatility": 0.3,
    "exports.AAA.goods.widgets.price_volatility": 0.25,
}


def paths(changes, replications):
    """The clock and the shocks of some replications of the minimal scenario with changes."""
    spec = specification(load(MINIMAL, changes))
    numbers = spec.inputs.fixed
    return PeriodClock.of(spec), [shocks(spec, numbers, Draws(1, n)) for n in range(replications)]


@cache
def random_paths():
    """Shocks of ten years, often."""
    return paths(RANDOM, 400)


def has_variance(values, truth):
    """Independent normal numbers of mean 0 have this variance."""
    low, high = stats.chi2.ppf([ALARM / 2, 1 - ALARM / 2], len(values))
    return low < np.sum(np.square(values)) / truth < high


def is_correlated(left, right, truth):
    """Pairs of normal numbers have this correlation (Fisher's z)."""
    z = np.arctanh(np.corrcoef(left, right)[0, 1]) - np.arctanh(truth)
    return abs(z) * np.sqrt(len(left) - 3) < stats.norm.isf(ALARM / 2)


# --- The common factor ---


def test_factor_starts_at_zero():
    """The warm-up knows no politics, and after half a month the factor has moved that much."""
    _, (one,) = paths({**RANDOM, "horizon.warm_up_days": 30}, 1)
    assert one.factor[0] == 0.0
    clock, many = random_paths()
    # Kept to the power of the months passed: the variance is what is not kept.
    kept = 0.8 ** (12.0 * clock.years[0])
    assert has_variance([one.factor[0] for one in many], 1.0 - kept**2)


def test_factor_settles_at_unit_variance():
    """After years the factor has variance 1 and the stated correlation from month to month."""
    clock, many = random_paths()
    late = np.array([one.factor[-2:] for one in many])
    assert has_variance(late[:, 1], 1.0)
    assert is_correlated(late[:, 0], late[:, 1], 0.8 ** (12.0 * clock.steps[-1]))


def test_factor_that_forgets_nothing_never_moves():
    """A persistence of 1 leaves the factor where it starts."""
    _, (one,) = paths({**RANDOM, "geopolitics.persistence_share": 1}, 1)
    assert not one.factor.any()


@pytest.mark.parametrize(
    ("path", "place", "loading"),
    [("output", 0, 0.6), ("output", 1, 0.6), ("log_price", 0, -0.4), ("log_rate", 0, 0.5),
     ("affinity", 0, 0.0)],
)  # fmt: skip
def test_loading_is_the_correlation_with_politics(path, place, loading):
    """Innovations of a path go with those of the factor as the loading states."""
    clock, many = random_paths()
    kept = 0.8 ** (12.0 * clock.steps[1:])
    common = np.array([one.factor[1:] - kept * one.factor[:-1] for one in many[:200]])
    moves = np.array([np.diff(getattr(one, path)[:, place]) for one in many[:200]])
    # Periods are of unequal length: both in units of their own standard deviation.
    common, moves = common / np.sqrt(1 - kept**2), moves / np.sqrt(clock.steps[1:])
    assert is_correlated(common.ravel(), moves.ravel(), loading)


def test_paths_share_only_the_factor():
    """Two paths go together by the product of their loadings."""
    clock, many = random_paths()
    output = np.array([np.diff(one.output, axis=0) for one in many[:200]])
    output /= np.sqrt(clock.steps[1:, None])
    assert is_correlated(output[:, :, 0].ravel(), output[:, :, 1].ravel(), 0.36)


# --- Paths ---


def test_output_grows_at_its_rate():
    """Without chance output is (1 + g)^t at the middle of every month."""
    clock, (one,) = paths({"economies.AAA.output_growth_rate": 0.03}, 1)
    assert np.exp(one.output) == pytest.approx(
        np.stack([1.03**clock.years, np.ones_like(clock.years)], axis=1)
    )
    assert clock.years[0] == pytest.approx(15.5 / YEAR)


def test_variance_of_a_walk_grows_with_time():
    """After ten years the log of output has ten times its yearly variance."""
    clock, many = random_paths()
    for place, sd in enumerate((0.05, 0.1)):
        assert has_variance([one.output[-1, place] for one in many], sd**2 * clock.years[-1])


def test_expected_price_stays_where_it_is():
    """Prices move without trend: over the replications their mean is the price of the start."""
    _, many = random_paths()
    final = np.exp([one.log_price[-1, 0] for one in many])
    assert abs(final.mean() - 1.0) < stats.norm.isf(ALARM / 2) * stats.sem(final) < 0.15


def test_affinity_starts_where_a_walk_is_after_a_year_of_average():
    """The base is a year's average: a walk has left its own average by a third of a variance."""
    steps = np.random.default_rng(1).normal(0, 1 / np.sqrt(500), (4000, 500))
    walk = np.cumsum(steps, axis=1)
    left = walk[:, -1] - walk.mean(axis=1)
    assert np.var(left) == pytest.approx(1 / 3, rel=0.08)
    clock, many = random_paths()
    assert has_variance([one.affinity[0, 0] for one in many], 0.09 * (1 / 3 + clock.years[0]))


def test_overshoot_fades_by_its_folding_time():
    """Every move of the exchange rate beyond its trend fades as e^(-t / T)."""
    changes = {
        "economies.AAA.exchange_rate.volatility": 0.2,
        "economies.AAA.exchange_rate.overshoot_months": 9,
    }
    clock, (one, *_) = paths(changes, 1)
    beyond = one.log_rate[:, 0] + 0.5 * 0.2**2 * clock.years  # the mean of the rate, not of its log
    moves = np.diff(beyond, prepend=0.0)
    since = np.tril(clock.years[:, None] - clock.years[None, :])
    left = np.tril(np.exp(-since * 12.0 / 9.0)) @ moves
    assert one.overshoot[:, 0] == pytest.approx(left)
    assert not one.overshoot[:, 1].any()


SANCTIONED = {
    "horizon.end": "2026-12-31",
    "economies.AAA.exchange_rate.news_jump": 0.2,
    "economies.AAA.sanctions_process": {
        "tightening_rate": 3,
        "easing_rate": 0,
        "severity": 1,
        "relief_share": 0,
        "anticipation_months": 0,
        "buildup_years": 0,
        "fade_years": 0,
        "effects": {},
    },
    "geopolitics.persistence_share": 0.9,
    "geopolitics.sanction_loading": 0.8,
}


def test_news_of_sanctions_jumps_into_the_exchange_rate():
    """In the month of a tightening the rate jumps by the news jump times its severity."""
    _, many = paths(SANCTIONED, 20)
    for replication, one in enumerate(many):
        known = one.log_rate[:, 0] / 0.2
        drawn = np.cumsum(Draws(1, replication).exponential("severity AAA", 40))
        assert np.min(np.abs(drawn - known[-1])) < 1e-9
        # Without build-up, in effect at mid-month is what was known before and some of its news.
        assert np.all(np.diff(known, prepend=0.0) >= -1e-12)
        assert np.all(one.severity[:, 0] <= known + 1e-9)
        assert np.all(one.severity[1:, 0] >= known[:-1] - 1e-9)


# --- Sanctions ---


def felt(events, years):
    """Net severity of events at some times in years."""
    times = np.array(years, dtype=float)
    return events.net_severity(PeriodClock(times, np.diff(times, prepend=0.0))).tolist()


def test_tightening_builds_up_and_stays():
    """A tightening is felt from its announcement, builds up until years after it, and stays."""
    events = SanctionEvents(
        announced=np.array([2 * YEAR]),
        severity=np.array([3.0]),
        eased=np.empty(0),
        relief_share=0.5,
        anticipation_years=1.0,
        buildup_years=2.0,
        fade_years=8.0,
    )
    assert felt(events, [0, 2, 3, 4, 5, 9]) == pytest.approx([0, 0, 1, 2, 3, 3])


def test_easing_lifts_a_share_of_what_is_in_force():
    """Each easing lifts its share of the base and the new sanctions not yet lifted, and slowly."""
    events = SanctionEvents(
        announced=np.array([YEAR]),
        severity=np.array([3.0]),
        eased=np.array([0.5 * YEAR, 2 * YEAR, 20 * YEAR]),
        relief_share=0.5,
        anticipation_years=0.0,
        buildup_years=0.0,
        fade_years=8.0,
    )
    # Of the base 1 a half is lifted, then a half of 0.5 + 3, then a half of 1.75.
    assert felt(events, [0.5, 0.9, 4.5, 12, 19, 40]) == pytest.approx(
        [0, -0.025, 3 - 0.25 - 1.75 * 2.5 / 8, 3 - 2.25, 0.75, 3 - 2.25 - 0.875]
    )


def test_relief_never_takes_more_than_there_is():
    """However often sanctions are eased, no more than the base of 1 is lifted."""
    events = SanctionEvents(
        announced=np.empty(0),
        severity=np.empty(0),
        eased=np.arange(1.0, 400.0),
        relief_share=0.9,
        anticipation_years=0.0,
        buildup_years=1.0,
        fade_years=0.0,
    )
    assert felt(events, [0.0, 5.0]) == pytest.approx([0.0, -1.0])


def test_news_falls_into_its_month():
    """Severity is news in the month in which it is announced."""
    events = SanctionEvents(
        np.array([3.0, 4.0, 40.0]), np.array([1.0, 2.0, 5.0]), np.empty(0), 0, 0, 0, 0
    )
    assert events.news(np.array([0.0, 31.0, 59.0, 90.0])).tolist() == [3.0, 5.0, 0.0]


def test_politics_raise_the_intensity_of_tightening():
    """Tightenings come at the stated rate times e^(loading x factor): at loading 0.8 more of them.

    Over a factor of variance v the rate is e^(0.32 v) times itself on average.
    """
    clock, many = paths(SANCTIONED, 600)
    variance = 1.0 - 0.9 ** (24.0 * clock.years)
    days = np.diff(specification(load(MINIMAL, SANCTIONED)).periods.edges)
    expected = np.sum(3.0 * np.exp(0.32 * variance) * days / YEAR)
    total = np.array([one.log_rate[-1, 0] / 0.2 for one in many])
    margin = stats.norm.isf(ALARM / 2) * stats.sem(total)
    assert abs(total.mean() - expected) < margin < 0.1 * expected
    assert expected > 1.2 * 3.0 * 4.0


# --- Point processes and windows ---


def test_events_are_poisson_with_the_integral_of_the_intensity():
    """Counts have the integral of the intensity as mean and as variance, in every period."""
    intensity = np.array([0.0, 2.0, 0.0, 6.0, 0.0])
    edges = np.array([-1.0, 0.0, 1.0, 1.5, 3.5, 4.0]) * YEAR
    generator = np.random.default_rng(20230313)
    counts = np.array(
        [
            np.histogram(event_times(intensity, edges, generator.exponential(size=60)), edges)[0]
            for _ in range(3000)
        ]
    )
    for count, mean in zip(counts.T, (0.0, 2.0, 0.0, 12.0, 0.0), strict=True):
        low, high = stats.poisson.ppf([ALARM / 2, 1 - ALARM / 2], mean * len(count))
        assert low <= count.sum() <= high
        if not mean:
            continue
        # The sum of squares over the mean, with the fourth moment of a Poisson law.
        dispersion = np.mean((count - mean) ** 2) / mean
        spread = np.sqrt((2.0 + 1.0 / mean) / len(count))
        assert abs(dispersion - 1.0) < stats.norm.isf(ALARM / 2) * spread
    assert abs(stats.pearsonr(counts[:, 1], counts[:, 3]).statistic) < 4 / np.sqrt(3000)


def test_events_of_a_constant_intensity_are_equally_likely_on_all_days():
    """Given their number, events of a constant intensity are uniform over the span."""
    generator = np.random.default_rng(7)
    edges = np.array([0.0, 100.0, 130.0, 1000.0])
    times = np.concatenate(
        [event_times(np.full(3, 9.0), edges, generator.exponential(size=90)) for _ in range(200)]
    )
    assert stats.kstest(times / 1000.0, "uniform").pvalue > ALARM


SPANS = st.lists(
    st.tuples(st.integers(0, 60), st.integers(0, 9)).map(lambda s: (s[0], s[0] + s[1])), max_size=12
)


def united(some, others):
    """The union of two lists of windows."""
    return Spans.of(tuple(some), 1).united(Spans.of(tuple(others), 1)).windows((0,))


@settings(derandomize=True, deadline=None)
@given(SPANS)
def test_united_windows_cover_the_same_days(spans):
    """The union covers what any of the windows covers; its windows are in order and apart."""
    union = united(spans[::2], spans[1::2])
    for time in np.arange(0.5, 70.0):
        assert any(a < time < b for a, b in union) == any(a < time < b for a, b in spans)
    assert all(first[1] < second[0] for first, second in pairwise(union))
    assert united(union, ()) == united((), union) == union


@pytest.mark.parametrize(
    ("first", "last"), [("12-20", "01-15"), ("03-01", "05-31"), ("07-04",) * 2]
)
def test_seasonal_closing_covers_its_days_of_every_year(first, last):
    """A corridor is closed on exactly the days of its season, also across the New Year."""
    spec = specification(load(MINIMAL, {"horizon.warm_up_days": 40}))
    windows = closings(spec, Closing(first=first, last=last))
    for number in range(-40, 731):
        day = (date(2023, 1, 1) + timedelta(days=number)).isoformat()[5:]
        in_season = first <= day <= last if first <= last else day >= first or day <= last
        assert any(a <= number < b for a, b in windows) == in_season, day
    assert list(windows) == sorted(windows)


def test_without_a_season_nothing_closes():
    """A corridor without a closing season is open all year."""
    assert closings(specification(load(MINIMAL)), None) == ()


def test_what_never_fails_is_never_interrupted():
    """An infinite time between failures leaves no window; a finite one leaves them in order."""
    draws = Draws(1, 0)
    assert interruptions(draws, "channel", np.inf, 0.0, 0.0, 1e6).windows() == ()
    windows = interruptions(draws, "channel", 30.0, 5.0, 0.0, 10_000.0).windows()
    assert all(a < b for a, b in windows)
    assert all(first[1] < second[0] for first, second in pairwise(windows))
    assert 0.0 < windows[0][0] < windows[-1][0] < 10_000.0
    longer = interruptions(draws, "channel", 30.0, 5.0, 0.0, 20_000.0).windows()
    assert longer[: len(windows)] == windows
