"""Replaying: one replication again, event by event, in words, and beside another one.

All functions are pure: they read a replication that was computed again and change nothing.
"""

import textwrap
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from simulator.books import Year, delivered_by_exporter, reported, years
from simulator.calendars import year_label
from simulator.conditions import Conditions, conditions
from simulator.draws import Draws
from simulator.engines.reference import simulate
from simulator.entities import CHANNEL, Luck, Member, Span
from simulator.errors import visible
from simulator.files import faults
from simulator.ledger import CAUSES
from simulator.measures import NEVER, course
from simulator.potential import fallback_channels
from simulator.scenario.describing import between
from simulator.scenario.types import Agreement, Sanction, Scenario
from simulator.shocks import Windows
from simulator.specification import Flow, Specification, specification
from simulator.trajectory import (
    DEFAULTED,
    DELIVERED,
    FIRST_CONTRACT,
    IN_PROGRESS,
    INCUMBENTS,
    LOST,
    PAID,
    Trajectory,
)

WIDTH = 90
LABEL = 23
"""Columns of the labels at the left of the text."""

MOST_WINDOWS = 4
"""Interruptions of one channel or corridor that are told by their dates."""

MOST_DEALS = 5
MOST_INPUTS = 10
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

_CAUSES = tuple(CAUSES)
_NONE = len(_CAUSES) - 1
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
        return int(delivered_by_exporter(self.spec, self.trajectory, _target_year(self)).sum())


def replayed(scenario: Scenario, seed: int, replication: int) -> Replay:
    """Compute one replication again: the same numbers as in any run of the scenario and seed."""
    spec, draws = specification(scenario), Draws(seed, replication)
    world = conditions(spec, draws)
    return Replay(spec, world, simulate(spec, world, draws), seed, replication)


# --- Events ---


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
    with faults(file):
        temporary = file.with_name(f".{file.name}.part")
        try:
            pq.write_table(table, temporary)
            temporary.replace(file)
        finally:
            temporary.unlink(missing_ok=True)


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
        "stream": _stream(spec, int(trajectory.stream[order])),
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
    cause = _CAUSES[trajectory.cause[order]]
    place = _PLACES.get(cause, _AT_SETTLEMENT)
    if cause == "refused" and not hindered <= trajectory.granted[order]:
        place = 2.5  # the refusal is that of the channel whose decision is recorded
    yield "hindered", place, hindered, cause
    if state == LOST:
        yield "lost", 8.0, float(trajectory.ended[order]), _CAUSES[trajectory.verdict[order]]
    elif state != IN_PROGRESS:
        yield "delivered", 8.0, float(trajectory.ended[order]), None
        ending = "defaulted" if state == DEFAULTED else "settled"
        yield ending, 9.0, float(trajectory.settled[order]), None


def _stream(spec: Specification, stream: int) -> str:
    """A stream in a word: incumbents, entrants, or the name of a contract."""
    if stream >= FIRST_CONTRACT:
        return spec.contracts[stream - FIRST_CONTRACT][0]
    return "incumbent" if stream == INCUMBENTS else "entrant"


# --- The story of a replication ---


def story(replay: Replay, command: str = "sim replay RUN") -> str:
    """What happened in a replication, month by month, as text of at most 90 columns.

    ``command`` is how the command line names the question.
    """
    deals = list(_largest(replay))
    number = deals[0][3] if deals else 0
    follow = f"{command} --replication {replay.replication} --order {number}"
    parts = ["\n".join(_head(replay)), "\n".join(_happened(replay)), "\n".join(_months(replay))]
    if deals:
        parts.append("\n".join(_deals(replay, deals)))
    if replay.orders:
        parts.append(f"Follow one order\n  {visible(follow)}")  # a command stays on one line
    return "\n\n".join(parts) + "\n"


def facts(replay: Replay) -> Row:
    """The story's numbers as plain values."""
    target = replay.scenario.target
    first, after = _target_span(replay)
    offices = [
        {"statistics": office, "year": year.year, "usd_million": told, "target_is_met": met}
        for office, year, told, met in _offices(replay)
    ]
    return {
        "scenario": replay.scenario.name,
        "seed": replay.seed,
        "replication": replay.replication,
        "orders": replay.orders,
        "states": {STATES[state]: count for state, count in _states(replay).items()},
        "target_usd_million": target.turnover_usd_million.central,
        "target_year": target.year,
        "first_day": str(replay.spec.periods.date(first)),
        "last_day": str(replay.spec.periods.date(after - 1.0)),
        "delivered_usd_million": replay.delivered_cents / 1e8,
        "published": offices,
        "months": list(_by_month(replay)),
    }


