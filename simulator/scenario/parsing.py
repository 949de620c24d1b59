"""One text becomes a tree: strict YAML 1.2, with the line and column of every key and value."""

import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    StreamEndEvent,
)

from simulator.errors import Problem, RefusedError, ScenarioError
from simulator.scenario.checking import Limits
from simulator.scenario.scalars import ScalarError, forbidden, forbidden_words, resolved
from simulator.scenario.trees import Mark, Path, Source, Tree

MOST_HIDDEN = 100
"""Faults of single characters that are told; a file of another kind has thousands."""

DEEPEST = 32
"""Levels of nesting; a scenario needs about 8."""


def parsed(source: Source, limits: Limits) -> tuple[Tree, tuple[Problem, ...]]:
    """The tree of one text, and what is wrong with the text.

    Raises:
        ScenarioError: The text has no tree at all.

    """
    found = chain(_forbidden_in(source), _tabs_in(source), _escapes_in(source))
    hidden = list(islice(found, MOST_HIDDEN))
    if hidden:
        raise ScenarioError(hidden)
    reader = _Reader(source, limits)
    try:
        tree = reader.document()
    except _UnreadableError as error:
        raise ScenarioError([*reader.problems, error.problem]) from None
    except YAMLError as error:
        raise ScenarioError([*reader.problems, _not_yaml(source, error)]) from None
    return tree, tuple(reader.problems)


