"""What shared draws, the store and resuming cost and save, in one run.

python -m benchmarks.experiments [REPLICATIONS]: for three pairs of scenarios, the variance of the
change between them with draws of their own over that with shared draws, which is the factor of
replications that shared draws save; the time of a run with the store over one without; the time
to go on with a run of which all but a tenth is there, over the time of that tenth; and bytes of a
stored replication.
"""

import statistics
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from simulator import Run, answers, load, override, run, runs
from simulator.scenario.types import Scenario

REPLICATIONS = 120
STORED = 40
ROUNDS = 3
FLAGSHIP = "scenarios/iran-belarus-2023.yaml"
PAIRS = {
    "eight documents stay paper": "scenarios/paper-only.yaml",
    "patience of 60 days, not 90 in the middle": {"settlement.patience_days": 60},
    "refusals a tenth less": {"settlement.channels.*.refusal_share": 0.09},
}


def scenario_of(base: Scenario, change: str | dict[str, float]) -> Scenario:
    """A scenario from a file, or the base with changes."""
    return load(change) if isinstance(change, str) else override(base, change)


def turnover(one: Run) -> np.ndarray:
    """Turnover of the target year on the headline statistics."""
    return runs.turnover(one, runs.headline(one), one.scenario.target.year)


def met(one: Run) -> np.ndarray:
    """Whether the target is met, as numbers."""
    return answers.met(one, runs.headline(one), one.scenario.target.year).astype(float)


def saved(one: np.ndarray, other: np.ndarray) -> str:
    """The variance of a change with own draws over that with shared draws, in words."""
    shared = float(np.var(other - one))
    if not shared:
        return "the same change in every run"
    return f"{float(np.var(one) + np.var(other)) / shared:.1f} x"


def shared_draws(count: int) -> None:
    """Rows of the three pairs."""
    base = load(FLAGSHIP)
    first = run(base, replications=count, workers=2)
    for name, change in PAIRS.items():
        second = run(scenario_of(base, change), replications=count, workers=2)
        mean = saved(turnover(first), turnover(second))
        chance = saved(met(first), met(second))
        print(f"| shared draws, mean: {name} | {mean} | at least 10 |")
        print(f"| shared draws, chance of the target: {name} | {chance} | |")


def seconds(scenario: Scenario, count: int, results: Path | None) -> float:
    """Time of a run in this process."""
    start = time.perf_counter()
    run(scenario, replications=count, results=results)
    return time.perf_counter() - start


def storing() -> None:
    """Rows of the store; both sides run in turn, and medians of the ratios are printed."""
    scenario = load(FLAGSHIP)
    tenth = STORED // 10
    kept, resumed, size = [], [], 0
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory() as folder:
            results = Path(folder)
            seconds(scenario, STORED - tenth, results)
            resumed.append(seconds(scenario, STORED, results) / seconds(scenario, tenth, None))
        with tempfile.TemporaryDirectory() as folder:
            results = Path(folder)
            kept.append(seconds(scenario, STORED, results) / seconds(scenario, STORED, None))
            size = sum(file.stat().st_size for file in results.rglob("*.parquet"))
    print(f"| a run with the store over one without | {statistics.median(kept):.3f} | |")
    print(f"| going on with nine tenths over a tenth alone | {statistics.median(resumed):.3f} | |")
    print(f"| bytes of a stored replication | {size / STORED:,.0f} | |")


def main() -> None:
    """Print the table."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else REPLICATIONS
    print(f"| measure ({FLAGSHIP}, {count} replications) | figure | aim |")
    print("|---|---|---|")
    shared_draws(count)
    storing()


if __name__ == "__main__":
    main()
