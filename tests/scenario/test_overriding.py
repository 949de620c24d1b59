"""Changes by dotted path."""

from pathlib import Path

import numpy as np
import pytest

from simulator.errors import ScenarioError
from simulator.scenario.overriding import base_numbers, override
from simulator.scenario.quantities import Quantity, Uniform
from simulator.scenario.reading import load

MINIMAL = load(Path(__file__).parents[1] / "scenarios" / "minimal.yaml")
ROAD = MINIMAL.corridors["road"]
SANCTION = {
    "title": "A measure",
    "sender": "Rest of the world",
    "target": "AAA",
    "imposed": "2023-06-01",
    "buildup_years": 1,
    "fade_years": 1,
    "effects": {"slower": {"path": "corridors.*.excess_days", "multiply": 2}},
}


def test_an_override_makes_a_new_scenario():
    """The old scenario stays as it is, and the new one differs in the change alone."""
    changed = override(MINIMAL, {"corridors.road.minimum_days": 3})
    assert changed.corridors["road"].minimum_days.value == 3
    assert ROAD.minimum_days.value == 0
    assert override(changed, {"corridors.road.minimum_days": 0}) == MINIMAL
    assert override(MINIMAL, {}) == MINIMAL


@pytest.mark.parametrize(
    "value",
    [3, 3.0, np.float64(3), np.int64(3), np.float32(3), {"value": 3}, Quantity(value=3.0)],
)
def test_a_number_may_come_in_any_form(value):
    """Numbers of Python, of numpy, of files and of scenarios are the same number."""
    changed = override(MINIMAL, {"settlement.payment_days": value})
    assert changed.settlement.payment_days == Quantity(value=3.0)


def test_a_number_is_replaced_whole():
    """A new number does not keep the law or the source of the old one."""
    law = {"uniform": {"low": 0, "high": 1}, "source": "a survey"}
    uncertain = override(MINIMAL, {"settlement.default_share": law})
    assert uncertain.settlement.default_share.uniform == Uniform(low=0.0, high=1.0)
    fixed = override(uncertain, {"settlement.default_share": 0.5})
    assert fixed.settlement.default_share == Quantity(value=0.5)
    with pytest.raises(ScenarioError, match="no such path"):
        override(uncertain, {"settlement.default_share.uniform.low": 0.2})


def test_a_star_changes_every_match():
    """A pattern changes every path that it names."""
    changed = override(MINIMAL, {"exports.*.goods.*.tariff_share": 0.1})
    goods = [good for flow in changed.exports.values() for good in flow.goods.values()]
    assert [good.tariff_share.value for good in goods] == [0.1, 0.1]


def test_entries_of_collections_come_and_go():
    """Fields make a new entry, None removes it."""
    changed = override(MINIMAL, {"sanctions.measure": SANCTION})
    assert changed.sanctions["measure"].target == "AAA"
    assert override(changed, {"sanctions.measure": None}) == MINIMAL
    assert override(changed, {"sanctions.*": None}) == MINIMAL


def test_none_makes_an_optional_field_absent():
    """A limit that is set to None is no limit."""
    limited = override(MINIMAL, {"corridors.road.slots": 3})
    assert override(limited, {"corridors.road.slots": None}) == MINIMAL


def test_items_of_lists_have_paths():
    """An item is reached by its place, from 0."""
    changed = override(MINIMAL, {"target.statistics.0": "abroad"})
    assert changed.target.statistics == ("abroad", "abroad")
    assert override(MINIMAL, {"target.statistics": ["home"]}).target.statistics == ("home",)


