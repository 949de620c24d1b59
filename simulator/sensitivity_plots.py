"""Figures of sensitivities: the tornado, and indices with their intervals; and their folder."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from simulator import runs
from simulator.drawing import (
    BLUE,
    BOTTOM,
    GREY,
    HEIGHT,
    INK,
    PALE,
    RIGHT,
    VERMILLION,
    WIDTH,
    drawn,
    frame,
    panel,
)
from simulator.errors import visible
from simulator.indices import FIRST_ORDER, STRENGTH, TOTAL
from simulator.sensitivities import Bar, Effect, Indexed, Input, Sensitivity, as_data
from simulator.sensitivity_words import ends, finding, sentences
from simulator.studies import kept
from simulator.wording import count, cut

MOST_ROWS = 15
LABELS = 4.3
"""Inches of the labels at the left."""

LONGEST = 72
"""Signs of a label; a longer path loses its beginning."""

APART = 0.3
"""Inches between panels."""


def save_sensitivity(found: Sensitivity, folder: Path) -> Path:
    """Store a sensitivity: its numbers as JSON and CSV, and its figures.

    Returns:
        ``<folder>/<scenario>/sensitivity-<id>``; if it is there already, it stays as it is.

    Raises:
        EnvironmentFaultError: The machine does not allow it.

    """
    final = folder / found.scenario / f"sensitivity-{found.id}"
    data = as_data(found)
    tables = {name: found.table(name) for name in ("bars", "worth", "indices")}
    return kept(final, "sensitivity", data, tables, partial(plot_sensitivity, found))


def plot_sensitivity(found: Sensitivity, folder: Path) -> list[Path]:
    """Draw the figures of a sensitivity into a folder that is there, as SVG and PNG."""
    figures = {"tornado": partial(tornado, found), "indices": partial(dots, found)}
    return drawn(figures, folder)


def tornado(found: Sensitivity) -> Figure | None:
    """From P10 to P90 of each input: the chance of the target, and the middle turnover."""
    bars = found.bars[:MOST_ROWS]
    if not bars or found.chance is None or found.noise is None:
        return None
    figure, top = frame(
        _footer(found),
        finding(found),
        f"A bar goes from P10 (its square end) to P90 (its dot) of an input; blue: up, orange and "
        f"hatched: down, pale: no clear effect. Line at the dot: 95% interval of the change, for "
        f"all {len(found.bars)} inputs together. Dashed: all inputs drawn. "
        f"\u25cf with a source, \u25cb assumed.",
    )
    rows = [
        *(_label(bar.input) for bar in bars),
        "replication noise\nthe same runs on other draws, P10 to P90",
    ]
    panels = _panels(figure, top, rows)
    middle = found.median_usd_million or 0.0
    noises = tuple(100 * share for share in found.noise.chance), found.noise.median
    chance_of: Callable[[Bar], Effect] = _scaled
    for axes, name, effect_of, line, noise in (
        (panels[0], "chance of the target, of 100 runs", chance_of, _base(found), noises[0]),
        (panels[1], "middle turnover, USD million", _median, middle, noises[1]),
    ):
        for place, bar in enumerate(bars):
            _bar(axes, place, effect_of(bar))
        if noise is not None:
            low, high = noise
            axes.barh(
                len(bars), high - low, left=low, height=0.55, color="white", edgecolor=GREY,
                hatch="....", linewidth=0.8,
            )  # fmt: skip
        axes.axvline(line, color=INK, linestyle=(0, (5, 3)), linewidth=1.1, zorder=0.5)
        axes.set_xlabel(name, color=GREY, size=9)
    return figure


def dots(found: Sensitivity) -> Figure | None:
    """Indices of each input with their intervals, for both outcomes."""
    if not found.indices:
        return None
    names = (FIRST_ORDER, TOTAL) if found.method == "sobol" else (STRENGTH,)
    outcomes = list(dict.fromkeys(one.outcome for one in found.indices))
    some = [one for one in found.indices if one.outcome == outcomes[0]]
    order = sorted((one for one in some if one.index.name == names[-1]), key=_value, reverse=True)
    shown = [one.input for one in order[:MOST_ROWS]]
    what = (
        "Square: share of the variance that an input makes alone; circle: with all others"
        if found.method == "sobol"
        else "Average size of the change from P10 to P90 of an input, others at random places"
    )
    figure, top = frame(
        _footer(found),
        next(iter(sentences(found))),
        f"{what}. Lines: 95% intervals; pale: not to be told from zero. "
        "\u25cf with a source, \u25cb assumed.",
    )
    panels = _panels(figure, top, list(map(_label, shown)))
    for axes, outcome in zip(panels, outcomes, strict=True):
        for one in found.indices:
            if one.outcome == outcome and one.index.name in names and one.input in shown:
                offset = 0.16 if one.index.name == TOTAL else -0.16 if len(names) > 1 else 0.0
                _dot(axes, shown.index(one.input) + offset, one)
        axes.axvline(0, color=INK, linewidth=1.1)
        axes.set_xlabel(outcome, color=GREY, size=9)
    return figure


def _panels(figure: Figure, top: float, labels: Sequence[str]) -> tuple[Axes, Axes]:
    """Two panels of the same rows, whose labels stand at the left."""
    width = (WIDTH - LABELS - RIGHT - APART) / 2
    first, second = (
        panel(
            figure, LABELS + n * (width + APART), BOTTOM + 0.15, width, HEIGHT - top - BOTTOM - 0.2
        )
        for n in (0, 1)
    )
    for axes in (first, second):
        axes.grid(visible=False, axis="y")
        axes.grid(axis="x", color="#ececec", linewidth=0.8)
        axes.set_ylim(len(labels) - 0.4, -0.6)
        axes.set_yticks(range(len(labels)), labels if axes is first else [""] * len(labels))
        axes.tick_params(axis="y", length=0, labelsize=6.8, labelcolor=INK)
        axes.locator_params(axis="x", nbins=5)
        axes.use_sticky_edges = False  # a bar does not begin at the edge
    return first, second


def _bar(axes: Axes, place: int, effect: Effect) -> None:
    """A bar from P10 to P90, with the interval of its change at its end."""
    is_up = effect.change >= 0
    colour = (BLUE if is_up else VERMILLION) if effect.is_clear else PALE
    axes.barh(
        place, effect.change, left=effect.at_low, height=0.62, color=colour, linewidth=0.6,
        edgecolor="white" if effect.is_clear else GREY,
        hatch="////" if effect.is_clear and not is_up else "",
    )  # fmt: skip
    if effect.low is not None and effect.high is not None:
        bounds = [effect.at_low + effect.low, effect.at_low + effect.high]
        axes.plot(bounds, [place, place], color=INK, linewidth=0.9)
    axes.plot(effect.at_high, place, marker="o", markersize=3.6, color=INK)


def _dot(axes: Axes, place: float, one: Indexed) -> None:
    """An index with its interval."""
    index = one.index
    if index.low is not None and index.high is not None:
        axes.plot([index.low, index.high], [place, place], color=GREY, linewidth=1.2)
    axes.plot(
        index.value, place, marker="s" if index.name == FIRST_ORDER else "o", markersize=5,
        color=BLUE if index.is_clear else GREY, markerfacecolor=BLUE if index.is_clear else PALE,
    )  # fmt: skip


def _scaled(bar: Bar) -> Effect:
    """The effect on the chance, of 100 runs."""
    one = bar.chance
    low, high = (None if x is None else 100 * x for x in (one.low, one.high))
    return Effect(100 * one.at_low, 100 * one.at_high, low, high)


def _median(bar: Bar) -> Effect:
    return bar.median


def _base(found: Sensitivity) -> float:
    return 100 * found.chance.share if found.chance is not None else 0.0


def _value(one: Indexed) -> float:
    return one.index.value


def _label(one: Input) -> str:
    """The path of an input, its ends, and whether something stands behind it."""
    path = visible(one.path)
    shown = path if len(path) <= LONGEST else f"\u2026{path[len(path) - LONGEST + 1 :]}"
    mark = "\u25cb" if one.is_assumed else "\u25cf"
    return f"{shown}  {mark}\n{ends(one)}"


def _footer(found: Sensitivity) -> str:
    return (
        f"{cut(visible(found.scenario), 60)}  \u00b7  {count(found.inputs)} uncertain inputs  "
        "\u00b7  "
        f"{count(found.replications)} runs of each setting  \u00b7  seed {found.seed}  \u00b7  "
        f"sensitivity {found.id}  \u00b7  model {runs.MODEL_VERSION}"
    )
