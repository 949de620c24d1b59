"""Series: figures that were published, by statistics office and year, from a CSV file."""

import csv
import re
from collections.abc import Iterator
from typing import Any

from simulator.errors import Problem
from simulator.scenario.scalars import (
    ScalarError,
    forbidden,
    forbidden_words,
    number_meant,
    resolved,
)
from simulator.scenario.trees import Mark, Path, Source, Tree
from simulator.scenario.types import FIRST_YEAR, LAST_YEAR

HEADER = ("statistics", "year", "turnover_usd_million", "source")
"""Columns of the file, in this order; the last one is for people."""

MOST_ROWS = 5
"""Rows told: a file of another kind has a fault in every one."""

_YEAR, _PERIOD = re.compile(r"[0-9]{4}"), re.compile(r"[0-9]{4}(-(0[1-9]|1[0-2]))?")


def series(source: Source, *, by_month: bool = False) -> tuple[Tree, list[Problem]]:
    """Million dollars by statistics office and year, each with the line that states it.

    Args:
        source: The text of the file.
        by_month: Whether a year may be told to the end of a month, as in 2025-06.

    Returns:
        The tree, and what is wrong with the rows.

    """
    hidden = [
        Mark(source, number, hit.start() + 1).problem("S114", forbidden_words(hit[0]))
        for number, line in enumerate(source.lines, start=1)
        if (hit := forbidden(line))
    ]
    if hidden:
        return Tree({}), hidden[:MOST_ROWS]
    rows = _rows(source)
    fault = _fault_of_header(source, rows[0][1] if rows else [])
    if fault is not None:
        return Tree({}), [fault]
    plain: dict[str, dict[str, Any]] = {}
    marks: dict[Path, Mark] = {}
    problems: list[Problem] = []
    for line, row in rows[1:]:
        mark = Mark(source, line, 1, max(1, len(source.lines[line - 1])))
        found = list(_faults(row, mark, _PERIOD if by_month else _YEAR))
        office, year = (cell.strip() for cell in (*row, "", "")[:2])
        if not found and (office, year) in marks:
            first = marks[office, year].line
            message = f"{office} {year} stands twice"
            found = [mark.problem("S173", message, note=f"first on line {first}", also=(first,))]
        if not found:
            plain.setdefault(office, {})[year] = float(row[2]) + 0.0
            marks.setdefault((office,), mark)
            marks[office, year] = mark
        problems += found
    return Tree(plain, marks, dict(marks)), problems[:MOST_ROWS]


def _rows(source: Source) -> list[tuple[int, list[str]]]:
    """Rows that are not empty, each with its first line; a cell may hold the end of a line.

    A row that cannot be read, such as one whose quotes are never closed, is one cell.
    """
    reader = csv.reader((f"{line}\n" for line in source.lines), strict=True)
    rows: list[tuple[int, list[str]]] = []
    while True:
        first = reader.line_num + 1
        try:
            row = next(reader)
        except StopIteration:
            return rows
        except csv.Error:
            return [*rows, (min(first, len(source.lines)), ["unreadable"])]
        if any(cell.strip() for cell in row):
            rows.append((first, row))


def _fault_of_header(source: Source, row: list[str]) -> Problem | None:
    mark = Mark(source, 1, 1, max(1, len(source.lines[0]) if source.lines else 1))
    header = tuple(cell.strip() for cell in row)
    if header == HEADER:
        return None
    example = ",".join(HEADER)
    if len(header) == 1 and any(sign in header[0] for sign in ";\t"):
        sign = ";" if ";" in header[0] else "tabs"
        message = f"columns are separated by {sign}, expected commas"
        return mark.problem("S172", message, example=example)
    note = f"found {','.join(header)[:80] or 'nothing'}"
    return mark.problem("S172", "the columns are not those of a series", note=note, example=example)


def _faults(row: list[str], mark: Mark, period: re.Pattern[str]) -> Iterator[Problem]:
    """What is wrong with one row, at its line."""
    if row == ["unreadable"]:
        yield mark.problem("S173", "the row cannot be read: are its quotes closed?")
        return
    if len(row) != len(HEADER):
        message = f"expected {len(HEADER)} columns, found {len(row)}"
        advice = ""
        if len(row) == 1 and row[0].count(";") == len(HEADER) - 1:
            message = "columns are separated by ;, expected commas"
        if len(row) == len(HEADER) + 1 and row[2].isdecimal() and row[3].isdecimal():
            message += "; a decimal comma?"
            advice = f"{row[2]}.{row[3]}"
        yield mark.problem("S173", message, example=advice)
        return
    year, amount = row[1].strip(), row[2].strip()
    if not period.fullmatch(year) or not FIRST_YEAR <= int(year[:4]) <= LAST_YEAR:
        message = f"year: expected a year such as 2021, found '{year[:40]}'"
        yield mark.problem("S173", message)
    try:
        number = resolved(amount)
    except ScalarError as error:
        yield mark.problem("S173", f"turnover_usd_million: {error}")
        return
    if isinstance(number, bool) or not isinstance(number, int | float):
        message = f"turnover_usd_million: expected a number, found '{amount[:40]}'"
        advice = number_meant(amount, "turnover_usd_million")
        yield mark.problem("S173", message, example=advice)
    elif number < 0:
        yield mark.problem("S173", f"turnover_usd_million: must be 0 or more, found {amount}")
