"""Estimates from replications, each with its interval or with the reason why it has none."""

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy import special

from simulator.runs import Floats

CONFIDENCE = 0.95
FEWEST_FOR_MEAN = 150
"""Fewer runs may all miss an event of 2 in 100, such as a total loss, and show a false calm."""


def normal_width(confidence: float) -> float:
    """Half of the interval of a standard normal number that holds it with a confidence."""
    return float(special.ndtri((1 + confidence) / 2))


Z = normal_width(CONFIDENCE)


@dataclass(frozen=True, slots=True)
class Proportion:
    """How many of the runs did something, with the 95 % interval of the chance of it."""

    hits: int
    of: int
    low: float | None
    """None with a single run: it says nothing about a chance."""
    high: float | None

    @property
    def share(self) -> float:
        """Hits for each run, 0 to 1."""
        return self.hits / self.of


@dataclass(frozen=True, slots=True)
class Quantile:
    """A quantile over the runs, or how many runs it would need."""

    level: float
    value: float | None
    low: float | None
    """The 95 % interval by order statistics; None where the sample does not reach."""
    high: float | None
    needed: int

    @property
    def error(self) -> float:
        """Its standard error, from the width of the interval; 0 when nothing is known of it."""
        if self.low is None or self.high is None:
            return 0.0
        return (self.high - self.low) / (2 * Z)


@dataclass(frozen=True, slots=True)
class Mean:
    """An average over the runs, with half of its 95 % interval or the reason why it has none."""

    value: float
    half_width: float | None
    withheld: str | None

    @property
    def error(self) -> float:
        """Its standard error, from the width of a 95 % interval; 0 where there is none."""
        return 0.0 if self.half_width is None else self.half_width / Z


@dataclass(frozen=True, slots=True)
class Change:
    """A change of a chance from one run to another, with its 95 % interval, in shares."""

    value: float
    low: float
    high: float

    @property
    def is_clear(self) -> bool:
        """Whether the interval leaves zero out."""
        return self.low > 0 or self.high < 0

    @property
    def half_width(self) -> float:
        """Half of the interval."""
        return (self.high - self.low) / 2


def paired_change(gained: int, lost: int, of: int, z: float = Z) -> Change:
    """The change of a chance over pairs, of which some gained and some lost what is counted.

    The interval is Wald's with half a pair added to each of the four cells (Agresti and Min 2005,
    doi 10.1002/sim.1781), which holds for few pairs and rare changes as well.
    """
    size = of + 2
    value = (gained - lost) / size
    half = z * math.sqrt(gained + lost + 1 - (gained - lost) ** 2 / size) / size
    return Change((gained - lost) / of, max(-1.0, value - half), min(1.0, value + half))


def proportion(hits: int, of: int) -> Proportion:
    """The share of runs with Wilson's 95 % interval, which holds near 0 and 1 as well."""
    if of < 2:
        return Proportion(hits, of, None, None)
    return Proportion(hits, of, *wilson(hits / of, of))


def wilson(share: float, of: float) -> tuple[float, float]:
    """Wilson's 95 % interval of a share that was seen in so many, or as good as so many, cases."""
    weight = Z * Z / of
    middle = (share + weight / 2) / (1 + weight)
    half = Z * math.sqrt(share * (1 - share) / of + weight / (4 * of)) / (1 + weight)
    low = 0.0 if share == 0.0 else middle - half
    high = 1.0 if share == 1.0 else middle + half
    return low, high


def likelier(hits: int, of: int, than: float = 0.5) -> bool | None:
    """Whether a chance is above ``than``, decided at 95 % whenever one looks; None: not yet.

    Counts are weighed against ``than`` by the beta-binomial mixture with a uniform prior. If the
    chance were ``than``, the weight would ever exceed 20 with probability 1/20 at most (Ville's
    inequality; Robbins 1970), so looking again and again after more runs is allowed.
    """
    weight = special.betaln(hits + 1, of - hits + 1) - special.xlogy(hits, than)
    weight -= special.xlogy(of - hits, 1 - than)
    if weight < -math.log(1 - CONFIDENCE):
        return None
    return hits > than * of


def needed_runs(level: float) -> int:
    """Runs until the sample reaches beyond the quantile with 95 % confidence: 59 for 5 % and 95 %.

    Fewer runs than ln(0.05) / ln(level) may all lie on one side of it.
    """
    return math.ceil(math.log(1 - CONFIDENCE) / math.log(max(level, 1 - level)))


