"""Sweeping: what a file or the command line asks to vary."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from runs_for_tests import SCENARIO

from simulator.errors import ScenarioError
from simulator.scenario.reading import checked, read
from simulator.scenario.sweeping import Block, Factor, parse_factor


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("p=1..4", (1, 2, 3, 4)),
        ("p=0..1:3", (0.0, 0.5, 1.0)),
        ("p=0.1..0.5", (0.1, 0.2, 0.3, 0.4, 0.5)),
        ("p=-2..2:2", (-2.0, 2.0)),
        ("p=0.01,0.05,0.1", (0.01, 0.05, 0.1)),
        ("p=5", (5,)),
        ("p=air,rail", ("air", "rail")),
    ],
)
def test_factors_are_written_as_ranges_or_lists(text, values):
    """Whole numbers, equal steps, lists and words."""
    assert parse_factor(text).path == "p"
    assert parse_factor(text).values == values


@pytest.mark.parametrize(
    "text", ["p", "p=", "p=4..1", "p=1..1", "p=0..1:1", "p p=1", "p=a..b", "p=1,,2"]
)
def test_what_is_no_factor_is_told(text):
    """S152: with an example of how to write it."""
    with pytest.raises(ScenarioError, match="S152"):
        parse_factor(text)


@given(st.text(max_size=30))
def test_no_text_breaks_the_reader(text):
    """Whatever is typed is a factor or an error of the scenario."""
    try:
        found = parse_factor(f"p={text}")
    except ScenarioError as error:
        found = error
    assert getattr(found, "values", None) or found.problems[0].code == "S152"


def asked(tmp_path, block):
    """A file with a sweep block."""
    file = tmp_path / "tiny.yaml"
    file.write_text(json.dumps(SCENARIO | {"sweep": block}, indent=1))
    return file


def test_a_file_says_the_same_as_the_command_line(tmp_path):
    """The block of a file holds factors, design and points; without one there is nothing."""
    block = {"vary": {"a": [1, 2, 3], "b": "10..20:2", "c": 5}, "design": "sobol", "points": 8}
    factors = (
        Factor("a", (1, 2, 3)),
        Factor("b", (10.0, 20.0), is_range=True),
        Factor("c", (5,)),
    )
    assert read(asked(tmp_path, block)).sweep == Block(factors, "sobol", 8)
    assert read(asked(tmp_path, None)).sweep is None


@pytest.mark.parametrize(
    ("block", "code"),
    [
        ({}, "S111"),
        ([1], "S111"),
        ({"vary": {}}, "S111"),
        ({"vary": [1]}, "S111"),
        ({"vary": {"a": [1]}, "points": 0}, "S121"),
        ({"vary": {"a": [1]}, "points": True}, "S121"),
        ({"vary": {"a": [1]}, "design": "star"}, "S125"),
        ({"vary": {"a": [1]}, "pionts": 3}, "S104"),
        ({"vary": {"a": "4..1"}}, "S152"),
        ({"vary": {"a": []}}, "S152"),
    ],
)
def test_a_block_that_says_something_else_is_told_with_its_line(tmp_path, block, code):
    """Checking a file finds it, not only sweeping it."""
    with pytest.raises(ScenarioError) as caught:
        checked(asked(tmp_path, block))
    (problem,) = caught.value.problems
    assert problem.code == code
    assert problem.line > 1
    assert problem.field.startswith("sweep")
