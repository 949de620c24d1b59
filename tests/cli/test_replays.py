"""The command that tells of one replication."""

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from runs_for_tests import SCENARIO

from simulator import storage
from simulator.replication import replicate
from simulator.runs import Run
from simulator.scenario.reading import load


@pytest.fixture
def short(tmp_path):
    """A scenario of a single year."""
    path = tmp_path / "short.yaml"
    horizon = {"start": "2023-01-01", "end": "2023-12-31", "warm_up_days": 90}
    target = SCENARIO["target"] | {"statistics": ["belarus"]}
    path.write_text(json.dumps(SCENARIO | {"name": "short", "horizon": horizon, "target": target}))
    return path


@pytest.fixture
def stored(sim, short):
    """The folder of a real run of it; ``sim`` has changed to the folder where the results are."""
    assert sim
    scenario = load(short)
    run = Run(scenario, 5, 3, replicate(scenario, 5, range(3)).tables)
    return storage.keep(run, Path("results"))


def test_a_run_is_found_by_its_folder_and_by_its_id(sim, stored, short):
    """Both name the run, and the scenario with the seed of the run tells the same."""
    by_folder = sim("replay", stored, "--replication", 1)
    by_id = sim("replay", stored.name, "--replication", 1)
    by_file = sim("replay", short, "--seed", 5, "--replication", 1)
    assert by_folder.exit_code == by_id.exit_code == by_file.exit_code == 0
    story = by_folder.stdout.partition("Follow one order")[0]
    assert story.startswith("Replication 1 of short, seed 5\n")
    assert story == by_id.stdout.partition("Follow one order")[0]
    assert story == by_file.stdout.partition("Follow one order")[0]


def test_deliveries_are_those_of_the_run(sim, stored):
    """The replay has what the tables of the run have."""
    rows = pq.read_table(stored / "replications.parquet").to_pylist()
    for row in rows:
        told = sim("replay", stored, "--replication", row["replication"], "--json").stdout
        assert json.loads(told)["delivered_usd_million"] == row["delivered_cents"] / 1e8


def test_the_printed_command_tells_the_order(sim, short):
    """What the story ends with can be typed."""
    changes = ("--set", "settlement.patience_days=5", "--seed", 5)
    result = sim("replay", short, *changes, "--replication", 0)
    command = " ".join(result.stdout.partition("Follow one order")[2].split())
    words = command.split()[1:]
    assert "settlement.patience_days=5" in words
    told = sim(*words)
    assert told.exit_code == 0
    assert told.stdout.startswith(f"Order {words[-1]} of replication 0 of short")


def test_json_is_one_object_with_a_schema(sim, short):
    """A program gets the facts, an order's events, or the difference."""
    one = ("replay", short, "--replication", 0, "--json")
    facts = json.loads(sim(*one).stdout)
    assert facts["schema"] == "sim.replay/1"
    order = json.loads(sim(*one, "--order", 3).stdout)
    assert order["orders"] == facts["orders"]
    assert {row["order"] for row in order["events"]} == {3}
    other = json.loads(sim(*one, "--against", short).stdout)
    assert other["schema"] == "sim.replay/1"
    assert other["differing_orders"] == 0


def test_two_scenarios_part(sim, short, stored):
    """A file beside a run has its seed; a changed one parts from it."""
    same = sim("replay", stored, "--against", short, "--replication", 0)
    assert "No difference" in same.stdout
    changes = ("--set", "settlement.patience_days=2", "--seed", 5)
    told = sim("replay", short, *changes, "--replication", 0, "--against", stored.name)
    assert told.exit_code == 0
    assert "settlement.patience_days: in A 2, in B 60" in told.stdout
    assert "The first difference" in told.stdout


def test_events_are_written(sim, short):
    """The table goes to a file, and the story to standard output as before."""
    plain = sim("replay", short, "--replication", 0)
    told = sim("replay", short, "--replication", 0, "--parquet", "events.parquet")
    assert told.stdout == plain.stdout
    table = pq.read_table("events.parquet")
    assert f"events.parquet: {table.num_rows} events" in told.stderr
    away = sim("replay", short, "--replication", 0, "--parquet", "no/such/folder")
    assert away.exit_code == 6


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--replication", "-1"], "from 0 to 2147483647"),
        (["--replication", "2147483648"], "from 0 to 2147483647"),
        (["--replication", "0", "--order", "-1"], "from 0 to "),
        (["--replication", "0", "--order", "10000000"], "from 0 to "),
        (["--replication", "0", "--order", "0", "--against", "x"], "--against"),
        ([], "--replication"),
    ],
)
def test_a_number_that_is_not_there_is_told_with_the_range(sim, short, arguments, words):
    """A wrong number is a mistake of the command line."""
    result = sim("replay", short, *arguments)
    assert result.exit_code == 2
    assert words in result.stderr


@pytest.mark.parametrize("option", [["--set", "a=1"], ["--override", "x"], ["--seed", "5"]])
def test_a_run_is_what_it_is(sim, stored, option):
    """A stored run cannot be replayed as something else."""
    result = sim("replay", stored, "--replication", 0, *option)
    assert result.exit_code == 2
    assert option[0] in result.stderr


def test_other_seeds_are_not_compared(sim, stored, short):
    """Runs of different seeds have different draws: their difference would say nothing."""
    result = sim("replay", short, "--seed", 6, "--replication", 0, "--against", stored)
    assert result.exit_code == 2
    assert "its seed is 5, not 6" in result.stderr


def test_a_run_of_another_model_is_not_told_as_its_own(sim, file):
    """Deliveries that are not those of the run end in a refusal: the run was made otherwise."""
    sim("run", file, "--reps", 60)
    (folder,) = Path("results/tiny").iterdir()
    result = sim("replay", folder, "--replication", 0)
    assert result.exit_code == 7
    assert "another version made the run" in result.stderr


def test_what_is_not_there_is_told(sim):
    """A name without an ending is a run, one with that of a scenario is a file."""
    assert sim("replay", "nothing.yaml", "--replication", 0).exit_code == 3
    result = sim("replay", "nothing", "--replication", 0)
    assert result.exit_code == 6
    assert "nothing" in result.stderr
