"""Files: written whole and brought to the disk, or not there at all."""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa

from simulator.errors import EnvironmentFaultError


def appear(final: Path, fill: Callable[[Path], object]) -> None:
    """A folder that ``fill`` has filled, under its name in one step.

    Nothing half-written ever has the name; a folder of that name that is there already stays. The
    folder around it must exist.
    """
    temporary = Path(tempfile.mkdtemp(prefix=f".{final.name}.", dir=final.parent))
    try:
        fill(temporary)
        for path in sorted(temporary.rglob("*")):
            _flush(path)
        _flush(temporary)
        temporary.chmod(0o755)  # temporary folders are private; a result may be read by others
        temporary.rename(final)
    except OSError:
        # Somebody else was faster: the folder is there, and what was on the way is not needed.
        if final.is_symlink() or not final.is_dir():
            raise
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    with os.scandir(final.parent) as found:
        left = [one.path for one in found if one.name.startswith(f".{final.name}.")]
    for path_left in left:  # by a process that was killed
        shutil.rmtree(path_left, ignore_errors=True)
    _flush(final.parent)


def once(final: Path, fill: Callable[[Path], object]) -> None:
    """A folder that is filled where it is missing; one that is there stays as it is.

    Raises:
        EnvironmentFaultError: The machine does not allow it.

    """
    if not final.exists():
        with faults(final):
            final.parent.mkdir(parents=True, exist_ok=True)
            appear(final, fill)


def written(path: Path, content: str | bytes) -> None:
    """A file in place of the one before, in one step; text as UTF-8."""
    with tempfile.NamedTemporaryFile(
        dir=path.parent, prefix=f".{path.name}.", delete=False
    ) as file:
        try:
            file.write(content.encode() if isinstance(content, str) else content)
            file.flush()
            os.fsync(file.fileno())
            Path(file.name).chmod(0o644)
            Path(file.name).replace(path)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise
    _flush(path.parent)


def aside(path: Path) -> Path:
    """What cannot be used gets another name, and is never lost."""
    names = (path.with_name(f"{path.name}.bad{number or ''}") for number in range(1000))
    return path.rename(next(name for name in names if not name.exists()))


def digest(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def faults(path: Path) -> Iterator[None]:
    """What the machine refuses becomes an error that says so."""
    try:
        yield
    except (OSError, pa.ArrowException, ValueError, KeyError) as error:
        reason = getattr(error, "strerror", None) or f"{type(error).__name__}: {error}"
        raise EnvironmentFaultError(f"{path}: {reason}") from error


def _flush(path: Path) -> None:
    """Bring a file or a folder to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
