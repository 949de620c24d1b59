"""Agenda: the events to come, earliest first, those of equal times in the order of scheduling."""

from typing import NamedTuple

from simulator.engines.compiling import inlined, shared
from simulator.engines.memory import Floats, Ints

KIND_BITS, SUBJECT_BITS = 5, 24
MOST_SUBJECTS = 2**SUBJECT_BITS
_KIND, _SUBJECT = 2**KIND_BITS - 1, MOST_SUBJECTS - 1

COUNT, SEQUENCE, GAP = range(3)
"""Places in ``state``: entries, the next one's sequence, and whether the first place is empty."""


class Agenda(NamedTuple):
    """A binary heap; a note holds sequence, kind and subject, so that comparing it compares them.

    Taking the first entry leaves a gap in its place, which the next one that is added fills: most
    events lead to exactly one other.
    """

    times: Floats
    notes: Ints
    state: Ints


@inlined
def kind_of(note: int) -> int:
    """What happens."""
    return (note >> SUBJECT_BITS) & _KIND


@inlined
def subject_of(note: int) -> int:
    """To whom it happens."""
    return note & _SUBJECT


@shared
def add(agenda: Agenda, end: float, time: float, kind: int, subject: int) -> None:
    """Schedule an event; what lies at the end or beyond it never happens."""
    times, notes, state = agenda.times, agenda.notes, agenda.state
    sequence = state[SEQUENCE]
    state[SEQUENCE] = sequence + 1
    if time >= end:
        return
    note = (((sequence << KIND_BITS) | kind) << SUBJECT_BITS) | subject
    if state[GAP]:
        state[GAP] = 0
        place = _leaf(times, notes, state[COUNT])
    else:
        place = state[COUNT]
        state[COUNT] = place + 1
    _rise(times, notes, place, time, note)


@inlined
def close_gap(agenda: Agenda) -> None:
    """Fill the gap that the event taken last has left, if nothing has."""
    times, notes, state = agenda.times, agenda.notes, agenda.state
    if state[GAP]:
        state[GAP] = 0
        last = state[COUNT] - 1
        state[COUNT] = last
        if last > 0:
            _rise(times, notes, _leaf(times, notes, last), times[last], notes[last])


@inlined
def _leaf(times: Floats, notes: Ints, count: int) -> int:
    """Move the gap from the first place down to a leaf, the earlier child up at each step."""
    place, child = 0, 1
    while child + 1 < count:
        left, right = times[child], times[child + 1]
        if right < left or (right == left and notes[child + 1] < notes[child]):
            child += 1
        times[place], notes[place] = times[child], notes[child]
        place, child = child, 2 * child + 1
    if child < count:
        times[place], notes[place] = times[child], notes[child]
        place = child
    return place


@inlined
def _rise(times: Floats, notes: Ints, place: int, time: float, note: int) -> None:
    """Put an entry into a gap, or higher where it comes before those above."""
    while place > 0:
        above = (place - 1) >> 1
        if times[above] < time or (times[above] == time and notes[above] < note):
            break
        times[place], notes[place] = times[above], notes[above]
        place = above
    times[place], notes[place] = time, note
