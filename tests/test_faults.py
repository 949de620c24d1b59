"""Faults: what is done survives whatever happens to the process, the disk and the terminal."""

import errno
import hashlib
import os
import random
import re
import resource
import shlex
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from engines.worlds import MINIMAL

from simulator import load_run
from simulator.errors import EnvironmentFaultError

SIM = (sys.executable, "-m", "simulator")
CHANCE = (
    "--set",
    "relationships.order_interval=exponential",
    "--set",
    "exports.AAA.goods.widgets.order_cv=0.5",
)
"""Changes that make replications differ."""

REPS = 400
"""Eight pieces: some are stored, some at work and some to come for most of the time."""

LONG = 3000
"""Replications that take longer than any test looks at them."""

LIMITS = [(4_000, ".unfinished"), (16_000, "-400")]
"""Bytes that a file may have, and the folder that they are too few for."""

KILLS = 20
PATIENCE = 60.0


def command(out, reps=REPS, *more, workers=2):
    """What a user types, as arguments."""
    chosen = ["--reps", str(reps), "--workers", str(workers), "--out", str(out), *more]
    if "--engine" not in more:
        # Its replications take long enough to be disturbed, and its workers are processes.
        chosen += ["--engine", "reference"]
    return [*SIM, "run", str(MINIMAL), *CHANCE, *chosen]


def started(arguments, **options):
    """A command at work, in a process group of its own."""
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(  # noqa: S603 -- words of this file
        arguments, text=True, start_new_session=True, **(streams | options)
    )


def ended(process):
    """Exit code, standard output and standard error of a command, once it has ended."""
    out, err = process.communicate(timeout=PATIENCE)
    assert "Traceback" not in f"{out}{err}"
    return process.returncode, out, err


def done(arguments, **options):
    """The same for a command that is begun only now."""
    return ended(started(arguments, **options))


def bytes_of(folder):
    """A hash of every file of a finished run, without plots."""
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.iterdir()
        if path.is_file()
    }


def finished(out):
    """The folder of the only finished run of a store."""
    (folder,) = (path for path in out.glob("minimal/*-*") if path.suffix != ".unfinished")
    return folder


def until(found, patience=PATIENCE):
    """What ``found`` gives, as soon as it gives anything."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        if value := found():
            return value
        time.sleep(0.01)
    raise AssertionError("it never happened")


def parts(out, count=1):
    """The parts of an unfinished run, if there are so many."""
    there = list(out.glob("minimal/*.unfinished/????????-*"))
    return there if len(there) >= count else None


def growing(out):
    """The folder of an unfinished run that has a part."""
    return until(lambda: parts(out))[0].parent


def state(process):
    """State of a process and the moment of its start; None if there is none."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(") ")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] in "ZX" else fields[19]


def children(process):
    """Processes that a process has begun, and when they started."""
    told = Path(f"/proc/{process}/task/{process}/children").read_text()
    return {int(child): state(int(child)) for child in told.split()}


def workers_of(process):
    """Those of its children that compute."""
    found = []
    for child in children(process):
        try:
            words = Path(f"/proc/{child}/cmdline").read_bytes()
        except (FileNotFoundError, ProcessLookupError):
            continue
        found += [child] if b"spawn_main" in words else []
    return found


def are_gone(processes):
    """Whether none of some processes is at work any more."""
    return all(born is None or state(number) != born for number, born in processes.items())


def kill(process):
    """Kill a process alone, and wait until those that it began are gone as well."""
    process.send_signal(signal.SIGSTOP)
    orphans = children(process.pid)
    process.kill()
    process.communicate(timeout=PATIENCE)
    until(lambda: are_gone(orphans), patience=5)


@pytest.fixture(scope="module")
def untouched(tmp_path_factory):
    """The bytes of a run to which nothing happens, and the seconds that it takes."""
    out = tmp_path_factory.mktemp("untouched")
    begun = time.monotonic()
    code, _, _ = done(command(out))
    assert code == 0
    return bytes_of(finished(out)), time.monotonic() - begun


