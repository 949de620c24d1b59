"""Figures of reasons: the ledger and the frictions as waterfalls; and their folder."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from simulator import runs, wording
from simulator.drawing import (
    BLUE,
    BOTTOM,
    GREY,
    HEIGHT,
    INK,
    RIGHT,
    VERMILLION,
    WIDTH,
    drawn,
    frame,
    panel,
    whole,
)
from simulator.errors import visible
from simulator.estimates import Mean
from simulator.reason_words import decimal, ends, half, ledger_units, share_units, shown_unit
from simulator.reasons import Reasons, Step, as_data
from simulator.runs import CENTS_PER_MILLION
from simulator.studies import kept

LABELS, NUMBERS = 3.5, 1.6
"""Inches beside the axes, for words and for numbers."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A row of a waterfall, in million dollars: a level, or a move from one level to the next."""

    words: str
    before: float
    after: float
    mean: Mean
    number: str
    is_level: bool = False

    @property
    def interval(self) -> tuple[float, float]:
        """Where it may end; of a level, and where nothing is told, only where it does."""
        half_width = 0.0 if self.is_level else self.mean.half_width or 0.0
        return self.after - half_width, self.after + half_width


def save_reasons(found: Reasons, folder: Path) -> Path:
    """Store reasons as JSON and CSV with their figures; the runs are stored already.

    Returns:
        ``<folder>/<scenario>/why-<id>``; if it is there already, it stays as it is.

    Raises:
        EnvironmentFaultError: The machine does not allow it.

    """
    final = folder / found.scenario / f"why-{found.id}"
    data = as_data(found)
    tables = {name: found.table(name) for name in ("ledger", "frictions", "prices")}
    return kept(final, "why", data, tables, partial(plot_reasons, found))


def plot_reasons(found: Reasons, folder: Path) -> list[Path]:
    """Draw the figures of reasons into a folder that is there, as SVG and PNG."""
    return drawn({"ledger": partial(ledger, found), "frictions": partial(frictions, found)}, folder)


def ledger(found: Reasons) -> Figure | None:
    """From potential to realised trade by first cause, with the interval of every step."""
    if not found.ledger:
        return None
    losses = [step for step in found.ledger if step.cents < 0]
    of = "more than the" if found.loss_cents < 0 else "of a"
    title = (
        f"USD {_whole(found.realised)} million of trade are realised in {found.year}, "
        f"{of} potential of {_whole(found.potential)}"
    )
    if losses:
        worst = min(losses, key=lambda step: step.cents)
        cause = worst.words.removeprefix("lost: ").removeprefix("late: ")
        title += f"; most is lost to: {cause}"
    unit, (potential, realised) = shown_unit(found), ends(found)
    bars = [
        _level(found.potential, potential, unit),
        *_moves(found.ledger, ledger_units(found), found.potential.cents, unit),
        _level(found.realised, realised, unit),
    ]
    return _drawn(found, bars, title, "Every dollar is booked to what stopped or delayed it first")


def frictions(found: Reasons) -> Figure | None:
    """From potential to realised trade by what each friction costs, after Shapley."""
    if not found.frictions:
        return None
    unit, (potential, realised) = shown_unit(found), ends(found)
    free_cents = found.potential.cents - found.rest.cents
    steps = [Step(one.key, one.words, -one.cents, one.mean) for one in found.frictions]
    rest = Step("rest", "capacity, relationships, timing", -found.rest.cents, found.rest.mean)
    free = Step("free", "without any friction", free_cents, Mean(0.0, None, None))
    *units, left = (-one for one in share_units(found))
    bars = [
        _level(found.potential, potential, unit),
        *_moves([rest], [left], found.potential.cents, unit),
        _level(free, potential + left, unit),
        *_moves(steps, units, free_cents, unit),
        _level(found.realised, realised, unit),
    ]
    if found.binds:
        now, *following = found.binds
        share = next(one for one in found.frictions if one.key == now.key)
        title = (
            f"What binds trade in {found.year}: {now.words}, which costs USD "
            f"{_million(share.cents):.2g} million"
        )
        title += "".join(f"; what would bind next: {one.words}" for one in following)
    else:
        title = f"No friction clearly binds trade in {found.year}"
    orders = "all" if found.orders is None else f"{found.orders} sampled"
    what = f"What each friction costs on average over {orders} orders of removal"
    return _drawn(found, bars, title, what)


