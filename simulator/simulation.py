"""Simulation: questions become runs, of which nothing is lost and nothing computed twice."""

import math
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Generic, TypeVar

from simulator import storage
from simulator.answers import MOST_FAILED_SHARE, headline_chance
from simulator.engines.choice import AUTO, COMPILED, REFERENCE, chosen
from simulator.errors import StoppedError
from simulator.executors import Done, GivenUp, Stop, Workforce, computed, workforce
from simulator.parts import Kept, Parts, only
from simulator.replication import Piece, replicate
from simulator.runs import Failure, Progress, Run, Tell, planned
from simulator.sampling import Goal
from simulator.scenario.sizes import SECONDS_PER_ORDER, expected_orders
from simulator.scenario.types import Scenario

PIECE_SECONDS = 2.0
"""Work that is handed out at a time: long enough to cost nothing, short enough to lose."""

LARGEST_PIECE = {REFERENCE: 50, COMPILED: 125}
"""Replications of small scenarios: the compiled engine computes conditions for many at a time. Of
more than these the largest array would be too large for the library of C to keep its memory."""

FEW_FAILURES = 10
"""Failed replications that are waited for, whatever their share."""


@dataclass(frozen=True, slots=True)
class Question:
    """A scenario, the seed of its draws, and how many replications are to answer it."""

    scenario: Scenario
    seed: int
    goal: Goal


Made = Callable[[Sequence[Question]], Sequence[Run]]
"""Answers questions, each in its place."""

Result = TypeVar("Result")
"""What is kept in memory of a run."""


@dataclass(frozen=True, slots=True)
class _Task:
    """Some replications of one of the questions."""

    place: int
    replications: range
    engine: str
    question: Question = field(compare=False)


def run(  # noqa: PLR0913 -- the verb's options, each with a default
    scenario: Scenario,
    *,
    seed: int | None = None,
    replications: int | None = None,
    precision: float | None = None,
    workers: int = 1,
    engine: str = AUTO,
    results: Path | None = None,
    progress: Progress = lambda *_: None,
) -> Run:
    """Simulate a scenario; equal arguments give equal bytes, whoever computes them.

    Args:
        scenario: What is asked.
        seed: Seed of the draws; the scenario's own, if not given.
        replications: How many; the scenario's own, if not given.
        precision: Half-width of the 95 % interval of the chance at which fewer are enough.
        workers: Processes, or threads of the compiled engine, to share the work.
        engine: ``reference``, ``compiled``, or ``auto`` for the faster one; the same numbers.
        results: A results folder, from which replications are taken and in which they are kept.
        progress: Told how many replications are done, out of how many.

    Returns:
        The run with its tables.

    Raises:
        RefusedError: The run is too large.
        EnvironmentFaultError: The machine does not allow it.
        InvariantError: A replication broke a law of the books.

    """
    seed, most = planned(scenario, seed, replications)
    question = Question(scenario, seed, Goal(most, precision))
    crew = workforce(workers, chosen(engine, most))
    (made,) = produced([question], crew, results=results, progress=progress)
    return made


def produced(  # noqa: PLR0913 -- who asks, who computes, where it is kept, and who is told
    questions: Sequence[Question],
    crew: Workforce,
    *,
    results: Path | None = None,
    progress: Progress = lambda *_: None,
    stop: Stop = lambda: False,
    tell: Tell = lambda _: None,
) -> list[Run]:
    """The run of each question, in their order.

    What the results folder holds is not computed again, and what is computed is kept there at
    once. A run of which replications have failed is given with them, but not stored as finished.

    Raises:
        StoppedError: ``stop`` became true before the end.
        EnvironmentFaultError: The machine does not allow it.
        InvariantError: A replication broke a law of the books.

    """
    return condensed(
        questions, crew, lambda run: run, results=results, progress=progress, stop=stop, tell=tell
    )


