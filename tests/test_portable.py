"""Portable functions: as exact as the library's, and the same bits as plain scalar arithmetic."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special

from simulator import portable
from simulator.portable import (
    _EXP,
    _LN2_HIGH,
    _LN2_LOW,
    _LOG,
    CENTRAL,
    FAR,
    INVERSE_LN2,
    MIDDLE,
    accelerable,
    accelerate,
)

# Those of numpy, whether or not machine code has been loaded.
exp, log, normal_quantile = (
    function.__wrapped__ for function in (portable.exp, portable.log, portable.normal_quantile)
)

GENERATOR = np.random.default_rng(20230313)
EXPONENTS = np.concatenate(
    [GENERATOR.uniform(-700, 700, 20_000), GENERATOR.normal(0, 1, 20_000), np.geomspace(1e-300, 1)]
)
POSITIVE = np.concatenate(
    [np.exp2(GENERATOR.uniform(-1020, 1020, 20_000)), 1 + GENERATOR.normal(0, 1e-3, 20_000)]
)
SHARES = np.concatenate(
    [
        GENERATOR.uniform(0, 1, 20_000),
        np.geomspace(1e-300, 0.5, 2_000),
        1 - np.geomspace(2**-53, 0.5, 2_000),
        [0.075, 0.925, np.exp(-25)],  # where one formula gives way to the next
    ]
)


def polynomial(coefficients, x):
    """The polynomial with the constant first, by Horner's rule."""
    value = coefficients[-1]
    for coefficient in coefficients[-2::-1]:
        value = value * x + coefficient
    return value


def scalar_exp(x):
    """The exponential as in fdlibm, one number at a time."""
    k = math.floor(x * INVERSE_LN2 + 0.5)
    high, low = x - k * _LN2_HIGH, k * _LN2_LOW
    r = high - low
    c = r - r * r * polynomial(_EXP, r * r)
    return math.ldexp(1.0 - ((low - (r * c) / (2.0 - c)) - high), k)


def scalar_log(x):
    """The logarithm as in fdlibm, one number at a time."""
    mantissa, k = math.frexp(x)
    if mantissa < 0.7071067811865476:
        mantissa, k = 2.0 * mantissa, k - 1
    f = mantissa - 1.0
    s = f / (2.0 + f)
    remainder = s * s * polynomial(_LOG, s * s)
    half = 0.5 * f * f
    return k * _LN2_HIGH - ((half - (s * (half + remainder) + k * _LN2_LOW)) - f)


def scalar_normal_quantile(p):
    """The inverse normal as in AS 241, one number at a time."""

    def ratio(pair, x):
        return polynomial(pair[0], x) / polynomial(pair[1], x)

    q = p - 0.5
    if abs(q) <= 0.425:
        return q * ratio(CENTRAL, 0.180625 - q * q)
    r = math.sqrt(-scalar_log(min(p, 1.0 - p)))
    size = ratio(MIDDLE, r - 1.6) if r <= 5.0 else ratio(FAR, r - 5.0)
    return -size if q < 0.0 else size


def library(function, numbers):
    """The library's function, one number at a time."""
    return np.array([function(x) for x in numbers.tolist()])


@pytest.mark.parametrize(
    ("ours", "theirs", "numbers"),
    [(exp, math.exp, EXPONENTS), (log, math.log, POSITIVE)],
    ids=["exp", "log"],
)
def test_exp_and_log_are_right_to_the_last_bit_but_one(ours, theirs, numbers):
    """Exponential and logarithm differ from the library's by one unit in the last place at most."""
    expected = library(theirs, numbers)
    assert np.all(np.abs(ours(numbers) - expected) <= np.spacing(np.abs(expected)))


def test_normal_quantile_is_right_into_the_tails():
    """The inverse normal is scipy's within 1e-14, from 1e-300 to the last number below 1."""
    expected = special.ndtri(SHARES)
    assert np.all(
        np.abs(normal_quantile(SHARES) - expected) <= 1e-14 * np.maximum(1, np.abs(expected))
    )


@pytest.mark.parametrize(
    ("ours", "scalar", "numbers"),
    [
        (exp, scalar_exp, EXPONENTS),
        (log, scalar_log, POSITIVE),
        (normal_quantile, scalar_normal_quantile, SHARES),
    ],
    ids=["exp", "log", "normal_quantile"],
)
def test_bits_are_those_of_scalar_arithmetic(ours, scalar, numbers):
    """Arrays give the bits of the same formula in plain Python, whatever the processor."""
    assert ours(numbers).tobytes() == library(scalar, numbers).tobytes()


@settings(derandomize=True, deadline=None)
@given(st.lists(st.floats(2**-60, 1 - 2**-53), min_size=1, max_size=40))
def test_number_is_the_same_alone_and_among_others(numbers):
    """The image of a number does not depend on its neighbours or on its place in the array."""
    for function in (exp, log, normal_quantile):
        together = function(np.array(numbers))
        assert [float(function(x)) for x in numbers] == together.tolist()


def test_known_values_are_exact():
    """e^0 = 1, ln 1 = 0 and the median of the normal law is 0, to the bit."""
    assert (float(exp(0.0)), float(log(1.0)), float(normal_quantile(0.5))) == (1.0, 0.0, 0.0)
    assert float(exp(log(2.0))) == 2.0
    assert np.array_equal(
        log(np.exp2(np.arange(-60.0, 60.0, 10.0)))[6:], log(2.0 ** np.arange(0, 60, 10))
    )


def test_exponents_beyond_the_range_are_held():
    """Beyond 700 an exponent counts as 700: nothing overflows, nothing becomes 0."""
    assert np.array_equal(exp([-np.inf, -701, 701, 1e308]), exp([-700, -700, 700, 700]))
    assert exp(-np.inf) > 0.0


def test_normal_law_is_symmetric():
    """A share and its complement stand at opposite numbers, where the complement is exact."""
    share = np.arange(1, 2**12) / 2.0**12
    assert np.array_equal(normal_quantile(share), -normal_quantile(1.0 - share))


def test_machine_code_takes_the_place_of_its_name_only(monkeypatch):
    """From the moment at which there is machine code for a function, it is what computes."""
    monkeypatch.setattr(portable, "_MACHINE_CODE", {})

    @accelerable
    def twice(x):
        return 2.0 * x

    @accelerable
    def half(x):
        return 0.5 * x

    assert (twice(3.0), half(3.0)) == (6.0, 1.5)
    accelerate(twice=lambda x: x + x + 1.0)
    assert (twice(3.0), half(3.0)) == (7.0, 1.5)
