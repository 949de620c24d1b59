"""Entities: the draws that relationships and orders carry with them from their creation.

A relationship is known by its stream and number, an order by its relationship and its number in it.
Draws are fetched and turned into factors in blocks; nothing here depends on the course of a run.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simulator.conditions import Conditions
from simulator.draws import Draws
from simulator.equations.ordering import orders_per_year
from simulator.lives import drawn_as, entrants, incumbents
from simulator.portable import FloatArray, exp, log, log_factor, normal_quantile
from simulator.potential import channel_shares, corridor_shares, fallback_channels
from simulator.scenario.types import DAYS_PER_YEAR
from simulator.specification import IntArray, Specification
from simulator.trajectory import ENTRANTS, FIRST_CONTRACT, INCUMBENTS

ORDER_WORDS = 16
INTERVAL, SIZE, CHANNEL, PROCESSING, REFUSAL, SECOND_PROCESSING, SECOND_REFUSAL, PATIENCE = range(8)
PRODUCTION, CORRIDOR, TRANSIT, LANE, REJECTION, PAYMENT, DEFAULT, EXIT = range(8, 16)
"""Places in an order's row; the same number is its word in the stream."""

_LOGNORMAL = [SIZE, PROCESSING, SECOND_PROCESSING, PRODUCTION, TRANSIT, PAYMENT]

ENTITIES_PER_PARTNER = 2**20
"""Order n of partner m is entity m x 2**20 + n of its stream."""

CANDIDATES_AT_ONCE = 16
FIRST_ORDERS = 10
"""Orders of a candidate that are drawn at once."""

MORE_ORDERS = 32
ROWS_AT_ONCE = 1024
"""Rows turned into factors in one call: what the processor's cache holds."""


@dataclass(frozen=True, slots=True)
class Member:
    """One relationship, or one contract of a stream: where its orders' draws are."""

    stream: str
    flow: int
    number: int
    expected: int
    """Orders that it will probably place."""


@dataclass(frozen=True, slots=True)
class Span:
    """Some orders of a member, from number ``first`` on."""

    member: Member
    first: int
    count: int


class Orders:
    """Rows of draws for the orders of some relationships, by place among them and number.

    Turning numbers into factors costs most by the call. So what will probably be needed is drawn
    together at first use, and the rest when it is needed.
    """

    def __init__(self, luck: "Luck", members: list[Member]) -> None:
        self._luck = luck
        self._members = members
        self._rows: list[list[list[float]]] = []

    def row(self, place: int, order: int) -> list[float]:
        """The draws of one order, as factors ready for use."""
        if not self._rows:
            spans = [Span(member, 0, member.expected) for member in self._members]
            self._rows = self._luck.order_rows(spans)
        rows = self._rows[place]
        while order >= len(rows):
            more = Span(self._members[place], len(rows), MORE_ORDERS)
            rows += self._luck.order_rows([more])[0]
        return rows[order]


@dataclass(frozen=True, slots=True)
class Life:
    """What is drawn of one relationship at its birth."""

    age_years: float
    left_years: float
    """Life that is left at the start, infinite when nothing ends it."""
    value: float
    """Mature yearly value, dollars."""
    phase: float
    """Share of an order interval that has passed at the start."""
    orders: Orders
    place: int
    """Place among the relationships whose orders are drawn together."""


class Candidates:
    """Those who may enter one flow, by number: the gap to the one before, and the life ahead.

    A gap is exponential of mean 1, in expected candidates.
    """

    def __init__(self, luck: "Luck", flow: int) -> None:
        self._luck = luck
        self._flow = flow
        self._known: list[tuple[float, Life]] = []

    def __getitem__(self, number: int) -> tuple[float, Life]:
        while number >= len(self._known):
            self._known += self._luck.entrants(self._flow, len(self._known))
        return self._known[number]


