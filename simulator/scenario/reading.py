"""A scenario file becomes a scenario, after all that it extends and all that is changed."""

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path as FilePath
from typing import Any

from simulator.errors import Problem, RefusedError, ScenarioError
from simulator.scenario import checking
from simulator.scenario.checking import LIMITS, Limits
from simulator.scenario.files import Asked, parent_of, text_of
from simulator.scenario.overriding import applied, grown, settled
from simulator.scenario.parsing import parsed
from simulator.scenario.scalars import ScalarError, resolved
from simulator.scenario.trees import Mark, Source, Tree, moved
from simulator.scenario.types import Scenario
from simulator.scenario.validating import located, validated


def load(
    path: str | FilePath,
    changes: Mapping[str, object] | None = None,
    *,
    limits: Limits = LIMITS,
) -> Scenario:
    """The scenario in a file, with what it extends and with ``changes`` by dotted path.

    Args:
        path: A YAML file, or ``-`` for standard input.
        changes: Values by dotted path, applied last, as ``--set`` of the command line does.
        limits: What is refused as too large.

    Returns:
        A valid scenario.

    Raises:
        ScenarioError: With every problem of the file, each with its line.
        RefusedError: The file, the horizon or the replications are above a limit.

    Example:
        >>> load("scenarios/iran-belarus-2023.yaml", {"target.turnover_usd_million": 120})

    """
    scenario, _ = load_with_warnings(path, changes, limits=limits)
    return scenario


def load_with_warnings(
    path: str | FilePath,
    changes: Mapping[str, object] | None = None,
    *,
    limits: Limits = LIMITS,
) -> tuple[Scenario, tuple[Problem, ...]]:
    """The scenario as ``load`` gives it, and what is allowed in it but probably not meant."""
    tree, found = _tree(path, changes or {}, limits)
    scenario = settled(validated(tree, found))
    for problem, option in checking.refusals(scenario, limits):
        raise RefusedError(located(tree, problem), option)
    return scenario, tuple(located(tree, warning) for warning in checking.warnings(scenario))


def origins(
    path: str | FilePath, changes: Mapping[str, object] | None = None
) -> dict[str, tuple[str, int]]:
    """The file and line of every value that a file states, by dotted path."""
    tree, _ = _tree(path, changes or {}, LIMITS)
    return {
        ".".join(where): (mark.source.name, mark.line)
        for where, mark in tree.values.items()
        if where
    }


def _tree(
    path: str | FilePath, changes: Mapping[str, object], limits: Limits
) -> tuple[Tree, tuple[Problem, ...]]:
    tree, found = _file(Asked(str(path)), limits)
    tree, unknown = applied(tree, grown(changes, "--set"))
    return tree, (*found, *unknown)


def parse_setting(text: str) -> tuple[str, object]:
    """The path and the value of ``path=value`` from the command line.

    Raises:
        ScenarioError: It is not written like that, or the value is no value.

    """
    source = Source("--set", (text,))
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


def _file(asked: Asked, limits: Limits) -> tuple[Tree, tuple[Problem, ...]]:
    """The tree of a file after all that it extends, with what is wrong in the texts."""
    lines = _lines(text_of(asked, limits))
    source = Source(asked.name, lines, asked.included_by, rank=len(asked.chain))
    tree, problems = parsed(source, limits)
    if not isinstance(tree.plain, dict):
        raise ScenarioError([*problems, *_no_fields(tree, problems)])
    if "extends" not in tree.plain:
        return tree, problems
    parent, more = _file(parent_of(asked, tree), limits)
    changed, unknown = applied(parent, _changes(tree))
    merged = _with_own_fields(changed, tree, asked.name)
    return merged, (*problems, *more, *unknown, *_misplaced(tree))


def _no_fields(tree: Tree, problems: tuple[Problem, ...]) -> list[Problem]:
    if problems:
        return []
    if tree.plain is None:
        return [tree.problem((), "S103", "the scenario is empty", example="sim init my-scenario")]
    return [tree.problem((), "S117", "expected fields such as name:", note="found something else")]


def _changes(child: Tree) -> Tree:
    """The ``changes:`` of a file as a tree of its own."""
    plain = child.plain.get("changes")
    return Tree(
        plain if isinstance(plain, dict) else {},
        moved(child.values, ("changes",), ()),
        moved(child.keys, ("changes",), ()),
    )


def _own(child: Tree) -> dict[str, Any]:
    return {
        name: value for name, value in child.plain.items() if name not in ("extends", "changes")
    }


def _with_own_fields(parent: Tree, child: Tree, file: str) -> Tree:
    """``parent`` with the single-valued fields that ``child`` states itself.

    A scenario without a name takes that of its file: results of two scenarios never mix.
    """
    own = {n: v for n, v in _own(child).items() if not isinstance(v, dict | tuple)}
    names = {"name": FilePath(file).stem, **own}
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
            f"beside extends:, {name} is stated by its paths under changes:",
            key=True,
            example=f"changes: {{{name}.…: …}}",
        )
        for name, value in _own(child).items()
        if isinstance(value, dict | tuple)
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
