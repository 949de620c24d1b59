"""Files: only regular ones nearby, of text, are read, and never in a circle."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from simulator.errors import RefusedError, ScenarioError
from simulator.scenario.reading import load

MINIMAL = Path(__file__).parents[1] / "scenarios" / "minimal.yaml"
TEXT = MINIMAL.read_text(encoding="utf-8")


def written(folder, text, name="given.yaml"):
    """A file with ``text``."""
    file = folder / name
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def problem_of(file, changes=None):
    """The only problem of a file."""
    with pytest.raises(ScenarioError) as caught:
        load(file, changes)
    (problem,) = caught.value.problems
    assert problem.code in str(caught.value)
    return problem


def child(folder, body="", parent="minimal.yaml", name="child.yaml"):
    """A file that extends a copy of the minimal scenario."""
    if not (folder / "minimal.yaml").exists():
        written(folder, TEXT, "minimal.yaml")
    return written(folder, f"question: What if?\nextends: {parent}\n{body}", name)


def test_a_missing_file_suggests_its_neighbour(tmp_path):
    """A slip in a file name is answered with the nearest name in the folder."""
    written(tmp_path, TEXT, "minimal.yaml")
    problem = problem_of(tmp_path / "minmal.yaml")
    assert (problem.code, problem.suggestion) == ("S101", "minimal.yaml")


@pytest.mark.parametrize("name", ["nowhere/x.yaml", "a\0b", "x" * 5000])
def test_a_file_that_cannot_exist_is_no_crash(tmp_path, name):
    """Names that the file system refuses are problems like others."""
    assert problem_of(f"{tmp_path}/{name}").code in ("S101", "S102")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_only_regular_files_are_read(tmp_path):
    """Folders, pipes and devices are refused before a byte is read."""
    os.mkfifo(tmp_path / "pipe")
    for name in (tmp_path, tmp_path / "pipe", "/dev/zero"):
        assert problem_of(name).code == "S102"


def test_standard_input_is_read():
    """A dash stands for standard input."""
    code = "from simulator.scenario.reading import load; print(load('-').name)"
    root = str(MINIMAL.parents[2])
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", code],
        input=TEXT,
        capture_output=True,
        text=True,
        cwd=root,
        env={**os.environ, "PYTHONPATH": root},
        check=True,
    )
    assert done.stdout == "minimal\n"


def test_a_large_file_is_refused_by_the_named_option(tmp_path):
    """Above the limit nothing is read, and the option that raises it is named."""
    with pytest.raises(RefusedError) as caught:
        load(written(tmp_path, b"#" * (2**20 + 1)))
    assert caught.value.option == "--max-input-size"
    assert caught.value.exit_code == 4


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16"])
def test_other_encodings_are_explained(tmp_path, encoding):
    """Text that is not UTF-8 is refused with the line of the first wrong byte."""
    file = written(tmp_path, TEXT.replace("Road", "Straße").encode(encoding))
    problem = problem_of(file)
    assert problem.code == "S113"
    assert problem.note == "save as UTF-8"


@pytest.mark.parametrize("change", [b"\xef\xbb\xbf%s", b"%s\r\n"])
def test_a_byte_order_mark_and_other_line_ends_mean_nothing(tmp_path, change):
    """The same scenario with a byte-order mark or Windows line ends is equal."""
    text = TEXT.replace("\n", "\r\n") if change.endswith(b"\r\n") else TEXT
    assert load(written(tmp_path, change % text.encode())) == load(MINIMAL)


@pytest.mark.parametrize(
    "parent",
    ["../../secret.yaml", "/etc/passwd", "https://a.b/c.yaml", "base.txt", "[a]", "5", ""],
)
def test_only_files_nearby_can_be_extended(tmp_path, parent):
    """Nothing outside the folder tree is opened."""
    problem = problem_of(child(tmp_path, parent=parent))
    assert (problem.code, problem.line) == ("S161", 2)


def test_a_link_out_of_the_tree_is_not_followed(tmp_path):
    """The resolved place of a file counts, not its name."""
    inside = tmp_path / "a" / "b"
    inside.mkdir(parents=True)
    (inside / "link.yaml").symlink_to(written(tmp_path, TEXT, "secret.yaml"))
    assert problem_of(child(inside, parent="link.yaml")).code == "S161"


def test_circles_and_long_chains_are_refused(tmp_path):
    """Files that extend each other without end are refused at the line that closes the circle."""
    child(tmp_path, parent="second.yaml", name="first.yaml")
    child(tmp_path, parent="first.yaml", name="second.yaml")
    problem = problem_of(tmp_path / "first.yaml")
    assert problem.code == "S162"
    assert "first.yaml -> second.yaml -> first.yaml" in problem.message
    for number in range(9):
        child(tmp_path, parent=f"c{number + 1}.yaml", name=f"c{number}.yaml")
    assert problem_of(tmp_path / "c0.yaml").code == "S162"
