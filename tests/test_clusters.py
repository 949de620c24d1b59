"""Clusters: Dask gives what this machine gives, and whatever is lost there is not lost here."""

import os
import pickle
import re
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psutil
import pytest
from engines.worlds import FLAGSHIP, MINIMAL, busy
from work_for_tests import deadly, double, once

from simulator import clusters
from simulator.clusters import cluster
from simulator.errors import EnvironmentFaultError, RefusedError
from simulator.executors import IN_PLACE, Done, GivenUp, computed
from simulator.sampling import Goal
from simulator.scenario.reading import load
from simulator.simulation import LARGEST_PIECE, Question, _Task, _work, produced

ROOT = Path(__file__).parents[1]
ASKED = 12
LISTENS = "0A"
"""The state of a listening socket, as the kernel writes it."""


class Farm:
    """A scheduler and workers as separate processes of this machine."""

    def __init__(self, stack):
        self.stack = stack
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.address = f"tcp://127.0.0.1:{self.port}"
        self.begin()

    def begin(self):
        """Start the scheduler at its fixed port, and two workers."""
        self.scheduler = self._process("scheduler", "--port", str(self.port))
        quick = ("--nthreads", "1", "--no-nanny", "--death-timeout", "30")
        self.workers = [self._process("worker", self.address, *quick) for _ in range(2)]

    def _process(self, part, *arguments):
        command = [sys.executable, "-m", f"distributed.cli.dask_{part}", *arguments]
        path = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
        process = subprocess.Popen(  # noqa: S603
            [*command, "--host", "127.0.0.1", "--no-dashboard"],
            env=os.environ | {"PYTHONPATH": path},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.stack.callback(process.wait)
        self.stack.callback(process.kill)
        return process


@pytest.fixture
def farm():
    """A scheduler and two workers, which end with the test."""
    with ExitStack() as stack:
        yield Farm(stack)


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch):
    """One replication is a piece of work."""
    monkeypatch.setitem(LARGEST_PIECE, "reference", 1)


@pytest.fixture(scope="module")
def expected():
    """The run of the question, computed in this process."""
    return answered(IN_PLACE)


def question():
    """A busy world, a few times."""
    return Question(busy(), 1, Goal(ASKED))


def answered(workforce, **more):
    """The run of the question."""
    (found,) = produced([question()], workforce, **more)
    return found


def one_by_one(tasks):
    """Tasks as somebody asks for them."""
    waiting = list(tasks)
    return lambda: waiting.pop(0) if waiting else None


@contextmanager
def quick_timeouts(monkeypatch):
    """Shorter patience for what never comes."""
    with monkeypatch.context() as patch:
        patch.setattr(clusters, "TIMEOUT", 1)
        patch.setattr(clusters, "PATIENCE", 2)
        yield


def test_a_cluster_gives_the_same_run(farm, expected):
    """G05: two worker processes of a cluster give the tables that this process gives."""
    with cluster(farm.address, 1) as crew:
        assert crew.lanes >= 2
        assert answered(crew).tables == expected.tables


def test_a_lost_worker_costs_only_its_piece(farm, expected):
    """G05: after a kill -9 of a worker in the midst the tables are the same."""

    def progress(done, _):
        if done == 3:
            farm.workers[0].kill()

    with cluster(farm.address, 1) as crew:
        assert answered(crew, progress=progress).tables == expected.tables


def test_a_restarted_scheduler_costs_only_unfinished_pieces(farm, expected, tmp_path):
    """G05: when scheduler and workers come back, the run goes on where it was."""
    told, said = [], []

    def progress(done, _):
        told.append(done)
        if done == 3:
            farm.scheduler.kill()
            farm.scheduler.wait()
            farm.begin()

    with cluster(farm.address, 1) as crew:
        found = answered(crew, progress=progress, tell=said.append, results=tmp_path)
    assert found.tables == expected.tables
    assert told == list(range(1, ASKED + 1))
    assert len(said) == 1


