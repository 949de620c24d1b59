"""Compiled engine: the model of ``engines.reference`` as one loop over events, in machine code.

The same decisions at the same times in the same order, so the same bits; where the two differ, this
one is wrong. What is a pause in a process there is a kind of event here.

Orders go ahead of time where nothing can come between: an accepted order on a corridor without
slots meets nobody until it fails. Its failure is an event that was scheduled too early to know its
place among others of the same time. If there are others, the replication is told again without
going ahead.
"""

import numpy as np

from simulator.conditions import Conditions, Worlds, worlds
from simulator.draws import Draws
from simulator.engines.agenda import (
    MOST_SUBJECTS,
    NOTHING,
    SLICE,
    add,
    clear_all,
    is_next_at,
    kind_of,
    subject_of,
    take_first,
)
from simulator.engines.arrays import MACHINE_CODE
from simulator.engines.births import entrant, gap_before, incumbents, next_place, size, value_of
from simulator.engines.chance import fill
from simulator.engines.compiling import compiled, inlined
from simulator.engines.loading import Addresses, Loading, loaded, places, unloaded
from simulator.engines.luck import (
    CHANNEL,
    CORRIDOR,
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
    clear_rows,
    copy_row,
    draw,
    finish,
    give_back,
    prefetch_row,
    take_row,
)
from simulator.engines.memory import Ints, opener
from simulator.engines.stations import FOREVER
from simulator.engines.tables import NO_LIMIT
from simulator.engines.world import (
    DONE,
    FOR_CLEARING,
    FOR_ROOM,
    FOR_SLOT,
    NEXT,
    NOBODY,
    NOT_WAITING,
    RECORD,
    SHORT_OF_ORDERS,
    TIED,
    World,
)
from simulator.entities import ENTITIES_PER_PARTNER
from simulator.equations import customs, ordering, relationships, settlement
from simulator.ledger import (
    CLEARING,
    CORRIDOR_CLOSED,
    CORRIDOR_SLOTS,
    INTERRUPTED,
    ON_THE_WAY,
    QUEUE_FULL,
    REFUSED,
    REJECTED,
    SLOTS,
)
from simulator.portable import accelerate
from simulator.scenario.sizes import expected_orders
from simulator.scenario.types import DAYS_PER_MONTH, DAYS_PER_YEAR
from simulator.specification import Specification
from simulator.trajectory import (
    DEFAULTED,
    DELIVERED,
    IN_PROGRESS,
    LOST,
    NOT_YET,
    PAID,
    IntArray,
    Trajectories,
    Trajectory,
)
from simulator.turns import aside

(
    MONTH_BEGINS,
    CHANNEL_FAILS,
    CHANNEL_IS_REPAIRED,
    PARTNERS_MEET,
    NEXT_ORDER,
    ASKS_AGAIN,
    LIFE_ENDS,
    INSTALMENT_FALLS_DUE,
    SLOT_IS_GRANTED,
    PATIENCE_ENDS,  # of those who wait for a slot, for a second one, for clearing
    SECOND_PATIENCE_ENDS,
    CLEARING_PATIENCE_ENDS,
    GIVES_UP,
    PROCESSING_ENDS,
    CLEARING_IS_GRANTED,
    ACCEPTED,
    PRODUCED,
    ROOM_IS_GRANTED,
    CORRIDOR_OPENS,
    ARRIVED,
    CLEARED,
    INSPECTED,
    PAYMENT_DUE,
    FAILS,
) = range(24)
"""Kinds of events. From ``ACCEPTED`` to ``PAYMENT_DUE`` they are the stages of one order."""

ROOM, SPARE = 64, 1.5
"""Orders of a replication that fit in at first: a few, and so many times those expected."""

NOT_RUN = -1
"""Orders of a replication that has not been run."""

TOO_MANY = "more relationships or orders than the compiled engine can number"

NEAR = 2**19
"""Numbers of all relationships that lie near the processor anyway."""

PARTNERS = 1024
"""Relationships of a replication that fit in at first, besides those at the start."""

orders_squared = inlined(ordering.orders_squared)
orders_per_year = inlined(ordering.orders_per_year, orders_squared=orders_squared)
births_per_year = inlined(relationships.births_per_year)
enters = inlined(relationships.enters)
fits_credit_limit = inlined(settlement.fits_credit_limit)
netted_share = inlined(settlement.netted_share)
lane = inlined(customs.lane)
opened = opener(World)

accelerate(**MACHINE_CODE)


@inlined
def reset(world: World) -> None:
    """Nothing has happened yet."""
    clock, flows = world.clock, world.flows
    clock.now[0], clock.last[0] = clock.turns[0], clock.turns[0] - 1.0
    clock.month[0], clock.status[0] = 0, DONE
    clear_all(world.agenda)
    world.partners.total[0] = world.orders.total[0] = world.deals.dues[0] = 0
    clear_rows(world.luck)
    for deal in range(world.deals.total):
        world.deals.next_instalment[deal] = 0
    for flow in range(flows.total):
        flows.stock[flow], flows.mass[flow] = 0, 0.0
        flows.next_candidate[flow], flows.missing[flow] = 0, 0.0
        flows.created_cents[flow] = flows.delivered_cents[flow] = flows.lost_cents[flow] = 0
    reset_stations(world)


