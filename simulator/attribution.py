"""Attribution: a whole shared out among those who make it together, after Shapley.

What a player adds depends on who is there already. Shapley's share is what it adds on average over
all orders in which they could come, so that the shares add up to what all of them make together.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import combinations, pairwise
from math import factorial, floor
from typing import TypeVar

import numpy as np
import numpy.typing as npt

ORDERS = 20230313
"""Seed of sampled orders, so that the same ones are tried every time; no draw depends on it."""

Coalition = frozenset[str]
"""Players who are there together."""

Amount = TypeVar("Amount", Fraction, npt.NDArray[np.float64])
"""What a coalition makes: an exact number, or one number for each replication."""


def coalitions(players: Iterable[str]) -> Iterator[Coalition]:
    """Every coalition of some players, the empty one first and the smaller ones before larger."""
    names = tuple(players)
    for size in range(len(names) + 1):
        yield from map(frozenset, combinations(names, size))


def shapley(players: Sequence[str], value: Callable[[Coalition], Amount]) -> dict[str, Amount]:
    """What each player adds, averaged over all orders of coming; exact if the values are.

    phi_f = sum over S without f of |S|! (n - |S| - 1)! / n! (v(S and f) - v(S)), n players.
    Source: Shapley (1953), A value for n-person games.

    Args:
        players: Their names, each once.
        value: What a coalition makes; asked for every one of the 2^n.

    """
    count = len(players)
    shares: dict[str, Amount] = {}
    for player in players:
        others = [name for name in players if name != player]
        parts = [
            (value(there | {player}) - value(there))
            * (factorial(len(there)) * factorial(count - len(there) - 1))
            for there in coalitions(others)
        ]
        shares[player] = sum(parts[1:], parts[0]) / factorial(count)
    return shares


def orderings(players: Sequence[str], count: int, seed: int = ORDERS) -> list[tuple[str, ...]]:
    """So many orders of coming, drawn at random with a seed; each is as likely as any other."""
    random = np.random.default_rng(seed)
    return [
        tuple(players[place] for place in random.permutation(len(players))) for _ in range(count)
    ]


def visited(ordering: Sequence[str]) -> list[Coalition]:
    """The coalitions through which an order leads, from nobody to all."""
    return [frozenset(ordering[:count]) for count in range(len(ordering) + 1)]


def additions(ordering: Sequence[str], value: Callable[[Coalition], Amount]) -> dict[str, Amount]:
    """What each player adds in one order of coming; together exactly what all of them make."""
    steps = pairwise(visited(ordering))
    return {
        player: value(after) - value(before)
        for player, (before, after) in zip(ordering, steps, strict=True)
    }


def apportioned(amounts: Sequence[Fraction], total: int) -> list[int]:
    """Whole numbers next to some amounts, which add up to ``total`` exactly.

    ``total`` is less than one away from their sum. Those with the largest remainders are rounded up
    (Hamilton's method).
    """
    whole = [floor(amount) for amount in amounts]
    missing = total - sum(whole)
    assert 0 <= missing <= len(amounts), f"{total} is not the sum of the amounts"
    by_remainder = sorted(range(len(amounts)), key=lambda n: (whole[n] - amounts[n], n))
    for place in by_remainder[:missing]:
        whole[place] += 1
    return whole
