"""Lives: what is drawn of relationships at their birth, those at the start and those who may enter.

Arrays run over relationships.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from simulator.conditions import AGES, Conditions, LifeTable
from simulator.draws import Draws
from simulator.equations.relationships import hazard_at_end, size
from simulator.portable import FloatArray, exp, log, log_factor, normal_quantile, total
from simulator.specification import Specification
from simulator.trajectory import ENTRANTS, FIRST_CONTRACT, INCUMBENTS

WORDS = 8
AGE, _, END, VALUE, PHASE, GAP = range(6)
"""Words of a relationship's stream."""

OLDEST = 1e9
"""Years: the age at which a life ends that the table does not."""


@dataclass(frozen=True, slots=True)
class Lives:
    """Relationships of one flow and stream."""

    age_years: FloatArray
    left_years: FloatArray
    """Life that is left at the start, infinite when nothing ends it."""
    value: FloatArray
    """Mature yearly value, dollars."""
    phase: FloatArray
    """Share of an order interval that has passed at the start."""

    def rows(self) -> Iterator[tuple[float, float, float, float]]:
        """One relationship after the other, as plain numbers."""
        columns = (self.age_years, self.left_years, self.value, self.phase)
        return zip(*(column.tolist() for column in columns), strict=True)


def drawn_as(spec: Specification, flow: int, stream: int) -> str:
    """The name under which the draws of a stream's relationships, or instalments, stand."""
    if stream >= FIRST_CONTRACT:
        return f"contract {spec.stream(stream)}"
    return f"{spec.stream(stream)} {spec.flows[flow].name}"


def incumbents(spec: Specification, world: Conditions, draws: Draws, flow: int) -> Lives:
    """A stationary stock that carries the base flow.

    Their number is that of the norm; ages and remaining lives are those of a stock in balance;
    sizes are scaled so that together they are the observed flow.
    """
    stream = drawn_as(spec, flow, INCUMBENTS)
    table, numbers, carried = world.lives[flow], world.numbers, float(world.incumbent[flow])
    expected = carried / (_mean_value(spec, world, flow) * table.mean_size)
    # The stream's first entity rounds the expected number up or down.
    rounded = expected + draws.uniform(stream, words=WORDS)[0, 0]
    count = max(int(rounded), 1) if carried > 0.0 else 0
    share = draws.uniform(stream, first=1, entities=count, words=WORDS)
    age = np.full(count, AGES[-1])
    if np.isfinite(table.mean_years):
        age = interpolated(share[:, AGE], table.survivors, AGES)
    weight = _sizes(spec, world, share[:, VALUE])
    start = numbers[spec.place("relationships.start_share")]
    growth = numbers[spec.place("relationships.growth_years")]
    whole = total(weight * size(age, start, growth)) if count else 0.0
    scale = carried / (whole if whole > 0.0 else 1.0)
    left = _left(spec, world, table, age, share[:, END])
    return Lives(age, left, weight * scale, share[:, PHASE])


def entrants(  # noqa: PLR0913 -- whose, and which
    spec: Specification, world: Conditions, draws: Draws, flow: int, first: int, count: int
) -> tuple[FloatArray, Lives]:
    """Candidates for entry from number ``first`` on: the gap to the one before, and the life ahead.

    A gap is exponential of mean 1, in expected candidates.
    """
    stream = drawn_as(spec, flow, ENTRANTS)
    share = draws.uniform(stream, first=first, entities=count, words=WORDS)
    age = np.zeros(count)
    left = _left(spec, world, world.lives[flow], age, share[:, END])
    value = _sizes(spec, world, share[:, VALUE]) * _mean_value(spec, world, flow)
    return -log(share[:, GAP]), Lives(age, left, value, share[:, PHASE])


def _mean_value(spec: Specification, world: Conditions, flow: int) -> float:
    return float(world.numbers[spec.places("good.relationship_usd_million")[flow]] * 1e6)


def _sizes(spec: Specification, world: Conditions, share: FloatArray) -> FloatArray:
    """Mature size of relationships over their mean."""
    sigma = world.numbers[spec.place("relationships.value_sigma")]
    return exp(log_factor(sigma, normal_quantile(share)))


def _left(
    spec: Specification, world: Conditions, table: LifeTable, age: FloatArray, share: FloatArray
) -> FloatArray:
    """Years left to live, until the hazard is the one at which the relationship ends."""
    if np.isinf(table.mean_years):
        return np.full_like(age, np.inf)
    variance = world.numbers[spec.place("relationships.frailty_variance")]
    mark = hazard_at_end(interpolated(age, AGES, table.hazard), -log(share), variance)
    end = interpolated(mark, table.hazard, AGES, beyond=OLDEST)
    return np.maximum(end - age, 0.0)


def interpolated(
    x: FloatArray, known: FloatArray, values: FloatArray, beyond: float = np.inf
) -> FloatArray:
    """Linear interpolation of an increasing table.

    Below it its first value holds, above it ``beyond``.
    """
    last = len(known) - 1
    right = np.searchsorted(known, x, side="right")
    left = np.clip(right - 1, 0, last - 1)
    x0, x1, y0, y1 = known[left], known[left + 1], values[left], values[left + 1]
    slope = (y1 - y0) / np.where(x1 > x0, x1 - x0, 1.0)
    found = np.where(right == 0, y0, slope * (x - x0) + y0)
    return np.where(x > known[-1], beyond, found)
