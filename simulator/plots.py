"""Figures of a run: each says its finding in the title and shows how sure it is."""

import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from simulator import answers, runs, wording
from simulator.calendars import year_bounds
from simulator.drawing import (
    BLUE,
    BOTTOM,
    DOUBLE,
    GREEN,
    GREY,
    INK,
    LEFT,
    PALE,
    RIGHT,
    SHEETS,
    SKY,
    VERMILLION,
    Columns,
    Picture,
    Sheet,
    drawn,
    end_labels,
    footer,
    frame,
    month_end,
    panel,
    printed,
    styled,
    ticks,
    whole,
)
from simulator.errors import visible
from simulator.estimates import needed_runs
from simulator.files import faults
from simulator.influence import influences
from simulator.input_plots import INPUT_FIGURES
from simulator.ledger import ACCOUNTS, LOSSES, POTENTIAL, REALISED
from simulator.runs import Floats, Run

PANEL_WORDS = 0.95
"""Inches of a panel above and below its dots, with words beside each other above it."""

LINE = 15
"""Points from one line of words above a panel to the next."""

MANY = 1000.0
"""Million dollars from which on digits behind the point tell nothing."""

SHOWN = 7
"""Accounts that stand alone in the waterfall, by size; the others stand together."""

LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)
GROUPS = (
    ("not ordered", ("adjustment", "search"), SKY, ""),
    ("contracts", ("not_executed", "shortfall"), "#CC79A7", ".."),
    ("lost", tuple(key for key in LOSSES if key.startswith("lost_")), VERMILLION, ""),
    ("late", tuple(key for key in LOSSES if key.startswith("late_")), "#E69F00", "//"),
)
"""Accounts that belong together in the waterfall, in its order, with colour and hatching."""


@dataclass(frozen=True, slots=True)
class Piles:
    """Representative runs of each office, in columns of ``step`` million dollars."""

    points: list[Floats]
    goal: float
    step: float
    count: int


@dataclass(frozen=True, slots=True)
class Bar:
    """One step of the waterfall, in million dollars."""

    words: str
    amount: float
    low: float | None
    high: float | None
    colour: str
    hatch: str


def plot(run: Run, folder: Path) -> list[Path]:
    """Draw every figure that the run has numbers for, as SVG and PNG, with its numbers as CSV.

    Args:
        run: the run.
        folder: where the files go; made if it is missing.

    Returns:
        The files, in the order in which a reader wants them.

    Example:
        >>> simulator.plot(run, Path("figures"))  # doctest: +SKIP

    """
    folder.mkdir(parents=True, exist_ok=True)
    return drawn(figures(run), folder)


def figures(run: Run, sheet: Sheet = DOUBLE) -> Mapping[str, Callable[[], Picture | None]]:
    """What draws each figure of a run, by the name of its files."""
    found = influences(run)
    return {name: partial(draw, run, sheet) for name, draw in FIGURES.items()} | {
        name: partial(draw, run, found, sheet) for name, draw in INPUT_FIGURES.items()
    }


def print_figures(run: Run, folder: Path) -> list[Path]:
    """Draw every figure in the widths of one and two columns of a journal.

    Args:
        run: The run.
        folder: Where the files go, as ``<name>-<width>mm`` in SVG, PNG and PDF, with CSV.

    Returns:
        The files.

    """
    paths: list[Path] = []
    with faults(folder), styled():
        folder.mkdir(parents=True, exist_ok=True)
        for sheet in SHEETS:
            for name, draw in figures(run, sheet).items():
                picture = draw()
                if picture is not None:
                    paths += printed(picture, folder / f"{name}-{sheet.millimetres}mm")
    return paths


