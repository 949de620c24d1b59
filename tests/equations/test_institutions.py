"""Institutions: published shares of phase-in, and straight lines of build-up and fading."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.equations.institutions import phase_in, ramp

YEARS = st.lists(st.floats(-20, 60), min_size=1, max_size=20)


def test_agreements_phase_in_as_published():
    """After 0, 4, 8 and 12 years 24, 85, 99 and 100 % are reached, within three points."""
    share = phase_in(np.array([0.0, 4.0, 8.0, 12.0]), 2.6)
    assert share == pytest.approx([0.24, 0.85, 0.99, 1.00], abs=0.03)


def test_nothing_before_entry_into_force():
    """An agreement has no effect before it is in force, and without phase-in all of it then."""
    years = np.array([-5.0, -1e-9, 0.0, 3.0])
    assert phase_in(years, 2.6)[:2].tolist() == [0.0, 0.0]
    assert phase_in(years, 0.0).tolist() == [0.0, 0.0, 1.0, 1.0]


@settings(derandomize=True)
@given(YEARS, st.one_of(st.just(0.0), st.floats(1e-3, 20)))
def test_phase_in_only_rises(years, time):
    """The share in effect never falls and stays between 0 and 1."""
    share = phase_in(np.sort(years), time)
    assert np.all(np.diff(share) >= 0.0)
    assert share.min() >= 0.0
    assert share.max() <= 1.0


def test_sanctions_fade_in_a_line_of_eight_years():
    """After lifting an eighth of the effect goes every year, until nothing is left."""
    fading = 1.0 - ramp(np.array([-1.0, 0.0, 1.0, 4.0, 8.0, 20.0]), 8.0)
    assert fading == pytest.approx([1.0, 1.0, 0.875, 0.5, 0.0, 0.0])


def test_ramp_of_no_length_is_a_step():
    """Without build-up the whole is in effect from the day on."""
    assert ramp(np.array([-0.1, 0.0, 0.1]), 0.0).tolist() == [0.0, 1.0, 1.0]


@settings(derandomize=True)
@given(YEARS, st.floats(1e-3, 20))
def test_ramp_is_half_way_in_the_middle(years, length):
    """A ramp is point-symmetric about its middle."""
    times = np.array(years)
    assert ramp(times, length) + ramp(length - times, length) == pytest.approx(np.ones_like(times))
