"""Files appear whole or not at all."""

import errno

import pytest

from simulator.errors import EnvironmentFaultError
from simulator.files import appear, aside, digest, faults, once, written


def test_a_folder_appears_whole(tmp_path):
    """While it is filled it has another name; afterwards nothing else is left."""

    def fill(folder):
        assert not (tmp_path / "run").exists()
        (folder / "a").write_text("1")

    appear(tmp_path / "run", fill)
    assert [path.name for path in tmp_path.iterdir()] == ["run"]
    assert (tmp_path / "run" / "a").read_text() == "1"
    assert (tmp_path / "run").stat().st_mode & 0o777 == 0o755


def test_a_folder_that_fails_leaves_nothing(tmp_path):
    """A fault while it is filled leaves the folder around it as it was."""

    def fill(folder):
        (folder / "a").write_text("1")
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        appear(tmp_path / "run", fill)
    assert list(tmp_path.iterdir()) == []


def test_the_first_of_two_folders_stays(tmp_path):
    """Who comes second changes nothing."""
    for text in ("first", "second"):
        appear(tmp_path / "run", lambda folder, text=text: (folder / "a").write_text(text))
    assert (tmp_path / "run" / "a").read_text() == "first"
    assert len(list(tmp_path.iterdir())) == 1


def test_a_folder_is_filled_once(tmp_path):
    """Who comes later does not even begin; folders around it are made."""
    filled = []

    def fill(folder):
        filled.append(folder)
        (folder / "a").write_text("1")

    for _ in range(2):
        once(tmp_path / "deep" / "run", fill)
    assert len(filled) == 1
    (tmp_path / "file").write_text("mine")
    with pytest.raises(EnvironmentFaultError, match="file/run"):
        once(tmp_path / "file" / "run", fill)


def test_what_a_killed_process_has_left_is_swept(tmp_path):
    """Half a folder under another name goes when the whole one appears."""
    (tmp_path / ".run.abc").mkdir()
    appear(tmp_path / "run", lambda folder: (folder / "a").write_text("1"))
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


@pytest.mark.parametrize("planted", ["file", "link"])
def test_nothing_is_written_through_what_was_planted(tmp_path, planted):
    """F13: a file or a link at the name of a folder is an error, and stays as it is."""
    elsewhere, final = tmp_path / "elsewhere", tmp_path / "run"
    elsewhere.mkdir()
    if planted == "file":
        final.write_text("mine")
    else:
        final.symlink_to(elsewhere)
    with pytest.raises(OSError, match="run"):
        appear(final, lambda folder: (folder / "a").write_text("1"))
    assert list(elsewhere.iterdir()) == []
    assert len(list(tmp_path.iterdir())) == 2


def test_a_text_takes_the_place_of_the_one_before(tmp_path):
    """A text is replaced in one step, and one that cannot be written leaves the one before."""
    path = tmp_path / "plan.json"
    written(path, "one")
    written(path, "two")
    with pytest.raises(UnicodeEncodeError):
        written(path, "\ud800")
    assert path.read_text() == "two"
    written(path, b"\xff")
    assert path.read_bytes() == b"\xff"
    assert [p.name for p in tmp_path.iterdir()] == ["plan.json"]


def test_what_is_set_aside_is_never_lost(tmp_path):
    """Each bad thing gets a name of its own."""
    for text in ("one", "two"):
        path = tmp_path / "part"
        path.write_text(text)
        aside(path)
    found = {path.name: path.read_text() for path in tmp_path.iterdir()}
    assert found == {"part.bad": "one", "part.bad1": "two"}


def test_a_digest_is_that_of_the_bytes(tmp_path):
    """The SHA-256 of the empty file is known."""
    (tmp_path / "empty").touch()
    assert digest(tmp_path / "empty").startswith("e3b0c44298fc1c149afbf4c8996fb924")


def test_faults_name_the_place(tmp_path):
    """What the machine refuses is told with its path and reason."""
    with (
        pytest.raises(EnvironmentFaultError, match="nothing: No such file"),
        faults(tmp_path / "nothing"),
    ):
        (tmp_path / "nothing").read_text()
