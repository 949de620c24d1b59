"""The commands about other pairs."""

import json

from engines.worlds import FLAGSHIP


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
