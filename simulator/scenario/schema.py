"""Schema: the scenario language as JSON Schema, for editors that complete and check."""

import ast
import inspect
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from simulator.scenario import quantities, types
from simulator.scenario.types import KEY_PATTERN, Scenario

DRAFT = "https://json-schema.org/draft/2020-12/schema"

_NAME = {"pattern": KEY_PATTERN}

_CHANGES: dict[str, Any] = {
    "type": "object",
    "description": "Values by dotted path; * stands for any name. A block changes the fields that "
    "it names, or all of them if it holds _replace_: true. null removes an entry.",
    "propertyNames": {"pattern": r"^[\w*-]+(\.[\w*-]+)*$"},
}

_DIRECTIVES: dict[str, Any] = {
    "calendar": {
        "enum": ["gregorian", "jalali"],
        "description": "The calendar in which this file states its dates.",
    },
    "overrides": {
        "type": "object",
        "description": "Named changes that the command line (--override) or apply: chooses.",
        "propertyNames": _NAME,
        "additionalProperties": _CHANGES,
    },
    "sweep": {
        "type": "object",
        "description": "What sim sweep varies: paths with lists of values or ranges in vary:.",
        "properties": {
            "vary": {"type": "object"},
            "design": {"enum": ["grid", "zip", "latin", "sobol"]},
            "points": {"type": "integer", "minimum": 1},
        },
        "required": ["vary"],
        "additionalProperties": False,
    },
    "apply": {
        "type": "array",
        "items": {"type": "string"},
        "description": "Overrides that this file applies itself.",
    },
}


def schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of a scenario file: a whole one, or a difference from another one."""
    whole: dict[str, Any] = _closed(Scenario.model_json_schema())
    definitions = whole.pop("$defs")
    _describe({**definitions, "Scenario": whole})
    fields = whole["properties"]
    table = {"type": "string", "pattern": r"\.csv$"}
    words = f"{fields['history'].pop('description')} Or the name of a CSV file beside this one."
    fields["history"] = {"description": words, "anyOf": [fields["history"], table]}
    difference = {
        "type": "object",
        "description": "A scenario that says how it differs from another one.",
        "required": ["question", "extends"],
        "additionalProperties": False,
        "properties": {
            **{name: field for name, field in fields.items() if _is_single(field)},
            "extends": {
                "type": "string",
                "pattern": r"\.ya?ml$",
                "description": "The scenario that this one changes, in the same folder tree.",
            },
            "changes": _CHANGES,
            **_DIRECTIVES,
        },
    }
    whole["properties"] = {**fields, **_DIRECTIVES}
    return {
        "$schema": DRAFT,
        "title": "Scenario of trade between two economies",
        "if": {"required": ["extends"]},
        "then": {"$ref": "#/$defs/Difference"},
        "else": {"$ref": "#/$defs/Whole"},
        "$defs": {**definitions, "Whole": whole, "Difference": difference},
    }


def _describe(definitions: dict[str, Any]) -> None:
    """Give every field the sentence that stands below it in the source.

    Pydantic can do this itself when the types are made, which would make every command slower.
    """
    for module in (types, quantities):
        for kind in ast.parse(inspect.getsource(module)).body:
            if isinstance(kind, ast.ClassDef) and kind.name in definitions:
                forms = (definitions[kind.name], *definitions[kind.name].get("anyOf", ()))
                for name, sentence in _sentences(kind):
                    for form in forms:
                        if name in form.get("properties", {}):
                            form["properties"][name]["description"] = sentence


def _sentences(kind: ast.ClassDef) -> Iterator[tuple[str, str]]:
    """Every field of a class with the sentence below it."""
    for statement, below in pairwise(kind.body):
        if (
            isinstance(statement, ast.AnnAssign)
            and isinstance(statement.target, ast.Name)
            and isinstance(below, ast.Expr)
            and isinstance(below.value, ast.Constant)
        ):
            yield statement.target.id, " ".join(str(below.value.value).split())


def _closed(value: Any) -> Any:
    """A schema in which collections take no names but those of their pattern."""
    if isinstance(value, list):
        return [_closed(item) for item in value]
    if not isinstance(value, dict):
        return value
    closed = {name: _closed(item) for name, item in value.items()}
    return {"additionalProperties": False, **closed} if "patternProperties" in closed else closed


def _is_single(field: dict[str, Any]) -> bool:
    """Whether a field holds one word or whole number, which a difference may state itself."""
    kinds = [field, *field.get("anyOf", ())]
    return any(kind.get("type") in ("string", "integer") or "const" in kind for kind in kinds)
