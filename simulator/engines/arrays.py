"""Arrays: what is computed of many numbers at once, in machine code.

The same numbers as the functions of these names in ``portable`` and ``conditions`` give, bit for
bit, without the interpreter's lock. They take their place once the compiled engine is loaded.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from simulator.conditions import AGES, STEPS, Stock
from simulator.engines.chance import exp, log, normal_quantile
from simulator.engines.compiling import compiled
from simulator.portable import FloatArray
from simulator.trajectory import IntArray

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


MACHINE_CODE: dict[str, Callable[..., Any]] = {
    "exp": partial(image, EXP),
    "log": partial(image, LOG),
    "normal_quantile": partial(image, NORMAL_QUANTILE),
    "stationary": stationary,
}
"""What takes the place of each function."""
