"""Summaries: a published series, and the same series of every replication, in comparable numbers.

Years after the base are those of the run. Years up to the base are not simulated order by order;
they follow from the same drawn inputs by the same equations, looking back: an unexplained path
that returns, errors of the offices that last, valuation, and all else as it moves in the run.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np

from simulator import runs
from simulator.books import Year, years
from simulator.calendars import year_bounds
from simulator.conditions import measurement_errors
from simulator.draws import Draws
from simulator.equations.measurement import reported_imports_factor
from simulator.evidence.observed import Observed, Row
from simulator.evidence.scores import log_of
from simulator.portable import FloatArray, exp, log
from simulator.runs import Run
from simulator.scenario.types import DAYS_PER_MONTH
from simulator.shocks import shocks
from simulator.specification import Specification, specification

Kind = Literal[
    "turnover", "average", "growth", "mirror", "spread", "mirror spread", "mirror change"
]

LEAST_SPREAD = 1e-3
"""Stands for no spread where a logarithm is taken."""

FASTEST, SLOWEST = 1e-9, 0.9
"""Shares of a departure left after a year within which a path is taken to be at its own law."""

AT_A_TIME = 1000
"""Replications whose paths are held at once."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What one number of a series is: all are logarithms."""

    kind: Kind
    offices: tuple[str, ...]
    years: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Summaries:
    """Numbers of a series as it was published, and as each replication has it."""

    what: tuple[Summary, ...]
    observed: FloatArray
    simulated: FloatArray
    """By replication and summary."""


@dataclass(frozen=True, slots=True)
class _Logs:
    """Logarithms of turnover: numbers, or arrays over replications.

    The base year stands in both: ``earlier`` is free of what the base states, ``later`` is not.
    """

    earlier: Mapping[Row, FloatArray]
    later: Mapping[Row, FloatArray]
    average: FloatArray
    """Of the last three years on the statistics of the base."""


def summaries(run: Run, series: Observed) -> Summaries:
    """Every number that a series has, of what was published and of each replication."""
    spec = specification(run.scenario)
    found = measured(spec, series.turnover)
    simulated = dict(_summarised(_simulated(spec, run, series.turnover), spec, series.turnover))
    columns = [simulated[what] for what in found]
    return Summaries(
        tuple(found),
        np.array(list(found.values())),
        np.stack(columns, axis=-1) if columns else np.empty((run.replications, 0)),
    )


def measured(spec: Specification, rows: Mapping[Row, float]) -> dict[Summary, float]:
    """Every number of a series as it was published."""
    base = spec.scenario.base
    told = {row: log_of(amount) for row, amount in rows.items()}
    amounts = [rows.get((base.statistics, base.year - n), np.nan) for n in range(3)]
    published = _Logs(told, told, log_of(np.mean(amounts)))
    return {what: float(value) for what, value in _summarised(published, spec, rows)}


def _summarised(
    logs: _Logs, spec: Specification, rows: Mapping[Row, float]
) -> Iterator[tuple[Summary, FloatArray]]:
    """The same numbers of whatever series; which ones there are follows from its rows."""
    base, home = spec.scenario.base.year, spec.scenario.base.statistics
    by_office: dict[str, list[int]] = defaultdict(list)
    for office, year in rows:
        by_office[office].append(year)
        if year >= base:
            yield Summary("turnover", (office,), (year,)), logs.later[office, year]
    if all((home, base - n) in rows for n in range(3)):
        yield Summary("average", (home,), (base - 2, base)), logs.average
    for office, known in by_office.items():
        changes = []
        for one, other in pairwise(known):
            if one < base < other:
                continue  # no path leads across the base
            side = logs.earlier if other <= base else logs.later
            changes.append(side[office, other] - side[office, one])
            yield Summary("growth", (office,), (one, other)), changes[-1]
        if len(changes) > 1:
            yield Summary("spread", (office,), (known[0], known[-1])), _spread(changes)
    for office in by_office:
        if office != home:
            yield from _mirrored(logs, (office, home), base, rows)


def _mirrored(
    logs: _Logs, offices: tuple[str, str], base: int, rows: Mapping[Row, float]
) -> Iterator[tuple[Summary, FloatArray]]:
    """One office beside the other, in the years that both have."""
    other, home = offices
    both = [year for name, year in rows if name == other and (home, year) in rows]
    ratios = []
    for year in both:
        side = logs.earlier if year < base else logs.later
        ratios.append(side[other, year] - side[home, year])
        yield Summary("mirror", offices, (year,)), ratios[-1]
    if len(ratios) > 1:
        span = both[0], both[-1]
        yield Summary("mirror spread", offices, span), _spread(ratios)
        changes = [after - before for before, after in pairwise(ratios)]
        yield Summary("mirror change", offices, span), _spread(changes)


