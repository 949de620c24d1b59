"""The words of a sweep, as a terminal of 90 columns shows them."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from simulator.designs import Settings
from simulator.errors import visible
from simulator.estimates import rounded
from simulator.sweeps import Cell, Sweep
from simulator.wording import frequency, labelled, range_of, wrapped

MOST_COLUMNS = 7
"""Values of a factor that stand beside each other."""

MOST_ROWS = 20
"""Cells of a list; the best ones are shown."""

SHOWN_BEFORE = 3
"""Settings that are shown of those at the beginning of a plan."""


def words(sweep: Sweep, *, folder: Path | None = None, repeat: str = "") -> str:
    """The sweep as text of at most 90 columns, the answer first."""
    is_table = sweep.design == "grid" and len(sweep.factors) == 2
    is_table = is_table and len(sweep.factors[1].values) <= MOST_COLUMNS
    table = _table(sweep) if is_table else _list(sweep)
    parts = ["\n".join(map(wrapped, sentences(sweep))), "\n".join(table), "\n".join(_notes(sweep))]
    where = []
    if folder is not None:
        where = [
            labelled("Report", f"{folder}/report.html", split=False),
            labelled("Results", f"{folder}/", split=False),
        ]
    if repeat:
        where.append(labelled("Repeat", repeat, split=False))
    return "\n\n".join([*parts, *(["\n".join(where)] if where else [])]) + "\n"


def sentences(sweep: Sweep) -> Iterator[str]:
    """Which setting is best, how sure that is, and what it comes to on fresh draws."""
    best = sweep.best
    yield (
        f"Best of {len(sweep.cells)} settings: {setting_words(best.settings)}, with an average of "
        f"about USD {_average(best)} million in {sweep.year} on the {visible(sweep.statistics)} "
        f"and the target met in {frequency(best.chance)}."
    )
    near = sum(cell.is_near for cell in sweep.cells)
    if len(sweep.cells) == 1:
        return
    if near == 0:
        yield "It is clearly better than every other setting."
    elif near == 1:
        yield "It is not clearly better than 1 other setting (marked ~)."
    else:
        yield f"It is not clearly better than {near} other settings (marked ~)."


def setting_words(settings: Settings) -> str:
    """A setting as the command line writes it."""
    return ", ".join(f"{visible(path)}={value_words(value)}" for path, value in settings.items())


def value_words(value: Any) -> str:
    """A value of a factor, short."""
    return f"{value:.6g}" if isinstance(value, float) else visible(str(value))


def plan(settings: Sequence[Settings], each: int, seconds: float, size: float) -> str:
    """What a sweep is going to do: its runs, time in seconds, bytes, and some of its settings."""
    runs = (len(settings) + 1) * each
    size_words = f"{runs} runs, about {duration(seconds)}, {size / 1e6:.1f} MB."
    lines = [f"{len(settings)} settings, {each} runs of each and of the best again: {size_words}"]
    shown = list(settings[:SHOWN_BEFORE])
    lines += [f"  {setting_words(one)}" for one in shown]
    if len(settings) > SHOWN_BEFORE:
        rest = len(settings) - SHOWN_BEFORE - 1
        lines += [f"  and {rest} more"] if rest else []
        lines.append(f"  {setting_words(settings[-1])}")
    return "\n".join(lines) + "\n"


def duration(seconds: float) -> str:
    """A time in the unit that fits."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    minutes = seconds / 60
    return f"{minutes:.0f} min" if minutes < 100 else f"{minutes / 60:.0f} h"


def _average(cell: Cell) -> str:
    return rounded(cell.turnover.mean.value, cell.turnover.mean.error)


def _range(cell: Cell) -> str:
    return range_of(cell.turnover.p05, cell.turnover.p95)


def _marked(cell: Cell) -> str:
    return ("*" if cell.is_best else "~" if cell.is_near else "") + _average(cell)


def _table(sweep: Sweep) -> Iterator[str]:
    """Two factors: one down, one across."""
    down, across = sweep.factors
    yield f"  Turnover, USD million, average of {sweep.replications} runs each (90% of runs below)"
    yield f"  across: {visible(across.path)}"
    yield f"  down:   {visible(down.path)}"
    cells = iter(sweep.cells)
    yield " " * 12 + "".join(f"{value_words(value):>11}" for value in across.values)
    for value in down.values:
        row = [next(cells) for _ in across.values]
        yield f"{value_words(value):>12}" + "".join(f"{_marked(cell):>11}" for cell in row)
        yield " " * 12 + "".join(f"{_range(cell):>11}" for cell in row)


def _list(sweep: Sweep) -> Iterator[str]:
    """The cells in their order, or the best of many."""
    cells = list(sweep.cells)
    if len(cells) > MOST_ROWS:
        cells = sorted(cells, key=lambda cell: -cell.turnover.mean.value)[:MOST_ROWS]
        yield f"  The best {MOST_ROWS} of {len(sweep.cells)} settings"
    for number, one in enumerate(sweep.factors, start=1):
        yield f"  {number}  {visible(one.path)}"
    yield f"  Turnover, USD million, {sweep.replications} runs of each setting"
    heads = "".join(f"{number:>12}" for number in range(1, len(sweep.factors) + 1))
    yield f"  {heads}{'average':>12}{'90% of runs':>16}{'target met':>14}"
    for cell in cells:
        values = "".join(f"{value_words(v):>12}" for v in cell.settings.values())
        chance = f"{100 * cell.chance.share:.0f} of 100"
        yield f"  {values}{_marked(cell):>12}{_range(cell):>16}{chance:>14}"


def _notes(sweep: Sweep) -> Iterator[str]:
    if len(sweep.cells) > 1:
        count = len(sweep.cells)
        yield (
            f"  * best; ~ not clearly worse than it (corrected for all pairs of {count} settings)"
        )
    yield "  All settings use the same draws, so differences are surer than the ranges."
    again = rounded(sweep.fresh.value, sweep.fresh.error)
    yield f"  Best setting run again with fresh draws: {again} (was {_average(sweep.best)})."
