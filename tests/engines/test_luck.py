"""Luck: what is drawn of orders ahead of their time is what they carry in the other engine."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

pytest.importorskip("numba", reason="the compiled engine needs numba")

from engines.worlds import busy, flagship

from simulator import entities
from simulator.conditions import worlds
from simulator.draws import UNIT, Draws
from simulator.engines import chance, compiled, luck
from simulator.engines.loading import loaded
from simulator.engines.world import NOBODY
from simulator.lives import drawn_as
from simulator.specification import specification
from simulator.trajectory import ENTRANTS, INCUMBENTS

REPLICATION = 3
WORDS = (
    *("SIZE", "PRODUCTION", "TRANSIT", "PAYMENT", "CHANNEL", "CORRIDOR", "REFUSAL"),
    *("SECOND_REFUSAL", "LANE", "REJECTION", "DEFAULT", "EXIT"),
)
"""Words that both engines have ready for use."""

INSIDE = st.integers(0, 2**52 - 1).map(lambda n: (n + 0.5) * UNIT)
"""Every number that is ever drawn."""

FIRST, LAST = 0.5 * UNIT, 1.0 - 0.5 * UNIT


def run(scenario):
    """A replication in the compiled engine: its specification, world and arrays."""
    spec = specification(scenario)
    drawn = worlds(spec, Draws(1, range(REPLICATION, REPLICATION + 1)))
    loading = loaded(spec, drawn, 100_000, 10_000)
    compiled.run_all(loading)
    return spec, drawn, loading


@pytest.mark.parametrize("scenario", [busy, flagship])
def test_numbers_are_those_of_entities(scenario):
    """Every order of a relationship has the row that ``entities`` draws, bit for bit."""
    spec, drawn, loading = run(scenario())
    world, draws = drawn.one(0), Draws(1, REPLICATION)
    other = entities.Luck(spec, world, draws)
    common = loading.common
    count, numbers = int(common["orders", "total"][0]), common["luck", "numbers"]
    partner, place = common["orders", "by"][:count], common["orders", "luck"][:count]
    seen = 0
    for one in np.unique(partner[partner != NOBODY]):
        flow, stream, number = (
            int(common["partners", name][one]) for name in ("flow", "stream", "number")
        )
        assert stream in (INCUMBENTS, ENTRANTS)
        places = place[partner == one]
        member = entities.Member(drawn_as(spec, flow, stream), flow, number, len(places))
        (rows,) = other.order_rows([entities.Span(member, 0, len(places))])
        for word in WORDS:
            found = numbers[places + getattr(luck, word)]
            wanted = [row[getattr(entities, word)] for row in rows]
            assert found.tolist() == wanted, word
        waits = [row[entities.PATIENCE] for row in rows]
        assert numbers[places + luck.PATIENCE_WAIT].tolist() == waits
        seen += len(places)
    assert seen > 200


def test_each_word_has_a_column_of_its_own():
    """An order's words go to columns that do not overlap, and so do its waits."""
    waits = (luck.INTERVAL_WAIT, luck.PATIENCE_WAIT)
    columns = [*luck.COLUMNS, *waits, luck.PROCESSING_WAIT, luck.SECOND_PROCESSING_WAIT]
    assert sorted(columns) == list(range(0, luck.NUMBERS, luck.AHEAD))
    names = [name for name in dir(entities) if isinstance(getattr(entities, name), int)]
    words = {name: getattr(entities, name) for name in names if hasattr(luck, name)}
    words = {name: word for name, word in words.items() if word < entities.ORDER_WORDS}
    assert len(words) == entities.ORDER_WORDS
    assert {name: luck.COLUMNS[word] for name, word in words.items()} == {
        name: getattr(luck, name) for name in words
    }


@settings(derandomize=True, deadline=None, max_examples=200)
@given(st.lists(INSIDE, min_size=luck.FACTORS, max_size=luck.FACTORS), st.floats(0.0, 3.0))
@example([FIRST] * luck.FACTORS, 0.5)
@example([LAST, *[0.5] * (luck.FACTORS - 1)], 0.5)
@example([1e-11, *[0.5] * (luck.FACTORS - 1)], 1.5)
@example([0.075, 0.925, 0.0750001, *[0.0749999] * (luck.FACTORS - 3)], 1.5)
def test_factors_are_those_drawn_one_by_one(chances, sigma):
    """Also where a number lies in the far tails, or where one part of the law joins another."""
    numbers, sigmas = np.array([7.0, *chances]), np.linspace(0.0, sigma, luck.FACTORS)
    luck.turn_into_factors(numbers, 1, sigmas)
    expected = [chance.factor(s, p) for s, p in zip(sigmas, chances, strict=True)]
    assert numbers.tolist() == [7.0, *expected]


def test_few_numbers_are_far():
    """The bound beyond which numbers are done singly lies within the outer part of the law."""
    assert np.sqrt(-np.log(luck.FAR)) < 5.0
    assert luck.FAR * 2 * luck.FACTORS < 1e-6
