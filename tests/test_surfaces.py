"""Surfaces: known distributions are found again, and what cannot be followed is told."""

from statistics import NormalDist

import numpy as np
import pytest

from simulator.designs import filled
from simulator.draws import Draws
from simulator.portable import normal_quantile
from simulator.surfaces import LEVELS, Axis, Surface, fitted, misfit, terms

AXES = (Axis(-2, 3), Axis(1, 16), Axis(0, 1))
NORMAL = normal_quantile((np.arange(2000) + 0.5) / 2000)
SPREAD = 0.4


def middle(values):
    """Log turnover in the middle: of second degree in places, of which the second is a log."""
    x, y, z = (axis.place(value) for axis, value in zip(AXES, values, strict=True))
    return 4.5 + 0.3 * x - 0.2 * y + 0.1 * x * y - 0.15 * z * z


def turnover(values, bend=0.0):
    """A lognormal sample around that middle."""
    x = AXES[0].place(values[0])
    return np.exp(middle(values) + bend * np.sin(6 * x) + SPREAD * NORMAL)


def settings(count):
    """Settings that fill the ranges."""
    return [(5 * x - 2, float(16**y), z) for x, y, z in filled(3, count).tolist()]


def test_a_known_distribution_is_found_again():
    """Chance and quantiles of a lognormal law are those of its formula, also in the corners."""
    tried = settings(32)
    surface = fitted(AXES, tried, [turnover(one) for one in tried])
    for values in [*settings(64)[32:], (-2, 1, 0), (3, 16, 1), (3, 1, 1)]:
        law = NormalDist(middle(values), SPREAD)
        for target in (40.0, 90.0, 150.0):
            exact = 1 - law.cdf(np.log(target))
            assert surface.chance(values, target) == pytest.approx(
                min(max(exact, 0.01), 0.99), abs=0.002
            )
        for level in (0.1, 0.5, 0.9):
            assert surface.turnover(values, level) == pytest.approx(
                np.exp(law.inv_cdf(level)), rel=0.003
            )


def test_what_is_not_of_second_degree_is_told():
    """Held-out settings show a bend that the fit cannot follow, and nothing where there is none."""
    tried = settings(64)
    for bend, low, high in ((0.0, 0.0, 0.003), (0.5, 0.15, 0.6)):
        found = [turnover(one, bend) for one in tried]
        surface = fitted(AXES, tried[:48], found[:48])
        off = misfit(surface, tried[48:], found[48:], (60.0, 90.0, 130.0))
        assert off.settings == 16
        assert off.typical <= off.largest
        assert low <= off.largest <= high
        assert low <= off.largest_share <= high + 0.5 * bend


def test_a_misfit_is_what_a_reader_would_find():
    """Largest and typical error are those of comparing every chance by hand."""
    tried = settings(40)
    found = [turnover(one, 0.3) for one in tried]
    surface = fitted(AXES, tried[:30], found[:30])
    off = misfit(surface, tried[30:], found[30:], (90.0,))
    errors = [
        surface.chance(values, 90.0) - np.mean(one >= 90.0)
        for values, one in zip(tried[30:], found[30:], strict=True)
    ]
    assert off.largest == pytest.approx(np.max(np.abs(errors)))
    assert off.typical == pytest.approx(np.sqrt(np.mean(np.square(errors))))


def test_quantiles_never_cross_and_chances_fall_with_the_target():
    """A larger target is never likelier, whatever the coefficients; chances end at 1 and 99."""
    shares = Draws(1, range(50)).shares([f"c{n}" for n in range(terms(3))])
    shares[:, 1:] -= 0.5
    surface = Surface(AXES, tuple(map(tuple, 4 * shares)))
    for values in settings(16):
        assert np.all(np.diff(surface.logs(values)) >= 0)
        chances = [surface.chance(values, target) for target in np.geomspace(1e-3, 1e6, 60)]
        assert chances == sorted(chances, reverse=True)
        assert chances[0] == pytest.approx(0.99)
        assert chances[-1] == pytest.approx(0.01)


def test_the_ends_of_an_axis_are_its_ends():
    """Places go from -1 to 1; far ends are told apart by their logarithms."""
    for axis in AXES:
        assert (axis.place(axis.low), axis.place(axis.high)) == pytest.approx((-1, 1))
    assert Axis(1, 16).place(4) == pytest.approx(0)
    assert Axis(0, 16).place(8) == pytest.approx(0)
    assert Axis(10, 30).place(20) == pytest.approx(0)


def test_nothing_is_traded_somewhere():
    """A setting at which trade ends leaves a surface of finite numbers."""
    tried = settings(32)
    found = [turnover(one) * (one[2] < 0.5) for one in tried]
    surface = fitted(AXES, tried, found)
    assert np.all(np.isfinite(surface.coefficients))
    assert 0.01 - 1e-9 <= surface.chance((0, 4, 1), 90.0) <= 0.99 + 1e-9
    assert misfit(surface, tried, found, (90.0,)).largest > 0.02


def test_levels_stand_for_equal_numbers_of_runs():
    """Fifty levels, each in the middle of 2 of 100 runs."""
    assert len(LEVELS) == 50
    assert np.allclose(np.diff(LEVELS), 0.02)
    assert sum(LEVELS) == pytest.approx(25)
