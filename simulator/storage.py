"""The results store: a finished run is one folder, written whole and never changed."""

import json
import os
import platform
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

from simulator.draws import SCHEME
from simulator.errors import EnvironmentFaultError
from simulator.files import aside, digest, faults, once
from simulator.parts import (
    PLAN,
    Kept,
    Parts,
    Stored,
    encoded,
    growing,
    is_at_work,
    read_tables,
    write_files,
)
from simulator.runs import (
    MODEL_VERSION,
    SCHEMAS,
    Run,
    Tables,
    Tell,
    canonical,
    resolved,
    run_id,
    series_id,
)
from simulator.scenario.describing import between
from simulator.scenario.types import Scenario

SCHEMA = "sim.manifest/2"
MANIFEST = "manifest.json"
PLOTS = "plots"
UNFINISHED = ".unfinished"
"""Ends the name of the folder in which a run grows."""

BYTES_PER_REPLICATION = 6000
"""Twice what the flagship's take, because they lie in parts before they lie in one run."""

MOST_TOLD = 3
"""Paths named where two scenarios differ."""

MOST_LISTED = 10
"""Runs named where the one asked for is not there."""

LIBRARIES = ("numpy", "pyarrow", "scipy", "simpy")
"""Those whose version can change a byte of a table."""

_RUN = re.compile(rf"[0-9a-f]{{10}}(-\d+|{re.escape(UNFINISHED)})")
"""The name of a folder that holds a run; one set aside has another name."""

Draw = Callable[[Run, Path], object]


def _silent(_: str) -> None:
    """Tell nobody."""


def save(run: Run, folder: Path, *, draw: Draw | None = None) -> Path:
    """Store a run: its tables and manifest appear at once or not at all, and then its plots.

    Args:
        run: The run; it must be complete.
        folder: The results folder; made if it is missing.
        draw: Draws the figures into a folder that is there; ``simulator.plot`` if not given.

    Returns:
        The folder of the run, ``<folder>/<scenario>/<run id>``. If it is there already and whole,
        it stays as it is.

    Raises:
        EnvironmentFaultError: Disk full, no permission, or another fault of the machine.

    Example:
        >>> simulator.save(run, Path("results"))  # doctest: +SKIP

    """
    return drawn(run, keep(run, folder), draw)


def drawn(run: Run, final: Path, draw: Draw | None = None) -> Path:
    """The folder of a stored run, with its plots."""
    once(final / PLOTS, lambda temporary: (draw or _plot)(run, temporary))
    return final


def folder_of(run: Run, folder: Path) -> Path:
    """The folder of a run in a results folder, whether it is there or not."""
    return folder / run.scenario.name / run.id


def keep(run: Run, folder: Path) -> Path:
    """Store a run without plots."""
    assert run.is_complete, "a part of a run is not a run"
    final = folder_of(run, folder)
    _whole(final, _silent)  # a damaged one makes room
    once(final, lambda temporary: _fill(run, temporary))
    return final


def load_run(folder: Path) -> Run:
    """Read a stored run back, after its tables have been compared with their hashes.

    Args:
        folder: The folder of the run; one in which a run grows gives what is there so far.

    Returns:
        The run as it was stored.

    Raises:
        EnvironmentFaultError: There is no run, or its files are not those that were written.

    Example:
        >>> simulator.load_run(Path("results/iran-belarus-2023/0123456789-1000"))  # doctest: +SKIP

    """
    with faults(folder):
        if folder.name.endswith(UNFINISHED):
            return _so_far(folder)
        manifest = _manifest(folder)
        tables = _tables(folder, manifest)
        scenario = Scenario.model_validate(_tuples(manifest["scenario"]))
    return Run(scenario, manifest["seed"], manifest["replications"], tables)


def manifest_of(folder: Path) -> dict[str, Any]:
    """What a finished run follows from, and the hashes of its files.

    Raises:
        EnvironmentFaultError: It is not there, or of another version.

    """
    with faults(folder):
        return _manifest(folder)


