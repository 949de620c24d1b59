"""Usual ranges."""

from pathlib import Path

import pytest

from simulator.scenario.plausibility import USUAL, unusual
from simulator.scenario.reading import load
from simulator.scenario.types import quantities

SCENARIOS = sorted((Path(__file__).parents[2] / "scenarios").glob("*.yaml"))


def test_every_range_is_that_of_a_number_of_a_scenario():
    """No range speaks of a number that scenarios do not have."""
    names = {path.rpartition(".")[2] for path, _ in quantities(load(SCENARIOS[0]))}
    missing = set(USUAL) - names - {"fee_share", "spacing_days", "delay_days"}
    assert missing == set()
    assert all(low < high for low, high in USUAL.values())


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_the_shipped_scenarios_are_usual(path):
    """Nothing in the scenarios that are shipped is far from what is usual."""
    assert not [p for p, number in quantities(load(path)) if unusual(p, number.central)]


def test_a_ship_of_four_thousand_days_is_unusual():
    """A number outside its usual range is answered with that range; others are not."""
    assert unusual("corridors.ship.minimum_days", 4000) == "usually 0 to 120"
    assert unusual("corridors.ship.minimum_days", 40) == ""
    assert unusual("corridors.ship.title", 4000) == ""
