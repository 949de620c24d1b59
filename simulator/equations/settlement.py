"""Settlement: acceptance of payments, and the clearing account with its limit. Money in cents."""


def acceptance_share(down: float, refusal: float, second: float) -> float:
    """Share of orders accepted when a channel that is down or refuses sends them to a second one.

    (1 - d) (1 - p) + ((1 - d) p + d) a: accepted at once, or by the second channel with share a.
    """
    first = (1.0 - down) * (1.0 - refusal)
    return first + (1.0 - first) * second


def down_share(between_days: float, repair_days: float) -> float:
    """Share of the time in which an interrupted channel is down: R / (B + R)."""
    return repair_days / (between_days + repair_days) if repair_days > 0.0 else 0.0


def availability(between_days: float, repair_days: float, patience_days: float) -> float:
    """Share of orders that an interrupted channel does not lose to impatience.

    Who comes while it is down waits R on average, with patience P: 1 - d R / (R + P), exact for
    exponential times.
    """
    lost = repair_days / (repair_days + patience_days)
    return 1.0 - down_share(between_days, repair_days) * lost


def fits_credit_limit(balance: int, change: int, limit: int) -> bool:
    """A clearing account takes a change that stays within the limit, or brings it nearer to 0.

    Beyond the limit exports of one side wait for purchases of the other, the economics of every
    bilateral clearing since the 1930s.
    """
    after = balance + change
    return -limit <= after <= limit or abs(after) < abs(balance)