def distribution(run: Run, sheet: Sheet = DOUBLE) -> Picture | None:
    """The target year on each office's statistics, as dots that one can count."""
    year = run.scenario.target.year
    answer = answers.answer(run)
    told = [office for office in answer.offices if office.chance is not None]
    if not told:
        return None
    figure, top = frame(
        footer(run),
        wording.sentence(answer, intervals=False),
        "Turnover of the target year, USD million, current prices, as each office would publish "
        f"it (exports FOB, imports CIF). Each dot is {_each_dot(run)}; "
        "a filled dot reaches the target.",
        sheet,
    )
    values = [runs.turnover(run, office.key, year) for office in told]
    height = (sheet.height - top - 0.55) / len(told)
    width = sheet.width - LEFT - RIGHT
    tall = height - PANEL_WORDS - (2 * LINE / 72 if sheet.is_narrow else 0)
    piles = _piles(values, answer.target_usd_million, tall / width)
    for row, (office, points) in enumerate(zip(told, piles.points, strict=True)):
        bottom = sheet.height - top - (row + 1) * height + 0.45
        axes = panel(figure, LEFT, bottom, width, tall)
        _dots(axes, points, piles, width, tall)
        _panel_words(axes, office, piles.goal, is_narrow=sheet.is_narrow)
        figure.numbers = _added(
            figure.numbers,
            {
                "statistics": [office.key] * points.size,
                "dot": list(range(1, points.size + 1)),
                "turnover_usd_million": points.tolist(),
                "reaches_target": (points >= piles.goal).tolist(),
            },
        )
    return figure


def fan(run: Run, sheet: Sheet = DOUBLE) -> Picture | None:
    """Turnover of the last twelve months, month by month, with history before it."""
    months, _ = runs.monthly(run)
    if len(months) < 18:
        return None
    bands = _rolling_bands(run)
    days = [month_end(month) for month in months[11:]]
    first, last = bands[:, 0], bands[:, -1]
    title = (
        f"In the middle run a year's trade goes from USD {whole(first[2])} million to "
        f"{whole(last[2])} million by {_month_name(months[-1])}"
        + (
            f"; 90 of 100 runs end between {whole(last[0])} and {whole(last[4])}"
            if has_bands(run)
            else ""
        )
    )
    figure, top = frame(
        footer(run),
        title,
        "Turnover of the last twelve months, USD million, current prices. Bands: true flow, "
        "exports FOB both ways; points: as each office published (exports FOB, imports CIF), at "
        f"the end of its year. The bands hold if the scenario of {run.scenario.information_date} "
        "holds, and leave out what it does not cover.",
        sheet,
    )
    above = 0.35 if sheet.is_narrow else 0.0
    axes = panel(
        figure, LEFT, BOTTOM, sheet.width - LEFT - RIGHT - 0.9,
        sheet.height - top - BOTTOM - above,
    )  # fmt: skip
    goal = run.scenario.target.turnover_usd_million.central
    published = _history(axes, run, days[0], columns=1 if sheet.is_narrow else 4)
    axes.axhline(goal, color=INK, linestyle=(0, (5, 3)), linewidth=1.4)
    _draw_bands(axes, run, days, bands, goal)
    axes.set_xlim(right=days[-1])  # type: ignore[arg-type]
    if sheet.is_narrow:
        years: list[Any] = [
            date(year, 1, 1) for year in range(days[0].year - 8, days[-1].year + 1, 3)
        ]
        axes.set_xticks(years, [f"{year:%Y}" for year in years])
    figure.numbers = _quantiles("until", [str(day) for day in days], bands, published)
    return figure


@runs.remembered
def _rolling_bands(run: Run) -> Floats:
    """Quantiles of the turnover of the last twelve months, by level and month."""
    _, flow = runs.monthly(run)
    return _bands(runs.rolling(flow))


def _bands(paths: Floats) -> Floats:
    """Quantiles over the runs, by level and column."""
    found: Floats = np.quantile(paths, LEVELS, axis=0)
    return found


def cumulative(run: Run, sheet: Sheet = DOUBLE) -> Picture | None:
    """The target year month by month against an even path to the target."""
    office, year = runs.headline(run), run.scenario.target.year
    months, flow = runs.monthly(run)
    inside = _year_months(run, months)
    if year not in runs.complete_years(run, office) or len(inside) < 12:
        return None
    path = _published_path(flow[:, inside], runs.turnover(run, office, year))
    goal = run.scenario.target.turnover_usd_million.central
    half = float(np.median(path[:, 6]))
    bands = _bands(path)
    ahead = wording.frequency(answers.chance_of(path[:, 6] >= goal / 2))
    gap = abs(half - goal / 2)
    side = "ahead of" if half >= goal / 2 else "behind"
    where = f"{whole(gap)} million {side} an even path" if round(gap) else "just on an even path"
    title = (
        f"After six months the middle run stands at USD {whole(half)} million, "
        f"{where} to the target; {ahead} are on it or ahead"
    )
    told = run.scenario.statistics[office].title
    subtitle = (
        f"Turnover since the year began, USD million, current prices, {visible(told)} "
        f"(exports FOB, imports CIF), {answers.answer(run).offices[0].period}"
    )
    figure, top = frame(footer(run), title, subtitle, sheet)
    axes = panel(
        figure, LEFT, BOTTOM, sheet.width - LEFT - RIGHT - 0.9, sheet.height - top - BOTTOM
    )
    axes.plot([0, 12], [0, goal], color=INK, linestyle=(0, (5, 3)), linewidth=1.6, zorder=4)
    _draw_bands(axes, run, range(13), bands, goal)
    names = ["start", *(_month_name(months[n], short=True) for n in inside)]
    shown = range(0, 13, 3 if sheet.is_narrow else 1)
    axes.set_xticks(list(shown), [names[n] for n in shown])
    axes.set_xlim(0, 12)
    figure.numbers = _quantiles("after", ["start", *(months[n] for n in inside)], bands)
    figure.numbers["even_path_usd_million"] = [goal * n / 12 for n in range(13)]
    return figure


