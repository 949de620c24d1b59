"""Sensitivities: exact on toys, right in sign on the flagship, the same however often asked."""

from dataclasses import replace

import numpy as np
import pytest
from engines.worlds import FLAGSHIP, MINIMAL, busy
from scipy.special import ndtr
from sensitivities_for_tests import SEED, asked, ishigami, toy
from test_conditioning import LAWS, drawn

from simulator import sensitivities
from simulator.conditioning import shares
from simulator.errors import RefusedError, ScenarioError
from simulator.indices import FIRST_ORDER, TOTAL
from simulator.portable import normal_quantile
from simulator.scenario.overriding import override
from simulator.scenario.reading import load
from simulator.sensitivities import (
    FRESH,
    LOW,
    as_data,
    inputs,
    sensitivity,
    strongest,
    studied,
    study,
)

PATHS = ("x0", "x1", "x2")
REFUSED = "settlement.channels.*.refusal_share"


def linear(x, _):
    """Turnover of 100 + 30 x0 - 20 x1, to which x2 adds nothing."""
    return 100 + 30 * x[:, 0] - 20 * x[:, 1]


def by_path(found):
    """The bars by their inputs."""
    return {bar.input.path: bar for bar in found.bars}


@pytest.mark.usefixtures("few_rows")
def test_the_tornado_of_a_linear_toy_is_exact():
    """From P10 to P90 the median changes by 0.8 of each slope, with its sign; a null stays."""
    found = studied(asked(3, target=107, replications=400), toy(linear, PATHS))
    bars = by_path(found)
    others = shares(PATHS, SEED, range(400))
    for path, slope, other in (("x0", 30, -20 * others[:, 1]), ("x1", -20, 30 * others[:, 0])):
        bar = bars[path]
        assert bar.median.change == pytest.approx(0.8 * slope, abs=1e-9)
        assert (bar.median.low, bar.median.high) == pytest.approx((0.8 * slope,) * 2, abs=1e-9)
        for at, share in ((bar.chance.at_low, LOW), (bar.chance.at_high, 1 - LOW)):
            assert at == np.mean(100 + slope * share + other >= 107)
    assert [bar.input.path for bar in found.bars] == ["x0", "x1", "x2"]
    assert (found.clear[0].input.path, found.unclear[0].input.path) == ("x0", "x2")
    null = bars["x2"]
    assert (null.chance.change, null.median.change) == (0, 0)
    assert null.chance.low < 0 < null.chance.high


@pytest.mark.usefixtures("few_rows")
def test_bars_are_sorted_by_what_they_do_to_the_chance():
    """The largest change comes first, whatever its sign."""
    found = studied(asked(3, target=107), toy(linear, PATHS))
    changes = [abs(bar.chance.change) for bar in found.bars]
    assert changes == sorted(changes, reverse=True)


@pytest.mark.usefixtures("few_rows")
def test_the_bars_can_be_asked_for_alone():
    """They are those of the whole tornado, also after a screening, for fewer runs."""
    for top in (3, 2):
        calls, fewer = [], []
        study_of = asked(3, target=107, replications=200, top=top)
        whole = studied(study_of, toy(linear, PATHS, calls))
        assert strongest(study_of, toy(linear, PATHS, fewer)) == whole.bars
        assert len(whole.bars) == top
        assert sum(n * each for n, each, _ in fewer) < sum(n * each for n, each, _ in calls)


@pytest.mark.usefixtures("few_rows")
def test_replication_noise_is_how_far_other_draws_carry_the_answer():
    """Its row is P10 to P90 of the chance and the median of so many runs, by the normal law."""
    count, target = 900, 1.0

    def noisy(_, noise):
        return normal_quantile(noise)

    found = studied(asked(1, target=target, replications=count), toy(noisy, ("x0",)))
    p = 1 - ndtr(target)
    wide = 2 * 1.2816 * np.sqrt(p * (1 - p) / count)
    low, high = found.noise.chance
    assert high - low == pytest.approx(wide, rel=0.15)
    low, high = found.noise.median
    assert high - low == pytest.approx(2 * 1.2816 * np.sqrt(np.pi / 2 / count), rel=0.25)


