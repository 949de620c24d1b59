"""Tables: conditions as plain lists, which an engine reads one number at a time."""

from dataclasses import dataclass

import numpy as np

from simulator.conditions import CENTS_PER_MILLION, Conditions
from simulator.potential import fallback_channels
from simulator.shocks import Windows
from simulator.specification import Specification


@dataclass(frozen=True, slots=True)
class Month:
    """The numbers of one period, over channels, corridors or flows."""

    index: list[float]
    """Desired flow over the flow that the stock of relationships belongs to."""
    slots: list[float]
    processing_days: list[float]
    refusal_share: list[float]
    fee_share: list[float]
    credit_limit: list[int | None]
    netting_share: list[float]
    patience_days: float
    production_days: list[float]
    corridor_slots: list[float]
    minimum_days: list[float]
    excess_days: list[float]
    lanes: list[tuple[float, float, float, float, float]]
    """By flow: share of the green lane, share below red, and the days of the three lanes."""
    rejection_share: list[float]
    payment_days: float
    default_share: float
    exit_share: float
    search_support: float

    def lane(self, flow: int, chance: float) -> tuple[float, bool]:
        """Days in customs, and whether it is the red lane."""
        green, below_red, green_days, yellow_days, red_days = self.lanes[flow]
        if chance < green:
            return green_days, False
        return (yellow_days, False) if chance < below_red else (red_days, True)


@dataclass(frozen=True, slots=True)
class Tables:
    """The numbers of one replication that hold throughout, and the months."""

    months: list[Month]
    fallback: list[int]
    is_first_exporter: list[bool]
    closed: tuple[Windows, ...]
    carrying_rate: list[float]
    order_cost: list[float]
    sunk_cost: list[float]
    candidates: list[float]
    """Candidates a year that keep the stock at its norm."""
    missing_found: list[float]
    """Candidates a year when the whole stock is missing."""
    norm_stock: list[float]
    norm_mass: list[float]
    start_share: float
    growth_years: float
    profit_share: float
    payback_years: float
    spillover: float
    order_interval: str

    @classmethod
    def of(cls, spec: Specification, conditions: Conditions) -> "Tables":
        """Take the tables from the conditions of a replication."""
        numbers = conditions.numbers

        def common(path: str) -> float:
            return float(numbers[spec.place(path)])

        mean_value = numbers[spec.places("good.relationship_usd_million")] * 1e6
        mean_size = np.array([life.mean_size for life in conditions.lives])
        stock = np.maximum(conditions.norm / (mean_value * mean_size), 1e-9)
        sunk = numbers[spec.places("good.sunk_cost_usd_million")] * 1e6
        return cls(
            months=_months(spec, conditions),
            fallback=fallback_channels(spec, numbers),
            is_first_exporter=[flow.exporter == spec.economies[0] for flow in spec.flows],
            closed=conditions.corridor_closed,
            carrying_rate=numbers[spec.places("good.carrying_rate")].tolist(),
            order_cost=numbers[spec.places("good.order_cost_usd")].tolist(),
            sunk_cost=sunk.tolist(),
            candidates=conditions.candidates.tolist(),
            missing_found=conditions.missing_found.tolist(),
            norm_stock=stock.tolist(),
            norm_mass=(stock * mean_value).tolist(),
            start_share=common("relationships.start_share"),
            growth_years=common("relationships.growth_years"),
            profit_share=common("relationships.profit_share"),
            payback_years=common("relationships.payback_years"),
            spillover=common("relationships.spillover"),
            order_interval=spec.scenario.relationships.order_interval,
        )

    def first_wait(self, phase: float) -> float:
        """Share of an interval before the first order: any part of it, so that flows are level."""
        return phase if self.order_interval == "uniform" else 1.0


def _months(spec: Specification, conditions: Conditions) -> list[Month]:
    """One table of lists a period."""
    table = conditions.levels
    index = conditions.desired / np.where(conditions.norm > 0.0, conditions.norm, 1.0)
    lanes = _lanes(spec, conditions)
    limits = _column(spec, conditions, "channel.clearing.credit_limit_usd_million", np.inf)
    netting = _column(spec, conditions, "channel.clearing.netting_share", 0.0)
    slots = np.floor(_column(spec, conditions, "channel.slots", np.inf))
    room = np.floor(_column(spec, conditions, "corridor.slots", np.inf))

    def rows(column: str) -> list[list[float]]:
        listed: list[list[float]] = table[:, spec.places(column)].tolist()
        return listed

    def single(path: str) -> list[float]:
        listed: list[float] = table[:, spec.place(path)].tolist()
        return listed

    cents = [
        [None if limit == np.inf else round(limit * CENTS_PER_MILLION) for limit in row]
        for row in limits.tolist()
    ]
    columns = zip(
        index.tolist(),
        slots.tolist(),
        rows("channel.processing_days"),
        rows("channel.refusal_share"),
        rows("channel.fee_share"),
        cents,
        netting.tolist(),
        single("settlement.patience_days"),
        rows("good.production_days"),
        room.tolist(),
        rows("corridor.minimum_days"),
        rows("corridor.excess_days"),
        lanes,
        rows("importer.customs.rejection_share"),
        single("settlement.payment_days"),
        single("settlement.default_share"),
        single("relationships.exit_after_failure_share"),
        single("relationships.search_support"),
        strict=True,
    )
    return [Month(*column) for column in columns]


def _column(
    spec: Specification, conditions: Conditions, column: str, absent: float
) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """A field that may be absent, everywhere or for some names, by period and name."""
    kind = column.partition(".")[0]
    names = {"channel": spec.channels, "corridor": spec.corridors}[kind]
    places = spec.columns.get(column)
    if places is None:
        return np.full((spec.periods.count, len(names)), absent)
    return np.where(places < 0, absent, conditions.levels[:, places])


def _lanes(
    spec: Specification, conditions: Conditions
) -> list[list[tuple[float, float, float, float, float]]]:
    """The customs lanes by period and flow."""
    table = conditions.levels
    green = table[:, spec.places("importer.customs.green_share")]
    red = table[:, spec.places("importer.customs.red_share")]
    days = [
        table[:, spec.places(f"importer.customs.{lane}_days")]
        for lane in ("green", "yellow", "red")
    ]
    stacked = np.stack([green, 1.0 - red, *days], axis=2)
    return [[tuple(lane) for lane in row] for row in stacked.tolist()]