@inlined
def reset_stations(world: World) -> None:
    """Nobody is there, accounts are even; what is offered is that of the first month."""
    stations, channels, months = world.stations, world.channels, world.months
    for station in range(stations.total):
        stations.is_open[station] = 1
        stations.in_use[station] = stations.waiting[station] = 0
        stations.first[station] = stations.last[station] = NOBODY
        stations.busy[station] = stations.waited[station] = 0.0
    for channel in range(channels.total):
        stations.capacity[channel] = months.slots[channel]
        channels.window[channel] = channels.first_window[channel]
        channels.balance[channel] = channels.netted[channel] = 0
        channels.limit[channel] = months.credit_limit[channel]
        for side in (2 * channel, 2 * channel + 1):
            channels.first[side] = channels.last[side] = NOBODY
    corridors = world.corridors
    for corridor in range(corridors.total):
        corridors.window[corridor] = corridors.first_window[corridor]
        stations.capacity[channels.total + corridor] = months.corridor_slots[corridor]


@inlined
def happen(world: World, kind: int, subject: int) -> None:
    """Do what an event brings."""
    if kind < SLOT_IS_GRANTED:
        happen_to_partners(world, kind, subject)
        return
    stage = kind
    if kind < ACCEPTED:
        stage = happen_at_settlement(world, kind, subject)
    if stage == FAILS:
        fail(world, subject)
    elif stage != NOTHING:
        go_on(world, subject, stage)


@inlined
def happen_to_partners(world: World, kind: int, subject: int) -> None:
    """What happens to relationships, contracts and the world around them."""
    if kind == NEXT_ORDER:
        next_order(world, subject)
    elif kind == ASKS_AGAIN:
        ask_again(world, subject)
    elif kind == LIFE_ENDS:
        leave(world, subject)
    elif kind == PARTNERS_MEET:
        meet(world, subject)
    elif kind == INSTALMENT_FALLS_DUE:
        instalment(world, subject)
    elif kind == MONTH_BEGINS:
        month_begins(world)
    elif kind == CHANNEL_FAILS:
        channel_fails(world, subject)
    else:
        channel_is_repaired(world, subject)


@inlined
def happen_at_settlement(world: World, kind: int, order: int) -> int:
    """What happens to an order before it is accepted; the stage that follows at once, if one."""
    if kind == PROCESSING_ENDS:
        return processed(world, order)
    if kind == CLEARING_IS_GRANTED:
        return accept(world, order)
    if kind == SLOT_IS_GRANTED:
        slot_is_granted(world, order)
    elif kind == GIVES_UP:
        lose(world, order, world.orders.cause[order], world.clock.now[0])
        disappoint(world, order)
    else:
        lose_patience(world, order, kind - PATIENCE_ENDS + FOR_SLOT)
    return NOTHING


@inlined
def schedule(world: World, delay: float, kind: int, subject: int) -> None:
    """Let something happen after a time."""
    add(world.agenda, world.common.end, world.clock.now[0] + delay, kind, subject)


@inlined
def start(world: World) -> None:
    """Begin every story that exists from the beginning; the calendar comes last to see them."""
    for channel in range(world.channels.total):
        await_failure(world, channel)
    for flow in range(world.flows.total):
        first = world.partners.total[0]
        incumbents(world, flow)
        for partner in range(first, world.partners.total[0], RECORD):
            meet(world, partner)
    for deal in range(world.deals.total):
        await_instalment(world, deal)
    open_month(world)


# --- The calendar ---


@inlined
def month_begins(world: World) -> None:
    """Every month brings new rates, limits and capacities, and new relationships."""
    clock = world.clock
    if clock.month[0] + 1 < world.common.months:
        clock.month[0] += 1
        open_month(world)


@inlined
def open_month(world: World) -> None:
    """What channels, accounts and corridors offer; then the searches of the month."""
    clock, channels, corridors = world.clock, world.channels, world.corridors
    month = clock.month[0]
    days = clock.days[month]
    for channel in range(channels.total):
        world.stations.capacity[channel] = world.months.slots[month * channels.total + channel]
        serve(world, channel)
    for corridor in range(corridors.total):
        pass_windows(world, corridor)
        if corridors.has_room[corridor]:
            station = channels.total + corridor
            place = month * corridors.total + corridor
            world.stations.capacity[station] = world.months.corridor_slots[place]
            serve(world, station)
    for channel in range(channels.total):
        limit = world.months.credit_limit[month * channels.total + channel]
        if channels.has_account[channel] and limit != NO_LIMIT:
            channels.limit[channel] = limit
            monthly = world.months.netting_share[month * channels.total + channel]
            share = netted_share(monthly, days / DAYS_PER_MONTH)
            netted = np.int64(np.rint(channels.balance[channel] * share))
            channels.netted[channel] += netted
            channels.balance[channel] -= netted
            serve_account(world, channel)
    for flow in range(world.flows.total):
        search(world, flow, days)
    schedule(world, days, MONTH_BEGINS, 0)


