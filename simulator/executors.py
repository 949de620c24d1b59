"""Executors: pieces of work, here, by local processes or by a cluster, and workers that are lost.

Everything goes through the interface of ``concurrent.futures``, so that what computes is a choice
of the user and never of the model.
"""

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    CancelledError,
    Executor,
    Future,
    ProcessPoolExecutor,
    ThreadPoolExecutor,
    wait,
)
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from multiprocessing.connection import wait as wait_for_end
from typing import Generic, TypeVar

from simulator.engines.choice import COMPILED, REFERENCE, engine_of
from simulator.errors import LESS_MEMORY, EnvironmentFaultError
from simulator.runs import Tell
from simulator.turns import in_turn, turns_of

TRIES = 2
"""Times that a piece may lose its worker before it is halved, or given up if it is one."""

PAUSE = 0.2
"""Seconds after which somebody who wants to stop is heard."""

LOST_WORKER = (
    "worker processes end as soon as they begin. In a script, call run under"
    ' `if __name__ == "__main__":`; from standard input, use workers=1'
)
GIVEN_UP = f"its worker process ended each time, perhaps because memory ran out: {LESS_MEMORY}"

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
"""What tells libraries how many threads to start; workers are processes already."""

Task = TypeVar("Task")
Result = TypeVar("Result")
Stop = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Workforce:
    """Who computes: how to get an executor, and how many pieces it works on at a time."""

    open: Callable[[], Executor]
    lanes: int
    lost: tuple[type[BaseException], ...] = (BrokenExecutor, CancelledError)
    """What a future raises when its worker is lost."""
    hopeless: str = LOST_WORKER
    """What is told when workers cannot even begin."""
    engine: str = REFERENCE
    """What runs the replications."""


class InPlace(Executor):
    """An executor that computes each piece at once, in this process."""

    def submit(self, fn: Callable[..., Result], /, *args: object, **more: object) -> Future[Result]:
        """The piece, computed."""
        future: Future[Result] = Future()
        try:
            future.set_result(fn(*args, **more))
        except Exception as error:  # noqa: BLE001 -- whoever asks for the result gets it
            future.set_exception(error)
        return future


class _ByTurns(ThreadPoolExecutor):
    """So many threads that work in Python by turns."""

    def __init__(self, threads: int) -> None:
        super().__init__(threads)
        self._turns = turns_of(threads)

    def submit(self, fn: Callable[..., Result], /, *args: object, **more: object) -> Future[Result]:
        """The piece, as soon as there is a turn."""
        return super().submit(partial(in_turn, self._turns, fn), *args, **more)


IN_PLACE = Workforce(InPlace, lanes=1)


def workforce(workers: int, engine: str = REFERENCE) -> Workforce:
    """So many processes of this machine, or threads where the engine lets them run side by side."""
    return threads(workers) if engine == COMPILED else processes(workers)


def threads(workers: int) -> Workforce:
    """So many threads of this process, all with the compiled engine."""
    # What is compiled, or loaded, is so before the threads begin.
    engine_of(COMPILED)
    if workers == 1:
        return replace(IN_PLACE, engine=COMPILED)
    return Workforce(lambda: _ByTurns(workers), lanes=workers, engine=COMPILED)


def processes(workers: int) -> Workforce:
    """So many processes of this machine; one is this process itself."""
    if workers == 1:
        return IN_PLACE

    def start() -> Executor:
        # A fresh interpreter a worker: nothing of this process leaks into a replication.
        context = multiprocessing.get_context("spawn")
        return ProcessPoolExecutor(workers, mp_context=context, initializer=begin)

    return Workforce(start, lanes=workers)


