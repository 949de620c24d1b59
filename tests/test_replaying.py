"""Replaying: what is told of one replication is what happened in it."""

# ruff: noqa: SLF001 -- the first channel follows from draws and is no public name

import json
from dataclasses import fields, replace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from engines.worlds import busy, flagship

from simulator import replaying
from simulator.errors import EnvironmentFaultError
from simulator.ledger import CAUSES
from simulator.replaying import SCHEMA, STATES, replayed
from simulator.replication import replicate
from simulator.trajectory import DEFAULTED, DELIVERED, IN_PROGRESS, LOST, PAID

LAST = {
    LOST: {"lost"},
    DELIVERED: {"delivered"},
    PAID: {"settled"},
    DEFAULTED: {"defaulted"},
    IN_PROGRESS: {*replaying.STAGES, "hindered"},
}
GUARANTEE = {
    "measures.guarantee": {
        "title": "A guarantee for payments",
        "at": "2024-01-01",
        "effects": {"fewer": {"path": "settlement.channels.*.refusal_share", "multiply": 0.1}},
    }
}


@pytest.fixture(scope="module")
def replay():
    """A replication in which everything happens."""
    return replayed(busy(), 1, 3)


@pytest.fixture(scope="module")
def changed():
    """The same under a measure that begins a year later."""
    return replayed(busy(GUARANTEE), 1, 3)


@pytest.fixture(scope="module")
def parting(replay, changed):
    """Where the two part."""
    return replaying.splits(replay, changed)


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
    deals = list(replaying._largest(found))
    assert deals[0][0] == table["largest_deal_cents"]
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
            assert replaying._first_channel(found, order) == log.channel[order]
    assert kinds == {0, 1, 2, 3}  # partners of both kinds, and both contracts
    log = replay.trajectory
    for order in np.flatnonzero((log.channel >= 0) & (log.cause == 0))[:40].tolist():
        first = replaying._first_channel(replay, order)  # with two channels, the other one
        assert first != log.channel[order]


def test_a_scenario_differs_nowhere_from_itself(replay):
    """The same question has the same answer, event by event."""
    again = replayed(busy(), 1, 3)
    assert replaying.splits(replay, again) == []
    told = replaying.divergence(replay, again)
    assert "The inputs are the same." in told
    assert "No difference" in told


def test_nothing_differs_before_the_cause(replay, changed, parting):
    """A measure from 2024 on changes nothing before its day, and something after it."""
    day = replay.spec.periods.day(changed.scenario.measures["guarantee"].at.day)
    assert parting
    assert parting[0].day >= day
    assert [split.day for split in parting] == sorted(split.day for split in parting)
    told = replaying.divergence(replay, changed)
    assert "measures.guarantee: in A absent, in B A guarantee for payments" in told
    both = replay.orders + sum(split.orders[0] is None for split in parting)
    counted = f"{len(parting)} of {both} orders differ".replace(",", " ")
    assert counted in told
    first = str(replay.spec.periods.date(parting[0].day))
    assert told.partition("The first difference\n")[2].strip().startswith(first)


def test_orders_that_are_not_said_to_differ_are_the_same(replay, changed, parting):
    """Every order is told to differ, or has the same life in both."""
    differing = {split.orders[0] for split in parting}
    ours, theirs = (replaying._lives(r, 0) for r in (replay, changed))
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


def test_an_order_that_only_one_has_is_told(replay):
    """An order that was never placed differs in that."""
    log = replay.trajectory
    columns = {
        field.name: getattr(log, field.name)[:-1]
        for field in fields(log)
        if isinstance(getattr(log, field.name), np.ndarray)
        and len(getattr(log, field.name)) == len(log.flow)
    }
    less = replace(replay, trajectory=replace(log, **columns))
    (split,) = replaying.splits(replay, less)
    assert split.orders == (replay.orders - 1, None)
    assert split.day == log.created[-1]
    told = replaying.divergence(replay, less)
    assert "B: no such order" in told
    assert "only in A 1" in told


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


def texts(replay):
    """Everything that is told of a replication: itself, and an order of every kind."""
    log = replay.trajectory
    kinds = np.stack([log.state, log.cause, log.verdict, log.stream], axis=1)
    _, places = np.unique(kinds, axis=0, return_index=True)
    yield replaying.story(replay)
    yield from (replaying.order_story(replay, order) for order in places.tolist())


