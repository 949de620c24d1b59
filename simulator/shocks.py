"""Shocks: what chance does to politics, output, exchange rates and prices in one replication."""

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
    """Paths by period (first axis); a second axis runs over economies, exporters or flows."""

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
    """All paths of one replication."""
    clock = PeriodClock.of(spec)
    common = _normals(spec, draws, "geopolitics")
    factor = _factor(clock, common, _loading(spec, numbers, "persistence_share"))
    events = [_sanctions(spec, numbers, draws, factor, name) for name in spec.economies]

    def path(stream: str, loading: str, volatility: float) -> FloatArray:
        """A random walk correlated with the factor."""
        share = _loading(spec, numbers, loading)
        own = _normals(spec, draws, stream)
        mixed = share * common + np.sqrt(1.0 - share * share) * own
        return np.cumsum(volatility * np.sqrt(clock.steps) * mixed)

    def walks(kind: str, names: list[str], column: str, loading: str) -> FloatArray:
        volatilities = numbers[spec.places(column)]
        return np.stack(
            [
                path(f"{kind} {n}", loading, float(v))
                for n, v in zip(names, volatilities, strict=True)
            ],
            axis=1,
        )

    economies = list(spec.economies)
    growth = log(1.0 + numbers[spec.places("economy.output_growth_rate")])
    output = walks("output", economies, "economy.output_volatility", "output_loading")
    volatility = numbers[spec.places("good.price_volatility")]
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
        severity=np.stack([e.net_severity(clock) for e in events], axis=1),
    )


def interruptions(  # noqa: PLR0913 -- a process, its two times and its span
    draws: Draws, stream: str, between_days: float, repair_days: float, first: float, last: float
) -> Windows:
    """Windows in which a station is down: exponential times between failures and to repair."""
    if not np.isfinite(between_days):
        return ()
    count = 16 + int(2.0 * (last - first) / (between_days + repair_days))
    while True:
        times = -log(draws.uniform(stream, entities=count, words=2))
        times *= np.array([between_days, repair_days])
        ends = first + np.cumsum(times.sum(axis=1))
        if ends[-1] >= last:
            break
        count *= 2
    starts = ends - times[:, 1]
    return tuple((float(a), float(b)) for a, b in zip(starts, ends, strict=True) if a < last)


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


def merged(windows: Windows) -> Windows:
    """The union of windows, in order and apart."""
    union: list[tuple[float, float]] = []
    for start, end in sorted(windows):
        if union and start <= union[-1][1]:
            union[-1] = (union[-1][0], max(end, union[-1][1]))
        else:
            union.append((start, end))
    return tuple(union)


def event_times(intensity: FloatArray, edges: FloatArray, gaps: FloatArray) -> FloatArray:
    """Times of a point process whose yearly intensity is constant within each period.

    ``gaps`` are exponential numbers of mean 1: the process is the image of a unit Poisson process.
    """
    spent = np.concatenate([[0.0], np.cumsum(intensity * np.diff(edges) / DAYS_PER_YEAR)])
    marks = np.cumsum(gaps)
    marks = marks[marks < spent[-1]]
    period = np.searchsorted(spent, marks, side="right") - 1
    times: FloatArray = edges[period] + (marks - spent[period]) / intensity[period] * DAYS_PER_YEAR
    return times


@dataclass(frozen=True)
class SanctionEvents:
    """Tightening and easing of sanctions on one economy, in days, and how they are felt.

    A tightening is felt from its announcement on: in anticipation until it is imposed, and more
    with every year that it lasts.
    """

    announced: FloatArray
    severity: FloatArray
    eased: FloatArray
    relief_share: float
    anticipation_years: float
    buildup_years: float
    fade_years: float

    def net_severity(self, clock: PeriodClock) -> FloatArray:
        """Severity in effect by period, over what was in effect at the start."""
        total = np.zeros_like(clock.years)
        length = self.anticipation_years + self.buildup_years
        for day, severity in zip(self.announced, self.severity, strict=True):
            total += severity * ramp(clock.years - day / DAYS_PER_YEAR, length)
        lifted = 0.0
        for day in self.eased:
            imposed = BASE_SEVERITY + float(self.severity[self.announced <= day].sum())
            relief = self.relief_share * (imposed - lifted)
            lifted += relief
            total -= relief * ramp(clock.years - day / DAYS_PER_YEAR, self.fade_years)
        return total

    def news(self, edges: FloatArray) -> FloatArray:
        """Severity announced in each period."""
        return np.histogram(self.announced, bins=edges, weights=self.severity)[0]


