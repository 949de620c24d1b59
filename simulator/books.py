"""Books: trajectories as ledger, years and months, each dollar in one account.

Of several replications an axis over these comes first in every array.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from simulator.calendars import year_bounds
from simulator.conditions import Conditions, Worlds
from simulator.equations.measurement import reported_imports_factor
from simulator.journal import IntArray, Journal, summed, sums
from simulator.ledger import ACCOUNTS, CAUSES, LOSSES, ON_THE_WAY, POTENTIAL, REALISED
from simulator.portable import FloatArray, accelerable, exp
from simulator.scenario.types import DAYS_PER_YEAR
from simulator.specification import Specification
from simulator.trajectory import LOST

Books = dict[str, IntArray]
"""Cents by account; last axes over spans of days and flows."""


class Bookings(NamedTuple):
    """Cents of orders; the last axis is over flows."""

    placed: IntArray
    """What relationships ordered in each span."""
    lost: IntArray
    """What was lost in each span, by what it was lost to."""
    pending: IntArray
    """What is under way at each edge, by its first obstacle until then."""


@dataclass(frozen=True, slots=True)
class Year:
    """One year of a statistics office, cut to the horizon; days from its start."""

    year: int
    first: float
    after: float
    is_complete: bool


def years(spec: Specification, office: str) -> Iterator[Year]:
    """The years of an office that the horizon touches, none before the base year."""
    calendar = spec.scenario.statistics[office].calendar
    horizon = spec.scenario.horizon
    end = spec.periods.edges[-1]
    for year in range(max(horizon.start.year - 1, spec.scenario.base.year), horizon.end.year + 1):
        first, after = (spec.periods.day(day) for day in year_bounds(calendar, year))
        if after > 0.0 and first < end:
            yield Year(year, max(first, 0.0), min(after, end), first >= 0.0 and after <= end)


def edges_of(spans: Sequence[Year]) -> FloatArray:
    """The days at which spans begin and end, of which each begins where the one before ends."""
    return np.array([*(span.first for span in spans), spans[-1].after])


def ledger(world: Conditions | Worlds, journal: Journal, edges: FloatArray) -> Books:
    """Cents by account for the spans between edges, which are edges of periods."""
    spec, t = journal.spec, journal.trajectory
    potential = journal.over(edges, _accrued(spec, world.potential))
    desired = journal.over(edges, _accrued(spec, world.desired))
    placed, lost, pending = bookings(journal, edges)
    books = dict.fromkeys(ACCOUNTS, np.zeros_like(potential))
    books[POTENTIAL] = potential + _owed(journal, edges, t.due_face_cents)
    books["adjustment"] = potential - desired
    books["search"] = desired - placed
    missing = t.due_face_cents - t.due_ordered_cents
    books["not_executed"] = _owed(journal, edges, t.due_face_cents * ~t.due_executed)
    books["shortfall"] = _owed(journal, edges, missing * t.due_executed)
    late = np.diff(pending, axis=-3)
    for place, cause in enumerate(CAUSES):
        books[f"lost_{cause}"] = lost[..., place, :]
        books[f"late_{cause}"] = late[..., place, :]
    books[REALISED] = journal.over(edges, journal.delivered)
    return books


def residual(books: Books) -> IntArray:
    """Potential less all accounts less realised: zero, or the books are wrong."""
    return books[POTENTIAL] - sum(books[account] for account in LOSSES) - books[REALISED]


def reported(
    spec: Specification, world: Conditions | Worlds, office: str, year: int, cents: IntArray
) -> FloatArray:
    """What an office publishes of true flows by exporter, dollars: valued and with its error."""
    statistics = spec.scenario.statistics[office]
    imports = reported_imports_factor(
        world.numbers[..., spec.place("base.cif_factor"), None],
        world.numbers[..., spec.place(f"statistics.{office}.leak_share"), None],
    )
    valuation = np.where(np.array(spec.economies) == statistics.economy, 1.0, imports)
    result: FloatArray = cents / 100.0 * valuation * exp(world.errors[office][year])
    return result


def delivered_by_exporter(journal: Journal, edges: FloatArray) -> IntArray:
    """True deliveries in the spans between edges; last axes (spans, exporters)."""
    return journal.over(edges, journal.exported)


def _owed(journal: Journal, edges: FloatArray, cents: IntArray) -> IntArray:
    """Cents of instalments by span and flow."""
    t, flows = journal.trajectory, len(journal.spec.flows)
    axes = journal.span(edges, journal.whole(t.due_day)), (t.due_flow, flows)
    most = int(np.abs(cents).sum())
    return summed(t.shape, t.due_replication, cents, axes, most)[..., 1:, :]


@accelerable
def bookings(journal: Journal, edges: FloatArray) -> Bookings:
    """What is booked of all orders, in the spans between edges."""
    t = journal.trajectory
    placed = journal.during(edges, journal.whole(t.created), t.cents * ~t.is_contract)
    pending = np.stack([_pending(journal, float(day)) for day in edges], axis=-3)
    return Bookings(placed, _lost(journal, edges), pending)


def _lost(journal: Journal, edges: FloatArray) -> IntArray:
    """Cents of lost orders, by span of their end, what they were lost to, and flow."""
    t, flows = journal.trajectory, len(journal.spec.flows)
    rows = np.flatnonzero(t.state == LOST)
    axes = journal.span(edges, journal.ended[rows]), (t.verdict[rows], len(CAUSES))
    return sums(t, rows, t.cents[rows], *axes, (t.flow[rows], flows))[..., 1:, :, :]


def _pending(journal: Journal, day: float) -> IntArray:
    """Cents of orders under way at a day, by their first obstacle until then, and flow."""
    t, flows = journal.trajectory, len(journal.spec.flows)
    rows = np.flatnonzero((t.created < day) & ~(t.ended < day))
    cause = np.where(t.hindered[rows] < day, t.cause[rows], ON_THE_WAY)
    return sums(t, rows, t.cents[rows], (cause, len(CAUSES)), (t.flow[rows], flows))


def _accrued(spec: Specification, yearly: FloatArray) -> IntArray:
    """Cents of a flow in dollars a year, over the days of each period from day 0 on."""
    days = np.diff(spec.periods.edges)[:, None]
    cents = np.rint(yearly * days * (100.0 / DAYS_PER_YEAR)).astype(np.int64)
    return cents[..., spec.periods.warm_up :, :]