def test_no_line_is_wider_than_a_terminal(replay, changed):
    """All lines have at most 90 columns, whatever happened."""
    told = [*texts(replay), replaying.divergence(replay, changed)]
    told.append(replaying.story(replayed(flagship(), 1, 1)))
    assert len(told) > 20
    for text in told:
        assert text.endswith("\n")
        assert max(map(len, text.splitlines())) <= 90


def test_names_are_shown_and_never_sent(replay):
    """C12: a control character of a title does not reach the terminal."""
    wild = "A\x1b[31m\u202ewild name"
    places = ("exports.AAA.goods.widgets", "settlement.channels.bank", "corridors.rail")
    places += ("contracts.plant", "agreements.roadmap", "sanctions.embargo")
    scenario = busy({f"{place}.title": wild for place in places})
    scenario = scenario.model_copy(update={"title": wild})
    found = replayed(scenario, 1, 3)
    told = [*texts(found), replaying.divergence(found, replay)]
    for text in told:
        assert "\x1b" not in text
        assert "\u202e" not in text
    assert "\\x1b[31m\\u202ewild name" in " ".join(told[0].split())


def test_the_story_tells_the_numbers(replay):
    """Orders by state, what each office publishes, and whether that meets the target."""
    facts = replaying.facts(replay)
    assert json.loads(json.dumps(facts, allow_nan=False)) == facts
    assert sum(facts["states"].values()) == replay.orders
    assert {office["statistics"] for office in facts["published"]} == {"home", "abroad"}
    told = " ".join(replaying.story(replay, "sim replay x").split())
    for office in facts["published"]:
        met = "met" if office["target_is_met"] else "missed"
        assert f"USD {office['usd_million']:.1f} million: target {met}" in told
    assert f"USD {replay.delivered_cents / 1e8:.1f} million delivered" in told
    for words in ("An embargo", "A plant in parts", "What the world did", "2023-01", "2024-12"):
        assert words in told
    assert "Imposed: An embargo" in told
    assert "Follow one order sim replay x --replication 3 --order" in told


def test_the_life_of_an_order_is_told_to_its_end(replay):
    """Each story has a line for its beginning and one for what became of the order."""
    log = replay.trajectory
    last = {LOST: "lost: ", PAID: "paid, ", DEFAULTED: "never paid", DELIVERED: "delivered"}
    for state, words in last.items():
        for order in np.flatnonzero(log.state == state)[:10].tolist():
            told = replaying.order_story(replay, order)
            assert told.startswith(f"Order {order} of replication 3 of {replay.scenario.name}")
            assert "placed; its payment is to go through" in told
            happened = told.partition("\n\n  In the end")[0].splitlines()
            assert any(words in line for line in happened[-2:])
            assert STATES[state] in told


def test_obstacles_are_told_in_words(replay):
    """Each first obstacle has a sentence of its own."""
    log = replay.trajectory
    words = {
        "refused": "refuses the payment",
        "slots": "waits in line",
        "interrupted": "is interrupted: tried through",
        "clearing": "the clearing limit is reached",
        "corridor_closed": "is closed: the goods wait",
        "corridor_slots": "no free slot in rail",
    }
    for cause, sentence in words.items():
        orders = np.flatnonzero(log.cause == list(CAUSES).index(cause))[:5].tolist()
        for order in orders:
            assert sentence in " ".join(replaying.order_story(replay, order).split())


def test_waiting_is_told_in_days_and_channels_by_their_titles(replay):
    """How long an order waited stands in its line; names are explained at the end."""
    log = replay.trajectory
    waited = np.flatnonzero((log.cause == list(CAUSES).index("slots")) & (log.channel >= 0))
    for order in waited[:10].tolist():
        told = " ".join(replaying.order_story(replay, order).split())
        if log.granted[order] - log.hindered[order] >= 1.5:
            assert f"up after {log.granted[order] - log.hindered[order]:.0f} days" in told
        name = replay.spec.channels[log.channel[order]]
        title = replay.scenario.settlement.channels[name].title
        assert f"{name} {title}" in told.partition("In the end")[2]


def test_a_world_without_trade_has_a_story():
    """Nothing happens, and that is told."""
    nothing = {
        "exports.*.last_usd_million": 0,
        "exports.*.average_usd_million": 0,
        "contracts.*": None,
    }
    found = replayed(busy(nothing), 1, 0)
    assert found.orders == 0
    assert found.events == pa.Table.from_pylist([], schema=SCHEMA)
    told = replaying.story(found)
    assert "0 placed" in told
    assert "Largest deals" not in told
    assert "No difference" in replaying.divergence(found, found)
