"""Faults of the machine and of people: real processes killed, real disks full, nothing lost."""

import contextlib
import hashlib
import os
import random
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from engines.worlds import MINIMAL

from simulator import load, load_run
from simulator.runs import run_id, series_id

ROOT = Path(__file__).parents[1]
REPLICATIONS = 300
KILLS = 20
LATEST = 4.0
"""Seconds after which a run is killed at the latest."""

SEED = 5


def command(out, *more, replications=REPLICATIONS, workers=2):
    """The command line of a run of the minimal world."""
    options = {"--reps": replications, "--seed": SEED, "--workers": workers, "--out": out}
    told = [str(part) for option in options.items() for part in option]
    return [sys.executable, "-m", "simulator", "run", str(MINIMAL), *told, *more]


def start(out, *more, **options):
    """A run on its way, in a group of its own as a terminal gives it."""
    return subprocess.Popen(  # noqa: S603
        command(out, *more, **options), cwd=ROOT, text=True, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip


def finish(out, *more, **options):
    """A run to its end."""
    process = start(out, *more, **options)
    told, said = process.communicate(timeout=120)
    return process.returncode, told, said


def hashes(out, replications=REPLICATIONS):
    """The SHA-256 of every file of a finished run; figures follow from them."""
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in finished(out, replications).iterdir()
        if path.name != "plots"
    }


def finished(out, replications=REPLICATIONS):
    """The folder of the finished run."""
    return Path(out) / "minimal" / run_id(series_id(load(MINIMAL), SEED), replications)


def growing(out):
    """The folder in which the run grows."""
    return Path(out) / "minimal" / f"{series_id(load(MINIMAL), SEED)}.unfinished"


def children(pid):
    """Processes that a process has started."""
    try:
        found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [int(child) for child in found]


def lives(pid):
    """Whether a process is at work; one that has ended and is not yet buried is not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in ("Z", "X")


def until(holds, seconds=30.0):
    """Wait until something holds."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.02)


def parts(out):
    """Parts that are there."""
    folder = growing(out)
    return list(folder.glob("0*")) if folder.exists() else []


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """A run that nobody disturbs: its files by hash, and how long it took."""
    out = tmp_path_factory.mktemp("undisturbed")
    begun = time.monotonic()
    code, told, said = finish(out)
    assert (code, said) == (0, "")
    assert told.startswith("Trade between")
    return hashes(out), time.monotonic() - begun


def test_kill_at_any_moment_loses_nothing(undisturbed, tmp_path):
    """F04: 20 times kill -9 of the parent at random moments; no orphans, and the same bytes."""
    expected, seconds = undisturbed
    moments = random.Random(4)  # noqa: S311 -- moments, not secrets
    kills, round_ = 0, 0
    while kills < KILLS:
        out = tmp_path / str(round_)
        round_ += 1
        while kills < KILLS:
            process = start(out)
            time.sleep(moments.uniform(0.2, min(seconds, LATEST)))
            workers = children(process.pid)
            was_at_work = process.poll() is None
            process.kill()
            process.communicate()
            if not was_at_work:
                break
            kills += 1
            until(lambda gone=workers: not any(map(lives, gone)), seconds=5)
        assert finish(out)[0] == 0
        assert hashes(out) == expected
        assert not growing(out).exists()


def test_a_killed_worker_costs_only_time(undisturbed, tmp_path):
    """F05: kill -9 of a worker: the same bytes, a warning, exit 0."""
    process = start(tmp_path)
    until(lambda: parts(tmp_path))
    workers = [child for child in children(process.pid) if b"spawn_main" in _cmdline(child)]
    os.kill(workers[0], signal.SIGKILL)
    _, said = process.communicate(timeout=120)
    assert process.returncode == 0
    assert "A worker process was lost; its work is done again." in said
    assert hashes(tmp_path) == undisturbed[0]


def _cmdline(pid):
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["Ctrl-C", "SIGTERM"]
)
def test_who_stops_keeps_what_is_done(undisturbed, tmp_path, number, code):
    """F01, F03: what is done is told as a part, and the command that is named goes on with it."""
    process = start(tmp_path)
    until(lambda: parts(tmp_path))
    asked = time.monotonic()
    process.send_signal(number)
    told, said = process.communicate(timeout=30)
    assert time.monotonic() - asked < 5
    assert process.returncode == code
    assert ("Stopping" in said) == (number == signal.SIGINT)
    first, *_, last = told.splitlines()
    assert first.startswith("Stopped at ")
    assert first.endswith(f" of {REPLICATIONS} runs. Nothing is lost.")
    assert f"sim run {MINIMAL} --seed {SEED} --reps {REPLICATIONS}" in last
    kept = len(parts(tmp_path))
    assert kept > 0
    code, _, _ = finish(tmp_path)
    assert code == 0
    assert hashes(tmp_path) == undisturbed[0]


