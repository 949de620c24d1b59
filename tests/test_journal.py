"""Journal: sums of cents are exact, and every moment falls into its span."""

import numpy as np
import pytest
from engines.worlds import busy, lives

from simulator.journal import EVERY, Journal, sums
from simulator.specification import specification

SPEC = specification(busy())
(LIVED,) = lives(busy(), 1)
JOURNAL = Journal(SPEC, LIVED)


def test_sums_beyond_floating_point_are_exact(monkeypatch):
    """Cents add up to the last one, in whichever way they are summed."""
    flow = (LIVED.flow, 2)
    fast = sums(LIVED, EVERY, LIVED.cents, flow)
    assert fast.tolist() == [int(LIVED.cents[LIVED.flow == n].sum()) for n in (0, 1)]
    monkeypatch.setattr("simulator.journal.EXACT", 0.0)
    assert np.array_equal(sums(LIVED, EVERY, LIVED.cents, flow), fast)


@pytest.mark.parametrize("edges", [[0.0, 365.0, 731.0], [79.0, 444.0], [0.0, 0.0], [365.0, 731.0]])
def test_a_moment_falls_into_the_span_that_a_search_finds(edges):
    """First moments belong to a span, the last ones do not; what never happened is in none."""
    around = [near for edge in edges for near in np.nextafter(edge, [-np.inf, edge, np.inf])]
    days = np.array([-400.0, -0.5, *around, 200.25, 730.999, 5000.0, np.nan])
    found, length = JOURNAL.span(np.array(edges), JOURNAL.whole(days))
    inside = [sum(edge <= day for edge in edges) if day < edges[-1] else 0 for day in days]
    assert found.tolist() == inside
    assert length == len(edges)


def test_periods_make_spans():
    """What is summed by period and then over spans is what is summed by span."""
    edges = JOURNAL.edges[[0, 3, 3, 11, 20]]
    over = JOURNAL.over(edges, JOURNAL.delivered)
    assert np.array_equal(over, JOURNAL.during(edges, JOURNAL.ended, JOURNAL.delivered_cents))
    assert over.any()
