"""Gravity: a law is found again, published coefficients are reproduced, sums are kept."""

import csv
import math
from pathlib import Path

import numpy as np
import pytest
from evidence.worlds_on_paper import CODES, LAW, exports, write_panel

from simulator.errors import EnvironmentFaultError, ScenarioError
from simulator.evidence import gravity
from simulator.evidence.panels import records

SQUARE = (
    Path(__file__).parents[3] / "shared/data/validation/manufacturing_trade_69_countries_2006.csv"
)
needs_library = pytest.mark.skipif(not gravity.is_available(), reason="pyfixest is not installed")


@needs_library
@pytest.mark.skipif(not SQUARE.exists(), reason="the published gravity cases are not there")
def test_coefficients_of_the_advanced_guide_are_reproduced():
    """Distance, contiguity and border of 69 economies in 2006 are as printed, to seven digits."""
    with SQUARE.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    columns = {
        "usd_million": np.array([float(row["trade"]) for row in rows]),
        "distance": np.array([math.log(float(row["DIST"])) for row in rows]),
        "contiguity": np.array([float(row["CNTG"]) for row in rows]),
        "border": np.array([float(row["exporter"] != row["importer"]) for row in rows]),
        **{side: np.array([row[side] for row in rows]) for side in ("exporter", "importer")},
    }
    regressors = ("distance", "contiguity", "border")
    found, expected = gravity.ppml(columns, regressors, ("exporter", "importer"), "exporter")
    estimates = {one.name: one.estimate for one in found}
    published = {"distance": -0.7912879, "contiguity": 0.6736456, "border": -2.47445}
    assert estimates == pytest.approx(published, abs=1e-6)
    assert expected.sum() == pytest.approx(columns["usd_million"].sum())


@needs_library
def test_a_law_of_gravity_is_found_again(tmp_path):
    """From flows that follow a law exactly its coefficients come back, with nothing unexplained."""
    found = gravity.estimated(records(write_panel(tmp_path)), 2022)
    assert found.years == (2010, 2014, 2018, 2022)
    law = {gravity.NAMES[name]: much for name, much in LAW.items()}
    assert {one.name: one.estimate for one in found.coefficients} == pytest.approx(law, abs=1e-6)
    assert found.log_spread < 1e-6


@needs_library
def test_what_is_expected_adds_up_to_what_was_sold(tmp_path):
    """Of every exporter and year the expected flows sum to the recorded ones."""
    found = gravity.estimated(records(write_panel(tmp_path)), 2018)
    for code in CODES:
        sold = [
            much
            for (year, exporter, _), much in found.expected_usd_million.items()
            if (year, exporter) == (2018, code)
        ]
        assert sum(sold) == pytest.approx(exports(code, 2018), rel=1e-6)


@needs_library
def test_nothing_later_is_used(tmp_path):
    """The last year is the one that is asked for, and others lie before it."""
    assert gravity.estimated(records(write_panel(tmp_path)), 2015).years == (2011, 2015)


def test_a_panel_without_ties_is_refused(tmp_path):
    """Without distances and ties there is no gravity, and the file is named."""
    write_panel(tmp_path)
    (tmp_path / "pairs_geo.csv").unlink()
    with pytest.raises(ScenarioError, match="contig") as caught:
        gravity.estimated(records(tmp_path), 2018)
    assert caught.value.problems[0].file == "pairs_geo.csv"


def test_without_the_library_the_way_to_it_is_told(tmp_path, monkeypatch):
    """What is missing is named with the command that installs it."""
    monkeypatch.setattr(gravity, "is_available", lambda: False)
    with pytest.raises(EnvironmentFaultError, match="pip install pyfixest"):
        gravity.estimated(records(write_panel(tmp_path)), 2018)
