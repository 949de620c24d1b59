"""Arrays: machine code makes of many numbers what numpy makes of them."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

pytest.importorskip("numba", reason="the compiled engine needs numba")

from engines.worlds import busy, flagship, lives

from simulator import books, conditions, portable
from simulator.draws import Draws
from simulator.engines import arrays, compiled
from simulator.journal import Journal
from simulator.specification import specification

NAMES = ("exp", "log", "normal_quantile")
LEAST = 5e-324
FLOWS = 3
LAW = np.array([1, 0, 1])


def _bits(numbers):
    return np.asarray(numbers, dtype=np.float64).tobytes()


@settings(derandomize=True, deadline=None)
@given(st.lists(st.floats(), min_size=1))
@example([0.0, -0.0, LEAST, -LEAST, 2.0**-1022, -1.0, math.inf, -math.inf, math.nan] * 9)
def test_blocks_in_machine_code_are_those_of_numpy(numbers):
    """Whatever the number, alone or among others, machine code gives what numpy gives."""
    with np.errstate(all="ignore"):
        for name in NAMES:
            ours = arrays.MACHINE_CODE[name](numbers)
            theirs = getattr(portable, name).__wrapped__(numbers)
            is_number = ~np.isnan(theirs)
            assert np.array_equal(is_number, ~np.isnan(ours))
            assert _bits(ours[is_number]) == _bits(theirs[is_number])


@pytest.mark.parametrize("name", NAMES)
def test_blocks_may_have_any_form(name):
    """Numbers in one place or scattered, in any shape, none or one: each has its own image."""
    ours, theirs = arrays.MACHINE_CODE[name], getattr(portable, name).__wrapped__
    block = np.random.default_rng(7).uniform(0.0, 1.0, (40, 30, 20))
    forms = (block, block.T, np.moveaxis(block, 0, -1), block[:0], block[1, 2, 3])
    gaps = (block[::3, :, 5], block[::-1], block[..., ::-2], np.broadcast_to(block[0], block.shape))
    for some in (*forms, *gaps):
        assert ours(some).shape == some.shape
        assert _bits(ours(some)) == _bits(theirs(some))


@settings(derandomize=True, deadline=None, max_examples=60)
@given(
    st.lists(st.floats(0.0, 1e3), min_size=FLOWS, max_size=FLOWS),
    st.lists(st.floats(0.0, 5.0), min_size=2, max_size=2),
    st.floats(0.0, 1.0),
)
@example([0.0, 0.0, 1e-9], [0.0, 1.0], 0.0)
def test_bits_are_those_of_arrays(rates, hazards, start):
    """Whether relationships live for ever, for years, or not a day."""
    failures = np.array([rates, rates[::-1]])
    ages = conditions.AGES
    survived = np.exp(-np.array([hazards, hazards[::-1]])[..., None] * ages)
    sizes = start + (1.0 - start) * np.stack([ages / (ages + 1.0), np.ones_like(ages)])
    expected = conditions.stationary.__wrapped__(failures, survived, sizes, LAW)
    found = arrays.stationary(failures, survived, sizes, LAW)
    assert [part.tobytes() for part in found] == [part.tobytes() for part in expected]


@pytest.mark.parametrize("scenario", [busy, flagship])
def test_worlds_are_the_same_with_machine_code(scenario, monkeypatch):
    """Whoever draws a world takes machine code where it is loaded, and has the same life tables."""
    spec, draws = specification(scenario()), Draws(1, range(3))
    assert portable._MACHINE_CODE.items() >= compiled.MACHINE_CODE.items()  # noqa: SLF001
    found = conditions.worlds(spec, draws).lives
    monkeypatch.delitem(portable._MACHINE_CODE, "stationary")  # noqa: SLF001 -- as if not loaded
    plain = conditions.worlds(spec, draws).lives
    for name in ("hazard", "survivors", "mean_years", "mean_size"):
        assert getattr(found, name).tobytes() == getattr(plain, name).tobytes()


@pytest.mark.parametrize("scenario", [busy, flagship])
@pytest.mark.parametrize(
    "edges", [[0.0, 365.0, 731.0], [79.0, 444.0], [0.0, 0.0], [200.0], [0.0, 1.0, 1.0, 300.0]]
)
def test_bookings_are_those_of_numpy(scenario, edges):
    """Every order is in the span, and at the edges, in which numpy finds it, of one or of many."""
    spec = specification(scenario())
    many = compiled.lived(spec, conditions.worlds(spec, Draws(1, range(4))))
    assert np.isfinite(many.hindered).any()
    for trajectory in (many, many.one(2)):
        journal = Journal(spec, trajectory)
        found = arrays.bookings(journal, np.array(edges))
        expected = books.bookings.__wrapped__(journal, np.array(edges))
        for ours, theirs in zip(found, expected, strict=True):
            assert ours.dtype == theirs.dtype
            assert np.array_equal(ours, theirs)
        assert found.pending.any()


def test_bookings_at_the_edge_belong_to_what_follows():
    """What happens at the first moment of a span is in it, and at its last moment in the next."""
    spec = specification(busy())
    (one,) = lives(busy(), 1)
    edges = np.array([10.0, 20.0, 30.0])
    around = [near for edge in edges for near in np.nextafter(edge, [-np.inf, edge, np.inf])]
    times = np.array([-5.0, *around, np.nan])
    created, ended = (axis.ravel() for axis in np.meshgrid(times[:-1], times, indexing="ij"))
    count = len(created)
    columns = {name: np.arange(count) % size for name, size in (("flow", 2), ("cause", 9))}
    columns |= {name: np.ones(count, dtype=np.int64) for name in ("cents", "state", "verdict")}
    columns |= {"stream": np.arange(count) % 4, "created": created, "ended": ended}
    journal = Journal(spec, replace(one, hindered=np.where(created < 0, 15.0, created), **columns))
    found, expected = arrays.bookings(journal, edges), books.bookings.__wrapped__(journal, edges)
    assert all(np.array_equal(*pair) for pair in zip(found, expected, strict=True))
    assert found.placed.sum() > 0 < found.lost.sum()
