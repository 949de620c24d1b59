"""Commands that ask many questions."""

import json
from pathlib import Path

import pytest


def test_scenarios_are_compared_on_the_same_draws(sim, file):
    """Two files, or a file and one of its overrides; figures lie beside the runs."""
    told = json.loads(file.read_text())
    told["overrides"] = {"higher": {"target.turnover_usd_million": 300}}
    file.write_text(json.dumps(told))
    result = sim("compare", file, f"{file}@higher", "--reps", 60, "--workers", 1)
    assert result.exit_code == 0
    assert "Different (1)" in result.stdout
    assert "target.turnover_usd_million: 100 → 300" in result.stdout
    assert "the same draws" in result.stdout
    assert len(list(Path("results/compare").iterdir())) == 1


def test_stored_runs_are_compared_by_their_names(sim, file):
    """A run is told by its folder or by its id."""
    first = sim("run", file, "--reps", 60, "-q").stdout.strip()
    other = sim("run", file, "--reps", 60, "--seed", 5, "-q").stdout.strip()
    result = sim("compare", first, f"results/tiny/{other}", "--json")
    data = json.loads(result.stdout)
    assert data["schema"] == "sim.compare/1"
    assert data["comparisons"][0]["is_same_seed"] is False


def test_runs_of_another_model_are_refused(sim, file):
    """H13: a run that another version of the model has made is not compared with one of this."""
    first = sim("run", file, "--reps", 20, "-q").stdout.strip()
    manifest = Path("results/tiny") / first / "manifest.json"
    told = json.loads(manifest.read_text())
    manifest.write_text(json.dumps(told | {"model_version": "0.0.1"}))
    result = sim("compare", first, file)
    assert result.exit_code == 3
    assert "model version is" in result.stderr


def test_what_cannot_be_compared_is_refused_before_anything_runs(sim, file, tmp_path):
    """H13: another year is named, with exit code 3."""
    other = tmp_path / "other.yaml"
    told = json.loads(file.read_text())
    told["target"]["year"] = 2024
    other.write_text(json.dumps(told))
    result = sim("compare", file, other)
    assert result.exit_code == 3
    assert "target year is 2023 in one and 2024 in the other" in result.stderr
    assert sim.calls == []


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["no-such-run", "other"], 6, "no-such-run"),
        (["nothing.yaml", "other.yaml"], 3, "nothing.yaml"),
        (["one"], 2, "two runs"),
    ],
)
def test_mistakes_end_in_a_message(sim, arguments, code, words):
    """What is not there is named."""
    result = sim("compare", *arguments)
    assert result.exit_code == code
    assert words in result.stderr
    assert "Traceback" not in result.output


def test_a_precision_that_is_not_reached_is_told(sim, file):
    """H11: exit code 7 where the change of the chance is not known as asked."""
    options = ("--reps", 60, "--precision", 0.001, "--workers", 1)
    same = sim("compare", file, file, *options)
    assert same.exit_code == 7
    assert "Not as precise as asked" in same.stderr
    assert sim("compare", file, file, "--reps", 60, "--precision", 0.4).exit_code == 0


PATIENCE = "settlement.patience_days"


def test_a_sweep_tells_its_plan_and_its_best(sim, file):
    """Size, time and disk come first on standard error, the best setting on standard output."""
    result = sim("sweep", file, "--vary", f"{PATIENCE}=10..40:4", "--reps", 60, "--workers", 1)
    assert result.exit_code == 0, result.stderr
    assert result.stdout.startswith("Best of 4 settings: ")
    assert "300 runs, about" in result.stderr
    (folder,) = Path("results/tiny").glob("sweep-*")
    assert (folder / "plots" / "lines.svg").exists()
    assert len(list(Path("results/tiny").glob("*-60"))) == 5


