"""How large a scenario is before it is run."""

from pathlib import Path

import pytest

from simulator.replication import replicate
from simulator.scenario.overriding import override
from simulator.scenario.reading import load
from simulator.scenario.sizes import channel_loads, expected_orders, yearly_orders

FOLDER = Path(__file__).parents[1] / "scenarios"
MINIMAL = load(FOLDER / "minimal.yaml")
FLAGSHIP = load(Path(__file__).parents[2] / "scenarios" / "iran-belarus-2023.yaml")


def test_the_minimal_scenario_orders_twelve_times_a_year_on_each_side():
    """One relationship in each direction orders twelve times a year, for two years."""
    assert yearly_orders(MINIMAL) == pytest.approx(24)
    assert expected_orders(MINIMAL) == pytest.approx(48, abs=0.1)


def test_the_flagship_places_about_as_many_orders_as_expected():
    """The estimate made before a run is within a factor of two of what is placed."""
    placed = replicate(FLAGSHIP, 1, range(4)).tables["replications"]["orders"].to_pylist()
    assert 0.5 < sum(placed) / len(placed) / expected_orders(FLAGSHIP) < 2


def test_orders_grow_with_the_flow_and_fall_with_the_root_of_their_cost():
    """Ten times the flow are ten times the orders; four times the cost of one, half as many."""
    flow = override(
        MINIMAL, {"exports.AAA.last_usd_million": 600, "exports.AAB.last_usd_million": 400}
    )
    cost = override(MINIMAL, {"exports.*.goods.*.order_cost_usd": 200_000})
    assert yearly_orders(flow) == pytest.approx(240)
    assert yearly_orders(cost) == pytest.approx(12)


def test_the_load_of_a_channel_is_arrivals_times_service_over_slots():
    """24 orders a year that take 30 days each keep 1.97 of 4 slots busy."""
    busy = {"settlement.channels.bank.slots": 4, "settlement.channels.bank.processing_days": 30}
    loads = dict(channel_loads(override(MINIMAL, busy)))
    assert loads == {"bank": pytest.approx(24 * 30 / 365.25 / 4)}
    assert dict(channel_loads(MINIMAL)) == {}