@inlined
def pass_windows(world: World, corridor: int) -> None:
    """Forget the windows that are over: all that is to come is later."""
    corridors, now = world.corridors, world.clock.now[0]
    window, after = corridors.window[corridor], corridors.after_windows[corridor]
    while window < after and corridors.opens[window] <= now:
        window += 1
    corridors.window[corridor] = window


@inlined
def month_at(world: World, time: float, month: int) -> int:
    """The month of an event that was scheduled in a month, for a time.

    When it is the very beginning of a month: the next month had been scheduled before the event,
    all later ones are scheduled after it.
    """
    turns, last = world.clock.turns, world.common.months - 1
    if month == last or time < turns[month + 1]:
        return month
    month += 1
    while month < last and time > turns[month + 1]:
        month += 1
    return month


@inlined
def search(world: World, flow: int, days: float) -> None:
    """Candidates of one month come, at the rate of its first day; some enter."""
    flows, common = world.flows, world.common
    month = world.clock.month[0]
    rate = births_per_year(
        flows.candidates[flow],
        flows.missing_found[flow],
        world.months.search_support[month],
        flows.mass[flow] / flows.norm_mass[flow],
        flows.stock[flow] / flows.norm_stock[flow],
        common.spillover,
    )
    if rate <= 0.0:
        return
    day = 0.0
    while world.clock.status[0] == DONE:
        number = flows.next_candidate[flow]
        if flows.missing[flow] == 0.0:
            flows.missing[flow] = gap_before(world, flow, number)
        due = day + flows.missing[flow] * DAYS_PER_YEAR / rate
        if due >= days:
            flows.missing[flow] -= (days - day) * rate / DAYS_PER_YEAR
            return
        day = due
        flows.missing[flow] = 0.0
        flows.next_candidate[flow] = number + 1
        mature = value_of(world, flow, number)
        value = mature * world.months.flow_index[month * flows.total + flow]
        if enters(value, common.profit_share, common.payback_years, flows.sunk_cost[flow]):
            schedule(world, day, PARTNERS_MEET, entrant(world, flow, number, mature))


@inlined
def await_failure(world: World, channel: int) -> None:
    """Schedule the next interruption of a channel."""
    channels = world.channels
    window = channels.window[channel]
    if window < channels.after_windows[channel]:
        schedule(world, channels.down[window] - world.clock.now[0], CHANNEL_FAILS, channel)


@inlined
def channel_fails(world: World, channel: int) -> None:
    """A settlement channel fails, until it is repaired."""
    world.stations.is_open[channel] = 0
    up = world.channels.up[world.channels.window[channel]]
    schedule(world, up - world.clock.now[0], CHANNEL_IS_REPAIRED, channel)


@inlined
def channel_is_repaired(world: World, channel: int) -> None:
    """A settlement channel works again."""
    world.stations.is_open[channel] = 1
    serve(world, channel)
    world.channels.window[channel] += 1
    await_failure(world, channel)


# --- Stations and accounts ---


@inlined
def take(world: World, station: int) -> bool:
    """Take a slot if one is free and nobody waits."""
    stations = world.stations
    is_free = stations.in_use[station] < stations.capacity[station]
    if stations.is_open[station] and not stations.waiting[station] and is_free:
        stations.in_use[station] += 1
        stations.busy[station] -= world.clock.now[0]
        return True
    return False


@inlined
def queue(world: World, station: int, order: int, what: int) -> None:
    """Queue for a slot."""
    stations = world.stations
    stations.waiting[station] += 1
    stations.waited[station] -= world.clock.now[0]
    world.orders.waits_for[order] = what
    append(stations.first, stations.last, world.orders.behind, station, order)


@inlined
def append(first: Ints, last: Ints, behind: Ints, place: int, order: int) -> None:
    """Put an order at the end of a queue."""
    if first[place] == NOBODY:
        first[place] = order
    else:
        behind[last[place]] = order
    last[place] = order
    behind[order] = NOBODY


@inlined
def release(world: World, station: int) -> None:
    """Give a slot back; the first in the queue has it at once."""
    world.stations.in_use[station] -= 1
    world.stations.busy[station] += world.clock.now[0]
    serve(world, station)


@inlined
def serve(world: World, station: int) -> None:
    """Grant slots to those who wait, as far as there are any."""
    stations, orders, now = world.stations, world.orders, world.clock.now[0]
    while (
        stations.first[station] != NOBODY
        and stations.is_open[station]
        and stations.in_use[station] < stations.capacity[station]
    ):
        order = stations.first[station]
        stations.first[station] = orders.behind[order]
        what = orders.waits_for[order]
        if what != NOT_WAITING:
            leave_queue(world, station, order)
            stations.in_use[station] += 1
            stations.busy[station] -= now
            kind = ROOM_IS_GRANTED if what == FOR_ROOM else SLOT_IS_GRANTED
            schedule(world, 0.0, kind, order)


@inlined
def leave_queue(world: World, station: int, order: int) -> None:
    """Wait no more."""
    world.stations.waiting[station] -= 1
    world.stations.waited[station] += world.clock.now[0]
    world.orders.waits_for[order] = NOT_WAITING


