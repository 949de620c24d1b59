"""Figures of sweeps, and the folder in which they lie."""

import csv
import json

import pytest
from engines.worlds import MINIMAL
from matplotlib.backends.backend_agg import FigureCanvasAgg

from simulator.drawing import SHEETS
from simulator.scenario.reading import load
from simulator.sweep_plots import heatmap, lines, save_sweep
from simulator.sweeps import sweep

VARY = {"exports.*.last_usd_million": "20..40:3", "settlement.patience_days": "30..60:2"}


@pytest.fixture(scope="module")
def grid():
    """A sweep of two factors."""
    return sweep(load(MINIMAL), VARY, replications=60)


def test_a_sweep_is_stored_once(grid, tmp_path):
    """Cells as JSON and CSV, and both figures with their numbers; a second time nothing changes."""
    folder = save_sweep(grid, tmp_path)
    assert folder.name == f"sweep-{grid.id}"
    names = sorted(path.name for path in (folder / "plots").iterdir())
    assert names == ["lines.csv", "lines.png", "lines.svg", "map.csv", "map.png", "map.svg"]
    assert len(json.loads((folder / "sweep.json").read_text())["cells"]) == 6
    with (folder / "cells.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["run"] for row in rows] == [cell.run for cell in grid.cells]
    before = folder.stat().st_mtime_ns
    assert save_sweep(grid, tmp_path) == folder
    assert folder.stat().st_mtime_ns == before


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
@pytest.mark.parametrize("draw", [heatmap, lines])
def test_nothing_is_cut_off(grid, draw, sheet):
    """Every word lies inside the picture, whose title is the finding."""
    figure = draw(grid, sheet)
    renderer = FigureCanvasAgg(figure).get_renderer()
    figure.draw(renderer)
    box, (width, height) = figure.get_tightbbox(renderer), figure.get_size_inches()
    assert (box.x0 >= 0, box.y0 >= 0, box.x1 <= width, box.y1 <= height) == (True,) * 4
    assert figure.get_label().startswith("Best of 6: last_usd_million=")


def test_what_has_nothing_to_show_is_left_out():
    """One cell has no map and no lines; one factor has lines with a band."""
    one = sweep(load(MINIMAL), {"settlement.patience_days": [40]}, replications=2)
    assert (heatmap(one), lines(one)) == (None, None)
    row = sweep(load(MINIMAL), {"settlement.patience_days": [40, 50]}, replications=60)
    assert heatmap(row) is None
    assert "band: 90% of runs" in lines(row).get_label()
