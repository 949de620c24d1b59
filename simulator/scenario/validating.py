"""A tree becomes a scenario, or all of its problems in file order."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any, Literal, get_args, get_origin

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from simulator.errors import Problem, ScenarioError
from simulator.scenario import checking
from simulator.scenario.paths import field_names, kind_at, nearest
from simulator.scenario.quantities import LAWS, Quantity, described
from simulator.scenario.scalars import number_meant, odd_letter
from simulator.scenario.trees import Path, Tree
from simulator.scenario.types import (
    CODE_PATTERN,
    KEY_PATTERN,
    NAME_PATTERN,
    YEAR_PATTERN,
    Scenario,
)

VERSION = 1
"""Version of the scenario language that is read."""


def validated(tree: Tree, found: tuple[Problem, ...] = ()) -> Scenario:
    """The scenario that ``tree`` describes.

    Args:
        tree: Plain values, with marks where they come from a text.
        found: Problems that reading the text has found already; reported with the others.

    Raises:
        ScenarioError: With all problems, if there is any.

    """
    other = _other_version(tree)
    if other:
        raise ScenarioError(other)
    try:
        scenario = Scenario.model_validate(tree.plain)
    except ValidationError as error:
        raise ScenarioError(_merged(found, _translated(tree, error))) from None
    problems = [located(tree, problem) for problem in checking.problems(scenario)]
    if found or problems:
        raise ScenarioError(_merged(found, problems))
    return scenario


def _other_version(tree: Tree) -> list[Problem]:
    """A file of another version cannot be judged by the fields of this one."""
    given = tree.at(("version",))
    if isinstance(given, bool):
        note = f"found {described(given)}"
        return [tree.problem(("version",), "S125", f"expected {VERSION}", note=note)]
    if not isinstance(given, int) or given == VERSION:
        return []
    if given > VERSION:
        message = f"the file is of version {given}, this program reads version {VERSION}"
        advice = "pip install --upgrade trade-simulator"
        return [
            tree.problem(
                ("version",), "S137", message, note="a newer one is needed", example=advice
            )
        ]
    message = f"there is no version {given} of scenarios"
    return [tree.problem(("version",), "S137", message, example=f"version: {VERSION}")]


def _merged(found: tuple[Problem, ...], problems: list[Problem]) -> list[Problem]:
    """All problems in file order; where the reader found one, no other is told."""
    spoiled = {(problem.file, problem.line, problem.column) for problem in found}
    fresh = [p for p in problems if p.file is None or (p.file, p.line, p.column) not in spoiled]
    return sorted((*found, *fresh), key=in_file_order)


_LAST = "\U0010ffff"
"""Sorts after every name of a file: what has no place comes last."""


def in_file_order(problem: Problem) -> tuple[int, str, int, int]:
    """A key that sorts problems as their files are read, those without a place last."""
    depth = len(problem.included_by)
    return depth, problem.file or _LAST, problem.line or 0, problem.column or 0


def located(tree: Tree, problem: Problem) -> Problem:
    """A problem that knows its path, at the place of that path.

    When fields do not fit together, the place is what was changed last among them.
    """
    path = tuple(problem.field.split(".")) if problem.field else ()
    value = tree.at(path)
    latest = tree.latest(path) if isinstance(value, dict) else path
    is_name = problem.code == "S153" and not isinstance(value, str)
    named = path[-1] if is_name and path else str(value)
    odd = odd_letter(named) if problem.code == "S153" else ""
    placed = tree.problem(
        latest,
        problem.code,
        problem.message,
        key=is_name or isinstance(tree.at(latest), dict),
        note="; ".join(filter(None, (problem.note, odd))),
        suggestion=problem.suggestion,
        example=problem.example,
    )
    return replace(placed, field=problem.field)


def _translated(tree: Tree, error: ValidationError) -> list[Problem]:
    """A problem for each error of pydantic, but one only for a required field that is misspelt."""
    problems = [_problem(tree, details) for details in error.errors(include_url=False)]
    problems = _misspelt(problems)
    misspelt = {
        ".".join((*problem.field.split(".")[:-1], problem.suggestion))
        for problem in problems
        if problem.code == "S104"
    }
    return [p for p in problems if p.code != "S105" or p.field not in misspelt]


def _misspelt(problems: list[Problem]) -> list[Problem]:
    """The only field that is missing in a block is what the only unknown one there means."""
    sides: dict[str, dict[str, list[Problem]]] = {}
    for problem in problems:
        around = problem.field.rpartition(".")[0]
        sides.setdefault(around, {}).setdefault(problem.code, []).append(problem)
    meant = {}
    for found in sides.values():
        unknown, missing = found.get("S104", []), found.get("S105", [])
        if len(unknown) == len(missing) == 1:
            meant[unknown[0]] = missing[0].field.rpartition(".")[2]
    return [replace(p, suggestion=p.suggestion or meant.get(p, "")) for p in problems]


def _problem(tree: Tree, details: ErrorDetails) -> Problem:
    path = tuple(str(name) for name in details["loc"])
    kind = details["type"]
    if kind == "missing":
        return _missing(tree, path)
    if kind == "extra_forbidden":
        return unknown(tree, path)
    if path and path[-1] == "[key]":
        return _bad_name(tree, path[:-1], details, key=True)
    if re.fullmatch(r"S\d{3}", kind):
        return _custom(tree, path, details)
    return _TRANSLATIONS.get(kind, _wrong_type)(tree, path, details)


def _missing(tree: Tree, path: Path) -> Problem:
    problem = tree.problem(
        path[:-1],
        "S105",
        f"required field '{path[-1]}' is missing",
        key=True,
        example=f"{path[-1]}: {_sample(kind_at(path, Scenario))}",
    )
    return replace(problem, field=".".join(path))


_SAMPLES: dict[Any, str] = {
    Quantity: '{value: 1, source: "where it comes from"}',
    str: "some text",
    int: "1",
    float: "1.0",
    bool: "false",
    date: "2023-03-13",
}


def _sample(kind: Any) -> str:
    """What could stand in a field of this kind."""
    if kind in _SAMPLES:
        return _SAMPLES[kind]
    if get_origin(kind) is Literal:
        return str(get_args(kind)[0])
    if get_origin(kind) is tuple:
        return "[…]"
    names = [n for n in field_names(kind) if kind.model_fields[n].is_required()]
    return f"{{{', '.join(f'{name}: …' for name in names) or 'name: …'}}}"


def unknown(tree: Tree, path: Path, others: tuple[str, ...] = ()) -> Problem:
    """A field that does not exist; ``others`` are words that may stand there beside fields."""
    name = path[-1]
    kind = kind_at(path[:-1], Scenario)
    names = field_names(kind)
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", kind.__name__).lower() if names else "this"
    article = "an" if words[0] in "aeiou" else "a"
    note = "; ".join(filter(None, (f"not a field of {article} {words}", odd_letter(name))))
    if kind is Quantity:
        note += f"; laws: {', '.join(LAWS)}"
    elif len(path) > 1 and path[-2] in LAWS:
        note += f"; fields: {', '.join(names)}"
    return tree.problem(
        path,
        "S104",
        f"unknown field '{name[:40]}'",
        key=True,
        note=note,
        suggestion=nearest(name, (*names, *others)),
    )


_FORMS = {
    CODE_PATTERN: "three capital letters (ISO 3166), such as IRN",
    YEAR_PATTERN: "a year of four digits",
    KEY_PATTERN: "small letters, digits and _",
    NAME_PATTERN: "small letters, digits, _, . and -",
}


def _bad_name(tree: Tree, path: Path, details: ErrorDetails, *, key: bool = False) -> Problem:
    pattern = details.get("ctx", {}).get("pattern", "")
    found = path[-1] if key else str(details["input"])
    message = f"expected {_FORMS.get(pattern, f'text like {pattern}')}"
    advice = ""
    if path == ("name",):
        advice = "at most 64 characters, free text goes to title:"
        mark = tree.mark(path)
        if mark is not None and "name" not in mark.source.lines[mark.line - 1]:
            advice += "; a file without name: is called after itself"
    note = "; ".join(filter(None, (f"found '{found[:40]}'", odd_letter(found), advice)))
    return tree.problem(path, "S126", message, key=key, note=note)


def _named(tree: Tree, path: Path, details: ErrorDetails) -> Problem:
    return _bad_name(tree, path, details)


def _custom(tree: Tree, path: Path, details: ErrorDetails) -> Problem:
    """A problem that a type of ours has found: its type is the code, its message ready."""
    message, _, found = details["msg"].partition(", found ")
    if message.startswith("must"):
        message = f"{path[-1]} {message}"
    place, also = _place(tree, path, message + found)
    context = details.get("ctx", {})
    advice, example = (str(context.get(name, "")) for name in ("suggestion", "example"))
    is_code = details["type"] == "S133"
    return tree.problem(
        place,
        details["type"],
        message,
        key=isinstance(tree.at(place), dict),
        note=f"found {found}" if found else "",
        suggestion="" if is_code else advice,
        example=_day_for(tree, path, details, example)
        or (advice if is_code else _advice(details, path)),
        also=also,
    )


def _day_for(tree: Tree, path: Path, details: ErrorDetails, example: str) -> str:
    """The advice on an Iranian date; a setting has no calendar to announce."""
    mark = tree.mark(path)
    is_setting = mark is None or mark.source.rank < 0
    if details["type"] == "S132" and is_setting:
        return str(details.get("ctx", {}).get("meant", example))
    return example


def _place(tree: Tree, path: Path, message: str) -> tuple[Path, tuple[int, ...]]:
    """Which field of the value at ``path`` the message is about, and the lines of the others."""
    value = tree.at(path)
    marks = {
        (*path, name): tree.keys.get((*path, name)) or tree.values[*path, name]
        for name in (value if isinstance(value, dict) else ())
        if (*path, name) in tree.values and re.search(rf"\b{re.escape(name)}\b", message)
    }
    if not marks:
        return path, ()
    first = min(marks, key=lambda p: (marks[p].source.rank, marks[p].line, marks[p].column))
    source = marks[first].source
    return first, tuple(mark.line for mark in marks.values() if mark.source is source)


def _advice(details: ErrorDetails, path: Path) -> str:
    given = details["input"]
    if details["type"] == "S111" and isinstance(given, str):
        return number_meant(given, path[-1])
    return _day_meant(str(given)) if details["type"] == "S131" else ""


def _day_meant(text: str) -> str:
    """A day of the calendar as it should be written, when the order of its parts is plain."""
    year_first = re.fullmatch(r"(\d{4})[/.](\d{1,2})[/.](\d{1,2})", text)
    if year_first:
        return f"{year_first[1]}-{int(year_first[2]):02}-{int(year_first[3]):02}"
    found = re.fullmatch(r"(\d{1,2})[/. -](\d{1,2})[/. -](\d{4})", text)
    if found and int(found[2]) <= 12 < int(found[1]) <= 31:
        return f"{found[3]}-{int(found[2]):02}-{int(found[1]):02}"
    return "YYYY-MM-DD"


_EXPECTED = {
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "string": "text",
    "dict": "fields (name: value)",
    "model": "fields (name: value)",
    "tuple": "a list",
}


def _wrong_type(tree: Tree, path: Path, details: ErrorDetails) -> Problem:
    kind = details["type"].split("_")[0]
    expected = _EXPECTED.get(kind)
    given = details["input"]
    return tree.problem(
        path,
        "S111",
        f"expected {expected}" if expected else details["msg"],
        note=f"found {described(given)}",
        example=_meant(kind, path, given),
        key=isinstance(given, dict),
    )


def _meant(kind: str, path: Path, given: Any) -> str:
    """How to write what was probably meant."""
    if kind == "bool":
        words = {
            "yes": "true",
            "on": "true",
            "no": "false",
            "off": "false",
            "1": "true",
            "0": "false",
        }
        return words.get(str(given).lower(), "")
    if kind in ("int", "float") and isinstance(given, str):
        return number_meant(given, path[-1])
    if kind == "int" and isinstance(given, float) and given.is_integer():
        return f"{int(given)}"
    if kind == "tuple" and path[-1:] == ("hs",) and isinstance(given, str | int):
        return f'["{given}"]'
    if kind == "string" and isinstance(given, int | float):
        return f'"{str(given).lower() if isinstance(given, bool) else given}"'
    return ""


def _out_of_range(tree: Tree, path: Path, details: ErrorDetails) -> Problem:
    words = details["msg"].removeprefix("Input should be ")
    words = words.replace("greater than or equal to", "at least").replace("less than", "below")
    return tree.problem(
        path, "S121", f"{path[-1]} must be {words}", note=f"found {details['input']}"
    )


def _not_allowed(tree: Tree, path: Path, details: ErrorDetails) -> Problem:
    allowed = re.findall(r"'([^']*)'", str(details.get("ctx", {}).get("expected", "")))
    given = details["input"]
    return tree.problem(
        path,
        "S125",
        f"expected {' or '.join(allowed) or details['ctx']['expected']}",
        note=f"found {described(given)}",
        suggestion=nearest(str(given), allowed),
    )


def _too_short(tree: Tree, path: Path, _details: ErrorDetails) -> Problem:
    return tree.problem(path, "S121", f"{path[-1]} needs at least one entry", key=True)


Translation = Callable[[Tree, Path, ErrorDetails], Problem]
_TRANSLATIONS: dict[str, Translation] = {
    "string_pattern_mismatch": _named,
    "literal_error": _not_allowed,
    "too_short": _too_short,
    "greater_than_equal": _out_of_range,
    "less_than_equal": _out_of_range,
    "greater_than": _out_of_range,
    "less_than": _out_of_range,
}