def _head(replay: Replay) -> Iterator[str]:
    scenario, target = replay.scenario, replay.scenario.target
    name = visible(scenario.name)
    yield from _wrapped(f"Replication {replay.replication} of {name}, seed {replay.seed}", "")
    yield from _wrapped(visible(scenario.title), "")
    yield ""
    periods = replay.spec.periods
    end = periods.date(periods.edges[-1] - 1.0)
    warm = int((replay.trajectory.created < 0.0).sum())
    yield from _labelled("Simulated", f"{periods.start} to {end}")
    text = f"{_count(replay.orders)} placed, {_count(warm)} of them in the warm-up; "
    found = _states(replay)
    text += ", ".join(f"{_count(found[state])} {STATES[state]}" for state in found)
    yield from _labelled("Orders", text)
    goal = f"USD {target.turnover_usd_million.central:g} million in {target.year}"
    yield from _labelled("Target", goal)
    year = _target_year(replay)
    true = f"USD {replay.delivered_cents / 1e8:.1f} million delivered, true value at the border"
    yield from _labelled(f"Turnover {year.year}", true)
    for office, span, told, met in _offices(replay):
        statistics = scenario.statistics[office]
        when = year_label(statistics.calendar, span.year)
        verdict = "target met" if met else "target missed"
        text = f"USD {told:.1f} million: {verdict} ({when})"
        title = visible(statistics.title)
        yield from _wrapped(f"{title}: {text}", " " * LABEL, " " * (LABEL + 2))


def _states(replay: Replay) -> dict[int, int]:
    """Number of orders by state, of those states that there are."""
    found = Counter(replay.trajectory.state.tolist())
    return {
        state: found[state]
        for state in (PAID, DELIVERED, DEFAULTED, LOST, IN_PROGRESS)
        if found[state]
    }


def _target_year(replay: Replay) -> Year:
    """The target year as the office counts it of which the target speaks first."""
    target = replay.scenario.target
    return next(y for y in years(replay.spec, target.statistics[0]) if y.year == target.year)


def _target_span(replay: Replay) -> tuple[float, float]:
    year = _target_year(replay)
    return year.first, year.after


def _offices(replay: Replay) -> Iterator[tuple[str, Year, float, bool]]:
    """What each office publishes of the target year, million dollars, and whether that is it."""
    spec, target = replay.spec, replay.scenario.target
    named = target.statistics
    for office in (*named, *(o for o in sorted(replay.scenario.statistics) if o not in named)):
        for year in years(spec, office):
            if year.year == target.year:
                cents = delivered_by_exporter(spec, replay.trajectory, year)
                told = float(reported(spec, replay.world, office, year.year, cents).sum()) / 1e6
                yield office, year, told, told >= target.turnover_usd_million.central


def _happened(replay: Replay) -> Iterator[str]:
    """What the world did: measures and contracts by date, then who was interrupted when."""
    yield "What the world did"
    spec = replay.spec
    before, dated, never = _dated(replay)
    dated += [*_contracts(replay), *_new_sanctions(replay)]
    end = spec.periods.edges[-1]
    if before:
        yield from _labelled("In effect before", f"{', '.join(before)}")
    for day, text in sorted(dated):
        if 0.0 <= day < end:
            yield from _labelled(str(spec.periods.date(day)), text)
    if never:
        yield from _labelled("Never in this time", "; ".join(never))
    titles = {name: c.title for name, c in replay.scenario.settlement.channels.items()}
    yield from _windows(replay, titles, spec.channels, replay.world.channel_down, "interrupted")
    titles = {name: c.title for name, c in replay.scenario.corridors.items()}
    yield from _windows(replay, titles, spec.corridors, replay.world.corridor_closed, "closed")
    yield from _economies(replay)


