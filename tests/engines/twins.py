"""Twins: the two engines on small random worlds, and the judge of whether they agree to the bit.

A world is told by choices that have names, as draws have: one choice more moves no other. So a
world is known by its number, and one on which the engines part is made as plain as it can be while
they still part.
"""

import builtins
import math
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, fields
from datetime import date, timedelta
from functools import cache
from hashlib import sha256
from itertools import zip_longest
from pathlib import Path
from types import FunctionType, SimpleNamespace

import numpy as np
from engines.worlds import MINIMAL

from simulator.books import edges_of, ledger, years
from simulator.conditions import conditions
from simulator.draws import Draws
from simulator.engines import compiled, loading, memory, reference
from simulator.engines.agenda import NOTHING
from simulator.engines.world import World
from simulator.journal import Journal
from simulator.replaying import events
from simulator.scenario.memory import as_plain
from simulator.scenario.reading import load
from simulator.scenario.types import DAYS_PER_YEAR, Scenario
from simulator.specification import specification
from simulator.trajectory import ORDERS, StationUse, Trajectory

# --- Choices ---


class Choices:
    """Choices by name: those of a world's number, or those that are given.

    The first option is the plainest; ``made`` holds what was chosen instead.
    """

    def __init__(self, number=None, given=None):
        self._number = number
        self._given = given or {}
        self.made = {}

    def __call__(self, name, *options):
        """One of the options."""
        chosen = self._chosen(name, options)
        if chosen != options[0]:
            self.made[name] = chosen
        return chosen

    def _chosen(self, name, options):
        if self._number is None:
            given = self._given.get(name, options[0])
            return given if given in options else options[0]
        digest = sha256(f"{self._number} {name}".encode()).digest()
        return options[int.from_bytes(digest[:8], "little") % len(options)]

    def maybe(self, name, times=2):
        """Yes, once in so many times."""
        return self(name, *[place == times - 1 for place in range(times)])

    @property
    def are_tied(self):
        """Whether nothing but whole days and equal values is chosen, so that events coincide."""
        return self.maybe("ties")

    @property
    def grid(self):
        """What all times are whole numbers of, nearly, in a world of ties."""
        return self("grid", "days", "weeks", "months") if self.are_tied else ""

    def spread(self, name, *options):
        """A measure of dispersion, which a world of ties has none of."""
        return 0 if self.are_tied else self(name, *options)

    def number(self, name, *options):
        """A number, that now and then is known only by its law; no law but a number in ties."""
        value = self(name, *options)
        if self.are_tied or value == 0:
            return value
        low, high = 0.8 * value, 1.2 * value
        law = self(
            f"{name}, law",
            *[None] * 30,
            {"uniform": {"low": low, "high": high}},
            {"triangular": {"low": low, "mode": value, "high": high}},
            {"normal": {"mean": value, "sd": 0.1 * value, "low": low, "high": high}},
            {"discrete": {"values": (low, high), "weights": (1.0, 1.0)}},
        )
        return law or value

    def days(self, name, *options):
        """A time; in some worlds of ties whole weeks, in others nothing or one or two months."""
        value = self.number(name, *options)
        if self.grid == "weeks":
            return 7 * round(value / 7)
        if self.grid == "months":
            return 61 if value > 31 else 31 if value > 7 else 0
        return value

    def share(self, name, *options):
        """The same between 0 and 1."""
        value = self(name, *options)
        return value if value > 0.8 else self.number(name, *options)


def plainest(made, fails):
    """As few choices as will do for something to fail still; ``fails`` gives those that it made."""
    before = None
    while made != before:
        before = made
        for name in sorted(made):
            fewer = {other: chosen for other, chosen in made.items() if other != name}
            left = fails(fewer)
            made = made if left is None else left
    return made


# --- Worlds ---

GOODS = {"AAA": ("widgets", "tools"), "AAB": ("grain", "milk")}
CHANNELS = ("bank", "clearing", "broker")
CORRIDORS = ("rail", "road", "sea")
PARTS = {
    1: [(1.0,)],
    2: [(0.5, 0.5), (0.7, 0.3), (1.0, 0.0)],
    3: [(0.5, 0.3, 0.2), (0.4, 0.4, 0.2)],
}
"""Shares of so many parts."""

