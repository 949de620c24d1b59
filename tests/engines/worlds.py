"""Degenerate worlds with known answers, and a busy one in which everything happens."""

from pathlib import Path

import numpy as np
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


def orders_of(per_year):
    """Changes that make economy A's only relationship place orders at this mean rate, B's none."""
    rate = per_year**2 * 2.0 * 50_000.0 / YEARLY_USD
    return {
        f"{GOOD}.carrying_rate": rate,
        "exports.BBB.last_usd_million": 0,
        "exports.BBB.average_usd_million": 0,
    }


def poisson(per_year, years, changes=None):
    """The minimal scenario with memoryless orders of A alone, and ``changes``."""
    horizon = {
        "horizon.start": "2001-01-01",
        "horizon.end": f"{2000 + years}-12-31",
        "target.year": 2022,
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


def keys(trajectory, rows=slice(None)):
    """What names each order in every world: its flow, its relationship and its place there."""
    names = zip(trajectory.flow, trajectory.stream, trajectory.partner, strict=True)
    seen, found = {}, []
    for name in names:
        seen[name] = seen.get(name, -1) + 1
        found.append((*(int(part) for part in name), seen[name]))
    return np.array(found)[rows].tolist()
