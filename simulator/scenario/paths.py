"""Dotted paths: what may stand at one, which ones exist, which match a pattern."""

import difflib
import re
import types
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel

from simulator.scenario.quantities import Quantity
from simulator.scenario.trees import Path

UNITS = {
    "usd_million": "USD million",
    "usd_per_tonne": "USD a tonne",
    "usd": "USD",
    "days": "days",
    "months": "months",
    "years": "years",
    "share": "share",
    "rate": "a year",
}
"""What the end of a name says about the unit of its number; anything else is a pure number."""


def unit(name: str) -> str:
    """The unit that the name of a field states, in words."""
    return next((words for end, words in UNITS.items() if re.search(rf"(^|_){end}$", name)), "")


def matching(pattern: str, paths: Iterable[str]) -> list[str]:
    """The ``paths`` that ``pattern`` names; ``*`` stands for any name in its segment."""
    if "*" not in pattern:
        return [path for path in paths if path == pattern]
    wanted = pattern.split(".")
    found = []
    for path in paths:
        names = path.split(".")
        if len(names) == len(wanted) and all(map(_fits, wanted, names)):
            found.append(path)
    return found


def grouped(paths: Iterable[str]) -> dict[str, list[str]]:
    """Paths that differ in single names only, under a pattern with ``*`` in place of those."""
    alike: dict[tuple[int, str, str], list[str]] = {}
    for path in paths:
        names = path.split(".")
        alike.setdefault((len(names), names[0], names[-1]), []).append(path)
    groups = {}
    for found in alike.values():
        columns = zip(*(path.split(".") for path in found), strict=True)
        groups[".".join(c[0] if len(set(c)) == 1 else "*" for c in columns)] = found
    return groups


def targets(pattern: str, plain: Any, kind: Any) -> list[Path]:
    """The paths below ``plain`` that ``pattern`` names and that can be changed.

    They are what is there, and known fields that are absent. No path leads into a number.
    """
    level: list[tuple[Path, Any, Any]] = [((), plain, kind)]
    for name in pattern.split("."):
        level = [
            ((*path, child), value, below)
            for path, inner, around in level
            for child, value, below in _children(inner, around)
            if _fits(name, child)
        ]
    return [path for path, _, _ in level]


def _fits(pattern: str, name: str) -> bool:
    """Whether one segment of a pattern fits a name; ``*`` stands for it or for a part of it."""
    if pattern == "*":
        return True
    first, *parts = pattern.split("*")
    if not parts:
        return name == pattern
    *middle, last = parts
    end = len(name) - len(last)
    if end < len(first) or not (name.startswith(first) and name.endswith(last)):
        return False
    place = len(first)
    for part in middle:
        found = name.find(part, place, end)
        if found < 0:
            return False
        place = found + len(part)
    return True


def nearest(name: str, names: Iterable[str]) -> str:
    """The one of ``names`` that a slip may have turned into ``name``, or nothing.

    A name that goes on with a unit where ``name`` ends, or the only one that goes on at all, is
    meant as well.
    """
    names = sorted(names)
    begun = [known for known in names if name and known.startswith(f"{name}_")]
    with_unit = [known for known in begun if known.removeprefix(f"{name}_") in UNITS]
    if len(begun) == 1 or with_unit:
        return (with_unit or begun)[0]
    return next(iter(difflib.get_close_matches(name, names, n=1, cutoff=0.6)), "")


def nearest_path(pattern: str, paths: Iterable[str]) -> str:
    """The nearest path: right up to its first wrong name, if possible."""
    known = {start: None for path in paths for start in starts(path)}
    names = pattern.split(".")
    right = max(place for place in range(len(names)) if place == 0 or _exists(names[:place], known))
    around = matching(".".join(names[:right]), known) if right else [""]
    better = nearest(names[right], {_below(path, up) for up in around for path in known} - {""})
    mended = [*names[:right], better, *names[right + 1 :]]
    if better and _exists(mended, known):
        return ".".join(mended)
    return nearest(pattern, (path for path in known if not pattern.startswith(path)))


