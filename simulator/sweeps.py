"""Sweeps: many settings of one scenario on the same draws, and whether one is the best."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from simulator import answers, designs, runs
from simulator.answers import Spread
from simulator.designs import Settings
from simulator.engines.choice import AUTO, chosen
from simulator.errors import Problem, ScenarioError
from simulator.estimates import CONFIDENCE, Mean, Proportion, is_clear, mean
from simulator.executors import workforce
from simulator.runs import Floats, Run
from simulator.sampling import Goal
from simulator.scenario.overriding import override
from simulator.scenario.sweeping import Factor, factor
from simulator.scenario.types import Scenario
from simulator.simulation import Made, Question, produced

FRESH = 1
"""The bit of the seed that is turned for draws that have not chosen the best cell."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One setting, and what it comes to on the headline statistics of the target year."""

    settings: Settings
    run: str
    turnover: Spread
    chance: Proportion
    is_best: bool
    is_clearly_worse: bool
    """Than the best one, after correction for every pair of cells that could be compared."""

    @property
    def is_near(self) -> bool:
        """Whether it is another one than the best and may be as good."""
        return not (self.is_best or self.is_clearly_worse)


@dataclass(frozen=True, slots=True)
class Sweep:
    """Settings of a scenario in their order, with what they come to."""

    scenario: str
    year: int
    statistics: str
    target_usd_million: float
    seed: int
    replications: int
    design: str
    factors: tuple[Factor, ...]
    cells: tuple[Cell, ...]
    fresh: Mean
    """Average turnover of the best cell on fresh draws, in million dollars."""

    @property
    def id(self) -> str:
        """Ten digits that follow from the runs of all cells."""
        text = " ".join(cell.run for cell in self.cells)
        return hashlib.sha256(text.encode()).hexdigest()[:10]

    @property
    def best(self) -> Cell:
        """The cell with the largest average turnover."""
        return next(cell for cell in self.cells if cell.is_best)

    @property
    def winner(self) -> Cell | None:
        """The best cell, if every other one is clearly worse."""
        return None if any(cell.is_near for cell in self.cells) else self.best

    def table(self, name: str = "cells") -> pa.Table:
        """The cells as a table: a column for each path, then what they come to."""
        if name != "cells":
            raise KeyError(name)
        columns = {one.path: [c.settings[one.path] for c in self.cells] for one in self.factors}
        columns["run"] = [cell.run for cell in self.cells]
        for level in ("p05", "p50", "p95"):
            values = [getattr(cell.turnover, level).value for cell in self.cells]
            columns[f"turnover_{level}_usd_million"] = values
        columns["turnover_mean_usd_million"] = [c.turnover.mean.value for c in self.cells]
        columns["chance"] = [cell.chance.share for cell in self.cells]
        columns["is_clearly_worse"] = [cell.is_clearly_worse for cell in self.cells]
        return pa.table(columns)


@dataclass(frozen=True, slots=True)
class Study:
    """A scenario, what is varied in it, and the scenario with each of the settings."""

    scenario: Scenario
    design: str
    factors: tuple[Factor, ...]
    settings: tuple[Settings, ...]
    scenarios: tuple[Scenario, ...]


def study(
    scenario: Scenario, factors: Sequence[Factor], design: str = "grid", points: int | None = None
) -> Study:
    """What a sweep is going to try.

    Raises:
        ScenarioError: A path or a value is not one of the scenario, or the design does not fit.

    """
    settings = tuple(designs.points(factors, design, points))
    varied = tuple(override(scenario, one) for one in settings)
    return Study(scenario, design, tuple(factors), settings, varied)