def _dated(replay: Replay) -> tuple[list[str], list[tuple[float, str]], list[str]]:
    """Agreements, sanctions and measures: those before day 0, those with a day, all others."""
    spec, draws = replay.spec, Draws(replay.seed, replay.replication)
    counts: Counter[str] = Counter()
    dated: list[tuple[float, str]] = []
    never: list[str] = []
    for path, measure in replay.scenario.dated.items():
        title = visible(getattr(measure, "title", path))
        found = course(spec, replay.world.numbers, draws, path)
        kind, begins, ends = _verbs(measure)
        if found.start < 0.0:
            counts[kind] += 1
        elif found.start < spec.periods.edges[-1]:
            share = f"; {found.reach:.0%} is carried out" if found.reach < 1.0 else ""
            dated.append((found.start, f"{begins}: {title}{share}"))
        else:
            never.append(title)
        if found.start < found.end < NEVER:
            dated.append((found.end, f"{ends}: {title}"))
    plural = [f"{n} {kind}{'s' if n > 1 else ''}" for kind, n in counts.items()]
    return plural, dated, never


def _verbs(measure: object) -> tuple[str, str, str]:
    """What a measure is, and what its start and its end are called."""
    match measure:
        case Agreement():
            return "agreement", "In force", "Ended"
        case Sanction():
            return "sanction", "Imposed", "Lifted"
    return "measure", "Begins", "Ends"


def _contracts(replay: Replay) -> Iterator[tuple[float, str]]:
    """Mega-contracts on the day on which they first fall due."""
    for deal in replay.world.deals:
        title = visible(replay.spec.contracts[deal.contract][1].title)
        face = _usd(deal.face_cents * deal.instalments)
        parts = f" in {deal.instalments} instalments" if deal.instalments > 1 else ""
        done = f"carried out, {deal.fulfilment:.0%} of it ordered" if deal.executed else "not met"
        yield deal.first_day, f"Contract due: {title}, {face}{parts}, {done}"


def _new_sanctions(replay: Replay) -> Iterator[tuple[float, str]]:
    """The month in which new sanctions on an economy, or relief, are felt first."""
    spec = replay.spec
    for place, name in enumerate(spec.economies):
        severity = replay.world.shocks.severity[:, place]
        felt = np.flatnonzero(severity)
        if len(felt):
            first, last = float(severity[felt[0]]), float(severity[-1])
            who = visible(replay.scenario.economies[name].name)
            what = "New sanctions on" if first > 0.0 else "Reliefs of sanctions on"
            text = f"{what} {who} begin to be felt; by the end {_number(last)} over the start"
            text += " (1 is a usual package)"
            yield max(spec.periods.edges[felt[0]], 0.0), text


def _windows(
    replay: Replay,
    titles: dict[str, str],
    names: tuple[str, ...],
    windows: tuple[Windows, ...],
    word: str,
) -> Iterator[str]:
    """When channels or corridors took nothing, by dates or, where there are many, in sum."""
    periods = replay.spec.periods
    end = periods.edges[-1]
    label = word.capitalize()
    for name, spans in zip(names, windows, strict=True):
        seen = [(max(a, 0.0), min(b, end)) for a, b in spans if b > 0.0 and a < end]
        if not seen:
            continue
        days = sum(b - a for a, b in seen)
        if days >= end:
            text = "all the time"
        elif len(seen) > MOST_WINDOWS:
            text = f"{len(seen)} times, {days:.0f} of {end:.0f} days"
        else:
            text = ", ".join(f"{periods.date(a)} to {periods.date(b)}" for a, b in seen)
        yield from _labelled(label, f"{visible(titles[name])}: {text}")
        label = ""


def _economies(replay: Replay) -> Iterator[str]:
    """Output and exchange rates at the end of the target year, over the start."""
    spec, shocks = replay.spec, replay.world.shocks
    last = int(np.searchsorted(spec.periods.edges, _target_span(replay)[1])) - 1
    label = "By the year's end"
    for place, name in enumerate(spec.economies):
        economy = replay.scenario.economies[name]
        output = np.expm1(float(shocks.output[last, place]))
        rate = np.expm1(float(shocks.log_rate[last, place]))
        text = f"{visible(economy.name)}: output {_signed(output)}, the dollar "
        text += f"{_signed(rate)} in {visible(economy.exchange_rate.currency)}, since the start"
        yield from _labelled(label, text)
        label = ""


