"""Overriding: a scenario with changes by dotted path is another scenario."""

from collections.abc import Mapping
from typing import Any

from simulator.errors import Problem
from simulator.scenario.memory import as_plain, settled
from simulator.scenario.merging import applied
from simulator.scenario.spelling import spelled
from simulator.scenario.trees import Mark, Path, Source, Tree
from simulator.scenario.types import Scenario
from simulator.scenario.validating import validated


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
