"""What must stay the same when a question is asked in another way, in every single replication."""

import io
import random
import re
from functools import cache
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from engines.worlds import (
    MINIMAL,
    YEAR,
    busy,
    days,
    flagship,
    life,
    lives,
    poisson,
    queue,
    unlimited,
)
from ruamel.yaml import YAML

from simulator.conditions import conditions
from simulator.draws import Draws
from simulator.engines.log import NUMBERS, TIMES
from simulator.ledger import CAUSES
from simulator.runs import resolved
from simulator.scenario.overriding import override
from simulator.scenario.reading import load
from simulator.shocks import event_times
from simulator.simulation import LARGEST_PIECE, run
from simulator.specification import specification
from simulator.trajectory import FIRST_CONTRACT, IN_PROGRESS, LOST

SEEDS = range(4)
CAUSES_BY_PLACE = dict(enumerate(CAUSES))

NEW_SANCTIONS = "economies.*.sanctions_process"


BOTH = pytest.mark.parametrize(
    ("world", "replications"), [(busy, 20), (flagship, 3)], ids=["busy", "flagship"]
)


def _bits(tables, kept=None):
    """Every column of every table as bytes, of the rows that ``kept`` keeps."""
    found = {}
    for name, table in tables.items():
        rows = table if kept is None else kept(table)
        for column in rows.column_names:
            values = rows[column].combine_chunks()
            is_text = pa.types.is_string(values.type) or pa.types.is_dictionary(values.type)
            found[name, column] = (
                values.to_pylist() if is_text else values.to_numpy(zero_copy_only=False).tobytes()
            )
    return found


def _ran(scenario, replications=8, **more):
    return _bits(run(scenario, replications=replications, **more).tables)


@cache
def _as_it_is(world, replications=8):
    """What the unchanged world comes to, computed once."""
    return _ran(world(), replications)


# --- How a run is carried out ---


def test_busy_world_is_busy():
    """In the busy scenario every obstacle hinders orders, and every way of losing one occurs."""
    lived = list(lives(busy(), 20))
    hindered = {CAUSES_BY_PLACE[place] for one in lived for place in one.cause}
    lost = {CAUSES_BY_PLACE[place] for one in lived for place in one.verdict[one.state == LOST]}
    assert hindered == {*CAUSES} - {"queue_full"}
    assert lost == {"refused", "slots", "interrupted", "queue_full", "clearing", "rejected"}
    assert {int(s) for one in lived for s in one.state} == {0, 1, 2, 3, 4}
    assert {int(s) for one in lived for s in one.stream} == {0, 1, 2, 3}


@BOTH
def test_first_replications_of_a_long_run_are_a_short_run(world, replications):
    """A run of a third of the replications is the first third of the run."""
    whole = run(world(), replications=3 * replications if world is busy else 2 * replications)
    first = _bits(whole.tables, lambda t: t.filter(pc.less(t["replication"], replications)))
    assert first == _as_it_is(world, replications)


@pytest.mark.parametrize(("workers", "chunk"), [(1, 1), (1, 7), (2, 1), (2, 7), (2, 20)])
def test_sharing_the_work_changes_nothing(workers, chunk, monkeypatch):
    """One worker or two, in pieces of any size: the same bytes."""
    monkeypatch.setitem(LARGEST_PIECE, "reference", chunk)
    assert _ran(busy(), 20, workers=workers) == _as_it_is(busy, 20)


def test_sharing_the_work_of_the_flagship_changes_nothing(monkeypatch):
    """The flagship is the same by two fresh processes, one replication at a time."""
    monkeypatch.setitem(LARGEST_PIECE, "reference", 1)
    assert _ran(flagship(), 3, workers=2) == _as_it_is(flagship, 3)


@BOTH
def test_seed_decides_everything(world, replications):
    """The same seed gives the same bytes, another seed gives others."""
    first = _ran(world(), replications, seed=5)
    assert _ran(world(), replications, seed=5) == first
    other = _ran(world(), replications, seed=6)
    assert other["months", "delivered_cents"] != first["months", "delivered_cents"]
    assert other["years", "reported_usd"] != first["years", "reported_usd"]
    assert other["replications", "replication"] == first["replications", "replication"]


