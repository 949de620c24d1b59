"""The words of an outside view."""

from dataclasses import replace

import pytest
from engines.worlds import FLAGSHIP

from simulator import outside_words
from simulator.evidence.outside import outside
from simulator.scenario.overriding import override
from simulator.scenario.reading import load


@pytest.mark.parametrize("times", [1, 3, 300])
@pytest.mark.parametrize("year", [2023, 2026])
def test_no_line_is_wider_than_a_terminal(times, year):
    """Whatever there is to say, it fits into 90 columns."""
    scenario = load(FLAGSHIP, {"target.turnover_usd_million": 100 * times, "target.year": year})
    told = outside_words.words(scenario, outside(scenario))
    assert all(len(line) <= 90 for line in told.splitlines())


def test_rate_comes_with_its_cases_and_its_doubt():
    """The share, its interval, how many cases, and those of two sanctioned economies."""
    scenario = load(FLAGSHIP)
    found = outside(scenario)
    every, sanctioned = found.achieved
    told = " ".join(outside_words.words(scenario, found).split())
    for one in (every, sanctioned):
        assert f"{100 * one.share:.0f}" in told
        assert f"({100 * one.low:.0f} to {100 * one.high:.0f};" in told
    assert f"{sanctioned.pair_years} pair-years" in told
    assert "0 of 4 targets were met" in told
    assert "1 year later" in told


def test_text_of_a_user_cannot_write_to_the_terminal():
    """Control characters of a question are shown, not sent."""
    scenario = override(load(FLAGSHIP), {})
    nasty = scenario.model_copy(update={"question": "red \x1b[31mherring\x1b[0m?"})
    assert "\x1b" not in outside_words.words(nasty, outside(nasty))


def test_without_an_announcement_nothing_is_told_of_any():
    """Where no outcome was known yet the record is left out."""
    scenario = load(FLAGSHIP)
    found = outside(scenario)
    assert "Announced" in outside_words.words(scenario, found)
    assert "Announced" not in outside_words.words(scenario, replace(found, announced=()))
