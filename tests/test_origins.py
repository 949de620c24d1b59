"""Origins: lines of files and the command, without the folders of a person."""

import json
import shutil
from pathlib import Path

import pytest

from simulator.errors import EnvironmentFaultError
from simulator.origins import Origins, command_for_others, keep, kept, origins, shared
from simulator.scenario.reading import read

SCENARIOS = Path(__file__).parents[1] / "scenarios"


def test_a_value_stands_in_the_line_that_is_named(tmp_path):
    """The line of a file that sets a lever holds its name, also where another file extends it."""
    for name in ("iran-belarus-2023.yaml", "iran-belarus-observed.csv"):
        shutil.copy(SCENARIOS / name, tmp_path)
    path = "settlement.channels.clearing.clearing.credit_limit_usd_million"
    file = tmp_path / "more.yaml"
    file.write_text(
        f"question: What if?\nextends: iran-belarus-2023.yaml\nchanges:\n  {path}: 20\n"
    )
    found = origins(read(file, {"settlement.patience_days": 30}), str(file))
    assert found.places[path] == "more.yaml:4"
    assert found.places["settlement.patience_days"] == "--set"
    name, _, line = found.places["target.turnover_usd_million"].partition(":")
    text = (tmp_path / name).read_text().splitlines()
    assert text[int(line) - 1].strip() == "turnover_usd_million:"


def test_no_folder_of_a_person_is_told():
    """D12: of files that lie elsewhere only the name is kept."""
    assert shared("/home/somebody/secret/x.yaml") == "x.yaml"
    assert shared("../../y.yaml") == "y.yaml"
    assert shared("scenarios/z.yaml") == "scenarios/z.yaml"
    told = command_for_others("sim run '/home/a b/x.yaml' --set p=1..4 --override late")
    assert told == "sim run x.yaml --set p=1..4 --override late"


def test_origins_are_written_once(tmp_path):
    """What stands beside a run stays; a run without origins has empty ones."""
    assert kept(tmp_path) == Origins()
    first = Origins("x.yaml", {"a.b": "x.yaml:3"})
    keep(first, tmp_path)
    keep(Origins("y.yaml"), tmp_path)
    assert kept(tmp_path) == first


def test_origins_of_another_version_are_refused(tmp_path):
    """A file that says something else is an error with its name, not a traceback."""
    path = tmp_path / "origins.json"
    for text in (json.dumps({"schema": "sim.origins/9"}), "{", "[]"):
        path.write_text(text)
        with pytest.raises(EnvironmentFaultError, match=r"origins\.json"):
            kept(tmp_path)
