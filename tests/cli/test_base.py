"""How every command ends: in a message and its exit code."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_errors_are_data_for_a_program(sim):
    """With --json an error is JSON on standard output, with its code."""
    told = json.loads(sim("run", "nothing.yaml", "--json").stdout)
    assert told["errors"][0]["code"] == "S101"
    assert json.loads(sim("check", "nothing.yaml", "--json").stdout)["errors"]


def test_bug_is_owned_in_one_line(sim, file, monkeypatch):
    """A bug ends in exit code 1, one line, and a file to send."""

    def broken(*_, **__):
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr("simulator.simulation.condensed", broken)
    result = sim("run", file)
    assert result.exit_code == 1
    assert "Traceback" not in result.output
    crash = Path(result.stderr.split("with ")[-1].strip())
    assert "ZeroDivisionError" in crash.read_text()
    crash.unlink()


def test_interrupt_is_answered(sim, file, monkeypatch):
    """Ctrl-C ends with a message and code 130."""

    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("simulator.simulation.condensed", interrupted)
    result = sim("run", file)
    assert result.exit_code == 130
    assert "Stopped" in result.stderr


def test_reader_that_leaves_is_no_error(file):
    """A pipe that is closed early ends the output quietly."""
    command = f"{sys.executable} -m simulator check {' '.join([str(file)] * 3)} | true"
    result = subprocess.run(  # noqa: S602 -- a pipe of our own commands
        f"set -o pipefail; {command}", shell=True, executable="/bin/bash", cwd=ROOT,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (result.returncode, result.stderr) == (0, "")


def test_a_path_is_set_once(sim, file):
    """Which of two settings of one path counts is never left to their order."""
    twice = ("--set", "settlement.patience_days=1", "--set", "settlement.patience_days=2")
    result = sim("run", file, *twice)
    assert result.exit_code == 3
    assert "S156" in result.stderr
