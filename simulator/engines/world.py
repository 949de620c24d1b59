"""World: everything that the compiled engine reads and writes, as arrays by name.

Months come first in arrays over months and something else; all are flat.
"""

from typing import NamedTuple

from simulator.engines.agenda import Agenda
from simulator.engines.memory import Floats, Ints
from simulator.entities import ORDER_WORDS

DONE, TIED, SHORT_OF_ORDERS, SHORT_OF_PARTNERS = range(4)
"""How a replication may end: the last three call for another try, the last two with more room."""

NOBODY = -1
NOT_WAITING, FOR_SLOT, FOR_SECOND_SLOT, FOR_CLEARING, FOR_ROOM = range(5)
"""What an order waits for."""


class Clock(NamedTuple):
    """Time, the month, and how things stand."""

    now: Floats
    month: Ints
    last: Floats
    """Time of the event before."""
    status: Ints
    is_ahead: Ints
    """Whether orders go ahead of time where nothing can come between."""
    turns: Floats
    """Times at which the months begin."""
    days: Floats
    """Length of the months."""


class Common(NamedTuple):
    """Single numbers."""

    end: float
    seed: int
    replication: int
    months: int
    attempts: int
    interval: int
    starts_anywhere: int
    """Whether the first order of a relationship comes after any part of an interval."""
    start_share: float
    growth_years: float
    profit_share: float
    payback_years: float
    spillover: float
    payment_sigma: float
    value_sigma: float
    frailty_variance: float


class Months(NamedTuple):
    """The numbers of the months."""

    flow_index: Floats
    slots: Floats
    processing_days: Floats
    refusal_share: Floats
    fee_share: Floats
    credit_limit: Ints
    netting_share: Floats
    patience_days: Floats
    production_days: Floats
    corridor_slots: Floats
    minimum_days: Floats
    excess_days: Floats
    green_share: Floats
    below_red: Floats
    green_days: Floats
    yellow_days: Floats
    red_days: Floats
    rejection_share: Floats
    payment_days: Floats
    default_share: Floats
    exit_share: Floats
    search_support: Floats


class Flows(NamedTuple):
    """Goods in one direction; the search for partners; the second set of books."""

    total: int
    is_first_exporter: Ints
    carrying_rate: Floats
    order_cost: Floats
    sunk_cost: Floats
    candidates: Floats
    missing_found: Floats
    norm_stock: Floats
    norm_mass: Floats
    order_sigma: Floats
    production_sigma: Floats
    corridor_steps: Floats
    carried: Floats
    """Flow that the relationships of the start serve."""
    mean_value: Floats
    incumbent_key: Ints
    """Streams of draws of relationships, and of their orders."""
    entrant_key: Ints
    incumbent_order_key: Ints
    entrant_order_key: Ints
    stock: Ints
    mass: Floats
    next_candidate: Ints
    missing: Floats
    """Expected candidates until the next one comes; 0 before it is known."""
    created_cents: Ints
    delivered_cents: Ints
    lost_cents: Ints


class LifeTables(NamedTuple):
    """How long relationships live, by flow and age."""

    total: int
    ages: Floats
    hazard: Floats
    survivors: Floats
    mean_size: Floats
    """By flow alone, as the next."""
    is_mortal: Ints


class Stations(NamedTuple):
    """Settlement channels, then corridors: slots and who queues for them."""

    total: int
    capacity: Floats
    queue_limit: Floats
    is_open: Ints
    in_use: Ints
    waiting: Ints
    first: Ints
    last: Ints
    busy: Floats
    waited: Floats


class Channels(NamedTuple):
    """What settlement channels have besides slots: interruptions and clearing accounts."""

    total: int
    steps: Floats
    fallback: Ints
    sigma: Floats
    is_memoryless: Ints
    down: Floats
    up: Floats
    first_window: Ints
    after_windows: Ints
    window: Ints
    """The next window of each channel."""
    has_account: Ints
    balance: Ints
    limit: Ints
    netted: Ints
    first: Ints
    """Who has waited longest, by channel and side."""
    last: Ints


class Corridors(NamedTuple):
    """What corridors have besides slots: days on which they are closed."""

    total: int
    sigma: Floats
    has_room: Ints
    """Whether slots are limited."""
    closes: Floats
    opens: Floats
    first_window: Ints
    after_windows: Ints
    window: Ints
    """The first window of each corridor that is not over."""


RECORD, NEXT = 2 * ORDER_WORDS, ORDER_WORDS
"""Numbers of a relationship's record, and where in it the draws of its next order begin."""


class Partners(NamedTuple):
    """Relationships in the order of their birth, those of the start flow by flow.

    What there is of one lies side by side, so that it is in few lines of memory: its record, in
    which a field has the same place as in all others. A relationship is known by where its record
    begins, and the array of a field begins at that of the first relationship.
    """

    most: int
    total: Ints
    flow: Ints
    stream: Ints
    number: Ints
    key: Ints
    """Stream of draws of their orders."""
    age_years: Floats
    left_years: Floats
    value: Floats
    phase: Floats
    born: Floats
    ends: Floats
    wait: Floats
    often: Floats
    placed: Ints
    has_left: Ints


class Deals(NamedTuple):
    """Mega-contracts, and their instalments as they fell due."""

    total: int
    flow: Ints
    stream: Ints
    number: Ints
    key: Ints
    first_day: Floats
    spacing_days: Floats
    instalments: Ints
    ordered_cents: Ints
    """What is ordered of each instalment."""
    next_instalment: Ints
    dues: Ints
    """How many instalments fell due."""
    due_deal: Ints
    due_day: Floats


class Orders(NamedTuple):
    """The order log in columns, and what an order remembers on its way."""

    most: int
    total: Ints
    flow: Ints
    stream: Ints
    partner: Ints
    cents: Ints
    fee_cents: Ints
    state: Ints
    cause: Ints
    verdict: Ints
    channel: Ints
    corridor: Ints
    created: Floats
    hindered: Floats
    granted: Floats
    processed: Floats
    accepted: Floats
    produced: Floats
    shipped: Floats
    arrived: Floats
    ended: Floats
    settled: Floats
    by: Ints
    """The relationship that placed it, or nobody."""
    luck: Ints
    """The row of its draws, until its story ends."""
    trying: Ints
    """The channel that it tries."""
    attempt: Ints
    patience: Floats
    """Its mean before the order has waited, then what is left of its own."""
    has_waited: Ints
    asked: Floats
    way: Ints
    """The corridor that it will take."""
    waits_for: Ints
    behind: Ints
    """Who queues next."""


class Luck(NamedTuple):
    """What is drawn of orders."""

    lanes: int
    """Numbers that are turned at once; to know them earlier would make the compiler unroll loops
    in place of using the processor's wide registers."""
    logs: int
    """Numbers of which a logarithm is taken at once."""
    first: int
    """Where the rows of orders begin; before are the records of relationships."""
    numbers: Floats
    """By row: of an order that is on its way, or of the next one of a relationship."""
    state: Ints
    desk: Floats
    """Numbers of some rows, their spreads, and what they are as factors and as waits."""


class World(NamedTuple):
    """All of it."""

    clock: Clock
    common: Common
    months: Months
    flows: Flows
    lives: LifeTables
    stations: Stations
    channels: Channels
    corridors: Corridors
    partners: Partners
    deals: Deals
    orders: Orders
    luck: Luck
    agenda: Agenda