def waterfall(run: Run, sheet: Sheet = DOUBLE) -> Picture | None:
    """From potential to realised trade: what each account takes on average."""
    books = {key: cents / runs.CENTS_PER_MILLION for key, cents in runs.accounts(run).items()}
    potential = float(np.mean(books[POTENTIAL]))
    if potential <= 0:
        return None
    bars = _bars(run, books)
    realised = float(np.mean(books[REALISED]))
    alone = [bar for bar in bars[1:-1] if bar.colour != PALE]
    worst = max(alone, key=lambda bar: bar.amount, default=bars[-1])
    title = (
        f"Of USD {whole(potential)} million of potential trade in {run.scenario.target.year}, "
        f"{whole(realised)} million ({realised / potential:.0%}) are realised"
    )
    if worst.amount > 0 and alone:
        cause = worst.words.removeprefix("lost: ").removeprefix("late: ")
        amount = _whole_tenths(bars)[bars.index(worst)].lstrip("-")
        title += f"; largest loss: {cause} ({amount} million)"
    figure, top = frame(
        footer(run),
        title,
        "Average over the runs, USD million, current prices, true flow, exports FOB both ways, "
        f"{answers.answer(run).offices[0].period}. The bars add up exactly; the ranges "
        "(thin lines: 90% of runs) do not.",
        sheet,
    )
    left, right = (1.75, RIGHT + 0.4) if sheet.is_narrow else (3.1, RIGHT + 2.0)
    axes = panel(
        figure, left, BOTTOM, sheet.width - left - right, sheet.height - top - BOTTOM - 0.2
    )
    _steps(axes, bars)
    _columns(axes, bars, is_narrow=sheet.is_narrow)
    figure.numbers = {
        "account": [bar.words for bar in bars],
        "average_usd_million": [bar.amount for bar in bars],
        "p05_usd_million": [bar.low for bar in bars],
        "p95_usd_million": [bar.high for bar in bars],
    }
    return figure


FIGURES: dict[str, Callable[..., Picture | None]] = {
    "distribution": distribution,
    "fan": fan,
    "cumulative": cumulative,
    "waterfall": waterfall,
}
"""Every figure of what a run came to, by the name of its files."""


def _added(numbers: Columns, more: Columns) -> Columns:
    """Rows below others of the same columns."""
    return {name: [*numbers.get(name, []), *column] for name, column in more.items()}


def _quantiles(
    name: str,
    places: list[str],
    bands: Floats,
    published: dict[str, dict[date, float]] | None = None,
) -> Columns:
    """The bands of a figure, a row a place; what was published stands in rows before them."""
    days = sorted({day for record in (published or {}).values() for day in record})
    columns: Columns = {name: [*map(str, days), *places]}
    for level, band in zip(LEVELS, bands, strict=True):
        told = f"p{round(100 * level):02d}_usd_million"
        columns[told] = [*([None] * len(days)), *band.tolist()]
    for office, record in (published or {}).items():
        told = f"published_{office}_usd_million"
        columns[told] = [*(record.get(day) for day in days), *([None] * len(places))]
    return columns


def _each_dot(run: Run) -> str:
    return "1 of 100 equally likely outcomes" if run.replications > 100 else "one run"


