"""One industry alone: prices of national varieties when duties or other costs change."""

from dataclasses import dataclass

import numpy as np

from simulator.portable import FloatArray


@dataclass(frozen=True)
class Response:
    """Relative changes after a change of costs."""

    prices: FloatArray
    """By exporter, at the border of origin."""
    quantities: FloatArray
    """Of every flow, shape (exporters, importers)."""
    producer_surplus: FloatArray
    """By exporter, in the unit of the flows."""


def industry(  # noqa: PLR0913 -- two tables and the elasticities of the model
    flows: FloatArray,
    costs: FloatArray,
    cost_change: FloatArray,
    *,
    demand: float = -1.25,
    substitution: float = 5.0,
    supply: float = 1.5,
) -> Response:
    """What one industry sells elsewhere when costs on top of its prices change.

    Supply of every exporter, E_x p, meets the demand of all markets,
    q_iv = -E_s P_iv + (E_m + E_s) sum_s theta_sv P_sv with P_iv = p_i + T_iv; theta is a share of
    spending with costs.

    Args:
        flows: Values at the border of origin, shape (exporters, importers).
        costs: One plus the ad-valorem cost of every flow before.
        cost_change: Relative change T of that.
        demand: Elasticity of import demand as a whole, below 0.
        substitution: Elasticity of substitution between origins.
        supply: Elasticity of export supply.

    Source: Francois and Hall, Global Simulation Analysis of Industry-Level Trade Policy (2003).

    """
    spending = flows * costs
    spent = spending / spending.sum(axis=0)
    sold = flows / flows.sum(axis=1, keepdims=True)
    diverted = demand + substitution
    raised = diverted * (spent * cost_change).sum(axis=0) - substitution * cost_change
    system = (supply + substitution) * np.eye(len(flows)) - diverted * sold @ spent.T
    prices = np.linalg.solve(system, (sold * raised).sum(axis=1))
    at_market = prices[:, None] + cost_change
    return Response(
        prices,
        diverted * (spent * at_market).sum(axis=0) - substitution * at_market,
        flows.sum(axis=1) * prices * (1.0 + supply * prices / 2.0),
    )
