"""Invariants: a trajectory that really happened keeps every law, and one wrong field breaks one."""

import re
from dataclasses import replace

import numpy as np
import pytest
from engines.worlds import busy, lives

from simulator.errors import InvariantError
from simulator.invariants import REJECTED, check, last_events
from simulator.specification import specification
from simulator.trajectory import DEFAULTED, DELIVERED, IN_PROGRESS, LOST, ORDERS, PAID


def on_the_way(trajectory):
    """Orders that are still in a corridor at the end."""
    return (trajectory.state == IN_PROGRESS) & np.isfinite(trajectory.shipped)


SPEC = specification(busy())
REAL = next(
    trajectory
    for trajectory in lives(busy(), 50)
    if {IN_PROGRESS, LOST, DELIVERED, PAID, DEFAULTED} <= {*trajectory.state.tolist()}
    and on_the_way(trajectory).any()
)
"""A trajectory in which every state occurs."""

BALANCED = {2023: np.zeros(2, dtype=np.int64)}


def first(rows):
    """The first order of a kind."""
    return int(np.flatnonzero(rows)[0])


def changed(field, order, value):
    """The real trajectory with one number of one order changed."""
    column = getattr(REAL, field).copy()
    column[order] = value
    return replace(REAL, **{field: column})


def counted(field):
    """The real trajectory with one cent more on a counter."""
    return replace(REAL, **{field: getattr(REAL, field) + np.array([1, 0])})


def station(place, **fields):
    """The real trajectory with another final state of one settlement channel."""
    channels = list(REAL.channels)
    channels[place] = replace(channels[place], **fields)
    return replace(REAL, channels=tuple(channels))


PAID_ONE = first(REAL.state == PAID)
LOST_ONE = first(REAL.state == LOST)
REFUSED_ONE = first((REAL.state == LOST) & np.isnan(REAL.arrived))
UNPAID_ONE = first(REAL.state == DELIVERED)

BROKEN = {
    "an order has a negative value": changed("cents", PAID_ONE, -5),
    "an order is in no state": changed("state", PAID_ONE, 9),
    "counted when created": counted("created_cents"),
    "counted when delivered": counted("delivered_cents"),
    "counted when lost": counted("lost_cents"),
    "counted when delivered differ": changed("state", PAID_ONE, IN_PROGRESS),
    "a later stage of an order comes before": changed("shipped", PAID_ONE, -1000.0),
    "created at no time": changed("created", LOST_ONE, np.nan),
    "never shipped": changed("shipped", PAID_ONE, np.nan),
    "lost on the way without being sent back": changed("verdict", REFUSED_ONE, REJECTED),
    "neither paid, unpaid nor due": changed("state", PAID_ONE, DELIVERED),
    "paid, unpaid nor due": changed("settled", UNPAID_ONE, 1e6),
    "a fee is larger than the payment": changed("fee_cents", PAID_ONE, REAL.cents[PAID_ONE] + 1),
    "fee": changed("fee_cents", PAID_ONE, -1),
    "hold settlement slots": station(0, in_use=REAL.channels[0].in_use + 1),
    "the balance of clearing is not what was booked": station(1, netted_cents=-1),
}


def test_what_really_happened_breaks_no_law():
    """A real trajectory with balanced books passes."""
    check(SPEC, REAL, BALANCED)


@pytest.mark.parametrize("law", BROKEN)
def test_one_wrong_field_breaks_a_law(law):
    """One wrong number of one order, counter or channel is found, and its law named."""
    with pytest.raises(InvariantError, match=re.escape(law)) as caught:
        check(SPEC, BROKEN[law], BALANCED)
    assert caught.value.exit_code == 7
    assert caught.value.events == tuple(last_events(SPEC, BROKEN[law]))


def test_order_that_vanishes_is_missed():
    """An order deleted from the log is missed by the counters."""
    arrays = {
        name: np.delete(column, PAID_ONE)
        for name, column in ((name, getattr(REAL, name)) for name in ORDERS)
    }
    with pytest.raises(InvariantError, match="counted when created differ"):
        check(SPEC, replace(REAL, **arrays), BALANCED)


def test_cent_that_vanishes_from_the_ledger_is_missed():
    """A ledger that misses one cent is named with its year and its residuals."""
    residuals = {**BALANCED, 2024: np.array([0, -1])}
    with pytest.raises(InvariantError, match=r"ledger of 2024 does not add up.*\[0, -1\] cents"):
        check(SPEC, REAL, residuals)


def test_goods_on_the_way_are_no_mistake():
    """Goods under way at the end are neither delivered nor lost, and no law is broken."""
    assert np.isnan(REAL.ended[on_the_way(REAL)]).all()
    check(SPEC, REAL, {})


def test_last_events_are_in_words():
    """The last orders that changed are told in the order in which they ended."""
    events = last_events(SPEC, REAL)
    assert len(events) == 20
    numbers = [int(re.match(r"order (\d+) of (AAA\.widgets|AAB\.grain): ", e)[1]) for e in events]
    ended = np.nan_to_num(REAL.ended[numbers], nan=np.inf)
    assert np.all(np.diff(ended[np.isfinite(ended)]) >= 0.0)
    assert ended.min() >= np.sort(np.nan_to_num(REAL.ended, nan=np.inf))[-20]
    order = numbers[-1]
    assert f"{REAL.cents[order] / 100:,.2f} USD" in events[-1]
    assert f"created day {REAL.created[order]:.3f}" in events[-1]


def test_error_holds_law_and_events():
    """The error's text is the law, and below it the last events."""
    broken = BROKEN["an order is in no state"]
    with pytest.raises(InvariantError) as caught:
        check(SPEC, broken, BALANCED)
    assert str(caught.value).splitlines() == [
        "an order is in no state",
        *last_events(SPEC, broken),
    ]
