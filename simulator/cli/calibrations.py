"""The command that fits laws to a published series: calibrate."""

import os
import re
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from simulator.cli.base import RESULTS, Engine, File, Json, Out, app, guarded, spelled, warn
from simulator.cli.runs import Seed, Workers, apart, crew_of, engine_for, made

To = Annotated[
    str,
    typer.Option(
        "--to",
        metavar="CSV",
        help="Published turnover: statistics,year,turnover_usd_million,source.",
    ),
]
Vary = Annotated[
    list[str] | None,
    typer.Option(
        "--vary",
        metavar="PATH",
        help="An input to fit, * for any name; repeatable. [default: base flows, their spread and "
        "measurement]",
    ),
]
Reps = Annotated[
    int, typer.Option("--reps", min=400, help="Replications, which are the draws of the prior.")
]
Write = Annotated[
    Path | None,
    typer.Option("--write", metavar="FILE", help="Write the fitted laws as a scenario file."),
]


@app.command()
@guarded
def calibrate(  # noqa: PLR0913 -- each one is an option
    file: File,
    *,
    to: To,
    vary: Vary = None,
    reps: Reps = 4000,
    seed: Seed = None,
    workers: Workers = None,
    engine: Engine = "auto",
    write: Write = None,
    out: Out = RESULTS,
    as_json: Json = False,
) -> None:
    """Fit the laws of uncertain inputs to a published series, and tell what it cannot pin down."""
    from simulator import calibration_plots, calibration_words, runs, terminal  # noqa: PLC0415
    from simulator.evidence import calibration  # noqa: PLC0415
    from simulator.evidence.observed import observed  # noqa: PLC0415
    from simulator.scenario.reading import read  # noqa: PLC0415

    apart(out, file)
    extends = None if write is None else _extended(file, write)
    reading = read(file)
    warn(reading.warnings)
    scenario = reading.scenario
    series, paths = observed(scenario, to), calibration.inputs(scenario, vary or ())
    seed, _ = runs.planned(scenario, seed, reps)
    again = spelled(
        *("sim", "calibrate", file),
        to=to,
        vary=vary,
        reps=reps,
        seed=seed,
        engine=engine,
        write=write,
        out=out,
    )
    with crew_of(workers, None, engine_for(engine, reps)) as crew:
        asked = partial(made, crew, out, again)
        found = calibration.calibrated(scenario, series, paths, seed, reps, asked)
    with terminal.unbroken():
        folder = calibration_plots.save_calibration(found, out)
    wrote = ""
    if write is not None and extends is not None:
        wrote = _written(
            write, calibration.as_file(found, extends, again) if found.informed else ""
        )
    if as_json:
        data = calibration.as_data(found)
        terminal.put_json(data | {"files": {"folder": str(folder), "fitted": wrote or None}})
    else:
        terminal.put(calibration_words.words(found, file=file, folder=folder, wrote=wrote))


def _extended(file: str, write: Path) -> str:
    """The scenario as the new file names it, which must be able to read it."""
    source, target = Path(file).resolve(), write.resolve()
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,63}\.ya?ml", write.name):
        raise _unwritable("a scenario's file has small letters, digits, _ and -, and ends in .yaml")
    if not target.parent.is_dir():
        raise _unwritable(f"there is no folder {write.parent}")
    if target.exists():
        raise _unwritable(f"{write} exists already")
    if file == "-" or not source.is_relative_to(target.parent.parent):
        raise _unwritable("it must lie beside the scenario that it extends, or one folder below")
    return Path(os.path.relpath(source, target.parent)).as_posix()


def _unwritable(reason: str) -> typer.BadParameter:
    return typer.BadParameter(reason, param_hint="--write")


def _written(write: Path, text: str) -> str:
    """The name of the file with the fitted laws; nothing where nothing was fitted."""
    from simulator import terminal  # noqa: PLC0415

    if not text:
        terminal.say(f"{write} was not written: the series pins nothing down.")
        return ""
    with write.open("x", encoding="utf-8") as new:
        new.write(text)
    return str(write)
