"""Pairs: a scenario from a panel says what the panel knew before the year, and nothing later."""

from pathlib import Path

import numpy as np
import pytest

from simulator.errors import ScenarioError
from simulator.evidence.pairs import change_variance, scenario_text
from simulator.evidence.panels import records
from simulator.replication import replicate
from simulator.scenario.reading import checked

PANEL = Path(__file__).parents[3] / "shared" / "data" / "panel"
YEARS = range(2000, 2017)
BASE = 2009


def write(path, *rows):
    """Rows as a CSV file."""
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")


@pytest.fixture
def folder(tmp_path):
    """A panel of three economies, of which one is under sanctions from 2005 on."""
    panel = tmp_path / "panel"
    panel.mkdir()
    flows = {("IRN", "RUS"): 200.0, ("RUS", "IRN"): 900.0, ("DEU", "RUS"): 20_000.0}
    write(
        panel / "trade.csv",
        "year,exporter,importer,usd_million",
        *(
            f"{year},{a},{b},{usd * 1.1 ** (year - BASE) * (1 + 0.2 * (year % 2)):.4f}"
            for year in YEARS
            for (a, b), usd in flows.items()
        ),
    )
    write(
        panel / "macro_gdp_cpi_fx.csv",
        "year,iso3,variable,value,estimate",
        *(
            f"{year},{code},{name},{value:.3f},0"
            for year in YEARS
            for code, growth in (("IRN", 4.0), ("RUS", 2.0))
            for name, value in (
                ("gdp_real_growth_pct_weo", growth + year % 3),
                (
                    "fx_lcu_per_usd_weo_implied",
                    30.0 * 1.08 ** (year - 2000) * (1 + 0.1 * (year % 2)),
                ),
            )
        ),
    )
    write(
        panel / "sanctions_target_year.csv",
        "year,target_iso3,max_strength_0_3",
        *(f"{year},IRN,{3.0 if year >= 2005 else 0.0}" for year in YEARS),
        *(f"{year},RUS,{3.0 if year >= 2014 else 0.0}" for year in YEARS),
    )
    write(panel / "pairs_geo.csv", "exporter,importer,dist_popweighted_km", "IRN,RUS,2500")
    return panel


def scenario_of(folder, tmp_path, year=BASE + 1):
    """The scenario that is written for Iran and Russia, without a warning."""
    file = tmp_path / f"pair-{year}.yaml"
    file.write_text(
        scenario_text(f"pair-{year}", ("IRN", "RUS"), year, records(folder)), encoding="utf-8"
    )
    found = checked(file)
    assert found.warnings == ()
    return found.scenario


def test_numbers_are_those_of_the_panel(folder, tmp_path):
    """Flows, their averages, growth, sanctions and distance of the base year stand in the file."""
    found = scenario_of(folder, tmp_path)
    iran, russia = found.exports["IRN"], found.exports["RUS"]
    assert iran.last_usd_million.central == pytest.approx(240.0, rel=1e-3)
    assert russia.last_usd_million.central == pytest.approx(1080.0, rel=1e-3)
    mean = 200.0 * (1.1**-2 * 1.2 + 1.1**-1 + 1.2) / 3
    assert iran.average_usd_million.central == pytest.approx(mean, rel=1e-3)
    assert "2007 to 2009" in iran.average_usd_million.source
    growth = found.economies["IRN"].output_growth_rate
    assert growth.central == pytest.approx(0.04 + 0.01 * sum(y % 3 for y in range(2005, 2010)) / 5)
    assert found.economies["IRN"].exchange_rate.depreciation_rate.central > 0.05
    assert found.economies["IRN"].sanctions_process is not None
    assert found.economies["RUS"].sanctions_process is None
    assert found.corridors["slow"].minimum_days.central == 15.0
    assert (found.base.year, found.target.year) == (BASE, BASE + 1)
    assert found.information_date.year == BASE
    assert found.target.turnover_usd_million.central == pytest.approx(1.2 * 1320, rel=0.02)


def test_the_scenario_runs(folder, tmp_path):
    """What is written has trade of about the size of its base."""
    piece = replicate(scenario_of(folder, tmp_path), 1, range(4))
    delivered = piece.tables["replications"]["delivered_cents"].to_pylist()
    assert piece.failures == ()
    assert all(0.2 * 1320 < cents / 1e8 < 5 * 1320 for cents in delivered)


def test_nothing_later_than_the_base_year_is_read(folder):
    """The same text comes of a panel in which all rows after the base year are other ones.

    A list of today that names the pair as one of two sanctioned economies, of which one was none
    then, changes nothing either.
    """
    before, later = (
        scenario_text("pair", ("IRN", "RUS"), year, records(folder))
        for year in (BASE + 1, BASE + 3)
    )
    write(folder / "pair_groups.csv", "a_iso3,b_iso3,group", "IRN,RUS,sanctioned_pair")
    for path in folder.glob("*.csv"):
        head, *rows = path.read_text().splitlines()
        if head.startswith("year"):
            number = head.split(",").index(
                next(n for n in ("usd_million", "value", "max_strength_0_3") if n in head)
            )
            for place, row in enumerate(rows):
                cells = row.split(",")
                if int(cells[0]) > BASE:
                    cells[number] = "0.5"
                    rows[place] = ",".join(cells)
            write(path, head, *rows)
    assert scenario_text("pair", ("IRN", "RUS"), BASE + 1, records(folder)) == before
    assert scenario_text("pair", ("IRN", "RUS"), BASE + 3, records(folder)) != later


