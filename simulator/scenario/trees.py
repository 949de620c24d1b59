"""A tree: the plain values of a scenario, each with its place in a text."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from simulator.errors import Problem

Path = tuple[str, ...]
"""The names from the root to a value; list items count from 0."""


@dataclass(frozen=True, slots=True)
class Source:
    """One text: its name for people, its lines, and the places that included it.

    ``rank`` orders sources that change each other: -1 for settings, 0 for the file asked for, 1
    for what it extends, and so on.
    """

    name: str
    lines: tuple[str, ...]
    included_by: tuple[str, ...] = ()
    rank: int = 0


@dataclass(frozen=True, slots=True)
class Mark:
    """A span in one line of a source; line and column count from 1."""

    source: Source
    line: int
    column: int
    width: int = 1

    def problem(
        self, code: str, message: str, *, also: tuple[int, ...] = (), **more: Any
    ) -> Problem:
        """A problem at this place, showing its line and the lines ``also``."""
        numbers = sorted({self.line, *also})
        return Problem(
            code,
            message,
            file=self.source.name,
            line=self.line,
            column=self.column,
            width=self.width,
            excerpt=tuple((n, self.source.lines[n - 1]) for n in numbers if self._exists(n)),
            included_by=self.source.included_by,
            **more,
        )

    def _exists(self, number: int) -> bool:
        return number <= len(self.source.lines)


@dataclass(frozen=True)
class Tree:
    """Plain nested values, and the marks of their keys and values by path.

    Plain values are mappings, tuples, text, numbers, booleans, dates and None. A tree that comes
    from a value instead of a text has no marks.
    """

    plain: Any
    values: Mapping[Path, Mark] = field(default_factory=dict)
    keys: Mapping[Path, Mark] = field(default_factory=dict)

    def marked(self, source: Source) -> "Tree":
        """The same tree with all its marks in ``source``."""
        values, keys = (
            {path: Mark(source, mark.line, mark.column, mark.width) for path, mark in marks.items()}
            for marks in (self.values, self.keys)
        )
        return Tree(self.plain, values, keys)

    def grafted(self, path: Path, other: "Tree") -> "Tree":
        """A tree with another one in place of what stands at a path of one name."""
        (name,) = path
        values = {**without(self.values, path), **moved(other.values, (), path)}
        keys = {**without(self.keys, path), **moved(other.keys, (), path)}
        return Tree({**self.plain, name: other.plain}, values, keys)

    def mark(self, path: Path, *, key: bool = False) -> Mark | None:
        """The place of the value (or key) at ``path``, or of the nearest thing around it."""
        marks = self.keys if key else self.values
        if path in marks:
            return marks[path]
        return next((self.values[up] for up in above(path) if up in self.values), None)

    def latest(self, path: Path) -> Path:
        """The first value below ``path`` that changed it last; ``path`` itself if none did."""
        return self._latest.get(path, path)

    @cached_property
    def _latest(self) -> dict[Path, Path]:
        """By path, what changed it last; found for all at once, since there may be thousands."""
        found: dict[Path, Path] = {}
        for path, mark in self.values.items():
            for up in above(path):
                if up not in found or mark.source.rank < self.values[found[up]].source.rank:
                    found[up] = path
        return found

    def at(self, path: Path) -> Any:
        """The plain value at ``path``, or None where there is none."""
        value = self.plain
        for name in path:
            if isinstance(value, dict):
                value = value.get(name)
            elif isinstance(value, tuple) and name.isdigit() and int(name) < len(value):
                value = value[int(name)]
            else:
                return None
        return value

    def problem(
        self, path: Path, code: str, message: str, *, key: bool = False, **more: Any
    ) -> Problem:
        """A problem with the value (or key) at ``path``, at its place if it has one."""
        mark = self.mark(path, key=key)
        dotted = ".".join(path)
        if mark is None:
            more.pop("also", None)
            return Problem(code, message, field=dotted, **more)
        return mark.problem(code, message, field=dotted, **more)


def with_value(plain: Any, path: Path, value: Any) -> Any:
    """Plain values with another one at ``path``; what is not on the way is shared."""
    if not path:
        return value
    name, rest = path[0], path[1:]
    if isinstance(plain, tuple):
        place = int(name)
        return (*plain[:place], with_value(plain[place], rest, value), *plain[place + 1 :])
    inside = plain if isinstance(plain, dict) else {}
    return {**inside, name: with_value(inside.get(name), rest, value)}


def without_entry(plain: dict[str, Any], path: Path) -> dict[str, Any]:
    """Plain values without the entry at ``path``."""
    name, rest = path[0], path[1:]
    if rest:
        return {**plain, name: without_entry(plain[name], rest)}
    return {other: value for other, value in plain.items() if other != name}


def above(path: Path) -> list[Path]:
    """``path`` and everything around it, the nearest first."""
    return [path[:length] for length in range(len(path), -1, -1)]


def below(plain: Any, path: Path) -> Iterator[Path]:
    """``path``, at which plain values stand, and everything inside them, from top to bottom."""
    yield path
    if isinstance(plain, dict):
        children = plain.items()
    elif isinstance(plain, tuple):
        children = {str(place): value for place, value in enumerate(plain)}.items()
    else:
        return
    for name, value in children:
        yield from below(value, (*path, name))


def moved(marks: Mapping[Path, Mark], start: Path, to: Path) -> dict[Path, Mark]:
    """The marks at and below ``start``, as if they stood at ``to``."""
    return {
        (*to, *path[len(start) :]): mark
        for path, mark in marks.items()
        if path[: len(start)] == start
    }


def without(marks: Mapping[Path, Mark], path: Path) -> dict[Path, Mark]:
    """The marks that do not stand at or below ``path``."""
    return {other: mark for other, mark in marks.items() if other[: len(path)] != path}
