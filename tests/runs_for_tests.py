"""A small scenario and a synthetic run of it: numbers shaped like real ones, from numpy alone."""

import json
from datetime import date

import numpy as np
import pyarrow as pa

from simulator.draws import Draws
from simulator.inputs import Inputs
from simulator.ledger import ACCOUNTS, LOSSES
from simulator.runs import SCHEMAS, Run
from simulator.scenario.types import Scenario, quantities

CENTS = 100_000_000  # in a million dollars


def _economy(name):
    customs = {
        "green_share": 0.6,
        "red_share": 0.1,
        "green_days": 1,
        "yellow_days": 3,
        "red_days": 9,
        "rejection_share": 0.02,
    }
    exchange_rate = {
        "currency": "USD",
        "depreciation_rate": 0.2,
        "volatility": 0.2,
        "news_jump": 0.1,
        "overshoot_months": 9,
        "pass_through_share": 0.6,
        "premium_share": 0.1,
        "premium_response": 0.2,
    }
    return {
        "name": name,
        "output_growth_rate": {"value": 0.02, "source": "World Bank"},
        "output_volatility": 0.03,
        "exchange_rate": exchange_rate,
        "customs": customs,
    }


def _good(title, share):
    return {
        "title": title,
        "hs": ["310420"],
        "share": share,
        "price_usd_per_tonne": {"value": 400, "source": "exchange quotations"},
        "price_volatility": 0.2,
        "trade_elasticity": 4,
        "tariff_share": {"value": 0.05, "kind": "lever", "source": "customs tariff"},
        "insurance_share": 0.01,
        "day_value_share": 0.005,
        "reliability_share": 0.005,
        "differentiated": False,
        "relationship_usd_million": 2,
        "sunk_cost_usd_million": 0.1,
        "order_cost_usd": 2000,
        "carrying_rate": 0.2,
        "order_cv": 0.8,
        "production_days": 20,
        "production_cv": 0.5,
        "corridors": {"caspian": 1},
    }


def _exports(last, goods):
    return {
        "last_usd_million": {"value": last, "source": "national statistics"},
        "average_usd_million": last,
        "affinity_volatility": 0.3,
        "goods": goods,
    }


def _office(title, economy, calendar):
    return {
        "title": title,
        "economy": economy,
        "calendar": calendar,
        "log_error_sd": 0.1,
        "persistence_share": 0.5,
        "leak_share": 0.1,
    }


RELATIONSHIPS = {
    "hazard_shape": 0.7,
    "hazard_scale_years": 2,
    "hazard_floor": 0.05,
    "frailty_variance": 0.5,
    "homogeneous_hazard_ratio": 1.2,
    "start_share": 0.3,
    "growth_years": 2,
    "value_sigma": 1,
    "search_elasticity": 0.5,
    "spillover": 0.2,
    "search_support": {"value": 1, "kind": "lever"},
    "profit_share": 0.1,
    "payback_years": 3,
    "exit_after_failure_share": 0.2,
    "order_interval": "exponential",
}

CHANNEL = {"title": "Clearing account", "share": 1, "processing_days": 20, "refusal_share": 0.1}

SETTLEMENT = {
    "attempts": 2,
    "patience_days": 60,
    "payment_days": 30,
    "payment_cv": 0.5,
    "default_share": 0.01,
    "channels": {
        "clearing": CHANNEL
        | {"fee_share": 0.02, "clearing": {"credit_limit_usd_million": 5, "netting_share": 0.5}}
    },
}

CORRIDOR = {
    "title": "Caspian Sea",
    "minimum_days": 20,
    "excess_days": 8,
    "excess_cv": 1,
    "freight_usd_per_tonne": 60,
}

