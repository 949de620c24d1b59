"""Figures of needs, and the folder in which they lie."""

import csv
import json

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from needs_for_tests import PATIENCE, RUN, SCENARIO, SUPPORT, TARGET, made

from simulator.need_plots import figure_of, save_need
from simulator.needs import needed, study

QUESTIONS = {
    "reached": ({TARGET: "20..150"}, 0.8, "A chance of 0.8 needs target.turnover_usd_million"),
    "unreachable": ({PATIENCE: "20..90"}, 0.9, "Not reachable with this lever alone"),
    "mix": ({PATIENCE: "60..600", SUPPORT: "1..8"}, 0.8, "A chance of 0.8 needs"),
    "no mix": ({PATIENCE: "60..90", SUPPORT: "1..1.1"}, 0.9, "Not reachable with these levers"),
    "date": ({}, 0.99, "Not within the horizon"),
}


def asked(vary, probability):
    """What has to change in the tiny scenario."""
    levers = study(SCENARIO, vary, probability, 500)
    return needed(SCENARIO, levers, probability, RUN.seed, 500, made)


@pytest.mark.parametrize("name", QUESTIONS)
def test_nothing_is_cut_off_and_the_title_is_the_finding(name):
    """Every word lies inside the picture."""
    vary, probability, title = QUESTIONS[name]
    figure = figure_of(asked(vary, probability))
    renderer = FigureCanvasAgg(figure).get_renderer()
    figure.draw(renderer)
    box, (width, height) = figure.get_tightbbox(renderer), figure.get_size_inches()
    assert (box.x0 >= 0, box.y0 >= 0, box.x1 <= width, box.y1 <= height) == (True,) * 4
    assert figure.get_label().startswith(title)


def test_a_need_is_stored_once(tmp_path):
    """As JSON, as CSV with the numbers of the figure, and the figure twice."""
    found = asked({TARGET: "20..150"}, 0.8)
    folder = save_need(found, tmp_path)
    assert folder == tmp_path / "tiny" / f"need-{found.id}"
    data = json.loads((folder / "need.json").read_text())
    assert data["schema"] == "sim.need/1"
    assert data["threshold"]["value"] == found.threshold.value
    with (folder / "points.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [float(row["chance"]) for row in rows] == [
        point.chance.share for point in found.threshold.points
    ]
    assert sorted(p.name for p in (folder / "plots").iterdir()) == ["chance.png", "chance.svg"]
    before = folder.stat().st_mtime_ns
    assert save_need(found, tmp_path) == folder
    assert folder.stat().st_mtime_ns == before


def test_where_nothing_has_to_change_nothing_is_drawn(tmp_path):
    """What was found is stored all the same."""
    found = asked({TARGET: "20..150"}, 0.05)
    assert figure_of(found) is None
    assert list((save_need(found, tmp_path) / "plots").iterdir()) == []
