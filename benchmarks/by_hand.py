"""The flow of the model written by hand in idiomatic SimPy, to be timed beside the engines.

As a modeller would who knows SimPy and nothing of this project: a process an order, resources with
requests that are given up, a container for the clearing account, and scalar draws of a generator
of numpy. The numbers are those of a replication's conditions; what changes by month, other than
demand, stands at its mean. Contracts are left out.
"""

from bisect import bisect_right
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import simpy

from simulator.conditions import AGES, Conditions, LifeTable
from simulator.equations.ordering import orders_per_year
from simulator.equations.relationships import births_per_year, size
from simulator.potential import channel_shares, corridor_shares, fallback_channels
from simulator.scenario.types import DAYS_PER_MONTH, DAYS_PER_YEAR
from simulator.shocks import Windows
from simulator.specification import Specification

Process = simpy.events.ProcessGenerator
_OLDEST = 1e9


@dataclass(frozen=True, slots=True)
class Good:
    """One flow: who trades, how often, and how orders are made and cleared. Money in dollars."""

    is_first_exporter: bool
    incumbent: float
    """What relationships trade a year at the start."""
    mean_value: float
    sunk_cost: float
    carrying_rate: float
    order_cost: float
    life: LifeTable
    candidates: float
    missing_found: float
    norm_stock: float
    index: list[float]
    """Demand by month, as a multiple of that at the start."""
    order_sigma: float
    production_days: float
    production_sigma: float
    corridor_steps: list[float]
    lane_steps: list[float]
    lane_days: list[float]
    rejection_share: float


@dataclass(frozen=True, slots=True)
class Channel:
    """One way to pay; ``limit`` is that of its clearing account, if it has one."""

    slots: float
    days: float
    sigma: float
    refusal_share: float
    limit: float | None
    netting_share: float
    down: Windows


@dataclass(frozen=True, slots=True)
class Corridor:
    """One way across."""

    minimum_days: float
    excess_days: float
    sigma: float
    slots: float
    closed: Windows


@dataclass(frozen=True, slots=True)
class Plan:
    """One replication in plain numbers."""

    edges: tuple[float, ...]
    goods: list[Good]
    channels: list[Channel]
    channel_steps: list[float]
    fallback: list[int]
    corridors: list[Corridor]
    attempts: int
    interval: str
    payment_sigma: float
    single: dict[str, float]
    """Numbers that belong to no collection, by the last part of their path."""


_SINGLE = (
    "settlement.patience_days",
    "settlement.payment_days",
    "settlement.default_share",
    "relationships.exit_after_failure_share",
    "relationships.start_share",
    "relationships.growth_years",
    "relationships.value_sigma",
    "relationships.frailty_variance",
    "relationships.profit_share",
    "relationships.payback_years",
    "relationships.search_support",
    "relationships.spillover",
)


class _Means:
    """Means over the months of a replication's numbers, by name."""

    def __init__(self, spec: Specification, conditions: Conditions) -> None:
        self._spec = spec
        self._means = conditions.levels.mean(axis=0)

    def single(self, path: str) -> float:
        """One number."""
        return float(self._means[self._spec.place(path)])

    def column(self, name: str, count: int, absent: float) -> list[float]:
        """A field of a collection, with something for the names that lack it."""
        places = self._spec.columns.get(name)
        if places is None:
            return [absent] * count
        return np.where(places < 0, absent, self._means[places]).tolist()


def plan(spec: Specification, conditions: Conditions) -> Plan:
    """Read what the flow needs from a replication's conditions."""
    means = _Means(spec, conditions)
    return Plan(
        edges=tuple(spec.periods.edges),
        goods=_goods(spec, conditions, means),
        channels=_channels(spec, conditions, means),
        channel_steps=np.cumsum(channel_shares(spec, conditions.numbers)).tolist()[:-1],
        fallback=fallback_channels(spec, conditions.numbers),
        corridors=_corridors(spec, conditions, means),
        attempts=spec.scenario.settlement.attempts,
        interval=spec.scenario.relationships.order_interval,
        payment_sigma=_sigma(means.single("settlement.payment_cv")),
        single={path.rpartition(".")[2]: means.single(path) for path in _SINGLE},
    )


