"""Inference: what summaries that were observed say of inputs, from draws of both by a model.

Approximate Bayesian computation: the draws are replications of the prior, so no likelihood is
needed. Every input stands as its place in its own law, a standard normal number, whatever the law.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri

from simulator.portable import FloatArray

ACCEPTED = 0.3
"""Share of the draws, the nearest ones, of which the posterior is made."""

TAIL = 0.005
"""Share of the draws beyond which a summary counts as at the edge: a few must not rule a fit."""

LEAST_SCALE = 1e-9
"""A summary that varies less than this says nothing."""


@dataclass(frozen=True, slots=True)
class Sample:
    """Values of one input with weights that sum to 1, in ascending order."""

    values: FloatArray
    weights: FloatArray

    def quantiles(self, levels: Sequence[float]) -> FloatArray:
        """The values below which shares of the weight lie."""
        middle = np.cumsum(self.weights) - 0.5 * self.weights
        found: FloatArray = np.interp(levels, middle, self.values)
        return found

    def below(self, value: float) -> float:
        """Share of the weight below a value."""
        return float(self.weights[self.values < value].sum())

    def moments(self) -> tuple[float, float]:
        """Mean and standard deviation."""
        mean = float(self.weights @ self.values)
        return mean, float(np.sqrt(self.weights @ (self.values - mean) ** 2))


@dataclass(frozen=True, slots=True)
class Reference:
    """Draws of inputs with what they led to, arranged so that any observation can be asked.

    For each input its summaries become one number: the best guess of its place that is linear in
    them and their squares (Fearnhead and Prangle, JRSS B 74 (2012)). The guess for a draw comes
    from the other half of the draws, so it does not know the draw itself.
    """

    places: FloatArray
    """Of the inputs in their laws, by draw and input."""
    bounds: tuple[FloatArray, FloatArray]
    scale: tuple[FloatArray, FloatArray]
    coefficients: tuple[FloatArray, FloatArray]
    """For each half those that the other one gave; the last row is the constant."""
    guesses: FloatArray

    @classmethod
    def of(cls, places: FloatArray, simulated: FloatArray) -> "Reference":
        """Arrange draws: inputs and summaries by draw, first axis."""
        low, high = np.quantile(simulated, [TAIL, 1.0 - TAIL], axis=0)
        inside = np.clip(simulated, low, high)
        spread = inside.std(axis=0)
        scale = inside.mean(axis=0), np.where(spread > LEAST_SCALE, spread, np.inf)
        design = _design((inside - scale[0]) / scale[1])
        fitted = [_ridge(design[1 - half :: 2], places[1 - half :: 2]) for half in (0, 1)]
        guesses = np.empty_like(places)
        for half in (0, 1):
            guesses[half::2] = design[half::2] @ fitted[half]
        return cls(places, (low, high), scale, (fitted[0], fitted[1]), guesses)

    def posterior(self, observed: FloatArray, without: int | None = None) -> list[Sample]:
        """What each input may have been, given summaries; ``without`` one of the draws.

        The nearest draws of each half are weighted by their distance and moved along a line to
        what was observed (Beaumont, Zhang and Balding, Genetics 162 (2002)).
        """
        design = _design((np.clip(observed, *self.bounds) - self.scale[0]) / self.scale[1])
        parts = []
        for half in (0, 1):
            target = design @ self.coefficients[half]
            places, guesses = self.places[half::2], self.guesses[half::2]
            if without is not None and without % 2 == half:
                places, guesses = (np.delete(x, without // 2, axis=0) for x in (places, guesses))
            parts.append(
                [_near(*column) for column in zip(places.T, guesses.T, target, strict=True)]
            )
        return [_joined(one, other) for one, other in zip(*parts, strict=True)]

    @property
    def error(self) -> float:
        """Standard error of a middle, in standard deviations of the prior: that of the guess.

        The root of coefficients over draws, as for every linear regression.
        """
        return float(np.sqrt(len(self.coefficients[0]) / len(self.places)))

    def coverage(self, simulated: FloatArray, trials: int, level: float = 0.95) -> FloatArray:
        """How often each input lay in its posterior interval, where the truth is a draw itself.

        The first draws take turns as the truth and are left out of their own posterior.
        """
        tail = (1.0 - level) / 2.0
        hits = np.zeros(self.places.shape[1])
        for draw in range(trials):
            found = self.posterior(simulated[draw], draw)
            below = [s.below(v) for s, v in zip(found, self.places[draw], strict=True)]
            hits += [tail < share < 1.0 - tail for share in below]
        return hits / trials


def share_of(place: FloatArray | float) -> FloatArray:
    """The share of a law below a standard normal place."""
    found: FloatArray = ndtr(place)
    return found


def place_of(share: FloatArray) -> FloatArray:
    """The standard normal place below which a share lies."""
    found: FloatArray = ndtri(share)
    return found


def _design(standard: FloatArray) -> FloatArray:
    """Summaries, their squares, which tell of spreads, and a constant."""
    return np.concatenate([standard, standard**2, np.ones_like(standard[..., :1])], axis=-1)


def _ridge(design: FloatArray, places: FloatArray) -> FloatArray:
    """Least squares with the weight of one draw against large coefficients.

    Summaries may follow from each other, as growth from two levels.
    """
    penalty = np.eye(design.shape[1])
    penalty[-1, -1] = 0.0
    found = np.linalg.solve(design.T @ design + penalty, design.T @ places)
    return np.asarray(found, dtype=np.float64)


def _near(places: FloatArray, guesses: FloatArray, target: float) -> tuple[FloatArray, FloatArray]:
    """The places of the nearest draws, moved to the target, with Epanechnikov's weights."""
    off = guesses - target
    far = np.abs(off)
    reach = float(np.quantile(far, ACCEPTED)) * (1.0 + 1e-9) + LEAST_SCALE
    taken = far < reach
    off, some = off[taken], places[taken]
    weights = 1.0 - (off / reach) ** 2
    weights /= weights.sum()
    centre = float(weights @ off)
    variance = float(weights @ (off - centre) ** 2)
    slope = (
        float(weights @ ((off - centre) * some)) / variance if variance > LEAST_SCALE**2 else 0.0
    )
    return some - slope * off, weights


def _joined(one: tuple[FloatArray, FloatArray], other: tuple[FloatArray, FloatArray]) -> Sample:
    """Two samples of equal weight as one."""
    values = np.concatenate([one[0], other[0]])
    weights = np.concatenate([one[1], other[1]]) / 2.0
    order = np.argsort(values, kind="stable")
    return Sample(values[order], weights[order])
