"""Stocks: what machine code makes of relationships in balance is what arrays make of them."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

pytest.importorskip("numba", reason="the compiled engine needs numba")

from engines.worlds import busy, flagship

from simulator import conditions, portable
from simulator.draws import Draws
from simulator.engines import compiled, stocks
from simulator.specification import specification

FLOWS = 3
LAW = np.array([1, 0, 1])


@settings(derandomize=True, deadline=None, max_examples=60)
@given(
    st.lists(st.floats(0.0, 1e3), min_size=FLOWS, max_size=FLOWS),
    st.lists(st.floats(0.0, 5.0), min_size=2, max_size=2),
    st.floats(0.0, 1.0),
)
@example([0.0, 0.0, 1e-9], [0.0, 1.0], 0.0)
def test_bits_are_those_of_arrays(rates, hazards, start):
    """Whether relationships live for ever, for years, or not a day."""
    failures = np.array([rates, rates[::-1]])
    ages = conditions.AGES
    survived = np.exp(-np.array([hazards, hazards[::-1]])[..., None] * ages)
    sizes = start + (1.0 - start) * np.stack([ages / (ages + 1.0), np.ones_like(ages)])
    expected = conditions.stationary.__wrapped__(failures, survived, sizes, LAW)
    found = stocks.stationary(failures, survived, sizes, LAW)
    assert [part.tobytes() for part in found] == [part.tobytes() for part in expected]


@pytest.mark.parametrize("scenario", [busy, flagship])
def test_worlds_are_the_same_with_machine_code(scenario, monkeypatch):
    """Whoever draws a world takes machine code where it is loaded, and has the same life tables."""
    spec, draws = specification(scenario()), Draws(1, range(3))
    assert compiled.stationary is stocks.stationary
    found = conditions.worlds(spec, draws).lives
    monkeypatch.delitem(portable._MACHINE_CODE, "stationary")  # noqa: SLF001 -- as if not loaded
    plain = conditions.worlds(spec, draws).lives
    for name in ("hazard", "survivors", "mean_years", "mean_size"):
        assert getattr(found, name).tobytes() == getattr(plain, name).tobytes()