@pytest.fixture
def small_disk(tmp_path):
    """A real file system of 4 MB."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = shutil.which("mount")
    if mount is None or os.geteuid() != 0:
        pytest.skip("only the superuser mounts file systems")
    if done([mount, "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(place)])[0]:
        pytest.skip("file systems cannot be mounted here")
    yield place
    assert done([shutil.which("umount"), "-l", str(place)])[0] == 0


def fill(disk):
    """A file that takes all the room there is, and more as soon as there is more."""
    filler = disk / "filler"
    with filler.open("ab", buffering=0) as file:
        for size in (4096, 1):
            try:
                while True:
                    file.write(bytes(size))
            except OSError as error:
                assert error.errno == errno.ENOSPC  # noqa: PT017 -- any other is a surprise
    return filler


# --- Processes that end ---


def test_a_run_survives_twenty_kills(tmp_path, untouched):
    """F04: wherever a run is killed, the same command ends in the same bytes; no worker is left."""
    expected, seconds = untouched
    chance = random.Random(1)  # noqa: S311 -- moments are no secrets
    kills = folders = 0
    out = tmp_path / "0"
    while kills < KILLS or not list(out.glob("minimal/*/plots")):
        # After the last kill the run may come to its end.
        moment = seconds * chance.random() if kills < KILLS else PATIENCE
        process = started(command(out))
        try:
            process.wait(timeout=moment)
        except subprocess.TimeoutExpired:
            kill(process)
            kills += 1
            continue
        assert ended(process)[0] == 0
        assert bytes_of(finished(out)) == expected
        assert not list(out.glob("minimal/*.unfinished"))
        folders += 1
        out = tmp_path / str(folders) if kills < KILLS else out
    assert kills == KILLS


def test_a_run_that_had_hardly_begun_is_in_nobodys_way(tmp_path):
    """F04: a run that was killed before its plan was written stops no other of its name."""
    place = tmp_path / "minimal" / "0123456789.unfinished"
    place.mkdir(parents=True)
    (place / "lock").touch()
    code, _, err = done(command(tmp_path, 20))
    assert code == 0
    assert err == ""


def test_a_lost_worker_changes_nothing(tmp_path, untouched):
    """F05: a worker that is killed is replaced, with a warning, and the bytes are the same."""
    process = started(command(tmp_path))
    growing(tmp_path)
    os.kill(workers_of(process.pid)[0], signal.SIGKILL)
    code, _, err = ended(process)
    assert code == 0
    assert "worker process was lost" in err
    assert bytes_of(finished(tmp_path)) == untouched[0]


# --- Signals ---


def test_control_c_stops_and_goes_on(tmp_path, untouched):
    """F01: Ctrl-C stops within seconds, tells what there is, and its Continue line goes on."""
    process = started(command(tmp_path))
    growing(tmp_path)
    begun = time.monotonic()
    os.killpg(process.pid, signal.SIGINT)
    code, out, err = ended(process)
    assert time.monotonic() - begun < 5
    assert code == 130
    assert err.startswith("Stopping")
    assert err.count("\n") == 1
    told = re.search(r"^Stopped at (\d+) of 400 runs\. Nothing is lost\.$", out, re.MULTILINE)
    assert told
    assert 0 < int(told[1]) < REPS
    going_on = re.search(r"^ *Continue +sim (.*)$", out, re.MULTILINE)
    assert going_on
    code, _, _ = done([*SIM, *shlex.split(going_on[1])], cwd=tmp_path)
    assert code == 0
    assert bytes_of(finished(tmp_path)) == untouched[0]
    assert {path.name for path in tmp_path.iterdir()} == {"minimal"}


def test_threads_hear_control_c_and_processes_go_on(tmp_path, untouched):
    """F01: the compiled engine stops within seconds, and what it made serves the reference."""
    process = started(command(tmp_path, 100_000, "--engine", "compiled"))
    # The first start of all compiles.
    until(lambda: parts(tmp_path, REPS // 50), patience=2 * PATIENCE)
    begun = time.monotonic()
    os.killpg(process.pid, signal.SIGINT)
    code, out, err = ended(process)
    assert time.monotonic() - begun < 5
    assert code == 130
    assert "Stopping" in err
    told = r"^Stopped at [\d\s]+ of 100\s000 runs\. Nothing is lost\.$"
    assert re.search(told, out, re.MULTILINE)
    assert done(command(tmp_path))[0] == 0
    assert bytes_of(finished(tmp_path)) == untouched[0]


def test_termination_stops_and_goes_on(tmp_path, untouched):
    """F03: SIGTERM stops like Ctrl-C, with its own exit code."""
    process = started(command(tmp_path))
    growing(tmp_path)
    process.terminate()
    code, out, _ = ended(process)
    assert code == 143
    assert "Nothing is lost." in out
    assert done(command(tmp_path))[0] == 0
    assert bytes_of(finished(tmp_path)) == untouched[0]


def test_a_second_control_c_stops_at_once(tmp_path, untouched):
    """F02: who presses Ctrl-C again waits no longer, and nothing is damaged."""
    process = started(command(tmp_path))
    growing(tmp_path)
    for worker in workers_of(process.pid):
        # Work that does not come to its end.
        os.kill(worker, signal.SIGSTOP)
    orphans = children(process.pid)
    os.killpg(process.pid, signal.SIGINT)
    time.sleep(0.5)
    begun = time.monotonic()
    os.killpg(process.pid, signal.SIGINT)
    assert process.wait(timeout=PATIENCE) == 130
    assert time.monotonic() - begun < 1
    for worker in orphans:
        os.kill(worker, signal.SIGCONT)
    until(lambda: are_gone(orphans), patience=5)
    assert ended(process)[0] == 130
    assert done(command(tmp_path))[0] == 0
    assert bytes_of(finished(tmp_path)) == untouched[0]


@pytest.mark.parametrize("seconds", [0.02, 0.05, 0.1])
def test_control_c_is_heard_from_the_beginning(tmp_path, seconds):
    """F01: Ctrl-C while the workers are only beginning is no failure of theirs."""
    process = started(command(tmp_path, LONG))
    until(lambda: list(tmp_path.glob("minimal/*.unfinished/plan.json")))
    time.sleep(seconds)
    os.killpg(process.pid, signal.SIGINT)
    code, out, err = ended(process)
    assert code == 130
    assert "Nothing is lost." in out
    assert "lost" not in err


def test_control_c_while_plots_are_drawn_keeps_the_run(tmp_path, untouched):
    """F01: drawing that has begun is done before Ctrl-C counts: no library breaks in its midst."""
    process = started(command(tmp_path))
    until(lambda: list(tmp_path.glob("minimal/*-400/.plots.*")))
    os.killpg(process.pid, signal.SIGINT)
    code, _, err = ended(process)
    assert code == 130
    assert "Nothing is lost; the same command goes on." in err
    assert bytes_of(finished(tmp_path)) == untouched[0]
    assert (finished(tmp_path) / "plots").is_dir()
    code, _, err = done(command(tmp_path))
    assert code == 0
    assert "in the store already" in err


# --- Disks ---


def test_a_full_disk_loses_nothing(small_disk, untouched):
    """F10: a disk that is full in the midst of a run is told; with room the run goes on."""
    code, _, _ = done(command(small_disk, 20, "--seed", "7"))
    assert code == 0
    older = finished(small_disk)
    before = bytes_of(older)
    process = started(command(small_disk))
    there = growing(small_disk)
    filler = fill(small_disk)
    code, _, err = ended(process)
    fill(small_disk)
    assert code == 6
    assert str(there) in err
    assert os.strerror(errno.ENOSPC) in err
    assert bytes_of(older) == before
    assert list(there.glob("????????-*"))
    filler.unlink()
    assert done(command(small_disk))[0] == 0
    assert bytes_of(older) == before
    (found,) = (path for path in older.parent.iterdir() if path != older)
    assert bytes_of(found) == untouched[0]


@pytest.mark.parametrize(("limit", "where"), LIMITS)
def test_files_that_may_not_grow_are_told(tmp_path, untouched, limit, where):
    """F10: a limit on the size of files ends a run with the path and the reason, no more."""
    older, out = tmp_path / "older", tmp_path / "out"
    assert done(command(older, 20))[0] == 0
    before = bytes_of(finished(older))
    shutil.copytree(older, out)

    def limited():
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    quiet = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    code, _, err = done(command(out), preexec_fn=limited, env=quiet)
    assert code == 6
    (there,) = out.glob("minimal/*.unfinished")
    assert f"{there.with_name(there.stem)}{where}: " in err
    assert os.strerror(errno.EFBIG) in err
    assert bytes_of(finished(out)) == before
    assert not list(there.glob(".*"))
    assert done(command(out))[0] == 0
    found = {path.name: bytes_of(path) for path in (out / "minimal").iterdir()}
    one, other = found.values()
    assert one.keys() == other.keys()
    assert before in found.values()
    assert untouched[0] in found.values()


def test_no_room_is_told_before_the_work(small_disk):
    """F11: a run that will not fit is not begun."""
    code, out, err = done(command(small_disk, 1_000_000))
    assert code == 6
    assert out == ""
    assert "are free" in err
    assert not list(small_disk.iterdir())


def test_a_disk_that_is_only_read_is_told_before_the_work(small_disk):
    """F12: where nothing can be written, nothing is computed."""
    assert done([shutil.which("mount"), "-o", "remount,ro", str(small_disk)])[0] == 0
    code, out, err = done(command(small_disk, 100_000))
    assert code == 6
    assert out == ""
    assert str(small_disk) in err
    assert os.strerror(errno.EROFS) in err


@pytest.mark.parametrize("below", [(), ("results",)])
def test_a_file_in_the_way_is_told_before_the_work(tmp_path, below):
    """F12: a file where the results folder or one around it should be ends the command at once."""
    place = tmp_path / "file"
    place.write_text("mine")
    code, out, err = done(command(place.joinpath(*below), 100_000))
    assert code == 6
    assert out == ""
    assert str(place) in err
    assert place.read_text() == "mine"


# --- What others do to a run at work ---


def test_a_run_at_work_can_be_read(tmp_path):
    """F16: what there is so far is a part of the run, and reading it disturbs nobody."""
    process = started(command(tmp_path, LONG))
    there = growing(tmp_path)
    for _ in range(5):
        run = load_run(there)
        assert 0 < run.replications < LONG
        assert run.asked == LONG
        assert not run.is_complete
    process.terminate()
    assert ended(process)[0] == 143
    assert not list(there.glob("*.bad*"))


def test_a_reader_moves_nothing(tmp_path):
    """F16: a part that is not whole when it is read stays where it is for whoever writes."""
    process = started(command(tmp_path, LONG))
    there = growing(tmp_path)
    kill(process)
    before = {path.name for path in there.iterdir()}
    for path in there.glob("????????-*/months.parquet"):
        path.unlink()
    assert load_run(there).replications == 0
    assert {path.name for path in there.iterdir()} == before


def test_reading_to_the_very_end_disturbs_nobody(tmp_path, untouched):
    """F16: a run that is read all the time comes to its end all the same."""
    process = started(command(tmp_path))
    there = growing(tmp_path)
    while process.poll() is None:
        try:
            load_run(there)
        except EnvironmentFaultError:
            assert list(there.parent.glob("*-400"))
    assert ended(process)[0] == 0
    assert [path.name for path in there.parent.iterdir()] == [finished(tmp_path).name]
    assert bytes_of(finished(tmp_path)) == untouched[0]


@pytest.mark.parametrize("whole", [True, False], ids=["store", "run"])
def test_a_run_whose_folder_is_deleted_ends(tmp_path, whole):
    """F17: who deletes the folder of a run at work ends it; it does not come back."""
    out = tmp_path / "results"
    process = started(command(out, LONG))
    there = growing(out)
    gone = out if whole else there

    def deleted():
        shutil.rmtree(gone, ignore_errors=True)
        return not gone.exists()

    until(deleted)
    code, _, err = ended(process)
    assert code == 6
    assert str(there) in err
    assert os.strerror(errno.ENOENT) in err
    assert not gone.exists()
    assert list(tmp_path.rglob("*.parquet")) == []


# --- Terminals ---


@pytest.mark.parametrize("after", ["| head -1", "| true", ">&-", ">/dev/null 2>&-", "<&- >&- 2>&-"])
def test_a_reader_who_leaves_is_no_fault(tmp_path, after):
    """F19: whoever stops reading the answer, or never does, still gets the run."""
    words = shlex.join(command(tmp_path, 20))
    code, _, err = done(["bash", "-o", "pipefail", "-c", f"{words} {after}"])
    assert code == 0
    assert err == ""
    assert (finished(tmp_path) / "plots").is_dir()


def test_an_answer_that_cannot_be_written_is_told(tmp_path):
    """F20: a full disk behind standard output is a fault of the machine; the run is stored."""
    with Path("/dev/full").open("w") as full:
        code, _, err = done(command(tmp_path, 20), stdout=full)
    assert code == 6
    assert os.strerror(errno.ENOSPC) in err
    assert finished(tmp_path).is_dir()