@inlined
def lose_patience(world: World, order: int, what: int) -> None:
    """Give up, if what was waited for has not come."""
    if world.orders.waits_for[order] == what:
        if what == FOR_CLEARING:
            world.orders.waits_for[order] = NOT_WAITING
        else:
            leave_queue(world, world.orders.trying[order], order)
        schedule(world, 0.0, GIVES_UP, order)


@inlined
def change_of(world: World, order: int) -> int:
    """What an order does to the balance of a clearing account."""
    cents = world.orders.cents[order]
    return cents if world.flows.is_first_exporter[world.orders.flow[order]] else -cents


@inlined
def first_of(world: World, side: int) -> int:
    """Who waits longest on one side of an account, passing over those who gave up."""
    channels, orders = world.channels, world.orders
    while channels.first[side] != NOBODY and orders.waits_for[channels.first[side]] == NOT_WAITING:
        channels.first[side] = orders.behind[channels.first[side]]
    return channels.first[side]


@inlined
def book(world: World, channel: int, change: int) -> bool:
    """Book a change if the limit allows it and nobody of the same side waits."""
    channels = world.channels
    if first_of(world, 2 * channel + (change < 0)) != NOBODY:
        return False
    if not fits_credit_limit(channels.balance[channel], change, channels.limit[channel]):
        return False
    channels.balance[channel] += change
    serve_account(world, channel)
    return True


@inlined
def serve_account(world: World, channel: int) -> None:
    """Let both sides go as long as one of them fits."""
    channels, orders = world.channels, world.orders
    has_moved = True
    while has_moved:
        has_moved = False
        for side in (2 * channel, 2 * channel + 1):
            order = first_of(world, side)
            if order != NOBODY:
                change = change_of(world, order)
                balance, limit = channels.balance[channel], channels.limit[channel]
                if fits_credit_limit(balance, change, limit):
                    channels.first[side] = orders.behind[order]
                    channels.balance[channel] += change
                    orders.waits_for[order] = NOT_WAITING
                    schedule(world, 0.0, CLEARING_IS_GRANTED, order)
                    has_moved = True


# --- Relationships and contracts ---


@inlined
def meet(world: World, partner: int) -> None:
    """A buyer and a seller begin to trade with each other."""
    partners, flows, now = world.partners, world.flows, world.clock.now[0]
    flow = partners.flow[partner]
    partners.born[partner] = now - partners.age_years[partner] * DAYS_PER_YEAR
    partners.ends[partner] = now + partners.left_years[partner] * DAYS_PER_YEAR
    partners.wait[partner] = partners.phase[partner] if world.common.starts_anywhere else 1.0
    partners.placed[partner] = partners.has_left[partner] = 0
    flows.stock[flow] += 1
    flows.mass[flow] += partners.value[partner]
    await_order(world, partner, demand(world, partner))


@inlined
def demand(world: World, partner: int) -> float:
    """What a relationship of this age buys a year, at the desired flow of the month."""
    partners, common, flows = world.partners, world.common, world.flows
    years = (world.clock.now[0] - partners.born[partner]) / DAYS_PER_YEAR
    grown = size(years, common.start_share, common.growth_years)
    place = world.clock.month[0] * flows.total + partners.flow[partner]
    return partners.value[partner] * grown * world.months.flow_index[place]


@inlined
def await_order(world: World, partner: int, yearly: float) -> None:
    """Schedule a relationship's next order, or its end."""
    partners, flows = world.partners, world.flows
    now, flow = world.clock.now[0], partners.flow[partner]
    if partners.has_left[partner]:
        leave(world, partner)
        return
    if yearly <= 0.0:
        schedule(world, DAYS_PER_MONTH, ASKS_AGAIN, partner)
        return
    entity = partners.number[partner] * ENTITIES_PER_PARTNER + partners.placed[partner]
    draw(world, partner + NEXT, flow, partners.key[partner], entity)
    often = orders_per_year(yearly, flows.carrying_rate[flow], flows.order_cost[flow])
    waiting = partners.wait[partner] * world.luck.numbers[partner + NEXT + INTERVAL]
    pause = waiting * DAYS_PER_YEAR / often
    if now + pause >= partners.ends[partner]:
        schedule(world, max(partners.ends[partner] - now, 0.0), LIFE_ENDS, partner)
        return
    partners.often[partner] = often
    schedule(world, pause, NEXT_ORDER, partner)


@inlined
def next_order(world: World, partner: int) -> None:
    """A relationship places an order, unless a failed one has ended it."""
    partners = world.partners
    yearly = demand(world, partner)
    if partners.has_left[partner]:
        leave(world, partner)
        return
    flow = partners.flow[partner]
    finish(world, partner + NEXT)
    share = world.luck.numbers[partner + NEXT + SIZE]
    cents = np.int64(np.rint(yearly / partners.often[partner] * share * 100.0))
    order = create(world, flow, partners.stream[partner], partners.number[partner], cents)
    partners.wait[partner] = 1.0
    partners.placed[partner] += 1
    choose(world, order, partner, copy_row(world.luck, partner + NEXT))
    await_order(world, partner, yearly)


