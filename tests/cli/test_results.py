"""Commands about stored runs."""

import json
from pathlib import Path

from simulator.parts import only
from simulator.replication import Piece
from simulator.storage import load_run


def test_runs_are_listed_in_words_lines_and_data(sim, file):
    """The list shows every run with its chance."""
    assert "No runs" in sim("list").stdout
    name = sim("run", file, "--reps", 60, "-q").stdout.strip()
    assert f"results/tiny/{name}" in sim("list").stdout
    assert sim("list", "--plain").stdout.split("\t")[0] == name
    (told,) = json.loads(sim("list", "--json").stdout)["runs"]
    assert (told["run"], told["of"], told["state"]) == (name, 60, "complete")


def test_verifying_ends_in_a_sentence_and_its_code(sim, file, monkeypatch):
    """0 where all is as it was, 7 where numbers differ, 6 where files do."""
    name = sim("run", file, "--reps", 60, "-q").stdout.strip()
    stored = load_run(Path("results/tiny") / name).tables

    def engine(_, __, numbers):
        return Piece(only(stored, numbers.start + shift, numbers.stop + shift))

    monkeypatch.setattr("simulator.verifying.replicate", engine)
    shift = 0
    result = sim("verify", name)
    assert (result.exit_code, result.stdout.count("\n")) == (0, 1)
    shift = 1
    result = sim("verify", name, "--sample", 1)
    assert (result.exit_code, "replication 0" in result.stderr) == (7, True)
    (Path("results/tiny") / name / "years.parquet").write_bytes(b"")
    assert sim("verify", name).exit_code == 6
    assert sim("verify", "nothing").exit_code == 6


def test_an_export_is_a_new_folder(sim, file):
    """Nothing is overwritten, and nothing is written into a run."""
    name = sim("run", file, "--reps", 60, "-q").stdout.strip()
    assert sim("export", name, "--format", "csv, xlsx").exit_code == 0
    assert (Path(f"{name}-export") / "run.xlsx").exists()
    assert sim("export", name).exit_code == 2
    assert sim("export", name, "--format", "doc").exit_code == 2
    assert sim("export", name, "--to", f"results/tiny/{name}/export").exit_code == 2
    assert sim("export", "nothing", "--to", "new").exit_code == 6
