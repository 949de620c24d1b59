"""What ``sim run --explore`` makes beside the run."""

import json
from pathlib import Path

import pytest

PATIENCE = "settlement.patience_days"
SUPPORT = "relationships.search_support"
USUAL = ("--reps", 20, "--explore", "--slider", f"{PATIENCE}=30..120")


@pytest.fixture(autouse=True)
def small(monkeypatch):
    """Few settings."""
    for name, count in (("INSIDE", 8), ("AT_CORNERS", 2), ("HELD_CORNERS", 1), ("HELD_INSIDE", 5)):
        monkeypatch.setattr(f"simulator.explorations.{name}", count)
    monkeypatch.setattr("simulator.explorations.POINTS", 17)


def test_a_page_lies_beside_the_report(sim, file):
    """Standard output ends with where it is and how far off it is; what was computed is kept."""
    result = sim("run", file, *USUAL)
    assert result.exit_code == 0, result.stderr
    (page,) = Path("results/tiny").glob("*-20/explore.html")
    told = result.stdout.partition("What-if page")[2]
    assert told.split()[0] == str(page)
    assert "settings of 20 runs were fitted; at" in told
    assert result.stderr.startswith("What-if page: about 340 runs, ")
    count = len(sim.calls)
    before = page.stat().st_mtime_ns
    assert sim("run", file, *USUAL).stdout == result.stdout
    assert len(sim.calls) == count, "nothing is computed twice"
    assert page.stat().st_mtime_ns == before


def test_the_run_stays_what_it_was(sim, file):
    """D2: the page changes nothing of what is stored, and the run can still be verified."""
    sim("run", file, "--reps", 20)
    (folder,) = Path("results/tiny").iterdir()
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert sim("run", file, *USUAL).exit_code == 0
    after = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert {path.name for path in after.keys() - before.keys()} == {"explore.html"}
    assert {path: after[path] for path in before} == before
    assert sim("list").exit_code == 0


def test_json_names_the_file_and_its_error(sim, file):
    """A program learns where the page is and whether it may mislead."""
    told = json.loads(sim("run", file, *USUAL, "--json").stdout)
    assert told["schema"] == "sim.run/1"
    assert Path(told["files"]["explore"]).exists()
    assert told["explore"]["sliders"] == [PATIENCE]
    assert told["explore"]["replications"] == 20
    assert 0 <= told["explore"]["typical_error"] <= told["explore"]["largest_error"] < 0.2
    plain = json.loads(sim("run", file, "--reps", 20, "--json").stdout)
    assert "explore" not in plain
    assert "explore" not in plain["files"]


def test_the_command_on_the_page_names_each_number_once(sim, file):
    """What has a slider is left out of the settings that the command repeats."""
    given = ("--set", f"{PATIENCE}=44", "--set", f"{SUPPORT}=1.1", "--set")
    given = (*given, "target.turnover_usd_million=90")
    assert sim("run", file, *USUAL, *given).exit_code == 0
    (page,) = Path("results/tiny").glob("*-20/explore.html")
    command = page.read_text().partition('id="command">')[2].partition("</code>")[0]
    words = command.split()
    assert words.count(f"{SUPPORT}=1.1") == 1
    assert words.count(f"{PATIENCE}=44") == 1
    assert words.count("target.turnover_usd_million=90") == 1
    repeated = page.read_text().rpartition('class="whole">')[2].partition("</code>")[0]
    assert "--explore --slider" in repeated
    again = sim(*words[1:])
    assert again.exit_code == 0, again.stderr


def test_a_stop_keeps_what_is_there_and_goes_on(sim, file):
    """Ctrl-C ends with its code and the command that goes on, which computes only the rest."""
    sim.stop_after(60)
    stopped = sim("run", file, *USUAL)
    assert stopped.exit_code == 130
    assert "--explore --slider" in stopped.stdout
    assert not list(Path("results/tiny").glob("*-20/explore.html"))
    sim.stop_after(10**9)
    assert sim("run", file, *USUAL).exit_code == 0
    assert list(Path("results/tiny").glob("*-20/explore.html"))


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--slider", PATIENCE], 2, "--explore"),
        (["--explore"], 3, "S196"),
        (
            ["--explore", "--slider", "settlement.patients"],
            3,
            "S151]: no such number in the scenario: settlement.patients\n --> --slider",
        ),
        (["--explore", "--slider", PATIENCE], 3, "S152"),
        (["--explore", "--slider", f"{PATIENCE}=9..90", "--slider", PATIENCE], 3, "S156"),
        (["--explore", "--slider", "target.turnover_usd_million=1..9"], 3, "S156"),
    ],
)
def test_what_cannot_be_explored_is_told_before_anything_runs(sim, file, arguments, code, words):
    """Exit codes 2 and 3, a hint, and no replication."""
    result = sim("run", file, *arguments)
    assert result.exit_code == code
    assert words in result.stderr
    assert sim.calls == []


def test_failed_replications_leave_no_page(sim, file):
    """Settings cannot be paired with what is not there."""
    sim.fail(3)
    result = sim("run", file, *USUAL)
    assert result.exit_code == 5
    assert "What-if page" not in result.stdout
