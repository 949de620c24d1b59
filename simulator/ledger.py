"""Accounts of the ledger: potential, what was lost or late and why, and what was realised.

For every year, exporter and good, in cents:
potential - adjustment - search - contract accounts - lost accounts - late accounts = realised.
"""

POTENTIAL = "potential"
REALISED = "realised"

CAUSES = {
    "refused": "payment refused",
    "slots": "no free settlement slot",
    "interrupted": "settlement channel interrupted",
    "queue_full": "settlement queue full",
    "clearing": "clearing limit reached",
    "rejected": "sent back at customs",
    "corridor_closed": "corridor closed",
    "corridor_slots": "no free corridor slot",
    "on_the_way": "still on the way",
}
"""First obstacle of an order, with its words. Its place here is its number in the engines."""

(
    REFUSED,
    SLOTS,
    INTERRUPTED,
    QUEUE_FULL,
    CLEARING,
    REJECTED,
    CORRIDOR_CLOSED,
    CORRIDOR_SLOTS,
    ON_THE_WAY,
) = range(len(CAUSES))

ACCOUNTS = {
    POTENTIAL: "potential trade",
    "adjustment": "capacity behind or ahead of potential",
    "search": "relationships missing, orders not yet placed",
    "not_executed": "contract not carried out",
    "shortfall": "contract delivered in part",
    **{f"lost_{cause}": f"lost: {words}" for cause, words in CAUSES.items()},
    **{f"late_{cause}": f"late: {words}" for cause, words in CAUSES.items()},
    REALISED: "realised trade",
}
"""Every account with its words, in the order of the waterfall.

An amount between potential and realised is subtracted; it may be negative: capacity above
potential, or goods that arrive from orders of the year before (late accounts net both ends).
"""

LOSSES = tuple(account for account in ACCOUNTS if account not in (POTENTIAL, REALISED))
