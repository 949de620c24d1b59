"""Shocks: what chance does to politics, output, exchange rates and prices."""

from dataclasses import dataclass
from datetime import date

import numpy as np

from simulator.draws import Draws
from simulator.equations.institutions import ramp
from simulator.portable import FloatArray, exp, log
from simulator.scenario.types import DAYS_PER_YEAR, Closing
from simulator.specification import Specification

Windows = tuple[tuple[float, float], ...]
"""Spans of days, in order and apart."""


@dataclass(frozen=True, slots=True)
class Spans:
    """Windows in arrays, last axis; infinite where one replication has fewer than another."""

    starts: FloatArray
    ends: FloatArray

    def windows(self, which: tuple[int, ...] = ()) -> Windows:
        """Those of one replication."""
        rows = zip(self.starts[which].tolist(), self.ends[which].tolist(), strict=True)
        return tuple((start, end) for start, end in rows if start < np.inf)

    @classmethod
    def of(cls, windows: Windows, count: int) -> "Spans":
        """The same windows in so many replications."""
        bounds = np.array(windows).reshape(-1, 2).T
        starts, ends = np.repeat(bounds[:, None], count, axis=1)
        return cls(starts, ends)

    def united(self, others: "Spans") -> "Spans":
        """The union with other spans, in order and apart."""
        starts = np.concatenate([self.starts, others.starts], axis=-1)
        ends = np.concatenate([self.ends, others.ends], axis=-1)
        order = np.argsort(starts, axis=-1)
        starts = np.take_along_axis(starts, order, axis=-1)
        reached = np.maximum.accumulate(np.take_along_axis(ends, order, axis=-1), axis=-1)
        # A window begins anew where those before have ended; then those before are one.
        is_apart = starts[..., 1:] > reached[..., :-1]
        final = np.where(starts[..., -1:] < np.inf, reached[..., -1:], np.inf)
        first = np.concatenate([starts[..., :1], np.where(is_apart, starts[..., 1:], np.inf)], -1)
        last = np.concatenate([np.where(is_apart, reached[..., :-1], np.inf), final], axis=-1)
        return Spans(np.sort(first, axis=-1), np.sort(last, axis=-1))


SQRT_3 = 3.0**0.5

BASE_SEVERITY = 1.0
"""Severity of the sanctions already in force at the start: they are part of the base flows."""


@dataclass(frozen=True)
class PeriodClock:
    """Mid-points of the periods in years from the start; a warm-up stands at 0."""

    years: FloatArray
    steps: FloatArray
    """Years since the mid-point before."""

    @classmethod
    def of(cls, spec: Specification) -> "PeriodClock":
        """The clock of a specification's periods."""
        edges = np.array(spec.periods.edges)
        years = (edges[1:] + edges[:-1]) / (2.0 * DAYS_PER_YEAR)
        years[: spec.periods.warm_up] = 0.0
        return cls(years, np.diff(years, prepend=0.0))


@dataclass(frozen=True)
class Shocks:
    """Paths by period; a further axis runs over economies, exporters or flows.

    Before these may stand an axis over replications.
    """

    factor: FloatArray
    """The geopolitical factor, in standard deviations; 0 at the start."""
    output: FloatArray
    """Log output over its start, by economy."""
    overshoot: FloatArray
    """Log weakness of each currency beyond its inflation."""
    log_rate: FloatArray
    """Log free-market rate over its start, local currency per dollar, by economy."""
    log_price: FloatArray
    """Log price of each flow's good over its start."""
    affinity: FloatArray
    """Log potential that nothing else explains, by exporter."""
    severity: FloatArray
    """New sanctions in effect on each economy, 0 at the start, negative after relief."""


