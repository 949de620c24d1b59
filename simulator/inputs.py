"""Inputs: every number of a scenario in one vector, with the uncertain ones drawn by name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from simulator.draws import Draws
from simulator.portable import FloatArray, exp, normal_quantile
from simulator.scenario.quantities import (
    Beta,
    Discrete,
    Distribution,
    Lognormal,
    Normal,
    Quantity,
    Triangular,
    Uniform,
)


@dataclass(frozen=True)
class Inputs:
    """The numbers of a scenario by path; ``laws`` are the places that are drawn.

    One entry stands behind the last number: infinity, which index -1 reaches. It is the number of
    what a scenario leaves out: no limit, never.
    """

    paths: tuple[str, ...]
    fixed: FloatArray
    laws: tuple[tuple[int, Distribution], ...]
    former: tuple[tuple[int, Quantity], ...] = ()
    """What some numbers were when the base was observed."""

    @classmethod
    def of(
        cls, named: Sequence[tuple[str, Quantity]], former: Mapping[str, Quantity] | None = None
    ) -> "Inputs":
        """Collect named numbers; those with a law get their central value until drawn."""
        places = {path: place for place, (path, _) in enumerate(named)}
        before = [(places[path], q) for path, q in (former or {}).items() if path in places]
        central = [quantity.central for _, quantity in named]
        laws = [(place, q.law) for place, (_, q) in enumerate(named) if q.law is not None]
        return cls(
            paths=tuple(path for path, _ in named),
            fixed=np.array([*central, np.inf]),
            laws=tuple((place, law) for place, law in laws if law is not None),
            former=tuple(sorted(before, key=lambda pair: pair[0])),
        )

    def drawn(self, draws: Draws) -> FloatArray:
        """All numbers in one replication. Each uncertain input has its own stream, by path."""
        numbers = self.fixed.copy()
        for place, law in self.laws:
            numbers[place] = self._draw(draws, place, law)
        return numbers

    def at_base(self, numbers: FloatArray, draws: Draws) -> FloatArray:
        """The same replication's numbers when the base was observed; equal chances, former laws."""
        base = numbers.copy()
        for place, quantity in self.former:
            law = quantity.law
            base[place] = quantity.central if law is None else self._draw(draws, place, law)
        return base

    def _draw(self, draws: Draws, place: int, law: Distribution) -> float:
        share = draws.uniform(f"input {self.paths[place]}")[0, 0]
        return quantile(law, float(share))


def quantile(law: Distribution, share: float) -> float:
    """The number below which a share of the law lies."""
    match law:
        case Uniform(low=low, high=high):
            return low + (high - low) * share
        case Triangular(low=low, mode=mode, high=high):
            return _triangular(low, mode, high, share)
        case Normal(mean=mean, sd=sd, low=low, high=high):
            return _truncated_normal(mean, sd, low, high, share)
        case Lognormal(median=median, sigma=sigma):
            return median * float(exp(sigma * normal_quantile(share)))
        case Beta(a=a, b=b, low=low, high=high):
            return low + (high - low) * float(special.betaincinv(a, b, share))
        case Discrete(values=values, weights=weights):
            steps = np.cumsum(weights) / np.sum(weights)
            return values[min(int(np.searchsorted(steps, share)), len(values) - 1)]


def _triangular(low: float, mode: float, high: float, share: float) -> float:
    if high == low:
        return low
    below = (mode - low) / (high - low)
    if share < below:
        return low + float(np.sqrt(share * (high - low) * (mode - low)))
    return high - float(np.sqrt((1.0 - share) * (high - low) * (high - mode)))


def _truncated_normal(mean: float, sd: float, low: float, high: float, share: float) -> float:
    if sd == 0.0:
        return mean
    first, last = special.ndtr((low - mean) / sd), special.ndtr((high - mean) / sd)
    inside = first + share * (last - first)
    return min(
        high, max(low, mean + sd * float(normal_quantile(np.clip(inside, 1e-16, 1 - 1e-16))))
    )
