"""Relationships: published survival, small starts, economic order quantity, entry."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from simulator.equations.relationships import (
    births_per_year,
    cumulative_hazard,
    enters,
    size,
    survival,
)
from simulator.scenario.reading import load

FLAGSHIP = Path(__file__).parents[2] / "scenarios" / "iran-belarus-2023.yaml"


def alive(years, *, homogeneous=False, **changed):
    """Share of relationships alive by age, at the flagship's central numbers."""
    law = load(FLAGSHIP).relationships
    names = ("hazard_shape", "hazard_scale_years", "hazard_floor", "frailty_variance")
    number = {name: getattr(law, name).central for name in names} | changed
    age = np.asarray(years, dtype=float)
    hazard = cumulative_hazard(
        age,
        np.log(1 + age / number["hazard_scale_years"]),
        number["hazard_shape"],
        number["hazard_floor"],
        law.homogeneous_hazard_ratio.central if homogeneous else 1.0,
    )
    return survival(hazard, number["frailty_variance"])


def test_survival_is_the_published_one():
    """67, 49 and 42 % of relationships live 1, 4 and 12 years (Besedes and Prusa 2006)."""
    assert alive([1, 4, 12]) == pytest.approx([0.67, 0.49, 0.42], abs=0.03)
    assert alive(0) == 1.0


def test_homogeneous_goods_have_the_larger_hazard():
    """The hazard of homogeneous goods is 23 % higher at every age (Besedes and Prusa)."""
    age = np.geomspace(0.01, 30)
    plain, homogeneous = (
        -np.log(alive(age, homogeneous=is_so, frailty_variance=0.0)) for is_so in (False, True)
    )
    assert homogeneous / plain == pytest.approx(np.full_like(age, 1.23))
    assert np.all(alive(age, homogeneous=True) < alive(age))


def test_median_life_of_homogeneous_goods_is_shorter():
    """Half of the differentiated live 2 to 5 years and more than half of the homogeneous do not."""
    age = np.linspace(0.01, 10, 2000)
    differentiated, homogeneous = (
        age[np.argmax(alive(age, homogeneous=is_so) < 0.5)] for is_so in (False, True)
    )
    assert 1 < homogeneous < differentiated
    assert 2 < differentiated < 5


def test_hazard_falls_with_age_to_its_floor():
    """The hazard never rises, starts at shape / scale + floor and ends at the floor."""
    age = np.concatenate([[0.0, 1e-6], np.geomspace(0.001, 1e5, 400), [1e6, 1e6 + 1]])
    total = cumulative_hazard(age, np.log1p(age / 0.156), 0.206, 0.02, 1.0)
    hazard = np.diff(total) / np.diff(age)
    assert np.all(np.diff(hazard) < 1e-9)
    assert hazard[0] == pytest.approx(0.206 / 0.156 + 0.02, rel=1e-4)
    assert hazard[-1] == pytest.approx(0.02, rel=1e-4)


@pytest.mark.parametrize("variance", [0.1, 0.4, 2.0])
def test_survival_is_the_mean_over_frailties(variance):
    """Survival averages e^(-Z H) over a gamma frailty Z of mean 1 and the stated variance."""
    frailty = stats.gamma(1 / variance, scale=variance)
    assert frailty.mean() == pytest.approx(1.0)
    assert frailty.var() == pytest.approx(variance)
    for hazard in (0.1, 1.0, 4.0):
        mean = frailty.expect(lambda z, hazard=hazard: np.exp(-z * hazard))
        assert float(survival(np.array(hazard), variance)) == pytest.approx(mean, rel=1e-6)


def test_without_frailty_survival_is_exponential_in_the_hazard():
    """A vanishing frailty leaves e^(-H)."""
    hazard = np.array([0.0, 0.5, 3.0])
    assert survival(hazard, 0.0) == pytest.approx(np.exp(-hazard))
    assert survival(hazard, 1e-9) == pytest.approx(np.exp(-hazard), rel=1e-6)


def test_small_starts_grow():
    """A relationship starts at its share, is half-way after its growth time and never shrinks."""
    age = np.geomspace(0.001, 1e6)
    grown = size(age, 0.1, 2.0)
    assert size(0.0, 0.1, 2.0) == 0.1
    assert size(2.0, 0.1, 2.0) == pytest.approx(0.55)
    assert np.all(np.diff(grown) > 0.0)
    assert grown[-1] == pytest.approx(1.0, abs=1e-5)
    assert size(1.0, 0.1, 0.0) == pytest.approx(1.0)


def test_births_at_the_norm_replace_who_leaves():
    """With the stock at its norm as many come as keep it there, times the support of search."""
    assert births_per_year(8.0, 3.0, 1.0, 1.0, 1.0, 0.3) == 8.0
    assert births_per_year(8.0, 3.0, 1.25, 1.0, 1.0, 0.3) == 10.0


def test_missing_relationships_raise_births():
    """A tenth missing raises births by a tenth of what finds a whole stock; partners help."""
    assert births_per_year(8.0, 5.0, 1.0, 0.9, 1.0, 0.0) == pytest.approx(8.5)
    assert births_per_year(8.0, 5.0, 1.0, 1.0, 1.5, 0.4) == pytest.approx(9.6)
    assert births_per_year(8.0, 5.0, 1.0, 0.0, 0.0, 0.4) == pytest.approx(13 * 0.6)
    assert births_per_year(0.0, 5.0, 1.0, 0.0, 0.0, 0.0) == 5.0
    assert births_per_year(8.0, 5.0, 1.0, 9.0, 1.0, 0.0) == 0.0


@settings(derandomize=True)
@given(st.lists(st.floats(0, 1.9), min_size=2, max_size=20), st.floats(0, 1), st.floats(0, 1))
def test_chance_in_a_small_stock_raises_no_births_on_average(stocks, found, spillover):
    """Births respond in straight lines: their mean over stocks is that at the mean stock."""
    by_mass = [births_per_year(1.0, found, 1.0, stock, 1.0, spillover) for stock in stocks]
    by_number = [births_per_year(1.0, found, 1.0, 1.0, stock, spillover) for stock in stocks]
    mean = float(np.mean(stocks))
    assert np.mean(by_mass) == pytest.approx(births_per_year(1, found, 1, mean, 1, spillover))
    assert np.mean(by_number) == pytest.approx(births_per_year(1, found, 1, 1, mean, spillover))


def test_entry_pays_when_profits_cover_the_sunk_cost():
    """At 15 % over three years 0.9 million a year cover sunk costs of 0.4 million, 0.8 do not."""
    assert enters(0.9e6, 0.15, 3.0, 0.4e6)
    assert not enters(0.8e6, 0.15, 3.0, 0.4e6)
    assert enters(0.0, 0.15, 3.0, 0.0)
