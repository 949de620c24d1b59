"""Indices: the designs and indices of Morris and Sobol, through SALib."""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np

from simulator.errors import EnvironmentFaultError
from simulator.estimates import CONFIDENCE
from simulator.runs import Floats

SEED = 20230313
"""Of the scrambling and of the resampling, so that the same design is tried every time."""

RESAMPLES = 200
LEVELS = 4
"""Numbers that a Morris design tries of each input."""

SPAN = (0.1, 0.9)
"""The Morris design goes from the P10 of a law to its P90, as the tornado does."""

EDGE = 1e-6
"""Sobol points stay so far inside, because laws may have no end."""

FIRST_ORDER, TOTAL = "first order", "total"
MEAN, STRENGTH, BENDING = "mean effect", "mean absolute effect", "spread of effects"


@dataclass(frozen=True, slots=True)
class Index:
    """One index of one input for one outcome, with its 95 % interval where it has one."""

    place: int
    name: str
    value: float
    low: float | None
    high: float | None

    @property
    def is_clear(self) -> bool:
        """Whether the interval leaves zero out."""
        return self.low is not None and self.high is not None and (self.low > 0 or self.high < 0)


def design(method: str, inputs: int, points: int) -> Floats:
    """Places between 0 and 1 that a method tries, by point and input.

    Args:
        method: ``morris`` or ``sobol``.
        inputs: How many there are.
        points: Trajectories of Morris, or base points of Sobol, a power of two.

    Raises:
        EnvironmentFaultError: SALib is not installed.

    """
    if method == "morris":
        tried = _salib("sample.morris").sample(_problem(inputs, SPAN), points, LEVELS, seed=SEED)
    else:
        tried = _salib("sample.sobol").sample(
            _problem(inputs, (EDGE, 1 - EDGE)), points, calc_second_order=False, seed=SEED
        )
    found: Floats = np.asarray(tried, dtype=np.float64)
    return found


def size(method: str, inputs: int, points: int) -> int:
    """How many points a design has, without making it."""
    return points * (inputs + (1 if method == "morris" else 2))


def indices(method: str, tried: Floats, outcomes: Floats) -> list[Index]:
    """The indices of every input, from the outcome at each point of the design.

    Sobol: the share of the variance of the outcome that an input makes alone, and with all others;
    estimators of Saltelli et al. (2010). Morris (1991): the mean, the mean absolute size and the
    spread of the changes of the outcome as an input goes from P10 to P90.
    """
    inputs = tried.shape[1]
    if not np.ptp(outcomes):
        names = (MEAN, STRENGTH, BENDING) if method == "morris" else (FIRST_ORDER, TOTAL)
        return [Index(n, name, 0.0, 0.0, 0.0) for n in range(inputs) for name in names]
    random: dict[str, Any] = {"conf_level": CONFIDENCE, "num_resamples": RESAMPLES, "seed": SEED}
    if method == "morris":
        found = _salib("analyze.morris").analyze(
            _problem(inputs, SPAN), tried, outcomes, num_levels=LEVELS, **random
        )
        return list(_of_morris(found, inputs, len(outcomes) // (inputs + 1)))
    found = _salib("analyze.sobol").analyze(
        _problem(inputs, (0.0, 1.0)), outcomes, calc_second_order=False, **random
    )
    return [
        _around(place, name, float(found[key][place]), float(found[f"{key}_conf"][place]))
        for place in range(inputs)
        for key, name in (("S1", FIRST_ORDER), ("ST", TOTAL))
    ]


def _of_morris(found: Any, inputs: int, trajectories: int) -> Iterator[Index]:
    """Morris' three numbers; the error of the mean follows from the spread of the effects."""
    for place in range(inputs):
        mean, spread = float(found["mu"][place]), float(found["sigma"][place])
        half = 1.96 * spread / np.sqrt(trajectories)
        yield _around(place, MEAN, mean, float(half))
        strength = float(found["mu_star"][place])
        yield _around(place, STRENGTH, strength, float(found["mu_star_conf"][place]))
        yield Index(place, BENDING, spread, None, None)


def _around(place: int, name: str, value: float, half: float) -> Index:
    return Index(place, name, value, value - half, value + half)


def _problem(inputs: int, bounds: tuple[float, float]) -> dict[str, Any]:
    names = [str(n) for n in range(inputs)]
    return {"num_vars": inputs, "names": names, "bounds": [list(bounds)] * inputs}


def _salib(part: str) -> Any:
    """A part of SALib, which only those need who ask for it."""
    try:
        return import_module(f"SALib.{part}")
    except ImportError as error:
        message = "these methods need SALib: pip install 'trade-simulator[sensitivity]'"
        raise EnvironmentFaultError(message) from error
