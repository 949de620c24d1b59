"""Clusters: Dask in the place of local processes, through the same interface."""

import logging
import os
import platform
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future
from contextlib import ExitStack, contextmanager, suppress
from importlib.metadata import PackageNotFoundError, version
from typing import Any, TypeVar
from urllib.parse import urlsplit

import simulator
from simulator.errors import EnvironmentFaultError, Problem, RefusedError
from simulator.executors import THREADS, Workforce
from simulator.runs import MODEL_VERSION

LOCAL = "local"
"""The address that stands for a cluster of this machine, which ends with the run."""

TIMEOUT = 10
"""Seconds after which a cluster that does not answer is told."""

PATIENCE = 20
"""Seconds in which a scheduler that was restarted, or its workers, may come back."""

LOOPBACK = ("127.0.0.1", "localhost", "::1")

AHEAD = 2
"""Pieces in hand for each worker, so that none waits for the next one."""

PACKAGES = ("distributed", "llvmlite", "numba", "numpy", "pyarrow", "scipy", "simpy")

HERE = "without --cluster, the same command computes here, with as many --workers as asked for"
GONE = "what is done is kept: the same command goes on when the cluster is back"

Result = TypeVar("Result")


@contextmanager
def cluster(address: str, workers: int, *, insecure: bool = False) -> Iterator[Workforce]:
    """The workers of a Dask cluster.

    Args:
        address: ``local``, ``tcp://127.0.0.1:8786`` or ``tls://host:8786``; certificates of tls
            come from the configuration of Dask.
        workers: Processes of a local cluster.
        insecure: Allow ``tcp`` to other machines: whoever reaches the scheduler can run programs.

    Raises:
        RefusedError: ``tcp`` to another machine.
        EnvironmentFaultError: Dask is not installed, the cluster does not answer, or it has other
            versions.

    """
    if address != LOCAL:
        _private(address, insecure=insecure)
    distributed = _distributed()
    _silence()
    with ExitStack() as stack:
        place: Any = address
        if address == LOCAL:
            place = stack.enter_context(_local(distributed, workers))
        first = _connected(distributed, place, address, TIMEOUT, HERE)
        stack.callback(_closed, first)
        ready = [first]

        def start() -> Executor:
            # Each executor has a connection of its own: what was lost with one stays lost.
            if ready:
                return _OnCluster(ready.pop())
            return _OnCluster(_connected(distributed, place, address, PATIENCE, GONE))

        yield Workforce(
            start,
            AHEAD * _threads(first),
            (BrokenExecutor, CancelledError, TimeoutError, *_lost(distributed)),
            f"the cluster at {address} ends its workers as soon as they begin; {GONE}",
        )


def versions() -> dict[str, str]:
    """What must be the same everywhere, so that replications are."""
    python = ".".join(platform.python_version_tuple()[:2])
    own = {"simulator": simulator.__version__, "model": MODEL_VERSION, "python": python}
    return own | {name: _installed(name) for name in PACKAGES}