def _by_month(replay: Replay) -> Iterator[Row]:
    """Orders placed, delivered and lost in every calendar month, and what took most of them."""
    periods, log = replay.spec.periods, replay.trajectory
    days = periods.edges[periods.warm_up :]
    starts = [day for day in days[:-1] if day == 0.0 or periods.date(day).day == 1]
    for first, after in zip(starts, [*starts[1:], days[-1]], strict=True):
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
        taken = np.bincount(log.verdict[lost], weights=log.cents[lost], minlength=len(_CAUSES))
        row["most_lost_to"] = _CAUSES[int(np.argmax(taken))] if lost.any() else None
        row["most_lost_usd_million"] = float(taken.max()) / 1e8
        yield row


def _months(replay: Replay) -> Iterator[str]:
    yield "Month by month (orders, in brackets USD million; what took most of what was lost)"
    yield f"  {'':7}{'placed':>13}{'delivered':>14}{'lost':>13}  most lost to"
    for row in _by_month(replay):
        cells = [
            f"{row[f'{kind}_orders']:>4}{'(' + _millions(row[f'{kind}_usd_million']) + ')':>9}"
            for kind in ("placed", "delivered", "lost")
        ]
        line = f"  {row['month']}{cells[0]:>13}{cells[1]:>14}{cells[2]:>13}"
        cause = row["most_lost_to"]
        if cause is None:
            yield line
        else:
            told = f"{CAUSES[cause]} ({_millions(row['most_lost_usd_million'])})"
            yield from _wrapped(told, f"{line}  ", " " * (len(line) + 2))


Deal = tuple[int, int, str, int]
"""Cents and number of deliveries of a deal, its name, and its largest order."""


def _largest(replay: Replay) -> Iterator[Deal]:
    """The relationships and contracts that delivered most in the target year."""
    log, (first, after) = replay.trajectory, _target_span(replay)
    rows = np.flatnonzero(log.is_delivered & (log.ended >= first) & (log.ended < after))
    deals: dict[tuple[int, int, int], list[int]] = defaultdict(list)
    for row in rows.tolist():
        deals[int(log.stream[row]), int(log.flow[row]), int(log.partner[row])].append(row)
    sums = {deal: int(log.cents[orders].sum()) for deal, orders in deals.items()}
    for deal in sorted(sums, key=lambda deal: (-sums[deal], deal))[:MOST_DEALS]:
        orders = deals[deal]
        largest = max(orders, key=lambda order: (int(log.cents[order]), -order))
        yield sums[deal], len(orders), _partner(replay.spec, *deal), largest


def _deals(replay: Replay, deals: list[Deal]) -> Iterator[str]:
    total = max(replay.delivered_cents, 1)
    yield f"Largest deals of {_target_year(replay).year}"
    for cents, count, name, largest in deals:
        orders = f"{count} orders, the largest is number" if count > 1 else "order number"
        text = f"{name}: {cents / total:.0%} of the year, {orders} {largest}"
        yield from _labelled(_usd(cents), text)


def _partner(spec: Specification, stream: int, flow: int, partner: int) -> str:
    """A relationship, or a contract, in words."""
    return f"{_good(spec, spec.flows[flow])}; {_who(spec, stream, partner)}"


def _who(spec: Specification, stream: int, partner: int) -> str:
    """A partner, or a contract, without the good."""
    return _named(spec, _stream(spec, stream), partner + 1)


def _named(spec: Specification, stream: str, partner: int) -> str:
    """The same by the words of an event."""
    contract = dict(spec.contracts).get(stream)
    if contract is not None:
        return f"{visible(contract.title)} {partner}"
    kind = "from before the start" if stream == "incumbent" else "found since"
    return f"partner {partner}, {kind}"


def _good(spec: Specification, flow: Flow) -> str:
    """What goes from where to where."""
    good = spec.scenario.exports[flow.exporter].goods[flow.good]
    names = [visible(spec.scenario.economies[e].name) for e in (flow.exporter, flow.importer)]
    return f"{visible(good.title)}, {names[0]} to {names[1]}"


# --- The story of one order ---


