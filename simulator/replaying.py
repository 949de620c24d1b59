"""Replaying: one replication again, event by event, and beside another one."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from simulator.books import Year, delivered_by_exporter, edges_of, reported, years
from simulator.conditions import Conditions
from simulator.draws import Draws
from simulator.engines.choice import REFERENCE, engine_of
from simulator.entities import CHANNEL, Luck, Member, Span
from simulator.files import faults, written
from simulator.journal import IntArray, Journal
from simulator.ledger import CAUSES
from simulator.lives import drawn_as
from simulator.scenario.describing import between
from simulator.scenario.types import Scenario
from simulator.specification import Specification, specification
from simulator.trajectory import (
    DEFAULTED,
    DELIVERED,
    FIRST_CONTRACT,
    IN_PROGRESS,
    LOST,
    PAID,
    Trajectory,
)

MOST_DEALS = 5
MOST_EVENTS = 10
"""Differing events that are told after the first one."""

STATES = {
    IN_PROGRESS: "under way at the end",
    LOST: "lost",
    DELIVERED: "delivered, payment due",
    PAID: "delivered and paid",
    DEFAULTED: "delivered, never paid",
}
"""Every state of an order with its words."""

CAUSE_NAMES = tuple(CAUSES)
_AT_SETTLEMENT = 0.5
"""Place of an obstacle that comes before a settlement channel takes an order up."""

_PLACES = {"clearing": 2.5, "rejected": 6.5, "corridor_closed": 4.5, "corridor_slots": 4.5}
"""Places of obstacles among the stages of an order that happen at the same time."""

STAGES = ("created", "granted", "processed", "accepted", "produced", "shipped", "arrived")

SCHEMA = pa.schema(
    {
        "day": pa.float64(),
        "date": pa.date32(),
        "order": pa.int32(),
        "event": pa.string(),
        "exporter": pa.string(),
        "good": pa.string(),
        "stream": pa.string(),
        "partner": pa.int32(),
        "value_usd": pa.float64(),
        "channel": pa.string(),
        "corridor": pa.string(),
        "cause": pa.string(),
    }
)
"""Columns of the events; days count from the start of the horizon, the warm-up lies before 0."""

Row = dict[str, Any]
Key = tuple[str, str, str, int, int]
"""Identity of an order: exporter, good, stream, partner and which one of that partner."""


@dataclass(frozen=True)
class Replay:
    """One replication of a scenario, computed again."""

    spec: Specification
    world: Conditions
    trajectory: Trajectory
    seed: int
    replication: int

    @property
    def scenario(self) -> Scenario:
        """What was replayed."""
        return self.spec.scenario

    @property
    def orders(self) -> int:
        """Number of orders, those of the warm-up included."""
        return len(self.trajectory.flow)

    @cached_property
    def events(self) -> pa.Table:
        """Everything that happened to orders, in order of time."""
        return events(self.spec, self.trajectory)

    @property
    def delivered_cents(self) -> int:
        """True deliveries of the target year, as the tables of a run have them."""
        return int(self.exported(target_year(self)).sum())

    def exported(self, year: Year) -> IntArray:
        """Cents truly delivered in a year, by exporter."""
        journal = Journal(self.spec, self.trajectory)
        cents: IntArray = delivered_by_exporter(journal, edges_of([year]))[0]
        return cents


def replayed(scenario: Scenario, seed: int, replication: int, engine: str = REFERENCE) -> Replay:
    """Compute one replication again: the same numbers as in any run of the scenario and seed."""
    spec = specification(scenario)
    worlds, lived = engine_of(engine)(spec, seed, range(replication, replication + 1))
    return Replay(spec, worlds.one(0), lived.one(0), seed, replication)


def events(spec: Specification, trajectory: Trajectory) -> pa.Table:
    """One row an event in order of time, those of one order in the order in which they happened.

    ``channel`` stands at the events of settlement, if it accepted the order; ``corridor`` from
    shipment on; ``cause`` where an order is hindered first and where it is lost.
    """
    rows = [row for order in range(len(trajectory.flow)) for row in _rows(spec, trajectory, order)]
    rows.sort(key=lambda row: (row["day"], row["order"], row["place"]))
    return pa.Table.from_pydict(
        {name: [row[name] for row in rows] for name in SCHEMA.names}, schema=SCHEMA
    )


def stored(table: pa.Table, file: Path) -> None:
    """Write events as a Parquet file, whole or not at all."""
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink)
    with faults(file):
        written(file, sink.getvalue().to_pybytes())


def told_of(replay: Replay, number: int) -> list[Row]:
    """The events of one order, as plain values."""
    rows = sorted(
        _rows(replay.spec, replay.trajectory, number), key=lambda row: (row["day"], row["place"])
    )
    return [
        {name: str(row[name]) if name == "date" else row[name] for name in SCHEMA.names}
        for row in rows
    ]


def _rows(spec: Specification, trajectory: Trajectory, order: int) -> Iterator[Row]:
    """The events of one order with their places among those of the same time."""
    flow = spec.flows[trajectory.flow[order]]
    channel, corridor = int(trajectory.channel[order]), int(trajectory.corridor[order])
    settled = None if channel < 0 else spec.channels[channel]
    way = None if corridor < 0 else spec.corridors[corridor]
    common = {
        "order": order,
        "exporter": flow.exporter,
        "good": flow.good,
        "stream": spec.stream(int(trajectory.stream[order])),
        "partner": int(trajectory.partner[order]) + 1,
        "value_usd": int(trajectory.cents[order]) / 100.0,
    }
    for event, place, day, cause in _moments(trajectory, order):
        if np.isnan(day):
            continue
        yield {
            "day": day,
            "date": spec.periods.date(day),
            "event": event,
            **common,
            "channel": settled if event in STAGES[1:4] else None,
            "corridor": way if event in ("shipped", "arrived", "delivered") else None,
            "cause": cause,
            "place": place,
        }


def _moments(trajectory: Trajectory, order: int) -> Iterator[tuple[str, float, float, str | None]]:
    """Events with their places, days and causes; the day of what has not happened is no number."""
    for number, stage in enumerate(STAGES):
        yield stage, float(number), float(getattr(trajectory, stage)[order]), None
    state = int(trajectory.state[order])
    hindered = float(trajectory.hindered[order])
    cause = CAUSE_NAMES[trajectory.cause[order]]
    place = _PLACES.get(cause, _AT_SETTLEMENT)
    if cause == "refused" and not hindered <= trajectory.granted[order]:
        place = 2.5  # the refusal is that of the channel whose decision is recorded
    yield "hindered", place, hindered, cause
    if state == LOST:
        yield "lost", 8.0, float(trajectory.ended[order]), CAUSE_NAMES[trajectory.verdict[order]]
    elif state != IN_PROGRESS:
        yield "delivered", 8.0, float(trajectory.ended[order]), None
        ending = "defaulted" if state == DEFAULTED else "settled"
        yield ending, 9.0, float(trajectory.settled[order]), None


def facts(replay: Replay) -> Row:
    """The story's numbers as plain values."""
    target = replay.scenario.target
    first, after = target_span(replay)
    offices = [
        {"statistics": office, "year": year.year, "usd_million": told, "target_is_met": met}
        for office, year, told, met in published(replay)
    ]
    return {
        "scenario": replay.scenario.name,
        "seed": replay.seed,
        "replication": replay.replication,
        "orders": replay.orders,
        "states": {STATES[state]: count for state, count in states(replay).items()},
        "target_usd_million": target.turnover_usd_million.central,
        "target_year": target.year,
        "first_day": str(replay.spec.periods.date(first)),
        "last_day": str(replay.spec.periods.date(after - 1.0)),
        "delivered_usd_million": replay.delivered_cents / 1e8,
        "published": offices,
        "months": list(by_month(replay)),
    }