@inlined
def ask_again(world: World, partner: int) -> None:
    """A relationship that wanted nothing looks again."""
    await_order(world, partner, demand(world, partner))


@inlined
def leave(world: World, partner: int) -> None:
    """A relationship ends."""
    flow = world.partners.flow[partner]
    world.flows.stock[flow] -= 1
    world.flows.mass[flow] -= world.partners.value[partner]


@inlined
def await_instalment(world: World, deal: int) -> None:
    """Schedule a contract's next instalment that is not past."""
    deals, now = world.deals, world.clock.now[0]
    while deals.next_instalment[deal] < deals.instalments[deal]:
        number = deals.next_instalment[deal]
        day = deals.first_day[deal] + number * deals.spacing_days[deal]
        if day >= now:
            schedule(world, day - now, INSTALMENT_FALLS_DUE, deal)
            return
        deals.next_instalment[deal] += 1


@inlined
def instalment(world: World, deal: int) -> None:
    """An instalment of a mega-contract falls due; it is met, met in part, or not at all."""
    deals = world.deals
    place, number = deals.dues[0], deals.next_instalment[deal]
    deals.due_deal[place], deals.due_day[place] = deal, world.clock.now[0]
    deals.dues[0] += 1
    cents = deals.ordered_cents[deal]
    if cents > 0:
        order = create(world, deals.flow[deal], deals.stream[deal], deals.number[deal], cents)
        luck, entity = take_row(world.luck), deals.number[deal] * ENTITIES_PER_PARTNER + number
        draw(world, luck, deals.flow[deal], deals.key[deal], entity)
        finish(world, luck)
        choose(world, order, NOBODY, luck)
    deals.next_instalment[deal] += 1
    await_instalment(world, deal)


# --- An order's way ---


@inlined
def create(world: World, flow: int, stream: int, number: int, cents: np.int64) -> int:
    """Open the record of a new order."""
    orders, now = world.orders, world.clock.now[0]
    order = next_place(world, orders.total, orders.most, SHORT_OF_ORDERS, 1)
    orders.flow[order], orders.stream[order] = flow, stream
    orders.partner[order], orders.cents[order], orders.fee_cents[order] = number, cents, 0
    orders.state[order], orders.cause[order], orders.verdict[order] = IN_PROGRESS, ON_THE_WAY, -1
    orders.channel[order] = orders.corridor[order] = -1
    orders.created[order] = now
    orders.hindered[order] = orders.granted[order] = orders.processed[order] = NOT_YET
    orders.accepted[order] = orders.produced[order] = orders.shipped[order] = NOT_YET
    orders.arrived[order] = orders.ended[order] = orders.settled[order] = NOT_YET
    orders.patience[order] = world.months.patience_days[world.clock.month[0]]
    orders.has_waited[order] = 0
    orders.waits_for[order] = NOT_WAITING
    world.flows.created_cents[flow] += cents
    return order


@inlined
def luck_of(world: World, order: int, column: int) -> float:
    """One of the numbers that are drawn of an order."""
    return world.luck.numbers[world.orders.luck[order] + column]


@inlined
def choose(world: World, order: int, by: int, luck: int) -> None:
    """An order of somebody, or of a contract, turns to its first settlement channel."""
    orders = world.orders
    orders.by[order], orders.luck[order] = by, luck
    orders.trying[order] = np.int64(luck_of(world, order, CHANNEL))
    orders.attempt[order] = 0
    settle(world, order)


@inlined
def settle(world: World, order: int) -> None:
    """A settlement channel sets the payment up, now or later; or another one, or none."""
    orders, stations, now = world.orders, world.stations, world.clock.now[0]
    last = world.common.attempts - 1
    while orders.attempt[order] <= last:
        channel = orders.trying[order]
        if not stations.is_open[channel] and orders.attempt[order] < last:
            hinder(world, order, INTERRUPTED, now)
            turn_away(world, order)
            continue
        if take(world, channel):
            process(world, order)
            return
        hinder(world, order, SLOTS if stations.is_open[channel] else INTERRUPTED, now)
        if stations.waiting[channel] >= stations.queue_limit[channel]:
            lose(world, order, QUEUE_FULL, now)
            disappoint(world, order)
            return
        await_slot(world, order)
        return
    lose(world, order, REFUSED, now)
    disappoint(world, order)


@inlined
def turn_away(world: World, order: int) -> None:
    """An order turns to the next channel."""
    orders = world.orders
    orders.trying[order] = world.channels.fallback[orders.trying[order]]
    orders.attempt[order] += 1


@inlined
def await_slot(world: World, order: int) -> None:
    """Wait for a slot, as long as patience lasts."""
    orders, attempt = world.orders, world.orders.attempt[order]
    orders.asked[order] = world.clock.now[0]
    queue(world, orders.trying[order], order, FOR_SLOT + attempt)
    patience = patience_of(world, order)
    if patience < FOREVER:
        schedule(world, patience, PATIENCE_ENDS + attempt, order)


@inlined
def patience_of(world: World, order: int) -> float:
    """Days for which an order still waits; few orders wait, so it is found when one does."""
    orders = world.orders
    if not orders.has_waited[order]:
        orders.has_waited[order] = 1
        orders.patience[order] *= luck_of(world, order, PATIENCE)
    return orders.patience[order]