def test_a_cluster_that_is_gone_is_told_and_the_run_goes_on_later(
    farm, expected, tmp_path, monkeypatch
):
    """G05: a dead scheduler is exit 6; the same command then computes only what is missing."""
    told = []

    def progress(done, _):
        told.append(done)
        if done == 3:
            farm.scheduler.kill()
            farm.scheduler.wait()

    with cluster(farm.address, 1) as crew, quick_timeouts(monkeypatch):  # noqa: SIM117
        with pytest.raises(EnvironmentFaultError, match="same command goes on"):
            answered(crew, progress=progress, results=tmp_path)
    kept = told[-1]
    assert 3 <= kept < ASKED
    farm.begin()
    told.clear()
    with cluster(farm.address, 1) as crew:
        found = answered(crew, progress=progress_of(told), results=tmp_path)
    assert found.tables == expected.tables
    assert told == list(range(kept + 1, ASKED + 1))


def progress_of(told):
    """Somebody who only listens."""
    return lambda done, _: told.append(done)


def test_workers_that_are_gone_are_told(farm, monkeypatch):
    """A scheduler without workers does not wait for ever."""

    def progress(done, _):
        if done == 3:
            for worker in farm.workers:
                worker.kill()

    with cluster(farm.address, 1) as crew, quick_timeouts(monkeypatch):  # noqa: SIM117
        with pytest.raises(EnvironmentFaultError, match="has no workers"):
            answered(crew, progress=progress)


def test_an_unreachable_cluster_is_told_at_once(monkeypatch):
    """G01: nobody at the address is told within seconds, with its name and a way out."""
    assert clusters.TIMEOUT == 10
    with quick_timeouts(monkeypatch):
        begin = time.monotonic()
        with pytest.raises(EnvironmentFaultError) as caught, cluster("tcp://127.0.0.1:9", 1):
            pass
        assert time.monotonic() - begin < 10
    assert "tcp://127.0.0.1:9" in str(caught.value)
    assert "--workers" in str(caught.value)
    assert caught.value.exit_code == 6


@pytest.mark.parametrize("address", ["tcp://192.0.2.1:8786", "tcp://example.org:8786"])
def test_a_cluster_that_others_reach_is_refused_before_any_connection(address, monkeypatch):
    """G02: tcp to another machine needs consent, before anything is sent there."""
    monkeypatch.setattr(clusters, "_distributed", lambda: pytest.fail("too late"))
    with pytest.raises(RefusedError) as caught, cluster(address, 1):
        pass
    assert (caught.value.problem.code, caught.value.exit_code) == ("S191", 4)
    assert caught.value.option == "--insecure-cluster"


@pytest.mark.parametrize("address", ["tcp://192.0.2.1:8786", "tls://192.0.2.1:8786"])
def test_consent_and_certificates_are_enough(address, monkeypatch):
    """With consent, or with certificates, a connection is tried."""
    asked = []
    monkeypatch.setattr(clusters, "_connected", lambda _, place, *__: asked.append(place))
    monkeypatch.setattr(clusters, "_threads", lambda _: 1)
    with cluster(address, 1, insecure=address.startswith("tcp")):
        pass
    assert asked == [address]


@pytest.mark.parametrize("address", ["", "nonsense", "http://127.0.0.1:8786", "tcp://"])
def test_what_is_no_address_is_told(address):
    """A slip in the address is told with an example."""
    with (
        pytest.raises(EnvironmentFaultError, match=r"tcp://127\.0\.0\.1:8786"),
        cluster(address, 1),
    ):
        pass


def listeners(process):
    """The local addresses at which a process waits for connections, as the kernel writes them."""
    links = [
        str(link.readlink())
        for link in Path(f"/proc/{process}/fd").iterdir()
        if link.is_symlink()  # one of them is closed already: that of the listing itself
    ]
    own = {found[1] for link in links if (found := re.fullmatch(r"socket:\[(\d+)\]", link))}
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/{process}/net/{table}").read_text().splitlines()[1:]:
            _, local, _, state, *_, inode = line.split()[:10]
            if state == LISTENS and inode in own:
                yield local.partition(":")[0]


def test_a_local_cluster_listens_to_this_machine_only():
    """G03: every socket of scheduler and workers is bound to 127.0.0.1; at the end all are gone."""
    with cluster("local", 2) as crew:
        assert crew.lanes == 4
        processes = [os.getpid(), *(part.pid for part in psutil.Process().children(recursive=True))]
        found = [address for process in processes for address in listeners(process)]
    assert len(found) >= 5, "a scheduler, two workers and what watches over them"
    assert set(found) == {"0100007F"}
    assert not list(listeners(os.getpid()))


