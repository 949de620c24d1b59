"""Trials: what settings of a scenario come to, kept as they are found, never computed twice."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np

from simulator import answers, runs
from simulator.conditioning import Setting, at
from simulator.errors import Problem, ScenarioError, StoppedError
from simulator.executors import Stop, Workforce
from simulator.files import faults, written
from simulator.runs import Floats, Progress, Run
from simulator.sampling import Goal
from simulator.scenario.types import Scenario
from simulator.simulation import Question, produced

KEPT = "trials"
"""The folder of trials among the runs of a scenario."""

AT_A_TIME = 1000
"""Replications that are computed before something is kept."""

DIGEST = 32
"""Bytes of the hash at the beginning of a file."""

Ask = Callable[[Sequence[Setting], int, int], list[Floats]]
"""Turnover of so many replications under a seed at each setting, in million dollars."""


def asking(
    scenario: Scenario,
    crew: Workforce,
    *,
    results: Path | None = None,
    progress: Progress = lambda *_: None,
    stop: Stop = lambda: False,
) -> Ask:
    """Questions about a scenario at settings of its inputs, on the headline statistics.

    The scenario as it is becomes an ordinary run in the results folder. Settings are many and of
    few replications, so that only their turnover is kept there.

    Args:
        scenario: What is asked about.
        crew: Who computes.
        results: A results folder.
        progress: Told how many replications are done, of all that were asked for so far.
        stop: Becomes true when somebody wants to stop.

    Raises (when asked):
        StoppedError: ``stop`` became true before the end.
        ScenarioError: The target year is not simulated to its end.
        FailedError: Replications failed, so that settings cannot be paired.
        EnvironmentFaultError: The machine does not allow it.

    """
    done = asked = 0

    def made(some: Sequence[Setting], replications: int, seed: int) -> list[Floats]:
        questions = [Question(at(scenario, one), seed, Goal(replications)) for one in some]
        where = results if some == [Setting()] else None
        try:
            found = produced(
                questions,
                crew,
                results=where,
                progress=lambda count, _: progress(done + count, asked),
                stop=stop,
            )
        except StoppedError as error:
            raise StoppedError(done + (error.made if where else 0)) from None
        return [turnover(run) for run in found]

    def ask(settings: Sequence[Setting], replications: int, seed: int) -> list[Floats]:
        nonlocal done, asked
        asked += len(settings) * replications
        step = max(1, AT_A_TIME // replications)
        found: list[Floats] = []
        for begin in range(0, len(settings), step):
            some = list(settings[begin : begin + step])
            file = None if results is None else _file(results, scenario, some, replications, seed)
            kept = None if file is None else _kept(file, len(some), replications)
            if kept is None:
                kept = made(some, replications, seed)
                if file is not None:
                    _keep(file, kept)
            found += kept
            done += len(some) * replications
            progress(done, asked)
        return found

    return ask


def turnover(run: Run) -> Floats:
    """Turnover of the target year on the headline statistics, in million dollars.

    Raises:
        ScenarioError: S201, that year is not simulated to its end.
        FailedError: Replications failed, so that settings cannot be paired.

    """
    runs.require_complete(run)
    if answers.headline_chance(run) is None:
        message = "the target year is not simulated to its end"
        raise ScenarioError([Problem("S201", message, field="horizon.end")])
    return runs.turnover(run, runs.headline(run), run.scenario.target.year)


def _file(
    results: Path, scenario: Scenario, some: Sequence[Setting], replications: int, seed: int
) -> Path:
    """Where the turnover of some settings is kept, by all that it follows from."""
    told = [runs.series_id(scenario, seed), replications, [asdict(one) for one in some]]
    name = hashlib.sha256(runs.canonical(told).encode()).hexdigest()[:20]
    return results / scenario.name / KEPT / name


def _kept(file: Path, settings: int, replications: int) -> list[Floats] | None:
    """What was kept; None where there is nothing, or something else than was written."""
    with faults(file):
        if not file.exists():
            return None
        content = file.read_bytes()
    held = content[DIGEST:]
    whole = len(held) == 8 * settings * replications
    if not whole or hashlib.sha256(held).digest() != content[:DIGEST]:
        return None
    return list(np.frombuffer(held, dtype="<f8").reshape(settings, replications))


def _keep(file: Path, found: Sequence[Floats]) -> None:
    held = np.stack(found).astype("<f8").tobytes()
    with faults(file):
        file.parent.mkdir(parents=True, exist_ok=True)
        written(file, hashlib.sha256(held).digest() + held)
