"""Explorations: sliders that move the answer, and settings that are runs and judge the fit."""

import numpy as np
import pytest
from engines.worlds import MINIMAL
from explorations_for_tests import EVERY, PATIENCE, SLIDERS, SUPPORT, example, factor, toy
from runs_for_tests import synthetic
from test_conditioning import LAWS, REFUSED, SEED, SLOTS, drawn
from test_conditioning import PATIENCE as WAITING

from simulator import runs
from simulator.conditioning import Setting
from simulator.errors import ScenarioError
from simulator.executors import IN_PLACE
from simulator.explorations import (
    AT_CORNERS,
    INSIDE,
    POINTS,
    TARGET,
    as_data,
    explored,
    planned,
)
from simulator.inputs import quantile
from simulator.scenario.overriding import override
from simulator.scenario.reading import load
from simulator.scenario.types import quantities
from simulator.sensitivities import Bar, Effect, Input
from simulator.simulation import run
from simulator.trials import asking, turnover


def plan(scenario, sliders, replications=60):
    """What is to be explored under the seed of these tests."""
    return planned(scenario, sliders, seed=SEED, replications=replications)


def test_held_out_settings_of_a_real_world_are_as_near_as_the_page_says(tmp_path):
    """W3: exact runs at settings that were not fitted lie within the largest error of the surface.

    Their numbers are those of ordinary runs, bit by bit.
    """
    scenario = load(MINIMAL, {"exports.AAA.affinity_volatility": 0.5})
    paths = (REFUSED, "adjustment.short_run_share")
    base = run(scenario, seed=SEED, replications=16)
    stated = plan(scenario, {paths[0]: "0..0.5", paths[1]: "0.2..1"}, 16)
    found = explored(stated, base, asking(scenario, IN_PLACE, results=tmp_path))
    held = [one for one in found.tried if not one.is_fitted]
    assert len(held) == found.misfit.settings > 10
    size = found.sizes.index(scenario.target.turnover_usd_million.central)
    for one in held[:3]:
        setting = override(scenario, dict(zip(paths, one.values, strict=True)))
        alone = turnover(run(setting, seed=SEED, replications=16))
        assert one.hits[size] == np.count_nonzero(alone >= found.sizes[size])
        assert one.p50 == np.median(alone)
    for one in held:
        for size, hits in zip(found.sizes, one.hits, strict=True):
            off = found.surface.chance(one.values, size) - hits / one.of
            assert abs(off) <= found.misfit.largest + 1e-12


def test_the_scenario_as_it_stands_is_the_run():
    """At every size of the target its chance is that of the run, with all its replications."""
    base, found = example()
    own = runs.turnover(base, "belarus", 2023)
    assert found.stands.of == 500
    assert found.stands.hits == tuple(np.count_nonzero(own >= size) for size in found.sizes)
    assert 100.0 in found.sizes
    assert np.allclose(np.diff(found.sizes), found.sizes[1] - found.sizes[0])


def test_what_judges_was_not_fitted():
    """The start is fitted, as are points inside and corners; others judge, corners among them."""
    _, found = example()
    fit = [one.values for one in found.tried if one.is_fitted]
    held = [one.values for one in found.tried if not one.is_fitted]
    assert fit[0] == found.start == (60, 1, 40)
    assert not set(fit) & set(held)
    assert len(set(fit)) == len(fit) <= 1 + INSIDE + AT_CORNERS
    ends = [{one.low, one.high} for one in found.sliders]
    corners = [one for one in fit if all(v in e for v, e in zip(one, ends, strict=True))]
    assert len(corners) == 8
    assert len(fit) + len(held) <= POINTS
    for one in found.tried:
        for value, slider in zip(one.values, found.sliders, strict=True):
            assert slider.low <= value <= slider.high
            assert value == slider.snapped(value)


def test_a_smooth_world_is_followed_and_a_bent_one_warned_of():
    """Three sliders that act alike leave an error of a point; what bends is called rough."""
    smooth, bent = example()[1], example(0.6)[1]
    assert smooth.misfit.largest < 0.02
    assert not smooth.is_rough
    assert bent.is_rough
    assert as_data(bent)["largest_error"] == bent.misfit.largest > 0.05
    values = (90.0, 1.2, 33.0)
    own = turnover(example()[0]) * factor(values)
    assert smooth.surface.chance(values, 100.0) == pytest.approx(np.mean(own >= 100), abs=0.02)


def test_sliders_go_from_p5_to_p95_of_a_law():
    """A number with a law is drawn as the scenario stands; its slider starts in the middle."""
    scenario = drawn()
    laws = {path: number.law for path, number in quantities(scenario) if number.law is not None}
    sliders = {one.path: one for one in plan(scenario, dict.fromkeys(LAWS)).sliders}
    for path, one in sliders.items():
        low, high = (quantile(laws[path], share) for share in (0.05, 0.95))
        assert low - 1e-9 <= one.low < low + one.step
        assert high - one.step < one.high <= high + 1e-9
        assert one.low < one.start < one.high
        assert one.is_drawn
        assert "P5 to P95" in one.origin
    assert sliders[SLOTS].step == 1
    assert sliders[SLOTS].start == round(sliders[SLOTS].start)
    for one in sliders.values():
        assert f"{one.step:.{one.decimals}f}"[-1] in "125"


