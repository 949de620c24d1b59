"""Dotted paths: what may stand at one, which ones exist, which match a pattern."""

import difflib
import re
import types
from collections.abc import Iterable, Iterator
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel

from simulator.scenario.quantities import Quantity
from simulator.scenario.trees import Path


def matching(pattern: str, paths: Iterable[str]) -> list[str]:
    """The ``paths`` that ``pattern`` names; ``*`` stands for any name in its segment."""
    if "*" not in pattern:
        return [path for path in paths if path == pattern]
    segments = (
        r"[^.]+" if name == "*" else re.escape(name).replace(r"\*", r"[^.]*")
        for name in pattern.split(".")
    )
    expression = re.compile(r"\.".join(segments))
    return [path for path in paths if expression.fullmatch(path)]


def nearest(name: str, names: Iterable[str]) -> str:
    """The one of ``names`` that a slip may have turned into ``name``, or nothing."""
    return next(iter(difflib.get_close_matches(name, sorted(names), n=1, cutoff=0.6)), "")


def nearest_path(pattern: str, paths: Iterable[str]) -> str:
    """The nearest path: right up to its first wrong name, if possible."""
    known = {start: None for path in paths for start in _starts(path)}
    names = pattern.split(".")
    right = max(place for place in range(len(names)) if place == 0 or _exists(names[:place], known))
    around = matching(".".join(names[:right]), known) if right else [""]
    better = nearest(names[right], {_below(path, up) for up in around for path in known} - {""})
    mended = [*names[:right], better, *names[right + 1 :]]
    if better and _exists(mended, known):
        return ".".join(mended)
    return nearest(pattern, (path for path in known if not pattern.startswith(path)))


def _starts(path: str) -> Iterator[str]:
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


def _child(kind: Any, name: str) -> Any:
    if get_origin(kind) is dict:
        return get_args(kind)[1]
    if get_origin(kind) is tuple:
        return get_args(kind)[0]
    return kind.model_fields[name].annotation if name in field_names(kind) else None


def plain_kind(kind: Any) -> Any:
    """A type without its annotations and without its alternative of being absent."""
    if get_origin(kind) is Annotated:
        return plain_kind(get_args(kind)[0])
    if get_origin(kind) in (Union, types.UnionType):
        present = [part for part in get_args(kind) if part is not type(None)]
        return plain_kind(present[0])
    return kind


def field_names(kind: Any) -> tuple[str, ...]:
    """The fields of a type of values; none of other types."""
    is_value = isinstance(kind, type) and issubclass(kind, BaseModel)
    return tuple(kind.model_fields) if is_value else ()


def every_path(plain: Any, kind: Any, path: Path = ()) -> Iterator[Path]:
    """Every path that can be changed: what is there, and known fields that are absent.

    A number is one thing, so no path leads into it.
    """
    if path:
        yield path
    inner = plain_kind(kind)
    if inner is Quantity:
        return
    if isinstance(plain, dict):
        for name in dict.fromkeys((*plain, *field_names(inner))):
            child = _child(inner, name) if inner is not None else None
            yield from every_path(plain.get(name), child, (*path, name))
    elif isinstance(plain, tuple):
        for place, value in enumerate(plain):
            yield from every_path(value, _child(inner, str(place)), (*path, str(place)))
