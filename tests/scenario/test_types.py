"""Scenario types: dates and codes as written, choices that exclude each other, numbers by path."""

from datetime import date
from pathlib import Path

import pytest
from pydantic import TypeAdapter, ValidationError

from simulator.scenario.quantities import Quantity
from simulator.scenario.reading import load
from simulator.scenario.types import (
    VARYING,
    Contract,
    Day,
    Effect,
    Horizon,
    HSCode,
    Moment,
    MonthDay,
    Sanction,
    quantities,
)

ROOT = Path(__file__).parents[2]
MINIMAL = load(ROOT / "tests" / "scenarios" / "minimal.yaml")
FLAGSHIP = load(ROOT / "scenarios" / "iran-belarus-2023.yaml")

AGREEMENT = {
    "title": "A pact",
    "document": "agreement",
    "implemented_share": 1,
    "phase_in_years": 0,
    "effects": {},
}
CONTRACT = {
    "title": "A plant",
    "exporter": "AAA",
    "good": "widgets",
    "document": "firm",
    "size_usd_million": 10,
    "size_sigma": 0,
    "execution_share": 1,
    "fulfilment_share": 1,
    "fulfilment_spread": 0,
    "delay_days": 0,
    "spacing_days": 0,
    "instalments": 1,
}
SANCTION = {
    "title": "A measure",
    "sender": "a third country",
    "target": "AAA",
    "imposed": "2023-06-01",
    "buildup_years": 1,
    "fade_years": 1,
    "effects": {},
}


def codes(kind, given):
    """The codes of what is wrong with a value of a type."""
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(kind).validate_python(given)
    return {error["type"] for error in caught.value.errors()}


@pytest.mark.parametrize("given", ["2024-02-29", date(2024, 2, 29)])
def test_day_is_an_iso_date(given):
    """A day is written year, month, day."""
    assert TypeAdapter(Day).validate_python(given) == date(2024, 2, 29)


@pytest.mark.parametrize("given", ["2023-02-29", "29.02.2024", "2024-2-29", 20240229, "20240229"])
def test_no_day_is_refused(given):
    """Days that no calendar has, and other ways of writing, are refused."""
    assert codes(Day, given) == {"S131"}


def test_day_of_the_year_exists_in_every_year():
    """A day of every year is month and day; the 29th of February is none."""
    assert TypeAdapter(MonthDay).validate_python("12-20") == "12-20"
    for given in ("02-29", "13-01", "1-1", 1220, "2023-12-20"):
        assert codes(MonthDay, given) == {"S131"}


@pytest.mark.parametrize("code", ["31", "3104", "310420", "0801"])
def test_product_code_is_text_of_two_four_or_six_digits(code):
    """A product code is text, so that its leading zero stays."""
    assert TypeAdapter(HSCode).validate_python(code) == code


@pytest.mark.parametrize("code", [31, 801.0, "310", "31.04", "31042000", "ab"])
def test_other_product_codes_are_refused(code):
    """Numbers, dots and other lengths are no product codes."""
    assert codes(HSCode, code) == {"S133"}


def test_horizon_counts_its_last_day():
    """A horizon of the year 2024 has 366 days and runs forwards."""
    assert Horizon(start="2024-01-01", end="2024-12-31").days == 366
    assert codes(Horizon, {"start": "2024-01-01", "end": "2024-01-01"}) == {"S141"}
    short = {"start": "2024-01-01", "end": "2024-01-10", "warm_up_days": 10}
    assert codes(Horizon, short) == {"S141"}


def test_sanction_is_lifted_after_it_is_imposed():
    """A sanction cannot end before it begins."""
    assert TypeAdapter(Sanction).validate_python({**SANCTION, "lifted": "2023-06-02"}).lifted
    assert codes(Sanction, {**SANCTION, "lifted": "2023-06-01"}) == {"S141"}


@pytest.mark.parametrize(
    ("kind", "given", "one", "other"),
    [
        (Effect, {"path": "a.b"}, {"multiply": 2}, {"add": 1}),
        (Contract, CONTRACT, {"signed": "2023-01-01"}, {"rate": 1}),
        (Moment, {}, {"day": "2023-01-01"}, {"median_months": 1, "sigma": 0}),
    ],
    ids=["effect", "contract", "moment"],
)
def test_one_of_two_ways_is_chosen(kind, given, one, other):
    """An effect multiplies or adds; a contract or moment has a day or comes by chance."""
    for way in (one, other):
        assert TypeAdapter(kind).validate_python({**given, **way})
    assert codes(kind, given) == codes(kind, {**given, **one, **other}) == {"S124"}


def test_partner_is_the_other_one():
    """Each of the two economies is the other's partner."""
    assert (MINIMAL.partner("AAA"), MINIMAL.partner("AAB")) == ("AAB", "AAA")


@pytest.mark.parametrize("scenario", [MINIMAL, FLAGSHIP], ids=["minimal", "flagship"])
def test_every_number_has_its_own_path(scenario):
    """Numbers come with dotted paths, each once and in order; following one leads to its number."""
    named = list(quantities(scenario))
    paths = [path for path, _ in named]
    assert len(set(paths)) == len(paths)
    assert paths == sorted(paths, key=lambda path: path.split("."))
    for path, number in named:
        value = scenario
        for part in path.split("."):
            value = value[part] if isinstance(value, dict) else getattr(value, part)
        assert value is number
        assert isinstance(value, Quantity)


def test_what_measures_may_change_exists():
    """Every name of a number that may vary within a run is a number of some scenario."""
    known = {
        path.rpartition(".")[2]
        for scenario in (MINIMAL, FLAGSHIP)
        for path, _ in quantities(scenario)
    }
    assert known >= VARYING


def test_scenarios_are_values():
    """A scenario equals one that says the same, and cannot be changed."""
    assert load(ROOT / "tests" / "scenarios" / "minimal.yaml") == MINIMAL
    with pytest.raises(ValidationError, match="frozen"):
        MINIMAL.title = "Another"
