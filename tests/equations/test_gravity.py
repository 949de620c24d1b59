"""Gravity: what costs do to the potential, against published numbers."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.equations.gravity import exchange_cost, log_potential, logistics_cost

LOGS = st.floats(-3, 3)


@pytest.mark.parametrize(("elasticity", "gain"), [(0.76, 0.18), (2.0, 0.55), (5.0, 1.98)])
def test_duty_cut_of_the_eurasian_union(elasticity, gain):
    """A duty cut from 30 to 4.5 % adds 18 % to trade in a year, 55 or 198 % in the long run."""
    change = math.log(1.045) - math.log(1.3)
    assert math.expm1(log_potential(0.0, 0.0, elasticity, change)) == pytest.approx(gain, abs=0.005)


@pytest.mark.parametrize(
    ("loss", "elasticity", "tariff"),
    [(0.77, 5, 0.34), (0.77, 2, 1.09), (0.33, 5, 0.08), (0.33, 2, 0.22)],
)
def test_sanctions_have_a_tariff_equivalent(loss, elasticity, tariff):
    """A complete sanction (-77 %) is a tariff of 34 % at elasticity 5, of 109 % at elasticity 2."""
    trade = log_potential(0.0, 0.0, float(elasticity), math.log(1 + tariff))
    # The published tariffs are rounded to full percents.
    assert trade == pytest.approx(math.log(1 - loss), abs=0.005 * elasticity)


@settings(derandomize=True)
@given(LOGS, LOGS, st.floats(0, 10), LOGS, LOGS)
def test_changes_add_up(exporter, importer, elasticity, first, second):
    """Growth of both sides adds up, and two changes of cost are one change of their sum."""
    both = log_potential(exporter, importer, elasticity, first + second)
    one = log_potential(exporter, 0.0, elasticity, first)
    other = log_potential(0.0, importer, elasticity, second)
    assert both == pytest.approx(one + other, abs=1e-9)


def test_a_day_costs_its_value():
    """Ten days at 1 % a day cost 10 % in logs, and three days of spread at 0.5 % another 1.5 %."""
    assert logistics_cost(10.0, 0.01, 3.0, 0.005) == pytest.approx(0.115)
    assert logistics_cost(0.0, 0.01, 0.0, 0.005) == 0.0


def test_currency_weaker_by_its_inflation_costs_nothing():
    """Without overshoot and premium exchange rates are no cost, whatever the pass-through."""
    assert exchange_cost(0.0, 0.9, 0.0, 0.4, 0.0) == 0.0


def test_weak_currency_makes_imports_dearer_and_exports_cheaper():
    """Of an overshoot of 0.5 imports bear the pass-through 0.9, exports gain the rest."""
    assert exchange_cost(0.0, 0.9, 0.5, 0.9, 0.0) == pytest.approx(0.45)
    assert exchange_cost(0.5, 0.9, 0.0, 0.9, 0.0) == pytest.approx(-0.05)
    # Invoiced in hard currency, exports do not become cheaper; in their own, by all of it.
    assert exchange_cost(0.5, 1.0, 0.0, 1.0, 0.0) == 0.0
    assert exchange_cost(0.5, 0.0, 0.0, 1.0, 0.0) == pytest.approx(-0.5)


def test_premium_is_a_tax_on_exports():
    """Receipts sold 20 % below the free rate are a log cost of -ln 0.8, on top of all else."""
    premium = -math.log(0.8)
    assert exchange_cost(0.1, 0.5, 0.2, 0.5, premium) - premium == pytest.approx(
        exchange_cost(0.1, 0.5, 0.2, 0.5, 0.0)
    )


def test_arrays_and_numbers_agree():
    """The equations give for arrays what they give number by number."""
    changes = np.array([-0.5, 0.0, 0.5])
    assert log_potential(0.1, 0.2, 4.0, changes).tolist() == [
        log_potential(0.1, 0.2, 4.0, change) for change in changes.tolist()
    ]
