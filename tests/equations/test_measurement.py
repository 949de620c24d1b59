"""Measurement: what the books of the two sides make of the same flow."""

import pytest

from simulator.equations.measurement import reported_imports_factor


def test_imports_are_recorded_with_freight():
    """Imports stand 6 % above the same exports when nothing leaks (IMF)."""
    assert reported_imports_factor(1.06, 0.0) == 1.06


def test_leaks_are_missing_from_imports():
    """What is booked under a third country is missing: 6 % more, 10 % of it lost, is 0.954."""
    assert reported_imports_factor(1.06, 0.1) == pytest.approx(0.954)
    assert reported_imports_factor(1.06, 1.0) == 0.0


def test_freight_does_not_explain_the_mirror_gap():
    """Recorded imports of 43.7 against exports of 81 million need leaks of half, not freight."""
    assert reported_imports_factor(1.06, 0.49) == pytest.approx(43.7 / 81, abs=0.01)
