"""Levers: where the range of a number comes from, and what is none."""

import pytest
from engines.worlds import FLAGSHIP, MINIMAL

from simulator.errors import ScenarioError
from simulator.scenario.levers import lever, parse_cost, parse_lever
from simulator.scenario.reading import load

LIMIT = "settlement.channels.clearing.clearing.credit_limit_usd_million"


@pytest.fixture(scope="module")
def flagship():
    """The question of Iran and Belarus."""
    return load(FLAGSHIP)


def test_a_stated_range_is_taken(flagship):
    """As text or as two ends; the start is what the scenario says."""
    for between in ("2..40", (2, 40)):
        found = lever(flagship, LIMIT, between)
        assert (found.low, found.high, found.origin) == (2, 40, "as stated")
        assert (found.start, found.kind, found.is_drawn) == (5, "lever", True)


def test_a_law_says_how_far_a_number_may_go(flagship):
    """Its ends, or what is exceeded in 1 of 100 cases where it has none."""
    premium = lever(flagship, "economies.IRN.exchange_rate.premium_share")
    assert (premium.low, premium.high) == (0.1, 0.35)
    assert premium.origin == "from its law (triangular 0.1, 0.22, 0.35)"
    limit = lever(flagship, LIMIT)
    assert limit.low == pytest.approx(5 / 4.04, rel=0.05)
    assert limit.high == pytest.approx(5 * 4.04, rel=0.05)


def test_what_has_no_law_goes_as_far_as_is_usual_or_allowed():
    """Usual ranges come before what the type allows; of others somebody has to say it."""
    scenario = load(MINIMAL)
    days = lever(scenario, "settlement.channels.bank.processing_days")
    assert (days.low, days.high, days.origin) == (0, 180, "usual for such a number")
    share = lever(scenario, "settlement.channels.bank.refusal_share")
    assert (share.low, share.high, share.origin) == (0, 1, "all that it can be")
    with pytest.raises(ScenarioError, match=r"S152: nothing says .* write: .*=\d"):
        lever(scenario, "target.turnover_usd_million")


def test_several_numbers_are_moved_alike(flagship):
    """A path with a star names them; the range holds the laws of all, whole ones stay whole."""
    slots = lever(flagship, "settlement.channels.*.slots")
    assert (slots.numbers, slots.whole, slots.low, slots.high) == (4, True, 12, 120)
    assert slots.start == (24 + 40 + 60 + 24) / 4


def test_what_is_no_number_is_told_with_the_nearest_one(flagship):
    """S151 for a path that is not there or leads to no number."""
    with pytest.raises(ScenarioError, match=r"did you mean 'settlement\.patience_days'"):
        lever(flagship, "settlement.patience_day")
    with pytest.raises(ScenarioError, match="S151"):
        lever(flagship, "target.year")


@pytest.mark.parametrize("between", ["5", "9..1", "1..2:3", "a..b", "", (1,), (2, 1), "1..nan"])
def test_what_is_no_range_is_told(flagship, between):
    """S152 with an example."""
    with pytest.raises(ScenarioError, match=r"S152.*write: settlement.patience_days="):
        lever(flagship, LIMIT, between)


def test_the_command_line_names_levers_and_costs():
    """A path alone, with its range, or with its cost."""
    assert parse_lever("a.b") == ("a.b", None)
    assert parse_lever("a.b=1..2") == ("a.b", "1..2")
    assert parse_cost("a.b=0.5") == ("a.b", 0.5)
    for text in ("a.b", "a.b=", "a.b=x", "a.b=-1", "a.b=inf"):
        with pytest.raises(ScenarioError, match="S152"):
            parse_cost(text)