def states(replay: Replay) -> dict[int, int]:
    """Number of orders by state, of those states that there are."""
    found = Counter(replay.trajectory.state.tolist())
    return {
        state: found[state]
        for state in (PAID, DELIVERED, DEFAULTED, LOST, IN_PROGRESS)
        if found[state]
    }


def target_year(replay: Replay) -> Year:
    """The target year as the office counts it of which the target speaks first."""
    target = replay.scenario.target
    return next(y for y in years(replay.spec, replay.scenario.offices[0]) if y.year == target.year)


def target_span(replay: Replay) -> tuple[float, float]:
    """The first day of that year, and the first one after it."""
    year = target_year(replay)
    return year.first, year.after


def published(replay: Replay) -> Iterator[tuple[str, Year, float, bool]]:
    """What each office publishes of the target year, million dollars, and whether that is it."""
    spec, target = replay.spec, replay.scenario.target
    for office in replay.scenario.offices:
        for year in years(spec, office):
            if year.year == target.year:
                cents = replay.exported(year)
                told = float(reported(spec, replay.world, office, year.year, cents).sum()) / 1e6
                yield office, year, told, told >= target.turnover_usd_million.central


def by_month(replay: Replay) -> Iterator[Row]:
    """Orders placed, delivered and lost in every calendar month, and what took most of them."""
    periods, log = replay.spec.periods, replay.trajectory
    for first, after in periods.months():
        row: Row = {"month": periods.date(first).isoformat()[:7]}
        ended = (log.ended >= first) & (log.ended < after)
        lost = ended & (log.state == LOST)
        kinds = {
            "placed": (log.created >= first) & (log.created < after),
            "delivered": ended & log.is_delivered,
            "lost": lost,
        }
        for kind, rows in kinds.items():
            row[f"{kind}_orders"] = int(rows.sum())
            row[f"{kind}_usd_million"] = int(log.cents[rows].sum()) / 1e8
        taken = np.bincount(log.verdict[lost], weights=log.cents[lost], minlength=len(CAUSE_NAMES))
        row["most_lost_to"] = CAUSE_NAMES[int(np.argmax(taken))] if lost.any() else None
        row["most_lost_usd_million"] = float(taken.max()) / 1e8
        yield row


