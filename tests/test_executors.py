"""Executors: every piece is computed, and a lost worker costs only what it worked on."""

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier, Lock

import pytest
from work_for_tests import deadly, double, once, slow, sums

from simulator.errors import EnvironmentFaultError
from simulator.executors import IN_PLACE, Done, GivenUp, Workforce, computed, processes, threads
from simulator.turns import aside

TWO = processes(2)


def one_by_one(tasks):
    """Tasks as somebody asks for them."""
    waiting = list(tasks)
    return lambda: waiting.pop(0) if waiting else None


@pytest.mark.parametrize("workforce", [IN_PLACE, TWO], ids=["in place", "two processes"])
def test_every_task_is_done_once(workforce):
    """All results, whoever computes them."""
    found = list(computed(double, one_by_one(range(20)), workforce))
    assert sorted(done.task for done in found) == list(range(20))
    assert all(done.result == 2 * done.task for done in found)


def test_results_may_lead_to_more_tasks():
    """A queue that is empty for a moment is asked again after each result."""
    waiting = [1]
    found = []
    for done in computed(double, lambda: waiting.pop() if waiting else None, IN_PLACE):
        found.append(done.result)
        if done.result < 100:
            waiting.append(done.result)
    assert found == [2, 4, 8, 16, 32, 64, 128]


def test_workers_go_on_while_results_are_kept():
    """Whoever is ready has the next piece before the last one is given out; one alone has not."""
    for lanes, ahead in ((1, 0), (2, 2)):
        handed = []

        class Watched(ThreadPoolExecutor):
            """Who was given what."""

            def submit(self, work, task):
                handed.append(task)  # noqa: B023 -- it lives as long as the loop's turn
                return super().submit(work, task)

        workforce = Workforce(lambda: Watched(1), lanes=lanes)
        found = computed(double, one_by_one(range(9)), workforce)
        for count, _ in enumerate(found, 1):
            assert len(handed) >= min(9, count + ahead)
            if lanes == 1:
                assert len(handed) == count
        assert handed == list(range(9))


def test_threads_of_the_compiled_engine_take_turns():
    """One of two works in Python at a time, and both where they need no interpreter."""
    pytest.importorskip("numba", reason="the compiled engine needs numba")
    inside, meeting = Lock(), Barrier(2, timeout=20.0)

    def work(_):
        alone = inside.acquire(blocking=False)
        time.sleep(0.01)
        if alone:
            inside.release()
        with aside():
            meeting.wait()
        return alone

    found = list(computed(work, one_by_one(range(6)), threads(2)))
    assert [done.result for done in found] == [True] * 6


def test_an_error_in_a_piece_is_an_error():
    """What a task raises is raised where its result is asked for."""
    with pytest.raises(TypeError):
        list(computed(sums, one_by_one([3]), IN_PLACE))


def test_a_lost_worker_costs_only_its_piece(tmp_path):
    """F05: after a kill -9 every piece is done all the same, and somebody is told."""
    said = []
    tasks = [(n, str(tmp_path / "killed")) for n in range(8)]
    found = list(computed(once, one_by_one(tasks), TWO, tell=said.append))
    assert sorted(done.result for done in found) == list(range(8))
    assert len(said) == 1
    assert "lost" in said[0]


def test_a_deadly_piece_is_found_by_halves():
    """F06: the one number that ends every process is named; all others are done."""

    def halves(task):
        middle = len(task) // 2
        return (task[:middle], task[middle:]) if middle else ()

    tasks = [tuple(range(first, first + 4)) for first in (0, 4, 8)]
    found = list(computed(deadly, one_by_one(tasks), TWO, halves=halves))
    given_up = [one.task for one in found if isinstance(one, GivenUp)]
    done = [n for one in found if isinstance(one, Done) for n in one.task]
    assert given_up == [(5,)]
    assert sorted(done) == [n for n in range(12) if n != 5]
    assert all("memory" in one.reason for one in found if isinstance(one, GivenUp))


def test_who_stops_begins_nothing_more():
    """After a wish to stop only what is at work is finished."""
    seen = []
    work = computed(slow, one_by_one(range(100)), TWO, stop=lambda: len(seen) >= 3)
    for done in work:
        seen += [done.task]
    assert 3 <= len(seen) <= 5


def test_workers_that_cannot_begin_are_told(tmp_path):
    """A script that starts processes without a guard is told how to write it."""
    script = tmp_path / "script.py"
    script.write_text(
        "from simulator.executors import computed, processes\n"
        "tasks = [1, 2]\n"
        "print(list(computed(abs, lambda: tasks.pop() if tasks else None, processes(2))))\n"
    )
    done = subprocess.run(  # noqa: S603
        [sys.executable, script], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert "worker processes end as soon as they begin" in done.stderr
    assert EnvironmentFaultError.exit_code == 6


def test_no_worker_outlives_its_parent(tmp_path):
    """After a kill -9 of the parent its workers are gone within five seconds."""
    script = tmp_path / "script.py"
    script.write_text(
        "import os, time\n"
        "from simulator.executors import processes\n"
        "def name(_):\n    time.sleep(0.2)\n    return os.getpid()\n"
        "if __name__ == '__main__':\n"
        "    executor = processes(2).open()\n"
        "    print(*set(executor.map(name, range(4))), flush=True)\n"
        "    time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, text=True) as parent:  # noqa: S603
        workers = [int(number) for number in parent.stdout.readline().split()]
        parent.kill()
    assert len(workers) == 2
    deadline = time.monotonic() + 5
    while any(Path(f"/proc/{worker}/cmdline").exists() for worker in workers):
        assert time.monotonic() < deadline, workers
        time.sleep(0.1)
