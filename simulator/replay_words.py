"""The words of a replay: a replication as a story, the life of one order, two side by side."""

import textwrap
from collections import Counter
from collections.abc import Iterator

import numpy as np

from simulator.calendars import year_label
from simulator.draws import Draws
from simulator.errors import visible
from simulator.ledger import CAUSES
from simulator.measures import NEVER, course
from simulator.potential import fallback_channels
from simulator.replaying import (
    CAUSE_NAMES,
    MOST_EVENTS,
    STATES,
    Deal,
    Replay,
    Row,
    Split,
    by_month,
    first_channel,
    kind_of,
    largest_deals,
    ordinals,
    published,
    split_months,
    splits,
    states,
    target_span,
    target_year,
    told_of,
)
from simulator.scenario.describing import NAMES, between
from simulator.scenario.types import Agreement, Sanction
from simulator.shocks import Windows
from simulator.specification import Flow, Specification
from simulator.wording import LABEL, WIDTH, count, labelled

MOST_WINDOWS = 4
"""Interruptions of one channel or corridor that are told by their dates."""

MOST_INPUTS = 10


def story(replay: Replay, command: str = "sim replay RUN") -> str:
    """What happened in a replication, month by month, as text of at most 90 columns.

    ``command`` is how the command line names the question.
    """
    deals = list(largest_deals(replay))
    number = deals[0].largest if deals else 0
    follow = f"{command} --replication {replay.replication} --order {number}"
    parts = ["\n".join(_head(replay)), "\n".join(_happened(replay)), "\n".join(_months(replay))]
    if deals:
        parts.append("\n".join(_deals(replay, deals)))
    if replay.orders:
        parts.append(f"Follow one order\n  {visible(follow)}")  # a command stays on one line
    return "\n\n".join(parts) + "\n"


def _head(replay: Replay) -> Iterator[str]:
    scenario, target = replay.scenario, replay.scenario.target
    name = visible(scenario.name)
    yield from _wrapped(f"Replication {replay.replication} of {name}, seed {replay.seed}", "")
    yield from _wrapped(visible(scenario.title), "")
    yield ""
    periods = replay.spec.periods
    end = periods.date(periods.edges[-1] - 1.0)
    warm = int((replay.trajectory.created < 0.0).sum())
    yield labelled("Simulated", f"{periods.start} to {end}")
    text = f"{count(replay.orders)} placed, {count(warm)} of them in the warm-up; "
    found = states(replay)
    text += ", ".join(f"{count(found[state])} {STATES[state]}" for state in found)
    yield labelled("Orders", text)
    goal = f"USD {target.turnover_usd_million.central:g} million in {target.year}"
    yield labelled("Target", goal)
    year = target_year(replay)
    true = f"USD {replay.delivered_cents / 1e8:.1f} million delivered, true value at the border"
    yield labelled(f"Turnover {year.year}", true)
    for office, span, told, met in published(replay):
        statistics = scenario.statistics[office]
        when = year_label(statistics.calendar, span.year)
        verdict = "target met" if met else "target missed"
        text = f"USD {told:.1f} million: {verdict} ({when})"
        title = visible(statistics.title)
        yield from _wrapped(f"{title}: {text}", " " * LABEL, " " * (LABEL + 2))


def _happened(replay: Replay) -> Iterator[str]:
    """What the world did: measures and contracts by date, then who was interrupted when."""
    yield "What the world did"
    spec = replay.spec
    before, dated, never = _dated(replay)
    dated += [*_contracts(replay), *_new_sanctions(replay)]
    end = spec.periods.edges[-1]
    if before:
        yield labelled("In effect before", f"{', '.join(before)}")
    for day, text in sorted(dated):
        if 0.0 <= day < end:
            yield labelled(str(spec.periods.date(day)), text)
    if never:
        yield labelled("Never in this time", "; ".join(never))
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
        start, end = float(found.start), float(found.end)
        if start < 0.0:
            counts[kind] += 1
        elif start < spec.periods.edges[-1]:
            share = f"; {found.reach:.0%} is carried out" if found.reach < 1.0 else ""
            dated.append((start, f"{begins}: {title}{share}"))
        else:
            never.append(title)
        if start < end < NEVER:
            dated.append((end, f"{ends}: {title}"))
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
        yield labelled(label, f"{visible(titles[name])}: {text}")
        label = ""


