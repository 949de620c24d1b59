"""Observed: what a series may hold for a scenario, and what is told of a row that may not stand."""

import pytest
from series_for_tests import HEADER, uncertain, written

from simulator.errors import ScenarioError
from simulator.evidence.observed import observed


@pytest.fixture(scope="module")
def asked():
    """A scenario that knows 2025, with the base year 2022."""
    return uncertain()


def problems(scenario, file):
    """Code and line of everything that is wrong with a file."""
    with pytest.raises(ScenarioError) as caught:
        observed(scenario, file)
    return [(problem.code, problem.line) for problem in caught.value.problems]


def test_rows_stand_in_the_order_of_years(asked, tmp_path):
    """Whatever the order of the file, with its name."""
    file = written(
        tmp_path / "a.csv", [("home", 2020, 90), ("abroad", 2012, 70), ("home", 2012, 8)]
    )
    found = observed(asked, file)
    assert found.origin == "a.csv"
    assert list(found.turnover.items()) == [
        (("abroad", 2012), 70.0),
        (("home", 2012), 8.0),
        (("home", 2020), 90.0),
    ]


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([("home", 2012, 9), ("hom", 2013, 9)], [("S153", 3)]),
        ([("home", 2025, 9), ("home", 2026, 9)], [("S142", 3)]),
        ([("abroad", 2025, 9)], [("S173", 2)]),
        ([("home", 1900, 9)], [("S173", 2)]),
        ([("home", 2012, 0)], [("S173", 2)]),
        ([("home", 2012, "nan")], [("S173", 2)]),
        ([("home", 2012, "")], [("S173", 2)]),
        ([("home", 2012, 9), ("home", 2012, 8)], [("S173", 3)]),
        ([], [("S173", None)]),
    ],
    ids=["office", "later", "part", "ancient", "zero", "nan", "missing", "twice", "empty"],
)
def test_a_row_that_may_not_stand_is_named(asked, tmp_path, rows, told):
    """Each fault has its code, and the line on which it stands."""
    assert problems(asked, written(tmp_path / "bad.csv", rows)) == told


def test_every_wrong_row_is_told_at_once_in_the_order_of_the_file(asked, tmp_path):
    """Nobody has to run again to see the next one."""
    file = written(tmp_path / "bad.csv", [("x", 2012, 9), ("home", 2012, 0), ("y", 2013, 9)])
    assert problems(asked, file) == [("S153", 2), ("S173", 3), ("S153", 4)]


def test_a_year_counts_as_known_when_it_was_over(tmp_path):
    """On the last day of a year its turnover is not known, on the next day it is."""
    file = written(tmp_path / "a.csv", [("home", 2022, 90)])
    assert observed(uncertain({"information_date": "2023-01-01"}), file).turnover
    day_before = uncertain({"information_date": "2022-12-31"})
    assert problems(day_before, file) == [("S142", 2)]
    iranian = written(tmp_path / "b.csv", [("abroad", 2022, 90)])
    assert problems(uncertain({"information_date": "2023-03-20"}), iranian) == [("S142", 2)]
    assert observed(uncertain({"information_date": "2023-03-21"}), iranian).turnover


def test_a_file_of_another_form_is_refused(asked, tmp_path):
    """Missing columns and a missing file have codes of their own."""
    file = tmp_path / "bad.csv"
    file.write_text("year,turnover\n2020,9\n")
    assert [code for code, _ in problems(asked, file)] == ["S172"]
    assert [code for code, _ in problems(asked, tmp_path / "none.csv")] == ["S101"]
    file.write_text(f"{HEADER}\nhome,2020,9\n")
    assert problems(asked, file) == [("S173", 2)]
