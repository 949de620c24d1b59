"""Simulation: what a run's tables hold, and that seed and scenario decide everything."""

import subprocess
import sys

import numpy as np
import pyarrow.compute as pc
import pytest
from engines.worlds import MINIMAL, busy

from simulator.errors import RefusedError, ScenarioError
from simulator.ledger import POTENTIAL, REALISED
from simulator.runs import SCHEMAS
from simulator.scenario.reading import load
from simulator.simulation import replicate, run


@pytest.fixture(scope="module")
def busy_run():
    """Seven replications of the busy world."""
    return run(busy(), replications=7)


def total(table, column, **where):
    """Sum of a column by replication, over the rows of some values."""
    for name, value in where.items():
        table = table.filter(pc.equal(table[name], value))
    sums = np.zeros(7, dtype=np.int64)
    np.add.at(sums, table["replication"].to_numpy(), table[column].to_numpy())
    return sums.tolist()


def test_tables_agree_with_each_other(busy_run):
    """Years, months, ledger and replications tell the same deliveries of the target year."""
    tables = busy_run.tables
    delivered = tables["replications"]["delivered_cents"].to_pylist()
    years = tables["years"]
    assert delivered == total(years, "delivered_cents", statistics="home", year=2023)
    assert delivered == total(tables["ledger"], "cents", year=2023, account=REALISED)
    months = tables["months"]
    in_2023 = months.filter(pc.starts_with(months["month"], "2023"))
    assert delivered == total(in_2023, "delivered_cents")
    potential = tables["replications"]["potential_cents"].to_pylist()
    assert potential == total(tables["ledger"], "cents", year=2023, account=POTENTIAL)
    both = [total(years, "delivered_cents", statistics=name) for name in ("home", "abroad")]
    assert both[0] == both[1] == total(months, "delivered_cents")


def test_tables_hold_every_replication(busy_run):
    """Each replication has its row, two years of one office and three of the other, 24 months."""
    tables = busy_run.tables
    assert tables["replications"]["replication"].to_pylist() == list(range(7))
    assert tables["years"].num_rows == 7 * (2 + 3) * 2
    assert tables["months"].num_rows == 7 * 24 * 2
    assert len(pc.unique(tables["months"]["month"])) == 24
    complete = tables["years"].filter(tables["years"]["complete"])
    assert sorted(pc.unique(complete["year"]).to_pylist()) == [2023, 2024]
    lost = tables["replications"]["lost_orders"].to_numpy()
    delivered = tables["replications"]["delivered_orders"].to_numpy()
    orders = tables["replications"]["orders"].to_numpy()
    assert np.all(lost + delivered < orders)
    assert np.all(lost > 0)


def test_ledger_leaves_out_what_is_nothing(busy_run):
    """The ledger has a row for every account of a flow and year that is not zero, and no other."""
    cents = busy_run.tables["ledger"]["cents"].to_numpy()
    assert np.all(cents != 0)


@pytest.mark.parametrize("chunk", [1, 3, 100])
def test_pieces_of_work_change_nothing(busy_run, chunk):
    """The same run in other pieces is the same tables."""
    assert run(busy(), replications=7, chunk=chunk).tables == busy_run.tables


def test_replications_are_the_same_alone(busy_run):
    """The fifth replication alone is the fifth of the run."""
    seed = busy_run.seed
    alone = replicate(busy(), seed, range(5, 6))
    for name in SCHEMAS:
        table = busy_run.tables[name]
        assert table.filter(pc.equal(table["replication"], 5)) == alone[name]


def test_seed_decides():
    """The scenario's own seed is used unless another is given, and another one is another world."""
    own, same, other = (run(busy(), replications=2, seed=seed) for seed in (None, 1, 2))
    assert own.seed == 1
    assert own.tables == same.tables
    assert own.id == same.id != other.id
    assert own.tables["replications"] != other.tables["replications"]


def test_progress_counts_replications():
    """Whoever asks is told after every piece how many replications are done."""
    told = []
    run(load(MINIMAL), replications=5, chunk=2, progress=lambda *done: told.append(done))
    assert told == [(2, 5), (4, 5), (5, 5)]


def test_target_year_is_one_of_the_headline():
    """A target year of which the headline office sees nothing in the horizon is refused."""
    with pytest.raises(ScenarioError, match="S141"):
        load(MINIMAL, {"target.year": 2022})


def test_too_large_a_run_is_refused():
    """A run of more than ten million replications is refused before it begins."""
    with pytest.raises(RefusedError):
        run(load(MINIMAL), replications=10_000_001)


def test_a_lost_worker_is_told_and_not_traced(tmp_path):
    """A script from standard input cannot have workers, and is told so."""
    code = (
        "import simulator, sys\n"
        "from simulator.errors import EnvironmentFaultError\n"
        f"scenario = simulator.load({str(MINIMAL)!r})\n"
        "try:\n    simulator.run(scenario, replications=4, workers=2, chunk=1)\n"
        "except EnvironmentFaultError as error:\n    print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-"], input=code, capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert "use workers=1" in done.stdout
