"""What is told of every code: it is true, and its examples do what they are said to do."""

import re
import shutil
from pathlib import Path

import pytest

from simulator.errors import CODES, RefusedError, ScenarioError
from simulator.explanations import EXPLANATIONS, explained, listed
from simulator.scenario.reading import parse_setting, read
from simulator.scenario.series import HEADER, series
from simulator.scenario.trees import Source

SCENARIOS = Path(__file__).parents[1] / "scenarios"
OPENING = "question: What if?\nextends: iran-belarus-2023.yaml\n"

WITHOUT_EXAMPLE = {
    "S102": "a folder",
    "S113": "a file in another encoding",
    "S134": "a whole economy, and the other one beside it",
    "S152": "the command line",
    "S157": "a second file with overrides",
    "S172": "a file of figures",
    "S173": "a file of figures",
    "S181": "a huge file",
    "S191": "an address",
    "S192": "a base without comparable pairs",
    "S193": "two runs",
    "S194": "a square of trade",
    "S195": "a series",
    "S196": "a scenario that is fixed throughout",
}
"""Codes that no small text can cause, and what causes them."""

EXAMPLES = [code for code in EXPLANATIONS if EXPLANATIONS[code].wrong]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with all scenarios, to which examples are added."""
    copy = tmp_path_factory.mktemp("scenarios")
    for file in SCENARIOS.iterdir():
        if file.suffix in (".yaml", ".csv"):
            shutil.copy(file, copy)
    return copy


def told(folder, example):
    """The codes of all problems, or of all warnings, of an example."""
    file = folder / "what-if.yaml"
    text = example if "extends:" in example else OPENING + example
    file.write_text(text, encoding="utf-8")
    try:
        warnings = read(file).warnings
    except ScenarioError as error:
        return {problem.code for problem in error.problems}
    except RefusedError as error:
        return {error.problem.code}
    return {warning.code for warning in warnings}


def test_every_code_is_explained():
    """There is one explanation for each code, in the order of the codes, and none besides."""
    assert list(EXPLANATIONS) == list(CODES)


def test_only_what_no_small_text_can_cause_has_no_example():
    """A code has an example in both forms, or a reason why it has none."""
    for code, explanation in EXPLANATIONS.items():
        has_none = code in WITHOUT_EXAMPLE
        assert (not explanation.wrong, not explanation.right) == (has_none, has_none), code


@pytest.mark.parametrize("code", EXAMPLES)
def test_what_is_wrong_gives_its_code(code, folder):
    """The wrong form of an example gives the code that it explains, and no other."""
    assert told(folder, EXPLANATIONS[code].wrong) == {code}


@pytest.mark.parametrize("code", EXAMPLES)
def test_what_is_right_loads(code, folder):
    """The right form of an example is a valid scenario of which nothing is warned."""
    assert told(folder, EXPLANATIONS[code].right) == set()


@pytest.mark.parametrize("code", CODES)
def test_an_explanation_fits_a_terminal(code):
    """No line has more than 90 columns or a sign that some terminals lack; the code comes first."""
    lines = explained(code).split("\n")
    assert lines[0] == f"{code}: {CODES[code]}"
    assert max(map(len, lines)) <= 90
    assert explained(code).isascii()
    assert all(line.isprintable() for line in lines)


@pytest.mark.parametrize("code", CODES)
def test_advice_is_short(code):
    """An advice has one to four sentences, each with its full stop."""
    assert 1 <= len(re.findall(r"\.(?= [A-Z]|$)", EXPLANATIONS[code].advice)) <= 4
    assert EXPLANATIONS[code].advice.endswith(".")


def test_an_explanation_shows_both_forms():
    """The advice comes first, then what is wrong, then what is right, each set in by four."""
    assert explained("S109") == (
        "S109: the same key twice\n\n"
        "The same field stands twice in one block, and nothing says which of the two values is\n"
        "meant. Keep one of them; a second question needs a second file.\n\n"
        "Wrong:\n"
        "    changes:\n"
        "      settlement.patience_days: 60\n"
        "      settlement.patience_days: 120\n\n"
        "Right:\n"
        "    changes:\n"
        "      settlement.patience_days: 120"
    )


def test_a_tab_can_be_seen():
    """The example of tabs shows where the tab stands."""
    assert "    <tab>settlement.payment_days: 60\n" in explained("S107")


def test_without_an_example_the_advice_is_all():
    """A code that needs another file has its meaning and its advice, and no empty example."""
    assert explained("S113").count("\n\n") == 1
    assert "Wrong" not in explained("S113")


def test_an_unknown_code_is_not_explained():
    """There is nothing to tell of a code that does not exist."""
    with pytest.raises(KeyError):
        explained("S999")


def test_every_code_is_listed_on_a_line_of_its_own():
    """All errors come first, then all warnings, each with its short meaning."""
    lines = [line for line in listed().split("\n") if line.startswith("  ")]
    assert lines == [f"  {code}  {CODES[code]}" for code in sorted(CODES)]
    heading = listed().index("Warnings")
    assert listed().index("S184") < heading < listed().index("S201")


def test_the_advice_on_settings_shows_settings_that_work():
    """What is shown after --set is read as a path with a value."""
    plain, quoted = re.findall(r"--set ('[^']+'|\S+[^.\s])", EXPLANATIONS["S152"].advice)
    assert parse_setting(plain) == ("target.turnover_usd_million", 120)
    assert parse_setting(quoted.strip("'")) == ("settlement.patience_days", {"value": 60})


def test_the_advice_on_figures_shows_a_file_that_works():
    """The header and the row that the advice shows are those of a file of figures."""
    header = ",".join(HEADER)
    (row,) = re.findall(r"belarus,[^.]*\.\d,[^.]*", EXPLANATIONS["S173"].advice)
    assert header in EXPLANATIONS["S172"].advice
    tree, problems = series(Source("figures.csv", (header, row)))
    assert (tree.plain, problems) == ({"belarus": {"2022": 101.3}}, [])
