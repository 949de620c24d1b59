"""Replication: repetitions of a scenario become rows of tables."""

import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from simulator.books import (
    Books,
    IntArray,
    LargestDeals,
    Year,
    delivered_by_exporter,
    largest_deals,
    ledger,
    reported,
    residual,
    years,
)
from simulator.conditions import Worlds
from simulator.engines.choice import REFERENCE, Simulate, engine_of
from simulator.errors import LESS_MEMORY, InvariantError
from simulator.invariants import check
from simulator.ledger import POTENTIAL, REALISED
from simulator.runs import SCHEMAS, Failure, Tables
from simulator.scenario.types import Scenario
from simulator.specification import Specification, specification
from simulator.trajectory import LOST, Trajectories

Column: TypeAlias = pa.Array | npt.NDArray[np.generic]
Columns = dict[str, Column]


@dataclass(frozen=True, slots=True)
class Piece:
    """Some replications as tables, and those of them that failed, which have no rows."""

    tables: Tables
    failures: tuple[Failure, ...] = ()


def replicate(scenario: Scenario, seed: int, replications: range, engine: str = REFERENCE) -> Piece:
    """Some replications of a scenario; each is the same alone or among others.

    Raises:
        InvariantError: A replication broke a law of the books, so that no result can be trusted.

    """
    spec, simulate = specification(scenario), engine_of(engine)
    try:
        return Piece(recorded(spec, *simulate(spec, seed, replications)))
    except InvariantError:
        raise
    except Exception:  # noqa: BLE001 -- one bad replication must not cost the others
        pieces = [_alone(spec, simulate, seed, replication) for replication in replications]
    tables = {
        name: pa.concat_tables([schema.empty_table(), *(piece.tables[name] for piece in pieces)])
        for name, schema in SCHEMAS.items()
    }
    return Piece(tables, tuple(failure for piece in pieces for failure in piece.failures))


def _alone(spec: Specification, simulate: Simulate, seed: int, replication: int) -> Piece:
    """One replication, or the reason why there is none."""
    try:
        return Piece(recorded(spec, *simulate(spec, seed, range(replication, replication + 1))))
    except InvariantError:
        raise
    except Exception as error:  # noqa: BLE001 -- the others go on
        reason = f"{type(error).__name__}: {error}"
        if isinstance(error, MemoryError):
            reason = f"memory ran out: {LESS_MEMORY}"
        failure = Failure(replication, reason, traceback.format_exc())
        empty = {name: schema.empty_table() for name, schema in SCHEMAS.items()}
        return Piece(empty, (failure,))


def recorded(spec: Specification, worlds: Worlds, trajectories: Trajectories) -> Tables:
    """Close the books of some replications, check them and make them rows of tables."""
    closed = [*years(spec, spec.scenario.target.statistics[0])]
    books = ledger(spec, worlds, trajectories, closed)
    residuals = residual(books)
    check(spec, trajectories, {y.year: residuals[:, n] for n, y in enumerate(closed)})
    numbers = np.array(worlds.draws.replications, dtype=np.int32)
    target = [year.year for year in closed].index(spec.scenario.target.year)
    columns = {
        "replications": _replications(spec, trajectories, closed, books, target),
        "years": _years(spec, worlds, trajectories),
        "months": _months(spec, trajectories),
        "ledger": _accounts(spec, closed, books),
    }
    return {
        name: pa.table(
            {"replication": numbers[columns[name].pop("place")], **columns[name]}, schema=schema
        )
        for name, schema in SCHEMAS.items()
    }


def _replications(
    spec: Specification,
    trajectories: Trajectories,
    closed: Sequence[Year],
    books: Books,
    target: int,
) -> Columns:
    """One row a replication: orders, and the target year."""
    deals = largest_deals(spec, trajectories, closed)
    count, every = len(trajectories), trajectories.replication
    names = [deals.name(spec, row, target) for row in range(count)]
    return {
        "place": np.arange(count),
        "orders": trajectories.orders,
        "delivered_orders": np.bincount(every[trajectories.is_delivered], minlength=count),
        "lost_orders": np.bincount(every[trajectories.state == LOST], minlength=count),
        "delivered_cents": books[REALISED][:, target].sum(axis=-1),
        "potential_cents": books[POTENTIAL][:, target].sum(axis=-1),
        "largest_deal_cents": deals.cents[:, target],
        "largest_deal_is_contract": deals.is_contract[:, target],
        "largest_deal": pa.array(names),
    }


def _years(spec: Specification, worlds: Worlds, trajectories: Trajectories) -> Columns:
    """What each office publishes of each year, beside the truth."""
    offices = sorted(spec.scenario.statistics)
    spans = [(office, year) for office in offices for year in years(spec, office)]
    shape = (len(trajectories), len(spans), len(spec.economies))
    cents = np.empty(shape, dtype=np.int64)
    largest = np.empty(shape, dtype=np.int64)
    published = np.empty(shape)
    closed: dict[tuple[Year, ...], tuple[IntArray, IntArray]] = {}
    for office in offices:
        some = tuple(year for name, year in spans if name == office)
        if some not in closed:
            deals = _by_exporter(spec, largest_deals(spec, trajectories, some))
            closed[some] = delivered_by_exporter(spec, trajectories, some), deals
        rows = slice(spans.index((office, some[0])), spans.index((office, some[-1])) + 1)
        cents[:, rows], largest[:, rows] = closed[some]
    for n, (office, year) in enumerate(spans):
        published[:, n] = reported(spec, worlds, office, year.year, cents[:, n])
    place, span, exporter = (axis.ravel() for axis in np.indices(shape))
    return {
        "place": place,
        "statistics": _named([office for office, _ in spans], span),
        "year": np.array([year.year for _, year in spans], dtype=np.int16)[span],
        "exporter": _named(spec.economies, exporter),
        "reported_usd": published.ravel(),
        "delivered_cents": cents.ravel(),
        "largest_deal_cents": largest.ravel(),
        "complete": np.array([year.is_complete for _, year in spans])[span],
    }


def _by_exporter(spec: Specification, deals: LargestDeals) -> IntArray:
    """Cents of the largest deals at their exporter, last axis."""
    exporters = np.arange(len(spec.economies))
    found: IntArray = deals.cents[..., None] * (deals.exporter(spec)[..., None] == exporters)
    return found


def _months(spec: Specification, trajectories: Trajectories) -> Columns:
    """True deliveries of every calendar month; a month cut by a new year is put together again."""
    spans = [Year(0, first, after, is_complete=True) for first, after in spec.periods.months()]
    cents = delivered_by_exporter(spec, trajectories, spans)
    place, span, exporter = (axis.ravel() for axis in np.indices(cents.shape))
    return {
        "place": place,
        "month": _named([spec.periods.date(one.first).isoformat()[:7] for one in spans], span),
        "exporter": _named(spec.economies, exporter),
        "delivered_cents": cents.ravel(),
    }


def _accounts(spec: Specification, closed: Sequence[Year], books: Books) -> Columns:
    """The accounts of each year by flow; what is zero is left out."""
    cents = np.stack(list(books.values()), axis=2)
    found = np.nonzero(cents)
    place, year, account, flow = found
    return {
        "place": place,
        "year": np.array([one.year for one in closed], dtype=np.int16)[year],
        "exporter": _named([one.exporter for one in spec.flows], flow),
        "good": _named([one.good for one in spec.flows], flow),
        "account": _named(list(books), account),
        "cents": cents[found],
    }


def _named(names: Sequence[str], places: IntArray) -> pa.Array:
    """The name at each place."""
    return pa.array(names, pa.string()).take(pa.array(places))
