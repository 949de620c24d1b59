"""Agenda: earliest first, equal times in the order of scheduling, and what is packed comes back."""

from heapq import heappop, heappush
from itertools import pairwise
from types import FunctionType

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

pytest.importorskip("numba", reason="the compiled engine needs numba")

from numba import njit

from simulator.engines import agenda as module
from simulator.engines.agenda import (
    KIND_BITS,
    MOST_SUBJECTS,
    NOTHING,
    SEQUENCE,
    STATE,
    SUBJECT_BITS,
    USED,
    Agenda,
    _comes_before,
    add,
    clear_all,
    is_next_at,
    kind_of,
    subject_of,
    take_first,
)

TAKE = (0.0, -1, 0)
"""A step beside events, which are (time, kind, subject): take what comes first."""

LAST_KIND, LAST_SUBJECT = 2**KIND_BITS - 1, MOST_SUBJECTS - 1
LAST_SEQUENCE = 2 ** (63 - KIND_BITS - SUBJECT_BITS) - 1
BEGINS = -2.0
SPARE, UNTOUCHED = 8, 7
"""Places beyond those that entries need, and what stands in them."""


@njit
def act(agenda, end, times, numbers, followed):
    """Do one step after the other; what is taken stands where the step stood that takes it."""
    for place in range(len(times)):
        if numbers[place, 0] >= 0:
            add(agenda, end, times[place], numbers[place, 0], numbers[place, 1])
            continue
        entry = take_first(agenda)
        if entry != NOTHING:
            note = agenda.notes[entry]
            times[place] = agenda.times[entry]
            numbers[place, 0], numbers[place, 1] = kind_of(note), subject_of(note)
            followed[place] = is_next_at(agenda, times[place])


def played(steps, end, room, slicing=(3, 1.0), sequence=0):
    """What is taken by steps, in order; whether each shares its time; the agenda that is left."""
    slices, a_day = slicing
    longs = (np.full(room + SPARE, UNTOUCHED) for _ in range(2))
    first = np.full(slices + SPARE, UNTOUCHED)
    times = np.full(room + SPARE, float(UNTOUCHED))
    agenda = Agenda(BEGINS, a_day, slices, first, times, *longs, np.zeros(STATE, dtype=np.int64))
    clear_all.py_func(agenda)
    agenda.state[SEQUENCE] = sequence
    times = np.array([step[0] for step in steps], dtype=np.float64)
    numbers = np.array([step[1:] for step in steps], dtype=np.int64).reshape(-1, 2)
    followed = np.zeros(len(steps), dtype=np.bool_)
    act(agenda, end, times, numbers, followed)
    rows = zip(steps, times.tolist(), numbers.tolist(), strict=True)
    taken = [
        (place, (time, *row))
        for place, (step, time, row) in enumerate(rows)
        if step == TAKE and row[0] >= 0
    ]
    return [one for _, one in taken], [bool(followed[place]) for place, _ in taken], agenda


def modelled(steps, end):
    """The same of a heap of (time, number of the step), and the most that it held."""
    heap, taken, followed, most = [], [], [], 0
    for number, step in enumerate(steps):
        if step == TAKE and heap:
            taken.append(heappop(heap)[-1])
            followed.append(bool(heap) and heap[0][0] == taken[-1][0])
        elif step != TAKE and step[0] < end:
            heappush(heap, (step[0], number, step))
        most = max(most, len(heap))
    return taken, followed, most


def on_time(steps, end):
    """The same steps without events that were past when they are scheduled."""
    heap, now, found = [], BEGINS, []
    for step in steps:
        if step != TAKE and not step[0] >= now:
            continue
        found.append(step)
        if step == TAKE and heap:
            now = heappop(heap)
        elif step != TAKE and step[0] < end:
            heappush(heap, step[0])
    return found


TIMES = st.integers(-2, 3).map(float) | st.floats(-2.0, 4.0) | st.floats(min_value=-2.0)
EVENTS = st.tuples(TIMES, st.integers(0, LAST_KIND), st.integers(0, LAST_SUBJECT))
STEPS = st.lists(EVENTS | st.sampled_from([TAKE, TAKE]), max_size=80)
SLICING = st.tuples(st.integers(1, 9), st.sampled_from([0.0, 0.1, 0.3, 1.0, 3.7, 1e300]))
SEVEN = [(1.0, 0, n) for n in range(7)]
TAKE_TURNS = [(1.5, 0, 0), *SEVEN, (1.2, 1, 1), TAKE, (1.0, 2, 2), TAKE, (1.1, 3, 3)]