def quantile(values: Floats, level: float) -> Quantile:
    """A quantile over the runs, with the 95 % interval by order statistics.

    The number of runs below the true quantile is binomial, whatever the law of the values, so the
    interval holds for every law.
    """
    needed = needed_runs(level)
    if values.size < needed:
        return Quantile(level, None, None, None, needed)
    low, high = _ranks(values.size, level)
    ordered = np.sort(values)
    return Quantile(
        level,
        float(np.quantile(ordered, level)),
        float(ordered[low - 1]) if low >= 1 else None,
        float(ordered[high - 1]) if high <= values.size else None,
        needed,
    )


def mean(values: Floats, confidence: float = CONFIDENCE) -> Mean:
    """The average, with Student's interval where the sample allows to trust it.

    It is withheld below 150 runs, and where runs are fewer than 25 times the squared skewness
    (Cochran's rule): a few runs then decide the average, or are still to come.
    """
    value, size = float(np.mean(values)), values.size
    spread = float(np.std(values, ddof=1)) if size > 1 else 0.0
    if size < FEWEST_FOR_MEAN:
        return Mean(value, None, f"fewer than {FEWEST_FOR_MEAN} runs")
    # Equal values may differ in the last bit of their average, which is no spread.
    if spread <= 1e-12 * abs(value):
        return Mean(value, None, "every run gave the same value")
    skewness = float(np.mean((values - value) ** 3)) / spread**3
    if size < 25 * skewness**2:
        return Mean(value, None, f"a few runs decide it; {_round_up(25 * skewness**2)} are needed")
    return Mean(value, student(spread, size, confidence), None)


def student(spread: float, size: int, confidence: float = CONFIDENCE) -> float:
    """Half of Student's interval of an average of ``size`` values with this sample spread."""
    return float(special.stdtrit(size - 1, (1 + confidence) / 2)) * spread / math.sqrt(size)


def apart(one: Floats, other: Floats, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """How far the average of a group lies above that of another one, with half of its interval.

    The groups are independent and their spreads may differ (Welch 1947, by the normal law).
    """
    variance = sum(float(np.var(some, ddof=1)) / some.size for some in (one, other))
    half = float(special.ndtri((1 + confidence) / 2)) * math.sqrt(variance)
    return float(np.mean(one) - np.mean(other)), half


def is_clear(change: Floats, confidence: float = CONFIDENCE) -> bool:
    """Whether paired changes are surely up or surely down.

    The interval of their average decides; where that is withheld, the sign test does: more pairs
    go the way of the average than would by chance.
    """
    found = mean(change, confidence)
    if found.half_width is not None:
        return abs(found.value) > found.half_width
    up, down = (int(np.count_nonzero(change * sign > 0)) for sign in (1, -1))
    lead = (up - down) * float(np.sign(found.value))
    return lead > normal_width(confidence) * math.sqrt(up + down)


def rounded(value: float, error: float) -> str:
    """A number with the digits that its standard error supports, thousands apart.

    The last digit shown is as large as the first digit of the error. Without an error: two digits.
    What is not zero keeps a digit, so that a little is told from nothing.
    """
    scale = min(error, abs(value)) if error > 0 and value else abs(value) / 10
    decimals = -math.floor(math.log10(scale)) if scale > 0 else 0
    decimals = min(decimals, 6)
    number = round(value, decimals) + 0.0
    return f"{number:,.{max(decimals, 0)}f}".replace(",", " ")


@cache
def _ranks(size: int, level: float) -> tuple[int, int]:
    """The largest and smallest ranks, counted from 1, between which the quantile lies at 95 %."""
    ranks = np.arange(size + 1)
    below = special.bdtr(ranks, size, level)
    tail = (1 - CONFIDENCE) / 2
    low = int(np.searchsorted(below, tail, side="right"))
    high = int(np.searchsorted(below, 1 - tail, side="left")) + 1
    return low, high


def _round_up(count: float) -> str:
    """A count of runs, rounded up to two digits."""
    unit = 10 ** max(math.floor(math.log10(count)) - 1, 0)
    return f"{math.ceil(count / unit) * unit:,}".replace(",", " ")
