"""Simulation: nothing is computed twice, nothing is lost, and nothing depends on how it came."""

import subprocess
import sys

import pyarrow as pa
import pytest
from engines.worlds import MINIMAL, busy
from runs_for_tests import scenario, synthetic
from work_for_tests import deadly_at_seven

from simulator import storage
from simulator.errors import EnvironmentFaultError, RefusedError, ScenarioError, StoppedError
from simulator.executors import IN_PLACE, InPlace, Workforce, processes
from simulator.parts import only
from simulator.replication import Piece
from simulator.runs import Failure
from simulator.sampling import Goal
from simulator.scenario.reading import load
from simulator.simulation import LARGEST_PIECE, Question, condensed, produced, run

TINY = scenario()
REACHED = 120
"""Replications of the synthetic run that exist."""


@pytest.fixture(scope="module")
def busy_run():
    """Seven replications of the busy world."""
    return run(busy(), replications=7)


@pytest.fixture
def asked(monkeypatch):
    """Replications that were computed; they are those of a synthetic run and cost nothing."""
    computed = []
    whole = synthetic(REACHED)

    def engine(told, seed, replications, _):
        assert (told.name, seed) == ("tiny", 1)
        computed.extend(replications)
        return Piece(only(whole.tables, replications.start, replications.stop))

    monkeypatch.setattr("simulator.simulation.replicate", engine)
    monkeypatch.setitem(LARGEST_PIECE, "reference", 10)
    return computed


def answered(count, *, precision=None, results=None, **more):
    """The run of one question, in place."""
    question = Question(TINY, 1, Goal(count, precision))
    (found,) = produced([question], IN_PLACE, results=results, **more)
    return found


def stored(folder):
    """Every file of a results folder with its bytes, locks and notes left out."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


@pytest.mark.parametrize("chunk", [1, 3, 100])
def test_pieces_of_work_change_nothing(busy_run, chunk, monkeypatch):
    """The same run in other pieces is the same tables."""
    monkeypatch.setitem(LARGEST_PIECE, "reference", chunk)
    assert run(busy(), replications=7).tables == busy_run.tables


def test_seed_decides():
    """The scenario's own seed is used unless another is given, and another one is another world."""
    own, same, other = (run(busy(), replications=2, seed=seed) for seed in (None, 1, 2))
    assert own.seed == 1
    assert own.tables == same.tables
    assert own.id == same.id != other.id
    assert own.tables["replications"] != other.tables["replications"]


def test_progress_counts_replications(monkeypatch):
    """Whoever asks is told after every piece how many replications are done."""
    told = []
    monkeypatch.setitem(LARGEST_PIECE, "reference", 2)
    run(load(MINIMAL), replications=5, progress=lambda *done: told.append(done))
    assert told == [(2, 5), (4, 5), (5, 5)]


def test_target_year_is_one_of_the_headline():
    """A target year of which the headline office sees nothing in the horizon is refused."""
    with pytest.raises(ScenarioError, match="S141"):
        load(MINIMAL, {"target.year": 2022})


def test_too_large_a_run_is_refused():
    """A run of more than ten million replications is refused before it begins."""
    with pytest.raises(RefusedError):
        run(load(MINIMAL), replications=10_000_001)


def test_a_stored_run_is_not_computed_again(asked, tmp_path):
    """The second time everything is there."""
    first, second = (answered(60, results=tmp_path) for _ in range(2))
    assert first == second
    assert asked == list(range(60))


def test_more_replications_go_on_where_the_run_ended(asked, tmp_path):
    """F27: a longer run computes only what is new, and equals one made at once, to the byte."""
    answered(30, results=tmp_path / "grown")
    answered(100, results=tmp_path / "grown")
    assert asked == list(range(100))
    answered(100, results=tmp_path / "whole")
    (name,) = [path.name for path in (tmp_path / "whole" / "tiny").iterdir()]
    grown, whole = (stored(tmp_path / folder / "tiny" / name) for folder in ("grown", "whole"))
    assert grown == whole


def test_fewer_replications_are_the_beginning_of_more(asked, tmp_path):
    """A shorter run is read off a longer one."""
    answered(100, results=tmp_path)
    asked.clear()
    assert answered(40, results=tmp_path).tables == only(synthetic(REACHED).tables, 0, 40)
    assert asked == []


