"""What reaches a terminal."""

import io
import json
import signal
import sys

import pytest

from simulator import terminal
from simulator.errors import EnvironmentFaultError, Problem, RefusedError, ScenarioError

PROBLEM = Problem("S121", "a share must be between 0 and 1", "a.yaml", 3, 5)


def test_an_error_is_words_data_or_lines(capsys):
    """People read words on standard error; programs read data or lines on standard output."""
    terminal.complain(ScenarioError([PROBLEM]))
    out, err = capsys.readouterr()
    assert (out, err.splitlines()[0]) == ("", "error[S121]: a share must be between 0 and 1")
    terminal.complain(ScenarioError([PROBLEM]), as_json=True)
    out, err = capsys.readouterr()
    assert (json.loads(out)["errors"][0]["line"], err) == (3, "")
    terminal.complain(RefusedError(PROBLEM, "--more"), as_lines=True)
    out, err = capsys.readouterr()
    assert (out, err) == ("a.yaml:3:5: error S121: a share must be between 0 and 1\n", "")


def test_a_fault_of_the_machine_has_no_place(capsys):
    """An error without a problem of a file is told by its words alone, in every form."""
    error = EnvironmentFaultError("the disk is full")
    terminal.complain(error)
    terminal.complain(error, as_json=True)
    terminal.complain(error, as_lines=True)
    out, err = capsys.readouterr()
    assert err == "error: the disk is full\n"
    assert json.loads(out.rsplit("}", 1)[0] + "}") == {"errors": [{"message": "the disk is full"}]}
    assert out.endswith("the disk is full\n")


def test_a_closed_standard_error_stops_nothing(monkeypatch):
    """A message that nobody can read is no reason to fail."""
    closed = io.StringIO()
    closed.close()
    monkeypatch.setattr(sys, "stderr", closed)
    terminal.say("unheard")


def test_what_is_not_a_number_is_never_written():
    """JSON has no word for it; a result that holds one is a bug and not a result."""
    with pytest.raises(ValueError, match="JSON"):
        terminal.put_json({"chance": float("nan")})


def test_without_a_terminal_progress_is_a_line_a_minute(capsys, monkeypatch):
    """A log is not filled with a line for every step."""
    now = iter([0.0, 10.0, 70.0, 70.0, 80.0])
    monkeypatch.setattr(terminal.time, "monotonic", lambda: next(now))
    with terminal.progress("tiny") as progress:
        for done in (1, 2, 3):
            progress(done, 4)
    assert capsys.readouterr().err == "Running tiny  2/4  50%\n"


def test_an_interrupt_comes_when_the_work_is_done(capsys):
    """Ctrl-C in the midst of work that must not be broken is told at once, and counts after it."""
    done = []

    def work():
        with terminal.unbroken():
            signal.raise_signal(signal.SIGINT)
            done.append(capsys.readouterr().err)

    with pytest.raises(KeyboardInterrupt):
        work()
    assert len(done) == 1
    assert done[0].startswith("Stopping")