def stored(folder: Path) -> Iterator[os.DirEntry[str]]:
    """The folders of all runs below a results folder, in no order; none where it is missing."""
    with faults(folder):
        try:
            scenarios = list(os.scandir(folder))
        except FileNotFoundError:
            return
        for scenario in scenarios:
            if scenario.is_dir():
                with os.scandir(scenario) as places:
                    yield from (place for place in places if _RUN.fullmatch(place.name))


def find(text: str, out: Path) -> Path:
    """The folder of a run, finished or growing.

    Args:
        text: The folder itself, or the run id below ``out``; its beginning is enough where only
            one run begins so.
        out: The results folder.

    Raises:
        EnvironmentFaultError: There is no such run, or there are several; told with what is there.

    """
    named = Path(text)
    with faults(named):
        if any((named / name).is_file() for name in (MANIFEST, PLAN)):
            return named
    there = sorted((place.name, Path(place.path)) for place in stored(out))
    alike = [path for name, path in there if text and name.startswith(text)]
    exact = [path for path in alike if path.name.removesuffix(UNFINISHED) == text]
    found = exact or alike
    if len(found) == 1:
        return found[0]
    if found:
        raise EnvironmentFaultError(f"{text} may be any of {_listed(found)}")
    held = f"it holds {_listed([path for _, path in there])}" if there else "it holds no runs"
    raise EnvironmentFaultError(f"there is no run {text} in {out}; {held}")


def _listed(folders: list[Path]) -> str:
    """Some folders by scenario and run."""
    names = ", ".join(f"{path.parent.name}/{path.name}" for path in folders[:MOST_LISTED])
    more = len(folders) - MOST_LISTED
    return f"{names} and {more} more" if more > 0 else names


def ready(folder: Path, replications: int = 0) -> None:
    """Make the results folder and try to write there, before any work is done for it.

    Raises:
        EnvironmentFaultError: Nothing can be written there, or not so many replications.

    """
    with faults(folder):
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
        free, needed = shutil.disk_usage(folder).free, replications * BYTES_PER_REPLICATION
    if free < needed:
        message = f"{replications} replications need about {needed / 1e6:.1f} MB"
        raise EnvironmentFaultError(f"{folder}: {message}, and {free / 1e6:.1f} MB are free")


def so_far(folder: Path, scenario: Scenario, seed: int) -> Run | None:
    """What there is of an unfinished run; None if there is none."""
    place = folder / scenario.name / f"{series_id(scenario, seed)}{UNFINISHED}"
    return load_run(place) if place.exists() else None


@contextmanager
def grown(
    folder: Path, scenario: Scenario, seed: int, asked: int, tell: Tell = _silent
) -> Iterator[Parts]:
    """The replications of a series that the store holds, and where further ones are kept.

    They come from the longest finished run and from the folder in which an unfinished one grows.

    Raises:
        EnvironmentFaultError: Another process is at work on the same series.

    """
    series = series_id(scenario, seed)
    begun = _longest(folder / scenario.name, series, tell)
    made = 0 if begun is None else begun["replications"].num_rows
    if begun is not None and made >= asked:
        yield Kept({range(made): begun})
        return
    plan = {
        "schema": SCHEMA,
        "series": series,
        "scenario": resolved(scenario),
        "seed": seed,
        "asked": asked,
        "begun": made,
        "model_version": MODEL_VERSION,
        "draw_scheme": SCHEME,
        "libraries": libraries(),
    }
    place = folder / scenario.name / f"{series}{UNFINISHED}"
    if not place.exists():
        _tell_of_others(place.parent, scenario, tell)
    with growing(place, plan, begun, tell) as parts:
        yield parts


def _tell_of_others(around: Path, scenario: Scenario, tell: Tell) -> None:
    """Unfinished runs of the same name that are not gone on with, and what they say otherwise."""
    for place in sorted(around.glob(f"*{UNFINISHED}")):
        if not (place / PLAN).exists() or is_at_work(place):
            continue  # killed before it had begun, or nobody's leftover
        with faults(place):
            other = _planned_scenario(place)
        paths = [difference.path for difference in between(other, scenario)]
        if paths:
            told = ", ".join(paths[:MOST_TOLD]) + (" and more" if len(paths) > MOST_TOLD else "")
            tell(f"{place} was begun with another scenario ({told}); this is a new run.")


