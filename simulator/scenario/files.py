"""Files: which ones may be read, what they extend, and their text, byte for byte checked."""

import os
import stat
import sys
from dataclasses import dataclass, replace
from pathlib import Path as FilePath
from typing import Any

from simulator.errors import EnvironmentFaultError, Problem, RefusedError, ScenarioError
from simulator.scenario.checking import Limits
from simulator.scenario.paths import nearest
from simulator.scenario.trees import Mark, Tree

STANDARD_INPUT = "-"
"""The name by which standard input is asked for."""

LONGEST_CHAIN = 8
"""Files that may extend each other."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A file that is asked for: its name, the files on the way to it, and what asks for it."""

    name: str
    chain: tuple[FilePath, ...] = ()
    by: Mark | None = None
    field: str = "extends"

    @property
    def included_by(self) -> tuple[str, ...]:
        """The places that led here, the nearest first."""
        if self.by is None:
            return ()
        return (f"{self.by.source.name}:{self.by.line}", *self.by.source.included_by)

    def error(self, code: str, message: str, **more: Any) -> ScenarioError:
        """A problem with asking for this file, at the place that asks."""
        if self.by is None:
            return ScenarioError([Problem(code, message, file=self.name, **more)])
        return ScenarioError([self.by.problem(code, message, field=self.field, **more)])


def parent_of(asked: Asked, child: Tree) -> Asked:
    """The file that ``child`` extends: in the same folder tree, and never in a circle."""
    parent = beside(asked, child, "extends", (".yaml", ".yml"), "extends: base.yaml")
    target, chain = FilePath(parent.name).resolve(), parent.chain
    if target in chain:
        circle = " -> ".join(file.name for file in (*chain[chain.index(target) :], target))
        raise parent.error("S162", f"scenarios extend each other in a circle: {circle}")
    if len(chain) >= LONGEST_CHAIN:
        raise parent.error("S162", f"more than {LONGEST_CHAIN} files extend each other")
    return parent


def beside(asked: Asked, child: Tree, field: str, endings: tuple[str, ...], example: str) -> Asked:
    """The file that a field of ``child`` names; it must lie in the same folder tree.

    Raises:
        ScenarioError: It is no name of such a file, or lies elsewhere.

    """
    mark = child.mark((field,))
    assert mark is not None
    here = FilePath(asked.name)
    chain = (*asked.chain, here.resolve())
    wanted = child.plain[field]
    found = Asked(os.path.normpath(here.parent / str(wanted)), chain, mark, field)
    if not isinstance(wanted, str) or not wanted.endswith(endings):
        kinds = " or ".join(endings)
        raise found.error("S161", f"{field}: needs the name of a {kinds} file", example=example)
    if "://" in wanted:
        raise found.error("S161", "nothing is read from an address, only files beside this one")
    root = chain[0].parent.parent
    target = FilePath(found.name).resolve()
    if FilePath(wanted).is_absolute():
        raise found.error("S161", "write the name as a path from this file", example=example)
    if not target.is_relative_to(root):
        note = "the folder above the one of the file that was asked for"
        message = f"only files in {root.name or root}/ can be read from here"
        raise found.error("S161", message, note=note)
    return found


def text_of(asked: Asked, limits: Limits) -> str:
    """The text of a file.

    Raises:
        ScenarioError: There is no such file, or it is no text.
        RefusedError: It is too large.
        EnvironmentFaultError: It may not be read.

    """
    content = _content(asked, limits.input_bytes)
    if len(content) > limits.input_bytes:
        message = f"the input is larger than {limits.input_bytes} bytes"
        raise RefusedError(Problem("S181", message, file=asked.name), "--max-input-size")
    # Text of 16 bits a character without a mark is full of zeros.
    zeros = content.count(0)
    start = content.find(0) if 4 * zeros > len(content) else -1
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        start = error.start
    if start < 0:
        return text
    line = content[:start].count(b"\n") + 1
    message = f"the file is not UTF-8 text (byte {start + 1}, line {line})"
    problem = Problem("S113", message, asked.name, line, note="save as UTF-8")
    raise ScenarioError([replace(problem, included_by=asked.included_by)])


def _content(asked: Asked, limit: int) -> bytes:
    """At most one byte more than ``limit`` of a regular file or of standard input."""
    if asked.name == STANDARD_INPUT and asked.by is None:
        return sys.stdin.buffer.read(limit + 1)
    try:
        # Without blocking: a pipe must be refused, not waited for.
        handle = os.open(asked.name, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except (FileNotFoundError, NotADirectoryError, ValueError):
        raise _no_such_file(asked) from None
    except OSError as error:
        if isinstance(error, PermissionError):
            raise EnvironmentFaultError(f"{asked.name}: no permission to read") from None
        raise asked.error("S102", f"{asked.name} cannot be read: {error.strerror}") from None
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise asked.error("S102", f"{asked.name} is not a regular file")
    with os.fdopen(handle, "rb") as file:
        return file.read(limit + 1)


def _no_such_file(asked: Asked) -> ScenarioError:
    try:
        names = [file.name for file in FilePath(asked.name).parent.iterdir()]
    except (OSError, ValueError):
        names = []
    suggestion = nearest(FilePath(asked.name).name, names)
    return asked.error("S101", f"no such file: {asked.name}", suggestion=suggestion)
