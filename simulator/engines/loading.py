"""Loading: replications as the arrays of compiled worlds, and what they came to.

Arrays that differ between replications have an axis over them first, and a world begins at its row.
All others are the same for all, or a workplace that one replication after the other uses.
"""

from dataclasses import dataclass, field, fields
from functools import cached_property
from itertools import accumulate
from typing import Any

import numpy as np
import numpy.typing as npt

from simulator.conditions import AGES, Worlds
from simulator.draws import stream_key
from simulator.engines import luck
from simulator.engines.agenda import MOST_SUBJECTS, STATE
from simulator.engines.chance import LAWS
from simulator.engines.compiling import inlined
from simulator.engines.memory import Array, cut, dtype_of, fields_of, fitted
from simulator.engines.tables import NO_LIMIT, Months, Tables, is_first_exporter
from simulator.engines.world import RECORD, World
from simulator.entities import ORDER_WORDS, Laws
from simulator.lives import drawn_as
from simulator.portable import FloatArray
from simulator.shocks import Spans
from simulator.specification import Specification
from simulator.trajectory import (
    DUES,
    ENTRANTS,
    FIRST_CONTRACT,
    INCUMBENTS,
    ORDERS,
    IntArray,
    Trajectories,
    Uses,
)

EVENTS_PER_ORDER = 4
"""Most entries of one order in the agenda: what it does next, and timers of waits that are over."""

FEWEST_SLICES, SLICES_PER_ORDER = 64, 2
"""Slices of the agenda's time: as many as there are events, if all the room for orders is used."""

MOST_SLICES, ORDERS_PER_SLICE = 2**15, 4
"""No more than stay near the processor, unless then so many orders would share each."""

OTHER_EVENTS = 4
"""Entries besides those of orders, relationships, stations and deals: the calendar, and spares."""

Addresses = npt.NDArray[np.uint64]

BEYOND_NUMBERS = "a flow grows beyond numbers"


