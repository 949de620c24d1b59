"""Draws: the published generator, and numbers that depend on nothing but their name.

Seeds are fixed, so a test passes always or never; a right generator would fail a test of chance
for 1 seed in a million.
"""

import os
import subprocess
import sys
from hashlib import sha256
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special, stats

from simulator.draws import Draws

ALARM = 1e-6
LAST = 2**64 - 1


def philox(counter, key):
    """One block of Philox4x64-10 in whole numbers, as in Salmon et al., SC'11."""
    c, k = list(counter), list(key)
    for _ in range(10):
        high0, low0 = divmod(0xD2E7470EE14C6C93 * c[0], 2**64)
        high1, low1 = divmod(0xCA5A826395121157 * c[2], 2**64)
        c = [high1 ^ c[1] ^ k[0], low1, high0 ^ c[3] ^ k[1], low0]
        k = [(k[0] + 0x9E3779B97F4A7C15) & LAST, (k[1] + 0xBB67AE8584CAA73B) & LAST]
    return c


def unit(raw):
    """The number in (0, 1) that 64 bits stand for."""
    return ((raw >> 12) + 0.5) / 2**52


def words(line):
    """Words of 64 bits, as they are published."""
    return [int(word, 16) for word in line.split()]


@pytest.mark.parametrize(
    ("counter", "key", "block"),
    [
        ("0 0 0 0", "0 0", "16554d9eca36314c db20fe9d672d0fdc d7e772cee186176b 7e68b68aec7ba23b"),
        (
            "ffffffffffffffff ffffffffffffffff ffffffffffffffff ffffffffffffffff",
            "ffffffffffffffff ffffffffffffffff",
            "87b092c3013fe90b 438c3c67be8d0224 9cc7d7c69cd777b6 a09caebf594f0ba0",
        ),
        (
            "243f6a8885a308d3 13198a2e03707344 a4093822299f31d0 082efa98ec4e6c89",
            "452821e638d01377 be5466cf34e90c6c",
            "a528f45403e61d95 38c72dbd566e9788 a5a1610e72fd18b5 57bd43b5e52b7fe6",
        ),
    ],
    ids=["zeros", "ones", "pi"],
)
def test_generator_gives_the_published_answers(counter, key, block):
    """Philox4x64-10 answers as Random123 publishes it; numpy counts on before it generates."""
    counter, key, block = words(counter), words(key), words(block)
    assert philox(counter, key) == block
    whole = sum(word << (64 * place) for place, word in enumerate(counter))
    generator = np.random.Philox(key=np.array(key, dtype=np.uint64), counter=(whole - 1) % 2**256)
    assert generator.random_raw(4).tolist() == block


