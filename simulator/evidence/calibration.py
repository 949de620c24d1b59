"""Calibration: the laws of uncertain inputs after what a published series says of them.

The replications of a run are draws of the prior with what they led to, so that one run is all the
simulation a fit needs. A second one, of the fitted laws on fresh draws, confirms it.
"""

import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from simulator import runs
from simulator.draws import Draws
from simulator.engines.choice import AUTO, chosen
from simulator.errors import Problem, ScenarioError
from simulator.evidence.inference import Reference, Sample, place_of, share_of
from simulator.evidence.observed import Observed, observed
from simulator.evidence.scores import OUTER, is_inside, pit_of_sample
from simulator.evidence.summaries import Summaries, Summary, measured, summaries
from simulator.executors import workforce
from simulator.inputs import quantiles, stream
from simulator.portable import FloatArray
from simulator.runs import Run
from simulator.sampling import Goal
from simulator.scenario.memory import is_circumstance
from simulator.scenario.overriding import override
from simulator.scenario.paths import matching, nearest_path
from simulator.scenario.quantities import Discrete, Quantity
from simulator.scenario.restating import Stated
from simulator.scenario.types import Scenario, quantities
from simulator.simulation import Made, Question, produced
from simulator.specification import specification

USUAL = (
    "exports.*.last_usd_million",
    "exports.*.average_usd_million",
    "exports.*.affinity_volatility",
    "base.persistence_share",
    "base.cif_factor",
    "statistics.*.log_error_sd",
    "statistics.*.persistence_share",
    "statistics.*.leak_share",
)
"""What a record of turnover speaks of by itself: the base, its spread and how it is measured."""

LEVELS = (0.025, 0.05, 0.5, 0.95, 0.975)
"""The ends of the 95 % and 90 % intervals, and the middle."""

REPLICATIONS = 4000
FEWEST = 400
"""With fewer the nearest draws are too few to tell an interval."""

CONFIRMING = 1000
"""Replications of the fitted laws."""

TRIALS = 200
"""Simulated series on which the intervals are tried."""

FRESH = 1
"""The bit of the seed that is turned for draws of which the fit knows nothing."""

NARROW, SHIFTED = 0.1, 0.4
"""An interval narrower by less than this share, about a middle moved by less than this part of a
standard deviation, is the prior's: as much comes by chance."""

SURELY = 2.5
"""Errors of a shift above which it does not come by chance, with a dozen inputs looked at."""

Range = tuple[float, ...]
"""Quantiles at ``LEVELS``."""


@dataclass(frozen=True, slots=True)
class Fit:
    """One input: its law before, and what the series leaves of it."""

    path: str
    prior: Range
    posterior: Range
    shares: Range
    """Of its own law below each quantile of the fit."""
    narrowed: float
    """By which share the 90 % interval is narrower."""
    shift: float
    """By how many standard deviations of its own law the middle has moved, on the normal scale."""
    error: float
    """Of the shift, by the number of replications."""
    coverage: float
    """Share of simulated series in whose 95 % interval the truth lay."""
    law: str
    """Of the fit: its name."""
    parameters: tuple[tuple[str, float], ...]

    @property
    def is_informed(self) -> bool:
        """Whether the series says anything of it that chance would not."""
        return self.narrowed >= NARROW or self.is_moved

    @property
    def is_moved(self) -> bool:
        """Whether its middle is elsewhere than before."""
        return abs(self.shift) >= max(SHIFTED, SURELY * self.error)


@dataclass(frozen=True, slots=True)
class Check:
    """One number of the series beside what the scenario makes of it, before and after the fit."""

    what: Summary
    observed: float
    before: Range
    after: Range
    """On fresh draws of the fitted laws."""
    below_before: float
    below: float
    """Share of those below what was observed."""

    @property
    def is_inside(self) -> bool:
        """Whether it falls into the middle 90 % after the fit."""
        return is_inside(self.below, OUTER)

    @property
    def was_inside(self) -> bool:
        """Whether it did so before."""
        return is_inside(self.below_before, OUTER)


