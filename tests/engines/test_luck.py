"""Luck: what is drawn of an order is what it carries in the other engine, and rows come back."""

from types import FunctionType, SimpleNamespace

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

pytest.importorskip("numba", reason="the compiled engine needs numba")

from engines.worlds import busy, flagship
from numba import njit

from simulator import entities
from simulator.conditions import worlds
from simulator.draws import UNIT, Draws
from simulator.engines import chance, compiled, luck
from simulator.engines.loading import loaded, places
from simulator.engines.world import Luck
from simulator.lives import drawn_as
from simulator.specification import specification
from simulator.trajectory import DELIVERED, ENTRANTS, IN_PROGRESS, INCUMBENTS

REPLICATION = 3
ORDERS = 41
"""Orders of each member that are looked at: the last of them lies alone on the desk."""

INSIDE = st.integers(0, 2**52 - 1).map(lambda n: (n + 0.5) * UNIT)
"""Every number that is ever drawn."""

BEFORE = 2 * entities.ORDER_WORDS
"""Numbers before the first row."""

FIRST, LAST = 0.5 * UNIT, 1.0 - 0.5 * UNIT


@njit
def rows_drawn(addresses, flow, key, entity, rows):
    """The rows of consecutive entities, as the engine draws them: some wait until one is needed."""
    world = compiled.opened(addresses)
    luck.clear_rows(world.luck)
    for place in range(len(rows)):
        luck.draw(world, place * rows.shape[1], flow, key, entity + place)
    luck.finish(world, (len(rows) - 1) * rows.shape[1])
    for place in range(len(rows)):
        for number in range(rows.shape[1]):
            rows[place, number] = world.luck.numbers[place * rows.shape[1] + number]


def exponential():
    """The flagship, where work and the time between orders have no memory."""
    changes = {"relationships.order_interval": "exponential"}
    changes |= {"settlement.channels.*.processing_law": "exponential"}
    return flagship(changes)


@pytest.mark.parametrize("scenario", [busy, flagship, exponential])
@pytest.mark.parametrize("stream", [INCUMBENTS, ENTRANTS])
def test_numbers_are_those_of_entities(scenario, stream):
    """Every order of a relationship has the numbers that ``entities`` gives it, bit for bit."""
    spec = specification(scenario())
    drawn = worlds(spec, Draws(1, range(REPLICATION, REPLICATION + 1)))
    loading = loaded(spec, drawn, 1000, 1000)
    other = entities.Luck(spec, drawn.one(0), Draws(1, REPLICATION))
    name = "incumbent_order_key" if stream == INCUMBENTS else "entrant_order_key"
    for flow in range(len(spec.flows)):
        for number in (0, 7):
            member = entities.Member(drawn_as(spec, flow, stream), flow, number, ORDERS)
            (wanted,) = other.order_rows([entities.Span(member, 0, ORDERS)])
            rows = np.empty((ORDERS, entities.ORDER_WORDS))
            key = loading.common["flows", name][flow]
            entity = number * entities.ENTITIES_PER_PARTNER
            rows_drawn(places(loading.layout, 0, 0), flow, key, entity, rows)
            assert rows[:, luck.PLACES].tolist() == wanted


def test_each_word_has_a_place_of_its_own():
    """An order's words go where their names say, and no two to one place."""
    names = [name for name in dir(entities) if isinstance(getattr(entities, name), int)]
    words = {name: getattr(entities, name) for name in names if hasattr(luck, name)}
    words = {name: word for name, word in words.items() if word < entities.ORDER_WORDS}
    assert len(words) == entities.ORDER_WORDS
    assert {name: luck.PLACES[word] for name, word in words.items()} == {
        name: getattr(luck, name) for name in words
    }
    assert sorted(luck.PLACES) == list(range(entities.ORDER_WORDS))


WAITS = luck.LOGS - luck.LANES


@settings(derandomize=True, deadline=None, max_examples=200)
@given(
    st.lists(INSIDE, min_size=luck.LANES, max_size=luck.LANES),
    st.lists(INSIDE, min_size=WAITS, max_size=WAITS),
    st.floats(0.0, 3.0),
)
@example([FIRST] * luck.LANES, [FIRST] * WAITS, 0.5)
@example([LAST, *[0.5] * (luck.LANES - 1)], [LAST] * WAITS, 0.5)
@example([1e-11, *[0.5] * (luck.LANES - 1)], [0.5] * WAITS, 1.5)
@example([0.075, 0.925, 0.0750001, *[0.0749999] * (luck.LANES - 3)], [1e-11] * WAITS, 1.5)
def test_numbers_are_turned_as_one_by_one(chances, waiting, sigma):
    """Also where a number lies in the far tails, or where one part of the law joins another."""
    spreads = np.linspace(0.0, sigma, luck.LANES).tolist()
    desk = np.array([*chances, *spreads, *[7.0] * 2 * luck.LANES, *waiting])
    assert len(desk) == luck.DESK
    luck.turn(luck.LANES, luck.LOGS, desk)
    factors = [chance.factor(s, p) for s, p in zip(spreads, chances, strict=True)]
    assert desk[: luck.TAILS].tolist() == [*chances, *spreads, *factors]
    assert desk[luck.WAITING :].tolist() == [-chance.log(p) for p in waiting]


