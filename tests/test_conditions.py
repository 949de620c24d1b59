"""Conditions: life tables, measurement errors and mega-contracts, as drawn before any order.

Seeds are fixed, so a test passes always or never; a band holds a right model in 99.9 % of seeds.
"""

import numpy as np
import pytest
from engines.worlds import FLAGSHIP, LIFE, MINIMAL, YEAR, busy
from scipy import integrate, stats

from simulator.conditions import CENTS_PER_MILLION, conditions, measurement_errors
from simulator.draws import Draws
from simulator.scenario.reading import load
from simulator.specification import specification

ALARM = 0.001

MORTAL = {f"relationships.{name}": number for name, number in LIFE.items()}

DEAL = {
    "title": "A plant",
    "exporter": "AAA",
    "good": "widgets",
    "document": "framework",
    "signed": "2023-02-01",
    "size_usd_million": 12,
    "size_sigma": 0,
    "execution_share": 1,
    "fulfilment_share": 1,
    "fulfilment_spread": 0,
    "delay_days": 40,
    "spacing_days": 30,
    "instalments": 5,
}


def worlds(changes, replications):
    """The conditions of some replications of the minimal scenario with changes."""
    # The base came about under these numbers, as if the file had said so.
    spec = specification(load(MINIMAL, changes).model_copy(update={"former": {}}))
    return [conditions(spec, Draws(1, replication)) for replication in range(replications)]


def world(changes=None):
    """The conditions of one replication."""
    return worlds(changes, 1)[0]


def deals(**changes):
    """What several hundred contracts of a stream come to."""
    terms = {name: value for name, value in DEAL.items() if name != "signed"}
    return world({"contracts.plant": {**terms, "rate": 300, **changes}}).deals


# --- Lives ---


def test_nothing_ends_a_relationship_without_hazard():
    """Without hazard and failures lives are infinite, sizes mature, and nobody enters."""
    found = world()
    assert [life.mean_years for life in found.lives] == [np.inf, np.inf]
    assert [life.mean_size for life in found.lives] == [1.0, 1.0]
    assert not found.candidates.any()


def test_mean_life_is_the_integral_of_survival():
    """Mean life and mean size of the stock are integrals over the law of survival."""
    for life, ratio in zip(world(MORTAL).lives, (1.0, 1.23), strict=True):

        def alive(age, ratio=ratio):
            hazard = ratio * (0.206 * np.log1p(age / 0.156) + 0.02 * age)
            return (1 + 0.4 * hazard) ** -2.5

        def grown(age, alive=alive):
            return alive(age) * (0.1 + 0.9 * age / (age + 2))

        years = sum(integrate.quad(alive, *s)[0] for s in ((0, 1), (1, 100), (100, 2000)))
        sizes = sum(integrate.quad(grown, *s)[0] for s in ((0, 1), (1, 100), (100, 2000)))
        assert life.mean_years == pytest.approx(years, rel=1e-3)
        assert life.mean_size == pytest.approx(sizes / years, rel=1e-3)
        assert life.survivors[0] == 0.0
        assert life.survivors[-1] == pytest.approx(1.0)
        assert np.all(np.diff(life.survivors) >= 0.0)


def test_constant_hazard_is_an_exponential_life():
    """A hazard of 0.2 a year alone means a life of five years."""
    found = world({"relationships.hazard_floor": 0.2})
    assert found.lives[0].mean_years == pytest.approx(5.0, rel=1e-3)


def test_failed_orders_shorten_life():
    """Twelve orders a year, a quarter refused, of which each tenth ends it: 0.3 a year more."""
    changes = {
        "settlement.channels.bank.refusal_share": 0.25,
        "relationships.exit_after_failure_share": 0.1,
    }
    assert world(changes).lives[0].mean_years == pytest.approx(1 / 0.3, rel=1e-3)
    both = world({**changes, "relationships.hazard_floor": 0.2})
    assert both.lives[0].mean_years == pytest.approx(1 / 0.5, rel=1e-3)
    defaults = {"settlement.default_share": 0.2}
    third = world({**changes, **defaults})
    assert third.lives[0].mean_years == pytest.approx(1 / (12 * (1 - 0.75 * 0.8) * 0.1), rel=1e-3)