def _spread(values: list[FloatArray]) -> FloatArray:
    """Log of the root mean square."""
    squares = np.mean(np.square(values), axis=0)
    return np.asarray(np.log(np.maximum(np.sqrt(squares), LEAST_SPREAD)))


# --- What a replication would have had published ---


def _simulated(spec: Specification, run: Run, rows: Mapping[Row, float]) -> _Logs:
    base = spec.scenario.base
    earlier: dict[Row, list[FloatArray]] = defaultdict(list)
    later: dict[Row, list[FloatArray]] = defaultdict(list)
    average: list[FloatArray] = []
    looks_back = any(year < base.year for _, year in rows)
    elsewhere = _elsewhere(spec, run) if looks_back else np.zeros((1, len(spec.economies)))
    for draws in _batches(run):
        numbers = spec.inputs.drawn(draws)
        errors = measurement_errors(spec, numbers, draws)
        stated = numbers[..., spec.places("export.last_usd_million")]
        average.append(log_of(numbers[..., spec.places("export.average_usd_million")].sum(axis=-1)))
        for office in {name for name, _ in rows}:
            # The base states what its own office has published: the true flow has less error.
            valued = _valuation(spec, numbers, office) / _valuation(spec, numbers, base.statistics)
            off = errors[office][base.year] - errors[base.statistics][base.year]
            later[office, base.year].append(log_of((stated * valued * exp(off)).sum(axis=-1)))
        if looks_back:
            for row, logs in _looking_back(spec, numbers, draws, rows, elsewhere).items():
                earlier[row].append(logs)
    known = {row: np.concatenate(logs) for row, logs in later.items()}
    for office, year in rows:
        if year > base.year:
            known[office, year] = log_of(runs.turnover(run, office, year))
    return _Logs(
        {row: np.concatenate(logs) for row, logs in earlier.items()},
        known,
        np.concatenate(average),
    )


def _batches(run: Run) -> Iterator[Draws]:
    """The draws of all replications, some at a time."""
    for first in range(0, run.replications, AT_A_TIME):
        yield Draws(run.seed, range(first, min(first + AT_A_TIME, run.replications)))


def _looking_back(
    spec: Specification,
    numbers: FloatArray,
    draws: Draws,
    rows: Mapping[Row, float],
    elsewhere: FloatArray,
) -> dict[Row, FloatArray]:
    """Log turnover of the rows up to the base.

    Only ratios of these years mean something: the level is that of the average before the base.
    """
    base = spec.scenario.base
    first = min(year for _, year in rows)
    count = base.year - first + 1
    home = _valuation(spec, numbers, base.statistics)
    level = log_of(numbers[..., spec.places("export.average_usd_million")] / home)
    path = _unexplained(spec, numbers, draws, 12 * count + 12)
    other = np.cumsum(_others(spec, draws, count, elsewhere), axis=-2)
    found = {}
    for office in {name for name, _ in rows}:
        calendar = spec.scenario.statistics[office].calendar
        begins = year_bounds(calendar, base.year)[0] - year_bounds("gregorian", base.year)[0]
        month = round(begins.days / DAYS_PER_MONTH)
        errors = _errors_before(spec, numbers, draws, office, count)
        for name, year in rows:
            if name == office and year <= base.year:
                start = 12 * (year - first) + month
                moved = log(exp(path[:, start : start + 12]).mean(axis=1))
                true = level + moved + other[:, year - first] + errors[:, base.year - year]
                valued = exp(true) * _valuation(spec, numbers, office)
                found[name, year] = log_of(valued.sum(axis=-1))
    return found


def _unexplained(spec: Specification, numbers: FloatArray, draws: Draws, months: int) -> FloatArray:
    """The path that nothing explains, by month and exporter, under its own stationary law.

    The same law as after the base (``shocks``): what is left of a departure after a year is the
    base's persistence. A stationary path looks alike in both directions of time.
    """
    volatility = numbers[..., spec.places("export.affinity_volatility")]
    lasting = numbers[..., spec.place("base.persistence_share"), None]
    loading = numbers[..., spec.place("geopolitics.affinity_loading"), None, None]
    kept = np.clip(lasting, FASTEST, 1.0) ** (1.0 / 12.0)
    settled = np.sqrt(1.0 - np.clip(lasting, FASTEST, SLOWEST) ** (1.0 / 6.0))
    common = draws.normal("earlier geopolitics", months)[..., None]
    own = np.stack(
        [draws.normal(f"earlier affinity {name}", months) for name in spec.economies], axis=-1
    )
    mixed = loading * common + np.sqrt(1.0 - loading * loading) * own
    path = np.empty_like(mixed)
    monthly = volatility / np.sqrt(12.0)
    state = monthly / settled * mixed[:, 0]
    path[:, 0] = state
    for month in range(1, months):
        state = kept * state + monthly * mixed[:, month]
        path[:, month] = state
    return path


