"""Settlement: shares that are accepted, against orders tried one by one, and the credit limit."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from simulator.equations.settlement import acceptance_share, availability, fits_credit_limit

ALARM = 0.001
ORDERS = 100_000
CENTS = st.integers(-(10**12), 10**12)


def is_share(hits, share):
    """A share of independent trials is the expected one."""
    return stats.binomtest(int(hits.sum()), len(hits), share).pvalue > ALARM


@pytest.mark.parametrize("attempts", [1, 2])
def test_acceptance_is_the_share_of_orders_that_find_a_channel(attempts):
    """Available and not refused, or refused and then available and not refused elsewhere."""
    first, refused, second, again = np.random.default_rng(1).random((4, ORDERS))
    accepted = (first < 0.9) & (refused >= 0.2)
    if attempts == 2:
        accepted |= (first < 0.9) & (refused < 0.2) & (second < 0.7) & (again >= 0.4)
    assert is_share(accepted, acceptance_share(0.9, 0.2, 0.7, 0.4, attempts))


def test_second_attempt_never_hurts():
    """Two attempts are at least as good as one, and as good when nothing is refused."""
    for refusal in (0.0, 0.3, 1.0):
        one, two = (acceptance_share(0.9, refusal, 0.8, 0.1, attempts) for attempts in (1, 2))
        assert one <= two <= 0.9
    assert acceptance_share(0.9, 0.0, 0.8, 0.1, 2) == 0.9


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
