"""Adjustment: the published path of the trade elasticity, slow upwards and fast downwards."""

from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.conditions import conditions
from simulator.draws import Draws
from simulator.equations.adjustment import capacity_gap_left, desired_log_flow
from simulator.scenario.reading import load
from simulator.shocks import PeriodClock
from simulator.specification import specification

ROOT = Path(__file__).parents[2]
MINIMAL = ROOT / "tests" / "scenarios" / "minimal.yaml"
FLAGSHIP = ROOT / "scenarios" / "iran-belarus-2023.yaml"
GOOD = "exports.AAA.goods.widgets"


@cache
def flagship(name):
    """A central number of the flagship's adjustment."""
    spec = specification(load(FLAGSHIP))
    return float(spec.inputs.fixed[spec.place(f"adjustment.{name}")])


def elasticity_path(tariff, factor):
    """Years since a lasting change of a tariff, and the elasticity seen until then.

    Potential, capacity and desired flow are the model's, at a long-run elasticity of 2.
    """
    changes = {
        "horizon.end": "2033-12-31",
        "horizon.warm_up_days": 1,
        f"{GOOD}.trade_elasticity": 2,
        f"{GOOD}.tariff_share": tariff,
        **{
            f"adjustment.{name}": flagship(name)
            for name in ("short_run_share", "up_years", "down_years")
        },
        "agreements.pact": {
            "title": "A pact on duties",
            "document": "trade_agreement",
            "signed": "2022-01-01",
            "in_force": "2023-01-02",
            "implemented_share": 1,
            "phase_in_years": 0,
            "effects": {"duties": {"path": f"{GOOD}.tariff_share", "multiply": factor}},
        },
    }
    # The base came about under this tariff, as if the file had said so.
    spec = specification(load(MINIMAL, changes).model_copy(update={"former": {}}))
    desired = conditions(spec, Draws(1, 0)).desired[:, 0]
    cost = np.log(1 + tariff * factor) - np.log(1 + tariff)
    return PeriodClock.of(spec).years[1:], np.log(desired[1:] / desired[0]) / cost


def test_elasticity_of_the_first_year_is_the_published_one():
    """Over the first year after a duty cut trade answers with -0.76 (NBER w27064)."""
    years, elasticity = elasticity_path(0.3, 0.15)
    assert elasticity[years < 1].mean() == pytest.approx(-0.76, abs=0.15)


def test_elasticity_of_the_long_run_is_the_published_one():
    """Nine tenths of the way to -2 are gone after 7 to 10 years, and all within 0.15 at the end."""
    years, elasticity = elasticity_path(0.3, 0.15)
    assert elasticity[(years > 8) & (years < 10)] == pytest.approx(-2, abs=0.17)
    assert elasticity[(years > 9) & (years < 11)] == pytest.approx(-2, abs=0.15)
    way = (elasticity + 2 * 0.29) / (-2 + 2 * 0.29)
    assert 7 < years[np.argmax(way > 0.9)] < 10


def test_path_is_the_closed_form():
    """Until t years the elasticity is e (w + (1 - w) (1 - e^(-t / T)))."""
    years, elasticity = elasticity_path(0.3, 0.15)
    w, time = flagship("short_run_share"), flagship("up_years")
    assert elasticity == pytest.approx(-2 * (w + (1 - w) * (1 - np.exp(-years / time))))


def test_trade_collapses_faster_than_it_is_built():
    """After a new duty nine tenths of the fall come within the first year and a half."""
    years, up = elasticity_path(0.3, 0.15)
    _, down = elasticity_path(0.3, 2.0)
    assert np.all(down[years < 5] < up[years < 5])
    assert down[np.argmax(years > 1.5)] == pytest.approx(-2, abs=0.2)
    assert down[-1] == pytest.approx(-2, abs=1e-6)


@settings(derandomize=True)
@given(st.floats(-5, 5), st.floats(-5, 5), st.floats(0, 1))
def test_desired_flow_lies_between_potential_and_capacity(potential, capacity, share):
    """Trade stands between capacity and potential, nearer to the potential the larger the share."""
    desired = desired_log_flow(potential, capacity, share)
    assert min(potential, capacity) - 1e-12 <= desired <= max(potential, capacity) + 1e-12
    assert desired - capacity == pytest.approx(share * (potential - capacity), abs=1e-12)


@settings(derandomize=True)
@given(st.lists(st.floats(-5, 5), min_size=1), st.floats(0, 1), st.floats(0, 1))
def test_gap_keeps_its_sign_and_closes(gaps, up, down):
    """A gap never changes sign; upwards it decays by one factor, downwards by the other."""
    left = capacity_gap_left(np.array(gaps), up, down)
    assert left.tolist() == [gap * (up if gap > 0 else down) for gap in gaps]


def test_two_steps_are_one():
    """A gap left after two months is what one step of both leaves."""
    gaps = np.array([0.4, -0.4])
    decay = np.exp(-np.array([1 / 12, 2 / 12]) / 3.7), np.exp(-np.array([1 / 12, 2 / 12]) / 0.5)
    twice = capacity_gap_left(
        capacity_gap_left(gaps, decay[0][0], decay[1][0]), decay[0][0], decay[1][0]
    )
    assert twice == pytest.approx(capacity_gap_left(gaps, decay[0][1], decay[1][1]))
