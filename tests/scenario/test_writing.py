"""A scenario as the text of a file."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.scenario.overriding import override
from simulator.scenario.reading import load
from simulator.scenario.scalars import forbidden
from simulator.scenario.writing import written

MINIMAL = load(Path(__file__).parents[1] / "scenarios" / "minimal.yaml")
SCENARIOS = sorted((Path(__file__).parents[2] / "scenarios").glob("*.yaml"))


def again(scenario, folder):
    """The scenario that its own text gives."""
    file = folder / "written.yaml"
    file.write_text(written(scenario), encoding="utf-8")
    return load(file)


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_what_is_shown_is_the_same_scenario(path, tmp_path):
    """Reading the shown text gives the scenario itself, former values included."""
    scenario = load(path)
    assert again(scenario, tmp_path) == scenario
    assert written(scenario).startswith("question: ")


def test_changes_survive(tmp_path):
    """A removed entry, a new one and a changed number are still told apart from before."""
    rail = MINIMAL.corridors["road"].model_dump(exclude_none=True)
    with_office = {"history.home": {"2021": 90.0}, "corridors.road.slots": 9}
    base = override(MINIMAL, with_office).model_copy(update={"former": {}})
    changes = {"history.home": None, "corridors.rail": rail, "corridors.road.slots": 4}
    scenario = override(base, changes)
    assert again(scenario, tmp_path) == scenario
    assert set(scenario.former) == set(changes)


TEXTS = st.one_of(
    st.sampled_from(
        ["NO", "1e5", "0123", "2023-03-13", "~", "null", "true", " x", "a: b", "#", ""]
    ),
    st.text(max_size=30),
).filter(lambda text: not forbidden(text) and "\r" not in text)


@given(text=TEXTS)
@settings(max_examples=200, deadline=None, derandomize=True)
def test_any_words_survive(tmp_path_factory, text):
    """Words that look like numbers, dates or YAML come back as the same words."""
    scenario = override(MINIMAL, {"title": text})
    assert again(scenario, tmp_path_factory.mktemp("words")).title == text
