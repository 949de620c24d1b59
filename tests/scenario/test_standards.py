"""Codes of economies, currencies and products."""

from datetime import date

import pytest
from iso3166 import countries

from simulator.scenario.standards import (
    HS_EDITIONS,
    currency_of,
    economy_code,
    economy_name,
    edition_at,
    has_chapter,
    is_currency,
    nearest_currency,
    nearest_economy,
)


@pytest.mark.parametrize("word", ["IRN", "IR", "ir", "Iran", "iran", " Iran, Islamic Republic of"])
def test_an_economy_is_known_by_code_and_name(word):
    """Three letters, two letters and the name, or its unmistakable beginning, are one economy."""
    assert economy_code(word) == "IRN"


@pytest.mark.parametrize("word", ["IRX", "Belorussia", "Kore", "ye", "", "BBB"])
def test_what_is_no_economy_is_none(word):
    """A slip, an old name, a beginning of two names and nothing at all are no economies."""
    assert not economy_code(word) or word == "ye"


def test_two_letters_are_a_code_and_never_the_beginning_of_a_name():
    """Ye is Yemen by its code; iranian is no beginning of a name that goes on."""
    assert economy_code("ye") == "YEM"
    assert not economy_code("iranian")


def test_codes_that_the_standard_leaves_to_users_are_economies():
    """Economies that do not exist, for tests and teaching, have codes of their own."""
    assert [economy_code(code) for code in ("AAA", "AAB", "XAA", "XZZ", "ZZZ")] == [
        "AAA",
        "AAB",
        "XAA",
        "XZZ",
        "ZZZ",
    ]


def test_names_are_those_that_people_use():
    """A name is short where that is enough to tell the economy from others."""
    names = [economy_name(code) for code in ("IRN", "RUS", "PRK", "BLR", "XAA")]
    assert names == ["Iran", "Russia", "North Korea", "Belarus", "XAA"]
    assert all(economy_code(name) == "RUS" for name in ("Russia", "Russian Federation"))


def test_a_slip_is_answered_with_the_nearest_economy():
    """The suggestion carries the name, so that a reader can judge it."""
    assert nearest_economy("Belorussia") == "BLR (Belarus)"
    assert nearest_economy("BLX").startswith("BL")
    assert not nearest_economy("§§§")


def test_currencies_are_those_of_the_standard():
    """A toman is ten rials and no currency of the standard; an old ruble is another one."""
    assert is_currency("IRR")
    assert not is_currency("IRT")
    assert not is_currency("irr")
    assert [nearest_currency(word) for word in ("IRT", "toman", "BYR", "irr")] == [
        "IRR",
        "IRR",
        "BYN",
        "IRR",
    ]


@pytest.mark.parametrize(
    ("economy", "currency"),
    [
        ("IRN", "IRR"),
        ("BLR", "BYN"),
        ("RUS", "RUB"),
        ("VEN", "VES"),
        ("CUB", "CUP"),
        ("SYR", "SYP"),
        ("MMR", "MMK"),
        ("KOR", "KRW"),
        ("PRK", "KPW"),
        ("COD", "CDF"),
        ("COG", "XAF"),
        ("GIN", "GNF"),
        ("GNB", "XOF"),
        ("TUR", "TRY"),
        ("LAO", "LAK"),
        ("USA", "USD"),
        ("CHE", "CHF"),
        ("CHL", "CLP"),
        ("URY", "UYU"),
        ("LSO", "LSL"),
        ("CIV", "XOF"),
        ("XAA", "XXX"),
    ],
)
def test_an_economy_has_its_own_currency(economy, currency):
    """The currency of a new scenario is the one in use, not a neighbour's or a unit of account."""
    assert currency_of(economy) == currency
    assert is_currency(currency)


def test_every_economy_has_a_currency():
    """ISO 4217 lists one for each economy of ISO 3166 but two without people."""
    none = [country.alpha3 for country in countries if currency_of(country.alpha3) == "XXX"]
    assert none == ["ATA", "SGS"]


def test_chapters_run_from_1_to_97_without_77():
    """Chapter 77 is kept free, 98 and 99 are for national use."""
    assert [n for n in range(100) if not has_chapter(f"{n:02}")] == [0, 77, 98, 99]
    assert has_chapter("310420")


def test_an_edition_holds_until_the_next_one():
    """On its first day an edition takes the place of the one before."""
    days = sorted(HS_EDITIONS.values())
    assert list(HS_EDITIONS.values()) == days
    assert edition_at(date(2021, 12, 31)) == "HS2017"
    assert edition_at(date(2022, 1, 1)) == "HS2022"
