"""The reader of files: what is refused, what is extended, what is changed last."""

import tracemalloc
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulator.errors import RefusedError, ScenarioError
from simulator.scenario.checking import Limits
from simulator.scenario.reading import (
    checked,
    load,
    parse_setting,
    read,
)

MINIMAL = Path(__file__).parents[1] / "scenarios" / "minimal.yaml"
TEXT = MINIMAL.read_text(encoding="utf-8")
LINES = TEXT.split("\n")


def written(folder, text, name="given.yaml"):
    """A file with ``text``."""
    file = folder / name
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def problem_of(file, changes=None):
    """The only problem of a file."""
    with pytest.raises(ScenarioError) as caught:
        load(file, changes)
    (problem,) = caught.value.problems
    assert problem.code in str(caught.value)
    return problem


def child(folder, body="", parent="minimal.yaml", name="child.yaml"):
    """A file that extends a copy of the minimal scenario."""
    if not (folder / "minimal.yaml").exists():
        written(folder, TEXT, "minimal.yaml")
    return written(folder, f"question: What if?\nextends: {parent}\n{body}", name)


def test_the_minimal_scenario_is_valid():
    """The minimal scenario says what its text says."""
    scenario = load(MINIMAL)
    assert tuple(scenario.economies) == ("AAA", "AAB")
    assert scenario.target.turnover_usd_million.value == 100


@pytest.mark.parametrize("limits", [Limits(nodes=10), Limits(scalar_characters=20)])
def test_many_values_and_long_texts_are_refused(limits):
    """The number of values and the length of a text have limits of their own."""
    with pytest.raises(RefusedError):
        load(MINIMAL, limits=limits)


def test_problems_of_one_file_come_together_in_file_order(tmp_path):
    """Problems of reading and of meaning are told at once, from the first line to the last."""
    text = TEXT.replace("leak_share: 0", "leak_share: 15").replace("year: 2022", "year: .inf")
    with pytest.raises(ScenarioError) as caught:
        load(written(tmp_path, text.replace("cif_factor", "cif_fctor")))
    problems = caught.value.problems
    assert [p.code for p in problems] == ["S121", "S121", "S116", "S104"]
    assert [p.line for p in problems] == sorted(p.line for p in problems)


def test_settings_are_applied_last(tmp_path):
    """The command line wins over the changes of the file."""
    file = child(tmp_path, "changes:\n  target.turnover_usd_million: 7\n")
    assert load(file).target.turnover_usd_million.value == 7
    changed = load(file, {"target.turnover_usd_million": 8})
    assert changed.target.turnover_usd_million.value == 8


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a.b=5", ("a.b", 5)),
        ("a.*.c = 0.5", ("a.*.c", 0.5)),
        ("a=NO", ("a", "NO")),
        ("a=", ("a", None)),
        ("a={uniform: {low: 0, high: 1}}", ("a", {"uniform": {"low": 0, "high": 1}})),
        ('a="5"', ("a", "5")),
        ("a=[x, y]", ("a", ("x", "y"))),
    ],
)
def test_settings_follow_the_rules_of_files(text, expected):
    """The value of a setting is read like a value of a file."""
    assert parse_setting(text) == expected


@pytest.mark.parametrize("text", ["a", "=5", "a b=5", "a=.nan", "a=[1", "a={b: .inf}", ""])
def test_errors_of_settings_name_the_option(text):
    """A setting that cannot be read is shown with the option that gave it."""
    with pytest.raises(ScenarioError) as caught:
        parse_setting(text)
    assert {problem.file for problem in caught.value.problems} == {"--set"}


def test_a_wrong_setting_is_shown_as_written():
    """A problem of a setting shows path=value with the caret at the value."""
    path = "settlement.default_share"
    problem = problem_of(MINIMAL, {path: 5})
    assert (problem.file, problem.line, problem.column) == ("--set", 1, len(path) + 2)
    assert problem.excerpt == ((1, f"{path}=5"),)


def test_warnings_know_their_lines(tmp_path):
    """What is probably not meant is told at its line, beside the valid scenario."""
    file = child(tmp_path, "changes:\n  target.statistics: [home]\n")
    reading = read(file)
    (warning,) = reading.warnings
    assert reading.scenario == load(file)
    assert warning.file == str(tmp_path / "minimal.yaml")
    assert LINES[warning.line - 1].strip() == "abroad:"


