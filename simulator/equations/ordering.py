"""Ordering: how often a relationship orders. Values in dollars a year."""

import math
from typing import TypeVar

from simulator.portable import FloatArray

Number = TypeVar("Number", float, FloatArray)


def orders_squared(yearly_value: Number, carrying_rate: Number, order_cost: Number) -> Number:
    """Square of the orders a year that balance carrying and ordering cost: r V / 2 F."""
    return carrying_rate * yearly_value / (2.0 * order_cost)


def orders_per_year(yearly_value: float, carrying_rate: float, order_cost: float) -> float:
    """Orders a year that balance carrying and ordering cost: sqrt(r V / 2 F).

    Source: economic order quantity; Alessandria, Kaboski and Midrigan, AER 100 (2010).
    """
    return math.sqrt(orders_squared(yearly_value, carrying_rate, order_cost))