def order_story(replay: Replay, number: int) -> str:
    """One order's life line by line: the date, days since it was placed, and what happened."""
    life = _Life(replay, number)
    log, spec = replay.trajectory, replay.spec
    flow, stream, partner = (int(a[number]) for a in (log.flow, log.stream, log.partner))
    head = f"Order {number} of replication {replay.replication} of "
    head += f"{visible(replay.scenario.name)}, seed {replay.seed}"
    lines = list(_wrapped(head, ""))
    lines += _wrapped(f"{_good(spec, spec.flows[flow])}, {_usd(int(log.cents[number]))}", "")
    which = _ordinals(replay)[number] + 1
    lines += _wrapped(f"Order {which} of {_who(spec, stream, partner)}", "")
    lines += ["", f"  {'date':12}{'days':>6}   what happened"]
    for day, text in life.lines():
        since = day - float(log.created[number])
        place = f"  {spec.periods.date(day)!s:12}{since:>6.1f}   "
        lines += _wrapped(text, place, " " * LABEL)
    state = int(log.state[number])
    lines += ["", *_labelled("In the end", STATES[state])]
    for name, title in life.told.items():
        lines += _labelled(name, title)
    return "\n".join(lines) + "\n"


class _Life:
    """One order with the channels that it tries, which follow from its draws."""

    def __init__(self, replay: Replay, number: int) -> None:
        self.replay = replay
        self.log = replay.trajectory
        self.number = number
        self.attempts = replay.scenario.settlement.attempts
        first = _first_channel(replay, number)
        second = fallback_channels(replay.spec, replay.world.numbers)[first]
        self.told: dict[str, str] = {}
        """Titles of the channels and corridors that were named."""
        self.first, self.second = first, int(second)
        channel = int(self.log.channel[number])
        self.accepted_by = None if channel < 0 else channel
        self.cause = _CAUSES[self.log.cause[number]]

    def name(self, channel: int) -> str:
        """A settlement channel by its name; its title is told at the end."""
        name = self.replay.spec.channels[channel]
        return self._named(name, self.replay.scenario.settlement.channels[name].title)

    def _named(self, name: str, title: str) -> str:
        plain = visible(name).replace("_", " ")
        self.told[plain] = visible(title)
        return plain

    def day(self, stage: str) -> float:
        """When a stage was reached."""
        return float(getattr(self.log, stage)[self.number])

    def lines(self) -> Iterator[tuple[float, str]]:
        """Days and words, in order of time; the end of work is told with what follows at once."""
        before = self.day("created")
        rows = told_of(self.replay, self.number)
        days = [row["day"] for row in rows]
        for place, row in enumerate(rows):
            if row["event"] == "processed" and row["day"] in days[place + 1 :]:
                continue
            text = getattr(self, f"_{row['event']}")(row["day"] - before)
            before = row["day"]
            yield row["day"], text

    def _created(self, _: float) -> str:
        return f"placed; its payment is to go through {self.name(self.first)}"

    def _hindered(self, waited: float) -> str:
        match self.cause:
            case "refused":
                return self._by_refused(waited)
            case "slots":
                return f"no free slot in {self.name(self.first)}: the payment waits in line"
            case "interrupted":
                return self._by_interruption()
            case "clearing":
                return "the clearing limit is reached: it waits until the other side sells more"
        return self._held_up(waited)

    def _held_up(self, waited: float) -> str:
        """What goods wait for."""
        match self.cause:
            case "corridor_closed":
                return f"{self._corridor()} is closed: the goods wait for it to open"
            case "corridor_slots":
                return f"no free slot in {self._corridor()}: the goods wait for one"
        return f"inspected at customs for {_days(waited)}"

    def _by_refused(self, worked: float) -> str:
        is_last = self.attempts == 1 or self.log.ended[self.number] == self.day("hindered")
        again = "" if is_last else f"; tried again through {self.name(self.second)}"
        return f"{self.name(self.first)} refuses the payment after {_days(worked)}{again}"

    def _by_interruption(self) -> str:
        text = f"{self.name(self.first)} is interrupted: "
        if self.attempts == 1:
            return f"{text}the payment waits"
        return f"{text}tried through {self.name(self.second)} instead"

    def _deciding(self) -> int:
        """The channel whose work is recorded: the last one that took the payment up."""
        if self.accepted_by is not None:
            return self.accepted_by
        verdict = int(self.log.verdict[self.number])
        is_last = verdict == 0 and self.day("ended") == self.day("processed")
        is_second = self.cause == "refused" and self.day("hindered") <= self.day("granted")
        is_around = self.cause == "interrupted"
        if self.attempts > 1 and (is_last or is_second or is_around):
            return self.second
        return self.first

    def _granted(self, waited: float) -> str:
        channel = self._deciding()
        text = f"{self.name(channel)} takes the payment up"
        if self.cause == "slots" and channel == self.second != self.first:
            text = f"{self.name(self.first)} has refused it; {text}"
        elif self.cause == "slots" and np.isnan(self.day("processed")):
            text = "the payment is taken up"  # by the first or, after a refusal, by the second
        return f"{text} after {_days(waited)}" if waited > 0.0 else f"{text} at once"

    def _processed(self, worked: float) -> str:
        name = self.name(self._deciding())
        if self.accepted_by is None:
            return f"{name} refuses the payment after {_days(worked)} of work"
        return f"{name} has worked on the payment for {_days(worked)}"

    def _accepted(self, taken: float) -> str:
        worked = self.day("accepted") == self.day("processed")
        how = f"after {_days(taken)} of work" if worked else f"after {_days(taken)} of waiting"
        return f"payment set up {how}, fee {_usd(int(self.log.fee_cents[self.number]))}"

    def _produced(self, worked: float) -> str:
        return f"goods made in {_days(worked)}"

    def _shipped(self, waited: float) -> str:
        after = f" after {_days(waited)} of waiting" if waited > 0.0 else ""
        return f"on the way by {self._corridor()}{after}"

    def _corridor(self) -> str:
        name = self.replay.spec.corridors[self.log.corridor[self.number]]
        return self._named(name, self.replay.scenario.corridors[name].title)

    def _arrived(self, travelled: float) -> str:
        return f"at the border after {_days(travelled)}; customs begins"

    def _delivered(self, cleared: float) -> str:
        return f"cleared in {_days(cleared)} and delivered: it counts as trade of this day"

    def _settled(self, waited: float) -> str:
        return f"paid, {_days(waited)} after delivery"

    def _defaulted(self, waited: float) -> str:
        return f"never paid: given up {_days(waited)} after delivery"

    def _lost(self, waited: float) -> str:
        verdict = _CAUSES[self.log.verdict[self.number]]
        if verdict == "rejected":
            return "lost: sent back at customs"
        if verdict == "queue_full":
            return "lost: the line is full"
        if verdict == "refused" and self.day("ended") == self.day("processed"):
            return f"lost: {self.name(self._deciding())} refuses it, and nothing else is tried"
        return f"lost: the buyer gives up after {_days(waited)} of waiting ({CAUSES[verdict]})"


