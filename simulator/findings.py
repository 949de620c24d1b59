"""Findings: which inputs tell apart the replications that meet the target from those that miss it.

The inputs of a replication follow from its number and the seed, so they are computed from what a
run has stored, whichever run it is. Of a sweep its settings are inputs as well.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from simulator import answers, rules, runs
from simulator.draws import Draws
from simulator.errors import EnvironmentFaultError, Problem, ScenarioError
from simulator.estimates import Proportion
from simulator.files import faults
from simulator.rules import Rule
from simulator.runs import Floats, Integers, Run
from simulator.scenario.paths import grouped, matching
from simulator.specification import specification
from simulator.storage import find as found_run
from simulator.storage import load_run

MOST_ROWS = 5000
"""Replications that are looked at; of a sweep the first ones of each setting."""

FEWEST_ROWS = 100
"""Fewer tell no rule from luck."""


@dataclass(frozen=True, slots=True)
class Side:
    """The rules for one of the two outcomes, in the order in which they were found."""

    is_met: bool
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Findings:
    """Rules for meeting the target and for missing it; none where nothing holds."""

    scenario: str
    year: int
    statistics: str
    seed: int
    runs: tuple[str, ...]
    rows: int
    """Replications of all runs together that were looked at."""
    met: Proportion
    inputs: tuple[str, ...]
    """The paths of the inputs that differ between replications, by the numbers of the rules."""
    sides: tuple[Side, ...]

    @property
    def has_rules(self) -> bool:
        """Whether any rule holds."""
        return any(side.rules for side in self.sides)

    def table(self, name: str = "rules") -> pa.Table:
        """Every limit of every rule, with the numbers of its rule."""
        if name != "rules":
            raise KeyError(name)
        rows = [
            (side, number, rule, limit)
            for side in self.sides
            for number, rule in enumerate(side.rules, start=1)
            for limit in rule.limits
        ]
        columns = {
            "outcome": ["met" if side.is_met else "missed" for side, *_ in rows],
            "rule": [number for _, number, *_ in rows],
            "input": [self.inputs[limit.column] for *_, limit in rows],
            "limit": ["at most" if limit.is_upper else "at least" for *_, limit in rows],
            "value": [limit.value for *_, limit in rows],
            "reproduced": [limit.reproduced for *_, limit in rows],
            "density": [rule.inside.share for *_, rule, _ in rows],
            "coverage": [rule.coverage.share for *_, rule, _ in rows],
            "wrong_unseen": [1 - rule.unseen.share for *_, rule, _ in rows],
        }
        return pa.table(columns)


def find(found: Run | Sequence[Run]) -> Findings:
    """Find rules that tell apart where the target is met from where it is missed.

    Args:
        found: A run, or the runs of a sweep with the same seed.

    Returns:
        The rules, each with how often it is wrong in replications that were not seen when it was
        looked for. In pure noise some rule is found in 5 of 100 searches at most.

    Raises:
        ScenarioError: The target year is not simulated, or there are too few replications.

    Example:
        >>> simulator.find(run).sides[0].rules  # doctest: +SKIP

    """
    every = [found] if isinstance(found, Run) else list(found)
    _refuse(every)
    each = max(1, MOST_ROWS // len(every))
    met = np.concatenate([_met(run)[:each] for run in every])
    groups = np.concatenate([_numbers(run)[:each] for run in every])
    paths, inputs = inputs_of(every, each)
    first = every[0].scenario
    office = first.statistics[first.target.statistics[0]]
    return Findings(
        scenario=first.name,
        year=first.target.year,
        statistics=f"statistics of {first.economies[office.economy].name}",
        seed=every[0].seed,
        runs=tuple(run.id for run in every),
        rows=len(met),
        met=answers.chance_of(met),
        inputs=paths,
        sides=(
            Side(is_met=True, rules=tuple(rules.rules(inputs, met, groups))),
            Side(is_met=False, rules=tuple(rules.rules(inputs, ~met, groups))),
        ),
    )


def inputs_of(every: Sequence[Run], each: int) -> tuple[tuple[str, ...], Floats]:
    """The numbers that differ between replications, and what they were: a row a replication.

    Numbers that are the same in every row, as those that a sweep sets alike, stand under one path
    with ``*``.
    """
    tables = []
    for run in every:
        inputs = specification(run.scenario).inputs
        numbers = _numbers(run)[:each]
        drawn = inputs.drawn(Draws(run.seed, range(int(numbers.max()) + 1)))[numbers]
        tables.append(dict(zip(inputs.paths, drawn.T, strict=False)))
    shared = [path for path in tables[0] if all(path in table for table in tables)]
    columns = {path: np.concatenate([table[path] for table in tables]) for path in shared}
    alike: dict[bytes, list[str]] = {}
    for path, values in columns.items():
        if np.ptp(values) > 0:
            alike.setdefault(values.tobytes(), []).append(path)
    names = {_together(paths, shared): paths[0] for paths in alike.values()}
    rows = sum(len(_numbers(run)[:each]) for run in every)
    kept = [columns[path] for path in names.values()]
    return tuple(names), np.stack(kept, axis=1) if kept else np.empty((rows, 0))


def stored(text: str, out: Path) -> list[Run]:
    """A stored run by its folder or id, or the runs of a stored sweep.

    Raises:
        EnvironmentFaultError: There is none, or its files are not those that were written.

    """
    folder = _sweep(text, out)
    if folder is None:
        return [load_run(found_run(text, out))]
    with faults(folder):
        told = json.loads((folder / "sweep.json").read_text(encoding="utf-8"))
    try:
        names = [str(cell["run"]) for cell in told["cells"]]
    except (KeyError, TypeError) as error:
        raise EnvironmentFaultError(f"{folder} is not a stored sweep") from error
    return [load_run(folder.parent / name) for name in dict.fromkeys(names)]


def as_data(found: Findings) -> dict[str, Any]:
    """The rules as plain data, with the paths of their inputs."""
    data = asdict(found)
    for side in data["sides"]:
        for rule in side["rules"]:
            for limit in rule["limits"]:
                limit["path"] = found.inputs[limit.pop("column")]
    return data


def _sweep(text: str, out: Path) -> Path | None:
    """The folder of a sweep, named by itself or by its id; None where it is none."""
    name = Path(text).name
    places: Iterable[Path] = [Path(text), *out.glob(f"*/{name}"), *out.glob(f"*/sweep-{name}")]
    return next((place for place in places if (place / "sweep.json").is_file()), None)


def _together(paths: list[str], every: Sequence[str]) -> str:
    """One name for numbers that are always equal: a pattern where it names no other."""
    if len(paths) == 1:
        return paths[0]
    pattern, *more = grouped(paths)
    if not more and matching(pattern, every) == paths:
        return pattern
    return paths[0]


def _refuse(every: Sequence[Run]) -> None:
    for run in every:
        if run.scenario.target.year not in runs.complete_years(run, runs.headline(run)):
            message = "the target year is not simulated to its end"
            raise ScenarioError([Problem("S201", message, field="horizon.end")])
    rows = min((run.replications for run in every), default=0)
    if len({run.seed for run in every}) > 1:
        raise ScenarioError([Problem("S193", "the runs have different seeds")])
    if rows < FEWEST_ROWS:
        message = f"{rows} replications are too few to tell a rule from luck"
        example = f"--reps {10 * FEWEST_ROWS}"
        raise ScenarioError([Problem("S121", message, field="--reps", example=example)])


def _met(run: Run) -> answers.Flags:
    return answers.met(run, runs.headline(run), run.scenario.target.year)


def _numbers(run: Run) -> Integers:
    """The numbers of the replications that are there."""
    numbers: Integers = run.tables["replications"]["replication"].to_numpy()
    return numbers
