"""Values in words, with their origins."""

from pathlib import Path

import pytest

from simulator.errors import ScenarioError
from simulator.scenario.describing import (
    COLUMNS,
    between,
    differences,
    entries,
    law_words,
    selected,
    tabbed,
    told,
)
from simulator.scenario.overriding import override
from simulator.scenario.quantities import Quantity
from simulator.scenario.reading import load, read
from simulator.scenario.types import quantities

ROOT = Path(__file__).parents[2] / "scenarios"
SEED = ROOT / "iran-belarus-2023.yaml"
PAPER = ROOT / "paper-only.yaml"


def described(file, changes=None):
    """The entries of a file by path."""
    reading = read(file, changes)
    return {entry.path: entry for entry in entries(reading.scenario, reading.tree)}


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


def told_of(changes):
    """What is told of changes of the seed case, by path: the value and what was before."""
    found = differences(load(SEED, changes))
    return {difference.path: (difference.value, difference.was) for difference in found}


def test_a_difference_is_a_value_with_what_was_before():
    """Numbers and words are told by their values, and moments as one thing each."""
    told = told_of(
        {
            "settlement.default_share": 0.5,
            "agreements.roadmap.signed": {"median_months": 6, "sigma": 0.5},
            "title": "Another title is no supposition",
        }
    )
    assert told["settlement.default_share"][0] == "0.5"
    assert told["agreements.roadmap.signed"] == (
        "after 6 months",
        "2023-03-13",
    )
    assert len(told) == 2


def test_a_block_that_changes_in_part_is_told_by_what_differs():
    """Replacing a block by nearly the same one tells only the values that are other ones."""
    sanction = load(SEED).sanctions["us_belarus_potash"]
    given = {**sanction.model_dump(exclude_none=True), "_replace_": True, "fade_years": 9}
    told = told_of({"sanctions.us_belarus_potash": given})
    assert list(told) == ["sanctions.us_belarus_potash.fade_years"]


def test_a_new_block_is_told_by_its_title_and_its_levers():
    """What is ours to choose in a new block is told; what is taken out is told by its title."""
    path = "settlement.default_share"
    effect = {"path": path, "multiply": {"value": 0.5, "kind": "lever"}}
    reform = {"title": "A reform", "at": "2024-01-01", "effects": {"less": effect}}
    told = told_of({"measures.reform": reform, "agreements.culture": None})
    assert told == {
        "measures.reform": ("A reform", "absent"),
        "measures.reform.effects.less.multiply": ("0.5", "absent"),
        "agreements.culture": ("absent", load(SEED).agreements["culture"].title),
    }


def test_what_was_before_is_shown_at_each_value():
    """A value in a block that was replaced shows its own former value, not that of the block."""
    whole = load(SEED).settlement.model_dump(exclude_none=True)
    found = described(SEED, {"settlement": {**whole, "_replace_": True, "payment_days": 9}})
    assert [path for path, entry in found.items() if entry.was] == ["settlement.payment_days"]


def test_a_number_knows_what_will_change_it():
    """The effects that act on a number in a run stand beside it, by the paths of the effects."""
    found = described(SEED)
    entry = found["settlement.channels.national_currency.refusal_share"]
    assert "agreements.trade.effects.refused" in entry.changed_by.split(", ")
    assert "in a run changed by" in told([entry])
    assert found["settlement.payment_days"].changed_by == ""


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


def test_two_scenarios_differ_where_they_do():
    """Each value that differs stands once, a block that only one has stands whole."""
    flagship = load(SEED)
    assert list(between(flagship, flagship)) == []
    changes = {"settlement.patience_days": 5, "target.turnover_usd_million": 200}
    found = {d.path: (d.was, d.value) for d in between(flagship, override(flagship, changes))}
    assert found == {
        "settlement.patience_days": ("lognormal, median 90, sigma 0.5", "5"),
        "target.turnover_usd_million": ("100", "200"),
    }
    without = override(flagship, {"agreements.eaeu_free_trade": None})
    (gone,) = between(flagship, without)
    assert (gone.path, gone.value) == ("agreements.eaeu_free_trade", "absent")
