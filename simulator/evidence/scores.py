"""Scores of probabilistic forecasts: how far from what happened, and how honest they were."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from simulator.estimates import Z
from simulator.portable import FloatArray

LEAST = 0.01
"""Million dollars that stand for no trade at all where a logarithm is taken."""

SHOWN = (0.05, 0.25, 0.5, 0.75, 0.95)
"""Levels of a law that are shown."""

INNER, OUTER = (0.25, 0.75), (0.05, 0.95)
"""Bounds of its middle 50 % and 90 %."""


def log_of(usd_million: npt.ArrayLike) -> FloatArray:
    """Logarithm of amounts, of which a score is taken."""
    found: FloatArray = np.log(np.maximum(usd_million, LEAST))
    return found


def is_inside(place: float, band: tuple[float, float]) -> bool:
    """Whether what happened fell into a middle part of its forecast, by its place in it."""
    return band[0] < place < band[1]


def crps_of_sample(sample: FloatArray, observed: float) -> float:
    """Continuous ranked probability score of equally likely values; 0 is perfect.

    E|X - y| - E|X - X'| / 2, in the unit of the values. Source: Gneiting and Raftery, JASA 102
    (2007).
    """
    ordered = np.sort(sample)
    count = len(ordered)
    # The mean distance of all pairs from the ordered values: (2 / n^2) sum (2 i - n - 1) x_i.
    weight = 2.0 * np.arange(1, count + 1) - count - 1.0
    apart = 2.0 * float(weight @ ordered) / count**2
    return float(np.abs(ordered - observed).mean()) - apart / 2.0


def crps_of_normal(mean: float, sd: float, observed: float) -> float:
    """The same of a normal law, in closed form; without spread the absolute error."""
    if sd == 0.0:
        return abs(observed - mean)
    z = (observed - mean) / sd
    density = math.exp(-z * z / 2.0) / math.sqrt(2.0 * math.pi)
    return sd * (z * (2.0 * float(ndtr(z)) - 1.0) + 2.0 * density - 1.0 / math.sqrt(math.pi))


def pit_of_sample(sample: FloatArray, observed: float) -> float:
    """Share of a forecast below what happened, half of what is equal: uniform if it is honest."""
    below = np.count_nonzero(sample < observed) + 0.5 * np.count_nonzero(sample == observed)
    return float((below + 0.5) / (len(sample) + 1.0))


@dataclass(frozen=True, slots=True)
class Skill:
    """By how much a score is better than another one: 1 - S / S', with its 95 % interval."""

    value: float
    low: float
    high: float


def skill(own: FloatArray, other: FloatArray, cluster: npt.NDArray[np.int64]) -> Skill:
    """Skill of paired scores, whose differences are alike within clusters.

    The interval is that of the mean difference, by clusters, over the other mean score.
    """
    difference = other - own
    scale = float(other.mean())
    _, place = np.unique(cluster, return_inverse=True)
    sums = np.bincount(place, weights=difference - difference.mean())
    error = math.sqrt(float((sums**2).sum())) / len(own)
    value = float(difference.mean())
    return Skill(value / scale, (value - Z * error) / scale, (value + Z * error) / scale)
