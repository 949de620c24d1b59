"""Turns: no more threads work in Python than may, and nobody loses a turn."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event, Lock

import pytest

from simulator.turns import aside, in_turn, turns_of

LIMIT = 20.0
"""Seconds after which a thread waits in vain."""


@pytest.mark.parametrize(
    ("threads", "turns"), [(1, 1), (2, 1), (3, 2), (4, 2), (5, 3), (8, 4), (64, 32)]
)
def test_half_of_the_threads_have_a_turn(threads, turns):
    """Two threads work alternately, and of many the half works at a time."""
    some = turns_of(threads)
    assert [some.acquire(blocking=False) for _ in range(turns + 1)] == [True] * turns + [False]


@pytest.mark.parametrize("threads", [2, 4])
def test_no_more_work_at_a_time_than_there_are_turns(threads):
    """Whoever is aside does not count; work of all threads is done."""
    turns, counting, working, most, done = turns_of(threads), Lock(), set(), [], []

    def step(number):
        with counting:
            working.add(number)
            most.append(len(working))
        Event().wait(0.001)
        with counting:
            working.remove(number)

    def work(number):
        step(number)
        with aside():
            Event().wait(0.001)
        step(number)
        done.append(number)

    with ThreadPoolExecutor(threads) as crew:
        list(crew.map(lambda number: in_turn(turns, work, number), range(20)))
    assert max(most) == threads // 2
    assert sorted(done) == list(range(20))


def test_those_aside_work_side_by_side():
    """Two threads with one turn meet where neither needs it."""
    turns, meeting = turns_of(2), Barrier(2, timeout=LIMIT)

    def work():
        with aside():
            return meeting.wait()

    with ThreadPoolExecutor(2) as crew:
        places = [crew.submit(in_turn, turns, work) for _ in range(2)]
        assert sorted(place.result() for place in places) == [0, 1]


def test_a_turn_is_given_back_whatever_happens():
    """Work that fails, aside or not, costs nobody a turn; without turns aside means nothing."""
    turns = turns_of(1)

    def fail(where):
        if where == "aside":
            with aside():
                raise ZeroDivisionError(where)
        raise ZeroDivisionError(where)

    for where in ("aside", "at work"):
        with pytest.raises(ZeroDivisionError, match=where):
            in_turn(turns, fail, where)
        with pytest.raises(ZeroDivisionError, match=where):
            fail(where)
        assert in_turn(turns, lambda: turns.acquire(blocking=False)) is False
        assert turns.acquire(blocking=False)
        turns.release()
