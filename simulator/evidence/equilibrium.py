"""General equilibrium: what changed trade costs do to every economy, in changes from a square."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from simulator.errors import Problem, ScenarioError
from simulator.portable import FloatArray

CLOSE = 1e-12
"""Relative change of prices, or of margins, at which an iteration has arrived."""

MOST_STEPS = 50_000

MOST_NAMED = 5
"""Economies named in an error: a square of another kind has a fault in every one."""

Deficits = Literal["additive", "multiplicative"]


@dataclass(frozen=True)
class Square:
    """Flows between economies in a year, million dollars, with domestic trade on the diagonal."""

    economies: tuple[str, ...]
    usd_million: FloatArray
    """Shape (exporters, importers)."""

    def __post_init__(self) -> None:
        count = len(self.economies)
        if self.usd_million.shape != (count, count):
            shape = " x ".join(map(str, self.usd_million.shape))
            raise _refused([f"{count} economies, but flows in a table of {shape}"])
        wrong = ~np.isfinite(self.usd_million) | (self.usd_million < 0.0)
        pairs = [
            f"{self.economies[i]} to {self.economies[j]}: {self.usd_million[i, j]:g}"
            for i, j in np.argwhere(wrong)
        ]
        alone = [
            f"{name} {does} nothing"
            for does, margin in (("sells", self.outputs), ("buys", self.spending))
            for name, sum_ in zip(self.economies, margin, strict=True)
            if sum_ == 0.0
        ]
        closed = [
            f"{name} has no domestic trade"
            for name, own in zip(self.economies, np.diag(self.usd_million), strict=True)
            if own == 0.0
        ]
        if pairs or alone or closed:
            raise _refused(pairs or alone or closed)

    @property
    def outputs(self) -> FloatArray:
        """What every economy sells, to itself and to others."""
        found: FloatArray = self.usd_million.sum(axis=1)
        return found

    @property
    def spending(self) -> FloatArray:
        """What every economy buys, from itself and from others."""
        found: FloatArray = self.usd_million.sum(axis=0)
        return found

    @property
    def exports(self) -> FloatArray:
        """What every economy sells to others."""
        return self.outputs - np.diag(self.usd_million)


@dataclass(frozen=True)
class Counterfactual:
    """A square after a change of trade costs; prices as ratios to those before, world income held.

    Which price is 1 is a convention: of prices and values in dollars only ratios have a meaning.
    """

    before: Square
    after: Square
    producer_prices: FloatArray
    """At the factory gate; also the income of an economy, whose quantities are given."""
    price_indices: FloatArray
    """Of what an economy buys (inward multilateral resistance)."""
    closure: float
    """World spending over world income, less 1; a residual that theory wants to be 0."""
    steps: int

    @property
    def real_output(self) -> FloatArray:
        """Ratio of real output: income at the prices of what is bought."""
        return self.producer_prices / self.price_indices

    @property
    def welfare(self) -> FloatArray:
        """Ratio of real spending, which a deficit pays for in part."""
        found: FloatArray = self.after.spending / self.before.spending / self.price_indices
        return found

    @property
    def exports(self) -> FloatArray:
        """Ratio of what every economy sells to others."""
        return self.after.exports / self.before.exports


def general(
    square: Square, log_effect: FloatArray, elasticity: float, deficits: Deficits = "additive"
) -> Counterfactual:
    """The square when prices and incomes have adjusted to changed trade costs.

    Exact hat algebra: w_i Y_i = sum_j p_ij exp(B_ij) w_i^-theta P_j^theta E_j', with price indices
    P_j^-theta = sum_i p_ij exp(B_ij) w_i^-theta and shares p of spending before. Additive deficits
    (E' = Y w + D, world income held) close exactly. Multiplicative ones (E' = phi Y w) do not:
    all incomes then fall short by one common factor, the closure.

    Args:
        square: Flows before.
        log_effect: Partial effect B on every flow, -theta times the change of its log trade cost.
        elasticity: Trade elasticity theta > 0; the elasticity of substitution less 1.
        deficits: What stays the same of trade deficits.

    Raises:
        ScenarioError: There is no equilibrium: a surplus would exceed what is earned.

    Source: Dekle, Eaton and Kortum (2007); Baier, Yotov and Zylkin (2019) for the iteration.

    """
    outputs, spent = square.outputs, square.spending
    deficit, ratio = spent - outputs, spent / outputs
    weights = square.usd_million / spent * np.exp(log_effect)
    prices = np.ones_like(outputs)
    for step in range(1, MOST_STEPS + 1):
        indices = 1.0 / (prices**-elasticity @ weights)
        spending = outputs * prices
        spending = spending + deficit if deficits == "additive" else spending * ratio
        if (spending <= 0.0).any():
            broke = [square.economies[n] for n in np.flatnonzero(spending <= 0.0)]
            raise _refused([f"{name} would have nothing left to spend" for name in broke])
        following = (weights @ (indices * spending) / outputs) ** (1.0 / (1.0 + elasticity))
        following *= outputs.sum() / (outputs @ following)
        change = float(np.abs(following / prices - 1.0).max())
        prices = following
        if change < CLOSE:
            return _counterfactual(square, weights, prices, elasticity, deficits, step)
    raise _refused(["no equilibrium was found"])


def _counterfactual(  # noqa: PLR0913 -- what an iteration leaves behind
    square: Square,
    weights: FloatArray,
    prices: FloatArray,
    elasticity: float,
    deficits: Deficits,
    steps: int,
) -> Counterfactual:
    outputs, spent = square.outputs, square.spending
    indices = 1.0 / (prices**-elasticity @ weights)
    spending = outputs * prices
    spending = spending + spent - outputs if deficits == "additive" else spending * spent / outputs
    flows = weights * prices[:, None] ** -elasticity * indices * spending
    return Counterfactual(
        square,
        Square(square.economies, flows),
        prices,
        indices ** (1.0 / elasticity),
        float(spending.sum() / (outputs @ prices) - 1.0),
        steps,
    )


def conditional(square: Square, log_effect: FloatArray) -> Square:
    """The square when multilateral resistance has adjusted, but outputs and spending have not.

    Source: Yotov, Piermartini, Monteiro and Larch, Advanced Guide to Trade Policy Analysis (2016).
    """
    weights = square.usd_million * np.exp(log_effect)
    return Square(square.economies, balanced(weights, square.outputs, square.spending))


def balanced(weights: FloatArray, outputs: FloatArray, spending: FloatArray) -> FloatArray:
    """Weights times a factor of each row and each column, so that rows and columns have given sums.

    These are the flows that Poisson pseudo-maximum likelihood with effects of exporters and
    importers fits, where the weights are trade costs. Source: Fally, JIE 97 (2015).
    """
    rows = np.ones_like(outputs)
    for _ in range(MOST_STEPS):
        columns = spending / (rows @ weights)
        following = outputs / (weights @ columns)
        change = float(np.abs(following / rows - 1.0).max())
        rows = following
        if change < CLOSE:
            found: FloatArray = rows[:, None] * weights * (spending / (rows @ weights))
            return found
    raise _refused(["the sums of rows and columns do not fit together"])


def _refused(messages: Sequence[str]) -> ScenarioError:
    told = [*messages[:MOST_NAMED]]
    if len(messages) > MOST_NAMED:
        told[-1] += f", and {len(messages) - MOST_NAMED} more"
    return ScenarioError([Problem("S194", message, "square of trade") for message in told])
