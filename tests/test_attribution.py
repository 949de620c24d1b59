"""Shapley's share: games with known values, and the four axioms that make it the only one."""

from fractions import Fraction
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.attribution import (
    additions,
    apportioned,
    coalitions,
    orderings,
    shapley,
    visited,
)

NAMES = "abcd"
WORTH = st.integers(-(10**6), 10**6).map(lambda cents: Fraction(cents, 7))
FEW = settings(max_examples=30, deadline=None)


@st.composite
def games(draw, players=NAMES):
    """A game: any amount for every coalition."""
    return {there: draw(WORTH) for there in coalitions(players)}


def test_the_glove_game():
    """One left glove and two right ones: a pair is worth 1, the scarce glove gets two thirds."""

    def pairs(there):
        return Fraction(min("left" in there, len(there - {"left"})))

    shares = shapley(["left", "right", "spare"], pairs)
    assert shares == {"left": Fraction(2, 3), "right": Fraction(1, 6), "spare": Fraction(1, 6)}


def test_an_airport():
    """A runway costs as much as its largest plane needs, and every piece is shared by its users."""
    needs = {"small": 8, "middle": 11, "large": 18}

    def cost(there):
        return Fraction(max((needs[name] for name in there), default=0))

    expected = {"small": Fraction(8, 3), "middle": Fraction(25, 6), "large": Fraction(67, 6)}
    assert shapley([*needs], cost) == expected


def test_a_council_with_a_veto():
    """Where three of four votes with the only veto decide, the veto has half of the power."""

    def passes(there):
        return Fraction("veto" in there and len(there) >= 3)

    shares = shapley(["veto", "a", "b", "c"], passes)
    assert shares["veto"] == Fraction(1, 2)
    assert shares["a"] == Fraction(1, 6)


def test_what_adds_up_is_shared_as_it_is():
    """Where nobody depends on others, everybody gets what he makes."""
    worth = {name: Fraction(number, 7) for number, name in enumerate("abcdefg")}
    shares = shapley("abcdefg", lambda there: sum((worth[n] for n in there), Fraction()))
    assert shares == worth


@FEW
@given(games())
def test_efficiency(game):
    """The shares add up to what all make together, exactly."""
    shares = shapley(NAMES, game.__getitem__)
    assert sum(shares.values()) == game[frozenset(NAMES)] - game[frozenset()]


@FEW
@given(games())
def test_symmetry(game):
    """Who adds the same to every coalition gets the same."""

    def even(there):
        swapped = frozenset({"a": "b", "b": "a"}.get(name, name) for name in there)
        return game[there] + game[swapped]

    shares = shapley(NAMES, even)
    assert shares["a"] == shares["b"]


@FEW
@given(games("abc"), WORTH)
def test_a_null_player_gets_nothing(game, own):
    """Who adds nothing to any coalition gets nothing; who always adds the same gets that."""
    assert shapley(NAMES, lambda there: game[there - {"d"}])["d"] == 0
    assert shapley(NAMES, lambda there: game[there - {"d"}] + own * ("d" in there))["d"] == own


@FEW
@given(games(), games())
def test_additivity(one, other):
    """The shares of a sum of games are the sums of their shares."""
    first, second = (shapley(NAMES, game.__getitem__) for game in (one, other))
    both = shapley(NAMES, lambda there: one[there] + other[there])
    assert both == {name: first[name] + second[name] for name in NAMES}


@FEW
@given(games())
def test_the_formula_is_the_average_over_all_orders(game):
    """Weights of coalitions are the shares of orders that lead through them."""
    every = [additions(order, game.__getitem__) for order in permutations(NAMES)]
    average = {name: sum(one[name] for one in every) / len(every) for name in NAMES}
    assert shapley(NAMES, game.__getitem__) == average


@FEW
@given(games())
def test_every_single_order_adds_up(game):
    """Sampled orders share out all that there is, however few they are."""
    for order in orderings(NAMES, 3):
        added = additions(order, game.__getitem__)
        assert sum(added.values()) == game[frozenset(NAMES)] - game[frozenset()]
        assert visited(order)[0] == frozenset()
        assert visited(order)[-1] == frozenset(NAMES)


def test_shares_of_many_replications_at_once():
    """Arrays are shared out number by number."""
    worth = {there: np.arange(5.0) * len(there) ** 2 for there in coalitions("ab")}
    shares = shapley("ab", worth.__getitem__)
    assert shares["a"] == pytest.approx(2 * np.arange(5.0))


def test_orders_are_the_same_every_time_and_all_alike():
    """A seed decides the orders; each of six comes about as often (5 standard errors)."""
    assert orderings("abc", 4) == orderings("abc", 4)
    assert orderings("abc", 4) != orderings("abc", 4, seed=1)
    drawn = orderings("abc", 6000)
    for order in permutations("abc"):
        assert abs(drawn.count(order) - 1000) < 150


@given(st.lists(WORTH, min_size=1, max_size=9), st.sampled_from([0, -1, 1]))
def test_whole_numbers_add_up_to_the_rounded_total(amounts, side):
    """Every amount is rounded up or down, and the sum is what was asked."""
    total = round(sum(amounts))
    if abs(total + side - sum(amounts)) < 1:
        total += side
    whole = apportioned(amounts, total)
    assert sum(whole) == total
    assert all(abs(one - amount) <= 1 for one, amount in zip(whole, amounts, strict=True))


def test_the_largest_remainders_are_rounded_up():
    """Hamilton's method, with the first of equals."""
    thirds = [Fraction(1, 3), Fraction(1, 3), Fraction(4, 3)]
    assert apportioned(thirds, 2) == [1, 0, 1]
    assert apportioned([Fraction(-5, 2), Fraction(1, 4)], -2) == [-2, 0]
