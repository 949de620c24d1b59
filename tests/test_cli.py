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
from simulator.errors import CODES

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


def test_a_path_is_set_once(sim, file):
    """Which of two settings of one path counts is never left to their order."""
    twice = ("--set", "settlement.patience_days=1", "--set", "settlement.patience_days=2")
    result = sim("run", file, *twice)
    assert result.exit_code == 3
    assert "S156" in result.stderr


# --- Looking at a scenario ---


def test_a_shown_scenario_is_a_scenario(sim, file, tmp_path):
    """What sim show prints can be run, and is the same scenario."""
    shown = tmp_path / "shown.yaml"
    shown.write_text(sim("show", file).stdout)
    assert simulator.load(shown) == simulator.load(file)
    told = json.loads(sim("show", file, "--json").stdout)
    assert told["scenario"]["name"] == "tiny"


def test_origins_name_file_and_line(sim, file):
    """Every value is shown with where it was set; a setting names its option."""
    setting = ("--set", "settlement.patience_days=5")
    told = sim("show", file, "settlement", *setting).stdout
    assert "settlement.patience_days\n    5 days, constant\n    was 60\n    --set:1" in told
    assert f"{file}:1" in told
    lines = sim("show", file, "--origins", "--plain").stdout.splitlines()
    assert len({line.count("\t") for line in lines}) == 1
    entries = json.loads(sim("show", file, "corridors", "--json").stdout)["entries"]
    assert {entry["path"].split(".")[0] for entry in entries} == {"corridors"}
    assert sim("show", file, "corridor").exit_code == 3


def test_the_schema_is_json(sim):
    """Standard output holds the schema and nothing else."""
    assert json.loads(sim("schema").stdout)["$schema"].endswith("2020-12/schema")


def test_a_new_scenario_is_written_once(sim):
    """The file is there, can be checked, and is never overwritten."""
    first = sim("init", "mine", "--pair", "Iran", "Russia", "--year", "2027")
    assert first.exit_code == 0
    assert "sim run mine.yaml" in first.stdout
    assert "valid" in sim("check", "mine.yaml").stdout
    Path("mine.yaml").write_text("precious")
    assert sim("init", "mine").exit_code == 2
    assert Path("mine.yaml").read_text() == "precious"
    assert sim("init", "mine2", "--pair", "Iran", "Persia").exit_code == 3
    assert sim("init", "mine2", "--out", "nowhere").exit_code == 2


def test_every_code_can_be_explained(sim):
    """A code is explained in words, as a line and as data; without a code all are listed."""
    assert "Right:" in sim("explain", "s121").stdout
    assert len(sim("explain", "S121", "--plain").stdout.splitlines()) == 1
    assert json.loads(sim("explain", "S121", "--json").stdout)["S121"]["wrong"]
    listed = sim("explain").stdout
    assert all(code in listed for code in CODES)
    assert len(json.loads(sim("explain", "--json").stdout)) == len(CODES)
    assert sim("explain", "S999").exit_code == 2


def test_problems_are_lines_for_an_editor(sim, file):
    """With --plain a problem is one line on standard output, with file, line and column first."""
    wrong = sim("check", file, "--set", "settlement.patience_days=-1", "--plain")
    assert wrong.exit_code == 3
    assert wrong.stdout.startswith("--set:1:26: error S121: ")
    doubtful = sim("check", file, "--set", "corridors.caspian.minimum_days=4000", "--plain")
    assert doubtful.stdout.startswith("--set:1:32: warning S210: ")
    told = json.loads(sim("check", file, "--json").stdout)
    assert (told["errors"], told["warnings"]) == ([], [])
    assert told["valid"][0]["question"].endswith("?")


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


def test_check_tells_refusals_and_errors_of_every_file(sim, file):
    """A file above a limit does not hide what is wrong with the others, in words and as data."""
    long, wrong = Path("long.yaml"), Path("wrong.yaml")
    horizon = {**SCENARIO["horizon"], "end": "2123-12-31"}
    long.write_text(json.dumps({**SCENARIO, "horizon": horizon}))
    wrong.write_text("question: What if?\n")
    result = sim("check", long, wrong, file)
    assert (result.exit_code, "S182" in result.stderr, "S105" in result.stderr) == (3, True, True)
    assert f"{file}: valid" in result.stdout
    told = json.loads(sim("check", long, file, "--json").stdout)
    assert [problem["code"] for problem in told["errors"]] == ["S182"]
    assert [valid["file"] for valid in told["valid"]] == [str(file)]
    assert sim("check", long, file).exit_code == 4


def test_strict_calls_no_doubtful_file_valid(sim, file):
    """A file that is refused for a warning is not called valid before."""
    doubtful = ("--set", "corridors.caspian.minimum_days=4000", "--strict")
    assert sim("check", file, *doubtful).stdout == ""


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
        "from simulator.terminal import put; put('a \\u2013 b \\u2192 c \\u00b1 d')",
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
