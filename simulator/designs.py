"""Designs: the settings that a sweep tries."""

import itertools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.stats import qmc

from simulator.errors import Problem, ScenarioError
from simulator.runs import Floats
from simulator.scenario.sweeping import DESIGNS, Factor, unreadable

USUAL_POINTS = 16
SCRAMBLING = 20230313
"""Seed of designs that fill a box, so that the same ones are tried every time."""

Settings = dict[str, Any]
"""A value for each path."""


def points(
    factors: Sequence[Factor], design: str = "grid", count: int | None = None
) -> list[Settings]:
    """The settings that a design tries, always the same ones.

    Args:
        factors: What is varied.
        design: ``grid``, every combination; ``zip``, the first values together, then the second;
            ``latin``, a Latin hypercube; ``sobol``, a Sobol sequence.
        count: How many points of ``latin`` or ``sobol``.

    Raises:
        ScenarioError: S125 or S152, the design does not fit the factors.

    """
    if design not in DESIGNS:
        message = f"'{design[:20]}' is no design: {', '.join(DESIGNS)}"
        raise ScenarioError([Problem("S125", message, field="--design")])
    paths = [one.path for one in factors]
    if len(set(paths)) < len(paths):
        raise ScenarioError([Problem("S156", "a path is varied twice", field="--vary")])
    values = [one.values for one in factors]
    if design == "grid":
        return [dict(zip(paths, row, strict=True)) for row in itertools.product(*values)]
    if design == "zip":
        if len(set(map(len, values))) > 1:
            raise unreadable("--design zip", "every factor needs as many values as the others")
        return [dict(zip(paths, row, strict=True)) for row in zip(*values, strict=True)]
    return _spread_out(factors, design, count or USUAL_POINTS)


def size(factors: Sequence[Factor], design: str, count: int | None) -> int:
    """How many settings a design has, without making them."""
    lengths = [len(one.values) for one in factors]
    if design == "grid":
        return math.prod(lengths)
    return min(lengths) if design == "zip" else count or USUAL_POINTS


def filled(factors: int, count: int) -> Floats:
    """The first points of a scrambled Sobol sequence between 0 and 1, always the same ones."""
    random = np.random.default_rng(SCRAMBLING)
    # The sequence is balanced at powers of two; what is beyond the count is left out.
    unit = qmc.Sobol(factors, rng=random).random_base2(math.ceil(math.log2(count)))
    found: Floats = unit[:count]
    return found


def _spread_out(factors: Sequence[Factor], design: str, count: int) -> list[Settings]:
    """Points that fill the box of the factors evenly."""
    if design == "latin":
        random = np.random.default_rng(SCRAMBLING)
        unit = qmc.LatinHypercube(len(factors), rng=random).random(count)
    else:
        unit = filled(len(factors), count)
    return [
        {one.path: _at(one, float(place)) for one, place in zip(factors, row, strict=True)}
        for row in unit
    ]


def _at(one: Factor, place: float) -> Any:
    """The value of a factor at a place between 0 and 1."""
    if not one.is_range:
        return one.values[min(int(place * len(one.values)), len(one.values) - 1)]
    low, high = one.values[0], one.values[-1]
    return float(f"{low + place * (high - low):.6g}")
