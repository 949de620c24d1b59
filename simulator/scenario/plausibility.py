"""Plausibility: the usual range of a number, outside of which it is probably a slip."""

from collections.abc import Mapping

USUAL: Mapping[str, tuple[float, float]] = {
    # Days. A ship around the world takes 100; the longest Iranian approvals a year.
    "minimum_days": (0, 120),
    "excess_days": (0, 120),
    "production_days": (0, 730),
    "processing_days": (0, 180),
    "payment_days": (0, 360),
    "green_days": (0, 60),
    "yellow_days": (0, 60),
    "red_days": (0, 120),
    "delay_days": (0, 1500),
    "spacing_days": (0, 730),
    # Months and years. Agreements took 8 to 57 months from signature to force (nine in ten).
    "median_months": (0, 120),
    "anticipation_months": (0, 36),
    "overshoot_months": (0.5, 60),
    "between_months": (0.2, 600),
    "repair_months": (0.01, 36),
    "buildup_years": (0, 10),
    "fade_years": (0, 25),
    "phase_in_years": (0, 15),
    "up_years": (0.2, 15),
    "down_years": (0.05, 15),
    # Costs as shares of value. World tariffs seldom exceed 60 percent.
    "tariff_share": (0, 0.6),
    "insurance_share": (0, 0.1),
    "day_value_share": (0, 0.05),
    "reliability_share": (0, 0.05),
    "fee_share": (0, 0.2),
    "premium_share": (0, 0.7),
    "freight_usd_per_tonne": (0, 3000),
    "default_share": (0, 0.2),
    # Rates a year and spreads of logarithms.
    "output_growth_rate": (-0.15, 0.15),
    "output_volatility": (0, 0.25),
    "depreciation_rate": (-0.3, 3),
    "volatility": (0, 1.5),
    "price_volatility": (0, 1.5),
    "affinity_volatility": (0, 2),
    "log_error_sd": (0, 1.5),
    "world_price_rate": (-0.1, 0.2),
    "tightening_rate": (0, 6),
    "easing_rate": (0, 6),
    "carrying_rate": (0.02, 1),
    # Elasticities of published studies lie between 1 and 12.
    "trade_elasticity": (0, 15),
    "exchange_elasticity": (0, 5),
    "cif_factor": (1, 1.5),
}
"""By the last name of a path: a number whose middle lies outside is told, and allowed."""

WORLD_TRADE_USD_MILLION = 25e6
"""Goods exports of the world in 2022, rounded. Source: World Trade Organization."""

UNLIKE_FORMER = 20
"""From so many times on a changed amount is told beside the one that it replaces."""

HEAVY_SIGMA = 1.5
"""From here on the mean of a lognormal law is more than three times its median."""

LARGE_CUT_SHARE = 0.1
"""Share of a normal law beyond its bounds that is too much for a tail."""

UNLIKE_HISTORY = 3.0
"""How many times a base may differ from what was published of the same year."""

UNLIKE_AVERAGE = 30.0
"""How many times a last year may differ from its average: a slip of units is a thousand or more."""


def unusual(path: str, number: float) -> str:
    """The usual range in words if ``number`` lies outside; nothing if it lies within."""
    low, high = USUAL.get(path.rpartition(".")[2], (float("-inf"), float("inf")))
    return "" if low <= number <= high else f"usually {low:g} to {high:g}"
