"""Ledger: accounts and causes, in the order in which they are shown and numbered."""

from simulator import ledger
from simulator.ledger import ACCOUNTS, CAUSES, LOSSES, POTENTIAL, REALISED


def test_waterfall_runs_from_potential_to_realised():
    """The first account is potential, the last realised, and all between them are losses."""
    assert [*ACCOUNTS] == [POTENTIAL, *LOSSES, REALISED]


def test_every_cause_loses_orders_or_makes_them_late():
    """Each first obstacle has one account of what was lost and one of what is late."""
    by_cause = [account for cause in CAUSES for account in (f"lost_{cause}", f"late_{cause}")]
    assert sorted(by_cause) == sorted(a for a in LOSSES if a.startswith(("lost_", "late_")))
    for cause, words in CAUSES.items():
        assert ACCOUNTS[f"lost_{cause}"] == f"lost: {words}"
        assert ACCOUNTS[f"late_{cause}"] == f"late: {words}"


def test_engine_numbers_causes_by_their_place():
    """A cause's number in the engines is its place among the causes, by name."""
    assert [getattr(ledger, cause.upper()) for cause in CAUSES] == list(range(len(CAUSES)))