def _installed(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "none"


def dask_setup(_: object) -> None:
    """What a worker of a local cluster does first; Dask looks for this name."""
    # Ctrl-C reaches the whole group; only the parent decides what becomes of the work.
    signal.signal(signal.SIGINT, signal.SIG_IGN)


class _OnCluster(Executor):
    """The executor of a connection; what is at work is lost when nobody is there to do it."""

    def __init__(self, client: Any) -> None:
        self._client = client
        # A lost piece is a matter of whoever asked for it; Dask shall not try it again and again.
        self._executor = client.get_executor(pure=False, retries=0)
        self._ended = threading.Event()
        threading.Thread(target=self._watch, daemon=True).start()

    def submit(self, fn: Callable[..., Result], /, *args: Any, **more: Any) -> Future[Result]:
        try:
            future: Future[Result] = self._executor.submit(fn, *args, **more)
        except Exception as error:
            if self._client.status == "running":
                raise
            raise BrokenExecutor from error
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002
        self._ended.set()
        with suppress(Exception):  # the connection may be gone already
            self._executor.shutdown(wait=wait and not cancel_futures)
        _closed(self._client)

    def _watch(self) -> None:
        """Without workers a piece would wait for ever."""
        missing = 0
        while missing * TIMEOUT < PATIENCE:
            if self._ended.wait(TIMEOUT):
                return
            missing = 0 if _threads(self._client) else missing + 1
        with suppress(Exception):
            self._executor.shutdown(wait=False)


def _private(address: str, *, insecure: bool) -> None:
    """Refuse a scheduler that others can reach as well."""
    parts = urlsplit(address)
    if parts.scheme not in ("tcp", "tls") or not parts.hostname:
        message = f"{address[:60]} is no address such as tcp://127.0.0.1:8786, nor 'local'"
        raise EnvironmentFaultError(message)
    if parts.scheme == "tcp" and parts.hostname not in LOOPBACK and not insecure:
        message = f"whoever reaches {address[:60]} can run programs there and here"
        note = "use tls:// with certificates, or a tunnel to 127.0.0.1"
        raise RefusedError(Problem("S191", message, note=note), "--insecure-cluster")


def _distributed() -> Any:
    try:
        import distributed  # noqa: PLC0415 -- slow to start, and only for those who ask
    except ImportError as error:
        message = "a cluster needs Dask: pip install 'trade-simulator[cluster]'"
        raise EnvironmentFaultError(message) from error
    return distributed


def _lost(distributed: Any) -> tuple[type[BaseException], ...]:
    """What Dask raises when a piece has ended its workers, or a connection breaks."""
    return distributed.KilledWorker, distributed.comm.CommClosedError


def _silence() -> None:
    """Whoever asks is told in sentences; what Dask reports beside them are tracebacks."""
    for name in tuple(logging.root.manager.loggerDict):
        if name.partition(".")[0] in ("distributed", "tornado", "asyncio"):
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)


@contextmanager
def _local(distributed: Any, workers: int) -> Iterator[Any]:
    """A scheduler and workers of this machine, which nobody else can reach."""
    import dask  # noqa: PLC0415

    for name in THREADS:
        os.environ.setdefault(name, "1")
    settings = {
        # A piece that has ended two workers is looked at by whoever asked for it.
        "distributed.scheduler.allowed-failures": 1,
        # Without a dashboard nobody sees where the time goes, which Dask looks at all the time.
        "distributed.worker.profile.enabled": False,
    }
    with (
        dask.config.set(settings),
        distributed.LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            dashboard_address=None,
            worker_dashboard_address=None,
            preload=[__name__],
            # Even without a dashboard it listens: at a port that is free rather than at 8787.
            scheduler_kwargs={"dashboard_address": "127.0.0.1:0"},
            silence_logs=logging.CRITICAL,
        ) as started,
    ):
        yield started


def _connected(distributed: Any, place: Any, address: str, seconds: float, advice: str) -> Any:
    """A connection to a cluster that has workers, all of the same versions as this program."""
    try:
        client = distributed.Client(place, timeout=seconds, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        message = f"the cluster at {address} does not answer; {advice}"
        raise EnvironmentFaultError(message) from error
    try:
        client.wait_for_workers(1, timeout=seconds)
        _agreed(client)
    except (OSError, TimeoutError) as error:
        _closed(client)
        message = f"the cluster at {address} has no workers; {advice}"
        raise EnvironmentFaultError(message) from error
    except BaseException:
        _closed(client)
        raise
    return client


def _closed(client: Any) -> None:
    with suppress(Exception):  # a scheduler that is gone cannot take leave
        client.close(timeout=TIMEOUT)


def _threads(client: Any) -> int:
    """How many pieces can be computed at the same moment; none if nobody answers."""
    try:
        return sum(client.sync(client.scheduler.ncores, callback_timeout=TIMEOUT).values())
    except Exception:  # noqa: BLE001 -- whatever goes wrong, nobody has answered
        return 0


def _agreed(client: Any) -> None:
    """Refuse a scheduler or workers with other versions, with a table of them."""
    ours = versions()
    try:
        others = {"scheduler": client.run_on_scheduler(versions), **client.run(versions)}
    except ImportError as error:
        message = f"the cluster cannot load this program: {error}; install the same version there"
        raise EnvironmentFaultError(message) from error
    wrong = [
        f"  {place:28} {name:12} {theirs.get(name, 'none'):12} here {ours[name]}"
        for place, theirs in others.items()
        for name in ours
        if theirs.get(name) != ours[name]
    ]
    if wrong:
        table = "\n".join(wrong)
        raise EnvironmentFaultError(f"the cluster has other versions than this program:\n{table}")
