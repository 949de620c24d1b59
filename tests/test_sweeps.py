"""Sweeps: cells are ordinary runs, and a winner is one only where that is sure."""

from dataclasses import replace

import numpy as np
import pytest
from engines.worlds import MINIMAL, busy

from simulator import runs
from simulator.errors import FailedError, ScenarioError
from simulator.runs import Failure
from simulator.scenario.overriding import override
from simulator.scenario.reading import load
from simulator.simulation import run
from simulator.sweeps import as_data, is_beaten, study, sweep, swept

TARGET = "target.turnover_usd_million"
GROWTH = "exports.*.last_usd_million"


@pytest.fixture(scope="module")
def found():
    """A sweep of the busy world over its trade and the target."""
    return sweep(busy(), {GROWTH: [20, 40], TARGET: [10, 60]}, replications=160, seed=3, workers=2)


def test_a_cell_is_the_run_that_its_settings_name(found):
    """The same scenario run alone has the same id and the same average."""
    cell = found.cells[1]
    alone = run(override(busy(), cell.settings), seed=3, replications=160)
    turnover = runs.turnover(alone, runs.headline(alone), found.year)
    assert cell.run == alone.id
    assert cell.turnover.mean.value == pytest.approx(float(turnover.mean()))
    assert cell.chance.hits == np.count_nonzero(turnover >= cell.settings[TARGET])


def test_more_trade_wins_clearly(found):
    """Twice the trade is clearly better; a target that nobody feels changes nothing."""
    assert found.best.settings[GROWTH] == 40
    worse = {cell.settings[GROWTH] for cell in found.cells if cell.is_clearly_worse}
    assert worse == {20}
    assert found.winner is None, "two cells differ only in what is asked of them"
    alone = sweep(busy(), {GROWTH: [20, 40]}, replications=160, seed=3)
    assert alone.winner is alone.best
    assert alone.fresh.value == pytest.approx(alone.best.turnover.mean.value, rel=0.2)
    assert alone.fresh.value != alone.best.turnover.mean.value


def test_what_is_better_in_every_run_is_better():
    """H08: where every pair gives the same change there is no interval, and no doubt either."""
    sure = sweep(load(MINIMAL), {GROWTH: [20, 40]}, replications=10)
    assert sure.best.turnover.is_constant
    assert sure.winner is sure.best


def test_the_largest_seed_has_a_fresh_one():
    """Fresh draws are other draws, whatever the seed."""
    last = sweep(busy(), {GROWTH: [20]}, replications=2, seed=2**63 - 1)
    assert last.fresh.value != last.best.turnover.mean.value


def test_the_table_has_a_row_for_each_cell(found):
    """Settings, run and numbers by column; as data the same."""
    table = found.table()
    assert table.num_rows == 4
    assert table.column_names[:2] == [GROWTH, TARGET]
    assert as_data(found)["cells"][0]["run"] == table["run"][0].as_py()
    with pytest.raises(KeyError):
        found.table("nothing")


def test_fifty_cells_of_nothing_have_no_winner():
    """V37: a sweep of 50 settings that do not matter names a winner in at most 5 of 100.

    Each of 200 sweeps draws its cells independently from 1,000 real replications, which is harder
    than shared draws, where all cells would be the same. Also at most 5 of 100 call any cell
    clearly worse than the best-looking one on account of one pair that was chosen beforehand.
    """
    whole = run(busy(), replications=1000, seed=5, workers=2)
    turnover = runs.turnover(whole, runs.headline(whole), whole.scenario.target.year)
    random = np.random.default_rng(6)
    winners = any_called = 0
    for _ in range(200):
        cells = turnover[random.integers(0, turnover.size, (50, 200))]
        best = int(np.argmax(cells.mean(axis=1)))
        worse = [is_beaten(cells[n], cells[best], 50) for n in range(50) if n != best]
        winners += all(worse)
        any_called += any(worse)
    assert winners <= 10
    # 10 are expected at most; 20 or more would come by chance in 1 of 300 tests.
    assert any_called < 20


def test_a_path_that_is_not_there_is_told():
    """S151 before anything runs."""
    with pytest.raises(ScenarioError, match="S151"):
        sweep(load(MINIMAL), {"settlement.nothing": [1]}, replications=2)


def test_a_cell_with_failures_is_no_cell():
    """What cannot be paired is not ranked."""

    def made(questions):
        one = run(load(MINIMAL), replications=2)
        return [replace(one, failures=(Failure(5, "lost"),)) for _ in questions]

    with pytest.raises(FailedError, match="the first is 5: lost") as caught:
        swept(study(load(MINIMAL), []), 1, 2, made)
    assert caught.value.exit_code == 5


def test_stored_cells_are_not_computed_again(tmp_path, monkeypatch):
    """A sweep over the same cells reads them all."""
    asked = (load(MINIMAL), {GROWTH: "20..40:3"})
    first = sweep(*asked, replications=5, results=tmp_path)

    def never(*_):
        raise AssertionError("computed again")

    monkeypatch.setattr("simulator.simulation.replicate", never)
    assert sweep(*asked, replications=5, results=tmp_path) == first