def test_entry_keeps_the_stock_at_its_norm():
    """Entry a year x mean life is a stock whose size and value are the base flow."""
    small = {"exports.AAA.goods.widgets.relationship_usd_million": 0.5}
    found = world({**MORTAL, **small})
    for flow, value in enumerate((0.5e6, 40e6)):
        life = found.lives[flow]
        stock = found.candidates[flow] * life.mean_years
        assert stock * life.mean_size * value == pytest.approx(found.norm[flow])


def test_missing_stock_is_found_while_capacity_is_built():
    """Of a stock that is all missing the search elasticity is found within the time of capacity."""
    search = {"relationships.search_elasticity": 0.8, "adjustment.up_years": 4}
    found = world({**MORTAL, **search})
    stock = found.candidates * [life.mean_years for life in found.lives]
    assert found.missing_found == pytest.approx(0.8 / 4 * stock)
    assert not world({**MORTAL, "relationships.search_elasticity": 0}).missing_found.any()


def test_sunk_costs_need_more_candidates():
    """Where only the large enter, as many more candidates come as the small would have carried."""
    spread = {**MORTAL, "relationships.value_sigma": 1.0}
    sunk = {
        **spread,
        "relationships.profit_share": 0.1,
        "relationships.payback_years": 2,
        "exports.AAA.goods.widgets.sunk_cost_usd_million": 6,
    }
    free, dear = world(spread), world(sunk)
    # Those above 30 million a year enter; their share of the value of a law of mean 60 million.
    law = stats.lognorm(1.0, scale=60 * np.exp(-0.5))
    carried = law.expect(lambda value: value, lb=30) / 60
    assert free.candidates[0] / dear.candidates[0] == pytest.approx(carried, rel=1e-6)
    assert free.candidates[1] == dear.candidates[1]


# --- Measurement ---


def test_errors_are_stationary_over_years():
    """In every year from the base on errors have their sd, and go with those of the year before."""
    changes = {
        "statistics.home.log_error_sd": 0.3,
        "statistics.home.persistence_share": 0.6,
    }
    spec = specification(load(MINIMAL, changes))
    numbers = spec.inputs.fixed
    drawn = [measurement_errors(spec, numbers, Draws(1, n))["home"] for n in range(500)]
    assert list(drawn[0]) == [2022, 2023, 2024]
    errors = np.array([[one[year] for year in one] for one in drawn])
    for year in range(3):
        for exporter in range(2):
            low, high = stats.chi2.ppf([ALARM / 2, 1 - ALARM / 2], 500)
            assert low < np.sum(errors[:, year, exporter] ** 2) / 0.3**2 < high
    bound = stats.norm.isf(ALARM / 2) / np.sqrt(500 - 3)
    for early, late, kept in ((0, 1, 0.6), (1, 2, 0.6), (0, 2, 0.36)):
        found = np.corrcoef(errors[:, early, 0], errors[:, late, 0])[0, 1]
        assert abs(np.arctanh(found) - np.arctanh(kept)) < bound
    assert abs(np.corrcoef(errors[:, 1, 0], errors[:, 1, 1])[0, 1]) < np.tanh(bound)


def test_offices_err_on_their_own():
    """Each office has its own errors, and one that makes none is exact."""
    found = world({"statistics.home.log_error_sd": 0.3}).errors
    assert found["home"][2023].all()
    assert not found["abroad"][2023].any()


# --- Contracts ---


def test_dated_contract_is_one_deal():
    """A contract of a stated day is one deal: first due after its delay, in equal instalments."""
    (deal,) = world({"contracts.plant": DEAL}).deals
    assert (deal.flow, deal.contract, deal.number) == (0, 0, 0)
    assert deal.first_day == 31 + 40
    assert (deal.spacing_days, deal.instalments) == (30.0, 5)
    assert deal.face_cents * 5 == 12 * CENTS_PER_MILLION
    assert deal.executed
    assert deal.fulfilment == 1.0


def test_a_single_contract_may_never_be_signed():
    """A contract is signed at a moment like any measure: surely, or never."""
    for share, count in ((0.0, 0), (1.0, 1)):
        signed = {"day": "2023-03-01", "ever_share": share}
        assert len(world({"contracts.plant": {**DEAL, "signed": signed}}).deals) == count