@pytest.mark.parametrize("size", [1, 4, 8, 13])
@settings(derandomize=True, deadline=None, max_examples=40)
@given(
    stream=st.text(max_size=20),
    place=st.tuples(st.integers(0, 2**63 - 1), *[st.integers(0, 2**40)] * 3),
)
def test_draw_is_a_function_of_its_name(size, stream, place):
    """Every number is the one that key (seed, stream) and counter (entity, attempt, ...) name."""
    seed, replication, entity, attempt = place
    row = Draws(seed, replication).uniform(stream, first=entity, words=size, attempt=attempt)[0]
    key = (seed, int.from_bytes(sha256(stream.encode()).digest()[:8], "little"))
    blocks = -(-size // 4)
    raw = [
        word
        for block in range(entity * blocks + 1, entity * blocks + blocks + 1)
        for word in philox((block, attempt, replication, 0), key)
    ]
    assert row.tolist() == [unit(word) for word in raw[:size]]


def test_ends_of_the_unit_interval_are_out_of_reach():
    """The smallest and the largest 64 bits stand for numbers inside (0, 1)."""
    assert 0.0 < unit(0) < unit(LAST) < 1.0


def test_one_more_entity_changes_no_other():
    """Entities keep their numbers when others are drawn with them, before or behind them."""
    draws = Draws(7, 3)
    block = draws.uniform("orders", entities=50, words=6)
    assert np.array_equal(draws.uniform("orders", entities=51, words=6)[:50], block)
    assert np.array_equal(draws.uniform("orders", first=20, entities=9, words=6), block[20:29])
    assert np.array_equal(draws.uniform("orders", entities=50, words=8)[:, :6], block)


def test_calls_in_between_change_nothing():
    """A draw is the same alone and among draws of other streams, entities and replications."""
    alone = Draws(7, 3).uniform("orders", first=4, words=2)
    among = [Draws(7, replication) for replication in range(6)]
    for draws in among:
        draws.uniform("prices", entities=3)
        draws.normal("orders", 10)
    assert np.array_equal(among[3].uniform("orders", first=4, words=2), alone)


def test_another_process_draws_the_same():
    """A fresh interpreter with another hash seed finds the same numbers."""
    code = (
        "from simulator.draws import Draws; "
        "print([x.hex() for x in Draws(7, 3).uniform('orders', first=4, words=5)[0].tolist()])"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "12345"}
    found = subprocess.run(  # noqa: S603 -- our own line of Python
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    here = Draws(7, 3).uniform("orders", first=4, words=5)[0]
    assert found.stdout.strip() == str([x.hex() for x in here.tolist()])


def test_streams_are_uncorrelated():
    """No two of 40 streams that differ in one part of the name go together (Bonferroni)."""
    count = 20_000
    drawn = [Draws(1, 0).uniform(f"stream {n}", entities=count)[:, 0] for n in range(12)]
    drawn += [Draws(1, n).uniform("stream 0", entities=count)[:, 0] for n in range(1, 9)]
    drawn += [Draws(n, 0).uniform("stream 0", entities=count)[:, 0] for n in range(2, 10)]
    drawn += [
        Draws(1, 0).uniform("stream 0", entities=count, attempt=n)[:, 0] for n in range(1, 10)
    ]
    drawn += list(Draws(1, 0).uniform("stream 0", entities=count, words=4)[:, 1:].T)
    correlation = np.corrcoef(drawn)
    pairs = list(combinations(range(len(drawn)), 2))
    assert len(pairs) == 780
    bound = stats.norm.isf(ALARM / 2 / len(pairs)) / np.sqrt(count)
    assert max(abs(correlation[pair]) for pair in pairs) < bound < 0.05


def test_neighbours_are_uncorrelated():
    """Numbers of neighbouring entities, replications and seeds do not go together."""
    count = 100_000
    row = Draws(1, 0).uniform("row", entities=count)[:, 0]
    by_replication = np.array([Draws(1, n).uniform("row")[0, 0] for n in range(20_000)])
    by_seed = np.array([Draws(n, 0).uniform("row")[0, 0] for n in range(20_000)])
    for numbers in (row, by_replication, by_seed):
        correlation = np.corrcoef(numbers[1:], numbers[:-1])[0, 1]
        assert abs(correlation) < stats.norm.isf(ALARM / 2) / np.sqrt(len(numbers))
        assert stats.kstest(numbers, "uniform").pvalue > ALARM


def test_laws_of_the_draws():
    """Numbers are uniform on (0, 1), and their normal and exponential images as they should be."""
    draws = Draws(1, 0)
    uniform = draws.uniform("numbers", entities=100_000)[:, 0]
    assert 0.0 < uniform.min() < uniform.max() < 1.0
    assert stats.kstest(uniform, "uniform").pvalue > ALARM
    normal, exponential = draws.normal("numbers", 100_000), draws.exponential("numbers", 100_000)
    assert normal == pytest.approx(special.ndtri(uniform), rel=1e-13, abs=1e-14)
    assert exponential == pytest.approx(-np.log(uniform), rel=1e-13, abs=1e-15)
