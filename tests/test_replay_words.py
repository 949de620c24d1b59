"""The words of a replay: every number in them is one of the replication."""

import json
from dataclasses import fields, replace

import numpy as np
import pyarrow as pa
from engines.worlds import busy, flagship

from simulator import replay_words, replaying
from simulator.ledger import CAUSES
from simulator.replaying import SCHEMA, STATES, replayed
from simulator.trajectory import DEFAULTED, DELIVERED, LOST, PAID


def test_a_scenario_differs_nowhere_from_itself(replay):
    """The same question has the same answer, event by event."""
    again = replayed(busy(), 1, 3)
    assert replaying.splits(replay, again) == []
    told = replay_words.divergence(replay, again)
    assert "The inputs are the same." in told
    assert "No difference" in told


def test_nothing_differs_before_the_cause(replay, changed, parting):
    """A measure from 2024 on changes nothing before its day, and something after it."""
    day = replay.spec.periods.day(changed.scenario.measures["guarantee"].at.day)
    assert parting
    assert parting[0].day >= day
    assert [split.day for split in parting] == sorted(split.day for split in parting)
    told = replay_words.divergence(replay, changed)
    assert "measures.guarantee: in A absent, in B A guarantee for payments" in told
    both = replay.orders + sum(split.orders[0] is None for split in parting)
    counted = f"{len(parting)} of {both} orders differ".replace(",", " ")
    assert counted in told
    first = str(replay.spec.periods.date(parting[0].day))
    assert told.partition("The first difference\n")[2].strip().startswith(first)


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
    told = replay_words.divergence(replay, less)
    assert "B: no such order" in told
    assert "only in A 1" in told


def texts(replay):
    """Everything that is told of a replication: itself, and an order of every kind."""
    log = replay.trajectory
    kinds = np.stack([log.state, log.cause, log.verdict, log.stream], axis=1)
    _, places = np.unique(kinds, axis=0, return_index=True)
    yield replay_words.story(replay)
    yield from (replay_words.order_story(replay, order) for order in places.tolist())


def test_no_line_is_wider_than_a_terminal(replay, changed):
    """All lines have at most 90 columns, whatever happened."""
    told = [*texts(replay), replay_words.divergence(replay, changed)]
    told.append(replay_words.story(replayed(flagship(), 1, 1)))
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
    told = [*texts(found), replay_words.divergence(found, replay)]
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
    told = " ".join(replay_words.story(replay, "sim replay x").split())
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
            told = replay_words.order_story(replay, order)
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
            assert sentence in " ".join(replay_words.order_story(replay, order).split())


def test_waiting_is_told_in_days_and_channels_by_their_titles(replay):
    """How long an order waited stands in its line; names are explained at the end."""
    log = replay.trajectory
    waited = np.flatnonzero((log.cause == list(CAUSES).index("slots")) & (log.channel >= 0))
    for order in waited[:10].tolist():
        told = " ".join(replay_words.order_story(replay, order).split())
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
    told = replay_words.story(found)
    assert "0 placed" in told
    assert "Largest deals" not in told
    assert "No difference" in replay_words.divergence(found, found)
