"""Compiling: wide products, powers of two, and a cache that follows what code is made of."""

import ast
import math
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from threading import Thread
from time import sleep

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

pytest.importorskip("numba", reason="the compiled engine needs numba")

from numba import njit
from numba.core import config
from numba.core.errors import TypingError

from simulator.engines import compiling
from simulator.engines.compiling import (
    FOLDER,
    SOURCES,
    cache_folder,
    compiled,
    inlined,
    is_compiled,
    power_of_two,
    product,
    shared,
)

LAST = 2**64 - 1
WORD = st.integers(0, LAST) | st.integers(0, 64).map(lambda n: min(2**n, LAST))


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """A home of its own for what is compiled."""
    home = tmp_path / "home"
    monkeypatch.setenv("XDG_CACHE_HOME", str(home))
    return home


@pytest.fixture
def sources(tmp_path, monkeypatch):
    """A copy of the simulator's own sources."""
    folder = tmp_path / "simulator"
    for file in FOLDER.rglob("*.py"):
        copy = folder / file.relative_to(FOLDER)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(file.read_bytes())
    monkeypatch.setattr(compiling, "FOLDER", folder)
    return folder


def kept(folder):
    """The sources that the cache follows, by their path in a folder."""
    files = (file for pattern in SOURCES for file in folder.glob(pattern))
    return {str(file.relative_to(folder)) for file in files}


# --- Numbers ---


@njit
def halves_of(a, b):
    """The product of two words, from compiled code."""
    return product(a, b)


@njit
def powers_of_two(first, count):
    """Powers of two from one exponent on, from compiled code."""
    return [power_of_two(exponent) for exponent in range(first, first + count)]


@settings(derandomize=True, deadline=None)
@given(WORD, WORD)
@example(LAST, LAST)
def test_product_is_that_of_whole_numbers(a, b):
    """Upper and lower half together are the product, which no word can hold."""
    high, low = halves_of(np.uint64(a), np.uint64(b))
    assert 2**64 * int(high) + int(low) == a * b


def test_powers_of_two_are_exact():
    """Over the whole range of normal numbers, two to the power k is the number of that value."""
    assert powers_of_two(-1022, 2046) == [math.ldexp(1.0, k) for k in range(-1022, 1024)]


# --- The cache ---


def test_cache_follows_every_source(sources):
    """A change in any source that compiled code is made of leads to another folder."""
    first, names = cache_folder(), kept(sources)
    assert {"portable.py", "engines/agenda.py", "engines/compiled.py"} < names
    for name in names:
        file = sources / name
        before = file.read_bytes()
        file.write_bytes(before + b"#\n")
        assert cache_folder() != first, name
        file.write_bytes(before)
    assert cache_folder() == first


def test_cache_does_not_follow_anything_else(sources):
    """A change in words or plots, or none at all, leaves the folder as it is."""
    first = cache_folder()
    for name in ("wording.py", "plots.py", "cli/app.py"):
        (sources / name).write_text("", encoding="utf-8")
    assert cache_folder() == first


@pytest.mark.parametrize("module", ["numba", "llvmlite"])
def test_cache_follows_the_compiler(module, monkeypatch):
    """Another version of the compiler keeps its code elsewhere."""
    first = cache_folder()
    monkeypatch.setattr(getattr(compiling, module), "__version__", "0.0.0")
    assert cache_folder() != first


def test_cache_lies_where_the_user_keeps_caches(home, monkeypatch):
    """Code lies in the user's folder for caches, which is one in the home where none is named."""
    name = cache_folder().relative_to(home)
    monkeypatch.setenv("XDG_CACHE_HOME", "")
    assert cache_folder() == Path.home() / ".cache" / name
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert cache_folder() == Path.home() / ".cache" / name


# --- What compiled code is made of ---

DOORS = {"inlined", "shared", "compiled"}


@cache
def statements(name):
    """What makes each name at the top of a file of the simulator: a statement, or an import."""
    found = {}
    for node in ast.parse((FOLDER / name).read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ImportFrom):
            found |= {one.asname or one.name: f"{node.module}.{one.name}" for one in node.names}
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            found[node.name] = node
        else:
            found |= {one.id: node for one in ast.walk(node) if is_assigned(one)}
    return found


def is_assigned(node):
    """Whether a name gets its value here."""
    return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)


def file_of(module):
    """The file of a module of the simulator, if it is one."""
    first, *rest = module.split(".")
    name = f"{'/'.join(rest)}.py"
    return name if first == "simulator" and (FOLDER / name).is_file() else None


def parts_of(name, word):
    """Files and names of what something is made of; annotations of functions do not count."""
    made = statements(name)[word]
    for part in made.body if isinstance(made, ast.FunctionDef) else [made]:
        for node in ast.walk(part):
            if isinstance(node, ast.Name):
                yield from found_by(name, node.id, "")
            elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                yield from found_by(name, node.value.id, node.attr)


def found_by(name, word, attribute):
    """File and name of what a word means in a file of the simulator, unless it is a local name."""
    made = statements(name).get(word)
    if not isinstance(made, str):
        return [(name, word)] if made else []
    if file_of(made):
        return [(file_of(made), attribute)] if attribute else []
    module, _, inner = made.rpartition(".")
    return [(file_of(module), inner)] if file_of(module) else []


