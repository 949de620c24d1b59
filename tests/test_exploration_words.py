"""The words of an exploration."""

from pathlib import Path

import pytest
from explorations_for_tests import example

from simulator.exploration_words import (
    error,
    frequency,
    plan,
    sentence,
    setting,
    short,
    trust,
    valued,
    words,
)
from simulator.explorations import planned

SMOOTH, BENT = example()[1], example(0.6)[1]
PAGE = Path("results/tiny/x-500/explore.html")


def test_the_page_and_its_error_are_told():
    """Where it is comes first, then on how many settings it rests and how far off it is."""
    told = words(SMOOTH, PAGE)
    assert told.startswith("  What-if page         results/tiny/x-500/explore.html\n")
    assert "settings of 500 runs were fitted; at" in told
    assert "Warning" not in told
    assert all(len(line) <= 90 for line in told.splitlines())


def test_a_rough_page_begins_with_a_warning():
    """What may mislead is told before where it is, on the terminal."""
    assert words(BENT, PAGE).startswith("Warning: the what-if page is too rough to rely on")


def test_errors_are_told_as_they_are():
    """Typical and largest error stand in both texts, in points of 100."""
    for found in (SMOOTH, BENT):
        typical, largest = (
            f"{100 * one:.1f}" for one in (found.misfit.typical, found.misfit.largest)
        )
        assert f"off by {typical} points of 100 typically and {largest} at most" in error(found)
        assert f"off by {typical} points typically and by {largest} at most" in " ".join(
            trust(found)
        )


def test_what_the_page_cannot_tell_is_told():
    """Run noise, the ends of the sliders, and a number that stands beyond its slider."""
    told = " ".join(trust(SMOOTH))
    assert "500 runs alone know a chance to \u00b14 points" in told
    assert "nothing is told beyond" in told
    assert "exports.*.last_usd_million stands at 50, where its slider does not reach." in told
    assert "draws" not in told.replace("share their draws", "")


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.425, "about 43 of 100 runs"),
        (0.424, "about 42 of 100 runs"),
        (0.01, "at most 1 of 100 runs"),
        (0.99, "at least 99 of 100 runs"),
    ],
)
def test_a_chance_is_runs_of_a_hundred(share, text):
    """Halves go up, as in the script of the page; the ends are bounds."""
    assert frequency(share) == text


def test_numbers_have_few_digits_and_their_unit():
    """Turnover has three digits, a setting those of its step."""
    assert [short(one) for one in (91.26, 1234.5, 0.0512)] == ["91.3", "1 230", "0.0512"]
    patience, support, _ = SMOOTH.sliders
    assert valued(patience, 60) == "60 days"
    assert setting(support, 1) == "1.00"
    text = sentence("Trade between A and B", 1000, 2023, 0.3, "the statistics of A")
    assert text == (
        "Trade between A and B reaches USD 1 000 million in 2023 in about 30 of 100 runs on the "
        "statistics of A."
    )


def test_a_plan_says_how_many_runs_and_how_long():
    """The runs are those that will be made."""
    run, _ = example()
    asked = planned(run.scenario, {"settlement.patience_days": "30..90"}, seed=1, replications=500)
    assert plan(asked, 90) == "What-if page: about 32 500 runs, 90 s."
