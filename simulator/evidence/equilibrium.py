"""General equilibrium: what changed trade costs do to every economy, in changes from a square."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from simulator.errors import Problem, ScenarioError
from simulator.portable import FloatArray

CLOSE = 1e-12
"""Relative change of prices, or error of sums, at which an iteration has arrived."""

MOST_STEPS = 200

LONGEST_STEP = 0.5
"""Of a log price at a time: far from the equilibrium slopes mislead."""

MOST_NAMED = 5
"""Economies named in an error: a square of another kind has a fault in every one."""

SCALINGS = 10
"""Of rows and columns in turn, which are sure but slow, before slopes are used."""

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

    Source: Dekle, Eaton and Kortum, Unbalanced Trade, AER 97 (2007); Baier, Yotov and Zylkin, JIE
    116 (2019). Newton's method also where economies hardly trade and iterations hardly move.

    """
    model = _Model(square, np.exp(log_effect), elasticity, deficits)
    log_prices, residual = np.zeros(len(square.economies)), 0.0
    for step in range(1, MOST_STEPS + 1):
        change, change_of_residual = model.step(log_prices, residual)
        size = float(np.abs(change).max())
        pace = min(1.0, LONGEST_STEP / size) if size else 1.0
        while (model.spending(log_prices + pace * change) <= 0.0).any():
            pace /= 2.0
        log_prices = log_prices + pace * change
        residual += pace * change_of_residual
        if size < CLOSE:
            return model.counterfactual(log_prices, step)
    raise _refused(["no equilibrium was found"])


class _Model:
    """A square whose trade costs have changed, as a function of log producer prices."""

    def __init__(
        self, square: Square, effect: FloatArray, elasticity: float, deficits: Deficits
    ) -> None:
        self.square, self.elasticity = square, elasticity
        self.outputs, spent = square.outputs, square.spending
        held = deficits == "additive"
        self.added = spent - self.outputs if held else np.zeros_like(spent)
        self.ratio = np.ones_like(spent) if held else spent / self.outputs
        self.weights = square.usd_million / spent * effect

    def at(self, log_prices: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Shares of spending by origin, price indices and spending."""
        raw = self.weights * np.exp(-self.elasticity * log_prices)[:, None]
        sums = raw.sum(axis=0)
        return raw / sums, sums ** (-1.0 / self.elasticity), self.spending(log_prices)

    def spending(self, log_prices: FloatArray) -> FloatArray:
        """What every economy spends: its income, with its deficit."""
        found: FloatArray = self.ratio * self.outputs * np.exp(log_prices) + self.added
        return found

    def step(self, log_prices: FloatArray, residual: float) -> tuple[FloatArray, float]:
        """Newton's step towards log sales = log income + residual, with world income held."""
        shares, _, spending = self.at(log_prices)
        income = self.outputs * np.exp(log_prices)
        sales = shares * spending
        sold = sales.sum(axis=1)
        excess = np.log(sold / income) - residual
        count = len(income)
        # Of log sales less log income by log prices; a price moves the shares of all who buy.
        reached = sales / sold[:, None]
        slopes = self.elasticity * reached @ shares.T
        slopes += reached * (self.ratio * income / spending)
        slopes[np.diag_indices(count)] -= 1.0 + self.elasticity
        world = self.outputs.sum()
        return _newton(slopes, excess, income / world, 1.0 - float(income.sum() / world))

    def counterfactual(self, log_prices: FloatArray, steps: int) -> Counterfactual:
        """What comes of the prices at which markets clear."""
        shares, indices, spending = self.at(log_prices)
        prices = np.exp(log_prices)
        after = Square(self.square.economies, shares * spending)
        closure = float(spending.sum() / (self.outputs @ prices) - 1.0)
        return Counterfactual(self.square, after, prices, indices, closure, steps)


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
    logs = np.zeros_like(outputs)
    for step in range(MOST_STEPS):
        raw = weights * np.exp(logs)[:, None]
        shares = raw / raw.sum(axis=0)
        flows: FloatArray = shares * spending
        sold = flows.sum(axis=1)
        if float(np.abs(sold / outputs - 1.0).max()) < CLOSE:
            return flows
        if step < SCALINGS:
            logs = logs + np.log(outputs / sold)
            continue
        slopes = np.eye(len(outputs)) - flows / sold[:, None] @ shares.T
        change, _ = _newton(slopes, np.log(sold / outputs), outputs / outputs.sum(), 0.0)
        logs = logs + change * min(1.0, LONGEST_STEP / max(float(np.abs(change).max()), CLOSE))
    raise _refused(["the sums of rows and columns do not fit together"])


def _newton(
    slopes: FloatArray, errors: FloatArray, weights: FloatArray, missing: float
) -> tuple[FloatArray, float]:
    """Changes that take errors to one common residual, and the change of that residual.

    Only ratios matter to the errors, so the weighted sum of the changes is given: ``missing``.
    """
    count = len(errors)
    system = np.zeros((count + 1, count + 1))
    system[:count, :count], system[:count, count], system[count, :count] = slopes, -1.0, weights
    solved = np.linalg.solve(system, np.append(-errors, missing))
    return solved[:count], float(solved[count])


def _refused(messages: Sequence[str]) -> ScenarioError:
    told = [*messages[:MOST_NAMED]]
    if len(messages) > MOST_NAMED:
        told[-1] += f", and {len(messages) - MOST_NAMED} more"
    return ScenarioError([Problem("S194", message, "square of trade") for message in told])
