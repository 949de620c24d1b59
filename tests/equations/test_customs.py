"""Customs: lanes split the unit interval."""

from hypothesis import given
from hypothesis import strategies as st

from simulator.equations.customs import GREEN, RED, YELLOW, lane

SHARES = st.floats(0, 1)


@given(chance=SHARES, green=SHARES, red=SHARES)
def test_lanes_take_their_shares_in_order(chance, green, red):
    """Green comes first, red last, and yellow is what is left of the two."""
    found = lane(chance, green, 1.0 - red)
    assert (found == GREEN) == (chance < green)
    assert found == RED or chance < max(green, 1.0 - red)
    assert found != YELLOW or green <= chance < 1.0 - red
