"""Journal: cents of orders summed by day, flow and whatever else a book asks for."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from simulator.portable import FloatArray
from simulator.specification import Specification
from simulator.trajectory import Trajectory

IntArray = npt.NDArray[np.int64]

Axis = tuple[IntArray, int]
"""For each of some rows its place on an axis, and how long that is."""

EVERY = slice(None)
"""All orders."""

EXACT = 2.0**53


@dataclass(frozen=True)
class Journal:
    """Trajectories on the days of their horizon, each of which belongs to a period.

    What several books ask for is found once.
    """

    spec: Specification
    trajectory: Trajectory

    @cached_property
    def edges(self) -> FloatArray:
        """First day of every period from day 0 on, and the first after the last."""
        return np.array(self.spec.periods.edges[self.spec.periods.warm_up :])

    @cached_property
    def ended(self) -> IntArray:
        """The whole day on which each order ended."""
        return self.whole(self.trajectory.ended)

    @cached_property
    def delivered_cents(self) -> IntArray:
        """What each order delivered."""
        result: IntArray = self.trajectory.cents * self.trajectory.is_delivered
        return result

    @cached_property
    def delivered(self) -> IntArray:
        """Cents delivered, last axes over periods and flows."""
        return self.during(self.edges, self.ended, self.delivered_cents)

    @cached_property
    def exported(self) -> IntArray:
        """The same by exporter, last axes over periods and economies."""
        exporters, every = self.spec.exporters, range(len(self.spec.economies))
        cents = [self.delivered[..., exporters == one].sum(axis=-1) for one in every]
        return np.stack(cents, axis=-1)

    def whole(self, days: FloatArray) -> IntArray:
        """The whole day of each time; -1 outside the horizon, as for what has not happened."""
        inside = (days >= 0.0) & (days < self.edges[-1])
        result: IntArray = np.where(inside, days, -1.0).astype(np.int64)
        return result

    def span(self, edges: FloatArray, days: IntArray) -> Axis:
        """The span between edges in which each whole day falls, from 1 on; 0 outside all of them.

        Edges are whole days too, so that a table by day spares a search for every order.
        """
        by_day = np.searchsorted(edges, np.arange(self.edges[-1]), side="right")
        table = np.append(np.where(by_day < len(edges), by_day, 0), 0)
        return table[days], len(edges)

    def during(self, edges: FloatArray, days: IntArray, cents: IntArray) -> IntArray:
        """Cents of all orders, each on its whole day: last axes over spans and flows."""
        t, span = self.trajectory, self.span(edges, days)
        return sums(t, EVERY, cents, span, (t.flow, len(self.spec.flows)))[..., 1:, :]

    def over(self, edges: FloatArray, cents: IntArray) -> IntArray:
        """Cents by periods, the last axis but one, summed over those of each span between edges."""
        total = np.cumsum(cents, axis=-2)
        before = np.concatenate([np.zeros_like(total[..., :1, :]), total], axis=-2)
        return np.diff(before[..., np.searchsorted(self.edges, edges), :], axis=-2)


def sums(trajectory: Trajectory, rows: slice | IntArray, cents: IntArray, *axes: Axis) -> IntArray:
    """Exact sums of cents over some orders by what is asked; none counts more than it is worth."""
    t = trajectory
    return summed(t.shape, t.replication[rows], cents, axes, t.all_cents)


def summed(
    shape: tuple[int, ...],
    replication: IntArray,
    cents: IntArray,
    axes: Sequence[Axis],
    most: int,
) -> IntArray:
    """Exact sums of cents by replication and other axes; no sum may be larger than ``most``."""
    shape = (*shape, *(size for _, size in axes))
    key, length = replication, int(np.prod(shape))
    for place, size in axes:
        key = key * size
        key += place
    if most < EXACT:
        # Whole numbers in floating point, as long as all sums stay below 2^53: three times as fast.
        found = np.bincount(key, weights=cents, minlength=length)
        return found.astype(np.int64).reshape(shape)
    whole = np.zeros(length, dtype=np.int64)
    np.add.at(whole, key, cents)
    return whole.reshape(shape)