def test_a_file_may_say_what_to_vary(sim, file):
    """The sweep block of a file is used where the command line names nothing."""
    told = json.loads(file.read_text())
    told["sweep"] = {"vary": {PATIENCE: [10, 20]}}
    file.write_text(json.dumps(told))
    assert sim("check", file).exit_code == 0
    data = json.loads(sim("sweep", file, "--reps", 20, "--workers", 1, "--json").stdout)
    assert [cell["settings"] for cell in data["cells"]] == [{PATIENCE: 10}, {PATIENCE: 20}]


def test_a_dry_run_only_tells(sim, file):
    """Nothing is computed or written."""
    result = sim("sweep", file, "--vary", f"{PATIENCE}=1..40", "--reps", 100, "--dry-run")
    assert result.stdout.startswith("40 settings, 100 runs of each")
    assert "and 36 more" in result.stdout
    assert sim.calls == []
    assert not Path("results").exists()


def test_a_sweep_that_is_too_large_is_refused(sim, file):
    """E02: ten million cells are counted, not made."""
    vary = [part for n in (PATIENCE, "settlement.attempts") for part in ("--vary", f"{n}=1..4000")]
    result = sim("sweep", file, *vary, "--reps", 1000)
    assert result.exit_code == 4
    assert "16,000,000 settings of 1,000 replications" in result.stderr
    assert "hours on one core" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--vary", "no.such=1..3"], 3, "S151"),
        (["--vary", f"{PATIENCE}=-1,5"], 3, "S121"),
        (["--vary", PATIENCE], 3, "S152"),
        (["--vary", f"{PATIENCE}=1..3", "--design", "star"], 3, "S125"),
        ([], 2, "no sweep block"),
    ],
)
def test_mistakes_of_a_sweep_end_in_a_message(sim, file, arguments, code, words):
    """Before anything is computed."""
    result = sim("sweep", file, *arguments)
    assert result.exit_code == code, result.output
    assert words in result.stderr
    assert sim.calls == []


@pytest.mark.parametrize("command", ["compare", "sweep"])
def test_what_is_stopped_names_how_it_goes_on(sim, file, command):
    """F01: all that is there is counted, and the command that is named holds every option."""
    vary = (f"{PATIENCE}=10,20,30",)
    told = json.loads(file.read_text())
    told["overrides"] = {"higher": {"target.turnover_usd_million": 300}}
    file.write_text(json.dumps(told))
    options = ("--vary", *vary) if command == "sweep" else (f"{file}@higher",)
    arguments = (command, file, *options, "--reps", 60, "--seed", 5, "--out", "elsewhere")
    sim.stop_after(60)
    result = sim(*arguments)
    assert result.exit_code == 130
    asked = 180 if command == "sweep" else 120
    assert result.stdout.startswith(f"Stopped at 60 of {asked} runs. Nothing is lost.")
    continued = result.stdout.splitlines()[-1].split()[1:]
    for part in map(str, arguments):
        assert part in continued
    sim.stop_after(10**9)
    again = sim(*continued[1:])
    assert again.exit_code == 0, again.stderr


def test_failures_of_a_cell_end_a_sweep(sim, file):
    """F08: what is not complete is not ranked; the first failure is named, with exit code 5."""
    sim.fail(3)
    result = sim("sweep", file, "--vary", f"{PATIENCE}=10,20", "--reps", 20, "--workers", 1)
    assert result.exit_code == 5
    assert "the first is 3: ZeroDivisionError" in result.stderr
    assert "Traceback" not in result.output


def test_a_collective_is_taken_apart_in_words_and_as_data(sim):
    """Parts with what they do to turnover and to the chance; a file without one is told so."""
    scenarios = Path(__file__).parents[2] / "scenarios"
    told = sim("collective", scenarios / "joint-collective.yaml", "--reps", 20, "--json")
    data = json.loads(told.stdout)
    assert data["schema"] == "sim.collective/1"
    assert data["parts"][0]["part"] == "the whole collective"
    without = sim("collective", scenarios / "iran-belarus-2023.yaml", "--reps", 20)
    assert (without.exit_code, "S105" in without.stderr) == (3, True)
