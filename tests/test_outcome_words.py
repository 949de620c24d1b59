"""The words of outcomes."""

from runs_for_tests import synthetic

from simulator import outcome_words
from simulator.evidence.outcomes import Outcome


def outcome(below, published=99.0):
    """One published figure of an economy with a nasty name."""
    title = "Land \x1b[31mof everything that there is in the world"
    forecast = (10.0, 20.0, 1234.5, 40_000.0, 5e6)
    return Outcome("office", title, 2023, 12, published, forecast, below, 0.25, 0.4, is_met=True)


def test_bands_are_counted():
    """A year counts in the middle half and in the middle 90 % by the share below it."""
    told = outcome_words.sentence([outcome(x) for x in (0.01, 0.1, 0.3, 0.74, 0.96)])
    assert told.startswith("Of 5 published figures, 2 fell into the middle half")
    assert "3 into its middle 90%" in told
    assert "0.25" in told


def test_no_line_is_wider_than_a_terminal():
    """Whatever there is to say, it fits into 90 columns, and no control character is sent."""
    told = outcome_words.words(synthetic(50), [outcome(0.5), outcome(0.5, 123_456.0)])
    assert all(len(line) <= 90 for line in told.splitlines())
    assert "\x1b" not in told
