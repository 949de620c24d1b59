"""Restating: numbers of a scenario's text in the place of others, with all else kept."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from simulator.scenario.checking import LIMITS
from simulator.scenario.parsing import parsed
from simulator.scenario.trees import Path, Source, Tree


@dataclass(frozen=True, slots=True)
class Stated:
    """A number with where it was read: a value, or the parameters of a law by its name."""

    source: str
    value: float | None = None
    law: str = ""
    parameters: tuple[tuple[str, float], ...] = ()

    def written(self, kind: str = "") -> str:
        """As the flow mapping of a file."""
        if self.value is not None:
            told = f"value: {_short(self.value)}"
        else:
            inner = ", ".join(f"{name}: {_short(number)}" for name, number in self.parameters)
            told = f"{self.law}: {{{inner}}}"
        decided = f", kind: {kind}" if kind else ""
        return f'{{{told}{decided}, source: "{self.source}"}}'


def restated(text: str, numbers: Mapping[str, Stated], gone: Iterable[str] = ()) -> str:
    """The text with other numbers at some paths, and without the blocks at others.

    Each number must stand on the line of its key, in braces. Who decides it stays the same.
    """
    lines = text.splitlines()
    tree = _tree(text)
    for path, number in numbers.items():
        place: Path = tuple(path.split("."))
        mark, was = tree.keys[place], tree.plain
        for name in place:
            was = was[name]
        line = lines[mark.line - 1]
        begin = line.index("{", mark.column - 1 + len(place[-1]))
        end = _end_of_braces(line, begin)
        kind = was.get("kind", "")
        lines[mark.line - 1] = f"{line[:begin]}{number.written(kind)}{line[end:]}"
    taken = {n for path in gone for n in _block(lines, tree.keys[tuple(path.split("."))].line)}
    return "\n".join(line for n, line in enumerate(lines, start=1) if n not in taken) + "\n"


def numbers_of(text: str) -> dict[str, float]:
    """The numbers of a text that are single values, by path."""
    tree = _tree(text)
    return {
        ".".join(path[:-1]): float(value)
        for path, value in _leaves(tree.plain)
        if path[-1] == "value"
    }


def _tree(text: str) -> Tree:
    tree, _ = parsed(Source("template", tuple(text.splitlines())), LIMITS)
    return tree


def _leaves(plain: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    if isinstance(plain, Mapping):
        for name, inner in plain.items():
            yield from _leaves(inner, (*path, name))
    elif path:
        yield path, plain


def _end_of_braces(line: str, begin: int) -> int:
    """Behind the brace that closes the one at a place; there are none within quotes."""
    depth = 0
    for place in range(begin, len(line)):
        depth += {"{": 1, "}": -1}.get(line[place], 0)
        if depth == 0:
            return place + 1
    raise ValueError(line)


def _block(lines: list[str], first: int) -> range:
    """The lines of a block, with the comment above it."""
    width = _indentation(lines[first - 1])
    after = first + 1
    while after <= len(lines) and (
        not lines[after - 1].strip() or _indentation(lines[after - 1]) > width
    ):
        after += 1
    while lines[first - 2].lstrip().startswith("#"):
        first -= 1
    return range(first, after)


def _indentation(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _short(number: float) -> str:
    return f"{number:.4g}" if abs(number) < 1e4 else f"{number:.0f}"
