"""Commands about stored runs."""

import json
from pathlib import Path

from simulator.parts import only
from simulator.replication import Piece
from simulator.reporting import report as REPORT  # noqa: N812 -- before a fixture replaces it
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


def test_a_report_is_written_beside_its_run_or_elsewhere(sim, file, monkeypatch):
    """The same bytes each time; figures for print on request; a run in progress has none."""
    from simulator import reporting

    monkeypatch.setattr("simulator.plots.figures", lambda *_: {})
    monkeypatch.setattr("simulator.reporting.report", REPORT)
    name = sim("run", file, "--reps", 60, "-q").stdout.strip()
    folder = Path("results/tiny") / name
    first = (folder / reporting.REPORT).read_bytes()
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    done = sim("report", name)
    assert done.stdout == f"Wrote {folder / 'report.html'}\nWrote {folder / 'brief.md'}\n"
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
    assert sim("report", name, "--to", "elsewhere", "--figures").exit_code == 0
    assert (Path("elsewhere") / reporting.REPORT).read_bytes() == first
    assert Path("elsewhere/figures").is_dir()
    places = json.loads((folder / "origins.json").read_text())["places"]
    # A value that no file states, such as a default, has no line.
    assert places["target.turnover_usd_million"].partition(":")[0] == file.name
    sim.stop_after(40)
    sim("run", file, "--reps", 500, "--seed", 3)
    (growing,) = Path("results/tiny").glob("*.unfinished")
    refused = sim("report", growing)
    assert (refused.exit_code, refused.stdout) == (6, "")
    assert "still in progress" in refused.stderr


def test_the_answer_names_its_report(sim, file):
    """In words and as data, where the run is stored."""
    assert "  Report               results/tiny/" in sim("run", file, "--reps", 60).stdout
    files = json.loads(sim("run", file, "--reps", 60, "--json").stdout)["files"]
    assert files["report"] == f"{files['folder']}/report.html"
