"""Conditions: what the world does in each replication, before any order is placed."""

from dataclasses import dataclass, fields
from types import EllipsisType
from typing import NamedTuple

import numpy as np
from scipy.special import betaincinv, ndtr

from simulator.draws import Draws
from simulator.equations.ordering import orders_squared
from simulator.equations.relationships import cumulative_hazard, size, survival
from simulator.measures import NEVER, Timing, levels
from simulator.portable import FloatArray, accelerable, exp, log, normal_quantile, total
from simulator.potential import acceptance, base_flows, flows
from simulator.scenario.types import DAYS_PER_YEAR
from simulator.shocks import Shocks, Spans, Windows, closings, interruptions, shocks
from simulator.specification import Specification
from simulator.trajectory import IntArray

CENTS_PER_MILLION = 100_000_000
_NO_FLOW = 1e-12
"""Stands for zero million dollars where a logarithm is taken."""
AGES = np.concatenate([[0.0], exp(np.linspace(-7.0, 7.6, 400))])
STEPS = 0.5 * np.diff(AGES)
"""Half of the years between two ages: what each of them weighs in an integral."""


class Stock(NamedTuple):
    """Relationships in balance: what ``LifeTable`` tells of them besides their hazard."""

    survivors: FloatArray
    mean_years: FloatArray
    mean_size: FloatArray


@dataclass(frozen=True)
class LifeTable:
    """Life of relationships in one flow: a table of cumulative hazard by age, and its moments.

    Of several flows and replications the axes over these come first.
    """

    hazard: FloatArray
    survivors: FloatArray
    """Share of all years lived that are lived below each age."""
    mean_years: FloatArray
    """Infinite when nothing ends a relationship."""
    mean_size: FloatArray
    """Size over maturity, averaged over a stationary stock."""

    def of(self, *which: int | EllipsisType) -> "LifeTable":
        """The table of one replication, or of one flow in it."""
        rows = (*which, slice(None))
        columns = (self.mean_years[which], self.mean_size[which])
        return LifeTable(self.hazard[rows], self.survivors[rows], *columns)


@dataclass(frozen=True)
class Deal:
    """One mega-contract as it will turn out."""

    flow: int
    contract: int
    """Number of its contract among those of the scenario."""
    number: int
    """Which one of the stream it is."""
    first_day: float
    spacing_days: float
    instalments: int
    face_cents: int
    """Face value of one instalment."""
    executed: bool
    fulfilment: float

    @property
    def ordered_cents(self) -> int:
        """What will be ordered of one instalment."""
        return round(self.face_cents * self.fulfilment) if self.executed else 0


@dataclass(frozen=True)
class Conditions:
    """Everything an engine reads of one replication besides the draws of its entities.

    Arrays run over periods first. Flows in dollars a year; ``norm`` is the desired flow to which
    the stock of relationships belongs.
    """

    numbers: FloatArray
    levels: FloatArray
    shocks: Shocks
    potential: FloatArray
    desired: FloatArray
    norm: FloatArray
    incumbent: FloatArray
    """Part of the norm that existing relationships serve at the start."""
    lives: tuple[LifeTable, ...]
    """By flow."""
    candidates: FloatArray
    """Candidates for entry a year by flow that keep the stock at its norm."""
    missing_found: FloatArray
    """The same when the whole stock is missing, beyond those."""
    channel_down: tuple[Windows, ...]
    corridor_closed: tuple[Windows, ...]
    deals: tuple[Deal, ...]
    errors: dict[str, dict[int, FloatArray]]
    """Log errors of the statistics offices, by office, year and exporter."""


