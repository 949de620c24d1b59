"""Parts of a run: each replication once, and none that was damaged."""

import json
import os

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from runs_for_tests import synthetic

from simulator.errors import EnvironmentFaultError, InvariantError
from simulator.parts import (
    QUICK,
    Kept,
    content,
    encoded,
    gaps,
    growing,
    is_at_work,
    only,
    progress_of,
    read_tables,
    together,
)
from simulator.runs import SCHEMAS, written_out

WHOLE = synthetic(60).tables
PLAN = {"begun": 0, "asked": 60, "libraries": {"numpy": "2.0"}}


def cut(first, after):
    """Some replications of the whole."""
    return only(WHOLE, first, after)


def silent(_):
    """Tell nobody."""


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 10)), max_size=8), st.integers(0, 40))
def test_gaps_are_what_is_not_there(there, count):
    """What is there and the gaps make up everything below the count, and gaps do not overlap."""
    parts = [range(first, first + size) for first, size in there]
    found = gaps(parts, count)
    missing = [n for gap in found for n in gap]
    assert len(missing) == len(set(missing))
    assert set(missing) == set(range(count)) - {n for part in parts for n in part}


def test_parts_come_together_in_their_order():
    """Whatever the order in which they came, the whole is the same, and cut where asked."""
    kept = Kept()
    for first in (40, 0, 20):
        kept.add(range(first, first + 20), cut(first, first + 20))
    assert kept.missing(60) == []
    assert kept.missing(70) == [range(60, 70)]
    assert kept.tables(60) == WHOLE
    assert kept.tables(30) == cut(0, 30)


def test_files_have_a_row_group_for_a_thousand_replications():
    """All rows are in it in their order, whatever the chunks, and wherever a part begins."""
    schema = SCHEMAS["months"]
    number = np.repeat(np.arange(900, 2500), 3)
    row = {"month": "2023-01", "exporter": "AAA"}
    columns = {name: [value] * len(number) for name, value in row.items()}
    whole = pa.table(
        {"replication": number, **columns, "delivered_cents": np.arange(len(number))}, schema=schema
    )
    tables = {name: schema.empty_table() for name, schema in SCHEMAS.items()}
    chunks = pa.concat_tables([whole[:7], whole[7:3000], whole[3000:]])
    files, again = encoded(tables | {"months": whole}), encoded(tables | {"months": chunks})
    assert files == again
    file = pq.ParquetFile(pa.BufferReader(files["months.parquet"]))
    sizes = [file.metadata.row_group(n).num_rows for n in range(file.num_row_groups)]
    assert sizes == [3 * 100, 3 * 1000, 3 * 500]
    assert file.read() == whole


@pytest.mark.parametrize("write", [lambda table: table, written_out], ids=["now", "before"])
def test_tables_come_back_with_their_names(tmp_path, write):
    """Names are numbered in memory and on the disk, also those that were once written out."""
    for name, table in WHOLE.items():
        pq.write_table(write(table), tmp_path / f"{name}.parquet")
    back = read_tables(tmp_path)
    assert {name: table.schema for name, table in back.items()} == SCHEMAS
    assert all(written_out(back[name]) == written_out(WHOLE[name]) for name in SCHEMAS)


def test_equal_rows_are_equal_bytes():
    """What is written does not depend on how rows were cut."""
    ledger = WHOLE["ledger"]
    chunks = pa.concat_tables([ledger[:7], ledger[7:100], ledger[100:]])
    assert content(chunks) == content(ledger)


def test_tables_that_stay_are_small():
    """What goes soon is written quickly and a little larger; it holds the same rows."""
    small, quick = encoded(WHOLE), encoded(WHOLE, QUICK)
    for name, table in WHOLE.items():
        for files in (small, quick):
            file = pa.BufferReader(files[f"{name}.parquet"])
            assert written_out(pq.read_table(file)) == written_out(table)
    assert sum(map(len, small.values())) < sum(map(len, quick.values()))


def test_nothing_is_a_run_without_rows():
    """No parts are tables with all their columns and no row."""
    empty = together([], 10)
    assert {name: table.schema for name, table in empty.items()} == {
        name: table.schema for name, table in WHOLE.items()
    }
    assert all(table.num_rows == 0 for table in empty.values())