def _errors_before(
    spec: Specification, numbers: FloatArray, draws: Draws, office: str, count: int
) -> FloatArray:
    """Log errors by years before the base and exporter, from that of the base year itself on.

    The autoregression of the errors (``conditions``) is stationary, so it runs back as it runs on.
    """
    sd = numbers[..., spec.place(f"statistics.{office}.log_error_sd"), None]
    kept = numbers[..., spec.place(f"statistics.{office}.persistence_share"), None]
    now = [draws.normal(f"error {office} {name}", 1) for name in spec.economies]
    before = [draws.normal(f"earlier error {office} {name}", count) for name in spec.economies]
    state, fresh = np.stack(now, axis=-1)[:, 0], np.stack(before, axis=-1)
    states = [state]
    for year in range(1, count):
        state = kept * state + np.sqrt(1.0 - kept * kept) * fresh[:, year]
        states.append(state)
    return sd[:, None] * np.stack(states, axis=1)


def _others(spec: Specification, draws: Draws, count: int, elsewhere: FloatArray) -> FloatArray:
    """Yearly log changes by all that is not the unexplained path, as they came in the run."""
    last = len(elsewhere) - 1
    drawn = [draws.uniform(f"earlier other {n}", entities=count)[..., 0] for n in spec.economies]
    places = (np.stack(drawn, axis=-1) * len(elsewhere)).astype(np.int64)
    found: FloatArray = np.take_along_axis(elsewhere, np.minimum(places, last).reshape(-1, 2), 0)
    return found.reshape(places.shape)


def _elsewhere(spec: Specification, run: Run) -> FloatArray:
    """By exporter, yearly log changes of true flows in the run less those of the unexplained path.

    Orders, contracts, prices, output, exchange rates and sanctions have moved them, each change
    less the middle of its year. Changes of all replications and years stand below each other.
    """
    office = spec.scenario.base.statistics
    whole = [year for year in years(spec, office) if year.is_complete]
    if len(whole) < 2:
        return np.zeros((1, len(spec.economies)))
    affinity = np.concatenate([_affinity_of(spec, draws, whole) for draws in _batches(run)])
    true = np.stack([_delivered(spec, run, office, year) for year in whole], axis=1) - affinity
    changes = np.diff(true, axis=1)
    changes -= np.median(changes, axis=0)
    found: FloatArray = changes.reshape(-1, len(spec.economies))
    return found


def _affinity_of(spec: Specification, draws: Draws, whole: list[Year]) -> FloatArray:
    """Log of the mean of the unexplained path in each year, by replication, year and exporter."""
    path = exp(shocks(spec, spec.inputs.drawn(draws), draws).affinity)
    edges = np.array(spec.periods.edges)
    lengths = np.diff(edges)
    found = []
    for year in whole:
        inside = (edges[:-1] >= year.first) & (edges[1:] <= year.after)
        found.append(
            log((path[:, inside] * lengths[inside, None]).sum(axis=1) / lengths[inside].sum())
        )
    return np.stack(found, axis=1)


def _delivered(spec: Specification, run: Run, office: str, year: Year) -> FloatArray:
    """Log of true deliveries in a year by replication and exporter."""
    flows = runs.flows(run, office, year.year, "delivered_cents")
    cents = np.stack([flows[name] for name in spec.economies], axis=-1)
    return log_of(cents / runs.CENTS_PER_MILLION)


def _valuation(spec: Specification, numbers: FloatArray, office: str) -> FloatArray:
    """What an office records of a true flow, by replication and exporter, before error."""
    imports = reported_imports_factor(
        numbers[..., spec.place("base.cif_factor"), None],
        numbers[..., spec.place(f"statistics.{office}.leak_share"), None],
    )
    is_own = np.array(spec.economies) == spec.scenario.statistics[office].economy
    found: FloatArray = np.where(is_own, 1.0, imports)
    return found
