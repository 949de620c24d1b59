"""Layers: a file after all that it extends, and after the overrides that are chosen for it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path as FilePath
from typing import Any

from simulator.errors import Problem, ScenarioError
from simulator.scenario.checking import Limits
from simulator.scenario.files import STANDARD_INPUT, Asked, beside, parent_of, text_of
from simulator.scenario.merging import NOTHING, applied
from simulator.scenario.parsing import parsed
from simulator.scenario.paths import nearest
from simulator.scenario.scalars import forbidden
from simulator.scenario.series import series
from simulator.scenario.spelling import spelled
from simulator.scenario.sweeping import Block, block
from simulator.scenario.trees import Mark, Path, Source, Tree, moved
from simulator.scenario.types import KEY_PATTERN, Scenario
from simulator.scenario.validating import located, unknown

DIRECTIVES = ("extends", "changes", "overrides", "apply", "calendar", "sweep")
"""What a file says beside the fields of a scenario."""

_OPTION = Mark(Source("--override", ("",), rank=-1), 1, 1)
"""The place of what the command line has chosen."""

Overrides = dict[str, Tree]
"""Named changes, from anywhere among the files that extend each other."""


@dataclass(frozen=True, slots=True)
class Layers:
    """A tree after all layers, its overrides, and what was found on the way."""

    tree: Tree
    overrides: Overrides
    problems: tuple[Problem, ...] = ()
    notes: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Offer:
    """A file after what it extends, before any override is applied; ``own`` is its own text."""

    layers: Layers
    own: Tree
    sweep: Block | None = None
    """What the file asks to vary."""

    @property
    def own_overrides(self) -> tuple[str, ...]:
        """The overrides that the file defines itself."""
        return tuple(name for name in _part(self.own, ("overrides",)).plain)


def offer(asked: Asked, limits: Limits) -> Offer:
    """A file after all that it extends, with the overrides that can be chosen.

    Raises:
        ScenarioError: A text cannot be read at all.
        RefusedError: A text is above a limit.

    """
    tree, problems, notes = _read(asked, limits)
    if not isinstance(tree.plain, dict):
        raise ScenarioError([*problems, *_no_fields(tree, problems)])
    published = Tree(None)
    if isinstance(tree.plain.get("history"), str):
        published, faults = _history(asked, tree, limits)
        tree = replace(tree, plain={n: v for n, v in tree.plain.items() if n != "history"})
        problems = (*problems, *faults)
    if "extends" in tree.plain:
        parent = chosen(offer(parent_of(asked, tree), limits), ())
        below = _with_history(parent.tree, published)
        merged, wrong = applied(below, _stated(tree, asked), _part(tree, ("changes",)))
        problems = (*problems, *parent.problems, *wrong, *_misplaced(tree))
    else:
        parent = Layers(Tree({}), {})
        merged = _with_history(_without_directives(tree), published)
    overrides, doubtful = _overrides(tree, parent.overrides)
    varied, odd = block(tree)
    layers = Layers(merged, overrides, (*problems, *doubtful, *odd), (*parent.notes, *notes))
    return Offer(layers, tree, varied)


def chosen(offered: Offer, asked_for: tuple[str, ...]) -> Layers:
    """A file with the overrides that it is asked for with, or else those it applies itself."""
    layers, child = offered.layers, offered.own
    own, problems = _own_choice(child)
    names = tuple(sorted(set(asked_for or own)))
    for name in names:
        if name not in layers.overrides:
            problem = Problem(
                "S158",
                f"no override is called '{name[:40]}'",
                field="--override" if asked_for else "apply",
                note=f"defined: {', '.join(layers.overrides) or 'none'}"[:200],
                suggestion=nearest(name, layers.overrides),
            )
            problems.append(problem if asked_for else located(child, problem))
    trees = [_spoken(layers.overrides[n], len(names)) for n in names if n in layers.overrides]
    if not trees:
        return replace(layers, problems=(*layers.problems, *problems))
    tree, found = applied(layers.tree, *trees)
    if not any("name" in other.plain for other in trees):
        name = ".".join((str(tree.plain.get("name")), *names))
        tree = tree.grafted(("name",), Tree(name, {(): child.mark(("apply",)) or _OPTION}))
    return replace(layers, tree=tree, problems=(*layers.problems, *problems, *found))


def _spoken(tree: Tree, count: int) -> Tree:
    """An override without its question and title, where it does not speak for all by itself."""
    if count == 1:
        return tree
    plain = {name: value for name, value in tree.plain.items() if name not in ("question", "title")}
    return replace(tree, plain=plain)


def _read(asked: Asked, limits: Limits) -> tuple[Tree, tuple[Problem, ...], tuple[Problem, ...]]:
    """The tree of one text, with its problems and notes, as it is included here."""
    lines = _lines(text_of(asked, limits))
    source = Source(asked.name, lines, asked.included_by, rank=len(asked.chain))
    try:
        tree, problems, notes = _readable(asked.name, lines, limits)
    except ScenarioError as error:
        raise ScenarioError(_included(asked, error.problems)) from None
    return tree.marked(source), _included(asked, problems), _included(asked, notes)


def _included(asked: Asked, problems: Iterable[Problem]) -> tuple[Problem, ...]:
    return tuple(replace(problem, included_by=asked.included_by) for problem in problems)


@lru_cache(maxsize=32)
def _readable(
    name: str, lines: tuple[str, ...], limits: Limits
) -> tuple[Tree, tuple[Problem, ...], tuple[Problem, ...]]:
    """The tree of a text, the same wherever it is included; many scenarios share a parent."""
    raw, unreadable = parsed(Source(name, lines), limits)
    tree, problems, notes = spelled(raw)
    return tree, (*unreadable, *problems), tuple(notes)


def _lines(text: str) -> tuple[str, ...]:
    return tuple(re.split(r"\r\n|\n|\r", text))


def _no_fields(tree: Tree, problems: tuple[Problem, ...]) -> list[Problem]:
    if problems:
        return []
    if tree.plain is None:
        return [tree.problem((), "S103", "the scenario is empty", example="sim init my-scenario")]
    return [tree.problem((), "S117", "expected fields such as name:", note="found something else")]


# --- Parts of a file ---


def _history(asked: Asked, tree: Tree, limits: Limits) -> tuple[Tree, list[Problem]]:
    """The published figures that stand in a file beside this one."""
    file = beside(asked, tree, "history", (".csv",), "history: observed.csv")
    source = Source(file.name, _lines(text_of(file, limits)), file.included_by, len(asked.chain))
    return series(source)


def _with_history(tree: Tree, published: Tree) -> Tree:
    return tree if published.plain is None else tree.grafted(("history",), published)


def _part(tree: Tree, path: Path) -> Tree:
    """What a file holds at ``path`` as a tree of its own; empty where it holds no fields."""
    plain = tree.at(path)
    fields = plain if isinstance(plain, dict) else {}
    return Tree(fields, moved(tree.values, path, ()), moved(tree.keys, path, ()))


def _own(child: Tree) -> dict[str, Any]:
    return {name: value for name, value in child.plain.items() if name not in DIRECTIVES}


def _stated(child: Tree, asked: Asked) -> Tree:
    """The single values that a file states beside ``extends:``, which are changes as well.

    A scenario without a name takes that of its file: results of two scenarios never mix.
    """
    plain = {
        name: value
        for name, value in _own(child).items()
        if name in Scenario.model_fields and not isinstance(value, dict | tuple)
    }
    values: dict[Path, Mark] = {(name,): child.values[name,] for name in plain}
    keys: dict[Path, Mark] = {(name,): child.keys[name,] for name in plain if (name,) in child.keys}
    is_named = "name" in plain or "name" in _part(child, ("changes",)).plain
    root = child.mark(())
    if not is_named and asked.name != STANDARD_INPUT and root is not None:
        plain["name"] = FilePath(asked.name).stem
        values["name",] = keys["name",] = root
    return Tree(plain, values, keys)


def _misplaced(child: Tree) -> list[Problem]:
    """What may not stand beside ``extends:``."""
    problems = []
    for name, value in _own(child).items():
        known = name in Scenario.model_fields
        if (known and isinstance(value, dict | tuple)) or "." in name:
            message = "beside extends:, what is changed must stand under changes:"
            example = f"changes: {{{name}: …}}"
            problems.append(child.problem((name,), "S163", message, key=True, example=example))
        elif not known and not forbidden(name):
            problems.append(unknown(child, (name,), DIRECTIVES))
    if "question" not in child.plain:
        words = "required field 'question' is missing"
        problem = child.problem((), "S105", words, example="question: What if …?")
        problems.append(replace(problem, field="question"))
    if not isinstance(child.plain.get("changes", {}), dict | None):
        problems.append(child.problem(("changes",), "S111", "expected fields (path: value)"))
    return problems


def _overrides(tree: Tree, inherited: Overrides) -> tuple[Overrides, list[Problem]]:
    """The named changes of a file after those of what it extends."""
    plain = tree.plain.get("overrides")
    if plain is not None and not isinstance(plain, dict):
        message = "expected fields (name: changes)"
        return inherited, [tree.problem(("overrides",), "S111", message)]
    found, problems = dict(inherited), []
    for name, inner in (plain or {}).items():
        path = ("overrides", name)
        found.setdefault(name, _part(tree, path))
        if not re.fullmatch(KEY_PATTERN, name):
            message, note = "expected small letters, digits and _", f"found '{name[:40]}'"
            problems.append(tree.problem(path, "S126", message, key=True, note=note))
        elif name in inherited:
            message = f"the override '{name}' is defined already in what this file extends"
            problems.append(tree.problem(path, "S157", message, key=True))
        elif not isinstance(inner, dict):
            problems.append(tree.problem(path, "S111", "expected fields (path: value)"))
        elif not inner:
            problems.append(tree.problem(path, "S159", NOTHING))
    return found, problems


def _own_choice(child: Tree) -> tuple[tuple[str, ...], list[Problem]]:
    """The overrides that a file applies itself."""
    given = child.plain.get("apply", ())
    if isinstance(given, tuple) and all(isinstance(name, str) for name in given):
        return given, []
    example = "apply: [name]"
    return (), [child.problem(("apply",), "S111", "expected names of overrides", example=example)]


def _without_directives(tree: Tree) -> Tree:
    """A file that extends nothing, as the scenario that it is; changes of nothing stay a fault."""
    plain = {
        name: value
        for name, value in tree.plain.items()
        if name not in ("overrides", "apply", "calendar", "sweep")
    }
    return replace(tree, plain=plain)
