"""Why trade is what it is: shares that add up, known values, and findings that surprise."""

from fractions import Fraction
from itertools import permutations

import numpy as np
import pytest
from engines.worlds import MINIMAL, busy

import simulator
from simulator import runs
from simulator.attribution import coalitions
from simulator.errors import ScenarioError
from simulator.executors import workforce
from simulator.ledger import LOSSES, POTENTIAL, REALISED
from simulator.reasons import (
    NOBODY,
    Outcome,
    Study,
    as_data,
    outcome,
    reasons,
    study,
    why,
)
from simulator.scenario.frictions import Friction
from simulator.scenario.reading import load
from simulator.simulation import condensed

BANK = "settlement.channels.bank"
REPLICATIONS = 5


def world(changes):
    """The minimal scenario with some frictions, under which the base was observed."""
    return load(MINIMAL, changes).model_copy(update={"former": {}})


@pytest.fixture(scope="module")
def frictional():
    """Four frictions that meet the same orders."""
    return world(
        {
            f"{BANK}.refusal_share": 0.3,
            f"{BANK}.processing_days": 20,
            f"{BANK}.slots": 1,
            f"{BANK}.interruptions": {"between_months": 8, "repair_months": 1},
            "economies.*.customs.red_share": 1,
            "economies.*.customs.green_share": 0,
            "economies.*.customs.rejection_share": 0.2,
            "settlement.patience_days": 40,
            "relationships.order_interval": "exponential",
        }
    )


@pytest.fixture(scope="module")
def outcomes(frictional):
    """What every combination of removals comes to, each run by itself."""
    asked = study(frictional)
    return {
        there: outcome(simulator.run(asked.removed(there), replications=REPLICATIONS, seed=3))
        for there in asked.coalitions
    }


@pytest.fixture(scope="module")
def found(frictional):
    """The reasons of the same."""
    return why(frictional, replications=REPLICATIONS, seed=3)


def test_shares_and_rest_add_up_to_the_loss_to_the_cent(found):
    """Frictions and what is left are potential less realised, in whole cents."""
    assert sum(one.cents for one in found.frictions) + found.rest.cents == found.loss_cents
    assert sum(one.cents for one in found.rest_parts) == found.rest.cents
    assert len(found.frictions) == 4


def test_the_ledger_adds_up_to_the_cent_in_the_means_and_in_every_run(found, outcomes):
    """Potential and all steps are realised trade, on average and in each replication."""
    assert found.potential.cents + sum(one.cents for one in found.ledger) == found.realised.cents
    books = outcomes[NOBODY].books
    every = books[POTENTIAL] - sum(books[key] for key in LOSSES)
    assert np.array_equal(every, books[REALISED])
    for step in found.ledger:
        assert step.cents == pytest.approx(-books[step.key].mean(), abs=1)


def test_the_shares_are_the_averages_over_all_orders_of_removal(found, outcomes):
    """Each friction's share is its mean addition over 24 orders, from runs made one by one."""
    for one in found.frictions:
        added = []
        for order in permutations(share.key for share in found.frictions):
            before = frozenset(order[: order.index(one.key)])
            less, more = (outcomes[there].books[REALISED] for there in (before, before | {one.key}))
            added.append(Fraction(int((more - less).sum()), REPLICATIONS))
        assert one.cents == pytest.approx(float(sum(added) / len(added)), abs=1)
        assert one.mean.value == pytest.approx(one.cents / 1e8)


def test_no_removal_moves_the_potential(found, outcomes):
    """Never count a friction twice: what fails orders stands in no wedge, in any combination."""
    potential = outcomes[NOBODY].books[POTENTIAL]
    for one in outcomes.values():
        assert np.array_equal(one.books[POTENTIAL], potential)
    assert [one.potential for one in found.frictions] == [None] * 4


def test_what_is_removed_is_lost_in_no_account(outcomes):
    """Without a friction its own accounts are empty in every run."""
    own = {
        "payments": ["lost_refused"],
        "interruptions": ["lost_interrupted"],
        "queues": ["lost_slots", "lost_queue_full"],
        "customs": ["lost_rejected"],
    }
    for there, one in outcomes.items():
        for key in there:
            assert not any(one.books[account].any() for account in own[key]), (there, key)


def test_a_single_friction_takes_all_that_can_come_back():
    """With one friction its share, alone and last are one number: what its removal brings."""
    scenario = world({f"{BANK}.refusal_share": 0.25})
    told = why(scenario, replications=4)
    (only,) = told.frictions
    free = simulator.run(simulator.override(scenario, {f"{BANK}.refusal_share": 0}), replications=4)
    base = simulator.run(scenario, replications=4)
    gain = runs.accounts(free)[REALISED] - runs.accounts(base)[REALISED]
    assert only.cents == round(gain.mean())
    assert only.alone == only.last == told.together
    # Nothing else stops an order here: all that refusal takes comes back, and the rest is when
    # orders are placed.
    books = runs.accounts(base)
    assert gain.tolist() == books["lost_refused"].tolist()
    assert told.rest.cents == round(books["search"].mean())
    assert [one.key for one in told.rest_parts] == ["search"]


