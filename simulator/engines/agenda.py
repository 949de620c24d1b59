"""Agenda: the events to come, earliest first, those of equal times in the order of scheduling."""

from typing import NamedTuple

from simulator.engines.compiling import inlined, shared
from simulator.engines.memory import Floats, Ints

KIND_BITS, SUBJECT_BITS = 5, 27
MOST_SUBJECTS = 2**SUBJECT_BITS
_KIND, _SUBJECT = 2**KIND_BITS - 1, MOST_SUBJECTS - 1

NOTHING = -1
"""No entry."""

STATE = 6
SEQUENCE, SLICE, LAST, FINGER, USED, FREE = range(STATE)
"""Places in ``state``: the sequence of the next entry, the slice of time that has come, the last
entry of those in it, the one last put between others, how many places of entries have been used,
and the last one that is free again."""


class Agenda(NamedTuple):
    """A calendar queue (Brown 1988): slices of time, each with its entries.

    Time is bounded and the number of events known well enough, so slices have one length for ever,
    of about one event each: to schedule and to take cost the same however much is to come. Entries
    are put in order when their slice comes: so one is scheduled without a look at the others, which
    may be far away in memory. A note holds sequence, kind and subject, so that comparing it
    compares the order of scheduling.
    """

    begins: float
    """The earliest time."""
    slices_a_day: float
    slices: int
    first: Ints
    """Entries by slice: the earliest one in that which has come, the newest in later ones."""
    times: Floats
    notes: Ints
    behind: Ints
    """The next entry of the same slice, or the next free place."""
    state: Ints


@inlined
def kind_of(note: int) -> int:
    """What happens."""
    return (note >> SUBJECT_BITS) & _KIND


@inlined
def subject_of(note: int) -> int:
    """To whom it happens."""
    return note & _SUBJECT


@inlined
def clear_all(agenda: Agenda) -> None:
    """Let nothing be to come."""
    agenda.state[SEQUENCE] = agenda.state[SLICE] = agenda.state[USED] = 0
    agenda.state[FINGER] = agenda.state[FREE] = NOTHING
    for place in range(agenda.slices):
        agenda.first[place] = NOTHING


@shared
def add(agenda: Agenda, end: float, time: float, kind: int, subject: int) -> None:
    """Schedule an event that is not past; what lies at the end or beyond it never happens."""
    state = agenda.state
    sequence = state[SEQUENCE]
    state[SEQUENCE] = sequence + 1
    if not time < end:  # nor does what has no time
        return
    entry = state[FREE]
    if entry == NOTHING:
        entry = state[USED]
        state[USED] = entry + 1
    else:
        state[FREE] = agenda.behind[entry]
    agenda.times[entry] = time
    agenda.notes[entry] = (((sequence << KIND_BITS) | kind) << SUBJECT_BITS) | subject
    # Rounding may put a time into a slice beside its own, but never two times in the wrong order.
    place = int(min((time - agenda.begins) * agenda.slices_a_day, agenda.slices - 1.0))
    if place > state[SLICE]:
        agenda.behind[entry] = agenda.first[place]
        agenda.first[place] = entry
    else:
        _insert(agenda, state[SLICE], entry)


@inlined
def _insert(agenda: Agenda, place: int, entry: int) -> None:
    """Put an entry into the slice that has come, behind all that come before it."""
    first, behind, state = agenda.first, agenda.behind, agenda.state
    if first[place] == NOTHING:
        first[place] = state[LAST] = entry
        behind[entry] = NOTHING
    elif _comes_before(agenda, state[LAST], entry):
        behind[state[LAST]] = entry
        state[LAST] = entry
        behind[entry] = NOTHING
    elif _comes_before(agenda, entry, first[place]):
        behind[entry] = first[place]
        first[place] = entry
    else:
        # Many that come at one time, as when a channel is repaired, go behind one another.
        finger = state[FINGER]
        is_behind = finger != NOTHING and _comes_before(agenda, finger, entry)
        before = finger if is_behind else first[place]
        while _comes_before(agenda, behind[before], entry):
            before = behind[before]
        behind[entry] = behind[before]
        behind[before] = state[FINGER] = entry


@inlined
def _comes_before(agenda: Agenda, one: int, other: int) -> bool:
    """Whether an entry is earlier than another, or of the same time and scheduled before it."""
    times, notes = agenda.times, agenda.notes
    return times[one] < times[other] or (times[one] == times[other] and notes[one] < notes[other])


@inlined
def take_first(agenda: Agenda) -> int:
    """Take the entry that comes first, or nothing; what it says stands until the next is added."""
    first, state = agenda.first, agenda.state
    if first[state[SLICE]] == NOTHING and not _has_come(agenda):
        return NOTHING
    entry = first[state[SLICE]]
    first[state[SLICE]] = agenda.behind[entry]
    if entry == state[FINGER]:
        state[FINGER] = NOTHING
    agenda.behind[entry] = state[FREE]
    state[FREE] = entry
    return entry


@inlined
def _has_come(agenda: Agenda) -> bool:
    """Go on to the next slice that has entries, if there is one, and put them in order."""
    first, place = agenda.first, agenda.state[SLICE]
    while first[place] == NOTHING:
        if place == agenda.slices - 1:
            return False
        place += 1
    agenda.state[SLICE] = place
    entry = first[place]
    first[place] = NOTHING
    while entry != NOTHING:
        newer, entry = entry, agenda.behind[entry]
        _insert(agenda, place, newer)
    return True


@inlined
def is_next_at(agenda: Agenda, time: float) -> bool:
    """Whether what comes next comes at a time, that of the entry taken last."""
    entry = agenda.first[agenda.state[SLICE]]
    return entry != NOTHING and agenda.times[entry] == time
