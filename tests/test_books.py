"""Books: every dollar of every trajectory in one account, checked against orders one by one."""

from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from engines.worlds import MINIMAL, busy
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.books import (
    Year,
    delivered_by_exporter,
    edges_of,
    ledger,
    reported,
    residual,
    years,
)
from simulator.conditions import conditions
from simulator.deals import deals_of, largest_deals
from simulator.draws import Draws
from simulator.engines.reference import simulate, simulate_all
from simulator.journal import Journal
from simulator.ledger import ACCOUNTS, CAUSES, POTENTIAL, REALISED
from simulator.scenario.reading import load
from simulator.specification import specification
from simulator.trajectory import LOST

REPLICATIONS = range(12)
OFFICES = ("home", "abroad")
SPEC = specification(busy())
EDGES = SPEC.periods.edges[SPEC.periods.warm_up :]


@cache
def lived(replication):
    """Conditions and trajectory of one replication of the busy world."""
    draws = Draws(1, replication)
    world = conditions(SPEC, draws)
    return world, simulate(SPEC, world, draws)


def span(first, after):
    """A span of days as a year."""
    return Year(2023, first, after, is_complete=True)


def closed(spec, world, trajectory, year):
    """The ledger of one span, cents by flow."""
    books = ledger(world, Journal(spec, trajectory), edges_of([year]))
    return {name: cents[0] for name, cents in books.items()}


def delivered(spec, trajectory, year):
    """True deliveries of one span, cents by exporter."""
    return delivered_by_exporter(Journal(spec, trajectory), edges_of([year]))[0]


# --- Ledger ---


@pytest.mark.parametrize("office", OFFICES)
@pytest.mark.parametrize("replication", REPLICATIONS)
def test_ledger_adds_up_exactly(replication, office):
    """Potential less every account is what was realised, to the cent, in every year and flow."""
    world, trajectory = lived(replication)
    for year in years(SPEC, office):
        books = closed(SPEC, world, trajectory, year)
        assert list(books) == list(ACCOUNTS)
        assert not residual(books).any()


@settings(derandomize=True, deadline=None, max_examples=40)
@given(
    st.sampled_from(REPLICATIONS),
    st.lists(st.sampled_from(EDGES), min_size=2, max_size=5, unique=True),
)
def test_ledgers_of_neighbouring_spans_are_one_ledger(replication, cuts):
    """Any spans of months add up, and the ledger of a whole is the sum of its parts.

    Each month of potential is rounded to the cent on its own, so this too holds exactly.
    """
    world, trajectory = lived(replication)
    cuts = sorted(cuts)
    parts = [closed(SPEC, world, trajectory, span(first, after)) for first, after in pairwise(cuts)]
    whole = closed(SPEC, world, trajectory, span(cuts[0], cuts[-1]))
    assert not residual(whole).any()
    for account in ACCOUNTS:
        assert np.array_equal(whole[account], sum(part[account] for part in parts))


def pending(trajectory, order, day):
    """The first obstacle of one order under way at a day, or None."""
    is_created = trajectory.created[order] < day
    if not is_created or trajectory.ended[order] < day:
        return None
    is_hindered = trajectory.hindered[order] < day
    return int(trajectory.cause[order]) if is_hindered else len(CAUSES) - 1


@pytest.mark.parametrize("replication", [0, 5])
def test_accounts_are_those_of_orders_one_by_one(replication):
    """Lost, late, contract and realised accounts are sums over single orders and instalments."""
    world, t = lived(replication)
    for year in years(SPEC, "home"):
        expected = {account: np.zeros(2, dtype=np.int64) for account in ACCOUNTS}
        names = list(CAUSES)
        for order in range(len(t.flow)):
            flow, cents = t.flow[order], t.cents[order]
            if year.first <= t.ended[order] < year.after:
                lost = t.state[order] == LOST
                account = f"lost_{names[t.verdict[order]]}" if lost else REALISED
                expected[account][flow] += cents
            for day, sign in ((year.after, 1), (year.first, -1)):
                cause = pending(t, order, day)
                if cause is not None:
                    expected[f"late_{names[cause]}"][flow] += sign * cents
        for due in range(len(t.due_flow)):
            if year.first <= t.due_day[due] < year.after:
                missing = t.due_face_cents[due] - t.due_ordered_cents[due]
                account = "shortfall" if t.due_executed[due] else "not_executed"
                expected[account][t.due_flow[due]] += missing
        books = closed(SPEC, world, t, year)
        for account in ACCOUNTS:
            if account not in ("potential", "adjustment", "search"):
                assert np.array_equal(books[account], expected[account]), account


