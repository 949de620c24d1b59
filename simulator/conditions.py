"""Conditions: what the world does in one replication, before any order is placed."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.special import betaincinv, ndtr

from simulator.draws import Draws
from simulator.equations.ordering import orders_per_year
from simulator.equations.relationships import cumulative_hazard, size, survival
from simulator.measures import NEVER, Timing, levels
from simulator.portable import FloatArray, exp, log, normal_quantile
from simulator.potential import acceptance, base_flows, flows
from simulator.scenario.types import DAYS_PER_YEAR
from simulator.shocks import Shocks, Windows, closings, interruptions, merged, shocks
from simulator.specification import Specification

CENTS_PER_MILLION = 100_000_000
_NO_FLOW = 1e-12
"""Stands for zero million dollars where a logarithm is taken."""
AGES = np.concatenate([[0.0], exp(np.linspace(-7.0, 7.6, 400))])


@dataclass(frozen=True)
class LifeTable:
    """Life of relationships in one flow: a table of cumulative hazard by age, and its moments."""

    hazard: FloatArray
    survivors: FloatArray
    """Share of all years lived that are lived below each age."""
    mean_years: float
    """Infinite when nothing ends a relationship."""
    mean_size: float
    """Size over maturity, averaged over a stationary stock."""


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


@dataclass(frozen=True)
class Conditions:
    """Everything an engine reads besides the draws of its entities.

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
    candidates: FloatArray
    """Candidates for entry a year by flow that keep the stock at its norm."""
    missing_found: FloatArray
    """The same when the whole stock is missing, beyond those."""
    channel_down: tuple[Windows, ...]
    corridor_closed: tuple[Windows, ...]
    deals: tuple[Deal, ...]
    errors: dict[str, dict[int, FloatArray]]
    """Log errors of the statistics offices, by office, year and exporter."""