SEASONS = ((40, 69), (1, 27), (60, 209), (31, 58), (-10, 30), (59, 211), (150, 150))
"""Seasons from day to day after the start of the horizon: whole weeks after it, or whole months."""

ORDERING = ((1, 30), (1, 14), (2, 14), (1, 7), (1, 5), (3, 30), (2, 5), (4, 30), (8, 30), (1, 3))
WEEKLY = ((1, 14), (1, 7), (2, 14), (2, 7), (4, 14), (3, 28), (8, 28), (4, 7))
"""Relationships of a flow, and days between the orders of each."""


@cache
def _minimal():
    """The minimal scenario as plain values."""
    return as_plain(load(MINIMAL))


def described(choices):
    """The scenario that follows from choices, as plain values."""
    plain = deepcopy(_minimal())
    start, end = _horizon(choices, plain)
    for name in plain["economies"]:
        _economy(choices, plain["economies"][name], name)
    plain["corridors"] = {
        name: _corridor(choices, name, start) for name in _few(choices, CORRIDORS)
    }
    for name in plain["exports"]:
        _exports(choices, plain, name)
    _settlement(choices, plain)
    _relationships(choices, plain)
    _potential(choices, plain)
    _events(choices, plain, start, end)
    return plain


def _few(choices, names):
    """One to three of the names."""
    kind = names[0]
    return names[: choices(f"number of {kind}s", 1, 2, 3)]


def _horizon(choices, plain):
    """Six months to two years, from the first day of a month, its middle or its end on."""
    start = date.fromisoformat(choices("start", "2023-01-01", "2023-03-15", "2023-10-31"))
    end = start + timedelta(days=choices("days", 200, 250, 365, 400, 730))
    plain["horizon"] = {
        "start": start.isoformat(),
        "end": end.isoformat(),
        "warm_up_days": choices("warm-up", 0, 31, 45, 90),
    }
    plain["information_date"] = choices("information date", "2022-12-31", "2023-05-31")
    plain["seed"] = choices("seed", *range(1, 500), 2**63 - 1)
    offices = choices("offices", ("home", "abroad"), ("abroad", "home"))
    plain["target"]["statistics"] = offices
    is_late = start.month > 9 and offices[0] == "home"
    plain["target"]["year"] = start.year + is_late
    return start, end


def _economy(choices, economy, name):
    """Output, exchange rate, customs and new sanctions."""
    economy["output_growth_rate"] = choices.spread(f"{name} growth", 0, 0.05, -0.2)
    economy["output_volatility"] = choices.spread(f"{name} output", 0, 0.05)
    volatility = choices.spread(f"{name} exchange", 0, 0.2)
    economy["exchange_rate"] |= {"volatility": volatility, "overshoot_months": 9}
    green, red = choices(f"{name} lanes", (1, 0), (0.5, 0.3), (0, 1), (0.2, 0.6), (0, 0))
    economy["customs"] = {
        "green_share": green,
        "red_share": red,
        "green_days": choices.days(f"{name} green", 0, 1),
        "yellow_days": choices.days(f"{name} yellow", 0, 3),
        "red_days": choices.days(f"{name} red", 0, 7, 20),
        "rejection_share": choices.share(f"{name} rejection", 0, 0.3, 0.6, 1),
    }
    if choices.maybe(f"{name} process", 4):
        economy["sanctions_process"] = {
            "tightening_rate": choices.number(f"{name} tightening", 1, 4),
            "easing_rate": choices.number(f"{name} easing", 0, 2),
            "severity": 1,
            "relief_share": 0.5,
            "anticipation_months": choices(f"{name} anticipation", 0, 1),
            "buildup_years": choices(f"{name} build-up", 0, 0.5),
            "fade_years": choices(f"{name} fade", 0, 0.5),
            "effects": {
                "refusals": {"path": "settlement.channels.*.refusal_share", "add": 0.1},
                "slower": {"path": "corridors.*.minimum_days", "multiply": 1.5},
            },
        }


