"""Drawing: the frame, the axes, the colours and the files that all figures share."""

import textwrap
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.ticker import FuncFormatter

from simulator import wording

WIDTH, HEIGHT = 10.0, 6.2
"""Inches."""
LEFT, RIGHT, BOTTOM = 0.75, 0.45, 0.85
"""Margins of the axes in inches; the footer stands in the lower one."""

BLUE, VERMILLION, GREEN, SKY = "#0072B2", "#D55E00", "#009E73", "#56B4E9"
"""From the palette of Okabe and Ito; every colour has a second cue beside it."""
INK, GREY, PALE = "#222222", "#5f5f5f", "#d9d9d9"


def drawn(figures: Mapping[str, Callable[[], Figure | None]], folder: Path) -> list[Path]:
    """Figures into a folder, each under its name; those that have nothing to show are left out."""
    paths: list[Path] = []
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update({"svg.hashsalt": "simulator", "font.size": 10, "text.color": INK})
        for name, draw in figures.items():
            figure = draw()
            if figure is not None:
                paths += saved(figure, folder / name)
    return paths


def frame(footer: str, title: str, subtitle: str) -> tuple[Figure, float]:
    """An empty figure with its words, and how many inches of it they take at the top."""
    figure = Figure(figsize=(WIDTH, HEIGHT), facecolor="white")
    heading = textwrap.wrap(title, 76, break_on_hyphens=False)
    below = textwrap.wrap(subtitle, 132, break_on_hyphens=False)
    _words(figure, 0.3, HEIGHT - 0.25, "\n".join(heading), size=14.5, weight="bold")
    top = 0.25 + 0.27 * len(heading) + 0.05
    _words(figure, 0.3, HEIGHT - top, "\n".join(below), size=9.5, color=GREY)
    _words(figure, 0.3, 0.28, footer, size=8, color=GREY)
    figure.set_label(f"{title} {subtitle}")
    return figure, top + 0.18 * len(below) + 0.25


def _words(figure: Figure, x: float, y: float, text: str, **style: Any) -> None:
    """Text at a place in inches from the lower left."""
    figure.text(
        x / WIDTH,
        y / HEIGHT,
        text,
        va="top",
        ha="left",
        linespacing=1.25,
        parse_math=False,
        **style,
    )


def panel(figure: Figure, left: float, bottom: float, width: float, height: float) -> Axes:
    """Axes at a place in inches, with no more ink than needed."""
    axes = figure.add_axes((left / WIDTH, bottom / HEIGHT, width / WIDTH, height / HEIGHT))
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(GREY)
    axes.tick_params(colors=GREY, labelsize=9)
    axes.grid(axis="y", color="#ececec", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.yaxis.set_major_formatter(ticks())
    return axes


def ticks() -> FuncFormatter:
    """Numbers of an axis as the words write them."""
    return FuncFormatter(lambda x, _: whole(x) if x == round(x) else f"{x:g}")


def end_labels(axes: Axes, x: Any, labels: list[tuple[float, str, str]]) -> None:
    """Words at the right end of lines in place of a legend, pushed apart where they would meet."""
    line = 0.048 * axes.get_ylim()[1]
    floor = -np.inf
    for y, text, colour in sorted(labels):
        half = line * (1 + text.count("\n")) / 2
        place = max(y, floor + half)
        floor = place + half
        axes.annotate(
            text, (x, place), (8, 0), textcoords="offset points", va="center", color=colour,
            annotation_clip=False, weight="bold", size=9,
        )  # fmt: skip


def month_end(month: str) -> date:
    """The day after a month, given as year and number."""
    year, number = int(month[:4]), int(month[5:])
    return date(year + number // 12, number % 12 + 1, 1)


def whole(value: float) -> str:
    """A number without digits behind the point, as the words of the answer write it."""
    return wording.count(round(value))


def saved(figure: Figure, stem: Path) -> list[Path]:
    """The same picture twice, with nothing in the files that changes from day to day."""
    for text in figure.findobj(Text):
        text.set_parse_math(False)
    svg, png = stem.with_suffix(".svg"), stem.with_suffix(".png")
    figure.savefig(svg, metadata={"Date": None, "Description": figure.get_label()})
    figure.savefig(png, dpi=200, metadata={"Software": None})
    return [svg, png]