def _piles(values: list[Floats], goal: float, height: float) -> Piles:
    """Piles as wide as their height allows, with the target between two of them.

    ``height`` is that of a panel over its width.
    """
    # By Hazen's rule a hundred runs are their own hundred points.
    points = [
        np.quantile(v, (np.arange(n) + 0.5) / n, method="hazen")
        for v in values
        for n in [min(v.size, 100)]
    ]
    high = 1.02 * max(goal, *(float(p.max()) for p in points))
    parts = max(round(18 * goal / high), 1)
    while True:
        step = goal / parts
        count = int(high / step) + 1
        tallest = max(int(np.bincount((p / step).astype(int)).max()) for p in points)
        if tallest / count <= height or count > 300:
            return Piles(points, goal, step, count)
        parts += 1


def _dots(axes: Axes, points: Floats, piles: Piles, width: float, height: float) -> None:
    """One dot for each point, on its pile; the panel in inches."""
    inches = width / piles.count
    column = (points / piles.step).astype(int)
    level = np.arange(points.size) - np.searchsorted(column, column)
    reached = points >= piles.goal
    axes.scatter(
        (column + 0.5) * piles.step,
        level + 0.5,
        s=(0.84 * 72 * inches) ** 2,
        facecolors=[BLUE if dot else "white" for dot in reached],
        edgecolors=[BLUE if dot else GREY for dot in reached],
        linewidths=min(1.0, 9 * inches),
        clip_on=False,
    )
    axes.set_xlim(0, piles.count * piles.step)
    axes.set_ylim(0, height / inches)
    axes.set_yticks([])
    axes.xaxis.set_major_formatter(ticks())
    axes.grid(visible=False)
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="x", length=0, pad=12)


def _panel_words(axes: Axes, office: answers.Office, goal: float, *, is_narrow: bool) -> None:
    """The target, the range and the count of one office, each beside what it speaks of."""
    assert office.turnover is not None
    assert office.chance is not None
    axes.axvline(goal, color=INK, linestyle=(0, (5, 3)), linewidth=1.6)
    side = -1 if goal > 0.75 * axes.get_xlim()[1] else 1
    axes.annotate(
        f"target {whole(goal)}", (goal, 1), (5 * side, -1), xycoords=("data", "axes fraction"),
        textcoords="offset points", va="top", ha="left" if side > 0 else "right", size=9,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 1, "alpha": 0.85},
    )  # fmt: skip
    heading = f"S{wording.statistics_of(office).removeprefix('the s')}"
    count = f"{wording.frequency(office.chance)} reach the target"
    ranged = _range_line(axes, office.turnover, wording.interval(office.chance))
    if is_narrow:
        _above(axes, 0, 3, heading, weight="bold", size=11)
        _above(axes, 0, 2, office.period, color=GREY, size=9)
        _above(axes, 0, 1, count, color=BLUE, weight="bold", size=10.5)
        _above(axes, 0, 0, ranged.partition("; ")[2] or ranged, color="#a84900", size=9)
        return
    _above(axes, 0, 1, heading, weight="bold", size=11)
    _above(axes, 0, 0, office.period, color=GREY, size=9.5)
    _above(axes, 1, 1, count, color=BLUE, weight="bold", size=11)
    _above(axes, 1, 0, ranged, color="#a84900", size=9.5)


def _above(axes: Axes, x: float, line: int, text: str, **style: Any) -> None:
    """Words over the left (0) or right (1) end of a panel, on a line counted from below."""
    axes.annotate(
        text, (x, 1), (0, 6 + LINE * line), xycoords="axes fraction", textcoords="offset points",
        ha="right" if x else "left", **style,
    )  # fmt: skip


def _range_line(axes: Axes, spread: answers.Spread, interval: str) -> str:
    """Median and 90 % range between the axis and its numbers; gives the same in words."""
    words = [interval] if interval else []
    style: Any = {"transform": axes.get_xaxis_transform(), "clip_on": False, "color": VERMILLION}
    if spread.p05.value is not None and spread.p95.value is not None:
        ends = [spread.p05.value, spread.p95.value]
        axes.plot(ends, [-0.055, -0.055], linewidth=4, alpha=0.5, solid_capstyle="butt", **style)
        words.append(f"90% of runs {whole(ends[0])} to {whole(ends[1])}")
    if spread.p50.value is not None:
        axes.plot([spread.p50.value], [-0.055], marker="D", markersize=7, **style)
        words.append(f"middle {whole(spread.p50.value)}")
    return "; ".join(words)


