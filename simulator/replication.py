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
    Year,
    delivered_by_exporter,
    edges_of,
    ledger,
    reported,
    residual,
    years,
)
from simulator.conditions import Worlds
from simulator.deals import LargestDeals, deals_of, largest_deals
from simulator.engines.choice import REFERENCE, Simulate, engine_of
from simulator.errors import LESS_MEMORY, InvariantError
from simulator.invariants import check
from simulator.journal import IntArray, Journal
from simulator.ledger import POTENTIAL, REALISED
from simulator.runs import SCHEMAS, Failure, Tables
from simulator.scenario.types import Scenario
from simulator.specification import Specification, specification
from simulator.trajectory import DELIVERED, LOST, STATES, Trajectories

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
    calendars = {office: tuple(years(spec, office)) for office in sorted(spec.scenario.statistics)}
    closed = calendars[spec.scenario.target.statistics[0]]
    journal = Journal(spec, trajectories)
    books = ledger(worlds, journal, edges_of(closed))
    residuals = residual(books)
    check(spec, trajectories, {y.year: residuals[:, n] for n, y in enumerate(closed)})
    numbers = np.array(worlds.draws.replications, dtype=np.int32)
    target = [year.year for year in closed].index(spec.scenario.target.year)
    deals = deals_of(journal)
    largest = {
        spans: largest_deals(journal, deals, edges_of(spans)) for spans in {*calendars.values()}
    }
    columns = {
        "replications": _replications(spec, trajectories, books, largest[closed], target),
        "years": _years(worlds, journal, calendars, largest),
        "months": _months(journal),
        "ledger": _accounts(spec, closed, books),
    }
    return {
        name: pa.table(
            {"replication": numbers[columns[name].pop("place")], **columns[name]}, schema=schema
        )
        for name, schema in SCHEMAS.items()
    }


def _replications(
    spec: Specification, trajectories: Trajectories, books: Books, deals: LargestDeals, target: int
) -> Columns:
    """One row a replication: orders, and the target year."""
    count = len(trajectories)
    key = trajectories.replication * STATES + trajectories.state
    states = np.bincount(key, minlength=count * STATES).reshape(count, STATES)
    names = [deals.name(spec, row, target) for row in range(count)]
    return {
        "place": np.arange(count),
        "orders": trajectories.orders,
        "delivered_orders": states[:, DELIVERED:].sum(axis=1),
        "lost_orders": states[:, LOST],
        "delivered_cents": books[REALISED][:, target].sum(axis=-1),
        "potential_cents": books[POTENTIAL][:, target].sum(axis=-1),
        "largest_deal_cents": deals.cents[:, target],
        "largest_deal_is_contract": deals.is_contract[:, target],
        "largest_deal": pa.array(names),
    }


def _years(
    worlds: Worlds,
    journal: Journal,
    calendars: dict[str, tuple[Year, ...]],
    largest: dict[tuple[Year, ...], LargestDeals],
) -> Columns:
    """What each office publishes of each year, beside the truth."""
    spec = journal.spec
    spans = [(office, year) for office, calendar in calendars.items() for year in calendar]
    found = calendars.values()
    each = [delivered_by_exporter(journal, edges_of(some)) for some in found]
    cents = np.concatenate(each, axis=1)
    deals = np.concatenate([largest[some].by_exporter(spec) for some in found], axis=1)
    published = np.empty(cents.shape)
    for n, (office, year) in enumerate(spans):
        published[:, n] = reported(spec, worlds, office, year.year, cents[:, n])
    place, span, exporter = (axis.ravel() for axis in np.indices(cents.shape))
    return {
        "place": place,
        "statistics": _named([office for office, _ in spans], span),
        "year": np.array([year.year for _, year in spans], dtype=np.int16)[span],
        "exporter": _named(spec.economies, exporter),
        "reported_usd": published.ravel(),
        "delivered_cents": cents.ravel(),
        "largest_deal_cents": deals.ravel(),
        "complete": np.array([year.is_complete for _, year in spans])[span],
    }


def _months(journal: Journal) -> Columns:
    """True deliveries of every calendar month; a month cut by a new year is put together again."""
    spec = journal.spec
    first, after = zip(*spec.periods.months(), strict=True)
    cents = delivered_by_exporter(journal, np.array([*first, after[-1]]))
    place, span, exporter = (axis.ravel() for axis in np.indices(cents.shape))
    return {
        "place": place,
        "month": _named([spec.periods.date(day).isoformat()[:7] for day in first], span),
        "exporter": _named(spec.economies, exporter),
        "delivered_cents": cents.ravel(),
    }


def _accounts(spec: Specification, closed: Sequence[Year], books: Books) -> Columns:
    """The accounts of each year by flow; what is zero is left out."""
    cents = np.stack(list(books.values()), axis=2)
    found = np.flatnonzero(cents)
    place, year, account, flow = np.unravel_index(found, cents.shape)
    return {
        "place": place,
        "year": np.array([one.year for one in closed], dtype=np.int16)[year],
        "exporter": _named([one.exporter for one in spec.flows], flow),
        "good": _named([one.good for one in spec.flows], flow),
        "account": _named(list(books), account),
        "cents": cents.ravel()[found],
    }


def _named(names: Sequence[str], places: IntArray) -> pa.DictionaryArray:
    """The name at each place."""
    known = sorted(set(names))
    numbers = np.array([known.index(name) for name in names], dtype=np.int16)
    return pa.DictionaryArray.from_arrays(numbers[places], pa.array(known, pa.string()))
