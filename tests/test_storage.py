"""What the store promises about a finished run."""

# ruff: noqa: SLF001 -- the way back from plain data is no public name

import errno
import json
import os
import shutil
from pathlib import Path

import pyarrow as pa
import pytest
from runs_for_tests import scenario, synthetic

from simulator import storage
from simulator.errors import EnvironmentFaultError
from simulator.runs import SCHEMAS, Run, planned, series_id


def _draw(run, folder):
    """A figure that takes no time."""
    (folder / "figure.svg").write_text(run.id)


def _bytes(folder):
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


@pytest.fixture(scope="module")
def run():
    """A run of 60 replications."""
    return synthetic(60)


def test_stored_run_comes_back_as_it_was(run, tmp_path):
    """Scenario, seed and every table survive the way to the disk and back."""
    back = storage.load_run(storage.save(run, tmp_path, draw=_draw))
    assert back.scenario == run.scenario
    assert (back.seed, back.replications, back.id) == (run.seed, run.replications, run.id)
    assert all(back.tables[name].equals(run.tables[name]) for name in SCHEMAS)


def test_chunks_of_workers_leave_no_trace(run, tmp_path):
    """A run that came in pieces is stored byte for byte as one that came whole."""
    pieces = {
        name: pa.concat_tables(table.slice(n, 7) for n in range(0, table.num_rows, 7))
        for name, table in run.tables.items()
    }
    whole = storage.save(run, tmp_path / "whole", draw=_draw)
    parts = Run(run.scenario, run.seed, run.replications, pieces)
    assert _bytes(whole) == _bytes(storage.save(parts, tmp_path / "parts", draw=_draw))


def test_series_follows_from_what_the_result_follows_from(run):
    """Another seed or input is another series; the order of keys is not."""
    asked = run.scenario
    known = series_id(asked, 1)
    other = scenario(not_covered=["nothing"])
    assert len({known, series_id(asked, 2), series_id(other, 1)}) == 3
    turned = asked.model_copy(update={"economies": dict(reversed(asked.economies.items()))})
    assert series_id(turned, 1) == known


def test_nothing_in_a_folder_tells_of_time_place_or_person(run, tmp_path):
    """A result may be shared: no path, host name or user stands in it."""
    folder = storage.save(run, tmp_path, draw=_draw)
    traces = [str(tmp_path), str(Path.home()), os.uname().nodename]
    for content in _bytes(folder).values():
        # A host name of a few letters may stand in any binary file by chance.
        assert not any(trace.encode() in content for trace in traces if len(trace) > 5)
    manifest = json.loads((folder / "manifest.json").read_text())
    assert not {"time", "created", "host", "user", "workers"} & set(manifest)


def test_finished_run_is_never_modified(run, tmp_path):
    """Saving again keeps the first folder, down to the times of its files."""
    folder = storage.save(run, tmp_path, draw=_draw)
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    assert storage.save(run, tmp_path, draw=_draw) == folder
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before


def test_crash_while_saving_leaves_no_run_behind(run, tmp_path, monkeypatch):
    """A run appears whole or not at all."""

    def crash(*_):
        raise RuntimeError("power cut")

    monkeypatch.setattr("simulator.storage._described", crash)
    with pytest.raises(RuntimeError):
        storage.save(run, tmp_path, draw=_draw)
    assert list((tmp_path / "tiny").iterdir()) == []


def test_crash_while_drawing_leaves_the_run(run, tmp_path):
    """Figures follow from the run: they are drawn again, and none of them is half there."""

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(EnvironmentFaultError, match="No space left on device") as caught:
        storage.save(run, tmp_path, draw=full)
    assert caught.value.exit_code == 6
    (folder,) = (tmp_path / "tiny").iterdir()
    assert storage.load_run(folder).tables == run.tables
    assert not (folder / "plots").exists()
    assert (storage.save(run, tmp_path, draw=_draw) / "plots" / "figure.svg").exists()


