"""Figures of a back-test say how honest it was, and their numbers lie beside them."""

import csv

import pytest

from simulator.backtest_plots import fans, honesty, plot_backtest, save_backtest
from simulator.evidence.backtest import BENCHMARKS, MODEL, Case, Scored
from simulator.evidence.panels import SANCTIONED

PAIRS = tuple((f"AA{letter}", "BBB") for letter in "ABCDEFGHIJKLMNOPQRSTUVW")


def scored(pair, origin, horizon, pit):
    """A case whose forecast is the same each time."""
    case = Case(pair, SANCTIONED, 1, origin, horizon, 4.0 * (pit - 0.5), (0.0,))
    return Scored(case, dict.fromkeys((MODEL, *BENCHMARKS), 0.5), pit, (-2.0, -1.0, 0.0, 1.0, 2.0))


@pytest.fixture(scope="module")
def results():
    """23 pairs at ten years: half of the cases inside the middle half, 8 of 10 inside 90 %."""
    places = (0.01, 0.1, 0.3, 0.4, 0.45, 0.55, 0.6, 0.8, 0.9, 0.99)
    return [
        scored(pair, 2000 + n, horizon, place)
        for pair in PAIRS
        for horizon in (1, 3)
        for n, place in enumerate(places)
    ]


def test_the_title_of_honesty_is_how_often_the_bands_held(results):
    """The shares of both bands after both horizons are the finding."""
    title = " ".join(honesty(results).get_label().split())
    assert "held 50% and 80% after 1 year, 50% and 80% after 3 years" in title


def test_every_case_stands_in_one_column(results):
    """The columns of a histogram add up to the cases of its horizon."""
    for axes in honesty(results).axes:
        heights = [
            bar.get_height() for bar in axes.patches if bar.get_y() == 0 and bar.get_width() < 1
        ]
        assert sum(heights) == len(results) / 2


def test_misses_are_counted_and_marked(results):
    """What fell outside the 90 % band is in the title and has a mark of its own."""
    near = [one for one in results if one.case.horizon == 1]
    figure = fans(near, PAIRS[:3])
    assert "6 of 30 forecasts" in figure.get_label()
    for axes in figure.axes:
        inside, outside = axes.lines
        assert (len(inside.get_xdata()), len(outside.get_xdata())) == (8, 2)


def test_all_pairs_have_their_forecasts_in_some_figure(results, tmp_path):
    """More pairs than one figure holds stand in two."""
    names = {path.name for path in plot_backtest(results, tmp_path)}
    assert names == {
        f"{stem}-{SANCTIONED}{number}.{kind}"
        for stem, number in (("honesty", ""), ("fans", "-1"), ("fans", "-2"))
        for kind in ("svg", "png")
    }


def test_a_group_whose_next_years_are_not_recorded_has_no_fans(results, tmp_path):
    """Where only later years are known, honesty alone is drawn."""
    later = [one for one in results if one.case.horizon == 3]
    names = {path.name for path in plot_backtest(later, tmp_path)}
    assert names == {f"honesty-{SANCTIONED}.{kind}" for kind in ("svg", "png")}


def test_what_is_drawn_is_kept_as_numbers_and_once(results, tmp_path):
    """Every case has its row, and the same results give the same folder."""
    folder = save_backtest(results, tmp_path)
    with (folder / "cases.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(results)
    assert [float(row["pit"]) for row in rows] == [one.pit for one in results]
    assert float(rows[0]["log_p95"]) == 2.0
    assert save_backtest(results, tmp_path) == folder
