"""Terminal: what goes to standard output and standard error, whatever stands behind them."""

import json
import math
import os
import signal
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

from simulator.errors import RefusedError, ScenarioError, SimulatorError, plain_lines, render

Progress = Callable[[int, int], None]

PLAIN_INTERVAL = 60.0
"""Seconds between lines of progress where no terminal can redraw one."""

ASCII = str.maketrans("\u2013\u2192\u00b1\u00b7\u2212\u2026", "->+|-.")
"""Every sign is replaced by one sign, so that columns stay in line."""


def put(text: str) -> None:
    """To standard output, in signs that it can show."""
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        text = text.translate(ASCII).encode("ascii", "replace").decode()
    sys.stdout.write(text)


def put_json(value: Any) -> None:
    """A value as JSON to standard output."""
    put(json.dumps(value, ensure_ascii=False, allow_nan=False, indent=1) + "\n")


def say(text: str) -> None:
    """A message beside the result; a closed standard error is no reason to stop."""
    try:
        encoding = sys.stderr.encoding or "utf-8"
        sys.stderr.write(text.encode(encoding, "replace").decode(encoding) + "\n")
        sys.stderr.flush()
    except (OSError, ValueError):
        return


def complain(error: SimulatorError, *, as_json: bool = False, as_lines: bool = False) -> None:
    """An error in words on standard error, or as data or lines on standard output."""
    if as_json:
        told = [asdict(problem) for problem in error.problems]
        put_json({"errors": told or [{"message": str(error)}]})
    elif as_lines:
        put(plain_lines(error.problems) or f"{error}\n")
    elif isinstance(error, ScenarioError | RefusedError):
        say(render(error))
    else:
        say(f"error: {error}")


def give_up_stdout() -> None:
    """Nobody reads any more: what is still buffered goes nowhere, quietly."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def crash_file() -> str:
    """The traceback of the error at hand, in a file of its own."""
    with tempfile.NamedTemporaryFile(
        "w", prefix="sim-crash-", suffix=".txt", delete=False, encoding="utf-8"
    ) as file:
        traceback.print_exc(file=file)
    return file.name


@contextmanager
def progress(name: str) -> Iterator[Progress]:
    """A moving bar on a terminal, else a line a minute."""
    if not sys.stderr.isatty():
        yield _lines_of_progress(name)
        return
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import Progress as Bar  # noqa: PLC0415

    with Bar(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(f"Running {name}", total=None)
        yield lambda done, planned: bar.update(task, completed=done, total=planned)


def _lines_of_progress(name: str) -> Progress:
    last = time.monotonic()

    def tell(done: int, planned: int) -> None:
        nonlocal last
        if time.monotonic() - last >= PLAIN_INTERVAL:
            last = time.monotonic()
            say(f"Running {name}  {done}/{planned}  {done / planned:.0%}")

    return tell


ONE_WISH = 0.3
"""Seconds within which signals are one: some launchers send Ctrl-C a second time."""

INTERRUPTED, TERMINATED = 128 + signal.SIGINT, 128 + signal.SIGTERM
"""Exit codes of a program that was asked to end."""


@dataclass
class Stop:
    """A wish to stop, for which whoever works is to ask, and the exit code that it means."""

    code: int = 0

    def __call__(self) -> bool:
        """Whether somebody wishes to stop."""
        return self.code != 0


@contextmanager
def stopping() -> Iterator[Stop]:
    """Ctrl-C and termination as a wish to stop; a second Ctrl-C ends the process at once."""
    stop = Stop()
    heard = -math.inf

    def interrupted(*_: object) -> None:
        nonlocal heard
        now = time.monotonic()
        if now - heard < ONE_WISH:
            return
        if stop.code:
            os._exit(INTERRUPTED)
        stop.code, heard = INTERRUPTED, now
        say("Stopping\u2026 (again to stop now)")

    def terminated(*_: object) -> None:
        stop.code = TERMINATED

    if threading.current_thread() is not threading.main_thread():
        yield stop  # signals reach only the main thread
        return
    before = {
        signal.SIGINT: signal.signal(signal.SIGINT, interrupted),
        signal.SIGTERM: signal.signal(signal.SIGTERM, terminated),
    }
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def unbroken() -> Iterator[None]:
    """Ctrl-C and termination come when what is inside is done, for libraries that they break.

    An interrupt while a compiled library loads may become another error, or be lost.
    """
    with stopping() as stop:
        yield
    if stop.code:
        signal.raise_signal(stop.code - 128)