def test_a_pair_of_two_sanctioned_economies_is_compared_with_such(folder, tmp_path):
    """Once both sides are under sanctions, only pairs of two such tell how much a flow moves."""
    head, *rows = (folder / "trade.csv").read_text().splitlines()
    wild = [f"{y},CUB,SYR,{1200 * (1 + y % 2)}" for y in YEARS]
    calm = [f"{y},AA{c},BB{c},1600" for y in YEARS for c in "ABCDEFGH"]
    write(folder / "trade.csv", head, *rows, *wild, *calm)
    strengths = (folder / "sanctions_target_year.csv").read_text().splitlines()
    both = [f"{y},{code},2.0" for y in YEARS for code in ("CUB", "SYR")]
    write(folder / "sanctions_target_year.csv", *strengths, *both)
    before, after = (
        scenario_of(folder, tmp_path, year).exports["IRN"].affinity_volatility.central
        for year in (2014, 2015)
    )
    assert after > 1.1 * before


def test_a_pair_with_a_short_record_has_the_spread_of_its_like(folder, tmp_path):
    """Where few changes are recorded, pairs of its kind tell how much a flow moves."""
    head, *rows = (folder / "trade.csv").read_text().splitlines()
    short = [row for row in rows if not ("IRN,RUS" in row and int(row[:4]) < BASE - 2)]
    others = [
        f"{y},AA{c},BB{c},{1000 * (1 + (y + i) % 2)}" for y in YEARS for i, c in enumerate("ABC")
    ]
    write(folder / "trade.csv", head, *short, *others)
    own = scenario_of(folder, tmp_path).exports["IRN"].affinity_volatility
    assert "2 yearly changes and those of comparable pairs" in own.source
    assert own.central > 0.5


@pytest.mark.parametrize("kept", [0.3, 0.6, 0.95])
def test_yearly_averages_of_a_path_change_less_than_the_path(kept):
    """The closed form is the variance of averages over many simulated years (4 standard errors)."""
    steps, paths = 24, 40_000
    chance = np.random.default_rng(3)
    rate = -np.log(kept)
    left = kept ** (1 / steps)
    state = chance.normal(0.0, np.sqrt(1.0 / (2.0 * rate)), paths)
    averages = []
    for _ in range(2):
        total = np.zeros(paths)
        for _ in range(steps):
            before = state
            added = np.sqrt((1.0 - left * left) / (2.0 * rate))
            state = state * left + added * chance.normal(size=paths)
            total += (before + state) / 2.0
        averages.append(total / steps)
    change = averages[1] - averages[0]
    expected = change_variance(kept)
    assert change.var() == pytest.approx(expected, rel=4.0 * np.sqrt(2.0 / paths) + 0.005)


def test_a_path_that_hardly_returns_changes_as_one_that_never_does():
    """The closed form tends to two thirds of the yearly variance."""
    assert change_variance(0.9998) == pytest.approx(change_variance(1.0), rel=1e-3)
    assert change_variance(1.0) == pytest.approx(2.0 / 3.0)


def test_what_a_panel_lacks_stays_assumed(folder, tmp_path):
    """Without figures of output, sanctions and distance the template's assumptions stand."""
    for name in ("macro_gdp_cpi_fx.csv", "sanctions_target_year.csv", "pairs_geo.csv"):
        (folder / name).unlink()
    found = scenario_of(folder, tmp_path)
    assert found.economies["IRN"].output_growth_rate.is_assumed
    assert found.economies["IRN"].sanctions_process is None


@pytest.mark.parametrize(
    ("pair", "year", "words"),
    [
        (("IRN", "DEU"), BASE + 1, "no trade between"),
        (("IRN", "RUS"), 1995, "no trade between"),
        (("IRN", "Atlantis"), BASE + 1, "ISO 3166"),
    ],
)
def test_without_a_record_there_is_no_scenario(folder, pair, year, words):
    """A pair that is not recorded before the year, or not at all, is an error that says so."""
    with pytest.raises(ScenarioError, match=words):
        scenario_text("pair", pair, year, records(folder))


@pytest.mark.skipif(not PANEL.exists(), reason="the trade panel is not there")
@pytest.mark.parametrize("pair", [("IRN", "BLR"), ("BLR", "RUS"), ("IRN", "RUS"), ("SAU", "UZB")])
def test_pairs_of_the_panel_are_scenarios(tmp_path, pair):
    """Pairs of the 125-country panel become scenarios that are valid and have trade."""
    file = tmp_path / "pair.yaml"
    file.write_text(scenario_text("pair", pair, 2011, records(PANEL)), encoding="utf-8")
    piece = replicate(checked(file).scenario, 1, range(2))
    assert piece.failures == ()
    assert sum(piece.tables["replications"]["delivered_orders"].to_pylist()) > 0