def _planned_scenario(place: Path) -> Scenario:
    """The scenario of an unfinished run."""
    plan = json.loads((place / PLAN).read_text(encoding="utf-8"))
    return Scenario.model_validate(_tuples(plan["scenario"]))


def _longest(around: Path, series: str, tell: Tell) -> Tables | None:
    """The tables of the finished run of a series with the most replications."""
    lengths = [path.name.partition("-")[2] for path in around.glob(f"{series}-*")]
    for count in sorted((int(n) for n in lengths if n.isdecimal()), reverse=True):
        final = around / run_id(series, count)
        tables = _whole(final, tell)
        # Replications of one run come from one version of the libraries.
        if tables is not None and _manifest(final)["libraries"] == libraries():
            return tables
    return None


def _whole(final: Path, tell: Tell) -> Tables | None:
    """The tables of a finished run; a damaged one is set aside."""
    if not final.exists():
        return None
    try:
        with faults(final):
            return _tables(final, _manifest(final))
    except EnvironmentFaultError as error:
        with faults(final):
            tell(f"The stored run is damaged ({error}); it is kept as {aside(final)}.")
        return None


def _so_far(folder: Path) -> Run:
    """The replications of an unfinished run that are there."""
    plan = json.loads((folder / PLAN).read_text(encoding="utf-8"))
    scenario = _planned_scenario(folder)
    begun = _longest(folder.parent, plan["series"], _silent)
    tables = Stored(folder, begun, _silent).seen(plan["asked"])
    made = tables["replications"].num_rows
    return Run(scenario, plan["seed"], made, tables, asked=plan["asked"])


def _tables(folder: Path, manifest: dict[str, Any]) -> Tables:
    """The tables of a run, if they are those that were written."""
    for name, expected in manifest["tables"].items():
        if digest(folder / f"{name}.parquet") != expected:
            raise EnvironmentFaultError(f"{folder / name}.parquet is not what was written")
    tables = read_tables(folder)
    for name, schema in SCHEMAS.items():
        if not tables[name].schema.remove_metadata().equals(schema):
            raise EnvironmentFaultError(f"{folder / name}.parquet has other columns than a run")
    if tables["replications"].num_rows != manifest["replications"]:
        raise EnvironmentFaultError(f"{folder} holds another number of replications than it says")
    return tables


def _plot(run: Run, folder: Path) -> None:
    """Draw the figures; the drawing library is loaded only now, because it is slow to start."""
    from simulator.plots import plot  # noqa: PLC0415

    plot(run, folder)


def _fill(run: Run, folder: Path) -> None:
    """Write the files that a run follows from, the manifest last."""
    write_files(encoded(run.tables), folder)
    (folder / MANIFEST).write_text(canonical(_described(run, folder)), encoding="utf-8")


def _described(run: Run, folder: Path) -> dict[str, Any]:
    """The manifest: what the run follows from, and what its files must be."""
    scenario = resolved(run.scenario)
    return {
        "schema": SCHEMA,
        "run": run.id,
        "scenario": scenario,
        "seed": run.seed,
        "replications": run.replications,
        "model_version": MODEL_VERSION,
        "python": platform.python_version(),
        "draw_scheme": SCHEME,
        "libraries": libraries(),
        "tables": {name: digest(folder / f"{name}.parquet") for name in SCHEMAS},
    }


def libraries() -> dict[str, str]:
    """Version of each library that can change a byte of a table."""
    return {name: version(name) for name in LIBRARIES}


def _manifest(folder: Path) -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    if not isinstance(manifest, dict) or manifest.get("schema") != SCHEMA:
        raise EnvironmentFaultError(f"{folder} was written by another version of the simulator")
    return manifest


def _tuples(value: Any) -> Any:
    """Lists as the tuples that strict validation expects."""
    if isinstance(value, dict):
        return {key: _tuples(item) for key, item in value.items()}
    return tuple(map(_tuples, value)) if isinstance(value, list) else value
