"""The answer of a run: every number that is printed, as one frozen value."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator import runs
from simulator.calendars import year_bounds, year_label
from simulator.estimates import Mean, Proportion, Quantile, mean, proportion, quantile
from simulator.evidence.outside import Outside, outside
from simulator.ledger import ACCOUNTS, LOSSES, POTENTIAL, REALISED
from simulator.runs import Floats, Integers, Run
from simulator.scenario import describing
from simulator.scenario.types import Scenario, quantities

Flags = NDArray[np.bool_]

MOST_FAILED_SHARE = 0.01
"""Share of failed replications above which no chance is told: they may be the worst ones."""


@dataclass(frozen=True, slots=True)
class Spread:
    """How a yearly value, in million dollars, differs between runs."""

    p05: Quantile
    p25: Quantile
    p50: Quantile
    p75: Quantile
    p95: Quantile
    mean: Mean
    is_constant: bool


@dataclass(frozen=True, slots=True)
class Direction:
    """The flow out of one economy into the other, as an office publishes it."""

    exporter: str
    importer: str
    spread: Spread


@dataclass(frozen=True, slots=True)
class Reached:
    """How often the target is first met in one year."""

    year: int
    chance: Proportion


@dataclass(frozen=True, slots=True)
class Office:
    """The target year as one statistics office records it; no numbers when it is cut off."""

    key: str
    title: str
    economy: str
    first: date
    last: date
    period: str
    months_simulated: int
    chance: Proportion | None
    turnover: Spread | None
    directions: tuple[Direction, ...]
    reached: tuple[Reached, ...]
    never: Proportion | None


@dataclass(frozen=True, slots=True)
class Account:
    """What one account of the ledger takes: its share of potential, over all runs."""

    key: str
    words: str
    share: float


@dataclass(frozen=True, slots=True)
class LargestDeal:
    """The largest deal of the target year: how much hangs on it."""

    share: Quantile
    contract: Proportion
    decisive: Proportion | None
    """Runs that meet the target with it and miss it without."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """Where the numbers of the scenario come from."""

    total: int
    levers: int
    sourced: int
    assumed: int


@dataclass(frozen=True, slots=True)
class Lever:
    """A number that is ours to choose, and what it is in the scenario."""

    path: str
    value: float


@dataclass(frozen=True, slots=True)
class Answer:
    """Will the announced target be reached, how sure, and what binds."""

    run: str
    scenario: str
    question: str
    economies: tuple[str, ...]
    target_usd_million: float
    base_usd_million: float
    """Turnover of the base year, as the base statistics published it."""
    base_year: int
    base_statistics: str
    year: int
    model_version: str
    seed: int
    replications: int
    """Those that the numbers speak of."""
    asked: int
    """Those that there were to be."""
    failed: int
    """Those that were tried and came to nothing."""
    offices: tuple[Office, ...]
    has_trade: bool
    potential_usd_million: float
    realised_usd_million: float
    accounts: tuple[Account, ...]
    largest_deal: LargestDeal | None
    outside: Outside | None
    """How often pairs of comparable size achieved as much; None where there are none."""
    inputs: Inputs
    suppositions: tuple[describing.Difference, ...]
    levers: tuple[Lever, ...]
    not_covered: tuple[str, ...]
    warnings: tuple[str, ...]


@runs.remembered
def answer(run: Run) -> Answer:
    """Everything a run says about its question."""
    scenario = run.scenario
    books = runs.accounts(run)
    offices = tuple(_office(run, key) for key in runs.offices(run))
    return Answer(
        run=run.id,
        scenario=scenario.name,
        question=scenario.question,
        economies=_economies(run),
        target_usd_million=scenario.target.turnover_usd_million.central,
        base_usd_million=sum(e.last_usd_million.central for e in scenario.exports.values()),
        base_year=scenario.base.year,
        base_statistics=scenario.statistics[scenario.base.statistics].title,
        year=scenario.target.year,
        model_version=runs.MODEL_VERSION,
        seed=run.seed,
        replications=run.replications,
        asked=run.replications if run.asked is None else run.asked,
        failed=len(run.failures),
        offices=offices,
        has_trade=bool(books[REALISED].any()),
        potential_usd_million=_million(books[POTENTIAL]),
        realised_usd_million=_million(books[REALISED]),
        accounts=_accounts(books),
        largest_deal=_largest_deal(run),
        outside=outside(scenario),
        inputs=inputs_of(scenario),
        suppositions=tuple(describing.differences(scenario)),
        levers=tuple(_levers(scenario)),
        not_covered=scenario.not_covered,
        warnings=tuple(_warnings(run, offices)),
    )


def as_json(answer: Answer) -> dict[str, Any]:
    """The answer as plain data under a versioned schema; what is withheld is null."""
    status = "complete" if answer.replications == answer.asked else "partial"
    return {"schema": "sim.run/1", "status": status, **_plain(asdict(answer))}


def spread(values: Floats) -> Spread:
    """The quantiles and the average of a value over the runs."""
    p05, p25, p50, p75, p95 = (quantile(values, level) for level in (0.05, 0.25, 0.5, 0.75, 0.95))
    return Spread(p05, p25, p50, p75, p95, mean(values), bool(np.ptp(values) == 0))


def met(run: Run, office: str, year: int) -> Flags:
    """Whether each run meets the target on the statistics of an office in a year."""
    goal: float = run.scenario.target.turnover_usd_million.central
    return runs.turnover(run, office, year) >= goal


def is_trusted(run: Run) -> bool:
    """Whether so few replications failed that a chance may be told of the others."""
    failed = len(run.failures)
    return failed <= MOST_FAILED_SHARE * (run.replications + failed)


def headline_chance(run: Run) -> Proportion | None:
    """How often the target is met on its first statistics; None where its year is cut off."""
    office, year = runs.headline(run), run.scenario.target.year
    if year not in runs.complete_years(run, office):
        return None
    return chance_of(met(run, office, year))


def chance_of(flags: Flags) -> Proportion:
    """How often something is true over the runs."""
    return proportion(int(np.count_nonzero(flags)), flags.size)


def _office(run: Run, key: str) -> Office:
    scenario = run.scenario
    statistics, year = scenario.statistics[key], scenario.target.year
    first, after = year_bounds(statistics.calendar, year)
    years = runs.complete_years(run, key)
    whole = year in years and is_trusted(run)
    reached = tuple(_reached(run, key, years)) if is_trusted(run) else ()
    return Office(
        key=key,
        title=statistics.title,
        economy=scenario.economies[statistics.economy].name,
        first=first,
        last=after - timedelta(days=1),
        period=_period(statistics.calendar, year),
        months_simulated=_months_simulated(scenario, first, after),
        chance=chance_of(met(run, key, year)) if whole else None,
        turnover=spread(runs.turnover(run, key, year)) if whole else None,
        directions=tuple(_directions(run, key)) if whole else (),
        reached=reached,
        never=_never(reached),
    )


def _economies(run: Run) -> tuple[str, str]:
    """The partner first, then the economy whose statistics are the headline."""
    scenario = run.scenario
    judge = scenario.statistics[runs.headline(run)].economy
    return scenario.economies[scenario.partner(judge)].name, scenario.economies[judge].name


def _period(calendar: str, year: int) -> str:
    """Days of a year with its name in its own calendar."""
    if calendar != "gregorian":
        return year_label(calendar, year)
    first, after = year_bounds(calendar, year)
    return f"{first} to {after - timedelta(days=1)}, calendar year {year_label(calendar, year)}"


def _months_simulated(scenario: Scenario, first: date, after: date) -> int:
    """Whole twelfths of a year that lie inside the horizon."""
    end = min(after, scenario.horizon.end + timedelta(days=1))
    days = max((end - max(first, scenario.horizon.start)).days, 0)
    return 12 * days // (after - first).days


def _directions(run: Run, key: str) -> Iterator[Direction]:
    scenario = run.scenario
    flows = runs.flows(run, key, scenario.target.year, "reported_usd")
    for exporter, values in flows.items():
        importer = scenario.partner(exporter)
        names = scenario.economies[exporter].name, scenario.economies[importer].name
        yield Direction(*names, spread(values / 1e6))


def _reached(run: Run, key: str, years: tuple[int, ...]) -> Iterator[Reached]:
    """Runs that meet the target in a year for the first time."""
    before = np.zeros(run.replications, dtype=bool)
    for year in years:
        now = met(run, key, year)
        yield Reached(year, chance_of(now & ~before))
        before |= now


def _never(reached: tuple[Reached, ...]) -> Proportion | None:
    if not reached:
        return None
    of = reached[0].chance.of
    return proportion(of - sum(year.chance.hits for year in reached), of)


def _accounts(books: dict[str, Integers]) -> tuple[Account, ...]:
    """Every loss as its share of all potential, so that the shares add up exactly."""
    potential = int(books[POTENTIAL].sum())
    if potential == 0:
        return ()
    shares = {key: int(books[key].sum()) / potential for key in LOSSES}
    return tuple(Account(key, ACCOUNTS[key], share) for key, share in shares.items())


def _largest_deal(run: Run) -> LargestDeal | None:
    """None when no run delivers anything."""
    table = run.tables["replications"]
    delivered, deal = (
        table[column].to_numpy() for column in ("delivered_cents", "largest_deal_cents")
    )
    trades = delivered > 0
    if not trades.any():
        return None
    contract = table["largest_deal_is_contract"].to_numpy(zero_copy_only=False)
    return LargestDeal(
        quantile(deal[trades] / delivered[trades], 0.5), chance_of(contract), _decisive(run)
    )


def _decisive(run: Run) -> Proportion | None:
    """How often the headline verdict turns when the largest deal is taken out."""
    office, year = runs.headline(run), run.scenario.target.year
    if year not in runs.complete_years(run, office):
        return None
    reported, true, deal = (
        runs.flows(run, office, year, column)
        for column in ("reported_usd", "delivered_cents", "largest_deal_cents")
    )
    # The office would have recorded the rest with the same error.
    without = sum(
        reported[e] * (1 - deal[e] / np.where(true[e] > 0, true[e], 1.0)) for e in reported
    )
    goal = run.scenario.target.turnover_usd_million.central
    return chance_of(met(run, office, year) & (without / 1e6 < goal))


def inputs_of(scenario: Scenario) -> Inputs:
    """How many numbers of a scenario are sourced, assumed, and ours to choose."""
    numbers = [number for _, number in quantities(scenario)]
    assumed = sum(number.is_assumed for number in numbers)
    levers = sum(number.kind == "lever" for number in numbers)
    return Inputs(len(numbers), levers, len(numbers) - assumed, assumed)


def _levers(scenario: Scenario) -> Iterator[Lever]:
    for path, number in quantities(scenario):
        if number.kind == "lever":
            yield Lever(path, number.central)


def _warnings(run: Run, offices: tuple[Office, ...]) -> Iterator[str]:
    failed = len(run.failures)
    if failed:
        yield (
            f"{failed} failed replication{'s are' if failed > 1 else ' is'} not in the numbers, "
            "which may be too optimistic"
        )
    if not is_trusted(run):
        yield "More than 1 in 100 replications failed, so that no chance is told"
        return
    yield from (_cut_off(office) for office in offices if office.chance is None)


def _cut_off(office: Office) -> str:
    return (
        f"{office.title}: only {office.months_simulated} of 12 months of the target year "
        f"({office.period}) are simulated, so there is no annual number"
    )


def _million(cents: Integers) -> float:
    return float(np.mean(cents)) / runs.CENTS_PER_MILLION


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value
