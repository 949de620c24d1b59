"""The command that calibrates, as a stranger types it."""

import json

import pytest
from series_for_tests import uncertain, written
from typer.testing import CliRunner

from simulator.cli import app as cli
from simulator.scenario.writing import written as as_text

ROWS = [("home", year, 60 + 30 * (year * 5 % 7)) for year in range(2014, 2023)]


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder with a scenario and a series."""
    folder = tmp_path / "scenarios"
    folder.mkdir()
    (folder / "pair.yaml").write_text(as_text(uncertain()))
    written(folder / "series.csv", ROWS)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def sim(*words):
    """A command line."""
    return CliRunner().invoke(cli.app, [str(word) for word in words])


def calibrate(*more):
    """The command for the series."""
    command = ("calibrate", "scenarios/pair.yaml", "--to", "scenarios/series.csv", "--reps", 400)
    return sim(*command, "--workers", 1, *more)


def test_a_series_is_told_kept_and_written(place):
    """Words, a folder, and a file that is valid and can be run; the same again comes from store."""
    told = calibrate("--write", "scenarios/fitted.yaml")
    assert told.exit_code == 0, told.stderr
    assert told.stdout.startswith("9 published figures of 2014")
    (folder,) = (place / "results" / "minimal").glob("calibration-*")
    assert (folder / "plots" / "inputs.png").exists()
    checked = sim("check", "--strict", "scenarios/fitted.yaml")
    assert (checked.exit_code, "valid" in checked.stdout) == (0, True)
    again = calibrate("--json")
    assert "in the store already" in again.stderr
    data = json.loads(again.stdout)
    assert (data["schema"], len(data["inputs"])) == ("sim.calibrate/1", 14)
    assert "base.cif_factor" in data["not_pinned_down"]
    assert data["files"]["fitted"] is None


@pytest.mark.parametrize(
    "name",
    ["scenarios/pair.yaml", "scenarios/Fitted.yaml", "nowhere/a.yaml", "a.txt", "deep/er/a.yaml"],
)
def test_a_file_that_cannot_be_written_is_refused_before_anything_runs(place, name):
    """One that is there, has no scenario's name, or could not read what it extends."""
    (place / "deep" / "er").mkdir(parents=True)
    told = calibrate("--write", name)
    assert (told.exit_code, "--write" in told.stderr) == (2, True)
    assert not (place / "results").exists()


def test_errors_have_codes_and_lines(place):
    """A wrong row, a wrong path, a file that is not there, too few replications."""
    written(place / "scenarios" / "series.csv", [*ROWS, ("custom", 2015, 9)])
    told = calibrate()
    assert (told.exit_code, "S153" in told.stderr) == (3, True)
    assert "series.csv:11" in told.stderr
    written(place / "scenarios" / "series.csv", ROWS)
    told = calibrate("--vary", "base.year")
    assert (told.exit_code, "S151" in told.stderr) == (3, True)
    told = sim("calibrate", "scenarios/pair.yaml", "--to", "none.csv")
    assert (told.exit_code, "S101" in told.stderr) == (3, True)
    assert calibrate("--reps", 20).exit_code == 2
