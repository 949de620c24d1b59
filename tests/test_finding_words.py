"""The words of findings."""

import re

import numpy as np
import pytest

from simulator.answers import chance_of
from simulator.finding_words import words
from simulator.findings import Findings, Side
from simulator.rules import rules

INPUTS = tuple(f"exports.BLR.goods.good_{n}.affinity" for n in range(20))


def findings(*, is_noise=False, always=False):
    """Rules in synthetic inputs."""
    random = np.random.default_rng(3)
    x = random.random((1000, len(INPUTS)))
    there = np.zeros(1000, dtype=bool) if is_noise else (x[:, 3] < 0.5) & (x[:, 7] > 0.4)
    met = random.random(1000) < np.where(there, 0.9, 0.2)
    met |= always
    numbers = np.arange(1000)
    sides = (
        Side(is_met=True, rules=tuple(rules(x, met, numbers))),
        Side(is_met=False, rules=tuple(rules(x, ~met, numbers))),
    )
    told = (chance_of(met), INPUTS, sides)
    return Findings("tiny", 2023, "statistics of Belarus", 7, ("a-1000",), 1000, *told)


@pytest.fixture(scope="module")
def told():
    """A rule in words."""
    found = findings()
    return found, words(found)


def test_the_lines_fit_a_terminal(told):
    """90 columns."""
    assert max(map(len, told[1].splitlines())) <= 90


def test_a_rule_is_told_with_how_often_it_is_wrong(told):
    """Its conditions, how frequent the outcome is there and elsewhere, and in runs not seen."""
    found, text = told
    text = re.sub(r"\s+", " ", text)
    met = found.sides[0].rules[0]
    for limit, side in zip(met.limits, ("at most", "at least"), strict=True):
        assert f"{INPUTS[limit.column]} is {side} {limit.value:g} (in 9 of 10" in text
    inside = f"met in {100 * met.inside.share:.0f} of 100 runs there"
    assert f"Right {inside}, {100 * met.outside.share:.0f} of 100 runs elsewhere" in text
    wrong = 100 * (1 - met.unseen.share)
    assert f"Wrong missed after all in {wrong:.0f} of 100 runs that were left out" in text
    assert f"Covers {100 * met.coverage.share:.0f} of 100 runs that are met" in text


def test_noise_is_told_as_noise():
    """No rule, and what the chance is over all."""
    text = words(findings(is_noise=True))
    assert text.startswith("No rule holds: none of 20 inputs")
    assert "Over all" in text


def test_what_never_differs_is_told():
    """A target that is met in every run."""
    assert words(findings(always=True)).startswith("The target is met in every run")