@pytest.mark.parametrize(
    ("path", "suggestion"),
    [
        ("corridors.road.minimum_day", "corridors.road.minimum_days"),
        ("corridors.raod.minimum_days", "corridors.road.minimum_days"),
        ("corridors.*.minimum_day", "corridors.*.minimum_days"),
        ("target.statistics.2", "target.statistics.1"),
        ("", ""),
        ("....", ""),
        ("sanctions.measure", ""),
    ],
)
def test_an_unknown_path_names_the_nearest(path, suggestion):
    """A path that nothing stands at is a slip, answered with the nearest path."""
    with pytest.raises(ScenarioError) as caught:
        override(MINIMAL, {path: 1})
    (problem,) = caught.value.problems
    assert problem.code == "S151"
    assert problem.suggestion == suggestion


@pytest.mark.parametrize("value", ["x", -1, True, float("nan"), float("inf"), None, [1], object()])
def test_a_wrong_value_is_a_problem_at_its_path(value):
    """A value that does not fit is told with the path that it was meant for."""
    with pytest.raises(ScenarioError) as caught:
        override(MINIMAL, {"settlement.payment_days": value})
    assert "settlement.payment_days" in {p.field for p in caught.value.problems} | {
        p.field.rpartition(".")[0] for p in caught.value.problems
    }


# --- Blocks ---

CUSTOMS = "economies.AAA.customs"


def test_a_block_changes_the_fields_that_it_names():
    """The other fields of the block stay, as if each had been changed by its own path."""
    by_block = override(MINIMAL, {CUSTOMS: {"red_days": 9, "red_share": 0}})
    by_path = override(MINIMAL, {f"{CUSTOMS}.red_days": 9})
    assert by_block == by_path
    assert by_block.economies["AAA"].customs.green_share.value == 1


def test_replacing_a_block_is_said():
    """With _replace_: true nothing of the old block stays; a missing field is then missing."""
    shares = {"corridors.rail": {**ROAD.model_dump(exclude_none=True)}}
    two = override(MINIMAL, {**shares, "exports.*.goods.*.corridors": {"road": 0.5, "rail": 0.5}})
    assert two.exports["AAA"].goods["widgets"].corridors.keys() == {"road", "rail"}
    only = {"exports.*.goods.*.corridors": {"_replace_": True, "rail": 1}}
    assert override(two, only).exports["AAA"].goods["widgets"].corridors.keys() == {"rail"}
    with pytest.raises(ScenarioError, match="required field"):
        override(MINIMAL, {CUSTOMS: {"_replace_": True, "red_days": 9}})


def test_an_empty_block_says_nothing():
    """An empty block would change nothing and was hardly meant; what empties it is named."""
    with pytest.raises(ScenarioError) as caught:
        override(MINIMAL, {CUSTOMS: {}})
    (problem,) = caught.value.problems
    assert problem.code == "S159"
    assert "_replace_: true" in problem.example


@pytest.mark.parametrize(
    ("block", "suggestion"),
    [
        ({"red_day": 9}, f"{CUSTOMS}.red_days"),
        ({"red_days": {"valu": 9}}, "value"),
    ],
)
def test_a_slip_inside_a_block_is_told(block, suggestion):
    """A field that the block does not have is answered with the nearest one."""
    with pytest.raises(ScenarioError) as caught:
        override(MINIMAL, {CUSTOMS: block})
    assert suggestion in {problem.suggestion for problem in caught.value.problems}


def test_a_moment_is_one_thing():
    """A clock takes the place of a day, and leaves no trace of it."""
    changed = override(MINIMAL, {"sanctions.measure": SANCTION})
    clock = {"median_months": 6, "sigma": 0.5}
    imposed = override(changed, {"sanctions.measure.imposed": clock}).sanctions["measure"].imposed
    assert (imposed.day, imposed.median_months.value) == (None, 6)


def test_some_fields_under_nearly_the_name_of_an_entry_are_a_slip():
    """A misspelt entry is not made anew from the fields that were to be changed in it."""
    changed = override(MINIMAL, {"sanctions.measure": SANCTION})
    with pytest.raises(ScenarioError) as caught:
        override(changed, {"sanctions.measur": {"fade_years": 3}})
    assert [(p.code, p.suggestion) for p in caught.value.problems] == [
        ("S151", "sanctions.measure")
    ]


