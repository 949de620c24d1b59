"""Entities: the draws that relationships and orders carry with them from their creation.

A relationship is known by its stream and number, an order by its relationship and its number in it.
Draws are fetched and turned into factors in blocks; nothing here depends on the course of a run.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import gammaincinv

from simulator.conditions import AGES, Conditions, LifeTable
from simulator.draws import Draws
from simulator.equations.ordering import orders_per_year
from simulator.equations.relationships import size
from simulator.portable import FloatArray, exp, log, normal_quantile
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

_OLDEST = 1e9


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


def drawn_as(spec: Specification, flow: int, stream: int) -> str:
    """The name under which the draws of a stream's relationships, or instalments, stand."""
    if stream >= FIRST_CONTRACT:
        return f"contract {spec.stream(stream)}"
    return f"{spec.stream(stream)} {spec.flows[flow].name}"


class Luck:
    """All draws of entities in one replication."""

    def __init__(self, spec: Specification, conditions: Conditions, draws: Draws) -> None:
        self._spec = spec
        self._conditions = conditions
        self._draws = draws
        numbers = conditions.numbers
        self._first_channel = np.cumsum(channel_shares(spec, numbers))
        self._corridor = np.cumsum(corridor_shares(spec, numbers), axis=1)
        self._fallback = np.array(fallback_channels(spec, numbers))
        channels = [spec.scenario.settlement.channels[name] for name in spec.channels]
        self._memoryless = np.array([c.processing_law == "exponential" for c in channels])
        spread = [c.processing_law != "constant" for c in channels]
        self._channel_sigma = _sigma(numbers[spec.places("channel.processing_cv")] * spread)
        self._corridor_sigma = _sigma(numbers[spec.places("corridor.excess_cv")])
        self._order_sigma = _sigma(numbers[spec.places("good.order_cv")])
        self._production_sigma = _sigma(numbers[spec.places("good.production_cv")])
        self._payment_sigma = _sigma(numbers[[spec.place("settlement.payment_cv")]])[0]
        self._value_sigma = float(numbers[spec.place("relationships.value_sigma")])
        self._frailty = float(numbers[spec.place("relationships.frailty_variance")])
        # The number of orders follows the square root of the flow.
        days = np.diff(spec.periods.edges)[:, None] / DAYS_PER_YEAR
        index = conditions.desired / np.where(conditions.norm > 0.0, conditions.norm, 1.0)
        self._years = float(days.sum())
        self._activity = (np.sqrt(index) * days).sum(axis=0).tolist()
        self._carrying = numbers[spec.places("good.carrying_rate")].tolist()
        self._order_cost = numbers[spec.places("good.order_cost_usd")].tolist()
        self._mean_value = numbers[spec.places("good.relationship_usd_million")] * 1e6

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
        channel = _chosen(self._first_channel, share[:, CHANNEL])
        corridor = _chosen_of(self._corridor[flow], share[:, CORRIDOR])
        sigma = np.empty((len(share), len(_LOGNORMAL)))
        sigma[:, 0] = self._order_sigma[flow]
        sigma[:, 1] = self._channel_sigma[channel]
        sigma[:, 2] = self._channel_sigma[self._fallback[channel]]
        sigma[:, 3] = self._production_sigma[flow]
        sigma[:, 4] = self._corridor_sigma[corridor]
        sigma[:, 5] = self._payment_sigma
        rows = share.copy()
        rows[:, CHANNEL] = channel
        rows[:, CORRIDOR] = corridor
        rows[:, _LOGNORMAL] = _factor(sigma, normal_quantile(share[:, _LOGNORMAL]))
        rows[:, PATIENCE] = -log(share[:, PATIENCE])
        rows[:, INTERVAL] = self._intervals(share[:, INTERVAL])
        if self._memoryless.any():
            for word, chosen in (
                (PROCESSING, channel),
                (SECOND_PROCESSING, self._fallback[channel]),
            ):
                waits = -log(share[:, word])
                rows[:, word] = np.where(self._memoryless[chosen], waits, rows[:, word])
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
        lives = []
        for flow in range(len(self._spec.flows)):
            share = self._incumbent_draws(flow)
            lives.append(self._incumbent_lives(flow, share, orders, len(members)))
            stream = drawn_as(self._spec, flow, INCUMBENTS)
            members += [
                Member(stream, flow, number, self._expected_orders(flow, life))
                for number, life in enumerate(lives[-1])
            ]
        return lives

    def _expected_orders(self, flow: int, life: Life) -> int:
        """Orders that a relationship will probably place until it ends."""
        often = orders_per_year(life.value, self._carrying[flow], self._order_cost[flow])
        share = min(1.0, life.left_years / self._years)
        return 4 + int(1.1 * often * share * self._activity[flow])

    def _incumbent_draws(self, flow: int) -> FloatArray:
        """One row a relationship that exists at the start; their number is that of the norm."""
        carried = float(self._conditions.incumbent[flow])
        if carried <= 0.0:
            return np.empty((0, 8))
        mean_size = self._conditions.lives[flow].mean_size
        expected = carried / (float(self._mean_value[flow]) * mean_size)
        stream = drawn_as(self._spec, flow, INCUMBENTS)
        # The stream's first entity rounds the expected number up or down.
        count = max(1, int(expected + self._draws.uniform(stream, words=8)[0, 0]))
        return self._draws.uniform(stream, first=1, entities=count, words=8)

    def _incumbent_lives(
        self, flow: int, share: FloatArray, orders: Orders, place: int
    ) -> list[Life]:
        """A stationary stock that carries the base flow.

        Ages and remaining lives are those of a stock in balance; sizes are scaled so that together
        they are the observed flow.
        """
        if not len(share):
            return []
        table = self._conditions.lives[flow]
        age = _ages(table, share[:, 0])
        weight = self._sizes(share[:, 3])
        carried = float(np.cumsum(weight * self._grown(age))[-1])
        value = weight * (float(self._conditions.incumbent[flow]) / carried)
        return _lives(age, self._left(table, age, share), value, share, orders, place)

    def candidates(self, flow: int) -> Candidates:
        """Those who may enter."""
        return Candidates(self, flow)

    def entrants(self, flow: int, first: int) -> list[tuple[float, Life]]:
        """The next candidates for entry, from number ``first`` on."""
        stream = drawn_as(self._spec, flow, ENTRANTS)
        count = CANDIDATES_AT_ONCE
        share = self._draws.uniform(stream, first=first, entities=count, words=8)
        age = np.zeros(count)
        left = self._left(self._conditions.lives[flow], age, share)
        value = self._sizes(share[:, 3]) * self._mean_value[flow]
        orders = Orders(self, [Member(stream, flow, first + n, FIRST_ORDERS) for n in range(count)])
        gaps: list[float] = (-log(share[:, 5])).tolist()
        return list(zip(gaps, _lives(age, left, value, share, orders, 0), strict=True))

    def _intervals(self, share: FloatArray) -> FloatArray:
        """Time between orders over its mean, by the scenario's law."""
        law = self._spec.scenario.relationships.order_interval
        if law == "constant":
            return np.ones_like(share)
        return -log(share) if law == "exponential" else 0.5 + share

    def _sizes(self, share: FloatArray) -> FloatArray:
        """Mature size of relationships over their mean."""
        return _factor(self._value_sigma, normal_quantile(share))

    def _grown(self, age: FloatArray) -> FloatArray:
        """Size over mature size, by age in years."""
        numbers, spec = self._conditions.numbers, self._spec
        start = float(numbers[spec.place("relationships.start_share")])
        return size(age, start, float(numbers[spec.place("relationships.growth_years")]))

    def _left(self, table: LifeTable, age: FloatArray, share: FloatArray) -> FloatArray:
        """Years left to live: where the hazard, times the frailty, reaches an exponential mark.

        The frailty of a survivor is gamma again, with the hazard survived added to its rate.
        """
        if not np.isfinite(table.mean_years):
            return np.full_like(age, np.inf)
        survived = np.interp(age, AGES, table.hazard)
        frailty = np.ones_like(age)
        if self._frailty > 0.0:
            shape = 1.0 / self._frailty
            frailty = gammaincinv(shape, share[:, 1]) / (shape + survived)
        mark = survived - log(share[:, 2]) / np.maximum(frailty, 1e-12)
        end = np.interp(mark, table.hazard, AGES, right=_OLDEST)
        result: FloatArray = np.maximum(end - age, 0.0)
        return result


