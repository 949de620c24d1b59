"""Reference engine: the SimPy model, the readable truth.

Four kinds of process tell their lives: the calendar, a relationship, a contract and an order.
"""

import gc
from bisect import bisect_right
from itertools import pairwise

from simpy import Environment

from simulator.conditions import Conditions, Deal, Worlds, worlds
from simulator.draws import Draws
from simulator.engines.log import (
    ACCEPTED,
    ARRIVED,
    CAUSE,
    CHANNEL,
    CORRIDOR,
    FEE_CENTS,
    GRANTED,
    PROCESSED,
    PRODUCED,
    SHIPPED,
    OrderLog,
    Record,
)
from simulator.engines.stations import FOREVER, ClearingAccount, Station
from simulator.engines.stories import Stage, Story, tell
from simulator.engines.tables import NO_LIMIT, Tables, first_wait, is_first_exporter
from simulator.entities import CHANNEL as FIRST_CHANNEL
from simulator.entities import CORRIDOR as FIRST_CORRIDOR
from simulator.entities import (
    DEFAULT,
    EXIT,
    INTERVAL,
    LANE,
    PATIENCE,
    PAYMENT,
    PROCESSING,
    PRODUCTION,
    REFUSAL,
    REJECTION,
    SECOND_PROCESSING,
    SECOND_REFUSAL,
    SIZE,
    TRANSIT,
    Life,
    Luck,
    Orders,
)
from simulator.equations.ordering import orders_per_year
from simulator.equations.relationships import births_per_year, enters, size
from simulator.equations.settlement import netted_share
from simulator.ledger import (
    CLEARING,
    CORRIDOR_CLOSED,
    CORRIDOR_SLOTS,
    INTERRUPTED,
    QUEUE_FULL,
    REFUSED,
    REJECTED,
    SLOTS,
)
from simulator.scenario.types import DAYS_PER_MONTH, DAYS_PER_YEAR
from simulator.shocks import Windows
from simulator.specification import Specification
from simulator.trajectory import (
    ENTRANTS,
    FIRST_CONTRACT,
    INCUMBENTS,
    NOT_YET,
    StationUse,
    Trajectories,
    Trajectory,
)

ATTEMPTS = ((PROCESSING, REFUSAL), (SECOND_PROCESSING, SECOND_REFUSAL))


def simulate(spec: Specification, conditions: Conditions, draws: Draws) -> Trajectory:
    """Run one replication from the start of the warm-up to the end of the horizon."""
    world = World(spec, conditions, Luck(spec, conditions, draws))
    world.run()
    return world.trajectory()


def simulate_all(
    spec: Specification, seed: int, replications: range
) -> tuple[Worlds, Trajectories]:
    """Run some replications, one after the other."""
    drawn = worlds(spec, Draws(seed, replications))
    lived = [
        simulate(spec, drawn.one(place), Draws(seed, replication))
        for place, replication in enumerate(replications)
    ]
    return drawn, Trajectories.of(lived)


class Partner:
    """A buyer and a seller who trade with each other."""

    __slots__ = ("has_left",)

    def __init__(self) -> None:
        self.has_left = False