@inlined
def slot_is_granted(world: World, order: int) -> None:
    """Who waited long has less patience left."""
    orders = world.orders
    waited = world.clock.now[0] - orders.asked[order]
    orders.patience[order] = max(orders.patience[order] - waited, 0.0)
    process(world, order)


@inlined
def process(world: World, order: int) -> None:
    """A channel begins to work on an order."""
    orders, channels = world.orders, world.channels
    now, channel = world.clock.now[0], orders.trying[order]
    orders.granted[order], orders.processed[order] = now, NOT_YET
    place = world.clock.month[0] * channels.total + channel
    work = luck_of(world, order, PROCESSING if orders.attempt[order] == 0 else SECOND_PROCESSING)
    schedule(world, world.months.processing_days[place] * work, PROCESSING_ENDS, order)


@inlined
def processed(world: World, order: int) -> int:
    """A channel has worked on an order: it accepts the payment or refuses it; what follows."""
    orders, channels, now = world.orders, world.channels, world.clock.now[0]
    channel = orders.trying[order]
    orders.processed[order] = now
    release(world, channel)
    chance = luck_of(world, order, REFUSAL if orders.attempt[order] == 0 else SECOND_REFUSAL)
    place = world.clock.month[0] * channels.total + channel
    if chance < world.months.refusal_share[place]:
        hinder(world, order, REFUSED, now)
        turn_away(world, order)
        settle(world, order)
        return NOTHING
    orders.channel[order] = channel
    if channels.has_account[channel] and not book(world, channel, change_of(world, order)):
        hinder(world, order, CLEARING, now)
        await_clearing(world, order)
        return NOTHING
    return accept(world, order)


@inlined
def await_clearing(world: World, order: int) -> None:
    """Wait until the other side has sold enough, as long as patience lasts."""
    channels, orders = world.channels, world.orders
    side = 2 * orders.channel[order] + (change_of(world, order) < 0)
    orders.waits_for[order] = FOR_CLEARING
    append(channels.first, channels.last, orders.behind, side, order)
    schedule(world, patience_of(world, order), CLEARING_PATIENCE_ENDS, order)


@inlined
def accept(world: World, order: int) -> int:
    """A payment is accepted, and the order goes on its way."""
    orders, clock = world.orders, world.clock
    place = clock.month[0] * world.channels.total + orders.channel[order]
    fee = np.rint(orders.cents[order] * world.months.fee_share[place])
    orders.fee_cents[order] = np.int64(fee)
    orders.accepted[order] = clock.now[0]
    return ACCEPTED


@inlined
def go_on(world: World, order: int, stage: int) -> None:  # noqa: C901 -- one place for all stages
    """From production to payment; ahead of time where the order meets nobody on its way."""
    common, now, month = world.common, world.clock.now[0], world.clock.month[0]
    is_ahead = False
    while True:
        if stage == ACCEPTED:
            delay, following = produce(world, order, month)
        elif stage == PRODUCED:
            delay, following = enter_corridor(world, order, now, month)
        elif stage == ROOM_IS_GRANTED:
            delay, following = ship(world, order, now, month)
        elif stage == CORRIDOR_OPENS:
            delay, following = travel(world, order, now, month)
        elif stage == ARRIVED:
            delay, following = arrive(world, order, now, month)
        elif stage == PAYMENT_DUE:
            delay, following = pay(world, order, now, month, is_ahead)
        else:
            delay, following = clear(world, order, now, month, stage, is_ahead)
        if following == NOTHING:
            return
        if not world.clock.is_ahead[0] or meets_others(world, order, following):
            add(world.agenda, common.end, now + delay, following, order)
            return
        now += delay
        if now >= common.end:
            return
        month = month_at(world, now, month)
        stage, is_ahead = following, True


@inlined
def meets_others(world: World, order: int, stage: int) -> bool:
    """Whether slots are taken or given back at a stage, or at one that follows it."""
    return stage <= ARRIVED and has_room(world, order)


@inlined
def has_room(world: World, order: int) -> bool:
    """Whether an order's corridor has slots."""
    return world.corridors.has_room[world.orders.way[order]] != 0


@inlined
def produce(world: World, order: int, month: int) -> tuple[float, int]:
    """The goods are made."""
    orders = world.orders
    orders.way[order] = np.int64(luck_of(world, order, CORRIDOR))
    days = world.months.production_days[month * world.flows.total + orders.flow[order]]
    return days * luck_of(world, order, PRODUCTION), PRODUCED


@inlined
def enter_corridor(world: World, order: int, now: float, month: int) -> tuple[float, int]:
    """The corridor takes the goods when it has room."""
    orders = world.orders
    orders.produced[order] = now
    orders.corridor[order] = orders.way[order]
    if has_room(world, order):
        station = world.channels.total + orders.way[order]
        if not take(world, station):
            hinder(world, order, CORRIDOR_SLOTS, now)
            queue(world, station, order, FOR_ROOM)
            return 0.0, NOTHING
    return ship(world, order, now, month)