def shocks(spec: Specification, numbers: FloatArray, draws: Draws) -> Shocks:
    """All paths, of one replication or of several at once."""
    clock = PeriodClock.of(spec)
    common = _normals(spec, draws, "geopolitics")
    factor = _factor(clock, common, _loading(spec, numbers, "persistence_share"))
    events = [_sanctions(spec, numbers, draws, factor, name) for name in spec.economies]

    def path(stream: str, loading: str, volatility: FloatArray) -> FloatArray:
        """A random walk correlated with the factor."""
        share = _loading(spec, numbers, loading)[..., None]
        own = _normals(spec, draws, stream)
        mixed = share * common + np.sqrt(1.0 - share * share) * own
        return np.cumsum(volatility[..., None] * np.sqrt(clock.steps) * mixed, axis=-1)

    def walks(kind: str, names: list[str], column: str, loading: str) -> FloatArray:
        volatilities = numbers[..., spec.places(column)]
        return np.stack(
            [path(f"{kind} {n}", loading, volatilities[..., k]) for k, n in enumerate(names)],
            axis=-1,
        )

    economies = list(spec.economies)
    growth = log(1.0 + numbers[..., spec.places("economy.output_growth_rate")])[..., None, :]
    output = walks("output", economies, "economy.output_volatility", "output_loading")
    volatility = numbers[..., None, spec.places("good.price_volatility")]
    prices = walks("price", [f.name for f in spec.flows], "good.price_volatility", "price_loading")
    rates = walks("exchange", economies, "economy.exchange_rate.volatility", "exchange_loading")
    return Shocks(
        factor=factor,
        output=output + clock.years[:, None] * growth,
        overshoot=_overshoot(spec, numbers, clock, rates, events),
        log_rate=_log_rate(spec, numbers, clock, rates, events),
        # The expected price stays where it is: half the variance is taken off the log.
        log_price=prices - 0.5 * clock.years[:, None] * volatility * volatility,
        affinity=_affinity(spec, numbers, draws, clock, common),
        severity=np.stack([e.net_severity(clock) for e in events], axis=-1),
    )


def interruptions(  # noqa: PLR0913 -- a process, its two times and its span
    draws: Draws,
    stream: str,
    between_days: FloatArray | float,
    repair_days: FloatArray | float,
    first: float,
    last: float,
) -> Spans:
    """When a station is down: exponential times between failures and to repair."""
    between_days, repair_days = np.asarray(between_days), np.asarray(repair_days)
    if not np.isfinite(between_days).all():
        nothing = np.empty((*between_days.shape, 0))
        return Spans(nothing, nothing)
    count = 16 + int(2.0 * (last - first) / float(np.min(between_days + repair_days)))
    while True:
        times = -log(draws.uniform(stream, entities=count, words=2))
        waits = times[..., 0] * between_days[..., None]
        repairs = times[..., 1] * repair_days[..., None]
        ends = first + np.cumsum(waits + repairs, axis=-1)
        if (ends[..., -1] >= last).all():
            break
        count *= 2
    starts = ends - repairs
    inside = starts < last
    width = int(inside.sum(axis=-1).max())
    return Spans(
        np.where(inside, starts, np.inf)[..., :width], np.where(inside, ends, np.inf)[..., :width]
    )


def closings(spec: Specification, closing: Closing | None) -> Windows:
    """The days of every year of the horizon on which a corridor is closed by season."""
    if closing is None:
        return ()
    calendar = spec.periods
    first, last = calendar.date(calendar.edges[0]), calendar.date(calendar.edges[-1])
    windows = []
    for year in range(first.year - 1, last.year + 1):
        opens_in = year if closing.first <= closing.last else year + 1
        begins = date.fromisoformat(f"{year}-{closing.first}")
        ends = date.fromisoformat(f"{opens_in}-{closing.last}")
        windows.append((calendar.day(begins), calendar.day(ends) + 1.0))
    return tuple(w for w in windows if w[1] > calendar.edges[0] and w[0] < calendar.edges[-1])


def event_times(intensity: FloatArray, edges: FloatArray, gaps: FloatArray) -> FloatArray:
    """Times of a point process whose yearly intensity is constant within each period.

    ``gaps`` are exponential numbers of mean 1: the process is the image of a unit Poisson process.
    Infinite where one replication has fewer events than another.
    """
    grown = np.cumsum(intensity * np.diff(edges) / DAYS_PER_YEAR, axis=-1)
    spent = np.concatenate([np.zeros((*grown.shape[:-1], 1)), grown], axis=-1)
    marks = np.cumsum(gaps, axis=-1)
    inside = marks < spent[..., -1:]
    marks = marks[..., : int(inside.sum(axis=-1).max())]
    inside = inside[..., : marks.shape[-1]]
    period = np.sum(spent[..., None, :] <= marks[..., :, None], axis=-1) - 1
    period = np.minimum(period, intensity.shape[-1] - 1)
    rate = np.where(inside, np.take_along_axis(intensity, period, axis=-1), 1.0)
    since = marks - np.take_along_axis(spent, period, axis=-1)
    return np.where(inside, edges[period] + since / rate * DAYS_PER_YEAR, np.inf)


