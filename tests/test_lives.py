"""Lives: a stock in balance that carries the base flow, and entrants that follow the life table.

Seeds are fixed, so a test passes always or never; a test of a law holds a right model in 99.9 % of
seeds, so that of the 26 of them here one would fail by chance for 1 seed in 38.
"""

from dataclasses import fields

import numpy as np
import pytest
from engines.worlds import GOOD, LIFE, MINIMAL, busy
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from simulator.conditions import conditions, worlds
from simulator.draws import Draws
from simulator.equations.relationships import hazard_at_end, size, survival
from simulator.lives import Lives, drawn_as, entrants, incumbents, interpolated
from simulator.scenario.reading import load
from simulator.specification import specification
from simulator.trajectory import ENTRANTS, FIRST_CONTRACT, INCUMBENTS

ALARM = 0.001
"""Chance that a right model fails one test of a law, over all seeds."""

GRAIN = "exports.AAB.goods.grain"
CONSTANT = {**LIFE, "hazard_shape": 0, "hazard_floor": 0.25, "frailty_variance": 0}
"""A hazard of one in four years, whatever the age."""


def crowd(value, life, **changes):
    """The minimal scenario with relationships of this mean value, in million dollars."""
    values = {f"{good}.relationship_usd_million": value for good in (GOOD, GRAIN)}
    spread = {"value_sigma": 1, **life, **changes}
    lives = {f"relationships.{name}": number for name, number in spread.items()}
    return specification(load(MINIMAL, {**values, **lives}))


def drawn(spec, count):
    """The conditions of some replications, each with its draws."""
    together = worlds(spec, Draws(1, range(count)))
    return [(together.one(number), Draws(1, number)) for number in range(count)]


def stocks(spec, count, flow):
    """The relationships of a flow at the start, in some replications."""
    return [incumbents(spec, world, draws, flow) for world, draws in drawn(spec, count)]


def pooled(some, name):
    """One column of several lives."""
    return np.concatenate([getattr(lives, name) for lives in some])


def has_law(values, cdf):
    """Whether independent values follow a law, by Kolmogorov and Smirnov."""
    return stats.kstest(np.ravel(values), cdf).pvalue > ALARM


def hazard(age, life, ratio=1.0):
    """Hazard accumulated to an age, by its formula."""
    chance = life["hazard_shape"] * np.log1p(age / life["hazard_scale_years"])
    return ratio * (chance + life["hazard_floor"] * age)


# --- Relationships at the start ---


@pytest.mark.parametrize("value", [0.5, 7.0, 500.0])
@pytest.mark.parametrize("sigma", [0.0, 1.5])
def test_relationships_of_the_start_carry_the_base_flow(value, sigma):
    """At the size of their age the relationships of the start are the base flow, to the dollar."""
    spec = crowd(value, LIFE, value_sigma=sigma)
    for world, draws in drawn(spec, 10):
        for flow in range(2):
            lives = incumbents(spec, world, draws, flow)
            bought = lives.value * size(lives.age_years, 0.1, 2.0)
            assert bought.sum() == pytest.approx(world.incumbent[flow], rel=1e-12)
            assert np.all(lives.value > 0)


def test_number_of_relationships_is_the_expected_one_on_average():
    """The expected number is rounded up as often as it takes to keep its mean."""
    spec = crowd(7.0, LIFE)
    (world, _), *_ = some = drawn(spec, 1000)
    for flow in range(2):
        counts = np.array(
            [len(incumbents(spec, world, draws, flow).value) for world, draws in some]
        )
        expected = world.incumbent[flow] / (7e6 * world.lives[flow].mean_size)
        assert 1 < expected != int(expected)
        assert set(counts) == {int(expected), int(expected) + 1}
        ups = int((counts > expected).sum())
        assert stats.binomtest(ups, 1000, expected - int(expected)).pvalue > ALARM


def test_flow_has_a_relationship_however_small_it_is():
    """A flow smaller than one relationship has one, and a flow of nothing none."""
    nothing = {f"exports.AAB.{name}_usd_million": 0 for name in ("last", "average")}
    spec = specification(load(MINIMAL, {f"{GOOD}.relationship_usd_million": 5000, **nothing}))
    for world, draws in drawn(spec, 20):
        assert incumbents(spec, world, draws, 0).value == pytest.approx(world.incumbent[:1])
        assert world.incumbent[0] > 0
        assert [*incumbents(spec, world, draws, 1).rows()] == []