def sweep(  # noqa: PLR0913 -- the verb's options, each with a default
    scenario: Scenario,
    vary: Mapping[str, object],
    *,
    design: str = "grid",
    points: int | None = None,
    seed: int | None = None,
    replications: int | None = None,
    workers: int = 1,
    engine: str = AUTO,
    results: Path | None = None,
) -> Sweep:
    """Simulate a scenario with many settings of some of its numbers, on the same draws.

    Args:
        scenario: What is varied.
        vary: Values by dotted path: a list, or text such as ``1..4`` or ``0.1..0.5:5``.
        design: ``grid``, ``zip``, ``latin`` or ``sobol``.
        points: Settings that ``latin`` and ``sobol`` try.
        seed: Seed of the draws; the scenario's own, if not given.
        replications: How many for each setting; the scenario's own, if not given.
        workers: Processes, or threads of the compiled engine, to share the work.
        engine: ``reference``, ``compiled``, or ``auto`` for the faster one; the same numbers.
        results: A results folder, from which replications are taken and in which they are kept.

    Returns:
        The cells, the best of them, and whether it is clearly the best.

    Raises:
        ScenarioError: A path or a value is not one of the scenario, or the design does not fit.
        EnvironmentFaultError: The machine does not allow it.

    Example:
        >>> simulator.sweep(scenario, {"settlement.patience_days": "30..90:4"})  # doctest: +SKIP

    """
    seed, count = runs.planned(scenario, seed, replications)
    factors = [factor(path, values) for path, values in vary.items()]
    asked = study(scenario, factors, design, points)
    crew = workforce(workers, chosen(engine, count * len(asked.settings)))
    return swept(
        asked,
        seed,
        count,
        lambda questions: produced(questions, crew, results=results),
    )


def swept(asked: Study, seed: int, replications: int, made: Made) -> Sweep:
    """A sweep whose runs somebody makes; the best cell is run again on fresh draws.

    Raises:
        ScenarioError: The target year is not simulated to its end.
        FailedError: Replications failed, so that cells cannot be paired.

    """
    goal = Goal(replications)
    found = made([Question(one, seed, goal) for one in asked.scenarios])
    for run in found:
        runs.require_complete(run)
    if answers.headline_chance(found[0]) is None:
        message = "the target year is not simulated to its end"
        raise ScenarioError([Problem("S201", message, field="horizon.end")])
    turnover = [_turnover(run) for run in found]
    best = max(range(len(found)), key=lambda place: float(turnover[place].mean()))
    (fresh,) = made([Question(asked.scenarios[best], seed ^ FRESH, goal)])
    cells = tuple(
        Cell(
            asked.settings[place],
            run.id,
            answers.spread(turnover[place]),
            answers.chance_of(answers.met(run, runs.headline(run), run.scenario.target.year)),
            place == best,
            place != best and is_beaten(turnover[place], turnover[best], len(found)),
        )
        for place, run in enumerate(found)
    )
    scenario = asked.scenario
    office = scenario.statistics[scenario.offices[0]]
    return Sweep(
        scenario.name,
        scenario.target.year,
        f"statistics of {scenario.economies[office.economy].name}",
        scenario.target.turnover_usd_million.central,
        seed,
        replications,
        asked.design,
        asked.factors,
        cells,
        mean(_turnover(fresh)),
    )


def is_beaten(turnover: Floats, best: Floats, cells: int) -> bool:
    """Whether a cell is clearly worse than the best-looking one of so many.

    Bonferroni's correction over all pairs of cells: whichever one is looked at because it stands
    out, at least one wrong call among all comes in 5 of 100 sweeps at most.
    """
    pairs = max(cells * (cells - 1) / 2, 1)
    change = best - turnover
    return float(change.mean()) > 0 and is_clear(change, 1 - (1 - CONFIDENCE) / pairs)


def as_data(found: Sweep) -> dict[str, Any]:
    """The sweep as plain data; what is withheld is null."""
    winner = found.winner
    about = {"schema": "sim.sweep/1", "id": found.id}
    return asdict(found) | about | {"winner": winner and winner.settings}


def _turnover(run: Run) -> Floats:
    return runs.turnover(run, runs.headline(run), run.scenario.target.year)
