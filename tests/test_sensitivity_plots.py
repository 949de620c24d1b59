"""Figures of sensitivities, and the folder in which they lie."""

import csv
import getpass
import json
import re
import socket
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from sensitivities_for_tests import LONGEST, example

from simulator.drawing import BLUE, PALE, VERMILLION
from simulator.sensitivity_plots import dots, plot_sensitivity, save_sensitivity, tornado

HOSTILE = "</text><script>alert(1)</script><svg onload=x> $x^2$ \x1b[31m"


@pytest.fixture(scope="module")
def found():
    """A tornado with effects up, down and none."""
    return example()


@pytest.mark.parametrize("method", ["tornado", "sobol", "morris"])
def test_nothing_is_cut_off(method):
    """Every word lies inside the picture, paths in full, and the title is the finding."""
    figure = (tornado if method == "tornado" else dots)(example(method))
    renderer = FigureCanvasAgg(figure).get_renderer()
    figure.draw(renderer)
    box, (width, height) = figure.get_tightbbox(renderer), figure.get_size_inches()
    assert (box.x0 >= 0, box.y0 >= 0, box.x1 <= width, box.y1 <= height) == (True,) * 4
    assert LONGEST in figure.get_label().partition(". ")[0]
    labels = [text.get_text() for text in figure.axes[0].get_yticklabels()]
    assert any(label.startswith(LONGEST) for label in labels)


def test_bars_are_the_numbers_of_the_table(found):
    """V45: each bar goes from the chance at P10 by its change, in the order of the table."""
    chance, median = tornado(found).axes
    for axes, name, scale in ((chance, "chance", 100), (median, "median_usd_million", 1)):
        drawn = [(bar.get_x(), bar.get_width()) for bar in axes.patches]
        for row, (x, width) in zip(found.table().to_pylist(), drawn, strict=False):
            assert x == pytest.approx(scale * row[f"{name}_at_p10"])
            assert width == pytest.approx(scale * row[f"{name}_change"])
        noise = scale * np.array(getattr(found.noise, name.removesuffix("_usd_million")))
        assert drawn[-1] == pytest.approx((noise[0], noise[1] - noise[0]))


def test_directions_are_told_without_colour(found):
    """Down is hatched, up is not, and what is not clear is pale: three shades of grey apart."""
    bars = tornado(found).axes[0].patches[:5]
    assert [bool(bar.get_hatch()) for bar in bars] == [False, True, False, False, False]
    grey = [to_rgb(colour) @ np.array([0.299, 0.587, 0.114]) for colour in (BLUE, VERMILLION, PALE)]
    assert np.diff(sorted(grey)).min() > 0.1


def test_a_sensitivity_is_stored_once(found, tmp_path):
    """Numbers as JSON and CSV, the figure twice; a second time nothing changes."""
    folder = save_sensitivity(found, tmp_path)
    assert folder == tmp_path / "toy" / f"sensitivity-{found.id}"
    assert sorted(path.name for path in folder.rglob("*.*")) == [
        "bars.csv", "sensitivity.json", "tornado.png", "tornado.svg", "worth.csv",
    ]  # fmt: skip
    data = json.loads((folder / "sensitivity.json").read_text())
    assert data["schema"] == "sim.sensitivity/1"
    with (folder / "bars.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["path"] for row in rows] == [bar["input"]["path"] for bar in data["bars"]]
    assert float(rows[0]["chance_change"]) == found.bars[0].chance.change
    before = folder.stat().st_mtime_ns
    assert save_sensitivity(found, tmp_path) == folder
    assert folder.stat().st_mtime_ns == before


def test_hostile_text_is_inert_and_nobody_is_named(found, tmp_path):
    """D04, D06, D12: no script in a figure, no formula in a cell, no user, host or folder."""
    folder = save_sensitivity(replace(found, statistics=HOSTILE), tmp_path)
    svg = (folder / "plots" / "tornado.svg").read_text()
    assert "<script" not in svg
    assert "<svg onload" not in svg
    with (folder / "bars.csv").open() as file:
        assert all(row["path"][0].isalpha() for row in csv.DictReader(file))
    for path in folder.rglob("*.*"):
        content = path.read_bytes().decode("latin-1") if path.suffix != ".png" else ""
        for name in (getpass.getuser(), socket.gethostname(), str(Path.home()), str(tmp_path)):
            assert not re.search(rf"\b{re.escape(name)}\b", content), (path.name, name)


def test_each_method_has_its_figure(found, tmp_path):
    """A tornado has no indices, and indices have no tornado."""
    assert dots(found) is None
    assert tornado(example("sobol")) is None
    assert [path.name for path in plot_sensitivity(example("morris"), tmp_path)] == [
        "indices.svg",
        "indices.png",
    ]