class _UnreadableError(Exception):
    """Nothing after this problem can be read."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem


def _forbidden_in(source: Source) -> Iterator[Problem]:
    for number, line in enumerate(source.lines, start=1):
        found = forbidden(line)
        if found:
            mark = Mark(source, number, found.start() + 1)
            yield mark.problem("S114", forbidden_words(found[0]))


def _tabs_in(source: Source) -> Iterator[Problem]:
    for number, line in enumerate(source.lines, start=1):
        found = re.match(r"[^\t#'\"]*(\t+)", line)
        if found:
            mark = Mark(source, number, found.start(1) + 1, len(found[1]))
            yield mark.problem("S107", "YAML does not allow tabs; use 2 spaces")


def _escapes_in(source: Source) -> Iterator[Problem]:
    """Escapes of characters that do not exist, at which the parser would stumble."""
    for number, line in enumerate(source.lines, start=1):
        for found in re.finditer(r"\\U([0-9a-fA-F]{8})", line):
            if int(found[1], 16) > sys.maxunicode:
                mark = Mark(source, number, found.start() + 1, len(found[0]))
                yield mark.problem("S106", f"not YAML: there is no character {found[0]}")


_IN_OTHER_WORDS = {
    "mapping values are not allowed here": "a second ': ' in one line; put text that holds ': ' in "
    "quotes",
    "expected <block end>": "the line begins in another column than those around it",
}
"""What the two commonest messages of the parser mean."""


def _not_yaml(source: Source, error: YAMLError) -> Problem:
    """What the parser of ruamel says, with the opening of what it could not finish."""
    if not isinstance(error, MarkedYAMLError) or error.problem_mark is None:
        return Mark(source, 1, 1).problem("S106", "the text is not YAML")
    place, opening = error.problem_mark, error.context_mark
    # An end of the text after the last line break is shown on the last line that has text.
    line = max(1, min(place.line + 1, len("\n".join(source.lines).rstrip().splitlines())))
    mark = Mark(source, line, place.column + 1 if line == place.line + 1 else 1)
    also = (opening.line + 1,) if opening is not None else ()
    words = f"{error.problem} {error.context}" if error.context else f"{error.problem}"
    words = next((ours for theirs, ours in _IN_OTHER_WORDS.items() if theirs in words), words)
    if opening is not None and opening.line + 1 != line:
        words += f" (opened on line {opening.line + 1})"
    code = "S107" if "'\\t'" in words else "S106"
    return mark.problem(code, f"not YAML: {words}", also=also)


@dataclass
class _Reader:
    """Builds one tree from the events of ruamel's parser."""

    source: Source
    limits: Limits
    problems: list[Problem] = field(default_factory=list)
    values: dict[Path, Mark] = field(default_factory=dict)
    keys: dict[Path, Mark] = field(default_factory=dict)
    nodes: int = 0

    def document(self) -> Tree:
        """The only document of the text."""
        self.events: Iterator[Event] = YAML(typ="safe", pure=True).parse(
            "\n".join(self.source.lines)
        )
        plain = None
        self.values[()] = Mark(self.source, 1, 1)
        seen = 0
        for event in self.events:
            if isinstance(event, DocumentStartEvent):
                seen += 1
                if seen > 1:
                    mark = self.mark(event)
                    raise _UnreadableError(
                        mark.problem("S108", "a file holds one scenario, not more")
                    )
                plain = self.node(next(self.events), ())
            if isinstance(event, StreamEndEvent):
                break
        return Tree(plain, self.values, self.keys)

    def node(self, event: Event, path: Path) -> Any:
        """The plain value that starts with ``event``."""
        is_written = event.start_mark.index < event.end_mark.index
        is_scalar = isinstance(event, ScalarEvent)
        # A value that is left out stands, for people, at its key.
        mark = self.mark(event) if is_written or not is_scalar else self._key_mark(path, event)
        self.values[path] = mark
        self._counted(mark)
        self._without_tricks(event, mark, path)
        if isinstance(event, ScalarEvent):
            return self._scalar(event, mark, path)
        if isinstance(event, AliasEvent):
            return None
        if len(path) >= DEEPEST:
            message = f"nested more than {DEEPEST} levels deep"
            raise _UnreadableError(mark.problem("S112", message))
        return self._mapping(path) if isinstance(event, MappingStartEvent) else self._list(path)

    def _key_mark(self, path: Path, event: Event) -> Mark:
        return self.keys.get(path) or self.mark(event)

    def mark(self, event: Event) -> Mark:
        """The span of an event in its first line."""
        start, end = event.start_mark, event.end_mark
        rest = len(self.source.lines[start.line]) - start.column if self._has(start.line) else 1
        width = end.column - start.column if end.line == start.line else rest
        return Mark(self.source, start.line + 1, start.column + 1, max(1, width))

    def _has(self, line: int) -> bool:
        return line < len(self.source.lines)

    def _counted(self, mark: Mark) -> None:
        self.nodes += 1
        if self.nodes > self.limits.nodes:
            problem = mark.problem("S181", f"more than {self.limits.nodes} values")
            raise RefusedError(problem, "--max-input-size")

    def _without_tricks(self, event: Event, mark: Mark, path: Path) -> None:
        """Tags, anchors and aliases say something that the reader of the file does not see."""
        tag = getattr(event, "tag", None)
        if tag is not None:
            self._problem(mark, path, "S110", f"tags are not supported, found {tag}")
        elif getattr(event, "anchor", None) is not None:
            words = "aliases" if isinstance(event, AliasEvent) else "anchors"
            advice = "write the value again, or use extends:"
            self._problem(mark, path, "S110", f"{words} are not supported; {advice}")

    def _problem(self, mark: Mark, path: Path, code: str, message: str, **more: Any) -> None:
        self.problems.append(mark.problem(code, message, field=".".join(path), **more))

    def _scalar(self, event: ScalarEvent, mark: Mark, path: Path) -> Any:
        text = self._word(event, mark, path)
        is_plain = event.style is None and event.tag is None
        try:
            return resolved(text) if is_plain else text
        except ScalarError as error:
            self._problem(mark, path, error.code, str(error))
            return None

    def _word(self, event: ScalarEvent, mark: Mark, path: Path) -> str:
        """The text of a scalar, after escapes."""
        text = str(event.value)
        if len(text) > self.limits.scalar_characters:
            message = f"a text longer than {self.limits.scalar_characters} characters"
            raise RefusedError(mark.problem("S181", message), "--max-input-size")
        found = forbidden(text)
        if found:
            self._problem(mark, path, "S114", forbidden_words(found[0]))
        return text

    def _list(self, path: Path) -> tuple[Any, ...]:
        items: list[Any] = []
        while not isinstance(event := next(self.events), SequenceEndEvent):
            items.append(self.node(event, (*path, str(len(items)))))
        return tuple(items)

    def _mapping(self, path: Path) -> dict[str, Any]:
        plain: dict[str, Any] = {}
        while not isinstance(event := next(self.events), MappingEndEvent):
            name = self._key(event, path, plain)
            if name is None:
                self.node(next(self.events), (*path, "?"))
            else:
                self.keys[*path, name] = self.mark(event)
                plain[name] = self.node(next(self.events), (*path, name))
        return plain

    def _key(self, event: Event, path: Path, plain: Mapping[str, Any]) -> str | None:
        """The name that a key gives, or None when it gives none."""
        mark = self.mark(event)
        if not isinstance(event, ScalarEvent) or not str(event.value).strip():
            self.node(event, (*path, "?"))
            self._problem(mark, path, "S115", "keys are words")
            return None
        self._without_tricks(event, mark, path)
        name = self._word(event, mark, path)
        if name == "<<" and event.style is None:
            self._problem(mark, path, "S110", "merge keys are not supported; use extends:")
            return None
        if name in plain:
            first = self.keys[*path, name].line
            message = f"the key '{name[:40]}' stands twice"
            note = f"first on line {first}"
            self._problem(mark, (*path, name), "S109", message, note=note, also=(first,))
            return None
        return name
