"""The list of all runs: complete, fast, and never misled by its index."""

import json
import shutil
import time

import pytest
from runs_for_tests import synthetic

from simulator import catalogue, storage
from simulator.answers import headline_chance


@pytest.fixture
def run(tmp_path):
    """A run of 60 replications in the store."""
    made = synthetic(60)
    storage.keep(made, tmp_path)
    return made


def test_a_run_is_listed_with_its_chance(run, tmp_path):
    """What the list says of a run is what its answer says, also from the index alone."""
    (entry,) = catalogue.entries(tmp_path)
    chance = headline_chance(run)
    assert (entry.run, entry.folder, entry.seed) == (run.id, f"tiny/{run.id}", run.seed)
    assert (entry.hits, entry.of, entry.state) == (chance.hits, 60, "complete")
    for table in (tmp_path / "tiny").rglob("*.parquet"):
        table.unlink()
    assert catalogue.entries(tmp_path) == (entry,)
    assert f"{chance.hits} of 60" in catalogue.told((entry,), tmp_path)


def test_a_run_that_is_gone_or_damaged_is_not_told_as_whole(run, tmp_path):
    """The index does not keep a run alive, and a run that cannot be read is named."""
    folder = tmp_path / "tiny" / run.id
    (folder / "years.parquet").write_bytes(b"")
    assert [entry.state for entry in catalogue.entries(tmp_path)] == ["unreadable"]
    shutil.rmtree(folder)
    storage.keep(run, tmp_path)
    assert [entry.state for entry in catalogue.entries(tmp_path)] == ["complete"]
    shutil.rmtree(folder)
    assert catalogue.entries(tmp_path) == ()
    assert "No runs" in catalogue.told((), tmp_path)


@pytest.mark.parametrize(
    "damage",
    [
        lambda _: "",
        lambda text: text[:-20],
        lambda text: text.removesuffix("\n"),
        lambda text: text.replace('"of": 60', '"of": 61'),
        lambda text: "[1]\n\x00\n" + text,
        lambda text: "[" * 100_000 + "\n" + text,
    ],
)
def test_a_damaged_index_is_healed(run, tmp_path, damage):
    """Whatever happens to the index, the list is right and the index sound again."""
    before, index = catalogue.entries(tmp_path), tmp_path / "index.jsonl"
    sound = index.read_text()
    index.write_text(damage(sound))
    assert catalogue.entries(tmp_path) == before
    assert index.read_text() == sound
    assert json.loads(sound)["run"] == run.id


def test_an_index_that_cannot_be_written_costs_only_time(run, tmp_path):
    """The index is a cache: a folder in its place does no harm."""
    (tmp_path / "index.jsonl").mkdir()
    assert [entry.run for entry in catalogue.entries(tmp_path)] == [run.id]


def test_a_growing_run_tells_how_far_it_is(run, tmp_path):
    """Replications that are there and those asked for."""
    with storage.grown(tmp_path, run.scenario, run.seed, 1000):
        (growing,) = [e for e in catalogue.entries(tmp_path) if e.state == "in progress"]
    assert "in progress 60/1000" in catalogue.tabbed((growing,), tmp_path)


@pytest.mark.usefixtures("undisturbed")
def test_ten_thousand_runs_are_listed_within_a_second(tmp_path):
    """Once they are indexed, listing them takes less than a second of CPU."""
    lines = []
    (tmp_path / "tiny").mkdir()
    for number in range(10_000):
        name = f"{number:010x}-100"
        (tmp_path / "tiny" / name).mkdir()
        entry = catalogue.Entry(f"tiny/{name}", "tiny", name, 1, 100, "Will it?", 43, 100)
        lines.append(catalogue._line(entry))  # noqa: SLF001 -- runs that nobody computed
    (tmp_path / "index.jsonl").write_bytes(b"".join(lines))
    start = time.process_time()
    listed = catalogue.told(catalogue.entries(tmp_path), tmp_path)
    taken = time.process_time() - start
    assert listed.count("43 of 100") == 10_000
    assert taken < 1, f"{taken:.2f} s"
