"""How many replications are enough."""

import math

from hypothesis import given
from hypothesis import strategies as st

from simulator.estimates import Z, proportion
from simulator.sampling import Goal, half_width, needed


@given(st.floats(0, 1), st.sampled_from([0.005, 0.01, 0.05, 0.2]))
def test_so_many_replications_do(share, precision):
    """The half-width of Wilson's interval is reached there, and not one replication before."""

    def width(count):
        weight = Z**2 / count
        return math.sqrt(weight * share * (1 - share) + weight**2 / 4) / (1 + weight)

    runs = needed(share, precision)
    assert width(runs) <= precision * (1 + 1e-9)
    assert runs == 1 or width(runs - 1) > precision * (1 - 1e-9)


def test_a_half_needs_about_ten_thousand_for_one_point():
    """The classic number: 1.96^2 / 4 / 0.01^2 = 9604, less 1.96^2 that Wilson's weight takes."""
    assert needed(0.5, 0.01) == 9600


def test_a_plain_number_is_made_whole():
    """Without a precision nobody looks."""
    assert Goal(1000).first() == 1000
    assert Goal(1000).following(1000, proportion(500, 1000)) is None


def test_looks_follow_from_what_is_seen():
    """The next look is where the chance seen would do, a tenth later at least."""
    goal = Goal(20_000, 0.02)
    assert goal.first() == 100
    assert goal.following(100, proportion(50, 100)) == 2400
    assert goal.following(2400, proportion(1200, 2400)) is None
    assert goal.following(2380, proportion(1190, 2380)) == 2620
    assert goal.following(20_000, proportion(10_000, 20_000)) is None
    assert Goal(300, 0.02).following(100, proportion(50, 100)) == 300
    assert Goal(50, 0.02).first() == 50


def test_a_sure_thing_is_known_soon():
    """A chance seen never needs few replications."""
    assert Goal(20_000, 0.02).following(100, proportion(0, 100)) is None


def test_without_an_interval_all_are_made():
    """Where no chance is known there is nothing to stop at."""
    assert half_width(proportion(1, 1)) == 1.0
    assert Goal(1000, 0.1).following(100, None) == 1000