def test_every_value_knows_its_line(tmp_path):
    """The origin of a value is the file and line that state it last."""
    file = child(tmp_path, "changes:\n  base.cif_factor: 1.1\n")
    tree = read(file).tree
    place = tree.values["base", "cif_factor"]
    assert (place.source.name, place.line) == (str(file), 4)
    assert tree.values["base", "year"].source.name == str(tmp_path / "minimal.yaml")


def test_a_bomb_of_aliases_costs_nothing(tmp_path):
    """Aliases are refused before they grow."""
    levels = [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9)]
    tracemalloc.start()
    with pytest.raises(ScenarioError) as caught:
        load(written(tmp_path, "\n".join(["a0: &a0 x", *levels])))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "S110" in {problem.code for problem in caught.value.problems}
    assert peak < 50e6


# --- Named overrides ---

OVERRIDES = """\
overrides:
  large: {target.turnover_usd_million: 300}
  later: {target.year: 2024, question: And a year later?}
"""


def goal(scenario):
    """The target of a scenario in millions."""
    return scenario.target.turnover_usd_million.value


def test_command_line_over_overrides_over_file_over_parent(tmp_path):
    """What is said nearest to the command line wins."""
    file = child(tmp_path, f"changes:\n  target.turnover_usd_million: 200\n{OVERRIDES}")
    setting = {"target.turnover_usd_million": 400}
    found = [
        load(MINIMAL),
        load(file),
        load(file, overrides=["large"]),
        load(file, setting, overrides=["large"]),
    ]
    assert [goal(scenario) for scenario in found] == [100, 200, 300, 400]


def test_checking_tries_every_override(tmp_path):
    """A broken override is found although nobody has asked for it yet; each problem once."""
    body = f"{OVERRIDES}  broken: {{target.turnover_usd_million: -1}}\n"
    with pytest.raises(ScenarioError) as caught:
        checked(child(tmp_path, body))
    assert [(p.code, p.line) for p in caught.value.problems] == [("S121", 6)]
    assert load(child(tmp_path, body))
    assert checked(child(tmp_path, OVERRIDES)).scenario == load(child(tmp_path, OVERRIDES))


def test_one_text_is_read_once(tmp_path, monkeypatch):
    """A file that changes while it is checked is judged as it was when it was read."""
    from simulator.scenario import layers

    reads = []
    original = layers.text_of
    monkeypatch.setattr(
        layers,
        "text_of",
        lambda asked, limits: reads.append(asked.name) or original(asked, limits),
    )
    file = child(tmp_path, OVERRIDES)
    checked(file)
    assert reads == [str(file), str(tmp_path / "minimal.yaml")]


def lines_told(file):
    """The lines of the problems of a file, or None when there is no problem."""
    try:
        load(file)
    except ScenarioError as error:
        return [problem.line for problem in error.problems]
    except RefusedError as error:
        return [error.problem.line]
    return None


SWAPS = st.one_of(
    st.sampled_from(
        [
            "",
            "-1",
            "2",
            "1e999",
            "NO",
            "~",
            "[",
            "{}",
            "[]",
            "*",
            "&a b",
            "!x y",
            "|",
            "'",
            '"\\ud8"',
        ]
    ),
    st.text(max_size=12),
    st.floats().map(str),
    st.integers().map(str),
)


@given(line=st.integers(0, len(LINES) - 2), value=SWAPS, whole=st.booleans())
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
def test_one_wrong_field_is_never_a_crash(tmp_path_factory, line, value, whole):
    """Whatever stands in one line, the file loads or its problems have lines that exist."""
    before = "" if whole else LINES[line].partition(":")[0] + ": "
    text = "\n".join([*LINES[:line], before + value, *LINES[line + 1 :]])
    file = tmp_path_factory.mktemp("mutated") / "mutated.yaml"
    file.write_bytes(text.encode("utf-8", "surrogatepass"))
    lines = lines_told(file)
    assert lines is None or (lines and all(1 <= line <= len(text.splitlines()) for line in lines))
