"""Stations: first come, first served, at once when free; accounts that let both sides go."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from simpy import Environment

from simulator.engines.stations import FOREVER, ClearingAccount, Station
from simulator.engines.stories import tell


@pytest.fixture
def env():
    """A clock at day 0."""
    return Environment()


@pytest.fixture
def seen():
    """What happened, in order."""
    return []


def guest(station, seen, name, stay, patience=FOREVER):
    """One who takes a slot, stays, and leaves."""
    env = station.env
    if not station.take() and not (yield station.wait(patience)):
        seen.append((env.now, name, "gone"))
        return
    seen.append((env.now, name, "in"))
    yield env.timeout(stay)
    station.release()


def later(env, day, act):
    """Something done on a day."""
    yield env.timeout(day)
    act()


def test_free_slot_is_taken_without_an_event(env):
    """Whoever finds a free slot has it at once: nothing is scheduled."""
    station = Station(env, 2, FOREVER)
    assert [station.take(), station.take(), station.take()] == [True, True, False]
    assert station.in_use == 2
    assert env.peek() == float("inf")


def test_who_comes_first_is_served_first(env, seen):
    """Those who wait are served in the order of asking, each when a slot is given back."""
    station = Station(env, 1, FOREVER)
    for name in "abcd":
        tell(guest(station, seen, name, 2))
    assert (station.in_use, station.waiting) == (1, 3)
    env.run()
    assert seen == [(0, "a", "in"), (2, "b", "in"), (4, "c", "in"), (6, "d", "in")]
    assert (station.in_use, station.waiting) == (0, 0)


def test_nobody_jumps_the_queue(env, seen):
    """A slot given back belongs to who waits, even if another asks at the same moment."""
    station = Station(env, 1, FOREVER)
    tell(guest(station, seen, "a", 3))
    tell(guest(station, seen, "b", 1))
    tell(later(env, 3, lambda: tell(guest(station, seen, "c", 1))))
    env.run()
    assert seen == [(0, "a", "in"), (3, "b", "in"), (4, "c", "in")]


def test_impatient_guests_leave(env, seen):
    """Who waits longer than patience lasts goes, and the next one is served in time."""
    station = Station(env, 1, FOREVER)
    tell(guest(station, seen, "a", 5))
    tell(guest(station, seen, "b", 1, patience=2))
    tell(guest(station, seen, "c", 1, patience=6))
    env.run()
    assert seen == [(0, "a", "in"), (2, "b", "gone"), (5, "c", "in")]
    assert station.use() == (6.0, 7.0)


def test_patience_that_outlasts_the_wait_is_forgotten(env, seen):
    """Once served, nobody gives up: the timer of patience finds the place taken."""
    station = Station(env, 1, FOREVER)
    tell(guest(station, seen, "a", 1))
    tell(guest(station, seen, "b", 9, patience=2))
    env.run()
    assert seen == [(0, "a", "in"), (1, "b", "in")]
    assert (station.in_use, station.waiting) == (0, 0)


def test_full_queue_is_full(env):
    """A queue of two is full when two wait, and a station without waiting room from the start."""
    station = Station(env, 1, 2)
    assert station.take()
    for expected in (False, False, True):
        assert station.is_full() == expected
        if not expected:
            station.wait(FOREVER)
    station.release()
    assert not station.is_full()
    assert Station(env, 0, 0).is_full()


def test_more_capacity_serves_everybody_who_fits(env, seen):
    """Raising the capacity from one to three serves two of those who wait at once, not only one."""
    station = Station(env, 1, FOREVER)
    for name in "abcd":
        tell(guest(station, seen, name, 10))
    tell(later(env, 4, lambda: station.change(capacity=3)))
    env.run()
    assert seen == [(0, "a", "in"), (4, "b", "in"), (4, "c", "in"), (10, "d", "in")]


def test_less_capacity_takes_nobody_out(env, seen):
    """Whoever holds a slot keeps it; the next is served when use has fallen below the capacity."""
    station = Station(env, 2, FOREVER)
    for name, stay in (("a", 4), ("b", 6), ("c", 1)):
        tell(guest(station, seen, name, stay))
    tell(later(env, 1, lambda: station.change(capacity=1)))
    env.run()
    assert seen == [(0, "a", "in"), (0, "b", "in"), (6, "c", "in")]


def test_closed_station_lets_nobody_in(env, seen):
    """Closed, a station keeps who is in and lets wait who comes; opened, it serves who fits."""
    station = Station(env, 2, FOREVER)
    tell(guest(station, seen, "a", 5))
    tell(later(env, 1, lambda: station.change(is_open=False)))
    for day, name in ((2, "b"), (3, "c"), (4, "d")):
        tell(later(env, day, lambda name=name: tell(guest(station, seen, name, 1))))
    tell(later(env, 8, lambda: station.change(is_open=True)))
    env.run()
    assert seen == [(0, "a", "in"), (8, "b", "in"), (8, "c", "in"), (9, "d", "in")]


def test_station_of_no_slots_serves_nobody(env, seen):
    """Without slots everybody waits until patience ends."""
    station = Station(env, 0, FOREVER)
    tell(guest(station, seen, "a", 1, patience=3))
    env.run()
    assert seen == [(3, "a", "gone")]


@settings(derandomize=True, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 20), st.integers(0, 6), st.integers(0, 9)), min_size=1, max_size=15
    ),
    st.lists(st.tuples(st.integers(1, 25), st.integers(0, 4)), max_size=4),
)
def test_use_is_the_integral_of_stays_and_waits(guests, changes):
    """However guests come and the capacity changes, days held and waited are those of the guests.

    At no time is a slot free while somebody waits.
    """
    env, seen = Environment(), []
    station = Station(env, 1, FOREVER)
    came = {}

    def visit(number, stay, patience):
        came[number] = env.now
        tell(guest(station, seen, number, stay, patience))

    for number, (day, stay, patience) in enumerate(guests):
        tell(later(env, day, lambda n=number, s=stay, p=patience: visit(n, s, p)))
    for day, capacity in changes:
        tell(later(env, day, lambda c=capacity: station.change(capacity=c)))
    while env.peek() < float("inf"):
        env.step()
        assert not (station.waiting and station.in_use < station.capacity)
        assert station.waiting == sum(not place.triggered for place in station.queue)
    stays = sum(guests[name][1] for _, name, what in seen if what == "in")
    waits = sum(day - came[name] for day, name, _ in seen)
    assert len(seen) == len(guests)
    assert station.use() == (stays, waits)


# --- Clearing ---


def trader(account, seen, change, patience=FOREVER):
    """One who books a change, or waits for the other side."""
    if account.book(change):
        seen.append((account.env.now, change, "booked"))
        return
    came = yield account.wait(change, patience)
    seen.append((account.env.now, change, "booked" if came else "gone"))


def test_exports_wait_for_purchases(env, seen):
    """At the limit exports of one side wait until the other side has sold enough."""
    account = ClearingAccount(env, 100)
    for change in (80, 50, 30):
        tell(trader(account, seen, change, 99))
    assert seen == [(0, 80, "booked")]
    tell(later(env, 3, lambda: tell(trader(account, seen, -40, 99))))
    tell(later(env, 5, lambda: tell(trader(account, seen, -50, 99))))
    env.run()
    assert seen == [
        (0, 80, "booked"),
        (3, -40, "booked"),
        (3, 50, "booked"),
        (5, -50, "booked"),
        (5, 30, "booked"),
    ]
    assert account.balance == 70


def test_small_change_does_not_pass_a_large_one(env, seen):
    """Within a side nobody passes: a small order waits behind a large one that does not fit."""
    account = ClearingAccount(env, 100)
    for change in (80, 50, 10):
        tell(trader(account, seen, change, 5))
    assert [change for _, change, _ in seen] == [80]
    env.run()
    assert seen[1:] == [(5, 50, "gone"), (5, 10, "gone")]


def test_who_gave_up_is_passed_over(env, seen):
    """When the first of a side gives up, the next one goes as soon as anything is booked."""
    account = ClearingAccount(env, 100)
    tell(trader(account, seen, 90, 9))
    tell(trader(account, seen, 50, 2))
    tell(trader(account, seen, 10, 9))
    tell(later(env, 3, lambda: tell(trader(account, seen, -1, 9))))
    env.run()
    assert seen == [(0, 90, "booked"), (2, 50, "gone"), (3, -1, "booked"), (3, 10, "booked")]


def test_both_sides_let_each_other_go(env, seen):
    """A booking of one side frees the other, whose booking frees the first again."""
    account = ClearingAccount(env, 100)
    for change in (-20, 70, -160, -70, 60):
        tell(trader(account, seen, change, 99))
    assert (account.balance, len(seen)) == (50, 2)
    account.reverse(-20)
    env.run()
    assert [change for _, change, what in seen[2:] if what == "booked"] == [-160, 60, -70]
    assert account.balance == -100


def test_beyond_the_limit_only_the_way_back_is_open(env):
    """Beyond a lowered limit only what brings the balance nearer to zero is booked."""
    account = ClearingAccount(env, 100)
    assert account.book(100)
    account.renew(20, 0.0)
    assert not account.book(1)
    assert account.book(-30)
    assert account.balance == 70


def test_month_end_nets_part_of_the_balance(env, seen):
    """At month's end part of the balance is settled in hard currency, which lets others go."""
    account = ClearingAccount(env, 100)
    for change in (100, 20):
        tell(trader(account, seen, change, 99))
    tell(later(env, 30, lambda: account.renew(100, 0.25)))
    env.run()
    assert seen == [(0, 100, "booked"), (30, 20, "booked")]
    assert (account.balance, account.netted) == (95, 25)


