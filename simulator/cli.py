"""The command line: a skin over the public functions."""

import functools
import gc
import os
import shlex
import signal
import sys
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from simulator import __version__

if TYPE_CHECKING:
    from simulator.errors import Problem
    from simulator.runs import Run
    from simulator.scenario.checking import Limits
    from simulator.scenario.reading import Checked
    from simulator.scenario.types import Scenario

EXAMPLES = """\
  sim run scenarios/iran-belarus-2023.yaml         will the target be reached, and what binds
  sim run FILE --set target.turnover_usd_million=200 --reps 4000      ask it another way
  sim init my-pair --pair IRN RUS                  start a scenario of your own"""

SHORT_HELP = f"""\
sim: will trade between two sanctioned economies reach its announced target?

{EXAMPLES}

All commands: sim --help      One command: sim run --help      Version: sim --version
"""

EXIT_CODES = """\
Exit codes: 0 done; 1 a bug in the tool; 2 wrong command line; 3 invalid scenario;
4 refused, above a safety limit; 6 the machine does not allow it (disk, permission);
7 result not trustworthy; 130 stopped by Ctrl-C; 143 terminated."""

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=EXIT_CODES,
)

File = Annotated[str, typer.Argument(metavar="FILE", help="A scenario, or - for standard input.")]
Files = Annotated[list[str], typer.Argument(metavar="FILE...", help="Scenarios to check.")]
Below = Annotated[
    str, typer.Argument(metavar="[PATH]", help="Only what stands at or below this path.")
]
Reps = Annotated[int | None, typer.Option("--reps", min=1, help="Replications.")]
Seed = Annotated[
    int | None, typer.Option("--seed", min=0, max=2**63 - 1, help="Seed of the draws.")
]
Workers = Annotated[
    int | None, typer.Option("--workers", min=1, help="Processes. [default: all CPUs]")
]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="PATH=VALUE", help="Change a value; repeatable."),
]
Overrides = Annotated[
    list[str] | None,
    typer.Option("--override", metavar="NAME", help="Apply a named override; repeatable."),
]
Out = Annotated[Path, typer.Option("--out", metavar="DIR", help="Results folder.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Plain = Annotated[bool, typer.Option("--plain", help="Print one line an item, for programs.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print only the run id.")]
Strict = Annotated[bool, typer.Option("--strict", help="Treat warnings as errors.")]
MaxReps = Annotated[
    int, typer.Option("--max-replications", min=1, help="Refuse more replications than this.")
]
MaxOrders = Annotated[
    float, typer.Option("--max-orders", min=1, help="Refuse more orders a replication than this.")
]
MaxInput = Annotated[
    int, typer.Option("--max-input-size", min=1, help="Refuse files of more bytes than this.")
]
AllowLong = Annotated[bool, typer.Option("--allow-long", help="Allow more than 50 years.")]
Version = Annotated[bool, typer.Option("--version", help="Show the version.")]
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


def guarded(command: Callable[..., None]) -> Callable[..., None]:
    """A command that ends in a message and an exit code, whatever happens."""

    @functools.wraps(command)
    def wrapper(*args: Any, **options: Any) -> None:
        from simulator import terminal  # noqa: PLC0415 -- help needs no errors
        from simulator.errors import SimulatorError  # noqa: PLC0415

        try:
            command(*args, **options)
            sys.stdout.flush()
        except (typer.BadParameter, typer.Exit):
            raise
        except SimulatorError as error:
            forms = {"as_json": options.get("as_json"), "as_lines": options.get("plain")}
            terminal.complain(error, **{name: bool(form) for name, form in forms.items()})
            raise typer.Exit(error.exit_code) from None
        except BrokenPipeError:
            terminal.give_up_stdout()
        except KeyboardInterrupt:
            terminal.say("Stopped. Nothing was stored; the same command starts again.")
            raise typer.Exit(130) from None
        except OSError as error:
            terminal.say(f"error: {error}")
            terminal.give_up_stdout()
            raise typer.Exit(6) from None
        except Exception as error:  # noqa: BLE001 -- a bug must not end in a traceback
            terminal.say(f"error: this is a bug: {type(error).__name__}: {error}")
            terminal.say(f"Please report it with {terminal.crash_file()}")
            raise typer.Exit(1) from None

    return wrapper


@app.callback(invoke_without_command=True, epilog=EXIT_CODES)
def top(context: typer.Context, *, version: Version = False) -> None:
    """Tell whether trade between two sanctioned economies reaches its announced target.

    \b
      sim run scenarios/iran-belarus-2023.yaml         the answer, and what binds
      sim run FILE --set PATH=VALUE --reps 4000        ask it another way
      sim check scenarios/*.yaml                       is a scenario valid
      sim show FILE --origins                          every value, and where it comes from
      sim init my-pair --pair IRN RUS                  start a scenario of your own
    """  # noqa: D301 -- the backspace keeps the lines apart
    if version:
        typer.echo(f"sim {__version__}")
    elif context.invoked_subcommand is None:
        typer.echo(SHORT_HELP, nl=False)


@app.command()
@guarded
def run(  # noqa: PLR0913 -- each one is an option
    file: File,
    *,
    reps: Reps = None,
    seed: Seed = None,
    workers: Workers = None,
    settings: Settings = None,
    overrides: Overrides = None,
    out: Out = Path("results"),
    as_json: Json = False,
    quiet: Quiet = False,
    strict: Strict = False,
    max_replications: MaxReps = 10_000_000,
    max_orders: MaxOrders = 1e6,
    max_input_size: MaxInput = 2**20,
    allow_long: AllowLong = False,
) -> None:
    """Answer the question of a scenario, and store the run."""
    from simulator import runs, storage, terminal  # noqa: PLC0415
    from simulator.scenario.reading import read  # noqa: PLC0415

    _apart(out, file)
    limits = _limits(
        replications=max_replications,
        orders=max_orders,
        **_of_input(max_input_size),
        horizon_years=float("inf") if allow_long else None,
    )
    found = read(file, _changes(settings), overrides=overrides or (), limits=limits)
    _warn(found.warnings, strict=strict)
    scenario = found.scenario
    seed, count = runs.planned(scenario, seed, reps, max_replications)
    storage.ready(out)
    result = storage.stored(out, scenario, seed, count, terminal.say)
    result = result or _simulated(scenario, seed, count, workers)
    folder = storage.save(result, out)
    options = [("--override", name) for name in overrides or ()]
    options += [("--set", setting) for setting in settings or ()]
    question = shlex.join([file, *(part for option in options for part in option)])
    _tell(result, question, folder, as_json=as_json, quiet=quiet)


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

    limits = _limits(horizon_years=float("inf") if allow_long else None)
    changes = _changes(settings)
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
        _warn(warnings)
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

    reading = read(file, _changes(settings), overrides=overrides or ())
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
    name: NewName, *, pair: Pair = None, year: TargetYear = None, out: Folder = Path()
) -> None:
    """Write a commented scenario for any two economies that runs as it is."""
    from simulator import terminal  # noqa: PLC0415
    from simulator.scenario.starting import started  # noqa: PLC0415

    text = started(name, pair, year or datetime.now(UTC).year)
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


def main() -> None:
    """Run the command line."""
    # Scenarios are many small values that stay: looking for garbage among them costs a tenth.
    gc.set_threshold(100_000)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    app(prog_name="sim")


def _limits(**limits: Any) -> "Limits":
    """The limits of a command; None stands for the usual one."""
    from simulator.scenario.checking import Limits  # noqa: PLC0415

    return Limits(**{name: limit for name, limit in limits.items() if limit is not None})


def _of_input(size: int) -> dict[str, int]:
    """Limits of a file that grow with its size: bytes, values and the longest text."""
    from simulator.scenario.checking import LIMITS  # noqa: PLC0415

    times = max(1.0, size / LIMITS.input_bytes)
    return {
        "input_bytes": size,
        "nodes": int(LIMITS.nodes * times),
        "scalar_characters": int(LIMITS.scalar_characters * times),
    }


def _changes(settings: list[str] | None) -> dict[str, object]:
    """What ``--set`` changes, each path once."""
    from simulator.errors import Problem, ScenarioError  # noqa: PLC0415
    from simulator.scenario.reading import parse_setting  # noqa: PLC0415

    changes: dict[str, object] = {}
    for path, value in map(parse_setting, settings or ()):
        if path in changes:
            raise ScenarioError([Problem("S156", f"{path} is set twice", "--set", field=path)])
        changes[path] = value
    return changes


def _apart(out: Path, file: str) -> None:
    """Results never go where scenarios are."""
    place, source = out.resolve(), Path(file).resolve()
    if file != "-" and place in (source, source.parent):
        raise typer.BadParameter("results would lie among the scenarios", param_hint="--out")


def _warn(warnings: "list[Problem] | tuple[Problem, ...]", *, strict: bool = False) -> None:
    """Tell warnings, or refuse what has any."""
    from simulator import terminal  # noqa: PLC0415
    from simulator.errors import ScenarioError, described  # noqa: PLC0415

    if strict and warnings:
        raise ScenarioError(warnings)
    for warning in warnings:
        terminal.say(described(warning, "warning"))


def _simulated(scenario: "Scenario", seed: int, count: int, workers: int | None) -> "Run":
    from simulator import terminal  # noqa: PLC0415
    from simulator.simulation import run as simulate  # noqa: PLC0415

    available = len(os.sched_getaffinity(0))
    shared = min(workers or available, available)
    if workers is not None and workers > available:
        terminal.say(f"Only {available} CPUs are available: {available} workers, not {workers}.")
    with terminal.progress(scenario.name) as progress:
        return simulate(scenario, seed=seed, replications=count, workers=shared, progress=progress)


def _tell(run: "Run", question: str, folder: Path, *, as_json: bool, quiet: bool) -> None:
    """What standard output shows of a run."""
    from simulator import answers, terminal, wording  # noqa: PLC0415

    if quiet:
        terminal.put(f"{run.id}\n")
        return
    answer = answers.answer(run)
    if as_json:
        terminal.put_json(answers.as_json(answer) | {"files": {"folder": str(folder)}})
    else:
        terminal.put(wording.words(answer, file=question, folder=folder))


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