def test_constant_hazard_makes_lives_without_memory():
    """With a constant hazard ages and lives ahead are exponential, of one mean, and independent."""
    some = stocks(crowd(0.5, CONSTANT), 40, 0)
    age, left = pooled(some, "age_years"), pooled(some, "left_years")
    assert len(age) > 4000
    assert has_law(age, stats.expon(scale=4).cdf)
    assert has_law(left, stats.expon(scale=4).cdf)
    # Whoever is old has as long a life ahead as whoever is young.
    assert stats.spearmanr(age, left).pvalue > ALARM
    old = age > np.median(age)
    assert stats.ks_2samp(left[old], left[~old]).pvalue > ALARM


@pytest.mark.parametrize("variance", [0.0, 0.2, 0.4])
def test_life_ahead_is_that_of_who_has_survived(variance):
    """The life ahead at an age has the law of lives that reach it: S(a + x) / S(a)."""
    life = {**LIFE, "frailty_variance": variance, "hazard_floor": 0.1}
    spec = crowd(0.5, life)
    for flow, ratio in enumerate((1.0, 1.23)):
        some = stocks(spec, 20, flow)
        age, left = pooled(some, "age_years"), pooled(some, "left_years")
        assert len(age) > 1500
        share = survival(hazard(age + left, life, ratio), variance) / survival(
            hazard(age, life, ratio), variance
        )
        assert has_law(share, "uniform")
        assert age.max() > 20


def test_phase_of_an_order_interval_is_any():
    """Any part of an order interval has passed at the start, whatever the age."""
    some = stocks(crowd(0.5, LIFE), 20, 0)
    phase = pooled(some, "phase")
    assert has_law(phase, "uniform")
    assert stats.spearmanr(phase, pooled(some, "age_years")).pvalue > ALARM


# --- Entrants ---


@pytest.mark.parametrize("variance", [0.0, 0.2, 0.4])
def test_lives_of_entrants_follow_the_life_table(variance):
    """Of new relationships (1 + v H(t))^(-1 / v) are alive after t years, e^(-H) without frailty.

    That is the average of e^(-z H) over a gamma frailty z of mean 1 and variance v.
    """
    life = {**LIFE, "frailty_variance": variance, "hazard_floor": 0.1}
    spec = crowd(0.5, life)
    for flow, ratio in enumerate((1.0, 1.23)):
        gaps, lives = entrants(spec, *drawn(spec, 1)[0], flow, 0, 6000)

        def dead(age, ratio=ratio):
            total = hazard(age, life, ratio)
            if variance == 0.0:
                return -np.expm1(-total)
            return 1 - (1 + variance * total) ** (-1 / variance)

        assert has_law(lives.left_years, dead)
        assert has_law(gaps, "expon")
        assert not lives.age_years.any()


def test_gamma_frailty_makes_the_law_of_survival():
    """Averaged over gamma frailties of mean 1, e^(-z H) is the survival of the population."""
    frailty = np.random.default_rng(5).gamma(1 / 0.4, 0.4, 200_000)
    for total in (0.1, 0.7, 3.0):
        # The average is known to one part in a thousand.
        assert np.exp(-frailty * total).mean() == pytest.approx(
            survival(np.array(total), 0.4), rel=0.01
        )


def test_candidates_are_the_same_from_any_number_on():
    """The n-th candidate is the same whoever else is drawn, and however many."""
    spec = specification(busy())
    world, draws = drawn(spec, 4)[3]
    gaps, lives = entrants(spec, world, draws, 1, 0, 50)
    for first, count in ((0, 1), (7, 5), (16, 16), (49, 1)):
        some_gaps, some = entrants(spec, world, draws, 1, first, count)
        rows = slice(first, first + count)
        assert some_gaps.tolist() == gaps[rows].tolist()
        assert [*some.rows()] == [*lives.rows()][rows]
    assert len(set(lives.rows())) == 50


# --- Several replications ---


@pytest.mark.parametrize("scenario", [busy, None], ids=["busy", "crowd"])
def test_lives_are_the_same_alone_and_among_others(scenario):
    """Relationships of a world that is drawn together with others are those of it alone."""
    spec = crowd(3.0, LIFE) if scenario is None else specification(scenario())
    found = set()
    for number, (world, draws) in enumerate(drawn(spec, 12)):
        own = Draws(1, number)
        for flow in range(2):
            pairs = [
                (
                    incumbents(spec, given, chance, flow),
                    *entrants(spec, given, chance, flow, 2, 9),
                )
                for given, chance in ((world, draws), (conditions(spec, own), own))
            ]
            (stock, gaps, candidates), (same_stock, same_gaps, same_candidates) = pairs
            assert gaps.tobytes() == same_gaps.tobytes()
            for one, other in ((stock, same_stock), (candidates, same_candidates)):
                for field in fields(Lives):
                    columns = [getattr(lives, field.name).tobytes() for lives in (one, other)]
                    assert columns[0] == columns[1]
            found.add(stock.phase.tobytes())
    assert len(found) == 24


