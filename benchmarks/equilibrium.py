"""General equilibrium of 44, 69 and 125 economies against a general-purpose solver: ``python -m``.

Squares are drawn with a fixed seed: large economies, distances, mostly domestic trade. The peer is
``scipy.optimize.root`` on the same market-clearing conditions.
"""

import time
from collections.abc import Callable

import numpy as np
from scipy.optimize import root

from simulator.evidence.equilibrium import Square, general

ELASTICITY = 5.0
ROUNDS = 9


def square_of(count: int) -> Square:
    """A square that follows a gravity equation."""
    random = np.random.default_rng(count)
    size = random.lognormal(0.0, 1.5, count)
    place = random.uniform(0.0, 1.0, (count, 2))
    distance = 0.05 + np.linalg.norm(place[:, None] - place, axis=2)
    flows = size[:, None] * size * distance**-0.9
    return Square(tuple(f"E{n}" for n in range(count)), flows + np.diag(3.0 * flows.sum(axis=1)))


def by_root(square: Square, effect: np.ndarray) -> np.ndarray:
    """Producer prices by scipy, the first one left out of the conditions."""
    outputs, spent = square.outputs, square.spending
    weights = square.usd_million / spent * np.exp(effect)

    def excess(logs: np.ndarray) -> np.ndarray:
        prices = np.exp(logs)
        raw = weights * prices[:, None] ** -ELASTICITY
        spending = outputs * prices + spent - outputs
        sold = (raw / raw.sum(axis=0) * spending).sum(axis=1)
        conditions = np.log(sold / (outputs * prices))
        conditions[0] = outputs @ prices / outputs.sum() - 1.0
        return conditions

    return np.exp(root(excess, np.zeros(len(outputs)), tol=1e-12).x)


def seconds(work: Callable[[], object]) -> float:
    """The fastest of some rounds."""
    best = float("inf")
    for _ in range(ROUNDS):
        start = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - start)
    return best


def main() -> None:
    """Print the table."""
    print("| economies | steps | ours, ms | scipy root, ms | ratio | largest difference |")
    print("|---:|---:|---:|---:|---:|---:|")
    for count in (44, 69, 125):
        square = square_of(count)
        effect = np.zeros_like(square.usd_million)
        effect[:4, :4] = 0.5 * (1.0 - np.eye(4))
        found = general(square, effect, ELASTICITY)
        other = by_root(square, effect)
        ours = seconds(lambda s=square, e=effect: general(s, e, ELASTICITY))
        theirs = seconds(lambda s=square, e=effect: by_root(s, e))
        apart = float(np.abs(found.producer_prices / other - 1.0).max())
        print(
            f"| {count} | {found.steps} | {1e3 * ours:.2f} | {1e3 * theirs:.1f} "
            f"| {theirs / ours:.0f} | {apart:.0e} |"
        )
        assert apart < 1e-8


if __name__ == "__main__":
    main()