@dataclass(frozen=True)
class Worlds:
    """Conditions of several replications: their first axis, or their place in a list."""

    draws: Draws
    numbers: FloatArray
    levels: FloatArray
    shocks: Shocks
    potential: FloatArray
    desired: FloatArray
    norm: FloatArray
    incumbent: FloatArray
    lives: LifeTable
    candidates: FloatArray
    missing_found: FloatArray
    channel_down: tuple[Spans, ...]
    """By channel."""
    corridor_closed: tuple[Spans, ...]
    """By corridor."""
    deals: list[tuple[Deal, ...]]
    errors: dict[str, dict[int, FloatArray]]

    def __len__(self) -> int:
        return len(self.numbers)

    def one(self, place: int) -> Conditions:
        """Those of one of the replications."""
        parts = {field.name: getattr(self.shocks, field.name)[place] for field in fields(Shocks)}
        return Conditions(
            numbers=self.numbers[place],
            levels=self.levels[place],
            shocks=Shocks(**parts),
            potential=self.potential[place],
            desired=self.desired[place],
            norm=self.norm[place],
            incumbent=self.incumbent[place],
            lives=tuple(self.lives.of(place, flow) for flow in range(self.norm.shape[-1])),
            candidates=self.candidates[place],
            missing_found=self.missing_found[place],
            channel_down=tuple(spans.windows((place,)) for spans in self.channel_down),
            corridor_closed=tuple(spans.windows((place,)) for spans in self.corridor_closed),
            deals=self.deals[place],
            errors={
                office: {year: error[place] for year, error in by_year.items()}
                for office, by_year in self.errors.items()
            },
        )


def conditions(spec: Specification, draws: Draws) -> Conditions:
    """Draw the world of one replication."""
    return worlds(spec, draws.together()).one(0)


def worlds(spec: Specification, draws: Draws) -> Worlds:
    """Draw the worlds of some replications; each is the same alone or among others."""
    numbers = spec.inputs.drawn(draws)
    base = spec.inputs.at_base(numbers, draws)
    paths = shocks(spec, numbers, draws)
    table = levels(spec, numbers, paths, draws)
    errors = measurement_errors(spec, numbers, draws)
    last, anchor, latent = base_flows(spec, base, errors)
    potential, desired = flows(spec, table, base, paths, (last, anchor, latent))
    lives = _lives(spec, numbers, base)
    norm = desired[..., 0, :].copy()
    candidates, missing_found = _candidates(spec, numbers, lives, norm)
    return Worlds(
        draws=draws,
        numbers=numbers,
        levels=table,
        shocks=paths,
        potential=potential,
        desired=desired,
        norm=norm,
        incumbent=np.where(anchor + last > 0.0, norm, 0.0),
        lives=lives,
        candidates=candidates,
        missing_found=missing_found,
        channel_down=tuple(
            _failures(spec, numbers, draws, ("channel", n), f"channel down {name}")
            for n, name in enumerate(spec.channels)
        ),
        corridor_closed=tuple(
            _closed(spec, numbers, draws, n, name) for n, name in enumerate(spec.corridors)
        ),
        deals=_deals(spec, numbers, draws),
        errors=errors,
    )


def measurement_errors(
    spec: Specification, numbers: FloatArray, draws: Draws
) -> dict[str, dict[int, FloatArray]]:
    """Log errors of each office by year and exporter: a stationary autoregression over years."""
    scenario = spec.scenario
    years = range(scenario.base.year, scenario.horizon.end.year + 1)
    errors = {}
    for name in sorted(scenario.statistics):
        sd = numbers[..., spec.place(f"statistics.{name}.log_error_sd"), None]
        kept = numbers[..., spec.place(f"statistics.{name}.persistence_share"), None]
        fresh = np.stack(
            [draws.normal(f"error {name} {exporter}", len(years)) for exporter in spec.economies],
            axis=-1,
        )
        state = fresh[..., 0, :]
        errors[name] = {scenario.base.year: sd * state}
        for n, year in enumerate(years):
            if n > 0:
                state = kept * state + np.sqrt(1.0 - kept * kept) * fresh[..., n, :]
                errors[name][year] = sd * state
    return errors


