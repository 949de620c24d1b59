"""Arrays: what is computed of many numbers at once, in machine code.

The same numbers as functions of ``portable``, ``conditions`` and ``books`` give, bit for bit, and
without the interpreter's lock. They take the place of these once the compiled engine is loaded.
"""

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from simulator.books import Bookings
from simulator.conditions import AGES, STEPS, Stock
from simulator.engines.chance import exp, log, normal_quantile
from simulator.engines.compiling import compiled, inlined
from simulator.journal import Journal
from simulator.ledger import CAUSES, ON_THE_WAY
from simulator.portable import FloatArray
from simulator.trajectory import FIRST_CONTRACT, LOST, IntArray

EXP, LOG, NORMAL_QUANTILE = range(3)


def image(function: int, numbers: npt.ArrayLike) -> FloatArray:
    """The numbers that a function gives, each in its place."""
    given = np.asarray(numbers, dtype=np.float64)
    found = np.empty_like(given)
    if given.strides != found.strides:  # it has gaps, or lies backwards
        given = np.array(given, order="C")
        found = np.empty_like(given)
    fill_image(function, given.ravel(order="K"), found.ravel(order="K"))
    return found


@compiled("void(int64, float64[::1], float64[::1])")
def fill_image(function: int, given: FloatArray, found: FloatArray) -> None:
    """What a function gives of numbers in a row."""
    if function == EXP:
        for place in range(len(given)):
            found[place] = exp(given[place])
    elif function == LOG:
        for place in range(len(given)):
            found[place] = log(given[place])
    else:
        for place in range(len(given)):
            found[place] = normal_quantile(given[place])


def stationary(
    failures: FloatArray, survived: FloatArray, sizes: FloatArray, law: IntArray
) -> Stock:
    """As ``conditions.stationary``: sums follow at once, and nothing between is written down."""
    shape, rows = failures.shape, np.ascontiguousarray
    stock = Stock(np.empty((*shape, len(AGES))), np.empty(shape), np.empty(shape))
    fill_stock(rows(failures), rows(survived), rows(sizes), law, AGES, STEPS, *stock)
    return stock


@compiled(
    "void(float64[:, ::1], float64[:, :, ::1], float64[:, ::1], int64[::1],"
    " float64[::1], float64[::1], float64[:, :, ::1], float64[:, ::1], float64[:, ::1])"
)
def fill_stock(  # noqa: PLR0913 -- what is known of relationships, and where their stock goes
    failures: FloatArray,
    survived: FloatArray,
    sizes: FloatArray,
    law: IntArray,
    ages: FloatArray,
    steps: FloatArray,
    survivors: FloatArray,
    mean_years: FloatArray,
    mean_size: FloatArray,
) -> None:
    """The stocks of all flows, one after the other."""
    alive, grown = np.empty(len(ages)), np.empty(len(ages))
    for row in range(failures.shape[0]):
        for flow in range(failures.shape[1]):
            for age in range(len(ages)):
                share = exp(-failures[row, flow] * ages[age]) * survived[row, law[flow], age]
                alive[age], grown[age] = share, share * sizes[row, age]
            lived = sized = 0.0
            survivors[row, flow, 0] = 0.0
            for step in range(len(steps)):
                lived += (alive[step + 1] + alive[step]) * steps[step]
                sized += (grown[step + 1] + grown[step]) * steps[step]
                survivors[row, flow, step + 1] = lived
            for age in range(len(ages)):
                survivors[row, flow, age] /= lived
            is_immortal = alive[-1] == 1.0
            mean_years[row, flow] = np.inf if is_immortal else lived
            mean_size[row, flow] = 1.0 if is_immortal else sized / lived


def bookings(journal: Journal, edges: FloatArray) -> Bookings:
    """As ``books.bookings``: every order is looked at once."""
    t, flows = journal.trajectory, len(journal.spec.flows)
    # Edges are whole days: how many have passed at a time stands in a table by day.
    passed = np.searchsorted(edges, np.arange(edges[-1]), side="right")
    count, spans, causes = math.prod(t.shape), len(edges) - 1, len(CAUSES)
    placed = np.zeros((count, spans, flows), dtype=np.int64)
    lost = np.zeros((count, spans, causes, flows), dtype=np.int64)
    pending = np.zeros((count, spans + 1, causes, flows), dtype=np.int64)
    names = (t.replication, t.flow, t.stream, t.cents, t.state, t.cause, t.verdict)
    times = (t.created, t.hindered, t.ended)
    fill_bookings(*names, *times, edges, passed, placed, lost, pending)
    found = (array.reshape(*t.shape, *array.shape[1:]) for array in (placed, lost, pending))
    return Bookings(*found)


@inlined
def edges_before(time: float, passed: IntArray, last: int) -> int:
    """Edges that have passed at a time; all of them when it never comes."""
    if time < 0.0:
        return 0
    return passed[int(time)] if time < len(passed) else last


@compiled(
    f"void({', '.join(['int64[::1]'] * 7 + ['float64[::1]'] * 4)}, int64[::1],"
    " int64[:, :, ::1], int64[:, :, :, ::1], int64[:, :, :, ::1])"
)
def fill_bookings(  # noqa: PLR0913 -- what is known of orders, and where they are booked
    replication: IntArray,
    flow: IntArray,
    stream: IntArray,
    cents: IntArray,
    state: IntArray,
    cause: IntArray,
    verdict: IntArray,
    created: FloatArray,
    hindered: FloatArray,
    ended: FloatArray,
    edges: FloatArray,
    passed: IntArray,
    placed: IntArray,
    lost: IntArray,
    pending: IntArray,
) -> None:
    """The bookings of orders, one after the other."""
    last = len(edges)
    for order in range(len(cents)):
        row, goods, worth = replication[order], flow[order], cents[order]
        begun = edges_before(created[order], passed, last)
        over = edges_before(ended[order], passed, last)
        if 0 < begun < last and stream[order] < FIRST_CONTRACT:
            placed[row, begun - 1, goods] += worth
        if 0 < over < last and state[order] == LOST:
            lost[row, over - 1, verdict[order], goods] += worth
        for edge in range(begun, over):
            is_hindered = hindered[order] < edges[edge]
            pending[row, edge, cause[order] if is_hindered else ON_THE_WAY, goods] += worth


MACHINE_CODE: dict[str, Callable[..., Any]] = {
    "exp": partial(image, EXP),
    "log": partial(image, LOG),
    "normal_quantile": partial(image, NORMAL_QUANTILE),
    "stationary": stationary,
    "bookings": bookings,
}
"""What takes the place of each function."""
