"""Memory: compiled code reads and writes the very arrays whose addresses it is given."""

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("numba", reason="the compiled engine needs numba")

from numba import njit

from simulator.engines.compiling import inlined, prefetch
from simulator.engines.memory import LINE, Floats, Ints, cut, dtype_of, fields_of, fitted, opener
from simulator.engines.world import World


class Prices(NamedTuple):
    """Numbers among arrays."""

    rate: float
    values: Floats
    step: int


class Stock(NamedTuple):
    """Arrays around a number."""

    pieces: Ints
    total: Ints
    worth: Floats
    share: float


class Shop(NamedTuple):
    """Both."""

    prices: Prices
    stock: Stock


opened = opener(Shop)


@inlined
def trade(shop):
    """Something in which every field has a part of its own."""
    prices, stock = shop.prices, shop.stock
    for place in range(stock.total[0]):
        prices.values[place] = prices.values[place] * prices.rate + stock.share
        stock.pieces[place] += prices.step * (place + 1)
        stock.worth[place] = prices.values[place] * stock.pieces[place]
    stock.total[0] -= 1


@njit
def trade_at(places):
    """The same, where the fields are at these addresses."""
    trade(opened(places))


def arrays_of(rate, step, share, rows):
    """The arrays of a shop by group and name."""
    values, pieces = zip(*rows, strict=True)
    given = {
        ("prices", "rate"): [rate],
        ("prices", "values"): values,
        ("prices", "step"): [step],
        ("stock", "pieces"): pieces,
        ("stock", "total"): [len(rows)],
        ("stock", "worth"): [0] * len(rows),
        ("stock", "share"): [share],
    }
    return {field: fitted(Shop, *field, array) for field, array in given.items()}


def places_of(arrays):
    """Where each array begins, in the order of the fields."""
    return np.array([arrays[field].ctypes.data for field in fields_of(Shop)], dtype=np.uint64)


def by_name(arrays):
    """A shop that the interpreter can work with, in copies of the arrays."""
    copies = {field: array.copy() for field, array in arrays.items()}
    numbers = {
        field: copies[field][0] if kind in (int, float) else copies[field]
        for field, kind in fields_of(Shop).items()
    }
    shop = Shop(
        *(
            cls(**{name: numbers[group, name] for name in cls._fields})
            for group, cls in Shop.__annotations__.items()
        )
    )
    return shop, copies


SMALL = st.floats(-1e6, 1e6)
WHOLE = st.integers(-(2**40), 2**40)


@settings(derandomize=True, deadline=None)
@given(SMALL, WHOLE, SMALL, st.lists(st.tuples(SMALL, WHOLE), min_size=1, max_size=9))
def test_compiled_code_works_on_the_arrays_themselves(rate, step, share, rows):
    """Code that is compiled does at addresses what it does to arrays by name, to the bit."""
    arrays = arrays_of(rate, step, share, rows)
    shop, copies = by_name(arrays)
    trade_at(places_of(arrays))
    trade.py_func(shop)
    assert arrays["stock", "total"][0] == len(rows) - 1
    for field, array in arrays.items():
        assert array.tobytes() == copies[field].tobytes(), field


def test_numbers_are_read_again_at_every_opening():
    """A single number may be changed between two calls, and another address is another array."""
    arrays = arrays_of(2.0, 1, 0.5, [(3.0, 10), (4.0, 20)])
    places = places_of(arrays)
    trade_at(places)
    assert arrays["prices", "values"].tolist() == [6.5, 8.5]
    assert arrays["stock", "pieces"].tolist() == [11, 22]
    arrays["prices", "rate"][0] = 10.0
    other = np.array([100.0, 200.0])
    places[1] = other.ctypes.data
    trade_at(places)
    assert other.tolist() == [1000.5, 200.0]
    assert arrays["prices", "values"].tolist() == [6.5, 8.5]
    assert arrays["stock", "worth"].tolist() == [1000.5 * 12, 8.5 * 22]


def test_a_part_of_an_array_begins_at_its_own_address():
    """A world whose address is that of a row works on this row alone."""
    arrays = arrays_of(1.0, 0, 1.0, [(0.0, 1)])
    rows = np.zeros((3, 1))
    places = places_of(arrays)
    places[1] = rows.ctypes.data + rows.strides[0]
    trade_at(places)
    assert rows.tolist() == [[0.0], [1.0], [0.0]]


# --- Fields ---


@pytest.mark.parametrize("groups", [Shop, World])
def test_fields_stand_in_the_order_of_annotations(groups):
    """Fields are those of the first group, then those of the next, each as written down."""
    expected = [
        (group, name)
        for group, part in zip(groups._fields, groups.__annotations__.values(), strict=True)
        for name in part._fields
    ]
    assert list(fields_of(groups)) == expected