def starts(path: str) -> Iterator[str]:
    """The path itself, after everything that it leads through."""
    names = path.split(".")
    return (".".join(names[:length]) for length in range(1, len(names) + 1))


def _exists(names: list[str], known: Iterable[str]) -> bool:
    return bool(matching(".".join(names), known))


def _below(path: str, up: str) -> str:
    """The name in ``path`` just below ``up``, or nothing."""
    start = f"{up}." if up else ""
    return path[len(start) :].split(".", 1)[0] if path.startswith(start) else ""


def kind_at(path: Path, root: Any) -> Any:
    """The type that may stand at ``path`` below type ``root``, or None."""
    kind = root
    for name in path:
        kind = _child(plain_kind(kind), name)
    return plain_kind(kind)


@lru_cache(maxsize=4096)
def _child(kind: Any, name: str) -> Any:
    if get_origin(kind) is dict:
        return get_args(kind)[1]
    if get_origin(kind) is tuple:
        return get_args(kind)[0]
    if name not in field_names(kind):
        return None
    field = kind.model_fields[name]
    return Annotated[field.annotation, *field.metadata] if field.metadata else field.annotation


def child_kind(kind: Any, name: str) -> Any:
    """The type, with its annotations, that may stand at ``name`` in a value of type ``kind``."""
    return _child(plain_kind(kind), name)


def key_kind(kind: Any) -> Any:
    """The type, with its annotations, of the names in a collection; None if it is none."""
    inner = plain_kind(kind)
    return get_args(inner)[0] if get_origin(inner) is dict else None


def is_marked(kind: Any, mark: str) -> bool:
    """Whether a type carries an annotation."""
    return get_origin(kind) is Annotated and mark in get_args(kind)[1:]


def default_at(path: Path, root: Any) -> Any:
    """What stands at ``path`` when nothing is stated: a single value, or None."""
    kind = kind_at(path[:-1], root)
    field = kind.model_fields[path[-1]] if path[-1] in field_names(kind) else None
    if field is None or field.is_required():
        return None
    return field.get_default(call_default_factory=True, validated_data={})


@lru_cache(maxsize=4096)
def plain_kind(kind: Any) -> Any:
    """A type without its annotations and without its alternative of being absent."""
    if get_origin(kind) is Annotated:
        return plain_kind(get_args(kind)[0])
    if get_origin(kind) in (Union, types.UnionType):
        present = [part for part in get_args(kind) if part is not type(None)]
        return plain_kind(present[0])
    return kind


@lru_cache(maxsize=256)
def field_names(kind: Any) -> tuple[str, ...]:
    """The fields of a type of values; none of other types."""
    is_value = isinstance(kind, type) and issubclass(kind, BaseModel)
    return tuple(kind.model_fields) if is_value else ()


def every_path(plain: Any, kind: Any, path: Path = ()) -> Iterator[Path]:
    """Every path that can be changed, as ``targets`` finds them."""
    for name, value, below in _children(plain, kind):
        yield (*path, name)
        yield from every_path(value, below, (*path, name))


def _children(plain: Any, kind: Any) -> Iterator[tuple[str, Any, Any]]:
    """What can be changed one step inside a value: its name, its value and its type."""
    inner = plain_kind(kind)
    if is_whole(inner):
        return
    if isinstance(plain, dict):
        for name in dict.fromkeys((*plain, *field_names(inner))):
            yield name, plain.get(name), _child(inner, name)
    elif isinstance(plain, tuple):
        for place, value in enumerate(plain):
            yield str(place), value, _child(inner, str(place))


def is_whole(kind: Any) -> bool:
    """Whether a value of this type is one thing, replaced whole: no path leads into a number."""
    return kind is Quantity
