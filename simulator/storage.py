"""The results store: a finished run is one folder, written whole and never changed."""

import hashlib
import json
import os
import platform
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from simulator.errors import EnvironmentFaultError
from simulator.runs import MODEL_VERSION, SCHEMAS, Run, canonical, resolved, run_id
from simulator.scenario.types import Scenario

SCHEMA = "sim.manifest/1"
MANIFEST = "manifest.json"
LIBRARIES = ("matplotlib", "numpy", "pyarrow", "scipy", "simpy")
"""Those whose version can change a byte of a result."""

Draw = Callable[[Run, Path], object]
Tell = Callable[[str], object]


def _silent(_: str) -> None:
    """Tell nobody."""


def save(run: Run, folder: Path, *, draw: Draw | None = None) -> Path:
    """Store a run with its tables, manifest and plots; all of it appears at once or not at all.

    Args:
        run: the run.
        folder: the results folder; made if it is missing.
        draw: draws the figures into a folder; ``simulator.plot`` if not given.

    Returns:
        The folder of the run, ``<folder>/<scenario>/<run id>``. If it is there already and whole,
        it stays as it is.

    Raises:
        EnvironmentFaultError: disk full, no permission, or another fault of the machine.

    Example:
        >>> simulator.save(run, Path("results"))  # doctest: +SKIP

    """
    final = place(folder, run.scenario, run.seed, run.replications)
    if stored(folder, run.scenario, run.seed, run.replications) is not None:
        return final
    with _faults(final):
        final.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=f".{final.name}.", dir=final.parent))
        try:
            _fill(run, temporary, draw or _plot)
            _appear(temporary, final)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
    return final


def load_run(folder: Path) -> Run:
    """Read a stored run back, after its tables have been compared with their hashes.

    Args:
        folder: the folder of the run.

    Returns:
        The run as it was stored.

    Raises:
        EnvironmentFaultError: there is no run, or its files are not those that were written.

    Example:
        >>> simulator.load_run(Path("results/iran-belarus-2023/0123456789"))  # doctest: +SKIP

    """
    with _faults(folder):
        manifest = _manifest(folder)
        for name, expected in manifest["tables"].items():
            if _digest(folder / f"{name}.parquet") != expected:
                raise EnvironmentFaultError(f"{folder / name}.parquet is not what was written")
        scenario = Scenario.model_validate(_tuples(manifest["scenario"]))
        tables = {name: pq.read_table(folder / f"{name}.parquet") for name in SCHEMAS}
    return Run(scenario, manifest["seed"], manifest["replications"], tables)


def ready(folder: Path) -> None:
    """Make the results folder and try to write there, before any work is done for it.

    Raises:
        EnvironmentFaultError: nothing can be written there.

    """
    with _faults(folder):
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass


def place(folder: Path, scenario: Scenario, seed: int, replications: int) -> Path:
    """Where a run of this scenario stands, stored or not."""
    return folder / scenario.name / run_id(scenario, seed, replications)


def stored(
    folder: Path, scenario: Scenario, seed: int, replications: int, tell: Tell = _silent
) -> Run | None:
    """The finished run, if the store holds it; a damaged one is set aside as ``*.bad``.

    ``tell`` hears which of the two it is.
    """
    final = place(folder, scenario, seed, replications)
    if not final.exists():
        return None
    try:
        run = load_run(final)
    except EnvironmentFaultError as error:
        with _faults(final):
            aside = final.rename(_free_name(final))
        tell(f"The stored run is damaged ({error}); it is kept as {aside}.")
        return None
    tell(f"This run is in the store already: {final}")
    return run


def _free_name(final: Path) -> Path:
    names = (final.with_name(f"{final.name}.bad{number or ''}") for number in range(1000))
    return next(name for name in names if not name.exists())


def _plot(run: Run, folder: Path) -> None:
    """Draw the figures; the drawing library is loaded only now, because it is slow to start."""
    from simulator.plots import plot  # noqa: PLC0415

    plot(run, folder)


def _fill(run: Run, folder: Path, draw: Draw) -> None:
    """Write all files of a run, the manifest last."""
    for name, schema in SCHEMAS.items():
        _write_table(run.tables[name].cast(schema), folder / f"{name}.parquet")
    draw(run, folder / "plots")
    (folder / MANIFEST).write_text(canonical(_described(run, folder)), encoding="utf-8")
    for path in sorted(folder.rglob("*")):
        _flush(path)
    _flush(folder)
    folder.chmod(0o755)  # temporary folders are private; a result may be read by others


def _write_table(table: pa.Table, path: Path) -> None:
    """One file for one table: chunks of workers and settings of the library leave no trace."""
    whole = table.replace_schema_metadata(None).combine_chunks()
    pq.write_table(whole, path, compression="zstd", compression_level=3, row_group_size=1_000_000)


def _described(run: Run, folder: Path) -> dict[str, Any]:
    """The manifest: what the run follows from, and what its files must be."""
    scenario = resolved(run.scenario)
    return {
        "schema": SCHEMA,
        "run": run.id,
        "scenario": scenario,
        "scenario_sha256": hashlib.sha256(canonical(scenario).encode()).hexdigest(),
        "seed": run.seed,
        "replications": run.replications,
        "model_version": MODEL_VERSION,
        "python": platform.python_version(),
        "libraries": {name: version(name) for name in LIBRARIES},
        "tables": {name: _digest(folder / f"{name}.parquet") for name in SCHEMAS},
    }


def _manifest(folder: Path) -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    if manifest.get("schema") != SCHEMA:
        raise EnvironmentFaultError(f"{folder} was written by another version of the simulator")
    return manifest


def _tuples(value: Any) -> Any:
    """Lists as the tuples that strict validation expects."""
    if isinstance(value, dict):
        return {key: _tuples(item) for key, item in value.items()}
    return tuple(map(_tuples, value)) if isinstance(value, list) else value


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _appear(temporary: Path, final: Path) -> None:
    """The folder gets its name in one step; another process may have been first."""
    try:
        temporary.rename(final)
    except OSError:
        if not (final / MANIFEST).exists():
            raise
    _flush(final.parent)


def _flush(path: Path) -> None:
    """Bring a file or a folder to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _faults(path: Path) -> Iterator[None]:
    """What the machine refuses becomes an error that says so."""
    try:
        yield
    except (OSError, pa.ArrowException, ValueError, KeyError) as error:
        reason = getattr(error, "strerror", None) or f"{type(error).__name__}: {error}"
        raise EnvironmentFaultError(f"{path}: {reason}") from error
