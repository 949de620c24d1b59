"""Designs: which settings of some numbers a sweep tries."""

import itertools
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import qmc

from simulator.errors import Problem, ScenarioError

DESIGNS = ("grid", "zip", "latin", "sobol")
FEWEST_STEPS = 2
USUAL_STEPS = 5
"""Values of a range in a grid that does not say how many."""

USUAL_POINTS = 16
MOST_CELLS = 10_000

_RANGE = re.compile(r"\s*(-?[\d.eE+-]+?)\s*\.\.\s*(-?[\d.eE+-]+)\s*(?::\s*(\d+)\s*)?")
EXAMPLE = "settlement.patience_days=30..90:4"

Settings = dict[str, Any]
"""A value for each path."""


@dataclass(frozen=True, slots=True)
class Factor:
    """What is varied: stated values, or a range from the first to the last of them."""

    path: str
    values: tuple[Any, ...]
    is_range: bool = False
    """Whether any number between the first and the last value may be tried."""


def factor(path: str, values: object) -> Factor:
    """A factor from a list of values, or from text such as ``1..4``, ``0.1..0.5:5``, ``a,b``.

    ``1..4`` are the whole numbers from 1 to 4; ``0..1`` with a part of one, or ``:n``, is a range
    of ``n`` equal steps.

    Raises:
        ScenarioError: S152, it is written otherwise.

    """
    if isinstance(values, str):
        found = _RANGE.fullmatch(values)
        if found:
            return _range(path, *found.groups())
        if ".." in values:
            raise _unreadable(path, "a range goes from a number to a larger one")
        values = [_number(part.strip()) for part in values.split(",")]
    if isinstance(values, Sequence) and values and not any(v in ("", None) for v in values):
        return Factor(path, tuple(dict.fromkeys(values)))
    raise _unreadable(path, "no values are stated")


def parse_factor(text: str) -> Factor:
    """The factor of ``path=values`` from the command line."""
    path, equals, values = text.partition("=")
    if not equals or not re.fullmatch(r"[\w*.-]+", path.strip()):
        raise _unreadable(path, "expected path=values")
    return factor(path.strip(), values)


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
    if design == "zip":
        lengths = {len(one.values) for one in factors}
        if len(lengths) > 1:
            raise _unreadable("--design zip", "every factor needs as many values as the others")
        return [dict(zip(paths, values, strict=True)) for values in zip(*_values(factors))]  # noqa: B905
    if design == "grid":
        return [dict(zip(paths, row, strict=True)) for row in itertools.product(*_values(factors))]
    return _spread_out(factors, design, count or USUAL_POINTS)


def size(factors: Sequence[Factor], design: str, count: int | None) -> int:
    """How many settings a design has, without making them."""
    lengths = [len(one.values) for one in factors]
    if design == "grid":
        return math.prod(lengths)
    return min(lengths) if design == "zip" else count or USUAL_POINTS


def from_block(block: Mapping[str, Any]) -> tuple[list[Factor], str, int | None]:
    """Factors, design and number of points from the ``sweep:`` block of a file.

    Raises:
        ScenarioError: The block is not written like that.

    """
    unknown = sorted(set(block) - {"vary", "design", "points"})
    if unknown:
        raise ScenarioError([Problem("S104", "unknown field", field=f"sweep.{unknown[0]}")])
    vary, count = block.get("vary"), block.get("points")
    if not isinstance(vary, dict) or not vary:
        raise _unreadable("sweep.vary", "paths with their values are needed")
    if count is not None and (not isinstance(count, int) or count < 1):
        raise ScenarioError([Problem("S121", "points must be at least 1", field="sweep.points")])
    factors = [factor(path, _listed(values)) for path, values in vary.items()]
    return factors, str(block.get("design", "grid")), count


def _listed(values: object) -> object:
    return values if isinstance(values, str | list | tuple) else [values]


def _values(factors: Sequence[Factor]) -> list[tuple[Any, ...]]:
    return [one.values for one in factors]


def _spread_out(factors: Sequence[Factor], design: str, count: int) -> list[Settings]:
    """Points that fill the box of the factors evenly; the scrambling has a fixed seed."""
    random = np.random.default_rng(20230313)
    if design == "latin":
        unit = qmc.LatinHypercube(len(factors), rng=random).random(count)
    else:
        # A Sobol sequence is balanced at powers of two; what is beyond the count is left out.
        unit = qmc.Sobol(len(factors), rng=random).random_base2(math.ceil(math.log2(count)))[:count]
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


def _range(path: str, low: str, high: str, steps: str | None) -> Factor:
    first, last = _number(low), _number(high)
    if isinstance(first, str) or isinstance(last, str) or not first < last:
        raise _unreadable(path, "a range goes from a number to a larger one")
    whole = isinstance(first, int) and isinstance(last, int)
    if whole and steps is None:
        return Factor(path, tuple(range(first, last + 1)))
    count = int(steps or USUAL_STEPS)
    if count < FEWEST_STEPS:
        raise _unreadable(path, "a range has two steps at least")
    values = tuple(float(f"{v:.10g}") for v in np.linspace(first, last, count))
    return Factor(path, values, is_range=True)


def _number(text: str) -> Any:
    for kind in (int, float):
        try:
            number = kind(text)
        except ValueError:
            continue
        if math.isfinite(number):
            return number
    return text


def _unreadable(path: str, message: str) -> ScenarioError:
    return ScenarioError([Problem("S152", message, "--vary", field=path, example=EXAMPLE)])
