"""Figures of needs: the chance by setting, by cost or by year; and the folder of a need."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from simulator import runs
from simulator.drawing import (
    BLUE,
    BOTTOM,
    GREEN,
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
from simulator.errors import visible
from simulator.need_words import interval_words, sentences, units_of, value_words
from simulator.needs import Asked, Date, Mix, Moved, Need, as_data
from simulator.studies import kept

TARGET = "target.turnover_usd_million"
"""Moved as a lever, it is no headline of a figure."""


def save_need(found: Need | Mix | Date, folder: Path) -> Path:
    """Store what was found as JSON, its settings as CSV, and its figure.

    Returns:
        ``<folder>/<scenario>/need-<id>``; if it is there already, it stays as it is.

    Raises:
        EnvironmentFaultError: The machine does not allow it.

    """
    final = folder / found.asked.scenario / f"need-{found.id}"
    data = as_data(found)
    return kept(final, "need", data, {"points": found.table()}, partial(plot_need, found))


def plot_need(found: Need | Mix | Date, folder: Path) -> list[Path]:
    """Draw the figure of a need into a folder that is there, as SVG and PNG."""
    return drawn({"chance": partial(figure_of, found)}, folder)


def figure_of(found: Need | Mix | Date) -> Figure | None:
    """The chance against what was moved; None where nothing had to be."""
    if isinstance(found, Date):
        return _by_year(found)
    if isinstance(found, Mix):
        return None if found.mixture is None else _by_cost(found)
    return None if found.threshold is None else _by_setting(found)


def _by_setting(found: Need) -> Figure:
    told = found.threshold
    assert told is not None
    figure, axes = _empty(
        found,
        "Line: share of runs that meet the target at each setting, all on the same draws; band: "
        "95% interval. Dashed: the chance that is asked. Triangle: where the lever is now.",
    )
    x = [point.value for point in told.points]
    _band(axes, x, [(p.chance.low, p.chance.share, p.chance.high) for p in told.points])
    axes.plot(x, [point.chance.share for point in told.points], color=BLUE, linewidth=2)
    axes.plot(x, [point.chance.share for point in told.points], "o", color=BLUE, markersize=3.5)
    if x[0] <= told.start <= x[-1]:
        axes.plot([told.start], [0.0], "^", color=INK, markersize=9, clip_on=False, zorder=5)
    if told.value is not None:
        assert told.near is not None
        end = x[-1] if told.value >= told.start else x[0]
        far = end if told.far is None else told.far
        axes.axvspan(*sorted((told.near, far)), color=VERMILLION, alpha=0.15, linewidth=0)
        axes.axvline(told.value, color=VERMILLION, linewidth=1.8)
        text = f"{value_words(found.lever, told)}\n{interval_words(found.lever, told)}"
        _beside(axes, told.value, text, x)
    else:
        best = told.best
        axes.plot([best.value], [best.chance.share], "s", color=VERMILLION, markersize=9)
        _beside(axes, best.value, f"best: {best.chance.share:.2f}", x, best.chance.share - 0.08)
    units = units_of(found.lever)
    axes.set_xlabel(f"{_short(found.lever.path)}{f', {units}' if units else ''}", color=GREY)
    return figure


def _by_cost(found: Mix) -> Figure:
    mixture = found.mixture
    assert mixture is not None
    figure, axes = _empty(
        found,
        "Each dot is one mix: its cost and the share of runs that meet the target, all on the same "
        "draws. Dashed: the chance that is asked. Bar: the mix on fresh draws, 95% interval.",
    )
    costs = [_cost(found.moved, shares) for shares, _ in mixture.tried]
    chances = [chance.share for _, chance in mixture.tried]
    enough = np.array(chances) >= found.asked.probability
    for flag, colour, marker in ((False, SKY, "o"), (True, BLUE, "D")):
        axes.plot(
            np.array(costs)[enough == flag], np.array(chances)[enough == flag],
            marker, color=colour, markersize=6, alpha=0.8, linestyle="none",
        )  # fmt: skip
    if mixture.cost is not None and found.fresh is not None:
        fresh = found.fresh
        assert fresh.low is not None
        assert fresh.high is not None
        axes.plot([mixture.cost] * 2, [fresh.low, fresh.high], color=VERMILLION, linewidth=3)
        axes.plot([mixture.cost], [fresh.share], "s", color=VERMILLION, markersize=8)
        _beside(axes, mixture.cost, f"cost {mixture.cost:.3g}", costs, fresh.low - 0.07)
    axes.set_xlabel("Cost of the mix", color=GREY)
    return figure


def _by_year(found: Date) -> Figure:
    figure, axes = _empty(
        found,
        "Share of runs that meet the target in each year, with the 95% interval; hollow: in that "
        "year or in an earlier one. Dashed: the chance that is asked.",
    )
    years = [one.year for one in found.years]
    for one in found.years:
        chance = one.chance
        assert chance.low is not None
        assert chance.high is not None
        axes.plot([one.year] * 2, [chance.low, chance.high], color=BLUE, linewidth=3)
        axes.plot([one.year], [chance.share], "o", color=BLUE, markersize=9)
        axes.plot(
            [one.year], [one.by_then.share], "D", color=GREEN, markerfacecolor="white", markersize=8
        )
    last = found.years[-1]
    for y, text, colour in (
        (last.chance.share, "in the year", BLUE),
        (last.by_then.share, "by then", GREEN),
    ):
        axes.annotate(
            text, (last.year, y), (9, 0), textcoords="offset points", va="center", color=colour,
            weight="bold", size=10,
        )  # fmt: skip
    axes.set_xticks(years, [str(year) for year in years])
    axes.set_xlim(years[0] - 0.5, years[-1] + 0.5)
    return figure


def _empty(found: Need | Mix | Date, told: str) -> tuple[Figure, Axes]:
    """A figure with its words and axes for chances."""
    asked = found.asked
    title = next(sentences(found)).replace("; no cheaper mix was found", "").rstrip(".")
    moved = [found.lever] if isinstance(found, Need) else []
    moved += [one.lever for one in found.moved] if isinstance(found, Mix) else []
    for lever in moved:
        title = title.replace(visible(lever.path), visible(_name(lever.path)))
    goal = f"USD {whole(asked.target_usd_million)} million in "
    goal += "each year" if isinstance(found, Date) else f"{asked.year}"
    if any(lever.path == TARGET for lever in moved):
        goal = f"the target of {asked.year}"
    figure, top = frame(
        _footer(asked, found.id), title, f"Chance of {goal}, {visible(asked.statistics)}. {told}"
    )
    height = HEIGHT - top - BOTTOM - 0.35
    axes = panel(figure, LEFT, BOTTOM + 0.25, WIDTH - LEFT - RIGHT, height)
    axes.set_ylim(0.0, 1.02)
    axes.axhline(asked.probability, color=INK, linestyle=(0, (5, 3)), linewidth=1.3)
    return figure, axes


def _name(path: str) -> str:
    """The last two names of a path, which tell levers apart."""
    return ".".join(path.split(".")[-2:])


def _band(
    axes: Axes, x: Sequence[float], ends: Sequence[tuple[float | None, float, float | None]]
) -> None:
    low = [share if end is None else end for end, share, _ in ends]
    high = [share if end is None else end for _, share, end in ends]
    axes.fill_between(x, low, high, color=SKY, alpha=0.35, linewidth=0)


def _beside(axes: Axes, x: float, text: str, over: Sequence[float], y: float = 0.06) -> None:
    """Words beside a place, on the side with more room."""
    is_left = x > (min(over) + max(over)) / 2
    axes.annotate(
        text, (x, max(y, 0.03)), (-7 if is_left else 7, 0), textcoords="offset points",
        ha="right" if is_left else "left", va="bottom", color=VERMILLION, weight="bold", size=10,
    )  # fmt: skip


def _cost(moved: Sequence[Moved], shares: Sequence[float]) -> float:
    pairs = zip(moved, shares, strict=True)
    return sum(one.cost * abs(one.end - one.lever.start) * share for one, share in pairs)


def _footer(asked: Asked, digits: str) -> str:
    return (
        f"{visible(asked.scenario)}  ·  {asked.replications} runs of every setting  ·  "
        f"seed {asked.seed}  ·  need {digits}  ·  model {runs.MODEL_VERSION}"
    )


def _short(path: str, most: int = 100) -> str:
    shown = visible(path)
    return shown if len(shown) <= most else f"\u2026{shown[len(shown) - most + 1 :]}"