@pytest.mark.parametrize("lanes", [luck.LANES, luck.LOGS])
def test_lanes_fill_wide_registers(lanes):
    """No lane is left over, which would be turned alone."""
    assert lanes % luck.WIDE == 0


@pytest.mark.parametrize(
    ("laid", "needed", "is_turned"),
    [([16], 16, True), ([16, 48, 80], 48, True), ([16, 48, 80], 64, False), ([], 16, False)],
)
def test_what_is_needed_is_turned(laid, needed, is_turned):
    """The desk is cleared before a row is read that lies there, and only then."""
    state, turned = np.zeros(luck.STATE, dtype=np.int64), []
    state[luck.LAID], state[luck.ROWS :][: len(laid)] = len(laid), laid
    names = {**vars(luck), "turn_all": turned.append}
    here = SimpleNamespace(luck=SimpleNamespace(state=state))
    FunctionType(luck.finish.py_func.__code__, names)(here, needed)
    assert turned == [here] * is_turned


def test_few_numbers_are_far():
    """The bound beyond which numbers are done singly lies within the outer part of the law."""
    assert np.sqrt(-np.log(luck.FAR)) < 5.0
    assert luck.FAR * 2 * luck.LANES < 1e-6


@settings(derandomize=True, deadline=None, max_examples=200)
@given(st.lists(st.integers(-1, 5), max_size=40))
def test_no_row_is_used_by_two(steps):
    """Rows are taken and given back in any order; no two users share one, and none is wasted."""
    room = entities.ORDER_WORDS * (len(steps) + 1)
    state, desk = np.zeros(luck.STATE, dtype=np.int64), np.zeros(luck.DESK)
    rows = Luck(luck.LANES, luck.LOGS, BEFORE, np.zeros(BEFORE + room), state, desk)
    luck.clear_rows.py_func(rows)
    held, most = [], 0
    for step in steps:
        if step < 0 or not held:
            held.append(luck.take_row.py_func(rows))
        else:
            luck.give_back.py_func(rows, held.pop(step % len(held)))
        most = max(most, len(held))
        assert len(set(held)) == len(held)
        assert all(row % entities.ORDER_WORDS == 0 for row in held)
        assert min(held, default=BEFORE) >= BEFORE
    assert rows.state[luck.USED] == BEFORE + most * entities.ORDER_WORDS


def test_a_copy_of_a_row_is_a_row_of_its_own():
    """It has the numbers of the other one, and may be given back without a trace there."""
    numbers = np.arange(BEFORE + 2.0 * entities.ORDER_WORDS)
    state, desk = np.zeros(luck.STATE, dtype=np.int64), np.zeros(luck.DESK)
    rows = Luck(luck.LANES, luck.LOGS, BEFORE, numbers, state, desk)
    luck.clear_rows.py_func(rows)
    names = {**vars(luck), "take_row": luck.take_row.py_func}
    row = FunctionType(luck.copy_row.py_func.__code__, names)(rows, 0)
    assert row == BEFORE
    assert numbers[row:][: entities.ORDER_WORDS].tolist() == list(range(entities.ORDER_WORDS))
    luck.give_back.py_func(rows, row)
    assert numbers[: entities.ORDER_WORDS].tolist() == list(range(entities.ORDER_WORDS))


@pytest.mark.parametrize("scenario", [busy, flagship])
def test_rows_are_those_of_orders_on_their_way(scenario):
    """Whoever is done has given the row back, and nobody else: few rows serve many orders."""
    spec = specification(scenario())
    drawn = worlds(spec, Draws(1, range(REPLICATION, REPLICATION + 1)))
    loading = loaded(spec, drawn, 100_000, 10_000)
    (orders,) = compiled.run_all(loading)
    state, numbers = loading.common["luck", "state"], loading.common["luck", "numbers"]
    free, row = 0, int(state[luck.FREE])
    while row >= 0:
        free, row = free + 1, int(numbers[row])
    used = (int(state[luck.USED]) - loading.common["luck", "first"][0]) // entities.ORDER_WORDS
    how = loading.common["orders", "state"][:orders]
    on_their_way = np.isin(how, (IN_PROGRESS, DELIVERED)).sum()
    assert used - free == on_their_way
    assert used < orders / 3
