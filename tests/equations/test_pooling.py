"""Pooling: what members share."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.equations.pooling import joined_share, platform_fee

shares = st.floats(0.0, 1.0)


def test_a_platform_costs_each_dollar_the_less_the_more_go_through_it():
    """The fee times what goes through the platform is its cost."""
    assert platform_fee(3.0, 60.0) * 60.0 == pytest.approx(3.0)
    assert platform_fee(3.0, 120.0) < platform_fee(3.0, 60.0)


@given(shares, shares, shares)
def test_shares_join_in_any_order_and_never_exceed_the_whole(one, other, third):
    """Joining is symmetric, associative, grows, and stays within 1."""
    both = joined_share(one, other)
    assert both == pytest.approx(joined_share(other, one))
    assert max(one, other) - 1e-12 <= both <= 1.0
    left = joined_share(both, third)
    assert left == pytest.approx(joined_share(one, joined_share(other, third)))


@given(shares)
def test_nothing_joined_is_nothing_changed(share):
    """A share of 0 adds nothing, a share of 1 is all."""
    assert joined_share(share, 0.0) == pytest.approx(share)
    assert joined_share(share, 1.0) == 1.0
