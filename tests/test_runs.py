"""A run, and the numbers that are read off its tables."""

from dataclasses import replace

import numpy as np
import pytest
from runs_for_tests import synthetic

from simulator.errors import RefusedError
from simulator.ledger import LOSSES, POTENTIAL, REALISED
from simulator.runs import (
    accounts,
    complete_years,
    flows,
    monthly,
    planned,
    remembered,
    rolling,
    run_id,
    series_id,
    turnover,
)
from simulator.scenario.types import DEFAULT_SEED

RUN = synthetic(40)


def test_a_run_is_known_by_what_it_follows_from():
    """Scenario, seed and replications make the name; each of them changes it."""
    series = series_id(RUN.scenario, RUN.seed)
    assert RUN.id == run_id(series, RUN.replications) == f"{series}-40"
    assert len(series) == 10
    other = RUN.scenario.model_copy(update={"question": "Another one?"})
    assert len({series, series_id(other, RUN.seed), series_id(RUN.scenario, RUN.seed + 1)}) == 3


def test_a_part_of_a_run_is_known_by_its_series():
    """What is not complete has no name of a run."""
    part = replace(RUN, asked=100)
    assert not part.is_complete
    assert part.id == series_id(RUN.scenario, RUN.seed)


def test_turnover_is_both_directions():
    """What an office publishes of a year is the sum over exporters, in every replication."""
    office = RUN.scenario.target.statistics[0]
    year = complete_years(RUN, office)[0]
    both = flows(RUN, office, year, "reported_usd")
    assert len(both) == 2
    assert turnover(RUN, office, year) == pytest.approx(sum(both.values()) / 1e6)


def test_months_stand_in_order():
    """Monthly trade has a row a replication and a column a month, in the order of time."""
    months, trade = monthly(RUN)
    assert months == sorted(months)
    assert trade.shape == (40, len(months))


def test_the_last_twelve_months_roll():
    """Each is the sum of twelve months that follow each other."""
    _, trade = monthly(RUN)
    sums = rolling(trade)
    assert sums.shape == (40, trade.shape[1] - 11)
    for month in (0, 1, 20):
        assert sums[:, month] == pytest.approx(trade[:, month : month + 12].sum(axis=1))


def test_accounts_add_up():
    """Potential less every loss is what was realised, to the cent, in every replication."""
    books = accounts(RUN)
    assert np.array_equal(books[POTENTIAL] - sum(books[a] for a in LOSSES), books[REALISED])


def test_a_finding_is_worked_out_once_for_each_run():
    """Asked again, it is not worked out again; another run and other details are."""
    asked = []

    @remembered
    def find(run, number):
        asked.append(number)
        return run.replications + number

    assert [find(RUN, 1), find(RUN, 1), find(RUN, 2), find(replace(RUN), 1)] == [41, 41, 42, 41]
    assert asked == [1, 2, 1]


def test_a_run_is_planned_from_what_is_asked_or_the_scenario():
    """What is not asked is the scenario's own; too much is refused."""
    seed, count = planned(RUN.scenario, None, None)
    assert (seed, count) == (DEFAULT_SEED, RUN.scenario.replications)
    assert planned(RUN.scenario, 5, 7) == (5, 7)
    with pytest.raises(RefusedError):
        planned(RUN.scenario, 5, 101, most=100)
