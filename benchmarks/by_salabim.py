"""The flow of ``by_hand`` in salabim, another library of processes: the same plan, dice and market.

salabim is no dependency of the project; without it this module cannot be imported. Processes yield,
which is the faster of salabim's two ways, traces are off, and so are the monitors.
"""

from itertools import pairwise

import numpy as np
import salabim

from benchmarks.by_hand import (
    RED,
    Dice,
    Life,
    Market,
    Order,
    Partner,
    Plan,
    Process,
)
from simulator.scenario.types import DAYS_PER_MONTH, DAYS_PER_YEAR


class Trade:
    """The flow in salabim."""

    def __init__(self, plan: Plan, seed: int) -> None:
        salabim.yieldless(value=False)
        self.plan = plan
        self.dice = Dice(plan, seed)
        self.market = Market(plan, self.dice)
        self.env = salabim.Environment(trace=False)
        self.desks = [self._resource(channel.slots) for channel in plan.channels]
        self.is_open = [salabim.State(value=True, monitor=False) for _ in plan.channels]
        self.accounts = [
            None
            if channel.limit is None
            else self._resource(
                2.0 * channel.limit,
                initial_claimed_quantity=channel.limit,
                anonymous=True,
            )
            for channel in plan.channels
        ]
        self.rooms = [
            self._resource(corridor.slots) if np.isfinite(corridor.slots) else None
            for corridor in plan.corridors
        ]

    def _resource(self, capacity: float, **more: object) -> salabim.Resource:
        return salabim.Resource(capacity=capacity, monitor=False, env=self.env, **more)

    @property
    def now(self) -> float:
        """Days from the start of the horizon; salabim counts from the start of the run."""
        return self.env.now() + self.plan.edges[0]

    def run(self) -> list[Order]:
        """Let time pass until the end of the horizon; the orders."""
        Calendar(trade=self)
        for channel in range(len(self.plan.channels)):
            Failures(trade=self, channel=channel)
        for number, good in enumerate(self.plan.goods):
            Search(trade=self, number=number)
            for life in self.dice.incumbents(good):
                Relationship(trade=self, number=number, life=life)
        self.env.run(till=self.plan.edges[-1] - self.plan.edges[0])
        return self.market.orders


class Quiet(salabim.Component):
    """A component that keeps no statistics of itself."""

    def setup(self, trade: Trade, **more: object) -> None:
        """Take what the process needs; nothing is monitored."""
        self.trade = trade
        for name, value in more.items():
            setattr(self, name, value)
        self.mode.monitor(value=False)
        self.status.monitor(value=False)


class Calendar(Quiet):
    """Months pass, and clearing accounts are netted."""

    def process(self) -> Process:
        """Go through the months."""
        trade = self.trade
        for month, (start, end) in enumerate(pairwise(trade.plan.edges)):
            trade.market.month = month
            for channel, account in enumerate(trade.accounts):
                if account is not None:
                    Netting(trade=trade, channel=channel, days=end - start)
            yield self.hold(end - start)


class Netting(Quiet):
    """A part of a balance is settled in hard currency."""

    channel: int
    days: float

    def process(self) -> Process:
        """Move the balance towards zero."""
        account = self.trade.accounts[self.channel]
        balance = account.capacity() / 2.0 - account.claimed_quantity()
        moved = balance * self.trade.market.netted(self.channel, self.days)
        if moved != 0.0:
            yield self.request((account, moved))


class Failures(Quiet):
    """A channel fails and is repaired."""

    channel: int

    def process(self) -> Process:
        """Go through its failures."""
        for down, up in self.trade.plan.channels[self.channel].down:
            yield self.hold(down - self.trade.now)
            self.trade.is_open[self.channel].set(value=False)
            yield self.hold(up - self.trade.now)
            self.trade.is_open[self.channel].set(value=True)


class Search(Quiet):
    """Candidates come, and some of them begin to trade."""

    number: int

    def process(self) -> Process:
        """Draw one candidate after the other."""
        trade, market, dice = self.trade, self.trade.market, self.trade.dice
        while True:
            rate = market.births(self.number)
            if rate <= 0.0:
                yield self.hold(DAYS_PER_MONTH)
                continue
            yield self.hold(dice.rng.exponential(DAYS_PER_YEAR / rate))
            life = dice.life(trade.plan.goods[self.number], 0.0)
            if market.pays(self.number, life):
                Relationship(trade=trade, number=self.number, life=life)


