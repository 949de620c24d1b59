"""Back-test: scenarios as a panel knew them at some year, scored by what happened after it.

Nothing is tuned on pairs of the second half: in alphabetical order every other pair belongs to it.
"""

import math
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from simulator import runs
from simulator.errors import Problem, ScenarioError
from simulator.evidence import gravity, panels
from simulator.evidence.outside import FEWEST
from simulator.evidence.pairs import scenario_text
from simulator.evidence.scores import (
    INNER,
    OUTER,
    SHOWN,
    Skill,
    crps_of_normal,
    crps_of_sample,
    is_inside,
    log_of,
    pit_of_sample,
    skill,
)
from simulator.portable import FloatArray
from simulator.runs import Run
from simulator.scenario.reading import load
from simulator.scenario.types import Scenario

HORIZONS = (1, 3)
HISTORY = 5
"""Years of record before an origin."""

MODEL = "model"
GRAVITY = "gravity"
BENCHMARKS = (
    *("no change", "random walk", "random walk, pooled", "drift", "reference class"),
    GRAVITY,
)
"""The last one only where structural gravity can be estimated."""

Answering = Callable[[Sequence[Scenario]], Iterable[Run]]
"""Runs scenarios, in their order."""


@dataclass(frozen=True, slots=True)
class Case:
    """One pair at one origin year, and what its turnover was so many years later."""

    pair: tuple[str, str]
    group: str
    half: int
    origin: int
    horizon: int
    observed: float
    """Logarithm of million dollars, as in the next."""
    history: tuple[float, ...]
    """The years up to the origin; NaN where nothing is recorded."""


@dataclass(frozen=True, slots=True)
class Scored:
    """A case with the score of every forecast, and where it fell in the model's."""

    case: Case
    crps: dict[str, float]
    pit: float
    levels: tuple[float, ...]
    """The model's forecast at the levels ``scores.SHOWN``."""


@dataclass(frozen=True, slots=True)
class Line:
    """Scores of some cases together."""

    group: str
    half: int
    """1 or 2, or 0 for both."""
    horizon: int
    cases: int
    pairs: int
    crps: dict[str, float]
    best: str
    """The benchmark with the lowest score."""
    skill: Skill
    """Of the model over that one."""
    inner: float
    """Share of cases inside the middle 50 %."""
    outer: float
    """The same of the middle 90 %."""


def cases(records: panels.Records, groups: Sequence[str]) -> list[Case]:
    """All cases of the pairs in some groups of a panel.

    Raises:
        ScenarioError: There is none.

    """
    turnovers = records.turnovers
    known = dict(zip(turnovers.pairs, turnovers.usd_million, strict=True))
    found: list[Case] = []
    for group in groups:
        pairs = sorted(records.groups.get(group, ()))
        for place, pair in enumerate(pairs):
            series = known.get((min(pair), max(pair)))
            if series is not None:
                half = 1 + place % 2
                found += _of_pair(pair, group, half, turnovers.first_year, series)
    if not found:
        message = f"no pair of {', '.join(groups)} has {HISTORY} years of record before an origin"
        raise ScenarioError([Problem("S192", message)])
    return found


def _of_pair(
    pair: tuple[str, str], group: str, half: int, first: int, series: FloatArray
) -> Iterator[Case]:
    logs = log_of(series)
    for place in range(HISTORY, len(logs) - 1):
        if np.isfinite(logs[place - HISTORY : place + 1]).all():
            for horizon in HORIZONS:
                later = place + horizon
                if later < len(logs) and np.isfinite(logs[later]):
                    history = tuple(logs[: place + 1].tolist())
                    observed = float(logs[later])
                    yield Case(pair, group, half, first + place, horizon, observed, history)


def scored(
    records: panels.Records, known: Sequence[Case], answering: Answering
) -> Iterator[Scored]:
    """Score every case: the model's forecast and those of the benchmarks."""
    asked: dict[tuple[tuple[str, str], int], list[Case]] = {}
    for case in known:
        asked.setdefault((case.pair, case.origin), []).append(case)
    with tempfile.TemporaryDirectory() as place:
        scenarios = [_scenario(records, pair, origin, Path(place)) for pair, origin in asked]
    expects = _expectations(records, {origin for _, origin in asked})
    for run, some in zip(answering(scenarios), asked.values(), strict=True):
        before = records.turnovers.until(some[0].origin)
        for case in some:
            sample = forecast(run, case.horizon)
            crps = {MODEL: crps_of_sample(sample, case.observed), **_benchmarks(case, before)}
            if case.origin in expects:
                crps[GRAVITY] = crps_of_normal(*expects[case.origin](case.pair), case.observed)
            levels = tuple(np.quantile(sample, SHOWN).tolist())
            yield Scored(case, crps, pit_of_sample(sample, case.observed), levels)


