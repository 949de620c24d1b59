"""Rules: limits of a few inputs within which an outcome is more frequent, and how far they hold.

The patient rule induction method (PRIM; Friedman and Fisher 1999, doi 10.1023/A:1008894516817),
with the resampling of scenario discovery (Bryant and Lempert 2010, doi
10.1016/j.techfore.2009.08.002). Rows that share draws form a group, and are resampled together.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.answers import Flags, chance_of
from simulator.estimates import CONFIDENCE, Proportion
from simulator.runs import Floats, Integers

PEEL = 0.05
"""Share of the rows that one step takes off, or gives back."""

LEAST_ROWS, LEAST_SHARE = 20, 0.05
"""A rule speaks of so many rows at least, and of such a share of all."""

CONSIDERED = 12
"""Inputs among which a rule is looked for: those that tell most by themselves."""

MOST_INPUTS = 4
"""Inputs of a rule at most: more cannot be read."""

MOST_RULES = 2
"""Rules for an outcome at most, each for what the earlier ones leave."""

FOLDS, RESAMPLES = 10, 50
SEED = 20230313
"""Of the folds and resamples, so that the same rules are found every time."""

HOLDS = NormalDist().inv_cdf(1 - (1 - CONFIDENCE) / 2 / MOST_INPUTS)
"""Standard errors by which rows that were not seen have to agree.

In noise some rule is said to hold in 5 of 100 searches at most: both outcomes and all numbers of
inputs are corrected for.
"""


@dataclass(frozen=True, slots=True)
class Limit:
    """One condition of a rule."""

    column: int
    is_upper: bool
    value: float
    low: float
    """Nine in ten of the resamples that have this limit have it between here"""
    high: float
    """and here."""
    reproduced: float
    """Share of the resamples in which the input is limited on this side."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Limits within which an outcome is more frequent than elsewhere."""

    limits: tuple[Limit, ...]
    rows: Proportion
    """Rows of which the rule speaks, of those that earlier rules leave."""
    base: Proportion
    """How frequent the outcome is among all of these."""
    inside: Proportion
    """How frequent it is within the limits (density)."""
    outside: Proportion
    """How frequent it is beyond them."""
    coverage: Proportion
    """Of the rows with the outcome, those within the limits."""
    unseen: Proportion
    """The density in rows that were left out when the rule was looked for: the rest is wrong."""
    unseen_coverage: Proportion
    """The coverage in such rows."""


@dataclass(frozen=True, slots=True)
class Box:
    """Lower and upper limits by column; infinite where there is none."""

    low: dict[int, float]
    high: dict[int, float]

    def holds(self, inputs: Floats) -> Flags:
        """Which rows lie within the limits."""
        flags = np.ones(len(inputs), dtype=bool)
        for column, limit in self.low.items():
            flags &= inputs[:, column] >= limit
        for column, limit in self.high.items():
            flags &= inputs[:, column] <= limit
        return flags

    @property
    def columns(self) -> list[int]:
        """The inputs that are limited."""
        return sorted({*self.low, *self.high})

    def limits(self) -> Iterator[tuple[int, bool, float]]:
        """Column, whether it is an upper limit, and the limit."""
        for column in self.columns:
            for is_upper, ends in ((False, self.low), (True, self.high)):
                if column in ends:
                    yield column, is_upper, ends[column]

    def renamed(self, columns: Integers) -> "Box":
        """The same with other numbers of the inputs."""
        low, high = ({int(columns[c]): v for c, v in e.items()} for e in (self.low, self.high))
        return Box(low, high)

    def moved(self, column: int, limit: float, *, is_upper: bool) -> "Box":
        """The same with another limit."""
        low, high = (
            (self.low, {**self.high, column: limit})
            if is_upper
            else ({**self.low, column: limit}, self.high)
        )
        return Box(low, high)


def rules(inputs: Floats, outcome: Flags, groups: Integers) -> list[Rule]:
    """Rules for an outcome that hold in rows that were not seen; none where nothing does.

    Args:
        inputs: A row a case, a column an input.
        outcome: Whether each case has the outcome.
        groups: The group of each row; rows of a group are not independent.

    """
    found: list[Rule] = []
    left = np.ones(len(outcome), dtype=bool)
    while len(found) < MOST_RULES:
        box, rule = _rule(inputs[left], outcome[left], groups[left])
        if box is None or rule is None:
            break
        found.append(rule)
        left &= ~box.holds(inputs)
    return found


