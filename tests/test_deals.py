"""Deals: the largest relationship or contract, checked against orders one by one."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from engines.worlds import busy

from simulator.books import Year, edges_of, years
from simulator.conditions import conditions
from simulator.deals import deals_of, largest_deals
from simulator.draws import Draws
from simulator.engines.reference import simulate
from simulator.journal import Journal
from simulator.specification import specification
from simulator.trajectory import DUES, ORDERS, Trajectories

REPLICATIONS = range(12)
SPEC = specification(busy())


@cache
def lived(replication):
    """Trajectory of one replication of the busy world."""
    draws = Draws(1, replication)
    return simulate(SPEC, conditions(SPEC, draws), draws)


def largest(trajectory, spans):
    """The largest deals of one or several trajectories."""
    journal = Journal(SPEC, trajectory)
    return largest_deals(journal, deals_of(journal), edges_of(spans))


@pytest.mark.parametrize("replication", REPLICATIONS)
def test_largest_deal_is_that_of_partners_one_by_one(replication):
    """The largest deal is the relationship or contract that delivered most in the year."""
    t = lived(replication)
    for year in years(SPEC, "home"):
        totals = {}
        for order in np.flatnonzero(t.is_delivered):
            if year.first <= t.ended[order] < year.after:
                deal = (int(t.stream[order]), int(t.flow[order]), int(t.partner[order]))
                totals[deal] = totals.get(deal, 0) + int(t.cents[order])
        stream, flow, partner = max(totals, key=totals.get)
        kinds = ("incumbent", "entrant")
        name = (
            f"{SPEC.contracts[stream - 2][0]} {partner + 1}"
            if stream >= 2
            else f"{SPEC.flows[flow].name} {kinds[stream]} {partner + 1}"
        )
        found = largest(t, [year])
        assert found.cents[0] == max(totals.values())
        assert found.name(SPEC, 0) == name
        cents = [0, 0]
        cents[flow] = max(totals.values())  # one flow an exporter
        assert found.by_exporter(SPEC)[0].tolist() == cents
        assert found.is_contract[0] == (stream >= 2)


def test_contracts_and_relationships_can_be_the_largest():
    """Over the replications the largest deal is now a contract, now a relationship."""
    deals = [
        largest(lived(replication), [year])
        for replication in REPLICATIONS
        for year in years(SPEC, "home")
    ]
    assert {bool(deal.is_contract[0]) for deal in deals} == {True, False}


def test_nothing_delivered_has_no_largest_deal():
    """In a span without deliveries the largest deal is nobody's, of nothing."""
    found = largest(lived(0), [Year(2023, 0.0, 0.0, is_complete=True)])
    assert (found.name(SPEC, 0), found.cents[0], bool(found.is_contract[0])) == ("", 0, False)


def test_largest_deals_of_many_are_those_of_each():
    """The largest deals of several replications and years are those of each one alone."""
    spans = list(years(SPEC, "abroad"))
    deals = largest(Trajectories.of([lived(row) for row in REPLICATIONS]), spans)
    for row in REPLICATIONS:
        own = largest(lived(row), spans)
        assert [deals.name(SPEC, row, n) for n in range(3)] == [own.name(SPEC, n) for n in range(3)]
        assert np.array_equal(deals.cents[row], own.cents)


def test_replication_without_orders_has_no_largest_deal():
    """Where nothing was ever ordered there is no deal, whoever else is there."""
    empty = replace(lived(0), **{name: getattr(lived(0), name)[:0] for name in (*ORDERS, *DUES)})
    spans = list(years(SPEC, "home"))
    found = largest(Trajectories.of([empty, lived(1), empty]), spans)
    assert np.array_equal(found.cents, [[0, 0], largest(lived(1), spans).cents, [0, 0]])
    for deals, places in ((found, [(0, 0), (2, 1)]), (largest(empty, spans), [(0,), (1,)])):
        assert [deals.name(SPEC, *place) for place in places] == ["", ""]


def test_first_of_equal_deals_is_the_largest():
    """Of deals that delivered as much it is the first by stream, flow and number."""
    t = lived(0)
    (year,) = list(years(SPEC, "home"))[:1]
    worthless = replace(t, cents=np.zeros_like(t.cents))
    rows = np.flatnonzero(t.is_delivered & (t.ended >= year.first) & (t.ended < year.after))
    deals = sorted({(int(t.stream[n]), int(t.flow[n]), int(t.partner[n])) for n in rows})[-3:]
    for stream, flow, partner in deals:
        same = (t.stream[rows] == stream) & (t.flow[rows] == flow) & (t.partner[rows] == partner)
        worthless.cents[rows[same][0]] = 700
    found = largest(worthless, [year])
    assert (found.stream[0], found.flow[0], found.partner[0]) == deals[0]
    assert found.cents[0] == 700