def _corridor(choices, name, start):
    """A way with or without limited room, that may be closed for all the reasons that there are."""
    corridor = {
        "title": name,
        "minimum_days": choices.days(f"{name} minimum", 0, 2, 10, 31),
        "excess_days": choices.days(f"{name} excess", 0, 5, 10),
        "excess_cv": choices.spread(f"{name} cv", 0, 1),
        "freight_usd_per_tonne": choices.spread(f"{name} freight", 0, 60),
        "closed": choices.maybe(f"{name} closed", 8),
    }
    slots = choices(f"{name} slots", None, 1, 3, None, 5)
    if slots is not None:
        corridor["slots"] = slots
    season = choices(f"{name} season", None, None, None, *SEASONS, *SEASONS[:3])
    if season is not None:
        days = ((start + timedelta(days)).strftime("%m-%d") for days in season)
        corridor["closing"] = dict(zip(("first", "last"), days, strict=True))
    corridor |= _interruptions(choices, name)
    return corridor


def _interruptions(choices, name):
    """When a channel or corridor is down by chance."""
    months = choices(f"{name} interruptions", None, None, None, (4, 1), (1, 0.3), (0.3, 0.3))
    if months is None:
        return {}
    return {"interruptions": dict(zip(("between_months", "repair_months"), months, strict=True))}


def _exports(choices, plain, economy):
    """One or two flows; one may be nothing, or nothing yet."""
    exports = plain["exports"][economy]
    last = choices(f"{economy} last", 64, 64, 16, 16, 0)
    average = last if choices.are_tied else choices(f"{economy} average", 64, last, last)
    template = exports["goods"].popitem()[1]
    names = GOODS[economy][: choices(f"{economy} goods", 1, 1, 1, 2)]
    shares = (1.0,) if len(names) == 1 else choices(f"{economy} parts", (0.25, 0.75), (1.0, 0.0))
    exports |= {
        "last_usd_million": last,
        "average_usd_million": average,
        "affinity_volatility": choices.spread(f"{economy} affinity", 0, 0.3),
    }
    for name, share in zip(names, shares, strict=True):
        good = _good(choices, name, max(share * max(last, 16.0), 1.0), len(names))
        good["corridors"] = _ways(choices, name, list(plain["corridors"]))
        exports["goods"][name] = {**deepcopy(template), **good, "share": share}


def _good(choices, name, flow, goods):
    """Who trades it, how often, and what it takes."""
    pairs = WEEKLY if choices.grid == "weeks" else ORDERING
    partners, pause = choices(f"{name} ordering", *pairs[: -2 * (goods - 1) or None])
    value = flow / partners
    return {
        "title": name,
        "latent_usd_million": choices.number(f"{name} latent", *[0] * 4, 10),
        "price_volatility": choices.spread(f"{name} price", 0, 0.2),
        "differentiated": not choices.maybe(f"{name} homogeneous"),
        "relationship_usd_million": value,
        "sunk_cost_usd_million": choices.number(f"{name} sunk", 0, 0.5, 4),
        # The square root of the economic order quantity then is a plain number of days.
        "order_cost_usd": value * 1e6 / 2.0,
        "carrying_rate": (DAYS_PER_YEAR / pause) ** 2,
        "order_cv": choices.spread(f"{name} cv", 0, 0.7),
        "production_days": choices.days(f"{name} production", 0, 1, 14, 31),
        "production_cv": choices.spread(f"{name} production cv", 0, 0.6),
    }


def _ways(choices, good, corridors):
    """Shares of the corridors in a good's orders; it need not go by all of them."""
    used = corridors[: choices(f"{good} ways", 3, 3, 2, 1)]
    shares = choices(f"{good} by {len(used)}", *PARTS[len(used)])
    return dict(zip(used, shares, strict=True))


def _settlement(choices, plain):
    """Channels of every kind, patience and payment."""
    names = _few(choices, CHANNELS)
    shares = choices(f"{len(names)} channels", *PARTS[len(names)])
    plain["settlement"] = {
        "attempts": choices("attempts", 1, 2, 2),
        "patience_days": choices.number("patience", 1e9, 40, 10, 1, 1e-9),
        "payment_days": choices.days("payment", 0, 14, 61),
        "payment_cv": choices.spread("payment cv", 0, 0.8),
        "default_share": choices.share("default", 0, 0.1, 0.5, 1),
        "channels": {
            name: {"share": share, **_channel(choices, name)}
            for name, share in zip(names, shares, strict=True)
        },
    }


