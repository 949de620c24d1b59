"""Commands that ask what would have to be true."""

import json
from pathlib import Path

import pytest

TARGET, PATIENCE = "target.turnover_usd_million", "settlement.patience_days"
USUAL = ("--reps", 20, "--workers", 1)


def test_a_lever_is_asked_for_and_stored(sim, file):
    """The answer comes first; every setting is an ordinary run, and a figure lies beside them."""
    result = sim("need", file, "--probability", 0.8, "--vary", f"{TARGET}=20..150", *USUAL)
    assert result.exit_code == 0, result.stderr
    assert result.stdout.startswith(f"A chance of 0.8 needs {TARGET} to fall from 100 to ")
    (folder,) = Path("results/tiny").glob("need-*")
    assert (folder / "plots" / "chance.svg").exists()
    assert 15 < len(list(Path("results/tiny").glob("*-20"))) < 40
    assert result.stderr == ""


def test_nothing_is_computed_twice(sim, file):
    """The same question once more is read from the store."""
    options = ("need", file, "--probability", 0.8, "--vary", f"{TARGET}=20..150", *USUAL)
    first = sim(*options)
    calls = len(sim.calls)
    assert sim(*options).stdout == first.stdout
    assert len(sim.calls) == calls


def test_a_mix_and_a_date_as_json(sim, file):
    """One schema; costs are those of the command line."""
    vary = ("--vary", f"{TARGET}=20..150", "--vary", f"{PATIENCE}=10..90")
    costs = ("--cost", f"{TARGET}=2", "--cost", f"{PATIENCE}=1")
    result = sim("need", file, "--probability", 0.8, *vary, *costs, *USUAL, "--json")
    data = json.loads(result.stdout)
    assert (data["schema"], data["kind"]) == ("sim.need/1", "mix")
    assert [one["cost"] for one in data["moved"]] == [2, 1]
    assert data["moved"][0]["value"] < 100
    assert data["fresh"]["of"] == 20
    result = sim("need", file, "--probability", 0.5, "--target-date", *USUAL, "--json")
    data = json.loads(result.stdout)
    assert data["kind"] == "date"
    assert [year["year"] for year in data["years"]] == [2023, 2024, 2025, 2026]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--probability", "0.8"], 2, "exactly one of --vary and --target-date"),
        (["--probability", "0.8", "--vary", PATIENCE, "--target-date"], 2, "exactly one"),
        (["--probability", "1.2", "--vary", PATIENCE], 3, "between 0 and 1"),
        (["--probability", "nan", "--vary", PATIENCE], 3, "between 0 and 1"),
        (["--probability", "0.8", "--vary", TARGET], 3, "nothing says how far"),
        (["--probability", "0.8", "--vary", "no.such=1..2"], 3, "S151"),
        (["--probability", "0.8", "--vary", f"{PATIENCE}=9..1"], 3, "S152"),
        (["--probability", "0.8", "--vary", f"{PATIENCE}=1..2", "--cost", "x=1"], 3, "not varied"),
        (["--probability", "0.8", *["--vary", f"{PATIENCE}=1..2"] * 2], 3, "S156"),
        (["--vary", PATIENCE], 2, "--probability"),
    ],
)
def test_mistakes_end_in_a_message(sim, file, arguments, code, words):
    """Before anything is computed."""
    result = sim("need", file, *arguments)
    assert result.exit_code == code, result.output
    assert words in result.stderr.replace("\n", " ")
    assert "Traceback" not in result.output
    assert sim.calls == []


def test_what_is_stopped_names_how_it_goes_on(sim, file):
    """F01: the command that is named holds every option, and goes on to the same answer."""
    options = ("need", file, "--probability", 0.8, "--vary", f"{TARGET}=20..150", *USUAL)
    options = (*options, "--out", "elsewhere")
    sim.stop_after(100)
    result = sim(*options)
    assert result.exit_code == 130
    continued = result.stdout.splitlines()[-1].split()[1:]
    sim.stop_after(10**9)
    again = sim(*continued[1:], "--workers", 1)
    assert again.exit_code == 0, again.stderr
    assert again.stdout.startswith("A chance of 0.8 needs")


def test_failures_of_a_setting_end_the_search(sim, file):
    """F08: what is not complete is not compared; exit code 5."""
    sim.fail(3)
    result = sim("need", file, "--probability", 0.8, "--vary", f"{TARGET}=20..150", *USUAL)
    assert result.exit_code == 5
    assert "the first is 3: ZeroDivisionError" in result.stderr


def test_rules_are_found_in_a_stored_run(sim, file):
    """Of a run without drawn inputs there are none, in words and as data."""
    run = sim("run", file, "--reps", 120, "-q").stdout.strip()
    result = sim("find", run)
    assert result.exit_code == 0, result.stderr
    assert result.stdout.startswith("No rule holds: no input differs")
    data = json.loads(sim("find", run, "--json").stdout)
    assert data["schema"] == "sim.find/1"
    assert [side["rules"] for side in data["sides"]] == [[], []]


def test_rules_are_found_in_a_stored_sweep(sim, file):
    """The setting that decides is named."""
    told = sim("sweep", file, "--vary", f"{TARGET}=40,160", "--reps", 120, "--workers", 1, "--json")
    folder = json.loads(told.stdout)["files"]["folder"]
    result = sim("find", folder)
    assert result.exit_code == 0, result.stderr
    assert result.stdout.startswith(f"Where {TARGET} is at least 100, the target is missed in")
    assert f"{TARGET} is at most 100\n" in result.stdout


@pytest.mark.parametrize(("reps", "name"), [(20, None), (None, "nothing")])
def test_what_cannot_be_searched_is_told(sim, file, reps, name):
    """Too few replications, or no such run."""
    if name is None:
        name = sim("run", file, "--reps", reps, "-q").stdout.strip()
    result = sim("find", name)
    assert result.exit_code in (3, 6)
    assert "error" in result.stderr
    assert "Traceback" not in result.output
