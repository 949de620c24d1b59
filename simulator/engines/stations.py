"""Stations: first-come servers and clearing accounts that grant without an event when free.

Equal times follow one rule: what is granted is granted at once, in order of asking; who waited goes
on in the order of the grants, as events of the same time and increasing sequence.
"""

from collections import deque
from typing import Any

from simpy import Environment, Event

from simulator.equations.settlement import fits_credit_limit

FOREVER = float("inf")


class Station:
    """Slots that orders hold for a time: a settlement channel, or dedicated corridor capacity.

    ``busy`` and ``waited`` are the days that slots were held and that orders queued: ends less
    beginnings, so that a stay still open counts from day 0 until it is closed.
    """

    __slots__ = (
        "busy",
        "capacity",
        "env",
        "in_use",
        "is_open",
        "queue",
        "queue_limit",
        "waited",
        "waiting",
    )

    def __init__(self, env: Environment, capacity: float, queue_limit: float) -> None:
        self.env = env
        self.capacity = capacity
        self.queue_limit = queue_limit
        self.is_open = True
        self.in_use = 0
        self.waiting = 0
        self.queue: deque[Event] = deque()
        self.busy = 0.0
        self.waited = 0.0

    def take(self) -> bool:
        """Take a slot if one is free and nobody waits."""
        if self.is_open and not self.waiting and self.in_use < self.capacity:
            self.in_use += 1
            self.busy -= self.env.now
            return True
        return False

    def is_full(self) -> bool:
        """No more orders may wait."""
        return self.waiting >= self.queue_limit

    def wait(self, patience: float) -> Event:
        """Queue for a slot; the event's value tells whether it came before patience ran out."""
        self.waiting += 1
        self.waited -= self.env.now
        place = self.env.event()
        self.queue.append(place)
        if patience < FOREVER:
            self.env.timeout(patience, place).callbacks.append(self._give_up)
        return place

    def release(self) -> None:
        """Give a slot back; the first in the queue has it at once."""
        self.in_use -= 1
        self.busy += self.env.now
        self._serve()

    def change(self, *, capacity: float | None = None, is_open: bool | None = None) -> None:
        """Change what the station offers and serve whoever fits."""
        if capacity is not None:
            self.capacity = capacity
        if is_open is not None:
            self.is_open = is_open
        self._serve()

    def use(self) -> tuple[float, float]:
        """Days of slots held and of orders queued until now."""
        now = self.env.now
        return self.busy + self.in_use * now, self.waited + self.waiting * now

    def _serve(self) -> None:
        while self.queue and self.is_open and self.in_use < self.capacity:
            place = self.queue.popleft()
            if not place.triggered:
                self._leave_queue()
                self.in_use += 1
                self.busy -= self.env.now
                place.succeed(value=True)

    def _give_up(self, timer: Event) -> None:
        place: Any = timer.value
        if not place.triggered:
            self._leave_queue()
            place.succeed(value=False)

    def _leave_queue(self) -> None:
        self.waiting -= 1
        self.waited += self.env.now


class ClearingAccount:
    """A bilateral account: the first economy's exports raise the balance, the second's lower it."""

    __slots__ = ("balance", "env", "limit", "netted", "queues")

    def __init__(self, env: Environment, limit: int) -> None:
        self.env = env
        self.limit = limit
        self.balance = 0
        self.netted = 0
        self.queues: tuple[deque[tuple[Event, int]], ...] = (deque(), deque())

    def book(self, change: int) -> bool:
        """Book a change if the limit allows it and nobody of the same side waits."""
        if self._first(self.queues[change < 0]) is not None:
            return False
        if not fits_credit_limit(self.balance, change, self.limit):
            return False
        self.balance += change
        self._serve()
        return True

    def wait(self, change: int, patience: float) -> Event:
        """Queue for the other side's trade; the value tells whether it came in time."""
        place = self.env.event()
        self.queues[change < 0].append((place, change))
        self.env.timeout(patience, place).callbacks.append(self._give_up)
        return place

    def reverse(self, change: int) -> None:
        """Take a booking back."""
        self.balance -= change
        self._serve()

    def renew(self, limit: int, netting_share: float) -> None:
        """Month's end: a new limit, and part of the balance is settled in hard currency."""
        self.limit = limit
        netted = round(self.balance * netting_share)
        self.netted += netted
        self.balance -= netted
        self._serve()

    def _serve(self) -> None:
        """Let both sides go as long as one of them fits."""
        moved = True
        while moved:
            moved = False
            for queue in self.queues:
                waiting = self._first(queue)
                if waiting and fits_credit_limit(self.balance, waiting[1], self.limit):
                    queue.popleft()
                    self.balance += waiting[1]
                    waiting[0].succeed(value=True)
                    moved = True

    @staticmethod
    def _first(queue: deque[tuple[Event, int]]) -> tuple[Event, int] | None:
        """Who waits longest, passing over those who gave up."""
        while queue and queue[0][0].triggered:
            queue.popleft()
        return queue[0] if queue else None

    @staticmethod
    def _give_up(timer: Event) -> None:
        place: Any = timer.value
        if not place.triggered:
            place.succeed(value=False)
