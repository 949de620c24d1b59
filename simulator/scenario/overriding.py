"""Changes of a scenario by dotted paths: the one resolver behind every way to change a number."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from numbers import Integral, Real
from typing import Any, get_args, get_origin

from pydantic import BaseModel, TypeAdapter, ValidationError

from simulator.errors import Problem
from simulator.scenario.paths import (
    default_at,
    every_path,
    field_names,
    is_whole,
    kind_at,
    matching,
    nearest,
    nearest_path,
    plain_kind,
    starts,
    targets,
)
from simulator.scenario.quantities import Quantity, described
from simulator.scenario.scalars import odd_letter
from simulator.scenario.spelling import spelled
from simulator.scenario.trees import Mark, Path, Source, Tree
from simulator.scenario.types import VARYING, Moment, Scenario, quantities
from simulator.scenario.validating import validated

MEMORY = "former"
REPLACE = "_replace_"
"""In a block that is given for another one: nothing of the other one stays."""

WORDS = ("question", "name", "title", "context_of_use", "not_covered", "replications", "seed")
"""Fields that tell of a scenario and change nothing in it."""


def override(scenario: Scenario, changes: Mapping[str, object]) -> Scenario:
    """A new scenario with ``changes`` by dotted path; the old one stays as it is.

    A number is replaced whole, with its source. A mapping changes the fields that it names, or
    stands for all of them if it holds ``_replace_: true``; in a collection it may make a new entry.
    None removes an entry of a collection. ``*`` stands for any name in its segment.

    Raises:
        ScenarioError: A path does not exist or is changed twice, or the changed scenario is not
            valid.

    """
    tree, problems, _ = changed(Tree(as_plain(scenario)), changes, "changes")
    return settled(validated(tree, problems))


def changed(
    tree: Tree, changes: Mapping[str, object], name: str
) -> tuple[Tree, tuple[Problem, ...], tuple[Problem, ...]]:
    """``tree`` after changes given as values, with what is wrong in them and notes on them.

    ``name`` says where they come from.
    """
    grown, problems, notes = spelled(_grown(changes, name), dotted=True)
    after, more = applied(tree, grown)
    return after, (*problems, *more), tuple(notes)


def _grown(changes: Mapping[str, object], name: str) -> Tree:
    """Changes given as values, as a tree."""
    plain = {str(path): as_plain(value) for path, value in changes.items()}
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


def as_plain(value: Any) -> Any:  # noqa: PLR0911 -- one line a type
    """A value of Python as it would stand in a file."""
    if isinstance(value, BaseModel):
        return as_plain(value.model_dump(exclude_none=True))
    if isinstance(value, Mapping):
        return {str(name): as_plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return tuple(as_plain(inner) for inner in value)
    if isinstance(value, bool):
        return value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Integral):
        return int(value)
    return float(value) if isinstance(value, Real) else value


# --- Changes ---


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
        value, asked = change.value, None
        if isinstance(value, dict) and not is_whole(kind):
            asked = value.get(REPLACE, False)
            value = {name: inner for name, inner in value.items() if name != REPLACE}
            if not isinstance(asked, bool):
                place = replace(change, place=(*change.place, REPLACE))
                note = f"found {described(asked)}"
                self._problem(place, "S111", "expected true or false", note=note, example="true")
            if not value and not asked:
                advice = f"{{{REPLACE}: true}} empties a block"
                message = "no fields are given, so nothing would change"
                self._problem(change, "S159", message, example=advice)
        # A moment is one thing, too, unless only its chance is changed.
        is_part = kind is not Moment or (isinstance(value, dict) and set(value) == {"ever_share"})
        is_block = isinstance(value, dict) and isinstance(there, dict) and not is_whole(kind)
        if not is_block or not is_part or asked:
            self.wanted.append(Change(change.target, value, change.place, change.by))
            return
        for name, inner in value.items():
            self._inside(change, name, inner, kind)

    def _inside(self, change: Change, name: str, inner: Any, kind: Any) -> None:
        """One field of a block that is merged."""
        target, place = (*change.target, name), (*change.place, name)
        there = self.tree.at(change.target)
        if name in there or name in field_names(kind) or _new_entry(self.tree, target, inner):
            self._narrowed(Change(target, inner, place, change.by))
        else:
            self._no_such_path(change.by, place, ".".join(target))

    def _problem(
        self, change: Change, code: str, message: str, *, note: str = "", example: str
    ) -> None:
        problem = change.by.problem(change.place, code, message, note=note, example=example)
        self.problems.append(problem)

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


def _is_number(tree: Tree, pattern: str) -> bool:
    found = targets(pattern, tree.plain, Scenario)
    return bool(found) and all(is_whole(kind_at(path, Scenario)) for path in found)


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
        note = f"first by {before.source.name}:{before.line}"
        also = (before.line,) if before.source is here.source else ()
    message = f"{'.'.join(change.target)} is changed twice"
    return later.by.problem(later.place, "S156", message, key=True, note=note, also=also)


def _place(change: Change) -> tuple[int, int]:
    mark = change.mark
    return (0, 0) if mark is None else (mark.line, mark.column)


def _new_entry(tree: Tree, path: Path, value: Any) -> list[Path]:
    """The path of an entry that a collection does not have yet.

    Fields make an entry, or a number where a collection holds numbers. Some of the fields under a
    name that is nearly that of an entry are a slip.
    """
    collection = kind_at(path[:-1], Scenario)
    around, entries = tree.at(path[:-2]), tree.at(path[:-1])
    is_collection = get_origin(collection) is dict and isinstance(around, dict)
    if path[0] == MEMORY:
        return []
    known = entries if isinstance(entries, dict) else {}
    if "*" in path[-1] or not is_collection or path[-1] in known:
        return []
    kind = plain_kind(get_args(collection)[1])
    if not isinstance(value, dict):
        return [path] if (is_whole(kind) or kind is float) and value is not None else []
    required = [name for name in field_names(kind) if kind.model_fields[name].is_required()]
    is_slip = not all(name in value for name in required) and nearest(path[-1], known)
    return [] if is_slip else [path]


def _made(tree: Tree, changes: list[Change]) -> Tree:
    values, keys, plain = dict(tree.values), dict(tree.keys), tree.plain
    for change in changes:
        target = change.target
        for path in (target, *_inside(tree.at(target), target)):
            values.pop(path, None)
            keys.pop(path, None)
        for inner in ((), *_inside(change.value, ())):
            given = (*change.place, *inner)
            if given in change.by.values:
                values[*target, *inner] = change.by.values[given]
            if given in change.by.keys:
                keys[*target, *inner] = change.by.keys[given]
        former = Tree(plain).at(target)
        plain = _remembered(plain, target)
        in_collection = get_origin(kind_at(target[:-1], Scenario)) is dict
        gone = change.value is None and in_collection
        value = _still_a_lever(former, change.value)
        plain = _without(plain, target) if gone else _with(plain, target, value)
    return Tree(plain, values, keys)


def _still_a_lever(former: Any, value: Any) -> Any:
    """A number that is ours to choose stays so when it is chosen."""
    if not isinstance(former, dict) or former.get("kind") != "lever":
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return {"value": value, "kind": "lever"}
    return {"kind": "lever", **value} if isinstance(value, dict) else value


def _inside(plain: Any, path: Path) -> Iterator[Path]:
    """Every path below ``path``."""
    if isinstance(plain, dict):
        children = plain.items()
    elif isinstance(plain, tuple):
        children = {str(place): value for place, value in enumerate(plain)}.items()
    else:
        return
    for name, value in children:
        yield (*path, name)
        yield from _inside(value, (*path, name))


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


# --- What was before ---


def _remembered(plain: dict[str, Any], target: Path) -> dict[str, Any]:
    """``plain`` with what stands at ``target`` kept as what it was at first.

    A difference changes what will be, not under what the base flows came about. So a lower tariff
    raises trade, and a payment that is refused more often lowers it.
    """
    known = plain.get(MEMORY)
    memory: Mapping[str, Any] = known if isinstance(known, dict) else {}
    around = (".".join(target[:length]) for length in range(1, len(target) + 1))
    if target[0] in WORDS or any(path in memory for path in around):
        return plain
    path = ".".join(target)
    before = Tree(plain).at(target)
    inner = {p: value for p, value in memory.items() if p.startswith(f"{path}.")}
    for name, value in inner.items():
        rest = tuple(name.split("."))[len(target) :]
        before = _without(before, rest) if value is None else _with(before, rest, value)
    kept = {p: value for p, value in memory.items() if p not in inner}
    return {**plain, MEMORY: {**kept, path: before}}


def settled(scenario: Scenario) -> Scenario:
    """The scenario without memories of what is as it was."""
    if not scenario.former:
        return scenario
    kept = {}
    for path, before in scenario.former.items():
        names = tuple(path.split("."))
        was, now = _canonical(before, names), as_plain(value_at(scenario, names))
        if was != now:
            kept[path] = was
    return scenario.model_copy(update={MEMORY: kept})


def _canonical(before: Any, path: Path) -> Any:
    """A former value as a scenario would write it; None where it was no value that can be."""
    kind = kind_at(path, Scenario)
    if before is None:
        return as_plain(default_at(path, Scenario))
    if not isinstance(before, dict) and not is_whole(kind):
        return before
    try:
        return as_plain(TypeAdapter(kind).validate_python(before))
    except ValidationError:
        return None


def value_at(scenario: Scenario, path: Path) -> Any:
    """What a scenario holds at a path; None where there is nothing."""
    value: Any = scenario
    for name in path:
        if isinstance(value, dict):
            value = value.get(name)
        elif isinstance(value, tuple):
            value = value[int(name)] if int(name) < len(value) else None
        else:
            value = getattr(value, name, None)
    return value


def base_numbers(scenario: Scenario) -> dict[str, Quantity]:
    """By path, what numbers were when the base was observed, where a change has replaced them."""
    found: dict[str, Quantity] = {}
    for path, before in scenario.former.items():
        if isinstance(before, dict):
            kind = kind_at(tuple(path.split(".")), Scenario)
            found.update(quantities(TypeAdapter(kind).validate_python(before), path))
    return {path: number for path, number in found.items() if _is_circumstance(path)}


CIRCUMSTANCES = (
    "corridors.*.excess_cv",
    "exports.*.goods.*.corridors.*",
    "settlement.channels.*.interruptions.*",
    "settlement.channels.*.share",
)
"""Numbers beside the varying ones under which the base flows came about."""


def _is_circumstance(path: str) -> bool:
    """Whether a number tells under what the base flows came about, not what they were."""
    varies = path.rpartition(".")[2] in VARYING
    return varies or any(matching(pattern, [path]) for pattern in CIRCUMSTANCES)