@dataclass
class Loading:
    """The arrays of some replications by group and name."""

    count: int
    each: dict[tuple[str, str], Array] = field(default_factory=dict)
    """Those with an axis over replications."""
    common: dict[tuple[str, str], Array] = field(default_factory=dict)

    def put_each(self, group: str, **arrays: npt.ArrayLike) -> None:
        """Add arrays with a row for each replication."""
        for name, array in arrays.items():
            self.each[group, name] = fitted(World, group, name, array)

    def put(self, group: str, **arrays: npt.ArrayLike) -> None:
        """Add arrays that serve all replications."""
        for name, array in arrays.items():
            self.common[group, name] = fitted(World, group, name, array)

    @property
    def room(self) -> int:
        """Orders that fit in, of all replications."""
        return len(self.common["orders", "flow"])

    @property
    def partners(self) -> int:
        """Relationships that fit in, of one replication."""
        return len(self.common["partners", "flow"]) // RECORD

    @cached_property
    def layout(self) -> Addresses:
        """Addresses of the first world's arrays; the bytes to those of the next; those of an order.

        The latter are none where the arrays are not columns of the log.
        """
        starts, steps, widths = list[int](), list[int](), list[int]()
        for group, name in fields_of(World):
            is_common = (group, name) in self.common
            array = self.common[group, name] if is_common else self.each[group, name]
            starts.append(array.__array_interface__["data"][0])
            steps.append(0 if is_common else array.strides[0])
            widths.append(array.itemsize if group == "orders" and name in ORDERS else 0)
        return np.array([starts, steps, widths], dtype=np.uint64)

    def make_room(self, orders: int, partners: int, begun: int = 0) -> None:
        """Let so many orders and relationships fit in; the log of those begun is kept."""
        kept = {name: self.common["orders", name][:begun] for name in ORDERS} if begun else {}
        others = OTHER_EVENTS + self.each["stations", "is_open"].shape[1]
        others += len(self.common["deals", "next_instalment"])
        entries = partners + EVENTS_PER_ORDER * orders + others
        each = orders // self.count
        slices = min(FEWEST_SLICES + SLICES_PER_ORDER * each, MOST_SLICES)
        slices = max(slices, each // ORDERS_PER_SLICE)
        sizes = {("orders", name): orders for name in columns_of("orders")}
        sizes["luck", "numbers"] = RECORD * (partners + 1) + ORDER_WORDS * orders
        sizes["luck", "desk"] = luck.DESK
        sizes["agenda", "first"] = slices
        sizes |= {("agenda", name): entries for name in ("times", "notes", "behind")}
        # Whatever is never used of all this takes no memory: the system gives it page by page.
        for key, array in zip(sizes, cut(sizes.values()), strict=True):
            self.common[key] = array.view(dtype_of(World, *key))
        for name, column in kept.items():
            self.common["orders", name][:begun] = column
        numbers = self.common["luck", "numbers"]
        for place, name in enumerate(columns_of("partners")):
            column = numbers[place:][: RECORD * partners]
            self.common["partners", name] = column.view(dtype_of(World, "partners", name))
        self.common["luck", "desk"][:] = luck.NO_MATTER
        self.put("orders", most=[orders], total=[0])
        self.put("partners", most=[min(RECORD * partners, MOST_SUBJECTS)], total=[0])
        self.put(
            "luck",
            lanes=[luck.LANES],
            logs=[luck.LOGS],
            first=[RECORD * (partners + 1)],
            state=[0] * luck.STATE,
        )
        turns = self.common["clock", "turns"]
        self.put(
            "agenda",
            begins=[turns[0]],
            slices_a_day=[slices / (turns[-1] - turns[0])],
            slices=[slices],
            state=[0] * STATE,
        )
        self.__dict__.pop("layout", None)


def columns_of(group: str) -> list[str]:
    """Fields of a group that have a number for each of its members."""
    return [name for of, name in fields_of(World) if of == group and name not in ("most", "total")]


@inlined
def places(layout: Addresses, row: int, begun: int) -> Addresses:
    """Where the arrays of one world are, when its orders come after others."""
    found: Addresses = layout[0] + np.uint64(row) * layout[1] + np.uint64(begun) * layout[2]
    return found


def loaded(spec: Specification, worlds: Worlds, orders: int, partners: int) -> Loading:
    """The arrays of some replications.

    ``orders`` is how many fit in, of all replications; ``partners`` how many of one.

    Raises:
        OverflowError: A flow grows beyond numbers, at which machine code would not stop.

    """
    loading = Loading(len(worlds))
    tables, laws = Tables.of(spec, worlds), Laws.of(spec, worlds.numbers)
    if not np.isfinite(tables.months.flow_index).all():
        raise OverflowError(BEYOND_NUMBERS)
    _load_clock(loading, spec)
    _load_common(loading, spec, worlds, tables, laws)
    loading.put_each(
        "months", **{one.name: getattr(tables.months, one.name) for one in fields(Months)}
    )
    _load_stations(loading, spec)
    _load_channels(loading, spec, worlds, tables, laws)
    _load_corridors(loading, spec, worlds, tables, laws)
    _load_flows(loading, spec, worlds, tables, laws)
    _load_lives(loading, worlds)
    _load_deals(loading, spec, worlds)
    loading.make_room(orders, partners)
    return loading


def _load_clock(loading: Loading, spec: Specification) -> None:
    edges = np.array(spec.periods.edges)
    days = np.diff(edges)
    loading.put(
        "clock",
        now=[0.0],
        month=[0],
        last=[0.0],
        status=[0],
        is_ahead=[1],
        # The calendar waits from month to month: its clock adds up the differences.
        turns=list(accumulate(days.tolist(), initial=float(edges[0]))),
        days=days,
    )


def _load_common(
    loading: Loading, spec: Specification, worlds: Worlds, tables: Tables, laws: Laws
) -> None:
    names = ("start_share", "growth_years", "profit_share", "payback_years", "spillover")
    loading.put(
        "common",
        end=[spec.periods.edges[-1]],
        seed=np.array([worlds.draws.seed], dtype=np.uint64),
        months=[spec.periods.count],
        attempts=[spec.scenario.settlement.attempts],
        interval=[LAWS[laws.interval]],
        starts_anywhere=[laws.interval == "uniform"],
    )
    loading.put_each(
        "common",
        replication=np.array(worlds.draws.replications)[:, None],
        payment_sigma=laws.payment_sigma[:, None],
        value_sigma=worlds.numbers[:, [spec.place("relationships.value_sigma")]],
        frailty_variance=worlds.numbers[:, [spec.place("relationships.frailty_variance")]],
        **{name: getattr(tables, name)[:, None] for name in names},
    )


def _load_stations(loading: Loading, spec: Specification) -> None:
    limits = [spec.scenario.settlement.channels[name].queue_limit for name in spec.channels]
    unlimited = [np.inf] * len(spec.corridors)
    shape = (loading.count, len(spec.channels) + len(spec.corridors))
    zeros = ("capacity", "is_open", "in_use", "waiting", "first", "last", "busy", "waited")
    queue_limit = [*(np.inf if limit is None else limit for limit in limits), *unlimited]
    loading.put("stations", total=[shape[1]], queue_limit=queue_limit)
    loading.put_each("stations", **{name: np.zeros(shape) for name in zeros})


def _load_channels(
    loading: Loading, spec: Specification, worlds: Worlds, tables: Tables, laws: Laws
) -> None:
    shape = (loading.count, len(spec.channels))
    down, up, first, after = _windows(worlds.channel_down)
    loading.put(
        "channels",
        total=[len(spec.channels)],
        is_memoryless=laws.memoryless,
        has_account=tables.months.credit_limit[0, 0] != NO_LIMIT,
        first_window=first,
        after_windows=after,
    )
    loading.put_each(
        "channels",
        steps=laws.first_channel,
        fallback=laws.fallback,
        sigma=laws.channel_sigma,
        down=down,
        up=up,
        **{name: np.zeros(shape) for name in ("window", "balance", "limit", "netted")},
        **{name: np.zeros((shape[0], 2 * shape[1])) for name in ("first", "last")},
    )


def _load_corridors(
    loading: Loading, spec: Specification, worlds: Worlds, tables: Tables, laws: Laws
) -> None:
    closes, opens, first, after = _windows(worlds.corridor_closed)
    loading.put(
        "corridors",
        total=[len(spec.corridors)],
        has_room=np.isfinite(tables.months.corridor_slots[0, 0]),
        first_window=first,
        after_windows=after,
        window=np.zeros(len(spec.corridors)),
    )
    loading.put_each("corridors", sigma=laws.corridor_sigma, closes=closes, opens=opens)


def _windows(
    spans: tuple[Spans, ...],
) -> tuple[FloatArray, FloatArray, list[int], list[int]]:
    """Starts and ends side by side, and where those of each name begin and end."""
    ends = [*accumulate((one.starts.shape[1] for one in spans), initial=0)]
    starts = np.concatenate([one.starts for one in spans], axis=1)
    return starts, np.concatenate([one.ends for one in spans], axis=1), ends[:-1], ends[1:]


def _load_flows(
    loading: Loading, spec: Specification, worlds: Worlds, tables: Tables, laws: Laws
) -> None:
    shape = (loading.count, len(spec.flows))
    kept = ("carrying_rate", "order_cost", "sunk_cost", "candidates", "missing_found")
    zeros = ("stock", "mass", "created_cents", "delivered_cents", "lost_cents")
    loading.put(
        "flows",
        total=[len(spec.flows)],
        is_first_exporter=is_first_exporter(spec),
        incumbent_key=_keys(spec, "", INCUMBENTS),
        entrant_key=_keys(spec, "", ENTRANTS),
        incumbent_order_key=_keys(spec, "order ", INCUMBENTS),
        entrant_order_key=_keys(spec, "order ", ENTRANTS),
        next_candidate=np.zeros(shape[1]),
        missing=np.zeros(shape[1]),
    )
    loading.put_each(
        "flows",
        **{name: getattr(tables, name) for name in (*kept, "norm_stock", "norm_mass")},
        carried=worlds.incumbent,
        mean_value=worlds.numbers[:, spec.places("good.relationship_usd_million")] * 1e6,
        order_sigma=laws.order_sigma,
        production_sigma=laws.production_sigma,
        corridor_steps=laws.corridor,
        **{name: np.zeros(shape) for name in zeros},
    )


def _keys(spec: Specification, of: str, stream: int) -> Addresses:
    """The keys of the draws of a stream, by flow."""
    names = [f"{of}{drawn_as(spec, flow, stream)}" for flow in range(len(spec.flows))]
    return np.array([stream_key(name) for name in names], dtype=np.uint64)


def _load_lives(loading: Loading, worlds: Worlds) -> None:
    lives = worlds.lives
    loading.put("lives", total=[len(AGES)], ages=AGES)
    loading.put_each(
        "lives",
        hazard=lives.hazard,
        survivors=lives.survivors,
        mean_size=lives.mean_size,
        is_mortal=np.isfinite(lives.mean_years),
    )


def _load_deals(loading: Loading, spec: Specification, worlds: Worlds) -> None:
    most = max(map(len, worlds.deals))
    dues = max(sum(deal.instalments for deal in deals) for deals in worlds.deals)
    names = ("flow", "number", "first_day", "spacing_days", "instalments", "ordered_cents")
    columns = {name: np.zeros((loading.count, most)) for name in (*names, "stream", "key")}
    columns["key"] = columns["key"].astype(np.uint64)
    for row, deals in enumerate(worlds.deals):
        for place, deal in enumerate(deals):
            for name in names:
                columns[name][row, place] = getattr(deal, name)
            stream = FIRST_CONTRACT + deal.contract
            columns["stream"][row, place] = stream
            columns["key"][row, place] = stream_key(f"order {drawn_as(spec, deal.flow, stream)}")
    counts = np.array([len(deals) for deals in worlds.deals])
    loading.put("deals", next_instalment=np.zeros(most))
    loading.put_each(
        "deals",
        total=counts[:, None],
        **columns,
        dues=np.zeros((loading.count, 1)),
        due_deal=np.zeros((loading.count, dues)),
        due_day=np.zeros((loading.count, dues)),
    )


def unloaded(
    spec: Specification, worlds: Worlds, loading: Loading, orders: IntArray
) -> Trajectories:
    """What happened, when the replications have had so many ``orders``."""
    each, end = loading.each, spec.periods.edges[-1]
    total = int(orders.sum())
    channels = slice(len(spec.channels))
    station = {
        name: each["stations", name][:, channels]
        for name in ("busy", "waited", "in_use", "waiting")
    }
    columns: dict[str, Any] = {name: loading.common["orders", name][:total] for name in ORDERS}
    columns.update(zip(DUES, _dues(worlds, loading), strict=True))
    return Trajectories(
        **columns,
        channels=(),
        partners=each["flows", "stock"],
        created_cents=each["flows", "created_cents"],
        delivered_cents=each["flows", "delivered_cents"],
        lost_cents=each["flows", "lost_cents"],
        orders=orders,
        dues=each["deals", "dues"][:, 0],
        uses=Uses(
            station["busy"] + station["in_use"] * end,
            station["waited"] + station["waiting"] * end,
            station["in_use"],
            each["channels", "balance"],
            each["channels", "netted"],
        ),
    )


def _dues(
    worlds: Worlds, loading: Loading
) -> tuple[IntArray, FloatArray, IntArray, IntArray, npt.NDArray[np.bool_]]:
    """The contracts as due, replication by replication."""
    flow, face, ordered, executed, days = [], [], [], [], []
    for row, deals in enumerate(worlds.deals):
        count = int(loading.each["deals", "dues"][row, 0])
        days.append(loading.each["deals", "due_day"][row, :count])
        for place in loading.each["deals", "due_deal"][row, :count].tolist():
            deal = deals[place]
            flow.append(deal.flow)
            face.append(deal.face_cents)
            ordered.append(deal.ordered_cents)
            executed.append(deal.executed)
    return (
        np.array(flow, dtype=np.int64),
        np.concatenate(days),
        np.array(face, dtype=np.int64),
        np.array(ordered, dtype=np.int64),
        np.array(executed, dtype=np.bool_),
    )
