"""The figure of a calibration, and the folder in which it lies."""

import json

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from series_for_tests import uncertain, written

from simulator.calibration_plots import inputs, save_calibration
from simulator.calibration_words import finding
from simulator.evidence.calibration import calibrate


@pytest.fixture(scope="module")
def fitted(tmp_path_factory):
    """A short series and what it says of the small scenario."""
    rows = [("home", year, amount) for year, amount in ((2020, 70), (2021, 95), (2022, 120))]
    file = written(tmp_path_factory.mktemp("fit") / "series.csv", rows)
    return calibrate(uncertain(), file, replications=400)


def test_a_calibration_is_stored_once(fitted, tmp_path):
    """Its numbers as JSON and the figure twice; a second time nothing changes."""
    folder = save_calibration(fitted, tmp_path)
    assert folder.name == f"calibration-{fitted.id}"
    names = sorted(path.name for path in (folder / "plots").iterdir())
    assert names == ["inputs.png", "inputs.svg"]
    data = json.loads((folder / "calibration.json").read_text())
    assert [one["path"] for one in data["inputs"]] == [fit.path for fit in fitted.fits]
    before = folder.stat().st_mtime_ns
    assert save_calibration(fitted, tmp_path) == folder
    assert folder.stat().st_mtime_ns == before


def test_nothing_is_cut_off(fitted):
    """Every word lies inside the picture, whose title is the finding."""
    figure = inputs(fitted)
    renderer = FigureCanvasAgg(figure).get_renderer()
    figure.draw(renderer)
    box, (width, height) = figure.get_tightbbox(renderer), figure.get_size_inches()
    assert (box.x0 >= 0, box.y0 >= 0, box.x1 <= width, box.y1 <= height) == (True,) * 4
    assert figure.get_label().startswith(finding(fitted))


def test_a_bar_stands_where_the_fit_lies_in_the_law(fitted):
    """From its 5 to its 95 %, thick only for what the series tells of."""
    fits = sorted(fitted.fits, key=lambda fit: -fit.narrowed)
    bars = [line for line in inputs(fitted).axes[0].lines if list(line.get_ydata()) != [0, 1]]
    for row, fit in enumerate(fits):
        bar = next(x for x in bars if len(x.get_xdata()) == 2 and x.get_ydata()[0] == row)
        assert list(bar.get_xdata()) == [fit.shares[1], fit.shares[3]]
        assert (bar.get_linewidth() > 2) == fit.is_informed