@dataclass(frozen=True)
class SanctionEvents:
    """Tightening and easing of sanctions on one economy, in days, and how they are felt.

    A tightening is felt from its announcement on: in anticipation until it is imposed, and more
    with every year that it lasts. The last axis of the first three runs over events; what never
    happens is announced at infinity, with severity 0.
    """

    announced: FloatArray
    severity: FloatArray
    eased: FloatArray
    relief_share: FloatArray
    anticipation_years: FloatArray
    buildup_years: FloatArray
    fade_years: FloatArray

    def net_severity(self, clock: PeriodClock) -> FloatArray:
        """Severity in effect by period, over what was in effect at the start."""
        total = np.zeros((*self.announced.shape[:-1], len(clock.years)))
        length = np.asarray(self.anticipation_years + self.buildup_years)[..., None]
        fade = np.asarray(self.fade_years)[..., None]
        for event in range(self.announced.shape[-1]):
            years = clock.years - self.announced[..., event, None] / DAYS_PER_YEAR
            total = total + self.severity[..., event, None] * ramp(years, length)
        imposed = np.cumsum(self.severity, axis=-1)
        lifted = np.zeros(self.announced.shape[:-1])
        for event in range(self.eased.shape[-1]):
            day = self.eased[..., event]
            before = self.announced <= day[..., None]
            so_far = np.max(np.where(before, imposed, 0.0), axis=-1, initial=0.0)
            relief = self.relief_share * (BASE_SEVERITY + so_far - lifted)
            relief = np.where(np.isfinite(day), relief, 0.0)
            lifted = lifted + relief
            years = clock.years - day[..., None] / DAYS_PER_YEAR
            total = total - relief[..., None] * ramp(years, fade)
        return total

    def news(self, edges: FloatArray) -> FloatArray:
        """Severity announced in each period."""
        total = np.zeros((*self.announced.shape[:-1], len(edges) - 1))
        for event in range(self.announced.shape[-1]):
            day = self.announced[..., event, None]
            inside = (edges[:-1] <= day) & (day < edges[1:])
            total = total + np.where(inside, self.severity[..., event, None], 0.0)
        return total


def _affinity(
    spec: Specification, numbers: FloatArray, draws: Draws, clock: PeriodClock, common: FloatArray
) -> FloatArray:
    """What nothing explains of each direction's log potential: it returns as departures do.

    The base is the average of the last year, not its end: by then the path has left its own
    average by a third of the yearly variance. After a year the share of a departure is left that
    also lasts of the last year's departure from the average of three.
    """
    volatility = numbers[..., spec.places("export.affinity_volatility")]
    lasting = numbers[..., spec.place("base.persistence_share")]
    loading = _loading(spec, numbers, "affinity_loading")[..., None, None]
    kept = exp(log(np.maximum(lasting, 1e-9))[..., None] * clock.steps)
    start = draws.normal("affinity at the start", len(spec.economies))
    state: FloatArray = volatility / SQRT_3 * start
    own = np.stack([_normals(spec, draws, f"affinity {name}") for name in spec.economies], axis=-1)
    mixed = loading * common[..., None] + np.sqrt(1.0 - loading * loading) * own
    path: FloatArray = np.empty_like(mixed)
    for period in range(len(clock.steps)):
        added = volatility * np.sqrt(clock.steps[period]) * mixed[..., period, :]
        state = state * kept[..., period, None] + added
        path[..., period, :] = state
    return path


