"""A scenario file becomes a scenario, after all that it extends and all that is changed."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path as FilePath
from typing import Any

from simulator.errors import Problem, RefusedError, ScenarioError
from simulator.scenario import checking
from simulator.scenario.checking import LIMITS, Limits
from simulator.scenario.files import Asked, beside, parent_of, text_of
from simulator.scenario.overriding import applied, changed, settled
from simulator.scenario.parsing import parsed
from simulator.scenario.paths import nearest
from simulator.scenario.scalars import ScalarError, forbidden, forbidden_words, resolved
from simulator.scenario.series import series
from simulator.scenario.spelling import spelled
from simulator.scenario.trees import Mark, Path, Source, Tree, moved
from simulator.scenario.types import Scenario
from simulator.scenario.validating import in_file_order, located, validated

DIRECTIVES = ("extends", "changes", "overrides", "apply", "calendar")
"""What a file says beside the fields of a scenario."""

_OPTION = (Source("--override", ("",), rank=-1), 1, 1)
"""The place of what the command line has chosen."""

Overrides = dict[str, Tree]
"""Named changes, from anywhere among the files that extend each other."""


@dataclass(frozen=True, slots=True)
class Layers:
    """A file after what it extends: its tree, its overrides, and what was found on the way."""

    tree: Tree
    overrides: Overrides
    problems: tuple[Problem, ...] = ()
    notes: tuple[Problem, ...] = ()


def load(
    path: str | FilePath,
    changes: Mapping[str, object] | None = None,
    *,
    overrides: Iterable[str] = (),
    limits: Limits = LIMITS,
) -> Scenario:
    """The scenario in a file, with what it extends and with ``changes`` by dotted path.

    What is changed last wins: ``changes``, then named overrides, then the file, then what it
    extends.

    Args:
        path: A YAML file, or ``-`` for standard input.
        changes: Values by dotted path, applied last, as ``--set`` of the command line does.
        overrides: Names of overrides in the file or in what it extends.
        limits: What is refused as too large.

    Returns:
        A valid scenario.

    Raises:
        ScenarioError: With every problem of the file, each with its line.
        RefusedError: The file, the horizon, the orders or the replications are above a limit.

    Example:
        >>> load("scenarios/iran-belarus-2023.yaml", {"target.turnover_usd_million": 120})

    """
    scenario, _ = load_with_warnings(path, changes, overrides=overrides, limits=limits)
    return scenario


def load_with_warnings(
    path: str | FilePath,
    changes: Mapping[str, object] | None = None,
    *,
    overrides: Iterable[str] = (),
    limits: Limits = LIMITS,
) -> tuple[Scenario, tuple[Problem, ...]]:
    """The scenario as ``load`` gives it, and what is allowed in it but probably not meant."""
    return _judged(layered(path, changes, overrides=overrides, limits=limits), limits)


def layered(
    path: str | FilePath,
    changes: Mapping[str, object] | None = None,
    *,
    overrides: Iterable[str] = (),
    limits: Limits = LIMITS,
) -> Layers:
    """The tree of a file after all that it extends and all that is changed, not yet validated."""
    offer = _offer(Asked(str(path)), limits)
    return _changed(_chosen(offer, tuple(overrides)), changes)


@dataclass(frozen=True, slots=True)
class Checked:
    """A file that is valid with each of its overrides: as it stands, and all warnings of it."""

    scenario: Scenario
    overrides: tuple[str, ...]
    warnings: tuple[Problem, ...]


def checked(
    path: str | FilePath,
    changes: Mapping[str, object] | None = None,
    *,
    overrides: Iterable[str] = (),
    limits: Limits = LIMITS,
) -> Checked:
    """The scenario of a file after it has been tried with every override that it offers.

    A file that applies overrides itself, or is asked for with some, has made its choice.

    Raises:
        ScenarioError: With every problem of the file and of its overrides.
        RefusedError: Something is above a limit.

    """
    offer = _offer(Asked(str(path)), limits)
    names = tuple(offer.layers.overrides)
    alone = () if tuple(overrides) or offer.own.plain.get("apply") else names
    scenario: Scenario | None = None
    warnings: dict[Problem, None] = {}
    problems: dict[Problem, None] = {}
    for choice in (tuple(overrides), *((name,) for name in alone)):
        try:
            found, told = _judged(_changed(_chosen(offer, choice), changes), limits)
        except ScenarioError as error:
            problems |= dict.fromkeys(error.problems)
        else:
            scenario = scenario or found
            warnings |= dict.fromkeys(told)
    if problems or scenario is None:
        raise ScenarioError(problems)
    return Checked(scenario, names, tuple(warnings))


def _changed(layers: Layers, changes: Mapping[str, object] | None) -> Layers:
    tree, problems, notes = changed(layers.tree, changes or {}, "--set")
    return Layers(tree, layers.overrides, (*layers.problems, *problems), (*layers.notes, *notes))


def _judged(layers: Layers, limits: Limits) -> tuple[Scenario, tuple[Problem, ...]]:
    """A valid scenario, with the warnings that it earns."""
    scenario = settled(validated(layers.tree, layers.problems))
    for problem, option in checking.refusals(scenario, limits):
        raise RefusedError(located(layers.tree, problem), option)
    warnings = [located(layers.tree, warning) for warning in checking.warnings(scenario)]
    return scenario, tuple(sorted((*layers.notes, *warnings), key=in_file_order))


def parse_setting(text: str) -> tuple[str, object]:
    """The path and the value of ``path=value`` from the command line.

    Raises:
        ScenarioError: It is not written like that, or the value is no value.

    """
    source = Source("--set", (text,))
    hidden = forbidden(text)
    if hidden:
        mark = Mark(source, 1, hidden.start() + 1)
        raise ScenarioError([mark.problem("S114", forbidden_words(hidden[0]))])
    path, equals, written = text.partition("=")
    if not equals or not re.fullmatch(r"[\w*.-]+", path.strip()):
        mark = Mark(source, 1, 1, len(text))
        example = "--set target.turnover_usd_million=120"
        raise ScenarioError([mark.problem("S152", "expected path=value", example=example)])
    if written.strip()[:1] in ("{", "[", '"', "'"):
        # Spaces in place of the path keep the columns right.
        tree, problems = parsed(Source("--set", (" " * (len(path) + 1) + written,)), LIMITS)
        if problems:
            raise ScenarioError(problems)
        return path.strip(), tree.plain
    try:
        return path.strip(), resolved(written.strip())
    except ScalarError as error:
        mark = Mark(source, 1, len(path) + 2, len(written))
        raise ScenarioError([mark.problem(error.code, str(error))]) from None


# --- Files that extend each other ---


@dataclass(frozen=True, slots=True)
class Offer:
    """A file after what it extends, before any override is applied; ``own`` is its own text."""

    layers: Layers
    own: Tree


def _offer(asked: Asked, limits: Limits) -> Offer:
    """A file after all that it extends, with the overrides that can be chosen."""
    tree, problems, notes = _read(asked, limits)
    if not isinstance(tree.plain, dict):
        raise ScenarioError([*problems, *_no_fields(tree, problems)])
    published = None
    if isinstance(tree.plain.get("history"), str):
        published, faults = _history(asked, tree, limits)
        tree = replace(tree, plain={n: v for n, v in tree.plain.items() if n != "history"})
        problems = (*problems, *faults)
    if "extends" in tree.plain:
        parent = _chosen(_offer(parent_of(asked, tree), limits), ())
        differing, unknown = applied(parent.tree, _part(tree, ("changes",)))
        merged = _with_own_fields(differing, tree, asked.name)
        problems = (*problems, *parent.problems, *unknown, *_misplaced(tree))
    else:
        parent, merged = Layers(Tree({}), {}), _without_directives(tree)
    if published is not None:
        merged = merged.grafted(("history",), published)
    overrides, doubtful = _overrides(tree, parent.overrides)
    layers = Layers(merged, overrides, (*problems, *doubtful), (*parent.notes, *notes))
    return Offer(layers, tree)


def _read(asked: Asked, limits: Limits) -> tuple[Tree, tuple[Problem, ...], tuple[Problem, ...]]:
    """The tree of one text, with its problems and notes, as it is included here."""
    lines = _lines(text_of(asked, limits))
    source = Source(asked.name, lines, asked.included_by, rank=len(asked.chain))
    try:
        tree, problems, notes = _readable(asked.name, lines, limits)
    except ScenarioError as error:
        raise ScenarioError(_included(asked, error.problems)) from None
    return tree.marked(source), _included(asked, problems), _included(asked, notes)


def _history(asked: Asked, tree: Tree, limits: Limits) -> tuple[Tree, list[Problem]]:
    """The published figures that stand in a file beside this one."""
    file = beside(asked, tree, "history", (".csv",), "history: observed.csv")
    source = Source(file.name, _lines(text_of(file, limits)), file.included_by, len(asked.chain))
    return series(source)


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


def _part(tree: Tree, path: Path) -> Tree:
    """What a file holds at ``path`` as a tree of its own; empty where it holds no fields."""
    plain = tree.at(path)
    fields = plain if isinstance(plain, dict) else {}
    return Tree(fields, moved(tree.values, path, ()), moved(tree.keys, path, ()))


def _overrides(tree: Tree, inherited: Overrides) -> tuple[Overrides, list[Problem]]:
    """The named changes of a file after those of what it extends."""
    plain = tree.plain.get("overrides")
    if plain is not None and not isinstance(plain, dict):
        message = "expected fields (name: changes)"
        return inherited, [tree.problem(("overrides",), "S111", message)]
    found, problems = dict(inherited), []
    for name, inner in (plain or {}).items():
        path = ("overrides", name)
        if not re.fullmatch(r"[a-z0-9][a-z0-9_]{0,63}", name):
            message = "expected small letters, digits and _"
            note = f"found '{name[:40]}'"
            problems.append(tree.problem(path, "S126", message, key=True, note=note))
        elif name in inherited:
            message = f"the override '{name}' is defined already in what this file extends"
            problems.append(tree.problem(path, "S157", message, key=True))
        elif not isinstance(inner, dict):
            problems.append(tree.problem(path, "S111", "expected fields (path: value)"))
        elif not inner:
            message = "no fields are given, so nothing would change"
            problems.append(tree.problem(path, "S159", message))
            found[name] = Tree({})
        else:
            found[name] = _part(tree, path)
    return found, problems


def _chosen(offer: Offer, asked_for: tuple[str, ...]) -> Layers:
    """A file with the overrides that it applies itself and those it is asked for with."""
    layers, child = offer.layers, offer.own
    own, problems = _own_choice(child)
    names = dict.fromkeys((*own, *asked_for))
    unknown = [name for name in names if name not in layers.overrides]
    for name in unknown:
        problem = Problem(
            "S158",
            f"no override is called '{name[:40]}'",
            field="apply" if name in own else "--override",
            note=f"defined: {', '.join(layers.overrides) or 'none'}"[:200],
            suggestion=nearest(name, layers.overrides),
        )
        problems.append(located(child, problem) if name in own else problem)
    trees = [layers.overrides[name] for name in names if name not in unknown]
    if not trees:
        return replace(layers, problems=(*layers.problems, *problems))
    tree, found = applied(layers.tree, *trees)
    if not any("name" in other.plain for other in trees):
        name = ".".join((str(tree.plain.get("name")), *names))
        tree = tree.grafted(("name",), Tree(name, {(): child.mark(("apply",)) or Mark(*_OPTION)}))
    return replace(layers, tree=tree, problems=(*layers.problems, *problems, *found))


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
        if name not in ("overrides", "apply", "calendar")
    }
    return replace(tree, plain=plain)


def _no_fields(tree: Tree, problems: tuple[Problem, ...]) -> list[Problem]:
    if problems:
        return []
    if tree.plain is None:
        return [tree.problem((), "S103", "the scenario is empty", example="sim init my-scenario")]
    return [tree.problem((), "S117", "expected fields such as name:", note="found something else")]


def _own(child: Tree) -> dict[str, Any]:
    return {name: value for name, value in child.plain.items() if name not in DIRECTIVES}


def _with_own_fields(parent: Tree, child: Tree, file: str) -> Tree:
    """``parent`` with the single-valued fields that ``child`` states itself.

    A scenario without a name takes that of its file: results of two scenarios never mix.
    """
    own = {n: v for n, v in _own(child).items() if not isinstance(v, dict | tuple) and "." not in n}
    changed = _part(child, ("changes",)).plain
    names = own if "name" in changed else {"name": FilePath(file).stem, **own}
    values, keys = dict(parent.values), dict(parent.keys)
    for name in names:
        mark = child.mark((name,))
        assert mark is not None
        values[name,] = mark
        keys[name,] = child.mark((name,), key=True) or mark
    return Tree({**parent.plain, **names}, values, keys)


def _misplaced(child: Tree) -> list[Problem]:
    """What may not stand beside ``extends:``."""
    problems = [
        child.problem(
            (name,),
            "S163",
            "a path stands under changes:",
            key=True,
            example=f"changes: {{{name}: …}}",
        )
        for name, value in _own(child).items()
        if "." in name and not isinstance(value, dict | tuple)
    ]
    problems += [
        child.problem(
            (name,),
            "S163",
            f"beside extends:, {name} is stated by its paths under changes:",
            key=True,
            example=f"changes: {{{name}.…: …}}",
        )
        if name in Scenario.model_fields
        else child.problem(
            (name,),
            "S104",
            f"unknown field '{name[:40]}'",
            key=True,
            note="not a field of a scenario",
            suggestion=nearest(name, (*Scenario.model_fields, *DIRECTIVES)),
        )
        for name, value in _own(child).items()
        if isinstance(value, dict | tuple)
    ]
    problems += [
        child.problem(
            ("changes", name),
            "S156",
            f"{name} is changed twice",
            key=True,
            note=f"also stated on line {child.keys[name,].line}",
            also=(child.keys[name,].line,),
        )
        for name in _part(child, ("changes",)).plain
        if name in _own(child)
    ]
    if "question" not in child.plain:
        words = "required field 'question' is missing"
        problem = child.problem((), "S105", words, example="question: What if …?")
        problems.append(replace(problem, field="question"))
    if not isinstance(child.plain.get("changes", {}), dict | None):
        problems.append(child.problem(("changes",), "S111", "expected fields (path: value)"))
    return problems


def _lines(text: str) -> tuple[str, ...]:
    return tuple(re.split(r"\r\n|\n|\r", text))