def condensed(  # noqa: PLR0913 -- as above, and what is kept of a run
    questions: Sequence[Question],
    crew: Workforce,
    result: Callable[[Run], Result],
    *,
    results: Path | None = None,
    progress: Progress = lambda *_: None,
    stop: Stop = lambda: False,
    tell: Tell = lambda _: None,
) -> list[Result]:
    """What ``result`` makes of the run of each question, where all runs would fill the memory.

    It is asked as soon as a run is complete, before it is stored.

    Raises:
        StoppedError: ``stop`` became true before the end.
        EnvironmentFaultError: The machine does not allow it.
        InvariantError: A replication broke a law of the books.

    """
    desk = _Desk(questions, crew, result, results, progress, tell)
    with desk.stack:
        for outcome in computed(_work, desk.more, crew, halves=_halves, stop=stop, tell=tell):
            desk.receive(outcome)
    if len(desk.answered) < len(questions):
        raise StoppedError(desk.made)
    return [desk.answered[place] for place in range(len(questions))]


def _work(task: _Task) -> Piece:
    return replicate(task.question.scenario, task.question.seed, task.replications, task.engine)


def _halves(task: _Task) -> tuple[_Task, ...]:
    """Two tasks of half the replications; none where there is only one."""
    middle = len(task.replications) // 2
    parts = (task.replications[:middle], task.replications[middle:])
    return tuple(replace(task, replications=part) for part in parts) if middle else ()


@dataclass
class _Growth:
    """A question on the way to its run."""

    place: int
    question: Question
    parts: Parts
    stack: ExitStack
    count: int
    at_work: int = 0
    """Replications that were handed out and have not come back."""
    failures: dict[int, Failure] = field(default_factory=dict)

    @property
    def is_hopeless(self) -> bool:
        """Whether so many failed that no chance will be told: the others are not worth the time."""
        return len(self.failures) > max(FEW_FAILURES, MOST_FAILED_SHARE * self.count)

    def missing(self) -> list[range]:
        """What is still to be made before the next look, in ranges."""
        found = []
        for gap in self.parts.missing(self.count):
            first = gap.start
            for failed in sorted(n for n in self.failures if n in gap):
                found.append(range(first, failed))
                first = failed + 1
            found.append(range(first, gap.stop))
        return [part for part in found if part]

    def run(self) -> Run:
        """What there is."""
        tables = self.parts.tables(self.count)
        made = tables["replications"].num_rows
        asked = None if made == self.count else self.count
        failures = tuple(self.failures[n] for n in sorted(self.failures))
        return Run(self.question.scenario, self.question.seed, made, tables, asked, failures)


