"""Comparisons: two runs, replication by replication, on the same draws."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from simulator import answers, runs
from simulator.draws import SCHEME
from simulator.errors import EnvironmentFaultError, Problem, ScenarioError
from simulator.estimates import Change, Mean, Proportion, is_clear, mean, paired_change
from simulator.ledger import ACCOUNTS, LOSSES, POTENTIAL
from simulator.runs import Floats, Integers, Run
from simulator.sampling import FIRST_LOOK, Goal, enlarged
from simulator.scenario import describing
from simulator.scenario.types import Scenario, quantities
from simulator.simulation import Made, Question

BASIS = (
    "target year",
    "statistics of the target",
    "calendar",
    "valuation (CIF factor)",
    "horizon",
    "model version",
    "draw scheme",
)
"""What two runs must have in common, so that their numbers mean the same."""


@dataclass(frozen=True, slots=True)
class Row:
    """One amount in both runs, averages in million dollars, and its change pair by pair."""

    words: str
    before: float
    after: float
    change: Mean
    higher: int
    lower: int
    is_clear: bool
    """Whether the pairs are surely up or surely down (``estimates.is_clear``)."""


@dataclass(frozen=True, slots=True)
class Chances:
    """How often the target is met on the statistics of an office, in both runs."""

    office: str
    title: str
    before: Proportion
    after: Proportion
    change: Change


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a run comes to otherwise than another, over the replications that both have."""

    before: str
    after: str
    before_run: str
    after_run: str
    year: int
    pairs: int
    is_same_seed: bool
    """Whether both runs use the same draws, as a comparison of scenarios should."""
    rows: tuple[Row, ...]
    """Turnover on the headline statistics, its two directions, then that on the others."""
    chances: tuple[Chances, ...]
    causes: tuple[Row, ...]
    """The accounts of the ledger by how much their change moves the true flow, potential first."""
    differences: tuple[describing.Difference, ...]
    alike: int
    """Numbers that are the same in both scenarios."""

    def table(self, name: str = "rows") -> pa.Table:
        """The amounts (``rows``), the ``chances`` or the ``causes`` with their changes."""
        if name == "chances":
            return pa.table(
                {
                    "statistics": [one.office for one in self.chances],
                    "before": [one.before.share for one in self.chances],
                    "after": [one.after.share for one in self.chances],
                    "change": [one.change.value for one in self.chances],
                    "low": [one.change.low for one in self.chances],
                    "high": [one.change.high for one in self.chances],
                }
            )
        told = {"rows": self.rows, "causes": self.causes}[name]
        return pa.table(
            {
                "amount": [one.words for one in told],
                "before_usd_million": [one.before for one in told],
                "after_usd_million": [one.after for one in told],
                "change_usd_million": [one.change.value for one in told],
                "half_width_usd_million": pa.array(
                    [one.change.half_width for one in told], pa.float64()
                ),
                "higher": [one.higher for one in told],
                "lower": [one.lower for one in told],
            }
        )


def compare(before: Run, after: Run) -> Comparison:
    """Compare two runs over the replications that both have, pair by pair.

    Args:
        before: The run to compare with.
        after: The other one.

    Returns:
        The changes, each with its 95 % interval or the reason why it has none.

    Raises:
        ScenarioError: The runs differ in what their numbers mean; each field is named.
        FailedError: Replications of a run failed, so that pairs are missing.

    Example:
        >>> simulator.compare(run, other).rows[0].change  # doctest: +SKIP

    """
    refuse(basis(before), basis(after))
    for run in (before, after):
        runs.require_complete(run)
    first, second = paired(before, after)
    names = _names(before, after)
    told = tuple(describing.between(before.scenario, after.scenario))
    return Comparison(
        before=names[0],
        after=names[1],
        before_run=before.id,
        after_run=after.id,
        year=before.scenario.target.year,
        pairs=first.replications,
        is_same_seed=before.seed == after.seed,
        rows=tuple(_rows(first, second)),
        chances=tuple(_chances(first, second)),
        causes=tuple(_causes(first, second)),
        differences=tuple(d for d in told if d.path not in describing.NAMES),
        alike=_alike(before, after),
    )


def as_data(comparison: Comparison) -> dict[str, Any]:
    """The comparison as plain data; what is withheld is null."""
    return asdict(comparison)


def basis(
    told: Run | Scenario, model_version: str = runs.MODEL_VERSION, scheme: str = SCHEME
) -> dict[str, str]:
    """What the numbers of a run mean, or of a scenario that is run, by the names of ``BASIS``."""
    scenario = told.scenario if isinstance(told, Run) else told
    office = scenario.statistics[scenario.offices[0]]
    values = (
        scenario.target.year,
        ", ".join(scenario.target.statistics),
        office.calendar,
        f"{scenario.base.cif_factor.central:g}",
        f"{scenario.horizon.start} to {scenario.horizon.end}",
        model_version,
        scheme,
    )
    return dict(zip(BASIS, map(str, values), strict=True))


def refuse(before: dict[str, str], after: dict[str, str]) -> None:
    """Raise an error that names every field in which two bases differ."""
    differing = [name for name in BASIS if before[name] != after[name]]
    problems = [
        Problem(
            "S193",
            f"these runs cannot be compared: {name} is {before[name]} in one and "
            f"{after[name]} in the other",
            field=name,
        )
        for name in differing
    ]
    if problems:
        raise ScenarioError(problems)