def _rule(inputs: Floats, outcome: Flags, groups: Integers) -> tuple[Box | None, Rule | None]:
    """The rule of some rows, if it holds."""
    names = np.unique(groups)
    if len(names) < 2 * FOLDS or not inputs.size or outcome.all() or not outcome.any():
        return None, None
    random = np.random.default_rng(SEED)
    said = _cross_validated(inputs, outcome, groups, random)
    count = _inputs_needed(said, outcome, groups)
    if count is None:
        return None, None
    boxes = boxes_by_inputs(inputs, outcome)
    if count not in boxes:
        return None, None
    box = _rounded(boxes[count])
    inside, unseen = box.holds(inputs), said[count]
    if not inside.any() or inside.all():
        return None, None
    resampled = list(_resampled(inputs, outcome, groups, count, random))
    rule = Rule(
        limits=tuple(_limit(*one, resampled) for one in box.limits()),
        rows=chance_of(inside),
        base=chance_of(outcome),
        inside=chance_of(outcome[inside]),
        outside=chance_of(outcome[~inside]),
        coverage=chance_of(inside[outcome]),
        unseen=chance_of(outcome[unseen]),
        unseen_coverage=chance_of(unseen[outcome]),
    )
    return box, rule


def _cross_validated(
    inputs: Floats, outcome: Flags, groups: Integers, random: np.random.Generator
) -> dict[int, Flags]:
    """By number of inputs, the rows in which rules that were found without them would hold."""
    names = random.permutation(np.unique(groups))
    said = {count: np.zeros(len(outcome), dtype=bool) for count in range(1, MOST_INPUTS + 1)}
    for fold in range(FOLDS):
        held = np.isin(groups, names[fold::FOLDS])
        boxes = boxes_by_inputs(inputs[~held], outcome[~held])
        for count, flags in said.items():
            # Where fewer inputs were limited, their rule stands for that of more.
            there = [n for n in boxes if n <= count]
            if there:
                flags[held] = boxes[max(there)].holds(inputs[held])
    return said


def _inputs_needed(said: dict[int, Flags], outcome: Flags, groups: Integers) -> int | None:
    """The smallest number of inputs as good as the best one in rows that were not seen.

    What a rule is worth is the number of its rows times their excess over the base (weighted
    relative accuracy). As good: within a standard error of the difference. None if no rule holds.
    """
    excess = outcome - outcome.mean()
    _, place = np.unique(groups, return_inverse=True)
    worth = {count: np.bincount(place, flags * excess) for count, flags in said.items()}
    best = max(worth, key=lambda count: float(worth[count].sum()))
    as_good = [
        count
        for count, values in worth.items()
        if (worth[best] - values).sum() <= _spread(worth[best] - values)
    ]
    count = min(as_good)
    return count if worth[count].sum() > HOLDS * _spread(worth[count]) else None


def _spread(values: NDArray[Any]) -> float:
    """Standard error of a sum over groups."""
    return float(np.sqrt(len(values)) * np.std(values))


def _resampled(
    inputs: Floats, outcome: Flags, groups: Integers, count: int, random: np.random.Generator
) -> Iterator[Box]:
    """The boxes of resampled groups, with as many inputs."""
    names, place = np.unique(groups, return_inverse=True)
    rows = np.argsort(place, kind="stable")
    ends = np.searchsorted(place[rows], np.arange(len(names) + 1))
    of_group = [rows[first:last] for first, last in pairwise(ends)]
    for _ in range(RESAMPLES):
        chosen = np.concatenate([of_group[n] for n in random.integers(0, len(names), len(names))])
        boxes = boxes_by_inputs(inputs[chosen], outcome[chosen])
        there = [n for n in boxes if n <= count]
        if there:
            yield boxes[max(there)]


def _limit(column: int, is_upper: bool, value: float, resampled: list[Box]) -> Limit:  # noqa: FBT001
    ends = [one.high if is_upper else one.low for one in resampled]
    again = [limits[column] for limits in ends if column in limits]
    low, high = np.quantile(again, [0.05, 0.95]) if again else (value, value)
    return Limit(column, is_upper, value, float(low), float(high), len(again) / RESAMPLES)


def _rounded(box: Box) -> Box:
    """Limits as they are told."""
    low, high = (
        {column: float(f"{limit:.3g}") for column, limit in ends.items()}
        for ends in (box.low, box.high)
    )
    return Box(low, high)


