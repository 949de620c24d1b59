"""World: every array is loaded and used, and what a replication is only given stays as it was."""

import ast
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("numba", reason="the compiled engine needs numba")

from engines.twins import addresses
from engines.worlds import busy, flagship

from simulator.conditions import worlds
from simulator.draws import Draws
from simulator.engines import agenda, births, compiled, log, luck, world
from simulator.engines.loading import loaded, unloaded
from simulator.engines.memory import Floats, Ints, fields_of
from simulator.engines.world import World
from simulator.specification import specification
from simulator.trajectory import ORDERS

FIELDS = fields_of(World)
ROOM, PARTNERS = 3000, 300
"""Orders and relationships that are enough for one of the replications here."""


class Watched(dict):
    """A dictionary that remembers what was looked up."""

    def __init__(self, known):
        super().__init__(known)
        self.seen = set()

    def __getitem__(self, key):
        self.seen.add(key)
        return super().__getitem__(key)


def loading_of(scenario, count):
    """The specification, the worlds and the arrays of some replications."""
    spec = specification(scenario)
    drawn = worlds(spec, Draws(1, range(count)))
    return spec, drawn, loaded(spec, drawn, ROOM * count, PARTNERS)


def field_of(node):
    """The field that a piece of source names, as ``group.name`` or ``world.group.name``."""
    if not isinstance(node, ast.Attribute):
        return None
    owner = node.value
    if isinstance(owner, ast.Attribute) and getattr(owner.value, "id", "") == "world":
        group = owner.attr
    else:
        group = getattr(owner, "id", "")
    return (group, node.attr) if (group, node.attr) in FIELDS else None


def named():
    """Fields that the engine's source reads, and those of which it only reads single numbers."""
    read, other = set(), set()
    for module in (compiled, births, agenda, luck):
        for parent in ast.walk(ast.parse(Path(module.__file__).read_text(encoding="utf-8"))):
            for child in ast.iter_child_nodes(parent):
                field = field_of(child)
                is_number = isinstance(parent, ast.Subscript) or FIELDS.get(field) in (int, float)
                is_stored = isinstance(parent, ast.Subscript) and isinstance(parent.ctx, ast.Store)
                if not is_stored:
                    read.add(field)
                if is_stored or not is_number:
                    other.add(field)
    return read, read - other


def test_every_array_of_the_world_is_loaded_once():
    """What is loaded of the flagship is what the world consists of: nothing is missing or double.

    Each array is of its field's kind and without gaps, as code that knows only its address needs.
    """
    _, _, loading = loading_of(flagship(), 2)
    assert loading.each.keys() | loading.common.keys() == FIELDS.keys()
    assert not loading.each.keys() & loading.common.keys()
    for (group, name), kind in FIELDS.items():
        array = {**loading.each, **loading.common}[group, name]
        wanted = np.float64 if kind in (float, Floats) else np.int64
        assert (array.dtype, array.flags.c_contiguous) == (wanted, True), (group, name)
    assert {len(array) for array in loading.each.values()} == {2}


def test_no_array_of_the_world_is_idle():
    """The engine reads every number of the world, or hands it on when all is over."""
    read, _ = named()
    spec, drawn, loading = loading_of(busy(), 1)
    loading.each, loading.common = each, common = Watched(loading.each), Watched(loading.common)
    unloaded(spec, drawn, loading, np.zeros(1, dtype=np.int64))
    assert FIELDS.keys() - read - each.seen - common.seen == set()


@pytest.mark.parametrize("scenario", [busy, flagship])
def test_replication_writes_its_own_numbers_only(scenario):
    """Whoever runs leaves what is given, the rows of others, and the orders before and after."""
    _, given = named()
    assert {field for field in FIELDS if field[0] in ("months", "common")} <= given
    _, _, loading = loading_of(scenario(), 3)
    row, begun = 1, 700
    before = {key: array.copy() for key, array in {**loading.each, **loading.common}.items()}
    assert compiled.run(addresses(loading, row, begun)) == world.DONE
    after = {**loading.each, **loading.common}
    changed = {key for key in after if after[key].tobytes() != before[key].tobytes()}
    assert len(changed) > 50
    assert not changed & given
    for key in changed & loading.each.keys():
        for other in (0, 2):
            assert after[key][other].tobytes() == before[key][other].tobytes(), key
    for key in changed & loading.common.keys():
        if key in {("orders", name) for name in ORDERS}:
            for rows in (slice(begun), slice(begun + ROOM, None)):
                assert after[key][rows].tobytes() == before[key][rows].tobytes(), key


def test_columns_of_the_order_log_are_of_their_kind():
    """Numbers of an order are whole and its times are not, as in the log of the reference."""
    assert {FIELDS["orders", name] for name in log.NUMBERS} == {Ints}
    assert {FIELDS["orders", name] for name in log.TIMES} == {Floats}


def test_codes_tell_apart():
    """No two ends of a replication have one code, nor two things to wait for; nobody has none."""
    ends = {world.DONE, world.TIED, world.SHORT_OF_ORDERS, world.SHORT_OF_PARTNERS}
    assert len(ends) == 4
    slots = {world.FOR_SLOT, world.FOR_SECOND_SLOT}
    assert len(slots | {world.NOT_WAITING, world.FOR_CLEARING, world.FOR_ROOM}) == 5
    assert world.NOBODY < 0
