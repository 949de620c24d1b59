"""Potential: base flows recovered, costs and elasticities, and capacity that follows."""

import numpy as np
import pytest
from engines.worlds import BUSY, MINIMAL, YEAR
from scipy import stats

from simulator.conditions import conditions
from simulator.draws import Draws
from simulator.potential import acceptance, channel_shares, corridor_shares, fallback_channels
from simulator.scenario.overriding import override
from simulator.scenario.reading import load
from simulator.shocks import PeriodClock
from simulator.specification import specification

GOOD = "exports.AAA.goods.widgets"
RATE = "economies.{}.exchange_rate"


CUSTOMS = {
    "green_share": 0.5,
    "red_share": 0.2,
    "green_days": 1,
    "yellow_days": 4,
    "red_days": 9,
    "rejection_share": 0.1,
}


def written(changes=None):
    """The minimal scenario as if its file had said so: the base came about under these numbers."""
    return load(MINIMAL, changes).model_copy(update={"former": {}})


def world(changes=None):
    """The conditions of the minimal scenario, written with other numbers."""
    return conditions(specification(written(changes)), Draws(1, 0))


def embargo(path, **effect):
    """Changes: a sanction on one number on the second day, at once in full effect."""
    return {
        "horizon.warm_up_days": 1,
        "sanctions.embargo": {
            "title": "An embargo",
            "sender": "a third country",
            "target": "AAA",
            "imposed": "2023-01-02",
            "buildup_years": 0,
            "fade_years": 0,
            "effects": {"it": {"path": path, **effect}},
        },
    }


def test_without_frictions_potential_is_the_base():
    """Where nothing moves, potential and desired flow are the base flows in every period."""
    found = world()
    expected = np.tile([60e6, 40e6], (len(found.potential), 1))
    assert found.potential == pytest.approx(expected, rel=1e-14)
    assert found.desired == pytest.approx(expected, rel=1e-14)
    assert found.norm == pytest.approx([60e6, 40e6])


# --- From what was recorded to the base ---


def test_recorded_imports_are_valued_back():
    """Exports are recorded as they are, imports with freight and without what leaks."""
    changes = {"base.cif_factor": 1.25, "statistics.home.leak_share": 0.1}
    assert world(changes).potential[0] == pytest.approx([60e6, 40e6 / (1.25 * 0.9)])
    other = {**changes, "base.statistics": "abroad", "statistics.abroad.leak_share": 0.2}
    assert world(other).potential[0] == pytest.approx([60e6 / (1.25 * 0.8), 40e6])


def test_error_of_the_base_is_taken_off():
    """The base is what the office recorded without the error it made that year."""
    found = world({"statistics.home.log_error_sd": 0.3})
    error = found.errors["home"][2022]
    assert np.all(error != 0.0)
    assert found.potential[0] == pytest.approx([60e6, 40e6] / np.exp(error))


def test_base_lies_between_the_last_year_and_the_average():
    """Of the last year's log departure from the average the persistent share lasts."""
    flows = {"exports.AAA.last_usd_million": 90, "exports.AAA.average_usd_million": 40}
    for lasting in (0.0, 0.5, 1.0):
        found = world({**flows, "base.persistence_share": lasting})
        assert found.potential[0, 0] == pytest.approx(90e6**lasting * 40e6 ** (1 - lasting))


def test_shares_of_goods_are_scaled_to_one():
    """Two goods of a direction split its flow in proportion to their shares."""
    widgets = load(MINIMAL).exports["AAA"].goods["widgets"].model_dump(exclude_none=True)
    gears = {**widgets, "share": {"value": 0.75}}
    found = world({"exports.AAA.goods": {"gears": gears, "widgets": {**widgets, "share": 0.25}}})
    assert found.potential[0] == pytest.approx([45e6, 15e6, 40e6])


def test_good_of_share_zero_changes_nothing():
    """A good that is not traded has no potential, and leaves the others to the bit."""
    widgets = load(MINIMAL).exports["AAA"].goods["widgets"].model_dump(exclude_none=True)
    tariff = embargo("exports.*.goods.*.tariff_share", add=0.1)
    goods = {"exports.AAA.goods": {"gears": {**widgets, "share": 0}, "widgets": widgets}}
    with_it, without = world({**goods, **tariff}), world(tariff)
    assert not with_it.potential[:, 0].any()
    assert not with_it.desired[:, 0].any()
    assert with_it.candidates[0] == 0.0
    for name in ("potential", "desired"):
        assert np.array_equal(getattr(with_it, name)[:, 1:], getattr(without, name))


