"""Variances: how much of an outcome is run noise, and how much knowing each input would take away.

Everything is estimated from outcomes and from the shares of the laws at which inputs were drawn,
which are uniform and independent, whatever the laws.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from simulator.estimates import CONFIDENCE, Z
from simulator.runs import Floats

DEGREE = 3
"""Of the polynomials by which an outcome may follow an input: up, bent, and bent twice."""

SMALL = 0.05
"""Shares of a variance for which the noncentral chi-square law is right."""


@dataclass(frozen=True, slots=True)
class Part:
    """A share of a variance with its 95 % interval."""

    value: float
    low: float
    high: float

    @property
    def is_clear(self) -> bool:
        """Whether the interval leaves zero out."""
        return self.low > 0


def of_inputs(grid: Floats, outcomes: Floats) -> Part | None:
    """The share of the variance of an outcome that comes from inputs and not from chance.

    By the law of total variance, Var Y = Var E(Y | inputs) + E Var(Y | inputs). The first term is
    the variance component of the rows in a table of two ways, because all rows share their draws
    (Searle, Casella and McCulloch, Variance Components, 1992, ch. 4); the jackknife over rows and
    over columns gives its error.

    Args:
        grid: Outcomes by setting of all inputs (rows) and by draws of all else (columns).
        outcomes: The outcome where inputs and all else are drawn, for the whole variance.

    Returns:
        The share, or None where the outcome is always the same.

    """
    whole = float(np.var(outcomes, ddof=1))
    # Equal values may differ in the last bit of their average, which is no spread.
    if whole <= 1e-24 * float(np.mean(outcomes)) ** 2 or not np.ptp(outcomes):
        return None
    value = _of_rows(grid) / whole
    variance = 0.0
    for axis in (0, 1):
        count = grid.shape[axis]
        left = np.array([_of_rows(np.delete(grid, n, axis)) for n in range(count)]) / whole
        variance += (count - 1) * float(np.var(left))
    half = Z * float(np.sqrt(variance))
    low, value, high = np.clip([value - half, value, value + half], 0.0, 1.0)
    return Part(float(value), float(low), float(high))


def _of_rows(grid: Floats) -> float:
    """The variance component of rows in a table of two ways with one value a cell."""
    rows, columns = grid.shape
    across = grid - grid.mean(axis=0)
    means = across.mean(axis=1)
    rest = float(np.sum((across - means[:, None]) ** 2)) / ((rows - 1) * (columns - 1))
    found: float = float(np.var(means, ddof=1)) - rest / columns
    return found


def known(places: Floats, outcomes: Floats, among: int = 1) -> list[Part]:
    """The share of the variance of an outcome that knowing each input alone would take away.

    That is Var E(Y | input) / Var Y, the first-order index of Sobol. For the event that a target is
    met, times p (1 - p), it is the fall of the expected Brier score of the forecast (expected value
    of partial perfect information). E(Y | input) is a polynomial of the share of the law below the
    input, so no further runs are needed; what chance alone would explain is taken off. The interval
    inverts the noncentral chi-square law, which is right for small shares; for others it is widened
    to that of the normal law by the influence of each replication.

    Args:
        places: Shares of the laws below the inputs, by replication and input.
        outcomes: The outcome of each replication.
        among: How many inputs the interval is to hold for together (Bonferroni).

    """
    count = len(outcomes)
    spread = float(np.std(outcomes))
    if count <= DEGREE + 1 or not np.ptp(outcomes):
        return [Part(0.0, 0.0, 1.0) for _ in range(places.shape[1])]
    scaled = (outcomes - outcomes.mean()) / spread
    explained = np.zeros(places.shape[1])
    curve = np.zeros(places.shape)
    for degree in range(1, DEGREE + 1):
        term = np.sqrt(2 * degree + 1) * special.eval_legendre(degree, 2.0 * places - 1.0)
        weight = scaled @ term / count
        explained += weight**2
        curve += weight * term
    each = scaled[:, None]
    influence = 2.0 * each * curve - explained * (each**2 + 1.0)
    tail = (1 - CONFIDENCE) / 2 / among
    half = -special.ndtri(tail) * influence.std(axis=0) / np.sqrt(count)
    return [
        _part(count, float(one), float(width), tail)
        for one, width in zip(explained, half, strict=True)
    ]


def _part(count: int, explained: float, half: float, tail: float) -> Part:
    """What is left when chance is taken off, with the wider one of both intervals."""
    chance = DEGREE / count
    value = (explained - chance) / (1 - chance)
    low, high = (_share(count, explained, level) for level in (1 - tail, tail))
    if explained >= SMALL:
        low, high = max(0.0, min(low, value - half)), min(1.0, max(high, value + half))
    return Part(value, low, high)


def _share(count: int, explained: float, level: float) -> float:
    """The share of variance with which so little, or so much, is explained so seldom."""
    seen = count * explained / max(1.0 - explained, 1e-9)
    if special.chdtr(DEGREE, seen) <= level:
        return 0.0
    beyond = float(special.chndtrinc(seen, DEGREE, level))
    return beyond / (count + beyond)


def first(parts: Sequence[Part], eligible: Sequence[bool]) -> int | None:
    """The input that is worth most to know among some, if any is surely worth anything."""
    there = [n for n, part in enumerate(parts) if eligible[n] and part.is_clear]
    return max(there, key=lambda n: parts[n].value, default=None)