def _first_channel(replay: Replay, number: int) -> int:
    """The channel that an order tries first, from its draws: no record keeps it."""
    spec, log = replay.spec, replay.trajectory
    flow, stream, partner = (int(a[number]) for a in (log.flow, log.stream, log.partner))
    which = _ordinals(replay)[number]
    name = f"{_stream(spec, stream)} {spec.flows[flow].name}"
    if stream >= FIRST_CONTRACT:
        name = f"contract {_stream(spec, stream)}"
        deal = next(
            deal
            for deal in replay.world.deals
            if (deal.contract, deal.number) == (stream - FIRST_CONTRACT, partner)
        )
        days = [deal.first_day + n * deal.spacing_days for n in range(deal.instalments)]
        which += sum(day < spec.periods.edges[0] for day in days)
    luck = Luck(spec, replay.world, Draws(replay.seed, replay.replication))
    ((row,),) = luck.order_rows([Span(Member(name, flow, partner, 0), which, 1)])
    return int(row[CHANNEL])


def _ordinals(replay: Replay) -> list[int]:
    """Which order of its partner each one is, from 0 on."""
    log = replay.trajectory
    placed: Counter[tuple[int, int, int]] = Counter()
    result = []
    columns = (log.flow.tolist(), log.stream.tolist(), log.partner.tolist())
    for partner in zip(*columns, strict=True):
        result.append(placed[partner])
        placed[partner] += 1
    return result


# --- Two replays beside each other ---