def _goods(spec: Specification, conditions: Conditions, means: _Means) -> list[Good]:
    count = len(spec.flows)

    def column(name: str) -> list[float]:
        return means.column(name, count, 0.0)

    index = conditions.desired / np.where(conditions.norm > 0.0, conditions.norm, 1.0)
    steps = np.cumsum(corridor_shares(spec, conditions.numbers), axis=1)
    value = [1e6 * million for million in column("good.relationship_usd_million")]
    sunk = [1e6 * million for million in column("good.sunk_cost_usd_million")]
    green, red = column("importer.customs.green_share"), column("importer.customs.red_share")
    days = zip(*(column(f"importer.customs.{lane}_days") for lane in _LANES), strict=True)
    lane_days = [list(some) for some in days]
    return [
        Good(
            is_first_exporter=flow.exporter == spec.economies[0],
            incumbent=float(conditions.incumbent[n]),
            mean_value=value[n],
            sunk_cost=sunk[n],
            carrying_rate=column("good.carrying_rate")[n],
            order_cost=column("good.order_cost_usd")[n],
            life=conditions.lives[n],
            candidates=float(conditions.candidates[n]),
            missing_found=float(conditions.missing_found[n]),
            norm_stock=float(conditions.norm[n] / value[n] / conditions.lives[n].mean_size),
            index=index[:, n].tolist(),
            order_sigma=_sigma(column("good.order_cv")[n]),
            production_days=column("good.production_days")[n],
            production_sigma=_sigma(column("good.production_cv")[n]),
            corridor_steps=steps[n, :-1].tolist(),
            lane_steps=[green[n], 1.0 - red[n]],
            lane_days=lane_days[n],
            rejection_share=column("importer.customs.rejection_share")[n],
        )
        for n, flow in enumerate(spec.flows)
    ]


_LANES = ("green", "yellow", "red")
RED = 2


def _channels(spec: Specification, conditions: Conditions, means: _Means) -> list[Channel]:
    count = len(spec.channels)
    limits = means.column("channel.clearing.credit_limit_usd_million", count, np.inf)
    return [
        Channel(slots, days, _sigma(cv), refusal, limit, netting, down)
        for slots, days, cv, refusal, limit, netting, down in zip(
            np.floor(means.column("channel.slots", count, np.inf)).tolist(),
            means.column("channel.processing_days", count, 0.0),
            means.column("channel.processing_cv", count, 0.0),
            means.column("channel.refusal_share", count, 0.0),
            [1e6 * limit if np.isfinite(limit) else None for limit in limits],
            means.column("channel.clearing.netting_share", count, 0.0),
            conditions.channel_down,
            strict=True,
        )
    ]


def _corridors(spec: Specification, conditions: Conditions, means: _Means) -> list[Corridor]:
    count = len(spec.corridors)
    return [
        Corridor(minimum, excess, _sigma(cv), slots, closed)
        for minimum, excess, cv, slots, closed in zip(
            means.column("corridor.minimum_days", count, 0.0),
            means.column("corridor.excess_days", count, 0.0),
            means.column("corridor.excess_cv", count, 0.0),
            np.floor(means.column("corridor.slots", count, np.inf)).tolist(),
            conditions.corridor_closed,
            strict=True,
        )
    ]


def _sigma(cv: float) -> float:
    """Standard deviation of the logarithm at a coefficient of variation."""
    return float(np.sqrt(np.log1p(cv * cv)))


@dataclass(frozen=True, slots=True)
class Life:
    """What is drawn of a relationship when it begins."""

    age_years: float
    left_years: float
    value: float
    phase: float


