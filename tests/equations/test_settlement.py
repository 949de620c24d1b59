"""Settlement: shares that are accepted, against orders tried one by one, and the credit limit."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from simulator.equations.settlement import (
    acceptance_share,
    availability,
    down_share,
    fits_credit_limit,
)

ALARM = 0.001
ORDERS = 100_000
CENTS = st.integers(-(10**12), 10**12)


def is_share(hits, share):
    """A share of independent trials is the expected one."""
    return stats.binomtest(int(hits.sum()), len(hits), share).pvalue > ALARM


def test_acceptance_is_the_share_of_orders_that_find_a_channel():
    """Who finds the first channel down, or is refused there, is accepted elsewhere or nowhere."""
    down, refused, second = np.random.default_rng(1).random((3, ORDERS))
    accepted = ((down >= 0.1) & (refused >= 0.2)) | (second < 0.6)
    assert is_share(accepted, acceptance_share(0.1, 0.2, 0.6))


def test_second_attempt_never_hurts():
    """A second attempt adds to the first what it accepts of the others."""
    for refusal in (0.0, 0.3, 1.0):
        one, two = (acceptance_share(0.1, refusal, second) for second in (0.0, 0.5))
        assert one == pytest.approx(0.9 * (1 - refusal))
        assert two == pytest.approx(one + 0.5 * (1 - one))
    assert acceptance_share(0.0, 0.0, 0.3) == acceptance_share(0.9, 0.9, 1.0) == 1.0


def test_interrupted_channel_is_down_its_share_of_the_time():
    """Six months up and two down on average is a quarter of the time down; never failing, none."""
    assert down_share(180.0, 60.0) == 0.25
    assert down_share(180.0, 0.0) == down_share(np.inf, 0.0) == 0.0


def test_availability_is_the_share_that_does_not_give_up():
    """Who finds a channel down waits for its repair, as long as patience lasts."""
    down, repair, patience = np.random.default_rng(2).random((3, ORDERS))
    lost = (down < 3 / 21) & (-90 * np.log(repair) > -60 * np.log(patience))
    assert is_share(~lost, availability(540.0, 90.0, 60.0))


def test_availability_at_its_limits():
    """Patient orders are never lost, impatient ones whenever the channel is down."""
    assert availability(540.0, 90.0, 1e15) == pytest.approx(1.0)
    assert availability(540.0, 90.0, 1e-9) == pytest.approx(6 / 7)
    assert availability(540.0, 0.0, 60.0) == 1.0
    assert availability(np.inf, 90.0, 60.0) == 1.0


@settings(derandomize=True)
@given(CENTS, CENTS, st.integers(0, 10**12))
def test_limit_is_never_passed_outwards(balance, change, limit):
    """A change that is taken ends within the limit or nearer to 0; any that does so is taken."""
    after = balance + change
    taken = fits_credit_limit(balance, change, limit)
    assert taken == (abs(after) <= limit or abs(after) < abs(balance))


@settings(derandomize=True)
@given(st.lists(CENTS, max_size=40), st.integers(0, 10**12))
def test_account_that_starts_inside_stays_inside(changes, limit):
    """From a balance of 0 no sequence of changes leads beyond the limit."""
    balance = 0
    for change in changes:
        if fits_credit_limit(balance, change, limit):
            balance += change
        assert -limit <= balance <= limit


@settings(derandomize=True)
@given(CENTS, CENTS, st.integers(0, 10**12))
def test_both_sides_are_alike(balance, change, limit):
    """The account treats both economies alike: with all signs turned the answer is the same."""
    assert fits_credit_limit(balance, change, limit) == fits_credit_limit(-balance, -change, limit)
