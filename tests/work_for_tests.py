"""Work for executors: worker processes find it under this name."""

import os
import signal
import time
from pathlib import Path


def double(task):
    """Twice the number."""
    return 2 * task


def sums(task):
    """Some numbers together."""
    return sum(task)


def once(task):
    """Ends its process the first time, which a file remembers."""
    number, marker = task
    if number == 3 and not Path(marker).exists():
        Path(marker).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def deadly(task):
    """Ends its process whenever 5 is among the numbers."""
    if 5 in task:
        os.kill(os.getpid(), signal.SIGKILL)
    return sum(task)


def slow(task):
    """Takes a while."""
    time.sleep(0.05)
    return task