@dataclass(frozen=True, slots=True)
class Calibration:
    """What a series says of the inputs of a scenario, and how well the fitted laws repeat it."""

    scenario: Scenario
    fitted: Scenario
    """The same with the fitted laws of the inputs that the series informs."""
    series: Observed
    seed: int
    replications: int
    confirming: int
    """Replications of the fitted laws."""
    runs: tuple[str, ...]
    fits: tuple[Fit, ...]
    checks: tuple[Check, ...]
    as_far: float
    """Share of fresh replications of which some number lies as far out as any of the series."""
    trials: int

    @property
    def informed(self) -> tuple[Fit, ...]:
        """The inputs of which the series says something."""
        return tuple(fit for fit in self.fits if fit.is_informed)

    @property
    def coverage(self) -> float:
        """Share of 95 % intervals that held the truth, over all inputs and simulated series."""
        return float(np.mean([fit.coverage for fit in self.fits]))

    @property
    def id(self) -> str:
        """Ten digits that follow from the runs, the series and the inputs."""
        told = [*self.runs, *map(str, self.series.turnover.items()), *(f.path for f in self.fits)]
        return hashlib.sha256("\n".join(told).encode()).hexdigest()[:10]

    @property
    def changes(self) -> dict[str, object]:
        """The fitted laws by path, as a difference of the scenario states them."""
        return _changes(self.scenario, self.series, self.fits)


def calibrate(  # noqa: PLR0913 -- the verb's options, each with a default
    scenario: Scenario,
    to: str | Path,
    *,
    vary: Sequence[str] = (),
    seed: int | None = None,
    replications: int = REPLICATIONS,
    workers: int = 1,
    engine: str = AUTO,
    results: Path | None = None,
) -> Calibration:
    """Fit the laws of uncertain inputs to a published series of turnover.

    Args:
        scenario: Whose laws are the prior.
        to: A CSV file with the columns ``statistics,year,turnover_usd_million,source``.
        vary: Paths of the inputs, ``*`` for any name; by default the base flows, their spread and
            what concerns measurement.
        seed: Seed of the draws; the scenario's own, if not given.
        replications: Draws of the prior, at least 400.
        workers: Processes, or threads of the compiled engine, to share the work.
        engine: ``reference``, ``compiled``, or ``auto`` for the faster one; the same numbers.
        results: A results folder, from which replications are taken and in which they are kept.

    Returns:
        Every input before and after, and where the series falls on fresh draws of the fit.

    Raises:
        ScenarioError: A row of the series or a path is not one that the scenario can speak of.
        FailedError: Replications failed.
        EnvironmentFaultError: The machine does not allow it.

    Example:
        >>> simulator.calibrate(scenario, "observed.csv").informed  # doctest: +SKIP

    """
    series, paths = observed(scenario, to), inputs(scenario, vary)
    seed, count = runs.planned(scenario, seed, replications)
    crew = workforce(workers, chosen(engine, count))
    return calibrated(
        scenario, series, paths, seed, count, lambda asked: produced(asked, crew, results=results)
    )


def inputs(scenario: Scenario, vary: Sequence[str] = ()) -> tuple[str, ...]:
    """The paths of the inputs that are fitted, in the order of the scenario.

    Raises:
        ScenarioError: A path does not exist, has no law that could be narrowed, or is a number
            under which the base came about; or nothing is left.

    """
    numbers = dict(quantities(scenario))
    problems, wanted = [], set()
    for pattern in vary:
        found = matching(pattern, numbers)
        if not found:
            message, meant = "no such path in the scenario", nearest_path(pattern, numbers)
            problems.append(Problem("S151", message, "--vary", field=pattern, suggestion=meant))
        reasons = {path: _unfit(path, numbers[path]) for path in found}
        fit = [path for path, reason in reasons.items() if not reason]
        wanted.update(fit)
        if found and not fit:
            problems.append(Problem("S195", reasons[found[0]], "--vary", field=found[0]))
    if not vary:
        usual = (path for pattern in USUAL for path in matching(pattern, numbers))
        wanted.update(path for path in usual if not _unfit(path, numbers[path]))
    if not (wanted or problems):
        message = "the base, its spread and its measurement are all fixed numbers"
        problems = [Problem("S195", message, note="give one a law, or name inputs by --vary")]
    if problems:
        raise ScenarioError(problems)
    return tuple(path for path in numbers if path in wanted)


