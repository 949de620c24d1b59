"""A stored run is what was written, or one is told what is not."""

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from engines.worlds import busy

from simulator import simulation, storage, verifying
from simulator.errors import EnvironmentFaultError, InvariantError
from simulator.files import digest
from simulator.runs import written_out


@pytest.fixture
def folder(tmp_path):
    """A real run of seven replications in the store."""
    return storage.keep(simulation.run(busy(), replications=7), tmp_path)


def _change(folder, **changes):
    path = folder / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def _tamper(folder, replication):
    """Another amount in one row, with a hash that fits."""
    path = folder / "months.parquet"
    table = pq.read_table(path)
    rows = table.to_pylist()
    next(row for row in rows if row["replication"] == replication)["delivered_cents"] += 1
    pq.write_table(pa.Table.from_pylist(rows, schema=table.schema), path)
    tables = json.loads((folder / "manifest.json").read_text())["tables"]
    _change(folder, tables=tables | {"months": digest(path)})


def test_an_untouched_run_comes_out_the_same(folder):
    """The sample is spread from the first replication to the last."""
    found = verifying.verified(folder, 3)
    assert found.recomputed == (0, 3, 6)
    assert "3 of 7 replications (0, 3, 6) come out the same again." in verifying.sentence(found)


def test_a_run_whose_names_are_written_out_is_the_same(folder):
    """Earlier versions wrote names as text in every row; their runs hold the same numbers."""
    hashes = {}
    for path in folder.glob("*.parquet"):
        pq.write_table(written_out(pq.read_table(path)), path)
        hashes[path.stem] = digest(path)
    _change(folder, tables=hashes)
    assert verifying.verified(folder, 7).recomputed == tuple(range(7))


def test_a_changed_file_is_found(folder):
    """A file that is not what was written is named."""
    (folder / "ledger.parquet").write_bytes(b"else")
    with pytest.raises(EnvironmentFaultError, match="ledger"):
        verifying.verified(folder)


def test_changed_rows_with_hashes_that_fit_are_found(folder):
    """Whoever changes numbers and hashes together is found by computing again."""
    _tamper(folder, 3)
    with pytest.raises(InvariantError, match=r"replication 3 .* months has other rows"):
        verifying.verified(folder, 7)


@pytest.mark.parametrize(
    ("changes", "words"),
    [({"seed": 5}, "manifest"), ({"tables": {}}, "every table"), ({"model_version": "0"}, "0.*")],
)
def test_a_changed_manifest_is_found(folder, changes, words):
    """Scenario, seed, hashes and version belong together."""
    _change(folder, **changes)
    with pytest.raises(EnvironmentFaultError, match=words):
        verifying.verified(folder)


def test_other_libraries_are_told(folder):
    """A difference may come from a library: the message says which one has changed."""
    before = storage.libraries()
    _change(folder, libraries=before | {"numpy": "1.0"})
    told = f"numpy {before['numpy']} instead of 1.0"
    assert told in verifying.sentence(verifying.verified(folder, 1))
    _tamper(folder, 0)
    with pytest.raises(InvariantError, match=told):
        verifying.verified(folder, 1)


def test_samples_are_spread():
    """Never more than there are, and the ends among them."""
    assert verifying.spread(60, 5) == (0, 14, 29, 44, 59)
    assert verifying.spread(3, 5) == (0, 1, 2)
    assert verifying.spread(9, 1) == (0,)