@dataclass(frozen=True, slots=True)
class Laws:
    """What turns the uniform numbers of orders into factors; replications may come first."""

    interval: str
    first_channel: FloatArray
    """Steps of the unit interval, by channel."""
    corridor: FloatArray
    """The same by flow and corridor."""
    fallback: IntArray
    memoryless: npt.NDArray[np.bool_]
    channel_sigma: FloatArray
    corridor_sigma: FloatArray
    order_sigma: FloatArray
    production_sigma: FloatArray
    payment_sigma: FloatArray

    @classmethod
    def of(cls, spec: Specification, numbers: FloatArray) -> "Laws":
        """Take the laws from numbers."""
        channels = [spec.scenario.settlement.channels[name] for name in spec.channels]
        spread = [channel.processing_law != "constant" for channel in channels]
        return cls(
            interval=spec.scenario.relationships.order_interval,
            first_channel=np.cumsum(channel_shares(spec, numbers), axis=-1),
            corridor=np.cumsum(corridor_shares(spec, numbers), axis=-1),
            fallback=fallback_channels(spec, numbers),
            memoryless=np.array([c.processing_law == "exponential" for c in channels]),
            channel_sigma=_sigma(numbers[..., spec.places("channel.processing_cv")] * spread),
            corridor_sigma=_sigma(numbers[..., spec.places("corridor.excess_cv")]),
            order_sigma=_sigma(numbers[..., spec.places("good.order_cv")]),
            production_sigma=_sigma(numbers[..., spec.places("good.production_cv")]),
            payment_sigma=_sigma(numbers[..., spec.place("settlement.payment_cv")]),
        )


