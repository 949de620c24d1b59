"""Settlement: acceptance of payments, and the clearing account with its limit. Money in cents."""

from typing import TypeVar

from simulator.portable import FloatArray

Number = TypeVar("Number", float, FloatArray)


def acceptance_share(down: Number, refusal: Number, second: Number) -> Number:
    """Share of orders accepted when a channel that is down or refuses sends them to a second one.

    (1 - d) (1 - p) + ((1 - d) p + d) a: accepted at once, or by the second channel with share a.
    """
    first = (1.0 - down) * (1.0 - refusal)
    return first + (1.0 - first) * second


def down_share(between_days: Number, repair_days: Number) -> Number:
    """Share of the time in which an interrupted channel is down: R / (B + R)."""
    return repair_days / (between_days + repair_days)


def availability(between_days: Number, repair_days: Number, patience_days: Number) -> Number:
    """Share of orders that an interrupted channel does not lose to impatience.

    Who comes while it is down waits R on average, with patience P: 1 - d R / (R + P), exact for
    exponential times.
    """
    # Without repairs nothing is lost, whatever the patience.
    lost = repair_days / (repair_days + patience_days + (repair_days == 0.0))
    left: Number = 1.0 - down_share(between_days, repair_days) * lost
    return left


def netted_share(monthly_share: float, months: float) -> float:
    """Share of a balance that is settled in hard currency after some months: 1 - (1 - s)^m."""
    share: float = 1.0 - (1.0 - monthly_share) ** months
    return share


def fits_credit_limit(balance: int, change: int, limit: int) -> bool:
    """A clearing account takes a change that stays within the limit, or brings it nearer to 0.

    Beyond the limit exports of one side wait for purchases of the other, the economics of every
    bilateral clearing since the 1930s.
    """
    after = balance + change
    return -limit <= after <= limit or abs(after) < abs(balance)
