"""Mixes: the cheapest way of moving several levers at once until a chance is large enough.

A mix is a share for each lever: 0 leaves it where it is, 1 moves it to its better end. All mixes
are answered on the same draws. A surface fitted to what is known proposes a cheap mix, the proposal
is answered, and so on; the last one is then moved along its own direction to where the chance is
reached, as one lever would be.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import permutations

import numpy as np

from simulator.answers import Flags, chance_of
from simulator.designs import filled
from simulator.estimates import Proportion
from simulator.runs import Floats
from simulator.thresholds import OPEN, REACHED, UNREACHABLE, Threshold, threshold

Shares = tuple[float, ...]
AskMixes = Callable[[Sequence[Shares]], Sequence[Flags]]
"""Which replications meet the target under each of some mixes; always the same replications."""

STEPS = 256
"""Steps of a lever's way: no share is told more finely."""

PER_LEVER = 4
"""Mixes of the design for each lever, rounded up to a power of two."""

PROPOSALS = 12
"""Proposals of the surface at most."""

EXCHANGES = 6
"""Mixes of the same cost that are tried after each search, those first that promise most."""

CANDIDATES = 1024
"""Directions among which the surface looks for the cheapest."""

LONGEST = 4.0
"""Times that a mix is stretched at most; a lever that is at its end stays there."""

ENOUGH = 0.01
"""A saving of less than this share of the cost is not looked for any more."""

NEAR = 1.5
"""Mixes whose log odds are so far from those asked count for the surface by a third."""


@dataclass(frozen=True, slots=True)
class Mixture:
    """The cheapest mix that was found, and what else is known."""

    status: str
    shares: Shares | None
    """None where no mix reaches the probability."""
    cost: float | None
    near: float | None
    """The cost at the lower end of the 95 % interval along the mix's own direction."""
    far: float | None
    """At the upper end; None where it lies beyond all that the levers can do."""
    chance: Proportion | None
    best: Shares
    best_chance: Proportion
    alone: tuple[float | None, ...]
    """The share at which each lever alone reaches it; None where it cannot."""
    tried: tuple[tuple[Shares, Proportion], ...]


@dataclass(slots=True)
class _Known:
    """The answers so far, by mix."""

    ask: AskMixes
    size: int
    flags: dict[Shares, Flags] = field(default_factory=dict)

    def look(self, mixes: Sequence[Sequence[float]]) -> list[Shares]:
        """Answer those mixes that are not answered yet, together; their rounded shares."""
        rounded = [tuple(round(share * STEPS) / STEPS for share in mix) for mix in mixes]
        missing = [mix for mix in dict.fromkeys(rounded) if mix not in self.flags]
        if missing:
            self.flags.update(zip(missing, self.ask(missing), strict=True))
        return rounded

    def hits(self, mix: Shares) -> int:
        """Replications that meet the target."""
        return int(np.count_nonzero(self.flags[mix]))


def cheapest(costs: Sequence[float], ask: AskMixes, probability: float) -> Mixture:
    """Find the cheapest mix under which a chance reaches a probability.

    The surface is a quadratic in the shares for the log odds of the chance, fitted by least squares
    that weigh what lies near the probability (Myers, Montgomery and Anderson-Cook 2016, ch. 6). It
    only proposes: every mix that is told was answered itself. That no cheaper one exists is not
    shown.

    Args:
        costs: Of moving each lever all the way.
        ask: Answers mixes.
        probability: What is asked of the chance, between 0 and 1.

    """
    count = len(costs)
    known = _Known(ask, count)
    corner, nothing = (1.0,) * count, (0.0,) * count
    ends = [tuple(float(n == m) for m in range(count)) for n in range(count)]
    known.look([nothing, corner, *ends, *_design(count)])
    size = known.flags[corner].size
    level = math.ceil(size * probability - 1e-9)
    alone = tuple(_alone(known, end, level) for end in ends)
    if max(map(known.hits, known.flags)) < level:
        return _missed(known, probability, alone)
    paid, weights = math.inf, np.array(costs)
    while True:
        _search(known, weights, level, probability)
        start = min(
            (mix for mix in known.flags if known.hits(mix) >= level),
            key=lambda mix: _cost(costs, mix),
        )
        if not any(start):
            return _told(known, costs, start, None, alone)
        _exchange(known, weights, start, probability)
        start = max(
            (mix for mix in known.flags if _cost(costs, mix) <= _cost(costs, start)), key=known.hits
        )
        way = _along(known, start, probability)
        assert way.value is not None
        found = _moved(start, way.value)
        if _cost(costs, found) > paid * (1 - ENOUGH):
            return _told(known, costs, found, way, alone)
        paid = _cost(costs, found)


def _cost(costs: Sequence[float], mix: Sequence[float]) -> float:
    return sum(cost * share for cost, share in zip(costs, mix, strict=True))


def _design(count: int) -> list[Shares]:
    """Mixes all over the box and on its faces, where cheap mixes often lie."""
    points = 2 ** math.ceil(math.log2(PER_LEVER * count))
    stretched = np.clip(1.5 * filled(count, points) - 0.25, 0.0, 1.0)
    return [tuple(map(float, row)) for row in stretched]


def _alone(known: _Known, end: Shares, level: int) -> float | None:
    """The share at which one lever alone reaches so many hits, by halving."""
    if known.hits(end) < level:
        return None
    low, high = 0, STEPS
    while high - low > 1:
        middle = (low + high) // 2
        (mix,) = known.look([[share * middle / STEPS for share in end]])
        low, high = (low, middle) if known.hits(mix) >= level else (middle, high)
    return high / STEPS


