"""Describing: every value of a scenario in words, with who decides it and where it comes from."""

import re
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from simulator.errors import Problem, ScenarioError
from simulator.scenario.memory import former_values
from simulator.scenario.paths import matching, nearest_path, starts, unit
from simulator.scenario.quantities import (
    Beta,
    Discrete,
    Frozen,
    Lognormal,
    Normal,
    Quantity,
    Triangular,
    Uniform,
)
from simulator.scenario.trees import Mark, Path, Tree
from simulator.scenario.types import MEMORY, Moment, Scenario, quantities


@dataclass(frozen=True, slots=True)
class Entry:
    """One value of a scenario: what it is, and the file and line that set it.

    ``kind`` is lever, uncertainty or constant for a number and empty for a word. ``file`` and
    ``line`` are empty and 0 for what no file states: a default, or a value given in Python.
    """

    path: str
    value: str
    unit: str
    kind: str
    source: str
    file: str
    line: int
    was: str = ""
    changed_by: str = ""
    """The effects that change it in the course of a run, by their paths."""
    cost: str = ""
    """What a change by one unit costs."""


def entries(scenario: Scenario, tree: Tree) -> Iterator[Entry]:
    """Every value of a scenario in its own order; ``tree`` is the one that it was made from."""
    former, effects = _former(scenario), _effects_by_number(scenario)
    for path, value in _leaves(scenario, ()):
        mark = _mark(tree, path)
        number = value if isinstance(value, Quantity) else None
        yield Entry(
            path=".".join(path),
            value=words(value),
            unit=unit(path[-1]) if number else "",
            kind=kind(number) if number else "",
            source=(number.source or "") if number else "",
            file=mark.source.name if mark else "",
            line=mark.line if mark else 0,
            was=former.get(path, ""),
            changed_by=", ".join(effects.get(".".join(path), ())),
            cost=f"{number.cost:.10g}" if number and number.cost is not None else "",
        )


def _effects_by_number(scenario: Scenario) -> dict[str, list[str]]:
    """The paths of the effects that change a number during a run, by the path of the number."""
    numbers = [path for path, _ in quantities(scenario)]
    found: dict[str, list[str]] = {}
    for owner, effects in scenario.effects.items():
        for name, effect in effects.items():
            for path in matching(effect.path, numbers):
                found.setdefault(path, []).append(f"{owner}.effects.{name}")
    return found


def selected(found: Iterable[Entry], below: str) -> list[Entry]:
    """The entries at and below a path or pattern; all of them if it is empty.

    Raises:
        ScenarioError: Nothing stands there.

    """
    every = list(found)
    if not below:
        return every
    kept = [entry for entry in every if matching(below, starts(entry.path))]
    if not kept:
        near = nearest_path(below, (entry.path for entry in every))
        message = f"no such path in the scenario: {below[:80]}"
        raise ScenarioError([Problem("S151", message, field=below, suggestion=near)])
    return kept


def kind(number: Quantity) -> str:
    """Who decides a number: as it says itself, or as its form tells."""
    return number.kind or ("constant" if number.law is None else "uncertainty")


def words(value: Any) -> str:
    """A value in words: a number by its value or law, a list by its items."""
    if isinstance(value, Quantity):
        return law_words(value)
    if isinstance(value, tuple):
        return ", ".join(map(words, value))
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:.10g}"
    if isinstance(value, Moment):
        return _moment_words(value)
    return str(getattr(value, "title", "a block") if _is_block(value) else value)


def _moment_words(moment: Moment) -> str:
    """A day, or the clock that runs from the information date."""
    if moment.day is not None:
        when = str(moment.day)
    else:
        assert moment.median_months is not None
        when = f"after {law_words(moment.median_months)} months"
    if moment.ever_share is None:
        return when
    return f"{when}, if ever ({law_words(moment.ever_share)})"


def law_words(number: Quantity) -> str:  # noqa: PLR0911 -- one line a law
    """A number by its value, or by its law and the parameters of that."""
    match number.law:
        case None:
            return f"{number.value:.10g}"
        case Uniform(low=low, high=high):
            return f"uniform {low:g} to {high:g}"
        case Triangular(low=low, mode=mode, high=high):
            return f"triangular {low:g}, {mode:g}, {high:g}"
        case Normal(mean=mean, sd=sd, low=low, high=high):
            return f"normal {mean:g} (sd {sd:g}), {low:g} to {high:g}"
        case Lognormal(median=median, sigma=sigma):
            return f"lognormal, median {median:g}, sigma {sigma:g}"
        case Beta(a=a, b=b, low=low, high=high):
            ends = "" if (low, high) == (0, 1) else f", {low:g} to {high:g}"
            return f"beta {a:g}, {b:g}{ends}"
        case Discrete(values=values, weights=weights):
            chances = zip(values, weights, strict=True)
            total = sum(weights)
            return "one of " + ", ".join(f"{v:g} ({w / total:.0%})" for v, w in chances)