def _sanctions(
    spec: Specification, numbers: FloatArray, draws: Draws, factor: FloatArray, economy: str
) -> SanctionEvents:
    """The point process of one economy: politics raise its intensity."""
    if spec.scenario.economies[economy].sanctions_process is None:
        none = np.empty((*factor.shape[:-1], 0))
        nothing = np.zeros(factor.shape[:-1])
        return SanctionEvents(none, none, none, nothing, nothing, nothing, nothing)

    def number(field: str) -> FloatArray:
        found: FloatArray = numbers[
            ..., spec.place(f"economies.{economy}.sanctions_process.{field}")
        ]
        return found

    # Until the information date everything is known, and in the base or in the scenario.
    edges = np.maximum(np.array(spec.periods.edges), spec.known_until)
    loading = _loading(spec, numbers, "sanction_loading")[..., None]

    def times(kind: str, intensity: FloatArray) -> FloatArray:
        expected = np.max(np.sum(intensity * np.diff(edges), axis=-1)) / DAYS_PER_YEAR
        count = 32 + int(2.0 * float(expected))
        return event_times(intensity, edges, draws.exponential(f"{kind} {economy}", count))

    tightened = times("tightening", number("tightening_rate")[..., None] * exp(loading * factor))
    marks = draws.exponential(f"severity {economy}", max(tightened.shape[-1], 1))
    severity = number("severity")[..., None] * marks[..., : tightened.shape[-1]]
    return SanctionEvents(
        announced=tightened,
        severity=np.where(np.isfinite(tightened), severity, 0.0),
        eased=times("easing", number("easing_rate")[..., None] * exp(-loading * factor)),
        relief_share=number("relief_share"),
        anticipation_years=number("anticipation_months") / 12.0,
        buildup_years=number("buildup_years"),
        fade_years=number("fade_years"),
    )


def _factor(clock: PeriodClock, common: FloatArray, monthly: FloatArray) -> FloatArray:
    """A first-order autoregression of unit stationary variance that starts at 0."""
    # A correlation of 0 would have no logarithm; 1e-9 a month is none.
    inside = np.clip(monthly, 1e-9, 1.0)
    kept = exp(log(inside)[..., None] * clock.steps * 12.0)
    fresh = np.sqrt(1.0 - kept * kept)
    factor = np.zeros_like(common)
    state = np.zeros(common.shape[:-1])
    for period in range(len(clock.steps)):
        state = state * kept[..., period] + fresh[..., period] * common[..., period]
        factor[..., period] = state
    # What lasts for ever never leaves its start.
    return np.where(monthly[..., None] >= 1.0, 0.0, factor)


def _overshoot(
    spec: Specification,
    numbers: FloatArray,
    clock: PeriodClock,
    walks: FloatArray,
    events: list[SanctionEvents],
) -> FloatArray:
    """Shocks and jumps of the rate that have not yet become inflation: they fade by e-folding."""
    months = numbers[..., None, spec.places("economy.exchange_rate.overshoot_months")]
    jumps = _jumps(spec, numbers, events)
    kept = exp(-clock.steps[:, None] * 12.0 / months)
    before = np.concatenate([np.zeros_like(walks[..., :1, :]), walks[..., :-1, :]], axis=-2)
    added = walks - before + jumps
    overshoot = np.zeros_like(walks)
    state = np.zeros_like(walks[..., 0, :])
    for period in range(len(clock.steps)):
        state = state * kept[..., period, :] + added[..., period, :]
        overshoot[..., period, :] = state
    return overshoot


def _log_rate(
    spec: Specification,
    numbers: FloatArray,
    clock: PeriodClock,
    walks: FloatArray,
    events: list[SanctionEvents],
) -> FloatArray:
    """A geometric path: without news its mean grows at exactly the rate of depreciation."""
    drift = numbers[..., None, spec.places("economy.exchange_rate.depreciation_rate")]
    volatility = numbers[..., None, spec.places("economy.exchange_rate.volatility")]
    trend = log(1.0 + drift) - 0.5 * volatility * volatility
    jumps = np.cumsum(_jumps(spec, numbers, events), axis=-2)
    result: FloatArray = clock.years[:, None] * trend + walks + jumps
    return result


def _jumps(spec: Specification, numbers: FloatArray, events: list[SanctionEvents]) -> FloatArray:
    """Log jump of each rate in each period, from the news of sanctions."""
    edges = np.array(spec.periods.edges)
    size = numbers[..., None, spec.places("economy.exchange_rate.news_jump")]
    result: FloatArray = np.stack([event.news(edges) for event in events], axis=-1) * size
    return result


def _normals(spec: Specification, draws: Draws, stream: str) -> FloatArray:
    """One standard normal number a period of the horizon; the warm-up has none."""
    warm_up = spec.periods.warm_up
    drawn = draws.normal(stream, spec.periods.count - warm_up)
    return np.concatenate([np.zeros((*drawn.shape[:-1], warm_up)), drawn], axis=-1)


def _loading(spec: Specification, numbers: FloatArray, name: str) -> FloatArray:
    """One number of the geopolitics block."""
    found: FloatArray = numbers[..., spec.place(f"geopolitics.{name}")]
    return found
