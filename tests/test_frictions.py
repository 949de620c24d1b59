"""No friction counts twice: what is a wedge fails no order, what fails orders is no wedge.

All comparisons share their draws, and run on a world in which nothing else moves.
"""

from pathlib import Path

import numpy as np
import pytest

import simulator
from simulator.conditions import conditions
from simulator.draws import Draws
from simulator.engines.reference import simulate
from simulator.specification import specification

MINIMAL = simulator.load(Path(__file__).parent / "scenarios" / "minimal.yaml")
MANY_ORDERS = {
    "exports.*.goods.*.order_cost_usd": 100,
    "exports.*.goods.*.carrying_rate": 1,
    "relationships.order_interval": "exponential",
}
"""About 500 orders a year in each direction, so that chance is small."""


def world(changes, replication=0, *, observed_so=False):
    """Conditions and trajectory of one replication.

    A change says what will be; ``observed_so`` says that the base was observed under it already.
    """
    scenario = simulator.override(MINIMAL, {**MANY_ORDERS, **changes})
    if observed_so:
        scenario = scenario.model_copy(update={"former": {}})
    spec = specification(scenario)
    draws = Draws(5, replication)
    drawn = conditions(spec, draws)
    return drawn, simulate(spec, drawn, draws)


def delivered(changes, *, observed_so=False):
    """Dollars delivered, averaged over ten replications."""
    logs = [world(changes, n, observed_so=observed_so)[1] for n in range(10)]
    return np.mean([log.cents[log.is_delivered].sum() / 100 for log in logs])


def test_fees_and_days_lose_no_order():
    """What is a wedge in the potential leaves every order alone."""
    costly = {
        "settlement.channels.bank.fee_share": 0.05,
        "corridors.road.minimum_days": 3,
        "exports.*.goods.*.day_value_share": 0.01,
        "exports.*.goods.*.trade_elasticity": 4,
    }
    _, log = world(costly)
    assert not (log.state == 1).any()
    assert not (log.hindered > -np.inf).any()


def test_refusals_and_interruptions_are_no_wedge():
    """What fails orders leaves the potential alone, when the base was not observed under it."""
    calm, _ = world({})
    troubled, log = world(
        {
            "settlement.channels.bank.refusal_share": 0.3,
            "settlement.channels.bank.interruptions": {"between_months": 6, "repair_months": 1},
            "economies.*.customs.red_share": 0.5,
            "economies.*.customs.green_share": 0.5,
            "economies.*.customs.rejection_share": 0.2,
        }
    )
    assert np.array_equal(calm.potential, troubled.potential)
    assert (log.state == 1).any()


@pytest.mark.parametrize(
    "friction",
    [
        {"settlement.channels.bank.refusal_share": 0.25},
        {
            "economies.*.customs.red_share": 0.5,
            "economies.*.customs.green_share": 0.5,
            "economies.*.customs.rejection_share": 0.3,
        },
    ],
    ids=["refusal", "rejection"],
)
def test_a_friction_of_the_base_is_zero_in_expectation(friction):
    """Trade observed under a friction is what the model delivers under the same friction.

    The band is four standard errors of some 10,000 orders: a false alarm in 16,000.
    """
    observed = {"base.observed_under_frictions": True, "settlement.attempts": 1}
    without, under = delivered(observed), delivered({**observed, **friction}, observed_so=True)
    assert under == pytest.approx(without, rel=0.03)
    assert delivered({**observed, **friction}) < 0.9 * without


def test_interruptions_of_the_base_are_zero_in_expectation():
    """The closed form for interrupted channels gives back what they lose.

    Twenty failures of two months in ten replications: the band of 8 % is about three standard
    errors, a false alarm in 370.
    """
    lasting = {
        "base.observed_under_frictions": True,
        "settlement.patience_days": 60,
        "settlement.channels.bank.interruptions": {"between_months": 10, "repair_months": 2},
    }
    assert delivered(lasting, observed_so=True) == pytest.approx(delivered({}), rel=0.08)


def test_a_new_refusal_costs_exactly_its_share():
    """Beyond the base a refusal takes its share of orders once, and no more."""
    refused = {"settlement.attempts": 1, "settlement.channels.bank.refusal_share": 0.25}
    assert delivered(refused) == pytest.approx(0.75 * delivered({}), rel=0.02)


def test_time_in_transit_costs_no_patience():
    """A buyer's patience runs in queues, not on the road."""
    _, log = world({"corridors.road.minimum_days": 200, "settlement.patience_days": 1})
    assert not (log.state == 1).any()


def test_a_lever_acts_from_the_start():
    """A tariff that a difference lowers raises the potential by the elasticity, all else equal."""
    taxed = {"exports.*.goods.*.tariff_share": 0.2, "exports.*.goods.*.trade_elasticity": 3}
    high = simulator.override(MINIMAL, taxed).model_copy(update={"former": {}})
    free = simulator.override(high, {"exports.*.goods.*.tariff_share": 0})
    then, now = (
        conditions(specification(scenario), Draws(1, 0)).potential for scenario in (high, free)
    )
    assert now / then == pytest.approx(1.2**3)