def _search(known: _Known, costs: Floats, level: int, probability: float) -> None:
    """Let a surface propose cheap mixes and answer them, until it has nothing better."""
    directions = np.clip(1.5 * filled(len(costs), CANDIDATES) - 0.25, 0.0, 1.0)
    directions = directions[directions.max(axis=1) > 0]
    lengths = np.linspace(0.0, LONGEST, 65)[1:]
    # Beyond its end a lever stays there, while the others of the mix go on.
    mixes = np.minimum(directions[:, None, :] * lengths[:, None], 1.0)
    for _ in range(PROPOSALS):
        reached = _surface(known, mixes, probability) >= 0.0
        price = np.where(reached, mixes @ costs, np.inf)
        proposal = mixes.reshape(-1, len(costs))[int(np.argmin(price))]
        paid = min(
            (float(costs @ mix) for mix in known.flags if known.hits(mix) >= level), default=np.inf
        )
        if not price.min() < paid * (1 - ENOUGH):
            return
        before = len(known.flags)
        known.look([tuple(proposal)])
        if len(known.flags) == before:
            return


def _exchange(known: _Known, costs: Floats, mix: Shares, probability: float) -> None:
    """Answer mixes of the same cost, with money of one lever spent on another instead."""
    others = []
    for one, other in permutations(range(len(costs)), 2):
        spare = min(mix[one] * costs[one], (1 - mix[other]) * costs[other])
        for part in (0.5, 1.0):
            if spare > 0:
                changed = list(mix)
                changed[one] -= part * spare / costs[one]
                changed[other] += part * spare / costs[other]
                others.append(changed)
    if others:
        promising = np.argsort(-_surface(known, np.array(others), probability))
        known.look([others[place] for place in promising[:EXCHANGES]])


def _surface(known: _Known, mixes: Floats, probability: float) -> Floats:
    """Log odds of some mixes over those asked, by a quadratic fitted to what is known."""
    shares = np.array(list(known.flags))
    hits = np.array([known.hits(mix) for mix in known.flags])
    size = next(iter(known.flags.values())).size
    odds = np.log((hits + 0.5) / (size - hits + 0.5)) - math.log(probability / (1 - probability))
    spread = (hits + 0.5) * (size - hits + 0.5) / size
    weight = np.sqrt(spread / (1 + 2 * (odds / NEAR) ** 2))
    terms = _terms(shares)
    # A small ridge keeps what the design does not tell apart at nothing.
    ridge = 1e-3 * float(np.mean(weight)) * np.eye(terms.shape[1])
    left = np.vstack([terms * weight[:, None], ridge])
    right = np.concatenate([odds * weight, np.zeros(terms.shape[1])])
    fitted = np.linalg.lstsq(left, right, rcond=None)[0]
    found: Floats = _terms(mixes) @ fitted
    return found


def _terms(shares: Floats) -> Floats:
    """One, every share, and every product of two."""
    count = shares.shape[-1]
    first, second = np.triu_indices(count)
    products = shares[..., first] * shares[..., second]
    return np.concatenate([np.ones((*shares.shape[:-1], 1)), shares, products], axis=-1)


def _moved(mix: Shares, length: float) -> Shares:
    """A mix stretched along its own direction; a lever at its end stays there."""
    return tuple(round(min(share * length, 1.0) * STEPS) / STEPS for share in mix)


def _along(known: _Known, mix: Shares, probability: float) -> Threshold:
    """Where the chance is reached along the direction of a mix."""
    longest = min(1.0 / min(share for share in mix if share > 0), LONGEST)
    lengths = np.linspace(0.0, longest, STEPS + 1)
    places = sorted({*(float(f"{length:.10g}") for length in lengths), 1.0})

    def ask(lengths: Sequence[float]) -> list[Flags]:
        return [known.flags[one] for one in known.look([_moved(mix, way) for way in lengths])]

    return threshold(places, 0.0, ask, probability)


def _missed(known: _Known, probability: float, alone: tuple[float | None, ...]) -> Mixture:
    best = max(known.flags, key=known.hits)
    chance = chance_of(known.flags[best])
    assert chance.high is not None
    status = OPEN if chance.high >= probability else UNREACHABLE
    none = (None, None, None, None, None)
    return Mixture(status, *none, best, chance, alone, _tried(known))


def _told(
    known: _Known,
    costs: Sequence[float],
    mix: Shares,
    way: Threshold | None,
    alone: tuple[float | None, ...],
) -> Mixture:
    best = max(known.flags, key=known.hits)
    cost = _cost(costs, mix)
    near: float = cost
    far: float | None = cost
    if way is not None and way.value:
        assert way.near is not None
        near = _cost(costs, [min(s * way.near / way.value, 1.0) for s in mix])
        far = None
        if way.far is not None:
            far = _cost(costs, [min(s * way.far / way.value, 1.0) for s in mix])
    chances = (chance_of(known.flags[mix]), best, chance_of(known.flags[best]))
    return Mixture(REACHED, mix, cost, near, far, *chances, alone, _tried(known))


def _tried(known: _Known) -> tuple[tuple[Shares, Proportion], ...]:
    return tuple((mix, chance_of(flags)) for mix, flags in sorted(known.flags.items()))
