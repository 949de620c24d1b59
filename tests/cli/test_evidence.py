"""The commands about other pairs."""

import json

from engines.worlds import FLAGSHIP
from evidence.worlds_on_paper import write_panel
from runs_for_tests import SCENARIO
from typer.testing import CliRunner

from simulator.cli import app as cli


def test_outside_view_is_told_in_words_and_as_data(sim):
    """The rate by all pairs and by sanctioned ones, the growth of others, and a schema."""
    told = sim("outside", FLAGSHIP)
    assert told.exit_code == 0
    assert "Outside view" in told.stdout
    assert "two sanctioned economies" in told.stdout
    data = json.loads(sim("outside", FLAGSHIP, "--json").stdout)
    assert data["schema"] == "sim.outside/1"
    assert [one["group"] for one in data["achieved"]] == ["every", "sanctioned"]


def test_a_target_is_changed_as_everywhere(sim):
    """A larger target is rarer."""

    def share(*more):
        data = json.loads(sim("outside", FLAGSHIP, "--json", *more).stdout)
        return data["achieved"][0]["share"]

    assert share("--set", "target.turnover_usd_million=300") < share()


def test_a_panel_of_ones_own_takes_the_place_of_ours(sim, tmp_path):
    """Rates come from the files of the folder, and only from years before the information date."""
    rows = ["year,exporter,importer,usd_million"]
    rows += [f"{year},AAA,BBB,{100 * 1.1 ** (year - 2000)}" for year in range(1995, 2010)]
    rows += [f"{year},AAA,BBB,0.001" for year in range(2023, 2030)]
    (tmp_path / "trade.csv").write_text("\n".join(rows) + "\n")
    data = json.loads(sim("outside", FLAGSHIP, "--panel", tmp_path, "--json").stdout)
    (every,) = data["achieved"]
    assert (every["share"], every["pairs"], data["years"]) == (1.0, 1, [1995, 2022])


def test_errors_have_codes(sim, tmp_path):
    """A folder without trade, and a question without comparable pairs, end in a sentence."""
    missing = sim("outside", FLAGSHIP, "--panel", tmp_path)
    assert (missing.exit_code, "S101" in missing.stderr) == (3, True)
    tiny = sim("outside", FLAGSHIP, "--set", "exports.*.last_usd_million=0.01")
    assert (tiny.exit_code, "S192" in tiny.stderr) == (3, True)


def test_forecasts_are_scored_and_kept(tmp_path, monkeypatch):
    """A small panel gives a table, as words and as data; what was run is taken from the store."""
    monkeypatch.chdir(tmp_path)
    rows = ["year,exporter,importer,usd_million"]
    rows += [
        f"{year},{a},{b},{50 + 7 * (year * 5 % 11)}"
        for year in range(2000, 2007)
        for a, b in (("IRN", "BLR"), ("BLR", "IRN"))
    ]
    (tmp_path / "trade.csv").write_text("\n".join(rows) + "\n")
    (tmp_path / "pair_groups.csv").write_text("a_iso3,b_iso3,group\nIRN,BLR,sanctioned_pair\n")
    command = [
        "backtest",
        "--panel",
        ".",
        "--reps",
        "20",
        "--engine",
        "reference",
        "--workers",
        "1",
    ]
    told = CliRunner().invoke(cli.app, command)
    assert told.exit_code == 0, told.stderr
    assert "mean CRPS of log turnover" in told.stdout
    again = CliRunner().invoke(cli.app, [*command, "--json"])
    assert "in the store already" in again.stderr
    data = json.loads(again.stdout)
    assert data["schema"] == "sim.backtest/1"
    assert [line["cases"] for line in data["scores"]] == [1, 1]
    nothing = CliRunner().invoke(cli.app, [*command, "--group", "control"])
    assert (nothing.exit_code, "S192" in nothing.stderr) == (3, True)


def test_a_stored_run_is_scored(sim, tmp_path):
    """What was published stands beside the forecast, in words and as data."""
    file = tmp_path / "tiny.yaml"
    file.write_text(json.dumps(SCENARIO))
    name = sim("run", file, "--reps", 60, "-q").stdout.strip()
    office = SCENARIO["target"]["statistics"][0]
    rows = f"statistics,year,turnover_usd_million,source\n{office},2023,100,a paper\n"
    (tmp_path / "published.csv").write_text(rows)
    told = sim("score", name, "--published", tmp_path / "published.csv")
    assert (told.exit_code, told.stdout.startswith("Of 1 published figure")) == (0, True)
    command = ("score", name, "--published", tmp_path / "published.csv", "--json")
    data = json.loads(sim(*command).stdout)
    assert (data["schema"], data["outcomes"][0]["published"]) == ("sim.score/1", 100.0)
    missing = sim("score", name, "--published", tmp_path / "none.csv")
    assert (missing.exit_code, "S101" in missing.stderr) == (3, True)


def test_a_counterfactual_is_told_in_words_and_as_data(sim, tmp_path):
    """The four effects by direction, third countries and the closure, from a panel of one's own."""
    write_panel(tmp_path)
    told = sim("potential", FLAGSHIP, "--panel", tmp_path)
    assert told.exit_code == 0
    assert "Third countries" in told.stdout
    data = json.loads(sim("potential", FLAGSHIP, "--panel", tmp_path, "--json").stdout)
    assert data["schema"] == "sim.potential/1"
    assert set(data["general"]) == {"BLR", "IRN"}
    assert abs(data["closure"]) < 1e-12
    assert data["gravity"]["expected_usd_million"]["BLR"] > 0.0
