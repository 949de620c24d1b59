"""Parts: the replications of a run that are there, and those that are still to be made."""

import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from filelock import FileLock, Timeout

from simulator.errors import EnvironmentFaultError, InvariantError
from simulator.files import appear, aside, faults, written
from simulator.runs import NAME, SCHEMAS, Failure, Tables, Tell, canonical

PLAN = "plan.json"
OWNER = "owner.json"
LOCK = "lock"
FAILURES = "failures.json"

ROW_GROUP = 1000
"""Replications of a row group of a file."""

SMALL, QUICK = {"compression": "zstd", "compression_level": 1}, {"compression": "lz4"}
"""How tables are compressed that stay, and those that go when the run is stored: a third larger, in
two thirds of the time."""

_PART = re.compile(r"(\d{8})-(\d{8})\.([0-9a-f]{16})")
"""First replication, that after the last, and the hash of the tables."""


class Parts(Protocol):
    """Replications of one series: each of them once, in parts of any size."""

    def missing(self, count: int) -> list[range]:
        """Those of the first ``count`` replications that are not there, in ranges."""

    def add(self, replications: range, tables: Tables) -> None:
        """Keep some more."""

    def tables(self, count: int) -> Tables:
        """Those of the first ``count`` that are there, in their order."""

    def fail(self, failures: Sequence[Failure]) -> None:
        """Note what failed, for whoever looks for the reason."""

    def finish(self, count: int) -> None:
        """The run of the first ``count`` is stored: what it holds is not needed here any more."""


@dataclass(frozen=True, slots=True)
class Kept:
    """Parts in memory."""

    parts: dict[range, Tables] = field(default_factory=dict)

    def missing(self, count: int) -> list[range]:
        """Those of the first ``count`` replications that are not there, in ranges."""
        return gaps(self.parts, count)

    def add(self, replications: range, tables: Tables) -> None:
        """Keep some more."""
        self.parts[replications] = tables

    def tables(self, count: int) -> Tables:
        """Those of the first ``count`` that are there, in their order."""
        return together([self.parts[there] for there in _in_order(self.parts)], count)

    def fail(self, failures: Sequence[Failure]) -> None:
        """Nothing is noted: the run tells its failures."""

    def finish(self, count: int) -> None:
        """Nothing has to be taken away."""


@dataclass(frozen=True, slots=True)
class Stored:
    """Parts in a folder, beside those of a finished run that is a beginning of this one."""

    folder: Path
    begun: Tables | None
    """Tables of a finished run of the same series."""
    tell: Tell
    written: dict[str, Tables] = field(default_factory=dict)
    """The parts that this process has written, by name; they need not be read again."""

    def missing(self, count: int) -> list[range]:
        """Those of the first ``count`` replications that are not there, in ranges."""
        there = list(self._files())
        if self.begun is not None:
            there.append(range(self.begun["replications"].num_rows))
        return gaps(there, count)

    def add(self, replications: range, tables: Tables) -> None:
        """Write some more, whole or not at all.

        Raises:
            EnvironmentFaultError: The disk is full, or the folder is gone.
            InvariantError: They are there already with other numbers.

        """
        files = encoded(tables, QUICK)
        name = f"{replications.start:08}-{replications.stop:08}.{_hash(files)}"
        with faults(self.folder):
            other = self._files().get(replications)
            if other is not None and other != name:
                message = f"replications {replications.start} to {replications.stop - 1} came out"
                raise InvariantError(f"{message} differently when they were computed again")
            appear(self.folder / name, lambda folder: write_files(files, folder))
        self.written[name] = tables

    def tables(self, count: int) -> Tables:
        """Those of the first ``count`` that are there, in their order; damaged ones are not.

        A damaged part keeps its data under another name, and is missing from then on.
        """
        found, damaged = self._read()
        for path in damaged:
            with faults(self.folder):
                self.tell(f"{path} is damaged; it is kept as {aside(path)}.")
        return together(found, count)

    def seen(self, count: int) -> Tables:
        """The same for a reader, who changes nothing while somebody else is at work."""
        return together(self._read()[0], count)

    def fail(self, failures: Sequence[Failure]) -> None:
        """Write down what failed, with the tracebacks."""
        with faults(self.folder):
            written(self.folder / FAILURES, canonical([asdict(failure) for failure in failures]))

    def finish(self, count: int) -> None:
        """Take the folder away, unless it holds replications beyond the first ``count``."""
        with faults(self.folder):
            if all(there.stop <= count for there in self._files()):
                shutil.rmtree(self.folder)

    def _read(self) -> tuple[list[Tables], list[Path]]:
        """The tables that are there in their order, and the folders of damaged ones."""
        found, damaged = [] if self.begun is None else [self.begun], []
        files = self._files()
        for there in _in_order(files):
            name = files[there]
            with faults(self.folder):
                tables = self.written.get(name) or _read_part(self.folder / name)
            if tables is None:
                damaged.append(self.folder / name)
            else:
                found.append(tables)
        return found, damaged

    def _files(self) -> dict[range, str]:
        """The folder of each part by its name; where parts overlap, the first one counts."""
        found: dict[range, str] = {}
        after = 0
        for name in _names(self.folder) if self.folder.is_dir() else ():
            named = _PART.fullmatch(name)
            if named and int(named[1]) >= after:
                after = int(named[2])
                found[range(int(named[1]), after)] = name
        return found


