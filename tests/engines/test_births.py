"""Births: the relationships of the compiled engine are those of ``lives``, one by one."""

import numpy as np
import pytest
from engines.twins import addresses
from engines.worlds import FLAGSHIP, busy
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator import lives
from simulator.conditions import worlds
from simulator.draws import Draws
from simulator.engines import births, compiled
from simulator.engines.loading import loaded
from simulator.engines.world import DONE, RECORD
from simulator.scenario.reading import load
from simulator.specification import specification
from simulator.trajectory import ENTRANTS, INCUMBENTS

COLUMNS = ("age_years", "left_years", "value", "phase")
TABLE = [0.0, 0.5, 0.5, 2.0, 7.0]
VALUES = [3.0, 4.0, 5.0, 6.0, 9.0]
"""A table, in which one step has no width."""


def born(scenario, replication):
    """What was drawn of every relationship of a replication, with flow, stream and number."""
    spec = specification(scenario)
    drawn = worlds(spec, Draws(1, range(replication, replication + 1)))
    loading = loaded(spec, drawn, 100_000, 10_000)
    assert compiled.run(addresses(loading)) == DONE
    total = loading.common["partners", "total"][0]
    columns = {
        name: loading.common["partners", name][:total:RECORD]
        for name in ("flow", "stream", "number", *COLUMNS)
    }
    return spec, drawn, columns


@pytest.mark.parametrize("scenario", [load(FLAGSHIP), busy()], ids=["flagship", "busy"])
def test_relationships_are_those_of_lives(scenario):
    """Those at the start are all of ``lives.incumbents``, those who enter are of its entrants."""
    spec, drawn, found = born(scenario, 3)
    world, draws, entered = drawn.one(0), Draws(1, 3), 0
    for flow in range(len(spec.flows)):
        stock = lives.incumbents(spec, world, draws, flow)
        rows = (found["flow"] == flow) & (found["stream"] == INCUMBENTS)
        assert found["number"][rows].tolist() == list(range(len(stock.value)))
        for name in COLUMNS:
            assert np.array_equal(found[name][rows], getattr(stock, name)), name
        rows = (found["flow"] == flow) & (found["stream"] == ENTRANTS)
        numbers = found["number"][rows]
        entered += len(numbers)
        last = int(numbers.max(initial=0))
        _, candidates = lives.entrants(spec, world, draws, flow, 0, last + 1)
        for name in COLUMNS:
            assert np.array_equal(found[name][rows], getattr(candidates, name)[numbers]), name
    assert entered > 10


def test_incumbents_come_first_and_carry_the_base_flow():
    """Sizes at their ages, summed in order, are the flow that the stock serves at the start."""
    spec, drawn, found = born(load(FLAGSHIP), 5)
    is_incumbent = found["stream"] == INCUMBENTS
    assert is_incumbent[: is_incumbent.sum()].all()
    start, growth = (
        drawn.numbers[0, spec.place(f"relationships.{name}")]
        for name in ("start_share", "growth_years")
    )
    for flow in range(len(spec.flows)):
        rows = is_incumbent & (found["flow"] == flow)
        grown = births.size.py_func(found["age_years"][rows], start, growth)
        carried = (found["value"][rows] * grown).sum()
        assert carried == pytest.approx(drawn.incumbent[0, flow], rel=1e-12)


@settings(derandomize=True, deadline=None)
@given(st.floats(-1.0, 10.0) | st.sampled_from(TABLE), st.integers(0, 3))
def test_interpolation_is_that_of_lives(x, before):
    """One number at a time gives the bits of the whole array, wherever a table begins."""
    known = np.array([-5.0] * before + TABLE)
    values = np.array([8.0] * (3 - before) + VALUES)
    one = births.interpolated(x, known, before, values, 3 - before, len(TABLE), 77.0)
    (other,) = lives.interpolated(np.array([x]), np.array(TABLE), np.array(VALUES), beyond=77.0)
    assert one == other
