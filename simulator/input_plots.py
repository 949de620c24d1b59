"""Figures of the inputs of a run: which ones move the answer, and how well each is known."""

from collections import Counter
from collections.abc import Callable, Sequence

from matplotlib.axes import Axes

from simulator import runs, wording
from simulator.answers import inputs_of
from simulator.drawing import (
    BLUE,
    BOTTOM,
    DOUBLE,
    GREY,
    INK,
    VERMILLION,
    Picture,
    Sheet,
    footer,
    frame,
    panel,
)
from simulator.errors import visible
from simulator.estimates import rounded
from simulator.influence import Influence, unknown
from simulator.runs import Run
from simulator.scenario.types import quantities

SHOWN = 10
"""Inputs of the tornado."""


def tornado(run: Run, found: Sequence[Influence], sheet: Sheet = DOUBLE) -> Picture | None:
    """The inputs that move turnover most, from P10 to P90, with sign and interval."""
    if not found:
        return None
    shown = found[:SHOWN]
    figure, top = frame(
        footer(run),
        tornado_title(found),
        f"Average turnover {_where(run)}, USD million, of the runs in which "
        "an input is in the highest fifth of its law (about P90) less that of those in which it "
        "is in the lowest (about P10). Thin lines: 95% interval; hatched: assumed; pale: may be "
        "noise.",
        sheet,
    )
    left, right = (2.35, 1.0) if sheet.is_narrow else (4.6, 1.6)
    axes = panel(
        figure, left, BOTTOM, sheet.width - left - right, sheet.height - top - BOTTOM - 0.1
    )
    _bars(axes, shown)
    names = [input_words(one, 24 if sheet.is_narrow else 54) for one in shown]
    axes.set_yticks(range(len(shown)), names)
    figure.numbers = {
        "input": [one.path for one in shown],
        "evidence": [evidence_words(one) for one in shown],
        "p10": [one.low for one in shown],
        "p90": [one.high for one in shown],
        "change_usd_million": [one.change for one in shown],
        "half_width_usd_million": [one.half_width for one in shown],
        "is_clear": [one.is_clear for one in shown],
    }
    return figure


def _where(run: Run) -> str:
    office = run.scenario.statistics[runs.headline(run)]
    economy = visible(run.scenario.economies[office.economy].name)
    return f"of {run.scenario.target.year} on the statistics of {economy}"


def tornado_title(found: Sequence[Influence]) -> str:
    """Which input moves the answer most, or that none stands out."""
    clear = [one for one in found if one.is_clear]
    if not clear:
        return (
            f"No single one of {len(found)} uncertain inputs stands out from the noise of these "
            "runs"
        )
    first = clear[0]
    amount = rounded(abs(first.change), first.half_width / 2)
    way = "more" if first.change > 0 else "less"
    title = (
        f"Most hangs on {visible(first.path)}: from its P10 to its P90 a year's trade is "
        f"USD {amount} million {way}"
    )
    if len(clear) == 1:
        return f"{title}; no other input stands out from the noise"
    return f"{title}; {len(clear)} of {len(found)} uncertain inputs stand out from the noise"


def evidence_words(one: Influence) -> str:
    """Whether a source stands behind an input."""
    return "assumed" if one.is_assumed else "sourced"


def input_words(one: Influence, most: int) -> str:
    """An input with its P10 and P90, in lines of so many signs."""
    path = visible(one.path)
    ends = f"{one.low:.3g} → {one.high:.3g}"
    if len(path) + len(ends) + 2 <= most:
        return f"{path}  {ends}"
    shown = path if len(path) <= most else f"…{path[len(path) - most + 1 :]}"
    return f"{shown}\n{ends}"


def _bars(axes: Axes, shown: Sequence[Influence]) -> None:
    """Bars from zero, with their interval and the number beside them."""
    for row, one in enumerate(shown):
        axes.barh(
            row, one.change, height=0.6, color=BLUE if one.change > 0 else VERMILLION,
            hatch="////" if one.is_assumed else "", edgecolor="white", linewidth=0,
            alpha=1.0 if one.is_clear else 0.45,
        )  # fmt: skip
        ends = (one.change - one.half_width, one.change + one.half_width)
        axes.plot(ends, (row, row), color=INK, linewidth=1, marker="|", markersize=6)
        text = signed(one.change, one.half_width / 2)
        axes.annotate(
            text, (1, row), (6, 0), xycoords=("axes fraction", "data"),
            textcoords="offset points", va="center", weight="bold", size=9, annotation_clip=False,
        )  # fmt: skip
    axes.axvline(0, color=INK, linewidth=1.2)
    axes.set_ylim(len(shown) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0, labelcolor=INK)
    axes.spines["left"].set_visible(False)
    axes.grid(visible=False, axis="y")
    axes.grid(visible=True, axis="x", color="#ececec", linewidth=0.8)
    axes.xaxis.set_major_formatter(lambda x, _: f"{x:+g}".replace("-", wording.MINUS) if x else "0")


def signed(value: float, error: float) -> str:
    """A number with its sign and the digits that its error supports."""
    return f"{wording.MINUS if value < 0 else '+'}{rounded(abs(value), error)}"