def test_a_run_that_was_stopped_goes_on(asked, tmp_path):
    """What was done before a stop is there, is told as a part, and is not computed again."""
    with pytest.raises(StoppedError) as stopped:
        answered(100, results=tmp_path, stop=lambda: len(asked) >= 30)
    assert stopped.value.made == 30
    part = storage.so_far(tmp_path, TINY, 1)
    assert (part.replications, part.asked, part.is_complete) == (30, 100, False)
    assert storage.so_far(tmp_path, TINY, 2) is None
    assert answered(100, results=tmp_path).tables == only(synthetic(REACHED).tables, 0, 100)
    assert asked == list(range(100))
    assert [path.name for path in (tmp_path / "tiny").iterdir()] == [
        run(TINY, seed=1, replications=100, results=tmp_path).id
    ]


def test_a_run_stops_when_the_chance_is_known(asked):
    """What is seen in every run is known to 2 points after a hundred; what is open is not."""
    sure = replace_target(1.0)
    question = Question(sure, 1, Goal(REACHED, 0.02))
    (found,) = produced([question], IN_PLACE)
    assert found.replications == 100
    assert len(asked) == 100
    assert answered(REACHED, precision=0.02).replications == REACHED


def replace_target(goal):
    """The tiny scenario with another target."""
    number = TINY.target.turnover_usd_million.model_copy(update={"value": goal})
    target = TINY.target.model_copy(update={"turnover_usd_million": number})
    return TINY.model_copy(update={"target": target})


@pytest.mark.usefixtures("asked")
def test_the_end_does_not_depend_on_what_was_there(tmp_path):
    """Looks come at the same numbers of replications, whether they were stored or not."""
    answered(REACHED, results=tmp_path)
    fresh = answered(110, precision=0.09)
    again = answered(110, precision=0.09, results=tmp_path)
    assert fresh == again


@pytest.mark.parametrize(
    ("count", "lanes", "sizes"),
    [
        (50, 2, [9] * 5 + [5]),
        (40, 2, [10] * 4),
        (11, 2, [6, 5]),
        (3, 4, [1] * 3),
        (25, 1, [9, 9, 7]),
    ],
)
def test_every_worker_has_as_many_pieces(monkeypatch, count, lanes, sizes):
    """Nobody waits for a last piece longer than it takes; none is larger than allowed."""
    handed, whole = [], synthetic(count)

    def engine(_, __, replications, ___):
        handed.append(len(replications))
        return Piece(only(whole.tables, replications.start, replications.stop))

    monkeypatch.setattr("simulator.simulation.replicate", engine)
    monkeypatch.setitem(LARGEST_PIECE, "reference", 10)
    produced([Question(TINY, 1, Goal(count, None))], Workforce(InPlace, lanes=lanes))
    assert handed == sizes


def test_a_run_is_stored_whatever_becomes_of_its_answer(asked, tmp_path):
    """The answer comes first; whoever cannot take it finds the run in the store."""
    found = []

    def take(run):
        found.append(storage.folder_of(run, tmp_path))
        assert not found[0].exists()
        raise OSError("nobody listens")

    question = Question(TINY, 1, Goal(20, None))
    with pytest.raises(OSError, match="nobody listens"):
        condensed([question], IN_PLACE, take, results=tmp_path)
    assert storage.load_run(found[0]).replications == 20
    assert len(asked) == 20


@pytest.mark.usefixtures("asked")
def test_failures_are_told_and_not_stored(tmp_path, monkeypatch):
    """F08: a run of which replications failed is given, but does not pass for a finished one."""
    whole = synthetic(REACHED)
    trouble = Failure(17, "ZeroDivisionError: division by zero", "Traceback ...")

    def fragile(_, __, replications, ___):
        tables = only(whole.tables, replications.start, replications.stop)
        if trouble.replication not in replications:
            return Piece(tables)
        before = only(tables, replications.start, 17)
        after = only(tables, 18, replications.stop)
        kept = {name: pa.concat_tables([before[name], after[name]]) for name in tables}
        return Piece(kept, (trouble,))

    monkeypatch.setattr("simulator.simulation.replicate", fragile)
    found = answered(60, results=tmp_path)
    assert (found.replications, found.asked, found.failures) == (59, 60, (trouble,))
    (folder,) = (tmp_path / "tiny").iterdir()
    assert folder.name.endswith(".unfinished")
    assert "Traceback" in (folder / "failures.json").read_text()