@settings(derandomize=True, deadline=None, max_examples=400)
@given(STEPS, TIMES, SLICING, st.integers(0, LAST_SEQUENCE - 100))
@example([*SEVEN, *[TAKE, (1.0, 1, 9)] * 7, *[TAKE] * 7], 2.0, (3, 1.0), 0)
@example([*TAKE_TURNS, *[TAKE, (1.2, 4, 4)] * 7], 2.0, (1, 1.0), 0)
def test_order_is_that_of_times_then_of_scheduling(steps, end, slicing, sequence):
    """However events come and go, the earliest is taken, of equals the one scheduled first.

    Slices of time cost or save time, and change nothing. What stands at the end or beyond it never
    comes. No more places are used than entries have been there at once.
    """
    steps = on_time([*steps, *[TAKE] * len(steps)], end)
    taken, followed, most = modelled(steps, end)
    *found, agenda = played(steps, end, most, slicing, sequence)
    assert found == [taken, followed]
    assert agenda.state[USED] == most
    for array in (agenda.times, agenda.notes, agenda.behind):
        assert set(array[most:].tolist()) == {UNTOUCHED}
    assert set(agenda.first[slicing[0] :].tolist()) == {UNTOUCHED}


def test_what_has_no_time_never_comes():
    """An event at no number is none."""
    assert played([(np.nan, 1, 1), (1.0, 2, 2), TAKE, TAKE], 9.0, 1)[0] == [(1.0, 2, 2)]


def test_end_is_no_time_at_which_anything_happens():
    """An event at the end never comes, one just before it does."""
    before = np.nextafter(30.0, 0.0)
    taken, *_ = played([(30.0, 1, 1), (before, 2, 2), (np.inf, 3, 3), TAKE, TAKE], 30.0, 1)
    assert taken == [(before, 2, 2)]


@pytest.mark.parametrize("sequence", [0, LAST_SEQUENCE - 3], ids=["first", "last"])
def test_kinds_and_subjects_come_back_up_to_their_limits(sequence):
    """The largest kind and subject are those scheduled, also in the last notes of all."""
    pairs = [(LAST_KIND, LAST_SUBJECT), (0, LAST_SUBJECT), (LAST_KIND, 0), (0, 0)]
    assert LAST_KIND == 31
    assert LAST_SUBJECT == 134_217_727
    taken, *_ = played([*((1.0, *pair) for pair in pairs), *[TAKE] * 4], 2.0, 4, sequence=sequence)
    assert taken == [(1.0, *pair) for pair in pairs]


def test_notes_follow_the_order_of_scheduling():
    """A later note is the larger one, whatever it says."""
    steps = [(1.0, LAST_KIND, LAST_SUBJECT), (2.0, 0, LAST_SUBJECT), (3.0, 0, 0)]
    *_, agenda = played(steps, 9.0, 3, sequence=LAST_SEQUENCE - 2)
    assert all(a < b for a, b in pairwise([0, *agenda.notes[:3].tolist()]))


@pytest.mark.parametrize("count", [10, 1000])
def test_a_burst_costs_as_much_as_it_has_events(count):
    """Events of one time ahead of a later one in their slice are put in without a long search.

    So it is when a channel is repaired for which many orders wait.
    """
    looks = []

    def comes_before(*given):
        looks.append(given)
        return _comes_before.py_func(*given)

    names = {**vars(module), "_comes_before": comes_before}
    names["_insert"] = FunctionType(module._insert.py_func.__code__, names)  # noqa: SLF001 -- to count
    put = FunctionType(add.py_func.__code__, names)
    *_, agenda = played([(2.0, 0, 0), (1.0, 0, 1)], 3.0, count + 2, slicing=(1, 1.0))
    for number in range(count):
        put(agenda, 3.0, 1.0, 0, number)
    assert agenda.state[USED] == count + 2
    assert count < len(looks) < 5 * count
