"""Relationships: how long they last, how they grow and how they are born.

Time in years, values in dollars.
"""

from typing import TypeVar

from simulator.portable import FloatArray, exp, log

Number = TypeVar("Number", float, FloatArray)


def cumulative_hazard(
    age: Number, log_age_ratio: Number, shape: float, floor: float, ratio: float
) -> Number:
    """Hazard accumulated to an age at frailty 1: r (shape ln(1 + age / scale) + floor age).

    ``log_age_ratio`` is ln(1 + age / scale). The hazard falls with age; the floor keeps the mean
    life finite. Source: fit to Kaplan-Meier survival of import spells in Besedes and Prusa, JIE 70
    (2006): 0.67, 0.49 and 0.42 after 1, 4 and 12 years.
    """
    return ratio * (shape * log_age_ratio + floor * age)


def survival(hazard: FloatArray, frailty_variance: float) -> FloatArray:
    """Share of relationships alive at a cumulative hazard H, over a gamma frailty of mean 1.

    S = (1 + v H)^(-1 / v); without frailty e^(-H). Source: Vaupel, Manton and Stallard (1979).
    """
    if frailty_variance == 0.0:
        return exp(-hazard)
    return exp(-log(1.0 + frailty_variance * hazard) / frailty_variance)


def size(age: Number, start_share: float, growth_years: float) -> Number:
    """Size relative to maturity: s + (1 - s) age / (age + g). Small starts, survivors grow.

    Source: Rauch and Watson, IJIO 21 (2003).
    """
    return start_share + (1.0 - start_share) * (age / (age + max(growth_years, 1e-9)))


def births_per_year(  # noqa: PLR0913 -- the terms of one rate
    replaced: float,
    found: float,
    support: float,
    mass_share: float,
    stock_share: float,
    spillover: float,
) -> float:
    """Candidates for entry a year: s (b + f (1 - m)) (1 + k (n - 1)).

    ``replaced`` b keeps a stock at its norm, ``found`` f is the rate at which a stock that is all
    missing is built up; m and n are the relationships alive over their norm, by size and by number.
    Support s and spillovers k of experienced partners multiply. Straight lines, so that chance in a
    small stock does not raise births on average. Source: Eaton et al. (2025) for search; Cadot et
    al. (2013) for spillovers.
    """
    rate = max(0.0, replaced + found * (1.0 - mass_share))
    return support * rate * max(0.0, 1.0 + spillover * (stock_share - 1.0))


def enters(
    mature_value: float, profit_share: float, payback_years: float, sunk_cost: float
) -> bool:
    """Entry pays when profit over the payback time covers the sunk cost; leaving saves nothing.

    The band between entering and leaving is the hysteresis of trade. Source: Roberts and Tybout,
    AER 87 (1997); Das, Roberts and Tybout, Econometrica 75 (2007).
    """
    return mature_value * profit_share * payback_years >= sunk_cost
