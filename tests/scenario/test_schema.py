"""JSON Schema of the language, judged by a validator that is not ours."""

from datetime import date
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from simulator.scenario.schema import schema
from simulator.scenario.starting import started

ROOT = Path(__file__).parents[2]
SCENARIOS = [*sorted((ROOT / "scenarios").glob("*.yaml")), ROOT / "tests/scenarios/minimal.yaml"]
SCHEMA = schema()
VALIDATOR = Draft202012Validator(SCHEMA)


def as_json(value):
    """What an editor's reader of YAML 1.2 sees: dates are texts."""
    if isinstance(value, dict):
        return {str(key): as_json(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_json(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value


def read(text):
    """A text by a reader that is not ours."""
    return as_json(YAML(typ="safe", pure=True).load(text))


def faults(value):
    """Paths of what the schema does not allow."""
    return [error.json_path for error in VALIDATOR.iter_errors(value)]


def test_the_schema_is_one():
    """The schema obeys the standard that it names."""
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_shipped_scenarios_obey_the_schema(path):
    """An independent validator accepts every scenario that is shipped."""
    assert faults(read(path.read_text(encoding="utf-8"))) == []


def test_a_new_scenario_obeys_the_schema():
    """What sim init writes is accepted as well."""
    assert faults(read(started("new", ("IRN", "RUS"), 2027))) == []


@pytest.mark.parametrize(
    "change",
    [
        lambda s: s.update(versio=1),
        lambda s: s.pop("question"),
        lambda s: s["settlement"].update(default_share=5),
        lambda s: s["settlement"].update(
            default_share={"value": 1, "uniform": {"low": 0, "high": 1}}
        ),
        lambda s: s["economies"].update(iran={}),
        lambda s: s["horizon"].update(start=5),
        lambda s: s.update(extends="base.yaml"),
    ],
)
def test_what_is_wrong_is_seen_by_an_editor(change):
    """Unknown fields, missing ones, numbers out of range and doubled laws are refused."""
    scenario = read(SCENARIOS[-1].read_text(encoding="utf-8"))
    change(scenario)
    assert faults(scenario)


def test_every_field_is_described():
    """An editor can show what each field means."""

    def silent(fields):
        return [name for name, field in fields.items() if "description" not in field]

    for name, definition in SCHEMA["$defs"].items():
        forms = [definition, *definition.get("anyOf", ())]
        assert [silent(form.get("properties", {})) for form in forms] == [[]] * len(forms), name