def test_what_fails_again_and_again_is_not_tried_to_the_end(tmp_path, monkeypatch):
    """F06: where no chance will be told, the other replications are not computed any more."""
    computed = []

    def broken(_, __, replications, ___):
        computed.extend(replications)
        return Piece(
            only(synthetic(2).tables, 9, 9), tuple(Failure(n, "bad") for n in replications)
        )

    monkeypatch.setattr("simulator.simulation.replicate", broken)
    monkeypatch.setitem(LARGEST_PIECE, "reference", 4)
    found = answered(1000, results=tmp_path)
    # Three pieces are too many failures; a fourth had been taken by then.
    assert len(computed) == len(found.failures) == 16
    assert (found.replications, found.asked) == (0, 1000)


@pytest.mark.parametrize("results", [True, False], ids=["stored", "in memory"])
def test_one_deadly_replication_is_named_and_all_others_are_there(tmp_path, results, monkeypatch):
    """F06: it ends its process twice, is halved out, given up, and costs no other replication."""
    told = []
    monkeypatch.setattr("simulator.simulation._work", deadly_at_seven)
    question = Question(load(MINIMAL), 1, Goal(40))
    (found,) = produced(
        [question], processes(2), results=tmp_path if results else None, tell=told.append
    )
    (failure,) = found.failures
    assert failure.replication == 7
    assert "fewer --workers" in failure.reason
    assert found.tables["replications"]["replication"].to_pylist() == [
        n for n in range(40) if n != 7
    ]
    assert any("lost" in text for text in told)


def test_questions_are_answered_each_in_its_place(asked, tmp_path):
    """Several questions share the work, and one asked twice gives the same run."""
    questions = [Question(TINY, 1, Goal(count)) for count in (20, 50, 20)]
    found = produced(questions, IN_PLACE, results=tmp_path)
    assert [one.replications for one in found] == [20, 50, 20]
    assert found[0] == found[2]
    assert asked == list(range(50))


@pytest.mark.usefixtures("asked")
def test_an_edited_scenario_is_another_run(tmp_path):
    """F26: what was begun with other values is left alone, and the values are named."""
    with pytest.raises(StoppedError):
        answered(100, results=tmp_path, stop=lambda: True)
    said = []
    edited = Question(replace_target(7.0), 1, Goal(20))
    produced([edited], IN_PLACE, results=tmp_path, tell=said.append)
    assert "another scenario (target.turnover_usd_million)" in said[0]
    assert storage.so_far(tmp_path, TINY, 1).asked == 100


@pytest.mark.usefixtures("asked")
def test_two_runs_at_once_do_not_meet(tmp_path):
    """F14: another seed is another series; both are complete."""
    first = answered(10, results=tmp_path)
    with storage.grown(tmp_path, TINY, 2, 10):
        assert answered(10, results=tmp_path) == first
    busy_series = storage.grown(tmp_path, TINY, 1, 20)
    with busy_series, pytest.raises(EnvironmentFaultError, match="is being written"):
        answered(20, results=tmp_path)


def test_a_lost_worker_is_told_and_not_traced(tmp_path):
    """A script from standard input cannot have workers, and is told so."""
    code = (
        "import simulator, sys\n"
        "from simulator.errors import EnvironmentFaultError\n"
        f"scenario = simulator.load({str(MINIMAL)!r})\n"
        "try:\n    simulator.run(scenario, replications=4, workers=2)\n"
        "except EnvironmentFaultError as error:\n    print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-"], input=code, capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert "use workers=1" in done.stdout


@pytest.mark.usefixtures("asked")
def test_of_every_run_only_what_is_asked_stays_in_memory():
    """What a function makes of each run comes back in the order of the questions."""
    questions = [Question(TINY, 1, Goal(count)) for count in (20, 10)]
    assert condensed(questions, IN_PLACE, lambda run: run.replications) == [20, 10]
