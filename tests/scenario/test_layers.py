"""Files over files, and the overrides that are chosen from them."""

import io
from pathlib import Path

import pytest

from simulator.errors import ScenarioError
from simulator.scenario.checking import LIMITS
from simulator.scenario.files import Asked
from simulator.scenario.layers import chosen, offer
from simulator.scenario.reading import checked, load

MINIMAL = Path(__file__).parents[1] / "scenarios" / "minimal.yaml"
TEXT = MINIMAL.read_text(encoding="utf-8")
LINES = TEXT.split("\n")

OVERRIDES = """\
overrides:
  large: {target.turnover_usd_million: 300}
  later: {target.year: 2024, question: And a year later?}
"""


def written(folder, text, name="given.yaml"):
    """A file with ``text``."""
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def child(folder, body="", parent="minimal.yaml", name="child.yaml"):
    """A file that extends a copy of the minimal scenario."""
    if not (folder / "minimal.yaml").exists():
        written(folder, TEXT, "minimal.yaml")
    return written(folder, f"question: What if?\nextends: {parent}\n{body}", name)


def problem_of(file):
    """The only problem of a file."""
    with pytest.raises(ScenarioError) as caught:
        load(file)
    (problem,) = caught.value.problems
    return problem


def goal(scenario):
    """The target of a scenario in millions."""
    return scenario.target.turnover_usd_million.value


def test_a_child_is_the_parent_with_changes(tmp_path):
    """A child takes all but its own fields and its changes from the parent."""
    scenario = load(child(tmp_path, "title: Other\nchanges:\n  exports.*.last_usd_million: 7\n"))
    assert (scenario.question, scenario.name, scenario.title) == ("What if?", "child", "Other")
    assert [flow.last_usd_million.value for flow in scenario.exports.values()] == [7, 7]
    assert scenario.horizon == load(MINIMAL).horizon


def test_a_problem_of_a_parent_names_the_parent_and_the_way_to_it(tmp_path):
    """An error in a parent shows the parent's line and who includes it."""
    written(tmp_path, TEXT.replace("cif_factor: 1", "cif_factor: -1"), "minimal.yaml")
    file = child(tmp_path)
    problem = problem_of(file)
    assert problem.file == str(tmp_path / "minimal.yaml")
    assert LINES[problem.line - 1].strip().startswith("cif_factor")
    assert problem.included_by == (f"{file}:2",)


def test_what_a_child_may_state(tmp_path):
    """A child asks its question, and states other than single values under its changes."""
    assert problem_of(child(tmp_path, "target: {year: 2024}\n")).code == "S163"
    assert problem_of(child(tmp_path, "changes: 5\n")).code == "S111"
    assert problem_of(child(tmp_path, "titel: x\n")).suggestion == "title"
    file = written(tmp_path, "extends: minimal.yaml\n")
    assert problem_of(file).field == "question"


def test_overrides_are_part_of_the_name(tmp_path):
    """Results of a scenario with overrides never lie among others; their order does not count."""
    file = child(tmp_path, OVERRIDES)
    assert load(file).name == "child"
    assert load(file, overrides=["later"]).name == "child.later"
    both = load(file, overrides=["later", "large"])
    assert both.name == "child.large.later"
    assert load(file, overrides=["large", "later", "large"]) == both


def test_an_override_asks_its_own_question_when_it_is_alone(tmp_path):
    """The question of one of two overrides would not say what both of them suppose."""
    file = child(tmp_path, OVERRIDES)
    assert load(file, overrides=["later"]).question == "And a year later?"
    assert load(file, overrides=["later", "large"]).question == "What if?"


def test_a_file_may_apply_overrides_of_its_parent(tmp_path):
    """An override defined above is applied by name; others that are asked for take its place."""
    child(tmp_path, OVERRIDES, name="above.yaml")
    file = child(tmp_path, "apply: [large]\n", parent="above.yaml")
    assert goal(load(file)) == 300
    later = load(file, overrides=["later"])
    assert (later.target.year, goal(later)) == (2024, 100)
    assert goal(load(file, overrides=["later", "large"])) == 300


