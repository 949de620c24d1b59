"""Speed, memory and start of the two engines beside what they are to be measured by, in one run.

python -m benchmarks.engines [SCENARIO]: one table. The reference engine stands beside a bare SimPy
loop; the compiled one beside the reference, beside the same flow written by hand in SimPy and in
salabim (left out where that is not installed), and beside a bare heap in C (left out where there is
no compiler). Rivals take turns in one process, each round in another order, and medians over the
rounds of the ratios within them are printed, so that a machine whose speed drifts does not decide.
Then threads, memory, starts, and how cost grows with trade.
"""

import gc
import importlib.util
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from queue import SimpleQueue

import numpy as np
import simpy

from benchmarks import by_hand, heap_loop
from simulator import load, override
from simulator.conditions import Conditions, Worlds, worlds
from simulator.draws import Draws
from simulator.engines import compiled, loading, reference
from simulator.engines.loading import Loading
from simulator.entities import Luck
from simulator.replication import replicate
from simulator.scenario.types import Scenario
from simulator.simulation import LARGEST_PIECE
from simulator.specification import Specification, specification
from simulator.trajectory import Trajectory

ROOT = Path(__file__).parents[1]
FLAGSHIP = "scenarios/iran-belarus-2023.yaml"
ROUNDS = 5
REPLICATIONS = 20
REPEATS = 5
"""How often the compiled loop runs the replications of a round, as it takes so little time."""
SALABIM_REPLICATIONS = 2
PROCESSES, TIMEOUTS = 1000, 150_000
HEAP_EVENTS = 2_000_000
FACTORS = (1, 3, 10, 30, MOST_TRADE := 100)
"""Volumes of trade over that of the scenario. Each runs as many orders as the others, in the less
replications the more there are in one: few replications that run again and again are learnt by
heart by a processor that guesses what comes."""
STAGES = ("created", "processed", "produced", "arrived", "ended", "settled")
"""Ends of timeouts in an order's life: interval, payment, production, transit, customs, cash."""
STARTS = 3
TURNS, PIECES = 11, 20
"""Turns of one thread and two, and pieces of work in each."""

PRECISION = 0.01
"""Half of the width of the interval of the chance, at which a question is answered."""

MOST = 10_000
"""Replications that suffice for it whatever the chance."""


# --- What is run ---


def loaded(spec: Specification, drawn: Worlds) -> Loading:
    """The arrays of some replications, with room for all that happens in them."""
    found = loading.loaded(spec, drawn, compiled.ROOM * len(drawn), compiled.PARTNERS)
    compiled.run_all(found)
    return found


def transitions(log: Trajectory) -> int:
    """Timed transitions of orders."""
    return sum(int(np.isfinite(getattr(log, stage)).sum()) for stage in STAGES)


class Round:
    """Some replications, ready for every rival."""

    def __init__(self, spec: Specification, replications: range) -> None:
        self.spec = spec
        self.replications = replications
        self.worlds = worlds(spec, Draws(1, replications))
        self.loading = loaded(spec, self.worlds)
        self.log = compiled.lived(spec, self.worlds)

    @cached_property
    def conditions(self) -> list[Conditions]:
        """The worlds one by one."""
        return [self.worlds.one(place) for place in range(len(self.replications))]

    @cached_property
    def plans(self) -> list[by_hand.Plan]:
        """The same for a writing by hand."""
        return [by_hand.plan(self.spec, one) for one in self.conditions]

    @cached_property
    def agenda(self) -> int:
        """Mean entries of an agenda: a relationship's next order, and orders being processed."""
        edges = self.spec.periods.edges
        waiting = float(np.nansum(self.log.processed - self.log.created)) / (edges[-1] - edges[0])
        return round((waiting + int(self.log.partners.sum())) / len(self.replications))

    def orders(self, replications: int) -> int:
        """Orders in the first replications."""
        return int(self.log.orders[:replications].sum())

    def count(self, seconds: float, events: int = 0) -> "Count":
        """What an engine's time for the replications of this round amounts to."""
        return Count(
            seconds,
            replications=len(self.replications),
            orders=len(self.log.flow),
            delivered=int(self.log.is_delivered.sum()),
            transitions=transitions(self.log),
            kernel_events=events,
        )


