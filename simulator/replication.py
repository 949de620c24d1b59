"""Replication: one repetition of a scenario after the other becomes rows of tables."""

import traceback
from dataclasses import dataclass

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
from simulator.errors import LESS_MEMORY, InvariantError
from simulator.invariants import check
from simulator.ledger import POTENTIAL, REALISED
from simulator.runs import SCHEMAS, Failure
from simulator.scenario.types import Scenario
from simulator.specification import Specification, specification
from simulator.trajectory import LOST, Trajectory

Columns = dict[str, list[object]]
Rows = dict[str, Columns]


@dataclass(frozen=True, slots=True)
class Piece:
    """Some replications as tables, and those of them that failed, which have no rows."""

    tables: dict[str, pa.Table]
    failures: tuple[Failure, ...] = ()


def replicate(scenario: Scenario, seed: int, replications: range) -> Piece:
    """Some replications of a scenario; each is the same alone or among others.

    Raises:
        InvariantError: A replication broke a law of the books, so that no result can be trusted.

    """
    spec = specification(scenario)
    tables = _empty()
    failures: list[Failure] = []
    for replication in replications:
        rows = _empty()
        try:
            _replicate(spec, Draws(seed, replication), rows)
        except InvariantError:
            raise
        except Exception as error:  # noqa: BLE001 -- one bad replication must not cost the others
            reason = f"{type(error).__name__}: {error}"
            if isinstance(error, MemoryError):
                reason = f"memory ran out: {LESS_MEMORY}"
            failures.append(Failure(replication, reason, traceback.format_exc()))
            continue
        for name, columns in rows.items():
            for column, values in columns.items():
                tables[name][column] += values
    found = {name: pa.table(tables[name], schema=SCHEMAS[name]) for name in SCHEMAS}
    return Piece(found, tuple(failures))


def _empty() -> Rows:
    return {name: {column: [] for column in schema.names} for name, schema in SCHEMAS.items()}


def _replicate(spec: Specification, draws: Draws, tables: Rows) -> None:
    world = conditions(spec, draws)
    record(spec, world, simulate(spec, world, draws), draws.replication, tables)


def record(
    spec: Specification,
    world: Conditions,
    trajectory: Trajectory,
    replication: int,
    tables: Rows,
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
    for first, after in spec.periods.months():
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