def test_contracts_are_carried_out_with_their_probability():
    """Of contracts with an execution share of 0.35 that share is carried out."""
    drawn = [deal.executed for deal in deals(execution_share=0.35)]
    assert stats.binomtest(sum(drawn), len(drawn), 0.35).pvalue > ALARM


@pytest.mark.parametrize(
    ("mean", "spread", "law"),
    [(0.5, 1.0, stats.uniform()), (0.7, 0.5, stats.beta(5.6, 2.4))],
    ids=["uniform", "beta"],
)
def test_fulfilment_has_its_mean_and_spread(mean, spread, law):
    """Fulfilment is a beta number of its mean; spread 1 around one half is the uniform law."""
    drawn = [d.fulfilment for d in deals(fulfilment_share=mean, fulfilment_spread=spread)]
    assert law.mean() == pytest.approx(mean)
    assert stats.kstest(drawn, law.cdf).pvalue > ALARM


@pytest.mark.parametrize("certain", [0, 1, 0.4])
def test_certain_fulfilment_is_a_number(certain):
    """None, all, or a share without spread is delivered for certain."""
    spread = 0 if certain == 0.4 else 0.8
    drawn = {d.fulfilment for d in deals(fulfilment_share=certain, fulfilment_spread=spread)}
    assert drawn == {certain}


def test_size_of_contracts_is_lognormal_about_its_median():
    """The face value of a contract is lognormal with its median and spread."""
    drawn = np.array([d.face_cents * 5 / CENTS_PER_MILLION for d in deals(size_sigma=0.8)])
    assert stats.kstest(drawn, stats.lognorm(0.8, scale=12).cdf).pvalue > ALARM


def test_stream_of_contracts_is_poisson():
    """Contracts without a day come at their rate over the horizon, equally likely on all days."""
    terms = {name: value for name, value in DEAL.items() if name != "signed"}
    drawn = worlds({"contracts.plant": {**terms, "rate": 1.5, "delay_days": 0}}, 200)
    counts = np.array([len(one.deals) for one in drawn])
    mean = 1.5 * 731 / YEAR
    low, high = stats.poisson.ppf([ALARM / 2, 1 - ALARM / 2], mean * 200)
    assert low <= counts.sum() <= high
    assert counts.var() == pytest.approx(mean, rel=0.33)
    days = [deal.first_day for one in drawn for deal in one.deals]
    assert stats.kstest(days, stats.uniform(0, 731).cdf).pvalue > ALARM
    assert all(deal.number == n for one in drawn for n, deal in enumerate(one.deals))


def test_contracts_of_a_stream_come_after_what_is_known():
    """Until the information date every contract is known; those of chance come later."""
    terms = {name: value for name, value in DEAL.items() if name != "signed"}
    changes = {"information_date": "2023-07-01", "contracts.plant": {**terms, "rate": 50}}
    days = [deal.first_day - 40 for deal in world(changes).deals]
    assert 181 < min(days) < 215
    assert max(days) < 731


# --- The whole ---


def test_conditions_are_a_function_of_seed_and_replication():
    """The same replication of the same seed is the same world; another one is another."""
    spec = specification(load(FLAGSHIP, {"horizon.end": "2024-02-29"}))
    one, again, other = (conditions(spec, Draws(*name)) for name in ((1, 4), (1, 4), (1, 5)))
    assert np.array_equal(one.levels, again.levels)
    assert np.array_equal(one.potential, again.potential)
    assert one.deals == again.deals
    assert not np.array_equal(one.potential, other.potential)


def test_closed_corridor_never_opens():
    """A corridor declared closed is closed from the beginning for ever."""
    scenario = busy({"corridors.rail.closed": True})
    found = conditions(specification(scenario), Draws(1, 0))
    assert found.corridor_closed[0] == ((-90.0, np.inf),)
    assert len(found.corridor_closed[1]) > 1


def test_flow_without_trade_has_no_incumbents():
    """Where nothing was traded no relationships exist, even if something is latent."""
    changes = {
        "exports.AAA.last_usd_million": 0,
        "exports.AAA.average_usd_million": 0,
        "exports.AAA.goods.widgets.latent_usd_million": 5,
    }
    assert world(changes).incumbent == pytest.approx([0.0, 40e6])