def test_a_local_cluster_computes_and_names_the_deadly_piece(tmp_path):
    """Every piece is computed; one that ends every worker is found by halves and given up."""

    def halves(task):
        middle = len(task) // 2
        return (task[:middle], task[middle:]) if middle else ()

    with cluster("local", 2) as crew:
        found = list(computed(double, one_by_one(range(20)), crew))
        assert sorted(done.result for done in found) == list(range(0, 40, 2))
        tasks = [(n, str(tmp_path / "killed")) for n in range(8)]
        assert sorted(done.result for done in computed(once, one_by_one(tasks), crew)) == [
            *range(8)
        ]
        pairs = [(0, 1), (4, 5)]
        ended = list(computed(deadly, one_by_one(pairs), crew, halves=halves))
    assert [one.task for one in ended if isinstance(one, GivenUp)] == [(5,)]
    assert sorted(one.task for one in ended if isinstance(one, Done)) == [(0, 1), (4,)]


def test_other_versions_are_told_in_a_table(farm, monkeypatch):
    """G04: whoever has another version is named, with both versions."""
    true = clusters.versions()
    assert set(true) >= {"simulator", "model", "python", "numpy", "scipy", "simpy", "pyarrow"}
    monkeypatch.setattr(clusters, "version", lambda name: (true | {"numpy": "1.0"})[name])
    with pytest.raises(EnvironmentFaultError) as caught, cluster(farm.address, 1):
        pass
    first, *rows = str(caught.value).split("\n")
    assert "other versions" in first
    assert rows[0].split() == ["scheduler", "numpy", true["numpy"], "here", "1.0"]
    assert all("tcp://127.0.0.1" in row for row in rows[1:])
    assert rows[1:]


def test_without_dask_the_way_to_it_is_told(monkeypatch):
    """Who has not installed the extra is told its name."""
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(EnvironmentFaultError, match=r"trade-simulator\[cluster\]"):
        cluster("local", 1).__enter__()


def test_only_small_plain_data_is_sent():
    """G07: a piece of the flagship is less than a megabyte, and is loaded by import alone."""
    task = _Task(0, range(50), "reference", Question(load(FLAGSHIP), 1, Goal(50)))
    sent = pickle.dumps((_work, task))
    assert len(sent) < 2**20
    assert pickle.loads(sent) == (_work, task)  # noqa: S301 -- written a line above


@pytest.mark.parametrize(
    "asked",
    [
        ["run", str(MINIMAL)],
        ["compare", str(MINIMAL), str(MINIMAL)],
        ["sweep", str(MINIMAL), "--vary", "settlement.patience_days=30,60"],
    ],
    ids=["run", "compare", "sweep"],
)
def test_the_command_line_computes_on_a_cluster_in_silence(tmp_path, asked):
    """A local cluster serves every command that computes, and nothing is said of Dask."""
    command = [sys.executable, "-m", "simulator", *asked, "--reps", "4"]
    done = subprocess.run(  # noqa: S603
        [*command, "--cluster", "local", "--workers", "2", "--out", str(tmp_path)],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout
    assert list(tmp_path.glob("minimal/*-4"))
    assert "distributed" not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_ctrl_c_ends_a_run_on_a_local_cluster_in_order(tmp_path):
    """Ctrl-C reaches the workers too, and only the parent heeds it."""
    command = [sys.executable, "-m", "simulator", "run", str(FLAGSHIP), "--reps", "2000"]
    command += ["--engine", "reference"]  # nothing has to be compiled before it can be stopped
    with ExitStack() as stack:
        run = subprocess.Popen(  # noqa: S603
            [*command, "--cluster", "local", "--workers", "2", "--out", str(tmp_path)],
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        stack.callback(run.wait)
        stack.callback(run.kill)
        deadline = time.monotonic() + 30
        while not list(tmp_path.rglob("ledger.parquet")):
            assert time.monotonic() < deadline
            time.sleep(0.2)
        os.killpg(run.pid, signal.SIGINT)
        out, err = run.communicate(timeout=30)
    assert run.returncode == 130, err
    assert "Traceback" not in err
    assert "Stopped" in out
    assert "lost" not in err
