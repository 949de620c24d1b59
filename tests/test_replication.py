"""Replication: what the tables hold, and that one bad replication costs no other."""

import numpy as np
import pyarrow.compute as pc
import pytest
from engines.worlds import busy

from simulator.engines.reference import simulate
from simulator.errors import InvariantError
from simulator.ledger import POTENTIAL, REALISED
from simulator.replication import replicate
from simulator.runs import SCHEMAS
from simulator.simulation import run


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
    months = busy_run.table("months")
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


def test_replications_are_the_same_alone(busy_run):
    """The fifth replication alone is the fifth of the run."""
    seed = busy_run.seed
    alone = replicate(busy(), seed, range(5, 6)).tables
    for name in SCHEMAS:
        table = busy_run.tables[name]
        assert table.filter(pc.equal(table["replication"], 5)) == alone[name]


def test_one_bad_replication_costs_no_other(busy_run, monkeypatch):
    """F08: what fails is named with its reason and traceback; the others are as they were."""

    def fragile(spec, world, draws):
        if draws.replication == 3:
            raise ZeroDivisionError("division by zero")
        return simulate(spec, world, draws)

    monkeypatch.setattr("simulator.engines.reference.simulate", fragile)
    piece = replicate(busy(), busy_run.seed, range(7))
    (failure,) = piece.failures
    assert (failure.replication, failure.reason) == (3, "ZeroDivisionError: division by zero")
    assert "Traceback" in failure.details
    for name in SCHEMAS:
        table = busy_run.tables[name]
        assert table.filter(pc.not_equal(table["replication"], 3)) == piece.tables[name]


def test_memory_that_runs_out_is_told_with_what_needs_less(monkeypatch):
    """F07: the replication is left out, and its reason says what to change."""

    def greedy(*_):
        raise MemoryError

    monkeypatch.setattr("simulator.engines.reference.simulate", greedy)
    (failure,) = replicate(busy(), 1, range(1)).failures
    assert failure.reason.startswith("memory ran out: fewer --workers")


def test_a_broken_law_stops_everything(monkeypatch):
    """H02: a law of the books that is broken is no failure of one replication: nothing is right."""

    def broken(*_):
        raise InvariantError("money appeared from nowhere")

    monkeypatch.setattr("simulator.replication.check", broken)
    with pytest.raises(InvariantError):
        replicate(busy(), 1, range(2))