class _Desk(Generic[Result]):
    """Questions in turn: one after the other is opened, worked on and answered."""

    def __init__(  # noqa: PLR0913 -- who asks, who computes, what is kept, and who is told
        self,
        questions: Sequence[Question],
        crew: Workforce,
        result: Callable[[Run], Result],
        results: Path | None,
        progress: Progress,
        tell: Tell,
    ) -> None:
        self.crew, self.results, self.progress, self.tell = crew, results, progress, tell
        self.stack = ExitStack()
        self._result = result
        self._ahead = deque(enumerate(questions))
        self._open: dict[int, _Growth] = {}
        self._tasks: deque[_Task] = deque()
        self.answered: dict[int, Result] = {}
        self.made = 0
        """Replications that are there, or have failed, of all questions so far."""
        self._asked = sum(question.goal.first() for question in questions)

    def more(self) -> _Task | None:
        """The next piece of work."""
        while not self._tasks and self._ahead and not self._grows(self._ahead[0][1]):
            self._begin(*self._ahead.popleft())
        return self._tasks.popleft() if self._tasks else None

    def _grows(self, question: Question) -> bool:
        """Whether its series is at work for another question; it is then read off that one."""
        growing = [growth.question for growth in self._open.values()]
        return any((q.scenario, q.seed) == (question.scenario, question.seed) for q in growing)

    def receive(self, outcome: Done[_Task, Piece] | GivenUp[_Task]) -> None:
        """Keep what came of a piece of work, and see what its question needs now."""
        task = outcome.task
        growth = self._open[task.place]
        growth.at_work -= len(task.replications)
        if isinstance(outcome, GivenUp):
            (lost,) = task.replications
            failures: tuple[Failure, ...] = (Failure(lost, outcome.reason),)
        else:
            failures = outcome.result.failures
            _keep(growth.parts, task.replications, outcome.result)
        growth.failures |= {failure.replication: failure for failure in failures}
        if growth.is_hopeless:
            self._give_up(growth)
        self.made += len(task.replications)
        self.progress(self.made, self._asked)
        if growth.at_work == 0:
            self._look(growth)

    def _give_up(self, growth: _Growth) -> None:
        """Hand out no more of a question of which too many replications have failed."""
        given_up = [task for task in self._tasks if task.place == growth.place]
        self._tasks = deque(task for task in self._tasks if task.place != growth.place)
        growth.at_work -= sum(len(task.replications) for task in given_up)

    def _begin(self, place: int, question: Question) -> None:
        """Open a question with what is known of it."""
        stack = self.stack.enter_context(ExitStack())
        scenario, seed, most = question.scenario, question.seed, question.goal.most
        parts: Parts = Kept()
        if self.results is not None:
            parts = stack.enter_context(
                storage.grown(self.results, scenario, seed, most, self.tell)
            )
        growth = _Growth(place, question, parts, stack, question.goal.first())
        self._open[place] = growth
        self.made += growth.count - sum(map(len, growth.missing()))
        self._look(growth)

    def _look(self, growth: _Growth) -> None:
        """Hand out what a question needs before its next look, or answer it."""
        while not growth.is_hopeless:
            if missing := growth.missing():
                self._hand_out(growth, missing)
                return
            run = growth.run()
            if growth.missing():
                continue  # a part was damaged
            following = growth.question.goal.following(growth.count, headline_chance(run))
            if following is None:
                self._answer(growth, run)
                return
            self._asked += following - growth.count
            growth.count = following
        self._answer(growth, growth.run())

    def _hand_out(self, growth: _Growth, missing: list[range]) -> None:
        """Cut what is missing into pieces, as many for each worker as for the others."""
        orders = max(1.0, expected_orders(growth.question.scenario))
        seconds = SECONDS_PER_ORDER[self.crew.engine] * orders
        most = max(1, min(int(PIECE_SECONDS / seconds), LARGEST_PIECE[self.crew.engine]))
        each = sum(map(len, missing)) / self.crew.lanes
        size = math.ceil(each / math.ceil(each / most))
        for gap in missing:
            for first in range(gap.start, gap.stop, size):
                piece = range(first, min(first + size, gap.stop))
                self._tasks.append(_Task(growth.place, piece, self.crew.engine, growth.question))
                growth.at_work += len(piece)

    def _answer(self, growth: _Growth, run: Run) -> None:
        """Give the answer, and let the question go.

        Nobody waits for a complete run to be stored: what its tables hold is on the disk, in parts.
        It is stored whatever becomes of the answer.
        """
        try:
            self.answered[growth.place] = self._result(run)
        finally:
            if run.failures:
                growth.parts.fail(run.failures)
            elif self.results is not None:
                storage.keep(run, self.results)
                growth.parts.finish(run.replications)
        growth.stack.close()
        del self._open[growth.place]


def _keep(parts: Parts, replications: range, piece: Piece) -> None:
    """Keep the replications of a piece that came to something, in ranges without a gap."""
    first = replications.start
    for failed in (*(failure.replication for failure in piece.failures), replications.stop):
        if failed > first:
            parts.add(range(first, failed), only(piece.tables, first, failed))
        first = failed + 1
