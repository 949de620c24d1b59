"""Calibration: known inputs are found again, and what a series cannot tell is said."""

import math

import numpy as np
import pytest
from series_for_tests import ROWS, uncertain, written

import simulator
from simulator import runs
from simulator.errors import ScenarioError
from simulator.evidence import calibration
from simulator.evidence.calibration import calibrate, inputs, places
from simulator.evidence.inference import Reference
from simulator.evidence.observed import Observed
from simulator.evidence.summaries import measured, summaries
from simulator.scenario.overriding import override
from simulator.scenario.quantities import Lognormal
from simulator.scenario.reading import checked
from simulator.scenario.types import quantities
from simulator.scenario.writing import written as as_text
from simulator.simulation import run
from simulator.specification import specification


def published(done, replication, rows):
    """What one replication would have had published, as a series."""
    return {
        (office, year): float(runs.turnover(done, office, year)[replication])
        for office, year in sorted(rows, key=lambda row: row[::-1])
    }


@pytest.fixture(scope="module")
def fitted(tmp_path_factory):
    """A record of wild growth about a base of 90, and what it says of the small scenario."""
    folder = tmp_path_factory.mktemp("fit")
    chance = np.random.default_rng(1)
    rows = [(o, y, round(90 * math.exp(chance.normal(0, 0.8)), 1)) for o, y in ROWS if y < 2022]
    file = written(folder / "series.csv", [*rows, ("home", 2022, 90)])
    return folder, calibrate(uncertain(), file, replications=1200)


def by_path(found):
    """The fits by their paths."""
    return {fit.path: fit for fit in found.fits}


def test_a_wild_record_has_wild_offices_or_a_wild_flow(fitted):
    """Spreads and errors move up, and what a record says nothing of stays its law."""
    told = by_path(fitted[1])
    errors = [told[f"statistics.{office}.log_error_sd"] for office in ("home", "abroad")]
    assert all(fit.is_informed and fit.shift > 0.5 for fit in errors)
    assert not told["base.cif_factor"].is_informed
    cif = told["base.cif_factor"]
    assert cif.posterior == pytest.approx(cif.prior, rel=0.02)


def test_the_base_is_what_its_office_published(fitted):
    """Both flows together are pinned to the 90 of the base year; each one only in part."""
    last = [by_path(fitted[1])[f"exports.{side}.last_usd_million"] for side in ("AAA", "AAB")]
    for fit in last:
        assert fit.prior[2] == pytest.approx(50.0)
        assert 0.1 < fit.narrowed < 0.7
    assert sum(fit.posterior[2] for fit in last) == pytest.approx(90, rel=0.04)
    check = next(check for check in fitted[1].checks if check.what.kind == "turnover")
    assert (check.observed, check.is_inside) == (pytest.approx(90.0), True)


def test_intervals_lie_within_each_other_and_in_the_support(fitted):
    """95 % holds 90 %, which holds the middle; a share stays a share."""
    for fit in fitted[1].fits:
        assert list(fit.posterior) == sorted(fit.posterior)
        assert fit.narrowed == pytest.approx(
            1 - (fit.posterior[3] - fit.posterior[1]) / (fit.prior[3] - fit.prior[1])
        )
        if fit.path.endswith("_share"):
            assert 0 < fit.posterior[0] < fit.posterior[-1] < 1


def test_the_file_is_the_fitted_scenario(fitted):
    """It extends the scenario, is valid, and has the fitted laws and their source."""
    folder, found = fitted
    (folder / "base.yaml").write_text(as_text(uncertain()))
    file = folder / "fitted.yaml"
    file.write_text(calibration.as_file(found, "base.yaml", "sim calibrate base.yaml"))
    scenario = checked(file).scenario
    numbers, expected = dict(quantities(scenario)), dict(quantities(found.fitted))
    assert {path: n.law for path, n in numbers.items()} == {
        path: n.law for path, n in expected.items()
    }
    for fit in found.informed:
        number = numbers[fit.path]
        assert number.source.startswith("calibrated to series.csv (")
        assert not number.is_assumed
        assert number.central == pytest.approx(fit.posterior[2], rel=0.25)
    error = numbers["statistics.home.log_error_sd"].law
    assert isinstance(error, Lognormal)
    fit = by_path(found)["statistics.home.log_error_sd"]
    assert error.median == pytest.approx(fit.posterior[2], rel=1e-3)
    low, high = (error.median * math.exp(sign * 1.645 * error.sigma) for sign in (-1, 1))
    assert high / low == pytest.approx(fit.posterior[3] / fit.posterior[1], rel=0.01)
    # A fit is a correction of what was: nothing of it counts as a change under the base.
    assert specification(scenario).inputs.former == ()


def test_the_same_again_is_the_same_and_other_draws_nearly(fitted):
    """Equal arguments give equal numbers; another seed moves no middle by half a spread."""
    folder, found = fitted
    again = calibrate(uncertain(), folder / "series.csv", replications=1200)
    assert (again.fits, again.id) == (found.fits, found.id)
    other = by_path(calibrate(uncertain(), folder / "series.csv", replications=1200, seed=9))
    for path, fit in by_path(found).items():
        assert abs(fit.shift - other[path].shift) < 0.5, path


