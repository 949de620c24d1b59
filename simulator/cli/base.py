"""Base of the command line: its options, and how every command ends in a message and a code."""

import functools
import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

if TYPE_CHECKING:
    from simulator.errors import Problem
    from simulator.scenario.checking import Limits

EXIT_CODES = """\
Exit codes: 0 done; 1 a bug in the tool; 2 wrong command line; 3 invalid scenario;
4 refused, above a safety limit; 5 some replications failed; 6 the machine does not allow it
(disk, permission, cluster); 7 result not trustworthy or not as precise as asked; 130 stopped by
Ctrl-C; 143 terminated."""

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=EXIT_CODES,
)

File = Annotated[str, typer.Argument(metavar="FILE", help="A scenario, or - for standard input.")]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="PATH=VALUE", help="Change a value; repeatable."),
]
Overrides = Annotated[
    list[str] | None,
    typer.Option("--override", metavar="NAME", help="Apply a named override; repeatable."),
]
RESULTS = Path("results")
MOST_REPLICATIONS, MOST_ORDERS, MOST_BYTES = 10_000_000, 1e6, 2**20
USUAL: dict[str, object] = {
    "out": RESULTS,
    "engine": "auto",
    "max_replications": MOST_REPLICATIONS,
    "max_orders": MOST_ORDERS,
    "max_input_size": MOST_BYTES,
}
"""What options are where nobody gives them."""

Out = Annotated[Path, typer.Option("--out", metavar="DIR", help="Results folder.")]
Engine = Annotated[
    Literal["auto", "reference", "compiled"],
    typer.Option("--engine", help="Who runs replications; the numbers are the same."),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
PANEL = typer.Option("--panel", metavar="DIR", help="A folder with trade of many pairs, as CSV.")
PanelFolder = Annotated[Path | None, PANEL]
Plain = Annotated[bool, typer.Option("--plain", help="Print one line an item, for programs.")]
Strict = Annotated[bool, typer.Option("--strict", help="Treat warnings as errors.")]
AllowLong = Annotated[bool, typer.Option("--allow-long", help="Allow more than 50 years.")]


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
            terminal.say("Stopped. Nothing is lost; the same command goes on.")
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


def spelled(*words: str, **options: object) -> str:
    """A command line, with the options that are given and not as usual."""
    told = list(words)
    for name, given in options.items():
        option = f"--{name.replace('_', '-')}"
        if given is None or given is False or given == USUAL.get(name):
            continue
        each = given if isinstance(given, list) else [given]
        told += [
            part for one in each for part in ((option,) if one is True else (option, f"{one}"))
        ]
    return shlex.join(told)


def is_file(text: str) -> bool:
    """Whether a scenario file is named, and not a stored run."""
    return text == "-" or text.endswith((".yaml", ".yml", ".json"))


def limits_of(**limits: Any) -> "Limits":
    """The limits of a command; None stands for the usual one."""
    from simulator.scenario.checking import Limits  # noqa: PLC0415

    return Limits(**{name: limit for name, limit in limits.items() if limit is not None})


def of_input(size: int) -> dict[str, int]:
    """Limits of a file that grow with its size: bytes, values and the longest text."""
    from simulator.scenario.checking import LIMITS  # noqa: PLC0415

    times = max(1.0, size / LIMITS.input_bytes)
    return {
        "input_bytes": size,
        "nodes": int(LIMITS.nodes * times),
        "scalar_characters": int(LIMITS.scalar_characters * times),
    }


def changes_of(settings: list[str] | None) -> dict[str, object]:
    """What ``--set`` changes, each path once."""
    from simulator.errors import Problem, ScenarioError  # noqa: PLC0415
    from simulator.scenario.reading import parse_setting  # noqa: PLC0415

    changes: dict[str, object] = {}
    for path, value in map(parse_setting, settings or ()):
        if path in changes:
            raise ScenarioError([Problem("S156", f"{path} is set twice", "--set", field=path)])
        changes[path] = value
    return changes


def warn(warnings: "list[Problem] | tuple[Problem, ...]", *, strict: bool = False) -> None:
    """Tell warnings, or refuse what has any."""
    from simulator import terminal  # noqa: PLC0415
    from simulator.errors import ScenarioError, described  # noqa: PLC0415

    if strict and warnings:
        raise ScenarioError(warnings)
    for warning in warnings:
        terminal.say(described(warning, "warning"))