def boxes_by_inputs(inputs: Floats, outcome: Flags) -> dict[int, Box]:
    """The box with one input, with two and so on, as far as so many matter.

    An input is added that tells most within the box so far; then all are peeled together.
    """
    if outcome.all() or not outcome.any():
        return {}
    considered = _telling(inputs, outcome)[:CONSIDERED]
    x = inputs[:, considered]
    columns: list[int] = [0]
    found: dict[int, Box] = {}
    while len(columns) <= MOST_INPUTS:
        box = peeled(x, outcome, columns)
        if len(box.columns) < len(columns):
            break
        found[len(columns)] = box.renamed(considered)
        inside = box.holds(x)
        others = (int(n) for n in _telling(x[inside], outcome[inside]) if int(n) not in columns)
        following = next(others, None)
        if following is None:
            break
        columns.append(following)
    return found


def _worth(box: Box, inputs: Floats, outcome: Flags) -> float:
    """Rows with the outcome beyond those that as many rows would have by the base."""
    inside = box.holds(inputs)
    return float(outcome[inside].sum() - outcome.mean() * inside.sum())


def _telling(inputs: Floats, outcome: Flags) -> Integers:
    """The inputs, the one first of which a single limit is worth most."""
    order = np.argsort(inputs, axis=0, kind="stable")
    excess = np.cumsum((outcome - outcome.mean())[order], axis=0)[:-1]
    ordered = np.take_along_axis(inputs, order, axis=0)
    # A limit lies between two values, not among equal ones.
    excess[ordered[1:] == ordered[:-1]] = 0.0
    worth = np.abs(excess).max(axis=0, initial=0.0)
    first: Integers = np.argsort(-worth, kind="stable")
    return first


def peeled(inputs: Floats, outcome: Flags, columns: Sequence[int]) -> Box:
    """The box of the largest worth on the way of peeling, pasted where that is worth more.

    A step takes off the lowest or highest rows of that input by which the excess of the rest over
    the rows taken off rises most; equal values go together.
    """
    least = max(LEAST_ROWS, LEAST_SHARE * len(outcome))
    base = outcome.mean()
    box = best = Box({}, {})
    worth = 0.0
    x, y = inputs[:, columns], outcome.astype(float)
    while True:
        step = _step(x, y, least)
        if step is None:
            break
        place, is_upper, limit, kept = step
        box = box.moved(columns[place], limit, is_upper=is_upper)
        x, y = x[kept], y[kept]
        if y.sum() - base * len(y) > worth:
            best, worth = box, float(y.sum() - base * len(y))
    return _pasted(best, inputs, outcome)


def _step(x: Floats, y: Floats, least: float) -> tuple[int, bool, float, Flags] | None:
    """The best rows to take off: column, side, the new limit, and the rows that stay."""
    size = len(y)
    count = max(1, int(PEEL * size))
    ordered = np.sort(x, axis=0)
    cuts = np.stack([ordered[count - 1], ordered[size - count]])
    kept = np.stack([x > cuts[0], x < cuts[1]])
    stay = kept.sum(axis=1)
    mean = np.einsum("skc,k->sc", kept, y) / np.maximum(stay, 1)
    gain = (mean - y.mean()) * stay / np.maximum(size - stay, 1)
    gain[(stay < least) | (stay == size)] = -np.inf
    side, place = (int(n) for n in np.unravel_index(np.argmax(gain), gain.shape))
    if gain[side, place] == -np.inf:
        return None
    column, rows = x[:, place], kept[side, :, place]
    inner = column[rows].max() if side else column[rows].min()
    limit = (float(inner) + float(cuts[side, place])) / 2
    return place, bool(side), limit, rows


def _pasted(box: Box, inputs: Floats, outcome: Flags) -> Box:
    """The box after limits were moved outwards again wherever that is worth more."""
    worth = _worth(box, inputs, outcome)
    while True:
        wider = [
            (_worth(one, inputs, outcome), n, one) for n, one in enumerate(_wider(box, inputs))
        ]
        if not wider or max(wider)[0] <= worth:
            return box
        worth, _, box = max(wider)


def _wider(box: Box, inputs: Floats) -> Iterator[Box]:
    """The box with one of its limits moved outwards by a step."""
    count = max(1, int(PEEL * box.holds(inputs).sum()))
    for column, is_upper, limit in box.limits():
        others = Box(
            {c: v for c, v in box.low.items() if is_upper or c != column},
            {c: v for c, v in box.high.items() if not is_upper or c != column},
        )
        values = inputs[others.holds(inputs), column]
        beyond = np.sort(values[values > limit] if is_upper else -values[values < limit])
        if len(beyond) > count:
            new = float(beyond[count - 1] + beyond[count]) / 2
            yield box.moved(column, new if is_upper else -new, is_upper=is_upper)
        else:
            yield others
