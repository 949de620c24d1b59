"""New scenarios."""

import re

import pytest

from simulator.errors import ScenarioError
from simulator.replication import replicate
from simulator.scenario.reading import read
from simulator.scenario.starting import started


@pytest.fixture
def new(tmp_path):
    """The scenario that a new file gives, and its warnings."""

    def make(pair=None, year=2023, name="new"):
        file = tmp_path / f"{name}.yaml"
        file.write_text(started(name, pair, year), encoding="utf-8")
        return read(file)

    return make


@pytest.mark.parametrize("pair", [None, ("IRN", "RUS"), ("Belarus", "ve"), ("North Korea", "SYR")])
@pytest.mark.parametrize("year", [1995, 2023, 2031])
def test_a_new_scenario_is_valid_without_a_warning(new, pair, year):
    """For any two economies and any year the text is a scenario that nobody needs to mend."""
    reading = new(pair, year)
    scenario = reading.scenario
    assert reading.warnings == ()
    assert (scenario.target.year, scenario.base.year) == (year, year - 1)


def test_a_new_scenario_speaks_of_its_economies(new):
    """Names, codes, currencies and calendars are those of the two."""
    scenario = new(("Iran", "RU")).scenario
    assert list(scenario.economies) == ["IRN", "RUS"]
    assert scenario.question.startswith("Will trade between Iran and Russia reach")
    currencies = [e.exchange_rate.currency for e in scenario.economies.values()]
    assert currencies == ["IRR", "RUB"]
    assert [office.calendar for office in scenario.statistics.values()] == ["jalali", "gregorian"]


def test_a_new_scenario_runs_as_it_is(new):
    """Trade flows both ways in a scenario that nobody has touched."""
    scenario = new(("IRN", "RUS")).scenario
    table = replicate(scenario, 1, range(3)).tables["years"]
    reported = table["reported_usd"].to_pylist()
    assert min(reported) > 0


def test_a_new_scenario_explains_itself():
    """Every block has a comment above it; every number says where it is from, most are assumed."""
    text = started("new", None, 2023)
    lines = text.splitlines()
    numbers = [line for line in lines if "value:" in line]
    assert numbers
    assert all(re.search('source: "(assumed: |.*https://)', line) for line in numbers)
    blocks = [place for place, line in enumerate(lines) if re.match(r"[a-z_]+:$", line)]
    assert len(blocks) >= 8
    bare = [lines[place] for place in blocks if not lines[place - 1].startswith("#")]
    assert bare == []


@pytest.mark.parametrize(
    ("name", "pair", "year", "code"),
    [
        ("Bad Name", None, 2023, "S126"),
        ("../up", None, 2023, "S126"),
        ("new", ("Iran", "Persia"), 2023, "S134"),
        ("new", ("Iran", "IR"), 2023, "S154"),
        ("new", None, 1402, "S121"),
    ],
)
def test_what_cannot_be_started_is_told(name, pair, year, code):
    """A name, an economy or a year that cannot be is refused with its code."""
    with pytest.raises(ScenarioError) as caught:
        started(name, pair, year)
    assert [problem.code for problem in caught.value.problems] == [code]
