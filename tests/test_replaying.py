"""Replaying: what is told of one replication is what happened in it."""

import json

import numpy as np
import pyarrow.parquet as pq
import pytest
from engines.worlds import busy

from simulator import replaying
from simulator.errors import EnvironmentFaultError
from simulator.ledger import CAUSES
from simulator.replaying import SCHEMA, replayed
from simulator.replication import replicate
from simulator.trajectory import DEFAULTED, DELIVERED, IN_PROGRESS, LOST, PAID

LAST = {
    LOST: {"lost"},
    DELIVERED: {"delivered"},
    PAID: {"settled"},
    DEFAULTED: {"defaulted"},
    IN_PROGRESS: {*replaying.STAGES, "hindered"},
}


def by_order(replay):
    """The events of every order, as they stand in the table."""
    found = {}
    for row in replay.events.to_pylist():
        found.setdefault(row["order"], []).append(row)
    return found


def test_events_are_in_order_of_time(replay):
    """The whole table, and so each order's events, go forward in time; each order is there."""
    rows = replay.events.to_pylist()
    assert [(r["day"], r["order"]) for r in rows] == sorted((r["day"], r["order"]) for r in rows)
    assert set(by_order(replay)) == set(range(replay.orders))
    assert rows[0]["day"] < 0.0  # the warm-up is part of the story
    for row in rows:
        assert row["date"] == replay.spec.periods.date(row["day"])


def test_events_of_an_order_follow_the_course_of_an_order(replay):
    """Stages come in their own order, and the first event is that the order was placed."""
    for rows in by_order(replay).values():
        assert rows[0]["event"] == "created"
        course = [row["event"] for row in rows if row["event"] in replaying.STAGES]
        assert course == sorted(course, key=replaying.STAGES.index)
        hindered = [place for place, row in enumerate(rows) if row["event"] == "hindered"]
        assert len(hindered) <= 1
        assert all(place > 0 for place in hindered)


def test_the_last_event_of_an_order_agrees_with_its_state(replay):
    """What happened last is the state that the order has; money and places are its own."""
    log = replay.trajectory
    for order, rows in by_order(replay).items():
        assert rows[-1]["event"] in LAST[int(log.state[order])]
        assert {row["value_usd"] for row in rows} == {log.cents[order] / 100}
        assert {row["good"] for row in rows} == {replay.spec.flows[log.flow[order]].good}
        if rows[-1]["event"] == "lost":
            assert rows[-1]["cause"] == list(CAUSES)[log.verdict[order]]


def test_the_obstacle_stands_where_it_was_met(replay):
    """Of events at one time, the obstacle comes after what led to it and before what it delayed."""
    before = {"clearing": "processed", "corridor_closed": "produced", "rejected": "arrived"}
    after = {"slots": "granted", "interrupted": "granted"}
    met = set()
    for rows in by_order(replay).values():
        names = [row["event"] for row in rows]
        if "hindered" not in names:
            continue
        place = names.index("hindered")
        cause = rows[place]["cause"]
        met.add(cause)
        if cause in before:
            assert names[place - 1] == before[cause]
        if cause in after and len(names) > place + 1:
            assert names[place + 1] in (after[cause], "lost")
    assert {"refused", "slots", "interrupted", "clearing", "corridor_closed"} <= met


@pytest.mark.parametrize("replication", [0, 3])
def test_a_replay_is_the_replication_of_the_run(replication):
    """Orders, deliveries and losses are those that the tables of a run hold."""
    scenario = busy()
    table = replicate(scenario, 1, range(5)).tables["replications"].to_pylist()[replication]
    found = replayed(scenario, 1, replication)
    log = found.trajectory
    assert found.delivered_cents == table["delivered_cents"]
    assert found.orders == table["orders"]
    assert int(log.is_delivered.sum()) == table["delivered_orders"]
    deals = list(replaying.largest_deals(found))
    assert deals[0].cents == table["largest_deal_cents"]
    months = replaying.facts(found)["months"]
    in_year = sum(m["delivered_usd_million"] for m in months if m["month"].startswith("2023"))
    assert in_year == pytest.approx(table["delivered_cents"] / 1e8)
    lost = sum(m["lost_orders"] for m in months)
    assert lost == int(((log.state == LOST) & (log.ended >= 0.0)).sum())


def test_the_first_channel_is_the_one_that_was_tried(replay):
    """Drawn again, the channel that an order tries first is the one that took it, if none erred."""
    kinds = set()
    for replication in range(4):
        found = replayed(busy(), 1, replication)
        log = found.trajectory
        smooth = (log.channel >= 0) & np.isnan(log.hindered)
        some = [*np.flatnonzero(smooth)[::5], *np.flatnonzero(smooth & log.is_contract)]
        for order in map(int, some):
            kinds.add(int(log.stream[order]))
            assert replaying.first_channel(found, order) == log.channel[order]
    assert kinds == {0, 1, 2, 3}  # partners of both kinds, and both contracts
    log = replay.trajectory
    for order in np.flatnonzero((log.channel >= 0) & (log.cause == 0))[:40].tolist():
        first = replaying.first_channel(replay, order)  # with two channels, the other one
        assert first != log.channel[order]


def test_orders_that_are_not_said_to_differ_are_the_same(replay, changed, parting):
    """Every order is told to differ, or has the same life in both."""
    differing = {split.orders[0] for split in parting}
    ours, theirs = (replaying.lives(r, 0) for r in (replay, changed))
    for key, life in ours.items():
        if life[0]["order"] not in differing:
            assert [r["day"] for r in life] == [r["day"] for r in theirs[key]]
    assert len(differing) < len(ours)


def test_difference_as_plain_values(replay, changed, parting):
    """A program gets the same numbers."""
    told = json.loads(json.dumps(replaying.difference(replay, changed), allow_nan=False))
    assert told["differing_orders"] == len(parting) == sum(told["by_month"].values())
    assert told["first"][0]["day"] == parting[0].day
    assert min(told["by_month"]) >= "2024-01"
    assert [d["path"] for d in told["inputs"]] == ["measures.guarantee"]
    assert told["a"]["orders"] == replay.orders


def test_events_come_back_from_a_file(replay, tmp_path):
    """The Parquet file holds the table; a file that cannot be written is told."""
    file = tmp_path / "events.parquet"
    replaying.stored(replay.events, file)
    back = pq.read_table(file)
    assert back == replay.events
    assert back.schema.equals(SCHEMA)
    assert [path.name for path in tmp_path.iterdir()] == ["events.parquet"]
    with pytest.raises(EnvironmentFaultError):
        replaying.stored(replay.events, tmp_path / "missing" / "events.parquet")
