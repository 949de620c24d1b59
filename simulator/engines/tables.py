"""Tables: conditions as an engine reads them, month by month and flow by flow."""

from collections.abc import Iterator
from dataclasses import dataclass, fields

import numpy as np

from simulator.conditions import CENTS_PER_MILLION, Conditions, LifeTable, Worlds
from simulator.equations.customs import RED, lane
from simulator.portable import FloatArray
from simulator.potential import fallback_channels
from simulator.specification import IntArray, Specification

NO_LIMIT = -1
"""Stands for the credit limit of a channel without clearing."""


@dataclass(frozen=True, slots=True)
class Month:
    """The numbers of one period, over channels, corridors or flows."""

    flow_index: list[float]
    """Desired flow over the flow that the stock of relationships belongs to."""
    slots: list[float]
    processing_days: list[float]
    refusal_share: list[float]
    fee_share: list[float]
    credit_limit: list[int]
    """Cents, or ``NO_LIMIT``."""
    netting_share: list[float]
    patience_days: float
    production_days: list[float]
    corridor_slots: list[float]
    minimum_days: list[float]
    excess_days: list[float]
    green_share: list[float]
    below_red: list[float]
    """By flow: share of orders that are not inspected."""
    green_days: list[float]
    yellow_days: list[float]
    red_days: list[float]
    rejection_share: list[float]
    payment_days: float
    default_share: float
    exit_share: float
    search_support: float

    def lane(self, flow: int, chance: float) -> tuple[float, bool]:
        """Days in customs, and whether it is the red lane."""
        found = lane(chance, self.green_share[flow], self.below_red[flow])
        return (self.green_days, self.yellow_days, self.red_days)[found][flow], found == RED


@dataclass(frozen=True, slots=True)
class Months:
    """The same as arrays over periods first; replications may come before."""

    flow_index: FloatArray
    slots: FloatArray
    processing_days: FloatArray
    refusal_share: FloatArray
    fee_share: FloatArray
    credit_limit: IntArray
    netting_share: FloatArray
    patience_days: FloatArray
    production_days: FloatArray
    corridor_slots: FloatArray
    minimum_days: FloatArray
    excess_days: FloatArray
    green_share: FloatArray
    below_red: FloatArray
    green_days: FloatArray
    yellow_days: FloatArray
    red_days: FloatArray
    rejection_share: FloatArray
    payment_days: FloatArray
    default_share: FloatArray
    exit_share: FloatArray
    search_support: FloatArray

    @classmethod
    def of(cls, spec: Specification, conditions: Conditions | Worlds) -> "Months":
        """Take the months from the conditions of a replication."""
        levels, norm = conditions.levels, conditions.norm[..., None, :]

        def column(name: str) -> FloatArray:
            found: FloatArray = levels[..., spec.places(name)]
            return found

        def single(path: str) -> FloatArray:
            found: FloatArray = levels[..., spec.place(path)]
            return found

        limit = _column(spec, levels, "channel.clearing.credit_limit_usd_million", np.inf)
        has_limit = np.isfinite(limit)
        cents = np.rint(np.where(has_limit, limit, 0.0) * CENTS_PER_MILLION).astype(np.int64)
        return cls(
            flow_index=conditions.desired / np.where(norm > 0.0, norm, 1.0),
            slots=np.floor(_column(spec, levels, "channel.slots", np.inf)),
            processing_days=column("channel.processing_days"),
            refusal_share=column("channel.refusal_share"),
            fee_share=column("channel.fee_share"),
            credit_limit=np.where(has_limit, cents, NO_LIMIT),
            netting_share=_column(spec, levels, "channel.clearing.netting_share", 0.0),
            patience_days=single("settlement.patience_days"),
            production_days=column("good.production_days"),
            corridor_slots=np.floor(_column(spec, levels, "corridor.slots", np.inf)),
            minimum_days=column("corridor.minimum_days"),
            excess_days=column("corridor.excess_days"),
            green_share=column("importer.customs.green_share"),
            below_red=1.0 - column("importer.customs.red_share"),
            green_days=column("importer.customs.green_days"),
            yellow_days=column("importer.customs.yellow_days"),
            red_days=column("importer.customs.red_days"),
            rejection_share=column("importer.customs.rejection_share"),
            payment_days=single("settlement.payment_days"),
            default_share=single("settlement.default_share"),
            exit_share=single("relationships.exit_after_failure_share"),
            search_support=single("relationships.search_support"),
        )

    def listed(self) -> Iterator[Month]:
        """One month after the other, in plain numbers."""
        columns = [getattr(self, field.name).tolist() for field in fields(self)]
        return (Month(*row) for row in zip(*columns, strict=True))