@pytest.mark.usefixtures("few_rows")
def test_the_interval_of_a_change_of_medians_holds_the_truth():
    """Where an input moves a noisy median by 0.4, 18 of 20 intervals at least hold it."""

    def noisy(x, noise):
        # The noise turns with the input, so that pairs are not alike.
        return 0.5 * x[:, 0] + normal_quantile((noise + x[:, 0]) % 1.0)

    inside = 0
    for seed in range(20):
        found = studied(asked(1, replications=300, seed=seed), toy(noisy, ("x0",)))
        (bar,) = found.bars
        inside += bar.median.low <= 0.4 <= bar.median.high
    assert inside >= 18


@pytest.mark.usefixtures("few_rows")
def test_intervals_hold_for_all_inputs_together():
    """Of 40 inputs that do nothing but shuffle draws, at most one is called clear in 4 studies."""
    paths = tuple(f"x{n}" for n in range(40))

    def shuffled(x, noise):
        return normal_quantile((noise + 7.3 * x.sum(axis=1)) % 1.0)

    false = [
        len(studied(asked(40, replications=200, seed=seed), toy(shuffled, paths)).clear)
        for seed in range(4)
    ]
    assert sum(false) <= 1


@pytest.mark.usefixtures("few_rows")
def test_a_screening_keeps_what_moves_and_judges_by_other_draws():
    """Of 30 inputs the three that act are kept; the screening has fresh draws of its own."""
    paths, calls = tuple(f"x{n}" for n in range(30)), []

    def few(x, noise):
        return np.exp(0.3 * x[:, 4] - 0.4 * x[:, 11] + 0.2 * x[:, 29] + 0.1 * noise)

    found = studied(asked(30, target=1.0, top=3), toy(few, paths, calls))
    assert set(by_path(found)) == {"x4", "x11", "x29"}
    assert calls[:2] == [(60, 20, SEED ^ FRESH), (24, 100, SEED ^ FRESH)]
    assert {seed for *_, seed in calls[2:]} == {SEED}
    assert len(found.screen.paths) == 27
    assert found.screen.largest == 0
    assert sum(one * many for one, many, _ in calls) == asked(30, top=3).runs()


def test_what_is_worth_knowing_is_what_makes_the_variance():
    """Of x0 and as much noise, half can be known; x0 is told first, and a lever never is."""

    def half(x, noise):
        return np.exp(normal_quantile(x[:, 0]) + normal_quantile(noise))

    found = studied(asked(2, target=1.0, replications=500), toy(half, PATHS[:2]))
    knowledge = found.knowledge
    assert knowledge.best.input.path == "x0"
    # P(met | x0) is uniform where both weigh the same: its variance is 1/12 of 1/4.
    assert knowledge.best.part.value == pytest.approx(1 / 3, abs=0.05)
    assert knowledge.of_event.low <= 1 / 3 <= knowledge.of_event.high
    assert knowledge.of_turnover.value == pytest.approx(1 / 2, abs=0.1)
    assert knowledge.worth[1].part.low == 0
    assert knowledge.brier == pytest.approx(1 / 4, abs=0.01)
    levers = asked(2, target=1.0, replications=500)
    ours = tuple(replace(one, is_lever=True) for one in levers.inputs)
    levers = replace(levers, inputs=ours)
    assert studied(levers, toy(half, PATHS[:2])).knowledge.best is None


