"""The compiled engine does what the reference does, to the last bit, on any scenario.

Where a random world sets them apart, the judge says the fewest choices for which they differ and
the first event that does. ``TWINS=5000 pytest tests/engines/test_twins.py`` tries so many worlds
more.
"""

import os
from ast import literal_eval
from dataclasses import replace
from functools import cache
from itertools import chain
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("numba", reason="the compiled engine needs numba")

from engines.twins import (
    Choices,
    Replication,
    differences,
    first_difference,
    interpreted,
    judged,
    replication,
    replication_of,
    run_by,
    verdict,
)

from simulator.draws import Draws
from simulator.engines import compiled, reference
from simulator.engines.world import (
    DONE,
    SHORT_OF_ORDERS,
    SHORT_OF_PARTNERS,
    TIED,
)
from simulator.ledger import CAUSES
from simulator.scenario import checking
from simulator.scenario.reading import checked, load
from simulator.specification import specification
from simulator.trajectory import (
    DEFAULTED,
    DELIVERED,
    ENTRANTS,
    FIRST_CONTRACT,
    IN_PROGRESS,
    INCUMBENTS,
    LOST,
    PAID,
)

SCENARIOS = sorted((Path(__file__).parents[2] / "scenarios").glob("*.yaml"))
VARIANTS = [(file, name) for file in SCENARIOS for name in ("", *checked(file).overrides)]

CHUNKS, AT_ONCE = 16, 50
"""Random worlds in an ordinary run: so many tests of so many each."""

MORE = int(os.environ.get("TWINS", "0"))
"""Random worlds beyond those."""

SEEN = 200
"""Worlds in which everything happens."""

MIDNIGHT = "arrival after a corridor that opens at midnight of a month"
FOUND = {
    MIDNIGHT: {
        "days": 250,
        "rail slots": 1,
        "rail season": (59, 211),
        "reform": True,
        "reform ends": True,
        "reform at day": 4,
        "reform until day": 3,
        "reform first path": "economies.*.customs.green_days",
    },
}
"""Choices on which the engines once differed, as few as there need be."""


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_engines_agree_on_random_scenarios(chunk):
    """Whatever a small world is made of, both engines tell the same of it, to the bit."""
    for number in range(chunk * AT_ONCE, (chunk + 1) * AT_ONCE):
        assert judged(number) == ""


@pytest.mark.long
@pytest.mark.skipif(MORE == 0, reason="thousands of worlds more are tried with TWINS=5000")
@pytest.mark.parametrize("chunk", range(8))
def test_engines_agree_on_thousands_of_random_scenarios(chunk):
    """However long one looks, both engines tell the same."""
    first = CHUNKS * AT_ONCE
    for number in range(first + chunk, first + MORE, 8):
        assert judged(number) == ""


@pytest.mark.parametrize("name", FOUND)
def test_engines_agree_where_they_once_did_not(name):
    """What has once set the engines apart does so no more."""
    given = replication_of(Choices(given=FOUND[name]))
    assert given.choices == FOUND[name]
    assert verdict(given) == ""


@pytest.mark.parametrize(
    ("file", "override"), VARIANTS, ids=lambda part: getattr(part, "stem", part)
)
def test_engines_agree_on_every_file(file, override):
    """Both engines tell the same of every shipped scenario and of its variants."""
    scenario = load(file, overrides=[override] if override else [])
    _assert_agreement(specification(scenario), 1, range(2))


@pytest.mark.parametrize("first", range(0, 60, 15))
def test_engines_agree_on_several_replications_at_once(first):
    """Replications that share one log and one agenda are those that the reference tells singly."""
    for number in range(first, first + 15):
        given = replication(number)
        begin = given.draws.replication
        _assert_agreement(given.spec, given.draws.seed, range(begin, begin + 4))


def _assert_agreement(spec, seed, replications):
    """All replications are the same by either engine, and so are their worlds."""
    runs = [engine.simulate_all(spec, seed, replications) for engine in (reference, compiled)]
    (_, truth), (_, found) = runs
    assert len(truth) == len(found) == len(replications)
    for place, number in enumerate(replications):
        drawn = [worlds.one(place) for worlds, _ in runs]
        assert np.array_equal(drawn[0].levels, drawn[1].levels)
        given = Replication({}, spec, drawn[0], Draws(seed, number), truth.one(place))
        assert verdict(given, lambda *_, place=place: found.one(place)) == ""


# --- What the random worlds hold ---


@cache
def _truth(number):
    """A random replication; kept, for it is looked at many times."""
    return replication(number)


