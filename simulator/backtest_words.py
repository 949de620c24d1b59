"""The words of a back-test, as a terminal of 90 columns shows them."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from simulator.evidence.backtest import Line
from simulator.evidence.panels import CONTROL, SANCTIONED
from simulator.wording import TO, count, labelled

NAMES = {
    SANCTIONED: "Pairs of two sanctioned economies",
    CONTROL: "Pairs like them, never sanctioned",
}
HALVES = {0: "both", 1: "first", 2: "second"}
"""Halves of the pairs."""


def words(lines: Sequence[Line], folder: Path) -> str:
    """The scores as text of at most 90 columns, both halves first; ``folder`` has the figures."""
    parts = ["\n".join(_block(group, lines)) for group in dict.fromkeys(x.group for x in lines)]
    return (
        "\n\n".join([*parts, "\n".join(_notes()), labelled("Figures", f"{folder}", split=False)])
        + "\n"
    )


def _block(group: str, lines: Sequence[Line]) -> Iterator[str]:
    some = [line for line in lines if line.group == group]
    rows: list[tuple[str, Callable[[Line], str]]] = [
        ("", _head),
        ("", lambda line: HALVES[line.half]),
        ("pairs", lambda line: count(line.pairs)),
        ("cases", lambda line: count(line.cases)),
        *((name, partial(_score, name)) for name in some[0].crps),
        ("skill over the best", lambda line: _signed(line.skill.value)),
        ("  its 95% interval from", lambda line: _signed(line.skill.low)),
        ("  to", lambda line: _signed(line.skill.high)),
        ("inside the 50% band", lambda line: f"{line.inner:.0%}"),
        ("inside the 90% band", lambda line: f"{line.outer:.0%}"),
    ]
    yield f"{NAMES[group]}: mean CRPS of log turnover, less is better"
    for title, told in rows:
        yield f"  {title:24}" + "".join(f"{told(line):>10}" for line in some)


def _score(name: str, line: Line) -> str:
    return f"{line.crps[name]:.3f}"


def _signed(share: float) -> str:
    """In percent, with a sign unless it is none."""
    return f"{round(100 * share):+d}%" if round(100 * share) else "0%"


def _head(line: Line) -> str:
    return "1 year" if line.horizon == 1 else f"{line.horizon} years"


def _notes() -> Iterator[str]:
    yield labelled(
        "How to read it",
        "every pair at every year with five years of record before it, as a panel knew it then; "
        f"skill is 1 {TO.strip()} score / best benchmark, with an interval by pairs. "
        "Choices are made on the first half alone, every other pair of the alphabet.",
    )
