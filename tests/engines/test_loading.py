"""Loading: replications side by side in memory, each as it would be alone."""

import numpy as np
import pytest

pytest.importorskip("numba", reason="the compiled engine needs numba")

from engines.twins import addresses
from engines.worlds import GOOD, MINIMAL, busy, flagship
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.conditions import worlds
from simulator.draws import Draws, stream_key
from simulator.engines import compiled
from simulator.engines import loading as loading_module
from simulator.engines.loading import loaded
from simulator.engines.luck import LANES
from simulator.engines.memory import LINE, fields_of
from simulator.engines.tables import Months
from simulator.engines.world import NEXT, RECORD, World
from simulator.entities import ORDER_WORDS
from simulator.scenario.reading import load
from simulator.specification import specification
from simulator.trajectory import DUES, FIRST_CONTRACT, ORDERS, Trajectories

SCENARIOS = {
    "busy": busy(),
    "flagship": flagship(),
    "shiploads": busy({"contracts.shipments.rate": 40, "contracts.plant.instalments": 9}),
}
ROOM, PARTNERS = 3000, 300
"""Orders and relationships that are enough for one of the replications here."""


def loading_of(scenario, replications, orders=ROOM, partners=PARTNERS):
    """The specification, the worlds and the arrays of some replications."""
    spec = specification(scenario)
    drawn = worlds(spec, Draws(1, replications))
    return spec, drawn, loaded(spec, drawn, orders * len(drawn), partners)


def is_log(key):
    """Whether an array is a column of the order log, which all replications share."""
    return key in {("orders", name) for name in ORDERS}


def told(scenario, replications):
    """The specification, the worlds, and what the engine tells of some replications."""
    spec = specification(scenario)
    drawn = worlds(spec, Draws(1, replications))
    return spec, drawn, compiled.lived(spec, drawn)


# --- Rows ---


def bytes_of(found, row):
    """All that is loaded of one replication, as bytes, without what pads it to the size of others.

    Padded are the windows of a channel or corridor, and the contracts and their instalments.
    """
    _, drawn, loading = found
    parts = {}
    for key, array in loading.each.items():
        group, name = key
        if name in ("down", "up", "closes", "opens"):
            firsts, afters = (
                loading.common[group, bound] for bound in ("first_window", "after_windows")
            )
            spans = zip(firsts, afters, strict=True)
            windows = [array[row, first:after] for first, after in spans]
            parts[key] = b"|".join(window[np.isfinite(window)].tobytes() for window in windows)
        elif name in ("due_deal", "due_day"):
            assert not array[row].any()
        elif group == "deals" and name not in ("total", "dues"):
            parts[key] = array[row, : len(drawn.deals[row])].tobytes()
        else:
            parts[key] = array[row].tobytes()
    return parts


@pytest.mark.parametrize("name", SCENARIOS)
def test_replication_is_loaded_as_if_it_were_alone(name):
    """Nothing that is loaded of a replication depends on those that are loaded with it."""
    together = loading_of(SCENARIOS[name], range(6))
    shapes = set()
    for number in range(6):
        alone = loading_of(SCENARIOS[name], range(number, number + 1))
        first, second = bytes_of(together, number), bytes_of(alone, 0)
        assert [key for key in first if first[key] != second[key]] == []
        assert first.keys() == second.keys()
        shapes.add(tuple(array.shape[1] for array in alone[2].each.values() if array.ndim == 2))
    # There was something to cut off.
    assert len(shapes) > 1


def test_what_all_replications_share_is_the_same_for_any():
    """What is not of one replication is as it is however many there are, but for its size."""
    few, many = (
        loading_of(flagship(), range(first, after))[2].common for first, after in ((0, 2), (2, 9))
    )
    assert few.keys() == many.keys()
    sized = {
        (group, name)
        for group, name in few
        if group in ("orders", "partners", "agenda", "luck")
        or name in ("first_window", "after_windows", "next_instalment", "luck")
    }
    kept = few.keys() - sized
    assert [key for key in kept if few[key].tobytes() != many[key].tobytes()] == []
    assert len(kept) > 25


def test_rows_of_draws_and_their_desk_begin_with_a_line_of_the_cache():
    """Else a row would lie in three lines in place of two."""
    common = loading_of(flagship(), range(2))[2].common
    line = LINE * common["luck", "numbers"].itemsize
    assert ORDER_WORDS % LINE == LANES % LINE == 0
    assert {common["luck", name].ctypes.data % line for name in ("numbers", "desk")} == {0}
    assert NEXT % LINE == RECORD % LINE == common["luck", "first"][0] % LINE == 0