def test_netting_keeps_every_cent(env):
    """What is netted and what is left are the balance, also where a share of it is no full cent."""
    account = ClearingAccount(env, 1000)
    assert account.book(-333)
    for _ in range(20):
        account.renew(1000, 0.1)
        assert account.balance + account.netted == -333
    assert abs(account.balance) < 60


def test_booking_is_taken_back(env, seen):
    """A booking taken back leaves the account as before, and lets others go."""
    account = ClearingAccount(env, 100)
    for change in (100, 60):
        tell(trader(account, seen, change, 99))
    tell(later(env, 4, lambda: account.reverse(100)))
    env.run()
    assert seen == [(0, 100, "booked"), (4, 60, "booked")]
    assert account.balance == 60


@settings(derandomize=True, deadline=None)
@given(st.lists(st.tuples(st.integers(-60, 60), st.integers(1, 9)), max_size=25))
def test_balance_is_what_was_booked(changes):
    """Whoever waits or gives up, the balance is the sum of what was booked and within the limit."""
    env, seen = Environment(), []
    account = ClearingAccount(env, 50)
    for day, (change, patience) in enumerate(changes):
        tell(later(env, day, lambda c=change, p=patience: tell(trader(account, seen, c, p))))
    while env.peek() < float("inf"):
        env.step()
        assert -50 <= account.balance <= 50
    assert len(seen) == len(changes)
    assert account.balance == sum(change for _, change, what in seen if what == "booked")
