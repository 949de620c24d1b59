"""Needs: what has to change, at least, for the target to be likely enough."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from simulator import answers, runs
from simulator.answers import Flags
from simulator.engines.choice import AUTO, chosen
from simulator.errors import Problem, ScenarioError
from simulator.estimates import Proportion
from simulator.executors import workforce
from simulator.mixes import Mixture, Shares, cheapest
from simulator.runs import Run
from simulator.sampling import Goal
from simulator.scenario.levers import Lever, lever
from simulator.scenario.overriding import override
from simulator.scenario.types import Scenario
from simulator.simulation import Made, Question, produced
from simulator.sweeps import FRESH
from simulator.thresholds import Threshold, axis, threshold

RUNS_OF_A_LEVER, RUNS_OF_A_MIX = 30, 60
"""Runs that one lever takes, and several for each of them; more or less, for the time ahead."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The question: how likely what is to be, and how likely it is as things stand."""

    scenario: str
    year: int
    statistics: str
    target_usd_million: float
    probability: float
    seed: int
    replications: int
    run: str
    """The run of the scenario as it stands."""
    present: Proportion

    @property
    def is_met(self) -> bool:
        """Whether the chance is large enough as things stand."""
        return self.present.share >= self.probability


@dataclass(frozen=True, slots=True)
class Need:
    """How far one lever has to be moved."""

    asked: Asked
    lever: Lever
    threshold: Threshold | None
    """None where nothing has to change."""

    @property
    def id(self) -> str:
        """Ten digits that follow from what was asked."""
        return _digits(self.asked, [self.lever])

    def table(self, name: str = "points") -> pa.Table:
        """The settings that were tried, each with its chance and the interval of that."""
        if name != "points":
            raise KeyError(name)
        points = self.threshold.points if self.threshold else ()
        rows = [({self.lever.path: point.value}, point.chance) for point in points]
        return _table([self.lever], rows)


@dataclass(frozen=True, slots=True)
class Moved:
    """One of several levers: where it goes, and what a unit of that costs."""

    lever: Lever
    end: float
    """The end of its range at which the chance is larger."""
    cost: float
    """Of a change by one unit; where none is stated, its whole range costs 1."""
    value: float | None
    """Where it goes in the cheapest mix; None where no mix reaches the probability."""
    best: float
    """Where it is in the mix with the largest chance."""
    alone: float | None
    """How far it would have to go alone; None where it cannot."""


@dataclass(frozen=True, slots=True)
class Mix:
    """The cheapest way of moving several levers."""

    asked: Asked
    moved: tuple[Moved, ...]
    mixture: Mixture | None
    """None where nothing has to change."""
    fresh: Proportion | None
    """The chance of the mix on draws that did not choose it."""

    @property
    def id(self) -> str:
        """Ten digits that follow from what was asked."""
        return _digits(self.asked, [one.lever for one in self.moved])

    def table(self, name: str = "points") -> pa.Table:
        """The mixes that were tried, each with its chance and the interval of that."""
        if name != "points":
            raise KeyError(name)
        tried = self.mixture.tried if self.mixture else ()
        rows = [(_settings(self.moved, shares), chance) for shares, chance in tried]
        return _table([one.lever for one in self.moved], rows)


@dataclass(frozen=True, slots=True)
class Year:
    """A year, and how often the target is met in it and in none before it."""

    year: int
    chance: Proportion
    by_then: Proportion
    """In that year or in an earlier one of the horizon."""


@dataclass(frozen=True, slots=True)
class Date:
    """The first year in which the target is likely enough."""

    asked: Asked
    years: tuple[Year, ...]

    @property
    def first(self) -> Year | None:
        """The first year that is likely enough; None where none within the horizon is."""
        enough = self.asked.probability
        return next((one for one in self.years if one.chance.share >= enough), None)

    @property
    def id(self) -> str:
        """Ten digits that follow from what was asked."""
        return _digits(self.asked, [])

    def table(self, name: str = "points") -> pa.Table:
        """The years, each with its chances."""
        if name != "points":
            raise KeyError(name)
        return _table([], [({"year": one.year}, one.chance) for one in self.years])