def is_compiled_function(node):
    """Whether a statement is a function that passes through one of numba's doors."""
    if not isinstance(node, ast.FunctionDef):
        return False
    doors = (getattr(one, "func", one) for one in node.decorator_list)
    return any(getattr(door, "id", "") in DOORS for door in doors)


def test_cache_follows_all_that_compiled_code_is_made_of():
    """Every file from which a compiled function takes a constant or a function is a source.

    Imports that serve only what stays Python, and annotations, are left out.
    """
    names = [str(file.relative_to(FOLDER)) for file in FOLDER.rglob("*.py")]
    ahead = [
        (name, word)
        for name in names
        for word, node in statements(name).items()
        if is_compiled_function(node)
    ]
    seen = set()
    while ahead:
        place = ahead.pop()
        if place not in seen:
            seen.add(place)
            ahead += parts_of(*place)
    assert {
        ("portable.py", "LARGEST"),
        ("portable.py", "_LOG"),
        ("equations/ordering.py", "orders_squared"),
        ("engines/world.py", "Orders"),
        ("engines/memory.py", "opener"),
    } <= seen
    files = {name for name, _ in seen}
    assert "specification.py" not in files
    assert files - kept(FOLDER) == set()


def test_every_pattern_of_sources_finds_some():
    """No pattern of the sources is a slip of the pen: each finds files, and none finds all."""
    found = [set(FOLDER.glob(pattern)) for pattern in SOURCES]
    assert all(found)
    assert set.union(*found) < set(FOLDER.rglob("*.py"))


# --- The doors ---


def test_parts_take_the_place_of_the_names_that_call_them():
    """A function compiles with the parts given to it, and is itself left as it was."""

    def twice(x):
        return 2 * x

    def part(x):
        return x + 1

    names = {"part": part}
    exec("def whole(x):\n    return 10 * part(x)", names)  # noqa: S102 -- a function of its own names
    whole = names["whole"]
    assert inlined(whole, part=inlined(part))(3) == 40
    assert inlined(whole, part=inlined(twice))(3) == 60
    assert whole(3) == 40


def test_division_by_nothing_is_that_of_arrays():
    """Compiled code divides as numpy does: by nothing it gives infinity, and no error."""

    def inverse(x):
        return 1.0 / x

    for door in (inlined, shared, compiled("float64(float64)")):
        assert door(inverse)(0.0) == math.inf


def test_place_of_the_cache_is_ours_alone(monkeypatch):
    """Whether compilation succeeds or not, others find numba's own setting as it was."""
    monkeypatch.setattr(config, "CACHE_DIR", "theirs")
    assert compiled("int64(int64)")(lambda x: x + 1)(1) == 2
    assert config.CACHE_DIR == "theirs"
    with pytest.raises(TypingError):
        compiled("int64(int64)")(lambda x: x.nowhere)
    assert config.CACHE_DIR == "theirs"


def test_other_threads_go_on_while_compiled_code_runs():
    """Compiled code does not hold the interpreter's lock: it can wait for what Python does."""
    most = 20_000_000_000

    @compiled("int64(int64[::1], int64[::1], int64)")
    def wait(flag, turns, most):
        while flag[0] == 0 and turns[0] < most:
            turns[0] += 1
        return turns[0]

    flag, turns = np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.int64)
    thread = Thread(target=wait, args=(flag, turns, most))
    thread.start()
    while turns[0] == 0:
        sleep(0)
    flag[0] = 1
    thread.join()
    assert turns[0] < most


KEPT = """
import sys
from pathlib import Path

from simulator import portable
from simulator.engines import compiling

compiling.FOLDER = Path("sources")
sys.path.insert(0, "sources")
from portable import GROWTH

before = compiling.is_compiled("program.grown")

@compiling.compiled("int64(int64)")
def grown(x):
    return x + GROWTH

print(before, grown(40), sum(grown.stats.cache_hits.values()))
"""


def test_later_process_takes_what_an_earlier_one_has_compiled(tmp_path, home):
    """A second process compiles nothing; when a constant of another file changes, all is new."""
    source = tmp_path / "sources" / "portable.py"
    source.parent.mkdir()
    program = tmp_path / "program.py"
    program.write_text(KEPT, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(FOLDER.parent), "PYTHONDONTWRITEBYTECODE": "1"}

    def told(growth):
        source.write_text(f"GROWTH = {growth}\n", encoding="utf-8")
        found = subprocess.run(  # noqa: S603 -- our own lines of Python
            [sys.executable, str(program)],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        return found.stdout.split()

    assert told(2) == ["False", "42", "0"]
    files = {file: file.stat().st_mtime_ns for file in home.rglob("*.nb*")}
    assert len(files) == 2
    assert told(2) == ["True", "42", "1"]
    assert {file: file.stat().st_mtime_ns for file in home.rglob("*.nb*")} == files
    assert told(3) == ["False", "43", "0"]


def doubled(x):
    """A function to compile."""
    return 2 * x


def test_nothing_is_compiled_before_the_first_start(home):
    """A start is the first one as long as nothing is kept under the present sources."""
    name = f"{Path(__file__).stem}.doubled"
    assert not is_compiled(name)
    home.mkdir(exist_ok=True)
    assert not is_compiled(name)
    compiled("int64(int64)")(doubled)
    assert is_compiled(name)
    assert not is_compiled(name[:-1])
