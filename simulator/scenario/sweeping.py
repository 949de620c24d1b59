"""Sweeping: which numbers a sweep varies, as a file or the command line says it."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from simulator.errors import Problem, ScenarioError
from simulator.scenario.trees import Tree

DESIGNS = ("grid", "zip", "latin", "sobol")
USUAL_STEPS = 5
"""Values of a range in a grid that does not say how many."""

EXAMPLE = "settlement.patience_days=30..90:4"

_RANGE = re.compile(r"\s*(-?[\d.eE+-]+?)\s*\.\.\s*(-?[\d.eE+-]+)\s*(?::\s*(\d{1,6})\s*)?")


@dataclass(frozen=True, slots=True)
class Factor:
    """What is varied: stated values, or a range from the first to the last of them."""

    path: str
    values: tuple[Any, ...]
    is_range: bool = False
    """Whether any number between the first and the last value may be tried."""


@dataclass(frozen=True, slots=True)
class Block:
    """The ``sweep:`` block of a file."""

    factors: tuple[Factor, ...]
    design: str = "grid"
    points: int | None = None


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
            raise unreadable(path, "a range goes from a number to a larger one")
        values = [_number(part.strip()) for part in values.split(",")]
    if isinstance(values, Sequence) and values and not any(v in ("", None) for v in values):
        return Factor(path, tuple(dict.fromkeys(values)))
    raise unreadable(path, "no values are stated")


def parse_factor(text: str) -> Factor:
    """The factor of ``path=values`` from the command line."""
    path, equals, values = text.partition("=")
    if not equals or not re.fullmatch(r"[\w*.-]+", path.strip()):
        raise unreadable(path, "expected path=values")
    return factor(path.strip(), values)


def block(tree: Tree) -> tuple[Block | None, list[Problem]]:
    """What a file asks to vary, if it does, and what is wrong in it."""
    plain = tree.plain.get("sweep")
    if plain is None:
        return None, []
    if not isinstance(plain, dict) or not isinstance(plain.get("vary"), dict) or not plain["vary"]:
        example = "sweep: {vary: {settlement.patience_days: [30, 60, 90]}}"
        message = "expected vary: with paths and their values"
        return None, [tree.problem(("sweep",), "S111", message, example=example)]
    problems = [
        tree.problem(("sweep", name), "S104", f"unknown field '{name[:40]}'", key=True)
        for name in plain
        if name not in ("vary", "design", "points")
    ]
    design, points = plain.get("design", "grid"), plain.get("points")
    if design not in DESIGNS:
        message = f"not one of the designs: {', '.join(DESIGNS)}"
        problems.append(tree.problem(("sweep", "design"), "S125", message))
    if points is not None and (type(points) is not int or points < 1):
        message = "points must be a whole number of at least 1"
        problems.append(tree.problem(("sweep", "points"), "S121", message))
    factors = []
    for path, values in plain["vary"].items():
        try:
            factors.append(factor(path, values if isinstance(values, str | tuple) else [values]))
        except ScenarioError as error:
            place = ("sweep", "vary", path)
            example = "[30, 60, 90] or 30..90:4"
            problems += [
                tree.problem(place, p.code, p.message, example=example) for p in error.problems
            ]
    return (None if problems else Block(tuple(factors), design, points)), problems


def unreadable(path: str, message: str) -> ScenarioError:
    """What is to be varied is not written as it should be."""
    return ScenarioError([Problem("S152", message, "--vary", field=path, example=EXAMPLE)])


def _range(path: str, low: str, high: str, steps: str | None) -> Factor:
    first, last = _number(low), _number(high)
    if isinstance(first, str) or isinstance(last, str) or not first < last:
        raise unreadable(path, "a range goes from a number to a larger one")
    if isinstance(first, int) and isinstance(last, int) and steps is None:
        return Factor(path, tuple(range(first, last + 1)))
    count = int(steps or USUAL_STEPS)
    if count < 2:
        raise unreadable(path, "a range has two steps at least")
    width = (last - first) / (count - 1)
    values = [float(f"{first + n * width:.10g}") for n in range(count)]
    return Factor(path, tuple(values), is_range=True)


def _number(text: str) -> Any:
    """A number where the text is one, else the text."""
    for kind in (int, float):
        try:
            number = kind(text)
        except ValueError:
            continue
        if math.isfinite(number):
            return number
    return text