def _lives(spec: Specification, numbers: FloatArray, base: FloatArray) -> LifeTable:
    """The life tables of the flows, by the trapezoidal rule.

    Failed orders end relationships too. What the base refusals, rejections and defaults do to the
    stock counts as one more hazard in its balance, so that births replace those who leave.
    """

    def number(path: str) -> FloatArray:
        found: FloatArray = numbers[..., spec.place(path), None]
        return found

    def law(name: str) -> FloatArray:
        return number(f"relationships.{name}")[..., None]

    goods = [spec.scenario.exports[flow.exporter].goods[flow.good] for flow in spec.flows]
    paid = 1.0 - number("settlement.default_share")
    failing = 1.0 - acceptance(spec, base) * paid
    mean_value = numbers[..., spec.places("good.relationship_usd_million")] * 1e6
    rate, cost = (
        numbers[..., spec.places(f"good.{name}")] for name in ("carrying_rate", "order_cost_usd")
    )
    often = np.sqrt(orders_squared(mean_value, rate, cost))
    failures = often * failing * number("relationships.exit_after_failure_share")
    # Two laws serve all goods: that of differentiated ones, and that of the others.
    law_of = np.array([not good.differentiated for good in goods], dtype=np.int64)
    others = number("relationships.homogeneous_hazard_ratio")
    ratio = np.stack([np.ones_like(others), others], axis=-2)
    hazard = cumulative_hazard(
        AGES,
        log(1.0 + AGES / law("hazard_scale_years")),
        law("hazard_shape"),
        law("hazard_floor"),
        ratio,
    )
    survived = survival(hazard, law("frailty_variance"))
    sizes = size(AGES, law("start_share"), law("growth_years"))[..., 0, :]
    stock = stationary(failures, survived, sizes, law_of)
    return LifeTable(hazard.take(law_of, axis=-2), *stock)


@accelerable
def stationary(
    failures: FloatArray, survived: FloatArray, sizes: FloatArray, law: IntArray
) -> Stock:
    """Relationships in balance, of several replications and flows.

    Args:
        failures: Yearly rate at which failed orders end them, by replication and flow.
        survived: Share that lives to each age but for that, by replication, law and age.
        sizes: Size over maturity, by replication and age.
        law: That of each flow.

    """
    alive = exp(-failures[..., None] * AGES)
    alive *= survived.take(law, axis=-2)
    is_immortal = alive[..., -1] == 1.0
    survivors = np.zeros_like(alive)
    np.cumsum(_trapezoids(alive), axis=-1, out=survivors[..., 1:])
    lived = survivors[..., -1].copy()
    survivors /= lived[..., None]
    alive *= sizes[..., None, :]
    return Stock(
        survivors,
        np.where(is_immortal, np.inf, lived),
        np.where(is_immortal, 1.0, total(_trapezoids(alive)) / lived),
    )


def _trapezoids(values: FloatArray) -> FloatArray:
    """Integral over each of the steps between ages."""
    areas: FloatArray = values[..., 1:] + values[..., :-1]
    areas *= STEPS
    return areas