def _drawn(found: Reasons, bars: Sequence[Bar], title: str, what: str) -> Figure:
    figure, top = frame(
        _footer(found),
        title,
        f"{what} (averages; thin lines: 95% interval of the step, where it can be told). USD "
        "million, current prices, true flow, exports FOB both ways. The steps add up exactly.",
    )
    axes = panel(
        figure, LABELS, BOTTOM, WIDTH - LABELS - NUMBERS - RIGHT, HEIGHT - top - BOTTOM - 0.1
    )
    for row, bar in enumerate(bars):
        _row(axes, row, bar)
    for row, (one, following) in enumerate(pairwise(bars)):
        axes.plot([one.after] * 2, [row, row + 1], color=GREY, linewidth=0.7, zorder=1)
        assert abs(one.after - following.before) < 1e-6
    axes.set_yticks(range(len(bars)), [wording.cut(visible(bar.words), 46) for bar in bars])
    axes.tick_params(axis="y", length=0, labelcolor=INK)
    axes.set_ylim(len(bars) - 0.4, -0.6)
    axes.grid(visible=False, axis="y")
    axes.grid(visible=True, axis="x", color="#ececec", linewidth=0.8)
    reach = [end for bar in bars for end in (bar.before, *bar.interval)]
    low, high = min(reach), max(reach)
    margin = 0.08 * (high - low) or 0.1 * abs(high) or 1.0
    axes.set_xlim(low - margin, high + margin)
    axes.set_xlabel("USD million (the axis does not begin at 0)", color=GREY)
    return figure


def _row(axes: Axes, row: int, bar: Bar) -> None:
    """A level as a mark, a move as a bar with its interval, and the number beside it."""
    if bar.is_level:
        axes.plot([bar.after] * 2, [row - 0.36, row + 0.36], color=INK, linewidth=3)
    else:
        is_loss = bar.after < bar.before
        axes.barh(
            row, abs(bar.after - bar.before), left=min(bar.before, bar.after), height=0.6,
            color=VERMILLION if is_loss else BLUE, hatch="//" if is_loss else "",
            edgecolor="white", linewidth=0.5,
        )  # fmt: skip
        if bar.mean.half_width is not None:
            axes.plot(bar.interval, [row, row], color=INK, linewidth=1, marker="|", markersize=6)
    axes.annotate(
        bar.number, (1, row), (8, 0), xycoords=("axes fraction", "data"),
        textcoords="offset points", va="center", annotation_clip=False,
        weight="bold" if bar.is_level else "normal",
    )  # fmt: skip


def _level(step: Step, shown: int, unit: int) -> Bar:
    value = _million(step.cents)
    return Bar(step.words, value, value, step.mean, decimal(shown, unit), is_level=True)


def _moves(steps: Sequence[Step], units: Sequence[int], start: int, unit: int) -> list[Bar]:
    """Steps one after the other from a level on."""
    bars, level = [], start
    for step, shown in zip(steps, units, strict=True):
        after = level + step.cents
        number = decimal(shown, unit, sign=True)
        if step.mean.half_width is not None:
            number += f" {half(step.mean)}"
        bars.append(Bar(step.words, _million(level), _million(after), step.mean, number))
        level = after
    return bars


def _million(cents: int) -> float:
    return cents / CENTS_PER_MILLION


def _whole(step: Step) -> str:
    return whole(_million(step.cents))


def _footer(found: Reasons) -> str:
    return (
        f"{visible(found.scenario)}  ·  {found.settings} settings of {found.replications} runs  ·  "
        f"seed {found.seed}  ·  run {found.run}  ·  model {runs.MODEL_VERSION}"
    )