def test_a_world_without_friction_has_nothing_to_share_out():
    """All trade is potential, nothing binds, and the rest is what the ledger says."""
    told = why(load(MINIMAL), replications=2)
    assert (told.frictions, told.binds, told.surprises, told.prices) == ((), (), (), ())
    assert told.settings == 1
    assert told.loss_cents == told.rest.cents


def test_a_friction_that_meets_nobody_is_a_null_player():
    """A limit above all that is ever asked costs nothing, and its price is zero."""
    scenario = world({f"{BANK}.refusal_share": 0.25, f"{BANK}.slots": 1000})
    told = why(scenario, replications=3)
    idle = next(one for one in told.frictions if one.key == "queues")
    assert (idle.cents, idle.alone.trade.value, idle.last.trade.value) == (0, 0, 0)
    (price,) = told.prices
    assert (price.step, price.usd_million_per_unit, price.points_per_unit) == (100, 0, 0)


def test_a_credit_limit_has_its_price_in_dollars():
    """One-sided trade through clearing is bounded by credit: each dollar more lets a dollar pass.

    Nothing flows the other way and nothing is netted, so the account fills once; orders of
    5 million fill steps of whole orders.
    """

    def at(limit):
        account = {"credit_limit_usd_million": limit, "netting_share": 0}
        one_sided = {"exports.AAB.last_usd_million": 0, "exports.AAB.average_usd_million": 0}
        changes = {f"{BANK}.clearing": account, "settlement.patience_days": 1, **one_sided}
        told = why(world(changes), replications=4)
        (price,) = told.prices
        return told, price

    told, price = at(10.001)
    assert told.realised.cents == 1_000_000_000
    assert (price.step, price.usd_million_per_unit) == (1, 0)  # less than one more order
    told, price = at(50.001)
    assert (price.step, price.usd_million_per_unit, price.effect.is_clear) == (5, 1, True)
    (binding,) = told.binds
    assert binding.key == "clearing"
    assert binding.effect.trade.value == pytest.approx(5)  # the eleventh order of the year


def test_what_binds_is_what_brings_most_and_then_what_brings_most_without_it(found, outcomes):
    """The first is the largest gain alone, the second the largest gain once the first is gone."""

    def realised(*gone):
        return outcomes[frozenset(gone)].books[REALISED].mean()

    keys = [one.key for one in found.frictions]
    first = max(keys, key=realised)
    after = max((key for key in keys if key != first), key=lambda key: realised(first, key))
    assert [one.key for one in found.binds] == [first, after][: len(found.binds)]
    assert len(found.binds) >= 1


def test_orders_are_sampled_where_asked(frictional, found):
    """Few orders still add up to the cent; the error of sampling is told and covers the truth."""
    told = why(frictional, sampled=12, replications=REPLICATIONS, seed=3)
    assert told.orders == 12
    assert sum(one.cents for one in told.frictions) + told.rest.cents == told.loss_cents
    exact = {one.key: one for one in found.frictions}
    for one in told.frictions:
        assert one.order_half_width is not None
        # Three times the 95 % half-width: a false alarm in many millions.
        assert abs(one.cents - exact[one.key].cents) <= 3e8 * one.order_half_width + 1
        assert one.alone == exact[one.key].alone
        assert one.last == exact[one.key].last
    assert told.binds == found.binds


def test_more_than_seven_frictions_are_sampled():
    """Eight kinds are 256 combinations: orders are drawn instead, the same ones every time."""
    scenario = busy()
    extra = {"corridors.road.slots": 40}
    asked = study(simulator.override(scenario, extra))
    assert len(asked.frictions) == 8
    assert asked.orders is not None
    assert len(asked.coalitions) < 2**8
    assert asked == study(simulator.override(scenario, extra))


def settled(game, potential):
    """Outcomes of a game: what is realised by the frictions that are gone, in cents by run."""

    def answer(questions):
        found = []
        for question in questions:
            gone = frozenset(key for key in "abc" if key in question.scenario.title.split())
            books = {key: np.zeros(12, dtype=np.int64) for key in LOSSES}
            books[REALISED] = np.array(game(gone), dtype=np.int64)
            books[POTENTIAL] = np.full(12, potential)
            books["search"] = books[POTENTIAL] - books[REALISED]
            found.append(Outcome("toy", books, books[REALISED] >= potential))
        return found

    return answer


class Toy(Study):
    """A study whose scenarios only say what is gone."""

    def removed(self, gone):
        """A scenario that says so in its title."""
        return self.scenario.model_copy(update={"title": " ".join(sorted(gone))})


def toy(game, potential=1000):
    """The reasons of a game of three."""
    players = tuple(Friction(key, key, {key: None}) for key in "abc")
    return reasons(Toy(load(MINIMAL), players, (), None), 1, 12, settled(game, potential))


