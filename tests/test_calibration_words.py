"""The words of a calibration."""

from dataclasses import replace

import pytest
from series_for_tests import ROWS, uncertain, written

from simulator.calibration_words import change_of, confirmed, finding, summary_words, words
from simulator.evidence.calibration import calibrate
from simulator.evidence.summaries import Summary
from simulator.wording import TO


@pytest.fixture(scope="module")
def fitted(tmp_path_factory):
    """A constant series and what it says of the small scenario."""
    rows = [(office, year, 80) for office, year in ROWS]
    file = written(tmp_path_factory.mktemp("fit") / "constant.csv", rows)
    return calibrate(uncertain(), file, replications=400)


def test_the_finding_comes_first_and_the_words_fit_a_terminal(fitted):
    """90 columns, commands excepted; every input and every number of the series is told."""
    told = words(fitted, file="a.yaml", wrote="fitted.yaml")
    lines = told.splitlines()
    assert lines[0].startswith(f"29 published figures of 2010{TO}2025 say something of ")
    assert max(len(line) for line in lines) <= 90
    assert told.count("\n    fitted") == told.count("\n    before") == len(fitted.fits)
    for check in fitted.checks:
        assert any(line.startswith(f"  {summary_words(check.what)[:40]}") for line in lines)
    assert "sim compare a.yaml fitted.yaml" in told


def test_what_cannot_be_pinned_down_is_named(fitted):
    """In the second sentence, by its path, and again beside its numbers."""
    told = " ".join(words(fitted).split())
    vague = [fit.path for fit in fitted.fits if not fit.is_informed]
    assert "base.cif_factor" in vague
    sentence = told.partition("Not pinned down, so that the law stays as it was: ")[2]
    assert sentence.partition(". Not confirmed")[0] == ", ".join(vague)
    assert told.count("not pinned down") == len(vague)


def test_a_change_is_told_by_width_and_place(fitted):
    """Narrower, moved, both, or neither."""
    fit = replace(fitted.fits[0], error=0.01)
    assert change_of(replace(fit, narrowed=0.42, shift=0.0)) == "42% narrower"
    assert change_of(replace(fit, narrowed=-0.05, shift=-0.6)) == "moved down"
    assert change_of(replace(fit, narrowed=0.2, shift=0.6)) == "20% narrower, moved up"
    assert change_of(replace(fit, narrowed=0.09, shift=0.2)) == "not pinned down"
    unsure = replace(fit, narrowed=0.0, shift=0.6, error=0.4)
    assert change_of(unsure) == "not pinned down"


def test_a_series_without_news_says_so(fitted):
    """Where every law stays as it was, the first sentence says that."""
    vague = tuple(replace(fit, narrowed=0.0, shift=0.0) for fit in fitted.fits)
    assert finding(replace(fitted, fits=vague)).endswith("pin down none of 14 inputs.")


def test_the_fit_is_confirmed_in_counts(fitted):
    """How many numbers fall into the band, before and after, and whether that is odd."""
    inside = sum(check.is_inside for check in fitted.checks)
    assert confirmed(replace(fitted, as_far=0.2)).startswith(
        f"Confirmed on fresh draws: {inside} of 52 numbers"
    )
    assert confirmed(replace(fitted, as_far=0.01)).startswith("Not confirmed on fresh draws: ")


def test_every_kind_of_number_has_its_name():
    """With office, years and unit."""
    assert summary_words(Summary("growth", ("home",), (2017, 2020))) == (
        f"home 2017{TO.strip()}2020: growth, times"
    )
    assert summary_words(Summary("mirror", ("abroad", "home"), (2020,))) == (
        "abroad over home 2020, times"
    )