@dataclass(frozen=True)
class Split:
    """Where the lives of one order part: the first event in which two replays differ."""

    day: float
    """Days from the start of the first one's horizon."""
    orders: tuple[int | None, int | None]
    events: tuple[Row | None, Row | None]


MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

NAMES = ("name", "title", "question")
"""Fields that say what a scenario is called, and change nothing in it."""

RECORDED = ("granted", "processed")
"""Events that are known only by what followed: a later attempt replaces them in the record."""


def splits(a: Replay, b: Replay) -> list[Split]:
    """The first difference of every order that differs, in order of time.

    Orders are the same if they have the same exporter, good, stream and partner, and are the same
    one of that partner.
    """
    shift = (b.spec.periods.start - a.spec.periods.start).days
    ours, theirs = _lives(a, 0), _lives(b, shift)
    found = [
        split
        for key in ours | theirs
        if (split := _split(ours.get(key, []), theirs.get(key, []))) is not None
    ]
    return sorted(found, key=lambda split: (split.day, str(split.orders)))


def _lives(replay: Replay, shift: int) -> dict[Key, list[Row]]:
    """The events of every order by its identity."""
    lives: dict[Key, list[Row]] = defaultdict(list)
    ordinals = _ordinals(replay)
    for row in replay.events.to_pylist():
        if row["event"] not in RECORDED:
            row["day"] += shift
            names = (row["exporter"], row["good"], row["stream"])
            lives[*names, row["partner"], ordinals[row["order"]]].append(row)
    return lives


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


def divergence(a: Replay, b: Replay) -> str:
    """Where and how two replays of one replication and seed part, in words."""
    found = splits(a, b)
    lines = list(_wrapped(f"Replication {a.replication} under two scenarios, seed {a.seed}", ""))
    for sign, replay in (("A", a), ("B", b)):
        name = visible(replay.scenario.name)
        total = f"{_count(replay.orders)} orders, USD {replay.delivered_cents / 1e8:.1f} million"
        text = f"{sign}: {name}: {total} delivered in {replay.scenario.target.year}"
        lines += _wrapped(text, "  ", "     ")
    lines += ["", *_inputs(a, b), ""]
    if not found:
        return "\n".join([*lines, "No difference: every event is the same in both."]) + "\n"
    lines += ["The first difference", *_versions(a, b, found[0]), ""]
    lines += _chain(a, b, found)
    return "\n".join(lines) + "\n"


def difference(a: Replay, b: Replay) -> Row:
    """The same as plain values."""
    found = splits(a, b)
    inputs = [{"path": d.path, "a": d.was, "b": d.value} for d in between(a.scenario, b.scenario)]
    return {
        "a": facts(a),
        "b": facts(b),
        "inputs": inputs,
        "differing_orders": len(found),
        "by_month": _split_months(a, found),
        "first": [_plain(split) for split in found[: MOST_EVENTS + 1]],
    }


def _plain(split: Split) -> Row:
    told = [row and {**row, "date": str(row["date"])} for row in split.events]
    return {"day": split.day, "a": told[0], "b": told[1]}


def _inputs(a: Replay, b: Replay) -> Iterator[str]:
    """What the scenarios suppose otherwise."""
    found = [d for d in between(a.scenario, b.scenario) if d.path not in NAMES]
    if not found:
        yield "The inputs are the same."
        return
    yield "Inputs that differ"
    for d in found[:MOST_INPUTS]:
        text = f"{visible(d.path)}: in A {visible(d.was)}, in B {visible(d.value)}"
        yield from _wrapped(text, "  ", "    ")
    if len(found) > MOST_INPUTS:
        yield f"  and {len(found) - MOST_INPUTS} more"


def _versions(a: Replay, b: Replay, split: Split) -> Iterator[str]:
    """Both versions of one event, under its day and order."""
    one = split.events[0] or split.events[1]
    assert one is not None
    spec = (a if split.events[0] else b).spec
    flow = next(f for f in spec.flows if (f.exporter, f.good) == (one["exporter"], one["good"]))
    date = a.spec.periods.date(split.day)
    who = _named(spec, one["stream"], one["partner"])
    yield from _wrapped(f"{date}  {_good(spec, flow)}; {who}", "  ", " " * 14)
    told = {(row["event"], row["date"]) for row in split.events if row is not None}
    is_of_hours = len(told) == 1 and None not in split.events
    replays = zip("AB", (a, b), split.orders, split.events, strict=True)
    for sign, replay, order, row in replays:
        text = "no such order" if order is None else _in_words(replay, order, row)
        if is_of_hours and row is not None:
            text += f", on day {row['day']:.3f}"
        yield from _wrapped(f"{sign}: {text}", " " * 14, " " * 17)


