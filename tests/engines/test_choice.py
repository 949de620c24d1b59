"""Choice: a few replications start at once, many run fast, and both do without numba if need be."""

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.draws import filled
from simulator.engines import choice, reference
from simulator.engines.choice import (
    AUTO,
    COMPILED,
    ENGINES,
    FEW,
    FEW_TO_COMPILE_FOR,
    REFERENCE,
    chosen,
    engine_of,
)
from simulator.errors import EnvironmentFaultError

ROOT = Path(__file__).parents[2]


@pytest.fixture
def numba():
    """Skip where there is no numba."""
    pytest.importorskip("numba", reason="the compiled engine needs numba")


@pytest.fixture
def compiling(tmp_path, monkeypatch):
    """The way to numba, with nothing kept of earlier starts."""
    pytest.importorskip("numba", reason="the compiled engine needs numba")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return import_module("simulator.engines.compiling")


@pytest.fixture
def without_numba(monkeypatch):
    """A machine on which numba is not installed."""

    def importing(name):
        raise ImportError(name)

    monkeypatch.setattr(choice, "import_module", importing)


def python(code):
    """What a fresh interpreter prints."""
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stderr == ""
    return done.stdout.splitlines()


@settings(derandomize=True, deadline=None)
@given(st.integers(1, 2 * FEW))
def test_few_replications_start_at_once(replications):
    """Left to choose, the reference has so many replications as it is fast enough for."""
    pytest.importorskip("numba", reason="the compiled engine needs numba")
    engine_of(COMPILED)  # it is compiled by now
    expected = REFERENCE if replications <= FEW else COMPILED
    assert chosen(AUTO, replications) == expected


@pytest.mark.parametrize("replications", [1, FEW, FEW + 1, 10**6])
@pytest.mark.usefixtures("numba")
def test_engine_that_is_named_is_taken(replications):
    """Whoever names an engine gets it, however many replications there are."""
    assert chosen(REFERENCE, replications) == REFERENCE
    assert chosen(COMPILED, replications) == COMPILED


@pytest.mark.parametrize("name", ["", "Reference", "numba", "simulator", "loading"])
@pytest.mark.parametrize("replications", [1, FEW + 1])
def test_unknown_engine_is_refused(name, replications):
    """A name that is no engine's is refused with those that are, and nothing else is said."""
    said = []
    with pytest.raises(ValueError, match=f"{name} is none of the engines") as refused:
        chosen(name, replications, said.append)
    assert str(refused.value).endswith(", ".join(ENGINES))
    assert said == []


@pytest.mark.usefixtures("without_numba")
def test_reference_stands_in_without_numba():
    """Without numba the reference does the work, and one sentence says so."""
    said = []
    assert chosen(AUTO, FEW + 1, said.append) == REFERENCE
    (sentence,) = said
    assert "numba is not there" in sentence
    assert sentence.count(".") == 1
    assert sentence.endswith(".")
    # Nobody need listen.
    assert chosen(AUTO, FEW + 1) == REFERENCE


@pytest.mark.usefixtures("without_numba")
def test_engine_that_is_named_and_not_there_is_an_error():
    """Who names the compiled engine is not given another one in silence."""
    with pytest.raises(EnvironmentFaultError, match="numba"):
        chosen(COMPILED, 1)


def test_cache_that_cannot_be_written_is_told(monkeypatch, compiling, tmp_path):
    """Where every start compiles, that is said, and pays only for many replications."""
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    said = []
    assert not compiling.can_keep()
    assert chosen(AUTO, FEW_TO_COMPILE_FOR, said.append) == REFERENCE
    assert said == []
    assert chosen(AUTO, FEW_TO_COMPILE_FOR + 1, said.append) == COMPILED
    assert chosen(COMPILED, 1, said.append) == COMPILED
    assert [sentence.count("at every start") for sentence in said] == [1, 1]


@pytest.mark.parametrize(("engine", "replications"), [(AUTO, FEW), (REFERENCE, FEW + 1)])
@pytest.mark.usefixtures("without_numba")
def test_reference_does_not_miss_numba(engine, replications):
    """Where the reference is meant nothing is said of what is not installed."""
    said = []
    assert chosen(engine, replications, said.append) == REFERENCE
    assert said == []