SCENARIO = {
    "question": "Will trade between Iran and Belarus reach $100m in 2023?",
    "name": "tiny",
    "title": "Iran and Belarus after the roadmap of March 2023",
    "version": 1,
    "context_of_use": "A synthetic case for tests.",
    "information_date": "2023-03-13",
    "prices": "current_usd",
    "hs_edition": "HS2022",
    "horizon": {"start": "2023-01-01", "end": "2026-12-31", "warm_up_days": 365},
    "target": {
        "turnover_usd_million": {"value": 100, "source": "announced in March 2023"},
        "year": 2023,
        "statistics": ["belarus", "iran"],
    },
    "world_price_rate": 0.02,
    "not_covered": ["new sanctions rounds on third countries", "barter outside the statistics"],
    "economies": {"BLR": _economy("Belarus"), "IRN": _economy("Iran")},
    "statistics": {
        "belarus": _office("Belarusian statistics", "BLR", "gregorian"),
        "iran": _office("Iranian statistics", "IRN", "jalali"),
    },
    "history": {
        "belarus": {"2019": 41.0, "2020": 24.7, "2021": 33.1, "2022": 100.0},
        "iran": {"2020": 52.3, "2022": 58.6},
    },
    "base": {
        "year": 2022,
        "statistics": "belarus",
        "cif_factor": 1.08,
        "persistence_share": 0.5,
        "observed_under_frictions": True,
    },
    "exports": {
        "BLR": _exports(80, {"potash": _good("Potash", 0.6), "wood": _good("Wood", 0.4)}),
        "IRN": _exports(20, {"food": _good("Food", 1)}),
    },
    "adjustment": {
        "short_run_share": 0.3,
        "up_years": 3,
        "down_years": 1,
        "exchange_elasticity": 1,
    },
    "relationships": RELATIONSHIPS,
    "settlement": SETTLEMENT,
    "corridors": {"caspian": CORRIDOR},
    "geopolitics": {
        "persistence_share": 0.9,
        "sanction_loading": 0.3,
        "output_loading": 0.2,
        "exchange_loading": 0.3,
        "price_loading": 0.1,
        "affinity_loading": 0.3,
    },
}

LOSS_SHARES = {
    "adjustment": 0.08,
    "search": 0.06,
    "not_executed": 0.05,
    "shortfall": 0.03,
    "lost_refused": 0.07,
    "lost_clearing": 0.05,
    "lost_rejected": 0.005,
    "lost_corridor_closed": 0.004,
    "late_on_the_way": 0.03,
    "late_clearing": 0.02,
    "late_corridor_slots": 0.01,
}


def scenario(**changes):
    """The tiny scenario, with fields of the top level replaced."""
    return Scenario.model_validate_json(json.dumps(SCENARIO | changes))


def synthetic(replications=400, *, scale=1.0, complete=True, loss_only=False, **changes):
    """A run of the tiny scenario with the same numbers every time; ``scale`` multiplies trade."""
    asked = scenario(**changes)
    random = np.random.default_rng(7)
    potential = _potential(random, replications, scale)
    monthly, ledger = _flows(random, potential, loss_only=loss_only)
    tables = {
        "replications": _replications(random, monthly, ledger),
        "years": _years(random, monthly, complete=complete),
        "months": _months(monthly),
        "ledger": _ledger(ledger),
    }
    return Run(asked, 20230313, replications, tables)


UNCERTAIN = {
    "world_price_rate": {"uniform": {"low": 0.0, "high": 0.04}, "source": "assumed: a guess"},
    "adjustment": SCENARIO["adjustment"]
    | {"up_years": {"triangular": {"low": 1, "mode": 3, "high": 6}, "source": "a study"}},
}
MATTERS = "world_price_rate"


def uncertain(replications=400, **changes):
    """A run of a scenario with two uncertain inputs, of which only ``MATTERS`` moves turnover."""
    run = synthetic(replications, **UNCERTAIN | changes)
    inputs = Inputs.of(list(quantities(run.scenario)))
    shares = inputs.shares(Draws(run.seed, range(replications)))
    column = [inputs.paths[place] for place, _ in inputs.laws].index(MATTERS)
    years = run.tables["years"]
    factor = 0.5 + shares[years["replication"].to_numpy(), column]
    reported = pa.array(years["reported_usd"].to_numpy() * factor)
    place = years.schema.get_field_index("reported_usd")
    years = years.set_column(place, "reported_usd", reported).cast(SCHEMAS["years"])
    return Run(run.scenario, run.seed, replications, run.tables | {"years": years})


GOODS = {"BLR": ("potash", "wood"), "IRN": ("food",)}
MEANS = {"potash": 85.0, "wood": 28.0, "food": 34.0}


