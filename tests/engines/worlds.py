"""Degenerate worlds with known answers, and a busy one in which everything happens."""

from functools import cache
from pathlib import Path

from simulator.conditions import conditions
from simulator.draws import Draws
from simulator.engines.reference import simulate
from simulator.scenario.overriding import override
from simulator.scenario.reading import load
from simulator.specification import specification

ROOT = Path(__file__).parents[2]
MINIMAL = ROOT / "tests" / "scenarios" / "minimal.yaml"
FLAGSHIP = ROOT / "scenarios" / "iran-belarus-2023.yaml"

GOOD = "exports.AAA.goods.widgets"
CHANNEL = "settlement.channels.bank"
YEARLY_USD = 60e6
YEAR = 365.25
LIFE = {
    "hazard_shape": 0.206,
    "hazard_scale_years": 0.156,
    "hazard_floor": 0.02,
    "frailty_variance": 0.4,
    "homogeneous_hazard_ratio": 1.23,
    "start_share": 0.1,
    "growth_years": 2,
}
"""The flagship's central numbers of life."""


def orders_of(per_year):
    """Changes that make economy A's only relationship place orders at this mean rate, B's none."""
    rate = per_year**2 * 2.0 * 50_000.0 / YEARLY_USD
    return {
        f"{GOOD}.carrying_rate": rate,
        "exports.AAB.last_usd_million": 0,
        "exports.AAB.average_usd_million": 0,
    }


def poisson(per_year, years, changes=None):
    """The minimal scenario with memoryless orders of A alone, and ``changes``."""
    horizon = {
        "horizon.end": f"{2022 + years}-12-31",
        "relationships.order_interval": "exponential",
        "settlement.patience_days": 1e9,
    }
    return load(MINIMAL, {**horizon, **orders_of(per_year), **(changes or {})})


def queue(per_day, years, *, law="exponential", **channel):
    """One settlement channel as a textbook station: mean service of 1 day, memoryless orders."""
    station = {"processing_days": 1, "processing_law": law, **channel}
    changes = {f"{CHANNEL}.{name}": value for name, value in station.items()}
    return poisson(per_day * YEAR, years, changes)


def lives(scenario, replications, seed=1):
    """The trajectory of each of the first replications."""
    spec = specification(scenario)
    for replication in range(replications):
        draws = Draws(seed, replication)
        yield simulate(spec, conditions(spec, draws), draws)


def life(scenario, replication=0, seed=1):
    """One trajectory."""
    spec, draws = specification(scenario), Draws(seed, replication)
    return simulate(spec, conditions(spec, draws), draws)


def days(scenario):
    """Days from the start of the horizon to its end."""
    return specification(scenario).periods.edges[-1]


# --- A world in which everything happens ---


def _busy_good(place, corridors):
    """What makes many small orders of one good, with every cost and delay."""
    return {
        f"{place}.price_volatility": 0.2,
        f"{place}.tariff_share": 0.05,
        f"{place}.insurance_share": 0.01,
        f"{place}.day_value_share": 0.004,
        f"{place}.reliability_share": 0.004,
        f"{place}.relationship_usd_million": 4,
        f"{place}.sunk_cost_usd_million": 0.2,
        f"{place}.order_cost_usd": 40_000,
        f"{place}.order_cv": 0.7,
        f"{place}.production_days": 20,
        f"{place}.production_cv": 0.5,
        f"{place}.corridors": {"_replace_": True, **corridors},
    }


def _busy_economy(place):
    """Chance in output, exchange rate, customs and new sanctions."""
    return {
        f"{place}.output_growth_rate": 0.02,
        f"{place}.output_volatility": 0.04,
        f"{place}.exchange_rate.depreciation_rate": 0.2,
        f"{place}.exchange_rate.volatility": 0.2,
        f"{place}.exchange_rate.news_jump": 0.2,
        f"{place}.exchange_rate.overshoot_months": 9,
        f"{place}.exchange_rate.pass_through_share": 0.6,
        f"{place}.exchange_rate.premium_share": 0.1,
        f"{place}.exchange_rate.premium_response": 0.3,
        f"{place}.customs": {
            "green_share": 0.5,
            "red_share": 0.2,
            "green_days": 1,
            "yellow_days": 3,
            "red_days": 9,
            "rejection_share": 0.2,
        },
        f"{place}.sanctions_process": {
            "tightening_rate": 2,
            "easing_rate": 0.5,
            "severity": 1,
            "relief_share": 0.5,
            "anticipation_months": 0,
            "buildup_years": 0.5,
            "fade_years": 1,
            "effects": {
                "refusals": {"path": "settlement.channels.*.refusal_share", "add": 0.04},
                "slower": {"path": "settlement.channels.*.processing_days", "multiply": 1.2},
            },
        },
    }