def _economies(replay: Replay) -> Iterator[str]:
    """Output and exchange rates at the end of the target year, over the start."""
    spec, shocks = replay.spec, replay.world.shocks
    last = int(np.searchsorted(spec.periods.edges, target_span(replay)[1])) - 1
    label = "By the year's end"
    for place, name in enumerate(spec.economies):
        economy = replay.scenario.economies[name]
        output = np.expm1(float(shocks.output[last, place]))
        rate = np.expm1(float(shocks.log_rate[last, place]))
        text = f"{visible(economy.name)}: output {_signed(output)}, the dollar "
        text += f"{_signed(rate)} in {visible(economy.exchange_rate.currency)}, since the start"
        yield labelled(label, text)
        label = ""


def _months(replay: Replay) -> Iterator[str]:
    yield "Month by month (orders, in brackets USD million; what took most of what was lost)"
    yield f"  {'':7}{'placed':>13}{'delivered':>14}{'lost':>13}  most lost to"
    for row in by_month(replay):
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


def _deals(replay: Replay, deals: list[Deal]) -> Iterator[str]:
    total = max(replay.delivered_cents, 1)
    yield f"Largest deals of {target_year(replay).year}"
    for deal in deals:
        several = f"{deal.orders} orders, the largest is number"
        orders = several if deal.orders > 1 else "order number"
        name = _partner(replay.spec, deal.stream, deal.flow, deal.partner)
        text = f"{name}: {deal.cents / total:.0%} of the year, {orders} {deal.largest}"
        yield labelled(_usd(deal.cents), text)


def _partner(spec: Specification, stream: int, flow: int, partner: int) -> str:
    """A relationship, or a contract, in words."""
    return f"{_good(spec, spec.flows[flow])}; {_who(spec, stream, partner)}"


def _who(spec: Specification, stream: int, partner: int) -> str:
    """A partner, or a contract, without the good."""
    return _named(spec, spec.stream(stream), partner + 1)


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


def order_story(replay: Replay, number: int) -> str:
    """One order's life line by line: the date, days since it was placed, and what happened."""
    life = _Life(replay, number)
    log, spec = replay.trajectory, replay.spec
    flow, stream, partner = (int(a[number]) for a in (log.flow, log.stream, log.partner))
    head = f"Order {number} of replication {replay.replication} of "
    head += f"{visible(replay.scenario.name)}, seed {replay.seed}"
    lines = list(_wrapped(head, ""))
    lines += _wrapped(f"{_good(spec, spec.flows[flow])}, {_usd(int(log.cents[number]))}", "")
    which = ordinals(replay)[number] + 1
    lines += _wrapped(f"Order {which} of {_who(spec, stream, partner)}", "")
    lines += ["", f"  {'date':12}{'days':>6}   what happened"]
    for day, text in life.lines():
        since = day - float(log.created[number])
        place = f"  {spec.periods.date(day)!s:12}{since:>6.1f}   "
        lines += _wrapped(text, place, " " * LABEL)
    state = int(log.state[number])
    lines += ["", labelled("In the end", STATES[state])]
    for name, title in life.told.items():
        lines.append(labelled(name, title))
    return "\n".join(lines) + "\n"


