"""Figures of comparisons: the change pair by pair, both fans on one axis, the ladder."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from simulator import runs, wording
from simulator.comparison_words import of_pairs, sentence, signed
from simulator.comparisons import Comparison, compare, headline_change, ladder, paired
from simulator.drawing import (
    BLUE,
    BOTTOM,
    DOUBLE,
    GREY,
    INK,
    LEFT,
    RIGHT,
    VERMILLION,
    Picture,
    Sheet,
    drawn,
    end_labels,
    frame,
    month_end,
    panel,
    whole,
)
from simulator.errors import visible
from simulator.estimates import needed_runs
from simulator.files import once
from simulator.runs import Run

COMPARISONS = "compare"
"""The folder of comparisons among the results."""

BARS = 40
"""Columns of the figure of differences."""


def save_comparison(compared: Sequence[Run], folder: Path) -> Path:
    """The folder with the figures of a comparison, drawn if they are not there.

    Raises:
        EnvironmentFaultError: The machine does not allow it.

    """
    final = folder / COMPARISONS / "-vs-".join(map(_file_name, reversed(compared)))
    once(final, lambda temporary: plot_comparison(compared, temporary))
    return final


def _file_name(run: Run) -> str:
    """The id of a run; one in progress is another one each time."""
    return run.id if run.is_complete else f"{run.id}-{run.replications}-of-{run.asked}"


def plot_comparison(compared: Sequence[Run], folder: Path) -> list[Path]:
    """Draw what runs come to otherwise than the first of them, as SVG, PNG and CSV.

    Args:
        compared: The runs, that to compare with first.
        folder: Where the files go; it must be there.

    Returns:
        The files.

    """
    return drawn(figures(compared), folder)


def figures(
    compared: Sequence[Run], sheet: Sheet = DOUBLE
) -> Mapping[str, Callable[[], Picture | None]]:
    """What draws each figure of a comparison, by the name of its files."""
    before, *others = compared
    found: dict[str, Any] = {}
    for number, after in enumerate(others, start=1):
        suffix = f"-{number}" if len(others) > 1 else ""
        told, pair = compare(before, after), paired(before, after)
        found[f"difference{suffix}"] = partial(difference, told, *pair, sheet)
        found[f"fans{suffix}"] = partial(fans, told, *pair, sheet)
    found["ladder"] = partial(steps, compared, sheet)
    return found


def difference(told: Comparison, before: Run, after: Run, sheet: Sheet = DOUBLE) -> Picture | None:
    """How the change of turnover differs between pairs of runs."""
    if not told.rows:
        return None
    change = headline_change(before, after)
    row = told.rows[0]
    figure, top = frame(
        _footer(told),
        " ".join(sentence(told).split()).partition("; ")[0].partition(" (")[0],
        f"Turnover of {visible(told.after)} less that of {visible(told.before)} in the target year "
        f"({visible(row.words)}), USD million, one count for each pair of runs on the same draws.",
        sheet,
    )
    axes = panel(
        figure, LEFT, BOTTOM, sheet.width - LEFT - RIGHT,
        sheet.height - top - BOTTOM - (0.25 if sheet.is_narrow else 0),
    )  # fmt: skip
    # The outermost hundredths would press all others into one column.
    low, high = (float(v) for v in np.quantile(change, (0.005, 0.995)))
    if low == high:
        low, high = low - 1, high + 1
    inside = np.clip(change, low, high)
    edges = _edges(min(low, 0.0), max(high, 0.0))
    for part, colour, hatch in (
        (inside[change > 0], BLUE, ""),
        (inside[change < 0], VERMILLION, "//"),
        (inside[change == 0], GREY, ""),
    ):
        axes.hist(part, edges, color=colour, hatch=hatch, edgecolor="white", linewidth=0.5)
    axes.axvline(0, color=INK, linewidth=1.4)
    axes.axvline(float(np.mean(change)), color=INK, linestyle=(0, (5, 3)), linewidth=1.4)
    ends = axes.get_xlim()
    is_right = row.change.value > (ends[0] + ends[1]) / 2
    axes.annotate(
        f"average {signed(row.change.value, row.change.error)}", (row.change.value, 1),
        (-5 if is_right else 5, -1),
        xycoords=("data", "axes fraction"), textcoords="offset points", va="top",
        ha="right" if is_right else "left", size=9.5, weight="bold",
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 1, "alpha": 0.85},
    )  # fmt: skip
    for x, text, colour, side in (
        (0.0, f"lower in {of_pairs(row.lower, told.pairs)}", VERMILLION, "left"),
        (1.0, f"higher in {of_pairs(row.higher, told.pairs)}", BLUE, "right"),
    ):
        axes.annotate(
            text, (x, 1), (0, 22 if sheet.is_narrow and x else 4), xycoords="axes fraction",
            textcoords="offset points", ha=side, color=colour, weight="bold", size=10.5,
        )  # fmt: skip
    axes.set_ylabel("pairs of runs", color=GREY)
    counts, _ = np.histogram(inside, edges)
    figure.numbers = {
        "change_from_usd_million": edges[:-1],
        "change_to_usd_million": edges[1:],
        "pairs": counts.tolist(),
    }
    return figure


def fans(told: Comparison, before: Run, after: Run, sheet: Sheet = DOUBLE) -> Picture | None:
    """Turnover of the last twelve months in both runs, on one axis."""
    (months, one), (others, other) = runs.monthly(before), runs.monthly(after)
    if len(months) < 18 or months != others:
        return None
    days: list[Any] = [month_end(month) for month in months[11:]]
    title = f"{visible(told.after)} and {visible(told.before)}: a year's trade, month by month"
    ends = [float(np.median(flow[:, -12:].sum(axis=1))) for flow in (one, other)]
    title += (
        f"; by the end the middle run stands at USD {whole(ends[1])} million "
        f"instead of {whole(ends[0])}"
    )
    figure, top = frame(
        _footer(told),
        title,
        "Turnover of the last twelve months, USD million, current prices, true flow, exports FOB "
        "both ways. Lines: middle run; bands: 90% of runs.",
        sheet,
    )
    room = 0.95 if sheet.is_narrow else 1.9
    axes = panel(
        figure, LEFT, BOTTOM, sheet.width - LEFT - RIGHT - room, sheet.height - top - BOTTOM
    )
    figure.numbers = {"until": [str(day) for day in days]}
    goal = before.scenario.target.turnover_usd_million.central
    labels = [(goal, f"target {whole(goal)}", INK)]
    axes.axhline(goal, color=INK, linestyle=(0, (5, 3)), linewidth=1.2)
    tallest = goal
    for flow, name, colour, style, side in (
        (one, told.before, VERMILLION, "--", "before"),
        (other, told.after, BLUE, "-", "after"),
    ):
        low, middle, high = np.quantile(runs.rolling(flow), (0.05, 0.5, 0.95), axis=0)
        axes.plot(days, middle, color=colour, linestyle=style, linewidth=2.4)
        for level, values in (("p05", low), ("p50", middle), ("p95", high)):
            figure.numbers[f"{side}_{level}_usd_million"] = values.tolist()
        if told.pairs >= needed_runs(0.05):
            axes.fill_between(days, low, high, color=colour, alpha=0.15, linewidth=0)
            for edge in (low, high):
                axes.plot(days, edge, color=colour, linestyle=style, linewidth=0.7)
            tallest = max(tallest, float(high.max()))
        labels.append(
            (
                float(middle[-1]),
                f"{wording.cut(visible(name), 13 if sheet.is_narrow else 24)}\n{whole(middle[-1])}",
                colour,
            )
        )
    axes.set_ylim(0, 1.06 * tallest)
    axes.set_xlim(days[0], days[-1])
    if sheet.is_narrow:
        years: list[Any] = [day for day in days if day.month == 1]
        axes.set_xticks(years, [f"{day:%Y}" for day in years])
    end_labels(axes, days[-1], labels)
    return figure


def steps(compared: Sequence[Run], sheet: Sheet = DOUBLE) -> Picture | None:
    """The chance of the target in every run, one below the other."""
    told = ladder(compared)
    if len(told) < 2:
        return None
    (first, start), *others = told
    name, far = max(others, key=lambda one: abs(one[1].share - start.share))
    title = (
        f"{visible(first)} reaches the target in {wording.frequency(start)}, "
        f"{visible(name)} in {wording.frequency(far).removesuffix(' runs')}"
    )
    figure, top = frame(
        f"{' · '.join(run.id for run in compared)}  ·  model {runs.MODEL_VERSION}",
        title,
        "Share of runs that meet the target on the headline statistics in the target year, with "
        "its 95% interval (thin lines). Runs share their draws, so that changes are surer than "
        "these intervals.",
        sheet,
    )
    left, right = (1.35, 1.25) if sheet.is_narrow else (2.9, 1.7)
    axes = panel(
        figure, left, BOTTOM, sheet.width - left - right, sheet.height - top - BOTTOM - 0.1
    )
    gap = "\n" if sheet.is_narrow else "  "
    for row, (_, chance) in enumerate(told):
        axes.barh(row, 100 * chance.share, height=0.5, color=GREY if row == 0 else BLUE)
        if chance.low is not None and chance.high is not None:
            ends = (100 * chance.low, 100 * chance.high)
            axes.plot(ends, (row, row), color=INK, linewidth=1, marker="|", markersize=7)
        change = "" if row == 0 else f"{gap}({_points(chance.share - start.share)})"
        axes.annotate(
            f"{100 * chance.share:.0f} of 100{change}".replace("-", wording.MINUS), (1, row),
            (8, 0), xycoords=("axes fraction", "data"), textcoords="offset points", va="center",
            weight="bold", annotation_clip=False,
        )  # fmt: skip
    most = 15 if sheet.is_narrow else 34
    axes.set_yticks(range(len(told)), [wording.cut(visible(name), most) for name, _ in told])
    axes.tick_params(axis="y", length=0, labelcolor=INK)
    axes.set_ylim(len(told) - 0.4, -0.6)
    axes.set_xlim(0, 100)
    axes.grid(visible=False, axis="y")
    axes.grid(visible=True, axis="x", color="#ececec", linewidth=0.8)
    axes.set_xlabel("runs of 100 that meet the target", color=GREY)
    figure.numbers = {
        "run": [name for name, _ in told],
        "share": [chance.share for _, chance in told],
        "low": [chance.low for _, chance in told],
        "high": [chance.high for _, chance in told],
    }
    return figure


def _points(change: float) -> str:
    """A change of a chance in points, with a digit where it would be none without."""
    points = 100 * change
    return f"{points:+.0f}" if round(points) else f"{points:+.1f}"


def _edges(low: float, high: float) -> list[float]:
    """Columns of equal width, with zero between two of them."""
    step = (high - low) / BARS
    first = int(np.floor(low / step))
    return [step * n for n in range(first, int(np.ceil(high / step)) + 1)]


def _footer(told: Comparison) -> str:
    return (
        f"{told.pairs} pairs of runs  ·  {told.before_run} and {told.after_run}  ·  "
        f"model {runs.MODEL_VERSION}"
    )
