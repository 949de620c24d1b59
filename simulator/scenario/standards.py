"""Standards: economies by ISO 3166, currencies by ISO 4217, editions of the Harmonized System."""

import re
import unicodedata
from datetime import date
from functools import cache

from iso3166 import countries
from iso4217 import Currency

from simulator.scenario.paths import nearest

HS_EDITIONS = {
    "HS1992": date(1988, 1, 1),
    "HS1996": date(1996, 1, 1),
    "HS2002": date(2002, 1, 1),
    "HS2007": date(2007, 1, 1),
    "HS2012": date(2012, 1, 1),
    "HS2017": date(2017, 1, 1),
    "HS2022": date(2022, 1, 1),
    "HS2028": date(2028, 1, 1),
}
"""Editions by the day from which they are in force. Source: World Customs Organization."""

_USER_ASSIGNED = re.compile(r"AA[A-Z]|Q[M-Z][A-Z]|X[A-Z]{2}|ZZ[A-Z]")
"""Codes that ISO 3166 leaves to users: economies that do not exist, for tests and teaching."""

_SHORTEST_NAME = 4
"""Letters from which on the beginning of a name is taken for the name."""

_COMMON_NAMES = {
    "BOL": "Bolivia",
    "COD": "Congo (Kinshasa)",
    "CZE": "Czech Republic",
    "GBR": "United Kingdom",
    "KOR": "South Korea",
    "LAO": "Laos",
    "PRK": "North Korea",
    "RUS": "Russia",
    "SYR": "Syria",
    "TUR": "Turkey",
    "USA": "United States",
    "VNM": "Vietnam",
}
"""Names in common use where that of ISO 3166 is long or not used in English."""

_OWN_CURRENCIES = {
    "CHE": "CHF",
    "CHL": "CLP",
    "NRU": "AUD",
    "PSE": "ILS",
    "URY": "UYU",
    "VEN": "VES",
    "XKX": "EUR",
}
"""Currencies of economies that ISO 4217 lists under another name or with units of account."""

_CURRENCIES = frozenset(currency.code for currency in Currency)

_NO_ISO_CURRENCIES = {"IRT": "IRR", "TOMAN": "IRR", "RUR": "RUB", "BYR": "BYN", "VEF": "VES"}
"""Units in use and codes withdrawn, with the code to write."""


@cache
def _names() -> dict[str, str]:
    """Every code, name and common name of an economy, in small letters, with its code."""
    known = {name.casefold(): code for code, name in _COMMON_NAMES.items()}
    known |= {"uk": "GBR", "great britain": "GBR"}
    for country in countries:
        names = (country.alpha3, country.alpha2, country.name, country.apolitical_name)
        known |= {name.casefold(): country.alpha3 for name in names}
    return known


@cache
def economy_code(word: str) -> str:
    """The three letters of ISO 3166 for a code of two or three letters or a name; or nothing."""
    if _USER_ASSIGNED.fullmatch(word):
        return word
    asked, known = word.strip().casefold(), _names()
    if asked in known or len(asked) < _SHORTEST_NAME:
        return known.get(asked, "")
    begun = {code for name, code in known.items() if name.startswith(asked)}
    return begun.pop() if len(begun) == 1 else ""


def economy_name(code: str) -> str:
    """The English name of an economy in common use."""
    if code in _COMMON_NAMES:
        return _COMMON_NAMES[code]
    name = next((c.apolitical_name for c in countries if c.alpha3 == code), code)
    short = name.partition(",")[0]
    return short if economy_code(short) == code else name


def nearest_economy(word: str) -> str:
    """The code that a slip may have turned into ``word``, with its name; or nothing."""
    asked = word.strip().casefold()
    alike = {name: code for name, code in _names().items() if name[0] == asked[:1]}
    names = [name for name in alike if len(name) >= _SHORTEST_NAME]
    codes = [name for name in alike if len(name) == len(asked) < _SHORTEST_NAME]
    swapped = [name for name in codes if sorted(name) == sorted(asked)]
    codes = swapped[:1] or [name for name in codes if name[:2] == asked[:2]] or codes
    code = alike.get(nearest(asked, names) or nearest(asked, codes))
    return f"{code} ({economy_name(code)})" if code else ""


def is_currency(code: str) -> bool:
    """Whether a code stands in ISO 4217."""
    return code in _CURRENCIES


def nearest_currency(word: str) -> str:
    """The currency code that was probably meant, or nothing."""
    known = word.strip().upper()
    return _NO_ISO_CURRENCIES.get(known) or nearest(known, _CURRENCIES)


def has_chapter(code: str) -> bool:
    """Whether the chapter of a product code exists: 01 to 97, of which 77 is kept free.

    Headings within a chapter are not listed here.
    """
    return code[:2] != "77" and 1 <= int(code[:2]) <= 97


def currency_of(code: str) -> str:
    """The currency of an economy by its code; ``XXX``, no currency, where none is listed."""
    if code in _OWN_CURRENCIES:
        return _OWN_CURRENCIES[code]
    country = next((c for c in countries if c.alpha3 == code), None)
    if country is None:
        return "XXX"
    names = {_key(country.name), _key(country.apolitical_name)}
    listed = sorted(c.code for c in Currency if names & set(map(_key, c.country_names)))
    # The code of an economy's own currency begins with its two letters.
    own = [currency for currency in listed if currency.startswith(country.alpha2)]
    return (own or listed or ["XXX"])[0]


def _key(name: str) -> tuple[str, ...]:
    """The words of a name without their order, accents and articles, which ISO lists vary."""
    letters = (
        unicodedata.normalize("NFKD", name.replace("'", ""))
        .encode("ascii", "ignore")
        .decode()
        .upper()
    )
    return tuple(sorted(set(re.findall("[A-Z]+", letters)) - {"THE"}))


def edition_at(day: date) -> str:
    """The edition of the Harmonized System in force on a day."""
    return [edition for edition, start in HS_EDITIONS.items() if start <= day][-1]