def _potential(random, count, scale):
    """Million dollars a year by good: array of replications."""
    common = random.normal(size=count) * 0.3
    return {
        good: scale * mean * np.exp(common + random.normal(size=count) * 0.35)
        for good, mean in MEANS.items()
    }


def _flows(random, potential, *, loss_only):
    """Monthly cents by exporter, and the ledger of 2023 by exporter and good."""
    monthly, ledger = {}, {}
    for exporter, goods in GOODS.items():
        months = 0
        for good in goods:
            total = (potential[good] * CENTS).astype(np.int64)
            shares = {
                a: s * random.gamma(2.0, 0.5, total.size) * (1.4 - 0.8 * (exporter == "IRN"))
                for a, s in LOSS_SHARES.items()
            }
            if loss_only:
                shares = {"lost_refused": np.ones(total.size)}
            losses = {a: (total * s).astype(np.int64) for a, s in shares.items()}
            realised = total - sum(losses.values())
            ledger[exporter, good] = {"potential": total, **losses, "realised": realised}
            growth = 1.08 ** np.arange(4)
            noise = random.dirichlet(np.full(12, 3.0), size=(total.size, 4))
            months = months + realised[:, None, None] * growth[None, :, None] * noise
        monthly[exporter] = np.maximum(months.reshape(-1, 48), 0).astype(np.int64)
    return monthly, ledger


def _replications(random, monthly, ledger):
    first_year = sum(months[:, :12].sum(axis=1) for months in monthly.values())
    count = first_year.size
    orders = random.poisson(200, count)
    contract = random.random(count) < 0.4
    deal = (monthly["BLR"][:, :12].sum(axis=1) * random.beta(2, 6, count)).astype(np.int64)
    return pa.table(
        {
            "replication": np.arange(count),
            "orders": orders,
            "delivered_orders": (orders * 0.8).astype(int),
            "lost_orders": orders - (orders * 0.8).astype(int),
            "delivered_cents": first_year,
            "potential_cents": sum(book["potential"] for book in ledger.values()),
            "largest_deal_cents": deal,
            "largest_deal_is_contract": contract,
            "largest_deal": ["potash framework" if c else "wood relationship 3" for c in contract],
        }
    ).cast(SCHEMAS["replications"])


def _years(random, monthly, *, complete):
    count = monthly["BLR"].shape[0]
    deals = random.beta(2, 6, count)
    rows = []
    for office, shift, cif in (("belarus", 0, "IRN"), ("iran", 3, "BLR")):
        for year in range(2023, 2027):
            for exporter, months in monthly.items():
                first = 12 * (year - 2023) + shift
                true = months[:, first : first + 12].sum(axis=1)
                error = np.exp(random.normal(size=count) * 0.1) * (0.72 if shift else 1.0)
                reported = true / 100 * error * (1.08 if exporter == cif else 1)
                deal = (true * deals).astype(np.int64) if exporter == "BLR" else 0 * true
                whole = complete and first + 12 <= 48
                rows += [
                    (r, office, year, exporter, float(reported[r]), true[r], deal[r], whole)
                    for r in range(count)
                ]
    return _table("years", rows)


def _months(monthly):
    names = [f"{date(2023 + m // 12, m % 12 + 1, 1):%Y-%m}" for m in range(48)]
    rows = [
        (r, names[m], exporter, values[r, m])
        for exporter, values in monthly.items()
        for r in range(values.shape[0])
        for m in range(48)
    ]
    return _table("months", rows)


def _ledger(ledger):
    rows = [
        (r, 2023, exporter, good, account, book[account][r])
        for (exporter, good), book in ledger.items()
        for account in ACCOUNTS
        if account in book
        for r in range(book[account].size)
    ]
    assert set(LOSS_SHARES) <= set(LOSSES)
    return _table("ledger", rows)


def _table(name, rows):
    rows.sort(key=lambda row: row[0])  # stable: within a replication the order stays
    schema = SCHEMAS[name]
    columns = zip(*rows, strict=True)
    arrays = [pa.array(c, t) for c, t in zip(columns, schema.types, strict=True)]
    return pa.table(arrays, schema=schema)