def _lives(  # noqa: PLR0913 -- the columns of a life
    age: FloatArray,
    left: FloatArray,
    value: FloatArray,
    share: FloatArray,
    orders: Orders,
    place: int,
) -> list[Life]:
    """One life a row."""
    columns = (age.tolist(), left.tolist(), value.tolist(), share[:, 4].tolist())
    rows = zip(*columns, strict=True)
    return [Life(*row, orders, number) for number, row in enumerate(rows, place)]


def _ages(table: LifeTable, share: FloatArray) -> FloatArray:
    """Ages of members of a stationary stock; those who never die are old."""
    if not np.isfinite(table.mean_years):
        return np.full_like(share, AGES[-1])
    ages: FloatArray = np.interp(share, table.survivors, AGES)
    return ages


def _sigma(cv: FloatArray) -> FloatArray:
    """Standard deviation of the log at a coefficient of variation."""
    return np.sqrt(log(1.0 + cv * cv))


def _factor(sigma: FloatArray | float, normal: FloatArray) -> FloatArray:
    """A lognormal number of mean 1."""
    return exp(sigma * normal - 0.5 * sigma * sigma)


def _chosen(steps: FloatArray, share: FloatArray) -> IntArray:
    """Index of the step in which each share falls."""
    return _chosen_of(steps[None, :], share)


def _chosen_of(steps: FloatArray, share: FloatArray) -> IntArray:
    """The same with steps of its own for each share, in the rows of ``steps``."""
    chosen: IntArray = np.sum(steps <= share[:, None], axis=1)
    last = np.int64(steps.shape[1] - 1)
    result: IntArray = np.minimum(chosen, last)
    return result