def _affinity(
    spec: Specification, numbers: FloatArray, draws: Draws, clock: PeriodClock, common: FloatArray
) -> FloatArray:
    """What nothing explains of each direction's log potential: it returns as departures do.

    The base is the average of the last year, not its end: by then the path has left its own
    average by a third of the yearly variance. After a year the share of a departure is left that
    also lasts of the last year's departure from the average of three.
    """
    volatility = numbers[spec.places("export.affinity_volatility")]
    lasting = float(numbers[spec.place("base.persistence_share")])
    loading = _loading(spec, numbers, "affinity_loading")
    kept = exp(log(max(lasting, 1e-9)) * clock.steps)
    state: FloatArray = volatility / SQRT_3 * draws.normal("affinity at the start", len(volatility))
    own = np.stack([_normals(spec, draws, f"affinity {name}") for name in spec.economies], axis=1)
    mixed = loading * common[:, None] + np.sqrt(1.0 - loading * loading) * own
    path: FloatArray = np.empty_like(mixed)
    for period in range(len(path)):
        state = state * kept[period] + volatility * np.sqrt(clock.steps[period]) * mixed[period]
        path[period] = state
    return path


def _sanctions(
    spec: Specification, numbers: FloatArray, draws: Draws, factor: FloatArray, economy: str
) -> SanctionEvents:
    """The point process of one economy: politics raise its intensity."""
    if spec.scenario.economies[economy].sanctions_process is None:
        none = np.empty(0)
        return SanctionEvents(none, none, none, 0.0, 0.0, 0.0, 0.0)

    def number(field: str) -> float:
        return float(numbers[spec.place(f"economies.{economy}.sanctions_process.{field}")])

    # Until the information date everything is known, and in the base or in the scenario.
    edges = np.maximum(np.array(spec.periods.edges), spec.known_until)
    loading = _loading(spec, numbers, "sanction_loading")

    def times(kind: str, intensity: FloatArray) -> FloatArray:
        count = 32 + int(2.0 * float(np.sum(intensity * np.diff(edges))) / DAYS_PER_YEAR)
        return event_times(intensity, edges, draws.exponential(f"{kind} {economy}", count))

    tightened = times("tightening", number("tightening_rate") * exp(loading * factor))
    marks = draws.exponential(f"severity {economy}", max(len(tightened), 1))
    return SanctionEvents(
        announced=tightened,
        severity=number("severity") * marks[: len(tightened)],
        eased=times("easing", number("easing_rate") * exp(-loading * factor)),
        relief_share=number("relief_share"),
        anticipation_years=number("anticipation_months") / 12.0,
        buildup_years=number("buildup_years"),
        fade_years=number("fade_years"),
    )


def _factor(clock: PeriodClock, common: FloatArray, monthly: float) -> FloatArray:
    """A first-order autoregression of unit stationary variance that starts at 0."""
    if monthly >= 1.0:
        return np.zeros_like(common)
    # A correlation of 0 would have no logarithm; 1e-9 a month is none.
    kept = exp(log(max(monthly, 1e-9)) * clock.steps * 12.0)
    factor = np.zeros_like(common)
    state = 0.0
    for period in range(len(common)):
        state = state * kept[period] + np.sqrt(1.0 - kept[period] ** 2) * common[period]
        factor[period] = state
    return factor


def _overshoot(
    spec: Specification,
    numbers: FloatArray,
    clock: PeriodClock,
    walks: FloatArray,
    events: list[SanctionEvents],
) -> FloatArray:
    """Shocks and jumps of the rate that have not yet become inflation: they fade by e-folding."""
    months = numbers[spec.places("economy.exchange_rate.overshoot_months")]
    jumps = _jumps(spec, numbers, events)
    kept = exp(-clock.steps[:, None] * 12.0 / months)
    added = np.diff(walks, axis=0, prepend=np.zeros((1, walks.shape[1]))) + jumps
    overshoot = np.zeros_like(walks)
    state = np.zeros(walks.shape[1])
    for period in range(len(walks)):
        state = state * kept[period] + added[period]
        overshoot[period] = state
    return overshoot


def _log_rate(
    spec: Specification,
    numbers: FloatArray,
    clock: PeriodClock,
    walks: FloatArray,
    events: list[SanctionEvents],
) -> FloatArray:
    """A geometric path: without news its mean grows at exactly the rate of depreciation."""
    drift = numbers[spec.places("economy.exchange_rate.depreciation_rate")]
    volatility = numbers[spec.places("economy.exchange_rate.volatility")]
    trend = log(1.0 + drift) - 0.5 * volatility * volatility
    return clock.years[:, None] * trend + walks + np.cumsum(_jumps(spec, numbers, events), axis=0)


def _jumps(spec: Specification, numbers: FloatArray, events: list[SanctionEvents]) -> FloatArray:
    """Log jump of each rate in each period, from the news of sanctions."""
    edges = np.array(spec.periods.edges)
    size = numbers[spec.places("economy.exchange_rate.news_jump")]
    return np.stack([event.news(edges) for event in events], axis=1) * size


def _normals(spec: Specification, draws: Draws, stream: str) -> FloatArray:
    """One standard normal number a period of the horizon; the warm-up has none."""
    warm_up = spec.periods.warm_up
    numbers = np.zeros(spec.periods.count)
    numbers[warm_up:] = draws.normal(stream, spec.periods.count - warm_up)
    return numbers


def _loading(spec: Specification, numbers: FloatArray, name: str) -> float:
    """One number of the geopolitics block."""
    return float(numbers[spec.place(f"geopolitics.{name}")])