def _channel(choices, name):
    """Slots, queue, time, refusals, fee, interruptions, account."""
    channel = {
        "title": name,
        "processing_days": choices.days(f"{name} processing", 0, 1, 5, 20),
        "processing_law": choices.spread(f"{name} law", "constant", "lognormal", "exponential")
        or "constant",
        "processing_cv": choices.spread(f"{name} processing cv", 0, 0.8),
        "refusal_share": choices.share(f"{name} refusal", 0, 0, 0.2, 0.5, 1),
        "fee_share": choices.share(f"{name} fee", 0, 0.013, 0.3),
        **_interruptions(choices, name),
    }
    slots = choices(f"{name} slots", None, None, 1, 1, 2, 3, 0)
    if slots is not None:
        channel["slots"] = slots
    limit = choices(f"{name} queue", None, None, None, 0, 1, 4)
    if limit is not None:
        channel["queue_limit"] = limit
    if choices.maybe(f"{name} clears"):
        channel["clearing"] = {
            "credit_limit_usd_million": choices.number(f"{name} limit", 2, 0, 0.5, 1, 6),
            "netting_share": choices.share(f"{name} netting", 0, 0.2, 0.5, 1),
        }
    return channel


def _relationships(choices, plain):
    """How partners meet, stay and part."""
    law = choices.spread("interval", "constant", "uniform", "exponential") or "constant"
    plain["relationships"] = {
        "hazard_shape": choices("hazard", 0, 0, 0.3),
        "hazard_scale_years": 0.5,
        "hazard_floor": choices("floor", 0, 0, 0.2, 2),
        "frailty_variance": choices("frailty", 0, 0.5),
        "homogeneous_hazard_ratio": choices("homogeneous", 1, 1.3),
        "start_share": 1 if choices.are_tied else choices.share("start share", 1, 0.3, 0),
        "growth_years": choices.spread("growth years", 0, 0.5, 1),
        "value_sigma": choices.spread("value sigma", 0, 0.8),
        "search_elasticity": choices("search", 0, 0.5, 3),
        "spillover": choices("spillover", 0, 0.3, 0.6),
        "search_support": choices.number("support", 1, 0, 2),
        "profit_share": 0.1,
        "payback_years": 3,
        "exit_after_failure_share": choices.share("exit", 0, 0.1, 0.5, 1),
        "order_interval": law,
    }


def _potential(choices, plain):
    """How trade follows what it could be."""
    plain["world_price_rate"] = choices.spread("prices", 0, 0.02)
    is_observed = not choices.are_tied and choices.maybe("observed")
    plain["base"]["observed_under_frictions"] = is_observed
    plain["adjustment"]["short_run_share"] = choices("short run", 1, 0.5)
    plain["geopolitics"]["persistence_share"] = choices("persistence", 0, 0.9)
    plain["geopolitics"]["sanction_loading"] = choices("loading", 0, 0.5)


def _events(choices, plain, start, end):
    """Contracts and everything with dated effects."""
    calendar = _Calendar(choices, start, end)
    plain["contracts"] = {
        name: _contract(choices, plain, calendar, name)
        for name in ("plant", "ships", "lease")
        if choices.maybe(name, 3)
    }
    paths = list(_changeable(plain))

    def changes(name):
        return {"effects": _effects(choices, paths, name)}

    if choices.maybe("roadmap", 3):
        plain["agreements"] = {"roadmap": _agreement(choices, calendar) | changes("roadmap")}
    if choices.maybe("embargo", 3):
        days = calendar.ordered("embargo", "imposed", "lifted")
        plain["sanctions"] = {
            "embargo": {
                "title": "embargo",
                "sender": "a third country",
                "target": "AAB",
                **days,
                "buildup_years": choices("embargo build-up", 0, 0.3),
                "fade_years": choices("embargo fade", 0, 0.5),
                **changes("embargo"),
            }
        }
    plain["measures"] = {
        name: {
            "title": name,
            **calendar.ordered(name, "at", "until"),
            "ramp_years": choices(f"{name} ramp", 0, 0, 0.3),
            "fade_years": choices(f"{name} fade", 0, 0, 0.3),
            **changes(name),
        }
        for name in ("reform", "crisis", "relief")
        if choices.maybe(name, 3)
    }


