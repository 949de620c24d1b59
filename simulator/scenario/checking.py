"""Checks of a scenario that concern more than one field; pure, by path, without places."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from simulator.calendars import year_bounds
from simulator.errors import Problem
from simulator.scenario.paths import matching, nearest, nearest_path
from simulator.scenario.quantities import Quantity
from simulator.scenario.types import DAYS_PER_YEAR, VARYING, Moment, Scenario, quantities

SUM_TOLERANCE = 1e-9
"""How far from 1 a sum of shares may lie: rounding, not a mistake."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What is refused as too large; an option of the command line raises each limit."""

    input_bytes: int = 2**20
    nodes: int = 50_000
    scalar_characters: int = 10_000
    horizon_years: float = 50
    replications: int = 10_000_000


LIMITS = Limits()


def problems(scenario: Scenario) -> list[Problem]:
    """Everything that contradicts itself in a scenario whose single fields are valid."""
    return [
        *_years(scenario),
        *_economies(scenario),
        *_references(scenario),
        *_sums(scenario),
        *_effects(scenario),
        *_history(scenario),
    ]


def refusals(scenario: Scenario, limits: Limits) -> list[tuple[Problem, str]]:
    """What is above a safety limit, with the option that raises the limit."""
    found = []
    years = scenario.horizon.days / DAYS_PER_YEAR
    # Fifty years with all their leap days are fifty years.
    if years > limits.horizon_years + 0.01:
        message = f"the horizon of {years:.0f} years is longer than {limits.horizon_years:g}"
        found.append((Problem("S182", message, field="horizon"), "--allow-long"))
    if scenario.replications > limits.replications:
        message = f"more than {limits.replications} replications"
        found.append((Problem("S183", message, field="replications"), "--max-replications"))
    return found


def warnings(scenario: Scenario) -> list[Problem]:
    """What is allowed but probably not meant."""
    return [*_partial_years(scenario), *_unused(scenario), *_outside(scenario)]


# --- Economies and references ---


def _economies(scenario: Scenario) -> Iterator[Problem]:
    count = len(scenario.economies)
    if count != 2:
        yield Problem("S154", f"a scenario has two economies, found {count}", field="economies")
    for name in scenario.economies:
        if name not in scenario.exports:
            example = f"{name}: {{last_usd_million: …, goods: …}}"
            message = f"the exports of {name} are missing"
            yield Problem("S105", message, field="exports", example=example)


def _references(scenario: Scenario) -> Iterator[Problem]:
    """Names that stand for something defined elsewhere."""
    for path, name, kind, defined in _references_by_path(scenario):
        if name not in defined:
            yield Problem(
                "S153",
                f"no {kind} is called '{name[:40]}'",
                field=path,
                note=f"defined: {', '.join(defined) or 'none'}"[:200],
                suggestion=nearest(name, defined),
            )


Reference = tuple[str, str, str, Iterable[str]]
"""The path of a reference, the name it gives, the kind of thing, and the names defined."""


def _references_by_path(scenario: Scenario) -> Iterator[Reference]:
    economies, offices = scenario.economies, scenario.statistics
    yield "base.statistics", scenario.base.statistics, "statistics", offices
    for place, name in enumerate(scenario.target.statistics):
        yield f"target.statistics.{place}", name, "statistics", offices
    for name, office in offices.items():
        yield f"statistics.{name}.economy", office.economy, "economy", economies
    for name in scenario.history:
        yield f"history.{name}", name, "statistics", offices
    for name, sanction in scenario.sanctions.items():
        yield f"sanctions.{name}.target", sanction.target, "economy", economies
    for name, agreement in scenario.agreements.items():
        for side in agreement.ratification:
            yield f"agreements.{name}.ratification.{side}", side, "economy", economies
    yield from _references_of_trade(scenario)


def _references_of_trade(scenario: Scenario) -> Iterator[Reference]:
    for economy, exports in scenario.exports.items():
        yield f"exports.{economy}", economy, "economy", scenario.economies
        for name, good in exports.goods.items():
            for corridor in good.corridors:
                path = f"exports.{economy}.goods.{name}.corridors.{corridor}"
                yield path, corridor, "corridor", scenario.corridors
    for name, contract in scenario.contracts.items():
        yield f"contracts.{name}.exporter", contract.exporter, "economy", scenario.exports
        if contract.exporter in scenario.exports:
            goods = scenario.exports[contract.exporter].goods
            yield f"contracts.{name}.good", contract.good, f"good of {contract.exporter}", goods


# --- Shares ---


def _sums(scenario: Scenario) -> Iterator[Problem]:
    channels = {name: channel.share for name, channel in scenario.settlement.channels.items()}
    yield from _sum_of_shares("settlement.channels", channels)
    for economy, exports in scenario.exports.items():
        shares = {name: good.share for name, good in exports.goods.items()}
        if any(share.central for share in shares.values()):
            yield from _sum_of_shares(f"exports.{economy}.goods", shares)
        for name, good in exports.goods.items():
            yield from _sum_of_shares(f"exports.{economy}.goods.{name}.corridors", good.corridors)
    for name, side in scenario.economies.items():
        lanes = side.customs.green_share.central + side.customs.red_share.central
        if lanes > 1 + SUM_TOLERANCE:
            message = (
                f"green_share and red_share must not sum to more than 1, their sum is {lanes:g}"
            )
            yield Problem("S127", message, field=f"economies.{name}.customs")


