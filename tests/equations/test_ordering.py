"""How often a relationship orders."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.equations.ordering import orders_per_year


def test_orders_are_the_economic_quantity():
    """Half a million a year, at 25 % and 5,000 dollars an order, comes cheapest in 3.5 orders."""
    often = orders_per_year(0.5e6, 0.25, 5e3)
    assert often == pytest.approx(3.5, abs=0.05)
    choices = np.linspace(1, 9, 8001)
    costs = choices * 5e3 + 0.25 * 0.5e6 / (2 * choices)
    assert choices[np.argmin(costs)] == pytest.approx(often, abs=1e-3)


@settings(derandomize=True)
@given(st.floats(1, 1e9), st.floats(1e-3, 1), st.floats(1, 1e6), st.floats(1, 100))
def test_orders_grow_with_the_root_of_value(value, rate, cost, factor):
    """Four times the value means twice the orders, of twice the size."""
    often = orders_per_year(value, rate, cost)
    assert orders_per_year(value * factor, rate, cost) == pytest.approx(often * factor**0.5)
    assert orders_per_year(value, rate, cost * factor) == pytest.approx(often / factor**0.5)