@dataclass
class _Calendar:
    """Days and clocks on which things may happen."""

    choices: Choices
    start: date
    end: date

    def day(self, name, *, least=0):
        """A day: before, at or after the start, at the start of a month, or never within."""
        place = least + self.choices(f"{name} day", 2, 0, 1, 3, 4, 5)
        days = (-40, -1, 0, 31, 59, 90, 120, 151, 200, 390, 1000)[place]
        return self.start + timedelta(days=days), place + 1

    def moment(self, name):
        """A day, or a clock that may never strike."""
        if self.choices.maybe(f"{name} by chance", 4):
            ever = self.choices(f"{name} ever", 1, 0.5)
            return {"median_months": 8, "sigma": 0.5, "ever_share": ever}
        return self.day(name)[0].isoformat()

    def ordered(self, name, first, last):
        """A beginning, and perhaps an end after it."""
        if self.choices.maybe(f"{name} ends"):
            day, place = self.day(f"{name} {first}")
            after = self.day(f"{name} {last}", least=place)[0] if place < 6 else self.end
            return {first: day.isoformat(), last: max(after, day + timedelta(1)).isoformat()}
        return {first: self.moment(f"{name} {first}")}


def _agreement(choices, calendar):
    """Signed, then in force on a day or when it is ratified by one side, both, or nobody."""
    signed, place = calendar.day("roadmap signed")
    agreement = {
        "title": "roadmap",
        "document": "roadmap",
        "signed": calendar.moment("roadmap signed"),
        "implemented_share": choices.share("implemented", 1, 0.6),
        "phase_in_years": choices("phase-in", 0, 0.5),
    }
    by = choices("ratified by", (), ("AAA",), ("AAA", "AAB"), None)
    if by is None:
        agreement["in_force"] = (signed + timedelta(days=20)).isoformat()
    else:
        clock = {"median_months": 2, "sigma": choices("ratification sigma", 0, 0.5)}
        agreement["ratification"] = dict.fromkeys(by, clock)
    if choices.maybe("roadmap ends", 3):
        ended = calendar.day("roadmap ended", least=min(place, 5))[0]
        agreement["ended"] = max(ended, signed + timedelta(days=30)).isoformat()
    return agreement


def _contract(choices, plain, calendar, name):
    """A large contract or a stream of them, in instalments that may fall on one day."""
    exporter = choices(f"{name} exporter", "AAA", "AAB")
    goods = list(plain["exports"][exporter]["goods"])
    if choices.maybe(f"{name} rate", 4):
        when = {"rate": choices.number(f"{name} yearly", 1, 4)}
    else:
        when = {"signed": calendar.moment(f"{name} signed")}
    return {
        "title": name,
        "exporter": exporter,
        "good": choices(f"{name} good", *goods),
        "document": "firm",
        **when,
        "size_usd_million": choices.number(f"{name} size", 8, 1, 40),
        "size_sigma": choices.spread(f"{name} sigma", 0, 0.5),
        "execution_share": choices(f"{name} execution", 1, 1, 0.5, 0),
        "fulfilment_share": choices.share(f"{name} fulfilment", 1, 0.6, 0),
        "fulfilment_spread": choices.spread(f"{name} shortfall", 0, 0.4),
        "delay_days": choices.days(f"{name} delay", 0, 10, 31),
        "spacing_days": choices.days(f"{name} spacing", 0, 1, 7, 31, 14),
        "instalments": choices(f"{name} instalments", 1, 3, 12, 40),
    }


