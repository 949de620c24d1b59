"""Summaries: looking back follows the equations of the model, with their closed forms."""

import math

import numpy as np
import pytest
from engines.worlds import MINIMAL
from series_for_tests import ROWS, uncertain

from simulator import runs
from simulator.evidence.observed import Observed
from simulator.evidence.summaries import Summary, summaries
from simulator.scenario.reading import load
from simulator.simulation import run

COUNT = 3000
ONE_SIDED = {"exports.AAB.last_usd_million": 0, "exports.AAB.average_usd_million": 0}
PAST = [(office, year) for year in range(2012, 2022) for office in ("abroad", "home")]


def series(rows, amount=100.0):
    """A published series of the same amount everywhere."""
    return Observed("x.csv", dict.fromkeys(rows, amount))


def found(changes, rows, count=COUNT):
    """The summaries of the world without friction, changed, by what they are."""
    scenario = load(MINIMAL, {"information_date": "2026-06-30", **ONE_SIDED, **changes})
    told = summaries(run(scenario, replications=count), series(rows))
    return dict(zip(told.what, told.simulated.T, strict=True))


def growth(told, office="home"):
    """Simulated log changes by their years."""
    return {w.years: x for w, x in told.items() if w.kind == "growth" and w.offices == (office,)}


def mirrors(told):
    """Simulated log ratios of two offices by year."""
    return {what.years[0]: x for what, x in told.items() if what.kind == "mirror"}


def test_a_world_without_chance_has_no_past_but_its_own():
    """Nothing grows, and both offices see the same."""
    told = found({}, PAST, 4)
    for values in (*growth(told).values(), *mirrors(told).values()):
        assert values == pytest.approx(0.0, abs=1e-9)


def test_the_errors_of_offices_run_back_as_they_run_on():
    """Growth over k years has variance 2 s^2 (1 - r^k), the mirror ratio s^2 + s'^2."""
    rows = [*PAST, ("home", 2022), ("abroad", 2022)]
    told = found(
        {
            "statistics.home.log_error_sd": 0.3,
            "statistics.home.persistence_share": 0.6,
            "statistics.abroad.log_error_sd": 0.2,
        },
        rows,
    )
    for years, values in growth(told).items():
        assert values.std() == pytest.approx(0.3 * math.sqrt(2.0 * 0.4), rel=0.06), years
    for year, values in mirrors(told).items():
        assert values.std() == pytest.approx(math.hypot(0.3, 0.2), rel=0.06), year
    # The error of the base year is one and the same before and after it.
    both = np.corrcoef(mirrors(told)[2021], mirrors(told)[2022])[0, 1]
    assert both == pytest.approx((0.6 * 0.09 + 0.04) / (0.09 + 0.04), abs=0.05)


def test_an_unexplained_path_changes_yearly_averages_as_the_flagship_says():
    """With half of a departure left after a year they move by 0.64 of the yearly spread.

    Monthly steps move them by 3 % more than the continuous path of that figure.
    """
    changes = {"exports.AAA.affinity_volatility": 0.5, "base.persistence_share": 0.5}
    told = found(changes, [row for row in PAST if row[0] == "home"])
    for years, values in growth(told).items():
        assert values.std() == pytest.approx(1.03 * 0.64 * 0.5, rel=0.06), years
        assert values.mean() == pytest.approx(0.0, abs=5 * 0.32 / math.sqrt(COUNT))


def test_the_past_looks_like_the_future_long_after():
    """Once the base is forgotten, the run's own growth and mirror ratios spread as those before."""
    changes = {
        "exports.AAA.affinity_volatility": 0.4,
        "base.persistence_share": 0.4,
        "exports.AAA.goods.widgets.price_volatility": 0.2,
        "statistics.*.log_error_sd": 0.2,
        "statistics.*.persistence_share": 0.5,
        "horizon.end": "2034-12-31",
        "information_date": "2036-01-01",
    }
    rows = [(office, year) for year in (2010, 2012, 2031, 2033) for office in ("abroad", "home")]
    told = found(changes, rows, 2000)
    for office in ("abroad", "home"):
        past, future = (growth(told, office)[years].std() for years in ((2010, 2012), (2031, 2033)))
        assert past == pytest.approx(future, rel=0.08)
    assert mirrors(told)[2010].std() == pytest.approx(mirrors(told)[2033].std(), rel=0.08)