def test_who_is_impatient_damages_nothing(undisturbed, tmp_path):
    """F02: a second Ctrl-C ends at once; what was whole is there, and the run goes on."""
    process = start(tmp_path)
    until(lambda: parts(tmp_path))
    process.send_signal(signal.SIGINT)
    time.sleep(0.35)
    asked = time.monotonic()
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    assert time.monotonic() - asked < 2
    assert process.returncode == 130
    assert finish(tmp_path)[0] == 0
    assert hashes(tmp_path) == undisturbed[0]


def test_files_that_may_not_grow_stop_a_run_that_can_go_on(undisturbed, tmp_path):
    """F10: where no part can be written: exit 6 with place and reason; older runs stay."""
    assert finish(tmp_path, replications=20)[0] == 0
    older = hashes(tmp_path, 20)
    limited = subprocess.run(  # noqa: S603
        command(tmp_path, workers=1), cwd=ROOT, text=True, capture_output=True, check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000)),
    )  # fmt: skip
    assert limited.returncode == 6, limited.stderr
    assert "File too large" in limited.stderr
    assert "unfinished" in limited.stderr
    assert "Traceback" not in limited.stderr
    assert hashes(tmp_path, 20) == older
    assert finish(tmp_path)[0] == 0
    assert hashes(tmp_path) == undisturbed[0]
    assert hashes(tmp_path, 20) == older


@pytest.fixture
def small_disk(tmp_path):
    """A real filesystem of 3 MB."""
    place = tmp_path / "disk"
    place.mkdir()
    made = subprocess.run(  # noqa: S603
        ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(place)],  # noqa: S607
        check=False, capture_output=True,
    )  # fmt: skip
    if made.returncode != 0:
        pytest.skip("a filesystem of its own needs the right to mount one")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)  # noqa: S603, S607


def test_a_full_disk_stops_a_run_that_can_go_on(small_disk, tmp_path):
    """F10: a disk that is filled meanwhile: exit 6, older runs stay, with room the run goes on."""
    assert finish(small_disk, "-q", replications=2)[0] == 0
    older = hashes(small_disk, 2)
    process = start(small_disk, replications=80, workers=1)
    until(lambda: growing(small_disk).exists())
    filler = small_disk / "filler"
    with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(b"x" * 4096):
            pass
    _, said = process.communicate(timeout=120)
    assert process.returncode == 6, said
    assert "No space left on device" in said
    assert "Traceback" not in said
    assert hashes(small_disk, 2) == older
    filler.unlink()
    assert finish(small_disk, replications=80)[0] == 0
    assert hashes(small_disk, 2) == older
    other = tmp_path / "elsewhere"
    assert finish(other, replications=80)[0] == 0
    assert hashes(small_disk, 80) == hashes(other, 80)


def test_a_disk_that_is_too_small_is_refused_before_any_work(small_disk):
    """F11: what is needed and what is free stand in the message."""
    code, _, said = finish(small_disk, replications=900)
    assert code == 6
    assert "900 replications need about 5.4 MB" in said
    assert not growing(small_disk).exists()


def test_a_folder_that_cannot_be_written_is_refused_before_any_work(tmp_path):
    """F12: a file where the folder should be."""
    (tmp_path / "file").write_text("mine")
    code, told, said = finish(tmp_path / "file" / "results")
    assert (code, told) == (6, "")
    assert "Not a directory" in said


def test_a_growing_run_can_be_read(tmp_path):
    """F16: a reader gets what is there, labelled as a part."""
    process = start(tmp_path)
    until(lambda: parts(tmp_path))
    part = load_run(growing(tmp_path))
    process.kill()
    process.communicate()
    assert not part.is_complete
    assert 0 < part.replications <= REPLICATIONS
    assert part.asked == REPLICATIONS


def test_a_deleted_folder_stops_the_run(tmp_path):
    """F17: the run says so, and does not make it anew somewhere else."""
    process = start(tmp_path)
    until(lambda: parts(tmp_path))
    moved = tmp_path / "moved"
    growing(tmp_path).rename(moved)
    _, said = process.communicate(timeout=120)
    assert process.returncode == 6
    assert "Traceback" not in said
    assert not growing(tmp_path).exists()


def test_a_reader_that_leaves_does_not_stop_the_run(tmp_path):
    """F19: a pipe that is closed early ends the output; the run is stored, exit 0."""
    line = " ".join(command(tmp_path, replications=40, workers=1))
    done = subprocess.run(  # noqa: S602 -- a pipe of our own commands
        f"set -o pipefail; {line} | head -c 5", shell=True, executable="/bin/bash", cwd=ROOT,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, "Trade", "")
    assert finished(tmp_path, 40).exists()
