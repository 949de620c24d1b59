"""Settlement: acceptance of payments, and the clearing account with its limit. Money in cents."""


def acceptance_share(
    first_available: float,
    first_refusal: float,
    second_available: float,
    second_refusal: float,
    attempts: int,
) -> float:
    """Share of orders whose payment is accepted in one attempt, or in one of two.

    a (1 - p) + a p a' (1 - p'): available and not refused, or refused and accepted elsewhere.
    """
    first = first_available * (1.0 - first_refusal)
    if attempts == 1:
        return first
    return first + first_available * first_refusal * second_available * (1.0 - second_refusal)


def availability(between_days: float, repair_days: float, patience_days: float) -> float:
    """Share of orders that an interrupted channel does not lose to impatience.

    The channel is down a share R / (B + R) of the time; who comes then waits R on average, with
    patience P: 1 - R / (B + R) x R / (R + P), exact for exponential times.
    """
    if repair_days <= 0.0:
        return 1.0
    down = repair_days / (between_days + repair_days)
    return 1.0 - down * repair_days / (repair_days + patience_days)


def fits_credit_limit(balance: int, change: int, limit: int) -> bool:
    """A clearing account takes a change that stays within the limit, or brings it nearer to 0.

    Beyond the limit exports of one side wait for purchases of the other, the economics of every
    bilateral clearing since the 1930s.
    """
    after = balance + change
    return -limit <= after <= limit or abs(after) < abs(balance)
