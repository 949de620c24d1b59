"""Commands that compute."""

import json
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def test_answer_goes_to_standard_output_first_line_first(sim, file):
    """The first thing on standard output is the answer."""
    result = sim("run", file, "--reps", 60)
    assert result.exit_code == 0
    assert result.stdout.startswith("Trade between Iran and Belarus reaches USD 100 million")
    (folder,) = Path("results/tiny").iterdir()
    assert folder.name in result.stdout


def test_second_call_reads_the_store(sim, file):
    """A finished run is not computed again, and gives the same answer."""
    first, second = (sim("run", file, "--reps", 60) for _ in range(2))
    assert first.stdout == second.stdout
    assert sum(len(replications) for _, replications in sim.calls) == 60
    assert "in the store already" in second.stderr


def test_quiet_prints_only_the_run_id(sim, file):
    """A script gets the id and nothing else."""
    assert len(sim("run", file, "--reps", 60, "-q").stdout) == len("0123456789-60\n")


def test_json_is_one_object_with_a_schema(sim, file):
    """A program gets JSON alone on standard output."""
    told = json.loads(sim("run", file, "--reps", 60, "--json").stdout)
    assert told["schema"] == "sim.run/1"
    assert told["offices"][0]["chance"]["of"] == 60


def test_settings_change_the_question(sim, file):
    """A value set on the command line is the value that is run."""
    setting = "target.turnover_usd_million=120"
    told = json.loads(sim("run", file, "--reps", 60, "--set", setting, "--json").stdout)
    assert told["target_usd_million"] == 120


def test_repeat_line_asks_the_same_question(sim, file):
    """The command printed for repeating holds every setting."""
    setting = "target.turnover_usd_million=120"
    first = sim("run", file, "--reps", 60, "--set", setting)
    (line,) = [text for text in first.stdout.splitlines() if text.startswith("  Repeat")]
    assert sim(*line.split()[2:]).stdout == first.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--reps", "0"], 2, "--reps"),
        (["--reps", "1000000000"], 4, "10,000,000"),
        (["--seed", "-1"], 2, "--seed"),
        (["--workers", "0"], 2, "--workers"),
        (["--set", "no.such=1"], 3, "no.such"),
        (["--set", "nothing"], 3, "path=value"),
        (["--out", "/dev/null/x"], 6, "/dev/null/x"),
        (["--cluster", "tcp://192.0.2.1:8786"], 4, "--insecure-cluster"),
        (["--cluster", "nonsense"], 6, "tcp://127.0.0.1:8786"),
        (["--unknown"], 2, "--unknown"),
    ],
)
def test_mistakes_end_in_a_message_and_their_code(sim, file, arguments, code, words):
    """Nothing a user can type ends in a traceback."""
    result = sim("run", file, *arguments)
    assert result.exit_code == code
    assert words in result.stderr
    assert "Traceback" not in result.output
    assert sim.calls == []


def test_overrides_change_the_question(sim, file):
    """A named override is applied, stands in the name of the run and in what repeats it."""
    told = json.loads(file.read_text())
    told["overrides"] = {"higher": {"target.turnover_usd_million": 300}}
    file.write_text(json.dumps(told))
    result = sim("run", file, "--reps", 60, "--override", "higher")
    assert "USD 300 million" in result.stdout
    assert Path("results/tiny.higher").is_dir()
    assert "--override higher --seed" in result.stdout
    assert sim("run", file, "--override", "lower").exit_code == 3


def test_strict_refuses_what_is_only_warned_of(sim, file):
    """A warning does not stop a run, unless every doubt is to count."""
    doubtful = ("--set", "corridors.caspian.minimum_days=4000")
    assert sim("check", file, *doubtful).exit_code == 0
    assert "warning[S210]" in sim("check", file, *doubtful).stderr
    for command in ("check", "run"):
        result = sim(command, file, *doubtful, "--strict")
        assert result.exit_code == 3
        assert "error[S210]" in result.stderr
    assert sim.calls == []


def test_results_never_go_among_the_scenarios(sim, file):
    """C15: the folder of the scenario, or the file itself, is no place for results."""
    for out in (file, file.parent):
        result = sim("run", file, "--out", out)
        assert result.exit_code == 2
        assert "results would lie among the scenarios" in result.stderr


def test_a_size_is_refused_before_anything_runs(sim, file):
    """E01: a scenario of a million million orders ends in a sentence with its cost."""
    many = ("--set", "exports.*.goods.*.relationship_usd_million=1e-12")
    result = sim("run", file, *many)
    assert result.exit_code == 4
    assert "--max-orders" in result.stderr
    assert sim.calls == []
    assert sim("run", file, *many, "--max-orders", "1e15", "--reps", "60").exit_code == 0


def test_missing_file_is_told(sim):
    """A file that is not there is an error of the scenario."""
    result = sim("run", "nothing.yaml")
    assert result.exit_code == 3
    assert "nothing.yaml" in result.stderr