@contextmanager
def growing(
    folder: Path, plan: dict[str, Any], begun: Tables | None, tell: Tell
) -> Iterator[Stored]:
    """The parts in ``folder``, for one process at a time; the folder is made if it is missing.

    ``plan`` says what grows here.

    Raises:
        EnvironmentFaultError: Another process writes there, or another version has begun it.

    """
    with faults(folder):
        folder.mkdir(parents=True, exist_ok=True)
        if folder.is_symlink():
            raise EnvironmentFaultError(f"{folder} is a link; nothing is written through it")
        lock = FileLock(folder / LOCK, timeout=0)
        try:
            lock.acquire()
        except Timeout:
            raise EnvironmentFaultError(f"{folder} {_owner(folder)}") from None
    try:
        with faults(folder):
            _agreed(folder, plan)
            since = datetime.now().astimezone().isoformat(timespec="seconds")
            written(folder / OWNER, canonical({"process": os.getpid(), "since": since}))
            written(folder / PLAN, canonical(plan))
        yield Stored(folder, begun, tell)
    finally:
        lock.release()


def progress_of(folder: Path) -> tuple[int, int]:
    """How many replications a growing run has, and how many it is to have."""
    with faults(folder):
        plan = json.loads((folder / PLAN).read_text(encoding="utf-8"))
        found = (_PART.fullmatch(name) for name in _names(folder))
        made = sum(int(named[2]) - int(named[1]) for named in found if named)
        return plan["begun"] + made, plan["asked"]


def is_at_work(folder: Path) -> bool:
    """Whether a process writes in a folder, this one included."""
    lock = FileLock(folder / LOCK, timeout=0)
    try:
        with lock:
            return False
    except Timeout:
        return True


def gaps(there: Iterable[range], count: int) -> list[range]:
    """What ranges leave open below ``count``."""
    found, first = [], 0
    for part in _in_order(there):
        if part.start > first:
            found.append(range(first, min(part.start, count)))
        first = max(first, part.stop)
    return [part for part in (*found, range(first, count)) if part]


def together(parts: list[Tables], count: int) -> Tables:
    """Parts in their order as one, up to a number of replications."""
    empty = {name: schema.empty_table() for name, schema in SCHEMAS.items()}
    whole = {name: pa.concat_tables([empty[name], *(p[name] for p in parts)]) for name in SCHEMAS}
    return only(whole, 0, count)


def only(tables: Tables, first: int, after: int) -> Tables:
    """The rows of the replications from ``first`` to before ``after``."""
    kept = {}
    for name, table in tables.items():
        number = table["replication"]
        ends = pc.min_max(number).as_py()
        if table.num_rows and not first <= ends["min"] <= ends["max"] < after:
            inside = pc.and_(pc.greater_equal(number, first), pc.less(number, after))
            table = table.filter(inside)  # noqa: PLW2901 -- what is left of it
        kept[name] = table
    return kept


