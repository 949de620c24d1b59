"""Luck: the draws of an order as the factors that they stand for, in a row of numbers.

The same numbers as ``simulator.entities`` gives, bit for bit. To turn numbers into factors costs
most of a replication, and a processor does it for eight at once at nearly the price of one. So all
numbers of an order are drawn together. Rows are used again and again, and stay near the processor.
"""

import numpy as np

from simulator import portable
from simulator.draws import WORDS_PER_BLOCK
from simulator.engines.agenda import NOTHING
from simulator.engines.chance import (
    chosen,
    exp,
    factor,
    interval,
    log_factor,
    log_of_draw,
    philox,
    ratio,
    share,
)
from simulator.engines.compiling import inlined, prefetch, shared
from simulator.engines.memory import LINE, Floats
from simulator.engines.world import Luck, World
from simulator.entities import ORDER_WORDS

(
    INTERVAL,
    SIZE,
    CHANNEL,
    EXIT,
    PROCESSING,
    REFUSAL,
    PATIENCE,
    CORRIDOR,
    PRODUCTION,
    TRANSIT,
    LANE,
    REJECTION,
    PAYMENT,
    DEFAULT,
    SECOND_PROCESSING,
    SECOND_REFUSAL,
) = range(ORDER_WORDS)
"""Places in a row: those that many orders need come first, and fill a line of the cache."""

PLACES = (
    *(INTERVAL, SIZE, CHANNEL, PROCESSING, REFUSAL, SECOND_PROCESSING, SECOND_REFUSAL, PATIENCE),
    *(PRODUCTION, CORRIDOR, TRANSIT, LANE, REJECTION, PAYMENT, DEFAULT, EXIT),
)
"""Where an order's words go, in their order."""

BLOCKS = ORDER_WORDS // WORDS_PER_BLOCK

TURNED = (INTERVAL, PATIENCE, PROCESSING, SECOND_PROCESSING, SIZE, PRODUCTION, TRANSIT, PAYMENT)
"""Those that are turned at once into factors and waits; each has a lane on the desk."""

LANES = len(TURNED)
(
    INTERVAL_LANE,
    PATIENCE_LANE,
    PROCESSING_LANE,
    SECOND_LANE,
    SIZE_LANE,
    PRODUCTION_LANE,
    TRANSIT_LANE,
    PAYMENT_LANE,
) = range(LANES)

CHANCES, SPREADS, FACTORS, WAITS = 0, LANES, 2 * LANES, 3 * LANES
"""Where the lanes begin: numbers in (0, 1), their spreads, and what they stand for."""

DESK = 4 * LANES
"""Numbers on the desk."""

FAR = 2e-11
"""Shares that may lie in the far tails of the normal law, which almost no draw does."""

USED, FREE = range(2)
"""Places in ``state``: how many numbers of rows have been used, and the last row that is free."""


@inlined
def clear_rows(luck: Luck) -> None:
    """Let no row be in use."""
    luck.state[USED], luck.state[FREE] = luck.first, NOTHING


@inlined
def take_row(luck: Luck) -> int:
    """A row that nobody uses: the one given back last, which is near the processor still."""
    state = luck.state
    row: int = state[FREE]
    if row == NOTHING:
        row = state[USED]
        state[USED] = row + ORDER_WORDS
    else:
        state[FREE] = np.int64(luck.numbers[row])
    return row


@inlined
def copy_row(luck: Luck, other: int) -> int:
    """A row with the same numbers as another."""
    row = take_row(luck)
    for word in range(ORDER_WORDS):
        luck.numbers[row + word] = luck.numbers[other + word]
    return row


@inlined
def prefetch_row(luck: Luck, row: int) -> None:
    """Let a row be near when its time comes."""
    for line in range(0, ORDER_WORDS, LINE):
        prefetch(luck.numbers, row + line)