def test_everything_works_without_numba():
    """On a machine without numba both choices fall back, and the engine they name runs."""
    code = """
import sys
sys.modules["numba"] = sys.modules["llvmlite"] = None
from simulator.engines.choice import chosen, engine_of
from simulator.scenario.reading import load
from simulator.specification import specification
for name, replications in (("auto", 40), ("auto", 41)):
    engine = chosen(name, replications, lambda sentence: print("told:", sentence))
    print(name, replications, engine)
spec = specification(load("tests/scenarios/minimal.yaml"))
worlds, lived = engine_of(engine)(spec, 1, range(2))
print(len(worlds), len(lived), lived.orders.tolist())
"""
    assert python(code) == [
        "auto 40 reference",
        "told: numba is not there: the reference engine does the work, with the same numbers.",
        "auto 41 reference",
        "2 2 [48, 48]",
    ]


def test_reference_starts_without_numba_being_loaded():
    """Who runs a few replications does not wait for numba: it is not even loaded."""
    code = """
import sys
from simulator.engines.choice import FEW, chosen, engine_of
print(engine_of(chosen("auto", FEW)).__module__, "numba" in sys.modules, "llvmlite" in sys.modules)
"""
    assert python(code) == ["simulator.engines.reference False False"]


def test_first_start_says_that_it_compiles(compiling, tmp_path):
    """Where nothing is kept of an earlier start one sentence says why this one takes so long.

    Choosing compiles nothing yet.
    """
    said = []
    assert not compiling.is_compiled("compiled.run")
    assert chosen(AUTO, FEW_TO_COMPILE_FOR, said.append) == REFERENCE
    assert said == []
    assert chosen(AUTO, FEW_TO_COMPILE_FOR + 1, said.append) == COMPILED
    assert chosen(COMPILED, 1, said.append) == COMPILED
    assert len(said) == 2
    (sentence,) = set(said)
    assert "being compiled" in sentence
    assert sentence.index(".") == len(sentence) - 1
    assert not list(tmp_path.rglob("*.nb*"))
    # The reference needs nothing compiled.
    chosen(AUTO, FEW, said.append)
    chosen(REFERENCE, FEW + 1, said.append)
    assert len(said) == 2


def test_start_after_an_interrupted_one_says_it_again(compiling):
    """An empty folder, or what other sources have left, is not the engine that is needed."""
    said = []
    folder = compiling.cache_folder()
    folder.mkdir(parents=True, exist_ok=True)
    other = folder.with_name("0" * 16)
    other.mkdir()
    (other / "compiled.run-1046.py311.nbi").touch()
    assert chosen(COMPILED, 1, said.append) == COMPILED
    assert len(said) == 1


@pytest.mark.usefixtures("numba")
def test_later_starts_say_nothing():
    """Where an earlier start has left its code, as this one has, there is nothing to say."""
    said = []
    engine_of(COMPILED)
    if not import_module("simulator.engines.compiling").is_compiled("compiled.run"):
        pytest.skip("the cache cannot be written")
    assert chosen(AUTO, FEW + 1, said.append) == COMPILED
    assert chosen(COMPILED, 1, said.append) == COMPILED
    assert said == []


@pytest.mark.parametrize("name", [REFERENCE, COMPILED])
@pytest.mark.usefixtures("numba")
def test_engine_is_what_its_name_says(name):
    """By its name comes the engine that runs replications, and whichever is chosen has one."""
    engine = engine_of(name)
    module = import_module(f"simulator.engines.{name}")
    assert engine is module.simulate_all
    assert callable(engine)
    assert (engine is reference.simulate_all) == (name == REFERENCE)
    assert {chosen(AUTO, 1), chosen(AUTO, 10**6)} == {*ENGINES} - {AUTO}


def test_draws_are_fetched_in_machine_code_only_where_that_is_there(compiling, monkeypatch):
    """Nothing is compiled for a few draws; what was compiled once gives the bits of numpy."""
    assert choice.fill() is None
    monkeypatch.setattr(compiling, "is_compiled", lambda _: True)
    fast = choice.fill()
    arguments = (7, [11, 13], range(3, 6), 2, 1, 0)
    assert fast(*arguments).tolist() == filled()(*arguments).tolist()
