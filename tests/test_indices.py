"""Indices: Morris and Sobol against closed forms."""

import sys

import numpy as np
import pytest
from sensitivities_for_tests import found_of, ishigami

from simulator.errors import EnvironmentFaultError
from simulator.indices import BENDING, FIRST_ORDER, MEAN, STRENGTH, TOTAL, design, indices, size

A, B = 7, 0.1
V1, V2 = (1 + B * np.pi**4 / 5) ** 2 / 2, A**2 / 8
V13 = B**2 * np.pi**8 * (1 / 18 - 1 / 50)
WHOLE = V1 + V2 + V13
FIRST, ALL = (V1, V2, 0, 0), (V1 + V13, V2, V13, 0)


def test_sobol_knows_the_function_of_ishigami():
    """V42: first-order and total indices lie within 0.02 of the closed form."""
    found = found_of(ishigami, 4, 4096)
    for place in range(4):
        alone, total = found[place, FIRST_ORDER], found[place, TOTAL]
        assert alone.value == pytest.approx(FIRST[place] / WHOLE, abs=0.02)
        assert total.value == pytest.approx(ALL[place] / WHOLE, abs=0.02)


def test_sobol_knows_a_linear_function():
    """V42: 3 x + 2 y + z has 9, 4 and 1 fourteenths, alone and with others."""
    found = found_of(lambda u: u @ np.array([3, 2, 1, 0]), 4, 2048)
    for place, share in enumerate((9 / 14, 4 / 14, 1 / 14, 0)):
        for name in (FIRST_ORDER, TOTAL):
            assert found[place, name].value == pytest.approx(share, abs=0.02)


@pytest.mark.parametrize("points", [64, 512])
def test_an_input_without_effect_cannot_be_told_from_zero(points):
    """The interval of a null input covers zero, also of one that stands out by no index."""
    found = found_of(ishigami, 4, points)
    assert not found[3, FIRST_ORDER].is_clear
    assert not found[3, TOTAL].is_clear
    assert not found[2, FIRST_ORDER].is_clear, "the third one acts only with the first"
    assert found[1, TOTAL].is_clear


def test_morris_measures_a_linear_function_exactly():
    """From P10 to P90, 2 x - y changes by 1.6 and by -0.8, everywhere alike."""
    tried = design("morris", 3, 6)
    assert (tried.min(), tried.max(), len(tried)) == (0.1, 0.9, size("morris", 3, 6))
    found = {(i.place, i.name): i for i in indices("morris", tried, 2 * tried[:, 0] - tried[:, 1])}
    for place, effect in enumerate((1.6, -0.8, 0)):
        assert found[place, MEAN].value == pytest.approx(effect)
        assert found[place, STRENGTH].value == pytest.approx(abs(effect))
        assert found[place, BENDING].value == pytest.approx(0, abs=1e-12)
    assert not found[2, STRENGTH].is_clear


def test_sobol_points_have_a_place_in_every_law():
    """Points are as many as said and never reach an end, where a law may have no number."""
    tried = design("sobol", 5, 64)
    assert len(tried) == size("sobol", 5, 64) == 64 * 7
    assert 0 < tried.min() < tried.max() < 1
    assert np.array_equal(tried, design("sobol", 5, 64))


@pytest.mark.parametrize("method", ["sobol", "morris"])
def test_an_outcome_that_never_differs_has_indices_of_zero(method):
    """A chance of zero everywhere is no reason for numbers that are none."""
    tried = design(method, 2, 4)
    assert {one.value for one in indices(method, tried, np.zeros(len(tried)))} == {0.0}


def test_without_salib_the_command_that_brings_it_is_told(monkeypatch):
    """Whoever lacks the extra reads how to install it."""
    monkeypatch.setitem(sys.modules, "SALib.sample.sobol", None)
    with pytest.raises(
        EnvironmentFaultError, match=r"pip install 'trade-simulator\[sensitivity\]'"
    ):
        design("sobol", 2, 4)