@dataclass(frozen=True)
class Deal:
    """What a relationship or contract delivered in the target year."""

    stream: int
    flow: int
    partner: int
    cents: int
    orders: int
    largest: int
    """Its largest order."""


def largest_deals(replay: Replay) -> Iterator[Deal]:
    """The relationships and contracts that delivered most in the target year."""
    log, (first, after) = replay.trajectory, target_span(replay)
    rows = np.flatnonzero(log.is_delivered & (log.ended >= first) & (log.ended < after))
    deals: dict[tuple[int, int, int], list[int]] = defaultdict(list)
    for row in rows.tolist():
        deals[int(log.stream[row]), int(log.flow[row]), int(log.partner[row])].append(row)
    sums = {deal: int(log.cents[orders].sum()) for deal, orders in deals.items()}
    for deal in sorted(sums, key=lambda deal: (-sums[deal], deal))[:MOST_DEALS]:
        orders = deals[deal]
        largest = max(orders, key=lambda order: (int(log.cents[order]), -order))
        yield Deal(*deal, sums[deal], len(orders), largest)


def first_channel(replay: Replay, number: int) -> int:
    """The channel that an order tries first, from its draws: no record keeps it."""
    spec, log = replay.spec, replay.trajectory
    flow, stream, partner = (int(a[number]) for a in (log.flow, log.stream, log.partner))
    which = ordinals(replay)[number]
    if stream >= FIRST_CONTRACT:
        deal = next(
            deal
            for deal in replay.world.deals
            if (deal.contract, deal.number) == (stream - FIRST_CONTRACT, partner)
        )
        days = [deal.first_day + n * deal.spacing_days for n in range(deal.instalments)]
        which += sum(day < spec.periods.edges[0] for day in days)
    luck = Luck(spec, replay.world, Draws(replay.seed, replay.replication))
    ((row,),) = luck.order_rows(
        [Span(Member(drawn_as(spec, flow, stream), flow, partner, 0), which, 1)]
    )
    return int(row[CHANNEL])


