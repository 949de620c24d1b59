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
    assert ("S154", "economies") in told({"economies.AAB": None})


def test_each_economy_exports():
    """The exports of both economies are stated, and of no other."""
    assert told({"exports.AAB": None}) == [("S105", "exports")]
    assert told({"exports.CCC": MINIMAL.exports["AAA"]}) == [("S153", "exports.CCC")]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"base.statistics": "hom"}, "base.statistics"),
        ({"target.statistics.1": "hom"}, "target.statistics.1"),
        ({"statistics.home.economy": "AAC"}, "statistics.home.economy"),
        ({"history": {"hom": {"2020": 5.0}}}, "history.hom"),
        ({"sanctions.one": {**SANCTION, "target": "AAC"}}, "sanctions.one.target"),
        ({"contracts.one": {**CONTRACT, "exporter": "AAC"}}, "contracts.one.exporter"),
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
    assert told({corridors: {"road": 0.9}}) == [("S127", corridors)]
    assert told({corridors: {"_replace_": True}}) == [("S128", corridors)]
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
    assert told({"information_date": "1401-12-01"}) == [("S132", "information_date")]
    assert told({"information_date": "2601-12-01"}) == [("S131", "information_date")]
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
    ends = ["contracts.late.signed", "sanctions.early.lifted", "sanctions.late.imposed"]
    assert found == [*ends, "sanctions.early"]


# --- Standards ---


def test_names_and_codes_are_those_of_the_standards():
    """A folder name that a system reserves, unknown economies and currencies are refused."""
    currency = "economies.AAA.exchange_rate.currency"
    for name in ("con", "nul.yaml", "lpt1", "trailing."):
        assert told({"name": name}) == [("S126", "name")]
    assert told({currency: "IRT"}) == [("S135", currency)]
    assert override(MINIMAL, {"name": "console", currency: "IRR"})


def test_product_codes_belong_to_an_edition():
    """Codes need an edition that is in force on the information date, and a chapter in it."""
    codes = "exports.AAA.goods.widgets.hs"
    assert told({"hs_edition": None}) == [("S105", "hs_edition")]
    assert told({"hs_edition": "HS2028"}) == [("S136", "hs_edition")]
    assert told({codes: ["84", "7701"]}) == [("S133", f"{codes}.1")]
    assert override(MINIMAL, {"hs_edition": None, "exports.*.goods.*.hs": []})


def test_no_rate_grows_beyond_the_world():
    """H06: a rate that is harmless for a year and not over the horizon is named before any run."""
    rate = "economies.AAB.output_growth_rate"
    long = {"horizon.end": "2069-12-31"}
    assert override(MINIMAL, {rate: 0.3})
    assert override(MINIMAL, long)
    assert told({**long, rate: 5}) == [("S129", rate)]
    assert told({**long, "economies.*.output_growth_rate": 0.8})[0][0] == "S129"


def test_nobody_trades_more_than_the_world():
    """Dollars written as millions show in flows, contracts and targets."""
    for path in ("exports.AAA.last_usd_million", "target.turnover_usd_million"):
        assert told({path: 81_300_000}) == [("S129", path)]
    contract = {"contracts.one": {**CONTRACT, "size_usd_million": 1e9}}
    assert told(contract) == [("S129", "contracts.one.size_usd_million")]


def test_a_scenario_of_too_many_orders_is_refused_with_its_cost():
    """The size is known before anything runs: orders, time, memory and what would help."""
    tiny = override(MINIMAL, {"exports.*.goods.*.relationship_usd_million": 1e-9})
    ((problem, option),) = refusals(tiny, LIMITS)
    assert (problem.code, option) == ("S184", "--max-orders")
    for words in ("orders in one replication", "on one core", "of memory"):
        assert words in problem.message
    assert refusals(tiny, Limits(orders=1e12)) == []


# --- Numbers that are probably slips ---

