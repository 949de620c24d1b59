"""Designs: what a sweep tries."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.designs import Factor, factor, from_block, parse_factor, points, size
from simulator.errors import ScenarioError

A, B = Factor("a", (1, 2, 3)), Factor("b", (10, 20))


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


def test_a_grid_is_every_combination():
    """The last factor goes round fastest, and the size is known before."""
    tried = points([A, B])
    assert tried[:3] == [{"a": 1, "b": 10}, {"a": 1, "b": 20}, {"a": 2, "b": 10}]
    assert len(tried) == size([A, B], "grid", None) == 6
    assert size([Factor("x", tuple(range(3000)))] * 3, "grid", None) == 27_000_000_000


def test_a_zip_goes_along_together():
    """Equal lengths only."""
    assert points([B, Factor("c", (1, 2))], "zip") == [{"b": 10, "c": 1}, {"b": 20, "c": 2}]
    with pytest.raises(ScenarioError, match="as many values"):
        points([A, B], "zip")


@pytest.mark.parametrize("design", ["latin", "sobol"])
def test_spread_out_points_fill_the_box(design):
    """Each eighth of a range holds an eighth of the points; lists are used evenly."""
    box = [factor("x", "0..1:5"), factor("y", "10..20:2"), factor("word", ["a", "b"])]
    tried = points(box, design, 64)
    assert len(tried) == size(box, design, 64) == 64
    for path, low, high in (("x", 0, 1), ("y", 10, 20)):
        values = np.array([one[path] for one in tried])
        assert np.all((low <= values) & (values <= high))
        assert np.histogram(values, 8, (low, high))[0].tolist() == [8] * 8
    assert sum(one["word"] == "a" for one in tried) == 32
    assert points(box, design, 64) == tried


def test_a_design_has_a_name():
    """S125 for a design that is none, S156 for a path that is varied twice."""
    with pytest.raises(ScenarioError, match="S125"):
        points([A], "random")
    with pytest.raises(ScenarioError, match="S156"):
        points([A, A])


def test_a_file_says_the_same_as_the_command_line():
    """The block of a file holds factors, design and points."""
    block = {"vary": {"a": [1, 2, 3], "b": "10..20:2"}, "design": "sobol", "points": 8}
    assert from_block(block) == ([A, Factor("b", (10.0, 20.0), is_range=True)], "sobol", 8)


@pytest.mark.parametrize(
    "block", [{}, {"vary": {}}, {"vary": [1]}, {"vary": {"a": [1]}, "points": 0}, {"vry": {}}]
)
def test_a_block_that_says_something_else_is_an_error(block):
    """What is missing or unknown is named."""
    with pytest.raises(ScenarioError):
        from_block(block)