class Dice:
    """Scalar draws, one after the other, of one generator."""

    def __init__(self, plan: Plan, seed: int) -> None:
        self.plan = plan
        self.rng = np.random.default_rng(seed)

    def happens(self, share: float) -> bool:
        """Whether something of this chance happens."""
        return self.rng.random() < share

    def factor(self, sigma: float) -> float:
        """A lognormal number of mean 1."""
        return self.rng.lognormal(-0.5 * sigma * sigma, sigma)

    def chosen(self, steps: list[float]) -> int:
        """One of several, by steps of the unit interval."""
        return bisect_right(steps, self.rng.random())

    def interval(self) -> float:
        """Time between two orders over its mean."""
        if self.plan.interval == "uniform":
            return 0.5 + self.rng.random()
        return self.rng.exponential() if self.plan.interval == "exponential" else 1.0

    def life(self, good: Good, age: float) -> Life:
        """A relationship of some age, of the mean mature size."""
        sigma = self.plan.single["value_sigma"]
        value = good.mean_value * self.factor(sigma)
        return Life(age, self._left(good.life, age), value, self.rng.random())

    def _left(self, table: LifeTable, age: float) -> float:
        """Years left to live, under a hazard with a gamma frailty."""
        if not np.isfinite(table.mean_years):
            return np.inf
        survived, frailty = np.interp(age, AGES, table.hazard), 1.0
        variance = self.plan.single["frailty_variance"]
        if variance > 0.0:
            frailty = self.rng.gamma(1.0 / variance) / (1.0 / variance + survived)
        mark = survived + self.rng.exponential() / max(frailty, 1e-12)
        return max(float(np.interp(mark, table.hazard, AGES, right=_OLDEST)) - age, 0.0)

    def incumbents(self, good: Good) -> list[Life]:
        """A stock that has been there for long, and trades what is observed."""
        if good.incumbent <= 0.0:
            return []
        single, table = self.plan.single, good.life
        expected = good.incumbent / (good.mean_value * table.mean_size)
        count = max(1, int(expected + self.rng.random()))
        ages = [float(np.interp(self.rng.random(), table.survivors, AGES)) for _ in range(count)]
        lives = [self.life(good, age) for age in ages]
        traded = sum(
            life.value * size(life.age_years, single["start_share"], single["growth_years"])
            for life in lives
        )
        share = good.incumbent / traded
        return [
            Life(life.age_years, life.left_years, life.value * share, life.phase) for life in lives
        ]


@dataclass(slots=True)
class Stock:
    """Relationships of a good that are alive."""

    count: int = 0
    value: float = 0.0


@dataclass(slots=True)
class Partner:
    """A buyer and a seller who trade with each other."""

    good: int
    life: Life
    born: float
    has_left: bool = False


@dataclass(slots=True)
class Order:
    """One order and what became of it."""

    partner: Partner
    value: float
    created: float
    accepted: float | None = None
    delivered: float | None = None
    paid: float | None = None
    obstacle: str | None = None


@dataclass(slots=True)
class Market:
    """What any writing of the flow needs besides its library: the month, the stocks, the log."""

    plan: Plan
    dice: Dice
    month: int = 0
    stocks: list[Stock] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.stocks = [Stock() for _ in self.plan.goods]

    def join(self, partner: Partner, sign: int) -> None:
        """A relationship begins, or ends with -1."""
        stock = self.stocks[partner.good]
        stock.count += sign
        stock.value += sign * partner.life.value

    def demand(self, partner: Partner, now: float) -> float:
        """Dollars a year that a relationship buys at its age, in this month."""
        single, years = self.plan.single, (now - partner.born) / DAYS_PER_YEAR
        grown = size(years, single["start_share"], single["growth_years"])
        return partner.life.value * grown * self.plan.goods[partner.good].index[self.month]

    def often(self, partner: Partner, yearly: float) -> float:
        """Orders a year of a relationship."""
        good = self.plan.goods[partner.good]
        return orders_per_year(yearly, good.carrying_rate, good.order_cost)

    def order(self, partner: Partner, yearly: float, often: float, now: float) -> Order:
        """Place an order."""
        sigma = self.plan.goods[partner.good].order_sigma
        order = Order(partner, yearly / often * self.dice.factor(sigma), now)
        self.orders.append(order)
        return order

    def births(self, number: int) -> float:
        """Candidates a year for entry into a flow."""
        good, single, stock = self.plan.goods[number], self.plan.single, self.stocks[number]
        return births_per_year(
            good.candidates,
            good.missing_found,
            single["search_support"],
            stock.value / max(good.norm_stock * good.mean_value, 1e-9),
            stock.count / max(good.norm_stock, 1e-9),
            single["spillover"],
        )

    def pays(self, number: int, life: Life) -> bool:
        """Whether a candidate enters."""
        good, single = self.plan.goods[number], self.plan.single
        earned = single["profit_share"] * single["payback_years"]
        return life.value * good.index[self.month] * earned >= good.sunk_cost

    def fail(self, order: Order, obstacle: str) -> None:
        """An order fails, which may end the relationship."""
        order.obstacle = obstacle
        if self.dice.happens(self.plan.single["exit_after_failure_share"]):
            order.partner.has_left = True

    def opens(self, corridor: int, now: float) -> float:
        """When a corridor takes goods."""
        for closes, opens in self.plan.corridors[corridor].closed:
            if closes <= now < opens:
                return opens
        return now

    def netted(self, channel: int, days: float) -> float:
        """Share of a balance that is settled in hard currency over so many days."""
        return 1.0 - (1.0 - self.plan.channels[channel].netting_share) ** (days / DAYS_PER_MONTH)