def test_what_was_added_is_there_for_the_next_process(tmp_path):
    """A part is on the disk once it was added; the folder goes when the run is stored."""
    folder = tmp_path / "run.unfinished"
    with growing(folder, PLAN, None, silent) as parts:
        parts.add(range(20, 40), cut(20, 40))
    with growing(folder, PLAN, None, silent) as parts:
        assert parts.missing(60) == [range(20), range(40, 60)]
        parts.add(range(20), cut(0, 20))
        assert progress_of(folder) == (40, 60)
        parts.add(range(40, 60), cut(40, 60))
        assert parts.tables(60) == WHOLE
        parts.finish(50)
        assert folder.exists(), "it holds replications beyond those that were stored"
        parts.finish(60)
    assert not folder.exists()


def test_a_finished_run_is_the_beginning_of_a_longer_one(tmp_path):
    """Only what comes after it is missing."""
    with growing(tmp_path / "x", PLAN, cut(0, 50), silent) as parts:
        assert parts.missing(60) == [range(50, 60)]
        parts.add(range(50, 60), cut(50, 60))
        assert parts.tables(60) == WHOLE


@pytest.mark.parametrize("how", ["flipped", "short", "gone"])
def test_a_damaged_part_is_set_aside(tmp_path, how):
    """F22: what was not written like that is kept under another name, and is missing again."""
    said = []
    with growing(tmp_path / "x", PLAN, None, silent) as parts:
        parts.add(range(20), cut(0, 20))
        parts.add(range(20, 40), cut(20, 40))
        (part,) = (tmp_path / "x").glob("00000020-*")
        file = part / "years.parquet"
        content = bytearray(file.read_bytes())
        content[len(content) // 2] ^= 1
        if how == "gone":
            file.unlink()
        else:
            file.write_bytes(content[: len(content) // 2] if how == "short" else content)
        assert parts.tables(40) == cut(0, 40), "whoever wrote it has it still"
    with growing(tmp_path / "x", PLAN, None, said.append) as parts:
        assert parts.missing(40) == []
        assert parts.tables(40)["replications"].num_rows == 20
        assert parts.missing(40) == [range(20, 40)]
    assert "damaged" in said[0]
    assert list((tmp_path / "x").glob("*.bad"))


def test_the_same_part_twice_is_once(tmp_path):
    """G06: what is computed twice has the same bytes; other bytes are an error of the program."""
    with growing(tmp_path / "x", PLAN, None, silent) as parts:
        parts.add(range(20), cut(0, 20))
        parts.add(range(20), cut(0, 20))
        other = dict(WHOLE) | {"replications": cut(20, 40)["replications"]}
        with pytest.raises(InvariantError, match="0 to 19 came out differently") as caught:
            parts.add(range(20), other)
        assert caught.value.exit_code == 7
        assert parts.tables(20) == cut(0, 20)


def test_one_process_at_a_time(tmp_path):
    """F15: the second one is told who is at work and since when; the lock of the dead is free."""
    folder = tmp_path / "x"
    with (
        growing(folder, PLAN, None, silent),
        pytest.raises(EnvironmentFaultError, match=f"by process {os.getpid()} since 20"),
        growing(folder, PLAN, None, silent),
    ):
        pass
    with growing(folder, PLAN, None, silent):
        assert is_at_work(folder)
    assert not is_at_work(folder)


def test_versions_are_not_mixed(tmp_path):
    """F28: what another version of a library has begun is not gone on with."""
    with growing(tmp_path / "x", PLAN, None, silent):
        pass
    newer = PLAN | {"libraries": {"numpy": "3.0"}}
    with (
        pytest.raises(EnvironmentFaultError, match=r"begun with numpy 2\.0, and this is 3\.0"),
        growing(tmp_path / "x", newer, None, silent),
    ):
        pass
    assert json.loads((tmp_path / "x" / "plan.json").read_text()) == PLAN


def test_a_link_is_not_followed(tmp_path):
    """F13: results do not go where a planted link leads."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "x").symlink_to(tmp_path / "elsewhere")
    with (
        pytest.raises(EnvironmentFaultError, match="link"),
        growing(tmp_path / "x", PLAN, None, silent),
    ):
        pass
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_folder_that_is_gone_is_told(tmp_path):
    """F17: a deleted folder is not made anew in the midst of a run."""
    import shutil

    with growing(tmp_path / "x", PLAN, None, silent) as parts:
        shutil.rmtree(tmp_path / "x")
        with pytest.raises(EnvironmentFaultError):
            parts.add(range(20), cut(0, 20))
    assert not (tmp_path / "x").exists()


def test_parts_do_not_tell_how_they_were_cut():
    """Tables of pieces equal those of the whole in their types as well."""
    pieces = together([cut(n, n + 7) for n in range(0, 60, 7)], 60)
    assert all(isinstance(table, pa.Table) for table in pieces.values())
    assert pieces == WHOLE