class _Life:
    """One order with the channels that it tries, which follow from its draws."""

    def __init__(self, replay: Replay, number: int) -> None:
        self.replay = replay
        self.log = replay.trajectory
        self.number = number
        self.attempts = replay.scenario.settlement.attempts
        first = first_channel(replay, number)
        second = fallback_channels(replay.spec, replay.world.numbers)[first]
        self.told: dict[str, str] = {}
        """Titles of the channels and corridors that were named."""
        self.first, self.second = first, int(second)
        channel = int(self.log.channel[number])
        self.accepted_by = None if channel < 0 else channel
        self.cause = CAUSE_NAMES[self.log.cause[number]]

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
        verdict = CAUSE_NAMES[self.log.verdict[self.number]]
        if verdict == "rejected":
            return "lost: sent back at customs"
        if verdict == "queue_full":
            return "lost: the line is full"
        if verdict == "refused" and self.day("ended") == self.day("processed"):
            return f"lost: {self.name(self._deciding())} refuses it, and nothing else is tried"
        return f"lost: the buyer gives up after {_days(waited)} of waiting ({CAUSES[verdict]})"


MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def divergence(a: Replay, b: Replay) -> str:
    """Where and how two replays of one replication and seed part, in words."""
    found = splits(a, b)
    lines = list(_wrapped(f"Replication {a.replication} under two scenarios, seed {a.seed}", ""))
    for sign, replay in (("A", a), ("B", b)):
        name = visible(replay.scenario.name)
        total = f"{count(replay.orders)} orders, USD {replay.delivered_cents / 1e8:.1f} million"
        text = f"{sign}: {name}: {total} delivered in {replay.scenario.target.year}"
        lines += _wrapped(text, "  ", "     ")
    lines += ["", *_inputs(a, b), ""]
    if not found:
        return "\n".join([*lines, "No difference: every event is the same in both."]) + "\n"
    lines += ["The first difference", *_versions(a, b, found[0]), ""]
    lines += _chain(a, b, found)
    return "\n".join(lines) + "\n"


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


def _chain(a: Replay, b: Replay, found: list[Split]) -> Iterator[str]:
    """How the difference spreads."""
    kinds = Counter(kind_of(a, b, split) for split in found)
    both = a.orders + kinds["only in B"]
    yield f"What follows: {count(len(found))} of {count(both)} orders differ"
    yield from _wrapped("; ".join(f"{kind} {count(n)}" for kind, n in kinds.most_common()), "  ")
    yield ""
    yield "Orders by the month in which they begin to differ"
    yield f"  {'':6}" + "".join(f"{month:>6}" for month in MONTHS)
    counts = split_months(a, found)
    for year in sorted({month[:4] for month in counts}):
        cells = (counts.get(f"{year}-{month:02}", 0) for month in range(1, 13))
        yield f"  {year:6}" + "".join(f"{cell or '':>6}" for cell in cells).rstrip()
    if found[1:]:
        yield ""
        following = min(MOST_EVENTS, len(found) - 1)
        yield f"The next {following} orders that part" if following > 1 else "The next order"
        for split in found[1 : MOST_EVENTS + 1]:
            yield from _versions(a, b, split)


def _usd(cents: int) -> str:
    dollars = cents / 100.0
    if dollars >= 1e6:
        return f"USD {dollars / 1e6:.2f} million"
    return f"USD {count(round(dollars))}"


def _millions(value: float) -> str:
    return f"{value:.2f}" if value < 1000.0 else f"{value:.0f}"


def _days(days: float) -> str:
    if days < 1.0:
        hours = round(24.0 * days)
        return "less than an hour" if hours == 0 else f"{hours} hour{'s' if hours > 1 else ''}"
    return "1 day" if round(days) == 1 else f"{days:.0f} days"


def _signed(share: float) -> str:
    return f"{share:+.0%}".replace("-", "\u2212")


def _number(value: float) -> str:
    return f"{value:+.2f}".replace("-", "\u2212")


def _wrapped(text: str, first: str, then: str | None = None) -> list[str]:
    """Lines of at most 90 columns."""
    after = first if then is None else then
    return textwrap.wrap(
        text, WIDTH, initial_indent=first, subsequent_indent=after, break_on_hyphens=False
    )