STEPS = {
    "settlement.channels.*.refusal_share": (("add", 0.3), ("add", 1), ("multiply", 0.1)),
    "settlement.channels.*.processing_days": (("multiply", 3), ("add", 4)),
    "settlement.channels.*.fee_share": (("add", 0.02), ("multiply", 2)),
    "settlement.channels.*.slots": (("add", 1), ("add", -1), ("multiply", 0.4)),
    "settlement.channels.*.clearing.credit_limit_usd_million": (
        ("multiply", 0.2),
        ("add", 3),
        ("add", -5),
    ),
    "settlement.channels.*.clearing.netting_share": (("add", 0.5), ("multiply", 0.5)),
    "settlement.patience_days": (("multiply", 0.1), ("multiply", 1e-9), ("add", 20)),
    "settlement.payment_days": (("add", 20), ("multiply", 0.5)),
    "settlement.default_share": (("add", 0.4), ("multiply", 0.5)),
    "relationships.exit_after_failure_share": (("add", 0.5), ("multiply", 0.5)),
    "relationships.search_support": (("multiply", 3), ("add", -1)),
    "corridors.*.minimum_days": (("add", 7), ("multiply", 0.5)),
    "corridors.*.excess_days": (("add", 7), ("multiply", 0.5)),
    "corridors.*.slots": (("add", 2), ("add", -1), ("multiply", 0.4)),
    "economies.*.customs.green_share": (("add", 0.4), ("multiply", 0.3)),
    "economies.*.customs.red_share": (("add", 0.4), ("multiply", 0.3)),
    "economies.*.customs.red_days": (("add", 6),),
    "economies.*.customs.yellow_days": (("add", 2),),
    "economies.*.customs.green_days": (("add", 1),),
    "economies.*.customs.rejection_share": (("add", 0.5),),
    "exports.*.goods.*.production_days": (("add", 10), ("multiply", 0.5)),
    "exports.*.goods.*.tariff_share": (("add", 0.3),),
    "exports.*.goods.*.affinity": (("add", -0.7), ("add", 0.5), ("add", -3)),
}
"""What effects may change, and by how much."""


def _changeable(plain):
    """Paths of numbers that there are."""
    channels = plain["settlement"]["channels"].values()
    has = {
        "settlement.channels.*.slots": any("slots" in channel for channel in channels),
        "settlement.channels.*.clearing": any("clearing" in channel for channel in channels),
        "corridors.*.slots": any("slots" in corridor for corridor in plain["corridors"].values()),
    }
    for path in STEPS:
        if all(there for start, there in has.items() if path.startswith(start)):
            yield path


def _effects(choices, paths, name):
    """One or two changes of different numbers."""
    effects = {}
    for key in ("first", "second")[: choices(f"{name} effects", 1, 2)]:
        path = choices(f"{name} {key} path", *paths)
        kind, amount = choices(f"{name} {key} step", *STEPS[path])
        effects[key] = {"path": path, kind: amount}
    return effects


# --- Replications ---


@dataclass(frozen=True)
class Replication:
    """What both engines are given, and what the reference makes of it."""

    choices: dict
    spec: object
    world: object
    draws: Draws
    truth: Trajectory

    def by(self, simulate):
        """What another engine makes of it."""
        return simulate(self.spec, self.world, self.draws)


def replication_of(choices):
    """The replication that follows from choices."""
    plain = described(choices)
    draws = Draws(plain["seed"], choices("replication", 0, 1, 7, 9_999_999))
    spec = specification(Scenario.model_validate(plain))
    drawn = conditions(spec, draws)
    if _is_made_smaller(plain, spec, drawn):
        spec = specification(Scenario.model_validate(plain))
        drawn = conditions(spec, draws)
    truth = reference.simulate(spec, drawn, draws)
    return Replication(choices.made, spec, drawn, draws, truth)


MOST_ORDERS = 150
"""Expected of those who trade at the start, and of those who come later."""


def _is_made_smaller(plain, spec, drawn):
    """Whether there were too many orders, until some relationships became one or fewer came."""
    span = (spec.periods.edges[-1] - spec.periods.edges[0]) / DAYS_PER_YEAR
    support = drawn.levels[:, spec.place("relationships.search_support")].max()
    coming, is_changed = 0.0, False
    for place, flow in enumerate(spec.flows):
        good = plain["exports"][flow.exporter]["goods"][flow.good]
        yearly = good["carrying_rate"] ** 0.5
        partners = drawn.norm[place] / (good["relationship_usd_million"] * 1e6)
        # Powers of two leave all digits as they are.
        merged = 2.0 ** math.ceil(math.log2(max(partners * yearly * span / MOST_ORDERS, 1.0)))
        good["relationship_usd_million"] *= merged
        good["order_cost_usd"] *= merged
        is_changed |= merged > 1.0
        lasting = min(max(drawn.lives[place].mean_years, 0.25), span / 2.0)
        births = (drawn.candidates[place] + drawn.missing_found[place]) / merged * support
        coming += births * span * lasting * yearly
    if coming > MOST_ORDERS:
        plain["relationships"]["search_support"] = MOST_ORDERS / coming
        is_changed = True
    return is_changed


