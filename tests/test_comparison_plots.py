"""Figures of comparisons: titles are findings, and nothing is cut off."""

from dataclasses import replace

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from runs_for_tests import synthetic

from simulator.comparison_plots import difference, fans, figures, save_comparison, steps
from simulator.comparisons import compare
from simulator.drawing import SHEETS


def _named(run, name):
    return replace(run, scenario=run.scenario.model_copy(update={"name": name}))


def _drawn(figure, before, after):
    return figure(compare(before, after), before, after)


@pytest.fixture(scope="module")
def three():
    """A run, one with more trade and a long name, and one with less."""
    return [
        synthetic(120),
        _named(synthetic(120, scale=1.2), "a-name-as-long-as-those-of-overrides.usually_are"),
        _named(synthetic(120, scale=0.7), "less"),
    ]


def test_every_figure_is_drawn_once(three, tmp_path):
    """A difference and fans for each other run, and one ladder, as SVG, PNG and CSV."""
    folder = save_comparison(three, tmp_path)
    names = sorted(path.name for path in folder.iterdir())
    stems = ["difference-1", "difference-2", "fans-1", "fans-2", "ladder"]
    assert names == sorted(f"{stem}.{kind}" for stem in stems for kind in ("csv", "svg", "png"))
    before = folder.stat().st_mtime_ns
    assert save_comparison(three, tmp_path) == folder
    assert folder.stat().st_mtime_ns == before
    growing = replace(three[0], asked=1000)
    assert save_comparison([growing, three[1]], tmp_path) != save_comparison(three[:2], tmp_path)


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_nothing_is_cut_off(three, sheet):
    """Every word lies inside the picture, in either width."""
    for draw in figures(three, sheet).values():
        figure = draw()
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
        in _drawn(difference, three[0], three[1]).get_label()
    )
    assert "instead of" in _drawn(fans, three[0], three[1]).get_label()
    assert steps(three).get_label().startswith("tiny reaches the target in")
