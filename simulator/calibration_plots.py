"""The figure of a calibration: every input within its law, before and after; and its folder."""

from functools import partial
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from simulator import runs
from simulator.calibration_words import change_of, finding
from simulator.drawing import (
    BLUE,
    BOTTOM,
    GREY,
    HEIGHT,
    INK,
    PALE,
    WIDTH,
    drawn,
    frame,
    panel,
)
from simulator.errors import visible
from simulator.evidence.calibration import Calibration, Fit, as_data
from simulator.studies import kept

MOST_ROWS = 20
"""Inputs that can be read in one figure; those that were narrowed most are shown."""

NAMES, NUMBERS = 3.2, 3.15
"""Inches for the paths at the left and the numbers at the right."""


def save_calibration(found: Calibration, folder: Path) -> Path:
    """Store a calibration: its numbers as JSON, and its figure; its runs are stored already.

    Returns:
        ``<folder>/<scenario>/calibration-<id>``; if it is there already, it stays as it is.

    Raises:
        EnvironmentFaultError: The machine does not allow it.

    """
    final = folder / found.scenario.name / f"calibration-{found.id}"
    data = as_data(found)
    return kept(final, "calibration", data, {}, partial(plot_calibration, found))


def plot_calibration(found: Calibration, folder: Path) -> list[Path]:
    """Draw the figure of a calibration into a folder that is there, as SVG and PNG."""
    return drawn({"inputs": partial(inputs, found)}, folder)


def inputs(found: Calibration) -> Figure:
    """The 90 % interval of every input, by its place in its own law: before, and fitted."""
    fits = sorted(found.fits, key=lambda fit: -fit.narrowed)[:MOST_ROWS]
    figure, top = frame(
        _footer(found),
        finding(found),
        "Place of each input in its own law. Grey: its middle 90% before. Bar and dot: middle 90% "
        "and middle after the fit, hollow where the series cannot pin it down. Numbers: the fitted "
        "90%.",
    )
    height = HEIGHT - top - BOTTOM - 0.1
    axes = panel(figure, NAMES, BOTTOM, WIDTH - NAMES - NUMBERS, height)
    axes.grid(visible=False)
    axes.spines["left"].set_visible(False)
    axes.axvspan(0.05, 0.95, color=PALE, alpha=0.6, linewidth=0)
    axes.axvline(0.5, color=GREY, linewidth=0.8, linestyle=(0, (2, 2)))
    for row, fit in enumerate(fits):
        _bar(axes, row, fit)
    axes.set_xlim(0.0, 1.0)
    axes.set_ylim(len(fits) - 0.5, -0.5)
    axes.set_xticks([0.05, 0.5, 0.95], ["5%", "middle of the law before", "95%"])
    axes.set_yticks(range(len(fits)), [_short(fit.path) for fit in fits], fontsize=8.5)
    axes.tick_params(axis="y", length=0, colors=INK)
    return figure


def _bar(axes: Axes, row: int, fit: Fit) -> None:
    """One input: its fitted interval, and its numbers at the right."""
    low, middle, high = fit.shares[1:4]
    told = fit.is_informed
    colour = BLUE if told else GREY
    axes.plot([low, high], [row, row], color=colour, linewidth=4 if told else 1.5)
    axes.plot(
        middle, row, marker="o", color=colour, markersize=8,
        markerfacecolor=colour if told else "white",
    )  # fmt: skip
    numbers = f"{fit.posterior[1]:.3g} \u2013 {fit.posterior[3]:.3g}"
    for text, right in ((numbers, 8), (change_of(fit), 90)):
        axes.annotate(
            text, (1.0, row), (right, 0), textcoords="offset points", va="center", color=colour,
            annotation_clip=False, size=8.5, weight="bold" if told else "normal",
        )  # fmt: skip


def _footer(found: Calibration) -> str:
    return (
        f"{visible(found.scenario.name)}  \u00b7  {visible(found.series.origin)}  \u00b7  "
        f"{found.replications} runs  \u00b7  seed {found.seed}  \u00b7  calibration {found.id}  "
        f"\u00b7  model {runs.MODEL_VERSION}"
    )


def _short(path: str, most: int = 42) -> str:
    shown = visible(path)
    return shown if len(shown) <= most else f"\u2026{shown[len(shown) - most + 1 :]}"