def test_sobol_and_morris_go_the_way_of_scenarios():
    """V42: through the same questions, Ishigami's indices are right and a null covers zero."""
    paths = (*PATHS, "x3")

    def turnover(x, _):
        return np.exp(ishigami(x))

    options = {"replications": 1, "target": 1.0}
    found = studied(asked(4, method="sobol", points=2048, **options), toy(turnover, paths))
    told = {
        (one.input.path, one.index.name): one.index
        for one in found.indices
        if one.outcome == "log turnover"
    }
    assert told["x0", FIRST_ORDER].value == pytest.approx(0.3139, abs=0.02)
    assert told["x1", FIRST_ORDER].value == pytest.approx(0.4424, abs=0.02)
    assert told["x0", TOTAL].value == pytest.approx(0.5576, abs=0.02)
    assert told["x2", TOTAL].value == pytest.approx(0.2437, abs=0.02)
    assert not told["x3", TOTAL].is_clear
    found = studied(asked(4, method="morris", points=4, **options), toy(turnover, paths))
    nulls = [one.index for one in found.indices if one.input.path == "x3"]
    assert not any(one.is_clear for one in nulls)
    assert found.table("indices").num_rows == 4 * 3 * 2


@pytest.fixture
def few_rows(monkeypatch):
    """Little is told of what comes of inputs, because a test is not about it."""
    monkeypatch.setattr(sensitivities, "ROWS", 6)
    monkeypatch.setattr(sensitivities, "COLUMNS", 4)


def test_more_refusals_lower_the_chance_of_the_flagship(monkeypatch):
    """No payment channel that refuses more raises the chance, and together they lower it.

    To know the refusals is worth little all the same: the base flows passed through them, and most
    of the spread is run noise.
    """
    monkeypatch.setattr(sensitivities, "ROWS", 32)
    monkeypatch.setattr(sensitivities, "COLUMNS", 8)
    found = sensitivity(load(FLAGSHIP), [REFUSED], replications=150, workers=2)
    assert len(found.bars) == 4
    assert all(bar.chance.low <= 0 for bar in found.bars)
    assert sum(bar.chance.change for bar in found.bars) < -0.01
    assert sum(bar.median.change for bar in found.bars) < -1
    assert found.knowledge.best is None
    assert found.knowledge.of_event.high < 0.5


@pytest.mark.usefixtures("few_rows")
def test_the_same_question_has_the_same_answer(tmp_path):
    """Asked twice, with and without a results folder, by one worker or two."""
    small = {"replications": 8, "seed": 3}
    one = sensitivity(drawn(), list(LAWS)[:2], **small)
    kept = sensitivity(drawn(), list(LAWS)[:2], results=tmp_path, **small)
    again = sensitivity(drawn(), list(LAWS)[:2], results=tmp_path, workers=2, **small)
    assert one == kept == again
    assert one.id == again.id
    assert as_data(one)["bars"][0]["median"]["low"] is None, "withheld: too few runs"
    assert one.table().num_rows == 2
    assert one.table("worth").num_rows == 2


def test_what_cannot_be_asked_is_told():
    """No law, no such input, no such method, a Sobol design that is none, too many runs."""
    for scenario, patterns, options, code in (
        (load(MINIMAL), (), {}, "S196"),
        (drawn(), ("settlement.nothing",), {}, "S151"),
        (drawn(), (), {"method": "fast"}, "S125"),
        (drawn(), (), {"method": "sobol", "points": 100}, "S121"),
    ):
        with pytest.raises(ScenarioError) as error:
            study(scenario, patterns, **options)
        assert error.value.problems[0].code == code
    with pytest.raises(RefusedError):
        study(drawn(), most=1000)
    with pytest.raises(KeyError):
        studied(asked(1), toy(lambda x, _: x[:, 0], ("x0",))).table("nothing")


def test_inputs_are_the_numbers_with_a_law():
    """Each has its P10 and P90, who decides it, and whether something stands behind it."""
    laws = {"settlement.patience_days": {"uniform": {"low": 10, "high": 20}, "source": "a survey"}}
    (one,) = inputs(override(busy(), laws))
    assert (one.low, one.high) == pytest.approx((11, 19))
    assert (one.is_assumed, one.is_lever) == (False, False)
    assert len(inputs(drawn(), ["settlement.*"])) == 1
