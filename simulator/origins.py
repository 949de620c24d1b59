"""Origins: how the command line named a question, and which line of which file set each value."""

import json
import shlex
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Any

from simulator.errors import EnvironmentFaultError
from simulator.files import faults, written
from simulator.scenario.describing import entries
from simulator.scenario.reading import Reading

FILE = "origins.json"
SCHEMA = "sim.origins/1"
SETTING = "--set"
"""Stands for the command line among files."""


@dataclass(frozen=True, slots=True)
class Origins:
    """Where a run's scenario came from; empty for what no file or command has stated."""

    command: str = ""
    """The question as ``sim run`` takes it: file, overrides and settings."""
    places: dict[str, str] = field(default_factory=dict)
    """File and line by dotted path."""


def origins(reading: Reading, command: str) -> Origins:
    """The origins of a scenario that was read from files; no folder outside is named in them.

    Args:
        reading: The scenario with the tree that it was made from.
        command: How the command line asks for it.

    """
    places = {
        entry.path: entry.file if entry.file == SETTING else f"{shared(entry.file)}:{entry.line}"
        for entry in entries(reading.scenario, reading.tree)
        if entry.file
    }
    return Origins(command_for_others(command), places)


def command_for_others(command: str) -> str:
    """A command line without the folders in which files lie elsewhere."""
    return shlex.join(map(shared, shlex.split(command)))


def shared(name: str) -> str:
    """The name of a file as others may see it: of one that lies elsewhere, without its folders."""
    path = PurePath(name)
    is_elsewhere = path.is_absolute() or ".." in path.parts or name.startswith("~")
    return path.name if is_elsewhere else name


def keep(found: Origins, folder: Path) -> None:
    """Write origins beside the run that they speak of; what stands there already stays.

    Raises:
        EnvironmentFaultError: The machine does not allow it.

    """
    path = folder / FILE
    if not path.exists():
        data = {"schema": SCHEMA, "command": found.command, "places": found.places}
        with faults(path):
            written(path, json.dumps(data, ensure_ascii=False, indent=1, sort_keys=True) + "\n")


def kept(folder: Path) -> Origins:
    """The origins of a stored run; empty ones of a run that was not asked for by a file.

    Raises:
        EnvironmentFaultError: The file cannot be read, or is of another version.

    """
    path = folder / FILE
    if not path.exists():
        return Origins()
    with faults(path):
        data: Any = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(data, dict) or data.get("schema") != SCHEMA:
            raise EnvironmentFaultError(f"{path} was written by another version of the simulator")
        places = {str(name): str(place) for name, place in data["places"].items()}
        return Origins(str(data["command"]), places)
