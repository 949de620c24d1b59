"""Inputs: every number of a scenario in one vector, with the uncertain ones drawn by name."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
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
        """All numbers, last axis. Each uncertain input has its own stream, by path."""
        places = [place for place, _ in self.laws]
        shares = self.shares(draws)
        numbers = np.tile(self.fixed, (*shares.shape[:-1], 1))
        numbers[..., places] = quantiles([law for _, law in self.laws], shares)
        return numbers

    def shares(self, draws: Draws) -> FloatArray:
        """The share of its law that lies below each uncertain input, last axis."""
        return draws.shares([stream(self.paths[place]) for place, _ in self.laws])

    def at_base(self, numbers: FloatArray, draws: Draws) -> FloatArray:
        """The same numbers when the base was observed; equal chances, former laws."""
        base = numbers.copy()
        for place, quantity in self.former:
            base[..., place] = quantity.central
            if quantity.law is not None:
                share = draws.shares([stream(self.paths[place])])
                base[..., place] = quantiles([quantity.law], share)[..., 0]
        return base


def stream(path: str) -> str:
    """The stream whose first number is the share of an input's law below what is drawn."""
    return f"input {path}"


def quantiles(laws: Sequence[Distribution], shares: FloatArray) -> FloatArray:
    """The numbers below which shares of the laws lie; last axis over the laws."""
    found = np.empty_like(shares)
    kinds = defaultdict(list)
    for n, law in enumerate(laws):
        kinds[type(law)].append(n)
    for kind, which in kinds.items():
        some = [laws[n] for n in which]
        share = shares[..., which]
        if kind is Discrete:
            listed = [law for law in some if isinstance(law, Discrete)]
            columns = [_discrete(law, share[..., n]) for n, law in enumerate(listed)]
            found[..., which] = np.stack(columns, axis=-1)
            continue
        numbers = {
            name: np.array([getattr(law, name) for law in some], dtype=np.float64)
            for name in kind.model_fields
        }
        found[..., which] = _QUANTILES[kind](share, **numbers)
    return found


def quantile(law: Distribution, share: float) -> float:
    """The number below which a share of the law lies."""
    return float(quantiles([law], np.array([share]))[0])


def _uniform(share: FloatArray, low: FloatArray, high: FloatArray) -> FloatArray:
    return low + (high - low) * share


def _triangular(
    share: FloatArray, low: FloatArray, mode: FloatArray, high: FloatArray
) -> FloatArray:
    width = high - low
    below = (mode - low) / np.where(width > 0.0, width, 1.0)
    rising = low + np.sqrt(share * width * (mode - low))
    falling = high - np.sqrt((1.0 - share) * width * (high - mode))
    return np.where(share < below, rising, falling)


def _normal(
    share: FloatArray, mean: FloatArray, sd: FloatArray, low: FloatArray, high: FloatArray
) -> FloatArray:
    """The normal law within bounds."""
    spread = np.where(sd > 0.0, sd, 1.0)
    first, last = special.ndtr((low - mean) / spread), special.ndtr((high - mean) / spread)
    inside = first + share * (last - first)
    drawn = mean + spread * normal_quantile(np.clip(inside, 1e-16, 1 - 1e-16))
    return np.where(sd > 0.0, np.clip(drawn, low, high), mean)


def _lognormal(share: FloatArray, median: FloatArray, sigma: FloatArray) -> FloatArray:
    return median * exp(sigma * normal_quantile(share))


def _beta(
    share: FloatArray, a: FloatArray, b: FloatArray, low: FloatArray, high: FloatArray
) -> FloatArray:
    result: FloatArray = low + (high - low) * special.betaincinv(a, b, share)
    return result


def _discrete(law: Discrete, share: FloatArray) -> FloatArray:
    steps = np.cumsum(law.weights) / np.sum(law.weights)
    return np.array(law.values)[np.minimum(np.searchsorted(steps, share), len(law.values) - 1)]


_QUANTILES: dict[type, Callable[..., FloatArray]] = {
    Uniform: _uniform,
    Triangular: _triangular,
    Normal: _normal,
    Lognormal: _lognormal,
    Beta: _beta,
}