@dataclass(frozen=True, slots=True)
class Count:
    """What a rival did in its turn."""

    seconds: float
    replications: int = 1
    orders: int = 1
    delivered: int = 1
    transitions: int = 1
    kernel_events: int = 0
    modelled: int = 1
    """Orders of the engines in the same replications."""

    @property
    def a_replication(self) -> float:
        """Seconds."""
        return self.seconds / self.replications

    @property
    def an_order(self) -> float:
        """Seconds."""
        return self.seconds / self.orders

    @property
    def a_transition(self) -> float:
        """Seconds."""
        return self.seconds / self.transitions


# --- Rivals ---


def spent(work: Callable[[], object]) -> float:
    """Seconds of a piece of work."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def bare(_: Round) -> Count:
    """Timeouts of 1,000 SimPy processes."""

    def process(env: simpy.Environment, pause: float) -> simpy.events.ProcessGenerator:
        while True:
            yield env.timeout(pause)

    env = simpy.Environment()
    pauses = np.random.default_rng(1).uniform(0.5, 1.5, PROCESSES).tolist()
    for pause in pauses:
        env.process(process(env, pause))
    until = TIMEOUTS / sum(1.0 / pause for pause in pauses)
    return Count(spent(lambda: env.run(until=until)), transitions=TIMEOUTS)


def by_reference(some: Round) -> Count:
    """The reference engine: conditions are ready, books stay open."""
    seconds, events, orders = 0.0, 0, 0
    for replication, drawn in zip(some.replications, some.conditions, strict=True):
        start = time.perf_counter()
        world = reference.World(some.spec, drawn, Luck(some.spec, drawn, Draws(1, replication)))
        world.run()
        seconds += time.perf_counter() - start
        # SimPy numbers its events; the next number is the count of those scheduled so far.
        events += next(world.env._eid) - len(world.env._queue)  # noqa: SLF001
        orders += len(world.log.records)
    assert orders == len(some.log.flow), "the engines differ"
    return some.count(seconds, events)


def by_loop(some: Round) -> Count:
    """The loop of the compiled engine: its arrays are ready, too."""
    seconds = sum(spent(lambda: compiled.run_all(some.loading)) for _ in range(REPEATS))
    return some.count(seconds / REPEATS)


def by_compiled(some: Round) -> Count:
    """The compiled engine from conditions to logs."""
    return some.count(spent(lambda: compiled.lived(some.spec, some.worlds)))


def in_simpy(some: Round) -> Count:
    """The flow written by hand in SimPy."""
    seconds, orders = 0.0, 0
    for seed, plan in enumerate(some.plans):
        start = time.perf_counter()
        orders += len(by_hand.Trade(plan, seed).run())
        seconds += time.perf_counter() - start
    return Count(seconds, len(some.plans), orders, modelled=some.orders(len(some.plans)))


def in_salabim(some: Round) -> Count:
    """The same in salabim, which takes so long that fewer replications must do."""
    from benchmarks import by_salabim  # noqa: PLC0415 -- only where salabim is installed

    seconds, orders = 0.0, 0
    for seed, plan in enumerate(some.plans[:SALABIM_REPLICATIONS]):
        start = time.perf_counter()
        orders += len(by_salabim.Trade(plan, seed).run())
        seconds += time.perf_counter() - start
    modelled = some.orders(SALABIM_REPLICATIONS)
    return Count(seconds, SALABIM_REPLICATIONS, orders, modelled=modelled)


def whole(scenario: Scenario, engine: str) -> Callable[[Round], Count]:
    """Whole replications by an engine: conditions, engine and books."""
    return lambda some: some.count(spent(lambda: replicate(scenario, 1, some.replications, engine)))


def seconds_per_replication(scenario: Scenario) -> float:
    """Whole replications by the reference engine."""
    return spent(lambda: replicate(scenario, 1, range(10))) / 10


Rival = Callable[[Round], Count]


def rivals(scenario: Scenario) -> dict[str, Rival]:
    """All who take turns, by name."""
    found: dict[str, Rival] = {
        "bare": bare,
        "reference": by_reference,
        "loop": by_loop,
        "compiled": by_compiled,
        "by hand": in_simpy,
        "whole reference": whole(scenario, "reference"),
        "whole compiled": whole(scenario, "compiled"),
    }
    if importlib.util.find_spec("salabim") is not None:
        found["salabim"] = in_salabim
    hold = heap_loop.compiled()
    if hold is not None:
        found["heap"] = lambda some: Count(
            1e-9 * HEAP_EVENTS * hold(some.agenda, HEAP_EVENTS), transitions=HEAP_EVENTS
        )
    return found


class Contest:
    """The turns of all rounds."""

    def __init__(self, scenario: Scenario) -> None:
        spec, named = specification(scenario), list(rivals(scenario).items())
        self.turns: list[dict[str, Count]] = []
        self.agendas: list[int] = []
        for place in range(ROUNDS):
            some = Round(spec, range(place * REPLICATIONS, (place + 1) * REPLICATIONS))
            first = place % len(named)
            # What is there already is none of the rivals' garbage.
            gc.collect()
            gc.freeze()
            rotated = named[first:] + named[:first]
            self.turns.append({name: rival(some) for name, rival in rotated})
            gc.unfreeze()
            self.agendas.append(some.agenda)

    def has(self, name: str) -> bool:
        """Whether a rival is there."""
        return name in self.turns[0]

    def middle(self, figure: Callable[[Count], float], name: str) -> float:
        """The median of a rival's figure."""
        return statistics.median(figure(turn[name]) for turn in self.turns)

    def over(self, figure: Callable[[Count], float], one: str, other: str) -> float:
        """The median of the ratios of two rivals in a figure."""
        return statistics.median(figure(turn[one]) / figure(turn[other]) for turn in self.turns)

    def total(self, figure: Callable[[Count], float], name: str) -> float:
        """The sum of a rival's figure."""
        return sum(figure(turn[name]) for turn in self.turns)