# --- Order does not count ---


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"corridors.road.minimum_days": 1}, {"corridors.*.minimum_days": 2}),
        ({"corridors.road": {"minimum_days": 1}}, {"corridors.road.minimum_days": 2}),
        ({"corridors.road": {"_replace_": True}}, {"corridors.road.minimum_days": 2}),
        ({"sanctions.measure": SANCTION}, {"sanctions": {"measure": SANCTION}}),
    ],
)
def test_no_path_is_changed_twice(one, other):
    """Two changes of one path contradict each other, in whatever order they stand."""
    for changes in ({**one, **other}, {**other, **one}):
        with pytest.raises(ScenarioError) as caught:
            override(MINIMAL, changes)
        assert "S156" in {problem.code for problem in caught.value.problems}


def test_changes_side_by_side_commute():
    """Changes of different fields of one block give the same scenario in any order."""
    changes = {f"{CUSTOMS}.red_days": 9, CUSTOMS: {"green_days": 2}, "corridors.road.slots": 3}
    backwards = dict(reversed(changes.items()))
    assert override(MINIMAL, changes) == override(MINIMAL, backwards)


# --- What was before ---


def test_a_scenario_remembers_what_it_changed():
    """Former values stand by path: a number, a word, and nothing where an entry is new."""
    changes = {
        "corridors.road.minimum_days": 3,
        "horizon.end": "2025-12-31",
        "sanctions.measure": SANCTION,
    }
    changed = override(MINIMAL, changes)
    assert changed.former == {
        "corridors.road.minimum_days": {"value": 0.0},
        "horizon.end": "2024-12-31",
        "sanctions.measure": None,
    }
    assert override(MINIMAL, {"title": "Another", "replications": 5}).former == {}


def test_the_first_value_is_the_former_one():
    """What is changed twice in turn was before what it was at first; changed back, it was not."""
    once = override(MINIMAL, {"corridors.road.minimum_days": 3})
    twice = override(once, {"corridors.road.minimum_days": 4})
    assert twice.former == once.former
    inside = override(override(MINIMAL, {f"{CUSTOMS}.red_days": 9}), {f"{CUSTOMS}.red_days": 0})
    assert inside == MINIMAL
    whole = MINIMAL.economies["AAA"].customs.model_dump(exclude_none=True)
    changed = override(MINIMAL, {f"{CUSTOMS}.red_days": 9})
    assert override(changed, {CUSTOMS: {"_replace_": True, **whole}}) == MINIMAL


def test_a_lever_stays_a_lever():
    """A number that is ours to choose stays so when it is chosen; other kinds go with the value."""
    lever = {"value": 0.1, "kind": "lever"}
    chosen = override(MINIMAL, {"settlement.default_share": lever})
    for value in (0.2, {"value": 0.2}):
        kind = override(chosen, {"settlement.default_share": value}).settlement.default_share.kind
        assert kind == "lever"
    drawn = override(MINIMAL, {"settlement.default_share": {**lever, "kind": "uncertainty"}})
    assert override(drawn, {"settlement.default_share": 0.2}).settlement.default_share.kind is None


def test_numbers_of_the_base_are_those_under_which_it_came_about():
    """Costs and shares of ways are circumstances of the base; the base flows are not."""
    changed = override(
        MINIMAL,
        {
            "corridors.road.excess_cv": 0.5,
            "settlement.channels.bank.fee_share": 0.1,
            "exports.AAA.goods.widgets.affinity": 0.1,
            "exports.AAA.last_usd_million": 7,
        },
    )
    assert {path: number.value for path, number in base_numbers(changed).items()} == {
        "corridors.road.excess_cv": 0.0,
        "settlement.channels.bank.fee_share": 0.0,
        "exports.AAA.goods.widgets.affinity": 0.0,
    }