def _draw_bands(axes: Axes, run: Run, x: Any, bands: Floats, goal: float) -> None:
    """Median and bands over the runs, the target, and their names at the right end."""
    low, lower, middle, upper, high = bands
    x = list(x)
    labels = [(goal, f"target {whole(goal)}", INK)]
    if has_bands(run):
        axes.fill_between(x, low, high, color=SKY, alpha=0.35, linewidth=0)
        axes.plot(x, low, color=SKY, linewidth=0.8)
        axes.plot(x, high, color=SKY, linewidth=0.8)
        ends = f"90% of runs\n{whole(low[-1])} to {whole(high[-1])}"
        labels.append((float(high[-1]), ends, GREY))
    if run.replications >= needed_runs(0.25):
        axes.fill_between(x, lower, upper, color=BLUE, alpha=0.38, linewidth=0)
        ends = f"50% of runs\n{whole(lower[-1])} to {whole(upper[-1])}"
        labels.append((float(upper[-1]), ends, "#1d5f8a"))
    axes.plot(x, middle, color=BLUE, linewidth=2.6)
    labels.append((float(middle[-1]), f"middle {whole(middle[-1])}", BLUE))
    axes.set_ylim(0, 1.06 * max(float(high.max()), goal, axes.get_ylim()[1] / 1.06))
    end_labels(axes, x[-1], labels)


def has_bands(run: Run) -> bool:
    """Whether the runs are enough for a range of 90 %."""
    return run.replications >= needed_runs(0.05)


def _history(axes: Axes, run: Run, start: date, columns: int = 4) -> dict[str, dict[date, float]]:
    """What each office has published, at the last day of its year; years in a row are joined."""
    told: dict[str, dict[date, float]] = {}
    for office, marker in zip(runs.offices(run), "os^vD", strict=False):
        statistics = run.scenario.statistics[office]
        observed = {int(year): v for year, v in run.scenario.history.get(office, {}).items()}
        days: dict[Any, float] = {
            year_bounds(statistics.calendar, year)[1]: observed.get(year, np.nan)
            for year in range(start.year - 9, start.year)
        }
        if np.isfinite(list(days.values())).any():
            told[office] = {day: value for day, value in days.items() if np.isfinite(value)}
            name = f"published by {visible(run.scenario.economies[statistics.economy].name)}"
            style: Any = {"color": GREY, "marker": marker, "linewidth": 1, "label": name}
            axes.plot(list(days), list(days.values()), **style)
    if axes.lines:
        # Scattered points have no end beside which a name could stand.
        axes.legend(
            loc="lower left", bbox_to_anchor=(0, 1), ncols=columns, frameon=False, fontsize=9,
            labelcolor=GREY, borderaxespad=0,
        )  # fmt: skip
    return told


def _month_name(month: str, *, short: bool = False) -> str:
    name = date(int(month[:4]), int(month[5:]), 1)
    return f"{name:%b}" if short else f"{name:%B %Y}"


def _year_months(run: Run, months: list[str]) -> list[int]:
    """The twelve calendar months that stand for the target year of the headline office."""
    calendar = run.scenario.statistics[runs.headline(run)].calendar
    first, _ = year_bounds(calendar, run.scenario.target.year)
    start = month_end(f"{first:%Y-%m}") if first.day > 15 else first
    begin = f"{start:%Y-%m}"
    return [n for n, month in enumerate(months) if month >= begin][:12]


def _published_path(flow: Floats, published: Floats) -> Floats:
    """The year so far as the office would publish it: its error spread evenly over the flow."""
    so_far = np.cumsum(flow, axis=1)
    total = so_far[:, -1:]
    shares = np.divide(so_far, total, out=np.zeros_like(so_far), where=total > 0)
    return np.hstack([np.zeros((len(flow), 1)), shares * published[:, None]])


