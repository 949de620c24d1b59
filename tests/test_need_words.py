"""The words of needs."""

import re

import numpy as np
import pytest
from needs_for_tests import PATIENCE, RUN, SCENARIO, SUPPORT, TARGET, exact, made, turnover

from simulator.need_words import words
from simulator.needs import needed, study

QUESTIONS = {
    "reached": ({TARGET: "20..150"}, 0.8),
    "already": ({TARGET: "20..150"}, 0.05),
    "unreachable": ({PATIENCE: "20..90"}, 0.9),
    "mix": ({PATIENCE: "60..600", SUPPORT: "1..8"}, 0.8),
    "no mix": ({PATIENCE: "60..90", SUPPORT: "1..1.1"}, 0.9),
    "date": ({}, 0.3),
    "no date": ({}, 0.99),
}


def told(name):
    """The words of a question, in one line each paragraph."""
    vary, probability = QUESTIONS[name]
    levers = study(SCENARIO, vary, probability, 500)
    found = needed(SCENARIO, levers, probability, RUN.seed, 500, made)
    return words(found, file="FILE", repeat="sim need FILE")


def flat(text):
    """Text without its line breaks."""
    return re.sub(r"\s+", " ", text)


@pytest.mark.parametrize("name", QUESTIONS)
def test_the_lines_fit_a_terminal(name):
    """90 columns, commands excepted."""
    lines = told(name).splitlines()
    commands = ("  Repeat", "  Next", "  Results")
    assert max(len(line) for line in lines if not line.startswith(commands)) <= 90


def test_the_answer_comes_first():
    """The way, the threshold with its interval, and what to type next."""
    text = flat(told("reached"))
    found = re.match(
        r"A chance of 0.8 needs target.turnover_usd_million to fall from 100 to (\d+) "
        r"\(95% interval (\d+) to (\d+)\)\.",
        text,
    )
    value, low, high = map(float, found.groups())
    assert low < value < high
    assert value == pytest.approx(exact(0.8), rel=0.03)
    assert "is a constant, not a lever" in text
    assert "Next sim run FILE --set target.turnover_usd_million=" in text


def test_what_is_already_so_is_an_answer():
    """With the chance as it stands."""
    share = np.mean(turnover() >= 100)
    assert flat(told("already")).startswith(
        f"Already reached: as it stands the chance is {share:.2f}"
    )


def test_what_cannot_be_reached_is_told_with_the_best():
    """One lever, several, and the year of the target."""
    best = np.mean(turnover(1.5**0.2) >= 100)
    assert flat(told("unreachable")).startswith(
        f"Not reachable with this lever alone: the best chance is {best:.2f} (95% interval "
    )
    assert f"at {PATIENCE}=90; 0.9 is asked." in flat(told("unreachable"))
    assert flat(told("no mix")).startswith("Not reachable with these levers together: the best")
    assert flat(told("no date")).startswith("Not within the horizon: the best chance is ")


def test_a_mix_tells_where_each_lever_goes():
    """With its cost, what each would have to do alone, and the chance on fresh draws."""
    text = flat(told("mix"))
    assert text.startswith("A chance of 0.8 needs ")
    assert "no cheaper mix was found" in text
    assert "On fresh draws its chance is 0." in text
    assert "its whole range costs 1" in text
    assert "Cost of the mix" in text


def test_the_first_year_is_told():
    """With the years beside it."""
    text = flat(told("date"))
    assert re.match(r"20\d\d is the first year with a chance of 0.3: 0\.", text)
    assert "met by then" in text
