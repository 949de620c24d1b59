"""Figures of comparisons: titles are findings, and nothing is cut off."""

from dataclasses import replace

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from runs_for_tests import synthetic

from simulator.comparison_plots import difference, fans, plot_comparison, steps


def _named(run, name):
    return replace(run, scenario=run.scenario.model_copy(update={"name": name}))


@pytest.fixture(scope="module")
def three():
    """A run, one with more trade and a long name, and one with less."""
    return [
        synthetic(120),
        _named(synthetic(120, scale=1.2), "a-name-as-long-as-those-of-overrides.usually_are"),
        _named(synthetic(120, scale=0.7), "less"),
    ]


def test_every_figure_is_drawn_twice(three, tmp_path):
    """A difference and fans for each other run, and one ladder, as SVG and PNG."""
    names = sorted(path.name for path in plot_comparison(three, tmp_path))
    stems = ["difference-1", "difference-2", "fans-1", "fans-2", "ladder"]
    assert names == sorted(f"{stem}.{kind}" for stem in stems for kind in ("svg", "png"))


@pytest.mark.parametrize("place", [0, 1, 2])
def test_nothing_is_cut_off(three, place):
    """Every word lies inside the picture."""
    before, more, less = three
    for figure in (difference(before, more), fans(before, less), steps(three))[place : place + 1]:
        renderer = FigureCanvasAgg(figure).get_renderer()
        figure.draw(renderer)
        box, (width, height) = figure.get_tightbbox(renderer), figure.get_size_inches()
        assert box.x0 >= 0
        assert box.y0 >= 0
        assert box.x1 <= width
        assert box.y1 <= height


def test_the_title_is_the_finding(three):
    """The words of the figure say what it shows."""
    assert (
        "is higher in 100 of 100 pairs of runs than tiny"
        in difference(three[0], three[1]).get_label()
    )
    assert "instead of" in fans(three[0], three[1]).get_label()
    assert steps(three).get_label().startswith("tiny reaches the target in")