def test_a_whole_scenario_may_offer_overrides(tmp_path):
    """A file that extends nothing has overrides as well."""
    file = written(tmp_path, f"{TEXT}{OVERRIDES}")
    assert goal(load(file, overrides=["large"])) == 300
    assert checked(file).overrides == ("large", "later")


@pytest.mark.parametrize(
    ("body", "overrides", "code", "suggestion"),
    [
        (OVERRIDES, ["lage"], "S158", "large"),
        (f"{OVERRIDES}apply: [latr]\n", [], "S158", "later"),
        (f"{OVERRIDES}apply: later\n", [], "S111", ""),
        ("overrides: 5\n", [], "S111", ""),
        ("overrides: {Bad Name: {}}\n", [], "S126", ""),
        ("overrides: {large: 5}\n", [], "S111", ""),
    ],
)
def test_an_override_that_is_not_there_is_told(tmp_path, body, overrides, code, suggestion):
    """A slip in a name of an override is answered with the nearest one."""
    with pytest.raises(ScenarioError) as caught:
        load(child(tmp_path, body), overrides=overrides)
    assert [(p.code, p.suggestion) for p in caught.value.problems] == [(code, suggestion)]


def test_two_overrides_of_one_path_are_an_error_with_both_lines(tmp_path):
    """Which of two overrides wins is never left to their order."""
    body = "overrides:\n  one: {target.year: 2023}\n  two: {target.year: 2024}\n"
    file = child(tmp_path, body)
    for names in (["one", "two"], ["two", "one"]):
        with pytest.raises(ScenarioError) as caught:
            load(file, overrides=names)
        (problem,) = caught.value.problems
        assert (problem.code, problem.line, problem.note) == ("S156", 5, f"first by {file}:4")
        assert [line for line, _ in problem.excerpt] == [4, 5]


def test_an_override_is_defined_once(tmp_path):
    """A child may not give another meaning to an override of its parent."""
    child(tmp_path, OVERRIDES, name="above.yaml")
    problem = problem_of(child(tmp_path, "overrides: {large: {target.year: 2024}}\n", "above.yaml"))
    assert (problem.code, problem.line) == ("S157", 3)


def test_an_offer_is_of_a_whole_family(tmp_path):
    """What can be chosen comes from every file above; what is tried alone is a file's own."""
    child(tmp_path, OVERRIDES, name="above.yaml")
    body = "overrides: {late: {target.year: 2024}}\n"
    offered = offer(Asked(str(child(tmp_path, body, "above.yaml"))), LIMITS)
    assert tuple(offered.layers.overrides) == ("large", "later", "late")
    assert offered.own_overrides == ("late",)
    assert offered.layers.tree.at(("target", "year")) == 2023
    assert chosen(offered, ("late",)).tree.at(("target", "year")) == 2024
    assert offered.layers.tree.at(("target", "year")) == 2023


def test_what_stands_beside_extends_is_a_change_like_others(tmp_path):
    """A value may not be changed beside extends: and under changes: at once."""
    problem = problem_of(child(tmp_path, "replications: 3\nchanges: {replications: 4}\n"))
    assert (problem.code, problem.line) == ("S156", 4)
    assert load(child(tmp_path, "replications: 3\n")).replications == 3


def test_published_figures_are_there_before_changes(tmp_path):
    """A year that a table brings can be changed like any other value."""
    written(
        tmp_path,
        "statistics,year,turnover_usd_million,source\nhome,2020,3,a book\nhome,2021,4,a book\n",
        "observed.csv",
    )
    file = child(tmp_path, "history: observed.csv\nchanges: {history.home.2021: 5}\n")
    assert load(file).history == {"home": {"2020": 3.0, "2021": 5.0}}


def test_a_text_without_a_file_keeps_the_name_above(tmp_path, monkeypatch):
    """Standard input has no name to give; a file gives its own."""
    text = child(tmp_path, "seed: 5\n").read_text(encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    assert load("-").name == "minimal"
    assert load("child.yaml").name == "child"
