"""How problems look to people and to programs."""

import re
from pathlib import Path

from simulator import errors
from simulator.errors import (
    CODES,
    InvariantError,
    Problem,
    RefusedError,
    ScenarioError,
    plain,
    render,
    visible,
)

PROBLEM = Problem(
    "S104",
    "unknown field 'capacty'",
    file="scenarios/one.yaml",
    line=41,
    column=5,
    field="crossings.astara.capacty",
    note="not a field of a crossing",
    suggestion="capacity",
    width=7,
    excerpt=((40, "  astara:"), (41, "    capacty: 12")),
)

BLOCK = """\
error[S104]: unknown field 'capacty'
  --> scenarios/one.yaml:41:5
   |
40 |   astara:
41 |     capacty: 12
   |     ^^^^^^^ not a field of a crossing
   = field: crossings.astara.capacty
   = did you mean: capacity

1 error, nothing was run.   Explain: sim explain S104"""


def test_a_problem_is_shown_with_its_line_and_a_caret():
    """The block of a problem leads the eye from the heading to the advice."""
    assert render(ScenarioError([PROBLEM])) == BLOCK


def test_the_plain_form_is_one_line():
    """Editors read file, line and column first."""
    assert plain(PROBLEM) == (
        "scenarios/one.yaml:41:5: error S104: unknown field 'capacty', "
        "not a field of a crossing; did you mean 'capacity'?"
    )


def test_only_the_first_problems_are_shown_in_full():
    """After twenty problems the others are counted."""
    shown = render(ScenarioError([PROBLEM] * 23))
    assert shown.count("error[S104]") == 20
    assert "\nand 3 more\n" in shown
    assert shown.endswith("23 errors, nothing was run.   Explain: sim explain S104")


def test_a_refusal_names_its_option():
    """What is above a limit says how to raise it."""
    error = RefusedError(Problem("S182", "the horizon is too long"), "--allow-long")
    assert render(error).endswith("Raise the limit: --allow-long")
    assert "--allow-long" in str(error)


def test_text_of_users_is_harmless_on_a_terminal():
    """Control and direction characters are shown, not sent."""
    hostile = "\x1b[31m\r\u202e\x00\ud800"
    assert visible(hostile) == "\\x1b[31m\\x0d\\u202e\\x00\\ud800"
    problem = Problem("S104", hostile, hostile, 1, 3, hostile, hostile, excerpt=((1, hostile),))
    for text in (render(ScenarioError([problem])), plain(problem)):
        assert not re.search("[\x00-\x09\x0b-\x1f\u202e\ud800]", text)


def test_the_caret_stands_below_what_is_shown():
    """A character that is shown longer moves the caret, and a long line is cut around it."""
    moved = Problem("S1", "x", "f", 1, 2, width=1, excerpt=((1, "\x1bab"),))
    assert "  | \\x1bab\n  |     ^" in "  " + render(ScenarioError([moved])).replace("\n1", "\n ")
    long = Problem("S1", "x", "f", 1, 100_001, width=3, excerpt=((1, "y" * 100_000 + "abc"),))
    lines = render(ScenarioError([long])).split("\n")
    assert max(map(len, lines)) < 200
    assert lines[3].index("abc") == lines[4].index("^^^")


def test_who_includes_a_file_is_told():
    """A problem in a parent names the place that led there."""
    problem = Problem("S104", "x", "base.yaml", 18, 14, included_by=("one.yaml:2",))
    assert "base.yaml:18:14   (included by one.yaml:2)" in render(ScenarioError([problem]))


def test_an_invariant_tells_the_last_events():
    """A broken law of the books shows what happened last."""
    error = InvariantError("goods are lost", ["day 1: sent", "day 2: lost"])
    assert str(error) == "goods are lost\nday 1: sent\nday 2: lost"
    assert error.exit_code == 7


def test_every_code_used_is_explained_and_every_code_explained_is_used():
    """The table of codes is the list of what can be said."""
    folder = Path(errors.__file__).parent
    texts = [p.read_text(encoding="utf-8") for p in folder.rglob("*.py")]
    used = {code for text in texts for code in re.findall(r'"(S\d{3})"(?!:)', text)}
    assert used == set(CODES)
