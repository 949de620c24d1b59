"""Commands about scenario files."""

import json
from pathlib import Path

from runs_for_tests import SCENARIO

import simulator
from simulator.errors import CODES

ROOT = Path(__file__).parents[2]


def test_a_shown_scenario_is_a_scenario(sim, file, tmp_path):
    """What sim show prints can be run, and is the same scenario."""
    shown = tmp_path / "shown.yaml"
    shown.write_text(sim("show", file).stdout)
    assert simulator.load(shown) == simulator.load(file)
    told = json.loads(sim("show", file, "--json").stdout)
    assert told["scenario"]["name"] == "tiny"


def test_origins_name_file_and_line(sim, file):
    """Every value is shown with where it was set; a setting names its option."""
    setting = ("--set", "settlement.patience_days=5")
    told = sim("show", file, "settlement", *setting).stdout
    assert "settlement.patience_days\n    5 days, constant\n    was 60\n    --set:1" in told
    assert f"{file}:1" in told
    lines = sim("show", file, "--origins", "--plain").stdout.splitlines()
    assert len({line.count("\t") for line in lines}) == 1
    entries = json.loads(sim("show", file, "corridors", "--json").stdout)["entries"]
    assert {entry["path"].split(".")[0] for entry in entries} == {"corridors"}
    assert sim("show", file, "corridor").exit_code == 3


def test_the_schema_is_json(sim):
    """Standard output holds the schema and nothing else."""
    assert json.loads(sim("schema").stdout)["$schema"].endswith("2020-12/schema")


def test_a_new_scenario_is_written_once(sim):
    """The file is there, can be checked, and is never overwritten."""
    first = sim("init", "mine", "--pair", "Iran", "Russia", "--year", "2027")
    assert first.exit_code == 0
    assert "sim run mine.yaml" in first.stdout
    assert "valid" in sim("check", "mine.yaml").stdout
    Path("mine.yaml").write_text("precious")
    assert sim("init", "mine").exit_code == 2
    assert Path("mine.yaml").read_text() == "precious"
    assert sim("init", "mine2", "--pair", "Iran", "Persia").exit_code == 3
    assert sim("init", "mine2", "--out", "nowhere").exit_code == 2


def test_every_code_can_be_explained(sim):
    """A code is explained in words, as a line and as data; without a code all are listed."""
    assert "Right:" in sim("explain", "s121").stdout
    assert len(sim("explain", "S121", "--plain").stdout.splitlines()) == 1
    assert json.loads(sim("explain", "S121", "--json").stdout)["S121"]["wrong"]
    listed = sim("explain").stdout
    assert all(code in listed for code in CODES)
    assert len(json.loads(sim("explain", "--json").stdout)) == len(CODES)
    assert sim("explain", "S999").exit_code == 2


def test_problems_are_lines_for_an_editor(sim, file):
    """With --plain a problem is one line on standard output, with file, line and column first."""
    wrong = sim("check", file, "--set", "settlement.patience_days=-1", "--plain")
    assert wrong.exit_code == 3
    assert wrong.stdout.startswith("--set:1:26: error S121: ")
    doubtful = sim("check", file, "--set", "corridors.caspian.minimum_days=4000", "--plain")
    assert doubtful.stdout.startswith("--set:1:32: warning S210: ")
    told = json.loads(sim("check", file, "--json").stdout)
    assert (told["errors"], told["warnings"]) == ([], [])
    assert told["valid"][0]["question"].endswith("?")


def test_check_tells_valid_files_and_all_problems(sim, file):
    """All files are checked, whatever is wrong with the first."""
    result = sim("check", "nothing.yaml", file)
    assert result.exit_code == 3
    assert f"{file}: valid" in result.stdout
    assert "nothing.yaml" in result.stderr
    assert sim("check", file).exit_code == 0


def test_check_tells_refusals_and_errors_of_every_file(sim, file):
    """A file above a limit does not hide what is wrong with the others, in words and as data."""
    long, wrong = Path("long.yaml"), Path("wrong.yaml")
    horizon = {**SCENARIO["horizon"], "end": "2123-12-31"}
    long.write_text(json.dumps({**SCENARIO, "horizon": horizon}))
    wrong.write_text("question: What if?\n")
    result = sim("check", long, wrong, file)
    assert (result.exit_code, "S182" in result.stderr, "S105" in result.stderr) == (3, True, True)
    assert f"{file}: valid" in result.stdout
    told = json.loads(sim("check", long, file, "--json").stdout)
    assert [problem["code"] for problem in told["errors"]] == ["S182"]
    assert [valid["file"] for valid in told["valid"]] == [str(file)]
    assert sim("check", long, file).exit_code == 4


def test_strict_calls_no_doubtful_file_valid(sim, file):
    """A file that is refused for a warning is not called valid before."""
    doubtful = ("--set", "corridors.caspian.minimum_days=4000", "--strict")
    assert sim("check", file, *doubtful).stdout == ""


def test_a_scenario_from_a_panel_names_its_years(sim, tmp_path):
    """With a panel the numbers of the pair are those it knew; a panel needs a pair."""
    rows = ["year,exporter,importer,usd_million"]
    rows += [f"{year},IRN,RUS,{100 + year % 7}" for year in range(2000, 2012)]
    (tmp_path / "trade.csv").write_text("\n".join(rows) + "\n")
    alone = sim("init", "mine", "--panel", tmp_path)
    assert (alone.exit_code, "--pair" in alone.stderr) == (2, True)
    options = ("--pair", "IRN", "RUS", "--year", 2010, "--panel", tmp_path)
    assert sim("init", "mine", *options).exit_code == 0
    told = sim("show", "mine.yaml", "exports.IRN.last_usd_million").stdout
    assert "100" in told
    assert "trade, 2009" in told
    assert sim("check", "--strict", "mine.yaml").exit_code == 0
    missing = sim("init", "other", "--pair", "IRN", "BLR", "--panel", tmp_path)
    assert (missing.exit_code, "S192" in missing.stderr) == (3, True)
