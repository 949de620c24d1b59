"""Levers: how far a number may be moved from where it stands, and what says so."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Annotated, get_args, get_origin

from simulator.errors import Problem, ScenarioError
from simulator.scenario.describing import kind, law_words
from simulator.scenario.paths import child_kind, matching, nearest_path
from simulator.scenario.plausibility import USUAL
from simulator.scenario.quantities import Lognormal, Quantity, Within, within_of
from simulator.scenario.sweeping import factor
from simulator.scenario.types import Scenario, quantities

EXAMPLE = "settlement.patience_days=30..120"

TAIL = 0.01
"""Chance beyond either end of a range that is taken from a law without an end."""


@dataclass(frozen=True, slots=True)
class Lever:
    """A number that is to be moved, or several alike that a path with ``*`` names."""

    path: str
    numbers: int
    """How many there are."""
    kind: str
    """Who decides it, as the scenario says: a lever, an uncertainty or a constant."""
    start: float
    """What it is now: its value or the middle of its law; of several the average."""
    low: float
    high: float
    whole: bool
    origin: str
    """What says how far it may be moved, in words."""
    is_drawn: bool
    """Whether it follows a law as long as nobody sets it."""
    cost: float | None
    """What a change by one unit costs as the scenario says, of all numbers together."""


def lever(scenario: Scenario, path: str, between: object = None) -> Lever:
    """A number of a scenario as something to be moved.

    Args:
        scenario: Where it stands.
        path: Its dotted path; with ``*`` several numbers are moved alike.
        between: ``30..120``, or the two ends; if not given, the support of its law, or else what is
            usual for such a number, or else what its type allows.

    Raises:
        ScenarioError: S151, there is no such number; S152, the range is not one, or none is known.

    """
    known = dict(quantities(scenario))
    found = {name: known[name] for name in matching(path, known)}
    if not found:
        near = nearest_path(path, known)
        message = f"no such number in the scenario: {path[:80]}"
        raise ScenarioError([Problem("S151", message, "--vary", field=path, suggestion=near)])
    allowed = [_allowed(name) for name in found]
    low, high, origin = _range(path, found, allowed) if between is None else _stated(path, between)
    numbers = list(found.values())
    kinds = {kind(number) for number in numbers}
    return Lever(
        path=path,
        numbers=len(numbers),
        kind=kinds.pop() if len(kinds) == 1 else "",
        start=sum(number.central for number in numbers) / len(numbers),
        low=low,
        high=high,
        whole=any(one.whole for one in allowed),
        origin=origin,
        is_drawn=any(number.law is not None for number in numbers),
        cost=_cost(numbers),
    )


def _cost(numbers: Sequence[Quantity]) -> float | None:
    """The sum of the costs, if all are stated."""
    costs = [number.cost for number in numbers if number.cost is not None]
    return sum(costs) if len(costs) == len(numbers) else None


def parse_lever(text: str) -> tuple[str, str | None]:
    """Path and range of ``path`` or ``path=low..high`` from the command line."""
    path, equals, between = text.partition("=")
    return path.strip(), between if equals else None


def parse_cost(text: str) -> tuple[str, float]:
    """Path and cost a unit of ``path=cost`` from the command line.

    Raises:
        ScenarioError: S152, it is no cost.

    """
    path, _, cost = text.partition("=")
    try:
        number = float(cost)
    except ValueError:
        number = math.nan
    if not (math.isfinite(number) and number > 0):
        message = "a cost is a number above 0 for a change by one unit"
        example = "settlement.patience_days=0.5"
        raise ScenarioError([Problem("S152", message, "--cost", field=path, example=example)])
    return path.strip(), number


def _stated(path: str, between: object) -> tuple[float, float, str]:
    """The range that somebody states."""
    ends: Sequence[object] = ()
    if isinstance(between, str) and ".." in between and ":" not in between:
        values = factor(path, between).values
        ends = (values[0], values[-1])
    elif isinstance(between, Sequence) and not isinstance(between, str):
        ends = tuple(between)
    numbers = [float(end) for end in ends if isinstance(end, int | float)]
    if len(numbers) != 2 or not (math.isfinite(sum(numbers)) and numbers[0] < numbers[1]):
        message = "a range goes from a number to a larger one"
        raise ScenarioError([Problem("S152", message, "--vary", field=path, example=EXAMPLE)])
    return numbers[0], numbers[1], "as stated"


def _range(
    path: str, found: Mapping[str, Quantity], allowed: Sequence[Within]
) -> tuple[float, float, str]:
    """The range of a law, or else the usual one, or else the one that its type allows."""
    drawn = [number for number in found.values() if number.law is not None]
    if drawn:
        ends = [_support(number) for number in drawn]
        low, high = min(low for low, _ in ends), max(high for _, high in ends)
        if low < high:
            words = law_words(drawn[0]) if len(drawn) == 1 else f"{len(drawn)} numbers"
            return low, high, f"from its law ({words})" if len(drawn) == 1 else f"laws of {words}"
    usual = USUAL.get(path.rpartition(".")[2])
    if usual is not None:
        return *usual, "usual for such a number"
    low, high = max(one.low for one in allowed), min(one.high for one in allowed)
    if math.isfinite(low) and math.isfinite(high):
        return low, high, "all that it can be"
    start = next(iter(found.values())).central
    example = f"{path}={start / 2:g}..{start * 2:g}" if start > 0 else EXAMPLE
    message = "nothing says how far this number may be moved"
    raise ScenarioError([Problem("S152", message, "--vary", field=path, example=example)])


def _support(number: Quantity) -> tuple[float, float]:
    """The ends of a law; of one without an end, what is exceeded in 1 of 100 cases."""
    if isinstance(number.law, Lognormal):
        law = number.law
        away = math.exp(law.sigma * NormalDist().inv_cdf(1 - TAIL))
        return float(f"{law.median / away:.2g}"), float(f"{law.median * away:.2g}")
    return number.support


def _allowed(path: str) -> Within:
    """The range that the type of a number states."""
    above: object = Scenario
    for name in path.split("."):
        above = child_kind(above, name)
    metadata = get_args(above)[1:] if get_origin(above) is Annotated else ()
    return within_of(metadata, above) or Within(-math.inf)
