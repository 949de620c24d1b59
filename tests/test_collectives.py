"""Collectives: parts are taken away alone, on the same draws, and have their signs."""

from functools import cache

import pytest
from engines.worlds import busy

from simulator.collectives import WHOLE, as_data, parts
from simulator.errors import ScenarioError
from simulator.sampling import Goal
from simulator.scenario.overriding import override
from simulator.simulation import Question, run

PAIRS = 40


def made(questions):
    """Answers on the spot."""
    return [run(one.scenario, seed=one.seed, replications=one.goal.most) for one in questions]


def member(**numbers):
    """A further member from the start on, with nothing but what is given."""
    usual = {"pooled_usd_million": 0, "offset_share": 0, "diverted_share": 0}
    return {"title": "A member", "joins": "2023-01-02", **usual, **numbers}


def world(**collective):
    """The busy world with a collective around its clearing account."""
    channels = busy().settlement.channels
    platform = next(name for name, channel in channels.items() if channel.clearing is not None)
    usual = {
        "title": "A collective",
        "channel": platform,
        "founded": "2023-01-02",
        "ramp_years": 0,
        "pooled_usd_million": 10,
        "platform_cost_usd_million": 0,
        "saving_share": 0,
        "complementarity_share": 1,
        "retaliation_share": 0,
        "members": {"RUS": member()},
    }
    return override(busy(), {"collective": {**usual, **collective}})


@cache
def effect(name, number):
    """What a part does to turnover where it alone is more than nothing."""
    own = {"platform_cost_usd_million", "saving_share", "retaliation_share"}
    scenario = world(
        **{name: number} if name in own else {"members": {"RUS": member(**{name: number})}}
    )
    return {part.name: part for part in parts(Question(scenario, 1, Goal(PAIRS)), made)}


@pytest.mark.parametrize(
    ("number", "size", "part", "sign"),
    [
        ("platform_cost_usd_million", 3, "fixed cost of the platform", -1),
        ("diverted_share", 0.3, "trade that goes to members", -1),
        ("retaliation_share", 0.5, "closing of other channels", -1),
    ],
)
def test_what_costs_lowers_trade_and_the_others_do_nothing(number, size, part, sign):
    """A part with a cost has its sign, is the whole where it is alone, and is no other part."""
    found = effect(number, size)
    change = found[part].effect.rows[0].change.value
    assert change * sign > 0
    assert found[WHOLE].effect.rows[0].change.value == pytest.approx(change)
    others = {name for name in found if name not in {part, WHOLE, "members in all"}}
    assert all(found[name].effect.rows[0].change.value == 0.0 for name in others)


def test_members_who_let_balances_cancel_raise_trade():
    """Where a clearing account binds, netting round through members lets more orders pass."""
    part = effect("offset_share", 0.9)["netting with members"]
    assert part.effect.rows[0].change.value > 0


def test_what_payments_save_raises_trade():
    """A fee that falls makes trade cheaper."""
    assert effect("saving_share", 0.5)["what payments save"].effect.rows[0].change.value > 0


def test_a_collective_of_two_has_no_parts_of_members():
    """Without further members only the platform itself is taken apart."""
    found = parts(Question(world(members={}), 1, Goal(4)), made)
    assert [part.name for part in found] == [
        WHOLE,
        "fixed cost of the platform",
        "what payments save",
    ]
    assert as_data(found)[0]["part"] == WHOLE


def test_without_a_collective_there_is_nothing_to_take_apart():
    """A scenario that has none says what is missing."""
    with pytest.raises(ScenarioError, match="no collective"):
        parts(Question(busy(), 1, Goal(4)), made)