# --- Rows of the contest ---


def row(measure: str, figure: str, aim: str = "") -> None:
    """Print a row of the table."""
    print(f"| {measure} | {figure} | {aim} |", flush=True)


def an_order(count: Count) -> float:
    """Seconds an order."""
    return count.an_order


def a_replication(count: Count) -> float:
    """Seconds a replication."""
    return count.a_replication


def a_transition(count: Count) -> float:
    """Seconds a timed transition."""
    return count.a_transition


def orders(contest: Contest, name: str) -> str:
    """Orders a replication of a rival and of the model, and their ratio."""
    placed, modelled, replications = (
        contest.total(figure, name)
        for figure in (lambda c: c.orders, lambda c: c.modelled, lambda c: c.replications)
    )
    return (
        f"{placed / replications:,.0f} for {modelled / replications:,.0f}, "
        f"ratio {placed / modelled:.2f}"
    )


def reference_rows(contest: Contest) -> None:
    """The reference engine beside SimPy itself."""
    events = contest.total(lambda count: count.kernel_events, "reference")
    delivered = contest.total(lambda count: count.delivered, "reference")
    row("bare SimPy loop: timeouts a second", f"{1.0 / contest.middle(a_transition, 'bare'):,.0f}")
    speed = 1.0 / contest.middle(a_transition, "reference")
    row("reference: timed transitions a second", f"{speed:,.0f}")
    ratio = contest.over(a_transition, "bare", "reference")
    row("reference over the bare SimPy loop", f"{ratio:.2f}", "at least 0.35")
    row("reference: kernel events a delivered order", f"{events / delivered:.1f}", "at most 10")
    replications = contest.total(lambda count: count.replications, "reference")
    row("delivered orders a replication", f"{delivered / replications:,.0f}")
    row("reference: seconds a replication", f"{contest.middle(a_replication, 'reference'):.4f}")
    seconds = contest.middle(a_replication, "whole reference")
    row("the same with conditions and books", f"{seconds:.4f}")