def conditions(spec: Specification, draws: Draws) -> Conditions:
    """Draw the world of one replication."""
    numbers = spec.inputs.drawn(draws)
    base = spec.inputs.at_base(numbers, draws)
    paths = shocks(spec, numbers, draws)
    table = levels(spec, numbers, paths, draws)
    errors = measurement_errors(spec, numbers, draws)
    last, anchor, latent = base_flows(spec, base, errors)
    potential, desired = flows(spec, table, base, paths, (last, anchor, latent))
    lives = tuple(_lives(spec, numbers, base))
    norm = desired[0].copy()
    candidates, missing_found = _candidates(spec, numbers, lives, norm)
    incumbent = np.where(anchor + last > 0.0, norm, 0.0)
    edges = spec.periods.edges
    return Conditions(
        numbers=numbers,
        levels=table,
        shocks=paths,
        potential=potential,
        desired=desired,
        norm=norm,
        incumbent=incumbent,
        lives=lives,
        candidates=candidates,
        missing_found=missing_found,
        channel_down=tuple(
            interruptions(
                draws,
                f"channel down {name}",
                *spec.repair_days(numbers, "channel", n),
                edges[0],
                edges[-1],
            )
            for n, name in enumerate(spec.channels)
        ),
        corridor_closed=tuple(
            _closed(spec, numbers, draws, n, name) for n, name in enumerate(spec.corridors)
        ),
        deals=tuple(_deals(spec, numbers, draws)),
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
        sd = float(numbers[spec.place(f"statistics.{name}.log_error_sd")])
        kept = float(numbers[spec.place(f"statistics.{name}.persistence_share")])
        fresh = np.stack(
            [draws.normal(f"error {name} {exporter}", len(years)) for exporter in spec.economies],
            axis=1,
        )
        state = fresh[0]
        errors[name] = {scenario.base.year: sd * state}
        for n, year in enumerate(years):
            if n > 0:
                state = kept * state + np.sqrt(1.0 - kept * kept) * fresh[n]
                errors[name][year] = sd * state
    return errors


def _lives(spec: Specification, numbers: FloatArray, base: FloatArray) -> Iterator[LifeTable]:
    """The life table of each flow.

    Failed orders end relationships too. What the base refusals, rejections and defaults do to the
    stock counts as one more hazard in its balance, so that births replace those who leave.
    """
    goods = [spec.scenario.exports[flow.exporter].goods[flow.good] for flow in spec.flows]
    exit_share = float(numbers[spec.place("relationships.exit_after_failure_share")])
    paid = 1.0 - float(numbers[spec.place("settlement.default_share")])
    failing = 1.0 - acceptance(spec, base) * paid
    mean_value = numbers[spec.places("good.relationship_usd_million")] * 1e6
    rate, cost = (
        numbers[spec.places(f"good.{name}")] for name in ("carrying_rate", "order_cost_usd")
    )
    for n, good in enumerate(goods):
        often = orders_per_year(float(mean_value[n]), float(rate[n]), float(cost[n]))
        failures = often * float(failing[n]) * exit_share
        yield _life(spec, numbers, failures, is_differentiated=good.differentiated)


def _life(
    spec: Specification, numbers: FloatArray, failures: float, *, is_differentiated: bool
) -> LifeTable:
    """Tabulate one law of life by the trapezoidal rule."""

    def number(name: str) -> float:
        return float(numbers[spec.place(f"relationships.{name}")])

    hazard = cumulative_hazard(
        AGES,
        log(1.0 + AGES / number("hazard_scale_years")),
        number("hazard_shape"),
        number("hazard_floor"),
        1.0 if is_differentiated else number("homogeneous_hazard_ratio"),
    )
    alive = survival(hazard, number("frailty_variance")) * exp(-failures * AGES)
    lived = _integral(alive)
    if alive[-1] == 1.0:
        return LifeTable(hazard, lived / lived[-1], np.inf, 1.0)
    grown = _integral(alive * size(AGES, number("start_share"), number("growth_years")))
    return LifeTable(hazard, lived / lived[-1], float(lived[-1]), float(grown[-1] / lived[-1]))


def _integral(values: FloatArray) -> FloatArray:
    """Integral over age up to each age."""
    steps = 0.5 * (values[1:] + values[:-1]) * np.diff(AGES)
    return np.concatenate([[0.0], np.cumsum(steps)])


def _candidates(
    spec: Specification, numbers: FloatArray, lives: tuple[LifeTable, ...], norm: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Candidates for entry a year: who keep each stock at its norm, who build up a missing one.

    Of the candidates only those enter whose size covers the sunk cost, so there are more of them. A
    missing stock is found within the time in which capacity is built.
    """

    def common(path: str) -> float:
        return float(numbers[spec.place(path)])

    mean_value = numbers[spec.places("good.relationship_usd_million")] * 1e6
    mean_size = np.array([life.mean_size for life in lives])
    turnover = np.array([1.0 / life.mean_years for life in lives])
    sigma = common("relationships.value_sigma")
    earned = common("relationships.profit_share") * common("relationships.payback_years")
    sunk = numbers[spec.places("good.sunk_cost_usd_million")] * 1e6
    smallest = sunk / (mean_value * max(earned, _NO_FLOW))
    entering = np.ones(len(norm))
    if sigma > 0.0:
        # Mass of a lognormal law of mean 1 above the smallest size that pays.
        entering = ndtr(sigma / 2.0 - log(np.maximum(smallest, _NO_FLOW)) / sigma)
    stock: FloatArray = norm / (mean_value * mean_size) / np.maximum(entering, 0.05)
    found = common("relationships.search_elasticity") / common("adjustment.up_years")
    return stock * turnover, stock * found


def _closed(
    spec: Specification, numbers: FloatArray, draws: Draws, place: int, name: str
) -> Windows:
    """All days on which a corridor takes nothing."""
    corridor = spec.scenario.corridors[name]
    edges = spec.periods.edges
    if corridor.closed:
        return ((edges[0], np.inf),)
    between, repair = spec.repair_days(numbers, "corridor", place)
    by_chance = interruptions(
        draws, f"corridor closed {name}", between, repair, edges[0], edges[-1]
    )
    return merged(closings(spec, corridor.closing) + by_chance)


def _deals(spec: Specification, numbers: FloatArray, draws: Draws) -> Iterator[Deal]:
    """All mega-contracts signed within the horizon."""
    for place, (name, contract) in enumerate(spec.contracts):
        if contract.signed is not None:
            day = Timing(spec, numbers, draws).day(f"contracts.{name}.signed", contract.signed)
            signed = [day] if day < NEVER else []
        else:
            rate = float(numbers[spec.place(f"contracts.{name}.rate")])
            days = max(spec.periods.edges[-1] - spec.known_until, 0.0)
            expected = days * rate / DAYS_PER_YEAR
            gaps = draws.exponential(f"contract {name}", 16 + int(3.0 * expected))
            signed = [
                spec.known_until + float(mark) * DAYS_PER_YEAR / rate
                for mark in np.cumsum(gaps)
                if mark < expected
            ]
        for number, day in enumerate(signed):
            yield _deal(spec, numbers, draws, (place, number), day)


def _deal(
    spec: Specification, numbers: FloatArray, draws: Draws, which: tuple[int, int], signed: float
) -> Deal:
    """How one contract turns out: its size, whether it is carried out, and how far."""
    name, contract = spec.contracts[which[0]]

    def number(field: str) -> float:
        return float(numbers[spec.place(f"contracts.{name}.{field}")])

    chance = draws.uniform(f"outcome {name}", first=which[1], words=4)[0]
    face = number("size_usd_million") * float(
        exp(number("size_sigma") * normal_quantile(chance[0]))
    )
    return Deal(
        flow=spec.flow(contract.exporter, contract.good),
        contract=which[0],
        number=which[1],
        first_day=signed + number("delay_days"),
        spacing_days=number("spacing_days"),
        instalments=contract.instalments,
        face_cents=round(face * CENTS_PER_MILLION / contract.instalments),
        executed=bool(chance[1] < number("execution_share")),
        fulfilment=_fulfilment(number("fulfilment_share"), number("fulfilment_spread"), chance[2]),
    )


def _fulfilment(mean: float, spread: float, chance: float) -> float:
    """A beta number of the given mean; spread 1 is as wide as a uniform law around one half."""
    if spread == 0.0 or mean in (0.0, 1.0):
        return mean
    shapes = 2.0 / (spread * spread)
    return float(betaincinv(mean * shapes, (1.0 - mean) * shapes, chance))
