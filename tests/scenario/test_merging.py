"""Changes of one layer become part of a scenario."""

from pathlib import Path

import pytest

from simulator.errors import ScenarioError
from simulator.scenario.overriding import override
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


def test_a_lever_stays_a_lever():
    """A number that is ours to choose stays so when it is chosen; other kinds go with the value."""
    lever = {"value": 0.1, "kind": "lever"}
    chosen = override(MINIMAL, {"settlement.default_share": lever})
    for value in (0.2, {"value": 0.2}):
        kind = override(chosen, {"settlement.default_share": value}).settlement.default_share.kind
        assert kind == "lever"
    drawn = override(MINIMAL, {"settlement.default_share": {**lever, "kind": "uncertainty"}})
    assert override(drawn, {"settlement.default_share": 0.2}).settlement.default_share.kind is None
