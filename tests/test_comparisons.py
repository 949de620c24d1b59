"""Comparisons: what is paired adds up, and what is no difference is not called one."""

from dataclasses import replace

import numpy as np
import pytest
from engines.worlds import MINIMAL, busy
from runs_for_tests import synthetic

from simulator import runs
from simulator.comparisons import (
    BASIS,
    as_data,
    basis,
    compare,
    headline_change,
    ladder,
    refuse,
    row,
)
from simulator.errors import ScenarioError
from simulator.estimates import paired_change
from simulator.ledger import ACCOUNTS, REALISED
from simulator.scenario.overriding import override
from simulator.scenario.reading import load
from simulator.simulation import run

PAIRS = 60


@pytest.fixture(scope="module")
def two():
    """The busy world, and the same with surer payments."""
    surer = override(busy(), {"settlement.channels.*.refusal_share": 0})
    return run(busy(), replications=PAIRS), run(surer, replications=PAIRS)


def test_nothing_differs_from_itself(two):
    """A run against itself changes nothing, in no pair."""
    told = compare(two[0], two[0])
    assert all((row.change.value, row.higher, row.lower) == (0, 0, 0) for row in told.rows)
    assert not any(row.is_clear for row in told.rows + told.causes)
    assert all(chances.change.value == 0 for chances in told.chances)
    assert told.differences == ()


def test_turned_round_every_change_turns_its_sign(two):
    """What one gains on the other, the other loses."""
    there, back = compare(*two), compare(*reversed(two))
    for one, other in zip(there.rows, back.rows, strict=True):
        assert one.change.value == pytest.approx(-other.change.value, abs=1e-9)
        assert (one.higher, one.lower) == (other.lower, other.higher)
    for one, other in zip(there.chances, back.chances, strict=True):
        assert (one.change.low, one.change.high) == pytest.approx(
            (-other.change.high, -other.change.low)
        )


def test_directions_and_causes_add_up(two):
    """Both directions make the turnover; potential and losses make the true flow."""
    told = compare(*two)
    total, *directions = told.rows[:3]
    assert total.change.value == pytest.approx(sum(row.change.value for row in directions))
    true = [np.mean(runs.accounts(one)[REALISED]) / runs.CENTS_PER_MILLION for one in two]
    assert sum(row.change.value for row in told.causes) == pytest.approx(true[1] - true[0])
    assert len(told.causes) == len(ACCOUNTS) - 1


def test_the_change_is_that_of_each_pair(two):
    """Pair by pair, and over the replications that both have."""
    change = headline_change(*two)
    told = compare(two[0], two[1])
    assert told.rows[0].higher == np.count_nonzero(change > 0)
    assert told.rows[0].change.value == pytest.approx(float(np.mean(change)))
    shorter = run(busy(), replications=20)
    assert compare(shorter, two[1]).pairs == 20
    assert compare(shorter, two[1]).rows[0].change.value == pytest.approx(float(change[:20].mean()))


def test_what_differs_is_named(two):
    """The inputs that differ stand with both values; all others are counted."""
    told = compare(*two)
    assert {difference.value for difference in told.differences} == {"0"}
    assert all("refusal_share" in difference.path for difference in told.differences)
    assert told.alike > 50
    assert as_data(told)["differences"][0]["path"].startswith("settlement.channels.")


@pytest.mark.parametrize("field", BASIS)
def test_what_means_something_else_is_refused(two, field):
    """H13: each field in which the meaning of the numbers differs is named."""
    one = basis(two[0])
    with pytest.raises(ScenarioError, match="S193") as caught:
        refuse(one, one | {field: "another"})
    assert [problem.field for problem in caught.value.problems] == [field]
    assert caught.value.exit_code == 3
    refuse(one, one)


def test_another_horizon_is_another_meaning():
    """H13: runs over other years are not compared."""
    short = load(MINIMAL)
    end = short.horizon.end.replace(year=short.horizon.end.year + 1)
    longer = run(override(short, {"horizon.end": str(end)}), replications=2)
    with pytest.raises(ScenarioError, match="horizon"):
        compare(run(short, replications=2), longer)


def test_a_scenario_against_itself_under_other_seeds_is_no_difference():
    """V35: of 500 trials at most 7 in 100 call a difference of turnover, or of the chance.

    Each trial draws two runs of 200 from the same 1,000 real replications. A share of 5 % would be
    called in more than 35 of 500 with a probability of 2 %; the seeds are fixed.
    """
    whole = run(busy(), replications=1000, seed=11, workers=2)
    turnover = runs.turnover(whole, runs.headline(whole), whole.scenario.target.year)
    met = turnover >= np.quantile(turnover, 0.6)
    random = np.random.default_rng(12)
    called = chances = 0
    for _ in range(500):
        one, other = random.integers(0, turnover.size, (2, 200))
        called += row("turnover", turnover[one], turnover[other]).is_clear
        gained = np.count_nonzero(met[other] & ~met[one])
        lost = np.count_nonzero(met[one] & ~met[other])
        chances += paired_change(int(gained), int(lost), 200).is_clear
    assert called <= 35
    assert chances <= 35


def test_the_ladder_has_a_rung_for_each():
    """Every run whose target year is whole stands on it with its chance."""
    one = synthetic(100)
    assert [name for name, _ in ladder([one, replace(one, seed=2)])] == ["tiny", "tiny"]