def test_known_values_of_a_toy():
    """The glove game in cents: the scarce friction gets two thirds, cents add up."""
    told = toy(lambda gone: [100 * ("a" in gone and len(gone) > 1)] * 12)
    assert {one.key: one.cents for one in told.frictions} == {"a": 67, "b": 17, "c": 16}
    assert (told.rest.cents, told.loss_cents) == (900, 1000)
    assert {one.key: one.mean.value * 1e8 for one in told.frictions} == {
        "a": pytest.approx(200 / 3),
        "b": pytest.approx(50 / 3),
        "c": pytest.approx(50 / 3),
    }


def test_a_removal_that_lowers_trade_is_told_with_what_takes_it():
    """Removing one friction lowers trade in every run: a finding, with the account that grows."""
    base = np.arange(700, 820, 10)
    told = toy(lambda gone: base + 50 * ("b" in gone) - 30 * ("a" in gone))
    assert [(one.key, one.is_alone, one.is_trade) for one in told.surprises] == [
        ("a", True, True),
        ("a", False, True),
    ]
    (taker,) = told.surprises[0].takers
    assert (taker.key, taker.cents) == ("search", 30)
    assert told.frictions[-1].cents == -30
    assert [(one.key, one.rivals) for one in told.binds] == [("b", ())]


def test_equals_are_rivals():
    """Where two removals bring the same in every run, none is told to bind more than the other."""
    base = np.arange(700, 820, 10)
    told = toy(lambda gone: base + 50 * ("b" in gone) + 50 * ("c" in gone))
    first, second = told.binds
    assert (first.key, first.rivals, second.key, second.rivals) == ("b", ("c",), "c", ())


def test_an_interruption_may_help():
    """Orders that find a jammed channel down take another one: its repair costs trade.

    The bank nets nothing and gives no credit, so what it accepts waits in vain; orders that find it
    down go elsewhere and are paid. In a real run the tool says so, and what takes them.
    """
    bank = {
        "share": 0.9,
        "clearing": {"credit_limit_usd_million": 0.001, "netting_share": 0},
        "interruptions": {"between_months": 2, "repair_months": 2},
    }
    other = {"title": "Cash", "share": 0.1, "processing_days": 0, "refusal_share": 0}
    told = why(
        world(
            {
                **{f"{BANK}.{name}": value for name, value in bank.items()},
                "settlement.channels.cash": {**other, "fee_share": 0},
                "settlement.attempts": 2,
                "settlement.patience_days": 5,
                "exports.AAB.last_usd_million": 0,
                "exports.AAB.average_usd_million": 0,
            }
        ),
        replications=8,
    )
    surprise = told.surprises[0]
    assert (surprise.key, surprise.is_alone, surprise.is_trade) == ("interruptions", True, True)
    assert surprise.takers[0].key == "lost_clearing"
    assert surprise.effect.trade.value < -5
    assert [one.key for one in told.binds] == ["clearing"]


def test_a_target_year_that_is_cut_off_is_refused():
    """S201 before anything is run."""
    scenario = load(MINIMAL, {"horizon.end": "2023-11-30"})
    with pytest.raises(ScenarioError) as caught:
        study(scenario)
    assert caught.value.problems[0].code == "S201"


def test_runs_are_kept_and_asked_once(frictional, tmp_path):
    """Every combination lies in the store, and the same question computes nothing again."""
    asked = study(frictional)
    crew = workforce(1, "reference")
    computed = []

    def made(questions):
        return condensed(
            questions,
            crew,
            outcome,
            results=tmp_path,
            progress=lambda done, _: computed.append(done),
        )

    first = reasons(asked, 3, 2, made)
    assert len(list((tmp_path / "minimal").glob("*-2"))) == first.settings == 16 + 1
    assert computed
    computed.clear()
    assert reasons(asked, 3, 2, made) == first
    assert computed == []


def test_tables_and_data_say_the_same(found):
    """V45: every number of the tables is that of the value, and all is plain data."""
    table = found.table("frictions")
    assert sum(table["cents"].to_pylist()) == found.loss_cents
    assert table["alone_trade_usd_million"].to_pylist()[:-1] == [
        one.alone.trade.value for one in found.frictions
    ]
    ledger = found.table("ledger")["cents"].to_pylist()
    assert sum(ledger[:-1]) == ledger[-1] == found.realised.cents
    assert found.table("prices")["step"].to_pylist() == [1]
    data = as_data(found)
    assert data["id"] == found.id
    assert data["prices"][0]["usd_million_per_unit"] == found.prices[0].usd_million_per_unit
    with pytest.raises(KeyError):
        found.table("nothing")


def test_every_coalition_is_asked_once(frictional):
    """All 16 of four frictions, the empty one first."""
    keys = [one.key for one in study(frictional).frictions]
    assert study(frictional).coalitions == list(coalitions(keys))
