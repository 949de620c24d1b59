"""Exporting: the tables of a run as files for other programs, with a book that explains them."""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import csv

from simulator import storage
from simulator.cells import harmless_table
from simulator.errors import EnvironmentFaultError
from simulator.files import once
from simulator.ledger import ACCOUNTS
from simulator.runs import SCHEMAS, Run, Tables, written_out

MOST_ROWS = 1_048_576
"""Rows of a sheet of Excel, the headings among them."""

CREATED = datetime(2000, 1, 1)  # noqa: DTZ001 -- Excel knows no time zones
"""A date for every workbook, so that the same run gives the same file."""

USD_CENTS, CODE, COUNT, TRUTH, NUMBER = "US cents", "code", "count", "true or false", "number"

_REPLICATION = (NUMBER, "Number of the replication, from 0: one possible course of events.")
_EXPORTER = (CODE, "Economy that the goods come from, by ISO 3166-1 alpha-3.")

MEANINGS: dict[str, dict[str, tuple[str, str]]] = {
    "replications": {
        "replication": _REPLICATION,
        "orders": (COUNT, "Orders placed within the whole horizon and its warm-up."),
        "delivered_orders": (COUNT, "Those of them that were delivered."),
        "lost_orders": (COUNT, "Those of them that were lost for good."),
        "delivered_cents": (
            USD_CENTS,
            "True deliveries, free on board, in the target year of the headline statistics.",
        ),
        "potential_cents": (
            USD_CENTS,
            "What would be traded in that year if nothing stood in the way.",
        ),
        "largest_deal_cents": (USD_CENTS, "Deliveries of that year under its largest deal."),
        "largest_deal_is_contract": (TRUTH, "Whether that deal is a contract of the scenario."),
        "largest_deal": ("text", "Name of that deal."),
    },
    "years": {
        "replication": _REPLICATION,
        "statistics": (CODE, "Statistics office, as the scenario names it."),
        "year": ("year", "Year of the calendar of the office: the Gregorian one it begins in."),
        "exporter": _EXPORTER,
        "reported_usd": (
            "USD",
            "What the office would publish, with its error; imports with freight and insurance.",
        ),
        "delivered_cents": (USD_CENTS, "The true flow of that year, free on board."),
        "largest_deal_cents": (
            USD_CENTS,
            "Deliveries under the largest deal of that year, at its exporter; else 0.",
        ),
        "complete": (TRUTH, "Whether the whole year lies within the horizon."),
    },
    "months": {
        "replication": _REPLICATION,
        "month": ("year-month", "Gregorian calendar month."),
        "exporter": _EXPORTER,
        "delivered_cents": (USD_CENTS, "True deliveries of the month, free on board."),
    },
    "ledger": {
        "replication": _REPLICATION,
        "year": ("year", "Year of the headline statistics: the Gregorian one it begins in."),
        "exporter": _EXPORTER,
        "good": (CODE, "Good, as the scenario names it."),
        "account": (
            CODE,
            "Account; potential less all accounts between makes realised: "
            + "; ".join(f"{key} = {words}" for key, words in ACCOUNTS.items())
            + ".",
        ),
        "cents": (USD_CENTS, "Amount of the account; what is zero has no row."),
    },
}
"""Unit and meaning of every column of every table."""


def export(folder: Path, formats: tuple[str, ...], target: Path) -> None:
    """Write the tables of a finished run, ``codebook.csv`` and ``run.csv`` into a new folder.

    Args:
        folder: The folder of the run, which stays as it is.
        formats: Some of ``FORMATS``.
        target: The new folder; it appears whole or not at all.

    Raises:
        EnvironmentFaultError: The run cannot be read or is not finished, the target cannot be
            written, a table is too long for a sheet, or the library for workbooks is missing.

    """
    run = storage.load_run(folder)
    if not run.is_complete:
        raise EnvironmentFaultError(f"{folder} is still in progress; sim run goes on with it")
    books = {"codebook": codebook(), "run": _facts(run, storage.manifest_of(folder))}
    tables = {name: written_out(table) for name, table in run.tables.items()}

    def fill(place: Path) -> None:
        _write_csv(books, place)
        for name in formats:
            FORMATS[name](tables if name != "xlsx" else tables | books, place)

    once(target, fill)


def codebook() -> pa.Table:
    """Type, unit and meaning of every column."""
    rows = [
        {
            "table": name,
            "column": field.name,
            "type": str(field.type),
            "unit": unit,
            "meaning": text,
        }
        for name, schema in SCHEMAS.items()
        for field, (unit, text) in (
            (field, MEANINGS[name][field.name])
            for field in written_out(schema.empty_table()).schema
        )
    ]
    return pa.Table.from_pylist(rows)


def _facts(run: Run, manifest: dict[str, Any]) -> pa.Table:
    """What the tables follow from, as text: a spreadsheet would round a long seed."""
    facts = {
        "scenario": run.scenario.name,
        "question": run.scenario.question,
        "run": manifest["run"],
        "seed": str(run.seed),
        "replications": str(run.replications),
        "model_version": manifest["model_version"],
    }
    return pa.table({"name": list(facts), "value": list(facts.values())})


def _write_csv(tables: Tables, place: Path) -> None:
    """A file a table: UTF-8, LF, decimal points, text in quotes."""
    for name, table in tables.items():
        csv.write_csv(harmless_table(table), place / f"{name}.csv")


def _write_parquet(tables: Tables, place: Path) -> None:
    """A file a table."""
    for name, table in tables.items():
        pq.write_table(table, place / f"{name}.parquet", compression="zstd")


def _write_xlsx(tables: Tables, place: Path) -> None:
    """One workbook with a sheet a table; text stays text, whatever it begins with."""
    for name, table in tables.items():
        if table.num_rows >= MOST_ROWS:
            raise EnvironmentFaultError(
                f"{name} has {table.num_rows:,} rows and a sheet of Excel holds "
                f"{MOST_ROWS - 1:,} below its headings; export csv or parquet"
            )
    try:
        from xlsxwriter import Workbook  # noqa: PLC0415 -- an extra that may be missing
    except ImportError:
        message = "workbooks need XlsxWriter: pip install 'trade-simulator[excel]'"
        raise EnvironmentFaultError(message) from None
    # Rows go to the disk as they come, whatever their number.
    options = {"constant_memory": True, "tmpdir": str(place)}
    with Workbook(str(place / "run.xlsx"), options) as book:
        book.set_properties({"created": CREATED})
        for name, table in tables.items():
            _write_sheet(book.add_worksheet(name), table)


def _write_sheet(sheet: Any, table: pa.Table) -> None:
    for column, heading in enumerate(table.column_names):
        sheet.write_string(0, column, heading)
    write: dict[type, Callable[..., int]] = {
        str: sheet.write_string,
        bool: sheet.write_boolean,
        int: sheet.write_number,
        float: sheet.write_number,
    }
    for number, row in enumerate(_rows(table), start=1):
        for column, value in enumerate(row):
            if write[type(value)](number, column, value):
                message = f"{table.column_names[column]} has a text that no cell of Excel can hold"
                raise EnvironmentFaultError(f"{message}; export csv or parquet")


def _rows(table: pa.Table) -> Iterator[tuple[Any, ...]]:
    """The rows of a table, some thousands of them in memory at a time."""
    for batch in table.to_batches(max_chunksize=10_000):
        yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)


FORMATS: dict[str, Callable[[Tables, Path], None]] = {
    "csv": _write_csv,
    "parquet": _write_parquet,
    "xlsx": _write_xlsx,
}
"""What the tables can be written as."""
