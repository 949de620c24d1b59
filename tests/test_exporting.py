"""What other programs read of a run is what the run holds, and never a formula."""

import builtins
import math
import zipfile
from xml.etree import ElementTree as ET

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow import csv
from runs_for_tests import synthetic

from simulator import exporting, storage
from simulator.errors import EnvironmentFaultError
from simulator.runs import SCHEMAS, Run

SPACE = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
HOSTILE = ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", 'a "b", c', "plain"]


@pytest.fixture
def run():
    """Eight replications, with names of deals that a spreadsheet might take for formulas."""
    made = synthetic(8, question="=HYPERLINK(1) \u0441?")
    deals = made.tables["replications"]
    deals = deals.set_column(deals.schema.names.index("largest_deal"), "largest_deal", [HOSTILE])
    return Run(made.scenario, made.seed, 8, made.tables | {"replications": deals})


@pytest.fixture
def folder(run, tmp_path):
    """The same run in the store."""
    return storage.keep(run, tmp_path)


def _sheets(path):
    """Sheets of a workbook: rows of texts and numbers."""
    with zipfile.ZipFile(path) as file:
        names = [s.get("name") for s in ET.fromstring(file.read("xl/workbook.xml"))  # noqa: S314
                 .iter(f"{SPACE}sheet")]  # fmt: skip
        for number, name in enumerate(names, start=1):
            sheet = ET.fromstring(file.read(f"xl/worksheets/sheet{number}.xml"))  # noqa: S314
            assert not list(sheet.iter(f"{SPACE}f")), "a formula"
            rows = ([_cell(c) for c in r.iter(f"{SPACE}c")] for r in sheet.iter(f"{SPACE}row"))
            yield name, list(rows)


def _cell(cell):
    text = "".join(cell.itertext())
    return text if cell.get("t") == "inlineStr" else float(text)


def test_every_format_holds_the_run(run, folder, tmp_path):
    """Tables come back from each format; the run is as it was."""
    before = {path: path.read_bytes() for path in folder.iterdir()}
    target = tmp_path / "out"
    exporting.export(folder, ("csv", "parquet", "xlsx"), target)
    sheets = dict(_sheets(target / "run.xlsx"))
    assert list(sheets) == [*SCHEMAS, "codebook", "run"]
    for name in SCHEMAS:
        expected = run.table(name)
        assert pq.read_table(target / f"{name}.parquet").equals(expected)
        options = csv.ConvertOptions(column_types=expected.schema)
        parsing = csv.ParseOptions(newlines_in_values=True)
        back = csv.read_csv(target / f"{name}.csv", None, parsing, options)
        assert back.drop_columns(["largest_deal"] * (name == "replications")).equals(
            expected.drop_columns(["largest_deal"] * (name == "replications"))
        )
        heading, *rows = sheets[name]
        assert heading == expected.schema.names
        for row, values in zip(rows, expected.to_pylist(), strict=True):
            for cell, value in zip(row, values.values(), strict=True):
                same = (
                    cell == value or cell.replace("_x000D_", "\r") == value
                    if isinstance(value, str)
                    else math.isclose(cell, value, rel_tol=1e-15)
                )
                assert same, (cell, value)  # fmt: skip
    assert dict(sheets["run"])["run"] == run.id
    assert dict(sheets["run"])["seed"] == str(run.seed)
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


def test_no_text_becomes_a_formula(folder, tmp_path):
    """D06 to D08: what begins like a formula has an apostrophe before it; all is UTF-8 with LF."""
    exporting.export(folder, ("csv",), tmp_path / "out")
    text = (tmp_path / "out" / "replications.csv").read_bytes().decode()
    for hostile in HOSTILE[:6]:
        assert f'"\'{hostile}"' in text
    assert '"a ""b"", c"' in text
    assert "\r\n" not in text
    assert '"\'=HYPERLINK(1) \u0441?"' in (tmp_path / "out" / "run.csv").read_text("utf-8")


def test_the_codebook_explains_every_column():
    """Every column of every table has type, unit and meaning, and no other has."""
    assert {name: list(columns) for name, columns in exporting.MEANINGS.items()} == {
        name: schema.names for name, schema in SCHEMAS.items()
    }
    for row in exporting.codebook().to_pylist():
        assert all(row.values()), row


def test_the_same_run_gives_the_same_files(folder, tmp_path):
    """Nothing in an export tells when it was made."""
    for name in ("one", "two"):
        exporting.export(folder, ("csv", "parquet", "xlsx"), tmp_path / name)
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes(), path.name


def test_what_no_sheet_can_hold_is_refused(folder, tmp_path, monkeypatch):
    """A table too long, or a text too long, ends in a sentence and leaves nothing."""
    monkeypatch.setattr(exporting, "MOST_ROWS", 8)
    with pytest.raises(EnvironmentFaultError, match=r"8 rows .* export csv or parquet"):
        exporting.export(folder, ("xlsx",), tmp_path / "out")
    assert not (tmp_path / "out").exists()
    monkeypatch.undo()
    with pytest.raises(EnvironmentFaultError, match="no cell of Excel"):
        exporting.FORMATS["xlsx"]({"long": pa.table({"text": ["x" * 40_000]})}, tmp_path)


def test_a_missing_library_is_named_with_its_extra(folder, tmp_path, monkeypatch):
    """Who has no XlsxWriter reads what to type."""
    real = builtins.__import__

    def missing(name, *rest, **options):
        if name == "xlsxwriter":
            raise ImportError
        return real(name, *rest, **options)

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(EnvironmentFaultError, match=r"trade-simulator\[excel\]"):
        exporting.export(folder, ("xlsx",), tmp_path / "out")
