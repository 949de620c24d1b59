"""The words of a comparison."""

from dataclasses import replace

import pytest
from runs_for_tests import scenario, synthetic

from simulator.comparison_words import change_of, sentence, words
from simulator.comparisons import compare
from simulator.estimates import Mean


@pytest.fixture(scope="module")
def told():
    """A run against one of a tenth more trade."""
    other = synthetic(200, scale=1.1)
    named = other.scenario.model_copy(update={"name": "more"})
    return compare(synthetic(200), replace(other, scenario=named))


def test_the_change_comes_first(told):
    """The first words name both, the amount and its interval, and how many pairs."""
    assert sentence(told).startswith("more beats tiny by about USD ")
    text = " ".join(words(told).split())
    assert "higher in 100 of 100 pairs of runs" in text
    assert "instead of" in text


def test_no_line_is_wider_than_a_terminal(told):
    """Everything fits into 90 columns."""
    assert max(map(len, words(told).splitlines())) <= 90


def test_the_same_is_said_to_be_the_same():
    """H08: what is equal in every run is not given an interval of nothing."""
    one = synthetic(200)
    same = compare(one, replace(one, seed=1))
    assert "give the same turnover" in sentence(same)
    assert "DIFFERENT seeds" in words(same)
    assert "none in any run" in words(same)


def test_no_clear_difference_is_marked(told):
    """What could be chance is marked, and not given as a number."""
    unclear = replace(told.rows[0], change=Mean(1.0, 2.0, None), is_clear=False)
    assert change_of(unclear) == "~ no clear difference"
    assert "No clear difference" in sentence(replace(told, rows=(unclear,)))


def test_what_a_few_runs_decide_is_told_by_its_signs(told):
    """Where the interval is withheld, the pairs say on which side it is, and the reason stands."""
    skewed = replace(
        told.rows[0], change=Mean(3.0, None, "a few runs decide it"), higher=190, lower=10
    )
    text = " ".join(sentence(replace(told, rows=(skewed,))).split())
    assert text.startswith("more is higher in 95 of 100 pairs of runs than tiny")
    assert "interval withheld: a few runs decide it" in text


def test_an_unfinished_year_is_no_answer():
    """A target year that is cut off is compared with nothing."""
    cut = synthetic(100, complete=False)
    assert sentence(compare(cut, cut)).startswith("No answer")


def test_names_cannot_write_to_the_terminal():
    """Control characters of a name are shown, not sent."""
    nasty = scenario().model_copy(update={"not_covered": ("x",)})
    one = synthetic(60)
    other = replace(one, scenario=nasty.model_copy(update={"name": "a\x1b[31m"}))
    assert "\x1b" not in words(compare(one, other))