def test_observed_flows_are_grossed_up_for_what_they_passed():
    """Base flows that already passed refusals and rejections are that share of the potential."""
    changes = {
        "settlement.channels.bank.refusal_share": 0.2,
        "economies.AAB.customs.green_share": 0.0,
        "economies.AAB.customs.red_share": 0.5,
        "economies.AAB.customs.rejection_share": 0.1,
    }
    plain = world(changes).potential[0]
    grossed = world({**changes, "base.observed_under_frictions": True}).potential[0]
    assert plain == pytest.approx([60e6, 40e6])
    assert grossed == pytest.approx([60e6 / (0.8 * 0.95), 40e6 / 0.8])


def test_flow_of_nothing_can_open():
    """A latent good lacks nothing but relationships: none are there, some will be found."""
    changes = {
        "exports.AAA.last_usd_million": 0,
        "exports.AAA.average_usd_million": 0,
        f"{GOOD}.latent_usd_million": 10,
        "relationships.search_elasticity": 1,
    }
    found = world(changes)
    assert found.potential[:, 0] == pytest.approx(np.full(len(found.potential), 10e6))
    assert found.desired == pytest.approx(found.potential)
    assert found.incumbent[0] == 0.0
    assert found.missing_found[0] > 0.0
    closed = world({**changes, f"{GOOD}.latent_usd_million": 0})
    assert not closed.potential[:, 0].any()


# --- Costs ---


@pytest.mark.parametrize(
    ("path", "effect", "cost"),
    [
        (f"{GOOD}.tariff_share", {"add": 0.1}, np.log(1.1)),
        (f"{GOOD}.insurance_share", {"add": 0.02}, np.log(1.02)),
        ("settlement.channels.*.fee_share", {"add": 0.03}, np.log(1.03)),
        ("corridors.road.minimum_days", {"add": 5}, 5 * 0.01),
        ("corridors.road.excess_days", {"add": 4}, 4 * 0.01 + 4 * 0.5 * 0.006),
        ("corridors.road.freight_usd_per_tonne", {"add": 80}, np.log(1.08)),
        (f"{GOOD}.day_value_share", {"multiply": 2}, (10 + 0.5 * 1 + 0.3 * 4 + 0.2 * 9) * 0.01),
        (f"{GOOD}.affinity", {"add": 0.3}, -0.3 / 3),
        (f"{RATE.format('AAA')}.premium_share", {"add": 0.2}, -np.log(0.8)),
        ("economies.AAB.customs.green_days", {"add": 3}, 0.5 * 3 * 0.01),
        ("economies.AAB.customs.yellow_days", {"add": 3}, 0.3 * 3 * 0.01),
        ("economies.AAB.customs.red_days", {"add": 3}, 0.2 * 3 * 0.01),
        ("economies.AAB.customs.red_share", {"add": 0.1}, 0.1 * (9 - 4) * 0.01),
    ],
)
def test_cost_lowers_the_potential_by_the_elasticity(path, effect, cost):
    """A log trade cost of c takes c times the elasticity off the log of the potential."""
    changes = {
        f"{GOOD}.trade_elasticity": 3,
        f"{GOOD}.day_value_share": 0.01,
        f"{GOOD}.reliability_share": 0.006,
        "corridors.road.minimum_days": 10,
        "corridors.road.excess_cv": 0.5,
        **{f"economies.AAB.customs.{name}": value for name, value in CUSTOMS.items()},
        **embargo(path, **effect),
    }
    found = world(changes)
    gained = np.log(found.potential[:, 0] / 60e6)
    assert gained[0] == pytest.approx(0.0)
    assert gained[1:] == pytest.approx(np.full(len(gained) - 1, -3 * cost))


@pytest.mark.parametrize(
    "path",
    [
        "settlement.channels.bank.refusal_share",
        "settlement.channels.bank.processing_days",
        "settlement.default_share",
        "economies.AAB.customs.rejection_share",
        "settlement.payment_days",
    ],
)
def test_what_happens_to_orders_is_no_cost(path):
    """Refusals, rejections, waits and defaults happen to orders: the potential knows none."""
    found = world(embargo(path, add=0.3))
    assert found.potential == pytest.approx(np.tile([60e6, 40e6], (len(found.potential), 1)))


def test_costs_of_other_flows_do_not_matter():
    """A tariff on one good leaves the other direction as it was."""
    found = world(embargo(f"{GOOD}.tariff_share", add=0.1))
    assert found.potential[:, 1] == pytest.approx(np.full(len(found.potential), 40e6), rel=1e-14)


