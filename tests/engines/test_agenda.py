"""Agenda: earliest first, equal times in the order of scheduling, and what is packed comes back."""

from heapq import heappop, heappush
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

pytest.importorskip("numba", reason="the compiled engine needs numba")

from numba import njit

from simulator.engines.agenda import (
    COUNT,
    GAP,
    KIND_BITS,
    MOST_SUBJECTS,
    SEQUENCE,
    SUBJECT_BITS,
    Agenda,
    add,
    close_gap,
    kind_of,
    subject_of,
)

CLOSE, TAKE = (0.0, -2, 0), (0.0, -1, 0)
"""Steps beside events, which are (time, kind, subject): close the gap; take the first entry."""

LAST_KIND, LAST_SUBJECT = 2**KIND_BITS - 1, MOST_SUBJECTS - 1
LAST_SEQUENCE = 2 ** (63 - KIND_BITS - SUBJECT_BITS) - 1
SPARE, UNTOUCHED = 8, 7
"""Places beyond those that entries need, and what stands in them."""


@njit
def act(agenda, end, times, numbers):
    """Do one step after the other; what is taken stands where the step stood that takes it."""
    for place in range(len(times)):
        if numbers[place, 0] >= 0:
            add(agenda, end, times[place], numbers[place, 0], numbers[place, 1])
            continue
        close_gap(agenda)
        if numbers[place, 0] == -1 and agenda.state[COUNT] > 0:
            note = agenda.notes[0]
            times[place] = agenda.times[0]
            numbers[place, 0], numbers[place, 1] = kind_of(note), subject_of(note)
            agenda.state[GAP] = 1


def played(steps, end, room, sequence=0):
    """What is taken by steps, in order, and the agenda that they leave."""
    agenda = Agenda(
        np.full(room + SPARE, float(UNTOUCHED)),
        np.full(room + SPARE, UNTOUCHED, dtype=np.int64),
        np.zeros(3, dtype=np.int64),
    )
    agenda.state[SEQUENCE] = sequence
    times = np.array([step[0] for step in steps], dtype=np.float64)
    numbers = np.array([step[1:] for step in steps], dtype=np.int64).reshape(-1, 2)
    act(agenda, end, times, numbers)
    rows = zip(steps, times.tolist(), numbers.tolist(), strict=True)
    taken = [(time, *row) for step, time, row in rows if step == TAKE and row[0] >= 0]
    return taken, agenda


def modelled(steps, end):
    """What a heap of (time, number of the step) gives, what it keeps, and the most it held."""
    heap, taken, most = [], [], 0
    for number, step in enumerate(steps):
        if step == TAKE and heap:
            taken.append(heappop(heap)[-1])
        elif step not in (TAKE, CLOSE) and step[0] < end:
            heappush(heap, (step[0], number, step))
        most = max(most, len(heap))
    return taken, [event for *_, event in sorted(heap)], most


TIMES = st.integers(-2, 3).map(float) | st.floats(allow_nan=False)
EVENTS = st.tuples(TIMES, st.integers(0, LAST_KIND), st.integers(0, LAST_SUBJECT))
STEPS = st.lists(EVENTS | st.sampled_from([TAKE, TAKE, CLOSE]), max_size=80)
SEVEN = [(1.0, 0, n) for n in range(7)]


@settings(derandomize=True, deadline=None, max_examples=400)
@given(STEPS, TIMES, st.integers(0, LAST_SEQUENCE - 100))
@example([*SEVEN, *[TAKE, (1.0, 1, 9)] * 7, *[TAKE] * 7], 2.0, 0)
def test_order_is_that_of_times_then_of_scheduling(steps, end, sequence):
    """However events come and go, the earliest is taken, of equals the one scheduled first.

    What stands at the end or beyond it never comes.
    """
    steps = [*steps, *[TAKE] * len(steps)]
    expected, left, most = modelled(steps, end)
    assert left == []
    taken, agenda = played(steps, end, most, sequence)
    assert taken == expected
    assert agenda.state[COUNT] == agenda.state[GAP]


@settings(derandomize=True, deadline=None, max_examples=400)
@given(STEPS, TIMES)
@example([*SEVEN, TAKE, (1.0, 1, 9), TAKE, TAKE], 2.0)
def test_closing_the_gap_leaves_a_heap_of_all_that_is_to_come(steps, end):
    """Once the gap is closed nothing comes before what stands above it, and nothing is missing.

    No more places are used than entries have been there at once.
    """
    _, left, most = modelled(steps, end)
    _, agenda = played([*steps, CLOSE], end, most)
    count = agenda.state[COUNT]
    entries = list(zip(agenda.times[:count].tolist(), agenda.notes[:count].tolist(), strict=True))
    assert agenda.state[GAP] == 0
    assert all(entries[(place - 1) // 2] < entries[place] for place in range(1, count))
    assert [(time, kind_of(n), subject_of(n)) for time, n in sorted(entries)] == left
    assert set(agenda.times[most:]) | set(agenda.notes[most:].tolist()) == {UNTOUCHED}


def test_closed_gap_stays_closed():
    """To close the gap again moves nothing."""
    steps = [(3.0, 1, 1), (1.0, 2, 2), (2.0, 3, 3), TAKE, CLOSE]
    _, once = played(steps, 9.0, 3)
    _, twice = played([*steps, CLOSE, CLOSE], 9.0, 3)
    assert once.state[COUNT] == 2
    assert all(np.array_equal(a, b) for a, b in zip(once, twice, strict=True))


def test_end_is_no_time_at_which_anything_happens():
    """An event at the end never comes, one just before it does."""
    before = np.nextafter(30.0, 0.0)
    taken, _ = played([(30.0, 1, 1), (before, 2, 2), (np.inf, 3, 3), TAKE, TAKE], 30.0, 1)
    assert taken == [(before, 2, 2)]


@pytest.mark.parametrize("sequence", [0, LAST_SEQUENCE - 3], ids=["first", "last"])
def test_kinds_and_subjects_come_back_up_to_their_limits(sequence):
    """The largest kind and subject are those scheduled, also in the last notes of all."""
    pairs = [(LAST_KIND, LAST_SUBJECT), (0, LAST_SUBJECT), (LAST_KIND, 0), (0, 0)]
    assert LAST_KIND == 31
    assert LAST_SUBJECT == 16_777_215
    taken, _ = played([*((1.0, *pair) for pair in pairs), *[TAKE] * 4], 2.0, 4, sequence)
    assert taken == [(1.0, *pair) for pair in pairs]


def test_notes_follow_the_order_of_scheduling():
    """A later note is the larger one, whatever it says."""
    steps = [(1.0, LAST_KIND, LAST_SUBJECT), (2.0, 0, LAST_SUBJECT), (3.0, 0, 0)]
    _, agenda = played(steps, 9.0, 3, LAST_SEQUENCE - 2)
    assert all(a < b for a, b in pairwise([0, *agenda.notes[:3].tolist()]))
