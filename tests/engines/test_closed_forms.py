"""The real engine on worlds that mathematics has solved.

Seeds are fixed, so a test passes always or never. A band holds a right engine in 99.9 % of all
seeds, so that of the 40 bands here one would fail by chance for 1 seed in 25; every test states its
precision as well, so that a band can never be wide enough to mean nothing.
"""

import numpy as np
import pytest
from engines.worlds import (
    CHANNEL,
    GOOD,
    MINIMAL,
    YEAR,
    days,
    life,
    lives,
    orders_of,
    poisson,
    queue,
)
from scipy import stats

from simulator.conditions import conditions
from simulator.draws import Draws
from simulator.estimates import mean
from simulator.ledger import CAUSES
from simulator.scenario.overriding import override
from simulator.scenario.reading import load
from simulator.shocks import shocks
from simulator.specification import specification
from simulator.trajectory import IN_PROGRESS, LOST

ALARM = 0.001
"""Chance that a right engine fails one band, over all seeds."""

VERDICT = {cause: place for place, cause in enumerate(CAUSES)}


def _inside(values, truth, within):
    """The mean of independent values is ``truth``, known to a share ``within`` of it."""
    values = np.asarray(values)
    margin = stats.t.ppf(1 - ALARM / 2, len(values) - 1) * stats.sem(values)
    assert margin < within * truth, f"the band is ± {margin:.4g}, too wide to tell"
    assert abs(values.mean() - truth) < margin, f"{values.mean():.5f} ± {margin:.5f}, not {truth}"


def _spread(values, truth):
    """The standard deviation of independent normal values is ``truth``."""
    low, high = stats.chi2.ppf([ALARM / 2, 1 - ALARM / 2], len(values) - 1)
    total = np.sum((np.asarray(values) - np.mean(values)) ** 2) / truth**2
    assert low < total < high, f"{np.std(values, ddof=1):.5g}, not {truth}"


def _seen(scenario, replications, skip):
    """By replication: share that waits, mean wait, mean number waiting, mean sojourn and use.

    The first ``skip`` days are left out, and orders of the last: theirs may not have ended.
    """
    end, rows = days(scenario), []
    slots = scenario.settlement.channels["bank"].slots.value
    for lived in lives(scenario, replications):
        ours = (lived.created >= skip) & (lived.created < end - skip)
        waits = (lived.granted - lived.created)[ours]
        assert np.isfinite(waits).all(), "an order of the window still waits at the end"
        left = np.nan_to_num(lived.granted, nan=end)
        waiting = np.clip(left, skip, None) - np.clip(lived.created, skip, None)
        sojourn = (lived.accepted - lived.created)[ours].mean()
        used = lived.channels[0].busy / (slots * end)
        length = waiting.sum() / (end - skip)
        rows.append((np.mean(waits > 0), waits.mean(), length, sojourn, used))
    return np.array(rows).T


# --- Stations ---


def test_deterministic_queue_grows_by_one_day_an_order():
    """D/D/1: orders every day and service of two days make the k-th sojourn 2 + (k - 1) days."""
    channel = {"slots": 1, "processing_days": 2, "processing_law": "constant"}
    changes = {f"{CHANNEL}.{name}": value for name, value in channel.items()}
    changes["settlement.patience_days"] = 1e9
    lived = life(load(MINIMAL, {**orders_of(YEAR), **changes, "horizon.end": "2023-12-31"}))
    assert lived.created[:364] == pytest.approx(np.arange(1, 365), abs=1e-9)
    done = np.isfinite(lived.accepted)
    sojourn = (lived.accepted - lived.created)[done]
    assert done.sum() == 181  # the k-th departs on day 1 + 2 k, before day 365
    assert sojourn == pytest.approx(2 + np.arange(181), abs=1e-9)
    assert lived.channels[0].busy == pytest.approx(364, abs=1e-9)
    assert lived.channels[0].in_use == 1


def test_corridor_with_one_slot_carries_one_order_at_a_time():
    """D/D/1 again: two days on the way and one slot make the k-th journey 2 + (k - 1) days."""
    corridor = {"minimum_days": 2, "slots": 1}
    changes = {f"corridors.road.{name}": value for name, value in corridor.items()}
    lived = life(load(MINIMAL, {**orders_of(YEAR), **changes, "horizon.end": "2023-12-31"}))
    done = np.isfinite(lived.arrived)
    assert done.sum() == 181
    assert (lived.arrived - lived.created)[done] == pytest.approx(2 + np.arange(181), abs=1e-9)


