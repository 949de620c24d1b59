"""Draws: random numbers as a pure function of their name, never of the order of calls.

A draw is named by (seed, replication, stream, entity, attempt, word). The counter-based generator
Philox4x64-10 (Salmon et al., SC'11), as in numpy, turns the name into the number: the key is (seed,
stream), the counter is (entity and word, attempt, replication, 0). So one more order changes no
other order, and replication k is the same in a batch of any size.
"""

from functools import cache
from hashlib import sha256
from typing import Any

import numpy as np

from simulator.portable import FloatArray, log, normal_quantile

SCHEME = "philox4x64-10/1"
"""Name of the rule above. Runs under different schemes cannot be paired."""

WORDS_PER_BLOCK = 4
_UNIT = 2.0**-52
_UNUSED_BITS = np.uint64(12)


@cache
def _stream_key(stream: str) -> int:
    """A stream's name as a number, the same in every process."""
    return int.from_bytes(sha256(stream.encode()).digest()[:8], "little")


class Draws:
    """The draws of one replication, by stream. Not for use by several threads at once."""

    __slots__ = ("_generator", "_state", "replication", "seed")

    def __init__(self, seed: int, replication: int) -> None:
        self.seed = seed
        self.replication = replication
        self._generator = np.random.Philox(key=np.array([seed, 0], dtype=np.uint64))
        # Setting the state of one generator is four times as fast as making one for each name.
        self._state: Any = self._generator.state

    def uniform(
        self, stream: str, *, first: int = 0, entities: int = 1, words: int = 1, attempt: int = 0
    ) -> FloatArray:
        """Numbers in (0, 1), shape (entities, words), of the entities from ``first`` on.

        Word w of an entity does not depend on how many words or entities are fetched with it, as
        long as ``words`` needs the same number of blocks of four.
        """
        blocks = -(-words // WORDS_PER_BLOCK)
        # numpy advances the counter before it generates: entity e begins at block e * blocks + 1.
        self._state["state"]["counter"][:] = (first * blocks, attempt, self.replication, 0)
        self._state["state"]["key"][1] = _stream_key(stream)
        self._generator.state = self._state
        raw = self._generator.random_raw(entities * blocks * WORDS_PER_BLOCK)
        # 52 bits and a half: never 0, never 1.
        numbers = ((raw >> _UNUSED_BITS).astype(np.float64) + 0.5) * _UNIT
        return numbers.reshape(entities, blocks * WORDS_PER_BLOCK)[:, :words]

    def normal(self, stream: str, entities: int) -> FloatArray:
        """Standard normal numbers, one an entity."""
        return normal_quantile(self.uniform(stream, entities=entities)[:, 0])

    def exponential(self, stream: str, entities: int) -> FloatArray:
        """Exponential numbers of mean 1, one an entity."""
        return -log(self.uniform(stream, entities=entities)[:, 0])
