"""Figures of a back-test: how honest its bands were, and forecasts of every pair by its record."""

import csv
import hashlib
import math
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from simulator import runs
from simulator.backtest_words import NAMES
from simulator.drawing import (
    BLUE,
    BOTTOM,
    GREY,
    HEIGHT,
    INK,
    LEFT,
    RIGHT,
    VERMILLION,
    WIDTH,
    drawn,
    frame,
    panel,
)
from simulator.evidence.backtest import HORIZONS, Scored
from simulator.evidence.scores import INNER, OUTER, SHOWN, is_inside
from simulator.files import once

BACKTESTS = "backtest"
"""The folder of back-tests among the results."""

CLASSES = 10
"""Columns of the places in the forecast."""

COLUMNS, ROWS = 5, 4
"""Pairs beside and below each other in one figure."""

HORIZON = HORIZONS[0]
"""Years ahead of the forecasts that are shown pair by pair."""


def save_backtest(results: Sequence[Scored], folder: Path) -> Path:
    """The folder with the cases as CSV and the figures of a back-test, if it is not there made.

    Raises:
        EnvironmentFaultError: The machine does not allow it.

    """
    name = hashlib.sha256(repr(list(results)).encode()).hexdigest()[:10]
    final = folder / BACKTESTS / name
    once(final, lambda temporary: _fill(results, temporary))
    return final