def test_single_server_waits_as_in_theory():
    """M/M/1 at 0.8 a day: 80 % wait, 4 days on average, 3.2 orders in the queue, 5 days in all."""
    share, wait, waiting, sojourn, used = _seen(queue(0.8, 10, slots=1), 20, skip=200)
    _inside(share, 0.8, within=0.03)
    _inside(wait, 4.0, within=0.2)
    _inside(waiting, 3.2, within=0.2)
    _inside(sojourn, 5.0, within=0.16)
    _inside(used, 0.8, within=0.03)


def test_three_servers_wait_as_in_theory():
    """M/M/3 at 2.4 a day: 64.7 % wait (Erlang C), 1.079 days on average; slots are 80 % in use."""
    share, wait, waiting, sojourn, used = _seen(queue(2.4, 3, slots=3), 44, skip=80)
    _inside(share, 0.64719, within=0.06)
    _inside(wait, 1.07865, within=0.2)
    _inside(waiting, 2.58876, within=0.2)
    _inside(sojourn, 2.07865, within=0.12)
    _inside(used, 0.8, within=0.03)


def test_variable_service_makes_the_wait_longer():
    """M/G/1 with lognormal service of squared variation 2 waits 6 days (Pollaczek-Khinchine)."""
    scenario = queue(0.8, 10, law="lognormal", slots=1, processing_cv=np.sqrt(2.0))
    share, wait, waiting, _, _ = _seen(scenario, 24, skip=200)
    _inside(share, 0.8, within=0.03)
    _inside(wait, 6.0, within=0.25)
    _inside(waiting, 4.8, within=0.25)


def test_short_queue_blocks_as_in_theory():
    """M/M/3/8 at 4 a day turns away 28.0 % of the orders, and each of them at once."""
    blocked = []
    for lived in lives(queue(4.0, 1, slots=3, queue_limit=5), 24):
        rows = lived.verdict == VERDICT["queue_full"]
        assert np.array_equal(lived.ended[rows], lived.created[rows])
        blocked.append(rows.mean())
    _inside(blocked, 0.27954, within=0.08)


@pytest.mark.parametrize(("law", "cv"), [("exponential", 0.0), ("lognormal", 1.5), ("constant", 0)])
def test_loss_system_forgets_the_law_of_service(law, cv):
    """Erlang B at 8 erlangs on 10 slots loses 12.2 %, whatever the law of the service time."""
    scenario = queue(8.0, 1, law=law, slots=10, queue_limit=0, processing_cv=cv)
    scenario = override(scenario, {"horizon.end": "2023-06-30"})
    lost = [np.mean(lived.state == LOST) for lived in lives(scenario, 20)]
    _inside(lost, 0.12166, within=0.15)


def test_impatient_orders_leave_as_in_theory():
    """Erlang A (3 slots, 4 a day, patience of 2 days): 30.7 % leave, 2.45 wait, 92.4 % in use."""
    scenario = override(queue(4.0, 1, slots=3), {"settlement.patience_days": 2})
    left, waiting, used = [], [], []
    for lived in lives(scenario, 30):
        left.append(np.mean(lived.verdict == VERDICT["slots"]))
        waiting.append(lived.channels[0].waiting / days(scenario))
        used.append(lived.channels[0].busy / (3 * days(scenario)))
    _inside(left, 0.30680, within=0.06)
    _inside(waiting, 2.45437, within=0.08)
    _inside(used, 0.92427, within=0.02)


def test_patience_is_one_for_all_queues():
    """Nobody is served, so all leave after their patience, however many queues they stand in."""
    refusing = {"title": "Refuses all", "share": 0.95, "processing_days": 0, "refusal_share": 1}
    refusing |= {"fee_share": 0, "interruptions": {"between_months": 0.1, "repair_months": 0.3}}
    closed = {"title": "Closed", "share": 0.05, "processing_days": 0, "refusal_share": 0}
    changes = {
        "settlement.attempts": 2,
        "settlement.channels": {"bank": refusing, "other": closed | {"fee_share": 0, "slots": 0}},
    }
    scenario = override(poisson(YEAR, 8, changes), {"settlement.patience_days": 10})
    lived = life(scenario)
    early = lived.created < days(scenario) - 150
    assert np.all(lived.state[early] == LOST)
    assert np.isfinite(lived.granted[early]).any()
    stayed = (lived.ended - lived.created)[early]
    assert stats.kstest(stayed, stats.expon(scale=10).cdf).pvalue > ALARM


@pytest.mark.parametrize(
    ("law", "between"),
    [
        ("constant", stats.uniform(2.0 - 1e-9, 2e-9)),
        ("uniform", stats.uniform(1, 2)),
        ("exponential", stats.expon(scale=2)),
    ],
)
def test_orders_come_by_their_law(law, between):
    """Orders of 2 days on average come every 2 days, within 1 to 3 days, or without memory."""
    lived = life(poisson(YEAR / 2, 10, {"relationships.order_interval": law}))
    gaps = np.diff(lived.created)
    assert np.all((gaps >= between.support()[0]) & (gaps <= between.support()[1]))
    assert law == "constant" or stats.kstest(gaps, between.cdf).pvalue > ALARM


