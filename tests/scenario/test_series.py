"""Published figures from a CSV file."""

from pathlib import Path

import pytest

from simulator.errors import ScenarioError
from simulator.scenario.reading import load
from simulator.scenario.series import HEADER, series
from simulator.scenario.trees import Source

TEXT = (Path(__file__).parents[1] / "scenarios" / "minimal.yaml").read_text(encoding="utf-8")
HEAD = ",".join(HEADER)
FIGURES = f'{HEAD}\nhome,2021,95.5,a yearbook\nhome,2022,100,"a yearbook, revised"\n'


@pytest.fixture
def file(tmp_path):
    """Writes a scenario whose history stands in a file beside it."""

    def write(figures, name="observed.csv"):
        if isinstance(figures, str):
            figures = figures.encode()
        (tmp_path / "observed.csv").write_bytes(figures)
        path = tmp_path / "given.yaml"
        path.write_text(f"{TEXT}history: {name}\n", encoding="utf-8")
        return path

    return write


def problem_of(path):
    """The only problem of a file."""
    with pytest.raises(ScenarioError) as caught:
        load(path)
    (problem,) = caught.value.problems
    return problem


@pytest.mark.parametrize("change", [str, lambda t: t.replace("\n", "\r\n"), lambda t: "\ufeff" + t])
def test_figures_are_read_by_office_and_year(file, change):
    """Line ends of other systems and a byte order mark change nothing."""
    assert load(file(change(FIGURES))).history == {"home": {"2021": 95.5, "2022": 100}}


def test_a_figure_from_the_future_is_told_at_its_row(file):
    """What was not known at the information date is refused where it stands in the table."""
    problem = problem_of(file(f"{FIGURES}home,2030,120,a forecast\n"))
    assert (problem.code, problem.line) == ("S142", 4)
    assert problem.file.endswith("observed.csv")
    assert problem.included_by[0].endswith(f"given.yaml:{len(TEXT.splitlines()) + 1}")


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("home;2021;95;x", "separated by ;"),
        ("home", "expected 4 columns, found 1"),
        ("home,2021,95,5,x", "a decimal comma?"),
        ("home,21,95,x", "year: expected a year such as 2021"),
        ("home,2021,n/a,x", "expected a number"),
        ("home,2021,,x", "expected a number"),
        ("home,2021,.nan,x", "must be a finite number"),
        ("home,2021,-5,x", "0 or more"),
        ("home,2022,95,x\nhome,2022,96,x", "stands twice"),
    ],
)
def test_a_wrong_row_is_named(file, row, words):
    """A row that cannot be read is shown with what is wrong in it; nothing is guessed."""
    problem = problem_of(file(f"{HEAD}\n{row}\n"))
    assert problem.code == "S173"
    assert problem.line == 1 + len(row.splitlines())
    assert words in problem.message


@pytest.mark.parametrize(
    ("head", "words"),
    [
        ("statistics;year;turnover_usd_million;source", "separated by ;"),
        ("office,year,value", "not those of a series"),
        ("", "not those of a series"),
    ],
)
def test_a_table_of_other_columns_is_refused(file, head, words):
    """A file with other columns is one problem in its first line, with the line to write."""
    problem = problem_of(file(f"{head}\nhome,2021,95,x\n"))
    assert (problem.code, problem.line, problem.example) == ("S172", 1, HEAD)
    assert words in problem.message


@pytest.mark.parametrize("name", ["observed.csv.gz", "observed.pkl", "observed.npy", "x.parquet"])
def test_only_text_tables_are_read(file, name):
    """Files that could hide their size or run code are never opened."""
    problem = problem_of(file(FIGURES, name))
    assert (problem.code, problem.example) == ("S161", "history: observed.csv")


@pytest.mark.parametrize("name", ["../../observed.csv", "/etc/observed.csv"])
def test_tables_lie_beside_the_scenario(file, name):
    """A table outside the folders of the scenario is not read."""
    assert problem_of(file(FIGURES, name)).code == "S161"


def test_a_file_of_another_kind_is_told_by_five_rows():
    """A table that is wrong in every row does not scroll everything else away."""
    source = Source("x.csv", (HEAD, *["nonsense"] * 50))
    assert len(series(source)[1]) == 5
