"""Observed: a published series that a scenario can be fitted to, checked row by row."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from simulator.books import years
from simulator.calendars import year_bounds, year_label
from simulator.errors import Problem, ScenarioError
from simulator.scenario.checking import LIMITS
from simulator.scenario.files import Asked, text_of
from simulator.scenario.paths import nearest
from simulator.scenario.series import series
from simulator.scenario.trees import Source, Tree
from simulator.scenario.types import Scenario
from simulator.specification import specification

Row = tuple[str, int]
"""A statistics office and a year."""

LONGEST = 100
"""Years before the base that are looked back on."""


@dataclass(frozen=True, slots=True)
class Observed:
    """Turnover that was published, in million dollars by office and year, in the order of years."""

    origin: str
    """The name of the file."""
    turnover: dict[Row, float]


def observed(scenario: Scenario, file: str | Path) -> Observed:
    """The series in a file, with every row one that the scenario can speak of.

    Raises:
        ScenarioError: The file is not there or of another form; or a row is of an office that the
            scenario does not have, of a year that was not over on the information date or is not
            simulated as a whole, or states no trade.

    """
    lines = text_of(Asked(str(file)), LIMITS).splitlines()
    tree, problems = series(Source(str(file), tuple(lines)))
    found = sorted(
        (int(year), office, amount)
        for office, by_year in tree.plain.items()
        for year, amount in by_year.items()
    )
    problems += [
        problem
        for year, office, amount in found
        for problem in _faults(scenario, tree, (office, year), amount)
    ]
    if not (found or problems):
        problems = [Problem("S173", "the series has no rows", str(file))]
    if problems:
        raise ScenarioError(sorted(problems, key=lambda problem: problem.line or 0))
    return Observed(Path(file).name, {(office, year): amount for year, office, amount in found})


def _faults(scenario: Scenario, tree: Tree, row: Row, amount: float) -> Iterator[Problem]:
    """What is wrong with a row for this scenario, at its line."""
    office, year = row
    place = (office, f"{year}")
    known = scenario.statistics
    if office not in known:
        message = f"the scenario has no statistics office '{office[:40]}'"
        note, meant = f"it has {', '.join(known)}", nearest(office, known)
        yield tree.problem(place, "S153", message, note=note, suggestion=meant)
        return
    calendar, base = known[office].calendar, scenario.base.year
    day = scenario.information_date
    whole = [y.year for y in years(specification(scenario), office) if y.is_complete]
    if year_bounds(calendar, year)[1] > day:
        message = f"{office} {year} was not over on the information date {day}"
        note = f"the year is {year_label(calendar, year)}; leave the row out, or move the date"
        yield tree.problem(place, "S142", message, note=note)
    elif year > base and year not in whole:
        message = f"{office} {year} is not simulated as a whole"
        note = f"the horizon holds {min(whole)} to {max(whole)} of it" if whole else "no year is"
        yield tree.problem(place, "S173", message, note=note)
    elif year < base - LONGEST:
        message = f"{office} {year} lies more than {LONGEST} years before the base year {base}"
        yield tree.problem(place, "S173", message, note="leave the row out")
    if amount == 0.0:
        message = f"{office} {year} states no trade, and growth from nothing has no size"
        yield tree.problem(place, "S173", message, note="leave the row out")