class World:
    """The state that the processes of one replication share."""

    def __init__(self, spec: Specification, conditions: Conditions, luck: Luck) -> None:
        self.spec = spec
        self.conditions = conditions
        self.luck = luck
        self.tables = Tables.of(spec, conditions).listed()
        self.is_first_exporter = is_first_exporter(spec)
        self.env = Environment(initial_time=spec.periods.edges[0])
        self.log = OrderLog(len(spec.flows))
        self.now = self.tables.months[0]
        self.attempts = ATTEMPTS[: spec.scenario.settlement.attempts]
        limits = [spec.scenario.settlement.channels[name].queue_limit for name in spec.channels]
        self.channels = [
            Station(self.env, slots, FOREVER if limit is None else limit)
            for slots, limit in zip(self.now.slots, limits, strict=True)
        ]
        self.accounts = [
            None if limit == NO_LIMIT else ClearingAccount(self.env, limit)
            for limit in self.now.credit_limit
        ]
        self.corridors = [
            None if slots == FOREVER else Station(self.env, slots, FOREVER)
            for slots in self.now.corridor_slots
        ]
        self.stock = [0] * len(spec.flows)
        self.mass = [0.0] * len(spec.flows)
        self._start()

    def _start(self) -> None:
        """Start every story that exists from the beginning; the calendar comes last to see them."""
        for channel, windows in zip(self.channels, self.conditions.channel_down, strict=True):
            tell(self.interruptions(channel, windows))
        for flow, lives in enumerate(self.luck.incumbents()):
            for number, life in enumerate(lives):
                tell(self.relationship(flow, INCUMBENTS, number, life))
        orders = self.luck.contract_orders()
        for place, deal in enumerate(self.conditions.deals):
            tell(self.contract(deal, orders, place))
        tell(self.calendar())

    def run(self) -> None:
        """Let time pass until the end of the horizon."""
        # The log only grows while time passes: looking for garbage takes a sixth of it in vain.
        was_enabled = gc.isenabled()
        gc.disable()
        try:
            self.env.run(until=self.spec.periods.edges[-1])
        finally:
            if was_enabled:
                gc.enable()

    def calendar(self) -> Story:
        """Every month brings new rates, limits and capacities, and new relationships."""
        env = self.env
        edges = self.spec.periods.edges
        searches = [Search(self, flow) for flow in range(len(self.spec.flows))]
        for month, (start, end) in zip(self.tables.months, pairwise(edges), strict=True):
            self.now = month
            self._renew(end - start)
            for search in searches:
                search.through(end - start)
            yield env.timeout(end - start)

    def _renew(self, days: float) -> None:
        """Open a month of so many days: what channels, accounts and corridors offer."""
        month = self.now
        for channel, slots in zip(self.channels, month.slots, strict=True):
            channel.change(capacity=slots)
        for corridor, slots in zip(self.corridors, month.corridor_slots, strict=True):
            if corridor is not None:
                corridor.change(capacity=slots)
        for account, limit, share in zip(
            self.accounts, month.credit_limit, month.netting_share, strict=True
        ):
            if account is not None and limit != NO_LIMIT:
                account.renew(limit, netted_share(share, days / DAYS_PER_MONTH))

    def interruptions(self, channel: Station, windows: Windows) -> Story:
        """A settlement channel fails and is repaired."""
        for down, up in windows:
            yield self.env.timeout(down - self.env.now)
            channel.change(is_open=False)
            yield self.env.timeout(up - self.env.now)
            channel.change(is_open=True)

    def relationship(
        self, flow: int, stream: int, number: int, life: Life, found_after: float = 0.0
    ) -> Story:
        """A buyer and a seller order again and again, until their relationship ends."""
        env, tables = self.env, self.tables
        if found_after > 0.0:
            yield env.timeout(found_after)
        partner = Partner()
        born = env.now - life.age_years * DAYS_PER_YEAR
        ends = env.now + life.left_years * DAYS_PER_YEAR
        wait = first_wait(self.luck.laws.interval, life.phase)
        self.stock[flow] += 1
        self.mass[flow] += life.value
        placed = 0
        yearly = self._demand(flow, life.value, born)
        while not partner.has_left:
            if yearly <= 0.0:
                yield env.timeout(DAYS_PER_MONTH)
                yearly = self._demand(flow, life.value, born)
                continue
            row = life.orders.row(life.place, placed)
            often = orders_per_year(yearly, tables.carrying_rate[flow], tables.order_cost[flow])
            pause = wait * row[INTERVAL] * DAYS_PER_YEAR / often
            if env.now + pause >= ends:
                yield env.timeout(max(ends - env.now, 0.0))
                break
            yield env.timeout(pause)
            yearly = self._demand(flow, life.value, born)
            if partner.has_left:
                break
            cents = round(yearly / often * row[SIZE] * 100.0)
            record = self.log.create(flow, stream, number, cents, env.now)
            tell(self.order(record, flow, cents, row, partner))
            wait = 1.0
            placed += 1
        self.stock[flow] -= 1
        self.mass[flow] -= life.value

    def _demand(self, flow: int, mature: float, born: float) -> float:
        """What a relationship of this age buys a year, at the desired flow of the month."""
        years = (self.env.now - born) / DAYS_PER_YEAR
        grown = size(years, self.tables.start_share, self.tables.growth_years)
        return mature * grown * self.now.flow_index[flow]

    def contract(self, deal: Deal, orders: Orders, place: int) -> Story:
        """A mega-contract falls due in instalments; it is met, met in part, or not at all."""
        env, stream = self.env, FIRST_CONTRACT + deal.contract
        for instalment in range(deal.instalments):
            day = deal.first_day + instalment * deal.spacing_days
            if day < env.now:
                continue
            yield env.timeout(day - env.now)
            cents = deal.ordered_cents
            self.log.due(deal, env.now, cents)
            if cents > 0:
                record = self.log.create(deal.flow, stream, deal.number, cents, env.now)
                tell(self.order(record, deal.flow, cents, orders.row(place, instalment), None))

    def order(
        self, record: Record, flow: int, cents: int, row: list[float], by: Partner | None
    ) -> Story:
        """From order to cash: settlement, production, corridor, customs, delivery, payment."""
        env, log = self.env, self.log
        change = cents if self.is_first_exporter[flow] else -cents
        if not (yield from self.settlement(record, row, change)):
            self._disappoint(row, by)
            return

        yield env.timeout(self.now.production_days[flow] * row[PRODUCTION])
        record[PRODUCED] = env.now

        yield from self.transit(record, row)

        days, is_red = self.now.lane(flow, row[LANE])
        yield env.timeout(days)
        if is_red and row[REJECTION] < self.now.rejection_share[flow]:
            log.hinder(record, REJECTED, env.now)
            log.lose(record, REJECTED, env.now)
            self._refund(record, change)
            self._disappoint(row, by)
            return
        log.deliver(record, env.now)

        yield env.timeout(self.now.payment_days * row[PAYMENT])
        is_paid = row[DEFAULT] >= self.now.default_share
        log.settle(record, env.now, is_paid=is_paid)
        if not is_paid:
            self._disappoint(row, by)

    def settlement(self, record: Record, row: list[float], change: int) -> Stage:
        """A settlement channel sets the payment up, or refuses it; then another one is tried."""
        env, log = self.env, self.log
        patience = row[PATIENCE] * self.now.patience_days
        channel = int(row[FIRST_CHANNEL])
        for processing, refusal in self.attempts:
            station = self.channels[channel]
            if not station.is_open and refusal != self.attempts[-1][1]:
                log.hinder(record, INTERRUPTED, env.now)
                channel = self.tables.fallback[channel]
                continue
            if not station.take():
                log.hinder(record, SLOTS if station.is_open else INTERRUPTED, env.now)
                if station.is_full():
                    log.lose(record, QUEUE_FULL, env.now)
                    return False
                asked = env.now
                if not (yield station.wait(patience)):
                    log.lose(record, int(record[CAUSE]), env.now)
                    return False
                patience = max(patience - (env.now - asked), 0.0)
            record[GRANTED], record[PROCESSED] = env.now, NOT_YET
            yield env.timeout(self.now.processing_days[channel] * row[processing])
            record[PROCESSED] = env.now
            station.release()
            if row[refusal] >= self.now.refusal_share[channel]:
                record[CHANNEL] = channel
                return (yield from self.clearing(record, patience, change))
            log.hinder(record, REFUSED, env.now)
            channel = self.tables.fallback[channel]
        log.lose(record, REFUSED, env.now)
        return False

    def clearing(self, record: Record, patience: float, change: int) -> Stage:
        """Payment by clearing waits until the other side has sold enough; any other is accepted."""
        env, log, channel = self.env, self.log, int(record[CHANNEL])
        account = self.accounts[channel]
        if account is not None and not account.book(change):
            log.hinder(record, CLEARING, env.now)
            if not (yield account.wait(change, patience)):
                log.lose(record, int(record[CAUSE]), env.now)
                return False
        record[FEE_CENTS] = round(abs(change) * self.now.fee_share[channel])
        record[ACCEPTED] = env.now
        return True

    def transit(self, record: Record, row: list[float]) -> Story:
        """The corridor takes the goods when it is open and has room, and brings them across."""
        env, log, corridor = self.env, self.log, int(row[FIRST_CORRIDOR])
        record[CORRIDOR] = corridor
        room = self.corridors[corridor]
        if room is not None and not room.take():
            log.hinder(record, CORRIDOR_SLOTS, env.now)
            yield room.wait(FOREVER)
        opens = opening(self.conditions.corridor_closed[corridor], env.now)
        if opens > env.now:
            log.hinder(record, CORRIDOR_CLOSED, env.now)
            # A corridor that never opens again holds the goods beyond any horizon.
            yield env.timeout(opens - env.now)
        record[SHIPPED] = env.now
        month = self.now
        yield env.timeout(month.minimum_days[corridor] + month.excess_days[corridor] * row[TRANSIT])
        record[ARRIVED] = env.now
        if room is not None:
            room.release()

    def _refund(self, record: Record, change: int) -> None:
        """Take a rejected order's value back out of the clearing account."""
        account = self.accounts[int(record[CHANNEL])]
        if account is not None:
            account.reverse(change)

    def _disappoint(self, row: list[float], by: Partner | None) -> None:
        """A failed order may end the relationship, at the latest when the next order is due."""
        if by is not None and row[EXIT] < self.now.exit_share:
            by.has_left = True

    def trajectory(self) -> Trajectory:
        """What happened, with the books closed."""
        used = [
            StationUse(
                *channel.use(),
                in_use=channel.in_use,
                clearing_balance_cents=0 if account is None else account.balance,
                netted_cents=0 if account is None else account.netted,
            )
            for channel, account in zip(self.channels, self.accounts, strict=True)
        ]
        return self.log.trajectory(tuple(used), self.stock)