def _sum_of_shares(path: str, shares: Mapping[str, Quantity]) -> Iterator[Problem]:
    total = sum(share.central for share in shares.values())
    if abs(total - 1) > SUM_TOLERANCE:
        parts = " + ".join(f"{share.central:g}" for share in shares.values())
        message = f"the shares must sum to 1, their sum is {total:.10g}"
        yield Problem(
            "S127", message, field=path, note=f"{parts or 'no shares'} = {total:.10g}"[:200]
        )


# --- Effects ---


def _effects(scenario: Scenario) -> Iterator[Problem]:
    numbers = [path for path, _ in quantities(scenario)]
    for measure, effects in scenario.effects.items():
        for name, effect in effects.items():
            path = f"{measure}.effects.{name}.path"
            targets = matching(effect.path, numbers)
            fixed = [target for target in targets if target.rpartition(".")[2] not in VARYING]
            if not targets:
                yield Problem(
                    "S151",
                    f"no number has the path '{effect.path[:80]}'",
                    field=path,
                    suggestion=nearest_path(effect.path, numbers),
                )
            if fixed:
                message = f"an effect cannot change {fixed[0]}, which is fixed during a run"
                yield Problem("S155", message, field=path)


# --- Times ---


def _years(scenario: Scenario) -> Iterator[Problem]:
    horizon = scenario.horizon
    years = {
        "information_date": scenario.information_date.year,
        "horizon.start": horizon.start.year,
        "horizon.end": horizon.end.year,
        "target.year": scenario.target.year,
        "base.year": scenario.base.year,
    }
    outside = {path: year for path, year in years.items() if not 1900 <= year <= 2500}
    for path, year in outside.items():
        iranian = f"; Iranian {year} begins in {year + 621}" if 1300 <= year <= 1500 else ""
        message = f"expected a Gregorian year such as 2023, found {year}{iranian}"
        yield Problem("S131", message, field=path)
    if outside:
        return
    seen = next((months for _, months in _months_simulated(scenario)), 0)
    if seen == 0:
        message = f"the target year {scenario.target.year} lies outside the horizon"
        yield Problem("S141", message, field="target.year")
    elif scenario.target.year < scenario.base.year:
        message = f"the target year {scenario.target.year} is before the base year"
        yield Problem("S141", message, field="target.year")


def _history(scenario: Scenario) -> Iterator[Problem]:
    known = scenario.information_date.year
    for office, years in scenario.history.items():
        for year in years:
            if int(year) > known:
                message = f"{year} is not known at the information date {scenario.information_date}"
                yield Problem("S142", message, field=f"history.{office}.{year}")
    if scenario.base.year > known:
        message = f"the base year {scenario.base.year} is after the information date"
        yield Problem("S142", message, field="base.year")
    elif scenario.base.year > scenario.horizon.start.year:
        message = f"the base year {scenario.base.year} is after the start of the horizon"
        yield Problem("S141", message, field="base.year")


def _months_simulated(scenario: Scenario) -> Iterator[tuple[str, int]]:
    """How many months of the target year are simulated, by the statistics that judge it."""
    start, end = scenario.horizon.start.toordinal(), scenario.horizon.end.toordinal() + 1
    for name in scenario.target.statistics:
        office = scenario.statistics.get(name)
        calendar = office.calendar if office is not None else "gregorian"
        first, after = (day.toordinal() for day in year_bounds(calendar, scenario.target.year))
        days = max(0, min(end, after) - max(start, first))
        yield name, int(12 * days / (after - first))


def _partial_years(scenario: Scenario) -> Iterator[Problem]:
    for name, months in _months_simulated(scenario):
        if months < 12:
            message = f"only {months} of 12 months of the target year of {name} are simulated"
            yield Problem("S201", message, field="target.year")


def _unused(scenario: Scenario) -> Iterator[Problem]:
    goods = [good for exports in scenario.exports.values() for good in exports.goods.values()]
    used = {corridor for good in goods for corridor in good.corridors}
    for name in scenario.corridors:
        if name not in used:
            yield Problem("S202", f"no good uses the corridor {name}", field=f"corridors.{name}")
    judging = {*scenario.target.statistics, scenario.base.statistics, *scenario.history}
    for name in scenario.statistics:
        if name not in judging:
            message = f"nothing is judged on the statistics {name}"
            yield Problem("S202", message, field=f"statistics.{name}")


def _outside(scenario: Scenario) -> Iterator[Problem]:
    """Measures on days that are never simulated."""
    start, end = scenario.horizon.start, scenario.horizon.end
    for path, moment in _moments(scenario):
        if moment.day is None:
            continue
        if moment.day > end:
            yield Problem("S203", f"{moment.day} is after the horizon ends", field=path)
        elif moment.day < start and path.endswith((".lifted", ".until", ".ended")):
            words = f"{path.rpartition('.')[2]} before the horizon starts: it has no effect here"
            yield Problem("S203", words, field=path)


def _moments(scenario: Scenario) -> Iterator[tuple[str, Moment]]:
    """Every moment of a contract or of a dated measure, with its path."""
    contracts = {f"contracts.{name}": contract for name, contract in scenario.contracts.items()}
    for path, measure in (contracts | scenario.dated).items():
        for name in type(measure).model_fields:
            moment = getattr(measure, name)
            if isinstance(moment, Moment):
                yield f"{path}.{name}", moment
