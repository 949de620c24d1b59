"""Figures of inputs: findings in titles, every input once."""

import re
from dataclasses import replace

import pytest
from matplotlib.figure import Figure
from runs_for_tests import MATTERS, synthetic, uncertain

from simulator.drawing import SHEETS
from simulator.influence import influences
from simulator.input_plots import evidence, parts_of, tornado, tornado_title
from simulator.scenario.types import quantities


@pytest.fixture(scope="module")
def run():
    """A run of which one of two uncertain inputs moves turnover."""
    return uncertain()


def test_the_title_names_what_most_hangs_on(run):
    """The finding names the input, its direction and that no other one stands out."""
    told = tornado_title(influences(run))
    assert re.fullmatch(
        rf"Most hangs on {MATTERS}: from its P10 to its P90 a year's trade is USD \d+ million "
        "more; no other input stands out from the noise",
        told,
    )
    calm = [replace(one, is_clear=False) for one in influences(run)]
    assert tornado_title(calm).startswith("No single one of 2 uncertain inputs stands out")


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_nothing_is_cut_off(run, sheet):
    """Every word lies on the page, with long paths and many inputs too."""
    found = influences(run)
    long = [replace(found[0], path="exports.BLR.goods." + "x" * 60 + str(n)) for n in range(30)]
    for figure in (tornado(run, found, sheet), evidence(run, found, sheet), tornado(run, long)):
        assert isinstance(figure, Figure)
        box = figure.get_tightbbox()
        width, height = figure.get_size_inches()
        assert -0.01 <= box.x0 <= box.x1 <= width + 0.01
        assert -0.01 <= box.y0 <= box.y1 <= height + 0.01


def test_bars_show_sign_interval_and_evidence(run):
    """The numbers of the tornado are those of the influences, with their class."""
    found = influences(run)
    numbers = tornado(run, found).numbers
    assert numbers["change_usd_million"] == [one.change for one in found]
    assert numbers["evidence"] == ["assumed", "sourced"]


def test_the_map_holds_every_input_once(run):
    """Counts by part add up to all inputs; influence stands beside those that are uncertain."""
    figure = evidence(run, influences(run))
    total = len(list(quantities(run.scenario)))
    assert sum(sum(both) for _, both in parts_of(run)) == total
    assert len(figure.numbers["input"]) == total
    assert sum(value is not None for value in figure.numbers["change_usd_million"]) == 2
    assert figure.title.endswith("the one that clearly moves the answer is assumed")


def test_without_influence_only_the_map_is_drawn():
    """Where nothing is uncertain there is no tornado, and the map says why it has no dots."""
    calm = synthetic()
    assert tornado(calm, ()) is None
    assert "No input of this scenario is uncertain" in evidence(calm, ()).subtitle
