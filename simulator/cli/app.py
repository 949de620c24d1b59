"""The command line: a skin over the public functions."""

import ctypes
import gc
import os
import signal
import sys
from typing import Annotated

import typer

from simulator import __version__
from simulator.cli import (  # noqa: F401 -- they bring the commands
    calibrations,
    evidence,
    experiments,
    needs,
    replays,
    results,
    runs,
    scenarios,
    sensitivities,
    why,
)
from simulator.cli.base import EXIT_CODES, app

EXAMPLES = """\
  sim run scenarios/iran-belarus-2023.yaml         will the target be reached, and what binds
  sim compare scenarios/iran-belarus-2023.yaml scenarios/paper-only.yaml
                                                   what changes, and is it real
  sim sweep FILE --vary settlement.patience_days=30..90:4
                                                   many settings, and which is best"""

SHORT_HELP = f"""\
sim: will trade between two sanctioned economies reach its announced target?

{EXAMPLES}

All commands: sim --help      One command: sim run --help      Version: sim --version
"""

TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3
"""Names of ``mallopt``: free memory from which on some is given back; size of what always is."""

MOST_KEPT, LARGEST_KEPT = 2**30, 2**25
"""Bytes."""

Version = Annotated[bool, typer.Option("--version", help="Show the version.")]


@app.callback(invoke_without_command=True, epilog=EXIT_CODES)
def top(context: typer.Context, *, version: Version = False) -> None:
    """Tell whether trade between two sanctioned economies reaches its announced target.

    \b
      sim run scenarios/iran-belarus-2023.yaml         the answer, and what binds
      sim run FILE --set PATH=VALUE --reps 4000        ask it another way
      sim outside FILE                                 how often others managed as much
      sim calibrate FILE --to observed.csv             what a published series says of inputs
      sim compare A.yaml B.yaml                        what changes, and is it real
      sim sweep FILE --vary PATH=1..4                  many settings, and which is best
      sim need FILE --probability 0.8 --vary PATH      the smallest change that is enough
      sim find RUN                                     where the target is met, and where missed
      sim sensitivity FILE                             which inputs move it, what to find out
      sim why FILE                                     what binds, and what would bind next
      sim replay FILE --replication 3                  what happened in one repetition
      sim check scenarios/*.yaml                       is a scenario valid
      sim show FILE --origins                          every value, and where it comes from
      sim init my-pair --pair IRN RUS                  start a scenario of your own
    """  # noqa: D301 -- the backspace keeps the lines apart
    if version:
        typer.echo(f"sim {__version__}")
    elif context.invoked_subcommand is None:
        typer.echo(SHORT_HELP, nl=False)


def main() -> None:
    """Run the command line."""
    # Scenarios are many small values that stay: looking for garbage among them costs a tenth.
    gc.set_threshold(100_000)
    keep_memory()
    _open_streams()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    app(prog_name="sim")


def keep_memory() -> None:
    """Let the library of C keep what is freed: the next piece of work asks for as much.

    To give it back and have it cleared again costs a twentieth of a run. Arrow, which has memory of
    its own otherwise and gives that back, too, takes it from there.
    """
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:  # it is GNU's
        mallopt(TRIM_THRESHOLD, MOST_KEPT)
        mallopt(MMAP_THRESHOLD, LARGEST_KEPT)


def _open_streams() -> None:
    """A standard stream that is closed is one to which nobody listens, for workers as well."""
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:
            # The lowest number that is free is that of the stream.
            null = os.open(os.devnull, os.O_RDWR)
            os.set_inheritable(null, True)  # noqa: FBT003 -- it takes no keyword
            setattr(sys, name, os.fdopen(null, "r" if name == "stdin" else "w"))