def test_valuation_stands_between_the_offices():
    """What the importer records has freight in it and lacks what leaks: 1.1 times 0.8."""
    changes = {"base.cif_factor": 1.1, "statistics.abroad.leak_share": 0.2}
    told = found(changes, [*PAST, ("home", 2022), ("abroad", 2022)], 4)
    for values in mirrors(told).values():
        assert values == pytest.approx(math.log(1.1 * 0.8), abs=1e-5)


def test_calendars_part_a_path_that_moves():
    """A year that begins in March sees another flow, so a mirror ratio has spread without error."""
    changes = {"exports.AAA.affinity_volatility": 0.5, "base.persistence_share": 0.5}
    spread = next(iter(mirrors(found(changes, PAST)).values())).std()
    same = {**changes, "statistics.abroad.calendar": "gregorian"}
    assert next(iter(mirrors(found(same, PAST, 40)).values())).std() < 1e-9
    assert 0.05 < spread < 0.64 * 0.5


@pytest.fixture(scope="module")
def whole():
    """A run of an uncertain world and the summaries of a long series."""
    done = run(uncertain(), replications=200)
    return done, summaries(done, series(sorted(ROWS, key=lambda row: row[::-1])))


def test_the_base_states_what_its_office_published(whole):
    """Its turnover is the sum of the drawn flows whatever the errors; later years are the run's."""
    done, told = whole
    by = dict(zip(told.what, told.simulated.T, strict=True))
    later = by[Summary("turnover", ("home",), (2024,))]
    assert later == pytest.approx(np.log(runs.turnover(done, "home", 2024)))
    base = by[Summary("turnover", ("home",), (2022,))]
    assert by[Summary("growth", ("home",), (2022, 2023))] == pytest.approx(
        np.log(runs.turnover(done, "home", 2023)) - base
    )
    assert np.exp(base).mean() == pytest.approx(2 * 50 * math.exp(0.045), rel=0.06)


def test_the_same_is_asked_of_what_was_published(whole):
    """A constant series has its turnover everywhere, no growth, and no spread worth the name."""
    _, told = whole
    by = dict(zip(told.what, told.observed, strict=True))
    assert by[Summary("average", ("home",), (2020, 2022))] == pytest.approx(math.log(100))
    for what, value in by.items():
        if what.kind in ("growth", "mirror"):
            assert value == 0.0
    kinds = [what.kind for what in told.what]
    assert (kinds.count("turnover"), kinds.count("growth"), kinds.count("mirror")) == (7, 27, 13)
    assert np.isfinite(told.simulated).all()


def test_no_growth_is_told_across_a_base_that_the_series_lacks():
    """Years before the base and years after it share no path."""
    told = found({}, [("home", 2021), ("home", 2023)], 4)
    assert [what.kind for what in told] == ["turnover"]
    assert summaries(run(load(MINIMAL), replications=4), series([("home", 2020)])).what == ()


def test_the_past_moves_by_all_that_moves_the_future():
    """Prices and output, which are no unexplained path, spread the growth of the past as well."""
    changes = {"exports.AAA.goods.widgets.price_volatility": 0.3, "horizon.end": "2026-12-31"}
    told = found(changes, [row for row in PAST if row[0] == "home"])
    # Yearly averages of a random walk change by the root of two thirds of its yearly variance.
    for values in growth(told).values():
        assert values.std() == pytest.approx(0.3 * math.sqrt(2.0 / 3.0), rel=0.1)
