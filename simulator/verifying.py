"""Verifying: whether a stored run is what was written, and comes out the same once more."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simulator import storage
from simulator.draws import SCHEME
from simulator.errors import EnvironmentFaultError, InvariantError
from simulator.parts import content, only
from simulator.replication import replicate
from simulator.runs import MODEL_VERSION, SCHEMAS, Run, written_out

SAMPLE = 5
"""Replications that are computed again unless asked otherwise."""


@dataclass(frozen=True, slots=True)
class Verified:
    """A run that is what it was, and what was done to know it."""

    run: str
    replications: int
    recomputed: tuple[int, ...]
    libraries: tuple[str, ...]
    """Libraries of which another version is installed now, in words."""


def verified(folder: Path, sample: int = SAMPLE) -> Verified:
    """Compare the files of a run with its manifest, and some replications with new ones.

    Args:
        folder: The folder of a finished run.
        sample: How many replications are computed again, evenly spread.

    Raises:
        EnvironmentFaultError: The files are not those of the manifest, the manifest is not that
            of the run, or the run comes from another version of the model.
        InvariantError: A replication comes out differently.

    """
    run = storage.load_run(folder)
    if not run.is_complete:
        raise EnvironmentFaultError(f"{folder} is still in progress; sim run goes on with it")
    manifest = storage.manifest_of(folder)
    _agree(folder, run, manifest)
    libraries = _changed(manifest["libraries"])
    recomputed = spread(run.replications, sample)
    for replication in recomputed:
        _recompute(run, replication, libraries)
    return Verified(run.id, run.replications, recomputed, libraries)


def sentence(found: Verified) -> str:
    """What was found, in one sentence."""
    numbers = ", ".join(map(str, found.recomputed))
    again = f"{len(found.recomputed)} of {found.replications} replications ({numbers})"
    return (
        f"Run {found.run} is what was written: its {len(SCHEMAS)} tables match the manifest, and "
        f"{again} come out the same again{_with(found.libraries)}."
    )


def spread(count: int, sample: int) -> tuple[int, ...]:
    """Up to ``sample`` of the numbers below ``count``, evenly spread from the first to the last."""
    gaps = max(min(sample, count) - 1, 1)
    return tuple(sorted({place * (count - 1) // gaps for place in range(min(sample, count))}))


def _agree(folder: Path, run: Run, manifest: dict[str, Any]) -> None:
    """The manifest speaks of every table, of this run and of this version of the model."""
    if set(manifest["tables"]) != set(SCHEMAS):
        raise EnvironmentFaultError(f"the manifest of {folder} does not name every table")
    for name, now in (("model_version", MODEL_VERSION), ("draw_scheme", SCHEME)):
        if manifest[name] != now:
            raise EnvironmentFaultError(
                f"the files of {folder} match its manifest, but it comes from {name} "
                f"{manifest[name]}, and this is {now}; compute it again with that version"
            )
    if manifest["run"] != run.id:
        raise EnvironmentFaultError(
            f"the manifest of {folder} is not what was written: its scenario, seed and "
            f"replications make the run {run.id}, not {manifest['run']}"
        )


def _recompute(run: Run, replication: int, libraries: tuple[str, ...]) -> None:
    """Compute a replication once more, and compare every table byte by byte."""
    piece = replicate(run.scenario, run.seed, range(replication, replication + 1))
    for failure in piece.failures:
        message = f"replication {replication} fails when it is computed again"
        raise InvariantError(f"{message}{_with(libraries)}: {failure.reason}")
    before = only(run.tables, replication, replication + 1)
    for name in SCHEMAS:
        # Names written out: another version may have numbered them otherwise.
        if content(written_out(piece.tables[name])) != content(written_out(before[name])):
            raise InvariantError(
                f"replication {replication} of run {run.id} comes out differently when it is "
                f"computed again{_with(libraries)}: {name} has other rows"
            )


def _changed(before: dict[str, str]) -> tuple[str, ...]:
    """The libraries of which another version is installed than was then."""
    return tuple(
        f"{name} {now} instead of {before.get(name)}"
        for name, now in storage.libraries().items()
        if before.get(name) != now
    )


def _with(libraries: tuple[str, ...]) -> str:
    return f" with {', '.join(libraries)}" if libraries else ""
