"""What is set aside before the first test, and replications that many of them look at."""

import gc

import pytest
from engines.worlds import busy

from simulator.replaying import replayed, splits

GUARANTEE = {
    "measures.guarantee": {
        "title": "A guarantee for payments",
        "at": "2024-01-01",
        "effects": {"fewer": {"path": "settlement.channels.*.refusal_share", "multiply": 0.1}},
    }
}


@pytest.fixture(scope="module")
def undisturbed():
    """What other tests have left is set aside: nobody's seconds are spent on looking through it.

    A collection of the garbage of thousands of tests takes seconds, wherever it happens to fall.
    """
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.fixture(scope="module")
def replay():
    """A replication in which everything happens."""
    return replayed(busy(), 1, 3)


@pytest.fixture(scope="module")
def changed():
    """The same under a measure that begins a year later."""
    return replayed(busy(GUARANTEE), 1, 3)


@pytest.fixture(scope="module")
def parting(replay, changed):
    """Where the two part."""
    return splits(replay, changed)
