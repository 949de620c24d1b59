"""The command line: a skin over the public functions."""

import functools
import json
import os
import shlex
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from simulator import __version__

if TYPE_CHECKING:
    from simulator.errors import Problem, SimulatorError
    from simulator.runs import Progress, Run
    from simulator.scenario.types import Scenario

EXAMPLES = """\
  sim run scenarios/iran-belarus-2023.yaml         will the target be reached, and what binds
  sim run FILE --set target.turnover_usd_million=200 --reps 4000      ask it another way
  sim check scenarios/*.yaml                       is a scenario valid"""

SHORT_HELP = f"""\
sim: will trade between two sanctioned economies reach its announced target?

{EXAMPLES}

All commands: sim --help      One command: sim run --help      Version: sim --version
"""

EXIT_CODES = """\
Exit codes: 0 done; 1 a bug in the tool; 2 wrong command line; 3 invalid scenario;
4 refused, above a safety limit; 6 the machine does not allow it (disk, permission);
7 result not trustworthy; 130 stopped by Ctrl-C; 143 terminated."""

PLAIN_INTERVAL = 60.0
"""Seconds between lines of progress where no terminal can redraw one."""

ASCII = str.maketrans("\u2013\u2192\u00b1\u00b7\u2212\u2026", "->+|-.")
"""Every sign is replaced by one sign, so that columns stay in line."""

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=EXIT_CODES,
)

File = Annotated[str, typer.Argument(metavar="FILE", help="A scenario, or - for standard input.")]
Files = Annotated[list[str], typer.Argument(metavar="FILE...", help="Scenarios to check.")]
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
Out = Annotated[Path, typer.Option("--out", metavar="DIR", help="Results folder.")]
Json = Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print only the run id.")]
MaxReps = Annotated[
    int, typer.Option("--max-replications", min=1, help="Refuse more replications than this.")
]
MaxInput = Annotated[
    int, typer.Option("--max-input-size", min=1, help="Refuse files of more bytes than this.")
]
AllowLong = Annotated[bool, typer.Option("--allow-long", help="Allow more than 50 years.")]
Version = Annotated[bool, typer.Option("--version", help="Show the version.")]


def guarded(command: Callable[..., None]) -> Callable[..., None]:
    """A command that ends in a message and an exit code, whatever happens."""

    @functools.wraps(command)
    def wrapper(*args: Any, **options: Any) -> None:
        from simulator.errors import SimulatorError  # noqa: PLC0415 -- help needs no errors

        try:
            command(*args, **options)
            sys.stdout.flush()
        except SimulatorError as error:
            _complain(error, as_json=options.get("as_json", False))
            raise typer.Exit(error.exit_code) from None
        except BrokenPipeError:
            _give_up_stdout()
        except KeyboardInterrupt:
            _say("Stopped. Nothing was stored; the same command starts again.")
            raise typer.Exit(130) from None
        except OSError as error:
            _say(f"error: {error}")
            _give_up_stdout()
            raise typer.Exit(6) from None
        except Exception as error:  # noqa: BLE001 -- a bug must not end in a traceback
            _say(f"error: this is a bug: {type(error).__name__}: {error}")
            _say(f"Please report it with {_crash_file()}")
            raise typer.Exit(1) from None

    return wrapper


@app.callback(invoke_without_command=True, epilog=EXIT_CODES)
def top(context: typer.Context, *, version: Version = False) -> None:
    """Tell whether trade between two sanctioned economies reaches its announced target.

    \b
      sim run scenarios/iran-belarus-2023.yaml         the answer, and what binds
      sim run FILE --set PATH=VALUE --reps 4000        ask it another way
      sim check scenarios/*.yaml                       is a scenario valid
    """  # noqa: D301 -- the backspace keeps the lines apart
    if version:
        typer.echo(f"sim {__version__}")
    elif context.invoked_subcommand is None:
        _print(SHORT_HELP)


@app.command()
@guarded
def run(  # noqa: PLR0913 -- each one is an option
    file: File,
    *,
    reps: Reps = None,
    seed: Seed = None,
    workers: Workers = None,
    settings: Settings = None,
    out: Out = Path("results"),
    as_json: Json = False,
    quiet: Quiet = False,
    max_replications: MaxReps = 10_000_000,
    max_input_size: MaxInput = 2**20,
    allow_long: AllowLong = False,
) -> None:
    """Answer the question of a scenario, and store the run."""
    from simulator import runs, storage  # noqa: PLC0415

    limits = _limits(max_replications, max_input_size, allow_long=allow_long)
    scenario = _loaded(file, settings or [], limits)
    seed, count = runs.planned(scenario, seed, reps, max_replications)
    storage.ready(out)
    found = storage.stored(out, scenario, seed, count, _say)
    result = found or _simulated(scenario, seed, count, workers)
    folder = storage.save(result, out)
    question = shlex.join([file, *(part for text in settings or [] for part in ("--set", text))])
    _print(_told(result, question, folder, as_json=as_json, quiet=quiet))


