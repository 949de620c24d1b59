"""Figures of reasons, and the folder in which they lie."""

import csv
import getpass
import json
import socket
from dataclasses import replace
from pathlib import Path

import pytest
from engines.worlds import MINIMAL, busy
from matplotlib.backends.backend_agg import FigureCanvasAgg

from simulator.reason_plots import frictions, ledger, save_reasons
from simulator.reason_words import MINUS, decimal, ends, share_units, shown_unit, words
from simulator.reasons import Binding, why
from simulator.scenario.reading import load


@pytest.fixture(scope="module")
def found():
    """Reasons of a world in which everything happens."""
    return why(busy(), replications=2, seed=3, sampled=1)


def test_reasons_are_stored_once(found, tmp_path):
    """JSON, tables and both figures twice; a second time nothing changes."""
    folder = save_reasons(found, tmp_path)
    assert folder == tmp_path / found.scenario / f"why-{found.id}"
    names = sorted(path.name for path in (folder / "plots").iterdir())
    assert names == ["frictions.png", "frictions.svg", "ledger.png", "ledger.svg"]
    data = json.loads((folder / "why.json").read_text())
    assert data["schema"] == "sim.why/1"
    with (folder / "frictions.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [int(row["cents"]) for row in rows] == [
        *(one.cents for one in found.frictions),
        found.rest.cents,
    ]
    before = folder.stat().st_mtime_ns
    assert save_reasons(found, tmp_path) == folder
    assert folder.stat().st_mtime_ns == before


@pytest.mark.parametrize("draw", [ledger, frictions])
def test_nothing_is_cut_off(found, draw):
    """Every word lies inside the picture."""
    figure = draw(found)
    renderer = FigureCanvasAgg(figure).get_renderer()
    figure.draw(renderer)
    box, (width, height) = figure.get_tightbbox(renderer), figure.get_size_inches()
    assert (box.x0 >= 0, box.y0 >= 0, box.x1 <= width, box.y1 <= height) == (True,) * 4


def test_titles_are_findings(found):
    """What binds, and what is realised of the potential."""
    first, second = found.frictions[:2]
    binds = tuple(Binding(one.key, one.words, one.alone, ()) for one in (first, second))
    title = frictions(replace(found, binds=binds)).get_label()
    assert title.startswith(f"What binds trade in 2023: {first.words}, which costs USD ")
    assert f"; what would bind next: {second.words}" in title
    assert " million of trade are realised in 2023, " in ledger(found).get_label()
    calm = replace(found, binds=())
    assert frictions(calm).get_label().startswith("No friction clearly binds trade in 2023")


def test_the_bars_are_the_shares(found):
    """Every bar is as long as its share, and each begins where the one before ends."""
    (axes,) = frictions(found).axes
    widths = sorted(round(bar.get_width() * 1e8) for bar in axes.patches)
    told = [abs(one.cents) for one in found.frictions] + [abs(found.rest.cents)]
    assert widths == sorted(told)


@pytest.mark.parametrize("draw", [ledger, frictions])
def test_figures_and_terminal_show_the_same_numbers(found, draw):
    """V45: every number beside a bar stands in the words as well."""
    (axes,) = draw(found).axes
    numbers = [text.get_text().split(" ±")[0] for text in axes.texts]
    assert len(numbers) == len(axes.get_yticklabels())
    shown = words(found)
    free = decimal(ends(found)[0] - share_units(found)[-1], shown_unit(found))
    for number in numbers:
        assert number.lstrip(f"+{MINUS}") in shown or number == free


def test_a_world_without_friction_has_no_figure_of_them():
    """What has nothing to show is left out."""
    assert frictions(why(load(MINIMAL), replications=2)) is None


def test_what_is_handed_over_is_harmless_and_says_nothing_of_its_maker(found, tmp_path):
    """D01 to D04, D06, D12: no script or formula in any file; no user, host or folder."""
    hostile = "</script><svg onload=x>$\\frac=HYPERLINK"
    folder = save_reasons(replace(found, economies=(hostile, "=1+1"), statistics="=2+5"), tmp_path)
    for path in sorted(folder.rglob("*")):
        if path.suffix in (".svg", ".csv", ".json"):
            text = path.read_text()
            assert str(Path.home()) not in text
            assert str(tmp_path) not in text
            assert socket.gethostname() not in text
            assert getpass.getuser() + "@" not in text
        if path.suffix == ".svg":
            assert "<script" not in text
            assert "onload" not in text
        if path.suffix == ".csv":
            with path.open() as file:
                cells = [cell for row in csv.reader(file) for cell in row]
            for cell in cells:
                assert cell[:1] not in ("=", "@", "\t", "\r"), cell
                assert cell[:1] not in ("+", "-") or float(cell) <= 0
