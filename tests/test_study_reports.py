"""V45 for comparisons and sweeps: their tables say what their runs say."""

from dataclasses import replace

import pytest
from runs_for_tests import synthetic

from simulator import runs, study_reports
from simulator.comparisons import compare


def _numbers(table):
    return {
        (number.origin.key, number.statistic): number.value
        for row in table.rows
        for cell in row.cells
        for number in cell
    }


def test_changes_are_those_of_the_pairs():
    """Averages, change, its interval and the pairs that are higher come from the runs again."""
    one = synthetic(200)
    other = synthetic(200, scale=1.2)
    other = replace(other, scenario=one.scenario.model_copy(update={"name": "more"}))
    found = _numbers(study_reports.changes(compare(one, other), 1))
    before, after = (runs.turnover(run, "belarus", 2023) for run in (one, other))
    assert found["change-1-0", "mean of A"] == pytest.approx(before.mean())
    assert found["change-1-0", "mean of the change"] == pytest.approx((after - before).mean())
    assert found["change-1-0", "pairs with a change above 0"] == int((after > before).sum())
    met = [(turnover >= 100).mean() for turnover in (before, after)]
    assert found["chance-1-belarus", "share of A"] == pytest.approx(met[0])
    assert found["chance-1-belarus", "change of the share"] == pytest.approx(met[1] - met[0])


def test_causes_without_a_clear_change_are_left_out():
    """A run beside itself has no causes."""
    one = synthetic(200)
    assert study_reports.causes(compare(one, one), 1).rows == ()
