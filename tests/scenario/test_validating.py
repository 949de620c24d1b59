"""From pydantic's errors to problems at their places."""

from pathlib import Path

import pytest

from simulator.errors import ScenarioError
from simulator.scenario.reading import load
from simulator.scenario.types import Scenario
from simulator.scenario.validating import _sample

TEXT = (Path(__file__).parents[1] / "scenarios" / "minimal.yaml").read_text(encoding="utf-8")


def problems_after(tmp_path, old, new):
    """The problems of the minimal scenario after one change of its text."""
    assert old in TEXT
    file = tmp_path / "given.yaml"
    file.write_text(TEXT.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        load(file)
    return caught.value.problems


def test_a_misspelt_field_is_one_problem(tmp_path):
    """A required field that is misspelt is told as unknown, not as missing as well."""
    (problem,) = problems_after(tmp_path, "refusal_share", "refusl_share")
    assert (problem.code, problem.suggestion) == ("S104", "refusal_share")
    assert problem.note == "not a field of a channel"


def test_a_look_alike_letter_is_named(tmp_path):
    """A letter of another alphabet in a key is shown for what it is."""
    (problem,) = problems_after(tmp_path, "refusal_share", "refus\u0430l_share")
    assert "contains U+0430 CYRILLIC SMALL LETTER A" in problem.note


def test_a_missing_field_comes_with_a_line_to_paste(tmp_path):
    """A missing field is shown at what it should stand in, with an example."""
    (problem,) = problems_after(tmp_path, "      processing_days: 0\n", "")
    assert problem.field == "settlement.channels.bank.processing_days"
    assert problem.excerpt[0][1].strip() == "bank:"
    assert problem.example.startswith("processing_days: {value:")


def test_every_required_field_has_an_example():
    """There is a line to paste for every field of a scenario."""
    for field in Scenario.model_fields.values():
        assert _sample(field.annotation)


def test_a_law_out_of_order_shows_both_lines(tmp_path):
    """Two numbers that contradict each other are both shown."""
    law = "patience_days:\n    triangular:\n      low: 5\n      mode: 3\n      high: 9"
    (problem,) = problems_after(tmp_path, "patience_days: 365", law)
    assert [text.strip() for _, text in problem.excerpt] == ["low: 5", "mode: 3"]


@pytest.mark.parametrize(
    ("old", "new", "code", "advice"),
    [
        ("calendar: gregorian", "calendar: gregorain", "S125", "gregorian"),
        ("replications: 2", "replications: 1e3", "S111", "1000"),
        ("title: Widgets", "title: 5", "S111", '"5"'),
        ("title: Widgets", "title:", "S111", ""),
        ("name: minimal", "name: ../../etc/x", "S126", ""),
        ("version: 1", "version: 2", "S137", ""),
        ("statistics: [home, abroad]", "statistics: []", "S121", ""),
        ("start: 2023-01-01", "start: 5", "S131", "YYYY-MM-DD"),
        ("attempts: 1", "attempts: 3", "S121", ""),
    ],
)
def test_each_slip_has_a_code_and_advice(tmp_path, old, new, code, advice):
    """A slip is told by its code, with what to write if that is plain."""
    (problem,) = problems_after(tmp_path, old, new)
    assert problem.code == code
    assert advice in (problem.suggestion, problem.example)
    assert TEXT.split("\n")[problem.line - 1].strip() == old