@inlined
def ship(world: World, order: int, now: float, month: int) -> tuple[float, int]:
    """The corridor takes the goods when it is open."""
    corridors, corridor = world.corridors, world.orders.way[order]
    opens = now
    for window in range(corridors.window[corridor], corridors.after_windows[corridor]):
        if corridors.closes[window] > now:
            break
        if now < corridors.opens[window]:
            opens = corridors.opens[window]
    if opens > now:
        hinder(world, order, CORRIDOR_CLOSED, now)
        return opens - now, CORRIDOR_OPENS
    return travel(world, order, now, month)


@inlined
def travel(world: World, order: int, now: float, month: int) -> tuple[float, int]:
    """The corridor brings the goods across."""
    orders, months, corridors = world.orders, world.months, world.corridors
    corridor = orders.way[order]
    orders.shipped[order] = now
    place = month * corridors.total + corridor
    excess = months.excess_days[place] * luck_of(world, order, TRANSIT)
    return months.minimum_days[place] + excess, ARRIVED


@inlined
def arrive(world: World, order: int, now: float, month: int) -> tuple[float, int]:
    """Customs send the goods to one of their lanes."""
    orders, months = world.orders, world.months
    orders.arrived[order] = now
    if has_room(world, order):
        release(world, world.channels.total + orders.way[order])
    place = month * world.flows.total + orders.flow[order]
    chance = luck_of(world, order, LANE)
    found = lane(chance, months.green_share[place], months.below_red[place])
    if found == customs.GREEN:
        return months.green_days[place], CLEARED
    if found == customs.YELLOW:
        return months.yellow_days[place], CLEARED
    return months.red_days[place], INSPECTED


@inlined
def clear(  # noqa: PLR0913 -- an order, a time, and how it came there
    world: World, order: int, now: float, month: int, stage: int, is_ahead: bool
) -> tuple[float, int]:
    """Customs let the goods in, or send them back from the red lane."""
    orders, months, flow = world.orders, world.months, world.orders.flow[order]
    share = months.rejection_share[month * world.flows.total + flow]
    if stage == INSPECTED and luck_of(world, order, REJECTION) < share:
        hinder(world, order, REJECTED, now)
        lose(world, order, REJECTED, now)
        fail_at(world, order, now, month, is_ahead)
        return 0.0, NOTHING
    orders.state[order], orders.ended[order] = DELIVERED, now
    world.flows.delivered_cents[flow] += orders.cents[order]
    return months.payment_days[month] * luck_of(world, order, PAYMENT), PAYMENT_DUE


@inlined
def pay(world: World, order: int, now: float, month: int, is_ahead: bool) -> tuple[float, int]:
    """Payment comes, or never will."""
    orders = world.orders
    orders.settled[order] = now
    if luck_of(world, order, DEFAULT) >= world.months.default_share[month]:
        orders.state[order] = PAID
        give_back(world.luck, orders.luck[order])
    else:
        orders.state[order] = DEFAULTED
        fail_at(world, order, now, month, is_ahead)
    return 0.0, NOTHING


# --- What becomes of an order ---


@inlined
def hinder(world: World, order: int, cause: int, now: float) -> None:
    """Note an obstacle, if it is the order's first."""
    orders = world.orders
    if orders.cause[order] == ON_THE_WAY:
        orders.cause[order] = cause
        orders.hindered[order] = now


@inlined
def lose(world: World, order: int, cause: int, now: float) -> None:
    """Close a record: lost."""
    orders = world.orders
    orders.state[order], orders.verdict[order], orders.ended[order] = LOST, cause, now
    world.flows.lost_cents[orders.flow[order]] += orders.cents[order]


@inlined
def is_sent_back(world: World, order: int) -> bool:
    """Whether a clearing account has to give back what was booked for a lost order."""
    orders = world.orders
    return orders.state[order] == LOST and world.channels.has_account[orders.channel[order]] != 0


@inlined
def ends_relationship(world: World, order: int, month: int) -> bool:
    """Whether a failed order ends the relationship that placed it."""
    if world.orders.by[order] == NOBODY:
        return False
    return luck_of(world, order, EXIT) < world.months.exit_share[month]


@inlined
def fail_at(world: World, order: int, now: float, month: int, is_ahead: bool) -> None:
    """An order has failed after its acceptance: now, or at a time to come if that changes aught."""
    if not is_ahead:
        bear_failure(world, order)
    elif is_sent_back(world, order) or ends_relationship(world, order, month):
        add(world.agenda, world.common.end, now, FAILS, order)
    else:
        give_back(world.luck, world.orders.luck[order])


@inlined
def fail(world: World, order: int) -> None:
    """The time has come at which an order fails that went ahead."""
    clock = world.clock
    if clock.last[0] == clock.now[0] or is_next_at(world.agenda, clock.now[0]):
        clock.status[0] = TIED
    bear_failure(world, order)


@inlined
def bear_failure(world: World, order: int) -> None:
    """A rejected order's value leaves the clearing account; the partner may be disappointed."""
    channel = world.orders.channel[order]
    if is_sent_back(world, order):
        world.channels.balance[channel] -= change_of(world, order)
        serve_account(world, channel)
    disappoint(world, order)