def replication(number):
    """The replication of a number."""
    return replication_of(Choices(number))


# --- The judge ---


def bits(values):
    """Numbers as integers, the bits of floats."""
    array = np.asarray(values)
    return array.view(np.int64) if array.dtype == np.float64 else array.astype(np.int64)


def differences(a, b):
    """Every field in which two trajectories differ in a bit, each with the places that do."""
    found = {}
    for field in fields(Trajectory):
        one, other = getattr(a, field.name), getattr(b, field.name)
        if field.name != "channels":
            found[field.name] = _places(one, other)
            continue
        for part in fields(StationUse):
            columns = [[getattr(use, part.name) for use in uses] for uses in (one, other)]
            found[f"channels.{part.name}"] = _places(*columns)
    return {name: places for name, places in found.items() if places}


def _places(one, other):
    """Where two columns differ, to the end of the longer one."""
    one, other = np.asarray(one), np.asarray(other)
    if one.dtype != other.dtype:
        return [f"{one.dtype} and {other.dtype}"]
    length = min(len(one), len(other))
    places = np.flatnonzero(bits(one[:length]) != bits(other[:length])).tolist()
    return [*places, *range(length, max(len(one), len(other)))]


def book_differences(spec, drawn, a, b):
    """Every account in which the ledgers of two trajectories differ in a cent."""
    found = []
    for office in spec.scenario.offices:
        edges = edges_of([*years(spec, office)])
        ours, theirs = (ledger(drawn, Journal(spec, trajectory), edges) for trajectory in (a, b))
        found += [
            f"{account} by the years of {office}"
            for account, cents in ours.items()
            if not np.array_equal(cents, theirs[account])
        ]
    return found


def first_difference(spec, a, b):
    """The first event in time that differs, in words; where none does, the first number."""
    ours, theirs = (events(spec, trajectory).to_pylist() for trajectory in (a, b))
    for one, other in zip_longest(ours, theirs):
        if one != other:
            return _words(one, other)
    for name, places in differences(a, b).items():
        group, _, part = name.partition(".")
        pair = [_shown(getattr(trajectory, group), part, places[0]) for trajectory in (a, b)]
        return f"no event differs; {name} at {places[0]}: {pair[0]} in the reference, not {pair[1]}"
    return ""


def _shown(column, part, place):
    """A number, all its digits; nothing where there is none."""
    if not isinstance(place, int) or place >= len(column):
        return "nothing"
    value = getattr(column[place], part) if part else column[place]
    return repr(value)


def _words(one, other):
    """Two events of which at least one should not be, in words."""
    if one is None or other is None or one["day"] != other["day"]:
        which = min((row for row in (one, other) if row), key=lambda row: row["day"])
        whose = "the reference" if which is one else "the other engine"
        return f"{_named(which)} happens in {whose} alone"
    if (one["order"], one["event"]) != (other["order"], other["event"]):
        return f"{_named(one)} in the reference, {_named(other)} in the other engine"
    column = next(name for name in one if one[name] != other[name])
    return f"{_named(one)}: {column} is {one[column]!r} in the reference, not {other[column]!r}"


def _named(row):
    """An event in words."""
    value = f"{row['exporter']} {row['good']}, {row['stream']} {row['partner']}"
    return f"day {row['day']!r} ({row['date']}), order {row['order']} ({value}), {row['event']}"


def verdict(given, simulate=compiled.simulate):
    """What sets another engine apart from the reference, in words; nothing when they agree."""
    found = given.by(simulate)
    apart = differences(given.truth, found)
    books = book_differences(given.spec, given.world, given.truth, found)
    if not apart and not books:
        return ""
    words = [first_difference(given.spec, given.truth, found), f"books: {books}"]
    words += [f"{name}: {len(places)}, first {places[0]}" for name, places in apart.items()]
    return "\n".join(words)


