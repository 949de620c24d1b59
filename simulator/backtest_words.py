"""The words of a back-test, as a terminal of 90 columns shows them."""

from collections.abc import Iterator, Sequence

from simulator.evidence.backtest import BENCHMARKS, MODEL, Line
from simulator.evidence.panels import CONTROL, SANCTIONED
from simulator.wording import TO, count, labelled

NAMES = {
    SANCTIONED: "Pairs of two sanctioned economies",
    CONTROL: "Pairs like them, never sanctioned",
}
HALVES = {0: "both halves", 1: "first half", 2: "second half"}


def words(lines: Sequence[Line]) -> str:
    """The scores as text of at most 90 columns, both halves first."""
    parts = ["\n".join(_block(group, lines)) for group in dict.fromkeys(x.group for x in lines)]
    return "\n\n".join([*parts, "\n".join(_notes())]) + "\n"


def _block(group: str, lines: Sequence[Line]) -> Iterator[str]:
    yield f"{NAMES.get(group, group)}: mean CRPS of log turnover, less is better"
    some = [line for line in lines if line.group == group]
    yield f"{'':26}" + "".join(f"{_head(line):>10}" for line in some)
    yield f"{'':26}" + "".join(f"{HALVES[line.half].split()[0]:>10}" for line in some)
    yield f"  {'pairs':24}" + "".join(f"{line.pairs:>10}" for line in some)
    yield f"  {'cases':24}" + "".join(f"{count(line.cases):>10}" for line in some)
    for name in (MODEL, *BENCHMARKS):
        yield f"  {name:24}" + "".join(f"{line.crps[name]:>10.3f}" for line in some)
    yield f"  {'skill over the best':24}" + "".join(f"{line.skill.value:>+10.0%}" for line in some)
    yield f"  {'    95% interval, low':24}" + "".join(f"{line.skill.low:>+10.0%}" for line in some)
    yield f"  {'    95% interval, high':24}" + "".join(
        f"{line.skill.high:>+10.0%}" for line in some
    )
    yield f"  {'inside the 50% band':24}" + "".join(f"{line.inner:>10.0%}" for line in some)
    yield f"  {'inside the 90% band':24}" + "".join(f"{line.outer:>10.0%}" for line in some)


def _head(line: Line) -> str:
    return "1 year" if line.horizon == 1 else f"{line.horizon} years"


def _notes() -> Iterator[str]:
    yield labelled(
        "How to read it",
        "every pair at every year with five years of record before it, as a panel knew it then; "
        f"skill is 1 {TO.strip()} score / best benchmark, with an interval by pairs. "
        "Choices are made on the first half alone, every other pair of the alphabet.",
    )