def _scenario(records: panels.Records, pair: tuple[str, str], origin: int, place: Path) -> Scenario:
    name = f"{pair[0]}-{pair[1]}-{origin}".lower()
    file = place / f"{name}.yaml"
    file.write_text(scenario_text(name, pair, origin + 1, records), encoding="utf-8")
    return load(file)


def forecast(run: Run, horizon: int) -> FloatArray:
    """Logarithm of the turnover so many years after the base, on the base statistics."""
    base = run.scenario.base
    turnover = runs.turnover(run, base.statistics, base.year + horizon)
    return log_of(turnover)


def _benchmarks(case: Case, before: panels.Turnovers) -> dict[str, float]:
    """Scores of those who know nothing but the record."""
    last, horizon, observed = case.history[-1], case.horizon, case.observed
    changes = np.diff(np.array(case.history))
    changes = changes[np.isfinite(changes)]
    own = float(changes.std(ddof=1))
    _, growth = before.growth(horizon, math.exp(last))
    _, yearly = before.growth(1, math.exp(last))
    pooled = float(yearly.std(ddof=1)) if len(yearly) >= FEWEST else own
    drift = float(changes[-HISTORY:].mean()) * horizon
    spread = math.sqrt(horizon)
    if len(growth) >= FEWEST:
        by_class = crps_of_sample(last + growth, observed)
    else:
        by_class = crps_of_normal(last, own * spread, observed)
    return {
        "no change": abs(observed - last),
        "random walk": crps_of_normal(last, own * spread, observed),
        "random walk, pooled": crps_of_normal(last, pooled * spread, observed),
        "drift": crps_of_normal(last + drift, own * spread, observed),
        "reference class": by_class,
    }


Expectation = Callable[[tuple[str, str]], tuple[float, float]]
"""Mean and spread of the log turnover of a pair, by somebody who knows nothing of its record."""


def _expectations(records: panels.Records, origins: Iterable[int]) -> dict[int, Expectation]:
    """What gravity expects by origin, of the sizes, the distance and the ties of the two alone."""
    if not (records.ties and gravity.is_available()):
        return {}
    return {
        origin: _expectation(records.turnovers, gravity.estimated(records, origin))
        for origin in origins
    }


def _expectation(turnovers: panels.Turnovers, found: gravity.Gravity) -> Expectation:
    year, ways = found.years[-1], found.expected_usd_million
    expected = {
        (one, other): ways[year, one, other] + ways.get((year, other, one), 0.0)
        for when, one, other in ways
        if when == year and one < other
    }
    recorded = turnovers.usd_million[:, year - turnovers.first_year]
    errors = [
        math.log(amount / expected[pair])
        for pair, amount in zip(turnovers.pairs, recorded, strict=True)
        if amount > 0.0 and pair in expected
    ]
    spread = float(np.std(errors))
    unknown = float(np.mean(np.log(recorded[recorded > 0.0])))

    def expectation(pair: tuple[str, str]) -> tuple[float, float]:
        amount = expected.get((min(pair), max(pair)), 0.0)
        return math.log(amount) if amount > 0.0 else unknown, spread

    return expectation


def table(results: Sequence[Scored]) -> list[Line]:
    """Scores by group, half and horizon; both halves together first."""
    lines = []
    for group in dict.fromkeys(one.case.group for one in results):
        for half in (0, 1, 2):
            for horizon in HORIZONS:
                some = [
                    one
                    for one in results
                    if one.case.group == group
                    and one.case.horizon == horizon
                    and half in (0, one.case.half)
                ]
                if some:
                    lines.append(_line(group, half, horizon, some))
    return lines


def _line(group: str, half: int, horizon: int, some: Sequence[Scored]) -> Line:
    columns = {name: np.array([one.crps[name] for one in some]) for name in some[0].crps}
    rivals = [name for name in columns if name != MODEL]
    best = min(rivals, key=lambda name: float(columns[name].mean()))
    names = sorted({one.case.pair for one in some})
    pair = np.array([names.index(one.case.pair) for one in some], dtype=np.int64)
    return Line(
        group,
        half,
        horizon,
        len(some),
        len(names),
        {name: float(column.mean()) for name, column in columns.items()},
        best,
        skill(columns[MODEL], columns[best], pair),
        *(sum(is_inside(one.pit, band) for one in some) / len(some) for band in (INNER, OUTER)),
    )
