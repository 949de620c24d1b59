"""Back-test: what was known, which cases there are, and that nothing of the future is used."""

import numpy as np
import pytest
from evidence.worlds_on_paper import write_panel

from simulator.errors import ScenarioError
from simulator.evidence import backtest, gravity
from simulator.evidence.backtest import (
    BENCHMARKS,
    GRAVITY,
    HISTORY,
    MODEL,
    Case,
    Scored,
    cases,
    table,
)
from simulator.evidence.panels import CONTROL, SANCTIONED, records
from simulator.simulation import run

PAIRS = (("IRN", "BLR"), ("IRN", "RUS"), ("CUB", "VEN"))
YEARS = range(2000, 2011)


def write(folder, flows):
    """A panel of some flows, and its groups."""
    rows = ["year,exporter,importer,usd_million"]
    rows += [f"{year},{a},{b},{usd:.4f}" for (year, a, b), usd in flows.items()]
    (folder / "trade.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    rows = ["a_iso3,b_iso3,group", *(f"{a},{b},{SANCTIONED}" for a, b in PAIRS)]
    (folder / "pair_groups.csv").write_text("\n".join([*rows, f"DEU,FRA,{CONTROL}"]) + "\n")


@pytest.fixture
def flows():
    """Two directions of three pairs and of a control: random walks with a fixed seed."""
    chance = np.random.default_rng(4)
    return {
        (year, *direction): value
        for pair in (*PAIRS, ("DEU", "FRA"))
        for direction in (pair, pair[::-1])
        for year, value in zip(
            YEARS, 50.0 * np.exp(chance.normal(0.0, 0.3, len(YEARS)).cumsum()), strict=True
        )
    }


@pytest.fixture
def folder(tmp_path, flows):
    """The panel of these flows."""
    write(tmp_path, flows)
    return tmp_path


def answering(scenarios):
    """Few replications of each."""
    return [run(scenario, replications=20, seed=1) for scenario in scenarios]


def some(known):
    """The cases of one pair at its first two origins."""
    first = min(case.origin for case in known)
    return [case for case in known if case.pair == ("IRN", "BLR") and case.origin <= first + 1]


def test_a_case_has_its_history_and_what_came_after(folder, flows):
    """Every year with five years of record before it is an origin, if the future is known."""
    known = cases(records(folder), [SANCTIONED])
    assert {case.pair for case in known} == set(PAIRS)
    for horizon in backtest.HORIZONS:
        origins = [c.origin for c in known if c.pair == PAIRS[0] and c.horizon == horizon]
        assert origins == list(range(2000 + HISTORY, 2010 - horizon + 1))
    for case in known:
        both = [
            np.log(sum(flows[year, *way] for way in (case.pair, case.pair[::-1])))
            for year in (*range(2000, case.origin + 1), case.origin + case.horizon)
        ]
        assert case.history == pytest.approx(both[:-1], abs=1e-4)
        assert case.observed == pytest.approx(both[-1], abs=1e-4)


def test_every_other_pair_of_the_alphabet_is_of_the_second_half(folder):
    """The halves follow from names alone."""
    halves = {case.pair: case.half for case in cases(records(folder), [SANCTIONED])}
    assert [halves[pair] for pair in sorted(PAIRS)] == [1, 2, 1]


def test_a_gap_in_the_record_is_no_origin(folder, flows):
    """Where a year is not recorded, no case has it in its last five years or as its outcome."""
    del flows[2006, "IRN", "BLR"], flows[2006, "BLR", "IRN"]
    write(folder, flows)
    found = {
        (c.origin, c.horizon) for c in cases(records(folder), [SANCTIONED]) if c.pair == PAIRS[0]
    }
    assert found == {(2005, 3)}


def test_without_a_record_there_is_no_back_test(tmp_path):
    """A panel of too few years, or without groups, ends in an error."""
    write(tmp_path, {(2000, "IRN", "BLR"): 1.0})
    with pytest.raises(ScenarioError, match="5 years of record"):
        cases(records(tmp_path), [SANCTIONED])


def test_nothing_later_than_the_origin_decides_a_forecast(folder, flows):
    """When all that comes after an origin is another, only what happened changes, not the law.

    Scores are distances to what happened, so the forecast itself is compared: where events are set
    to the same value, all scores are the same.
    """
    known = some(cases(records(folder), [SANCTIONED]))
    first = min(case.origin for case in known)
    known = [
        Case(c.pair, c.group, c.half, c.origin, c.horizon, 5.0, c.history)
        for c in known
        if c.origin == first
    ]
    before = list(backtest.scored(records(folder), known, answering))
    write(folder, {key: usd if key[0] <= first else 7.0 * usd for key, usd in flows.items()})
    assert list(backtest.scored(records(folder), known, answering)) == before
    write(folder, {key: usd if key[0] < first else 7.0 * usd for key, usd in flows.items()})
    assert list(backtest.scored(records(folder), known, answering)) != before


def test_forecasts_are_of_the_size_of_the_base(folder):
    """The middle forecast lies within a factor of three of the year before; scores are no NaN."""
    known = some(cases(records(folder), [SANCTIONED]))
    results = list(backtest.scored(records(folder), known, answering))
    assert len(results) == len(known) == 4
    for one in results:
        assert set(one.crps) == {MODEL, *BENCHMARKS} - {GRAVITY}  # there are no distances
        assert all(score >= 0.0 for score in one.crps.values())
        assert one.crps[MODEL] < np.log(3) + abs(one.case.observed - one.case.history[-1])
        assert 0.0 < one.pit < 1.0
        assert list(one.levels) == sorted(one.levels)
        assert (one.levels[2] - one.case.observed) * (0.5 - one.pit) >= 0.0


@pytest.mark.skipif(not gravity.is_available(), reason="pyfixest is not installed")
def test_gravity_knows_sizes_and_distance_and_nothing_of_the_record(tmp_path):
    """Where flows follow a law of gravity exactly, its forecast is the turnover of the origin."""
    write_panel(tmp_path)
    rows = ["a_iso3,b_iso3,group", f"BLR,IRN,{CONTROL}"]
    (tmp_path / "pair_groups.csv").write_text("\n".join(rows) + "\n")
    panel = records(tmp_path)
    known = [case for case in cases(panel, [CONTROL]) if case.origin == 2018]
    for one in backtest.scored(panel, known, answering):
        assert one.crps[GRAVITY] == pytest.approx(one.crps["no change"], abs=1e-3)


def result(number, half, horizon, own, pit):
    """A scored case of some pair, whose benchmarks all score 1 but one."""
    case = Case(PAIRS[number % 3], SANCTIONED, half, 2005, horizon, 0.0, (0.0,))
    scores = {MODEL: own, **dict.fromkeys(BENCHMARKS, 1.0), "drift": 0.8}
    return Scored(case, scores, pit, (-1.0, -0.5, 0.0, 0.5, 1.0))


def test_table_has_means_the_best_benchmark_and_coverage():
    """Lines come by half and horizon; bands count what falls inside."""
    results = [result(n, 1 + n % 2, 1, 0.6, (n + 0.5) / 20) for n in range(20)]
    lines = table(results)
    assert [(line.half, line.horizon, line.cases) for line in lines] == [
        (0, 1, 20),
        (1, 1, 10),
        (2, 1, 10),
    ]
    both = lines[0]
    assert (both.best, both.pairs) == ("drift", 3)
    assert both.crps[MODEL] == pytest.approx(0.6)
    assert both.skill.value == pytest.approx(0.25)
    assert (both.inner, both.outer) == (0.5, 0.9)
