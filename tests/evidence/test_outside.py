"""Outside view: base rates against closed forms, their source, and what was known when.

Seeds are fixed; a band holds a right table in 99.9 % of seeds.
"""

from importlib.resources import files
from math import log, sqrt
from pathlib import Path

import numpy as np
import pytest
from engines.worlds import FLAGSHIP
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from simulator.evidence import outside as evidence
from simulator.evidence.outside import EVERY, SANCTIONED, outside, own, rates, written
from simulator.evidence.panels import Turnovers, records
from simulator.scenario.overriding import override
from simulator.scenario.reading import load

PANEL = Path(__file__).parents[3] / "shared" / "data" / "panel"
needs_panel = pytest.mark.skipif(not PANEL.exists(), reason="the trade panel is not there")


@pytest.fixture(scope="module")
def flagship():
    """The seed case: USD 101.3 million in 2022, asked at the end of March 2023."""
    return load(FLAGSHIP)


def asked(scenario, times, years):
    """The same scenario with a target of so many times the base, so many years later."""
    base = sum(exports.last_usd_million.central for exports in scenario.exports.values())
    return override(
        scenario,
        {
            "target.turnover_usd_million": times * base,
            "target.year": scenario.base.year + years,
            "horizon.end": f"{scenario.base.year + years + 1}-12-31",
        },
    )


@pytest.fixture(scope="module")
def walk():
    """Random walks of 2,000 pairs over 17 years: drift 0.05 and spread 0.4 of the log a year."""
    chance = np.random.default_rng(7)
    steps = chance.normal(0.05, 0.4, (2000, 17))
    steps[:, 0] = chance.normal(log(100.0), 0.6, 2000)
    pairs = tuple(("AAA", f"{n:03}") for n in range(2000))
    return Turnovers(pairs, 2000, np.exp(steps.cumsum(axis=1)), np.arange(2000) < 30)


@pytest.mark.parametrize("years", [1, 3, 5])
@pytest.mark.parametrize("times", [0.6, 1.0, 1.7, 3.0])
def test_rates_of_a_random_walk_are_those_of_its_law(flagship, walk, times, years):
    """Growth of a walk is normal in logs, whatever its size was: the share above is known."""
    found = outside(asked(flagship, times, years), rates(walk), walk.years)
    expected = stats.norm.sf((log(times) - 0.05 * years) / (0.4 * sqrt(years)))
    every, sanctioned = found.achieved
    assert every.share == pytest.approx(expected, abs=0.015)
    for one in (every, sanctioned):
        assert one.low <= one.share <= one.high
    assert every.high - every.low < sanctioned.high - sanctioned.low


@settings(derandomize=True, deadline=None, max_examples=30)
@given(st.floats(0.05, 20.0), st.floats(1.0, 3.0), st.integers(1, 5))
def test_more_is_never_achieved_more_often(times, more, years):
    """A higher target is reached by fewer pairs, of all and of the sanctioned ones."""
    scenario = load(FLAGSHIP)
    low, high = (outside(asked(scenario, t, years)) for t in (times, times * more))
    for one, other in zip(low.achieved, high.achieved, strict=True):
        assert (one.group, one.pair_years) == (other.group, other.pair_years)
        assert 0.0 <= other.share <= one.share <= 1.0


def test_shares_end_at_all_and_nothing(flagship, walk):
    """What every pair achieved has share 1, what none did 0; their intervals say what is known."""
    table = list(rates(walk))
    everything = outside(asked(flagship, 1e-3, 1), table, walk.years).achieved[0]
    nothing = outside(asked(flagship, 1e3, 1), table, walk.years).achieved[0]
    assert (everything.share, everything.high) == (1.0, 1.0)
    assert (nothing.share, nothing.low) == (0.0, 0.0)
    assert everything.low < 1.0
    assert nothing.high > 0.0


def test_pair_years_of_one_pair_count_less():
    """Kish: where all years of a pair are alike, as many years count as one."""
    cluster = np.repeat(np.arange(400), 6)
    alike = np.repeat(np.arange(400) % 2 == 0, 6)
    assert evidence.design_effect(cluster, alike) == pytest.approx(6.0)
    apart = np.random.default_rng(3).random(2400) < 0.5
    assert evidence.design_effect(cluster, apart) == pytest.approx(1.0, abs=0.25)
    assert evidence.design_effect(cluster, np.ones(2400, dtype=bool)) == 1.0


def test_a_written_table_is_read_as_it_was(walk):
    """Text and table say the same."""
    table = list(rates(walk))
    rows = [line.split(",") for line in written(table).splitlines()]
    assert rows[0][-1] == "q1"
    assert [evidence.parsed(row) for row in rows[1:]] == table


@pytest.mark.parametrize(
    "changes",
    [
        {"exports.*.last_usd_million": 0},
        {"exports.*.last_usd_million": 1e6, "target.turnover_usd_million": 2e6},
        {"target.year": 2022},
        {"target.year": 2028, "horizon.end": "2028-12-31"},
    ],
)
def test_where_no_pair_is_comparable_there_is_no_view(flagship, changes):
    """Nothing is told of a base without trade, of a giant, of the past or of the far future."""
    scenario = flagship.model_copy()
    if changes.get("target.year") == 2022:
        target = flagship.target.model_copy(update={"year": 2022})
        assert outside(scenario.model_copy(update={"target": target})) is None
        return
    assert outside(override(scenario, changes)) is None


def test_nothing_is_used_that_was_not_known(flagship):
    """A panel that goes beyond the information date gives no view; later outcomes are left out."""
    found = outside(flagship)
    assert found.years[1] < flagship.information_date.year
    known = [one.known for one in found.announced]
    assert known
    assert max(known) < flagship.information_date.year
    assert len(known) < len(evidence.ANNOUNCED)
    assert outside(flagship, own(), (2000, 2023)) is None


def test_none_of_the_announced_targets_was_met():
    """EVIDENCE A10: 0 of 6, geometric mean 0.43, spread of the log 0.40."""
    logs = np.log([one.realised_share for one in evidence.ANNOUNCED])
    assert len(logs) == 6
    assert max(logs) < 0.0
    assert np.exp(logs.mean()) == pytest.approx(0.43, abs=0.005)
    assert logs.std(ddof=1) == pytest.approx(0.40, abs=0.03)


@needs_panel
def test_the_committed_table_is_what_the_panel_says():
    """The project's rates are computed from the panel, to the last digit."""
    text = files("simulator.evidence").joinpath(evidence.TABLE).read_text(encoding="utf-8")
    assert written(rates(records(PANEL).turnovers)) == text


@needs_panel
@pytest.mark.parametrize(
    ("years", "group", "pair_years", "share"),
    [
        (1, EVERY, 22_710, 0.15),
        (3, EVERY, None, 0.34),
        (1, SANCTIONED, None, 0.19),
        (3, SANCTIONED, None, 0.27),
    ],
)
def test_first_look_at_the_panel(years, group, pair_years, share):
    """DESIGN 8: of turnovers of USD 20 to 120 million, how many grew by 70 %."""
    found = records(PANEL).turnovers
    known = found.usd_million[found.is_sanctioned | (group == EVERY)]
    first, later = known[:, :-years], known[:, years:]
    some = (first >= 20) & (first <= 120) & np.isfinite(later)
    assert pair_years in (None, int(some.sum()))
    assert (later[some] >= 1.7 * first[some]).mean() == pytest.approx(share, abs=0.006)
