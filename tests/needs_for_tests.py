"""Answers that cost nothing: a synthetic run in which two numbers move trade by known amounts."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
from runs_for_tests import scenario, synthetic

from simulator import runs

TARGET, PATIENCE = "target.turnover_usd_million", "settlement.patience_days"
SUPPORT = "relationships.search_support"
RUN = synthetic(500)
SCENARIO = scenario()


def factor(asked):
    """By how much a scenario multiplies trade: 1 as it stands, patience and support help."""
    patience = asked.settlement.patience_days.central / 60
    return patience**0.2 * asked.relationships.search_support.central**0.4


def made(questions):
    """The runs of some questions: the synthetic one with its trade multiplied."""
    return [_run(question) for question in questions]


def _run(question):
    years = RUN.tables["years"]
    place = years.column_names.index("reported_usd")
    fresh = 1.0 if question.seed == RUN.seed else 1.01
    values = pa.array(years["reported_usd"].to_numpy() * factor(question.scenario) * fresh)
    tables = {**RUN.tables, "years": years.set_column(place, "reported_usd", values)}
    return replace(RUN, scenario=question.scenario, seed=question.seed, tables=tables)


def turnover(times=1.0):
    """What the headline office publishes for the target year, in every replication."""
    return times * runs.turnover(RUN, "belarus", 2023)


def exact(probability):
    """The target that is met with a probability on these replications."""
    return float(np.quantile(turnover(), 1 - probability))
