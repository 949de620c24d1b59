"""Merging: changes by dotted paths become part of a tree, in whatever order they are stated."""

from dataclasses import dataclass, field, replace
from typing import Any, get_args, get_origin

from simulator.errors import Problem
from simulator.scenario.memory import remembered
from simulator.scenario.paths import (
    every_path,
    field_names,
    is_whole,
    kind_at,
    nearest,
    nearest_path,
    plain_kind,
    starts,
    targets,
)
from simulator.scenario.quantities import described
from simulator.scenario.scalars import odd_letter
from simulator.scenario.trees import Mark, Path, Tree, below, with_value, without_entry
from simulator.scenario.types import MEMORY, Moment, Scenario

REPLACE = "_replace_"
"""In a block that is given for another one: nothing of the other one stays."""

NOTHING = "no fields are given, so nothing would change"


@dataclass(frozen=True, slots=True)
class Change:
    """One value that is to stand at a path; ``place`` is where ``by`` says so."""

    target: Path
    value: Any
    place: Path
    by: Tree

    @property
    def mark(self) -> Mark | None:
        """Where a text says so."""
        return self.by.mark(self.place, key=True)


def applied(tree: Tree, *layer: Tree) -> tuple[Tree, tuple[Problem, ...]]:
    """``tree`` after all changes of one layer that could be made, and what could not.

    Within a layer their order does not count, so no two may change the same path.
    """
    merge = _Merge(tree)
    for changes in layer:
        for pattern, value in changes.plain.items():
            merge.add(pattern, value, changes)
    single, twice = _single(merge.wanted)
    return _made(tree, single), (*merge.problems, *twice)


@dataclass
class _Merge:
    """Changes of one layer on their way into a tree."""

    tree: Tree
    wanted: list[Change] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    _known: list[str] | None = None

    def add(self, pattern: str, value: Any, by: Tree) -> None:
        """Every change that a pattern asks for, or what is wrong with it."""
        there = targets(pattern, self.tree.plain, Scenario) if pattern.strip("*") else []
        found = [path for path in there if path[0] != MEMORY]
        found = found or _new_entry(self.tree, tuple(pattern.split(".")), value)
        if not found:
            self._no_such_path(by, (pattern,), pattern)
        for target in found:
            self._narrowed(Change(target, value, (pattern,), by))

    def _narrowed(self, change: Change) -> None:
        """The change itself; of a block, unless it is to be replaced, the changes inside it."""
        there, kind = self.tree.at(change.target), kind_at(change.target, Scenario)
        is_new = there is None and get_origin(kind) is dict
        if is_new:
            there = {}
        value, replaces = self._unwrapped(change, kind)
        if replaces or not _merges(value, there, kind):
            self.wanted.append(replace(change, value=value))
            return
        for name, inner in value.items():
            target, place = (*change.target, name), (*change.place, name)
            known = is_new or name in there or name in field_names(kind)
            if known or _new_entry(self.tree, target, inner):
                self._narrowed(Change(target, inner, place, change.by))
            else:
                self._no_such_path(change.by, place, ".".join(target))

    def _unwrapped(self, change: Change, kind: Any) -> tuple[Any, bool]:
        """A value without the word that says whether it replaces a block, and what that says."""
        if not isinstance(change.value, dict) or is_whole(kind):
            return change.value, False
        asked = change.value.get(REPLACE, False)
        value = {name: inner for name, inner in change.value.items() if name != REPLACE}
        if not isinstance(asked, bool):
            place, note = (*change.place, REPLACE), f"found {described(asked)}"
            self.problems.append(
                change.by.problem(
                    place, "S111", "expected true or false", note=note, example="true"
                )
            )
        elif not value and not asked:
            advice = f"{{{REPLACE}: true}} empties a block"
            self.problems.append(change.by.problem(change.place, "S159", NOTHING, example=advice))
        return value, asked is True

    def _no_such_path(self, changes: Tree, place: Path, pattern: str) -> None:
        """A path that nothing stands at, with what was probably meant."""
        near, note = "", odd_letter(pattern)
        whole = next((path for path in starts(pattern) if _is_number(self.tree, path)), "")
        if len(place) > 1 and "." in place[-1]:
            note = "dotted paths stand directly under changes:"
        elif whole:
            near, note = whole, "a number is replaced whole, with its law and source"
        else:
            if self._known is None:
                paths = every_path(self.tree.plain, Scenario)
                self._known = [".".join(path) for path in paths if path[0] != MEMORY]
            near = nearest_path(pattern, self._known)
        message = f"no such path in the scenario: {pattern[:80]}"
        self.problems.append(
            changes.problem(place, "S151", message, key=True, suggestion=near, note=note)
        )


