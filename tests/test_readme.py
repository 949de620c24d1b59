"""What the README says is executed here."""

import ast
import os
import re
import shlex
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

import simulator
from simulator.ledger import ACCOUNTS
from simulator.scenario import quantities, types
from simulator.scenario.reading import checked

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
COMMANDS = [line for kind, block in BLOCKS if kind == "bash" for line in block.splitlines() if line]


@pytest.mark.parametrize("command", [line for line in COMMANDS if line.startswith("sim ")])
def test_every_sim_command_works(command, tmp_path):
    """Each command of the README does what it says, here with few replications."""
    words = shlex.split(command)[1:]
    if words[0] in ("run", "compare", "sweep", "need", "collective", "why"):
        words = [word for word in words if not word.isdecimal() and word != "--reps"]
        words = [word for word in words if word != "--workers"]
        words += ["--reps", "4", "--workers", "1", "--out", str(tmp_path)]
        words += ["--sampled", "1"] if words[0] == "why" else []
    if words[0] == "calibrate":
        words += ["--reps", "400", "--workers", "1", "--out", str(tmp_path)]
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-m", "simulator", *words],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    if words[0] == "run":
        assert done.stdout.startswith("Trade between Iran and Belarus")
    elif words[0] == "compare":
        assert "The target is met in" in done.stdout
    elif words[0] == "sweep":
        assert done.stdout.startswith("Best of 4 settings")
    elif words[0] == "why":
        assert "What each friction costs" in done.stdout
    elif words[0] == "check":
        assert done.stdout.count(": valid, ") == len(words) - 1
    else:
        assert done.stdout.count("\n") > 5


def test_the_two_commands_are_what_ci_runs():
    """The first command installs the package and runs the main job, the second tests it."""
    first, second = COMMANDS[:2]
    assert first.startswith("python3 -m venv .venv && .venv/bin/pip install --constraint")
    assert first.endswith("sim run scenarios/iran-belarus-2023.yaml")
    assert second.endswith("'.[test]' && .venv/bin/pytest")
    assert second.partition(" && ")[2] in (ROOT / ".ci" / "run").read_text()


def test_the_python_example_runs(tmp_path):
    """The example for Python prints an answer."""
    code = next(block for kind, block in BLOCKS if kind == "python")
    example = tmp_path / "example.py"
    example.write_text(code.replace("replications=40", "replications=4"))
    done = subprocess.run(  # noqa: S603
        [sys.executable, str(example)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0, done.stderr
    assert "USD 200 million" in " ".join(done.stdout.split())


TOUR = README.partition("### The language in a page")[2].partition("\n## ")[0]
LESSONS = re.findall(r"^```yaml\n(.*?)^```", TOUR, re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def lessons(tmp_path_factory):
    """Every scenario of the tour by its question, read from a file of its own without a warning."""
    folder = tmp_path_factory.mktemp("scenarios")
    for file in (ROOT / "scenarios").iterdir():
        if file.suffix in (".yaml", ".csv"):
            shutil.copy(file, folder)
    told = {}
    for number, text in enumerate(LESSONS):
        file = folder / f"lesson-{number}.yaml"
        file.write_text(text)
        found = checked(file)
        assert found.warnings == (), text
        told[found.scenario.question.split()[-1]] = found.scenario
    return told


def test_the_tour_of_the_language_is_a_page():
    """The tour shows the whole language on about a page, and each lesson is a scenario."""
    assert 5 <= len(LESSONS) <= 8
    assert len(TOUR.splitlines()) < 130
    for word in ("extends", "changes", "overrides", "apply", "calendar", "_replace_", "measures"):
        assert f"{word}:" in TOUR or f"{word}." in TOUR


def test_the_lessons_of_the_tour_say_what_they_are_said_to_say(lessons):
    """Each scenario of the tour differs from the flagship as its text promises."""
    for question in ("large?", "be?"):
        account = lessons[question].settlement.channels["clearing"].clearing
        assert account.credit_limit_usd_million.central == 20
    longer = lessons["off?"]
    assert {c.minimum_days.central for c in longer.corridors.values()} == {18}
    assert longer.settlement.patience_days.central == 120
    assert "eaeu_free_trade" not in longer.agreements
    potash = lessons["rail?"].exports["BLR"].goods["potash_fertiliser"]
    assert list(potash.corridors) == ["east_rail"]
    relief = lessons["2025?"]
    assert relief.sanctions["eu_belarus_2022"].lifted.ever_share.central == 0.2
    assert relief.measures["guarantee"].until.day == date(2025, 12, 31)
    spring = lessons["on?"].measures["guarantee"].at.day
    assert spring == date(2023, 3, 21)


def test_the_lessons_of_the_tour_can_be_run(lessons):
    """Every scenario of the tour gives trade."""
    for scenario in lessons.values():
        run = simulator.run(scenario, replications=1)
        assert run.tables["replications"]["delivered_orders"].to_pylist()[0] > 0


def test_the_table_of_modules_is_their_own_first_sentences():
    """Every module stands in the table with the paragraph that opens it."""
    for path in (ROOT / "simulator").rglob("*.py"):
        opening = ast.get_docstring(ast.parse(path.read_text()))
        if opening and path.name != "__init__.py":
            name = path.relative_to(ROOT / "simulator").with_suffix("").as_posix()
            sentence = " ".join(opening.split("\n\n")[0].split())
            assert f"| `{name}` | {sentence} |" in README, name


def test_the_table_of_scenarios_is_their_questions():
    """Every shipped scenario stands in the table with its question."""
    for path in sorted((ROOT / "scenarios").glob("*.yaml")):
        question = simulator.load(path).question
        assert f"| `{path.stem}` | {question} |" in README


def test_the_glossary_knows_every_noun():
    """Nouns of the facade and of the ledger, and every field of a scenario, are explained."""
    glossary = README.partition("## Glossary")[2]
    nouns = [name.lower() for name in simulator.__all__ if name[0].isupper()]
    for noun in [noun for noun in nouns if noun != "simulatorerror"]:
        assert noun in glossary.lower(), noun
    for account in ("potential", "realised", "capacity", "contract"):
        assert account in glossary
        assert any(account in words for words in ACCOUNTS.values())
    fields = {name for kind in kinds() for name in kind.model_fields}
    assert len(fields) > 150
    assert {name for name in fields if f"`{name}`" not in glossary} == set()


def kinds():
    """Every type of which a scenario is made."""
    modules = (vars(types), vars(quantities))
    found = {value for module in modules for value in module.values() if isinstance(value, type)}
    return [kind for kind in found if issubclass(kind, quantities.Frozen)]


def test_prose_and_code_hold_no_place_of_their_making():
    """No file names a machine's folder."""
    folders = ("/wo" + "rk/", "/ro" + "ot/", "/ho" + "me/")
    for path in [*ROOT.glob("*.md"), *(ROOT / "simulator").rglob("*.py"), *ROOT.glob("*.toml")]:
        assert not any(folder in path.read_text() for folder in folders), path.name