def test_fields_have_their_kinds():
    """A field is an array of floats or of whole numbers, or one of either."""
    kinds = [float, Floats, int, Ints, Ints, Floats, float]
    assert list(fields_of(Shop).values()) == kinds
    found = [dtype_of(Shop, *field) for field in fields_of(Shop)]
    assert found == [
        *(np.float64, np.float64, np.int64, np.int64),
        *(np.int64, np.float64, np.float64),
    ]


@settings(derandomize=True, deadline=None)
@given(st.lists(st.integers(0, 2**64 - 1)))
def test_unsigned_numbers_keep_their_bits(words):
    """Words of 64 bits are the same words as signed numbers, also beyond the largest of those."""
    array = np.array(words, dtype=np.uint64)
    for given_array in (array, np.repeat(array, 2)[::2]):
        found = fitted(Shop, "stock", "pieces", given_array)
        assert found.dtype == np.int64
        assert found.flags.c_contiguous
        assert found.view(np.uint64).tolist() == words


@pytest.mark.parametrize("field", fields_of(Shop), ids=".".join)
@pytest.mark.parametrize(
    "array",
    [
        [True, False],
        [3, -4],
        np.arange(12).reshape(3, 4).T,
        np.arange(9.0)[::-2],
        np.array([[1, 2]], dtype=np.int32),
        np.float32([[0.5], [8.0]]),
    ],
    ids=["flags", "list", "turned", "backwards", "short", "single"],
)
def test_arrays_are_fitted_to_their_field(field, array):
    """Whatever an array is like, what compiled code gets is dense, of eight bytes, and the same."""
    found = fitted(Shop, *field, array)
    dtype = np.float64 if fields_of(Shop)[field] in (float, Floats) else np.int64
    assert found.dtype == dtype
    assert found.flags.c_contiguous
    assert np.array_equal(found, np.asarray(array).astype(dtype))


@pytest.mark.parametrize("kind", [bool, np.float64])
def test_a_field_of_another_kind_has_no_place(kind):
    """A tuple with a field of a kind that compiled code does not know is refused at once."""

    class Odd(NamedTuple):
        first: kind

    class Odds(NamedTuple):
        odd: Odd

    with pytest.raises(KeyError):
        opener(Odds)


PAGE = 4096
"""Bytes of a page, within which a near cache tells lines apart."""


@settings(derandomize=True, deadline=None)
@given(st.lists(st.integers(0, 2000), max_size=20))
def test_arrays_are_cut_apart(counts):
    """They are as long as they should be, begin with a line of the cache, and share no line."""
    arrays, line = list(cut(counts)), 8 * LINE
    assert [len(array) for array in arrays] == counts
    for number, array in enumerate(arrays):
        array[:] = number
        assert array.ctypes.data % line == 0
    assert [set(array.tolist()) for array in arrays] == [
        {float(number)} if count else set() for number, count in enumerate(counts)
    ]
    for before, after in pairwise(arrays):
        assert before.ctypes.data + before.nbytes + line <= after.ctypes.data


def test_columns_of_whole_pages_do_not_meet_in_the_cache():
    """Twenty columns at one place lie in twenty lines that a near cache can hold at once."""
    columns = list(cut([PAGE] * 20))
    assert len({column.ctypes.data % PAGE // (8 * LINE) for column in columns}) == 20


@njit
def fetched(places, place):
    """A number of the shop, after it was called near."""
    shop = opened(places)
    prefetch(shop.prices.values, place)
    return shop.prices.values[place]


def test_prefetching_is_an_instruction_that_changes_nothing():
    """The machine code has an instruction for it, and what is there stays."""
    arrays = arrays_of(1.0, 0, 0.0, [(5.0, 1), (6.0, 1)])
    places = places_of(arrays)
    assert fetched(places, 1) == 6.0
    assert "prefetch" in "".join(fetched.inspect_asm().values())
    assert arrays["prices", "values"].tolist() == [5.0, 6.0]


def test_memory_is_used_again_once_nobody_looks_at_it():
    """A part of a part keeps all of it; another thread has memory of its own."""
    first, _ = cut([1000, 20])
    part = first[5:].view(np.int64)[3:]
    part[:] = 7
    del first
    (other,) = cut([1000])
    other[:] = 0.0
    assert (part == 7).all()
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(lambda: next(cut([1000])).ctypes.data).result() != other.ctypes.data
    where = other.ctypes.data
    del other
    assert next(cut([10])).ctypes.data == where
    assert next(cut([1000])).ctypes.data == where
