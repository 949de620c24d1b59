"""Changes of a scenario by dotted paths: the one resolver behind every way to change a number."""

from collections.abc import Mapping
from numbers import Integral, Real
from typing import Any, get_origin

from pydantic import BaseModel

from simulator.errors import Problem
from simulator.scenario.paths import every_path, kind_at, matching, nearest_path
from simulator.scenario.quantities import Quantity
from simulator.scenario.trees import Mark, Path, Source, Tree, moved, without
from simulator.scenario.types import VARYING, Scenario, quantities
from simulator.scenario.validating import validated

MEMORY = "base_numbers"

__all__ = ["applied", "grown", "matching", "override", "settled"]


def override(scenario: Scenario, changes: Mapping[str, object]) -> Scenario:
    """A new scenario with ``changes`` by dotted path; the old one stays as it is.

    A number is replaced whole, with its source. None removes an entry of a collection, and a
    mapping may add one. ``*`` stands for any name in its segment.

    Raises:
        ScenarioError: A path does not exist, or the changed scenario is not valid.

    """
    tree = Tree(scenario.model_dump(exclude_none=True))
    return settled(validated(*applied(tree, grown(changes, "changes"))))


def grown(changes: Mapping[str, object], name: str) -> Tree:
    """Changes given as values, as a tree; ``name`` says where they come from."""
    plain = {path: _plain(value) for path, value in changes.items()}
    values: dict[Path, Mark] = {}
    keys: dict[Path, Mark] = {}
    for path, value in plain.items():
        source = Source(name, (f"{path}={_written(value)}",), rank=-1)
        values[path,] = Mark(source, 1, len(path) + 2, max(1, len(_written(value))))
        keys[path,] = Mark(source, 1, 1, max(1, len(path)))
    return Tree(plain, values, keys)


def _written(value: Any) -> str:
    """A plain value as a person would write it."""
    words = {None: "null", True: "true", False: "false"}
    return words[value] if value is None or isinstance(value, bool) else str(value)


def _plain(value: Any) -> Any:
    """A value of Python as it would stand in a file."""
    if isinstance(value, BaseModel):
        return value.model_dump(exclude_none=True)
    if isinstance(value, Mapping):
        return {str(name): _plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return tuple(_plain(inner) for inner in value)
    if isinstance(value, bool):
        return value
    if isinstance(value, Integral):
        return int(value)
    return float(value) if isinstance(value, Real) else value


def applied(tree: Tree, changes: Tree) -> tuple[Tree, tuple[Problem, ...]]:
    """``tree`` after all ``changes`` that could be made, and a problem for each that could not."""
    found = []
    for pattern in changes.plain:
        known = {".".join(path): path for path in every_path(tree.plain, Scenario)}
        targets = [known[dotted] for dotted in matching(pattern, known)]
        if not targets:
            targets = _new_entry(tree, pattern, changes.plain[pattern])
        if not targets:
            found.append(_no_such_path(changes, pattern, known))
        for target in targets:
            tree = _changed(_remembered(tree, target), target, changes, pattern)
    return tree, tuple(found)


def settled(scenario: Scenario) -> Scenario:
    """The scenario without memories of numbers that are what they were, or are no more."""
    now = dict(quantities(scenario))
    kept = {p: q for p, q in scenario.base_numbers.items() if p in now and now[p] != q}
    if len(kept) == len(scenario.base_numbers):
        return scenario
    return scenario.model_copy(update={MEMORY: kept})


def _remembered(tree: Tree, target: Path) -> Tree:
    """``tree`` with the number at ``target`` kept as what it was when the base was observed.

    A difference changes what will be, not under what the base flows came about. So a lower tariff
    raises trade, and a payment that is refused more often lowers it.
    """
    former, path = tree.at(target), ".".join(target)
    known = tree.plain.get(MEMORY) or {} if isinstance(tree.plain, dict) else {}
    is_number = kind_at(target, Scenario) is Quantity
    if former is None or path in known or not is_number or target[-1] not in VARYING:
        return tree
    return Tree(_with(tree.plain, (MEMORY, path), former), tree.values, tree.keys)


def _no_such_path(changes: Tree, pattern: str, known: Mapping[str, Path]) -> Problem:
    return changes.problem(
        (pattern,),
        "S151",
        f"no such path in the scenario: {pattern[:80]}",
        key=True,
        suggestion=nearest_path(pattern, known),
    )


def _new_entry(tree: Tree, pattern: str, value: Any) -> list[Path]:
    """The path of an entry that a collection does not have yet; only fields can make one."""
    path = tuple(pattern.split("."))
    collection = path[:-1]
    is_collection = get_origin(kind_at(collection, Scenario)) is dict
    around = tree.at(collection[:-1])
    if "*" in pattern or not is_collection or not isinstance(value, dict):
        return []
    return [path] if isinstance(around, dict) else []


def _changed(tree: Tree, target: Path, changes: Tree, pattern: str) -> Tree:
    value = changes.plain[pattern]
    in_collection = get_origin(kind_at(target[:-1], Scenario)) is dict
    gone = value is None and in_collection
    return Tree(
        _without(tree.plain, target) if gone else _with(tree.plain, target, value),
        without(tree.values, target) | moved(changes.values, (pattern,), target),
        without(tree.keys, target) | moved(changes.keys, (pattern,), target),
    )


def _with(plain: Any, path: Path, value: Any) -> Any:
    """``plain`` with ``value`` at ``path``; what is not on the way is shared."""
    if not path:
        return value
    name, rest = path[0], path[1:]
    if isinstance(plain, tuple):
        place = int(name)
        return (*plain[:place], _with(plain[place], rest, value), *plain[place + 1 :])
    inside = plain if isinstance(plain, dict) else {}
    return {**inside, name: _with(inside.get(name), rest, value)}


def _without(plain: dict[str, Any], path: Path) -> dict[str, Any]:
    """``plain`` without the entry at ``path``."""
    name, rest = path[0], path[1:]
    if rest:
        return {**plain, name: _without(plain[name], rest)}
    return {other: value for other, value in plain.items() if other != name}