class Trade:
    """The flow in SimPy."""

    def __init__(self, plan: Plan, seed: int) -> None:
        self.plan = plan
        self.dice = Dice(plan, seed)
        self.market = Market(plan, self.dice)
        self.env = simpy.Environment(initial_time=plan.edges[0])
        self.desks = [simpy.Resource(self.env, channel.slots) for channel in plan.channels]
        self.repaired: list[simpy.Event | None] = [None] * len(plan.channels)
        self.accounts = [
            None
            if channel.limit is None
            else simpy.Container(self.env, 2.0 * channel.limit, channel.limit)
            for channel in plan.channels
        ]
        self.rooms = [
            simpy.Resource(self.env, corridor.slots) if np.isfinite(corridor.slots) else None
            for corridor in plan.corridors
        ]

    def run(self) -> list[Order]:
        """Let time pass until the end of the horizon; the orders."""
        self.env.process(self.calendar())
        for channel in range(len(self.plan.channels)):
            self.env.process(self.failures(channel))
        for number, good in enumerate(self.plan.goods):
            self.env.process(self.search(number))
            for life in self.dice.incumbents(good):
                self.env.process(self.relationship(number, life))
        self.env.run(until=self.plan.edges[-1])
        return self.market.orders

    def calendar(self) -> Process:
        """Months pass, and clearing accounts are netted."""
        for month, (start, end) in enumerate(pairwise(self.plan.edges)):
            self.market.month = month
            for channel, account in enumerate(self.accounts):
                if account is not None:
                    self.env.process(self.net(channel, account, end - start))
            yield self.env.timeout(end - start)

    def net(self, channel: int, account: simpy.Container, days: float) -> Process:
        """Settle a part of the balance in hard currency."""
        balance = account.level - account.capacity / 2.0
        moved = balance * self.market.netted(channel, days)
        if moved > 0.0:
            yield account.get(moved)
        elif moved < 0.0:
            yield account.put(-moved)

    def failures(self, channel: int) -> Process:
        """A channel fails and is repaired."""
        for down, up in self.plan.channels[channel].down:
            yield self.env.timeout(down - self.env.now)
            repaired = self.repaired[channel] = self.env.event()
            yield self.env.timeout(up - self.env.now)
            self.repaired[channel] = None
            repaired.succeed()

    def search(self, number: int) -> Process:
        """Candidates come, and some of them begin to trade."""
        good = self.plan.goods[number]
        while True:
            rate = self.market.births(number)
            if rate <= 0.0:
                yield self.env.timeout(DAYS_PER_MONTH)
                continue
            yield self.env.timeout(self.dice.rng.exponential(DAYS_PER_YEAR / rate))
            life = self.dice.life(good, 0.0)
            if self.market.pays(number, life):
                self.env.process(self.relationship(number, life))

    def relationship(self, number: int, life: Life) -> Process:
        """Order again and again."""
        env, market = self.env, self.market
        partner = Partner(number, life, env.now - life.age_years * DAYS_PER_YEAR)
        ends = env.now + life.left_years * DAYS_PER_YEAR
        wait = life.phase if self.plan.interval == "uniform" else 1.0
        market.join(partner, 1)
        while not partner.has_left:
            yearly = market.demand(partner, env.now)
            if yearly <= 0.0:
                yield env.timeout(DAYS_PER_MONTH)
                continue
            often = market.often(partner, yearly)
            pause = wait * self.dice.interval() * DAYS_PER_YEAR / often
            if env.now + pause >= ends:
                yield env.timeout(max(ends - env.now, 0.0))
                break
            yield env.timeout(pause)
            yearly = market.demand(partner, env.now)
            env.process(self.order(market.order(partner, yearly, often, env.now)))
            wait = 1.0
        market.join(partner, -1)

    def order(self, order: Order) -> Process:
        """From order to cash."""
        env, dice, plan = self.env, self.dice, self.plan
        good = plan.goods[order.partner.good]
        channel = yield from self.settle(order)
        if channel is None:
            self.market.fail(order, "settlement")
            return
        order.accepted = env.now
        yield env.timeout(good.production_days * dice.factor(good.production_sigma))
        yield from self.cross(dice.chosen(good.corridor_steps))
        lane = dice.chosen(good.lane_steps)
        yield env.timeout(good.lane_days[lane])
        if lane == RED and dice.happens(good.rejection_share):
            self.market.fail(order, "customs")
            yield from self.give_back(order, channel)
            return
        order.delivered = env.now
        yield env.timeout(plan.single["payment_days"] * dice.factor(plan.payment_sigma))
        if dice.happens(plan.single["default_share"]):
            self.market.fail(order, "default")
            return
        order.paid = env.now

    def settle(self, order: Order) -> Process:
        """Have a payment set up; the channel that accepts it, if one does."""
        env, dice = self.env, self.dice
        patience = dice.rng.exponential(self.plan.single["patience_days"])
        number = dice.chosen(self.plan.channel_steps)
        for attempt in range(1, self.plan.attempts + 1):
            channel, asked = self.plan.channels[number], env.now
            if self.repaired[number] is not None and attempt < self.plan.attempts:
                number = self.plan.fallback[number]
                continue
            if self.repaired[number] is not None:
                yield self.repaired[number] | env.timeout(patience)
                if self.repaired[number] is not None:
                    return None
            with self.desks[number].request() as slot:
                yield slot | env.timeout(max(patience - (env.now - asked), 0.0))
                if not slot.triggered:
                    return None
                patience = max(patience - (env.now - asked), 0.0)
                yield env.timeout(channel.days * dice.factor(channel.sigma))
            if not dice.happens(channel.refusal_share):
                is_booked = yield from self.book(order, number, patience)
                return number if is_booked else None
            number = self.plan.fallback[number]
        return None

    def book(self, order: Order, channel: int, patience: float) -> Process:
        """Book an order on the clearing account of its channel, if there is one."""
        account = self.accounts[channel]
        if account is None:
            return True
        is_put = self.plan.goods[order.partner.good].is_first_exporter
        booking = account.put(order.value) if is_put else account.get(order.value)
        yield booking | self.env.timeout(patience)
        if not booking.triggered:
            booking.cancel()
        return booking.triggered

    def give_back(self, order: Order, channel: int) -> Process:
        """Take an order's value back out of the account."""
        account = self.accounts[channel]
        if account is not None:
            is_put = self.plan.goods[order.partner.good].is_first_exporter
            yield account.get(order.value) if is_put else account.put(order.value)

    def cross(self, number: int) -> Process:
        """The corridor brings the goods across when it has room and is open."""
        env, corridor, room = self.env, self.plan.corridors[number], self.rooms[number]
        slot = room.request() if room is not None else None
        if slot is not None:
            yield slot
        opens = self.market.opens(number, env.now)
        if opens > env.now:
            yield env.timeout(opens - env.now)
        excess = corridor.excess_days * self.dice.factor(corridor.sigma)
        yield env.timeout(corridor.minimum_days + excess)
        if slot is not None:
            room.release(slot)
