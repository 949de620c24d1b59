"""Starting: a commented scenario for any two economies, on assumed numbers, that runs as it is."""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from importlib.resources import files

from simulator.errors import Problem, ScenarioError
from simulator.scenario.restating import Stated, numbers_of, restated
from simulator.scenario.standards import (
    currency_of,
    economy_code,
    economy_name,
    edition_at,
    nearest_economy,
)

TEMPLATE_YEAR = 2023
TARGET = "target.turnover_usd_million"
SIDES = ("XAA", "XAB")
"""Codes of the two economies of the template."""

EARLIEST_YEAR = 1989
"""The first year at whose beginning an edition of the Harmonized System was in force."""

IRANIAN_YEARS = ("IRN", "AFG")
"""Economies whose statistics keep Solar-Hijri years."""


def started(
    name: str,
    pair: tuple[str, str] | None,
    year: int,
    numbers: Mapping[str, Stated] | None = None,
    gone: Iterable[str] = (),
) -> str:
    """The text of a new scenario.

    Args:
        name: its name, also the name of its file.
        pair: two economies, by codes of ISO 3166 or names; none for two that do not exist.
        year: the year of its target; the base is the year before.
        numbers: numbers that are known, by path, in the place of those assumed.
        gone: blocks that are left out.

    Raises:
        ScenarioError: the name, an economy or the year cannot be.

    """
    codes = codes_of(pair) if pair else SIDES
    problems = []
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,63}", name):
        message = "a scenario's name has small letters, digits, _ and -"
        problems.append(Problem("S126", message, field="name", note=f"found '{name[:40]}'"))
    if not EARLIEST_YEAR <= year <= 2200:
        message = f"the year must be between {EARLIEST_YEAR} and 2200, found {year}"
        problems.append(Problem("S121", message, field="year"))
    if problems:
        raise ScenarioError(problems)
    words: dict[str, str] = {}
    if pair:
        words = {
            "Economy A": economy_name(codes[0]),
            "Economy B": economy_name(codes[1]),
            "XTS": currency_of(codes[0]),
            "XXX": currency_of(codes[1]),
        }
    words |= {**dict(zip(SIDES, codes, strict=True)), "name: template": f"name: {name}"}
    words["HS2022"] = edition_at(date(year - 1, 12, 31))
    words |= {str(TEMPLATE_YEAR + n): str(year + n) for n in (-1, 0, 2)}
    text = _template()
    pattern = "|".join(rf"(?<!\w){re.escape(word)}(?!\w)" for word in words)
    text = re.sub(pattern, lambda found: words[found[0]], text)
    for code in IRANIAN_YEARS:
        gregorian = f"economy: {code}\n    calendar: gregorian"
        text = text.replace(gregorian, gregorian.replace("gregorian", "jalali"))
    if numbers is None:
        return text
    target = numbers[TARGET].value
    text = text.replace("120 million dollars", f"{target:.10g} million dollars", 1)
    return restated(text, numbers, gone)


def _template() -> str:
    return files("simulator.scenario").joinpath("template.yaml").read_text(encoding="utf-8")


@cache
def assumed() -> Mapping[str, float]:
    """The template's single numbers by path."""
    return numbers_of(_template())


def codes_of(pair: tuple[str, str]) -> tuple[str, str]:
    """The codes of two economies.

    Raises:
        ScenarioError: One is none of ISO 3166, or both are the same.

    """
    codes = tuple(economy_code(word) for word in pair)
    problems = [
        Problem(
            "S134",
            f"'{word[:40]}' is not an economy of ISO 3166",
            field="pair",
            suggestion=nearest_economy(word),
        )
        for word, code in zip(pair, codes, strict=True)
        if not code
    ]
    if not problems and codes[0] == codes[1]:
        problems = [Problem("S154", f"two different economies are needed, found {codes[0]} twice")]
    if problems:
        raise ScenarioError(problems)
    return codes[0], codes[1]