def test_growth_of_both_sides_and_prices_carry_trade():
    """Potential grows with both outputs and with dollar prices: (1.02)(1.03)(1.01) to the t."""
    changes = {
        "economies.AAA.output_growth_rate": 0.02,
        "economies.AAB.output_growth_rate": 0.03,
        "world_price_rate": 0.01,
    }
    spec = specification(load(MINIMAL, changes))
    growth = (1.02 * 1.03 * 1.01) ** PeriodClock.of(spec).years
    assert world(changes).potential == pytest.approx(growth[:, None] * [60e6, 40e6])


def test_passing_weakness_moves_trade_by_its_own_elasticity():
    """An overshoot passes: trade answers by the elasticity of imports, and no capacity follows."""
    changes = {
        f"{RATE.format('AAA')}.volatility": 0.3,
        f"{RATE.format('AAA')}.overshoot_months": 9,
        f"{RATE.format('AAA')}.pass_through_share": 0.6,
        "adjustment.exchange_elasticity": 1.5,
    }
    found = world(changes)
    overshoot = found.shocks.overshoot[:, 0]
    assert np.ptp(overshoot) > 0.2
    # Exports of A become cheaper by what is not passed through, its imports dearer by the rest.
    expected = np.stack([1.5 * 0.4 * overshoot, -1.5 * 0.6 * overshoot], axis=1)
    assert np.log(found.potential / [60e6, 40e6]) == pytest.approx(expected)
    assert found.desired == pytest.approx(found.potential)


def test_first_month_may_differ_from_the_base():
    """Without a warm-up, too, a tariff of the second day lowers the potential of all months."""
    changes = {**embargo(f"{GOOD}.tariff_share", add=0.1), "horizon.warm_up_days": 0}
    gained = np.log(world(changes).potential[:, 0] / 60e6)
    assert gained == pytest.approx(np.full(len(gained), -4 * np.log(1.1)))


@pytest.mark.parametrize("warm_up", [0, 40])
def test_difference_changes_what_will_be(warm_up):
    """Another tariff than that of the base moves the potential; a tariff of the base does not."""
    changes = {f"{GOOD}.tariff_share": 0.1, "horizon.warm_up_days": warm_up}
    assert world(changes).potential[:, 0] == pytest.approx(60e6)
    other = override(override(load(MINIMAL), changes), {f"{GOOD}.tariff_share": 0.2})
    spec = specification(other)
    found = conditions(spec, Draws(1, 0))
    # However often it is changed, the base came about under the first, a tariff of 0.
    assert found.potential[:, 0] == pytest.approx(60e6 * 1.2**-4)
    assert found.desired[: spec.periods.warm_up, 0] == pytest.approx(60e6)


# --- Capacity ---


@pytest.mark.parametrize(("factor", "years_to_adjust"), [(0.5, 3.0), (2.0, 0.5)])
def test_capacity_is_built_slowly_and_lost_fast(factor, years_to_adjust):
    """After a lasting change the gap closes in 3 years upwards, in half a year downwards."""
    tariff = 0.2
    changes = {
        f"{GOOD}.tariff_share": tariff,
        "adjustment": {
            "short_run_share": 0.3,
            "up_years": 3,
            "down_years": 0.5,
            "exchange_elasticity": 1,
        },
        **embargo(f"{GOOD}.tariff_share", multiply=factor),
    }
    spec = specification(written(changes))
    found = conditions(spec, Draws(1, 0))
    lasting = -4 * (np.log(1 + tariff * factor) - np.log(1 + tariff))
    moved, followed = np.log(found.potential[1:, 0] / 60e6), np.log(found.desired[1:, 0] / 60e6)
    left = 0.7 * np.exp(-PeriodClock.of(spec).years[1:] / years_to_adjust)
    assert moved == pytest.approx(np.full(len(moved), lasting))
    assert followed == pytest.approx(lasting * (1 - left))


def test_warm_up_is_the_last_year():
    """Before the start capacity is that of the last year, though the potential is the anchor."""
    changes = {
        "horizon.warm_up_days": 100,
        "exports.AAA.average_usd_million": 30,
        "base.persistence_share": 0.5,
        "adjustment": {
            "short_run_share": 0.3,
            "up_years": 3,
            "down_years": 0.5,
            "exchange_elasticity": 1,
        },
    }
    found = world(changes)
    assert found.desired[:4, 0] == pytest.approx(60e6)
    anchor = np.sqrt(60e6 * 30e6)
    assert found.potential[:, 0] == pytest.approx(np.full(len(found.potential), anchor))
    assert anchor < found.desired[-1, 0] < found.desired[4, 0] < 60e6


# --- Shares and acceptance ---


