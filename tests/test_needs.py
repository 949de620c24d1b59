"""Needs: what a lever, a mix or a later year has to be, on runs whose answer is known."""

import json
from dataclasses import replace

import numpy as np
import pytest
from engines.worlds import busy
from needs_for_tests import PATIENCE, RUN, SCENARIO, SUPPORT, TARGET, exact, made, turnover

from simulator.errors import FailedError, ScenarioError
from simulator.needs import Date, Mix, Need, as_data, expected_runs, need, needed, study
from simulator.runs import Failure
from simulator.scenario.overriding import override
from simulator.thresholds import REACHED, UNREACHABLE


def asked(vary, probability=0.8, costs=None):
    """What has to change in the tiny scenario."""
    levers = study(SCENARIO, vary, probability, 500, costs)
    return needed(SCENARIO, levers, probability, RUN.seed, 500, made)


def test_the_target_that_is_met_so_often_is_a_quantile_of_turnover():
    """A lower target is found at the quantile, which lies in the interval."""
    found = asked({TARGET: "20..150"})
    told = found.threshold
    assert isinstance(found, Need)
    assert told.status == REACHED
    assert told.value == pytest.approx(exact(0.8), rel=0.02)
    assert told.value < 100 == told.start
    assert told.far < told.value < told.near
    assert told.chance.hits == np.count_nonzero(turnover() >= told.value)
    assert told.backward == 0


def test_the_interval_is_that_of_the_quantile():
    """By order statistics the quantile has nearly the same interval: two ways to one answer."""
    told = asked({TARGET: "20..150"}).threshold
    ordered = np.sort(turnover())
    half = 1.96 * np.sqrt(500 * 0.8 * 0.2)
    assert told.far == pytest.approx(ordered[round(100 - half)], rel=0.03)
    assert told.near == pytest.approx(ordered[round(100 + half)], rel=0.03)


def test_what_is_likely_enough_needs_no_change():
    """No lever is tried."""
    found = asked({TARGET: "20..150"}, 0.05)
    assert found.asked.is_met
    assert found.threshold is None
    assert found.table().num_rows == 0


def test_a_lever_that_is_too_weak_is_told_with_its_best():
    """Patience alone cannot do it; the best is at the end of its range."""
    told = asked({PATIENCE: "20..90"}).threshold
    assert told.status == UNREACHABLE
    assert told.best.value == 90
    assert told.best.chance.share == np.mean(turnover(1.5**0.2) >= 100)


def test_a_mix_is_as_good_as_asked_and_confirmed_on_fresh_draws():
    """Trade has to grow by a known factor, which the mix gives; dear levers stay where they are."""
    times = 100 / exact(0.8)
    found = asked({PATIENCE: "60..600", SUPPORT: "1..8"})
    assert isinstance(found, Mix)
    patience, support = (one.value for one in found.moved)
    assert (patience / 60) ** 0.2 * support**0.4 == pytest.approx(times, rel=0.03)
    assert found.fresh.hits == np.count_nonzero(
        turnover(1.01 * (patience / 60) ** 0.2 * support**0.4) >= 100
    )
    dear = asked({PATIENCE: "60..600", SUPPORT: "1..8"}, costs={PATIENCE: 100, SUPPORT: 1})
    assert dear.moved[0].value == pytest.approx(60, abs=10)
    assert dear.mixture.cost == pytest.approx(
        sum(one.cost * abs(one.value - one.lever.start) for one in dear.moved), rel=0.02
    )
    assert [one.end for one in dear.moved] == [600, 8]


def test_costs_may_stand_in_the_scenario():
    """They are those of the command line, if that states none; a set lever keeps its cost."""
    prices = {
        SUPPORT: {"value": 1, "kind": "lever", "cost": 2},
        PATIENCE: {"value": 60, "kind": "lever", "cost": 0.5},
    }
    priced = override(SCENARIO, prices)
    vary = {PATIENCE: "60..600", SUPPORT: "1..8"}
    assert [one.cost for one in study(priced, vary, 0.8, 500)] == [0.5, 2]
    assert [one.cost for one in study(priced, vary, 0.8, 500, {SUPPORT: 7})] == [0.5, 7]
    chosen = override(priced, {SUPPORT: 3})
    assert chosen.relationships.search_support.cost == 2
    assert override(chosen, {SUPPORT: {"value": 3, "kind": "constant"}})
    for wrong in ({"kind": "lever", "cost": 0}, {"cost": 2}):
        with pytest.raises(ScenarioError, match="S122"):
            override(SCENARIO, {"settlement.payment_days": {"value": 1, **wrong}})


