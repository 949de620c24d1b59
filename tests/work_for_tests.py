"""Work for executors: worker processes find it under this name."""

import os
import signal
import time
from pathlib import Path

from simulator.replication import replicate


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


def deadly_at_seven(task):
    """Replications of a question; the seventh ends its process."""
    if 7 in task.replications:
        os.kill(os.getpid(), signal.SIGKILL)
    return replicate(task.question.scenario, task.question.seed, task.replications)