def _merges(value: Any, there: Any, kind: Any) -> bool:
    """Whether a value changes fields of what is there instead of taking its place.

    A number is one thing, and so is a moment, unless only its chance is changed.
    """
    if not isinstance(value, dict) or not isinstance(there, dict) or is_whole(kind):
        return False
    return kind is not Moment or set(value) == {"ever_share"}


def _is_number(tree: Tree, pattern: str) -> bool:
    found = targets(pattern, tree.plain, Scenario)
    return bool(found) and all(is_whole(kind_at(path, Scenario)) for path in found)


def _new_entry(tree: Tree, path: Path, value: Any) -> list[Path]:
    """The path of an entry that a collection does not have yet.

    Fields make an entry, or a number where a collection holds numbers. Some of the fields under a
    name that is nearly that of an entry are a slip.
    """
    collection = kind_at(path[:-1], Scenario)
    around, entries = tree.at(path[:-2]), tree.at(path[:-1])
    is_collection = get_origin(collection) is dict and isinstance(around, dict)
    known = entries if isinstance(entries, dict) else {}
    if "*" in path[-1] or not is_collection or path[-1] in known or path[0] == MEMORY:
        return []
    kind = plain_kind(get_args(collection)[1])
    if not isinstance(value, dict):
        return [path] if (is_whole(kind) or kind is float) and value is not None else []
    required = [name for name in field_names(kind) if kind.model_fields[name].is_required()]
    is_slip = not all(name in value for name in required) and nearest(path[-1], known)
    return [] if is_slip else [path]


def _single(wanted: list[Change]) -> tuple[list[Change], list[Problem]]:
    """The changes that no other one contradicts, and a problem for each that is one too many."""
    kept: dict[Path, Change] = {}
    problems = []
    for change in sorted(wanted, key=lambda change: len(change.target)):
        around = (change.target[:length] for length in range(1, len(change.target) + 1))
        first = next((kept[path] for path in around if path in kept), None)
        if first is None:
            kept[change.target] = change
        else:
            problems.append(_twice(change, first))
    return list(kept.values()), problems


def _twice(change: Change, other: Change) -> Problem:
    """Two changes of one path: the later one is told, with the place of the earlier one."""
    first, later = sorted((other, change), key=_place)
    before, here = first.mark, later.mark
    note = ""
    also: tuple[int, ...] = ()
    if before is not None and here is not None:
        where = first.place[0] if before.source.rank < 0 else f"{before.source.name}:{before.line}"
        note = f"first by {where}"
        also = (before.line,) if before.source is here.source else ()
    message = f"{'.'.join(change.target)} is changed twice"
    return later.by.problem(later.place, "S156", message, key=True, note=note, also=also)


def _place(change: Change) -> tuple[int, int, int]:
    """Parents first, then by line; a setting is stated last."""
    mark = change.mark
    return (0, 0, 0) if mark is None else (-mark.source.rank, mark.line, mark.column)


def _made(tree: Tree, changes: list[Change]) -> Tree:
    """``tree`` after changes that do not contradict each other, each mark at its new place."""
    values, keys = dict(tree.values), dict(tree.keys)
    plain = remembered(tree.plain, (change.target for change in changes))
    for change in changes:
        target = change.target
        for path in below(tree.at(target), target):
            values.pop(path, None)
            keys.pop(path, None)
        for inner in below(change.value, ()):
            given = (*change.place, *inner)
            if given in change.by.values:
                values[*target, *inner] = change.by.values[given]
            if given in change.by.keys:
                keys[*target, *inner] = change.by.keys[given]
        former = Tree(plain).at(target)
        if change.value is None and get_origin(kind_at(target[:-1], Scenario)) is dict:
            plain = without_entry(plain, target)
        else:
            plain = with_value(plain, target, _still_a_lever(former, change.value))
    return Tree(plain, values, keys)


def _still_a_lever(former: Any, value: Any) -> Any:
    """A number that is ours to choose stays so when it is chosen, and costs what it did."""
    if not isinstance(former, dict) or former.get("kind") != "lever":
        return value
    kept = {name: former[name] for name in ("kind", "cost") if former.get(name) is not None}
    if isinstance(value, int | float) and not isinstance(value, bool):
        return {"value": value, **kept}
    if isinstance(value, dict):
        return {**(kept if value.get("kind", "lever") == "lever" else {}), **value}
    return value
