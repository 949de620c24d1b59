"""Figures of sweeps: a map of two factors, or lines and dots of each; and their folder."""

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.csv as pa_csv
from matplotlib.figure import Figure

from simulator import runs
from simulator.errors import visible
from simulator.files import appear, faults
from simulator.plots import (
    BLUE,
    BOTTOM,
    GREY,
    HEIGHT,
    INK,
    LEFT,
    RIGHT,
    SKY,
    VERMILLION,
    WIDTH,
    drawn,
    frame,
    panel,
    whole,
)
from simulator.runs import canonical
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
    if not final.exists():
        with faults(final):
            final.parent.mkdir(parents=True, exist_ok=True)
            appear(final, partial(_fill, sweep))
    return final


def _fill(sweep: Sweep, folder: Path) -> None:
    data = {"schema": "sim.sweep/1", **as_data(sweep)}
    (folder / "sweep.json").write_text(canonical(data), encoding="utf-8")
    pa_csv.write_csv(sweep.table("cells"), folder / "cells.csv")
    (folder / "plots").mkdir()
    plot_sweep(sweep, folder / "plots")


def plot_sweep(sweep: Sweep, folder: Path) -> list[Path]:
    """Draw the figures of a sweep into a folder that is there, as SVG and PNG."""
    return drawn({"map": partial(heatmap, sweep), "lines": partial(lines, sweep)}, folder)


def heatmap(sweep: Sweep) -> Figure | None:
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
    )
    axes = panel(figure, 1.4, BOTTOM + 0.15, WIDTH - 2.2, HEIGHT - top - BOTTOM - 0.25)
    axes.imshow(means, cmap="Blues", aspect="auto", alpha=0.75)
    axes.grid(visible=False)
    middle = (means.min() + means.max()) / 2
    for place, cell in enumerate(sweep.cells):
        row, column = divmod(place, shape[1])
        if len(sweep.cells) <= MOST_NUMBERS:
            mark = "~" if not (cell.is_best or cell.is_clearly_worse) else ""
            axes.text(
                column, row, f"{mark}{_number(means[row, column])}", ha="center", va="center",
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
    axes.set_xlabel(_path(across.path), color=GREY)
    axes.set_ylabel(_path(down.path, 40), color=GREY)
    return figure


def lines(sweep: Sweep) -> Figure | None:
    """Turnover against each factor; with one factor its middle and 90 % band."""
    factors = [one for one in sweep.factors if _is_numeric(one.values)][:MOST_PANELS]
    if not factors or len(sweep.cells) < 2:
        return None
    band = len(sweep.factors) == 1 and all(c.turnover.p05.value is not None for c in sweep.cells)
    what = (
        "Line: average; band: 90% of runs" if len(sweep.factors) == 1 else "Each dot is one setting"
    )
    figure, top = frame(
        _footer(sweep),
        _title(sweep),
        f"Turnover in {sweep.year}, USD million, current prices, {visible(sweep.statistics)}. "
        f"{what}; hollow: not clearly worse than the best (filled large). Dashed: target.",
    )
    width = (WIDTH - LEFT - RIGHT) / len(factors)
    means = [cell.turnover.mean.value for cell in sweep.cells]
    tops = [c.turnover.p95.value or 0.0 for c in sweep.cells] if band else means
    for number, one in enumerate(factors):
        axes = panel(
            figure, LEFT + number * width, BOTTOM + 0.15, width - 0.35, HEIGHT - top - BOTTOM - 0.2
        )
        x = [float(cell.settings[one.path]) for cell in sweep.cells]
        if len(sweep.factors) == 1:
            order = np.argsort(x)
            sorted_x = np.array(x)[order]
            axes.plot(sorted_x, np.array(means)[order], color=BLUE, linewidth=2)
            if band:
                ends = [
                    np.array([getattr(c.turnover, level).value for c in sweep.cells])[order]
                    for level in ("p05", "p95")
                ]
                axes.fill_between(sorted_x, ends[0], ends[1], color=SKY, alpha=0.35, linewidth=0)
        for cell, place, mean in zip(sweep.cells, x, means, strict=True):
            near = not (cell.is_best or cell.is_clearly_worse)
            axes.plot(
                place, mean, marker="o", markersize=9 if cell.is_best else 6, color=BLUE,
                markerfacecolor="white" if near else BLUE,
            )  # fmt: skip
        axes.axhline(sweep.target_usd_million, color=INK, linestyle=(0, (5, 3)), linewidth=1.3)
        axes.set_ylim(*_limits([*tops, *means, sweep.target_usd_million], from_zero=band))
        axes.set_xlabel(_path(one.path, int(105 / len(factors))), color=GREY)
        if number:
            axes.set_yticklabels([])
    return figure


def _limits(values: list[float], *, from_zero: bool) -> tuple[float, float]:
    """The ends of an axis: small differences between dots are to be seen."""
    low, high = min(values), max(values)
    margin = (high - low) or 0.1 * high or 1.0
    return (0.0, 1.08 * high) if from_zero else (max(0.0, low - margin), high + 0.3 * margin)


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


def _number(value: float) -> str:
    return whole(value) if value >= 100 else f"{value:.3g}"


def _path(path: str, most: int = 90) -> str:
    """A path, its end where it is too long."""
    shown = visible(path)
    return shown if len(shown) <= most else f"\u2026{shown[len(shown) - most + 1 :]}"