def _candidates(
    spec: Specification, numbers: FloatArray, lives: LifeTable, norm: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Candidates for entry a year: who keep each stock at its norm, who build up a missing one.

    Of the candidates only those enter whose size covers the sunk cost, so there are more of them. A
    missing stock is found within the time in which capacity is built.
    """

    def common(path: str) -> FloatArray:
        found: FloatArray = numbers[..., spec.place(path), None]
        return found

    mean_value = numbers[..., spec.places("good.relationship_usd_million")] * 1e6
    sigma = common("relationships.value_sigma")
    earned = common("relationships.profit_share") * common("relationships.payback_years")
    sunk = numbers[..., spec.places("good.sunk_cost_usd_million")] * 1e6
    smallest = sunk / (mean_value * np.maximum(earned, _NO_FLOW))
    # Mass of a lognormal law of mean 1 above the smallest size that pays.
    spread = np.where(sigma > 0.0, sigma, 1.0)
    above = ndtr(spread / 2.0 - log(np.maximum(smallest, _NO_FLOW)) / spread)
    entering = np.where(sigma > 0.0, above, 1.0)
    stock: FloatArray = norm / (mean_value * lives.mean_size) / np.maximum(entering, 0.05)
    found = common("relationships.search_elasticity") / common("adjustment.up_years")
    return stock * (1.0 / lives.mean_years), stock * found


def _failures(
    spec: Specification, numbers: FloatArray, draws: Draws, which: tuple[str, int], stream: str
) -> Spans:
    """When a channel or corridor is down by chance."""
    days = spec.repair_days(numbers, *which)
    edges = spec.periods.edges
    return interruptions(draws, stream, *days, edges[0], edges[-1])


def _closed(spec: Specification, numbers: FloatArray, draws: Draws, place: int, name: str) -> Spans:
    """All days on which a corridor takes nothing."""
    corridor = spec.scenario.corridors[name]
    count = len(numbers)
    if corridor.closed:
        return Spans.of(((spec.periods.edges[0], np.inf),), count)
    by_season = closings(spec, corridor.closing)
    by_chance = _failures(spec, numbers, draws, ("corridor", place), f"corridor closed {name}")
    return by_chance.united(Spans.of(by_season, count))


def _deals(spec: Specification, numbers: FloatArray, draws: Draws) -> list[tuple[Deal, ...]]:
    """All mega-contracts signed within the horizon, by replication."""
    found: list[list[Deal]] = [[] for _ in range(len(numbers))]
    for place, (name, contract) in enumerate(spec.contracts):
        if contract.signed is not None:
            timing = Timing(spec, numbers, draws)
            signed = timing.day(f"contracts.{name}.signed", contract.signed)[:, None]
        else:
            signed = _signings(spec, numbers, draws, name)
        _add_deals(spec, numbers, draws, place, signed, found)
    return [tuple(deals) for deals in found]


def _signings(spec: Specification, numbers: FloatArray, draws: Draws, name: str) -> FloatArray:
    """Days on which contracts of one kind are signed by chance; infinite beyond the horizon."""
    rate = numbers[:, spec.place(f"contracts.{name}.rate"), None]
    days = max(spec.periods.edges[-1] - spec.known_until, 0.0)
    expected = days * rate / DAYS_PER_YEAR
    gaps = draws.exponential(f"contract {name}", 16 + int(3.0 * float(np.max(expected))))
    marks = np.cumsum(gaps, axis=-1)
    is_inside = marks < expected
    day = spec.known_until + marks * DAYS_PER_YEAR / np.where(is_inside, rate, 1.0)
    return np.where(is_inside, day, np.inf)


def _add_deals(  # noqa: PLR0913 -- a contract in a scenario, and where to put its deals
    spec: Specification,
    numbers: FloatArray,
    draws: Draws,
    place: int,
    signed: FloatArray,
    found: list[list[Deal]],
) -> None:
    """How the contracts of one kind turn out: size, whether they are carried out, and how far."""
    name, contract = spec.contracts[place]

    def number(field: str) -> FloatArray:
        column: FloatArray = numbers[:, spec.place(f"contracts.{name}.{field}"), None]
        return column

    chance = draws.uniform(f"outcome {name}", entities=signed.shape[1], words=4)
    face = number("size_usd_million") * exp(number("size_sigma") * normal_quantile(chance[..., 0]))
    cents = np.rint(face * CENTS_PER_MILLION / contract.instalments)
    executed = chance[..., 1] < number("execution_share")
    first = signed + number("delay_days")
    spacing = number("spacing_days")
    flow = spec.flow(contract.exporter, contract.good)
    some = np.nonzero(signed < NEVER)
    mean, spread = (number(f"fulfilment_{name}")[some[0], 0] for name in ("share", "spread"))
    fulfilment = _fulfilment(mean, spread, chance[..., 2][some]).tolist()
    for row, which, fulfilled in zip(*map(np.ndarray.tolist, some), fulfilment, strict=True):
        found[row].append(
            Deal(
                flow=flow,
                contract=place,
                number=which,
                first_day=float(first[row, which]),
                spacing_days=float(spacing[row, 0]),
                instalments=contract.instalments,
                face_cents=int(cents[row, which]),
                executed=bool(executed[row, which]),
                fulfilment=fulfilled,
            )
        )


def _fulfilment(mean: FloatArray, spread: FloatArray, chance: FloatArray) -> FloatArray:
    """A beta number of the given mean; spread 1 is as wide as a uniform law around one half."""
    is_sure = (spread == 0.0) | (mean == 0.0) | (mean == 1.0)
    middle = np.where(is_sure, 0.5, mean)
    shapes = 2.0 / np.where(is_sure, 1.0, spread * spread)
    drawn = betaincinv(middle * shapes, (1.0 - middle) * shapes, chance)
    return np.where(is_sure, mean, drawn)