def ordinals(replay: Replay) -> list[int]:
    """Which order of its partner each one is, from 0 on."""
    log = replay.trajectory
    placed: Counter[tuple[int, int, int]] = Counter()
    result = []
    columns = (log.flow.tolist(), log.stream.tolist(), log.partner.tolist())
    for partner in zip(*columns, strict=True):
        result.append(placed[partner])
        placed[partner] += 1
    return result


@dataclass(frozen=True)
class Split:
    """Where the lives of one order part: the first event in which two replays differ."""

    day: float
    """Days from the start of the first one's horizon."""
    orders: tuple[int | None, int | None]
    events: tuple[Row | None, Row | None]


RECORDED = ("granted", "processed")
"""Events that are known only by what followed: a later attempt replaces them in the record."""


def splits(a: Replay, b: Replay) -> list[Split]:
    """The first difference of every order that differs, in order of time.

    Orders are the same if they have the same exporter, good, stream and partner, and are the same
    one of that partner.
    """
    shift = (b.spec.periods.start - a.spec.periods.start).days
    ours, theirs = lives(a, 0), lives(b, shift)
    found = [
        split
        for key in ours | theirs
        if (split := _split(ours.get(key, []), theirs.get(key, []))) is not None
    ]
    return sorted(found, key=lambda split: (split.day, str(split.orders)))


def lives(replay: Replay, shift: int) -> dict[Key, list[Row]]:
    """The events of every order by its identity."""
    found: dict[Key, list[Row]] = defaultdict(list)
    which = ordinals(replay)
    for row in replay.events.to_pylist():
        if row["event"] not in RECORDED:
            row["day"] += shift
            names = (row["exporter"], row["good"], row["stream"])
            found[*names, row["partner"], which[row["order"]]].append(row)
    return found


def _split(ours: list[Row], theirs: list[Row]) -> Split | None:
    """The first event that two lives do not share."""
    orders = tuple(life[0]["order"] if life else None for life in (ours, theirs))
    for place in range(max(len(ours), len(theirs))):
        one = ours[place] if place < len(ours) else None
        other = theirs[place] if place < len(theirs) else None
        if _same(one) != _same(other):
            day = min(row["day"] for row in (one, other) if row is not None)
            return Split(day, (orders[0], orders[1]), (one, other))
    return None


def _same(row: Row | None) -> Row | None:
    """What must be equal in an event; the number of an order is only its place in the record."""
    return row and {name: value for name, value in row.items() if name != "order"}


def difference(a: Replay, b: Replay) -> Row:
    """The same as plain values."""
    found = splits(a, b)
    inputs = [{"path": d.path, "a": d.was, "b": d.value} for d in between(a.scenario, b.scenario)]
    return {
        "a": facts(a),
        "b": facts(b),
        "inputs": inputs,
        "differing_orders": len(found),
        "by_month": split_months(a, found),
        "first": [_plain(split) for split in found[: MOST_EVENTS + 1]],
    }


def _plain(split: Split) -> Row:
    told = [row and {**row, "date": str(row["date"])} for row in split.events]
    return {"day": split.day, "a": told[0], "b": told[1]}


def split_months(a: Replay, found: list[Split]) -> dict[str, int]:
    """Orders by the month in which they begin to differ."""
    months = (a.spec.periods.date(split.day).isoformat()[:7] for split in found)
    return dict(sorted(Counter(months).items()))


def kind_of(a: Replay, b: Replay, split: Split) -> str:
    """In what an order differs, the weightiest first."""
    one, other = split.orders
    if one is None or other is None:
        return "only in A" if other is None else "only in B"
    logs = a.trajectory, b.trajectory
    if logs[0].cents[one] != logs[1].cents[other]:
        return "another value"
    if logs[0].state[one] != logs[1].state[other]:
        return "another end"
    return "other days or ways"
