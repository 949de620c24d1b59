"""What a scenario was before it was changed."""

from datetime import date
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from simulator.scenario.memory import (
    as_plain,
    base_numbers,
    former_values,
    gone_numbers,
    settled,
    value_at,
)
from simulator.scenario.overriding import override
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
CUSTOMS = "economies.AAA.customs"
PLAIN = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=3)


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


def test_what_never_was_a_value_is_not_remembered():
    """A parent may hold what no scenario can, until it is changed: nothing was before then."""
    broken = MINIMAL.model_copy(update={"former": {"settlement.default_share": "many", "no": 1}})
    assert settled(broken).former == {}
    assert list(former_values(broken)) == []


WAYS = {
    "corridors.rail": {"title": "Rail", "minimum_days": 0, "excess_days": 0, "excess_cv": 0,
                       "freight_usd_per_tonne": 0},
    "exports.AAA.goods.widgets.corridors": {"road": 0.5, "rail": 0.5},
}  # fmt: skip


def test_a_new_way_was_not_used_before():
    """A share of a corridor that a difference brings was 0 when the base was observed."""
    added = override(MINIMAL, WAYS)
    assert base_numbers(added)["exports.AAA.goods.widgets.corridors.rail"].value == 0
    assert gone_numbers(added) == {}


def test_a_way_that_is_taken_out_has_no_share():
    """What a difference takes out amounts to nothing now, and to its share in the base."""
    both = override(MINIMAL, WAYS).model_copy(update={"former": {}})
    only = {"exports.AAA.goods.widgets.corridors": {"_replace_": True, "road": 1}}
    without = override(both, only)
    path = "exports.AAA.goods.widgets.corridors.rail"
    assert gone_numbers(without)[path].value == 0
    assert base_numbers(without)[path].value == 0.5


def test_a_stop_that_is_new_never_came_before():
    """Interruptions that a difference brings were, in effect, never there in the base."""
    stops = {"between_months": 12, "repair_months": 1}
    changed = override(MINIMAL, {"settlement.channels.bank.interruptions": stops})
    before = base_numbers(changed)
    assert before["settlement.channels.bank.interruptions.repair_months"].value == 0
    assert before["settlement.channels.bank.interruptions.between_months"].value > 1e6


@given(st.recursive(PLAIN, lambda inner: st.dictionaries(st.text(max_size=3), inner, max_size=3)))
def test_plain_values_stay_plain(value):
    """A plain value is its own plain form."""
    assert as_plain(as_plain(value)) == as_plain(value)


def test_values_of_python_become_plain():
    """Days, numbers of numpy and lists stand in files as text, numbers and sequences."""
    value = {"day": date(2023, 3, 13), "n": np.int64(3), "x": np.float32(0.5), "all": [1, True]}
    assert as_plain(value) == {"day": "2023-03-13", "n": 3, "x": 0.5, "all": (1, True)}
    assert type(as_plain(np.int64(3))) is int
    assert value_at(MINIMAL, ("target", "statistics", "1")) == "abroad"
    assert value_at(MINIMAL, ("target", "statistics", "2")) is None
    assert value_at(MINIMAL, ("corridors", "river", "slots")) is None


def test_a_former_value_deep_in_a_block_is_found():
    """What stood in a block of a block is told, and not that nothing stood there."""
    path = "settlement.channels.bank.clearing"
    account = {"credit_limit_usd_million": 5, "netting_share": 0.2}
    base = override(MINIMAL, {path: account}).model_copy(update={"former": {}})
    ((told, was, now),) = former_values(override(base, {f"{path}.netting_share": 0}))
    assert (told, was.value, now.value) == (f"{path}.netting_share", 0.2, 0)


def test_a_new_good_has_the_ways_that_it_has():
    """A good that was not there went no way; this is not a way that nobody took."""
    goods = MINIMAL.exports["AAA"].goods
    other = {**goods["widgets"].model_dump(exclude_none=True), "share": 0}
    for changes in (
        {"exports.AAA.goods.other": other},
        {"exports.AAA.goods": {**as_plain(goods), "other": other, "_replace_": True}},
    ):
        before = base_numbers(override(MINIMAL, changes))
        assert not any(".other.corridors." in path for path in before)
