"""Pooling: what members of a collective share, and what each further one adds."""

from typing import TypeVar

from simulator.portable import FloatArray

Number = TypeVar("Number", float, FloatArray)


def platform_fee(cost: Number, pooled: Number) -> Number:
    """Cost of a platform as a share of what goes through it: F / V, both a year."""
    return cost / pooled


def joined_share(share: Number, further: Number) -> Number:
    """Share that two causes take together, each of what the other leaves: 1 - (1 - a) (1 - b).

    So multilateral netting never cancels more than there is. Source for netting among members: the
    European Payments Union, Kaplan and Schleiminger (1989).
    """
    return 1.0 - (1.0 - share) * (1.0 - further)
