"""Checks across fields."""

from pathlib import Path

import pytest

from simulator.errors import ScenarioError
from simulator.scenario.checking import LIMITS, Limits, problems, refusals, warnings
from simulator.scenario.overriding import override
from simulator.scenario.reading import load

MINIMAL = load(Path(__file__).parents[1] / "scenarios" / "minimal.yaml")
EFFECT = {"path": "settlement.payment_days", "multiply": 2}
SANCTION = {
    "title": "A measure",
    "sender": "Rest of the world",
    "target": "AAA",
    "imposed": "2023-06-01",
    "buildup_years": 1,
    "fade_years": 1,
    "effects": {"slower": EFFECT},
}
CONTRACT = {
    "title": "A large order",
    "exporter": "AAA",
    "good": "widgets",
    "document": "firm",
    "signed": "2023-06-01",
    "size_usd_million": 10,
    "size_sigma": 0,
    "execution_share": 1,
    "fulfilment_share": 1,
    "fulfilment_spread": 0,
    "delay_days": 0,
    "spacing_days": 0,
    "instalments": 1,
}


def told(changes):
    """The codes and fields of what is wrong with the minimal scenario after changes."""
    with pytest.raises(ScenarioError) as caught:
        override(MINIMAL, changes)
    return [(problem.code, problem.field) for problem in caught.value.problems]


def warned(changes):
    """The codes, fields and words of the warnings after changes."""
    return [(w.code, w.field, w.message) for w in warnings(override(MINIMAL, changes))]


def test_the_minimal_scenario_contradicts_nothing():
    """A consistent scenario has neither problems nor warnings nor refusals."""
    assert problems(MINIMAL) == []
    assert warnings(MINIMAL) == []
    assert refusals(MINIMAL, LIMITS) == []


def test_there_are_two_economies():
    """A third economy and a missing one are refused."""
    third = MINIMAL.economies["AAA"]
    assert ("S154", "economies") in told({"economies.CCC": third})
    assert ("S154", "economies") in told({"economies.BBB": None})


def test_each_economy_exports():
    """The exports of both economies are stated, and of no other."""
    assert told({"exports.BBB": None}) == [("S105", "exports")]
    assert told({"exports.CCC": MINIMAL.exports["AAA"]}) == [("S153", "exports.CCC")]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"base.statistics": "hom"}, "base.statistics"),
        ({"target.statistics.1": "hom"}, "target.statistics.1"),
        ({"statistics.home.economy": "CCC"}, "statistics.home.economy"),
        ({"history": {"hom": {"2020": 5.0}}}, "history.hom"),
        ({"sanctions.one": {**SANCTION, "target": "CCC"}}, "sanctions.one.target"),
        ({"contracts.one": {**CONTRACT, "exporter": "CCC"}}, "contracts.one.exporter"),
        ({"contracts.one": {**CONTRACT, "good": "grain"}}, "contracts.one.good"),
        (
            {"exports.AAA.goods.widgets.corridors": {"rail": 1}},
            "exports.AAA.goods.widgets.corridors.rail",
        ),
    ],
)
def test_what_is_named_is_defined(changes, field):
    """A name stands for something that the scenario defines."""
    assert ("S153", field) in told(changes)


def test_shares_sum_to_one():
    """Shares sum to 1 up to rounding; shares that are all 0 say that nothing is exported."""
    assert told({"settlement.channels.bank.share": 0.98}) == [("S127", "settlement.channels")]
    assert told({"exports.AAA.goods.widgets.share": 0.5}) == [("S127", "exports.AAA.goods")]
    assert override(MINIMAL, {"exports.AAA.goods.widgets.share": 0})
    assert override(MINIMAL, {"settlement.channels.bank.share": 1 - 1e-10})
    corridors = "exports.AAA.goods.widgets.corridors"
    assert told({corridors: {}}) == [("S127", corridors)]
    assert told({"economies.AAA.customs.red_share": 0.1}) == [("S127", "economies.AAA.customs")]


def test_the_sum_of_uncertain_shares_is_that_of_their_middles():
    """The middle of a law counts as the share."""
    law = {"uniform": {"low": 0.9, "high": 1.0}}
    assert told({"settlement.channels.bank.share": law}) == [("S127", "settlement.channels")]


def test_an_effect_finds_a_number():
    """The path of an effect names at least one number, if need be with a star."""
    wrong = {**SANCTION, "effects": {"slower": {"path": "settlement.payment_day", "add": 1}}}
    assert told({"sanctions.one": wrong}) == [("S151", "sanctions.one.effects.slower.path")]
    starred = {**SANCTION, "effects": {"slower": {"path": "corridors.*.excess_days", "add": 1}}}
    assert override(MINIMAL, {"sanctions.one": starred})


def test_an_effect_leaves_fixed_numbers_alone():
    """What is fixed during a run cannot be the aim of an effect."""
    wrong = {**SANCTION, "effects": {"slower": {"path": "settlement.payment_cv", "add": 1}}}
    assert told({"sanctions.one": wrong}) == [("S155", "sanctions.one.effects.slower.path")]


def test_history_is_known_at_the_information_date():
    """Nothing later than the information date enters."""
    assert told({"history": {"home": {"2023": 5.0}}}) == [("S142", "history.home.2023")]
    assert told({"base.year": 2023}) == [("S142", "base.year")]


def test_years_are_gregorian_and_inside_the_horizon():
    """An Iranian year is recognised, and a target that is never simulated is refused."""
    assert told({"target.year": 1402}) == [("S131", "target.year")]
    assert told({"information_date": "1401-12-01"}) == [
        ("S131", "information_date"),
        ("S142", "base.year"),
    ]
    assert told({"target.year": 2030}) == [("S141", "target.year")]


def test_limits_name_their_options():
    """What is above a limit is refused with the option that raises the limit."""
    large = override(MINIMAL, {"replications": 10**9, "horizon.end": "2099-12-31"})
    assert [option for _, option in refusals(large, LIMITS)] == [
        "--allow-long",
        "--max-replications",
    ]
    assert refusals(large, Limits(horizon_years=100, replications=10**9)) == []


def test_a_partly_simulated_year_is_told():
    """The months of the target year that are simulated are counted by each statistics' year."""
    assert warned({"horizon.end": "2023-08-01"}) == [
        ("S201", "target.year", "only 7 of 12 months of the target year of home are simulated"),
        ("S201", "target.year", "only 4 of 12 months of the target year of abroad are simulated"),
    ]


def test_what_is_never_used_is_told():
    """A corridor of no good, and statistics that judge nothing, are probably slips."""
    assert warned({"corridors.rail": MINIMAL.corridors["road"]})[0][:2] == (
        "S202",
        "corridors.rail",
    )
    assert warned({"target.statistics": ["home"]})[0][:2] == ("S202", "statistics.abroad")


def test_measures_outside_the_horizon_are_told():
    """A measure after the end, or lifted before the start, changes nothing."""
    late = {"sanctions.late": {**SANCTION, "imposed": "2030-01-01"}}
    early = {"sanctions.early": {**SANCTION, "imposed": "2020-01-01", "lifted": "2021-01-01"}}
    contract = {"contracts.late": {**CONTRACT, "signed": "2030-01-01"}}
    found = [field for _, field, _ in warned({**late, **early, **contract})]
    assert found == ["contracts.late.signed", "sanctions.early.lifted", "sanctions.late.imposed"]
