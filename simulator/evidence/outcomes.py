"""Outcomes: what was published after all, and where in the forecasts of a run it fell."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from simulator import runs
from simulator.errors import Problem, ScenarioError
from simulator.evidence.scores import SHOWN, crps_of_sample, log_of, pit_of_sample
from simulator.portable import FloatArray
from simulator.runs import Run
from simulator.scenario.checking import LIMITS
from simulator.scenario.files import Asked, text_of
from simulator.scenario.series import series
from simulator.scenario.trees import Source

DECEMBER = 12

Published = Mapping[str, Mapping[str, float]]
"""Million dollars by statistics office and year, or year to the end of a month (2025-06)."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One published figure beside its forecast; amounts in million dollars."""

    office: str
    economy: str
    """Whose office it is, by name."""
    year: int
    until_month: int
    """The figure is that of the year from its beginning to the end of this month."""
    published: float
    forecast: tuple[float, ...]
    """Quantiles at ``SHOWN``."""
    below: float
    """Share of the forecast below what was published."""
    crps: float
    """Of the logarithm."""
    chance_of_target: float | None
    """Share of runs that meet the target in the year; none where only a part of it is told."""
    is_met: bool | None


def published(file: str) -> Published:
    """The figures of a CSV file, as for the history of a scenario.

    Raises:
        ScenarioError: It is not there, or not of that form.

    """
    lines = text_of(Asked(file), LIMITS).splitlines()
    tree, problems = series(Source(file, tuple(lines)), by_month=True)
    if problems:
        raise ScenarioError(problems)
    found: Published = tree.plain
    return found


def outcomes(run: Run, figures: Published) -> list[Outcome]:
    """Every published year that the run simulates as a whole, in the order of the file.

    Raises:
        ScenarioError: There is none.

    """
    found = [
        _outcome(run, office, int(year), int(month or DECEMBER), amount)
        for office, by_year in figures.items()
        if office in run.scenario.statistics
        for (year, _, month), amount in (
            (key.partition("-"), much) for key, much in by_year.items()
        )
        if int(year) in runs.complete_years(run, office)
        if int(year) > run.scenario.base.year
        if not month or run.scenario.statistics[office].calendar == "gregorian"
    ]
    if not found:
        known = ", ".join(run.scenario.statistics)
        message = f"no published year of {known} is simulated as a whole"
        raise ScenarioError([Problem("S173", message)])
    return found


def _outcome(run: Run, office: str, year: int, month: int, amount: float) -> Outcome:
    forecast = runs.turnover(run, office, year)
    target = run.scenario.target.turnover_usd_million.central
    is_whole = month == DECEMBER
    if not is_whole:
        forecast = forecast * _share_until(run, year, month)
    logs, observed = log_of(forecast), float(log_of(amount))
    return Outcome(
        office,
        run.scenario.economies[run.scenario.statistics[office].economy].name,
        year,
        month,
        amount,
        tuple(np.quantile(forecast, SHOWN).tolist()),
        pit_of_sample(logs, observed),
        crps_of_sample(logs, observed),
        float((forecast >= target).mean()) if is_whole else None,
        amount >= target if is_whole else None,
    )


def _share_until(run: Run, year: int, month: int) -> FloatArray:
    """Share of a year's true flow that is delivered by the end of a month, by replication.

    An office errs in a part of the year as in the whole of it.
    """
    months, flow = runs.monthly(run)
    inside = [place for place, name in enumerate(months) if name.startswith(f"{year}-")]
    whole = flow[:, inside].sum(axis=1)
    part = flow[:, inside[:month]].sum(axis=1)
    share: FloatArray = np.divide(part, whole, out=np.zeros_like(part), where=whole > 0.0)
    return share
