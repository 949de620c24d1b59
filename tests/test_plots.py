"""Figures that a minister may see."""

# ruff: noqa: SLF001 -- steps of a drawing are no public names

import hashlib
import re

import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text
from runs_for_tests import synthetic

from simulator import plots, runs
from simulator.drawing import SHEETS, styled


@pytest.fixture(scope="module")
def run():
    """A run of 400 replications."""
    return synthetic()


CASES = {
    "usual": {},
    "few": {"replications": 40},
    "one": {"replications": 1},
    "certain": {"scale": 9.0},
    "out of reach": {"scale": 0.01},
    "nothing": {"scale": 0.0},
    "all lost": {"loss_only": True},
    "long words": {"title": "Très long " * 30, "not_covered": ["x" * 300]},
}


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
@pytest.mark.parametrize("case", CASES)
def test_nothing_is_cut_off(case, sheet):
    """Every word of every figure lies on the page, whatever the numbers and in either width."""
    for name, draw in plots.figures(synthetic(**CASES[case]), sheet).items():
        figure = draw()
        if figure is None:
            continue
        assert isinstance(figure, Figure)
        box = figure.get_tightbbox()  # inches, around everything that is drawn
        assert -0.01 <= box.x0 <= box.x1 <= sheet.width + 0.01, name
        assert -0.01 <= box.y0 <= box.y1 <= sheet.height + 0.01, name


def test_figures_are_the_same_every_time(run, tmp_path):
    """Drawing a run again gives the same bytes, as SVG, PNG and CSV."""
    first, second = (plots.plot(run, tmp_path / name) for name in ("a", "b"))
    assert [p.name for p in first] == [p.name for p in second]
    assert len(first) == 3 * (len(plots.FIGURES) + 1)  # nothing is uncertain, so no tornado
    digests = [
        [hashlib.sha256(p.read_bytes()).digest() for p in paths] for paths in (first, second)
    ]
    assert digests[0] == digests[1]


def test_titles_state_findings_with_numbers(run):
    """Each title is a sentence with numbers of this run, not the name of a chart."""
    titles = {name: draw(run).get_label() for name, draw in plots.FIGURES.items()}
    assert titles["distribution"].startswith("Trade between Iran and Belarus reaches USD 100")
    assert "90 of 100 runs end between" in titles["fan"]
    assert "of an even path" in titles["cumulative"] or "behind" in titles["cumulative"]
    assert "of potential trade in 2023" in titles["waterfall"]


def test_dollar_signs_of_a_user_stay_dollar_signs(tmp_path):
    """Text between two dollar signs is not read as mathematics."""
    run = synthetic(100, title="From $5 to $6 in 2023")
    plots.plot(run, tmp_path)
    with styled():
        figure = plots.waterfall(run)
    assert all(not text.get_parse_math() for text in figure.texts)


def test_waterfall_adds_up_as_printed(run):
    """The printed steps lead from printed potential to printed realised trade exactly."""
    books = {key: cents / runs.CENTS_PER_MILLION for key, cents in runs.accounts(run).items()}
    bars = plots._bars(run, books)
    first, *steps, last = (float(text.replace(",", "")) for text in plots._whole_tenths(bars))
    assert first + sum(steps) == pytest.approx(last, abs=1e-9)
    assert bars[0].amount - sum(bar.amount for bar in bars[1:-1]) == pytest.approx(bars[-1].amount)


def test_dots_stand_for_runs_on_their_side_of_the_target(run):
    """As many dots are filled as runs of 100 reach the target."""
    values = runs.turnover(run, "belarus", 2023)
    piles = plots._piles([values], 100.0, 1.2)
    reached = 100 * (values >= 100).mean()
    assert abs((piles.points[0] >= 100).sum() - reached) <= 1
    columns = (piles.points[0] / piles.step).astype(int)
    edge = round(100 / piles.step)
    assert ((columns >= edge) == (piles.points[0] >= 100)).all()


def test_year_that_is_cut_off_has_no_annual_figure():
    """Distribution and path to the target need the whole target year."""
    run = synthetic(60, complete=False)
    assert plots.distribution(run) is None
    assert plots.cumulative(run) is None


def test_iranian_year_is_drawn_by_the_months_that_stand_for_it():
    """For an Iranian target year the path runs from April to March."""
    target = {"turnover_usd_million": 100, "year": 2023, "statistics": ["iran", "belarus"]}
    run = synthetic(60, target=target)
    months, _ = runs.monthly(run)
    inside = [months[n] for n in plots._year_months(run, months)]
    assert (inside[0], inside[-1], len(inside)) == ("2023-04", "2024-03", 12)
    assert plots.cumulative(run) is not None


def test_time_is_told_in_years(run):
    """The fan counts its years, and its dollars with a space between thousands."""
    figure = plots.fan(run)
    figure.draw_without_rendering()
    (axes,) = figure.axes
    years = [label.get_text() for label in axes.get_xticklabels() if label.get_text()]
    assert years
    assert all(re.fullmatch(r"20\d\d(-\d\d)?", year) for year in years)
    large = plots.fan(synthetic(scale=60.0))
    large.draw_without_rendering()
    amounts = [label.get_text() for label in large.axes[0].get_yticklabels()]
    assert any(re.fullmatch(r"\d+ \d{3}", amount) for amount in amounts)


@pytest.mark.parametrize("scale", [1.0, 60.0])
def test_columns_of_the_waterfall_stand_apart(scale):
    """Numbers in the hundreds and in the thousands stand beside each other, not over each other."""
    figure = plots.waterfall(synthetic(scale=scale))
    figure.draw_without_rendering()
    (axes,) = figure.axes
    boxes = [text.get_window_extent() for text in axes.texts if text.get_text()]
    for place, box in enumerate(boxes):
        assert not any(box.overlaps(other) for other in boxes[place + 1 :])


def test_a_hundred_runs_are_their_own_dots():
    """Of a hundred runs as many dots are filled as runs reach the target."""
    few = synthetic(replications=100)
    figure = plots.distribution(few)
    office = runs.headline(few)
    reached = int((runs.turnover(few, office, few.scenario.target.year) >= 100).sum())
    (dots,) = figure.axes[0].collections
    filled = [colour for colour in dots.get_facecolors() if tuple(colour[:3]) != (1.0, 1.0, 1.0)]
    assert len(filled) == reached


def test_the_waterfall_says_one_amount_in_title_and_table(run):
    """The largest loss has the same number in words and beside its bar."""
    figure = plots.waterfall(run)
    title = figure.get_label()
    cause, amount = re.search(r"largest loss: (.*) \(([\d. ]+) million\)", title).groups()
    cells = {text.get_text() for text in figure.findobj(Text)}
    assert f"\N{MINUS SIGN}{amount}" in cells
    assert any(cell.endswith(cause) for cell in cells)
