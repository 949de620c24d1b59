"""One text becomes a tree: what YAML we read, and how it refuses."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.errors import RefusedError, ScenarioError
from simulator.scenario.checking import LIMITS
from simulator.scenario.parsing import parsed
from simulator.scenario.trees import Source


def tree_of(text):
    """The tree of a text without problems."""
    tree, problems = parsed(Source("given", tuple(text.split("\n"))), LIMITS)
    assert problems == ()
    return tree


def codes_of(text):
    """The codes and places of the problems of a text."""
    try:
        _, problems = parsed(Source("given", tuple(text.split("\n"))), LIMITS)
    except ScenarioError as error:
        problems = error.problems
    return [(problem.code, problem.line, problem.column) for problem in problems]


def test_values_and_keys_know_their_places():
    """Every value has its line and column, counted from 1."""
    tree = tree_of("a:\n  b: [x, 'y']\nlong: |\n  one\n  two\n")
    assert tree.plain == {"a": {"b": ("x", "y")}, "long": "one\ntwo\n"}
    mark = tree.values["a", "b", "1"]
    assert (mark.line, mark.column, mark.width) == (2, 10, 3)
    assert tree.keys["a", "b"].column == 3


def test_keys_are_text():
    """A key is the text that stands there: years and NO too."""
    assert tree_of("2023: 1\nNO: 2\nnull: 3\n").plain == {"2023": 1, "NO": 2, "null": 3}


def test_quoted_words_are_text():
    """Quotes keep a word what it is."""
    assert tree_of("a: '5'\nb: \"true\"\nc: 5").plain == {"a": "5", "b": "true", "c": 5}


@pytest.mark.usefixtures("undisturbed")
@pytest.mark.parametrize("text", ["[" * 100_000, "{a: " * 100_000, "- " * 50_000, "[" * 1_000_000])
def test_deep_nesting_ends_at_the_limit(text):
    """Level 33 is refused at its place, fast and without exhausting the stack."""
    before = time.process_time()
    ((code, line, column),) = codes_of(text)
    assert (code, line) == ("S112", 1)
    assert column == 32 * (text.index(text[0], 1) if text[0] in text[1:] else 1) + 1
    assert time.process_time() - before < 5


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a: \x1b", "S114"),
        ("a: x\x00", "S114"),
        ('a: "\\e[31m"', "S114"),
        ('a: "\\ud800"', "S114"),
        ("a: \u202eb", "S114"),
        ('a: "\\u2066"', "S114"),
        ('"a\\0": 1', "S114"),
        ("? [a, b]\n: 1", "S115"),
        (": 1", "S115"),
        ("? {a: 1}\n: {b: 2}", "S115"),
        ("a: 1\na: 2", "S109"),
        ("a: {b: 1, b: 2}", "S109"),
        ("a: !!int 1", "S110"),
        ("!x\na: 1", "S110"),
        ("a: &b 1", "S110"),
        ("a: *b", "S110"),
        ("a:\tb", "S107"),
        ("a: b: c", "S106"),
        ("a: @b", "S106"),
        ("a: [1", "S106"),
        ("%YAML 9.9\n---\na: 1", "S106"),
        ("%FOO\n---\na: 1\n...\n%", "S106"),
        ("a: 1\n...\nb: 2", "S108"),
        ("a: 1\n---\nb: 2", "S108"),
    ],
)
def test_what_is_not_read(text, code):
    """Each thing that we do not read has its own code."""
    assert code in [found for found, _, _ in codes_of(text)]


def test_letters_of_any_language_are_fine():
    """Persian text and its zero-width non-joiner are plain text."""
    text = "تجارت می\u200cشود"
    assert tree_of(f"title: {text}").plain == {"title": text}


@given(st.text(alphabet=st.sampled_from("ab:-?[]{}&*!|>'\"%@`#, \n\t.0~<=\\")))
def test_any_text_has_a_tree_or_problems(text):
    """No text makes the reader fail in another way."""
    lines = tuple(text.split("\n"))
    try:
        _, problems = parsed(Source("given", lines), LIMITS)
    except ScenarioError as error:
        problems = error.problems
    except RefusedError as error:
        problems = (error.problem,)
    assert all(1 <= problem.line <= len(lines) + 1 for problem in problems)
