"""Cells: no text becomes a formula, numbers stay numbers, and nothing else changes."""

import pyarrow as pa
import pytest

from simulator.cells import FORMULA, harmless, harmless_table


@pytest.mark.parametrize("sign", FORMULA)
def test_text_that_begins_like_a_formula_is_marked(sign):
    """D06: an apostrophe stands before it, alone and in a table."""
    text = f"{sign}HYPERLINK(1)"
    assert harmless(text) == f"'{text}"
    table = harmless_table(pa.table({"text": [text, "a=b", None], "number": [-5, 1, 2]}))
    assert table["text"].to_pylist() == [f"'{text}", "a=b", None]
    assert table["number"].to_pylist() == [-5, 1, 2]


@pytest.mark.parametrize("cell", [-5, -5.5, None, "words", "5 - 3", ""])
def test_what_is_no_formula_stays_as_it_is(cell):
    """Numbers, also below 0, and other text are not touched."""
    assert harmless(cell) == cell
