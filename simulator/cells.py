"""Cells: text for spreadsheets, none of which becomes a formula."""

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""How a text begins that a spreadsheet might take for a formula."""

_BEGINS = f"^[{''.join(FORMULA)}]".replace("-", "\\-")


def harmless(cell: Any) -> Any:
    """A cell; an apostrophe stands before text that begins like a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell


def harmless_table(table: pa.Table) -> pa.Table:
    """A table, of whose columns of text every cell is harmless."""
    for place, field in enumerate(table.schema):
        if pa.types.is_string(field.type):
            text = table[field.name]
            marked = pc.binary_join_element_wise("'", text, "")
            risky = pc.match_substring_regex(text, _BEGINS)
            table = table.set_column(place, field, pc.if_else(risky, marked, text))
    return table
