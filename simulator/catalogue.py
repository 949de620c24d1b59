"""Catalogue: all runs of a results folder, a line each, with an index that spares reading them."""

import json
import os
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from simulator import storage
from simulator.answers import headline_chance
from simulator.errors import EnvironmentFaultError, visible
from simulator.estimates import proportion
from simulator.files import written
from simulator.parts import progress_of
from simulator.wording import frequency

INDEX = "index.jsonl"
"""A cache below the results folder: a line for every finished run. It may be deleted any time."""

HEADINGS = ("run", "scenario", "replications", "target met", "state", "folder")
NOTHING = "-"
"""Stands where nothing is known."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A run as a list shows it."""

    folder: str
    """Relative to the results folder."""
    scenario: str
    run: str
    seed: int | None = None
    replications: int | None = None
    """Those that are there."""
    question: str | None = None
    hits: int | None = None
    """Replications that meet the target on the headline statistics; None where none can say."""
    of: int | None = None
    asked: int | None = None
    """Those that there are to be, where the run is in progress."""
    state: Literal["complete", "in progress", "unreadable"] = "complete"


def entries(out: Path) -> tuple[Entry, ...]:
    """All runs below a results folder, the newest last; what is new goes into the index.

    Raises:
        EnvironmentFaultError: The results folder cannot be read.

    """
    known, is_sound = _indexed(out)
    found = []
    fresh = []
    for name in _by_age(out):
        entry = known.get(name) or _read(out, name)
        if entry is None:
            continue
        found.append(entry)
        if entry.state == "complete" and name not in known:
            fresh.append(entry)
    if not is_sound:
        _rewrite(out, (entry for entry in found if entry.state == "complete"))
    elif fresh:
        _append(out, fresh)
    return tuple(found)


def told(found: Sequence[Entry], out: Path) -> str:
    """The runs as a table."""
    if not found:
        return f"No runs in {visible(str(out))}.\n"
    rows = [HEADINGS, *(_cells(entry, out) for entry in found)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)
    return "".join(f"{line}\n" for line in lines)


def tabbed(found: Iterable[Entry], out: Path) -> str:
    """The runs for programs: a line each, cells apart by tabs, without headings."""
    return "".join("\t".join(_cells(entry, out)) + "\n" for entry in found)


def as_json(found: Iterable[Entry], out: Path) -> dict[str, Any]:
    """The runs as plain data under a versioned schema."""
    return {
        "schema": "sim.list/1",
        "runs": [asdict(entry) | {"folder": str(out / entry.folder)} for entry in found],
    }


def _cells(entry: Entry, out: Path) -> tuple[str, ...]:
    chance, state = NOTHING, str(entry.state)
    if entry.hits is not None and entry.of is not None:
        chance = frequency(proportion(entry.hits, entry.of)).removesuffix(" runs")
    if entry.state == "in progress":
        state += f" {entry.replications}/{entry.asked}"
    count = NOTHING if entry.replications is None else str(entry.replications)
    folder = os.path.join(out, entry.folder)  # noqa: PTH118 -- ten times as fast as a path
    return (
        visible(entry.run),
        visible(entry.scenario),
        count,
        chance,
        state,
        visible(folder),
    )


def _by_age(out: Path) -> list[str]:
    """The folders of runs relative to the results folder, the newest last."""
    found = []
    for place in storage.stored(out):
        try:
            changed = place.stat().st_mtime_ns
        except FileNotFoundError:
            continue  # a run that has just been finished
        scenario = os.path.basename(os.path.dirname(place.path))  # noqa: PTH119, PTH120 -- fast
        found.append((changed, f"{scenario}/{place.name}"))
    return [name for _, name in sorted(found)]


def _read(out: Path, name: str) -> Entry | None:
    """A run that the index does not know; None if it has gone in between."""
    folder = out / name
    scenario, _, run = name.partition("/")
    try:
        if folder.name.endswith(storage.UNFINISHED):
            made, asked = progress_of(folder)
            run = run.removesuffix(storage.UNFINISHED)
            return Entry(name, scenario, run, replications=made, asked=asked, state="in progress")
        whole = storage.load_run(folder)
    except EnvironmentFaultError:
        return Entry(name, scenario, run, state="unreadable") if folder.exists() else None
    chance = headline_chance(whole)
    return Entry(
        folder=name,
        scenario=whole.scenario.name,
        run=run,
        seed=whole.seed,
        replications=whole.replications,
        question=whole.scenario.question,
        hits=None if chance is None else chance.hits,
        of=None if chance is None else chance.of,
    )


def _indexed(out: Path) -> tuple[dict[str, Entry], bool]:
    """What the index knows by folder, and whether all of its lines are sound."""
    index = out / INDEX
    try:
        # Whatever else has the name is not opened: it might be a pipe.
        content = index.read_bytes() if index.is_file() else b""
    except OSError:
        return {}, False
    *lines, rest = content.split(b"\n")
    found = [_parsed(line) for line in lines]
    known = {entry.folder: entry for entry in found if entry is not None}
    return known, not rest and None not in found


def _parsed(line: bytes) -> Entry | None:
    """What a line of the index says; None unless it is the very line that was written."""
    try:
        told = json.loads(line)
        told.pop("check")
        entry = Entry(**told)
        return entry if _line(entry) == line + b"\n" and isinstance(entry.folder, str) else None
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


def _line(entry: Entry) -> bytes:
    """A line of the index; its check tells damage that leaves it readable."""
    told = {
        "folder": entry.folder,
        "scenario": entry.scenario,
        "run": entry.run,
        "seed": entry.seed,
        "replications": entry.replications,
        "question": entry.question,
        "hits": entry.hits,
        "of": entry.of,
    }
    told["check"] = zlib.crc32(json.dumps(told).encode())
    return json.dumps(told).encode() + b"\n"


def _append(out: Path, fresh: Iterable[Entry]) -> None:
    """More lines in one step; where nothing can be written, the runs are read again next time."""
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK
    try:
        descriptor = os.open(out / INDEX, flags, 0o644)
    except OSError:
        return
    with os.fdopen(descriptor, "ab") as file:
        file.write(b"".join(map(_line, fresh)))


def _rewrite(out: Path, complete: Iterable[Entry]) -> None:
    """A sound index in place of a damaged one, where it can be written."""
    try:
        written(out / INDEX, b"".join(map(_line, complete)))
    except OSError:
        return
