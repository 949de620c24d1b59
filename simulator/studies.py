"""Studies: what many runs told together, as JSON, CSV and figures in a folder of its own."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as pa_csv

from simulator.cells import harmless_table
from simulator.files import once
from simulator.runs import canonical

Draw = Callable[[Path], object]
"""Draws figures into a folder that is there."""


def kept(
    final: Path, name: str, data: Mapping[str, Any], tables: Mapping[str, pa.Table], draw: Draw
) -> Path:
    """A folder with a study, made if it is not there; one that is there stays as it is.

    Args:
        final: The folder, whose name follows from all that the study follows from.
        name: Of the JSON file, which holds ``data``.
        data: Everything that was told.
        tables: What goes beside it as CSV, by name; empty tables do not.
        draw: Draws the figures, which go into ``plots``.

    Returns:
        The folder.

    Raises:
        EnvironmentFaultError: The machine does not allow it.

    """
    once(final, partial(_fill, name, data, tables, draw))
    return final


def _fill(
    name: str, data: Mapping[str, Any], tables: Mapping[str, pa.Table], draw: Draw, folder: Path
) -> None:
    (folder / f"{name}.json").write_text(canonical(data), encoding="utf-8")
    for title, table in tables.items():
        if table.num_rows:
            pa_csv.write_csv(harmless_table(table), folder / f"{title}.csv")
    (folder / "plots").mkdir()
    draw(folder / "plots")