def judged(number, simulate=compiled.simulate):
    """The verdict on the replication of a number, made as plain as it can be where they differ."""
    given = replication(number)
    if not verdict(given, simulate):
        return ""

    def fails(choices):
        tried = replication_of(Choices(given=choices))
        return tried.choices if verdict(tried, simulate) else None

    made = plainest(given.choices, fails)
    plain = replication_of(Choices(given=made))
    first = f"replication {number}, which differs even where the only choices are {made}"
    return f"{first}\n{verdict(plain, simulate)}"


# --- The compiled engine without compilation ---

FOLDER = Path(compiled.__file__).parent
MODULES = ("agenda", "chance", "luck", "births", "compiled")
"""Modules of the compiled engine that have code of its own, each after those that it imports."""


def _as_it_is(function, **_):
    """What is to be compiled, left to the interpreter."""
    return function


def _product(a, b):
    """As ``compiling.product``."""
    whole = int(a) * int(b)
    return np.uint64(whole >> 64), np.uint64(whole & 2**64 - 1)


def _power_of_two(exponent):
    """As ``compiling.power_of_two``."""
    return math.ldexp(1.0, int(exponent))


class _Groups(loading.Loading):
    """Arrays that are reached by name, not by their addresses."""

    @property
    def layout(self):
        """What stands for the addresses."""
        return self

    def places(self, row, begun):
        """One world."""
        kinds = memory.fields_of(World)
        groups = {group: {} for group, _ in kinds}
        for (group, name), kind in kinds.items():
            if (group, name) in self.common:
                array = self.common[group, name]
                is_log = group == "orders" and name in ORDERS
                array = array[begun:] if is_log else array
            else:
                array = self.each[group, name][row].reshape(-1)
            groups[group][name] = array[0].item() if kind in (int, float) else array
        return World(**{name: World.__annotations__[name](**part) for name, part in groups.items()})


def _loaded(*given):
    """As ``loading.loaded``."""
    made = loading.loaded(*given)
    made.__class__ = _Groups
    return made


def run_by(run):
    """As ``compiled.run_on``, but a replication is run by ``run``, given its addresses."""
    names = {**vars(compiled), "run": run, "places": loading.places.py_func}
    return FunctionType(compiled.run_on.py_func.__code__, names)


def addresses(arrays, row=0, begun=0):
    """Where the arrays of a world are, as ``compiled.run`` takes it."""
    return loading.places.py_func(arrays.layout, row, begun)


DOORS = {
    "compiling": {
        "compiled": lambda _: _as_it_is,
        "inlined": _as_it_is,
        "shared": _as_it_is,
        "prefetch": lambda *_: None,
        "product": _product,
        "power_of_two": _power_of_two,
    },
    "memory": {**vars(memory), "opener": lambda _: lambda groups: groups},
    "loading": {
        **vars(loading),
        "loaded": _loaded,
        "places": lambda groups, row, begun: groups.places(row, begun),
    },
}
"""What takes the place of numba's doors, and of the way from Python's arrays to them."""


def interpreted(module="", old="", new="", room=None) -> Callable:
    """The compiled engine as it stands in its source, run by the interpreter.

    In ``module`` the text ``old`` is replaced by ``new``: it must stand there once. ``room`` is how
    many orders fit in at first.
    """
    loaded = {f"simulator.engines.{name}": SimpleNamespace(**door) for name, door in DOORS.items()}

    def importing(name, *rest):
        return loaded[name] if name in loaded else builtins.__import__(name, *rest)

    for name in MODULES:
        file = FOLDER / f"{name}.py"
        source = file.read_text(encoding="utf-8")
        if name == module:
            assert source.count(old) == 1, f"{old!r} stands {source.count(old)} times in {file}"
            source = source.replace(old, new)
        names = {
            "__name__": f"interpreted.{name}",
            "__builtins__": {**vars(builtins), "__import__": importing},
        }
        exec(compile(source, str(file), "exec"), names)  # noqa: S102 -- our own source
        loaded[f"simulator.engines.{name}"] = SimpleNamespace(**names)
    names.update(NEAR=NOTHING)
    if room is not None:
        names.update(ROOM=room, SPARE=0.0, PARTNERS=room)

    def simulate(spec, drawn, draws):
        # Unsigned arithmetic is meant to wrap.
        with np.errstate(over="ignore"):
            return names["simulate"](spec, drawn, draws)

    return simulate
