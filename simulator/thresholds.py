"""Thresholds: where a chance that is known on the same draws everywhere reaches what is asked.

Whoever asks gives places on an axis and gets the replications that meet the target at each. All
places are answered on the same draws, so that the share is nearly as smooth as the chance itself,
and halving finds where it crosses a level.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import NormalDist

import numpy as np

from simulator.answers import Flags, chance_of
from simulator.estimates import CONFIDENCE, Change, Proportion, Z, paired_change

Ask = Callable[[Sequence[float]], Sequence[Flags]]
"""Which replications meet the target at each of some places; always the same replications."""

COARSE = 9
"""Places at which the whole axis is looked at first."""

STEPS = 1024
"""Steps of an axis: no place is told more finely."""

CLOSER_LOOKS = 3
"""Times that the gaps beside the best place are halved where no place is good enough."""

FINE = 40
"""Halving stops at this part of the interval: the draws know the place no better."""

REACHED, OPEN, UNREACHABLE = "reached", "open", "unreachable"
"""At some place; at none, but not surely; surely at none."""

Bracket = tuple[int | None, int]
"""The last place before a level is reached, if there is one, and the first one where it is."""


@dataclass(frozen=True, slots=True)
class Point:
    """The chance at one place."""

    value: float
    chance: Proportion


@dataclass(frozen=True, slots=True)
class Fall:
    """Beyond its peak a chance falls that had been rising, surely and not by chance."""

    peak: float
    place: float
    change: Change
    """From the peak to the place on the same draws, in shares."""


@dataclass(frozen=True, slots=True)
class Threshold:
    """The place nearest to the start at which a chance reaches what is asked of it."""

    status: str
    start: float
    value: float | None
    """The nearest place that was tried and reaches it; None where none does."""
    near: float | None
    """The end of the 95 % interval towards the start, at most the start itself."""
    far: float | None
    """The other end; None where it lies beyond the axis."""
    chance: Proportion | None
    """At ``value``."""
    best: Point
    lost: float | None
    """The first place further on at which the chance is clearly too small again."""
    fall: Fall | None
    backward: float
    """The largest step back between neighbours of the first look, in shares."""
    points: tuple[Point, ...]
    """Every place that was tried, in order."""


@dataclass(slots=True)
class Curve:
    """The answers so far, by the number of the place."""

    places: tuple[float, ...]
    ask: Ask
    known: dict[int, Flags] = field(default_factory=dict)

    def look(self, numbers: Iterable[int]) -> None:
        """Answer those places that are not answered yet, together."""
        missing = sorted(set(numbers) - set(self.known))
        if missing:
            found = self.ask([self.places[number] for number in missing])
            self.known.update(zip(missing, found, strict=True))

    def hits(self, number: int) -> int:
        """Replications that meet the target at a place."""
        return int(np.count_nonzero(self.known[number]))

    def point(self, number: int) -> Point:
        """The chance at a place."""
        return Point(self.places[number], chance_of(self.known[number]))

    def best(self) -> int:
        """The place with the largest chance; the first one of equals."""
        return max(sorted(self.known), key=self.hits)

    def walk(self, start: float, way: int) -> list[int]:
        """The known places from the start on, upwards or downwards."""
        there = [n for n in self.known if (self.places[n] - start) * way >= 0]
        return sorted(there, key=lambda n: n * way)

    def crossing(self, start: float, way: int, level: int) -> Bracket | None:
        """Where so many hits are first reached on a way; None if nowhere."""
        before = None
        for number in self.walk(start, way):
            if self.hits(number) >= level:
                return before, number
            before = number
        return None


def axis(low: float, high: float, *, whole: bool = False) -> tuple[float, ...]:
    """The places from ``low`` to ``high`` that may be tried: even steps, or whole numbers."""
    steps = min(STEPS, round(high - low)) if whole else STEPS
    # Places have as many digits as tell them apart.
    digits = 0 if whole else math.ceil(-math.log10((high - low) / steps))
    places = np.round(np.linspace(low, high, steps + 1), digits)
    return tuple(dict.fromkeys(float(f"{place:.12g}") for place in places))


def threshold(places: Sequence[float], start: float, ask: Ask, probability: float) -> Threshold:
    """Find the place nearest to ``start`` at which a chance reaches a probability.

    The 95 % interval holds every place whose own interval contains the probability, as far as the
    first one beyond which it does not: Wilson's interval is the score test turned around (Wilson
    1927), and the interval of the place is that test turned around once more. The place sought is
    one fixed place, at which the test is wrong in 5 of 100 cases; so it does not matter at how many
    places one looks. The ends are rounded outwards to places that were tried.

    Args:
        places: What may be tried, in order.
        start: From where distance counts; it may lie outside.
        ask: Answers places.
        probability: What is asked of the chance, between 0 and 1.

    """
    if places[0] <= start <= places[-1]:
        places = sorted({*places, start})
    curve = Curve(tuple(places), ask)
    first = _first_look(curve.places, start)
    curve.look(first)
    size = curve.known[first[0]].size
    levels = _levels(probability, size)
    _look_closer(curve, levels[1])
    ways = [way for way in (1, -1) if curve.crossing(start, way, levels[1])]
    found = [(_halved(curve, start, way, levels), way) for way in ways]
    backward, fall = _falls(curve, first)
    if not found:
        best = curve.point(curve.best())
        assert best.chance.high is not None, "a single replication knows no threshold"
        status = OPEN if best.chance.high >= probability else UNREACHABLE
        none = (None, None, None, None)
        return Threshold(status, start, *none, best, None, fall, backward, _points(curve))
    brackets, way = min(found, key=lambda one: abs(curve.places[_reached(one[0])] - start))
    value = _reached(brackets)
    near = brackets[0] and brackets[0][0]
    return Threshold(
        status=REACHED,
        start=start,
        value=curve.places[value],
        near=start if near is None else curve.places[near],
        far=None if brackets[2] is None else curve.places[brackets[2][1]],
        chance=curve.point(value).chance,
        best=curve.point(curve.best()),
        lost=_lost(curve, value, way, probability),
        fall=fall,
        backward=backward,
        points=_points(curve),
    )


def _first_look(places: tuple[float, ...], start: float) -> list[int]:
    """Places all along the axis, and the start in the place of the one next to it."""
    last = len(places) - 1
    numbers = {round(n * last / (COARSE - 1)) for n in range(COARSE)}
    if start in places:
        here = places.index(start)
        nearest = min(numbers - {0, last}, key=lambda n: abs(n - here), default=here)
        numbers = (numbers - {nearest}) | {here}
    return sorted(numbers)


def _levels(probability: float, size: int) -> tuple[int, int, int]:
    """Hits from which the chance may be, is, and surely is the probability."""
    middle = size * probability
    half = Z * math.sqrt(middle * (1 - probability))
    return math.ceil(middle - half), math.ceil(middle - 1e-9), math.floor(middle + half) + 1


def _look_closer(curve: Curve, level: int) -> None:
    """Look beside the best place for one that is good enough, where none is yet."""
    for _ in range(CLOSER_LOOKS):
        best = curve.best()
        if curve.hits(best) >= level:
            return
        known = sorted(curve.known)
        gaps = [pair for pair in pairwise(known) if best in pair]
        curve.look((low + high) // 2 for low, high in gaps)


def _halved(
    curve: Curve, start: float, way: int, levels: tuple[int, int, int]
) -> tuple[Bracket | None, Bracket | None, Bracket | None]:
    """Where each level is first reached on a way, as closely as the draws know it."""
    while True:
        low, middle, high = (curve.crossing(start, way, level) for level in levels)
        ends = [number for one in (low, high) if one for number in one if number is not None]
        fine = max(1, (max(ends) - min(ends)) // FINE) if low and high else 1
        between = {
            (one[0] + one[1]) // 2
            for one in (low, middle, high)
            if one and one[0] is not None and abs(one[1] - one[0]) > fine
        }
        if not between - set(curve.known):
            return low, middle, high
        curve.look(between)


def _reached(brackets: tuple[Bracket | None, Bracket | None, Bracket | None]) -> int:
    """The number of the place at which the probability is reached."""
    assert brackets[1] is not None
    return brackets[1][1]


def _lost(curve: Curve, value: int, way: int, probability: float) -> float | None:
    """The first place beyond ``value`` at which the chance is clearly too small."""
    for number in curve.walk(curve.places[value], way):
        high = curve.point(number).chance.high
        if high is not None and high < probability:
            return curve.places[number]
    return None


def _falls(curve: Curve, first: list[int]) -> tuple[float, Fall | None]:
    """The largest step back along the first look, and a fall beyond the peak if it is clear.

    The chance is taken to rise towards the end at which it is larger. Peak and trough are picked
    because they stand out, so the interval of their difference is corrected for all pairs.
    """
    rising = curve.hits(first[-1]) >= curve.hits(first[0])
    order = first if rising else first[::-1]
    hits = [curve.hits(number) for number in order]
    size = curve.known[first[0]].size
    backward = max([0, *(one - other for one, other in pairwise(hits))]) / size
    peak = max(range(len(order)), key=lambda n: hits[n])
    lowest = min(range(peak, len(order)), key=lambda n: hits[n])
    before, after = curve.known[order[peak]], curve.known[order[lowest]]
    pairs = max(1, len(order) * (len(order) - 1) // 2)
    change = paired_change(
        int(np.count_nonzero(after & ~before)),
        int(np.count_nonzero(before & ~after)),
        size,
        NormalDist().inv_cdf(1 - (1 - CONFIDENCE) / 2 / pairs),
    )
    places = curve.places[order[peak]], curve.places[order[lowest]]
    return backward, Fall(*places, change) if change.high < 0 else None


def _points(curve: Curve) -> tuple[Point, ...]:
    return tuple(curve.point(number) for number in sorted(curve.known))