def test_shares_are_scaled_and_fallback_is_the_largest_other():
    """Orders go to channels and corridors in proportion; a refused one tries the largest other."""
    spec = specification(override(load(MINIMAL), BUSY))
    numbers = spec.inputs.fixed.copy()
    assert channel_shares(spec, numbers).tolist() == pytest.approx([0.7, 0.3])
    assert corridor_shares(spec, numbers) == pytest.approx(np.array([[0.4, 0.6], [0.7, 0.3]]))
    assert fallback_channels(spec, numbers).tolist() == [1, 0]
    numbers[spec.place("settlement.channels.bank.share")] = 0.0
    assert channel_shares(spec, numbers).tolist() == [0.0, 1.0]
    assert fallback_channels(spec, numbers).tolist() == [1, 1]


def test_acceptance_is_the_share_of_orders_that_pass():
    """The share that passes interruptions, refusals and customs is that of orders one by one."""
    spec = specification(override(load(MINIMAL), BUSY))
    numbers = spec.inputs.fixed
    chance = np.random.default_rng(1).random((9, 400_000))
    # The bank is down a seventh of the time: who then comes goes elsewhere, or waits at last.
    repair = YEAR / 12
    down = chance[0] < 1 / 7
    waited_for = ~down | (-np.log(chance[1]) * repair < -np.log(chance[2]) * 25)
    by_bank = (~down & (chance[4] >= 0.15)) | (chance[5] >= 0.05)
    by_clearing = (chance[4] >= 0.05) | (waited_for & (chance[5] >= 0.15))
    paid = np.where(chance[3] < 0.7, by_bank, by_clearing)
    passed = paid & ~((chance[6] < 0.2) & (chance[7] < 0.2))
    found = acceptance(spec, numbers)
    margin = stats.norm.isf(0.0005) * stats.sem(passed)
    assert abs(passed.mean() - found[0]) < margin < 0.003
    assert found[0] == found[1]


# --- Differences ---


def gain(changes):
    """Log change of potential trade in the first flow by a difference from a world with costs."""
    costly = {
        "exports.*.goods.*.day_value_share": 0.01,
        "exports.*.goods.*.reliability_share": 0.01,
        "corridors.road.minimum_days": 10,
        "corridors.road.excess_days": 10,
        "corridors.road.excess_cv": 1,
        "corridors.rail": {
            "title": "Railway",
            "minimum_days": 30,
            "excess_days": 10,
            "excess_cv": 1,
            "freight_usd_per_tonne": 0,
        },
        "exports.*.goods.*.corridors": {"road": 0.5, "rail": 0.5},
        "settlement.channels.bank.share": 0.5,
        "settlement.channels.bank.fee_share": 0.04,
        "settlement.channels.bank.interruptions": {"between_months": 9, "repair_months": 3},
        "settlement.channels.barter": {
            "title": "Barter",
            "share": 0.5,
            "processing_days": 0,
            "refusal_share": 0,
            "fee_share": 0.02,
        },
        "base.observed_under_frictions": True,
    }
    base = override(load(MINIMAL), costly).model_copy(update={"former": {}})
    potentials = []
    for scenario in (base, override(base, changes)):
        spec = specification(scenario)
        potentials.append(conditions(spec, Draws(1, 0)).potential[-1, 0])
    return float(np.log(potentials[1] / potentials[0]))


WAYS = "exports.*.goods.*.corridors"
SHARES = {"settlement.channels.bank.share": 0.1, "settlement.channels.barter.share": 0.9}


def test_a_steadier_or_another_way_changes_trade_from_the_base():
    """Costs count from those under which the base came about, also when a way is left out.

    Elasticity 4: 10 days of spread less 5 at 1 percent; 10 days less on average at 1 percent; fees
    of 3 percent that become 2.2.
    """
    assert gain({"corridors.*.excess_cv": 0.5}) == pytest.approx(4 * 0.05)
    assert gain({WAYS: {"road": 1, "rail": 0}}) == pytest.approx(4 * 0.10)
    assert gain({WAYS: {"_replace_": True, "road": 1}}) == pytest.approx(4 * 0.10)
    assert gain(SHARES) == pytest.approx(4 * np.log(1.03 / 1.022))


def test_interruptions_of_the_base_are_those_of_the_past():
    """A channel that is never down any more does not make past trade larger or smaller."""
    rare = {"settlement.channels.bank.interruptions.between_months": 1e12}
    gone = {"settlement.channels.bank.interruptions": None}
    assert gain(rare) == pytest.approx(0.0, abs=1e-9)
    assert gain(gone) == pytest.approx(0.0, abs=1e-9)