@inlined
def disappoint(world: World, order: int) -> None:
    """A failed order may end the relationship, at the latest when the next order is due."""
    if ends_relationship(world, order, world.clock.month[0]):
        world.partners.has_left[world.orders.by[order]] = 1
    give_back(world.luck, world.orders.luck[order])


# --- The loop ---


@inlined
def look_ahead(world: World, place: int) -> None:
    """Fetch what events of a slice of time will ask for first, since to wait for it costs most."""
    agenda = world.agenda
    if place == agenda.slices:
        return
    entry = agenda.first[place]
    while entry != NOTHING:
        kind, subject = kind_of(agenda.notes[entry]), subject_of(agenda.notes[entry])
        if kind == NEXT_ORDER:
            prefetch_row(world.luck, subject)
            prefetch_row(world.luck, subject + NEXT)
        elif kind == PROCESSING_ENDS:
            prefetch_row(world.luck, world.orders.luck[subject])
        entry = agenda.behind[entry]


@compiled("int64(uint64[::1])")
def run(addresses: Addresses) -> int:
    """Run the replication whose arrays are at these addresses; how it ended."""
    world: World = opened(addresses)
    clock, agenda = world.clock, world.agenda
    reset(world)
    start(world)
    is_far, latest = world.luck.first > NEAR, NOTHING
    while clock.status[0] == DONE:
        entry = take_first(agenda)
        if entry == NOTHING:
            break
        if is_far and agenda.state[SLICE] != latest:
            latest = agenda.state[SLICE]
            look_ahead(world, latest + 1)
        note = agenda.notes[entry]
        clock.last[0], clock.now[0] = clock.now[0], agenda.times[entry]
        happen(world, kind_of(note), subject_of(note))
    return clock.status[0]


@compiled("int64(uint64[:, ::1], int64, int64[::1], int64[::1], int64[::1], int64[::1])")
def run_on(  # noqa: PLR0913 -- where things are, and what changes from one to the next
    layout: Addresses, room: int, most: Ints, total: Ints, is_ahead: Ints, orders: IntArray
) -> int:
    """Run the replications that have not been run, one after the other; how the last one ended.

    All of them in one call: between two, another thread might hold the interpreter's lock.
    """
    begun = 0
    for row in range(len(orders)):
        if orders[row] == NOT_RUN:
            most[0] = min(room - begun, MOST_SUBJECTS)
            is_ahead[0] = 1
            status = run(places(layout, row, begun))
            if status == TIED:
                is_ahead[0] = 0
                status = run(places(layout, row, begun))
            if status != DONE:
                return status
            orders[row] = total[0]
        begun += orders[row]
    return DONE


def simulate(spec: Specification, _: Conditions, draws: Draws) -> Trajectory:
    """Run one replication; its conditions follow from its draws."""
    return lived(spec, worlds(spec, draws.together())).one(0)


def simulate_all(
    spec: Specification, seed: int, replications: range
) -> tuple[Worlds, Trajectories]:
    """Run some replications, one after the other."""
    drawn = worlds(spec, Draws(seed, replications, fill))
    return drawn, lived(spec, drawn)


def lived(spec: Specification, drawn: Worlds) -> Trajectories:
    """What happens in some worlds."""
    room = ROOM + int(SPARE * expected_orders(spec.scenario))
    partners = PARTNERS + int(SPARE * _most_incumbents(spec, drawn))
    loading = loaded(spec, drawn, room * len(drawn), partners)
    return unloaded(spec, drawn, loading, run_all(loading))


def _most_incumbents(spec: Specification, drawn: Worlds) -> float:
    """Relationships at the start, of the replication that has most.

    Raises:
        OverflowError: They cannot be numbered.

    """
    value = drawn.numbers[:, spec.places("good.relationship_usd_million")] * 1e6
    most = float(np.max(np.sum(drawn.incumbent / (value * drawn.lives.mean_size), axis=-1)))
    if not RECORD * most < MOST_SUBJECTS:
        raise OverflowError(TOO_MANY)
    return most


def run_all(loading: Loading) -> IntArray:
    """Run what is loaded; how many orders each replication had."""
    orders = np.full(loading.count, NOT_RUN, dtype=np.int64)
    while (status := _run(loading, orders)) != DONE:
        _widen(loading, int(orders[orders != NOT_RUN].sum()), status)
    return orders


def _widen(loading: Loading, begun: int, status: int) -> None:
    """Make room for twice as many orders, or relationships."""
    orders, partners = loading.room, loading.partners
    if status == SHORT_OF_ORDERS:
        room, orders = orders - begun, 2 * orders
    else:
        room, partners = RECORD * partners, 2 * partners
    if room >= MOST_SUBJECTS:
        raise OverflowError(TOO_MANY)
    loading.make_room(orders, partners, begun)


def _run(loading: Loading, orders: IntArray) -> int:
    """Run what is loaded and has not been run; how it ended."""
    common = loading.common
    most, total = common["orders", "most"], common["orders", "total"]
    is_ahead = common["clock", "is_ahead"]
    with aside():
        return run_on(loading.layout, loading.room, most, total, is_ahead, orders)