def need(  # noqa: PLR0913 -- the verb's options, each with a default
    scenario: Scenario,
    vary: Mapping[str, object] | None = None,
    *,
    probability: float,
    costs: Mapping[str, float] | None = None,
    seed: int | None = None,
    replications: int | None = None,
    workers: int = 1,
    engine: str = AUTO,
    results: Path | None = None,
) -> Need | Mix | Date:
    """Find what has to change, at least, for the target to be met with a probability.

    Args:
        scenario: The question as it stands.
        vary: How far each lever may go, by dotted path: ``2..40``, two ends, or None for the range
            of its law or of such numbers. One lever gives the smallest change, several the cheapest
            mix. If not given, the year of the target is varied.
        probability: What is asked of the chance, between 0 and 1.
        costs: Of a change of each lever by one unit; if not given, those that the scenario states,
            or else the share of its range counts.
        seed: Seed of the draws; the scenario's own, if not given.
        replications: How many at each setting; the scenario's own, if not given.
        workers: Processes, or threads of the compiled engine, to share the work.
        engine: ``reference``, ``compiled``, or ``auto`` for the faster one; the same numbers.
        results: A results folder, from which replications are taken and in which they are kept.

    Returns:
        The threshold of the lever with its 95 % interval, the mix confirmed on fresh draws, or the
        years; each may say that the probability is not reached.

    Raises:
        ScenarioError: A path, a range or a cost is not one.
        EnvironmentFaultError: The machine does not allow it.

    Example:
        >>> simulator.need(scenario, {"target.turnover_usd_million": "20..100"}, probability=0.8)
        ... # doctest: +SKIP

    """
    seed, count = runs.planned(scenario, seed, replications)
    levers = study(scenario, vary or {}, probability, count, costs)
    crew = workforce(workers, chosen(engine, count * expected_runs(levers)))
    return needed(
        scenario,
        levers,
        probability,
        seed,
        count,
        lambda questions: produced(questions, crew, results=results),
    )


def study(
    scenario: Scenario,
    vary: Mapping[str, object],
    probability: float,
    replications: int,
    costs: Mapping[str, float] | None = None,
) -> tuple[Lever, ...]:
    """The levers of a question that makes sense.

    Raises:
        ScenarioError: A path, a range, a probability or a cost is not one.

    """
    if not 0 < probability < 1:
        message = "a probability lies between 0 and 1, both left out"
        raise ScenarioError([Problem("S121", message, field="--probability", example="0.8")])
    if replications < 2:
        message = "a single replication knows no chance"
        raise ScenarioError([Problem("S121", message, field="--reps", example="1000")])
    stated = costs or {}
    unknown = sorted(set(stated) - set(vary))
    if unknown:
        message = f"{unknown[0][:80]} has a cost and is not varied"
        raise ScenarioError([Problem("S152", message, field="--cost")])
    found = [lever(scenario, path, between) for path, between in vary.items()]
    levers = tuple(replace(one, cost=stated.get(one.path, one.cost)) for one in found)
    for one in levers:
        for end in (one.low, one.high):
            override(scenario, {one.path: end})
    free = [one.path for one in levers if one.cost is None]
    if 0 < len(free) < len(levers):
        message = f"a cost of {free[0]} is missing: costs are stated of all levers or of none"
        example = f"--cost {free[0]}=1"
        raise ScenarioError([Problem("S152", message, field="--cost", example=example)])
    return levers


def expected_runs(levers: Sequence[Lever]) -> int:
    """About how many runs a question will take."""
    if not levers:
        return 1
    return 1 + (RUNS_OF_A_LEVER if len(levers) == 1 else RUNS_OF_A_MIX + 15 * len(levers))


def needed(  # noqa: PLR0913 -- what is asked, and who answers
    scenario: Scenario,
    levers: Sequence[Lever],
    probability: float,
    seed: int,
    replications: int,
    made: Made,
) -> Need | Mix | Date:
    """What has to change, from runs that somebody makes.

    Raises:
        ScenarioError: The target year is not simulated to its end.
        FailedError: Replications failed, so that settings cannot be paired.

    """
    goal = Goal(replications)

    def runs_of(scenarios: Sequence[Scenario], seed: int = seed) -> Sequence[Run]:
        found = made([Question(one, seed, goal) for one in scenarios])
        for run in found:
            runs.require_complete(run)
        return found

    (present,) = runs_of([scenario])
    office = scenario.statistics[runs.headline(present)]
    title = f"statistics of {scenario.economies[office.economy].name}"
    if not levers:
        return _date(present, title, probability)
    asked = _asked(present, title, probability, _chance(present))
    ask = _answers(scenario, runs_of)
    if len(levers) == 1:
        (one,) = levers
        return Need(asked, one, None if asked.is_met else _threshold(one, ask, probability))
    moved = _unmoved(levers, _better_ends(levers, ask))
    if asked.is_met:
        return Mix(asked, moved, None, None)
    mixture = cheapest(
        [one.cost * abs(one.end - one.lever.start) for one in moved],
        lambda mixes: ask([_settings(moved, shares) for shares in mixes]),
        probability,
    )
    fresh = None
    if mixture.shares is not None:
        best = override(scenario, _settings(moved, mixture.shares))
        (again,) = runs_of([best], seed ^ FRESH)
        fresh = _chance(again)
    return Mix(asked, tuple(_told(moved, mixture)), mixture, fresh)


Settings = dict[str, float]
AskSettings = Callable[[Sequence[Settings]], Sequence[Flags]]