def _bars(run: Run, books: dict[str, Floats]) -> list[Bar]:
    """Potential, the losses by group and size, what is small together, realised."""
    bars = [_bar(run, ACCOUNTS[POTENTIAL], books[POTENTIAL], BLUE, "")]
    means = {key: float(np.mean(books[key])) for _, keys, *_ in GROUPS for key in keys}
    shown = sorted(means, key=lambda key: -abs(means[key]))[:SHOWN]
    small = [key for key in means if key not in shown and means[key]]
    for _, keys, colour, hatch in GROUPS:
        large = sorted((key for key in keys if key in shown and means[key]), key=means.__getitem__)
        large.reverse()
        bars += [_bar(run, ACCOUNTS[key], books[key], colour, hatch) for key in large]
    if small:
        together = np.sum([books[key] for key in small], axis=0)
        bars.append(_bar(run, f"all other ({len(small)} causes)", together, PALE, ""))
    return [*bars, _bar(run, ACCOUNTS[REALISED], books[REALISED], GREEN, "")]


def _bar(run: Run, words: str, values: Floats, colour: str, hatch: str) -> Bar:
    low, high = np.quantile(values, (0.05, 0.95)) if has_bands(run) else (None, None)
    return Bar(words, float(np.mean(values)), low, high, colour, hatch)


def _steps(axes: Axes, bars: list[Bar]) -> None:
    """Bars from the top down, each beginning where the one before ended."""
    level = 0.0
    for row, bar in enumerate(bars):
        is_total = row in (0, len(bars) - 1)
        start = 0.0 if is_total else level - bar.amount
        axes.barh(
            row, bar.amount, left=start, height=0.6, color=bar.colour, hatch=bar.hatch,
            edgecolor="white", linewidth=0,
        )  # fmt: skip
        if bar.low is not None and bar.high is not None:
            ends = (bar.low, bar.high) if is_total else (level - bar.high, level - bar.low)
            axes.plot(ends, (row, row), color=INK, linewidth=1, marker="|", markersize=6)
        level = bar.amount if row == 0 else start
        if row < len(bars) - 2:
            axes.plot((level, level), (row, row + 1), color=GREY, linewidth=0.7, zorder=0)


def _columns(axes: Axes, bars: list[Bar], *, is_narrow: bool) -> None:
    """Names at the left; amount, share of potential and range in numbers at the right."""
    names = [visible(bar.words) for bar in bars]
    if is_narrow:
        names = [textwrap.fill(name, 21) for name in names]
    axes.set_yticks(range(len(bars)), names)
    axes.set_ylim(len(bars) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0, labelcolor=INK)
    axes.xaxis.set_major_formatter(ticks())
    axes.spines["left"].set_visible(False)
    axes.grid(visible=False, axis="y")
    axes.grid(visible=True, axis="x", color="#ececec", linewidth=0.8)
    heads = ("average", "share", "90% of runs")
    places = (1.10, 1.20, 1.48)
    if is_narrow:
        heads, places = heads[:1], (1.3,)  # type: ignore[assignment]
    for place, head in zip(places, heads, strict=True):
        axes.text(place, 1.0, head, transform=axes.transAxes, ha="right", size=9, color=GREY)
    side = axes.get_yaxis_transform()
    for row, (bar, amount) in enumerate(zip(bars, _whole_tenths(bars), strict=True)):
        is_total = row in (0, len(bars) - 1)
        heavy = "bold" if is_total else "normal"
        part = (bar.amount if is_total else -bar.amount) / bars[0].amount
        share = f"{round(part, 2) + 0.0:.0%}"
        ranged = _range_words(bar, is_total=is_total)
        for place, text in zip(places, (amount, share, ranged), strict=False):
            axes.text(
                place, row, text.replace("-", wording.MINUS), transform=side, ha="right",
                va="center", size=9, weight=heavy,
            )  # fmt: skip


def _range_words(bar: Bar, *, is_total: bool) -> str:
    """The range of a total, or of what a step changes."""
    if bar.low is None or bar.high is None:
        return ""
    low, high = (bar.low, bar.high) if is_total else (-bar.high, -bar.low)
    return f"{whole(low)} to {whole(high)}"


def _whole_tenths(bars: list[Bar]) -> list[str]:
    """Amounts with one digit or none, rounded so that what is printed adds up as the bars do."""
    first, *middle, last = bars
    digits = 1 if first.amount < MANY else 0
    levels = np.round(first.amount - np.cumsum([0.0, *(bar.amount for bar in middle)]), digits)
    levels[-1] = round(last.amount, digits)
    steps = -np.diff(levels)
    told = [f"{levels[0]:,.{digits}f}", f"{levels[-1]:,.{digits}f}"]
    told[1:1] = [f"{-step + 0.0:+,.{digits}f}" for step in steps]
    return [text.replace(",", wording.THOUSANDS) for text in told]