def _unfit(path: str, number: Quantity) -> str:
    """Why a series cannot be asked about an input; nothing where it can."""
    if is_circumstance(path):
        return "the base flows came about under this number: correct it in the file itself"
    low, high = number.support
    if number.law is None or low == high:
        return "a fixed number has no law to narrow"
    if isinstance(number.law, Discrete):
        return "a law of single values cannot be narrowed"
    return ""


def calibrated(  # noqa: PLR0913 -- what is fitted to what, on which draws, by whom
    scenario: Scenario,
    series: Observed,
    paths: Sequence[str],
    seed: int,
    replications: int,
    made: Made,
) -> Calibration:
    """A calibration whose runs somebody makes: one of the prior, one of the fitted laws.

    Raises:
        ScenarioError: Too few replications, or a series that says nothing.
        FailedError: Replications failed.

    """
    if replications < FEWEST:
        message = f"a fit needs {FEWEST} replications at least, found {replications}"
        raise ScenarioError([Problem("S121", message, field="replications")])
    if not measured(specification(scenario), series.turnover):
        message = "the series has neither two years of one office nor one year of two"
        raise ScenarioError([Problem("S195", message, series.origin)])
    (prior,) = made([Question(scenario, seed, Goal(replications))])
    runs.require_complete(prior)
    before = summaries(prior, series)
    numbers = dict(quantities(scenario))
    fits = _fits({path: numbers[path] for path in paths}, places(prior, paths), before)
    fitted = override(scenario, _changes(scenario, series, fits))
    again = Question(fitted, seed ^ FRESH, Goal(min(replications, CONFIRMING)))
    (fresh,) = made([again])
    runs.require_complete(fresh)
    after = summaries(fresh, series)
    return Calibration(
        scenario,
        fitted,
        series,
        seed,
        replications,
        fresh.replications,
        (prior.id, fresh.id),
        fits,
        _checks(before, after),
        _as_far(after),
        min(TRIALS, replications),
    )


def places(run: Run, paths: Sequence[str]) -> FloatArray:
    """Where in its law each replication drew each input, as standard normal numbers."""
    draws = Draws(run.seed, range(run.replications))
    return place_of(draws.shares([stream(path) for path in paths]))


def _fits(numbers: dict[str, Quantity], drawn: FloatArray, before: Summaries) -> tuple[Fit, ...]:
    reference = Reference.of(drawn, before.simulated)
    samples = reference.posterior(before.observed)
    coverage = reference.coverage(before.simulated, min(TRIALS, len(drawn))).tolist()
    columns = zip(samples, coverage, reference.errors(before.observed), strict=True)
    return tuple(
        _fit(path, number, *column)
        for (path, number), column in zip(numbers.items(), columns, strict=True)
    )


def _fit(path: str, number: Quantity, sample: Sample, coverage: float, error: float) -> Fit:
    shares = share_of(sample.quantiles(LEVELS))
    prior, posterior = (_drawn(number, some) for some in (np.array(LEVELS), shares))
    name, parameters = _told(number, sample)
    return Fit(
        path,
        tuple(prior.tolist()),
        tuple(posterior.tolist()),
        tuple(shares.tolist()),
        float(1.0 - (posterior[3] - posterior[1]) / (prior[3] - prior[1])),
        float(sample.quantiles([0.5])[0]),
        error,
        coverage,
        name,
        tuple((word, float(f"{value:.4g}")) for word, value in parameters),
    )


def _drawn(number: Quantity, shares: FloatArray) -> FloatArray:
    """What is drawn of a number at shares of its law."""
    assert number.law is not None
    found: FloatArray = quantiles([number.law], shares[:, None])[:, 0]
    return found


def _told(number: Quantity, sample: Sample) -> tuple[str, list[tuple[str, float]]]:
    """The fit as a law of the language: lognormal where the prior is, else beta on its support.

    A lognormal law keeps the middle and the width of the 90 % interval, a beta law mean and
    variance.
    """
    found = Sample(_drawn(number, share_of(sample.values)), sample.weights)
    low, high = number.support
    if math.isinf(high):
        first, middle, last = np.log(found.quantiles(LEVELS[1:4])).tolist()
        sigma = (last - first) / (2.0 * float(place_of(np.array(LEVELS[3]))))
        return "lognormal", [("median", math.exp(middle)), ("sigma", sigma)]
    mean, sd = found.moments()
    mean, sd = (mean - low) / (high - low), sd / (high - low)
    size = mean * (1.0 - mean) / sd**2 - 1.0
    shapes = [("a", mean * size), ("b", (1.0 - mean) * size)]
    bounds = [("low", low), ("high", high)] if (low, high) != (0.0, 1.0) else []
    return "beta", [*shapes, *bounds]


