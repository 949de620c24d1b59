"""What files may write in several ways."""

from datetime import date
from pathlib import Path

import pytest

from simulator.errors import ScenarioError
from simulator.scenario.overriding import override
from simulator.scenario.reading import load, read

MINIMAL = Path(__file__).parents[1] / "scenarios" / "minimal.yaml"
TEXT = MINIMAL.read_text(encoding="utf-8")


@pytest.fixture
def child(tmp_path):
    """Writes a file that extends a copy of a scenario."""

    def write(body, parent=TEXT):
        (tmp_path / "parent.yaml").write_text(parent, encoding="utf-8")
        file = tmp_path / "child.yaml"
        file.write_text(f"question: What if?\nextends: parent.yaml\n{body}", encoding="utf-8")
        return file

    return write


def iranian():
    """The minimal scenario between Iran and Belarus."""
    return TEXT.replace("AAA", "IRN").replace("AAB", "BLR")


def spelt_otherwise():
    """The same, with economies by two letters and by name wherever they can stand."""
    return TEXT.replace("economy: AAA", "economy: iran").replace("AAA", "IR").replace("AAB", "BY")


def test_an_economy_may_stand_by_another_code_or_its_name(tmp_path):
    """The scenario is the same, and every other spelling is told at its line."""
    (tmp_path / "given.yaml").write_text(spelt_otherwise(), encoding="utf-8")
    (tmp_path / "plain.yaml").write_text(iranian(), encoding="utf-8")
    reading = read(tmp_path / "given.yaml")
    scenario, notes = reading.scenario, reading.warnings
    assert scenario == load(tmp_path / "plain.yaml")
    lines = spelt_otherwise().split("\n")
    assert {note.code for note in notes} == {"S206"}
    assert [lines[note.line - 1].strip() for note in notes] == [
        "IR:",
        "BY:",
        "economy: iran",
        "economy: BY",
        "IR:",
        "BY:",
    ]


def test_paths_know_economies_by_every_spelling(child):
    """Changes, settings and effects reach the same number under any code of its economy."""
    effects = {"dearer": {"path": "exports.BY.goods.*.tariff_share", "add": 0.1}}
    file = child("changes:\n  exports.Iran.last_usd_million: 7\n", iranian())
    measure = {"title": "A duty", "at": "2023-06-01", "effects": effects}
    scenario = load(file, {"exports.BY.last_usd_million": 8, "measures.duty": measure})
    assert [scenario.exports[code].last_usd_million.value for code in ("IRN", "BLR")] == [7, 8]
    assert scenario.measures["duty"].effects["dearer"].path == "exports.BLR.goods.*.tariff_share"
    changed = override(load(child("", iranian())), {"exports.IR.last_usd_million": 7})
    assert changed.exports["IRN"].last_usd_million.value == 7


def test_one_economy_under_two_spellings_stands_twice(tmp_path):
    """IR beside IRN is the same key twice, not two economies of which the last one wins."""
    exports = iranian().split("exports:")[1].split("adjustment:")[0]
    again = exports.split("\n  BLR:")[0].replace("IRN", "IR")
    file = tmp_path / "given.yaml"
    file.write_text(iranian().replace("adjustment:", f"{again.strip(chr(10))}\nadjustment:", 1))
    with pytest.raises(ScenarioError) as caught:
        load(file)
    assert "S109" in {problem.code for problem in caught.value.problems}


def test_iranian_dates_are_read_where_a_file_announces_them(child):
    """With calendar: jalali every date of a file is Solar-Hijri, also inside its changes."""
    measure = "{title: A duty, at: 1402-01-01, until: {day: 1402-12-29}, effects: {}}"
    scenario = load(child(f"calendar: jalali\nchanges:\n  measures.duty: {measure}\n"))
    assert scenario.measures["duty"].at.day == date(2023, 3, 21)
    assert scenario.measures["duty"].until.day == date(2024, 3, 19)
    assert scenario.horizon == load(MINIMAL).horizon


def test_a_whole_file_may_be_iranian(tmp_path):
    """The information date and the horizon are dates like any other; years stay Gregorian."""
    file = tmp_path / "given.yaml"
    days = {"2022-12-31": "1401-10-10", "2023-01-01": "1401-10-11", "2024-12-31": "1403-10-11"}
    text = f"{TEXT}calendar: jalali\n"
    for gregorian, jalali in days.items():
        text = text.replace(gregorian, jalali)
    file.write_text(text)
    assert load(file) == load(MINIMAL)


@pytest.mark.parametrize(
    ("day", "calendar", "code"),
    [
        ("1404-02-31", "gregorian", "S132"),
        ("1402-12-30", "jalali", "S131"),
        ("2023-03-21", "jalali", "S131"),
        ("1402-13-01", "gregorian", "S131"),
    ],
)
def test_a_day_of_the_other_calendar_is_refused(child, day, calendar, code):
    """No date is guessed: each must be one of the calendar that its file announces."""
    measure = f"{{title: A duty, at: {day}, effects: {{}}}}"
    with pytest.raises(ScenarioError) as caught:
        load(child(f"calendar: {calendar}\nchanges:\n  measures.duty: {measure}\n"))
    (problem,) = caught.value.problems
    assert (problem.code, problem.line) == (code, 5)
    assert day in problem.message
    assert ("calendar: jalali" in problem.example) == (code == "S132")


def test_a_season_is_gregorian(child):
    """A day of every year has no Iranian form here, because it would move by a day."""
    closing = "  corridors.road.closing: {first: 10-11, last: 12-29}"
    with pytest.raises(ScenarioError, match="a day of every year is Gregorian"):
        load(child(f"calendar: jalali\nchanges:\n{closing}\n"))


def test_a_calendar_is_one_of_two(child):
    """A calendar that nobody keeps is refused at its line."""
    with pytest.raises(ScenarioError) as caught:
        load(child("calendar: julian\n"))
    assert [(p.code, p.line) for p in caught.value.problems] == [("S125", 3)]


AGREEMENT = """\
  agreements.pact:
    title: A pact
    document: agreement
    signing: {median_months: 6, sigma: 0.5}
    signing_share: 0.7
    implemented_share: 1
    phase_in_years: 1
    effects: {}
"""


def test_old_names_are_read_and_told(child):
    """A field that was renamed keeps its meaning under the old name, with a warning each."""
    reading = read(child(f"changes:\n{AGREEMENT}"))
    scenario, notes = reading.scenario, reading.warnings
    signed = scenario.agreements["pact"].signed
    assert (signed.median_months.value, signed.ever_share.value) == (6, 0.7)
    assert [(note.code, note.line) for note in notes] == [("S208", 7), ("S208", 8)]
    changed = load(child(f"changes:\n{AGREEMENT}"), {"agreements.pact.signing_share": 0.2})
    assert changed.agreements["pact"].signed.ever_share.value == 0.2
