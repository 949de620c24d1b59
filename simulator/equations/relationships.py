"""Relationships: how long they last, how they grow and how they are born.

Time in years, values in dollars.
"""

from typing import TypeVar

from simulator.portable import FloatArray, exp, log

Number = TypeVar("Number", float, FloatArray)


def cumulative_hazard(
    age: FloatArray,
    log_age_ratio: FloatArray,
    shape: FloatArray | float,
    floor: FloatArray | float,
    ratio: FloatArray | float,
) -> FloatArray:
    """Hazard accumulated to an age at frailty 1: r (shape ln(1 + age / scale) + floor age).

    ``log_age_ratio`` is ln(1 + age / scale). The hazard falls with age; the floor keeps the mean
    life finite. Source: fit to Kaplan-Meier survival of import spells in Besedes and Prusa, JIE 70
    (2006): 0.67, 0.49 and 0.42 after 1, 4 and 12 years.
    """
    return ratio * (shape * log_age_ratio + floor * age)


def survival(hazard: FloatArray, frailty_variance: FloatArray | float) -> FloatArray:
    """Share of relationships alive at a cumulative hazard H, over a gamma frailty of mean 1.

    S = (1 + v H)^(-1 / v); without frailty e^(-H). Source: Vaupel, Manton and Stallard (1979).
    """
    is_frail = frailty_variance != 0.0
    variance = frailty_variance + (frailty_variance == 0.0)
    frail: FloatArray = is_frail * exp(-log(1.0 + variance * hazard) / variance)
    return frail + (frailty_variance == 0.0) * exp(-hazard)


def hazard_at_end(
    survived: FloatArray, mark: FloatArray, frailty_variance: FloatArray | float
) -> FloatArray:
    """Hazard accumulated when a relationship ends that has survived a hazard H; ``mark`` is -ln u.

    H + (1 / v + H) (e^(v mark) - 1): where the survival of the rest, ((1 + v h) / (1 + v H))^(-1 /
    v), falls to u. Without frailty H + mark. Source: as for ``survival``.
    """
    is_frail = frailty_variance != 0.0
    variance = frailty_variance + (frailty_variance == 0.0)
    frail = is_frail * ((1.0 / variance + survived) * (exp(variance * mark) - 1.0))
    return survived + frail + (frailty_variance == 0.0) * mark


def size(age: Number, start_share: Number | float, growth_years: Number | float) -> Number:
    """Size relative to maturity: s + (1 - s) age / (age + g). Small starts, survivors grow.

    Source: Rauch and Watson, IJIO 21 (2003).
    """
    return start_share + (1.0 - start_share) * (
        age / (age + growth_years + 1e-9 * (growth_years == 0.0))
    )


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