@inlined
def give_back(luck: Luck, row: int) -> None:
    """Let others use a row; until then it tells which one comes next."""
    luck.numbers[row] = luck.state[FREE]
    luck.state[FREE] = row


@inlined
def draw(world: World, row: int, flow: int, key: int, entity: int) -> None:
    """Draw the numbers of an order into a row."""
    luck, common, channels, corridors = world.luck, world.common, world.channels, world.corridors
    numbers, desk = luck.numbers, luck.desk
    draw_words(numbers, row, common.seed, key, common.replication, entity)
    channel = chosen(channels.steps, 0, channels.total, numbers[row + CHANNEL])
    second = channels.fallback[channel]
    steps = flow * corridors.total
    way = chosen(world.flows.corridor_steps, steps, corridors.total, numbers[row + CORRIDOR])
    numbers[row + CHANNEL], numbers[row + CORRIDOR] = channel, way
    desk[SPREADS + PROCESSING_LANE] = channels.sigma[channel]
    desk[SPREADS + SECOND_LANE] = channels.sigma[second]
    desk[SPREADS + SIZE_LANE] = world.flows.order_sigma[flow]
    desk[SPREADS + PRODUCTION_LANE] = world.flows.production_sigma[flow]
    desk[SPREADS + TRANSIT_LANE] = corridors.sigma[way]
    desk[SPREADS + PAYMENT_LANE] = common.payment_sigma
    for lane in range(LANES):
        desk[CHANCES + lane] = numbers[row + TURNED[lane]]
    turn(luck.lanes, desk)
    numbers[row + INTERVAL] = interval(
        common.interval, numbers[row + INTERVAL], desk[WAITS + INTERVAL_LANE]
    )
    numbers[row + PATIENCE] = desk[WAITS + PATIENCE_LANE]
    work = WAITS if channels.is_memoryless[channel] else FACTORS
    numbers[row + PROCESSING] = desk[work + PROCESSING_LANE]
    work = WAITS if channels.is_memoryless[second] else FACTORS
    numbers[row + SECOND_PROCESSING] = desk[work + SECOND_LANE]
    for lane in range(SIZE_LANE, LANES):
        numbers[row + TURNED[lane]] = desk[FACTORS + lane]


@shared
def draw_words(  # noqa: PLR0913 -- where the numbers go, and a name
    numbers: Floats, row: int, seed: int, key: int, replication: int, entity: int
) -> None:
    """Numbers in (0, 1) of an order."""
    for block in range(BLOCKS):
        words = philox(seed, key, replication, entity * BLOCKS + block, 0)
        for word in range(WORDS_PER_BLOCK):
            numbers[row + PLACES[block * WORDS_PER_BLOCK + word]] = share(words[word])


@shared
def turn(lanes: int, desk: Floats) -> None:
    """Make numbers in (0, 1) lognormal ones of mean 1, and exponential ones."""
    far = 0
    for lane in range(lanes):
        chance = desk[CHANCES + lane]
        far += min(chance, 1.0 - chance) < FAR
        desk[WAITS + lane] = -log_of_draw(chance)
    if far > 0:
        for lane in range(lanes):
            desk[FACTORS + lane] = factor(desk[SPREADS + lane], desk[CHANCES + lane])
        return
    for lane in range(lanes):
        normal = near_quantile(desk[CHANCES + lane])
        desk[FACTORS + lane] = exp(log_factor(desk[SPREADS + lane], normal))


@inlined
def near_quantile(p: float) -> float:
    """As ``chance.normal_quantile``, but for the far tails; both parts, then the one that counts.

    A branch would keep the processor from working at several numbers at once.
    """
    q = p - 0.5
    central = q * ratio(portable.CENTRAL, portable.CENTRE - q * q)
    size = ratio(portable.MIDDLE, np.sqrt(-log_of_draw(min(p, 1.0 - p))) - 1.6)
    outer = -size if q < 0.0 else size
    return central if abs(q) <= portable.HALF_CENTRE else outer
