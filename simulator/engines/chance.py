"""Chance: draws by name, and the factors that they stand for, one at a time.

The same numbers as ``simulator.draws`` and ``simulator.entities`` give in blocks, bit for bit.
"""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np

from simulator import portable
from simulator.draws import UNIT, UNUSED_BITS, WORDS_PER_BLOCK, Words
from simulator.engines.compiling import (
    compiled,
    inlined,
    power_of_two,
    product,
    shared,
)
from simulator.engines.memory import Floats

CONSTANT, EXPONENTIAL, UNIFORM = range(3)
"""Laws of the time between orders."""

LAWS = {"constant": CONSTANT, "exponential": EXPONENTIAL, "uniform": UNIFORM}

Word: TypeAlias = np.uint64

_ROUNDS = 10
_FIRST_FACTOR, _SECOND_FACTOR = np.uint64(0xD2E7470EE14C6C93), np.uint64(0xCA5A826395121157)
_FIRST_WEYL, _SECOND_WEYL = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBB67AE8584CAA73B)

_LEAST_NORMAL, _SCALED_BY = 2.0**-1022, 54.0
_SCALE = 2.0**_SCALED_BY
"""Smaller numbers have no exponent of their own until they are scaled by a power of two."""

_MANTISSA_BITS = 52
_EXPONENT, _HALF, _WHOLE = 0x7FF << _MANTISSA_BITS, 0x3FE << _MANTISSA_BITS, 0x433 << _MANTISSA_BITS
"""Bits of the exponent: all, those of one half, and those of a number whose last bit counts 1."""
_BIASED_BY = 2.0**_MANTISSA_BITS + 1022.0

polynomial = inlined(portable.polynomial)
exp_rest = inlined(portable.exp_rest, polynomial=polynomial)
log_sum = inlined(portable.log_sum, polynomial=polynomial)
ratio = inlined(portable.ratio, polynomial=polynomial)
log_factor = inlined(portable.log_factor)


@shared
def four(seed: int, key: int, replication: int, block: int) -> tuple[float, float, float, float]:
    """Numbers in (0, 1): words 4 b to 4 b + 3 of a stream, for block b."""
    a, b, c, d = philox(seed, key, replication, block, 0)
    return share(a), share(b), share(c), share(d)


@inlined
def philox(
    seed: int, key: int, replication: int, block: int, attempt: int
) -> tuple[Word, Word, Word, Word]:
    """Four raw words, by Philox4x64-10 as in numpy."""
    a, b, c, d = np.uint64(block + 1), np.uint64(attempt), np.uint64(replication), np.uint64(0)
    first, second = np.uint64(seed), np.uint64(key)
    for _ in range(_ROUNDS):
        high_a, low_a = product(_FIRST_FACTOR, a)
        high_c, low_c = product(_SECOND_FACTOR, c)
        a, b, c, d = high_c ^ b ^ first, low_c, high_a ^ d ^ second, low_a
        first += _FIRST_WEYL
        second += _SECOND_WEYL
    return a, b, c, d


def fill(  # noqa: PLR0913 -- names
    seed: int, keys: Sequence[int], replications: range, first: int, blocks: int, attempt: int
) -> Words:
    """Raw words of some replications, as ``draws.filled`` gives them, from several threads."""
    shape = (len(replications), len(keys), WORDS_PER_BLOCK * blocks)
    words = np.empty(shape, dtype=np.uint64)
    fill_in(seed, np.array(keys, dtype=np.uint64), replications.start, first, attempt, words)
    return words


@compiled("void(uint64, uint64[::1], int64, int64, int64, uint64[:, :, ::1])")
def fill_in(  # noqa: PLR0913 -- names, and where the words go
    seed: int, keys: Words, replication: int, first: int, attempt: int, words: Words
) -> None:
    """The words of consecutive replications."""
    for row in range(words.shape[0]):
        for stream in range(words.shape[1]):
            for place in range(0, words.shape[2], WORDS_PER_BLOCK):
                block = first + place // WORDS_PER_BLOCK
                found = philox(seed, keys[stream], replication + row, block, attempt)
                for word in range(WORDS_PER_BLOCK):
                    words[row, stream, place + word] = found[word]


@inlined
def share(word: Word) -> float:
    """A word as a number in (0, 1)."""
    return (np.float64(np.int64(word >> UNUSED_BITS)) + 0.5) * UNIT


@inlined
def exp(x: float) -> float:
    """E to the power x, as ``portable.exp``."""
    x = min(max(x, -portable.LARGEST), portable.LARGEST)
    k = np.floor(x * portable.INVERSE_LN2 + 0.5)
    return exp_rest(x, k) * power_of_two(np.int64(k))


@inlined
def parted_draw(x: float) -> tuple[float, float]:
    """Mantissa and exponent of a number as draws give them, neither zero, tiny nor infinite.

    They are those of frexp, but without a call, so that loops stay simple.
    """
    bits = np.float64(x).view(np.int64)
    biased = bits & _EXPONENT
    mantissa = np.int64(bits ^ biased | _HALF).view(np.float64)
    # The exponent as the end of a number's mantissa: a conversion is slow on many processors.
    exponent = np.int64(biased >> _MANTISSA_BITS | _WHOLE).view(np.float64) - _BIASED_BY
    return mantissa, exponent


@inlined
def parted(x: float) -> tuple[float, float]:
    """The same of any number."""
    is_tiny = abs(x) < _LEAST_NORMAL
    mantissa, exponent = parted_draw(x * (_SCALE if is_tiny else 1.0))
    exponent -= _SCALED_BY if is_tiny else 0.0
    is_special = (x == 0.0) | ~np.isfinite(x)
    return (x, 0.0) if is_special else (mantissa, exponent)


@inlined
def log_of_parts(mantissa: float, exponent: float) -> float:
    """Natural logarithm of a number, without a branch."""
    is_small = mantissa < portable.SQRT_HALF
    f = (2.0 * mantissa if is_small else mantissa) - 1.0
    return log_sum(f, exponent - 1.0 if is_small else exponent)


@inlined
def log_of_draw(x: float) -> float:
    """Natural logarithm of a number as draws give them."""
    mantissa, exponent = parted_draw(x)
    return log_of_parts(mantissa, exponent)


@shared
def log(x: float) -> float:
    """Natural logarithm of x > 0, as ``portable.log``."""
    mantissa, exponent = parted(x)
    return log_of_parts(mantissa, exponent)


@inlined
def normal_quantile(p: float) -> float:
    """The standard normal number below which a share p of the law lies, as in ``portable``."""
    q = p - 0.5
    if abs(q) <= portable.HALF_CENTRE:
        return q * ratio(portable.CENTRAL, portable.CENTRE - q * q)
    r = np.sqrt(-log(min(p, 1.0 - p)))
    if r <= portable.FAR_FROM:
        size = ratio(portable.MIDDLE, r - 1.6)
    else:
        size = ratio(portable.FAR, r - portable.FAR_FROM)
    return -size if q < 0.0 else size


@shared
def factor(sigma: float, chance: float) -> float:
    """A lognormal number of mean 1."""
    return exp(log_factor(sigma, normal_quantile(chance)))


@inlined
def interval(law: int, chance: float) -> float:
    """Time between orders over its mean."""
    if law == CONSTANT:
        return 1.0
    return -log_of_draw(chance) if law == EXPONENTIAL else 0.5 + chance


@inlined
def chosen(steps: Floats, first: int, count: int, chance: float) -> int:
    """Index of the step in which a chance falls, among those from place ``first`` on."""
    found = 0
    for place in range(first, first + count - 1):
        found += steps[place] <= chance
    return found
