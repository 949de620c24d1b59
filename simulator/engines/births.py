"""Births: relationships at the start, and those who may enter, drawn one at a time.

The same numbers as ``simulator.lives`` gives in blocks, bit for bit.
"""

from typing import Any

import numpy as np

from simulator.draws import WORDS_PER_BLOCK
from simulator.engines.chance import exp, factor, four, log
from simulator.engines.compiling import inlined, shared
from simulator.engines.memory import Floats, Ints
from simulator.engines.world import DONE, RECORD, SHORT_OF_PARTNERS, World
from simulator.equations import relationships
from simulator.lives import AGE, END, GAP, OLDEST, PHASE, VALUE, WORDS
from simulator.trajectory import ENTRANTS, INCUMBENTS

LIFE_BLOCKS = WORDS // WORDS_PER_BLOCK
"""Blocks of draws of a relationship."""

LATER = WORDS_PER_BLOCK
"""The first word of its second block."""

size = inlined(relationships.size)
hazard_at_end: Any = inlined(relationships.hazard_at_end, exp=exp)


@inlined
def incumbents(world: World, flow: int) -> None:
    """The stock at the start, in balance, whose sizes are scaled to the observed flow."""
    flows, partners, common, lives = world.flows, world.partners, world.common, world.lives
    carried = flows.carried[flow]
    if carried <= 0.0:
        return
    key, first = flows.incumbent_key[flow], partners.total[0]
    expected = carried / (flows.mean_value[flow] * lives.mean_size[flow])
    # The stream's first entity rounds the expected number up or down.
    rounded = expected + four(common.seed, key, common.replication, 0)[AGE]
    whole = 0.0
    for number in range(max(int(rounded), 1)):
        if world.clock.status[0] != DONE:
            return
        block = LIFE_BLOCKS * (number + 1)
        chances = four(common.seed, key, common.replication, block)
        partner = add_partner(world, flow, INCUMBENTS, number, flows.incumbent_order_key[flow])
        age = lives.ages[lives.total - 1]
        if lives.is_mortal[flow]:
            table = flow * lives.total
            age = interpolated(
                chances[AGE], lives.survivors, table, lives.ages, 0, lives.total, np.inf
            )
        weight = factor(common.value_sigma, chances[VALUE])
        whole += weight * size(age, common.start_share, common.growth_years)
        partners.age_years[partner] = age
        partners.left_years[partner] = years_left(world, flow, age, chances[END])
        partners.value[partner] = weight
        later = four(common.seed, key, common.replication, block + 1)
        partners.phase[partner] = later[PHASE - LATER]
    scale = carried / (whole if whole > 0.0 else 1.0)
    for partner in range(first, partners.total[0], RECORD):
        partners.value[partner] *= scale


@inlined
def gap_before(world: World, flow: int, number: int) -> float:
    """Expected candidates between a candidate and the one before."""
    return -log(block_of(world, flow, number, 1)[GAP - LATER])


@inlined
def value_of(world: World, flow: int, number: int) -> float:
    """Mature yearly value of a candidate, dollars."""
    chance = block_of(world, flow, number, 0)[VALUE]
    return factor(world.common.value_sigma, chance) * world.flows.mean_value[flow]


@inlined
def entrant(world: World, flow: int, number: int, value: float) -> int:
    """A candidate enters."""
    partners, key = world.partners, world.flows.entrant_order_key[flow]
    partner = add_partner(world, flow, ENTRANTS, number, key)
    partners.age_years[partner] = 0.0
    end = block_of(world, flow, number, 0)[END]
    partners.left_years[partner] = years_left(world, flow, 0.0, end)
    partners.value[partner] = value
    partners.phase[partner] = block_of(world, flow, number, 1)[PHASE - LATER]
    return partner


@inlined
def block_of(world: World, flow: int, number: int, block: int) -> tuple[float, float, float, float]:
    """Four of the draws of a candidate."""
    common, key = world.common, world.flows.entrant_key[flow]
    return four(common.seed, key, common.replication, LIFE_BLOCKS * number + block)


@inlined
def next_place(world: World, total: Ints, most: int, short: int, width: int) -> int:
    """The place of a new record, or the last one again when there is no more room.

    What stands there is overwritten from then on: the replication is told again with more.
    """
    place = total[0]
    if place == most - width:
        world.clock.status[0] = short
    else:
        total[0] = place + width
    return place


@inlined
def add_partner(world: World, flow: int, stream: int, number: int, key: int) -> int:
    """Open the record of a relationship."""
    partners = world.partners
    partner = next_place(world, partners.total, partners.most, SHORT_OF_PARTNERS, RECORD)
    partners.flow[partner], partners.stream[partner] = flow, stream
    partners.number[partner], partners.key[partner] = number, key
    return partner


@inlined
def years_left(world: World, flow: int, age: float, chance: float) -> float:
    """Years left to live, until the hazard is the one at which the relationship ends."""
    lives = world.lives
    if not lives.is_mortal[flow]:
        return np.inf
    table = flow * lives.total
    survived = interpolated(age, lives.ages, 0, lives.hazard, table, lives.total, np.inf)
    mark = hazard_at_end(survived, -log(chance), world.common.frailty_variance)
    end = interpolated(mark, lives.hazard, table, lives.ages, 0, lives.total, OLDEST)
    return max(end - age, 0.0)


@shared
def interpolated(  # noqa: PLR0913 -- two tables, each by where it begins
    x: float, known: Floats, first: int, values: Floats, beginning: int, total: int, beyond: float
) -> float:
    """As ``lives.interpolated``; the tables begin at a place of their arrays."""
    low, high = 0, total
    while low < high:
        middle = (low + high) >> 1
        if known[first + middle] <= x:
            low = middle + 1
        else:
            high = middle
    if x > known[first + total - 1]:
        return beyond
    if low == 0:
        return values[beginning]
    left = min(low - 1, total - 2)
    x0, x1 = known[first + left], known[first + left + 1]
    y0, y1 = values[beginning + left], values[beginning + left + 1]
    slope = (y1 - y0) / (x1 - x0 if x1 > x0 else 1.0)
    return slope * (x - x0) + y0