def test_years_are_those_of_one_run():
    """The first year that is likely enough is the first in which so many runs meet the target."""
    chances = {year: np.mean(runs_of(year) >= 100) for year in range(2023, 2027)}
    enough = chances[2025]
    found = asked({}, enough - 0.001)
    assert isinstance(found, Date)
    assert {one.year: one.chance.share for one in found.years} == chances
    assert found.first.year == min(year for year, share in chances.items() if share >= enough)
    ever = np.any([runs_of(year) >= 100 for year in chances], axis=0)
    assert found.years[-1].by_then.share == ever.mean()
    assert asked({}, 0.999).first is None


def runs_of(year):
    """Turnover of a year on the headline statistics."""
    from simulator import runs

    return runs.turnover(RUN, "belarus", year)


def test_settings_that_failed_cannot_be_compared():
    """F08: the first failure is named."""

    def broken(questions):
        return [replace(run, failures=(Failure(3, "lost"),)) for run in made(questions)]

    levers = study(SCENARIO, {TARGET: "20..150"}, 0.8, 500)
    with pytest.raises(FailedError, match="the first is 3: lost"):
        needed(SCENARIO, levers, 0.8, 1, 500, broken)


@pytest.mark.parametrize(
    ("vary", "probability", "costs", "words"),
    [
        ({TARGET: "1..2"}, 1.0, None, "between 0 and 1"),
        ({TARGET: "1..2"}, 0.8, {PATIENCE: 1}, "is not varied"),
        ({TARGET: "1..2", PATIENCE: "1..2"}, 0.8, {PATIENCE: 1}, "a cost of target.* is missing"),
        ({"customs.nothing": "1..2"}, 0.8, None, "S151"),
        ({PATIENCE: "-5..2"}, 0.8, None, "S121"),
    ],
)
def test_a_question_that_makes_no_sense_is_told_before_anything_runs(
    vary, probability, costs, words
):
    """Probabilities, costs, paths and ranges are checked first."""
    with pytest.raises(ScenarioError, match=words):
        study(SCENARIO, vary, probability, 500, costs)


def test_one_replication_knows_no_chance():
    """Two are the least that have an interval."""
    with pytest.raises(ScenarioError, match="a single replication"):
        study(SCENARIO, {TARGET: "1..2"}, 0.8, 1)


def test_what_was_found_is_plain_data():
    """One schema for all three kinds, and a table of what was tried."""
    for vary, kind in (({TARGET: "20..150"}, "lever"), ({}, "date")):
        found = asked(vary)
        data = json.loads(json.dumps(as_data(found)))
        assert data["kind"] == kind
        assert len(data["id"]) == 10
        assert found.table().column_names[-3:] == ["chance", "low", "high"]
        with pytest.raises(KeyError):
            found.table("nothing")
    assert expected_runs(()) < expected_runs(study(SCENARIO, {TARGET: "1..2"}, 0.8, 9))


def test_a_real_model_never_steps_back_on_common_draws(tmp_path):
    """More trade or a lower target never lowers the chance by more than 0.01 between settings.

    And a repeated question is answered from the store.
    """
    vary = {TARGET: "30..90"}
    found = need(busy(), vary, probability=0.8, replications=60, seed=3, results=tmp_path)
    assert found.threshold.backward <= 0.01
    folders = sorted(path.name for path in tmp_path.rglob("manifest.json"))
    again = need(busy(), vary, probability=0.8, replications=60, seed=3, results=tmp_path)
    assert again == found
    assert sorted(path.name for path in tmp_path.rglob("manifest.json")) == folders
