"""Comparisons: what is paired adds up, and what is no difference is not called one."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
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
    sampled,
)
from simulator.errors import EnvironmentFaultError, FailedError, ScenarioError
from simulator.estimates import paired_change
from simulator.ledger import ACCOUNTS, REALISED
from simulator.parts import only
from simulator.runs import Failure
from simulator.sampling import Goal
from simulator.scenario.overriding import override
from simulator.scenario.reading import load
from simulator.simulation import Question, run

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
    called = chances = found = 0
    for _ in range(500):
        one, other = random.integers(0, turnover.size, (2, 200))
        called += row("turnover", turnover[one], turnover[other]).is_clear
        gained = np.count_nonzero(met[other] & ~met[one])
        lost = np.count_nonzero(met[one] & ~met[other])
        chances += paired_change(int(gained), int(lost), 200).is_clear
        found += row("turnover", turnover[one], 1.05 * turnover[one]).is_clear
    assert called <= 35
    assert chances <= 35
    assert found >= 450, "V36: a change of 5 % on shared draws is found"


def test_the_ladder_has_a_rung_for_each():
    """Every run whose target year is whole stands on it with its chance."""
    one = synthetic(100)
    assert [name for name, _ in ladder([one, replace(one, seed=2)])] == ["tiny", "tiny"]


def _part(whole, kept):
    """A run in progress, of which only some parts are there."""
    tables = {
        name: pa.concat_tables([only(whole.tables, *ends)[name] for ends in kept])
        for name in whole.tables
    }
    made = tables["replications"].num_rows
    return replace(whole, replications=made, tables=tables, asked=whole.replications)


def test_runs_in_progress_are_paired_by_number(two):
    """F16: of a run with gaps the pairs are those that are there, and it is said to be a part."""
    part = _part(two[1], [(10, 20), (30, 45)])
    told = compare(two[0], part)
    change = headline_change(*two)
    assert told.pairs == 25
    assert told.rows[0].change.value == pytest.approx(
        float(change[[*range(10, 20), *range(30, 45)]].mean())
    )
    assert told.after.endswith("(in progress, 25 of 60)")


def test_runs_without_common_replications_are_told(two):
    """Nothing is averaged over nothing."""
    with pytest.raises(EnvironmentFaultError, match="share no replications"):
        compare(_part(two[0], [(0, 10)]), _part(two[1], [(10, 20)]))


def test_runs_with_failures_are_not_paired(two):
    """F09: what failed may have been the worst."""
    with pytest.raises(FailedError, match="the first is 3"):
        compare(two[0], replace(two[1], failures=(Failure(3, "lost"),)))


def test_no_more_is_sampled_than_the_precision_takes():
    """Looks come at 100 and then where the change would be known well enough; all share draws."""
    asked = []

    def made(questions):
        asked.append([question.goal.most for question in questions])
        scales = (1.0, 1.02)
        return [
            replace(synthetic(q.goal.most, scale=scale), scenario=q.scenario)
            for q, scale in zip(questions, scales, strict=True)
        ]

    questions = [Question(synthetic(2).scenario, 1, Goal(4000))] * 2
    before, after = sampled(questions, 0.02, made)
    assert [counts[0] for counts in asked] == sorted({counts[0] for counts in asked})
    assert asked[0] == [100, 100]
    assert before.replications == after.replications == asked[-1][0] < 4000
    assert compare(before, after).chances[0].change.half_width <= 0.02
    asked.clear()
    assert sampled(questions, None, made)[0].replications == 4000
    assert asked == [[4000, 4000]]