def test_every_stream_has_a_name_of_its_own():
    """No two flows, kinds of relationships or contracts draw under one name."""
    spec = specification(busy())
    names = [
        *(
            drawn_as(spec, flow, stream)
            for flow in range(len(spec.flows))
            for stream in (INCUMBENTS, ENTRANTS)
        ),
        *(drawn_as(spec, 0, FIRST_CONTRACT + place) for place in range(len(spec.contracts))),
    ]
    assert len(set(names)) == len(names) == 6


# --- Interpolation ---

STEPS = st.floats(0.01, 10)


@st.composite
def tables(draw):
    """An increasing table, what belongs to it, and places in it, at its ends and beyond."""
    steps = draw(st.lists(st.tuples(STEPS, STEPS), min_size=2, max_size=12))
    known, values = np.cumsum(steps, axis=0).T + draw(st.floats(-50, 50))
    share = np.array(draw(st.lists(st.floats(0, 1), min_size=1, max_size=8)))
    x = np.concatenate([known, known[0] + share * (known[-1] - known[0])])
    return known, values, x


@settings(derandomize=True, deadline=None)
@given(tables(), st.floats(0.001, 100), st.sampled_from([np.inf, 1e9, -3.0]))
def test_interpolation_is_linear_inside_a_table(table, distance, beyond):
    """Inside a table the value is on the line, below it the first one, above it what is given."""
    known, values, x = table
    assert interpolated(x, known, values, beyond) == pytest.approx(
        np.interp(x, known, values), rel=1e-12, abs=1e-10
    )
    assert interpolated(known[:-1], known, values).tolist() == values[:-1].tolist()
    below, above = known[0] - distance, known[-1] + distance
    found = interpolated(np.array([below, above, below]), known, values, beyond)
    assert found.tolist() == [values[0], beyond, values[0]]


def test_interpolation_has_the_value_after_a_jump():
    """Where a table jumps, the value is the one after it, as in numpy's rule."""
    known, values = np.array([0.0, 1.0, 1.0, 2.0]), np.array([0.0, 1.0, 5.0, 6.0])
    x = np.array([0.75, 1.0, 1.5])
    assert interpolated(x, known, values).tolist() == [0.75, 5.0, 5.5]
    assert np.interp(x, known, values).tolist() == [0.75, 5.0, 5.5]


@settings(derandomize=True, deadline=None)
@given(tables(), st.integers(1, 5))
def test_interpolation_keeps_order_and_scale(table, times):
    """A larger place has no smaller value, and values of another unit come out in that unit."""
    known, values, x = table
    x = np.sort(x)
    found = interpolated(x, known, values)
    assert np.all(np.diff(found) >= -1e-10)
    assert interpolated(x, known, 2.0**times * values).tolist() == (2.0**times * found).tolist()


# --- Hazard at the end ---

HAZARDS = st.floats(0, 20)
MARKS = st.floats(0, 30)


@settings(derandomize=True, deadline=None)
@given(HAZARDS, MARKS)
def test_without_frailty_hazard_at_the_end_is_exponential(survived, mark):
    """Without frailty a life ends an exponential hazard later, whatever it has survived.

    A very small frailty makes next to no difference.
    """
    survived, mark = np.array([survived]), np.array([mark])
    plain = hazard_at_end(survived, mark, 0.0)
    assert plain.tolist() == (survived + mark).tolist()
    assert hazard_at_end(survived, mark, np.zeros(1)).tolist() == plain.tolist()
    assert hazard_at_end(survived, mark, 1e-6) == pytest.approx(plain, rel=1e-3, abs=1e-9)
    assert survival(survived, 0.0) == pytest.approx(np.exp(-survived), rel=1e-12)


@settings(derandomize=True, deadline=None)
@given(HAZARDS, MARKS, st.floats(0.01, 3))
def test_survival_falls_to_the_mark(survived, mark, variance):
    """At the hazard at which a life ends, survival has fallen by e^(-mark) since it was told."""
    survived, mark = np.array([survived]), np.array([mark])
    end = hazard_at_end(survived, mark, variance)
    assert end >= survived
    fallen = np.log(survival(end, variance) / survival(survived, variance))
    assert fallen == pytest.approx(-mark, rel=1e-9, abs=1e-9)
    # Who has survived much is strong: it takes more hazard to end the life.
    assert end - survived >= mark - 1e-9
