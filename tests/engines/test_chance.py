"""Chance: one number at a time, the bits are those of the blocks and of the published generator."""

import math
from typing import get_args

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

pytest.importorskip("numba", reason="the compiled engine needs numba")

from simulator import portable
from simulator.draws import UNIT, Draws, filled, stream_key
from simulator.engines.chance import (
    LAWS,
    chosen,
    exp,
    factor,
    fill,
    four,
    interval,
    log,
    normal_quantile,
    parted,
    philox,
    share,
)
from simulator.scenario.types import Relationships

LAST = 2**64 - 1
LEAST, BELOW_ONE = 5e-324, 1.0 - 2.0**-53
WORD = st.integers(0, LAST) | st.sampled_from([0, 1, 2**63 - 1, 2**63, LAST])
PLACE = st.integers(0, 2**40)
SHARES = st.floats(LEAST, BELOW_ONE)
DRAWN = st.integers(0, 2**52 - 1).map(lambda n: (n + 0.5) * UNIT)
"""Every number that is ever drawn."""

MIDDLES = ((np.arange(4_000) + 0.5) / 4_000).tolist()
"""Middles of equal parts of the unit interval: their mean image is the mean of a law."""


def signed(word):
    """A word as compiled worlds hold it: the same bits as a signed number."""
    return np.uint64(word).view(np.int64)


def bits(numbers):
    """The bits of some numbers."""
    return np.array(numbers, dtype=np.float64).tobytes()


# --- Words ---


def test_words_are_the_published_ones():
    """Philox4x64-10 answers to zeros as Random123 publishes it; block -1 is the counter's zero."""
    published = "16554d9eca36314c db20fe9d672d0fdc d7e772cee186176b 7e68b68aec7ba23b"
    assert [f"{word:016x}" for word in philox(0, 0, 0, -1, 0)] == published.split()


@settings(derandomize=True, deadline=None)
@given(WORD, WORD, PLACE, PLACE, st.integers(0, 100))
def test_words_are_those_of_numpy(seed, key, replication, block, attempt):
    """The key is seed and stream, the counter is block, attempt and replication, as in numpy."""
    generator = np.random.Philox(
        key=np.array([seed, key], dtype=np.uint64),
        counter=np.array([block, attempt, replication, 0], dtype=np.uint64),
    )
    found = philox(signed(seed), signed(key), replication, block, attempt)
    assert list(found) == generator.random_raw(4).tolist()


@settings(derandomize=True, deadline=None)
@given(st.integers(0, 2**63 - 1), st.text(max_size=9), PLACE, PLACE)
def test_numbers_of_an_order_are_its_draws(seed, stream, replication, entity):
    """Four numbers of a block are the draws of that name; orders have four blocks each."""
    row = Draws(seed, replication).uniform(stream, first=entity, words=16)[0]
    key = signed(stream_key(stream))
    found = [four(seed, key, replication, 4 * entity + block) for block in range(4)]
    assert bits(found) == bits(row)


def test_ends_of_the_unit_interval_are_out_of_reach():
    """The least and the greatest word stand for numbers that mirror each other inside (0, 1)."""
    least, greatest = share(np.uint64(0)), share(np.uint64(LAST))
    assert 0.0 < least < greatest < 1.0
    assert least == 1.0 - greatest == 2.0**-53


@settings(derandomize=True, deadline=None)
@given(
    seed=WORD,
    keys=st.lists(WORD, max_size=3),
    start=PLACE,
    count=st.integers(0, 5),
    first=PLACE,
    blocks=st.integers(0, 5),
    attempt=st.integers(0, 100),
)
def test_words_of_replications_are_those_of_the_slow_way(  # noqa: PLR0913 -- a name and its range
    seed, keys, start, count, first, blocks, attempt
):
    """Filled by compiled code or by numpy, words of replications are the same, few or many."""
    asked = (seed, keys, range(start, start + count), first, blocks, attempt)
    words, expected = fill(*asked), filled()(*asked)
    assert words.dtype == expected.dtype
    assert words.shape == (count, len(keys), 4 * blocks)
    assert np.array_equal(words, expected)


def test_draws_do_not_tell_who_filled_them():
    """Draws of several replications and streams are the same by either way."""
    ours, theirs = Draws(7, range(3, 9), fill), Draws(7, range(3, 9))
    for draw in (
        lambda draws: draws.uniform("a", first=5, entities=7, words=6, attempt=2),
        lambda draws: draws.shares(["a", "b", "c"]),
        lambda draws: draws.exponential("b", 4),
    ):
        assert bits(draw(ours)) == bits(draw(theirs))


# --- Factors ---


@settings(derandomize=True, deadline=None)
@given(st.lists(st.floats(allow_nan=False), min_size=1))
@example([-math.inf, -1e308, -701.0, -700.0, -LEAST, -0.0, 0.0, LEAST, 700.0, 701.0, math.inf])
@example([k * math.log(2.0) / 2.0 for k in range(-2021, 2021, 2)])
def test_exponentials_are_those_of_blocks(numbers):
    """Alone, a number has the exponential that it has in a block, also beyond the bounds."""
    assert bits([exp(x) for x in numbers]) == bits(portable.exp.__wrapped__(numbers))


