"""Outcomes: what was published after all, and where in the forecasts of a run it fell."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from simulator import runs
from simulator.errors import Problem, ScenarioError
from simulator.evidence.scores import SHOWN, crps_of_sample, log_of, pit_of_sample
from simulator.runs import Run
from simulator.scenario.checking import LIMITS
from simulator.scenario.files import Asked, text_of
from simulator.scenario.series import series
from simulator.scenario.trees import Source

Published = Mapping[str, Mapping[str, float]]
"""Million dollars by statistics office and year."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One published year beside its forecast; amounts in million dollars."""

    office: str
    economy: str
    """Whose office it is, by name."""
    year: int
    published: float
    forecast: tuple[float, ...]
    """Quantiles at ``SHOWN``."""
    below: float
    """Share of the forecast below what was published."""
    crps: float
    """Of the logarithm."""
    chance_of_target: float
    is_met: bool


def published(file: str) -> Published:
    """The figures of a CSV file, as for the history of a scenario.

    Raises:
        ScenarioError: It is not there, or not of that form.

    """
    lines = text_of(Asked(file), LIMITS).splitlines()
    tree, problems = series(Source(file, tuple(lines)))
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
        _outcome(run, office, int(year), amount)
        for office, by_year in figures.items()
        if office in run.scenario.statistics
        for year, amount in by_year.items()
        if int(year) in runs.complete_years(run, office)
        if int(year) > run.scenario.base.year
    ]
    if not found:
        known = ", ".join(run.scenario.statistics)
        message = f"no published year of {known} is simulated as a whole"
        raise ScenarioError([Problem("S173", message)])
    return found


def _outcome(run: Run, office: str, year: int, amount: float) -> Outcome:
    turnover = runs.turnover(run, office, year)
    target = run.scenario.target.turnover_usd_million.central
    logs, observed = log_of(turnover), float(log_of(amount))
    return Outcome(
        office,
        run.scenario.economies[run.scenario.statistics[office].economy].name,
        year,
        amount,
        tuple(np.quantile(turnover, SHOWN).tolist()),
        pit_of_sample(logs, observed),
        crps_of_sample(logs, observed),
        float((turnover >= target).mean()),
        amount >= target,
    )
