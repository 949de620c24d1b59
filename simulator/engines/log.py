"""Order log: one record an order, written as it goes, with counters kept beside it."""

import numpy as np

from simulator.conditions import Deal
from simulator.ledger import ON_THE_WAY
from simulator.trajectory import (
    DEFAULTED,
    DELIVERED,
    IN_PROGRESS,
    LOST,
    NOT_YET,
    ORDERS,
    PAID,
    StationUse,
    Trajectory,
)

Record = list[float]
"""What is known of one order, by the places below; whole numbers stay whole below 2**53."""

NUMBERS, TIMES = ORDERS[:10], ORDERS[10:]
FLOW, STREAM, PARTNER, CENTS, FEE_CENTS, STATE, CAUSE, VERDICT, CHANNEL, CORRIDOR = range(10)
CREATED, HINDERED, GRANTED, PROCESSED, ACCEPTED, PRODUCED, SHIPPED, ARRIVED, ENDED, SETTLED = range(
    10, 20
)
_OPEN = [0.0, IN_PROGRESS, ON_THE_WAY, -1, -1, -1]
_AHEAD = [NOT_YET] * (len(TIMES) - 1)


class OrderLog:
    """Records in order of creation; the counters by flow are a second set of books."""

    def __init__(self, flows: int) -> None:
        self.records: list[Record] = []
        self.dues: list[tuple[int, float, int, int, bool]] = []
        self.created_cents = [0] * flows
        self.delivered_cents = [0] * flows
        self.lost_cents = [0] * flows

    def create(self, flow: int, stream: int, partner: int, cents: int, now: float) -> Record:
        """Open the record of a new order."""
        record: Record = [flow, stream, partner, cents, *_OPEN, now, *_AHEAD]
        self.records.append(record)
        self.created_cents[flow] += cents
        return record

    @staticmethod
    def hinder(record: Record, cause: int, now: float) -> None:
        """Note an obstacle, if it is the order's first."""
        if record[CAUSE] == ON_THE_WAY:
            record[CAUSE] = cause
            record[HINDERED] = now

    def lose(self, record: Record, cause: int, now: float) -> None:
        """Close a record: lost."""
        record[STATE] = LOST
        record[VERDICT] = cause
        record[ENDED] = now
        self.lost_cents[int(record[FLOW])] += int(record[CENTS])

    def deliver(self, record: Record, now: float) -> None:
        """Close a record: delivered and recorded."""
        record[STATE] = DELIVERED
        record[ENDED] = now
        self.delivered_cents[int(record[FLOW])] += int(record[CENTS])

    @staticmethod
    def settle(record: Record, now: float, *, is_paid: bool) -> None:
        """Payment came, or never will."""
        record[STATE] = PAID if is_paid else DEFAULTED
        record[SETTLED] = now

    def due(self, deal: Deal, now: float, ordered_cents: int) -> None:
        """An instalment of a contract falls due."""
        self.dues.append((deal.flow, now, deal.face_cents, ordered_cents, deal.executed))

    def trajectory(self, channels: tuple[StationUse, ...], partners: list[int]) -> Trajectory:
        """The log as arrays."""
        table = np.array(self.records, dtype=np.float64).reshape(-1, len(NUMBERS) + len(TIMES)).T
        flow, day, face, ordered, executed = zip(*self.dues, strict=True) if self.dues else [()] * 5
        return Trajectory(
            **{name: table[place].astype(np.int64) for place, name in enumerate(NUMBERS)},
            **{name: table[place].copy() for place, name in enumerate(TIMES, len(NUMBERS))},
            due_flow=np.array(flow, dtype=np.int64),
            due_day=np.array(day, dtype=np.float64),
            due_face_cents=np.array(face, dtype=np.int64),
            due_ordered_cents=np.array(ordered, dtype=np.int64),
            due_executed=np.array(executed, dtype=np.bool_),
            channels=channels,
            partners=np.array(partners, dtype=np.int64),
            created_cents=np.array(self.created_cents, dtype=np.int64),
            delivered_cents=np.array(self.delivered_cents, dtype=np.int64),
            lost_cents=np.array(self.lost_cents, dtype=np.int64),
        )