def test_what_the_file_has_no_law_for_is_refused_with_the_reason():
    """Unknown paths, fixed numbers, single values and circumstances of the base."""
    single = {"statistics.home.leak_share": {"discrete": {"values": [0, 0.1], "weights": [1, 1]}}}
    refusal = {"settlement.channels.bank.refusal_share": {"uniform": {"low": 0, "high": 0.1}}}
    scenario = override(uncertain(), {**single, **refusal})
    for path, code, word in (
        ("statistics.home.log_eror_sd", "S151", "no such path"),
        ("adjustment.up_years", "S195", "fixed number"),
        ("statistics.home.leak_share", "S195", "single values"),
        ("settlement.channels.bank.refusal_share", "S195", "came about"),
    ):
        with pytest.raises(ScenarioError, match=word) as caught:
            inputs(scenario, [path])
        assert [problem.code for problem in caught.value.problems] == [code]
    assert "statistics.home.leak_share" not in inputs(scenario)
    assert inputs(scenario, ["statistics.*.leak_share"]) == ("statistics.abroad.leak_share",)
    fixed = override(scenario, dict.fromkeys(inputs(scenario), 0.5))
    with pytest.raises(ScenarioError, match="all fixed numbers"):
        inputs(fixed)


def test_a_series_that_says_nothing_is_refused(tmp_path):
    """One year of one office before the base has no growth and no ratio."""
    file = written(tmp_path / "one.csv", [("home", 2015, 90)])
    with pytest.raises(ScenarioError, match="S195"):
        calibrate(uncertain(), file, replications=400)
    with pytest.raises(ScenarioError, match="400 replications"):
        calibrate(uncertain(), file, replications=399)


def test_any_input_can_be_asked_of_years_after_the_base(tmp_path):
    """Growth of output is told by the years that the run simulates, and by nothing before."""
    growth = {"economies.*.output_growth_rate": {"uniform": {"low": -0.2, "high": 0.2}}}
    calm = dict.fromkeys(("exports.*.affinity_volatility", "statistics.*.log_error_sd"), 0.02)
    scenario = uncertain({**growth, **calm})
    rows = [("home", 2022 + n, round(100 * 1.16**n, 1)) for n in range(4)]
    found = calibrate(
        scenario,
        written(tmp_path / "rise.csv", rows),
        vary=["economies.*.output_growth_rate"],
        replications=1000,
    )
    both = [math.log1p(fit.posterior[2]) for fit in found.fits]
    # Each flow grows with both outputs, so only their sum is known: log 1.16 a year.
    assert sum(both) == pytest.approx(math.log(1.16), abs=0.03)
    assert found.checks[-1].is_inside


def test_a_series_that_the_scenario_could_never_make_is_not_confirmed(fitted, tmp_path):
    """A flow that grew a hundredfold in a year lies farther out than any that is simulated."""
    rows = [("home", 2019, 1), ("home", 2020, 1), ("home", 2021, 100), ("home", 2022, 100)]
    found = calibrate(uncertain(), written(tmp_path / "odd.csv", rows), replications=400)
    jump = next(check for check in found.checks if check.what.years == (2020, 2021))
    assert not jump.is_inside
    assert found.as_far < 0.05 < fitted[1].as_far


def test_the_facade_has_the_verb():
    """Calibrating is public."""
    assert simulator.calibrate is calibrate


def held(reference, observed, truth):
    """Whether each input's 95 % interval holds the truth."""
    samples = reference.posterior(observed)
    return [0.025 < s.below(v) < 0.975 for s, v in zip(samples, truth, strict=True)]


def trials(count, replications):
    """Inputs of fresh replications, sought again in a record and in years after the base."""
    scenario = uncertain()
    rows = dict.fromkeys(sorted(ROWS, key=lambda row: row[::-1]), 100.0)
    series = Observed("x.csv", rows)
    prior, truth = (
        run(scenario, seed=s, replications=n) for s, n in ((1, replications), (2, count))
    )
    paths = inputs(scenario)
    reference = Reference.of(places(prior, paths), summaries(prior, series).simulated)
    observed, drawn = summaries(truth, series).simulated, places(truth, paths)
    return np.mean([held(reference, *both) for both in zip(observed, drawn, strict=True)])


def test_known_inputs_are_found_again():
    """In 40 series of known origin nine intervals of ten at least hold the truth."""
    assert trials(40, 800) >= 0.9


@pytest.mark.long
def test_known_inputs_are_found_again_in_many_series():
    """Of 14 inputs in 300 simulated series, 93 % of the 95 % intervals hold the truth."""
    assert trials(300, 4000) >= 0.93


@pytest.mark.long
def test_known_inputs_are_found_in_the_past_that_the_engine_made():
    """A past made by the engine, not by looking back: started years before, scored at its end.

    The scenario of the later base never simulates these years, yet its intervals hold what the
    earlier one had drawn.
    """
    wide = {"statistics.*.leak_share": 0.1, "base.cif_factor": 1.06}
    scenario = uncertain(wide)
    before = {"horizon.start": "2005-01-01", "base.year": 2004, "target.year": 2005}
    past = run(override(scenario, before), seed=2, replications=300)
    rows = [(office, year) for year in range(2009, 2022) for office in ("home", "abroad")]
    paths = [path for path in inputs(scenario) if not path.endswith("usd_million")]
    prior = run(scenario, seed=1, replications=4000)
    series = Observed("x.csv", published(past, 0, rows))
    reference = Reference.of(places(prior, paths), summaries(prior, series).simulated)
    spec, drawn = specification(scenario), places(past, paths)
    hits = [
        held(reference, np.array(list(measured(spec, published(past, n, rows)).values())), truth)
        for n, truth in enumerate(drawn)
    ]
    assert np.mean(hits) >= 0.93
