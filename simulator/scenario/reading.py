"""A scenario file becomes a scenario, after all that it extends and all that is changed."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path as FilePath

from simulator.errors import Problem, RefusedError, ScenarioError
from simulator.scenario import checking
from simulator.scenario.checking import LIMITS, Limits
from simulator.scenario.files import Asked
from simulator.scenario.layers import Layers, chosen, offer
from simulator.scenario.memory import settled
from simulator.scenario.overriding import changed
from simulator.scenario.parsing import parsed
from simulator.scenario.scalars import ScalarError, forbidden, forbidden_words, resolved
from simulator.scenario.sweeping import Block
from simulator.scenario.trees import Mark, Source, Tree
from simulator.scenario.types import Scenario
from simulator.scenario.validating import in_file_order, located, validated


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
        overrides: Names of overrides in the file or in what it extends; if any is given, those
            that the file applies itself are not.
        limits: What is refused as too large.

    Returns:
        A valid scenario.

    Raises:
        ScenarioError: With every problem of the file, each with its line.
        RefusedError: The file, the horizon, the orders or the replications are above a limit.

    Example:
        >>> load("scenarios/iran-belarus-2023.yaml", {"target.turnover_usd_million": 120})

    """
    return read(path, changes, overrides=overrides, limits=limits).scenario


@dataclass(frozen=True, slots=True)
class Reading:
    """A valid scenario, the tree that it was made from, and what is probably not meant in it."""

    scenario: Scenario
    tree: Tree
    warnings: tuple[Problem, ...]
    sweep: Block | None = None
    """What the file asks to vary."""


def read(
    path: str | FilePath,
    changes: Mapping[str, object] | None = None,
    *,
    overrides: Iterable[str] = (),
    limits: Limits = LIMITS,
) -> Reading:
    """The scenario as ``load`` gives it, with where its values come from and what to doubt."""
    offered = offer(Asked(str(path)), limits)
    return replace(_judged(chosen(offered, tuple(overrides)), changes, limits), sweep=offered.sweep)


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
    """The scenario of a file after it has been tried with every override that it defines.

    Raises:
        ScenarioError: With every problem of the file and of its overrides.
        RefusedError: Something is above a limit.

    """
    offered = offer(Asked(str(path)), limits)
    asked_for = tuple(overrides)
    alone = () if asked_for else tuple((name,) for name in offered.own_overrides)
    scenario: Scenario | None = None
    warnings: dict[Problem, None] = {}
    problems: dict[Problem, None] = {}
    for choice in (asked_for, *alone):
        try:
            found = _judged(chosen(offered, choice), changes, limits)
        except ScenarioError as error:
            problems |= dict.fromkeys(error.problems)
        else:
            scenario = scenario or found.scenario
            warnings |= dict.fromkeys(found.warnings)
    if problems or scenario is None:
        raise ScenarioError(problems)
    return Checked(scenario, tuple(offered.layers.overrides), tuple(warnings))


def _judged(layers: Layers, changes: Mapping[str, object] | None, limits: Limits) -> Reading:
    """A valid scenario after the changes that come last, with the warnings that it earns."""
    tree, problems, notes = changed(layers.tree, changes or {}, "--set")
    scenario = settled(validated(tree, (*layers.problems, *problems)))
    for problem, option in checking.refusals(scenario, limits):
        raise RefusedError(located(tree, problem), option)
    doubts = [located(tree, warning) for warning in checking.warnings(scenario)]
    warnings = sorted((*layers.notes, *notes, *doubts), key=in_file_order)
    return Reading(scenario, tree, tuple(warnings))


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
        tree, problems = parsed(replace(source, lines=(" " * (len(path) + 1) + written,)), LIMITS)
        if problems:
            raise ScenarioError(problems)
        return path.strip(), tree.plain
    try:
        return path.strip(), resolved(written.strip())
    except ScalarError as error:
        mark = Mark(source, 1, len(path) + 2, len(written))
        raise ScenarioError([mark.problem(error.code, str(error))]) from None