def test_disk_too_small_is_found_before_any_work(tmp_path):
    """F11: a run that will not fit is refused with what it needs and what is there."""
    with pytest.raises(EnvironmentFaultError, match=r"need about .* MB are free") as caught:
        storage.ready(tmp_path, shutil.disk_usage(tmp_path).free // 6000 + 1_000_000)
    assert caught.value.exit_code == 6


def test_folder_that_is_a_file_is_found_before_any_work(tmp_path):
    """A results folder that cannot be made is refused at once."""
    (tmp_path / "file").write_text("")
    with pytest.raises(EnvironmentFaultError):
        storage.ready(tmp_path / "file" / "results")


def test_damaged_run_is_set_aside(run, tmp_path):
    """A flipped bit is noticed by its hash; the folder is kept under another name."""
    folder = storage.save(run, tmp_path, draw=_draw)
    table = folder / "years.parquet"
    content = bytearray(table.read_bytes())
    content[len(content) // 2] ^= 1
    table.write_bytes(content)
    with pytest.raises(EnvironmentFaultError, match="years"):
        storage.load_run(folder)
    said = []
    with storage.grown(tmp_path, run.scenario, run.seed, 60, said.append) as parts:
        assert parts.missing(60) == [range(60)]
    assert folder.with_name(f"{folder.name}.bad").exists()
    assert "damaged" in said[0]


def test_a_run_is_found_by_folder_id_or_beginning(run, tmp_path):
    """Whatever names one run leads to its folder; what was set aside is not found."""
    folder = storage.save(run, tmp_path, draw=_draw)
    (folder.parent / f"{run.id}.bad").mkdir()
    (tmp_path / "README.md").write_text("not a folder")
    for text in (str(folder), run.id, run.id[:4]):
        assert storage.find(text, tmp_path) == folder
    growing = folder.parent / f"{run.id[:10]}.unfinished"
    growing.mkdir()
    assert storage.find(run.id[:10], tmp_path) == growing
    with pytest.raises(EnvironmentFaultError, match=r"may be any of tiny/.*-60, tiny/.*unfinished"):
        storage.find(run.id[:4], tmp_path)


@pytest.mark.parametrize("text", ["ffff", "", "*", "no/such", "a\0b", "x" * 300])
def test_a_run_that_is_not_there_is_told_with_those_that_are(run, tmp_path, text):
    """Who mistypes an id reads which there are; an empty store, or none, says so."""
    with pytest.raises(EnvironmentFaultError):
        storage.find(text, tmp_path / "nowhere")
    with pytest.raises(EnvironmentFaultError):
        storage.find(text, tmp_path)
    storage.save(run, tmp_path, draw=_draw)
    with pytest.raises(EnvironmentFaultError) as caught:
        storage.find(text, tmp_path)
    assert f"tiny/{run.id}" in str(caught.value) or len(text) > 255


def test_folder_without_a_run_is_told(tmp_path):
    """A folder that holds no manifest is no run."""
    with pytest.raises(EnvironmentFaultError):
        storage.load_run(tmp_path)


def test_run_of_another_version_is_refused(run, tmp_path):
    """A manifest of another schema is not guessed at."""
    folder = storage.save(run, tmp_path, draw=_draw)
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps(manifest | {"schema": "sim.manifest/9"}))
    with pytest.raises(EnvironmentFaultError, match="another version"):
        storage.load_run(folder)


def test_seed_and_size_come_from_the_scenario_unless_asked():
    """Nothing is random by surprise: a scenario without a seed has a fixed one."""
    assert planned(scenario(), None, None) == (20230313, 1000)
    assert planned(scenario(seed=5, replications=70), None, None) == (5, 70)
    assert planned(scenario(seed=5), 6, 80) == (6, 80)


def test_every_shipped_scenario_survives_the_store():
    """What is read from a file equals what is read back from a manifest."""
    from simulator.runs import resolved
    from simulator.scenario.reading import load
    from simulator.scenario.types import Scenario

    for path in sorted((Path(__file__).parents[1] / "scenarios").glob("*.yaml")):
        told = load(path)
        assert Scenario.model_validate(storage._tuples(resolved(told))) == told