_WORDS = {
    "created": "placed",
    "hindered": "held up",
    "accepted": "payment set up",
    "produced": "goods made",
    "shipped": "on the way",
    "arrived": "at the border",
    "settled": "paid",
    "defaulted": "never paid",
}
"""What events are called in sentences, where it is not by their names."""


def _in_words(replay: Replay, order: int, row: Row | None) -> str:
    """One event of one version."""
    if row is None:
        state = STATES[int(replay.trajectory.state[order])]
        return f"nothing more happens to order {order}: {state}"
    text = f"order {order} {_WORDS.get(row['event'], row['event'])} on {row['date']}"
    if row["event"] == "created":
        text += f", {_usd(round(row['value_usd'] * 100.0))}"
    if row["cause"] is not None:
        text += f": {CAUSES[row['cause']]}"
    for name in ("channel", "corridor"):
        if row[name] is not None:
            text += f", by {visible(row[name]).replace('_', ' ')}"
    return text


def _split_months(a: Replay, found: list[Split]) -> dict[str, int]:
    """Orders by the month in which they begin to differ."""
    months = (a.spec.periods.date(split.day).isoformat()[:7] for split in found)
    return dict(sorted(Counter(months).items()))


def _kind(a: Replay, b: Replay, split: Split) -> str:
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


def _chain(a: Replay, b: Replay, found: list[Split]) -> Iterator[str]:
    """How the difference spreads."""
    kinds = Counter(_kind(a, b, split) for split in found)
    both = a.orders + kinds["only in B"]
    yield f"What follows: {_count(len(found))} of {_count(both)} orders differ"
    yield from _wrapped("; ".join(f"{kind} {_count(n)}" for kind, n in kinds.most_common()), "  ")
    yield ""
    yield "Orders by the month in which they begin to differ"
    yield f"  {'':6}" + "".join(f"{month:>6}" for month in MONTHS)
    counts = _split_months(a, found)
    for year in sorted({month[:4] for month in counts}):
        cells = (counts.get(f"{year}-{month:02}", 0) for month in range(1, 13))
        yield f"  {year:6}" + "".join(f"{cell or '':>6}" for cell in cells).rstrip()
    if found[1:]:
        yield ""
        following = min(MOST_EVENTS, len(found) - 1)
        yield f"The next {following} orders that part" if following > 1 else "The next order"
        for split in found[1 : MOST_EVENTS + 1]:
            yield from _versions(a, b, split)


# --- Words ---


def _usd(cents: int) -> str:
    dollars = cents / 100.0
    if dollars >= 1e6:
        return f"USD {dollars / 1e6:.2f} million"
    return f"USD {_count(round(dollars))}"


def _millions(value: float) -> str:
    return f"{value:.2f}" if value < 1000.0 else f"{value:.0f}"


def _count(number: int) -> str:
    return f"{number:,}".replace(",", " ")


def _days(days: float) -> str:
    if days < 1.0:
        hours = round(24.0 * days)
        return "less than an hour" if hours == 0 else f"{hours} hour{'s' if hours > 1 else ''}"
    return "1 day" if round(days) == 1 else f"{days:.0f} days"


def _signed(share: float) -> str:
    return f"{share:+.0%}".replace("-", "\u2212")


def _number(value: float) -> str:
    return f"{value:+.2f}".replace("-", "\u2212")


def _labelled(label: str, text: str) -> Iterator[str]:
    yield from _wrapped(text, f"  {label:{LABEL - 3}} ", " " * LABEL)


def _wrapped(text: str, first: str, then: str | None = None) -> list[str]:
    """Lines of at most 90 columns."""
    after = first if then is None else then
    return textwrap.wrap(
        text, WIDTH, initial_indent=first, subsequent_indent=after, break_on_hyphens=False
    )
