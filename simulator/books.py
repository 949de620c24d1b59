"""Books: trajectories as ledger, years and months, each dollar in one account.

Of several replications an axis over these comes first in every array.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simulator.calendars import year_bounds
from simulator.conditions import Conditions, Worlds
from simulator.equations.measurement import reported_imports_factor
from simulator.ledger import ACCOUNTS, CAUSES, LOSSES, ON_THE_WAY, POTENTIAL, REALISED
from simulator.portable import FloatArray, exp
from simulator.scenario.types import DAYS_PER_YEAR
from simulator.specification import Specification
from simulator.trajectory import FIRST_CONTRACT, LOST, Trajectory

IntArray = npt.NDArray[np.int64]
Rows = npt.NDArray[np.bool_]
Books = dict[str, IntArray]
"""Cents by account; last axes over spans of days and flows."""

Axis = tuple[IntArray, int]
"""For every row its place on an axis, and how long that is."""

EXACT = 2.0**53


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


def ledger(
    spec: Specification,
    world: Conditions | Worlds,
    trajectory: Trajectory,
    spans: Sequence[Year],
) -> Books:
    """Cents by account for spans of which each begins where the one before ends."""
    t, over, flow = trajectory, len(spans), (trajectory.flow, len(spec.flows))
    edges = _edges(spans)
    created, ended = _span(t.created, edges), _span(t.ended, edges)
    potential = _accrued(spec, world.potential, spans)
    desired = _accrued(spec, world.desired, spans)
    placed = sums(t, ~t.is_contract & (created >= 0), t.cents, (created, over), flow)
    books = dict.fromkeys(ACCOUNTS, np.zeros_like(potential))
    books[POTENTIAL] = potential + _owed(spec, t, edges, t.due_face_cents)
    books["adjustment"] = potential - desired
    books["search"] = desired - placed
    missing = t.due_face_cents - t.due_ordered_cents
    books["not_executed"] = _owed(spec, t, edges, t.due_face_cents * ~t.due_executed)
    books["shortfall"] = _owed(spec, t, edges, missing * t.due_executed)
    has_ended = ended >= 0
    lost = sums(
        t,
        has_ended & (t.state == LOST),
        t.cents,
        (ended, over),
        (t.verdict, len(CAUSES)),
        flow,
    )
    pending = np.stack([_pending(spec, t, float(day)) for day in edges], axis=-3)
    late = np.diff(pending, axis=-3)
    for place, cause in enumerate(CAUSES):
        books[f"lost_{cause}"] = lost[..., place, :]
        books[f"late_{cause}"] = late[..., place, :]
    books[REALISED] = sums(t, has_ended & t.is_delivered, t.cents, (ended, over), flow)
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


def delivered_by_exporter(
    spec: Specification, trajectory: Trajectory, spans: Sequence[Year]
) -> IntArray:
    """True deliveries in spans of days that follow each other; last axes (spans, exporters)."""
    ended = _span(trajectory.ended, _edges(spans))
    rows = trajectory.is_delivered & (ended >= 0)
    exporter = _exporters(spec)[trajectory.flow]
    axes = (ended, len(spans)), (exporter, len(spec.economies))
    return sums(trajectory, rows, trajectory.cents, *axes)


@dataclass(frozen=True, slots=True)
class LargestDeals:
    """The relationship or contract that delivered most in each span; of nothing where none did."""

    cents: IntArray
    stream: IntArray
    flow: IntArray
    partner: IntArray

    def name(self, spec: Specification, *which: int) -> str:
        """A relationship by its flow, or a contract by its name, and the number."""
        if self.cents[which] == 0:
            return ""
        stream, flow = int(self.stream[which]), int(self.flow[which])
        name = f"{spec.stream(stream)} {int(self.partner[which]) + 1}"
        return name if stream >= FIRST_CONTRACT else f"{spec.flows[flow].name} {name}"

    @property
    def is_contract(self) -> Rows:
        """Whether it is a mega-contract."""
        result: Rows = (self.stream >= FIRST_CONTRACT) & (self.cents > 0)
        return result

    def exporter(self, spec: Specification) -> IntArray:
        """The number of its exporter."""
        result: IntArray = _exporters(spec)[self.flow]
        return result


def largest_deals(
    spec: Specification, trajectory: Trajectory, spans: Sequence[Year]
) -> LargestDeals:
    """Find the largest deal of each span; the first of them by stream, flow and number."""
    t, flows = trajectory, len(spec.flows)
    ended = _span(t.ended, _edges(spans))
    rows = t.is_delivered & (ended >= 0)
    kind = t.stream * flows + t.flow
    kinds = (FIRST_CONTRACT + len(spec.contracts)) * flows
    members = np.zeros(kinds, dtype=np.int64)
    np.maximum.at(members, kind, t.partner + 1)
    first = np.cumsum(members) - members
    deal = first[kind] + t.partner
    # Of the many who might have delivered, few have.
    has_delivered = np.zeros(int(members.sum()) + 1, dtype=np.bool_)
    has_delivered[deal[rows]] = True
    place, some = np.cumsum(has_delivered) - 1, np.flatnonzero(has_delivered)
    axes = (ended, len(spans)), (place[deal], max(len(some), 1))
    delivered = sums(t, rows, t.cents, *axes)
    best = np.argmax(delivered, axis=-1)
    cents = np.take_along_axis(delivered, best[..., None], axis=-1)[..., 0]
    largest = some[best] if len(some) else np.zeros_like(best)
    found = np.searchsorted(first + members, largest, side="right")
    found = np.minimum(found, kinds - 1)
    return LargestDeals(cents, found // flows, found % flows, largest - first[found])


def sums(trajectory: Trajectory, rows: Rows, cents: IntArray, *axes: Axis) -> IntArray:
    """Sums of cents over some orders by what is asked, exact."""
    return _summed(trajectory.shape, trajectory.replication, rows, cents, axes)


def _summed(
    shape: tuple[int, ...],
    replication: IntArray,
    rows: Rows,
    cents: IntArray,
    axes: tuple[Axis, ...],
) -> IntArray:
    shape = (*shape, *(size for _, size in axes))
    key = replication[rows]
    for place, size in axes:
        key = key * size + place[rows]
    some, length = cents[rows], int(np.prod(shape))
    if np.abs(some).sum() < EXACT:
        # Whole numbers in floating point, as long as all sums stay below 2^53: three times as fast.
        summed = np.bincount(key, weights=some, minlength=length)
        return summed.astype(np.int64).reshape(shape)
    found = np.zeros(length, dtype=np.int64)
    np.add.at(found, key, some)
    return found.reshape(shape)


def _edges(spans: Sequence[Year]) -> FloatArray:
    return np.array([*(span.first for span in spans), spans[-1].after])


def _span(days: FloatArray, edges: FloatArray) -> IntArray:
    """The span in which each day falls; -1 outside all of them, as for what has not happened."""
    found = np.searchsorted(edges, days, side="right") - 1
    result: IntArray = np.where(found < len(edges) - 1, found, -1)
    return result


def _owed(spec: Specification, t: Trajectory, edges: FloatArray, cents: IntArray) -> IntArray:
    """Cents of instalments by span and flow."""
    due = _span(t.due_day, edges)
    axes = (due, len(edges) - 1), (t.due_flow, len(spec.flows))
    return _summed(t.shape, t.due_replication, due >= 0, cents, axes)


def _pending(spec: Specification, t: Trajectory, day: float) -> IntArray:
    """Cents of orders under way at a day, by their first obstacle until then, and flow."""
    rows = (t.created < day) & ~(t.ended < day)
    cause = np.where(t.hindered < day, t.cause, ON_THE_WAY)
    return sums(t, rows, t.cents, (cause, len(CAUSES)), (t.flow, len(spec.flows)))


def _exporters(spec: Specification) -> IntArray:
    """The exporter's number of every flow."""
    return np.array([spec.economies.index(flow.exporter) for flow in spec.flows], dtype=np.int64)


def _accrued(spec: Specification, yearly: FloatArray, spans: Sequence[Year]) -> IntArray:
    """Cents of a flow in dollars a year, over the days of each span."""
    edges = np.array(spec.periods.edges)
    cents = np.rint(yearly * np.diff(edges)[:, None] * (100.0 / DAYS_PER_YEAR)).astype(np.int64)
    inside = [(edges[:-1] >= span.first) & (edges[1:] <= span.after) for span in spans]
    return np.stack([cents[..., rows, :].sum(axis=-2) for rows in inside], axis=-2)
