"""Speed of two worker processes over one, and of Dask beside the pool of processes.

python -m benchmarks.executors [SCENARIO]: seconds for pieces of about a second each, computed by
one process, by two of a pool and by two of a local Dask cluster. All of them are
warm, take turns, and the best of the rounds counts, so that a machine whose speed drifts does not
decide.
"""

import multiprocessing
import sys
import time
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import ExitStack

from benchmarks.engines import seconds_per_replication
from simulator import load
from simulator.clusters import cluster
from simulator.executors import Workforce, begin, computed, processes
from simulator.replication import Piece, replicate
from simulator.scenario.types import Scenario

ROUNDS = 2
PIECES = 12
WORKERS = 2

Task = tuple[Scenario, range]


def work(task: Task) -> Piece:
    """Compute a piece; its tables come back as in a run."""
    scenario, replications = task
    return replicate(scenario, 1, replications)


def single() -> Executor:
    """A pool of one, which a run of one worker does not need: it computes in place."""
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(1, mp_context=context, initializer=begin)


def seconds(executor: Executor, lanes: int, scenario: Scenario, size: int) -> float:
    """Seconds for all pieces, by workers that are there already."""
    tasks = [(scenario, range(size * place, size * (place + 1))) for place in range(PIECES)]
    start = time.perf_counter()
    done = computed(
        work, lambda: tasks.pop() if tasks else None, Workforce(lambda: _Kept(executor), lanes)
    )
    assert len(list(done)) == PIECES
    return time.perf_counter() - start


class _Kept(Executor):
    """An executor that outlives whoever uses it, as a warm one must."""

    def __init__(self, executor: Executor) -> None:
        self.submit = executor.submit  # type: ignore[method-assign]


def main() -> None:
    """Print the table."""
    path = sys.argv[1] if len(sys.argv) > 1 else "scenarios/iran-belarus-2023.yaml"
    scenario = load(path)
    size = max(1, round(1.0 / min(seconds_per_replication(scenario) for _ in range(2))))
    with ExitStack() as stack:
        dask = stack.enter_context(cluster("local", WORKERS))
        crews = {"one": Workforce(single, 1), "two": processes(WORKERS), "dask": dask}
        executors = {name: stack.enter_context(crew.open()) for name, crew in crews.items()}
        best = dict.fromkeys(crews, float("inf"))
        for name, crew in crews.items():
            seconds(executors[name], crew.lanes, scenario, 1)  # imports and first calls
        for _ in range(ROUNDS):
            for name, crew in crews.items():
                spent = seconds(executors[name], crew.lanes, scenario, size)
                best[name] = min(best[name], spent)
    print(f"| measure ({path}, {PIECES} pieces of {size}, best of {ROUNDS}) | figure | aim |")
    print("|---|---|---|")
    print(f"| seconds in one process | {best['one']:.2f} | |")
    print(f"| seconds in two processes | {best['two']:.2f} | |")
    print(f"| seconds on a local Dask cluster of two | {best['dask']:.2f} | |")
    print(f"| two processes over one | {best['one'] / best['two']:.2f} | at least 1.8 |")
    print(f"| Dask over the pool of processes | {best['dask'] / best['two']:.2f} | at most 1.10 |")


if __name__ == "__main__":
    main()
