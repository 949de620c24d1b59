"""Luck: the draws of an order as the factors that they stand for, in a row of numbers.

The same numbers as ``simulator.entities`` gives, bit for bit. A processor turns eight numbers into
factors at nearly the price of one, and begins with the next eight before it is done with these. So
rows lie on a desk until it is full, and are turned together. They are used again and again, and
stay near the processor.
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

TOGETHER = 4
"""Rows that are turned together."""

FACTORS = (PROCESSING, SECOND_PROCESSING, SIZE, PRODUCTION, TRANSIT, PAYMENT)
WAITS = (PATIENCE, PROCESSING, SECOND_PROCESSING)
"""Numbers that are turned into factors, and those that may be waits: each has a lane."""

(
    PROCESSING_LANE,
    SECOND_LANE,
    SIZE_LANE,
    PRODUCTION_LANE,
    TRANSIT_LANE,
    PAYMENT_LANE,
) = range(len(FACTORS))
PATIENCE_WAIT, PROCESSING_WAIT, SECOND_WAIT = range(len(WAITS))

WIDE = 8
"""Numbers in a wide register."""

LANES = TOGETHER * len(FACTORS)
LOGS = -(-TOGETHER * (len(FACTORS) + len(WAITS)) // WIDE) * WIDE
"""Lanes of factors, and those of which a logarithm is taken, of tails and of waits: they fill wide
registers, since what is left over would be turned alone."""

CHANCES, SPREADS, TURNED, TAILS = 0, LANES, 2 * LANES, 3 * LANES
"""Where lanes begin: numbers in (0, 1), their spreads, the factors, and tails before waits."""

WAITING = TAILS + LANES
"""Where the lanes of waits begin."""

DESK = TAILS + LOGS
"""Numbers on the desk."""

NO_MATTER = 0.5
"""What lies in a lane that nobody uses, a chance like others."""

FAR = 2e-11
"""Shares that may lie in the far tails of the normal law, which almost no draw does."""

USED, FREE, LAID, ROWS = range(4)
"""Places in ``state``: how many numbers of rows have been used, the last row that is free, how many
rows lie on the desk, and where they are named."""

STATE = ROWS + TOGETHER


@inlined
def clear_rows(luck: Luck) -> None:
    """Let no row be in use."""
    luck.state[USED], luck.state[FREE], luck.state[LAID] = luck.first, NOTHING, 0


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
    """Draw the numbers of an order into a row, which lies on the desk from then on."""
    luck, common, channels, corridors = world.luck, world.common, world.channels, world.corridors
    numbers = luck.numbers
    draw_words(numbers, row, common.seed, key, common.replication, entity)
    channel = chosen(channels.steps, 0, channels.total, numbers[row + CHANNEL])
    steps = flow * corridors.total
    way = chosen(world.flows.corridor_steps, steps, corridors.total, numbers[row + CORRIDOR])
    numbers[row + CHANNEL], numbers[row + CORRIDOR] = channel, way
    numbers[row + INTERVAL] = interval(common.interval, numbers[row + INTERVAL])
    lay(world, row, flow, channel, way)
    if luck.state[LAID] == TOGETHER:
        turn_all(world)


@shared
def draw_words(  # noqa: PLR0913 -- where the numbers go, and a name
    numbers: Floats, row: int, seed: int, key: int, replication: int, entity: int
) -> None:
    """Numbers in (0, 1) of an order."""
    for block in range(BLOCKS):
        words = philox(seed, key, replication, entity * BLOCKS + block, 0)
        for word in range(WORDS_PER_BLOCK):
            numbers[row + PLACES[block * WORDS_PER_BLOCK + word]] = share(words[word])


@inlined
def lay(world: World, row: int, flow: int, channel: int, way: int) -> None:
    """Lay on the desk what of a row is to be turned."""
    luck, channels = world.luck, world.channels
    numbers, desk, place = luck.numbers, luck.desk, luck.state[LAID]
    luck.state[ROWS + place] = row
    luck.state[LAID] = place + 1
    lane, wait = len(FACTORS) * place, WAITING + len(WAITS) * place
    for number in range(len(FACTORS)):
        desk[CHANCES + lane + number] = numbers[row + FACTORS[number]]
    for number in range(len(WAITS)):
        desk[wait + number] = numbers[row + WAITS[number]]
    lane += SPREADS
    desk[lane + PROCESSING_LANE] = channels.sigma[channel]
    desk[lane + SECOND_LANE] = channels.sigma[channels.fallback[channel]]
    desk[lane + SIZE_LANE] = world.flows.order_sigma[flow]
    desk[lane + PRODUCTION_LANE] = world.flows.production_sigma[flow]
    desk[lane + TRANSIT_LANE] = world.corridors.sigma[way]
    desk[lane + PAYMENT_LANE] = world.common.payment_sigma


@inlined
def finish(world: World, row: int) -> None:
    """Turn what lies on the desk if a row that is needed now is there."""
    state = world.luck.state
    for place in range(state[LAID]):
        if state[ROWS + place] == row:
            turn_all(world)
            return


@inlined
def turn_all(world: World) -> None:
    """Turn the rows on the desk, and put them back."""
    luck = world.luck
    turn(luck.lanes, luck.logs, luck.desk)
    for place in range(luck.state[LAID]):
        take_up(world, place)
    luck.state[LAID] = 0


@inlined
def take_up(world: World, place: int) -> None:
    """Put what a row's numbers have become back into it."""
    luck, channels = world.luck, world.channels
    numbers, desk, row = luck.numbers, luck.desk, luck.state[ROWS + place]
    lane, wait = TURNED + len(FACTORS) * place, WAITING + len(WAITS) * place
    for number in range(len(FACTORS)):
        numbers[row + FACTORS[number]] = desk[lane + number]
    numbers[row + PATIENCE] = desk[wait + PATIENCE_WAIT]
    channel = np.int64(numbers[row + CHANNEL])
    if channels.is_memoryless[channel]:
        numbers[row + PROCESSING] = desk[wait + PROCESSING_WAIT]
    if channels.is_memoryless[channels.fallback[channel]]:
        numbers[row + SECOND_PROCESSING] = desk[wait + SECOND_WAIT]


@shared
def turn(lanes: int, logs: int, desk: Floats) -> None:
    """Make numbers in (0, 1) lognormal ones of mean 1, and exponential ones."""
    far = 0
    for lane in range(lanes):
        chance = desk[CHANCES + lane]
        tail = min(chance, 1.0 - chance)
        far += tail < FAR
        desk[TAILS + lane] = tail
    for lane in range(logs):
        desk[TAILS + lane] = -log_of_draw(desk[TAILS + lane])
    if far > 0:
        for lane in range(lanes):
            desk[TURNED + lane] = factor(desk[SPREADS + lane], desk[CHANCES + lane])
        return
    for lane in range(lanes):
        normal = near_quantile(desk[CHANCES + lane], desk[TAILS + lane])
        desk[TURNED + lane] = exp(log_factor(desk[SPREADS + lane], normal))


@inlined
def near_quantile(p: float, depth: float) -> float:
    """As ``chance.normal_quantile``, but for the far tails; both parts, then the one that counts.

    ``depth`` is minus the logarithm of the tail beyond. A branch would keep the processor from
    working at several numbers at once.
    """
    q = p - 0.5
    central = q * ratio(portable.CENTRAL, portable.CENTRE - q * q)
    size = ratio(portable.MIDDLE, np.sqrt(depth) - 1.6)
    outer = -size if q < 0.0 else size
    return central if abs(q) <= portable.HALF_CENTRE else outer
