"""What the README says is executed here."""

import ast
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

import simulator
from simulator.ledger import ACCOUNTS

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
COMMANDS = [line for kind, block in BLOCKS if kind == "bash" for line in block.splitlines() if line]


@pytest.mark.parametrize("command", [line for line in COMMANDS if line.startswith("sim ")])
def test_every_sim_command_works(command, tmp_path):
    """Each command of the README does what it says, here with few replications."""
    words = shlex.split(command)[1:]
    if words[0] == "run":
        words = [word for word in words if not word.isdecimal() and word != "--reps"]
        words = [word for word in words if word != "--workers"]
        words += ["--reps", "4", "--workers", "1", "--out", str(tmp_path)]
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
    else:
        assert done.stdout.count(": valid, ") == len(words) - 1


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


def test_the_example_of_a_difference_loads(tmp_path):
    """The scenario of three lines is a scenario."""
    text = next(block for kind, block in BLOCKS if kind == "yaml" and "extends" in block)
    for name in ("iran-belarus-2023.yaml",):
        (tmp_path / name).write_text((ROOT / "scenarios" / name).read_text())
    (tmp_path / "four-times.yaml").write_text(text)
    account = simulator.load(tmp_path / "four-times.yaml").settlement.channels["clearing"].clearing
    assert account.credit_limit_usd_million.central == 20


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


def test_the_glossary_knows_the_public_nouns():
    """Nouns of the facade and of the ledger are explained."""
    glossary = README.partition("## Glossary")[2].lower()
    nouns = [name.lower() for name in simulator.__all__ if name[0].isupper()]
    for noun in [noun for noun in nouns if noun != "simulatorerror"]:
        assert noun in glossary, noun
    for account in ("potential", "realised", "capacity", "contract"):
        assert account in glossary
        assert any(account in words for words in ACCOUNTS.values())


def test_prose_and_code_hold_no_place_of_their_making():
    """No file names a machine's folder."""
    folders = ("/wo" + "rk/", "/ro" + "ot/", "/ho" + "me/")
    for path in [*ROOT.glob("*.md"), *(ROOT / "simulator").rglob("*.py"), *ROOT.glob("*.toml")]:
        assert not any(folder in path.read_text() for folder in folders), path.name
