"""Outcomes: where in a forecast fell what was published, and which years count."""

import numpy as np
import pytest
from runs_for_tests import synthetic

from simulator import runs
from simulator.errors import ScenarioError
from simulator.evidence.outcomes import outcomes, published

HEAD = "statistics,year,turnover_usd_million,source"


@pytest.fixture(scope="module")
def run():
    """A synthetic run, its headline office and the target year."""
    return synthetic(400)


def figures(run, *amounts):
    """So much published by the headline office, of its complete years in their order."""
    office = runs.headline(run)
    years = runs.complete_years(run, office)
    return {office: {str(year): amount for year, amount in zip(years, amounts, strict=False)}}


@pytest.mark.parametrize("level", [0.02, 0.3, 0.5, 0.9])
def test_a_quantile_of_the_forecast_falls_at_its_level(run, level):
    """What is published at a quantile has that share of the runs below it."""
    office = runs.headline(run)
    turnover = runs.turnover(run, office, runs.complete_years(run, office)[0])
    (found,) = outcomes(run, figures(run, float(np.quantile(turnover, level))))
    assert found.below == pytest.approx(level, abs=0.005)
    assert found.forecast[2] == pytest.approx(np.median(turnover))
    goal = run.scenario.target.turnover_usd_million.central
    assert found.chance_of_target == (turnover >= goal).mean()
    assert found.is_met == (found.published >= goal)


def test_what_is_nearer_scores_better(run):
    """The middle of the forecast has the lowest score."""
    office = runs.headline(run)
    turnover = runs.turnover(run, office, runs.complete_years(run, office)[0])
    middle = float(np.median(turnover))
    scores = [outcomes(run, figures(run, times * middle))[0].crps for times in (0.2, 1.0, 5.0)]
    assert scores[1] == min(scores)


def test_only_whole_years_after_the_base_count(run):
    """Years that are cut off, of the base or before, and other offices, are left out."""
    office = runs.headline(run)
    (year,) = runs.complete_years(run, office)[:1]
    base = run.scenario.base.year
    told = {office: {str(base): 1.0, str(year): 50.0, "2099": 9.0}, "nobody": {str(year): 3.0}}
    assert [(one.office, one.year) for one in outcomes(run, told)] == [(office, year)]
    with pytest.raises(ScenarioError, match="no published year"):
        outcomes(run, {"nobody": {str(year): 3.0}})


def test_figures_come_from_a_file_as_for_a_history(tmp_path):
    """The columns are those of a history, and a wrong row is named."""
    file = tmp_path / "outcome.csv"
    file.write_text(f"{HEAD}\nbelarus,2023,99,a paper\niran,2023,79,a paper\n")
    assert published(str(file)) == {"belarus": {"2023": 99.0}, "iran": {"2023": 79.0}}
    file.write_text(f"{HEAD}\nbelarus,2023,-1,a paper\n")
    with pytest.raises(ScenarioError, match="must be 0 or more"):
        published(str(file))
    with pytest.raises(ScenarioError, match="no such file"):
        published(str(tmp_path / "none.csv"))


def test_a_part_of_a_year_is_forecast_by_its_months(run):
    """To the end of June it is less than the year, in proportion to what was delivered by then."""
    office = runs.headline(run)
    year = runs.complete_years(run, office)[0]
    told = {office: {f"{year}-06": 40.0, f"{year}-12": 80.0, str(year): 80.0}}
    half, to_december, whole = outcomes(run, told)
    assert half.until_month == 6
    assert to_december == whole
    assert (half.chance_of_target, half.is_met) == (None, None)
    months, flow = runs.monthly(run)
    of_year = flow[:, [name.startswith(str(year)) for name in months]]
    expected = runs.turnover(run, office, year) * of_year[:, :6].sum(axis=1) / of_year.sum(axis=1)
    assert half.forecast[2] == pytest.approx(np.median(expected))


def test_a_month_may_stand_in_a_file_of_outcomes_alone(tmp_path):
    """2025-06 is the year to June; 2025-13 is no month."""
    file = tmp_path / "outcome.csv"
    file.write_text(f"{HEAD}\nbelarus,2025-06,74.4,a page\n")
    assert published(str(file)) == {"belarus": {"2025-06": 74.4}}
    file.write_text(f"{HEAD}\nbelarus,2025-13,74.4,a page\n")
    with pytest.raises(ScenarioError, match="expected a year"):
        published(str(file))
