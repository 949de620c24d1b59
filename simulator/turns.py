"""Turns: threads work in Python by turns, and in machine code side by side.

The interpreter lets one thread at a time work in Python, and may change over at every operation on
an array: thousands of times in each piece of work, and nearly a tenth of all time. So a thread
keeps its turn until it has something to do without the interpreter.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Semaphore, local
from typing import ParamSpec, TypeVar

Given = ParamSpec("Given")
Result = TypeVar("Result")


class _Own(local):
    """The turns of which a thread has one."""

    turns: Semaphore | None = None


_OWN = _Own()


def turns_of(threads: int) -> Semaphore:
    """As many turns as half of the threads need: more than half of the work is machine code."""
    return Semaphore((threads + 1) // 2)


def in_turn(
    turns: Semaphore, work: Callable[Given, Result], *given: Given.args, **named: Given.kwargs
) -> Result:
    """Do some work when there is a turn for it."""
    with turns:
        _OWN.turns = turns
        try:
            return work(*given, **named)
        finally:
            _OWN.turns = None


@contextmanager
def aside() -> Iterator[None]:
    """Leave the turn to others for a while, if this thread has one."""
    turns = _OWN.turns
    if turns is None:
        yield
        return
    turns.release()
    try:
        yield
    finally:
        turns.acquire()