class Luck:
    """All draws of entities in one replication."""

    def __init__(self, spec: Specification, conditions: Conditions, draws: Draws) -> None:
        self._spec = spec
        self._conditions = conditions
        self._draws = draws
        numbers = conditions.numbers
        self.laws = Laws.of(spec, numbers)
        # The number of orders follows the square root of the flow.
        days = np.diff(spec.periods.edges)[:, None] / DAYS_PER_YEAR
        index = conditions.desired / np.where(conditions.norm > 0.0, conditions.norm, 1.0)
        self._years = float(days.sum())
        self._activity = (np.sqrt(index) * days).sum(axis=0).tolist()
        self._carrying = numbers[spec.places("good.carrying_rate")].tolist()
        self._order_cost = numbers[spec.places("good.order_cost_usd")].tolist()

    def order_rows(self, spans: list[Span]) -> list[list[list[float]]]:
        """Rows of the spans, each a list of orders."""
        share = np.concatenate(
            [
                self._draws.uniform(
                    f"order {span.member.stream}",
                    first=span.member.number * ENTITIES_PER_PARTNER + span.first,
                    entities=span.count,
                    words=ORDER_WORDS,
                )
                for span in spans
            ]
        )
        counts = [span.count for span in spans]
        flow = np.repeat([span.member.flow for span in spans], counts)
        rows: list[list[float]] = []
        for first in range(0, len(share), ROWS_AT_ONCE):
            some = slice(first, first + ROWS_AT_ONCE)
            rows += self._factors(share[some], flow[some]).tolist()
        ends = np.cumsum(counts).tolist()
        return [rows[end - count : end] for end, count in zip(ends, counts, strict=True)]

    def _factors(self, share: FloatArray, flow: IntArray) -> FloatArray:
        """Uniform numbers of orders as the factors they stand for, all of a kind in one call."""
        laws = self.laws
        channel = _chosen(laws.first_channel, share[:, CHANNEL])
        corridor = _chosen_of(laws.corridor[flow], share[:, CORRIDOR])
        sigma = np.empty((len(share), len(_LOGNORMAL)))
        sigma[:, 0] = laws.order_sigma[flow]
        sigma[:, 1] = laws.channel_sigma[channel]
        sigma[:, 2] = laws.channel_sigma[laws.fallback[channel]]
        sigma[:, 3] = laws.production_sigma[flow]
        sigma[:, 4] = laws.corridor_sigma[corridor]
        sigma[:, 5] = laws.payment_sigma
        rows = share.copy()
        rows[:, CHANNEL] = channel
        rows[:, CORRIDOR] = corridor
        rows[:, _LOGNORMAL] = _factor(sigma, normal_quantile(share[:, _LOGNORMAL]))
        rows[:, PATIENCE] = -log(share[:, PATIENCE])
        rows[:, INTERVAL] = self._intervals(share[:, INTERVAL])
        if laws.memoryless.any():
            for word, chosen in (
                (PROCESSING, channel),
                (SECOND_PROCESSING, laws.fallback[channel]),
            ):
                waits = -log(share[:, word])
                rows[:, word] = np.where(laws.memoryless[chosen], waits, rows[:, word])
        return rows

    def contract_orders(self) -> Orders:
        """The rows of the instalments of all deals, in the order of the deals."""
        return Orders(
            self,
            [
                Member(
                    drawn_as(self._spec, deal.flow, FIRST_CONTRACT + deal.contract),
                    deal.flow,
                    deal.number,
                    deal.instalments,
                )
                for deal in self._conditions.deals
            ],
        )

    def incumbents(self) -> list[list[Life]]:
        """Relationships that exist at the start, by flow."""
        members: list[Member] = []
        orders = Orders(self, members)
        found = []
        for flow in range(len(self._spec.flows)):
            rows = incumbents(self._spec, self._conditions, self._draws, flow).rows()
            found.append([Life(*row, orders, n) for n, row in enumerate(rows, len(members))])
            stream = drawn_as(self._spec, flow, INCUMBENTS)
            members += [
                Member(stream, flow, number, self._expected_orders(flow, life))
                for number, life in enumerate(found[-1])
            ]
        return found

    def _expected_orders(self, flow: int, life: Life) -> int:
        """Orders that a relationship will probably place until it ends."""
        often = orders_per_year(life.value, self._carrying[flow], self._order_cost[flow])
        share = min(1.0, life.left_years / self._years)
        return 4 + int(1.1 * often * share * self._activity[flow])

    def candidates(self, flow: int) -> Candidates:
        """Those who may enter."""
        return Candidates(self, flow)

    def entrants(self, flow: int, first: int) -> list[tuple[float, Life]]:
        """The next candidates for entry, from number ``first`` on."""
        count = CANDIDATES_AT_ONCE
        gaps, lives = entrants(self._spec, self._conditions, self._draws, flow, first, count)
        stream = drawn_as(self._spec, flow, ENTRANTS)
        orders = Orders(self, [Member(stream, flow, first + n, FIRST_ORDERS) for n in range(count)])
        rows = zip(gaps.tolist(), lives.rows(), strict=True)
        return [(gap, Life(*row, orders, n)) for n, (gap, row) in enumerate(rows)]

    def _intervals(self, share: FloatArray) -> FloatArray:
        """Time between orders over its mean, by the scenario's law."""
        law = self.laws.interval
        if law == "constant":
            return np.ones_like(share)
        return -log(share) if law == "exponential" else 0.5 + share


def _sigma(cv: FloatArray) -> FloatArray:
    """Standard deviation of the log at a coefficient of variation."""
    sigma: FloatArray = np.sqrt(log(1.0 + cv * cv))
    return sigma


def _factor(sigma: FloatArray | float, normal: FloatArray) -> FloatArray:
    """A lognormal number of mean 1."""
    return exp(log_factor(sigma, normal))


def _chosen(steps: FloatArray, share: FloatArray) -> IntArray:
    """Index of the step in which each share falls."""
    return _chosen_of(steps[None, :], share)


def _chosen_of(steps: FloatArray, share: FloatArray) -> IntArray:
    """The same with steps of its own for each share, in the rows of ``steps``."""
    chosen: IntArray = np.sum(steps <= share[:, None], axis=1)
    last = np.int64(steps.shape[1] - 1)
    result: IntArray = np.minimum(chosen, last)
    return result
