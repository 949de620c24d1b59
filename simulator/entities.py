"""Entities: the draws that relationships and orders carry with them from their creation.

A relationship is known by its stream and number, an order by its relationship and its number in it.
Draws are fetched and turned into factors in blocks; nothing here depends on the course of a run.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import gammaincinv

from simulator.conditions import AGES, Conditions, LifeTable
from simulator.draws import Draws
from simulator.equations.relationships import size
from simulator.portable import FloatArray, exp, log, normal_quantile
from simulator.potential import channel_shares, corridor_shares, fallback_channels
from simulator.specification import Specification

ORDER_WORDS = 16
INTERVAL, SIZE, CHANNEL, PROCESSING, REFUSAL, SECOND_PROCESSING, SECOND_REFUSAL, PATIENCE = range(8)
PRODUCTION, CORRIDOR, TRANSIT, LANE, REJECTION, PAYMENT, DEFAULT, EXIT = range(8, 16)
"""Places in an order's row; the same number is its word in the stream."""

ORDERS_PER_PAGE = 16
PARTNERS_PER_PAGE = 16
"""A page of draws holds the next 16 orders of 16 neighbouring relationships."""

_OLDEST = 1e9


class Orders:
    """Rows of draws for the orders of one stream (one flow's incumbents, say)."""

    def __init__(self, luck: "Luck", stream: str, flow: int) -> None:
        self._luck = luck
        self._stream = stream
        self._flow = flow
        self._pages: dict[tuple[int, int], FloatArray] = {}

    def row(self, partner: int, order: int) -> list[float]:
        """The draws of one order, as factors ready for use."""
        group, page = partner // PARTNERS_PER_PAGE, order // ORDERS_PER_PAGE
        rows = self._pages.get((group, page))
        if rows is None:
            rows = self._pages[group, page] = self._luck.order_rows(
                self._stream, self._flow, group, page
            )
        place = partner % PARTNERS_PER_PAGE * ORDERS_PER_PAGE + order % ORDERS_PER_PAGE
        row: list[float] = rows[place].tolist()
        return row


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
        self._constant = np.array([c.processing_law == "constant" for c in channels])
        self._memoryless = np.array([c.processing_law == "exponential" for c in channels])
        self._channel_sigma = _sigma(numbers[spec.places("channel.processing_cv")])
        self._corridor_sigma = _sigma(numbers[spec.places("corridor.excess_cv")])
        self._order_sigma = _sigma(numbers[spec.places("good.order_cv")])
        self._production_sigma = _sigma(numbers[spec.places("good.production_cv")])
        self._payment_sigma = _sigma(numbers[[spec.place("settlement.payment_cv")]])[0]
        self._value_sigma = float(numbers[spec.place("relationships.value_sigma")])
        self._frailty = float(numbers[spec.place("relationships.frailty_variance")])
        self._mean_value = numbers[spec.places("good.relationship_usd_million")] * 1e6

    def orders(self, stream: str, flow: int) -> Orders:
        """The rows of one stream of orders."""
        return Orders(self, f"order {stream}", flow)

    def order_rows(self, stream: str, flow: int, group: int, page: int) -> FloatArray:
        """One page of rows."""
        count = PARTNERS_PER_PAGE * ORDERS_PER_PAGE
        share = self._draws.uniform(
            stream, first=group * count, entities=count, words=ORDER_WORDS, attempt=page
        )
        rows = share.copy()
        normal = normal_quantile(
            share[:, [SIZE, PROCESSING, SECOND_PROCESSING, PRODUCTION, TRANSIT, PAYMENT]]
        )
        channel = _chosen(self._first_channel, share[:, CHANNEL])
        corridor = _chosen(self._corridor[flow], share[:, CORRIDOR])
        rows[:, INTERVAL] = self._intervals(share[:, INTERVAL])
        rows[:, SIZE] = _factor(self._order_sigma[flow], normal[:, 0])
        rows[:, CHANNEL] = channel
        rows[:, PROCESSING] = self._processing(channel, share[:, PROCESSING], normal[:, 1])
        rows[:, SECOND_PROCESSING] = self._processing(
            self._fallback[channel], share[:, SECOND_PROCESSING], normal[:, 2]
        )
        rows[:, PATIENCE] = -log(share[:, PATIENCE])
        rows[:, PRODUCTION] = _factor(self._production_sigma[flow], normal[:, 3])
        rows[:, CORRIDOR] = corridor
        rows[:, TRANSIT] = _factor(self._corridor_sigma[corridor], normal[:, 4])
        rows[:, PAYMENT] = _factor(self._payment_sigma, normal[:, 5])
        return rows

    def incumbents(self, flow: int) -> list[Life]:
        """Relationships that exist at the start: a stationary stock that carries the base flow.

        Their ages and remaining lives are those of a stock in balance; their sizes are scaled so
        that together they are the observed flow.
        """
        carried = float(self._conditions.incumbent[flow])
        if carried <= 0.0:
            return []
        table = self._conditions.lives[flow]
        expected = carried / (float(self._mean_value[flow]) * table.mean_size)
        stream = f"incumbent {self._spec.flows[flow].name}"
        # The stream's first entity rounds the expected number up or down.
        count = max(1, int(expected + self._draws.uniform(stream, words=8)[0, 0]))
        share = self._draws.uniform(stream, first=1, entities=count, words=8)
        age = _ages(table, share[:, 0])
        weight = self._sizes(share[:, 3])
        carried_by_weight = float(np.cumsum(weight * self._grown(age))[-1])
        return _lives(
            age, self._left(table, age, share), weight * (carried / carried_by_weight), share
        )

    def candidates(self, flow: int) -> Candidates:
        """Those who may enter."""
        return Candidates(self, flow)

    def entrants(self, flow: int, first: int) -> list[tuple[float, Life]]:
        """The next candidates for entry, from number ``first`` on."""
        stream = f"entrant {self._spec.flows[flow].name}"
        count = PARTNERS_PER_PAGE
        share = self._draws.uniform(stream, first=first, entities=count, words=8)
        age = np.zeros(count)
        left = self._left(self._conditions.lives[flow], age, share)
        lives = _lives(age, left, self._sizes(share[:, 3]) * self._mean_value[flow], share)
        gaps: list[float] = (-log(share[:, 5])).tolist()
        return list(zip(gaps, lives, strict=True))

    def _intervals(self, share: FloatArray) -> FloatArray:
        """Time between orders over its mean, by the scenario's law."""
        law = self._spec.scenario.relationships.order_interval
        if law == "constant":
            return np.ones_like(share)
        return -log(share) if law == "exponential" else 0.5 + share

    def _processing(
        self,
        channel: np.ndarray[tuple[int], np.dtype[np.int64]],
        share: FloatArray,
        normal: FloatArray,
    ) -> FloatArray:
        """Processing time over its mean, by the law of the channel."""
        spread = _factor(self._channel_sigma[channel], normal)
        memoryless = np.where(self._memoryless[channel], -log(share), spread)
        return np.where(self._constant[channel], 1.0, memoryless)

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


def _lives(age: FloatArray, left: FloatArray, value: FloatArray, share: FloatArray) -> list[Life]:
    """One life a row."""
    columns = (age.tolist(), left.tolist(), value.tolist(), share[:, 4].tolist())
    return [Life(*row) for row in zip(*columns, strict=True)]


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


def _chosen(steps: FloatArray, share: FloatArray) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Index of the step in which each share falls."""
    return np.minimum(np.searchsorted(steps, share, side="right"), len(steps) - 1)