class Relationship(Quiet):
    """A buyer and a seller order again and again."""

    number: int
    life: Life

    def process(self) -> Process:
        """Live until the relationship ends."""
        trade, market, life = self.trade, self.trade.market, self.life
        partner = Partner(self.number, life, trade.now - life.age_years * DAYS_PER_YEAR)
        ends = trade.now + life.left_years * DAYS_PER_YEAR
        wait = life.phase if trade.plan.interval == "uniform" else 1.0
        market.join(partner, 1)
        while not partner.has_left:
            yearly = market.demand(partner, trade.now)
            if yearly <= 0.0:
                yield self.hold(DAYS_PER_MONTH)
                continue
            often = market.often(partner, yearly)
            pause = wait * trade.dice.interval() * DAYS_PER_YEAR / often
            if trade.now + pause >= ends:
                yield self.hold(max(ends - trade.now, 0.0))
                break
            yield self.hold(pause)
            yearly = market.demand(partner, trade.now)
            Way(trade=trade, order=market.order(partner, yearly, often, trade.now))
            wait = 1.0
        market.join(partner, -1)


class Way(Quiet):
    """The way of an order."""

    order: Order

    def process(self) -> Process:
        """From order to cash."""
        trade, order, dice, plan = self.trade, self.order, self.trade.dice, self.trade.plan
        good = plan.goods[order.partner.good]
        channel = yield from self.settle()
        if channel is None:
            trade.market.fail(order, "settlement")
            return
        order.accepted = trade.now
        yield self.hold(good.production_days * dice.factor(good.production_sigma))
        yield from self.cross(dice.chosen(good.corridor_steps))
        lane = dice.chosen(good.lane_steps)
        yield self.hold(good.lane_days[lane])
        if lane == RED and dice.happens(good.rejection_share):
            trade.market.fail(order, "customs")
            yield from self.give_back(channel)
            return
        order.delivered = trade.now
        yield self.hold(plan.single["payment_days"] * dice.factor(plan.payment_sigma))
        if dice.happens(plan.single["default_share"]):
            trade.market.fail(order, "default")
            return
        order.paid = trade.now

    def settle(self) -> Process:
        """Have a payment set up; the channel that accepts it, if one does."""
        trade, dice, plan = self.trade, self.trade.dice, self.trade.plan
        patience = dice.rng.exponential(plan.single["patience_days"])
        number = dice.chosen(plan.channel_steps)
        for attempt in range(1, plan.attempts + 1):
            channel, asked = plan.channels[number], trade.now
            if not trade.is_open[number]() and attempt < plan.attempts:
                number = plan.fallback[number]
                continue
            if not trade.is_open[number]():
                yield self.wait(trade.is_open[number], fail_delay=patience)
                if self.failed():
                    return None
            left = max(patience - (trade.now - asked), 0.0)
            yield self.request(trade.desks[number], fail_delay=left)
            if self.failed():
                return None
            patience = max(patience - (trade.now - asked), 0.0)
            yield self.hold(channel.days * dice.factor(channel.sigma))
            self.release(trade.desks[number])
            if not dice.happens(channel.refusal_share):
                is_booked = yield from self.book(number, patience)
                return number if is_booked else None
            number = plan.fallback[number]
        return None

    def change(self) -> float:
        """What the order takes from the room that its side has on a clearing account."""
        good = self.trade.plan.goods[self.order.partner.good]
        return -self.order.value if good.is_first_exporter else self.order.value

    def book(self, channel: int, patience: float) -> Process:
        """Book the order on the clearing account of its channel, if there is one."""
        account = self.trade.accounts[channel]
        if account is None:
            return True
        yield self.request((account, self.change()), fail_delay=patience)
        return not self.failed()

    def give_back(self, channel: int) -> Process:
        """Take the order's value back out of the account."""
        account = self.trade.accounts[channel]
        if account is not None:
            yield self.request((account, -self.change()))

    def cross(self, number: int) -> Process:
        """The corridor brings the goods across when it has room and is open."""
        trade, room = self.trade, self.trade.rooms[number]
        corridor = trade.plan.corridors[number]
        if room is not None:
            yield self.request(room)
        opens = trade.market.opens(number, trade.now)
        if opens > trade.now:
            yield self.hold(opens - trade.now)
        excess = corridor.excess_days * trade.dice.factor(corridor.sigma)
        yield self.hold(corridor.minimum_days + excess)
        if room is not None:
            self.release(room)