def _fill(results: Sequence[Scored], folder: Path) -> None:
    with (folder / "cases.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        levels = [f"log_p{round(100 * level)}" for level in SHOWN]
        scores = [f"crps_{name}" for name in results[0].crps]
        heads = ("pair", "group", "half", "origin", "horizon", "log_observed", "pit")
        rows.writerow([*heads, *levels, *scores])
        for one in results:
            case = one.case
            about = (case.group, case.half, case.origin, case.horizon, case.observed, one.pit)
            rows.writerow(["-".join(case.pair), *about, *one.levels, *one.crps.values()])
    plot_backtest(results, folder)


def plot_backtest(results: Sequence[Scored], folder: Path) -> list[Path]:
    """Draw a back-test as SVG and PNG: one figure of its honesty, and the forecasts by pair."""
    figures: dict[str, Any] = {}
    for group in dict.fromkeys(one.case.group for one in results):
        some = [one for one in results if one.case.group == group]
        figures[f"honesty-{group}"] = partial(honesty, some)
        near = [one for one in some if one.case.horizon == HORIZON]
        pairs = sorted({one.case.pair for one in near})
        sheets = max(1, math.ceil(len(pairs) / (COLUMNS * ROWS)))
        size = max(1, math.ceil(len(pairs) / sheets))  # about as many on every one
        for first in range(0, len(pairs), size):
            name = f"fans-{group}-{first // size + 1}"
            figures[name] = partial(fans, near, pairs[first : first + size])
    return drawn(figures, folder)


def honesty(results: Sequence[Scored]) -> Figure:
    """Where in the forecasts of one group fell what happened; honest ones are flat."""
    figure, top = frame(
        _footer(results),
        f"{NAMES[results[0].case.group]}: {_finding(results)}",
        "Cases by where in its forecast fell what happened, from below all runs to above them. "
        "Grey: what chance alone would make of flat columns (95% of columns).",
    )
    width = (WIDTH - LEFT - RIGHT - 0.6) / len(HORIZONS)
    for place, horizon in enumerate(HORIZONS):
        some = [one for one in results if one.case.horizon == horizon]
        axes = panel(
            figure, LEFT + place * (width + 0.6), BOTTOM, width, HEIGHT - top - BOTTOM - 0.3
        )
        expected = len(some) / CLASSES
        around = 1.96 * math.sqrt(expected * (1.0 - 1.0 / CLASSES))
        axes.axhspan(max(expected - around, 0.0), expected + around, color="#e8e8e8")
        axes.axhline(expected, color=INK, linestyle=(0, (5, 3)), linewidth=1.2)
        edges = [n / CLASSES for n in range(CLASSES + 1)]
        axes.hist([one.pit for one in some], edges, color=BLUE, edgecolor="white", rwidth=0.92)
        axes.set_title(
            f"{'1 year' if horizon == 1 else f'{horizon} years'} later, {len(some)} cases",
            fontsize=10.5, loc="left", color=INK, weight="bold",
        )  # fmt: skip
        axes.set_xticks((0.05, 0.25, 0.5, 0.75, 0.95), ("5%", "25%", "50%", "75%", "95%"))
        axes.set_xlabel("of runs lay below what happened", color=GREY)
        axes.yaxis.set_major_locator(MaxNLocator(integer=True))
        if place == 0:
            axes.set_ylabel("cases", color=GREY)
    return figure


def _finding(results: Sequence[Scored]) -> str:
    """How many cases fell inside the bands, by horizon."""
    told = []
    for horizon in HORIZONS:
        some = [one for one in results if one.case.horizon == horizon]
        inner, outer = (
            sum(is_inside(one.pit, band) for one in some) / max(len(some), 1)
            for band in (INNER, OUTER)
        )
        years = "1 year" if horizon == 1 else f"{horizon} years"
        told.append(f"{inner:.0%} and {outer:.0%} after {years}")
    return f"bands of 50% and 90% held {', '.join(told)}"


def fans(results: Sequence[Scored], pairs: Sequence[tuple[str, str]]) -> Figure:
    """The forecasts of some pairs, each made the year before, and what was recorded."""
    outside = sum(not is_inside(one.pit, OUTER) for one in results if one.case.pair in set(pairs))
    cases = sum(one.case.pair in set(pairs) for one in results)
    figure, top = frame(
        _footer(results),
        f"{NAMES[results[0].case.group]}: {outside} of {cases} forecasts of the next year missed "
        "by more than their 90% band",
        "Turnover, USD million, logarithmic. Dots: what was recorded, red and square outside the "
        "band; bands: 50% and 90% of runs as forecast from the year before.",
    )
    wide = (WIDTH - LEFT - RIGHT) / COLUMNS
    high = (HEIGHT - top - 0.55) / ROWS
    for place, pair in enumerate(pairs):
        row, column = divmod(place, COLUMNS)
        bottom = HEIGHT - top - (row + 1) * high + 0.3
        axes = panel(figure, LEFT + column * wide, bottom, wide - 0.45, high - 0.55)
        some = sorted(
            (one for one in results if one.case.pair == pair), key=lambda one: one.case.origin
        )
        years = np.array([one.case.origin + HORIZON for one in some])
        levels = np.exp(np.array([one.levels for one in some]))
        seen = np.exp(np.array([one.case.observed for one in some]))
        for low, up, shade in ((0, 4, 0.18), (1, 3, 0.4)):
            for year, level in zip(years, levels, strict=True):
                axes.fill_between(
                    (year - 0.4, year + 0.4), level[low], level[up], color=BLUE, alpha=shade,
                    linewidth=0,
                )  # fmt: skip
        missed = np.array([not is_inside(one.pit, OUTER) for one in some])
        axes.plot(years[~missed], seen[~missed], "o", color=INK, markersize=3)
        axes.plot(years[missed], seen[missed], "s", color=VERMILLION, markersize=4)
        axes.set_yscale("log")
        axes.minorticks_off()
        axes.set_title(" \u2013 ".join(pair), fontsize=8.5, loc="left", pad=2, color=INK)
        axes.tick_params(labelsize=7, length=2)
        axes.set_xticks((years.min(), years.max()) if len(years) > 1 else years)
        axes.set_xlim(years.min() - 0.8, years.max() + 0.8)
        ends = _decades(min(levels.min(), seen.min()), max(levels.max(), seen.max()))
        axes.set_yticks(ends, [f"{end:g}" for end in ends])
        axes.set_ylim(ends[0], ends[-1])
    return figure


def _decades(low: float, high: float) -> list[float]:
    """Powers of ten around some numbers, few enough to be read."""
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    last = max(last, first + 1)
    step = max(1, (last - first) // 2)
    return [10.0**power for power in (*range(first, last, step), last)]


def _footer(results: Sequence[Scored]) -> str:
    origins = [one.case.origin for one in results]
    return (
        f"Forecasts from {min(origins)} to {max(origins)}, each from what the panel knew then"
        f"  \u00b7  model {runs.MODEL_VERSION}"
    )