def test_everything_happens_in_random_scenarios():
    """Every obstacle, state and kind of order occurs in the random worlds, and so do ties."""
    causes, states, streams, ties = set(), set(), set(), set()
    for number in range(SEEN):
        lived = _truth(number).truth
        causes |= {*lived.cause.tolist(), *lived.verdict.tolist()}
        states |= set(lived.state.tolist())
        streams |= set(lived.stream.tolist())
        for name in ("created", "granted", "processed", "accepted", "arrived", "ended", "settled"):
            times = getattr(lived, name)
            times = times[np.isfinite(times)]
            if len(np.unique(times)) < len(times):
                ties.add(name)
    assert causes == {-1, *range(len(CAUSES))}
    assert states == {IN_PROGRESS, LOST, DELIVERED, PAID, DEFAULTED}
    assert {INCUMBENTS, ENTRANTS, FIRST_CONTRACT, FIRST_CONTRACT + 1} <= streams
    assert len(ties) == 7


def test_random_scenarios_hold_every_kind_of_station():
    """Channels and corridors occur with and without each limit, and some work beyond the end."""
    channels, corridors, uses = [], [], []
    for number in range(SEEN):
        scenario = _truth(number).spec.scenario
        channels += scenario.settlement.channels.values()
        corridors += scenario.corridors.values()
        uses += _truth(number).truth.channels
    assert {channel.processing_law for channel in channels} == {
        "constant",
        "lognormal",
        "exponential",
    }
    assert {None, 0, 1} <= {channel.queue_limit for channel in channels}
    assert {None, 0.0, 1.0} <= {channel.slots and channel.slots.value for channel in channels}
    for stations, names in (
        (channels, ("clearing", "interruptions", "slots")),
        (corridors, ("closing", "interruptions", "slots")),
    ):
        for name in names:
            assert {getattr(station, name) is None for station in stations} == {True, False}
    assert {corridor.closed for corridor in corridors} == {True, False}
    for name in ("in_use", "clearing_balance_cents", "netted_cents"):
        assert any(getattr(use, name) for use in uses)


def test_random_scenarios_are_valid():
    """A random world is one that a file could describe."""
    for number in range(SEEN):
        assert checking.problems(_truth(number).spec.scenario) == []


def test_engine_that_falls_short_begins_again(monkeypatch):
    """Too little room and ties of failures cost a second try, and make no difference."""
    run, ends = compiled.run, set()

    def watched(addresses):
        end = run(addresses)
        ends.add(end)
        return end

    monkeypatch.setattr(compiled, "run_on", run_by(watched))
    monkeypatch.setattr(compiled, "ROOM", 4)
    monkeypatch.setattr(compiled, "SPARE", 0.0)
    monkeypatch.setattr(compiled, "PARTNERS", 2)
    for number in range(SEEN):
        assert verdict(_truth(number)) == ""
    assert ends == {DONE, TIED, SHORT_OF_ORDERS, SHORT_OF_PARTNERS}


# --- The same source, run by the interpreter ---


@pytest.mark.parametrize("first", range(0, 60, 15))
def test_source_agrees_without_compilation(first):
    """What is compiled is the source: run by the interpreter, with little room it does the same."""
    simulate = interpreted(room=4)
    for number in range(first, first + 15):
        assert verdict(_truth(number), simulate) == ""


