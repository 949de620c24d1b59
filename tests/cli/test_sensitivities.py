"""Commands about what an answer hangs on."""

import json
import sys
from pathlib import Path

import pytest

PATIENCE = "settlement.patience_days"
REFUSED = "settlement.channels.clearing.refusal_share"


@pytest.fixture
def uncertain(file):
    """A scenario file with two uncertain inputs."""
    told = json.loads(file.read_text())
    told["settlement"]["patience_days"] = {"uniform": {"low": 30, "high": 90}}
    told["settlement"]["channels"]["clearing"]["refusal_share"] = {"beta": {"a": 2, "b": 8}}
    file.write_text(json.dumps(told))
    return file


@pytest.fixture
def ask(sim, monkeypatch):
    """The command on one worker, with few runs for what comes of inputs."""
    monkeypatch.setattr("simulator.sensitivities.ROWS", 4)

    def call(*arguments):
        return sim("sensitivity", *arguments, "--workers", 1)

    call.sim = sim
    return call


def test_a_tornado_is_told_and_stored(ask, uncertain):
    """The plan goes to standard error, the answer and its folder to standard output."""
    result = ask(uncertain, "--reps", 60)
    assert result.exit_code == 0
    assert result.stderr.startswith("2 uncertain inputs: about ")
    assert result.stdout.startswith("Of 2 uncertain inputs, none clearly moves the chance")
    (folder,) = Path("results/tiny").glob("sensitivity-*")
    assert f"{folder}/" in result.stdout
    assert f"sim sensitivity {uncertain} --seed" in result.stdout
    count = len(ask.sim.calls)
    assert ask(uncertain, "--reps", 60).stdout == result.stdout
    assert len(ask.sim.calls) == count, "nothing is computed twice"


def test_json_holds_what_was_stored(ask, uncertain):
    """The schema has a version, and the same numbers lie in the folder."""
    data = json.loads(ask(uncertain, "--reps", 60, "--input", PATIENCE, "--json").stdout)
    assert data["schema"] == "sim.sensitivity/1"
    assert [bar["input"]["path"] for bar in data["bars"]] == [PATIENCE]
    stored = json.loads((Path(data["files"]["folder"]) / "sensitivity.json").read_text())
    assert stored == {name: value for name, value in data.items() if name != "files"}


@pytest.mark.parametrize("method", ["morris", "sobol"])
def test_indices_are_told(ask, uncertain, method):
    """Designs go through the same runs; a synthetic world moves with nothing."""
    result = ask(uncertain, "--method", method, "--points", 4, "--reps", 20)
    assert result.exit_code == 0, result.stderr
    assert "No input clearly moves the chance of the target." in result.stdout
    assert f"--method {method} --points 4" in result.stdout


def test_without_salib_nothing_is_run(ask, uncertain, monkeypatch):
    """Exit code 6, with the command that installs it, before any replication."""
    monkeypatch.setitem(sys.modules, "SALib.sample.morris", None)
    result = ask(uncertain, "--method", "morris")
    assert result.exit_code == 6
    assert "pip install 'trade-simulator[sensitivity]'" in result.stderr
    assert ask.sim.calls == []


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--input", "settlement.nothing"], 3, "S151"),
        (["--method", "fast"], 2, "fast"),
        (["--method", "sobol", "--points", "100"], 3, "power of two"),
        (["--max-replications", "100"], 4, "S183"),
        (["--out", "."], 2, "among the scenarios"),
        (["--reps", "1"], 2, "--reps"),
    ],
)
def test_mistakes_end_in_a_message(ask, uncertain, arguments, code, words):
    """What cannot be asked is told with its exit code, and nothing runs."""
    result = ask(uncertain, *arguments)
    assert result.exit_code == code
    assert words in result.output
    assert "Traceback" not in result.output
    assert ask.sim.calls == []


def test_a_scenario_without_laws_has_nothing_to_tell(ask, file):
    """S196, with what to write."""
    result = ask(file)
    assert result.exit_code == 3
    assert "S196" in result.stderr


def test_failed_replications_are_told(ask, uncertain):
    """Exit code 5: settings that cannot be paired are not compared."""
    ask.sim.fail(3)
    result = ask(uncertain, "--reps", 60)
    assert result.exit_code == 5
    assert "failed" in result.stderr


def test_a_stop_loses_nothing(ask, uncertain):
    """Exit code 130, and the command to go on with."""
    ask.sim.stop_after(300)
    result = ask(uncertain, "--reps", 60)
    assert result.exit_code == 130
    assert "Nothing is lost." in result.stdout
    assert "Continue" in result.stdout
    ask.sim.stop_after(10**9)
    assert ask(uncertain, "--reps", 60).exit_code == 0
