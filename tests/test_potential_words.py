"""The words of a counterfactual."""

import pytest
from engines.worlds import FLAGSHIP
from evidence.worlds_on_paper import write_panel

from simulator import potential_words
from simulator.evidence import gravity
from simulator.evidence.counterfactuals import impact
from simulator.evidence.panels import records
from simulator.scenario.reading import load
from simulator.wording import MINUS, TO


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """The scenario, what it does in a panel on paper, and what gravity expects there."""
    panel = records(write_panel(tmp_path_factory.mktemp("panel")))
    scenario = load(FLAGSHIP)
    expected = gravity.Gravity(
        (2022,),
        56,
        (gravity.Coefficient("log distance", -0.9, 0.1),),
        {(2022, "BLR", "IRN"): 7.0},
        1.0,
    )
    return scenario, impact(scenario, panel), expected


def test_no_line_is_wider_than_a_terminal(found):
    """Whatever there is to say, it fits into 90 columns."""
    told = potential_words.words(*found)
    assert all(len(line) <= 90 for line in told.splitlines())


def test_the_finding_is_that_of_the_numbers(found):
    """The partial effect of both directions stands first, with what the world changes of it."""
    scenario, impact_, _ = found
    told = " ".join(potential_words.words(scenario, impact_, None).split())
    for side, other in (("BLR", "IRN"), ("IRN", "BLR")):
        assert f"{100 * (impact_.partial[side] - 1):+.1f}% from {side} to {other}" in told
    assert "so the model may hold it still" in told
    assert "Gravity expects" not in told


def test_what_gravity_expects_comes_with_its_doubt(found):
    """The expected flow, the coefficient with its interval, and how far off flows usually are."""
    told = " ".join(potential_words.words(*found).split())
    assert "USD 7 million from BLR to IRN in 2022" in told
    estimate, low, high = (f"{MINUS}{much}" for much in ("0.90", "1.10", "0.70"))
    assert f"{estimate} ({low}{TO}{high})" in told
    assert "a factor of 3 off" in told


def test_a_world_that_matters_is_told(found):
    """Where general equilibrium is far from the partial effect, the finding says so."""
    from dataclasses import replace

    scenario, impact_, _ = found
    far = replace(impact_, general={side: 1.3 * much for side, much in impact_.partial.items()})
    told = " ".join(potential_words.words(scenario, far, None).split())
    assert "changes that by 30%, which the model leaves out" in told
