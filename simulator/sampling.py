"""Sampling: how many replications a question needs, and when they are enough."""

import math
from dataclasses import dataclass

from simulator.estimates import Proportion, Z

FIRST_LOOK = 100
"""Replications before the chance is looked at for the first time."""

GROWTH = 1.1
"""A further look comes after at least a tenth more replications."""

BATCH = 20
"""Looks come at multiples of so many replications."""

PRECISION = 0.01
"""Half-width of the 95 % interval of the chance at which a run stops unless asked otherwise."""


@dataclass(frozen=True, slots=True)
class Goal:
    """Replications to make: ``most``, or fewer if the chance is known well enough before.

    ``precision`` is the half-width of its 95 % interval that is enough; None asks for exactly
    ``most``.
    """

    most: int
    precision: float | None = None

    def first(self) -> int:
        """Replications before the first look."""
        return self.most if self.precision is None else min(self.most, FIRST_LOOK)

    def following(self, made: int, chance: Proportion | None) -> int | None:
        """Replications before the next look, given what was made and is known; None if enough.

        The next look comes where the chance seen so far would do. So looks follow from the
        replications alone, in whatever pieces and by whomever they were made.
        """
        if self.precision is None or made >= self.most:
            return None
        if chance is None:
            return self.most
        if half_width(chance) <= self.precision:
            return None
        aim = needed(chance.share, self.precision) / made
        return min(self.most, enlarged(made, aim))


def enlarged(made: int, times: float) -> int:
    """Replications before the next look, where so many times as many would do."""
    return math.ceil(made * max(times, GROWTH) / BATCH) * BATCH


def half_width(chance: Proportion) -> float:
    """Half of the 95 % interval of a chance; 1 where there is none."""
    if chance.low is None or chance.high is None:
        return 1.0
    return (chance.high - chance.low) / 2


def needed(share: float, precision: float) -> int:
    """Replications after which Wilson's interval around ``share`` is so narrow.

    Solved from its half-width: h^2 (1 + w)^2 = w p (1 - p) + w^2 / 4 with w = z^2 / n.
    """
    h2, spread = precision**2, share * (1 - share)
    # (h2 - 1/4) w^2 + (2 h2 - spread) w + h2 = 0, the positive root.
    a, b = h2 - 0.25, 2 * h2 - spread
    if a >= 0:
        return 1
    w = (-b - math.sqrt(b * b - 4 * a * h2)) / (2 * a)
    return math.ceil(Z * Z / w)
