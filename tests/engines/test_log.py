"""Order log: records as arrays, first obstacles, and a second set of books beside them."""

import numpy as np

from simulator.conditions import Deal
from simulator.engines.log import ACCEPTED, NUMBERS, TIMES, OrderLog
from simulator.ledger import CAUSES
from simulator.trajectory import DEFAULTED, DELIVERED, IN_PROGRESS, LOST, PAID

REFUSED, SLOTS = 0, 1


def written():
    """A log of four orders of two flows: delivered, lost, unpaid and on the way."""
    log = OrderLog(2)
    delivered = log.create(0, 0, 7, 10_000, 1.0)
    lost = log.create(1, 1, 8, 2_000, 2.0)
    unpaid = log.create(1, 2, 0, 300, 3.0)
    log.create(0, 0, 9, 40, 4.0)
    delivered[ACCEPTED] = 1.5
    log.hinder(lost, SLOTS, 2.5)
    log.hinder(lost, REFUSED, 5.0)
    log.lose(lost, REFUSED, 6.0)
    log.deliver(delivered, 8.0)
    log.settle(delivered, 9.0, is_paid=True)
    log.deliver(unpaid, 8.5)
    log.settle(unpaid, 9.5, is_paid=False)
    return log


def test_records_become_columns():
    """A trajectory has one row an order, in order of creation, with whole numbers whole."""
    found = written().trajectory((), [3, 4])
    assert found.flow.tolist() == [0, 1, 1, 0]
    assert found.stream.tolist() == [0, 1, 2, 0]
    assert found.partner.tolist() == [7, 8, 0, 9]
    assert found.cents.tolist() == [10_000, 2_000, 300, 40]
    assert found.created.tolist() == [1.0, 2.0, 3.0, 4.0]
    assert found.state.tolist() == [PAID, LOST, DEFAULTED, IN_PROGRESS]
    assert found.is_delivered.tolist() == [True, False, True, False]
    assert found.is_contract.tolist() == [False, False, True, False]
    assert found.partners.tolist() == [3, 4]
    assert {getattr(found, name).dtype for name in NUMBERS} == {np.dtype(np.int64)}
    assert {getattr(found, name).dtype for name in TIMES} == {np.dtype(np.float64)}


def test_first_obstacle_counts():
    """The cause is the first obstacle and its day; the verdict is what the order was lost to."""
    found = written().trajectory((), [])
    assert (found.cause[1], found.hindered[1], found.verdict[1]) == (SLOTS, 2.5, REFUSED)
    nothing = len(CAUSES) - 1
    assert found.cause[[0, 2, 3]].tolist() == [nothing] * 3
    assert found.verdict[[0, 2, 3]].tolist() == [-1] * 3
    assert np.isnan(found.hindered[[0, 2, 3]]).all()


def test_stages_not_reached_have_no_time():
    """A stage that an order has not reached has no time."""
    found = written().trajectory((), [])
    assert found.accepted[0] == 1.5
    assert np.isnan(found.accepted[1:]).all()
    assert np.isnan(found.ended[3])
    assert found.ended[:3].tolist() == [8.0, 6.0, 8.5]
    assert found.settled[[0, 2]].tolist() == [9.0, 9.5]
    assert (found.channel < 0).all()


def test_counters_are_a_second_set_of_books():
    """Created, delivered and lost cents by flow are counted while the log is written."""
    found = written().trajectory((), [])
    assert found.created_cents.tolist() == [10_040, 2_300]
    assert found.delivered_cents.tolist() == [10_000, 300]
    assert found.lost_cents.tolist() == [0, 2_000]


def test_delivered_is_not_yet_paid():
    """Between delivery and payment an order is delivered."""
    log = OrderLog(1)
    record = log.create(0, 0, 0, 5, 0.0)
    log.deliver(record, 3.0)
    found = log.trajectory((), [0])
    assert found.state.tolist() == [DELIVERED]
    assert np.isnan(found.settled[0])


def test_instalments_are_logged_when_due():
    """An instalment is noted with its flow, day, face value and what was ordered of it."""
    log = OrderLog(2)
    terms = {"contract": 0, "number": 0, "first_day": 5.0, "spacing_days": 9.0, "instalments": 2}
    deal = Deal(flow=1, face_cents=900, executed=True, fulfilment=0.5, **terms)
    log.due(deal, 5.0, 450)
    log.due(deal, 14.0, 450)
    found = log.trajectory((), [0, 0])
    assert found.due_flow.tolist() == [1, 1]
    assert found.due_day.tolist() == [5.0, 14.0]
    assert found.due_face_cents.tolist() == [900, 900]
    assert found.due_ordered_cents.tolist() == [450, 450]
    assert found.due_executed.tolist() == [True, True]


def test_empty_log_is_an_empty_trajectory():
    """Where nothing was ordered every column is empty and every counter zero."""
    found = OrderLog(2).trajectory((), [0, 0])
    assert all(len(getattr(found, name)) == 0 for name in (*NUMBERS, *TIMES, "due_flow"))
    assert found.created_cents.tolist() == [0, 0]