class Search:
    """Buyers and sellers of one flow looking for each other: candidates come, some enter."""

    def __init__(self, world: World, flow: int) -> None:
        self.world = world
        self.flow = flow
        self.candidates = world.luck.candidates(flow)
        self.number = 0
        self.missing = 0.0
        """Expected candidates until the next one comes; 0 before it is known."""

    def through(self, days: float) -> None:
        """Candidates of one month, at the rate of its first day."""
        world, tables, flow = self.world, self.world.tables, self.flow
        rate = self._rate()
        if rate <= 0.0:
            return
        day = 0.0
        while True:
            gap, life = self.candidates[self.number]
            self.missing = self.missing or gap
            due = day + self.missing * DAYS_PER_YEAR / rate
            if due >= days:
                self.missing -= (days - day) * rate / DAYS_PER_YEAR
                return
            day = due
            self.missing = 0.0
            self.number += 1
            value = life.value * world.now.flow_index[flow]
            if enters(value, tables.profit_share, tables.payback_years, tables.sunk_cost[flow]):
                number = self.number - 1
                tell(world.relationship(flow, ENTRANTS, number, life, day))

    def _rate(self) -> float:
        """Candidates a year now."""
        world, tables, flow = self.world, self.world.tables, self.flow
        return births_per_year(
            tables.candidates[flow],
            tables.missing_found[flow],
            world.now.search_support,
            world.mass[flow] / tables.norm_mass[flow],
            world.stock[flow] / tables.norm_stock[flow],
            tables.spillover,
        )


def opening(closed: Windows, now: float) -> float:
    """The first time from ``now`` on that lies outside the windows."""
    place = bisect_right(closed, (now, FOREVER)) - 1
    return closed[place][1] if place >= 0 and closed[place][1] > now else now
