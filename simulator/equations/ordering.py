"""Ordering: how often a relationship orders. Values in dollars a year."""

import math


def orders_per_year(yearly_value: float, carrying_rate: float, order_cost: float) -> float:
    """Orders a year that balance carrying and ordering cost: sqrt(r V / 2 F).

    Source: economic order quantity; Alessandria, Kaboski and Midrigan, AER 100 (2010).
    """
    return math.sqrt(carrying_rate * yearly_value / (2.0 * order_cost))
