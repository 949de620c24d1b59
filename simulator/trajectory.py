"""Trajectory: what happened in one replication, as arrays with one row an order."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from simulator.portable import FloatArray

STATES = 5
IN_PROGRESS, LOST, DELIVERED, PAID, DEFAULTED = range(STATES)
"""States of an order. Delivered means that payment is still due; the last three are delivered."""

INCUMBENTS, ENTRANTS, FIRST_CONTRACT = range(3)
"""Streams of orders; each mega-contract has one of its own from the last number on."""

NOT_YET = np.nan
"""Time of a stage that an order has not reached."""

IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True)
class StationUse:
    """One settlement channel: time integrals in days since the start, and the state at the end."""

    busy: float
    waiting: float
    in_use: int
    clearing_balance_cents: int
    netted_cents: int


@dataclass(frozen=True)
class Trajectory:
    """The order log in order of creation, the contracts as due, and the stations' integrals.

    Times are days from the start of the horizon; money is in cents. ``partner`` numbers the
    relationships of a flow's stream, or the contracts of one; ``stream`` tells which.
    """

    flow: IntArray
    stream: IntArray
    """Incumbents, entrants, or 2 + the number of a contract."""
    partner: IntArray
    cents: IntArray
    fee_cents: IntArray
    state: IntArray
    cause: IntArray
    """First obstacle, by its place in ``ledger.CAUSES``."""
    verdict: IntArray
    """What a lost order was lost to; -1 for others."""
    channel: IntArray
    corridor: IntArray
    created: FloatArray
    hindered: FloatArray
    granted: FloatArray
    """Start of processing by the settlement channel that decided."""
    processed: FloatArray
    accepted: FloatArray
    produced: FloatArray
    shipped: FloatArray
    arrived: FloatArray
    ended: FloatArray
    """Delivered and recorded, or lost."""
    settled: FloatArray
    due_flow: IntArray
    due_day: FloatArray
    due_face_cents: IntArray
    due_ordered_cents: IntArray
    due_executed: npt.NDArray[np.bool_]
    channels: tuple[StationUse, ...]
    partners: IntArray
    """Relationships alive at the end, by flow."""
    created_cents: IntArray
    delivered_cents: IntArray
    lost_cents: IntArray
    """Counters by flow, kept while the engine ran: a second set of books."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Axes before all others of what is counted: none, for a single replication."""
        return ()

    @cached_property
    def replication(self) -> IntArray:
        """The place of each order's replication."""
        return np.zeros(len(self.flow), dtype=np.int64)

    @cached_property
    def due_replication(self) -> IntArray:
        """The place of each instalment's replication."""
        return np.zeros(len(self.due_flow), dtype=np.int64)

    @cached_property
    def all_cents(self) -> int:
        """The worth of all orders together: no sum over some of them is larger."""
        return int(np.abs(self.cents).sum())

    def use(self, name: str) -> npt.NDArray[Any]:
        """One of the figures of ``StationUse``, last axis over channels."""
        return np.array([getattr(channel, name) for channel in self.channels])

    @property
    def is_contract(self) -> npt.NDArray[np.bool_]:
        """Orders that are instalments of a mega-contract."""
        result: npt.NDArray[np.bool_] = self.stream >= FIRST_CONTRACT
        return result

    @property
    def is_delivered(self) -> npt.NDArray[np.bool_]:
        """Orders that arrived."""
        result: npt.NDArray[np.bool_] = self.state >= DELIVERED
        return result


@dataclass(frozen=True)
class Uses:
    """Settlement channels of several replications, shape (replications, channels)."""

    busy: FloatArray
    waiting: FloatArray
    in_use: IntArray
    clearing_balance_cents: IntArray
    netted_cents: IntArray


ORDERS = (
    *("flow", "stream", "partner", "cents", "fee_cents", "state", "cause", "verdict"),
    *("channel", "corridor", "created", "hindered", "granted", "processed", "accepted"),
    *("produced", "shipped", "arrived", "ended", "settled"),
)
"""Columns of the order log."""

DUES = ("due_flow", "due_day", "due_face_cents", "due_ordered_cents", "due_executed")
"""Columns of the contracts as due."""

COUNTERS = ("partners", "created_cents", "delivered_cents", "lost_cents")
"""Counters by flow."""


@dataclass(frozen=True)
class Trajectories(Trajectory):
    """Several replications, one after the other in every column.

    Counters have an axis over replications first, and channels are ``uses``.
    """

    orders: IntArray
    """Number of orders of each replication."""
    dues: IntArray
    """Number of instalments that fell due in each."""
    uses: Uses

    def __len__(self) -> int:
        return len(self.orders)

    @property
    def shape(self) -> tuple[int, ...]:
        """One axis, over replications."""
        return (len(self),)

    def use(self, name: str) -> npt.NDArray[Any]:
        """One of the figures of ``Uses``."""
        found: npt.NDArray[Any] = getattr(self.uses, name)
        return found

    @cached_property
    def replication(self) -> IntArray:
        """The place of each order's replication."""
        return np.repeat(np.arange(len(self)), self.orders)

    @cached_property
    def due_replication(self) -> IntArray:
        """The place of each instalment's replication."""
        return np.repeat(np.arange(len(self)), self.dues)

    def one(self, place: int) -> Trajectory:
        """One of them."""
        first, due = int(self.orders[:place].sum()), int(self.dues[:place].sum())
        rows = slice(first, first + int(self.orders[place]))
        due_rows = slice(due, due + int(self.dues[place]))
        uses = self.uses
        columns = [getattr(uses, field.name)[place].tolist() for field in fields(Uses)]
        return Trajectory(
            **{name: getattr(self, name)[rows] for name in ORDERS},
            **{name: getattr(self, name)[due_rows] for name in DUES},
            **{name: getattr(self, name)[place] for name in COUNTERS},
            channels=tuple(StationUse(*use) for use in zip(*columns, strict=True)),
        )

    @classmethod
    def of(cls, some: Sequence[Trajectory]) -> "Trajectories":
        """Several trajectories as one."""
        uses = [
            np.array([[getattr(use, field.name) for use in one.channels] for one in some])
            for field in fields(Uses)
        ]
        return cls(
            **{
                name: np.concatenate([getattr(one, name) for one in some])
                for name in (*ORDERS, *DUES)
            },
            **{name: np.stack([getattr(one, name) for one in some]) for name in COUNTERS},
            channels=(),
            orders=np.array([len(one.flow) for one in some]),
            dues=np.array([len(one.due_flow) for one in some]),
            uses=Uses(*uses),
        )
