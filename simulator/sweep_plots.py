"""Figures of sweeps: a map of two factors, or lines and dots of each; and their folder."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from simulator import runs
from simulator.drawing import (
    BLUE,
    BOTTOM,
    DOUBLE,
    GREY,
    INK,
    LEFT,
    RIGHT,
    SKY,
    VERMILLION,
    Columns,
    Picture,
    Sheet,
    drawn,
    frame,
    panel,
    whole,
)
from simulator.errors import visible
from simulator.estimates import rounded
from simulator.studies import kept
from simulator.sweep_words import sentences, setting_words, value_words
from simulator.sweeps import Sweep, as_data

MOST_PANELS = 4
FEWEST_FOR_CONTOUR = 4
"""Rows and columns of a map in which a line between cells means something."""

MOST_NUMBERS = 80
"""Cells of a map in which numbers can still be read."""


def save_sweep(sweep: Sweep, folder: Path) -> Path:
    """Store a sweep: its cells as JSON and CSV, and its figures; its runs are stored already.

    Returns:
        ``<folder>/<scenario>/sweep-<id>``; if it is there already, it stays as it is.

    Raises:
        EnvironmentFaultError: The machine does not allow it.

    """
    final = folder / sweep.scenario / f"sweep-{sweep.id}"
    data = as_data(sweep)
    return kept(final, "sweep", data, {"cells": sweep.table("cells")}, partial(plot_sweep, sweep))


def plot_sweep(sweep: Sweep, folder: Path) -> list[Path]:
    """Draw the figures of a sweep into a folder that is there, as SVG, PNG and CSV."""
    return drawn(figures(sweep), folder)


def figures(sweep: Sweep, sheet: Sheet = DOUBLE) -> Mapping[str, Callable[[], Picture | None]]:
    """What draws each figure of a sweep, by the name of its files."""
    return {"map": partial(heatmap, sweep, sheet), "lines": partial(lines, sweep, sheet)}


def heatmap(sweep: Sweep, sheet: Sheet = DOUBLE) -> Picture | None:
    """Two factors of a grid: the average of every cell in numbers and in shades."""
    if sweep.design != "grid" or len(sweep.factors) != 2 or len(sweep.cells) < 2:
        return None
    down, across = sweep.factors
    shape = len(down.values), len(across.values)
    means = np.array([cell.turnover.mean.value for cell in sweep.cells]).reshape(shape)
    figure, top = frame(
        _footer(sweep),
        _title(sweep),
        f"Average turnover in {sweep.year}, USD million, current prices, "
        f"{visible(sweep.statistics)}. ~ not clearly worse than the best cell (framed); thick "
        f"line: target {whole(sweep.target_usd_million)}. All cells share their draws.",
        sheet,
    )
    left = 1.0 if sheet.is_narrow else 1.6
    axes = panel(
        figure, left, BOTTOM + 0.15, sheet.width - left - 0.6, sheet.height - top - BOTTOM - 0.25
    )
    figure.numbers = _numbers(sweep)
    axes.imshow(means, cmap="Blues", aspect="auto", alpha=0.75)
    axes.grid(visible=False)
    middle = (means.min() + means.max()) / 2
    for place, cell in enumerate(sweep.cells):
        row, column = divmod(place, shape[1])
        if len(sweep.cells) <= MOST_NUMBERS:
            text = rounded(means[row, column], cell.turnover.mean.error)
            axes.text(
                column, row, f"{'~' if cell.is_near else ''}{text}", ha="center", va="center",
                color="white" if means[row, column] > middle else INK,
                weight="bold" if cell.is_best else "normal",
            )  # fmt: skip
        if cell.is_best:
            corners = np.array([[-1, 1, 1, -1, -1], [-1, -1, 1, 1, -1]]) * 0.47
            axes.plot(column + corners[0], row + corners[1], color=VERMILLION, linewidth=2.5)
    if min(shape) >= FEWEST_FOR_CONTOUR and means.min() < sweep.target_usd_million < means.max():
        axes.contour(means, levels=[sweep.target_usd_million], colors=[INK], linewidths=2)
    axes.set_xticks(range(shape[1]), [value_words(value) for value in across.values])
    axes.set_yticks(range(shape[0]), [value_words(value) for value in down.values])
    axes.set_xlabel(_path(across.path, 44 if sheet.is_narrow else 90), color=GREY)
    axes.set_ylabel(_path(down.path, 40), color=GREY)
    return figure


def lines(sweep: Sweep, sheet: Sheet = DOUBLE) -> Picture | None:
    """Turnover against each factor; with one factor its line and 90 % band."""
    factors = [one for one in sweep.factors if _is_numeric(one.values)][:MOST_PANELS]
    if not factors or len(sweep.cells) < 2:
        return None
    is_alone = len(sweep.factors) == 1
    what = "Line: average; band: 90% of runs" if is_alone else "Each dot is one setting"
    figure, top = frame(
        _footer(sweep),
        _title(sweep),
        f"Turnover in {sweep.year}, USD million, current prices, {visible(sweep.statistics)}. "
        f"{what}; hollow: not clearly worse than the best (filled large). Dashed: target.",
        sheet,
    )
    figure.numbers = _numbers(sweep)
    width = (sheet.width - LEFT - RIGHT) / len(factors)
    for number, one in enumerate(factors):
        axes = panel(
            figure, LEFT + number * width, BOTTOM + 0.15, width - 0.35,
            sheet.height - top - BOTTOM - 0.2,
        )  # fmt: skip
        highest = _band(axes, sweep, one.path) if is_alone else None
        _cells(axes, sweep, one.path)
        axes.axhline(sweep.target_usd_million, color=INK, linestyle=(0, (5, 3)), linewidth=1.3)
        axes.set_ylim(*_limits(sweep, highest))
        axes.set_xlabel(_path(one.path, int(10.5 * sheet.width / len(factors))), color=GREY)
        if number:
            axes.set_yticklabels([])
    return figure


def _numbers(sweep: Sweep) -> Columns:
    """Every cell: its setting, and the numbers that are drawn of it."""
    columns: Columns = {
        one.path: [cell.settings[one.path] for cell in sweep.cells] for one in sweep.factors
    }
    for level in ("p05", "p95"):
        values = [getattr(cell.turnover, level).value for cell in sweep.cells]
        columns[f"turnover_{level}_usd_million"] = values
    columns["turnover_mean_usd_million"] = [cell.turnover.mean.value for cell in sweep.cells]
    columns["is_best"] = [cell.is_best for cell in sweep.cells]
    columns["may_be_as_good"] = [cell.is_near for cell in sweep.cells]
    return columns


def _cells(axes: Axes, sweep: Sweep, path: str) -> None:
    """A dot for each cell; the best one is larger, those that may be as good are hollow."""
    for cell in sweep.cells:
        axes.plot(
            float(cell.settings[path]), cell.turnover.mean.value, marker="o", color=BLUE,
            markersize=9 if cell.is_best else 6, markerfacecolor="white" if cell.is_near else BLUE,
        )  # fmt: skip


def _band(axes: Axes, sweep: Sweep, path: str) -> float | None:
    """A line through the averages, with the band of 90 % of runs; its top, where there is one."""
    cells = sorted(sweep.cells, key=lambda cell: float(cell.settings[path]))
    x = [float(cell.settings[path]) for cell in cells]
    axes.plot(x, [cell.turnover.mean.value for cell in cells], color=BLUE, linewidth=2)
    low, high = ([getattr(c.turnover, level).value for c in cells] for level in ("p05", "p95"))
    if None in (*low, *high):
        return None
    axes.fill_between(x, low, high, color=SKY, alpha=0.35, linewidth=0)
    return float(max(high))


def _limits(sweep: Sweep, highest: float | None) -> tuple[float, float]:
    """The ends of the axis; without a band, small differences between dots are to be seen."""
    values = [sweep.target_usd_million, *(cell.turnover.mean.value for cell in sweep.cells)]
    low, high = min(values), max(values)
    if highest is not None:
        return 0.0, 1.08 * max(high, highest)
    margin = (high - low) or 0.1 * high or 1.0
    return max(0.0, low - margin), high + 0.3 * margin


def _title(sweep: Sweep) -> str:
    _, *rest = sentences(sweep)
    settings = {path.rpartition(".")[2]: value for path, value in sweep.best.settings.items()}
    average = whole(sweep.best.turnover.mean.value)
    title = f"Best of {len(sweep.cells)}: {setting_words(settings)}, with USD {average} million"
    return title + (f". {rest[0].replace(' (marked ~)', '')}" if rest else "")


def _footer(sweep: Sweep) -> str:
    return (
        f"{visible(sweep.scenario)}  ·  {len(sweep.cells)} settings of {sweep.replications} runs  "
        f"·  seed {sweep.seed}  ·  sweep {sweep.id}  ·  model {runs.MODEL_VERSION}"
    )


def _is_numeric(values: tuple[Any, ...]) -> bool:
    return all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)


def _path(path: str, most: int = 90) -> str:
    """A path, its end where it is too long."""
    shown = visible(path)
    return shown if len(shown) <= most else f"\u2026{shown[len(shown) - most + 1 :]}"
