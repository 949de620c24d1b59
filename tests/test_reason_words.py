"""What the terminal says of reasons."""

import re
from dataclasses import replace

import pytest
from engines.worlds import MINIMAL, busy

from simulator.reason_words import MINUS, decimal, plan, shown_unit, surprises, words
from simulator.reasons import Surprise, study, why
from simulator.scenario.reading import load

BANK = "settlement.channels.bank"
AMOUNT = re.compile(rf"[+{MINUS}\d. ]{{10}}")


@pytest.fixture(scope="module")
def found():
    """Reasons of a world in which everything happens, by sampled orders."""
    return why(busy(), replications=3, seed=3, sampled=2)


def amount(text):
    """A number as it was written."""
    return float(text.replace(MINUS, "-").replace(" ", ""))


def test_lines_fit_the_terminal(found):
    """No line is longer than 90 columns or ends in a space."""
    for line in words(found).splitlines():
        assert len(line) <= 90, line
        assert line == line.rstrip()


def test_what_is_shown_adds_up(found):
    """V45: potential and every line are realised trade, in the digits that are shown."""
    table = words(found).partition("Where trade")[2].partition("What each")[0].splitlines()[1:]
    shown = [amount(line[50:60]) for line in table if AMOUNT.fullmatch(line[50:60])]
    *steps, realised = shown
    assert len(steps) == len(found.ledger) + 1
    assert sum(steps) == pytest.approx(realised, abs=1e-9)
    assert realised == pytest.approx(found.realised.cents / 1e8, abs=0.06)


def test_the_shares_that_are_shown_add_up(found):
    """Frictions, what is left and the loss, in the digits that are shown."""
    lines = words(found).partition("What each")[2].partition("What more")[0].splitlines()[2:]
    number = re.compile(rf"^ {{4}}(\D{{33}}) +({MINUS}?[\d ]*\d\.\d+)")
    shown = {m[1].strip(): amount(m[2]) for m in map(number.match, lines) if m}
    together, rest = shown.pop("all of them together"), shown.pop("left without any friction")
    loss = shown.pop("= potential less realised")
    assert len(shown) == len(found.frictions)
    assert sum(shown.values()) == pytest.approx(together, abs=1e-9)
    assert together + rest == pytest.approx(loss, abs=1e-9)


def test_the_method_is_told(found):
    """How many orders were tried, of how many, and that costs are no friction."""
    text = " ".join(words(found).split())
    assert re.search(r"estimated from 2 of [\d ]+ orders of removal", text)
    assert "add up to the cent" in text
    assert "tariffs, freight, fees, days" in text


def test_the_answer_says_what_binds_now_and_next():
    """The first friction, then the second; where nothing is clear, that nothing is."""
    scenario = load(
        MINIMAL,
        {
            f"{BANK}.refusal_share": 0.4,
            "economies.*.customs.red_share": 1,
            "economies.*.customs.green_share": 0,
            "economies.*.customs.rejection_share": 0.2,
        },
    )
    text = " ".join(words(why(scenario, replications=8)).split())
    assert "What binds now: payments refused or never made; without that, trade is USD" in text
    assert "What would bind next: goods sent back at customs; without that as well" in text
    none = words(why(load(MINIMAL), replications=2))
    assert "The scenario has no friction" in none
    assert "What each friction" not in none
    weak = load(MINIMAL, {f"{BANK}.refusal_share": 0.001})
    assert "No friction clearly binds" in words(why(weak, replications=2))


def test_a_finding_that_goes_the_unexpected_way_is_explained(found):
    """Removals that cost trade, or move the potential, stand under Unexpected with the account."""
    worse = replace(found.frictions[0].alone.trade, value=-2.5, half_width=0.5)
    effect = replace(found.frictions[0].alone, trade=worse, is_clear=True)
    taker = replace(
        found.ledger[0], words="lost: clearing limit reached", mean=replace(worse, value=3)
    )
    told = replace(
        found,
        surprises=(
            Surprise(
                "payments",
                "payments refused",
                is_alone=True,
                is_trade=True,
                effect=effect,
                takers=(taker,),
            ),
        ),
        frictions=(replace(found.frictions[0], potential=worse), *found.frictions[1:]),
    )
    first, second = surprises(told)
    assert first == (
        "removing payments refused alone lowers trade by USD 2.5 million (2.0 to 3.0): what it had "
        f"stopped meets other limits or comes at another time (lost: clearing limit reached "
        f"{MINUS}3.0)"
    )
    assert second.endswith(
        f"changes the potential, by USD {MINUS}2.5 million: goods go other ways, at other costs"
    )
    assert "  Unexpected           removing payments refused alone" in words(told)


def test_the_plan_counts_what_will_be_run():
    """Settings, runs, time and disk before anything is computed."""
    text = plan(
        study(load(MINIMAL, {f"{BANK}.slots": 2, f"{BANK}.refusal_share": 0.1})), 400, 90, 2e6
    )
    assert text == (
        "2 frictions (every combination) and 1 limit: 5 settings, 400 runs of each, about 90 s, "
        "2.0 MB."
    )


def test_names_cannot_command_the_terminal(found):
    """D10, D11: controls, line feeds and marks of direction in a name do nothing."""
    hostile = "Evil\x1b[2J\r\nsecond\u202eline"
    text = words(replace(found, economies=(hostile, "B")))
    assert not set(text) & {"\x1b", "\r", "\u202e"}
    assert "\nsecond" not in text


@pytest.mark.parametrize(
    ("units", "unit", "shown"),
    [(123456, 1_000_000, "1 234.56"), (-5, 1_000_000, f"{MINUS}0.05"), (12, 10**9, "120")],
)
def test_units_are_written_as_million_dollars(units, unit, shown):
    """Thousands apart, with the digits of the unit."""
    assert decimal(units, unit) == shown


def test_the_unit_follows_the_largest_amount(found):
    """Four digits of the potential, whatever its size."""
    assert shown_unit(found) == 10 ** (
        len(str(max(found.potential.cents, found.realised.cents))) - 4
    )
