"""The words of a comparison, as a terminal of 90 columns shows them."""

from collections.abc import Iterator
from pathlib import Path

from simulator.comparisons import Chances, Comparison, Row
from simulator.errors import visible
from simulator.estimates import rounded
from simulator.wording import MINUS, alike, fitted, frequency, labelled, wrapped

COLUMNS = 24
"""Columns of the labels of the table."""

MOST_CAUSES = 5
"""Accounts that are named as where a change comes from."""

SHARE_OF_CHANGE = 0.02
"""Accounts that move less than this share of the largest one are left out."""

MOST_DIFFERENCES = 12
"""Lines of differing inputs."""


def words(comparison: Comparison, *, folder: Path | None = None) -> str:
    """The comparison as text of at most 90 columns, the answer first."""
    parts = [sentence(comparison), "\n".join(_table(comparison)), "\n".join(_rest(comparison))]
    if folder is not None:
        parts.append(
            "\n".join(
                labelled(label, place, split=False)
                for label, place in (("Report", f"{folder}/report.html"), ("Plots", f"{folder}/"))
            )
        )
    return "\n\n".join(parts) + "\n"


def sentence(comparison: Comparison) -> str:
    """The change in one or two sentences."""
    return "\n".join(map(wrapped, (_of_turnover(comparison), _of_chance(comparison))))


def change_of(row: Row) -> str:
    """A change with its 95 % interval, or in a word why none is told."""
    half = row.change.half_width
    if row.higher == row.lower == 0:
        return "none in any run"
    if not row.is_clear:
        return "~ no clear difference"
    if half is None:
        return f"{signed(row.change.value, 0)} (withheld)"
    error = row.change.error
    low, high = row.change.value - half, row.change.value + half
    return f"{signed(row.change.value, error)} ({signed(low, error)} to {signed(high, error)})"


def signed(value: float, error: float) -> str:
    """A number with its sign and the digits that its error supports."""
    text = rounded(abs(value), error)
    return f"{MINUS if value < 0 else '+'}{text}"


def better(row: Row, pairs: int) -> str:
    """In how many of 100 pairs the other run is higher, or lower where that is what it is."""
    if row.higher >= row.lower:
        return f"higher in {of_pairs(row.higher, pairs)}"
    return f"lower in {of_pairs(row.lower, pairs)}"


def of_pairs(hits: int, pairs: int) -> str:
    """Some of the pairs, of 100 where there are more."""
    return f"{hits} of {pairs}" if pairs <= 100 else f"{100 * hits / pairs:.0f} of 100"


def _of_turnover(comparison: Comparison) -> str:
    names = f"{visible(comparison.after)} and {visible(comparison.before)}"
    if not comparison.rows:
        return f"No answer: the target year of {names} is not simulated to its end."
    row = comparison.rows[0]
    where = f"in {comparison.year} on the {visible(row.words)}"
    if row.higher == row.lower == 0:
        return f"{names} give the same turnover {where} in every run."
    if not row.is_clear:
        return f"No clear difference of turnover between {names} {where}."
    if row.change.half_width is None:
        return (
            f"{visible(comparison.after)} is {better(row, comparison.pairs)} pairs of runs than "
            f"{visible(comparison.before)} {where}, on average by USD "
            f"{rounded(abs(row.change.value), 0)} million (interval withheld: "
            f"{row.change.withheld})."
        )
    side = "beats" if row.change.value > 0 else "falls short of"
    half = row.change.half_width
    assert half is not None
    error, amount = row.change.error, abs(row.change.value)
    low, high = (rounded(value, error) for value in (amount - half, amount + half))
    return (
        f"{visible(comparison.after)} {side} {visible(comparison.before)} by about USD "
        f"{rounded(amount, error)} million {where} (95% interval of the average: {low} to {high}); "
        f"it is {better(row, comparison.pairs)} pairs of runs."
    )


def _of_chance(comparison: Comparison) -> str:
    if not comparison.chances:
        return ""
    told = comparison.chances[0]
    counts = f"{frequency(told.after)} instead of {frequency(told.before).removesuffix(' runs')}"
    if told.change.is_clear:
        return f"The target is met in {counts} ({points(told)})."
    return f"The target is met in {counts}, which is no clear difference ({points(told)})."


def points(chances: Chances) -> str:
    """A change of a chance in percentage points with its interval."""
    change = chances.change
    low, value, high = (
        f"{100 * v:+.1f}".replace("-", MINUS) for v in (change.low, change.value, change.high)
    )
    return f"{value} percentage points, 95% interval {low} to {high}"


def _table(comparison: Comparison) -> Iterator[str]:
    yield f"  A  {visible(comparison.before)}"
    yield f"  B  {visible(comparison.after)}"
    yield ""
    yield "  Turnover, USD million, current prices, exports FOB, imports CIF, averages"
    yield f"{'':28}{'A':>7}{'B':>7}{'change (95% CI)':>27}{'pairs':>21}"
    for row in comparison.rows:
        yield _cells(row, comparison.pairs)
    for told in comparison.chances:
        label = f"Target met, {visible(told.title).removeprefix('statistics of ')}"
        before, after = (f"{100 * chance.share:.0f}%" for chance in (told.before, told.after))
        change = f"{100 * told.change.value:+.1f} points".replace("-", MINUS)
        change = change if told.change.is_clear else "~ no clear difference"
        yield f"    {fitted(label, COLUMNS)}{before:>7}{after:>7}{change:>27}"
    withheld = {row.change.withheld or "" for row in comparison.rows if row.is_clear} - {""}
    if withheld:
        # The one that needs most is the longest, or else the last in order.
        reason = max(withheld, key=lambda text: (len(text), text))
        yield f"    Withheld: the interval of a change ({reason})."


def _cells(row: Row, pairs: int) -> str:
    before, after = (rounded(value, row.change.error) for value in (row.before, row.after))
    count = better(row, pairs) if row.higher or row.lower else ""
    label = fitted(_capital(visible(row.words)), COLUMNS)
    return f"    {label}{before:>7}{after:>7}{change_of(row):>27}{count:>21}"


def _rest(comparison: Comparison) -> Iterator[str]:
    causes = [row for row in comparison.causes if row.is_clear]
    largest = max((abs(row.change.value) for row in causes), default=0.0)
    shown = [row for row in causes if abs(row.change.value) >= SHARE_OF_CHANGE * largest]
    told = [
        f"{row.words} {signed(row.change.value, row.change.error)}" for row in shown[:MOST_CAUSES]
    ]
    if told:
        yield labelled("Where it comes from", f"{' · '.join(told)} (true flow, FOB)")
    yield from _inputs(comparison)
    draws = "the same draws" if comparison.is_same_seed else "DIFFERENT seeds: draws are not shared"
    yield labelled("Pairs", f"{comparison.pairs} runs of each, {draws}")


def _inputs(comparison: Comparison) -> Iterator[str]:
    """What differs between the scenarios; what changes alike stands in one line."""
    lines = [
        f"{pattern}: {visible(one.was)} → {visible(one.value)}" + (f", {n} times" if n > 1 else "")
        for pattern, one, n in alike(comparison.differences)
    ]
    label = f"Different ({len(comparison.differences)})"
    for line in lines[:MOST_DIFFERENCES]:
        yield labelled(label, line)
        label = ""
    if len(lines) > MOST_DIFFERENCES:
        yield labelled("", f"and {len(lines) - MOST_DIFFERENCES} more")
    yield labelled("Same in both", f"{comparison.alike} numbers")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
