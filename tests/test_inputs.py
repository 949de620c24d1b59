"""Inputs: quantiles of every law against scipy, and a stream of its own for each number."""

import numpy as np
import pytest
from scipy import stats

from simulator.draws import Draws
from simulator.inputs import Inputs, quantile
from simulator.scenario.quantities import (
    Beta,
    Discrete,
    Lognormal,
    Normal,
    Quantity,
    Triangular,
    Uniform,
)

SHARES = np.concatenate([[1e-12, 1e-6], np.linspace(0.001, 0.999, 333), [1 - 1e-6, 1 - 1e-12]])


def truncated(mean, sd, low, high):
    """The truncated normal law of scipy."""
    return stats.truncnorm((low - mean) / sd, (high - mean) / sd, mean, sd)


@pytest.mark.parametrize(
    ("law", "theirs"),
    [
        (Uniform(low=-1, high=3), stats.uniform(-1, 4)),
        (Triangular(low=2, mode=3, high=7), stats.triang(0.2, 2, 5)),
        (Triangular(low=2, mode=2, high=7), stats.triang(0.0, 2, 5)),
        (Triangular(low=2, mode=7, high=7), stats.triang(1.0, 2, 5)),
        (Normal(mean=1, sd=0.5, low=-9, high=9), stats.norm(1, 0.5)),
        (Normal(mean=1, sd=0.5, low=0.9, high=2), truncated(1, 0.5, 0.9, 2)),
        (Normal(mean=0, sd=1, low=0, high=9), stats.halfnorm()),
        (Lognormal(median=3, sigma=0.7), stats.lognorm(0.7, scale=3)),
        (Beta(a=2, b=18), stats.beta(2, 18)),
        (Beta(a=0.5, b=3, low=2, high=4), stats.beta(0.5, 3, 2, 2)),
    ],
    ids=lambda value: type(value).__name__,
)
def test_quantiles_are_those_of_scipy(law, theirs):
    """Below the quantile of a share lies that share of the law."""
    found = np.array([quantile(law, share) for share in SHARES.tolist()])
    assert theirs.cdf(found) == pytest.approx(SHARES, rel=1e-9, abs=1e-10)
    assert np.all(np.diff(found) >= 0.0)


def test_discrete_law_takes_values_by_weight():
    """Of the values 5, 1 and 9 with weights 1, 0 and 3 the first has a quarter, the second none."""
    law = Discrete(values=(5, 1, 9), weights=(1, 0, 3))
    assert [quantile(law, share) for share in (1e-9, 0.2, 0.25, 0.2500001, 0.6, 1 - 1e-16)] == [
        5,
        5,
        5,
        9,
        9,
        9,
    ]


def test_discrete_law_may_begin_with_nothing():
    """A first value of weight 0 never occurs."""
    law = Discrete(values=(5, 1), weights=(0, 2))
    assert {quantile(law, share) for share in (1e-16, 0.5, 1 - 1e-16)} == {1}


@pytest.mark.parametrize(
    "law",
    [
        Uniform(low=2, high=2),
        Triangular(low=2, mode=2, high=2),
        Normal(mean=2, sd=0, low=1, high=3),
        Lognormal(median=2, sigma=0),
        Beta(a=1, b=1, low=2, high=2),
        Discrete(values=(2,), weights=(1,)),
    ],
    ids=lambda law: type(law).__name__,
)
def test_law_without_spread_is_a_number(law):
    """A law without spread gives its one number for every share."""
    assert {quantile(law, share) for share in (1e-12, 0.3, 1 - 1e-12)} == {2}


def test_truncated_law_never_leaves_its_bounds():
    """A truncated law stays within its bounds, however small the share of the law inside."""
    law = Normal(mean=0, sd=100, low=-1e-3, high=1e-3)
    found = [quantile(law, share) for share in SHARES.tolist()]
    assert -1e-3 <= min(found) < max(found) <= 1e-3


def test_drawn_numbers_follow_their_law():
    """Over the replications a drawn number has the law that the scenario states."""
    inputs = Inputs.of([("a", Quantity(beta=Beta(a=2, b=5)))])
    found = [inputs.drawn(Draws(1, replication))[0] for replication in range(2000)]
    assert stats.kstest(found, stats.beta(2, 5).cdf).pvalue > 1e-6


def test_every_number_has_its_own_stream():
    """Another uncertain number changes no other; what a scenario leaves out is infinite."""
    law = {"uniform": {"low": 0.0, "high": 1.0}}
    first = [("a", Quantity(value=4.0)), ("b", Quantity(**law))]
    more = [("a", Quantity(**law)), *first[1:], ("c", Quantity(**law))]
    small, large = (Inputs.of(named).drawn(Draws(1, 5)) for named in (first, more))
    assert small[0] == 4.0
    assert small[1] == large[1]
    assert len({*large.tolist()}) == 4
    assert small[-1] == large[-1] == np.inf


def test_numbers_stand_at_their_centre_until_drawn():
    """Before the draw an uncertain number is its central value, and drawing leaves that alone."""
    inputs = Inputs.of([("a", Quantity(lognormal=Lognormal(median=3, sigma=1)))])
    assert inputs.drawn(Draws(1, 0))[0] != 3.0
    assert inputs.fixed.tolist() == [3.0, np.inf]


def test_number_of_the_base_is_drawn_by_the_same_chance():
    """What a number was when the base was observed has its former law and the same chance."""
    now = [("a", Quantity(uniform=Uniform(low=10, high=20))), ("b", Quantity(value=1.0))]
    former = {"a": Quantity(uniform=Uniform(low=0, high=1)), "b": Quantity(value=5.0)}
    inputs, draws = Inputs.of(now, former), Draws(1, 3)
    numbers = inputs.drawn(draws)
    base = inputs.at_base(numbers, draws)
    assert numbers[0] == pytest.approx(10 + 10 * base[0])
    assert (numbers[1], base[1]) == (1.0, 5.0)


def test_without_a_past_the_base_is_the_present():
    """Where no number has been changed, the base came about under the numbers of the scenario."""
    inputs, draws = Inputs.of([("a", Quantity(uniform=Uniform(low=0, high=1)))]), Draws(1, 3)
    numbers = inputs.drawn(draws)
    assert np.array_equal(inputs.at_base(numbers, draws), numbers)