def test_a_stated_range_is_kept_and_a_number_stands_on_a_step():
    """A fixed number is hit exactly; one outside of the range starts at the nearer end."""
    scenario = example()[0].scenario
    patience, support, every = plan(scenario, SLIDERS).sliders
    assert (patience.low, patience.high, patience.start) == (30, 120, 60)
    assert (support.low, support.high, support.start) == (0.5, 1.5, 1)
    assert (every.low, every.high, every.stands, every.start) == (20, 40, 50, 40)
    (odd,) = plan(override(scenario, {PATIENCE: 61.37}), {PATIENCE: "30..120"}).sliders
    assert odd.start == 61.37
    assert odd.snapped(61.37) == 61.37


def bars(*moved):
    """Bars of a tornado by path, with the change of the chance and whether it is clear."""
    return tuple(
        Bar(
            Input(path, 0, 1, is_lever),
            Effect(0.5, 0.5 + change, change - 0.01, change + 0.01)
            if is_clear
            else Effect(0.5, 0.5 + change, change - 1, change + 1),
            Effect(1, 1, -1, 1),
        )
        for path, change, is_lever, is_clear in moved
    )


def chosen(monkeypatch, found):
    """The sliders that a tornado chooses."""
    scenario = drawn()
    monkeypatch.setattr("simulator.explorations.strongest", lambda *_: found)
    run = synthetic(60)

    def ask(settings, count, _):
        return [turnover(run)[:count]] * len(settings)

    return [one.path for one in explored(plan(scenario, {}), run, ask).sliders]


def test_the_tornado_chooses_and_levers_come_before_what_is_weaker(monkeypatch):
    """The two strongest always, then levers, then others; what is not clear comes no further."""
    volatility = "exports.AAA.affinity_volatility"
    found = bars(
        (WAITING, 0.4, False, True),
        (SLOTS, 0.3, False, True),
        (volatility, 0.2, False, True),
        (REFUSED, 0.1, True, True),
    )
    assert chosen(monkeypatch, found) == [WAITING, SLOTS, REFUSED, volatility]
    unclear = bars((WAITING, 0.4, False, False), (SLOTS, 0.3, False, True))
    assert chosen(monkeypatch, unclear) == [WAITING, SLOTS]
    three = bars(*((path, 0.1, False, path != volatility) for path in (SLOTS, WAITING, volatility)))
    assert chosen(monkeypatch, three) == [SLOTS, WAITING]


def test_a_tornado_of_a_real_world_chooses_what_moves_it():
    """The refusals of the only channel stand among the sliders, the strongest first."""
    scenario = drawn()
    base = run(scenario, seed=SEED, replications=8)
    asked = []
    ask = asking(scenario, IN_PLACE)

    def counted(settings, replications, seed):
        asked.append(len(settings) * replications)
        stated = [one for one in settings if one.stated]
        if stated:
            return [turnover(base)] * len(settings)
        return ask(settings, replications, seed)

    small = plan(scenario, {}, 8)
    found = explored(small, base, counted)
    assert {one.path for one in found.sliders} <= set(LAWS)
    assert small.study is not None
    assert sum(asked) <= small.runs()
    assert small.seconds(1.0) > small.runs()


@pytest.mark.parametrize(
    ("sliders", "code"),
    [
        ({}, "S196"),
        ({"settlement.patients": None}, "S151"),
        ({PATIENCE: "90..30"}, "S152"),
        ({PATIENCE: "-5..30"}, "S121"),
        ({TARGET: None}, "S156"),
        ({f"x{n}": None for n in range(7)}, "S152"),
        ({"settlement.attempts": "2.1..2.4"}, None),
    ],
)
def test_what_cannot_be_a_slider_is_told_before_anything_runs(sliders, code):
    """Unknown paths, ranges that are none, the target, too many, and nothing uncertain."""
    with pytest.raises(ScenarioError) as error:
        plan(example()[0].scenario, sliders)
    assert code is None or error.value.problems[0].code == code


def test_whole_numbers_of_which_all_are_run_are_a_sweep():
    """S152: where no setting is left to judge the surface, another command is named."""
    with pytest.raises(ScenarioError) as error:
        plan(drawn(), {SLOTS: "1..2"})
    assert error.value.problems[0].code == "S152"
    assert "sim sweep" in error.value.problems[0].note


def test_a_setting_that_is_stated_is_asked_for_by_path():
    """What is run are the numbers of the sliders, under their paths and patterns."""
    seen = []
    base = synthetic(60)
    ask = toy(base)

    def noted(settings, *rest):
        seen.extend(settings)
        return ask(settings, *rest)

    explored(plan(base.scenario, SLIDERS), base, noted)
    assert seen[0] == Setting(stated={PATIENCE: 60, SUPPORT: 1, EVERY: 40})
