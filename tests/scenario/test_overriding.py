"""Changes by dotted path."""

from pathlib import Path

import numpy as np
import pytest

from simulator.errors import ScenarioError
from simulator.scenario.overriding import override
from simulator.scenario.quantities import Quantity, Uniform
from simulator.scenario.reading import load

MINIMAL = load(Path(__file__).parents[1] / "scenarios" / "minimal.yaml")
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
    assert MINIMAL.corridors["road"].minimum_days.value == 0
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