SLIPS = {
    "ties in any order": (
        "agenda",
        "and notes[one] < notes[other])",
        "and notes[one] > notes[other])",
    ),
    "finger on a later entry": (
        "agenda",
        "is_behind = finger != NOTHING and _comes_before(agenda, finger, entry)",
        "is_behind = finger != NOTHING",
    ),
    "events at the end": ("agenda", "if not time < end:", "if not time <= end:"),
    "patience not used up": (
        "compiled",
        "orders.patience[order] = max(orders.patience[order] - waited, 0.0)",
        "orders.patience[order] = max(orders.patience[order], 0.0)",
    ),
    "nobody served after netting": (
        "compiled",
        "channels.balance[channel] -= netted\n            serve_account(world, channel)",
        "channels.balance[channel] -= netted",
    ),
    "limit of the first month": (
        "compiled",
        "            channels.limit[channel] = limit\n",
        "",
    ),
    "dispersion of the fallback": (
        "luck",
        "desk[lane + SECOND_LANE] = channels.sigma[channels.fallback[channel]]",
        "desk[lane + SECOND_LANE] = channels.sigma[channel]",
    ),
    "size of an order not yet turned": (
        "compiled",
        "    finish(world, partner + NEXT)\n",
        "",
    ),
    "desk one row short": (
        "luck",
        "for place in range(state[LAID]):",
        "for place in range(state[LAID] - 1):",
    ),
    "row of a failure to come given back": (
        "compiled",
        "now, FAILS, order)\n    else:\n        give_back",
        "now, FAILS, order)\n    if is_ahead:\n        give_back",
    ),
    "fee of the month before": (
        "compiled",
        "place = clock.month[0] * world.channels.total + orders.channel[order]",
        "place = max(clock.month[0] - 1, 0) * world.channels.total + orders.channel[order]",
    ),
    "nobody served after a repair": (
        "compiled",
        "    world.stations.is_open[channel] = 1\n    serve(world, channel)",
        "    world.stations.is_open[channel] = 1",
    ),
    "no spillover": ("compiled", "        common.spillover,", "        0.0,"),
    "midnight of the next month": (
        "compiled",
        "time < turns[month + 1]",
        "time <= turns[month + 1]",
    ),
    "midnight of a later month": (
        "compiled",
        "time > turns[month + 1]",
        "time >= turns[month + 1]",
    ),
    "exit by the word of default": (
        "compiled",
        "return luck_of(world, order, EXIT) <",
        "return luck_of(world, order, DEFAULT) <",
    ),
    "other side of the account": (
        "compiled",
        "side = 2 * orders.channel[order] + (change_of(world, order) < 0)",
        "side = 2 * orders.channel[order] + (change_of(world, order) > 0)",
    ),
    "ahead where slots are given back": (
        "compiled",
        "return stage <= ARRIVED and has_room(world, order)",
        "return stage < ARRIVED and has_room(world, order)",
    ),
    "ahead through a corridor that opens": (
        "compiled",
        "return stage <= ARRIVED and has_room(world, order)",
        "return stage <= ARRIVED and stage != CORRIDOR_OPENS and has_room(world, order)",
    ),
    "failures that are tied": ("compiled", "clock.status[0] = TIED", "clock.status[0] = DONE"),
}
"""One change each of the compiled engine's source, such as slips are: module, text, instead."""


@pytest.mark.parametrize("slip", SLIPS)
def test_a_slip_in_the_compiled_engine_is_seen(slip):
    """A slip in one line makes the engines differ in a world that every run looks at."""
    simulate = interpreted(*SLIPS[slip])
    known = (replication_of(Choices(given=choices)) for choices in FOUND.values())
    worlds = chain(known, map(_truth, range(CHUNKS * AT_ONCE)))
    assert any(differences(given.truth, given.by(simulate)) for given in worlds)


# --- The judge itself ---


def test_judge_tells_the_first_event_that_differs():
    """Of two lives that part on a day, the judge names the day, the order and what happened."""
    simulate = interpreted(*SLIPS["ahead through a corridor that opens"])
    given = replication_of(Choices(given=FOUND[MIDNIGHT]))
    words = verdict(given, simulate).splitlines()
    assert words[0] == (
        "day 212.0 (2023-08-01), order 2 (AAA widgets, incumbent 1), delivered in the reference, "
        "day 212.0 (2023-08-01), order 3 (AAB grain, incumbent 1), shipped in the other engine"
    )
    assert any(word.startswith("ended: ") for word in words)


def test_judge_sees_what_no_event_shows():
    """A cent of a fee, a bit of a station's days and an order too many are all told."""
    given = replication_of(Choices(given=FOUND[MIDNIGHT]))
    truth, spec = given.truth, given.spec
    assert differences(truth, truth) == {}
    assert first_difference(spec, truth, truth) == ""
    dearer = replace(truth, fee_cents=truth.fee_cents + 1)
    assert list(differences(truth, dearer)) == ["fee_cents"]
    words = first_difference(spec, truth, dearer)
    assert words.startswith("no event differs; fee_cents at 0: np.int64(0) in the reference")
    use = truth.channels[0]
    longer = replace(use, waiting=use.waiting + 5e-324)
    assert list(differences(truth, replace(truth, channels=(longer,)))) == ["channels.waiting"]
    more = replace(truth, due_day=np.append(truth.due_day, 1.0))
    assert differences(truth, more) == {"due_day": [len(truth.due_day)]}
    other = replace(truth, cents=truth.cents.astype(np.float64))
    assert list(differences(truth, other)) == ["cents"]


def test_judge_leaves_only_choices_that_matter():
    """Of a world in which a slip shows, no more is told than it takes to show it."""
    slip = interpreted(*SLIPS["fee of the month before"])
    number = next(n for n in range(SEEN) if verdict(_truth(n), slip))
    first, _, choices = judged(number, slip).splitlines()[0].partition("choices are ")
    assert first.startswith(f"replication {number}, ")
    made = literal_eval(choices)
    assert "settlement.channels.*.fee_share" in made.values()
    assert len(made) < len(_truth(number).choices) / 5
