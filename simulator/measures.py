"""Measures: how far agreements and sanctions are in effect, and what they do to the numbers.

One mechanism serves all. A measure has a course: it starts on a day, stated or drawn, rises, and
may end and fall. Its share in effect counts from the start of the horizon on, because the base
numbers already contain what was in effect then. An effect adds share x amount, or multiplies: a
share s of a measure by 1 + s (m - 1), as when a preference is used on that share of trade; a
severity s by m to the power of s. All factors come before all additions.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from simulator.draws import Draws
from simulator.equations.institutions import phase_in, ramp
from simulator.equations.pooling import joined_share, platform_fee
from simulator.portable import FloatArray, exp, log, normal_quantile
from simulator.scenario.types import (
    DAYS_PER_MONTH,
    DAYS_PER_YEAR,
    Agreement,
    Collective,
    Measure,
    Moment,
    Sanction,
)
from simulator.shocks import PeriodClock, Shocks
from simulator.specification import Specification

NEVER = float("inf")

MOST_DIVERTED = 0.999
"""Share of the potential that members can take: something always stays."""


def levels(spec: Specification, numbers: FloatArray, shocks: Shocks, draws: Draws) -> FloatArray:
    """Every number in every period, measures applied; last axes (periods, numbers)."""
    # In memory numbers come first: whatever is done to one, or read of it, lies in one piece.
    by_number = np.repeat(np.moveaxis(numbers, -1, 0)[..., None], spec.periods.count, axis=-1)
    table = np.moveaxis(by_number, 0, -1)
    shares = [_share(spec, numbers, shocks, draws, measure) for measure in spec.measures]
    touched = sorted({change.place for change in spec.changes})
    # Factors first, then additions: the order of names must not matter.
    for change in sorted(spec.changes, key=lambda change: not change.multiplies):
        amount, share = numbers[..., None, change.amount], shares[change.measure]
        if not change.multiplies:
            table[..., change.place] += share * amount
        elif spec.measures[change.measure].startswith("economies."):
            table[..., change.place] *= exp(share * log(amount))
        else:
            table[..., change.place] *= 1.0 + share * (amount - 1.0)
    for place in touched:
        table[..., place] = np.clip(table[..., place], spec.low[place], spec.high[place])
    if spec.scenario.collective is not None:
        _pool(spec, spec.scenario.collective, table, draws)
    return table


def _pool(spec: Specification, collective: Collective, table: FloatArray, draws: Draws) -> None:
    """Let a collective act on the table: who has joined by when decides what everybody gains.

    The platform is one settlement channel. Its cost is spread over all that goes through it, so it
    may be dearer than what it saves as long as few have joined, and it never saves more than there
    is of a fee; balances net with those of members; trade of the two goes to members, and other
    channels close with each of them.
    """

    def number(path: str) -> FloatArray:
        found: FloatArray = table[..., spec.place(f"collective.{path}")]
        return found

    timing = Timing(spec, table[..., 0, :], draws)
    years = PeriodClock.of(spec).years
    ramp_years = number("ramp_years")[..., 0]
    founded = timing.day("collective.founded", collective.founded)
    opened = Course(founded, ramp_years).share(years)
    pooled, offset = number("pooled_usd_million"), np.zeros_like(opened)
    diverted, declined = np.zeros_like(opened), np.zeros_like(opened)
    for code, member in sorted(collective.members.items()):
        joins = timing.day(f"collective.members.{code}.joins", member.joins)
        inside = Course(np.maximum(founded, joins), ramp_years).share(years)
        pooled = pooled + inside * number(f"members.{code}.pooled_usd_million")
        offset = joined_share(offset, inside * number(f"members.{code}.offset_share"))
        diverted = joined_share(diverted, inside * number(f"members.{code}.diverted_share"))
        declined = joined_share(declined, inside * number("retaliation_share"))
    spread = platform_fee(number("platform_cost_usd_million"), pooled)
    saved = number("saving_share") * number("complementarity_share")
    platform = f"settlement.channels.{collective.channel}"
    fee = spec.place(f"{platform}.fee_share")
    netted = spec.by_path.get(f"{platform}.clearing.netting_share")
    table[..., fee] = np.clip(table[..., fee] + opened * (spread - saved), 0.0, 1.0)
    if netted is not None:
        table[..., netted] = joined_share(table[..., netted], offset)
    for place in spec.places("good.affinity"):
        table[..., place] += log(1.0 - np.minimum(diverted, MOST_DIVERTED))
    for channel, place in zip(spec.channels, spec.places("channel.refusal_share"), strict=True):
        if channel != collective.channel:
            table[..., place] = joined_share(table[..., place], declined)


@dataclass(frozen=True, slots=True)
class Course:
    """How far one measure is in effect as time goes on: it rises to ``reach``, then falls.

    ``start`` and ``end`` are days, infinity for never; ``rise`` turns years since the start and
    ``rise_years`` into a share, the fall is a straight line. The numbers may be arrays over
    replications.
    """

    start: FloatArray | float
    rise_years: FloatArray | float
    end: FloatArray | float = NEVER
    fall_years: FloatArray | float = 0.0
    reach: FloatArray | float = 1.0
    rise: Callable[[FloatArray, FloatArray], FloatArray] = ramp

    def share(self, years: FloatArray) -> FloatArray:
        """Share in effect at each time, in years from day 0; last axis."""
        start, rise, end, fall, reach = (
            np.asarray(number, dtype=np.float64)[..., None]
            for number in (self.start, self.rise_years, self.end, self.fall_years, self.reach)
        )
        risen = self.rise(years - start / DAYS_PER_YEAR, rise)
        fallen = ramp(years - end / DAYS_PER_YEAR, fall)
        return np.where(start >= end, 0.0, reach * risen * (1.0 - fallen))


@dataclass(frozen=True)
class Timing:
    """What the dates of measures follow from."""

    spec: Specification
    numbers: FloatArray
    draws: Draws

    @property
    def known(self) -> float:
        """The information date as a day."""
        return self.spec.periods.day(self.spec.scenario.information_date)

    def number(self, path: str) -> FloatArray:
        """A number of the scenario."""
        found: FloatArray = self.numbers[..., self.spec.place(path)]
        return found

    def day(self, path: str, moment: Moment | None) -> FloatArray:
        """Day of a moment: stated or drawn; infinity when it never comes."""
        never = np.full(self.numbers.shape[:-1], NEVER)
        if moment is None:
            return never
        chance = self.draws.uniform(path, words=2)[..., 0, :]
        if moment.day is not None:
            day = np.full_like(never, self.spec.periods.day(moment.day))
        else:
            day = self.known + self.wait(path, chance[..., 1])
        if moment.ever_share is None:
            return day
        return np.where(chance[..., 0] > self.number(f"{path}.ever_share"), never, day)

    def wait(
        self, path: str, chance: FloatArray, elapsed_days: FloatArray | float = 0.0
    ) -> FloatArray:
        """Days of a lognormal clock, given that it is still running after ``elapsed_days``."""
        median = self.number(f"{path}.median_months") * DAYS_PER_MONTH
        sigma = self.number(f"{path}.sigma")
        is_fixed = (median == 0.0) | (sigma == 0.0)
        middle, spread = np.where(is_fixed, 1.0, median), np.where(is_fixed, 1.0, sigma)
        elapsed = np.where(elapsed_days > 0.0, elapsed_days, 1.0)
        gone = ndtr(log(elapsed / middle) / spread)
        later = np.minimum(gone + chance * (1.0 - gone), 1.0 - 1e-12)
        chance = np.where(elapsed_days > 0.0, later, chance)
        drawn = middle * exp(spread * normal_quantile(chance))
        return np.where(is_fixed, np.maximum(median, elapsed_days), drawn)

    def ratified(self, path: str, agreement: Agreement, signed: FloatArray) -> FloatArray:
        """Day on which the slower side has ratified what was signed on a day."""
        elapsed = np.where(signed < NEVER, self.known - signed, 0.0)
        longest = np.zeros_like(signed)
        for side in (f"{path}.ratification.{name}" for name in agreement.ratification):
            wait = self.wait(side, self.draws.uniform(side)[..., 0, 0], elapsed)
            longest = np.maximum(longest, wait)
        return signed + longest


def course(spec: Specification, numbers: FloatArray, draws: Draws, path: str) -> Course:
    """The course of the agreement, sanction or measure at ``path``."""
    measure = spec.scenario.dated[path]
    timing = Timing(spec, numbers, draws)
    day, number = timing.day, timing.number
    match measure:
        case Agreement(in_force=None):
            start = timing.ratified(path, measure, day(f"{path}.signed", measure.signed))
        case Agreement():
            start = day(f"{path}.in_force", measure.in_force)
        case Sanction():
            start = day(f"{path}.imposed", measure.imposed)
            end = day(f"{path}.lifted", measure.lifted)
            return Course(start, number(f"{path}.buildup_years"), end, number(f"{path}.fade_years"))
        case Measure():
            start, end = day(f"{path}.at", measure.at), day(f"{path}.until", measure.until)
            return Course(start, number(f"{path}.ramp_years"), end, number(f"{path}.fade_years"))
    return Course(
        start,
        number(f"{path}.phase_in_years"),
        day(f"{path}.ended", measure.ended),
        reach=number(f"{path}.implemented_share"),
        rise=phase_in,
    )


def _share(
    spec: Specification, numbers: FloatArray, shocks: Shocks, draws: Draws, measure: str
) -> FloatArray:
    """Share of one measure in effect by period, over its share at the start."""
    if measure.startswith("economies."):
        return shocks.severity[..., spec.economies.index(measure.split(".")[1])]
    years = np.concatenate([[0.0], PeriodClock.of(spec).years])
    share = course(spec, numbers, draws, measure).share(years)
    result: FloatArray = share[..., 1:] - share[..., :1]
    return result