def begin() -> None:
    """What a worker process does first."""
    # Ctrl-C reaches the whole group; only the parent decides what becomes of the work.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for name in THREADS:
        os.environ.setdefault(name, "1")
    threading.Thread(target=_end_with_parent, daemon=True).start()


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Processes that begin here never hear Ctrl-C; this one hears it a moment later."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _end_with_parent() -> None:
    """A worker whose parent is gone has nobody to work for."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait_for_end([parent.sentinel])
        os._exit(1)


@dataclass(frozen=True, slots=True)
class Done(Generic[Task, Result]):
    """A piece that was computed."""

    task: Task
    result: Result


@dataclass(frozen=True, slots=True)
class GivenUp(Generic[Task]):
    """A piece that cannot be made smaller, and loses every worker that it is given to."""

    task: Task
    reason: str = GIVEN_UP


def computed(  # noqa: PLR0913 -- what is done, by whom, and who is told
    work: Callable[[Task], Result],
    more: Callable[[], Task | None],
    workforce: Workforce,
    *,
    halves: Callable[[Task], tuple[Task, ...]] = lambda _: (),
    stop: Stop = lambda: False,
    tell: Tell = lambda _: None,
) -> Iterator[Done[Task, Result] | GivenUp[Task]]:
    """Every task as it is computed, in whatever order that is.

    A lost worker costs only the pieces that were at work: they are computed again one at a time,
    so that the guilty one is known. It is tried twice, then in halves, then given up.

    Args:
        work: What is to be done with a task; it is sent to the workers, as the task is.
        more: The next task, or None when there is none at the moment; results that were just
            given may lead to more.
        workforce: Who computes.
        halves: The parts of a task that can be made smaller.
        stop: Asked all the time; when it is true, no piece is begun any more, and the iteration
            ends with those that were at work.
        tell: Told what was lost.

    Raises:
        EnvironmentFaultError: Workers cannot even begin.

    """
    crew = _Crew(work, workforce)
    queue, suspects, tries = _Queue(more), deque[Task](), dict[Task, int]()
    is_alone = False

    def hand_out() -> None:
        source, lanes = (suspects, 1) if is_alone else (queue, workforce.lanes)
        while source and len(crew.at_work) < lanes and not stop():
            crew.begin(source.popleft())

    try:
        while crew.at_work or ((queue or suspects) and not stop()):
            if not crew.at_work:
                # A suspect works alone, so that it is known who loses a worker.
                is_alone = bool(suspects)
            hand_out()
            finished, lost = crew.finished()
            if not lost and workforce.lanes > 1:
                hand_out()  # they work while results are kept
            for task, result in finished:
                yield Done(task, result)
            if not lost:
                continue
            if stop():
                return
            tell("A worker process was lost; its work is done again.")
            crew.renew()
            yield from _suspected(lost, suspects, tries, halves)
    finally:
        crew.leave()


def _suspected(
    lost: list[Task],
    suspects: deque[Task],
    tries: dict[Task, int],
    halves: Callable[[Task], tuple[Task, ...]],
) -> Iterator[GivenUp[Task]]:
    """Queue what was at work when a worker was lost, to be tried again; what is given up."""
    for task in lost:
        tries[task] = tries.get(task, 0) + (len(lost) == 1)
        if tries[task] < TRIES:
            suspects.append(task)
        elif parts := halves(task):
            suspects.extend(parts)
        else:
            yield GivenUp(task)


@dataclass
class _Queue(Generic[Task]):
    """Tasks to come, of which only the next one is known."""

    more: Callable[[], Task | None]
    ahead: Task | None = None

    def __bool__(self) -> bool:
        """Whether there is a task at the moment."""
        self.ahead = self.more() if self.ahead is None else self.ahead
        return self.ahead is not None

    def popleft(self) -> Task:
        """The next task."""
        task, self.ahead = self.ahead, None
        assert task is not None
        return task


@dataclass
class _Crew(Generic[Task, Result]):
    """An executor, and who is at work there."""

    work: Callable[[Task], Result]
    workforce: Workforce
    at_work: dict[Future[Result], Task] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.executor = self.workforce.open()

    def begin(self, task: Task) -> None:
        try:
            with _undisturbed():
                future = self.executor.submit(self.work, task)
            self.at_work[future] = task
        except self.workforce.lost:
            broken: Future[Result] = Future()
            broken.set_exception(BrokenExecutor())
            self.at_work[broken] = task

    def finished(self) -> tuple[list[tuple[Task, Result]], list[Task]]:
        """What has been computed since, and what was at work when a worker was lost."""
        done, _ = wait(self.at_work, timeout=PAUSE, return_when=FIRST_COMPLETED)
        results, lost = [], []
        for future in done:
            task = self.at_work.pop(future)
            try:
                results.append((task, future.result()))
            except self.workforce.lost:
                lost.append(task)
        if lost:
            # A broken executor computes nothing any more.
            lost += self.at_work.values()
            self.at_work.clear()
        return results, lost

    def renew(self) -> None:
        """Another executor in place of a broken one, if workers can begin at all."""
        self.executor.shutdown(wait=False, cancel_futures=True)
        self.executor = self.workforce.open()
        try:
            with _undisturbed():
                future = self.executor.submit(os.getpid)
            future.result()
        except self.workforce.lost as error:
            raise EnvironmentFaultError(self.workforce.hopeless) from error

    def leave(self) -> None:
        self.executor.shutdown(wait=not self.at_work, cancel_futures=True)
