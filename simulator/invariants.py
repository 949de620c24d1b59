"""Invariants: what no replication may violate, checked in every one of them."""

from collections.abc import Iterator
from itertools import chain, pairwise

import numpy as np

from simulator.errors import InvariantError
from simulator.journal import EVERY, IntArray, sums
from simulator.ledger import REJECTED
from simulator.specification import Specification
from simulator.trajectory import (
    DEFAULTED,
    DELIVERED,
    IN_PROGRESS,
    LOST,
    PAID,
    STATES,
    Trajectories,
    Trajectory,
)

LAST_EVENTS = 20


def check(spec: Specification, trajectory: Trajectory, residuals: dict[int, IntArray]) -> None:
    """Stop at the first law that does not hold, of one replication or of several at once.

    ``residuals`` are those of the ledger of each year.

    Raises:
        InvariantError: with the law and the last events before the end.

    """
    for law in chain(_broken(spec, trajectory), _unbalanced(residuals)):
        if isinstance(trajectory, Trajectories):
            # Which replication it was, and what happened there, is looked for only now.
            for place in range(len(trajectory)):
                own = {year: residual[place] for year, residual in residuals.items()}
                check(spec, trajectory.one(place), own)
        raise InvariantError(law, last_events(spec, trajectory))


def last_events(spec: Specification, trajectory: Trajectory) -> list[str]:
    """The last orders that changed, in words."""
    order = np.argsort(np.nan_to_num(trajectory.ended, nan=np.inf), kind="stable")[-LAST_EVENTS:]
    return [
        f"order {n} of {spec.flows[trajectory.flow[n]].name}: {trajectory.cents[n] / 100:,.2f} USD,"
        f" state {trajectory.state[n]}, created day {trajectory.created[n]:.3f},"
        f" ended day {trajectory.ended[n]:.3f}"
        for n in order
    ]


def _unbalanced(residuals: dict[int, IntArray]) -> Iterator[str]:
    for year, residual in residuals.items():
        if residual.any():
            yield f"the ledger of {year} does not add up: residuals {residual.tolist()} cents"


def _broken(spec: Specification, t: Trajectory) -> Iterator[str]:
    """The laws that a trajectory breaks, in words."""
    if (t.cents < 0).any():
        yield "an order has a negative value"
    if ((t.state < IN_PROGRESS) | (t.state > DEFAULTED)).any():
        yield "an order is in no state"
    cents = sums(t, EVERY, t.cents, (t.state, STATES), (t.flow, len(spec.flows)))
    delivered, lost = cents[..., DELIVERED:, :].sum(axis=-2), cents[..., LOST, :]
    if not np.array_equal(cents.sum(axis=-2), t.created_cents):
        yield "orders in the log and orders counted when created differ"
    if not np.array_equal(delivered, t.delivered_cents):
        yield "orders in the log and orders counted when delivered differ"
    if not np.array_equal(lost, t.lost_cents):
        yield "orders in the log and orders counted when lost differ"
    if not np.array_equal(t.created_cents - delivered - lost, cents[..., IN_PROGRESS, :]):
        yield "orders created are not delivered, lost or in progress"
    yield from _out_of_order(t)
    yield from _goods(t)
    yield from _money(spec, t)


def _out_of_order(t: Trajectory) -> Iterator[str]:
    """Stages follow each other; a stage that was not reached stands for none."""
    stages = (t.created, t.accepted, t.produced, t.shipped, t.arrived, t.ended, t.settled)
    for before, after in pairwise(stages):
        if (after < before).any():
            yield "a later stage of an order comes before an earlier one"
    if not np.isfinite(t.created).all():
        yield "an order was created at no time"


def _goods(t: Trajectory) -> Iterator[str]:
    """What arrived was shipped before; what was lost after arrival was sent back at customs."""
    shipped, arrived = np.isfinite(t.shipped), np.isfinite(t.arrived)
    if (arrived & ~shipped).any() or (t.is_delivered & ~arrived).any():
        yield "goods arrived that were never shipped"
    sent_back = (t.state == LOST) & (t.verdict == REJECTED)
    if not np.array_equal(arrived & (t.state == LOST), sent_back):
        yield "goods were lost on the way without being sent back at customs"
    rows = np.flatnonzero(np.isfinite(t.granted) & np.isnan(t.processed))
    holding = sums(t, rows, np.ones(len(rows), dtype=np.int64))
    counted = t.use("in_use").sum(axis=-1)
    if not np.array_equal(holding, counted):
        yield f"{holding} orders hold settlement slots, the channels count {counted}"


def _money(spec: Specification, t: Trajectory) -> Iterator[str]:
    """What is invoiced is paid, unpaid or due; clearing balances are what was booked."""
    settled = np.isfinite(t.settled)
    if not np.array_equal(settled, (t.state == PAID) | (t.state == DEFAULTED)):
        yield "an invoice is neither paid, unpaid nor due"
    if (t.fee_cents > t.cents).any() or (t.fee_cents < 0).any():
        yield "a fee is larger than the payment"
    first = np.array([flow.exporter == spec.economies[0] for flow in spec.flows])
    booked = np.isfinite(t.accepted) & (t.state != LOST)
    kept = t.use("clearing_balance_cents") + t.use("netted_cents")
    for place, name in enumerate(spec.channels):
        if spec.scenario.settlement.channels[name].clearing is not None:
            rows = np.flatnonzero(booked & (t.channel == place))
            signed = np.where(first[t.flow[rows]], t.cents[rows], -t.cents[rows])
            balance = sums(t, rows, signed)
            if not np.array_equal(balance, kept[..., place]):
                yield f"the balance of {name} is not what was booked"
