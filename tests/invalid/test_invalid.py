"""Every file of this folder is read as the comments at its top say."""

import re
from pathlib import Path

import pytest

from simulator.errors import (
    CODES,
    RefusedError,
    ScenarioError,
    described,
    plain,
    render,
    visible,
)
from simulator.scenario.reading import read

FOLDER = Path(__file__).parent
FILES = sorted(FOLDER.glob("*.yaml"))
EXPECTED = re.compile(
    r"^# ([ABC]\d\d): exit (\d)(?:, (S\d+), line (\d+)(?: of (\S+))?: (.*))?$", re.MULTILINE
)
"""``# A17: exit 3, S104, line 7: words``, with ``of parents/x.yaml`` for a line of another file,
and no more than ``# A20: exit 0`` for a file that is valid and about which there is no warning."""

EACH_FILE = pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)


def text_of(file):
    """The text of a file as a person sees it, who opens it with the right encoding or a wrong."""
    text = file.read_bytes().decode("utf-8-sig", errors="replace")
    if "#\0" in text or "\0#" in text:  # UTF-16 read as UTF-8
        text = text.replace("\0", "").lstrip("\ufffd")
    return re.sub(r"\r\n?", "\n", text)


def announced(file):
    """Id, exit code, code, line, other file and words of every problem that a file announces."""
    return EXPECTED.findall(text_of(file).lstrip("\ufeff"))


def problems_of(file):
    """The exit code, and the problems or warnings, of a file."""
    try:
        return 0, read(file).warnings
    except ScenarioError as error:
        return error.exit_code, error.problems
    except RefusedError as error:
        return error.exit_code, (error.problem,)


@EACH_FILE
def test_a_file_is_read_as_its_comments_say(file):
    """Exit code, code, line and words of every problem are those that the file announces."""
    expected = announced(file)
    code, problems = problems_of(file)
    assert {str(code)} == {exit_code for _, exit_code, *_ in expected}
    told = [(p.code, str(p.line), plain(p)) for p in problems]
    wanted = [(c, line, words) for _, _, c, line, _, words in expected if c]
    assert [row[:2] for row in told] == [row[:2] for row in wanted], told
    for (_, _, _, _, other, words), problem in zip(expected, problems, strict=False):
        assert words in plain(problem)
        assert Path(problem.file).resolve() == (FOLDER / other if other else file).resolve()


@EACH_FILE
def test_a_file_announces_what_its_name_says(file):
    """The comments of a file bear the id that its name begins with, and stand at its top."""
    ids = {id_ for id_, *_ in announced(file)}
    assert ids == {file.stem.partition("-")[0].upper()}
    count = len(announced(file))
    assert all(EXPECTED.match(line) for line in text_of(file).lstrip("\ufeff").split("\n")[:count])


@EACH_FILE
def test_a_problem_shows_its_line_with_a_caret(file):
    """A block shows the line of the file as it stands there, and a caret below it."""
    for problem in problems_of(file)[1]:
        assert problem.code in CODES
        if problem.code == "S113":  # no line can be shown of what is no text
            continue
        lines = text_of(Path(problem.file)).split("\n")
        block = described(problem)
        assert f"{problem.line} | {visible(lines[problem.line - 1][:150])}".rstrip() in block
        assert "^" in block
        assert 1 <= problem.column <= len(lines[problem.line - 1]) + 1


@EACH_FILE
def test_a_terminal_gets_no_character_that_moves_it(file):
    """Whatever a file holds, what is told of it has no control or direction characters."""
    problems = problems_of(file)[1]
    for told in (*map(plain, problems), render(ScenarioError(problems)) if problems else ""):
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", told)
        told.encode()


def test_nothing_in_a_file_is_carried_out():
    """A tag that asks for a command leaves no trace."""
    problems_of(FOLDER / "a09-python-tag.yaml")
    assert not Path("canary").exists()