@dataclass(frozen=True, slots=True)
class Tables:
    """The numbers that hold throughout, by flow, and the months; replications may come first."""

    months: Months
    fallback: IntArray
    carrying_rate: FloatArray
    order_cost: FloatArray
    sunk_cost: FloatArray
    candidates: FloatArray
    """Candidates a year that keep the stock at its norm."""
    missing_found: FloatArray
    """Candidates a year when the whole stock is missing."""
    norm_stock: FloatArray
    norm_mass: FloatArray
    start_share: FloatArray
    growth_years: FloatArray
    profit_share: FloatArray
    payback_years: FloatArray
    spillover: FloatArray

    @classmethod
    def of(cls, spec: Specification, conditions: Conditions | Worlds) -> "Tables":
        """Take the tables from conditions."""
        numbers = conditions.numbers

        def column(name: str) -> FloatArray:
            found: FloatArray = numbers[..., spec.places(name)]
            return found

        def common(name: str) -> FloatArray:
            found: FloatArray = numbers[..., spec.place(f"relationships.{name}")]
            return found

        mean_value = column("good.relationship_usd_million") * 1e6
        lives = conditions.lives
        mean_size = (
            lives.mean_size
            if isinstance(lives, LifeTable)
            else np.array([life.mean_size for life in lives])
        )
        stock = np.maximum(conditions.norm / (mean_value * mean_size), 1e-9)
        return cls(
            months=Months.of(spec, conditions),
            fallback=fallback_channels(spec, numbers),
            carrying_rate=column("good.carrying_rate"),
            order_cost=column("good.order_cost_usd"),
            sunk_cost=column("good.sunk_cost_usd_million") * 1e6,
            candidates=conditions.candidates,
            missing_found=conditions.missing_found,
            norm_stock=stock,
            norm_mass=stock * mean_value,
            start_share=common("start_share"),
            growth_years=common("growth_years"),
            profit_share=common("profit_share"),
            payback_years=common("payback_years"),
            spillover=common("spillover"),
        )

    def listed(self) -> "Listed":
        """Those of one replication in plain numbers."""
        rest = [field.name for field in fields(self) if field.name != "months"]
        columns = {name: getattr(self, name).tolist() for name in rest}
        return Listed(list(self.months.listed()), **columns)


@dataclass(frozen=True, slots=True)
class Listed:
    """The tables of one replication in plain numbers, which Python reads faster than arrays."""

    months: list[Month]
    fallback: list[int]
    carrying_rate: list[float]
    order_cost: list[float]
    sunk_cost: list[float]
    candidates: list[float]
    missing_found: list[float]
    norm_stock: list[float]
    norm_mass: list[float]
    start_share: float
    growth_years: float
    profit_share: float
    payback_years: float
    spillover: float


def first_wait(law: str, phase: float) -> float:
    """Share of an interval before the first order: any part of it, so that flows are level."""
    return phase if law == "uniform" else 1.0


def is_first_exporter(spec: Specification) -> list[bool]:
    """Whether each flow's exports raise the balance of a clearing account."""
    return [flow.exporter == spec.economies[0] for flow in spec.flows]


def _column(spec: Specification, levels: FloatArray, column: str, absent: float) -> FloatArray:
    """A field that may be absent, everywhere or for some names, by period and name."""
    kind = column.partition(".")[0]
    names = {"channel": spec.channels, "corridor": spec.corridors}[kind]
    places = spec.columns.get(column)
    if places is None:
        return np.full((*levels.shape[:-1], len(names)), absent)
    return np.where(places < 0, absent, levels[..., places])
