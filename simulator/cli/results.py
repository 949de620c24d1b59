"""Commands about stored runs: list, verify, report, export."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from simulator.cli.base import RESULTS, Json, Out, Plain, app, guarded

Stored = Annotated[str, typer.Argument(metavar="RUN", help="Folder or id of a stored run.")]
Sample = Annotated[int, typer.Option("--sample", min=1, help="Replications to compute again.")]
Formats = Annotated[
    str, typer.Option("--format", metavar="LIST", help="Some of csv, parquet and xlsx.")
]
Figures = Annotated[
    bool,
    typer.Option("--figures", help="Also draw all figures in widths for print: SVG, PNG and PDF."),
]
ReportTo = Annotated[
    Path | None, typer.Option("--to", metavar="DIR", help="The folder. [default: that of the run]")
]
To = Annotated[
    Path | None,
    typer.Option("--to", metavar="DIR", help="The new folder. [default: <run id>-export]"),
]


@app.command("list")
@guarded
def list_runs(*, out: Out = RESULTS, as_json: Json = False, plain: Plain = False) -> None:
    """List all stored runs, the newest last."""
    from simulator import catalogue, terminal  # noqa: PLC0415

    found = catalogue.entries(out)
    if as_json:
        terminal.put_json(catalogue.as_json(found, out))
    else:
        terminal.put((catalogue.tabbed if plain else catalogue.told)(found, out))


@app.command()
@guarded
def verify(run: Stored, *, sample: Sample = 5, out: Out = RESULTS) -> None:
    """Check that a stored run is what was written, and that it comes out the same again."""
    from simulator import storage, terminal, verifying  # noqa: PLC0415

    found = verifying.verified(storage.find(run, out), sample)
    terminal.put(f"{verifying.sentence(found)}\n")


@app.command()
@guarded
def report(
    run: Stored, *, to: ReportTo = None, figures: Figures = False, out: Out = RESULTS
) -> None:
    """Write the report of a stored run, a page that anyone can open, and its one-page brief."""
    from simulator import origins, plots, reporting, storage, terminal  # noqa: PLC0415
    from simulator.errors import EnvironmentFaultError  # noqa: PLC0415
    from simulator.files import once  # noqa: PLC0415

    folder = storage.find(run, out)
    found = storage.load_run(folder)
    if not found.is_complete:
        raise EnvironmentFaultError(f"{folder} is still in progress; sim run goes on with it")
    manifest = storage.manifest_of(folder)
    with terminal.unbroken():
        target = to or folder
        files = reporting.report(found, target, where=origins.kept(folder), manifest=manifest)
        once(target / storage.PLOTS, partial(plots.plot, found))
        if figures:
            plots.print_figures(found, target / "figures")
            files.append(target / "figures")
    terminal.put("".join(f"Wrote {file}\n" for file in files))


@app.command()
@guarded
def export(run: Stored, *, formats: Formats = "csv", to: To = None, out: Out = RESULTS) -> None:
    """Write the tables of a stored run for other programs, with a codebook."""
    from simulator import exporting, storage, terminal  # noqa: PLC0415

    asked = tuple(dict.fromkeys(word.strip() for word in formats.split(",")))
    for word in asked:
        if word not in exporting.FORMATS:
            known = ", ".join(exporting.FORMATS)
            raise typer.BadParameter(f"{word!r} is none of {known}", param_hint="--format")
    folder = storage.find(run, out)
    target = Path(f"{folder.resolve().name}-export") if to is None else to
    if target.exists() or target.is_symlink():
        raise typer.BadParameter(f"{target} exists already", param_hint="--to")
    if target.resolve().is_relative_to(folder.resolve()):
        message = f"{target} lies in the run, which is never changed"
        raise typer.BadParameter(message, param_hint="--to")
    exporting.export(folder, asked, target)
    terminal.put(f"Wrote {target}: {', '.join(asked)} and a codebook.\n")
