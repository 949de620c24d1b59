"""Sizes: how many orders a scenario will place, and how busy its channels will be."""

import math
from collections.abc import Iterator

from simulator.equations.ordering import orders_per_year
from simulator.scenario.types import DAYS_PER_YEAR, Good, Scenario

SECONDS_PER_ORDER = {"reference": 4.5e-5, "compiled": 2e-6}
BYTES_PER_ORDER = 6000
"""Measured on the reference engine with the flagship at 20 times its flows: 35,551 orders took
4.3e-5 seconds and 6,027 bytes each. On the compiled engine the flagship itself, with conditions and
books, took 1.7e-6 seconds for each expected order."""


def yearly_orders(scenario: Scenario) -> float:
    """Orders a year at the base flows, all numbers at their middle."""
    return sum(orders for _, orders in _orders(scenario))


def expected_orders(scenario: Scenario) -> float:
    """Orders of one replication, contracts and growth left out; within a factor of about two."""
    days = scenario.horizon.days + scenario.horizon.warm_up_days
    return yearly_orders(scenario) * days / DAYS_PER_YEAR


def channel_loads(scenario: Scenario) -> Iterator[tuple[str, float]]:
    """Arrivals over capacity of every settlement channel with slots and a queue without limit."""
    daily = yearly_orders(scenario) / DAYS_PER_YEAR
    for name, channel in scenario.settlement.channels.items():
        if channel.slots is not None and channel.queue_limit is None:
            work = daily * channel.share.central * channel.processing_days.central
            yield name, _over(work, channel.slots.central)


def corridor_loads(scenario: Scenario) -> Iterator[tuple[str, float]]:
    """Arrivals over capacity of every corridor with slots."""
    for name, corridor in scenario.corridors.items():
        if corridor.slots is not None:
            daily = sum(
                orders * good.corridors[name].central / DAYS_PER_YEAR
                for good, orders in _orders(scenario)
                if name in good.corridors
            )
            work = daily * (corridor.minimum_days.central + corridor.excess_days.central)
            yield name, _over(work, corridor.slots.central)


def _over(work: float, slots: float) -> float:
    """Work over what can be done at the same time; endless where nothing can."""
    return work / slots if slots > 0 else (math.inf if work > 0 else 0.0)


def _orders(scenario: Scenario) -> Iterator[tuple[Good, float]]:
    """Yearly orders of every good."""
    for exports in scenario.exports.values():
        shares = sum(good.share.central for good in exports.goods.values()) or 1.0
        for good in exports.goods.values():
            share = good.share.central / shares
            flow = exports.last_usd_million.central * share + good.latent_usd_million.central
            value = good.relationship_usd_million.central
            often = orders_per_year(
                value * 1e6, good.carrying_rate.central, good.order_cost_usd.central
            )
            yield good, flow / value * often
