"""Rules: planted ones are found, and in noise there are none."""

import numpy as np
import pytest

from simulator.rules import Box, boxes_by_inputs, peeled, rules


def planted(seed, *, inside=0.8, elsewhere=0.3, rows=1000, inputs=60):
    """Inputs between 0 and 1, and an outcome that is frequent where two of them say so."""
    random = np.random.default_rng(seed)
    x = random.random((rows, inputs))
    there = (x[:, 3] < 0.5) & (x[:, 7] > 0.4)
    return x, random.random(rows) < np.where(there, inside, elsewhere)


@pytest.fixture(scope="module", params=range(2))
def found(request):
    """The first rule for the outcome, in several data sets."""
    x, y = planted(request.param)
    return rules(x, y, np.arange(len(y)))[0], x, y


def test_a_planted_box_is_recovered(found):
    """Both inputs, their sides and their limits, and no other input; nearly all resamples agree."""
    rule, _, _ = found
    assert [(limit.column, limit.is_upper) for limit in rule.limits] == [(3, True), (7, False)]
    for limit, truth in zip(rule.limits, (0.5, 0.4), strict=True):
        assert limit.value == pytest.approx(truth, abs=0.06)
        assert limit.low <= truth + 0.02
        assert limit.high >= truth - 0.02
        assert limit.reproduced > 0.85


def test_how_often_the_rule_is_wrong_is_known_from_rows_it_did_not_see(found):
    """The density that was planted lies in the interval; it is told of others than were used."""
    rule, _, _ = found
    assert rule.unseen.low < 0.8 < rule.unseen.high
    assert rule.unseen.share <= rule.inside.share + 0.02


def test_the_numbers_of_a_rule_are_those_of_its_printed_limits(found):
    """Density, coverage and what is elsewhere follow from the limits as they are told."""
    rule, x, y = found
    inside = (x[:, 3] <= rule.limits[0].value) & (x[:, 7] >= rule.limits[1].value)
    assert rule.rows.hits == inside.sum()
    assert rule.inside.hits == rule.coverage.hits == (inside & y).sum()
    assert rule.outside.share == pytest.approx(y[~inside].mean())
    assert rule.coverage.of == y.sum()


def test_in_noise_no_rule_holds():
    """In 5 of 100 searches some rule is found at most, over both outcomes.

    Of 30 data sets 2 are expected at most; more than 5 come in 1 of 200 tests.
    """
    alarms = 0
    for seed in range(30):
        x, y = planted(seed, inside=0.4, elsewhere=0.4, rows=200, inputs=20)
        groups = np.arange(len(y))
        alarms += any(rules(x, side, groups) for side in (y, ~y))
    assert alarms <= 5


def test_rows_that_share_draws_count_once():
    """Ten copies of every row of noise are no more evidence than one.

    Taken one by one they would show rules in nearly every data set; of 5 data sets none
    or one is expected, more than 2 come in 1 of 800 tests.
    """
    together = apart = 0
    for seed in range(5):
        x, y = (
            np.repeat(one, 10, axis=0)
            for one in planted(seed, inside=0.4, elsewhere=0.4, rows=60, inputs=10)
        )
        together += bool(rules(x, y, np.repeat(np.arange(60), 10)))
        apart += bool(rules(x, y, np.arange(600)))
    assert together <= 2
    assert apart >= 4


def test_a_second_rule_speaks_of_what_the_first_leaves():
    """Two ways to the outcome are two rules."""
    random = np.random.default_rng(4)
    x = random.random((1500, 10))
    there = (x[:, 0] < 0.3) | (x[:, 5] > 0.8)
    y = random.random(1500) < np.where(there, 0.9, 0.1)
    first, second = rules(x, y, np.arange(1500))
    assert {limit.column for rule in (first, second) for limit in rule.limits} == {0, 5}
    assert second.rows.of == 1500 - first.rows.hits


@pytest.mark.parametrize("levels", [2, 4])
def test_settings_of_a_grid_are_taken_whole(levels):
    """Equal values go together, so that a limit lies between two settings."""
    random = np.random.default_rng(2)
    x = np.stack([random.integers(0, levels, 800), random.integers(0, 3, 800)], axis=1).astype(
        float
    )
    y = random.random(800) < np.where(x[:, 0] >= levels - 1, 0.8, 0.2)
    (rule,) = rules(x, y, np.arange(800))[:1]
    (limit,) = rule.limits
    assert (limit.column, limit.is_upper) == (0, False)
    assert levels - 2 < limit.value < levels - 1


@pytest.mark.parametrize("outcome", [0, 1])
def test_what_never_differs_has_no_rule(outcome):
    """Where every row has the outcome, or none."""
    x = np.random.default_rng(1).random((200, 5))
    assert rules(x, np.full(200, bool(outcome)), np.arange(200)) == []
    assert boxes_by_inputs(x, np.full(200, bool(outcome))) == {}


def test_an_outcome_without_noise_gives_its_own_limits():
    """Where a limit decides alone, peeling and pasting come within a step of it."""
    x = np.random.default_rng(1).random((2000, 4))
    box = peeled(x, x[:, 2] > 0.37, [2])
    assert box.columns == [2]
    assert box.low[2] == pytest.approx(0.37, abs=0.02)
    assert not box.high


def test_a_box_holds_what_lies_within_its_limits():
    """Limits belong to the box."""
    rows = np.array([[1.0, 5.0], [2.0, 5.0], [3.0, 9.0]])
    assert Box({0: 2.0}, {1: 5.0}).holds(rows).tolist() == [False, True, False]
