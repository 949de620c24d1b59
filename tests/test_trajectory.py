"""What happened, as one row an order."""

from pathlib import Path

import numpy as np

import simulator
from simulator.conditions import conditions
from simulator.draws import Draws
from simulator.engines.reference import simulate
from simulator.specification import specification
from simulator.trajectory import DELIVERED, FIRST_CONTRACT

MINIMAL = Path(__file__).parent / "scenarios" / "minimal.yaml"
CONTRACT = {
    "title": "One delivery",
    "exporter": "AAA",
    "good": "widgets",
    "document": "firm",
    "signed": "2023-06-01",
    "size_usd_million": 5,
    "size_sigma": 0,
    "execution_share": 1,
    "fulfilment_share": 1,
    "fulfilment_spread": 0,
    "delay_days": 0,
    "spacing_days": 0,
    "instalments": 1,
}


def lived(changes):
    """The trajectory of the frictionless world."""
    spec = specification(simulator.load(MINIMAL, changes))
    draws = Draws(1, 0)
    return simulate(spec, conditions(spec, draws), draws)


def test_contracts_have_a_stream_of_their_own():
    """An instalment of a contract is told from the orders of relationships."""
    log = lived({"contracts": {"one": CONTRACT}})
    assert log.is_contract.sum() == 1
    assert log.stream[log.is_contract].tolist() == [FIRST_CONTRACT]
    assert log.cents[log.is_contract].tolist() == [500_000_000]
    assert not lived({}).is_contract.any()


def test_whatever_is_paid_or_owed_was_delivered():
    """Delivery is a state that payment only adds to."""
    log = lived({"settlement.payment_days": 40, "settlement.default_share": 0.5})
    assert log.is_delivered.all()
    assert set(log.state) > {DELIVERED}
    assert np.array_equal(np.isfinite(log.settled), log.state > DELIVERED)
