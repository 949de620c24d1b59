"""The command line, as a stranger meets it."""

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from runs_for_tests import SCENARIO, synthetic
from typer.testing import CliRunner

import simulator
from simulator import cli

ROOT = Path(__file__).parents[1]


@pytest.fixture
def file(tmp_path):
    """A scenario file; JSON is YAML."""
    path = tmp_path / "tiny.yaml"
    path.write_text(json.dumps(SCENARIO))
    return path


@pytest.fixture
def sim(monkeypatch, tmp_path):
    """The command with an engine that costs nothing, and figures that are empty."""

    def engine(scenario, *, seed, replications, workers, progress):
        calls.append((seed, replications, workers))
        progress(replications, replications)
        told = synthetic(replications)
        return simulator.Run(scenario, seed, replications, told.tables)

    def call(*arguments):
        return CliRunner().invoke(cli.app, [str(part) for part in arguments])

    calls = []
    monkeypatch.setattr("simulator.simulation.run", engine)
    monkeypatch.setattr("simulator.storage._plot", lambda _, folder: folder.mkdir())
    monkeypatch.chdir(tmp_path)
    call.calls = calls
    return call


def test_no_arguments_show_three_examples():
    """Whoever types only the name sees what to type next."""
    result = CliRunner().invoke(cli.app, [])
    assert result.exit_code == 0
    assert result.stdout.count("\n  sim ") == 3


def test_help_names_every_exit_code():
    """Scripts can rely on documented exit codes."""
    told = CliRunner().invoke(cli.app, ["--help"]).stdout.split()
    assert all(str(code) in told for code in (0, 1, 2, 3, 4, 6, 7, 130, 143))


def test_version_is_that_of_the_project():
    """The version is stated in two places, and they agree."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert CliRunner().invoke(cli.app, ["--version"]).stdout == f"sim {project['version']}\n"


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
    assert len(sim.calls) == 1
    assert "in the store already" in second.stderr


def test_quiet_prints_only_the_run_id(sim, file):
    """A script gets the id and nothing else."""
    assert len(sim("run", file, "--reps", 60, "-q").stdout) == len("0123456789\n")


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


def test_missing_file_is_told(sim):
    """A file that is not there is an error of the scenario."""
    result = sim("run", "nothing.yaml")
    assert result.exit_code == 3
    assert "nothing.yaml" in result.stderr


def test_check_tells_valid_files_and_all_problems(sim, file):
    """All files are checked, whatever is wrong with the first."""
    result = sim("check", "nothing.yaml", file)
    assert result.exit_code == 3
    assert f"{file}: valid" in result.stdout
    assert "nothing.yaml" in result.stderr
    assert sim("check", file).exit_code == 0


def test_errors_are_data_for_a_program(sim):
    """With --json an error is JSON on standard output, with its code."""
    told = json.loads(sim("run", "nothing.yaml", "--json").stdout)
    assert told["errors"][0]["code"] == "S101"
    assert json.loads(sim("check", "nothing.yaml", "--json").stdout)["errors"]


def test_bug_is_owned_in_one_line(sim, file, monkeypatch):
    """A bug ends in exit code 1, one line, and a file to send."""

    def broken(*_, **__):
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr("simulator.simulation.run", broken)
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

    monkeypatch.setattr("simulator.simulation.run", interrupted)
    result = sim("run", file)
    assert result.exit_code == 130
    assert "Stopped" in result.stderr


def _python(*arguments, **options):
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.run(  # noqa: S603 -- our own interpreter
        [sys.executable, *arguments], env=environment | options.pop("env", {}), check=False,
        cwd=ROOT, text=True, capture_output=True, **options,
    )  # fmt: skip


def test_reader_that_leaves_is_no_error(file):
    """A pipe that is closed early ends the output quietly."""
    command = f"{sys.executable} -m simulator check {' '.join([str(file)] * 3)} | true"
    result = subprocess.run(  # noqa: S602 -- a pipe of our own commands
        f"set -o pipefail; {command}", shell=True, executable="/bin/bash", cwd=ROOT,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (result.returncode, result.stderr) == (0, "")


def test_terminal_without_unicode_gets_plain_signs():
    """Where only ASCII can be shown, columns stay in line."""
    result = _python(
        "-c",
        "from simulator.cli import _print; _print('a \\u2013 b \\u2192 c \\u00b1 d')",
        env={"PYTHONIOENCODING": "ascii"},
    )
    assert result.stdout == "a - b > c + d"


def test_help_loads_nothing_heavy():
    """Help needs neither arrays nor figures nor the model."""
    code = (
        "import sys, simulator.cli\n"
        "heavy = {'numpy', 'matplotlib', 'pyarrow', 'scipy', 'pydantic', 'simpy', 'rich'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    assert _python("-c", code).stdout == "[]\n"


def test_facade_offers_what_it_names():
    """Every public name exists, and no other is invented."""
    assert all(getattr(simulator, name) is not None for name in simulator.__all__)
    assert set(simulator.__all__) < set(dir(simulator))
    with pytest.raises(AttributeError):
        _ = simulator.nothing
