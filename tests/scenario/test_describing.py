"""Values in words, with their origins."""

from pathlib import Path

import pytest

from simulator.errors import ScenarioError
from simulator.scenario.describing import (
    COLUMNS,
    entries,
    former_words,
    law_words,
    selected,
    tabbed,
    told,
    unit,
)
from simulator.scenario.quantities import Quantity
from simulator.scenario.reading import layered, load
from simulator.scenario.types import quantities

ROOT = Path(__file__).parents[2] / "scenarios"
PAPER = ROOT / "paper-only.yaml"


def described(file, changes=None):
    """The entries of a file by path."""
    found = entries(load(file, changes), layered(file, changes).tree)
    return {entry.path: entry for entry in found}


def test_every_number_has_a_kind_and_the_line_that_states_it():
    """Each number of a shipped scenario says who decides it, and its text stands at its line."""
    found = described(PAPER)
    numbers = dict(quantities(load(PAPER)))
    assert set(numbers) <= set(found)
    texts = {}
    for path in numbers:
        entry = found[path]
        assert entry.kind in ("lever", "uncertainty", "constant")
        if entry.file:
            lines = texts.setdefault(entry.file, Path(entry.file).read_text().splitlines())
            assert path.rpartition(".")[2] in lines[entry.line - 1], path


def test_a_change_shows_its_own_line_and_what_was_before():
    """The line is that of the file that set the value last; a lever stays a lever."""
    entry = described(PAPER)["agreements.roadmap.implemented_share"]
    assert (entry.value, entry.was, entry.kind) == ("0", "beta 3, 3", "lever")
    assert Path(entry.file).name == "paper-only.yaml"
    line = PAPER.read_text().splitlines()[entry.line - 1]
    assert line.strip() == "agreements.roadmap.implemented_share: 0"


def test_what_no_file_states_has_no_place():
    """A default is shown as such, a setting by the option that gave it, a bare day at its line."""
    found = described(PAPER, {"settlement.default_share": 0.01})
    assert found["settlement.default_share"].file == "--set"
    assert found["agreements.roadmap.signed.day"].line > 0
    assert not found["replications"].was
    assert "not stated: the default" in told([found["corridors.road_az.closed"]])


def test_units_are_what_names_say():
    """The end of a name is its unit; a pure number has none."""
    names = ("credit_limit_usd_million", "order_cost_usd", "minimum_days", "rate", "slots")
    assert [unit(name) for name in names] == ["USD million", "USD", "days", "a year", ""]


@pytest.mark.parametrize(
    ("law", "words"),
    [
        ({"value": 5}, "5"),
        ({"uniform": {"low": 0.0, "high": 2.0}}, "uniform 0 to 2"),
        ({"triangular": {"low": 0.0, "mode": 1.0, "high": 2.0}}, "triangular 0, 1, 2"),
        (
            {"normal": {"mean": 0.0, "sd": 1.0, "low": -2.0, "high": 2.0}},
            "normal 0 (sd 1), -2 to 2",
        ),
        ({"lognormal": {"median": 5.0, "sigma": 0.6}}, "lognormal, median 5, sigma 0.6"),
        ({"beta": {"a": 2.0, "b": 8.0}}, "beta 2, 8"),
        ({"beta": {"a": 2.0, "b": 8.0, "low": 1.0, "high": 3.0}}, "beta 2, 8, 1 to 3"),
        ({"discrete": {"values": (0.0, 1.0), "weights": (3.0, 1.0)}}, "one of 0 (75%), 1 (25%)"),
    ],
)
def test_a_law_is_told_with_its_parameters(law, words):
    """Every law has its words."""
    assert law_words(Quantity.model_validate(law)) == words


def test_former_values_are_told_from_their_plain_form():
    """Nothing, a number, a day, a text and a block each have words."""
    before = (None, {"value": 3.0}, {"day": "2023-03-13"}, "2026-12-31", {"title": "x"})
    assert list(map(former_words, before)) == ["absent", "3", "2023-03-13", "2026-12-31", "a block"]


def test_a_path_selects_what_stands_below_it():
    """A part of a scenario can be looked at alone; a slip is answered with the nearest path."""
    found = list(described(PAPER).values())
    kept = selected(found, "settlement.channels.*.fee_share")
    assert len(kept) == 4
    assert len(selected(found, "corridors.road_az")) > 5
    with pytest.raises(ScenarioError) as caught:
        selected(found, "corridor.road_az")
    assert caught.value.problems[0].suggestion == "corridors.road_az"


def test_the_plain_form_is_a_table():
    """One line an entry, the same number of columns in each, a head above them."""
    found = list(described(PAPER).values())
    lines = [line.split("\t") for line in tabbed(found).split("\n")]
    assert lines[0] == list(COLUMNS)
    assert {len(line) for line in lines} == {len(COLUMNS)}
    assert len(lines) == len(found) + 1
    assert all(len(line) <= 90 for line in told(found).split("\n") if "http" not in line)