def test_fields_of_a_relationship_lie_side_by_side():
    """Each has a place of its own in front of the next order's draws, and keeps to it."""
    _, _, loading = loading_of(flagship(), range(2))
    numbers, columns = loading.common["luck", "numbers"], set()
    for (group, name), column in loading.common.items():
        if group == "partners" and name not in ("most", "total"):
            columns.add((column.ctypes.data - numbers.ctypes.data) // numbers.itemsize)
            column[::RECORD] = 7
            assert len(column) == RECORD * PARTNERS
    assert columns == set(range(len(columns)))
    assert len(columns) <= NEXT
    assert np.count_nonzero(numbers[: RECORD * PARTNERS].view(np.int64) == 7) > 0


@pytest.mark.parametrize(
    ("orders", "slices"), [(100, 264), (20_000, 2**15), (100_000, 2**15), (10**6, 250_000)]
)
def test_slices_are_many_enough_for_the_orders_and_few_enough_for_the_cache(orders, slices):
    """Two for an order of a replication, then as many as lie near the processor, or a quarter."""
    _, _, loading = loading_of(flagship(), range(2))
    loading.make_room(2 * orders, PARTNERS)
    assert loading.common["agenda", "slices"] == [slices]
    assert len(loading.common["agenda", "first"]) == slices


@pytest.mark.parametrize("name", SCENARIOS)
def test_keys_are_those_of_the_streams(name):
    """Each relationship, and each of its orders, draws under its flow and how it came about."""
    spec, drawn, loading = loading_of(SCENARIOS[name], range(3))
    keys = set()
    for field, kind in (
        ("incumbent_key", "incumbent"),
        ("entrant_key", "entrant"),
        ("incumbent_order_key", "order incumbent"),
        ("entrant_order_key", "order entrant"),
    ):
        expected = [stream_key(f"{kind} {flow.name}") for flow in spec.flows]
        assert loading.common["flows", field].view(np.uint64).tolist() == expected
        keys |= set(expected)
    assert len(keys) == 4 * len(spec.flows)
    for row, deals in enumerate(drawn.deals):
        found = loading.each["deals", "key"][row].view(np.uint64)[: len(deals)]
        names = [f"order contract {spec.contracts[deal.contract][0]}" for deal in deals]
        assert found.tolist() == [stream_key(name) for name in names]


def test_months_come_first():
    """The refusals of a month stand together, channel by channel, one month after the other."""
    spec, drawn, loading = loading_of(busy(), range(3))
    channels = len(spec.channels)
    levels = drawn.levels[..., spec.places("channel.refusal_share")]
    for month in range(spec.periods.count):
        found = loading.each["months", "refusal_share"].reshape(3, -1)[:, month * channels :]
        assert np.array_equal(found[:, :channels], levels[:, month])
    assert {field.size for field in (levels, loading.each["months", "refusal_share"])} == {
        3 * channels * spec.periods.count
    }
    assert len(np.unique(levels)) > channels
    names = {name for group, name in loading.each if group == "months"}
    assert names == set(Months.__dataclass_fields__)


def test_interruptions_lie_by_channel_and_corridor():
    """Between its first and its last window each channel and corridor has its own, in order."""
    spec, drawn, loading = loading_of(busy(), range(4))
    for group, starts, ends, names in (
        ("channels", "down", "up", spec.channels),
        ("corridors", "closes", "opens", spec.corridors),
    ):
        found = 0
        for row in range(4):
            world = drawn.one(row)
            known = world.channel_down if group == "channels" else world.corridor_closed
            for place in range(len(names)):
                first, after = (
                    loading.common[group, name][place] for name in ("first_window", "after_windows")
                )
                rows = zip(
                    loading.each[group, starts][row, first:after].tolist(),
                    loading.each[group, ends][row, first:after].tolist(),
                    strict=True,
                )
                windows = [(start, end) for start, end in rows if start < np.inf]
                assert windows == list(known[place])
                found += len(windows)
        assert found > 4
        sizes = loading.common[group, "after_windows"] - loading.common[group, "first_window"]
        assert sizes.sum() == loading.each[group, starts].shape[1]


# --- Addresses and room ---


def address(array):
    """Where an array begins in memory."""
    return array.__array_interface__["data"][0]


SHARED = loading_of(busy(), range(5), 40)[2]


@settings(derandomize=True, deadline=None)
@given(st.integers(0, 4), st.integers(0, 199))
def test_places_are_those_of_the_arrays(row, begun):
    """A world's numbers are where its rows are, and its orders where those of others end."""
    found = addresses(SHARED, row, begun)
    assert len(found) == len(fields_of(World))
    for key, place in zip(fields_of(World), found.tolist(), strict=True):
        if key in SHARED.each:
            assert place == address(SHARED.each[key][row]), key
        else:
            assert place == address(SHARED.common[key][begun if is_log(key) else 0 :]), key


def test_more_room_keeps_the_orders_that_are_there():
    """With more room those of earlier replications stay, and addresses follow where they went."""
    _, _, loading = loading_of(busy(), range(2), 30)
    keys = [key for key in fields_of(World) if is_log(key)]
    for number, key in enumerate(keys):
        loading.common[key][:] = np.arange(60) + 1000 * number
    assert len(addresses(loading, 1, 20)) == len(fields_of(World))
    loading.make_room(120, 2 * PARTNERS, 20)
    assert (loading.room, loading.partners) == (120, 2 * PARTNERS)
    for number, key in enumerate(keys):
        assert loading.common[key][:20].tolist() == [n + 1000 * number for n in range(20)]
    sizes = {"orders": 120, "partners": 2 * PARTNERS * RECORD}
    for (group, name), array in loading.common.items():
        if group in sizes:
            assert len(array) == (1 if name in ("most", "total") else sizes[group]), (group, name)
    assert loading.common["orders", "most"] == [120]
    assert loading.common["partners", "most"] == [2 * PARTNERS * RECORD]
    entries = len(loading.common["agenda", "times"])
    assert entries == len(loading.common["agenda", "notes"])
    assert entries > 120 + 2 * PARTNERS
    for key, place in zip(fields_of(World), addresses(loading, 1, 20).tolist(), strict=True):
        array = loading.each[key][1] if key in loading.each else loading.common[key]
        assert place == address(array[20:] if is_log(key) else array), key


def test_no_relationship_begins_beyond_what_can_be_numbered(monkeypatch):
    """However much room there is: a larger place would be read as another kind of event."""
    _, _, loading = loading_of(busy(), range(1))
    monkeypatch.setattr(loading_module, "MOST_SUBJECTS", 8 * RECORD)
    for partners in (7, 8, 9, 20):
        loading.make_room(100, partners)
        assert loading.common["partners", "most"] == [RECORD * min(partners, 8)]


def many_contracts(rate):
    """The minimal scenario with mega-contracts that come to nothing, so many a year."""
    contract = {
        "title": "Words only",
        "exporter": "AAB",
        "good": "grain",
        "document": "memorandum",
        "rate": rate,
        "size_usd_million": 3,
        "size_sigma": 0,
        "execution_share": 0,
        "fulfilment_share": 1,
        "fulfilment_spread": 0,
        "delay_days": 0,
        "spacing_days": 10,
        "instalments": 1,
    }
    return load(MINIMAL, {"contracts.words": contract})


def crowd():
    """The minimal scenario with 1200 relationships of A that last half a year; others follow."""
    changes = {
        f"{GOOD}.relationship_usd_million": 0.05,
        "relationships.hazard_floor": 2,
        "relationships.search_support": 1,
        "relationships.profit_share": 1,
    }
    return load(MINIMAL, changes)


@pytest.mark.parametrize(
    "scenario",
    [
        busy(),
        flagship(),
        many_contracts(20),
        many_contracts(1000),
        crowd(),
    ],
    ids=["busy", "flagship", "contracts", "many contracts", "many relationships"],
)
def test_agenda_has_room_for_all_that_is_to_come(scenario):
    """Nothing is written beyond the end of the agenda, however little else fits in at first."""
    _, _, loading = loading_of(scenario, range(1), 8, 8)
    beyond = {}
    for name in ("times", "notes"):
        array = loading.common["agenda", name]
        longer = np.zeros(len(array) + 100_000, dtype=array.dtype)
        loading.common["agenda", name] = longer[: len(array)]
        beyond[name] = longer[len(array) :]
    compiled.run(addresses(loading))
    assert loading.common["agenda", "notes"].any()
    assert {name: np.count_nonzero(array) for name, array in beyond.items()} == {
        "times": 0,
        "notes": 0,
    }


@pytest.mark.parametrize("name", SCENARIOS)
def test_agenda_is_never_full(name):
    """Where orders and relationships just fit in, so does all that is yet to come."""
    spec, drawn, plenty = loading_of(SCENARIOS[name], range(1))
    assert compiled.run(addresses(plenty)) == compiled.DONE
    orders, partners = (int(plenty.common[name, "total"][0]) for name in ("orders", "partners"))
    counts = [orders, partners // RECORD]
    loading = loaded(spec, drawn, *(count + 1 for count in counts))
    loading.common["agenda", "times"][:] = np.nan
    assert compiled.run(addresses(loading)) == compiled.DONE
    assert loading.common["orders", "total"] == counts[:1]
    used = int(np.isfinite(loading.common["agenda", "times"]).sum())
    assert counts[1] / 2 < used < len(loading.common["agenda", "times"])


# --- What they came to ---


@pytest.mark.parametrize("name", SCENARIOS)
def test_orders_are_split_by_replication(name):
    """Each order belongs to one replication, and those of each are as many as it has placed."""
    _, _, found = told(SCENARIOS[name], range(5))
    assert len(found) == 5
    assert found.orders.sum() == len(found.flow)
    assert {len(getattr(found, column)) for column in ORDERS} == {len(found.flow)}
    assert np.bincount(found.replication, minlength=5).tolist() == found.orders.tolist()
    # Within a replication time passes; with the next it begins again.
    back = np.flatnonzero(np.diff(found.created) < 0) + 1
    assert back.tolist() == np.cumsum(found.orders)[:-1].tolist()
    for place in range(5):
        one = found.one(place)
        assert len(one.flow) == found.orders[place] > 0
        sums = [int(one.cents[one.flow == flow].sum()) for flow in range(len(found.partners[0]))]
        assert one.created_cents.tolist() == sums


@pytest.mark.parametrize("name", ["busy", "shiploads"])
def test_contracts_are_due_on_their_days(name):
    """Every instalment within the horizon falls due once, on its day and for its face value."""
    spec, drawn, found = told(SCENARIOS[name], range(6))
    begin, end = spec.periods.edges[0], spec.periods.edges[-1]
    assert found.dues.sum() == len(found.due_day)
    for place, deals in enumerate(drawn.deals):
        one = found.one(place)
        expected = sorted(
            (day, deal.flow, deal.face_cents, deal.ordered_cents, deal.executed)
            for deal in deals
            for day in (deal.first_day + n * deal.spacing_days for n in range(deal.instalments))
            if begin <= day < end
        )
        days = [row[0] for row in expected]
        rows = zip(*(getattr(one, column).tolist() for column in DUES), strict=True)
        seen = sorted((day, flow, face, ordered, ok) for flow, day, face, ordered, ok in rows)
        assert [row[0] for row in seen] == pytest.approx(days, abs=1e-9)
        assert [row[1:] for row in seen] == [row[1:] for row in expected]
        ordered = sorted(
            (FIRST_CONTRACT + deal.contract, deal.number, deal.ordered_cents)
            for deal in deals
            for day in (deal.first_day + n * deal.spacing_days for n in range(deal.instalments))
            if begin <= day < end and deal.ordered_cents > 0
        )
        orders = zip(one.stream.tolist(), one.partner.tolist(), one.cents.tolist(), strict=True)
        assert sorted(order for order in orders if order[0] >= FIRST_CONTRACT) == ordered
    assert found.dues.min() > 0
    assert 0 < found.due_executed.mean() < 1


def test_unloaded_is_what_its_parts_are():
    """Some replications are those that come of putting each of them beside the others."""
    _, _, found = told(busy(), range(4))
    again = Trajectories.of([found.one(place) for place in range(4)])
    for name in (*ORDERS, *DUES, "orders", "dues", "partners", "created_cents", "lost_cents"):
        assert np.array_equal(getattr(found, name), getattr(again, name), equal_nan=name in ORDERS)
    for name in ("busy", "waiting", "in_use", "clearing_balance_cents", "netted_cents"):
        assert np.array_equal(found.use(name), again.use(name))
        assert found.use(name).shape == (4, 2)