DAYS = "corridors.road.minimum_days"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"triangular": {"low": 5, "mode": 5, "high": 5}}, "S204"),
        ({"uniform": {"low": 5, "high": 5}}, "S204"),
        ({"normal": {"mean": 5, "sd": 0, "low": 0, "high": 9}}, "S204"),
        ({"lognormal": {"median": 5, "sigma": 2}}, "S205"),
        ({"normal": {"mean": 5, "sd": 10, "low": 0, "high": 30}}, "S207"),
        (4000, "S210"),
    ],
)
def test_a_law_or_a_number_that_is_hardly_meant_is_told(change, code):
    """No choice, no settled average, a law cut by its bounds, a number out of all custom."""
    assert [(c, field) for c, field, _ in warned({DAYS: change})] == [(code, DAYS)]


@pytest.mark.parametrize(
    "change",
    [
        {"triangular": {"low": 5, "mode": 5, "high": 6}},
        {"lognormal": {"median": 5, "sigma": 1}},
        {"normal": {"mean": 5, "sd": 2, "low": 0, "high": 10}},
        40,
    ],
)
def test_what_can_be_meant_is_not_told(change):
    """Laws and numbers of the usual kind pass without a word."""
    assert warned({DAYS: change}) == []


def test_the_cut_of_a_normal_law_is_its_mass_beyond_the_bounds():
    """Bounds at the mean and one standard deviation above it leave 34 percent."""
    law = {"normal": {"mean": 5, "sd": 1, "low": 5, "high": 6}}
    ((_, _, words),) = warned({DAYS: law})
    assert words == "the bounds cut off 66% of the normal law"


def test_a_queue_without_end_is_told():
    """Arrivals above the capacity of a channel that lets everybody wait grow without end."""
    slow = {"settlement.channels.bank.slots": 1, "settlement.channels.bank.processing_days": 30}
    assert warned(slow) == [
        (
            "S209",
            "settlement.channels.bank.slots",
            "the queue grows without end at 'bank': arrivals are 2.0 times the capacity",
        )
    ]
    assert warned({**slow, "settlement.channels.bank.queue_limit": 3}) == []


def test_a_base_unlike_the_published_figure_is_told():
    """The base of 100 million beside a published thousand or ten is probably a slip of units."""
    for figure, count in ((1000, 1), (10, 1), (120, 0)):
        found = warned({"history": {"home": {"2022": figure}}})
        assert [code for code, _, _ in found] == ["S211"] * count


def test_ratification_beside_a_stated_entry_into_force_is_told():
    """A stated day of entry into force leaves nothing for ratification to decide."""
    clock = {"median_months": 6, "sigma": 0.5}
    pact = {
        "title": "A pact",
        "document": "agreement",
        "signed": "2022-01-01",
        "in_force": "2023-02-01",
        "ratification": {"AAA": clock},
        "implemented_share": 1,
        "phase_in_years": 0,
        "effects": {},
    }
    assert [(c, field) for c, field, _ in warned({"agreements.pact": pact})] == [
        ("S202", "agreements.pact.ratification")
    ]


# --- Slips in a difference ---


def test_a_channel_of_the_base_is_not_taken_out():
    """What the base came about with must stay, with a share of 0; what is new may go again."""
    fast = MINIMAL.settlement.channels["bank"].model_dump(exclude_none=True)
    bank, half = "settlement.channels.bank", {"settlement.channels.bank.share": 0.5}
    two = override(MINIMAL, {"settlement.channels.fast": {**fast, "share": 0.5}, **half})
    assert override(two, {"settlement.channels.fast": None, f"{bank}.share": 1}) == MINIMAL
    base = two.model_copy(update={"former": {}})
    with pytest.raises(ScenarioError) as caught:
        override(base, {"settlement.channels.fast": None, f"{bank}.share": 1})
    (problem,) = caught.value.problems
    assert (problem.code, problem.field) == ("S138", "settlement.channels.fast")
    assert problem.example == "settlement.channels.fast.share: 0"
    assert override(base, {"settlement.channels.fast.share": 0, f"{bank}.share": 1})


