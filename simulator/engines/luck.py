"""Luck: the draws of orders as the factors that they stand for, some orders ahead of their time.

The same numbers as ``simulator.entities`` gives, bit for bit. To turn numbers into factors costs
most of a replication, and a processor does it for several at once at nearly the price of one. So
the numbers of a relationship's next orders are drawn together, in columns.
"""

import numpy as np

from simulator import portable
from simulator.draws import WORDS_PER_BLOCK
from simulator.engines.agenda import NOTHING
from simulator.engines.chance import (
    chosen,
    exp,
    factor,
    log_factor,
    log_of_draw,
    philox,
    ratio,
    share,
)
from simulator.engines.compiling import inlined, shared
from simulator.engines.memory import Floats
from simulator.engines.world import World
from simulator.entities import ENTITIES_PER_PARTNER, ORDER_WORDS

AHEAD = 4
"""Orders that are drawn together: more would be drawn in vain."""

(
    INTERVAL,
    PATIENCE,
    PROCESSING,
    SECOND_PROCESSING,
    SIZE,
    PRODUCTION,
    TRANSIT,
    PAYMENT,
    CHANNEL,
    CORRIDOR,
    REFUSAL,
    SECOND_REFUSAL,
    LANE,
    REJECTION,
    DEFAULT,
    EXIT,
    INTERVAL_WAIT,
    PATIENCE_WAIT,
    PROCESSING_WAIT,
    SECOND_PROCESSING_WAIT,
) = range(0, 20 * AHEAD, AHEAD)
"""Where the columns of some orders begin. What may be a wait stands there as an exponential one,
too; from processing to payment there are factors, from channel to corridor choices."""

NUMBERS = SECOND_PROCESSING_WAIT + AHEAD
"""Numbers of orders that are drawn together."""

WAITS, FACTORS = 4 * AHEAD, 6 * AHEAD
"""How many of each they have."""

COLUMNS = (
    *(INTERVAL, SIZE, CHANNEL, PROCESSING, REFUSAL, SECOND_PROCESSING, SECOND_REFUSAL, PATIENCE),
    *(PRODUCTION, CORRIDOR, TRANSIT, LANE, REJECTION, PAYMENT, DEFAULT, EXIT),
)
"""The columns in the order of an order's words."""

FAR = 2e-11
"""Shares that may lie in the far tails of the normal law, which almost no draw does."""

BLOCKS = ORDER_WORDS // WORDS_PER_BLOCK


@inlined
def drawn(world: World, flow: int, key: int, entity: int) -> int:
    """Draw the numbers of some orders, from an entity on; the place of those of the first."""
    luck, common, channels, corridors = world.luck, world.common, world.channels, world.corridors
    numbers, sigma = luck.numbers, luck.sigma
    first: int = luck.drawn[0]
    luck.drawn[0] = first + NUMBERS
    draw(numbers, first, common.seed, key, common.replication, entity)
    for order in range(AHEAD):
        place = first + order
        channel = chosen(channels.steps, 0, channels.total, numbers[place + CHANNEL])
        steps = flow * corridors.total
        way = chosen(world.flows.corridor_steps, steps, corridors.total, numbers[place + CORRIDOR])
        numbers[place + CHANNEL], numbers[place + CORRIDOR] = channel, way
        sigma[order] = channels.sigma[channel]
        sigma[SECOND_PROCESSING - PROCESSING + order] = channels.sigma[channels.fallback[channel]]
        sigma[SIZE - PROCESSING + order] = world.flows.order_sigma[flow]
        sigma[PRODUCTION - PROCESSING + order] = world.flows.production_sigma[flow]
        sigma[TRANSIT - PROCESSING + order] = corridors.sigma[way]
        sigma[PAYMENT - PROCESSING + order] = common.payment_sigma
    turn_into_factors(numbers, first + PROCESSING, sigma)
    return first


@inlined
def following(  # noqa: PLR0913 -- what came before, and the name of what follows
    world: World, last: int, flow: int, key: int, member: int, number: int
) -> int:
    """The place of the numbers of a member's next order, after those of the last one, if any."""
    if last == NOTHING or number % AHEAD == 0:
        return drawn(world, flow, key, member * ENTITIES_PER_PARTNER + number)
    return last + 1


@shared
def draw(  # noqa: PLR0913 -- a name, and where the numbers go
    numbers: Floats, first: int, seed: int, key: int, replication: int, entity: int
) -> None:
    """Numbers in (0, 1) of some orders, and waits."""
    for order in range(AHEAD):
        for block in range(BLOCKS):
            words = philox(seed, key, replication, (entity + order) * BLOCKS + block, 0)
            for word in range(WORDS_PER_BLOCK):
                column = COLUMNS[block * WORDS_PER_BLOCK + word]
                numbers[first + column + order] = share(words[word])
    for place in range(first, first + WAITS):
        numbers[place + INTERVAL_WAIT] = -log_of_draw(numbers[place])


@shared
def turn_into_factors(numbers: Floats, first: int, sigma: Floats) -> None:
    """Make numbers in (0, 1) lognormal ones of mean 1."""
    far = 0
    for place in range(FACTORS):
        chance = numbers[first + place]
        far += min(chance, 1.0 - chance) < FAR
    if far > 0:
        for place in range(FACTORS):
            numbers[first + place] = factor(sigma[place], numbers[first + place])
        return
    for place in range(FACTORS):
        normal = near_quantile(numbers[first + place])
        numbers[first + place] = exp(log_factor(sigma[place], normal))


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