@app.command()
@guarded
def check(
    files: Files, *, settings: Settings = None, as_json: Json = False, allow_long: AllowLong = False
) -> None:
    """Validate scenarios without running them."""
    from simulator.errors import ScenarioError  # noqa: PLC0415

    problems: list[Problem] = []
    for file in files:
        try:
            scenario = _loaded(file, settings or [], _limits(allow_long=allow_long))
        except ScenarioError as error:
            problems += error.problems
        else:
            _say_valid(file, scenario, as_json=as_json)
    if problems:
        raise ScenarioError(problems)
    _print(json.dumps({"errors": []}) + "\n" if as_json else "")


def main() -> None:
    """Run the command line."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    app(prog_name="sim")


def _limits(
    replications: int = 10_000_000, input_bytes: int = 2**20, *, allow_long: bool = False
) -> Any:
    from simulator.scenario.checking import Limits  # noqa: PLC0415

    years = float("inf") if allow_long else Limits().horizon_years
    return Limits(input_bytes=input_bytes, horizon_years=years, replications=replications)


def _loaded(file: str, settings: list[str], limits: Any) -> "Scenario":
    """The scenario, after its warnings have been told."""
    from simulator.errors import described  # noqa: PLC0415
    from simulator.scenario.checking import warnings  # noqa: PLC0415
    from simulator.scenario.reading import load, parse_setting  # noqa: PLC0415

    scenario = load(file, dict(parse_setting(setting) for setting in settings), limits=limits)
    for warning in warnings(scenario):
        _say(described(warning, "warning"))
    return scenario


def _simulated(scenario: "Scenario", seed: int, count: int, workers: int | None) -> "Run":
    from simulator.simulation import run as simulate  # noqa: PLC0415

    available = len(os.sched_getaffinity(0))
    shared = min(workers or available, available)
    if workers is not None and workers > available:
        _say(f"Only {available} CPUs are available: {available} workers instead of {workers}.")
    with _progress(scenario.name) as progress:
        return simulate(scenario, seed=seed, replications=count, workers=shared, progress=progress)


def _told(run: "Run", question: str, folder: Path, *, as_json: bool, quiet: bool) -> str:
    """What standard output shows of a run."""
    from simulator import answers, wording  # noqa: PLC0415

    if quiet:
        return f"{run.id}\n"
    answer = answers.answer(run)
    if as_json:
        told = answers.as_json(answer) | {"files": {"folder": str(folder)}}
        return json.dumps(told, ensure_ascii=False, allow_nan=False, indent=1) + "\n"
    return wording.words(answer, file=question, folder=folder)


def _say_valid(file: str, scenario: "Scenario", *, as_json: bool) -> None:
    from simulator.scenario.types import quantities  # noqa: PLC0415

    count = sum(1 for _ in quantities(scenario))
    if not as_json:
        _print(f"{file}: valid, {count} inputs. {scenario.question}\n")


@contextmanager
def _progress(name: str) -> Iterator["Progress"]:
    """A moving bar on a terminal, else a line a minute."""
    if not sys.stderr.isatty():
        yield _plain_progress(name)
        return
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import Progress as Bar  # noqa: PLC0415

    with Bar(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(f"Running {name}", total=None)
        yield lambda done, planned: bar.update(task, completed=done, total=planned)


def _plain_progress(name: str) -> "Progress":
    last = time.monotonic()

    def progress(done: int, planned: int) -> None:
        nonlocal last
        if time.monotonic() - last >= PLAIN_INTERVAL:
            last = time.monotonic()
            _say(f"Running {name}  {done}/{planned}  {done / planned:.0%}")

    return progress


def _complain(error: "SimulatorError", *, as_json: bool) -> None:
    """An error in words on standard error, or as data on standard output."""
    from simulator.errors import RefusedError, ScenarioError, render  # noqa: PLC0415

    if as_json:
        problems = getattr(error, "problems", None) or [getattr(error, "problem", None)]
        errors = [asdict(problem) if problem else {"message": str(error)} for problem in problems]
        _print(json.dumps({"errors": errors}, ensure_ascii=False) + "\n")
    elif isinstance(error, ScenarioError | RefusedError):
        _say(render(error))
    else:
        _say(f"error: {error}")


def _crash_file() -> str:
    """The traceback of the error at hand, in a file of its own."""
    with tempfile.NamedTemporaryFile(
        "w", prefix="sim-crash-", suffix=".txt", delete=False, encoding="utf-8"
    ) as file:
        traceback.print_exc(file=file)
    return file.name


def _print(text: str) -> None:
    """To standard output, in signs that it can show."""
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        text = text.translate(ASCII).encode("ascii", "replace").decode()
    sys.stdout.write(text)


def _say(text: str) -> None:
    """A message beside the result; a closed standard error is no reason to stop."""
    try:
        encoding = sys.stderr.encoding or "utf-8"
        sys.stderr.write(text.encode(encoding, "replace").decode(encoding) + "\n")
        sys.stderr.flush()
    except (OSError, ValueError):
        return


def _give_up_stdout() -> None:
    """Nobody reads any more: what is still buffered goes nowhere, quietly."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