def test_number_under_way_without_limit_is_poisson():
    """M/G/inf: with 1 order a day and 10 days in a corridor, Poisson(10) orders are under way."""
    corridor = {"minimum_days": 4, "excess_days": 6, "excess_cv": 1}
    changes = {f"corridors.road.{name}": value for name, value in corridor.items()}
    scenario = poisson(YEAR, 10, changes)
    # Looks 80 days apart are independent: 1 transit in 2 000 takes that long.
    looks = np.arange(80, days(scenario), 80)
    under_way = np.concatenate(
        [
            [np.sum((lived.shipped <= t) & ~(lived.arrived <= t)) for t in looks]
            for lived in lives(scenario, 8)
        ]
    )
    low, high = stats.poisson.ppf([ALARM / 2, 1 - ALARM / 2], 10 * len(under_way))
    assert low <= under_way.sum() <= high
    dispersion = np.sum((under_way - under_way.mean()) ** 2) / under_way.mean()
    low, high = stats.chi2.ppf([ALARM / 2, 1 - ALARM / 2], len(under_way) - 1)
    assert low < dispersion < high


@pytest.mark.parametrize("patience", [5, 1e9])
def test_time_in_queue_is_the_same_by_order_and_by_station(patience):
    """Little's law in every replication: the integral of the queue is the sum of the waits.

    All relationships die out, so the window starts and ends empty; orders give up, and the channel
    fails now and then.
    """
    dying = {
        f"{GOOD}.relationship_usd_million": 1,
        f"{GOOD}.carrying_rate": 250,
        "relationships.hazard_floor": 1.2,
        f"{CHANNEL}.slots": 3,
        f"{CHANNEL}.processing_days": 0.4,
        f"{CHANNEL}.processing_law": "exponential",
        f"{CHANNEL}.interruptions": {"between_months": 2, "repair_months": 0.3},
        "settlement.patience_days": patience,
    }
    for lived in lives(poisson(1.0, 30, dying), 4):
        (channel,) = lived.channels
        assert not np.any(lived.state == IN_PROGRESS)
        assert channel.in_use == 0
        served = np.isfinite(lived.granted)
        assert served.all() == (patience == 1e9)
        left = np.where(served, lived.granted, lived.ended)
        waits = left - lived.created
        assert np.sum(waits > 0) > 500
        assert channel.waiting == pytest.approx(waits.sum(), rel=1e-12)
        assert channel.busy == pytest.approx(
            (lived.processed - lived.granted)[served].sum(), rel=1e-12
        )


# --- Orders and losses ---


def _yearly(trajectory, years=4):
    """Delivered million dollars in each of some years of 365.25 days."""
    rows = trajectory.is_delivered
    cents = np.histogram(
        trajectory.created[rows], bins=np.arange(years + 1) * YEAR, weights=trajectory.cents[rows]
    )[0]
    return cents / 1e8


def test_turnover_without_friction_is_compound_poisson():
    """100 orders a month of 50 000 +- 50 000 dollars: 60.0 million a year, with an sd of 2.4495."""
    lived = list(lives(poisson(1200.0, 4, {f"{GOOD}.order_cv": 1}), 16))
    turnover = np.concatenate([_yearly(one) for one in lived])
    _inside(turnover, 60.0, within=0.02)
    _spread(turnover, 2.4495)
    counts = np.concatenate([np.histogram(one.created, np.arange(5) * YEAR)[0] for one in lived])
    _inside(counts, 1200.0, within=0.015)
    _spread(counts, np.sqrt(1200.0))


def test_printed_interval_holds_the_average_of_compound_poisson_turnover():
    """V30: 95 % intervals of 1,000 experiments hold the known average in 926 to 971 of them.

    30 orders a year of 2 +- 2 million dollars make 60 million. Experiments of 200 years are
    drawn from 6,000 years of the engine; the bounds are those of a binomial of 0.95 at 99.9 %.
    """
    years = 40
    lived = lives(poisson(30.0, years, {f"{GOOD}.order_cv": 1}), 150)
    pool = np.concatenate([_yearly(one, years) for one in lived])
    _inside(pool, 60.0, within=0.02)
    random = np.random.default_rng(3)
    held = 0
    for _ in range(1000):
        found = mean(random.choice(pool, 200))
        assert found.half_width is not None
        held += abs(found.value - pool.mean()) <= found.half_width
    assert 926 <= held <= 971