def encoded(tables: Tables, compression: Mapping[str, Any] = SMALL) -> dict[str, bytes]:
    """The files of tables: chunks of workers and settings of the library leave no trace.

    Without statistics they are smaller, and sooner written; all of what is there is read anyway.
    Replications that belong together are put together before they are written, some at a time: so
    the same memory serves for all.
    """
    whole = {name: table.cast(SCHEMAS[name]) for name, table in tables.items()}
    return {f"{name}.parquet": content(whole[name], compression) for name in SCHEMAS}


def content(table: pa.Table, compression: Mapping[str, Any] = SMALL) -> bytes:
    """The file of a table that tells replications: equal rows and names are equal bytes."""
    plain = table.replace_schema_metadata(None)
    number = plain["replication"].to_numpy()
    after = int(number[-1]) + 1 if len(number) else 0
    marks = np.searchsorted(number, np.arange(0, after + ROW_GROUP, ROW_GROUP))
    sink = pa.BufferOutputStream()
    with pq.ParquetWriter(
        sink,
        plain.schema,
        **compression,
        use_dictionary=[field.name for field in plain.schema if field.type == NAME] or False,
        write_statistics=False,
    ) as writer:
        for first, stop in pairwise(marks.tolist()):
            if first < stop:
                writer.write_table(plain.slice(first, stop - first).combine_chunks())
    found: bytes = sink.getvalue().to_pybytes()
    return found


def write_files(files: dict[str, bytes], folder: Path) -> None:
    """Files in a folder."""
    for name, content in files.items():
        (folder / name).write_bytes(content)


def read_tables(folder: Path) -> Tables:
    """The tables in a folder; names that an earlier version has written out are numbered."""
    found = {name: pq.read_table(folder / f"{name}.parquet") for name in SCHEMAS}
    return {name: _numbered(table, SCHEMAS[name]) for name, table in found.items()}


def _numbered(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """A table of which the names have numbers."""
    names = {field.name for field in schema if field.type == NAME}
    fields = [field.with_type(NAME) if field.name in names else field for field in table.schema]
    return table.cast(pa.schema(fields))


def _read_part(path: Path) -> Tables | None:
    """The tables of a part, or nothing where they are not those that were written."""
    named = _PART.fullmatch(path.name)
    assert named is not None
    try:
        files = {f"{name}.parquet": (path / f"{name}.parquet").read_bytes() for name in SCHEMAS}
    except FileNotFoundError:
        return None
    return read_tables(path) if _hash(files) == named[3] else None


def _hash(files: dict[str, bytes]) -> str:
    """A hash of some files."""
    found = hashlib.sha256()
    for content in files.values():
        found.update(hashlib.sha256(content).digest())
    return found.hexdigest()[:16]


def _in_order(there: Iterable[range]) -> list[range]:
    return sorted(there, key=lambda part: (part.start, part.stop))


def _names(folder: Path) -> list[str]:
    """What lies in a folder; every part asks, and a path for each of them would cost more."""
    with os.scandir(folder) as found:
        return sorted(entry.name for entry in found)


def _owner(folder: Path) -> str:
    """Who writes in a folder, and since when."""
    try:
        owner = json.loads((folder / OWNER).read_text(encoding="utf-8"))
        return f"is being written by process {owner['process']} since {owner['since']}"
    except (OSError, ValueError, KeyError):
        return "is being written by another process"


def _agreed(folder: Path, plan: dict[str, Any]) -> None:
    """Replications of one run come from one version of the program and its libraries."""
    try:
        before = json.loads((folder / PLAN).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return
    for name, now in plan["libraries"].items():
        was = before["libraries"].get(name)
        if was != now:
            raise EnvironmentFaultError(
                f"{folder} was begun with {name} {was}, and this is {now}; go on with that version,"
                " or take the folder away"
            )
