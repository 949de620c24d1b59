"""Inference: what summaries that were observed say of inputs, from draws of both by a model.

Approximate Bayesian computation: the draws are replications of the prior, so no likelihood is
needed. Every input stands as its place in its own law, a standard normal number, whatever the law.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri

from simulator.portable import FloatArray

IntArray = npt.NDArray[np.int64]

ACCEPTED = 0.3
"""Share of the draws, the nearest ones, of which the posterior is made."""

TAIL = 0.005
"""Share of the draws beyond which a summary counts as at the edge: a few must not rule a fit."""

LEAST_SCALE = 1e-9
"""A summary that varies less than this says nothing."""

PARTS = 2
"""Into which the draws are dealt."""

TINY = 1e-12
"""Stands for nothing left over where a logarithm is taken."""

MOST_COLUMNS = 30
"""Columns of a guess."""


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
class Guess:
    """A linear guess of one input's place from a few columns of its summaries."""

    columns: IntArray
    coefficients: FloatArray
    covariance: FloatArray
    """Of the coefficients."""

    @classmethod
    def of(cls, design: FloatArray, places: FloatArray) -> "Guess":
        """Least squares on the columns that tell something: one after the other is taken in.

        The next one is the nearest to what is left over (orthogonal matching pursuit), as long as
        the extended Bayesian information criterion falls (Chen and Chen, Biometrika 95 (2008)):
        summaries that tell nothing would let an odd series move any input. The last column, the
        constant, is always there.
        """
        draws, last = design.shape[0], design.shape[1] - 1
        norms = np.sqrt((design**2).sum(axis=0)) + TINY
        price = math.log(draws) + 2.0 * math.log(max(last, 1))
        chosen = [last]
        found, left = _least_squares(design[:, chosen], places)
        while len(chosen) <= min(last, MOST_COLUMNS):
            nearness = np.abs(left @ design) / norms
            nearness[chosen] = -1.0
            trial = [*chosen, int(np.argmax(nearness))]
            coefficients, rest = _least_squares(design[:, trial], places)
            before, after = (max(float(x @ x), TINY) for x in (left, rest))
            if draws * math.log(before / after) < price:
                break
            chosen, found, left = trial, coefficients, rest
        some = design[:, chosen]
        variance = float(left @ left) / max(draws - len(chosen), 1)
        return cls(np.array(chosen), found, variance * np.linalg.pinv(some.T @ some))

    def at(self, design: FloatArray) -> FloatArray:
        """The guess for one or more rows of summaries."""
        found: FloatArray = design[..., self.columns] @ self.coefficients
        return found

    def variance(self, row: FloatArray) -> float:
        """Of the guess for a row, by the number of draws from which it was learnt."""
        some = row[self.columns]
        return float(some @ self.covariance @ some)


@dataclass(frozen=True, slots=True)
class Reference:
    """Draws of inputs with what they led to, arranged so that any observation can be asked.

    For each input its summaries become one number: a guess of its place that is linear in them and
    their squares (Fearnhead and Prangle, JRSS B 74 (2012)). The draws are dealt into parts, and the
    guess for a draw was learnt from the other parts, so it does not know the draw itself.
    """

    places: FloatArray
    """Of the inputs in their laws, by draw and input."""
    bounds: tuple[FloatArray, FloatArray]
    scale: tuple[FloatArray, FloatArray]
    learnt: tuple[tuple[Guess, ...], ...]
    """For each part from the others, by input."""
    guesses: FloatArray

    @classmethod
    def of(cls, places: FloatArray, simulated: FloatArray) -> "Reference":
        """Arrange draws: inputs and summaries by draw, first axis."""
        low, high = np.quantile(simulated, [TAIL, 1.0 - TAIL], axis=0)
        inside = np.clip(simulated, low, high)
        spread = inside.std(axis=0)
        scale = inside.mean(axis=0), np.where(spread > LEAST_SCALE, spread, np.inf)
        design = _design((inside - scale[0]) / scale[1])
        dealt = np.arange(len(places)) % PARTS
        learnt, guesses = [], np.empty_like(places)
        for part in range(PARTS):
            others = dealt != part
            known = tuple(Guess.of(design[others], column) for column in places[others].T)
            guesses[part::PARTS] = np.stack([g.at(design[part::PARTS]) for g in known], axis=-1)
            learnt.append(known)
        return cls(places, (low, high), scale, tuple(learnt), guesses)

    def posterior(self, observed: FloatArray, without: int | None = None) -> list[Sample]:
        """What each input may have been, given summaries; ``without`` one of the draws.

        The nearest draws of each part are weighted by their distance and moved along a line to
        what was observed (Beaumont, Zhang and Balding, Genetics 162 (2002)).
        """
        row = self._row(observed)
        found = []
        for n in range(self.places.shape[1]):
            samples = []
            for part, known in enumerate(self.learnt):
                places, guesses = self.places[part::PARTS, n], self.guesses[part::PARTS, n]
                if without is not None and without % PARTS == part:
                    places, guesses = (np.delete(x, without // PARTS) for x in (places, guesses))
                samples.append(_near(places, guesses, float(known[n].at(row))))
            found.append(_joined(samples))
        return found

    def errors(self, observed: FloatArray) -> list[float]:
        """Standard error of each posterior's middle by the number of draws, as places go.

        The parts were learnt apart: what was observed is guessed by each, with the error of its
        coefficients, and where they took in other columns their guesses differ by more.
        """
        row = self._row(observed)
        found = []
        for known in zip(*self.learnt, strict=True):
            formal = float(np.mean([guess.variance(row) for guess in known])) / PARTS
            between = float(np.var([guess.at(row) for guess in known], ddof=1)) / PARTS
            found.append(math.sqrt(max(formal, between)))
        return found

    def _row(self, observed: FloatArray) -> FloatArray:
        """What was observed, as a row of the design."""
        return _design((np.clip(observed, *self.bounds) - self.scale[0]) / self.scale[1])

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


def _least_squares(some: FloatArray, places: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Coefficients of columns, and what they leave over."""
    found: FloatArray = np.asarray(np.linalg.lstsq(some, places, rcond=None)[0], dtype=np.float64)
    return found, places - some @ found


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


def _joined(samples: Sequence[tuple[FloatArray, FloatArray]]) -> Sample:
    """Samples of equal weight as one."""
    values = np.concatenate([values for values, _ in samples])
    weights = np.concatenate([weights for _, weights in samples]) / len(samples)
    order = np.argsort(values, kind="stable")
    return Sample(values[order], weights[order])
