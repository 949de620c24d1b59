"""One industry alone reproduces the published simulation of four regions."""

import numpy as np
import pytest

from simulator.evidence.industry import industry

REGIONS = ("USA", "JPN", "EU", "RW")
FLOWS = np.array(
    [[0.0, 50, 200, 300], [500, 0, 150, 200], [300, 100, 200, 200], [50, 100, 110, 20]]
)
DUTIES = np.array(
    [
        [1.0, 1.21, 1.41, 1.22],
        [1.37, 1, 1.31, 1.23],
        [1.32, 1.36, 1, 1.18],
        [1.57, 1.41, 1.25, 1.15],
    ]
)


def without_duties(*flows):
    """The relative change of costs when the duties on some flows go."""
    change = np.zeros_like(DUTIES)
    for one, other in flows:
        place = REGIONS.index(one), REGIONS.index(other)
        change[place] = 1.0 / DUTIES[place] - 1.0
    return change


def test_duties_between_the_united_states_and_europe_go_as_published():
    """Prices, surplus and quantities are those of the four regions of Francois and Hall."""
    found = industry(FLOWS, DUTIES, without_duties(("USA", "EU"), ("EU", "USA")))
    assert found.prices == pytest.approx([0.0792, -0.0316, 0.0480, -0.0184], abs=5e-5)
    assert found.producer_surplus == pytest.approx([46.14, -26.24, 39.82, -5.07], abs=5e-3)
    assert found.quantities[2, 0] == pytest.approx(0.6482, abs=5e-5)
    assert found.quantities[0, 2] == pytest.approx(0.7878, abs=5e-5)


def test_what_everybody_sells_more_is_what_everybody_supplies():
    """The quantities sold, weighted by flows, grow by the elasticity of supply times the price."""
    found = industry(FLOWS, DUTIES, without_duties(("USA", "EU")), supply=0.7)
    sold = (FLOWS * found.quantities).sum(axis=1) / FLOWS.sum(axis=1)
    assert sold == pytest.approx(0.7 * found.prices)


def test_with_supply_at_a_given_price_only_shares_move():
    """Where supply is boundless no price moves, and demand alone answers."""
    change = without_duties(("USA", "EU"))
    found = industry(FLOWS, DUTIES, change, supply=1e9)
    assert found.prices == pytest.approx(np.zeros(4), abs=1e-7)
    share = FLOWS[0, 2] * DUTIES[0, 2] / (FLOWS * DUTIES).sum(axis=0)[2]
    expected = -5.0 * change[0, 2] + 3.75 * share * change[0, 2]
    assert found.quantities[0, 2] == pytest.approx(expected, rel=1e-6)
