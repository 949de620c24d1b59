"""Books: a trajectory as ledger, years and months, each dollar in one account."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simulator.calendars import year_bounds
from simulator.conditions import Conditions
from simulator.equations.measurement import reported_imports_factor
from simulator.ledger import ACCOUNTS, CAUSES, LOSSES, POTENTIAL, REALISED
from simulator.portable import FloatArray, exp
from simulator.scenario.types import DAYS_PER_YEAR
from simulator.specification import Specification
from simulator.trajectory import FIRST_CONTRACT, LOST, Trajectory

IntArray = npt.NDArray[np.int64]
Books = dict[str, IntArray]
"""Cents by account, an array over flows in each."""

_ON_THE_WAY = len(CAUSES) - 1


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
    spec: Specification, conditions: Conditions, trajectory: Trajectory, year: Year
) -> Books:
    """Cents by account for one year; an array over flows in each."""
    flows = len(spec.flows)
    start, end = year.first, year.after

    def total(rows: npt.NDArray[np.bool_]) -> IntArray:
        return _by_flow(trajectory.flow[rows], trajectory.cents[rows], flows)

    created = (trajectory.created >= start) & (trajectory.created < end)
    ended = (trajectory.ended >= start) & (trajectory.ended < end)
    lost = ended & (trajectory.state == LOST)
    due = (trajectory.due_day >= start) & (trajectory.due_day < end)
    executed = due & trajectory.due_executed

    def owed(rows: npt.NDArray[np.bool_], cents: IntArray) -> IntArray:
        return _by_flow(trajectory.due_flow[rows], cents[rows], flows)

    face = owed(due, trajectory.due_face_cents)
    potential = _accrued(spec, conditions.potential, year)
    desired = _accrued(spec, conditions.desired, year)
    books = dict.fromkeys(ACCOUNTS, np.zeros(flows, dtype=np.int64))
    books[POTENTIAL] = potential + face
    books["adjustment"] = potential - desired
    books["search"] = desired - total(created & ~trajectory.is_contract)
    books["not_executed"] = owed(due & ~trajectory.due_executed, trajectory.due_face_cents)
    books["shortfall"] = owed(executed, trajectory.due_face_cents - trajectory.due_ordered_cents)
    before, after = _pending(trajectory, start), _pending(trajectory, end)
    for place, cause in enumerate(CAUSES):
        books[f"lost_{cause}"] = total(lost & (trajectory.verdict == place))
        books[f"late_{cause}"] = total(after == place) - total(before == place)
    books[REALISED] = total(ended & trajectory.is_delivered)
    return books


def residual(books: Books) -> IntArray:
    """Potential less all accounts less realised, by flow: zero, or the books are wrong."""
    return books[POTENTIAL] - sum(books[account] for account in LOSSES) - books[REALISED]


def reported(
    spec: Specification, conditions: Conditions, office: str, year: int, cents: IntArray
) -> FloatArray:
    """What an office publishes of true flows by exporter, dollars: valued and with its error."""
    statistics = spec.scenario.statistics[office]
    imports = reported_imports_factor(
        float(conditions.numbers[spec.place("base.cif_factor")]),
        float(conditions.numbers[spec.place(f"statistics.{office}.leak_share")]),
    )
    valuation = np.where(np.array(spec.economies) == statistics.economy, 1.0, imports)
    result: FloatArray = cents / 100.0 * valuation * exp(conditions.errors[office][year])
    return result


def delivered_by_exporter(spec: Specification, trajectory: Trajectory, year: Year) -> IntArray:
    """True deliveries in a span of days, cents by exporter."""
    rows = trajectory.is_delivered & (trajectory.ended >= year.first)
    rows &= trajectory.ended < year.after
    exporter = _exporters(spec)[trajectory.flow[rows]]
    return _by_flow(exporter, trajectory.cents[rows], len(spec.economies))


@dataclass(frozen=True, slots=True)
class LargestDeal:
    """The relationship or contract that delivered most in a year."""

    name: str
    exporter: int
    cents: int
    is_contract: bool


def largest_deal(spec: Specification, trajectory: Trajectory, year: Year) -> LargestDeal:
    """Find the year's largest deal; an empty one when nothing was delivered."""
    rows = trajectory.is_delivered & (trajectory.ended >= year.first)
    rows &= trajectory.ended < year.after
    if not rows.any():
        return LargestDeal("", 0, 0, is_contract=False)
    flow, stream, partner = (
        column[rows] for column in (trajectory.flow, trajectory.stream, trajectory.partner)
    )
    keys = np.stack([stream, flow, partner], axis=1)
    deals, place = np.unique(keys, axis=0, return_inverse=True)
    cents = _by_flow(place.ravel(), trajectory.cents[rows], len(deals))
    largest = int(np.argmax(cents))
    return LargestDeal(
        name=_deal_name(spec, *(int(part) for part in deals[largest])),
        exporter=int(_exporters(spec)[deals[largest][1]]),
        cents=int(cents[largest]),
        is_contract=bool(deals[largest][0] >= FIRST_CONTRACT),
    )


def _deal_name(spec: Specification, stream: int, flow: int, partner: int) -> str:
    """A relationship by its flow, or a contract by its name, and the number."""
    name = f"{spec.stream(stream)} {partner + 1}"
    return name if stream >= FIRST_CONTRACT else f"{spec.flows[flow].name} {name}"


def _exporters(spec: Specification) -> IntArray:
    """The exporter's number of every flow."""
    return np.array([spec.economies.index(flow.exporter) for flow in spec.flows], dtype=np.int64)


def _accrued(spec: Specification, yearly: FloatArray, year: Year) -> IntArray:
    """Cents of a flow in dollars a year, over the days of one year."""
    edges = np.array(spec.periods.edges)
    inside = (edges[:-1] >= year.first) & (edges[1:] <= year.after)
    days = np.diff(edges)[inside, None]
    cents = np.cumsum(np.rint(yearly[inside] * days * (100.0 / DAYS_PER_YEAR)), axis=0)
    result: IntArray = cents[-1].astype(np.int64)
    return result


def _pending(trajectory: Trajectory, day: float) -> IntArray:
    """For every order under way at a day its first obstacle until then; -1 for all others."""
    under_way = (trajectory.created < day) & ~(trajectory.ended < day)
    hindered = trajectory.hindered < day
    cause = np.where(hindered, trajectory.cause, _ON_THE_WAY)
    return np.where(under_way, cause, -1)


def _by_flow(flow: IntArray, cents: IntArray, flows: int) -> IntArray:
    """Sums of cents by flow, exact."""
    sums = np.zeros(flows, dtype=np.int64)
    np.add.at(sums, flow, cents)
    return sums
