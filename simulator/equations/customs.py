"""Customs: which lane an order is sent to."""

GREEN, YELLOW, RED = range(3)


def lane(chance: float, green_share: float, below_red: float) -> int:
    """Lane of an order whose uniform number is ``chance``: green below the share of that lane.

    ``below_red`` is the share that is not inspected. Source: the lanes of UNCTAD's ASYCUDA.
    """
    if chance < green_share:
        return GREEN
    return YELLOW if chance < below_red else RED
