"""Trajectory: what happened in one replication, as arrays with one row an order."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simulator.portable import FloatArray

IN_PROGRESS, LOST, DELIVERED, PAID, DEFAULTED = range(5)
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
    def is_contract(self) -> npt.NDArray[np.bool_]:
        """Orders that are instalments of a mega-contract."""
        result: npt.NDArray[np.bool_] = self.stream >= FIRST_CONTRACT
        return result

    @property
    def is_delivered(self) -> npt.NDArray[np.bool_]:
        """Orders that arrived."""
        result: npt.NDArray[np.bool_] = self.state >= DELIVERED
        return result