BUSY = {
    "horizon.warm_up_days": 90,
    "world_price_rate": 0.02,
    "base.cif_factor": 1.06,
    "base.persistence_share": 0.5,
    "base.observed_under_frictions": True,
    "statistics.home.log_error_sd": 0.1,
    "statistics.home.persistence_share": 0.5,
    "statistics.abroad.log_error_sd": 0.1,
    "statistics.abroad.leak_share": 0.1,
    **_busy_economy("economies.AAA"),
    **_busy_economy("economies.AAB"),
    "exports.AAA.average_usd_million": 50,
    "exports.AAA.affinity_volatility": 0.1,
    "exports.AAB.affinity_volatility": 0.1,
    **_busy_good("exports.AAA.goods.widgets", {"rail": 0.4, "road": 0.6}),
    **_busy_good("exports.AAB.goods.grain", {"rail": 0.7, "road": 0.3}),
    "adjustment": {
        "short_run_share": 0.5,
        "up_years": 3,
        "down_years": 1,
        "exchange_elasticity": 1,
    },
    "relationships": {
        "hazard_shape": 0.3,
        "hazard_scale_years": 0.5,
        "hazard_floor": 0.05,
        "frailty_variance": 0.5,
        "homogeneous_hazard_ratio": 1.2,
        "start_share": 0.3,
        "growth_years": 1,
        "value_sigma": 0.8,
        "search_elasticity": 0.5,
        "spillover": 0.3,
        "search_support": 1,
        "profit_share": 0.1,
        "payback_years": 3,
        "exit_after_failure_share": 0.1,
        "order_interval": "uniform",
    },
    "settlement": {
        "attempts": 2,
        "patience_days": 25,
        "payment_days": 30,
        "payment_cv": 0.8,
        "default_share": 0.02,
        "channels": {
            "bank": {
                "title": "Bank transfer",
                "share": 0.7,
                "slots": 3,
                "queue_limit": 4,
                "processing_days": 5,
                "processing_law": "lognormal",
                "processing_cv": 0.8,
                "refusal_share": 0.15,
                "fee_share": 0.03,
                "interruptions": {"between_months": 6, "repair_months": 1},
            },
            "clearing": {
                "title": "Clearing",
                "share": 0.3,
                "slots": 2,
                "processing_days": 4,
                "processing_law": "exponential",
                "refusal_share": 0.05,
                "fee_share": 0.01,
                "clearing": {"credit_limit_usd_million": 2, "netting_share": 0.2},
            },
        },
    },
    "corridors": {
        "rail": {
            "title": "Railway",
            "minimum_days": 10,
            "excess_days": 6,
            "excess_cv": 1,
            "freight_usd_per_tonne": 60,
            "slots": 4,
            "closing": {"first": "12-20", "last": "01-15"},
        },
        "road": {
            "title": "Road",
            "minimum_days": 6,
            "excess_days": 4,
            "excess_cv": 1,
            "freight_usd_per_tonne": 90,
            "interruptions": {"between_months": 5, "repair_months": 0.7},
        },
    },
    "geopolitics": {
        "persistence_share": 0.9,
        "sanction_loading": 0.5,
        "output_loading": -0.3,
        "exchange_loading": 0.4,
        "price_loading": 0.1,
        "affinity_loading": 0.2,
    },
    "contracts": {
        "plant": {
            "title": "A plant in parts",
            "exporter": "AAA",
            "good": "widgets",
            "document": "framework",
            "signed": "2023-03-15",
            "size_usd_million": 12,
            "size_sigma": 0.4,
            "execution_share": 0.6,
            "fulfilment_share": 0.7,
            "fulfilment_spread": 0.5,
            "delay_days": 40,
            "spacing_days": 30,
            "instalments": 4,
        },
        "shipments": {
            "title": "Shiploads that come by chance",
            "exporter": "AAB",
            "good": "grain",
            "document": "memorandum",
            "rate": 1.5,
            "size_usd_million": 3,
            "size_sigma": 0.6,
            "execution_share": 0.5,
            "fulfilment_share": 0.8,
            "fulfilment_spread": 0.3,
            "delay_days": 20,
            "spacing_days": 10,
            "instalments": 2,
        },
    },
    "agreements": {
        "roadmap": {
            "title": "A roadmap",
            "document": "roadmap",
            "signed": {"median_months": 6, "sigma": 0.5, "ever_share": 0.7},
            "ratification": {
                "AAA": {"median_months": 3, "sigma": 0.5},
                "AAB": {"median_months": 5, "sigma": 0.4},
            },
            "implemented_share": 0.6,
            "phase_in_years": 0.5,
            "effects": {
                "cheaper": {"path": "exports.*.goods.*.tariff_share", "multiply": 0.5},
                "room": {"path": "settlement.channels.bank.slots", "add": 1},
            },
        },
    },
    "sanctions": {
        "embargo": {
            "title": "An embargo",
            "sender": "a third country",
            "target": "AAB",
            "imposed": "2023-08-01",
            "lifted": "2024-06-01",
            "buildup_years": 0.3,
            "fade_years": 0.5,
            "effects": {
                "dearer": {"path": "corridors.*.freight_usd_per_tonne", "multiply": 1.3},
                "tight": {
                    "path": "settlement.channels.clearing.clearing.credit_limit_usd_million",
                    "multiply": 0.7,
                },
            },
        },
    },
}


FREE = {
    "settlement.channels.*.slots": None,
    "settlement.channels.*.queue_limit": None,
    "settlement.channels.*.clearing": None,
    "corridors.rail.slots": None,
    "agreements.*": None,
    "sanctions.*": None,
}
"""Changes of the busy scenario that take all limits away, so that no order delays another."""


@cache
def _base(name):
    """A scenario of many uses, read once."""
    if name == "flagship":
        return load(FLAGSHIP, {"horizon.end": "2024-02-29"})
    # A world of its own, not a difference from the minimal one.
    base = override(load(MINIMAL), BUSY).model_copy(update={"former": {}})
    return base if name == "busy" else override(base, FREE).model_copy(update={"former": {}})


def busy(changes=None):
    """A small scenario with every mechanism on."""
    return override(_base("busy"), changes or {})


def unlimited(changes=None):
    """The busy scenario without limits of capacity."""
    return override(_base("unlimited"), changes or {})


def flagship(changes=None):
    """The question of Iran and Belarus, for fourteen months."""
    return override(_base("flagship"), changes or {})