@pytest.mark.parametrize(
    "losing",
    [
        {f"{CHANNEL}.refusal_share": 0.1},
        {
            "economies.AAB.customs.green_share": 0,
            "economies.AAB.customs.red_share": 0.5,
            "economies.AAB.customs.rejection_share": 0.2,
        },
    ],
    ids=["refused", "sent back"],
)
def test_independent_losses_are_binomial(losing):
    """Losses of 1 in 10 are binomial, and take 1 in 10 of the turnover of 60 million."""
    lived = list(lives(poisson(1200.0, 4, {f"{GOOD}.order_cv": 1, **losing}), 8))
    lost = sum(int(np.sum(one.state == LOST)) for one in lived)
    orders = sum(len(one.state) for one in lived)
    assert stats.binomtest(lost, orders, 0.1).pvalue > ALARM
    turnover = np.concatenate([_yearly(one) for one in lived])
    _inside(turnover, 54.0, within=0.035)
    _spread(turnover, np.sqrt(1080 * 2) * 0.05)


# --- Interruptions and exchange rates ---


def _interrupted():
    """A channel that works for 6 months and fails for 2, on average."""
    failing = {f"{CHANNEL}.interruptions": {"between_months": 6, "repair_months": 2}}
    return poisson(YEAR, 48, failing)


def test_interruptions_are_an_on_off_process():
    """A channel up for 6 and down for 2 months is down 25 % of the time; both are exponential."""
    spec = specification(_interrupted())
    month, end = YEAR / 12, spec.periods.edges[-1]
    down, repairs, working = [], [], []
    for replication in range(60):
        (windows,) = conditions(spec, Draws(1, replication)).channel_down
        starts, ends = np.array(windows).T
        down.append(np.sum(np.minimum(ends, end) - starts) / end)
        # A fixed number of them: those that fit into the horizon would be the short ones.
        repairs.append((ends - starts)[:30])
        working.append(starts[:30] - np.concatenate([[0.0], ends])[:30])
    _inside(down, 0.25, within=0.08)
    assert stats.kstest(np.ravel(repairs), stats.expon(scale=2 * month).cdf).pvalue > ALARM
    assert stats.kstest(np.ravel(working), stats.expon(scale=6 * month).cdf).pvalue > ALARM


def test_orders_wait_for_the_repair_and_for_nothing_else():
    """Who comes while the channel is down goes on when it is up, who comes while it is up at once.

    Orders see time averages (PASTA): with memoryless orders 25 % of them find the channel down.
    """
    scenario = _interrupted()
    spec = specification(scenario)
    found = []
    for replication in range(2):
        lived = life(scenario, replication)
        (windows,) = conditions(spec, Draws(1, replication)).channel_down
        starts, ends = np.array(windows).T
        place = np.searchsorted(starts, lived.created) - 1
        is_down = (place >= 0) & (lived.created < ends[place])
        expected = np.where(is_down, ends[place], lived.created)
        expected[expected >= days(scenario)] = np.nan
        assert lived.granted == pytest.approx(expected, abs=1e-9, nan_ok=True)
        assert np.array_equal(lived.cause == VERDICT["interrupted"], is_down)
        share = np.sum(np.minimum(ends, days(scenario)) - starts) / days(scenario)
        found.append((is_down.sum(), len(is_down), share))
    hit, orders, share = np.sum(found, axis=0)
    assert stats.binomtest(int(hit), int(orders), share / 2).pvalue > ALARM


def test_exchange_rate_path_is_geometric():
    """After T years a rate that loses 25 % a year averages 1.25^T, with the sd of a lognormal."""
    scenario = load(
        MINIMAL,
        {
            "horizon.end": "2026-12-31",
            "economies.AAA.exchange_rate.depreciation_rate": 0.25,
            "economies.AAA.exchange_rate.volatility": 0.2,
        },
    )
    spec = specification(scenario)
    # The last month stands for its middle, 15.5 days before the end of the 1461 days.
    years = (1461 - 15.5) / YEAR
    rates = []
    for replication in range(1000):
        draws = Draws(1, replication)
        rates.append(shocks(spec, spec.inputs.drawn(draws), draws).log_rate[:, 0])
    last = np.exp([rate[-1] for rate in rates])
    _inside(last, 1.25**years, within=0.05)
    _spread(np.log(last), 0.2 * np.sqrt(years))
    mean, sd = stats.t.interval(1 - ALARM, 999, last.mean(), stats.sem(last)), last.std(ddof=1)
    assert mean[0] < 1.25**years < mean[1]
    # The sd of a sample of 1 000 lognormal numbers of this spread is known to 4 % or so.
    assert sd == pytest.approx(1.25**years * np.sqrt(np.exp(0.04 * years) - 1), rel=0.13)
    early, late = np.array(rates)[:, 20], np.array(rates)[:, 40]
    assert stats.pearsonr(early, late - early).pvalue > ALARM
