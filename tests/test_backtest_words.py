"""The words of a back-test."""

from pathlib import Path

from simulator import backtest_words
from simulator.evidence.backtest import BENCHMARKS, MODEL, Line
from simulator.evidence.panels import CONTROL, SANCTIONED
from simulator.evidence.scores import Skill


def lines(group):
    """Scores of both horizons, and of both halves."""
    scores = {MODEL: 0.5, **dict.fromkeys(BENCHMARKS, 0.6)}
    return [
        Line(group, half, horizon, 12_345, 22, scores, "drift", Skill(0.17, -1.0, 0.3), 0.5, 0.9)
        for half in (0, 1, 2)
        for horizon in (1, 3)
    ]


def test_no_line_is_wider_than_a_terminal():
    """Whatever there is to say, it fits into 90 columns."""
    told = backtest_words.words([*lines(SANCTIONED), *lines(CONTROL)], Path("results"))
    assert all(len(line) <= 90 for line in told.splitlines())


def test_model_and_every_benchmark_stand_in_the_table():
    """Scores, the skill with its interval, and how often the bands held."""
    told = backtest_words.words(lines(SANCTIONED), Path("results"))
    for word in (MODEL, *BENCHMARKS, "skill", "50% band", "90% band", "+17%", "-100%", "+30%"):
        assert word in told
    assert told.count("0.500") == 6
