"""Surfaces: the distribution of turnover as a smooth function of a few numbers, and how far off."""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simulator.evidence.scores import log_of
from simulator.runs import Floats

LEVELS = tuple((2 * n + 1) / 100 for n in range(50))
"""Shares of runs below the fifty quantiles that are fitted; each stands for 2 of 100 runs."""

LOG_FROM = 4.0
"""Ends of a range that are so many times apart are told apart by their logarithms."""

DIGITS = 6
"""Behind the point of a coefficient of log turnover, so that a page holds the same surface."""


@dataclass(frozen=True, slots=True)
class Axis:
    """A number that is moved, and the range in which that is known."""

    low: float
    high: float

    @property
    def is_log(self) -> bool:
        """Whether equal steps of its logarithm count as equal."""
        return self.low > 0 and self.high >= LOG_FROM * self.low

    def place(self, value: float) -> float:
        """Where a value lies: -1 at the low end of the range, 1 at the high one."""
        low, high, at = self.low, self.high, value
        if self.is_log:
            low, high, at = math.log(low), math.log(high), math.log(at)
        return (2 * at - low - high) / (high - low)


@dataclass(frozen=True, slots=True)
class Surface:
    """Quantiles of log turnover, each a polynomial of second degree in the places of some numbers.

    The coefficients of a quantile belong to the terms 1, the places, their squares, and the
    products of any two of them, in this order.
    """

    axes: tuple[Axis, ...]
    coefficients: tuple[tuple[float, ...], ...]
    """By level, then by term."""

    def logs(self, values: Sequence[float]) -> Floats:
        """Log turnover at each of the levels; quantiles never cross."""
        terms = _terms([axis.place(one) for axis, one in zip(self.axes, values, strict=True)])
        found: Floats = np.maximum.accumulate(np.array(self.coefficients) @ np.array(terms))
        return found

    def turnover(self, values: Sequence[float], level: float) -> float:
        """The turnover below which a share of the runs lies, in million dollars."""
        return math.exp(float(np.interp(level, LEVELS, self.logs(values))))

    def chance(self, values: Sequence[float], target: float) -> float:
        """The share of runs with at least so many million dollars; 0.01 and 0.99 are bounds."""
        logs, aim = self.logs(values), float(log_of(target))
        above = int(np.searchsorted(logs, aim))
        if above in (0, len(LEVELS)):
            return 1 - LEVELS[min(above, len(LEVELS) - 1)]
        low, high = float(logs[above - 1]), float(logs[above])
        share = (aim - low) / (high - low)
        return 1 - (LEVELS[above - 1] + share * (LEVELS[above] - LEVELS[above - 1]))


@dataclass(frozen=True, slots=True)
class Misfit:
    """How far a surface is off where runs were made that it has not seen."""

    settings: int
    typical: float
    """Root mean square error of the chance, over these settings and some sizes of the target."""
    largest: float
    typical_share: float
    """Root mean square error of the quantiles 10, 50 and 90 %, as a share of them."""
    largest_share: float


def terms(axes: int) -> int:
    """How many coefficients a quantile has."""
    return 1 + 2 * axes + axes * (axes - 1) // 2


def fitted(
    axes: Sequence[Axis], settings: Sequence[Sequence[float]], turnover: Sequence[Floats]
) -> Surface:
    """The surface of least squares through the quantiles at some settings.

    Turnover is that of the same replications at every setting, so that what chance does to a
    quantile is much the same everywhere, and goes into the level of the surface, not its shape.
    """
    rows = [
        _terms([axis.place(one) for axis, one in zip(axes, values, strict=True)])
        for values in settings
    ]
    quantiles = np.stack([np.quantile(log_of(one), LEVELS) for one in turnover])
    found, *_ = np.linalg.lstsq(np.array(rows), quantiles, rcond=None)
    told = tuple(tuple(round(float(one), DIGITS) for one in column) for column in found.T)
    return Surface(tuple(axes), told)


def misfit(
    surface: Surface,
    settings: Sequence[Sequence[float]],
    turnover: Sequence[Floats],
    targets: Sequence[float],
) -> Misfit:
    """How far a surface is off at settings that it was not fitted to.

    Args:
        surface: What is judged.
        settings: The settings, at least one.
        turnover: What each of them came to, replication by replication.
        targets: The sizes of the target by which chances are compared.

    """
    off, shares = [], []
    for values, found in zip(settings, turnover, strict=True):
        off += [surface.chance(values, one) - float(np.mean(found >= one)) for one in targets]
        for level in (0.1, 0.5, 0.9):
            exact = float(np.quantile(log_of(found), level))
            shares.append(math.expm1(math.log(surface.turnover(values, level)) - exact))
    return Misfit(len(settings), _typical(off), _largest(off), _typical(shares), _largest(shares))


def _terms(places: Sequence[float]) -> list[float]:
    pairs = itertools.combinations(places, 2)
    return [1.0, *places, *(one * one for one in places), *(one * other for one, other in pairs)]


def _typical(errors: Sequence[float]) -> float:
    return math.sqrt(math.fsum(one * one for one in errors) / len(errors))


def _largest(errors: Sequence[float]) -> float:
    return max(map(abs, errors))
