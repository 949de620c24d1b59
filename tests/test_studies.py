"""Studies: what was told lies in one folder, whole or not at all, and is never written over."""

import json

import pyarrow as pa
import pytest

from simulator.studies import kept


def figure(folder):
    """A figure that is a text."""
    (folder / "figure.svg").write_text("a picture")


def test_everything_that_was_told_lies_in_one_folder(tmp_path):
    """Data as JSON, tables that have rows as CSV, figures in a folder of their own."""
    tables = {"points": pa.table({"x": [1, 2]}), "none": pa.table({"x": pa.array([], pa.int64())})}
    folder = kept(tmp_path / "study-1", "study", {"answer": 42}, tables, figure)
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert files == {"study.json", "points.csv", "plots/figure.svg"}
    assert json.loads((folder / "study.json").read_text()) == {"answer": 42}
    assert (folder / "points.csv").read_text().splitlines() == ['"x"', "1", "2"]


def test_what_is_there_stays_as_it_is(tmp_path):
    """The same study asked again is not written again."""
    folder = kept(tmp_path / "study-1", "study", {"answer": 42}, {}, figure)
    assert kept(folder, "study", {"answer": 43}, {}, figure) == folder
    assert json.loads((folder / "study.json").read_text()) == {"answer": 42}


def test_a_study_that_cannot_be_drawn_leaves_nothing_behind(tmp_path):
    """A folder appears with all that belongs into it, or not."""

    def fails(_):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        kept(tmp_path / "study-1", "study", {}, {}, fails)
    assert list(tmp_path.iterdir()) == []
