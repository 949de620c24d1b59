"""Commands about scenario files: check, show, schema, init, explain."""

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from simulator.cli.base import (
    AllowLong,
    File,
    Json,
    Overrides,
    PanelFolder,
    Plain,
    Settings,
    Strict,
    app,
    changes_of,
    guarded,
    limits_of,
    warn,
)

if TYPE_CHECKING:
    from simulator.errors import Problem
    from simulator.scenario.reading import Checked

Files = Annotated[list[str], typer.Argument(metavar="FILE...", help="Scenarios to check.")]
Below = Annotated[
    str, typer.Argument(metavar="[PATH]", help="Only what stands at or below this path.")
]
Origins = Annotated[
    bool, typer.Option("--origins", help="Print unit, kind, source and file:line of every value.")
]
NewName = Annotated[str, typer.Argument(metavar="NAME", help="Name of the new scenario.")]
Pair = Annotated[
    tuple[str, str] | None,
    typer.Option("--pair", metavar="A B", help="Two economies: codes of ISO 3166, or names."),
]
TargetYear = Annotated[
    int | None, typer.Option("--year", help="Year of the target. [default: this year]")
]
Folder = Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder of the new file.")]
Code = Annotated[str, typer.Argument(metavar="[CODE]", help="Such as S121; none lists them all.")]


@app.command()
@guarded
def check(  # noqa: PLR0913 -- each one is an option
    files: Files,
    *,
    settings: Settings = None,
    overrides: Overrides = None,
    as_json: Json = False,
    plain: Plain = False,
    strict: Strict = False,
    allow_long: AllowLong = False,
) -> None:
    """Validate scenarios, each with every override that it offers, without running them."""
    from simulator import terminal  # noqa: PLC0415
    from simulator.errors import RefusedError, ScenarioError, plain_lines  # noqa: PLC0415
    from simulator.scenario.reading import checked  # noqa: PLC0415

    limits = limits_of(horizon_years=float("inf") if allow_long else None)
    changes = changes_of(settings)
    valid: dict[str, Checked] = {}
    invalid: list[Problem] = []
    refused: list[RefusedError] = []
    for file in files:
        try:
            found = checked(file, changes, overrides=overrides or (), limits=limits)
        except RefusedError as error:
            refused.append(error)
        except ScenarioError as error:
            invalid += error.problems
        else:
            if strict and found.warnings:
                invalid += found.warnings
            else:
                valid[file] = found
    warnings = [warning for found in valid.values() for warning in found.warnings]
    errors = [*invalid, *(error.problem for error in refused)]
    if as_json:
        told = [_facts(file, found) for file, found in valid.items()]
        told_of = {"errors": errors, "warnings": warnings}
        lists = {name: [asdict(problem) for problem in some] for name, some in told_of.items()}
        terminal.put_json({"schema": "sim.check/1", "valid": told, **lists})
    elif plain:
        terminal.put(plain_lines(errors) + plain_lines(warnings, "warning"))
    else:
        terminal.put("".join(_valid(_facts(file, found)) for file, found in valid.items()))
        warn(warnings)
        for fault in ([ScenarioError(invalid)] if invalid else []) + refused:
            terminal.complain(fault)
    if errors:
        raise typer.Exit(ScenarioError.exit_code if invalid else RefusedError.exit_code)


@app.command()
@guarded
def show(  # noqa: PLR0913 -- each one is an option
    file: File,
    below: Below = "",
    *,
    origins: Origins = False,
    settings: Settings = None,
    overrides: Overrides = None,
    as_json: Json = False,
    plain: Plain = False,
) -> None:
    """Print the resolved scenario, as a file that says the same or value by value."""
    from simulator import terminal  # noqa: PLC0415
    from simulator.scenario import describing  # noqa: PLC0415
    from simulator.scenario.reading import read  # noqa: PLC0415
    from simulator.scenario.writing import written  # noqa: PLC0415

    reading = read(file, changes_of(settings), overrides=overrides or ())
    scenario = reading.scenario
    if not (origins or below or plain):
        if as_json:
            from simulator.runs import resolved  # noqa: PLC0415

            terminal.put_json({"schema": "sim.show/1", "scenario": resolved(scenario)})
        else:
            terminal.put(written(scenario))
        return
    found = describing.selected(describing.entries(scenario, reading.tree), below)
    if as_json:
        terminal.put_json({"schema": "sim.show/1", "entries": [asdict(e) for e in found]})
    else:
        terminal.put((describing.tabbed(found) if plain else describing.told(found)) + "\n")


@app.command()
@guarded
def schema() -> None:
    """Print JSON Schema of scenario files, for editors that complete and check."""
    from simulator import terminal  # noqa: PLC0415
    from simulator.scenario.schema import schema as described  # noqa: PLC0415

    terminal.put_json(described())


@app.command()
@guarded
def init(
    name: NewName,
    *,
    pair: Pair = None,
    year: TargetYear = None,
    panel: PanelFolder = None,
    out: Folder = Path(),
) -> None:
    """Write a commented scenario for any two economies that runs as it is."""
    from simulator import terminal  # noqa: PLC0415
    from simulator.evidence import panels  # noqa: PLC0415
    from simulator.evidence.pairs import scenario_text  # noqa: PLC0415
    from simulator.scenario.starting import started  # noqa: PLC0415

    target_year = year or datetime.now(UTC).year
    if panel is None:
        text = started(name, pair, target_year)
    elif pair is None:
        raise typer.BadParameter("a panel needs --pair", param_hint="--panel")
    else:
        text = scenario_text(name, pair, target_year, panels.records(panel))
    if not out.is_dir():
        raise typer.BadParameter(f"there is no folder {out}", param_hint="--out")
    file = out / f"{name}.yaml"
    try:
        with file.open("x", encoding="utf-8") as new:
            new.write(text)
    except FileExistsError:
        raise typer.BadParameter(f"{file} exists already") from None
    terminal.put(f"Wrote {file}: assumed numbers to replace by sourced ones.\n")
    terminal.put(f"Next  sim run {file} --reps 100\n")


@app.command()
@guarded
def explain(code: Code = "", *, as_json: Json = False, plain: Plain = False) -> None:
    """Explain an error code, with an example and the same put right."""
    from simulator import explanations, terminal  # noqa: PLC0415

    codes = (code.upper(),) if code else tuple(explanations.EXPLANATIONS)
    if codes[0] not in explanations.EXPLANATIONS:
        raise typer.BadParameter(f"there is no code {code[:40]}; sim explain lists them all")
    if as_json:
        terminal.put_json(explanations.as_data(*codes))
    elif plain:
        terminal.put(f"{explanations.tabbed(*codes)}\n")
    else:
        terminal.put(f"{explanations.explained(*codes) if code else explanations.listed()}\n")


def _facts(file: str, found: "Checked") -> dict[str, Any]:
    """What is told of a valid file."""
    from simulator.scenario.sizes import expected_orders  # noqa: PLC0415
    from simulator.scenario.types import quantities  # noqa: PLC0415

    return {
        "file": file,
        "inputs": sum(1 for _ in quantities(found.scenario)),
        "orders": float(f"{expected_orders(found.scenario):.2g}"),
        "overrides": found.overrides,
        "question": found.scenario.question,
    }


def _valid(facts: dict[str, Any]) -> str:
    """A line that says what was checked."""
    size = f"{facts['inputs']} inputs, about {facts['orders']:g} orders a replication"
    offered = f", overrides {' '.join(facts['overrides'])}" if facts["overrides"] else ""
    return f"{facts['file']}: valid, {size}{offered}. {facts['question']}\n"