def _changes(scenario: Scenario, series: Observed, fits: Sequence[Fit]) -> dict[str, object]:
    source, numbers = _source(series), dict(quantities(scenario))
    told: dict[str, object] = {}
    for fit in fits:
        if fit.is_informed:
            kind = numbers[fit.path].kind
            decided = {"kind": kind} if kind else {}
            told[fit.path] = {fit.law: dict(fit.parameters), **decided, "source": source}
    return told


def _source(series: Observed) -> str:
    """Where a fitted law comes from."""
    offices: dict[str, list[int]] = {}
    for office, year in series.turnover:
        offices.setdefault(office, []).append(year)
    spans = ", ".join(f"{office} {min(y)} to {max(y)}" for office, y in offices.items())
    return f"calibrated to {series.origin} ({spans}) by sim calibrate"


def _checks(before: Summaries, after: Summaries) -> tuple[Check, ...]:
    """Every number of the series, in its own unit."""
    return tuple(
        Check(
            what,
            math.exp(value),
            tuple(np.exp(np.quantile(prior, LEVELS)).tolist()),
            tuple(np.exp(np.quantile(fitted, LEVELS)).tolist()),
            pit_of_sample(prior, value),
            pit_of_sample(fitted, value),
        )
        for what, value, prior, fitted in zip(
            before.what,
            before.observed.tolist(),
            before.simulated.T,
            after.simulated.T,
            strict=True,
        )
    )


def _as_far(after: Summaries) -> float:
    """How odd the series is among those that the fitted scenario makes itself.

    A series is as odd as the number of it that lies farthest out (Tippett): with many numbers one
    always lies far out, and how far is judged by simulated series, whose numbers hang together.
    """
    count = len(after.simulated)
    ranks = np.argsort(np.argsort(after.simulated, axis=0, kind="stable"), axis=0, kind="stable")
    shares = (ranks + 1.0) / (count + 1.0)
    farthest = np.minimum(shares, 1.0 - shares).min(axis=1)
    columns = zip(after.simulated.T, after.observed.tolist(), strict=True)
    below = [pit_of_sample(column, value) for column, value in columns]
    return float((farthest <= min(min(share, 1.0 - share) for share in below)).mean())


def as_file(found: Calibration, extends: str, command: str) -> str:
    """The fitted laws as a scenario file that differs from the one it extends by them alone."""
    numbers = dict(quantities(found.scenario))
    source = _source(found.series)
    lines = [
        f"# Written by: {command}",
        "# Laws of inputs that the series informs; all others are as they were. They are stated",
        "# one by one: what the series says of several together is not kept.",
        f"question: {_quoted(found.scenario.question)}",
        f"title: {_quoted(f'{found.scenario.title}, calibrated to {found.series.origin}')}",
        f"extends: {_quoted(extends)}",
        "changes:",
    ]
    for fit in found.informed:
        stated = Stated(source, law=fit.law, parameters=fit.parameters)
        lines.append(f"  {fit.path}: {stated.written(numbers[fit.path].kind or '')}")
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def as_data(found: Calibration) -> dict[str, Any]:
    """The calibration as plain data."""
    return {
        "schema": "sim.calibrate/1",
        "id": found.id,
        "scenario": found.scenario.name,
        "series": {
            "file": found.series.origin,
            "rows": [
                {"statistics": office, "year": year, "turnover_usd_million": amount}
                for (office, year), amount in found.series.turnover.items()
            ],
        },
        "seed": found.seed,
        "replications": found.replications,
        "confirming": found.confirming,
        "runs": found.runs,
        "levels": LEVELS,
        "inputs": [asdict(fit) | {"is_informed": fit.is_informed} for fit in found.fits],
        "not_pinned_down": [fit.path for fit in found.fits if not fit.is_informed],
        "coverage_of_95": found.coverage,
        "trials": found.trials,
        "as_far": found.as_far,
        "checks": [asdict(check) | {"is_inside_90": check.is_inside} for check in found.checks],
        "changes": found.changes,
    }
