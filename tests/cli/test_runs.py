"""Commands that compute."""

import errno
import json
from contextlib import contextmanager
from pathlib import Path

import pytest

from simulator import storage
from simulator.cli.base import RESULTS, spelled
from simulator.errors import EnvironmentFaultError

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


def test_a_failed_replication_is_named_and_left_out(sim, file):
    """F08: exit code 5, its reason, the command that shows it alone, and a warning."""
    sim.fail(3)
    result = sim("run", file, "--reps", 120)
    assert result.exit_code == 5
    assert "Replication 3 failed: ZeroDivisionError: division by zero" in result.stderr
    assert f"sim replay {file} --seed 20230313 --replication 3" in result.stderr
    assert "1 failed replication is not in the numbers" in result.stdout
    assert "of 100 runs" in result.stdout


def test_the_answer_stands_before_its_figures_are_drawn(sim, file, monkeypatch):
    """A full disk costs the figures, not the answer, and not the run that is stored already."""

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    expected = sim("run", file, "--reps", 60, "--out", "whole").stdout
    monkeypatch.setattr("simulator.storage._plot", full)
    result = sim("run", file, "--reps", 60)
    assert (result.exit_code, "No space left on device" in result.stderr) == (6, True)
    assert result.stdout == expected.replace("whole/", "results/")
    monkeypatch.undo()
    assert sim("run", file, "--reps", 60).exit_code == 0


def test_the_answer_stands_before_the_run_is_stored(sim, file, monkeypatch):
    """Nobody waits for tables; where they cannot be stored, the same command does so later."""

    def full(*_):
        raise EnvironmentFaultError("No space left on device")

    expected = sim("run", file, "--reps", 60, "--out", "whole").stdout
    before = len(sim.calls)
    with monkeypatch.context() as for_now:
        for_now.setattr("simulator.storage.keep", full)
        result = sim("run", file, "--reps", 60)
    assert (result.exit_code, "No space left on device" in result.stderr) == (6, True)
    assert result.stdout == expected.replace("whole/", "results/")
    again = sim("run", file, "--reps", 60)
    assert (again.exit_code, again.stdout) == (0, result.stdout)
    assert len(sim.calls) == 2 * before, "what was computed is not computed again"


def test_nothing_moves_when_the_answer_is_told(sim, file, monkeypatch):
    """A bar on the terminal is gone before; of several runs it stays until the last is there."""
    events = []

    @contextmanager
    def progress(_):
        yield lambda *_: None
        events.append("bar is gone")

    def keep(run, out, keep=storage.keep):
        events.append("run is stored")
        return keep(run, out)

    monkeypatch.setattr("simulator.terminal.progress", progress)
    monkeypatch.setattr("simulator.storage.keep", keep)
    monkeypatch.setattr("simulator.terminal.put", lambda _: events.append("answer"))
    assert sim("run", file, "--reps", 20).exit_code == 0
    assert events == ["bar is gone", "answer", "run is stored"]
    events.clear()
    assert sim("compare", file, file, "--reps", 30).exit_code == 0
    assert events.index("bar is gone") > events.index("run is stored")


def test_where_many_fail_no_chance_is_told(sim, file):
    """F08: 2 of 120 are more than 1 in 100."""
    sim.fail(3, 50)
    result = sim("run", file, "--reps", 120)
    assert result.exit_code == 5
    assert result.stdout.startswith("No answer for 2023: too many replications failed.")


def test_a_run_without_any_replication_has_no_answer(sim, file):
    """F08: where all failed, only the failures are told."""
    sim.fail(*range(20))
    result = sim("run", file, "--reps", 20)
    assert (result.exit_code, result.stdout) == (5, "")
    assert "and 15 more" in result.stderr


def test_a_precision_that_is_not_reached_is_told(sim, file):
    """H11: exit code 7, the width that was reached, and how many replications would do."""
    result = sim("run", file, "--reps", 100, "--precision", 0.02)
    assert result.exit_code == 7
    assert "instead of ±0.02 after 100 runs; --reps" in result.stderr
    assert sim("run", file, "--reps", 100, "--precision", 0.2).exit_code == 0


def test_a_spelled_command_holds_what_is_not_usual():
    """Lists are repeated, flags stand alone, and what is as usual is left out."""
    told = spelled("run", "a b.yaml", set=["x=1", "y=2"], out=RESULTS, seed=0, allow_long=True)
    assert told == "run 'a b.yaml' --set x=1 --set y=2 --seed 0 --allow-long"
    assert spelled("run", reps=None, set=[], insecure_cluster=False, out="x") == "run --out x"


def test_digits_of_another_script_are_no_number(sim, file):
    """H12: what looks like a number to a person and not to a program is told with the number."""
    result = sim("run", file, "--set", "settlement.patience_days=\u06f5")
    assert result.exit_code == 3
    assert "write: 5" in result.stderr
    assert sim("run", file, "--set", "settlement.patience_days=1,5").exit_code == 3
    assert sim.calls == []