def evidence(run: Run, found: Sequence[Influence], sheet: Sheet = DOUBLE) -> Picture | None:
    """Every input by the part of the scenario in which it stands: sourced or not, and influence."""
    parts = parts_of(run)
    names = [name for name, _ in parts]
    told = inputs_of(run.scenario)
    clear = [one for one in found if one.is_clear]
    title = f"{told.sourced} of {told.total} inputs have a source"
    if len(clear) == 1:
        title += f"; the one that clearly moves the answer is {evidence_words(clear[0])}"
    elif clear:
        known = sum(not one.is_assumed for one in clear)
        words = "all" if known == len(clear) else known or "none"
        title += f"; of the {len(clear)} that clearly move the answer {words} have one"
    figure, top = frame(
        footer(run),
        title,
        "Inputs by the part of the scenario that they belong to. "
        + (
            "Dots: uncertain inputs by how much average turnover moves from their P10 to their "
            "P90, USD million; filled: sourced, hollow: assumed; large: clear of the noise."
            if found
            else unknown(run)
        ),
        sheet,
    )
    left = 1.45
    width = 1.35 if sheet.is_narrow else 2.9
    gap = 0.2 if sheet.is_narrow else 0.35
    height = sheet.height - top - BOTTOM - 0.25
    counts = panel(figure, left, BOTTOM, width, height)
    _counts(counts, parts, 2.1 if sheet.is_narrow else 1.45)
    counts.set_yticks(range(len(names)), [visible(name).replace("_", " ") for name in names])
    counts.text(0, 1.01, "sourced + assumed", transform=counts.transAxes, size=9, color=GREY)
    if found:
        start = left + width + gap
        dots = panel(figure, start, BOTTOM, sheet.width - start - 0.45, height)
        _dots(dots, names, found)
        moves = "moves, USD million" if sheet.is_narrow else "moves turnover by, USD million"
        dots.text(0, 1.01, moves, transform=dots.transAxes, size=9, color=GREY)
    moved = {one.path: one.change for one in found}
    numbers = list(quantities(run.scenario))
    figure.numbers = {
        "input": [path for path, _ in numbers],
        "part": [part_of(path) for path, _ in numbers],
        "evidence": ["assumed" if number.is_assumed else "sourced" for _, number in numbers],
        "change_usd_million": [moved.get(path) for path, _ in numbers],
    }
    return figure


def part_of(path: str) -> str:
    """The part of a scenario to which an input belongs."""
    return path.partition(".")[0]


def parts_of(run: Run) -> list[tuple[str, tuple[int, int]]]:
    """How many inputs of each part are sourced and assumed, the largest part first."""
    counts = Counter((part_of(path), q.is_assumed) for path, q in quantities(run.scenario))
    names = {name: (counts[name, False], counts[name, True]) for name, _ in counts}
    return sorted(names.items(), key=lambda pair: (-sum(pair[1]), pair[0]))


def _counts(axes: Axes, parts: Sequence[tuple[str, tuple[int, int]]], room: float) -> None:
    """Bars of sourced and assumed inputs, with both numbers; ``room`` is for these."""
    for row, (_, (sourced, assumed)) in enumerate(parts):
        axes.barh(row, sourced, height=0.62, color=BLUE)
        axes.barh(
            row, assumed, left=sourced, height=0.62, color="#e8e8e8", hatch="////",
            edgecolor="#9a9a9a", linewidth=0.6,
        )  # fmt: skip
        axes.annotate(
            f"{sourced} + {assumed}", (sourced + assumed, row), (4, 0),
            textcoords="offset points", va="center", size=8, color=INK,
        )  # fmt: skip
    axes.set_ylim(len(parts) - 0.4, -0.6)
    axes.set_xlim(0, room * max(sum(both) for _, both in parts))
    axes.tick_params(axis="y", length=0, labelcolor=INK)
    axes.grid(visible=False)


def _dots(axes: Axes, names: list[str], found: Sequence[Influence]) -> None:
    """A dot for each uncertain input in the row of its part."""
    # Inputs of one row are spread over its height in a fixed order, so that dots can be told apart.
    place = {name: row for row, name in enumerate(names)}
    down = [place[part_of(one.path)] + (n * 0.381966) % 0.5 - 0.25 for n, one in enumerate(found)]
    for is_clear, colour, size in ((False, GREY, 10.0), (True, BLUE, 50.0)):
        some = [n for n, one in enumerate(found) if one.is_clear == is_clear]
        axes.scatter(
            [abs(found[n].change) for n in some], [down[n] for n in some], s=size,
            facecolors=["white" if found[n].is_assumed else colour for n in some],
            edgecolors=colour, linewidths=1,
        )  # fmt: skip
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.set_xlim(left=0)
    axes.set_yticks(range(len(names)), [""] * len(names))
    axes.tick_params(axis="y", length=0)
    axes.grid(visible=True, axis="both", color="#ececec", linewidth=0.8)


INPUT_FIGURES: dict[str, Callable[..., Picture | None]] = {
    "tornado": tornado,
    "evidence": evidence,
}
"""Every figure of the inputs, by the name of its files."""