def test_a_corridor_of_the_base_is_closed_and_not_taken_out():
    """A corridor that carried a part of the base has a field that closes it."""
    ways = {"corridors.rail": MINIMAL.corridors["road"].model_dump(exclude_none=True)}
    shares = {"exports.*.goods.*.corridors": {"road": 0.5, "rail": 0.5}}
    base = override(MINIMAL, {**ways, **shares}).model_copy(update={"former": {}})
    rest = {"exports.*.goods.*.corridors": {"_replace_": True, "road": 1}}
    assert override(base, rest)
    with pytest.raises(ScenarioError) as caught:
        override(base, {"corridors.rail": None, **rest})
    assert {(p.code, p.example) for p in caught.value.problems} == {
        ("S138", "corridors.rail.closed: true")
    }


def test_a_measure_from_before_the_start_that_comes_or_goes_is_told():
    """A difference acts from the start of the horizon on, whatever day stands in it."""
    old = {**SANCTION, "imposed": "2020-06-01"}
    added = override(MINIMAL, {"sanctions.measure": old})
    told = [(w.code, w.field) for w in warnings(added)]
    assert told == [("S203", "sanctions.measure")]
    base = added.model_copy(update={"former": {}})
    gone = warnings(override(base, {"sanctions.measure": None}))
    assert [(w.code, w.field) for w in gone] == [("S203", "sanctions.measure")]
    assert "lifted:" in gone[0].note
    assert warnings(override(base, {"sanctions.measure.lifted": "2023-06-01"})) == []
    assert warned({"sanctions.measure": SANCTION}) == []


@pytest.mark.parametrize(("amount", "count"), [(60, 0), (600, 0), (1201, 1), (2.9, 1), (3.1, 0)])
def test_an_amount_far_from_the_one_it_replaces_is_told(amount, count):
    """From twenty times on a changed amount is probably in another unit."""
    path = "exports.AAA.goods.widgets.relationship_usd_million"
    found = [field for code, field, _ in warned({path: amount}) if code == "S214"]
    assert found == [path] * count


def test_a_share_may_grow_as_it_likes():
    """A share has no unit to be mistaken for another one."""
    base = override(MINIMAL, {"settlement.default_share": 0.001}).model_copy(update={"former": {}})
    assert warnings(override(base, {"settlement.default_share": 0.15})) == []


COLLECTIVE = {
    "title": "A platform",
    "channel": "bank",
    "founded": "2023-06-01",
    "ramp_years": 0,
    "pooled_usd_million": 10,
    "platform_cost_usd_million": 1,
    "saving_share": 0.01,
    "complementarity_share": 0.5,
    "retaliation_share": 0,
}
MEMBER = {
    "title": "A member",
    "joins": "2023-07-01",
    "pooled_usd_million": 1,
    "offset_share": 0.5,
    "diverted_share": 0,
}


@pytest.mark.parametrize(
    ("collective", "code", "field"),
    [
        ({"channel": "nowhere"}, "S153", "collective.channel"),
        ({"members": {"AAA": MEMBER}}, "S153", "collective.members.AAA"),
        ({"members": {"UUU": MEMBER}}, "S134", "collective.members.UUU"),
    ],
)
def test_a_collective_has_a_channel_and_further_members(collective, code, field):
    """A channel that is not there, one of the two as a member, or no economy, is named."""
    with pytest.raises(ScenarioError) as caught:
        override(MINIMAL, {"collective": {**COLLECTIVE, **collective}})
    assert (code, field) in {(one.code, one.field) for one in caught.value.problems}


def test_a_collective_without_an_account_nets_nothing():
    """Members offset balances of a clearing account; where there is none, that is told."""
    members = {"members": {"RUS": MEMBER}}
    scenario = override(MINIMAL, {"collective": {**COLLECTIVE, **members}})
    found = [one for one in warnings(scenario) if one.field == "collective.channel"]
    assert [one.code for one in found] == ["S202"]


def test_days_of_a_collective_beyond_the_horizon_are_told():
    """A platform or a member that comes after the horizon is probably not meant."""
    late = {"founded": "2040-01-01", "members": {"RUS": {**MEMBER, "joins": "2041-01-01"}}}
    scenario = override(MINIMAL, {"collective": {**COLLECTIVE, **late}})
    found = {one.field for one in warnings(scenario) if one.code == "S203"}
    assert found == {"collective.founded", "collective.members.RUS.joins"}