@dataclass(frozen=True, slots=True)
class Difference:
    """What a scenario supposes otherwise than the one that it extends: one number, word or block.

    A block that was added or taken out is told as a whole, by its title; ``was`` or ``value`` is
    then ``absent``.
    """

    path: str
    value: str
    was: str


ABSENT = "absent"
"""Stands for what is not there, or was not."""


def differences(scenario: Scenario) -> Iterator[Difference]:
    """What a scenario supposes otherwise than the one that it extends, in order of its changes.

    A block that is changed in part is told by the values that differ; of one that is new, the
    levers are told beside it, because they are ours to choose.
    """
    for dotted, was, now in former_values(scenario):
        path = tuple(dotted.split("."))
        if _is_block(was) and _is_block(now):
            before, after = dict(_told(was, path)), dict(_told(now, path))
            for place in before | after:
                if before.get(place) != after.get(place):
                    yield _difference(place, after.get(place), before.get(place))
            continue
        yield _difference(path, now, was)
        if was is None and _is_block(now):
            for lever, number in quantities(now, dotted):
                if number.kind == "lever":
                    yield Difference(lever, words(number), ABSENT)


NAMES = ("name", "title", "question", "context_of_use")
"""What a scenario says of itself; it changes no number."""


def between(before: Scenario, after: Scenario) -> Iterator[Difference]:
    """What one scenario says otherwise than another; a block that only one has is told whole."""
    yield from _between(before, after, ())


def _between(was: Any, now: Any, path: Path) -> Iterator[Difference]:
    if not (_is_block(was) and _is_block(now)):
        if was != now:
            yield _difference(path, now, was)
        return
    before, after = (dict(b if isinstance(b, dict) else iter(b)) for b in (was, now))
    for name in before | after:
        if name != MEMORY:
            yield from _between(before.get(name), after.get(name), (*path, str(name)))


def _difference(path: Path, now: Any, was: Any) -> Difference:
    return Difference(".".join(path), *(ABSENT if v is None else words(v) for v in (now, was)))


def _is_block(value: Any) -> bool:
    return isinstance(value, Frozen | dict) and not isinstance(value, Quantity | Moment)


def _told(value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    """The values in a block, a moment as one of them."""
    if not _is_block(value):
        yield path, value
        return
    named = value.items() if isinstance(value, dict) else iter(value)
    for name, inner in named:
        if inner is not None:
            yield from _told(inner, (*path, str(name)))


def _former(scenario: Scenario) -> dict[Path, str]:
    """By path, what values were before a change."""
    found: dict[Path, str] = {}
    for dotted, was, now in former_values(scenario):
        path = tuple(dotted.split("."))
        before, after = dict(_leaves(was, path)), dict(_leaves(now, path))
        for place, value in after.items():
            if place not in before:
                found[place] = ABSENT
            elif before[place] != value:
                found[place] = words(before[place])
    return found


def _mark(tree: Tree, path: Path) -> Mark | None:
    """Where a file states the value; a bare value stands for the only field of its block."""
    bare = path[:-1] if tree.at(path) is None and not isinstance(tree.at(path[:-1]), dict) else path
    return tree.keys.get(bare) or tree.values.get(bare)


def _leaves(value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    """What is not made of parts; absent fields and memories of former values are left out."""
    if isinstance(value, Frozen) and not isinstance(value, Quantity):
        for name in type(value).model_fields:
            if name != MEMORY:
                yield from _leaves(getattr(value, name), (*path, name))
    elif isinstance(value, dict) and value:
        for name, inner in value.items():
            yield from _leaves(inner, (*path, str(name)))
    elif value is not None and value != {}:
        yield path, value


COLUMNS = ("path", "value", "unit", "kind", "file", "line", "source", "was", "changed_by", "cost")
"""Columns of the plain form, in its order."""


def told(found: list[Entry], width: int = 90) -> str:
    """Entries for people: a path, its value, where it was set and what it rests on."""
    return "\n\n".join("\n".join(_lines(entry, width)) for entry in found)


def _lines(entry: Entry, width: int) -> Iterator[str]:
    said = " ".join(part for part in (entry.value, entry.unit) if part)
    said += f", {entry.kind}" if entry.kind else ""
    said += f", a unit costs {entry.cost}" if entry.cost else ""
    place = f"{entry.file}:{entry.line}" if entry.file else "not stated: the default"
    was = f"was {entry.was}" if entry.was else ""
    changed_by = f"in a run changed by {entry.changed_by}" if entry.changed_by else ""
    texts = (said, was, place, entry.source, changed_by)
    yield entry.path
    for text in texts:
        if text:
            yield textwrap.fill(
                text,
                width,
                initial_indent="    ",
                subsequent_indent="      ",
                break_long_words=False,
                break_on_hyphens=False,
            )


def tabbed(found: list[Entry]) -> str:
    """Entries as lines of tab-separated columns under their names."""
    rows = [COLUMNS, *(tuple(str(getattr(entry, name)) for name in COLUMNS) for entry in found)]
    return "\n".join("\t".join(re.sub(r"\s+", " ", cell) for cell in row) for row in rows)