# --- How a scenario is written ---


def _shuffled(value, by):
    """The same fields in another order, at every level."""
    if isinstance(value, dict):
        names = by.sample(sorted(value), len(value))
        return {name: _shuffled(value[name], by) for name in names}
    return [_shuffled(inner, by) for inner in value] if isinstance(value, list) else value


def _written(scenario, by):
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style, yaml.sort_base_mapping_type_on_output = False, False
    yaml.width = 100_000
    text = io.StringIO()
    yaml.dump(_shuffled(resolved(scenario), by), text)
    return text.getvalue()


def _with_remarks(text):
    return "# A remark: about {all} of it\n\n" + re.sub("(?m)$", "  # remark: 'yes'", text)


WRITINGS = {
    "order of fields": lambda text: text,
    "comments": _with_remarks,
    "line ends of Windows": lambda text: text.replace("\n", "\r\n"),
    "byte order mark": lambda text: "\ufeff" + text,
}


@pytest.mark.parametrize("writing", WRITINGS)
@BOTH
def test_writing_of_a_scenario_changes_nothing(world, replications, writing, tmp_path):
    """Order of fields and goods, comments, line ends: the same scenario and the same bytes."""
    scenario = world()
    text = _written(scenario, random.Random(7))  # noqa: S311 -- a shuffle, no secret
    assert list(YAML(typ="safe").load(text)) != list(resolved(scenario))
    file = tmp_path / f"{scenario.name}.yaml"
    file.write_bytes(WRITINGS[writing](text).encode())
    assert resolved(load(file)) == resolved(scenario)
    assert _ran(load(file), replications // 3) == _as_it_is(world, replications // 3)


# --- What has no part in the question ---


def _new(path, block):
    return {path: resolved(load(MINIMAL))["exports"]["AAA"]["goods"]["widgets"] | block}


UNUSED = {
    "good": lambda corridor: _new(
        "exports.{0}.goods.aardvarks", {"share": 0, "corridors": {corridor: 1}}
    ),
    "corridor": lambda _: {
        "corridors.air": {
            "title": "Air",
            "minimum_days": 1,
            "excess_days": 1,
            "excess_cv": 1,
            "freight_usd_per_tonne": 3000,
            "slots": 1,
            "interruptions": {"between_months": 3, "repair_months": 1},
        }
    },
    "channel": lambda _: {
        "settlement.channels.aurora": {
            "title": "A system that nobody uses",
            "share": 0,
            "slots": 1,
            "processing_days": 20,
            "refusal_share": 0.3,
            "fee_share": 0.2,
            "interruptions": {"between_months": 3, "repair_months": 1},
        }
    },
}


@pytest.mark.parametrize("what", UNUSED)
@BOTH
def test_what_nobody_uses_changes_nothing(world, replications, what):
    """A good of share 0, a corridor of no good, a channel of share 0, each first by name."""
    scenario = world()
    exporter = max(scenario.exports)
    corridor = min(scenario.corridors)
    added = {path.format(exporter): block for path, block in UNUSED[what](corridor).items()}
    assert _ran(override(scenario, added), replications) == _as_it_is(world, replications)


def test_clearing_that_nobody_uses_changes_nothing():
    """A clearing account of share 0 changes nothing, although it has a limit of zero."""
    unused = UNUSED["channel"](None)["settlement.channels.aurora"]
    account = {"clearing": {"credit_limit_usd_million": 0, "netting_share": 1}}
    added = busy({"settlement.channels.aurora": unused | account})
    assert _ran(added) == _as_it_is(busy)


# --- One more order ---

DEAL = {
    "title": "One more order",
    "exporter": "AAA",
    "good": "widgets",
    "document": "firm",
    "signed": "2023-06-01",
    "size_usd_million": 1,
    "size_sigma": 0,
    "execution_share": 1,
    "fulfilment_share": 1,
    "fulfilment_spread": 0,
    "delay_days": 0.5,
    "spacing_days": 0,
    "instalments": 1,
}


@pytest.mark.parametrize("replication", SEEDS)
def test_one_more_order_is_one_more_order(replication):
    """A contract of one instalment adds its order; without limits all others stay, to the bit."""
    before = life(unlimited(), replication)
    after = life(unlimited({"contracts.a_deal": DEAL}), replication)
    added = after.stream == FIRST_CONTRACT
    assert added.sum() == 1
    assert after.created[added] == 151.5  # 2023-06-01 and half a day
    assert after.cents[added] == 100_000_000
    renumbered = np.where(after.stream > FIRST_CONTRACT, after.stream - 1, after.stream)
    assert np.array_equal(renumbered[~added], before.stream)
    for name in {*NUMBERS, *TIMES} - {"stream"}:
        assert getattr(after, name)[~added].tobytes() == getattr(before, name).tobytes()


@pytest.mark.parametrize("replication", SEEDS)
def test_one_more_order_takes_the_place_of_none(replication):
    """With limits, one more order delays others, yet as many of them are placed as before."""
    faithful = {"relationships.exit_after_failure_share": 0}
    before = life(busy(faithful), replication)
    after = life(busy({**faithful, "contracts.a_deal": DEAL}), replication)
    others = after.stream != FIRST_CONTRACT
    assert len(after.flow) == len(before.flow) + 1
    for name in ("flow", "partner", "cents", "created"):
        assert getattr(after, name)[others].tobytes() == getattr(before, name).tobytes()


# --- None and all ---

AS_POTENTIAL = {"base.observed_under_frictions": False}
"""Or the base flows are divided by the share of orders that pass: 1, but for the last bit."""

ALIKE = {
    "no new sanctions": (
        {f"{NEW_SANCTIONS}.tightening_rate": 0, f"{NEW_SANCTIONS}.easing_rate": 0},
        {NEW_SANCTIONS: None},
    ),
    "sanctions without severity": (
        {f"{NEW_SANCTIONS}.severity": 0, f"{NEW_SANCTIONS}.relief_share": 0},
        {NEW_SANCTIONS: None},
    ),
    "channel that never fails": (
        {**AS_POTENTIAL, "settlement.channels.bank.interruptions.between_months": 1e12},
        {**AS_POTENTIAL, "settlement.channels.bank.interruptions": None},
    ),
    "corridor that never closes": (
        {"corridors.road.interruptions.between_months": 1e12},
        {"corridors.road.interruptions": None},
    ),
    "contract that nobody signs": ({"contracts.shipments.rate": 0}, {"contracts.shipments": None}),
    "agreement that nobody signs": (
        {"agreements.roadmap.signed.ever_share": 0},
        {"agreements.roadmap": None},
    ),
    "agreement that nobody carries out": (
        {"agreements.roadmap.implemented_share": 0},
        {"agreements.roadmap": None},
    ),
    "agreement without effects": (
        {"agreements.roadmap.effects.*": None},
        {"agreements.roadmap": None},
    ),
    "room for all": (
        {"corridors.rail.slots": 1e6},
        {"corridors.rail.slots": None},
    ),
    "slots for all": (
        {"settlement.channels.clearing.slots": 1e6},
        {"settlement.channels.clearing.slots": None},
    ),
    "credit for all": (
        {
            "sanctions.*": None,
            "settlement.channels.clearing.clearing.credit_limit_usd_million": 1e6,
        },
        {"sanctions.*": None, "settlement.channels.clearing.clearing": None},
    ),
    "waiting room for all": (
        {"settlement.channels.bank.queue_limit": 1_000_000},
        {"settlement.channels.bank.queue_limit": None},
    ),
    "sanction beyond the horizon": (
        {"sanctions.embargo.imposed": "2030-01-01", "sanctions.embargo.lifted": "2031-01-01"},
        {"sanctions.embargo": None},
    ),
    "sanction of old": (
        {"sanctions.embargo.imposed": "1990-01-01", "sanctions.embargo.lifted": "2030-01-01"},
        {"sanctions.embargo": None},
    ),
    "sanction long forgotten": (
        {"sanctions.embargo.imposed": "1990-01-01", "sanctions.embargo.lifted": "1995-01-01"},
        {"sanctions.embargo": None},
    ),
    "sanction of a day, between two months": (
        {
            "sanctions.embargo.imposed": "2023-08-02",
            "sanctions.embargo.lifted": "2023-08-03",
            "sanctions.embargo.buildup_years": 0,
            "sanctions.embargo.fade_years": 0,
        },
        {"sanctions.embargo": None},
    ),
}


@pytest.mark.parametrize("case", ALIKE)
def test_nothing_of_it_is_as_good_as_absent(case):
    """A mechanism at zero, or a limit that nobody reaches, leaves the same bytes as none at all."""
    ineffective, absent = ALIKE[case]
    assert _ran(busy(ineffective)) == _ran(busy(absent))
    assert _ran(busy(absent)) != _as_it_is(busy), "the mechanism had no effect before either"


def test_without_refusals_nobody_tries_twice():
    """When nothing is refused or interrupted, a second attempt is as good as none."""
    willing = {
        **AS_POTENTIAL,
        NEW_SANCTIONS: None,
        "settlement.channels.*.refusal_share": 0,
        "settlement.channels.*.interruptions": None,
    }
    twice, once = (
        busy({**willing, "settlement.attempts": n}).model_copy(update={"former": {}})
        for n in (2, 1)
    )
    assert _ran(twice) == _ran(once)


ALL_LOST = {
    "refused": {"settlement.channels.*.refusal_share": 1},
    "rejected": {
        "economies.*.customs.green_share": 0,
        "economies.*.customs.red_share": 1,
        "economies.*.customs.rejection_share": 1,
    },
}


@pytest.mark.parametrize("cause", ALL_LOST)
def test_certain_loss_leaves_nothing(cause):
    """When every payment is refused, or every consignment sent back, nothing is delivered."""
    scenario = busy({**AS_POTENTIAL, **ALL_LOST[cause]})
    tables = run(scenario, replications=6).tables
    assert not np.any(tables["months"]["delivered_cents"])
    assert not np.any(tables["years"]["reported_usd"])
    assert min(tables["replications"]["orders"].to_pylist()) > 50
    for lived in lives(scenario, 6):
        assert LOST in lived.state
        assert set(lived.state) <= {LOST, IN_PROGRESS}
        assert np.any(lived.verdict == list(CAUSES).index(cause))


def test_closed_corridors_leave_nothing():
    """With every corridor closed nothing arrives, and every order is lost or held before it."""
    scenario = busy({"corridors.*.closed": True})
    tables = run(scenario, replications=6).tables
    assert not np.any(tables["months"]["delivered_cents"])
    assert not np.any(tables["years"]["reported_usd"])
    for lived in lives(scenario, 6):
        held = lived.state == IN_PROGRESS
        produced = np.isfinite(lived.produced)
        assert np.all(held | (lived.state == LOST))
        assert np.any(produced)
        assert np.all(held[produced])
        assert not np.any(np.isfinite(lived.shipped))
        assert (
            lived.cents[held].sum() + lived.lost_cents.sum()
            == lived.created_cents.sum()
            == lived.cents.sum()
        )


ALWAYS_OPEN = {
    "corridors.rail.closing": None,
    "corridors.road.interruptions": None,
    "settlement.channels.bank.interruptions": None,
}


@pytest.mark.parametrize("replication", SEEDS)
def test_without_limits_nobody_waits(replication):
    """Without limits and closings every stage begins when the one before it ends."""
    lived = life(unlimited({"settlement.attempts": 1, **ALWAYS_OPEN}), replication)
    assert np.array_equal(lived.granted, lived.created)
    went_on = np.isfinite(lived.produced)
    assert went_on.sum() > 50
    assert np.array_equal(lived.shipped[went_on], lived.produced[went_on])
    assert [channel.waiting for channel in lived.channels] == [0.0, 0.0]
    reasons = {CAUSES_BY_PLACE[place] for place in lived.cause}
    assert reasons == {"refused", "rejected", "on_the_way"}


# --- More and less ---

SHARES = {
    "refusals": ("settlement.channels.*.refusal_share", (0, 0.05, 0.2, 0.6, 1)),
    "rejections": ("economies.*.customs.rejection_share", (0, 0.1, 0.5, 1)),
    "red lane": ("economies.*.customs.red_share", (0, 0.1, 0.3, 0.5)),
}


@pytest.mark.parametrize("replication", SEEDS)
@pytest.mark.parametrize("what", SHARES)
def test_more_risk_loses_the_same_orders_and_others(what, replication):
    """Whoever is lost at a small risk is lost at a larger one: risks are coupled by order."""
    path, shares = SHARES[what]
    base = {
        "settlement.attempts": 1,
        "relationships.exit_after_failure_share": 0,
        **AS_POTENTIAL,
        "economies.*.customs.green_days": 2,
        "economies.*.customs.yellow_days": 2,
        "economies.*.customs.red_days": 2,
    }
    lived = [life(unlimited({**base, path: share}), replication) for share in shares]
    for less, more in pairwise(lived):
        assert less.created.tobytes() == more.created.tobytes()
        assert less.cents.tobytes() == more.cents.tobytes()
        lost, also = less.state == LOST, more.state == LOST
        assert np.all(also[lost])
    assert (lived[-1].state == LOST).sum() > (lived[0].state == LOST).sum()


@pytest.mark.parametrize("replication", SEEDS)
@pytest.mark.parametrize("slots", [1, 2, 3, 5])
def test_one_more_slot_makes_no_order_later(slots, replication):
    """At one patient station a slot more lets no order go later (Kiefer and Wolfowitz)."""
    fewer, more = (
        life(queue(0.8 * slots, 1, slots=number, processing_law="exponential"), replication)
        for number in (slots, slots + 1)
    )
    assert fewer.created.tobytes() == more.created.tobytes()
    done = np.isfinite(fewer.accepted)
    assert np.all(more.accepted[done] <= fewer.accepted[done] + 1e-9)
    assert np.any(more.accepted[done] < fewer.accepted[done] - 0.1)


# --- The end of the horizon ---


def _same_until(short, long, end):
    """Everything that happens before ``end`` happens in both."""
    count = len(short.created)
    assert count == np.sum(long.created < end)
    for name in ("flow", "stream", "partner", "cents"):
        assert getattr(short, name).tobytes() == getattr(long, name)[:count].tobytes()
    for name in TIMES:
        times = getattr(long, name)[:count]
        known = np.where(times < end, times, np.nan)
        # A granted slot is forgotten when a later attempt asks for another one.
        if name not in ("granted", "processed"):
            assert np.array_equal(getattr(short, name), known, equal_nan=True), name


def _published(scenario, replications, last):
    """What a run says of the months and complete years up to one year."""
    headline = scenario.target.statistics[0]
    tables = run(scenario, replications=replications).tables
    years, months, ledger = (tables[name] for name in ("years", "months", "ledger"))
    complete = pc.and_(years["complete"], pc.less_equal(years["year"], last))
    # Iranian years end in March: the last one is complete only in the longer run.
    is_common = pc.or_(pc.less(years["year"], last), pc.equal(years["statistics"], headline))
    complete = pc.and_(complete, is_common)
    kept = {
        "years": years.filter(complete),
        "months": months.filter(pc.less_equal(months["month"], f"{last}-12")),
        "ledger": ledger.filter(pc.less_equal(ledger["year"], last)),
    }
    return _bits(kept)


@pytest.mark.parametrize("replication", SEEDS)
def test_longer_horizon_begins_like_the_shorter_one(replication):
    """Nothing that happens before the end of the horizon depends on where the end is."""
    short, long = busy({"horizon.end": "2024-05-31"}), busy({"horizon.end": "2026-06-30"})
    _same_until(life(short, replication), life(long, replication), days(short))


def test_published_figures_do_not_depend_on_the_end():
    """Months, complete years and accounts of a year stay when the horizon becomes longer."""
    short, long = busy(), busy({"horizon.end": "2026-12-31"})
    assert _published(short, 8, 2024) == _published(long, 8, 2024)


AT_ONCE = {f"{NEW_SANCTIONS}.anticipation_months": 0}


def test_flagship_does_not_depend_on_the_end():
    """The flagship's first months stay when more are simulated, if sanctions come at once."""
    short, long = flagship(AT_ONCE), flagship({**AT_ONCE, "horizon.end": "2024-12-31"})
    for replication in range(3):
        _same_until(life(short, replication), life(long, replication), days(short))
    assert _published(short, 3, 2023) == _published(long, 3, 2023)


def test_anticipated_sanctions_do_not_depend_on_the_end():
    """A sanction imposed after the end is felt before it, however soon the simulation ends."""
    felt = {f"{NEW_SANCTIONS}.anticipation_months": 12}
    short, long = busy(felt), busy({**felt, "horizon.end": "2026-12-31"})
    for replication in range(12):
        _same_until(life(short, replication), life(long, replication), days(short))


@pytest.mark.parametrize("world", [busy, flagship])
def test_warm_up_knows_nothing_of_what_comes(world):
    """The world before the start is the base: no measure has begun to work."""
    spec = specification(world({f"{NEW_SANCTIONS}.anticipation_months": 12}))
    for replication in range(12):
        known = conditions(spec, Draws(1, replication))
        assert not np.any(known.shocks.severity[0])
        assert np.array_equal(known.levels[0], known.numbers)


EVENTS_TOO_EARLY = "an event after a span without any is drawn from the beginning of that span"


def test_warm_up_is_the_base():
    """Where nothing is anticipated, every number of the warm-up is that of the base."""
    spec = specification(busy(AT_ONCE))
    for replication in range(12):
        known = conditions(spec, Draws(1, replication))
        assert known.levels[-1].tobytes() != known.numbers.tobytes()
        assert known.levels[0].tobytes() == known.numbers.tobytes()


def test_nothing_happens_where_the_intensity_is_zero():
    """At rates 0, 1, 0 and 2 a year events fall into the second and fourth year, in proportion."""
    edges = np.arange(-1.0, 4.0) * YEAR
    marks = np.arange(0.005, 3.1, 0.01)
    times = event_times(np.array([0.0, 1.0, 0.0, 2.0]), edges, np.diff(marks, prepend=0.0))
    early, late = marks[marks < 1], marks[(marks > 1) & (marks < 3)]
    expected = np.concatenate([early, 2 + (late - 1) / 2])
    assert times / YEAR == pytest.approx(expected, abs=1e-9)


# --- Goods and offices ---


def test_closed_corridor_takes_nothing_from_its_queue():
    """Goods that wait for room in a corridor are not shipped on days when it is closed."""
    corridor = {"minimum_days": 12, "slots": 1, "closing": {"first": "06-01", "last": "07-31"}}
    changes = {f"corridors.road.{name}": value for name, value in corridor.items()}
    for lived in lives(poisson(30, 2, changes), 4):
        shipped = lived.shipped[np.isfinite(lived.shipped)]
        assert not np.any((shipped >= 151) & (shipped < 212))
        assert np.any(shipped == 212)


def test_calendar_of_an_office_changes_no_trade():
    """How an office cuts its years is its own affair: the same trade by month."""
    other = _ran(busy({"statistics.abroad.calendar": "gregorian"}))
    assert other["months", "delivered_cents"] == _as_it_is(busy)["months", "delivered_cents"]


def test_flow_of_zero_stays_zero():
    """Where nothing was traded and nothing is latent, nobody comes to trade."""
    empty = {f"exports.AAA.{name}_usd_million": 0 for name in ("last", "average")}
    for lived in lives(busy({**empty, "contracts.*": None}), 4):
        assert set(lived.flow) == {1}