@settings(derandomize=True, deadline=None)
@given(st.lists(st.floats(LEAST, 1.7976931348623157e308), min_size=1))
@example([LEAST, 2.0**-1022 - LEAST, 2.0**-1022, BELOW_ONE, 1.0, 1.0 + 2.0**-52])
@example([portable.SQRT_HALF * 2.0**k for k in range(-1000, 1000)])
def test_logarithms_are_those_of_blocks(numbers):
    """Alone, a number has the logarithm that it has in a block, from the least to the greatest."""
    assert bits([log(x) for x in numbers]) == bits(portable.log.__wrapped__(numbers))


@settings(derandomize=True, deadline=None)
@given(st.lists(SHARES, min_size=1))
@example([LEAST, 2.0**-53, math.exp(-25.0), 0.075, 0.925, 0.5, BELOW_ONE])
@example(np.exp(-(np.arange(4.9, 5.1, 0.01) ** 2)).tolist())
def test_normal_numbers_are_those_of_blocks(shares):
    """Alone, a share has the normal number that it has in a block, in all three parts."""
    found = [normal_quantile(p) for p in shares]
    assert bits(found) == bits(portable.normal_quantile.__wrapped__(shares))


@settings(derandomize=True, deadline=None)
@given(st.floats(allow_nan=False))
@example(LEAST)
@example(-math.inf)
def test_parts_of_a_number_are_those_of_the_library(x):
    """Mantissa and exponent are those of frexp, also of zero and of what has few bits."""
    assert parted(x) == math.frexp(x)


@settings(derandomize=True, deadline=None)
@given(st.lists(st.tuples(st.floats(0.0, 5.0) | st.floats(0.0, 1e6), SHARES), min_size=1))
def test_lognormal_numbers_are_those_of_blocks(pairs):
    """Alone, a share has the lognormal factor that it has in a block, whatever the dispersion."""
    sigma, shares = np.array(pairs).T
    expected = portable.exp(portable.log_factor(sigma, portable.normal_quantile(shares)))
    assert bits([factor(*pair) for pair in pairs]) == bits(expected)


def test_known_values():
    """Powers of e, logarithms and quantiles are those that tables print."""
    assert (exp(0.0), log(1.0), normal_quantile(0.5)) == (1.0, 0.0, 0.0)
    assert exp(1.0) == pytest.approx(2.718281828459045, rel=1e-15)
    assert log(2.0) == pytest.approx(0.6931471805599453, rel=1e-15)
    assert normal_quantile(0.975) == pytest.approx(1.959963984540054, rel=1e-14)
    assert normal_quantile(1e-300) == pytest.approx(-37.0471, rel=1e-6)


@pytest.mark.parametrize("sigma", [0.0, 0.3, 0.8])
def test_lognormal_numbers_have_mean_one(sigma):
    """Factors are 1 on average, and half of them lie below exp(-sigma^2 / 2)."""
    assert np.mean([factor(sigma, p) for p in MIDDLES]) == pytest.approx(1.0, abs=5e-3)
    assert factor(sigma, 0.5) == pytest.approx(math.exp(-sigma * sigma / 2.0), rel=1e-15)


# --- Laws ---


def test_every_law_of_a_scenario_has_a_number():
    """The laws between orders are those that a scenario may name, each with a number of its own."""
    named = get_args(Relationships.model_fields["order_interval"].annotation)
    assert LAWS.keys() == set(named)
    assert len(set(LAWS.values())) == len(named)


@settings(derandomize=True, deadline=None)
@given(st.lists(DRAWN, min_size=1))
def test_intervals_follow_their_law(shares):
    """Nothing varies, waits are exponential, or they lie evenly between half and one and a half."""
    for law, expected in (
        ("constant", np.ones(len(shares))),
        ("exponential", -portable.log(shares)),
        ("uniform", 0.5 + np.array(shares)),
    ):
        assert bits([interval(LAWS[law], p) for p in shares]) == bits(expected)


@pytest.mark.parametrize("law", LAWS)
def test_intervals_have_mean_one(law):
    """Whatever the law, the mean time between orders is the one that is asked for."""
    number = LAWS[law]
    assert np.mean([interval(number, p) for p in MIDDLES]) == pytest.approx(1.0, abs=1e-3)


@settings(derandomize=True, deadline=None)
@given(st.data())
def test_steps_are_chosen_by_their_share(data):
    """A chance falls into the first step that ends above it, among those of its own row."""
    count = data.draw(st.integers(1, 6))
    weights = st.lists(st.integers(0, 4), min_size=count, max_size=count).filter(any)
    rows = np.array(data.draw(st.lists(weights, min_size=1, max_size=4)), dtype=np.float64)
    steps = np.cumsum(rows / rows.sum(axis=1, keepdims=True), axis=1)
    for place, row in enumerate(steps):
        chance = data.draw(st.floats(0.0, 1.0, exclude_max=True) | st.sampled_from(row.tolist()))
        expected = min(np.searchsorted(row, chance, side="right"), count - 1)
        assert chosen(steps.reshape(-1), place * count, count, chance) == expected


def test_steps_are_chosen_as_often_as_they_are_wide():
    """Shares of a half, nothing and two quarters get so many of evenly spread chances."""
    steps = np.cumsum([0.5, 0.0, 0.25, 0.25])
    found = np.bincount([chosen(steps, 0, 4, p) for p in MIDDLES], minlength=4)
    assert (found / len(MIDDLES)).tolist() == [0.5, 0.0, 0.25, 0.25]