def _answers(
    scenario: Scenario, runs_of: Callable[[Sequence[Scenario]], Sequence[Run]]
) -> AskSettings:
    """Whether the target is met under some settings, replication by replication."""

    def ask(settings: Sequence[Settings]) -> list[Flags]:
        found = runs_of([override(scenario, one) for one in settings])
        return [_met(run) for run in found]

    return ask


def _met(run: Run) -> Flags:
    return answers.met(run, runs.headline(run), run.scenario.target.year)


def _chance(run: Run) -> Proportion:
    chance = answers.headline_chance(run)
    if chance is None:
        message = "the target year is not simulated to its end"
        raise ScenarioError([Problem("S201", message, field="horizon.end")])
    return chance


def _asked(present: Run, title: str, probability: float, chance: Proportion) -> Asked:
    scenario = present.scenario
    return Asked(
        scenario.name,
        scenario.target.year,
        title,
        scenario.target.turnover_usd_million.central,
        probability,
        present.seed,
        present.replications,
        present.id,
        chance,
    )


def _threshold(one: Lever, ask: AskSettings, probability: float) -> Threshold:
    places = axis(one.low, one.high, whole=one.whole)
    start = round(one.start) if one.whole else one.start
    return threshold(
        places, start, lambda values: ask([{one.path: value} for value in values]), probability
    )


def _better_ends(levers: Sequence[Lever], ask: AskSettings) -> list[float]:
    """The end of each range at which the chance is larger, all others as they stand."""
    found = ask([{one.path: end} for one in levers for end in (one.low, one.high)])
    hits = [int(np.count_nonzero(flags)) for flags in found]
    pairs = zip(levers, hits[::2], hits[1::2], strict=True)
    return [one.low if low > high else one.high for one, low, high in pairs]


def _unmoved(levers: Sequence[Lever], ends: Sequence[float]) -> tuple[Moved, ...]:
    """Levers with their better ends and their costs, none of them moved."""
    return tuple(
        Moved(
            lever=one,
            end=end,
            cost=1 / (one.high - one.low) if one.cost is None else one.cost,
            value=None,
            best=one.start,
            alone=None,
        )
        for one, end in zip(levers, ends, strict=True)
    )


def _told(moved: Sequence[Moved], mixture: Mixture) -> Iterator[Moved]:
    """Levers where they go."""
    for place, one in enumerate(moved):
        share = mixture.alone[place]
        yield replace(
            one,
            value=None if mixture.shares is None else _at(one, mixture.shares[place]),
            best=_at(one, mixture.best[place]),
            alone=None if share is None else _at(one, share),
        )


def _at(one: Moved, share: float) -> float:
    """Where a lever is after so much of its way."""
    value = one.lever.start + share * (one.end - one.lever.start)
    return float(round(value)) if one.lever.whole else float(f"{value:.6g}")


def _settings(moved: Sequence[Moved], shares: Shares) -> Settings:
    return {one.lever.path: _at(one, share) for one, share in zip(moved, shares, strict=True)}


def _date(present: Run, title: str, probability: float) -> Date:
    """The chance year by year; the year of the target changes nothing of what happens."""
    office = runs.headline(present)
    years = runs.complete_years(present, office)
    if not years:
        message = "no year is simulated to its end"
        raise ScenarioError([Problem("S201", message, field="horizon.end")])
    found = []
    ever = np.zeros(present.replications, dtype=bool)
    for year in years:
        flags = answers.met(present, office, year)
        ever |= flags
        found.append(Year(year, answers.chance_of(flags), answers.chance_of(ever)))
    target = present.scenario.target.year
    at_target = next((one.chance for one in found if one.year == target), found[-1].chance)
    return Date(_asked(present, title, probability, at_target), tuple(found))


def as_data(found: Need | Mix | Date) -> dict[str, Any]:
    """What was found as plain data; what is not there is null."""
    kind = {Need: "lever", Mix: "mix", Date: "date"}[type(found)]
    first = {"first": found.first and found.first.year} if isinstance(found, Date) else {}
    return {"schema": "sim.need/1", "kind": kind, "id": found.id, **asdict(found), **first}


def _digits(asked: Asked, told: Sequence[object]) -> str:
    text = f"{asked.run} {asked.probability} {told}"
    return hashlib.sha256(text.encode()).hexdigest()[:10]


def _table(
    levers: Sequence[Lever], rows: Sequence[tuple[Mapping[str, Any], Proportion]]
) -> pa.Table:
    """Settings and their chances, a row each."""
    paths = [one.path for one in levers] or ["year"]
    columns: dict[str, Any] = {path: [settings[path] for settings, _ in rows] for path in paths}
    columns["chance"] = [chance.share for _, chance in rows]
    columns["low"] = [chance.low for _, chance in rows]
    columns["high"] = [chance.high for _, chance in rows]
    return pa.table(columns)