def test_world_without_friction_loses_nothing():
    """Twelve orders a year of a world without friction realise its potential, but for the last."""
    spec, draws = specification(load(MINIMAL)), Draws(1, 0)
    world = conditions(spec, draws)
    trajectory = simulate(spec, world, draws)
    first, second = (closed(spec, world, trajectory, year) for year in years(spec, "home"))
    # The year of 365 days holds eleven of the orders that come every 365.25 / 12 days.
    assert (first[REALISED] / 100).tolist() == pytest.approx([55e6, 110e6 / 3], abs=1)
    assert (second[REALISED] / 100).tolist() == pytest.approx([65e6, 130e6 / 3], abs=1)
    for books in (first, second):
        assert {account for account in ACCOUNTS if books[account].any()} == {
            "potential",
            "search",
            "realised",
        }


# --- Years ---


def test_years_are_cut_by_calendars():
    """Two Gregorian years make two, and cut the first, a middle and the last Iranian year."""
    home, abroad = (list(years(SPEC, office)) for office in OFFICES)
    assert home == [Year(2023, 0.0, 365.0, True), Year(2024, 365.0, 731.0, True)]  # noqa: FBT003
    assert [(y.year, y.first, y.after, y.is_complete) for y in abroad] == [
        (2022, 0.0, 79.0, False),
        (2023, 79.0, 444.0, True),
        (2024, 444.0, 731.0, False),
    ]


@pytest.mark.parametrize("replication", REPLICATIONS)
def test_every_delivery_falls_into_one_year_of_each_office(replication):
    """Deliveries within the horizon are the sum over the years of either calendar."""
    _, trajectory = lived(replication)
    whole = delivered(SPEC, trajectory, span(0.0, 731.0))
    for office in OFFICES:
        parts = [delivered(SPEC, trajectory, year) for year in years(SPEC, office)]
        assert np.array_equal(sum(parts), whole)


@pytest.mark.parametrize("replication", REPLICATIONS)
def test_realised_is_what_was_delivered(replication):
    """The realised account by exporter is the delivered value of the same span."""
    world, trajectory = lived(replication)
    for year in years(SPEC, "abroad"):
        books = closed(SPEC, world, trajectory, year)
        there = delivered(SPEC, trajectory, year)
        assert books[REALISED].tolist() == there.tolist()  # one flow an exporter


def test_midnight_belongs_to_the_new_year():
    """What is due and delivered at the first moment of a year belongs to it, in every book."""
    terms = {
        "title": "A plant",
        "exporter": "AAA",
        "good": "widgets",
        "document": "firm",
        "signed": "2023-12-31",
        "size_usd_million": 7,
        "size_sigma": 0,
        "execution_share": 1,
        "fulfilment_share": 1,
        "fulfilment_spread": 0,
        "delay_days": 1,
        "spacing_days": 0,
        "instalments": 1,
    }
    changes = {"contracts.plant": terms}
    changes |= {f"exports.{economy}.last_usd_million": 0 for economy in ("AAA", "AAB")}
    changes |= {f"exports.{economy}.average_usd_million": 0 for economy in ("AAA", "AAB")}
    spec, draws = specification(load(MINIMAL, changes)), Draws(1, 0)
    world = conditions(spec, draws)
    trajectory = simulate(spec, world, draws)
    assert (trajectory.created.tolist(), trajectory.ended.tolist()) == ([365.0], [365.0])
    old, new = years(spec, "home")
    journal = Journal(spec, trajectory)
    for year, cents in ((old, 0), (new, 700_000_000)):
        books = closed(spec, world, trajectory, year)
        assert books[POTENTIAL][0] == books[REALISED][0] == cents
        assert delivered(spec, trajectory, year)[0] == cents
        assert largest_deals(journal, deals_of(journal), edges_of([year])).cents[0] == cents
        assert not residual(books).any()


# --- What is published ---


def test_published_is_true_times_valuation_times_error():
    """Exports are published as they are, imports with freight and less leaks, both with error."""
    world, _ = lived(0)
    cents = np.array([1_000_000_00, 2_000_000_00])
    for office, valuation in (("home", [1.0, 1.06]), ("abroad", [1.06 * 0.9, 1.0])):
        error = np.exp(world.errors[office][2023])
        assert np.all(error != 1.0)
        assert reported(SPEC, world, office, 2023, cents) == pytest.approx(
            [1e6, 2e6] * np.array(valuation) * error
        )


# --- Several replications and spans at once ---


def test_books_of_many_are_those_of_each():
    """The books of several replications and years at once are those of each one alone."""
    drawn, many = simulate_all(SPEC, 1, REPLICATIONS)
    spans = list(years(SPEC, "abroad"))
    edges = edges_of(spans)
    together = ledger(drawn, Journal(SPEC, many), edges)
    for row in REPLICATIONS:
        world, trajectory = lived(row)
        alone = ledger(world, Journal(SPEC, trajectory), edges)
        for account in ACCOUNTS:
            assert np.array_equal(together[account][row], alone[account]), account
        for span_, year in zip(alone[REALISED], spans, strict=True):
            assert np.array_equal(span_, closed(SPEC, world, trajectory, year)[REALISED])
