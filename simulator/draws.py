"""Draws: random numbers as a pure function of their name, never of the order of calls.

A draw is named by (seed, replication, stream, entity, attempt, word). The counter-based generator
Philox4x64-10 (Salmon et al., SC'11), as in numpy, turns the name into the number: the key is (seed,
stream), the counter is (entity and word, attempt, replication, 0). So one more order changes no
other order, and replication k is the same in a batch of any size.
"""

from collections.abc import Callable, Sequence
from functools import cache
from hashlib import sha256
from typing import Any

import numpy as np
import numpy.typing as npt

from simulator.portable import FloatArray, log, normal_quantile

SCHEME = "philox4x64-10/1"
"""Name of the rule above. Runs under different schemes cannot be paired."""

WORDS_PER_BLOCK = 4
UNIT = 2.0**-52
UNUSED_BITS = np.uint64(12)

Words = npt.NDArray[np.uint64]
Fill = Callable[[int, Sequence[int], range, int, int, int], Words]
"""Raw words of a seed, the keys of streams and some replications: those of so many blocks from a
first one on, of an attempt; shape (replications, streams, words)."""


@cache
def stream_key(stream: str) -> int:
    """A stream's name as a number, the same in every process."""
    return int.from_bytes(sha256(stream.encode()).digest()[:8], "little")


def filled() -> Fill:
    """Words by numpy's generator. Not for use by several threads at once."""
    generator = np.random.Philox(key=np.zeros(2, dtype=np.uint64))
    # Setting the state of one generator is four times as fast as making one for each name.
    state: Any = generator.state

    def fill(  # noqa: PLR0913 -- a name
        seed: int,
        keys: Sequence[int],
        replications: range,
        first: int,
        blocks: int,
        attempt: int,
    ) -> Words:
        count = blocks * WORDS_PER_BLOCK
        words = np.empty((len(replications), len(keys), count), dtype=np.uint64)
        for place, key in enumerate(keys):
            state["state"]["key"][:] = (seed, key)
            for row, replication in enumerate(replications):
                # numpy advances the counter before it generates: block b comes from counter b + 1.
                state["state"]["counter"][:] = (first, attempt, replication, 0)
                generator.state = state
                words[row, place] = generator.random_raw(count)
        return words

    return fill


class Draws:
    """The draws of one replication, or of several with a first axis over them, by stream."""

    __slots__ = ("_fill", "is_one", "replications", "seed")

    def __init__(self, seed: int, replication: int | range, fill: Fill | None = None) -> None:
        self.seed = seed
        self.is_one = isinstance(replication, int)
        self.replications = (
            range(replication, replication + 1) if isinstance(replication, int) else replication
        )
        self._fill = filled() if fill is None else fill

    @property
    def replication(self) -> int:
        """The number of the only replication."""
        (number,) = self.replications
        return number

    def together(self) -> "Draws":
        """The same draws, with an axis over the replications even if there is one."""
        return Draws(self.seed, self.replications, self._fill)

    def uniform(
        self, stream: str, *, first: int = 0, entities: int = 1, words: int = 1, attempt: int = 0
    ) -> FloatArray:
        """Numbers in (0, 1), shape (entities, words), of the entities from ``first`` on.

        Word w of an entity does not depend on how many words or entities are fetched with it, as
        long as ``words`` needs the same number of blocks of four.
        """
        blocks = -(-words // WORDS_PER_BLOCK)
        begin = first * blocks
        keys = [stream_key(stream)]
        raw = self._fill(self.seed, keys, self.replications, begin, entities * blocks, attempt)
        numbers = _shares(raw)
        found = numbers.reshape(len(raw), entities, blocks * WORDS_PER_BLOCK)[..., :words]
        return found[0] if self.is_one else found

    def shares(self, streams: Sequence[str]) -> FloatArray:
        """The first number in (0, 1) of each of some streams, last axis."""
        keys = [stream_key(stream) for stream in streams]
        found = _shares(self._fill(self.seed, keys, self.replications, 0, 1, 0)[..., 0])
        return found[0] if self.is_one else found

    def normal(self, stream: str, entities: int) -> FloatArray:
        """Standard normal numbers, one an entity."""
        return normal_quantile(self.uniform(stream, entities=entities)[..., 0])

    def exponential(self, stream: str, entities: int) -> FloatArray:
        """Exponential numbers of mean 1, one an entity."""
        return -log(self.uniform(stream, entities=entities)[..., 0])


def _shares(raw: Words) -> FloatArray:
    """Words as numbers in (0, 1): 52 bits and a half, never 0 and never 1."""
    return ((raw >> UNUSED_BITS).astype(np.float64) + 0.5) * UNIT