def compiled_rows(contest: Contest) -> None:
    """The compiled engine, its loop and the whole of it, beside the reference."""
    row("compiled, loop: seconds a replication", f"{contest.middle(a_replication, 'loop'):.5f}")
    each = 1e9 * contest.middle(a_transition, "loop")
    row("compiled, loop: nanoseconds a timed transition", f"{each:.0f}")
    ratio = contest.over(a_replication, "reference", "loop")
    row("compiled, loop, over the reference", f"{ratio:.1f}", "at least 25")
    seconds = contest.middle(a_replication, "compiled")
    row("compiled, from conditions to log: seconds a replication", f"{seconds:.5f}")
    ratio = contest.over(a_replication, "reference", "compiled")
    row("compiled, from conditions to log, over the reference", f"{ratio:.1f}")
    seconds = contest.middle(a_replication, "whole compiled")
    row("the same with conditions and books: seconds a replication", f"{seconds:.4f}")
    ratio = contest.over(a_replication, "whole reference", "whole compiled")
    row("compiled over reference, with conditions and books", f"{ratio:.1f}")


def library_rows(contest: Contest) -> None:
    """The flow written by hand in general libraries."""
    named = {"by hand": "idiomatic SimPy", "salabim": "salabim"}
    for name, title in named.items():
        if not contest.has(name):
            row(title, "not installed")
            continue
        row(f"{title}: orders for those of the model", orders(contest, name), "0.85 to 1.15")
        row(f"{title}: microseconds an order", f"{1e6 * contest.middle(an_order, name):.1f}")
        ratio = contest.over(an_order, name, "reference")
        row(f"reference over {title}, by order", f"{ratio:.1f}")
        ratio = contest.over(an_order, name, "loop")
        aim = "at least 70" if name == "by hand" else ""
        row(f"compiled, loop, over {title}, by order", f"{ratio:.0f}", aim)
        ratio = contest.over(an_order, name, "compiled")
        row(f"compiled, from conditions to log, over {title}, by order", f"{ratio:.1f}")


def heap_rows(contest: Contest) -> None:
    """The compiled engine beside a bare heap of its size."""
    if not contest.has("heap"):
        row("bare heap in C", "no compiler")
        return
    size = statistics.median(contest.agendas)
    each = 1e9 * contest.middle(a_transition, "heap")
    row(f"bare heap in C, {size:.0f} entries: nanoseconds an event", f"{each:.0f}")
    ratio = contest.over(a_transition, "loop", "heap")
    row("compiled, loop: time an event over the bare heap", f"{ratio:.2f}", "at most 2.2, or 1.5")


# --- Threads ---


