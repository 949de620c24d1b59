"""What of a scenario stops orders, and the scenario without it."""

from pathlib import Path

import numpy as np
import pytest

import simulator
from simulator.conditions import worlds
from simulator.draws import Draws
from simulator.scenario.frictions import KINDS, capacities, frictions, raised, without
from simulator.specification import specification

ROOT = Path(__file__).parents[2]
FLAGSHIP = simulator.load(ROOT / "scenarios" / "iran-belarus-2023.yaml")
MINIMAL = simulator.load(ROOT / "tests" / "scenarios" / "minimal.yaml")
BANK = "settlement.channels.bank"


def keys(changes):
    """The frictions of the minimal scenario with changes."""
    return [one.key for one in frictions(simulator.override(MINIMAL, changes))]


def test_a_world_without_friction_has_none():
    """Zero shares, open corridors and no limits are no friction and no capacity."""
    assert frictions(MINIMAL) == []
    assert capacities(MINIMAL) == []
    assert without(MINIMAL, []) is MINIMAL


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({f"{BANK}.refusal_share": 0.1}, "payments"),
        ({"settlement.default_share": 0.1}, "payments"),
        ({f"{BANK}.interruptions": {"between_months": 6, "repair_months": 1}}, "interruptions"),
        ({f"{BANK}.slots": 3}, "queues"),
        ({f"{BANK}.queue_limit": 0}, "queues"),
        (
            {f"{BANK}.clearing": {"credit_limit_usd_million": 5, "netting_share": 0.1}},
            "clearing",
        ),
        ({"corridors.road.closed": True}, "closings"),
        ({"corridors.road.closing": {"first": "12-01", "last": "02-28"}}, "closings"),
        ({"corridors.road.slots": 2}, "corridor_slots"),
        ({"economies.AAA.customs.rejection_share": 0.1}, "customs"),
    ],
)
def test_every_number_belongs_to_one_friction(changes, key):
    """Each friction comes from its own numbers, and is gone without them."""
    scenario = simulator.override(MINIMAL, changes)
    (found,) = frictions(scenario)
    assert (found.key, set(found.changes)) == (key, set(changes))
    assert frictions(without(scenario, [found])) == []


def test_the_flagship_has_seven():
    """All kinds but corridor slots, so that every combination can be run."""
    found = [one.key for one in frictions(FLAGSHIP)]
    assert found == [key for key in KINDS if key != "corridor_slots"]
    assert frictions(without(FLAGSHIP, frictions(FLAGSHIP))) == []


def test_trade_costs_are_no_friction():
    """Tariffs, freight, fees and days lower the potential: nothing counts twice."""
    costs = {
        "exports.*.goods.*.tariff_share": 0.2,
        f"{BANK}.fee_share": 0.1,
        f"{BANK}.processing_days": 20,
        "corridors.road.freight_usd_per_tonne": 50,
        "corridors.road.minimum_days": 30,
        "settlement.patience_days": 5,
    }
    assert keys(costs) == []


def test_what_only_a_measure_brings_is_removed_as_well():
    """A refusal that a measure adds to zero is a friction, and goes with the measure's effect."""
    measure = {
        "title": "Checks",
        "at": "2023-03-01",
        "effects": {
            "refused": {"path": f"{BANK}.refusal_share", "add": 0.3},
            "slower": {"path": f"{BANK}.processing_days", "add": 3},
        },
    }
    scenario = simulator.override(MINIMAL, {"measures.checks": measure})
    (found,) = frictions(scenario)
    free = without(scenario, [found])
    assert found.key == "payments"
    assert list(free.measures["checks"].effects) == ["slower"]
    run = simulator.run(free, replications=1)
    assert run.table("replications")["lost_orders"].to_pylist() == [0]


def test_a_removal_is_a_difference():
    """The scenario remembers under what its base came about."""
    scenario = simulator.override(MINIMAL, {f"{BANK}.refusal_share": 0.2})
    base = scenario.model_copy(update={"former": {}})
    free = without(base, frictions(base))
    assert free.former[f"{BANK}.refusal_share"]["value"] == 0.2


def test_limits_are_raised_by_a_tenth_in_round_steps():
    """One digit; counts by whole units, at least one."""
    limits = {
        f"{BANK}.slots": {"triangular": {"low": 20, "mode": 37, "high": 60}},
        f"{BANK}.queue_limit": 3,
        f"{BANK}.clearing": {"credit_limit_usd_million": 5, "netting_share": 0.1},
        "corridors.road.slots": 260,
    }
    scenario = simulator.override(MINIMAL, limits)
    found = {one.path: (one.now, one.step) for one in capacities(scenario)}
    assert found == {
        f"{BANK}.slots": (37, 4),
        f"{BANK}.queue_limit": (3, 1),
        f"{BANK}.clearing.credit_limit_usd_million": (5, 0.5),
        "corridors.road.slots": (260, 30),
    }
    assert [raised(scenario, one).name for one in capacities(scenario)] == ["minimal"] * 4
    more = raised(scenario, capacities(scenario)[1])
    assert more.settlement.channels["bank"].queue_limit == 4


@pytest.mark.parametrize("law", [{"lognormal": {"median": 20, "sigma": 0.5}}, 20])
def test_a_raised_limit_is_higher_by_its_step_from_the_start_on(law):
    """The measure adds to whatever was drawn, in every month, and moves no other number."""
    scenario = simulator.override(
        MINIMAL, {f"{BANK}.slots": law, "horizon.warm_up_days": 90, "world_price_rate": NOISY}
    )
    (limit,) = capacities(scenario)
    before, after = (_levels(one) for one in (scenario, raised(scenario, limit)))
    change = after.pop(limit.path) - before.pop(limit.path)
    warm_up = specification(scenario).periods.warm_up
    assert np.allclose(change[:, :warm_up], 0)  # it is the base
    assert np.allclose(change[:, warm_up:], limit.step)
    for path, levels in before.items():
        assert np.array_equal(levels, after[path]), path


NOISY = {"normal": {"mean": 0, "sd": 0.1, "low": -0.3, "high": 0.3}}


def _levels(scenario):
    """Every number by path in every month of four replications."""
    spec = specification(scenario)
    levels = worlds(spec, Draws(5, range(4))).levels
    return {path: levels[..., spec.place(path)] for path in spec.inputs.paths}


def test_what_a_collective_closes_is_a_friction_of_payments():
    """With refusals go those that members provoke; without its account the platform stays."""
    file = ROOT / "scenarios" / "joint-collective.yaml"
    scenario = simulator.load(file, overrides=["members_4"])
    found = {one.key: one for one in frictions(scenario)}
    assert found["payments"].changes["collective.retaliation_share"] == 0
    bare = without(scenario, found.values())
    assert bare.collective is not None
    assert frictions(bare) == []
    drawn = worlds(specification(bare), Draws(1, range(3)))
    refusals = specification(bare).places("channel.refusal_share")
    assert (drawn.levels[..., refusals] == 0.0).all()
