"""Speed of the reference engine beside a bare SimPy loop, in one run.

python -m benchmarks.engine [SCENARIO]: timed transitions a second of the engine over timeouts a
second of 1,000 bare SimPy processes, kernel events an order, and seconds a replication. Both sides
run in turn, and the medians of the rounds' ratios are printed, so that a machine whose speed drifts
does not decide.
"""

import statistics
import sys
import time
from dataclasses import dataclass

import numpy as np
import simpy

from simulator import load
from simulator.conditions import conditions
from simulator.draws import Draws
from simulator.engines.reference import World
from simulator.entities import Luck
from simulator.replication import replicate
from simulator.scenario.types import Scenario
from simulator.specification import Specification, specification

ROUNDS = 5
REPLICATIONS = 10
PROCESSES = 1000
STAGES = ("created", "processed", "produced", "arrived", "ended", "settled")
"""Ends of timeouts in an order's life: interval, payment, production, transit, customs, cash."""


@dataclass(frozen=True, slots=True)
class Count:
    """What some replications of the engine came to."""

    seconds: float
    transitions: int
    kernel_events: int
    orders: int


def engine(spec: Specification, first: int) -> Count:
    """Run the engine alone: conditions are ready, books stay open."""
    seconds, transitions, events, orders = 0.0, 0, 0, 0
    for replication in range(first, first + REPLICATIONS):
        draws = Draws(1, replication)
        drawn = conditions(spec, draws)
        start = time.perf_counter()
        world = World(spec, drawn, Luck(spec, drawn, draws))
        world.run()
        seconds += time.perf_counter() - start
        log = world.trajectory()
        transitions += sum(int(np.isfinite(getattr(log, stage)).sum()) for stage in STAGES)
        # SimPy numbers its events; the next number is the count of those scheduled so far.
        events += next(world.env._eid) - len(world.env._queue)  # noqa: SLF001
        orders += int(log.is_delivered.sum())
    return Count(seconds, transitions, events, orders)


def bare(timeouts: int) -> float:
    """Seconds that 1,000 SimPy processes need for as many timeouts."""

    def process(env: simpy.Environment, pause: float) -> simpy.events.ProcessGenerator:
        while True:
            yield env.timeout(pause)

    env = simpy.Environment()
    pauses = np.random.default_rng(1).uniform(0.5, 1.5, PROCESSES).tolist()
    for pause in pauses:
        env.process(process(env, pause))
    until = timeouts / sum(1.0 / pause for pause in pauses)
    start = time.perf_counter()
    env.run(until=until)
    return time.perf_counter() - start


def seconds_per_replication(scenario: Scenario) -> float:
    """Whole replications: conditions, engine and books."""
    start = time.perf_counter()
    replicate(scenario, 1, range(REPLICATIONS))
    return (time.perf_counter() - start) / REPLICATIONS


def main() -> None:
    """Print the table."""
    path = sys.argv[1] if len(sys.argv) > 1 else "scenarios/iran-belarus-2023.yaml"
    scenario = load(path)
    spec = specification(scenario)
    counts, ratios, whole = [], [], []
    for round_ in range(ROUNDS):
        count = engine(spec, round_ * REPLICATIONS)
        loop = bare(count.transitions)
        counts.append(count)
        ratios.append(loop / count.seconds)
        whole.append(seconds_per_replication(scenario))
    speed = statistics.median(c.transitions / c.seconds for c in counts)
    per_order = sum(c.kernel_events for c in counts) / sum(c.orders for c in counts)
    orders = sum(c.orders for c in counts) / (ROUNDS * REPLICATIONS)
    print(f"| measure ({path}, {ROUNDS} rounds of {REPLICATIONS}) | figure | aim |")
    print("|---|---|---|")
    print(f"| timed transitions a second | {speed:,.0f} | |")
    print(f"| over a bare SimPy loop | {statistics.median(ratios):.2f} | at least 0.35 |")
    print(f"| kernel events a delivered order | {per_order:.1f} | at most 10 |")
    print(f"| delivered orders a replication | {orders:,.0f} | |")
    print(
        f"| seconds a replication, with conditions and books | {statistics.median(whole):.3f} | |"
    )


if __name__ == "__main__":
    main()
