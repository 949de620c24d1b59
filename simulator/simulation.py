"""Simulation: a scenario, a seed and a number of replications become a run."""

import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial

import numpy as np
import pyarrow as pa

from simulator.books import (
    Books,
    Year,
    delivered_by_exporter,
    largest_deal,
    ledger,
    reported,
    residual,
    years,
)
from simulator.conditions import Conditions, conditions
from simulator.draws import Draws
from simulator.engines.reference import simulate
from simulator.errors import EnvironmentFaultError
from simulator.invariants import check
from simulator.ledger import POTENTIAL, REALISED
from simulator.runs import SCHEMAS, Progress, Run, planned
from simulator.scenario.types import Scenario
from simulator.specification import Specification, specification
from simulator.trajectory import LOST, Trajectory

CHUNK = 20
"""Replications in one piece of work: seconds of work, so that handing it out costs nothing."""

LOST_WORKER = (
    "a worker process ended before its work was done. In a script, call run under"
    ' `if __name__ == "__main__":`; from standard input, use workers=1; if memory ran out, use'
    " fewer workers"
)

Columns = dict[str, list[object]]
Tables = dict[str, Columns]


def run(  # noqa: PLR0913 -- the verb's options, each with a default
    scenario: Scenario,
    *,
    seed: int | None = None,
    replications: int | None = None,
    workers: int = 1,
    chunk: int = CHUNK,
    progress: Progress | None = None,
) -> Run:
    """Simulate a scenario; equal arguments give equal bytes, whatever the workers and chunks.

    Args:
        scenario: what is asked.
        seed: seed of the draws; the scenario's own, if not given.
        replications: how many; the scenario's own, if not given.
        workers: processes to share the work.
        chunk: replications in one piece of work.
        progress: told how many replications are done, out of how many.

    Returns:
        The run with its tables.

    Raises:
        RefusedError: the run is too large.
        EnvironmentFaultError: a worker process was lost.
        InvariantError: a replication broke a law of the books.

    """
    seed, replications = planned(scenario, seed, replications)
    starts = range(0, replications, chunk)
    pieces = [range(start, min(start + chunk, replications)) for start in starts]
    parts: list[dict[str, pa.Table]] = []
    for part in _computed(partial(replicate, scenario, seed), pieces, workers):
        parts.append(part)
        if progress is not None:
            progress(sum(piece["replications"].num_rows for piece in parts), replications)
    tables = {
        name: pa.concat_tables([part[name] for part in parts]).combine_chunks() for name in SCHEMAS
    }
    return Run(scenario, seed, replications, tables)


def replicate(scenario: Scenario, seed: int, replications: range) -> dict[str, pa.Table]:
    """Some replications of a scenario, as tables; the same alone or among others."""
    spec = specification(scenario)
    tables: Tables = {
        name: {column: [] for column in schema.names} for name, schema in SCHEMAS.items()
    }
    for replication in replications:
        draws = Draws(seed, replication)
        world = conditions(spec, draws)
        record(spec, world, simulate(spec, world, draws), replication, tables)
    return {name: pa.table(tables[name], schema=SCHEMAS[name]) for name in SCHEMAS}


def record(
    spec: Specification,
    world: Conditions,
    trajectory: Trajectory,
    replication: int,
    tables: Tables,
) -> None:
    """Close the books of one replication, check them and add its rows to the tables."""
    headline = spec.scenario.target.statistics[0]
    closed = {year: ledger(spec, world, trajectory, year) for year in years(spec, headline)}
    check(spec, trajectory, {year.year: residual(books) for year, books in closed.items()})
    target, books = next(
        (year, books) for year, books in closed.items() if year.year == spec.scenario.target.year
    )
    deal = largest_deal(spec, trajectory, target)
    _add(
        tables["replications"],
        replication=replication,
        orders=len(trajectory.flow),
        delivered_orders=int(trajectory.is_delivered.sum()),
        lost_orders=int((trajectory.state == LOST).sum()),
        delivered_cents=int(books[REALISED].sum()),
        potential_cents=int(books[POTENTIAL].sum()),
        largest_deal_cents=deal.cents,
        largest_deal_is_contract=deal.is_contract,
        largest_deal=deal.name,
    )
    _record_years(spec, world, trajectory, replication, tables["years"])
    _record_months(spec, trajectory, replication, tables["months"])
    for year, books in closed.items():
        _record_ledger(spec, year.year, books, replication, tables["ledger"])


def _record_ledger(
    spec: Specification, year: int, books: Books, replication: int, table: Columns
) -> None:
    """The accounts of one year by flow; what is zero is left out."""
    for account, cents in books.items():
        for flow in np.flatnonzero(cents):
            _add(
                table,
                replication=replication,
                year=year,
                exporter=spec.flows[flow].exporter,
                good=spec.flows[flow].good,
                account=account,
                cents=int(cents[flow]),
            )


def _record_years(
    spec: Specification,
    world: Conditions,
    trajectory: Trajectory,
    replication: int,
    table: Columns,
) -> None:
    """What each office publishes of each year, beside the truth."""
    for office in sorted(spec.scenario.statistics):
        for year in years(spec, office):
            cents = delivered_by_exporter(spec, trajectory, year)
            published = reported(spec, world, office, year.year, cents)
            deal = largest_deal(spec, trajectory, year)
            for place, exporter in enumerate(spec.economies):
                _add(
                    table,
                    replication=replication,
                    statistics=office,
                    year=year.year,
                    exporter=exporter,
                    reported_usd=float(published[place]),
                    delivered_cents=int(cents[place]),
                    largest_deal_cents=deal.cents if deal.exporter == place else 0,
                    complete=year.is_complete,
                )


def _record_months(
    spec: Specification, trajectory: Trajectory, replication: int, table: Columns
) -> None:
    """True deliveries of every calendar month; a month cut by a new year is put together again."""
    edges = spec.periods.edges[spec.periods.warm_up :]
    starts = [day for day in edges[:-1] if day == 0.0 or spec.periods.date(day).day == 1]
    for first, after in zip(starts, [*starts[1:], edges[-1]], strict=True):
        span = Year(0, first, after, is_complete=True)
        cents = delivered_by_exporter(spec, trajectory, span)
        for place, exporter in enumerate(spec.economies):
            _add(
                table,
                replication=replication,
                month=spec.periods.date(first).isoformat()[:7],
                exporter=exporter,
                delivered_cents=int(cents[place]),
            )


def _add(columns: Columns, **row: object) -> None:
    """Append one row."""
    for name, value in row.items():
        columns[name].append(value)


def _computed(
    work: "partial[dict[str, pa.Table]]", pieces: list[range], workers: int
) -> Iterator[dict[str, pa.Table]]:
    """The pieces in their order, computed here or by worker processes."""
    if workers == 1:
        yield from map(work, pieces)
        return
    # A fresh interpreter a worker: nothing of this process leaks into a replication.
    context = multiprocessing.get_context("spawn")
    try:
        with ProcessPoolExecutor(workers, mp_context=context) as pool:
            yield from pool.map(work, pieces)
    except BrokenProcessPool as error:
        raise EnvironmentFaultError(LOST_WORKER) from error
