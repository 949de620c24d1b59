"""Every broken file of this folder fails as the comments at its top say."""

import re
from pathlib import Path

import pytest

from simulator.errors import CODES, RefusedError, ScenarioError, plain, render, visible
from simulator.scenario.reading import load

FOLDER = Path(__file__).parent
FILES = sorted(FOLDER.glob("*.yaml"))
EXPECTED = re.compile(r"# [AB]\d\d: exit (\d), (S\d+), line (\d+): (.*)")


def problems_of(file):
    """The exit code and the problems of a file."""
    try:
        load(file)
    except ScenarioError as error:
        return error.exit_code, error.problems
    except RefusedError as error:
        return error.exit_code, (error.problem,)
    return 0, ()


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_file_fails_as_its_comments_say(file):
    """Exit code, code, line and words of every problem are those that the file announces."""
    expected = EXPECTED.findall(file.read_text(encoding="utf-8"))
    code, problems = problems_of(file)
    assert {str(code)} == ({exit_code for exit_code, *_ in expected} or {"0"})
    assert [(p.code, str(p.line)) for p in problems] == [(c, n) for _, c, n, _ in expected]
    for problem, (_, _, _, words) in zip(problems, expected, strict=True):
        assert words in plain(problem)
        assert problem.file == str(file)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_problem_shows_its_line_with_a_caret(file):
    """A block shows the line of the file as it stands there, and a caret below it."""
    lines = file.read_text(encoding="utf-8").split("\n")
    for problem in problems_of(file)[1]:
        error = ScenarioError([problem])
        assert f"{problem.line} | {visible(lines[problem.line - 1][:150])}".rstrip() in render(
            error
        )
        assert "^" in render(error)
        assert problem.code in CODES
        assert 1 <= problem.column <= len(lines[problem.line - 1]) + 1


def test_nothing_in_a_file_is_carried_out():
    """A tag that asks for a command leaves no trace."""
    problems_of(FOLDER / "a09-python-tag.yaml")
    assert not Path("canary").exists()
