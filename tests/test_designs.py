"""Designs: what a sweep tries."""

import numpy as np
import pytest

from simulator.designs import points, size
from simulator.errors import ScenarioError
from simulator.scenario.sweeping import Factor, factor

A, B = Factor("a", (1, 2, 3)), Factor("b", (10, 20))


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