def sampled(sides: Sequence[Run | Question], precision: float | None, made: Made) -> list[Run]:
    """Every side as a run; with a precision, no more replications than it takes.

    Looks come as in a run of its own, at numbers that follow from what was seen before.

    Args:
        sides: Runs as they are, or questions that are still to be answered.
        precision: Half-width of the 95 % interval of the change of the chance that is enough.
        made: Answers the questions.

    Raises:
        ScenarioError: The sides differ in what their numbers mean.

    """
    bases = [basis(side if isinstance(side, Run) else side.scenario) for side in sides]
    for other in bases[1:]:
        refuse(bases[0], other)
    questions = [side for side in sides if isinstance(side, Question)]
    most = max((question.goal.most for question in questions), default=0)
    count = most if precision is None else min(most, FIRST_LOOK)
    while True:
        goals = [replace(q, goal=Goal(min(count, q.goal.most))) for q in questions]
        answered = iter(made(goals) if goals else ())
        compared = [side if isinstance(side, Run) else next(answered) for side in sides]
        if precision is None or count >= most:
            return compared
        width = max(change_width(compare(compared[0], after)) for after in compared[1:])
        if width <= precision:
            return compared
        count = min(most, enlarged(count, (width / precision) ** 2))


def change_width(told: Comparison) -> float:
    """Half-width of the change of the headline chance; 0 where no chance is told."""
    return told.chances[0].change.half_width if told.chances else 0.0


def headline_change(before: Run, after: Run) -> Floats:
    """Turnover on the headline statistics in the target year, other less one, pair by pair."""
    office, year = runs.headline(before), before.scenario.target.year
    change: Floats = runs.turnover(after, office, year) - runs.turnover(before, office, year)
    return change


def paired(before: Run, after: Run) -> tuple[Run, Run]:
    """Both runs over the replications that both have, by their numbers.

    Raises:
        EnvironmentFaultError: There are none, because a run has only just begun.

    """
    numbers = [run.tables["replications"]["replication"].to_numpy() for run in (before, after)]
    common = np.intersect1d(*numbers)
    if not common.size:
        raise EnvironmentFaultError(f"{before.id} and {after.id} share no replications yet")
    return _kept(before, common), _kept(after, common)


def _kept(run: Run, numbers: Integers) -> Run:
    """The run without other replications than these."""
    these = pa.array(numbers, pa.int32())
    tables = {
        name: table.filter(pc.is_in(table["replication"], value_set=these))
        for name, table in run.tables.items()
    }
    return Run(run.scenario, run.seed, len(numbers), tables)


def _names(before: Run, after: Run) -> tuple[str, str]:
    """Both by the names of their scenarios, and by their runs where these are the same."""
    is_same = before.scenario.name == after.scenario.name
    return _name(before, with_id=is_same), _name(after, with_id=is_same)


def _name(run: Run, *, with_id: bool) -> str:
    name = f"{run.scenario.name} {run.id}" if with_id else run.scenario.name
    return name if run.is_complete else f"{name} (in progress, {run.replications} of {run.asked})"


def _rows(before: Run, after: Run) -> Iterator[Row]:
    year = before.scenario.target.year
    headline = runs.headline(before)
    for office in _told(before, after):
        yield row(
            _side(before, office), *(runs.turnover(run, office, year) for run in (before, after))
        )
        if office == headline:
            one, other = (runs.flows(run, office, year, "reported_usd") for run in (before, after))
            for exporter in one:
                importer = before.scenario.partner(exporter)
                names = before.scenario.economies
                words = f"{names[exporter].name} \u2192 {names[importer].name}"
                yield row(words, one[exporter] / 1e6, other[exporter] / 1e6)


def _side(run: Run, office: str) -> str:
    """An office by the economy for which it speaks."""
    statistics = run.scenario.statistics[office]
    return f"statistics of {run.scenario.economies[statistics.economy].name}"


def row(words: str, before: Floats, after: Floats) -> Row:
    """An amount in both runs, one number for each pair, and its change."""
    change = after - before
    return Row(
        words,
        float(np.mean(before)),
        float(np.mean(after)),
        mean(change),
        int(np.count_nonzero(change > 0)),
        int(np.count_nonzero(change < 0)),
        is_clear(change),
    )


def _told(before: Run, after: Run) -> Iterator[str]:
    """The offices for which both runs have the whole target year."""
    year = before.scenario.target.year
    others = runs.offices(after)
    for office in runs.offices(before):
        both = office in others and all(
            year in runs.complete_years(run, office) for run in (before, after)
        )
        if both:
            yield office


def _chances(before: Run, after: Run) -> Iterator[Chances]:
    year = before.scenario.target.year
    for office in _told(before, after):
        one, other = (answers.met(run, office, year) for run in (before, after))
        gained, lost = int(np.count_nonzero(other & ~one)), int(np.count_nonzero(one & ~other))
        yield Chances(
            office,
            _side(before, office),
            answers.chance_of(one),
            answers.chance_of(other),
            paired_change(gained, lost, one.size),
        )


def _causes(before: Run, after: Run) -> Iterator[Row]:
    """What moves the true flow: potential, and every loss with its sign turned."""
    one, other = (runs.accounts(run) for run in (before, after))
    rows = [row(ACCOUNTS[POTENTIAL], *(_million(b[POTENTIAL]) for b in (one, other)))]
    rows += [row(ACCOUNTS[key], -_million(one[key]), -_million(other[key])) for key in LOSSES]
    return iter(sorted(rows, key=lambda one: -abs(one.change.value)))


def _million(cents: Integers) -> Floats:
    return cents / runs.CENTS_PER_MILLION


def _alike(before: Run, after: Run) -> int:
    one, other = (dict(quantities(run.scenario)) for run in (before, after))
    return sum(other.get(path) == number for path, number in one.items())


def ladder(compared: Sequence[Run]) -> list[tuple[str, Proportion]]:
    """Runs by name with the chance of the target on their headline statistics."""
    found = [(run.scenario.name, answers.headline_chance(run)) for run in compared]
    return [(name, chance) for name, chance in found if chance is not None]