def over_one(works: Sequence[Callable[[], object]]) -> float:
    """How much faster two threads do pieces of work than one, in the middle of turns.

    Each of two works is there for one thread at a time. Pieces are handed out as they are in a run,
    and the one thread goes on from processor to processor: where neighbours of this machine slow
    one of them down, which they do by a quarter at times, both sides have their share of it.
    """
    idle, processors = SimpleQueue[Callable[[], object]](), sorted(os.sched_getaffinity(0))
    for work in works:
        idle.put(work)

    def piece(_: int) -> None:
        work = idle.get()
        work()
        idle.put(work)

    def alone(place: int) -> None:
        os.sched_setaffinity(0, {processors[place * len(processors) // PIECES]})
        piece(place)

    ratios = []
    with ThreadPoolExecutor(2) as pool:
        for _ in range(TURNS):
            one = spent(lambda: list(map(alone, range(PIECES))))
            os.sched_setaffinity(0, processors)
            ratios.append(one / spent(lambda: list(pool.map(piece, range(PIECES)))))
    return statistics.median(ratios)


def thread_rows(spec: Specification) -> None:
    """Two threads over one, with the same replications for each; and what the machine can give."""
    drawn = worlds(spec, Draws(1, range(REPLICATIONS)))
    some = [loaded(spec, drawn) for _ in range(2)]
    ratio = over_one([partial(compiled.run_all, one) for one in some])
    row("compiled, loop: two threads over one", f"{ratio:.2f}", "at least 1.9")
    hold = heap_loop.compiled()
    if hold is not None:
        ratio = over_one([partial(hold, 200, HEAP_EVENTS // 4)] * 2)
        row("bare heap in C: two threads over one, the most that is to be had", f"{ratio:.2f}")


# --- Growth ---


DESKS = re.compile(r"settlement\.channels\..*\.(slots|credit_limit_usd_million)")


def more_trade(
    scenario: Scenario, spec: Specification, factor: int, *, desks_grow: bool = True
) -> Scenario:
    """The same scenario with so many times the trade; the drawn figures of one replication.

    Settlement desks and credit limits grow as much, so that an order lives as it did. Where they do
    not, nine in ten orders wait for a desk that never comes, and each calls for four tenths more
    events: what is measured then is the queue.
    """
    numbers = worlds(spec, Draws(1, range(1))).numbers[0]
    changes = {
        f"exports.{name}.{field}": factor * float(numbers[place])
        for field in ("last_usd_million", "average_usd_million")
        for name, place in zip(spec.economies, spec.places(f"export.{field}"), strict=True)
    }
    for path, place in spec.by_path.items():
        if desks_grow and DESKS.fullmatch(path):
            grown = factor * float(numbers[place])
            changes[path] = round(grown) if path.endswith("slots") else grown
    return override(scenario, changes)


def growth_rows(scenario: Scenario) -> None:
    """Cost by volume of trade, and the power of the number of orders with which it grows."""
    counts = at_each_volume(scenario)
    for factor, count in counts.items():
        row(
            f"compiled, loop, {factor} x the trade: seconds a replication",
            f"{count.a_replication:.4f} ({count.orders / count.replications:,.0f} orders, "
            f"{1e9 * count.a_transition:.0f} ns a timed transition)",
        )
    row("exponent of the growth with orders", f"{exponent(counts):.2f}", "0.9 to 1.1")
    alone = exponent(at_each_volume(scenario, desks_grow=False))
    row("the same where desks do not grow, and nine in ten orders wait in vain", f"{alone:.2f}")


def at_each_volume(scenario: Scenario, *, desks_grow: bool = True) -> dict[int, Count]:
    """The loop at each volume of trade, in the middle of turns."""
    spec = specification(scenario)
    trades = {f: more_trade(scenario, spec, f, desks_grow=desks_grow) for f in FACTORS}
    rounds = [Round(specification(one), range(MOST_TRADE // f)) for f, one in trades.items()]
    turns = [[by_loop(some) for some in rounds] for _ in range(ROUNDS)]
    return {
        factor: sorted(counts, key=an_order)[ROUNDS // 2]
        for factor, *counts in zip(FACTORS, *turns, strict=True)
    }


def exponent(counts: dict[int, Count]) -> float:
    """The power of the number of orders with which the cost of a replication grows."""
    orders = [count.orders / count.replications for count in counts.values()]
    costs = [count.a_replication for count in counts.values()]
    return float(np.polyfit(np.log(orders), np.log(costs), 1)[0])


# --- Memory and starts ---


PEAK = """
from pathlib import Path
from simulator import load
from simulator.engines.choice import engine_of
from simulator.specification import specification

spec, simulate = specification(load({path!r})), engine_of({engine!r})
for first in range(0, {count}, {piece}):
    simulate(spec, 1, range(first, first + {piece}))
(line,) = (
    line
    for line in Path("/proc/self/status").read_text().splitlines()
    if line.startswith("VmHWM")
)
print(int(line.split()[1]) / 1024)
"""
"""Print the peak of a process's memory in mebibytes, after some replications.

``ru_maxrss`` would begin with the peak of the parent, which has more than its children.
"""

FIRST = """
from simulator import load
from simulator.replication import replicate

replicate(load({path!r}), 1, range(1), {engine!r})
"""
"""Run one replication."""


def python(code: str, **environment: str) -> str:
    """What a fresh process prints that runs some code."""
    done = subprocess.run(  # noqa: S603 -- this interpreter
        [sys.executable, "-c", code],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, **environment},
    )
    return done.stdout


def memory_rows(path: str) -> None:
    """Peaks of fresh processes; two at a time, since only their memory counts."""
    asked = [("compiled", 1000), ("reference", 100), ("compiled", 100)]
    codes = [
        PEAK.format(path=path, engine=engine, count=count, piece=LARGEST_PIECE[engine])
        for engine, count in asked
    ]
    with ThreadPoolExecutor(2) as pool:
        found = dict(zip(asked, map(float, pool.map(python, codes)), strict=True))
    for (engine, count), size in sorted(found.items(), reverse=True):
        row(f"{engine}: mebibytes at most, {count:,} replications", f"{size:.0f}")
    ratio = found["compiled", 1000] / found["compiled", 100]
    row("compiled: memory for 1,000 replications over 100", f"{ratio:.2f}", "at most 1.05")


def start_rows(path: str) -> None:
    """From the start of the interpreter to the end of the first replication."""
    one, other = (FIRST.format(path=path, engine=engine) for engine in ("compiled", "reference"))
    with tempfile.TemporaryDirectory() as folder:
        cold, *warm = (spent(lambda: python(one, XDG_CACHE_HOME=folder)) for _ in range(1 + STARTS))
    plain = statistics.median(spent(lambda: python(other)) for _ in range(STARTS))
    row("reference: seconds to the first replication", f"{plain:.2f}")
    row("compiled: the same, first start ever", f"{cold:.1f}", "at most 60")
    row("compiled: the same, later starts", f"{statistics.median(warm):.2f}")


def question_rows(path: str) -> None:
    """The whole command, from its start to the answer, and to the last figure."""
    with tempfile.TemporaryDirectory() as folder:
        words = ["run", path, "--precision", str(PRECISION), "--reps", str(MOST)]
        command = [sys.executable, "-m", "simulator", *words, "--out", folder]
        start = time.perf_counter()
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as process:  # noqa: S603 -- ours
            assert process.stdout is not None
            process.stdout.readline()
            answer = time.perf_counter() - start
            process.stdout.read()
        seconds = time.perf_counter() - start
        assert process.returncode == 0, "the command failed"
        (manifest,) = Path(folder).glob("*/*/manifest.json")
        runs = manifest.parent.name.rpartition("-")[2]
    asked = f"sim run to \u00b11 percentage point, {runs} replications: seconds"
    row(f"{asked} to the answer", f"{answer:.1f}", "at most 10")
    row(f"{asked} to the last figure", f"{seconds:.1f}")


def main() -> None:
    """Print the table."""
    path = sys.argv[1] if len(sys.argv) > 1 else FLAGSHIP
    scenario = load(path)
    print(f"| measure ({path}, {ROUNDS} rounds of {REPLICATIONS} replications) | figure | aim |")
    print("|---|---|---|", flush=True)
    contest = Contest(scenario)
    reference_rows(contest)
    compiled_rows(contest)
    library_rows(contest)
    heap_rows(contest)
    thread_rows(specification(scenario))
    growth_rows(scenario)
    memory_rows(path)
    start_rows(path)
    question_rows(path)


if __name__ == "__main__":
    main()
