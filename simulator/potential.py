"""Potential: from the base flows to the potential and the desired flow of every good by period."""

import numpy as np

from simulator.equations.adjustment import capacity_gap_left, desired_log_flow
from simulator.equations.gravity import exchange_cost, log_potential, logistics_cost
from simulator.equations.measurement import reported_imports_factor
from simulator.equations.settlement import acceptance_share, availability
from simulator.portable import FloatArray, exp, log
from simulator.shocks import Clock, Shocks
from simulator.specification import IntArray, Specification

_NO_FLOW = 1e-12
"""Stands for zero million dollars where a logarithm is taken."""


def base_flows(
    spec: Specification, numbers: FloatArray, errors: dict[str, dict[int, FloatArray]]
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """True yearly flows by good in dollars: of the last year, the anchor, and the latent part.

    The office's figures are turned into true flows by taking off its error and its valuation, then
    grossed up for the refusals and rejections that they have already passed. The anchor is where
    trade would settle: last^w average^(1 - w), with w the share of a departure that lasts.
    """
    base = spec.scenario.base
    office = spec.scenario.statistics[base.statistics]
    factor = exp(errors[base.statistics][base.year])
    imports = reported_imports_factor(
        float(numbers[spec.place("base.cif_factor")]),
        float(numbers[spec.place(f"statistics.{base.statistics}.leak_share")]),
    )
    valuation = np.where(np.array(spec.economies) == office.economy, 1.0, imports)
    last = numbers[spec.places("export.last_usd_million")] / (factor * valuation)
    average = numbers[spec.places("export.average_usd_million")] / (factor * valuation)
    lasting = float(numbers[spec.place("base.persistence_share")])
    anchor = exp(
        lasting * log(np.maximum(last, _NO_FLOW))
        + (1.0 - lasting) * log(np.maximum(average, _NO_FLOW))
    )
    anchor = np.where((last == 0.0) & (average == 0.0), 0.0, anchor)
    exporter, _ = _sides(spec)
    share = _shares(spec, numbers, exporter)
    passed = acceptance(spec, numbers) if base.observed_under_frictions else 1.0
    scale = share * 1e6 / passed
    latent = numbers[spec.places("good.latent_usd_million")] * 1e6
    return last[exporter] * scale, anchor[exporter] * scale, latent


def flows(  # noqa: PLR0913 -- three base flows, their numbers and their shocks
    spec: Specification,
    table: FloatArray,
    paths: Shocks,
    last: FloatArray,
    anchor: FloatArray,
    latent: FloatArray,
) -> tuple[FloatArray, FloatArray]:
    """Potential and desired flow by period and good, dollars a year at the prices of the time.

    Capacity is built for what lasts. A currency's overshoot passes, so trade answers it with the
    short-run elasticity and no capacity follows. What nothing explains is measured on trade itself.
    Both, like prices, move potential and desired flow alike.
    """
    exporter, importer = _sides(spec)
    calm = np.zeros_like(paths.overshoot)
    elasticity = table[:, spec.places("good.trade_elasticity")]
    lasting_cost = log_trade_cost(spec, table, calm)
    affinity = table[:, spec.places("good.affinity")]
    lasting = (
        log(np.maximum(anchor + latent, _NO_FLOW))
        + log_potential(
            paths.output[:, exporter],
            paths.output[:, importer],
            elasticity,
            lasting_cost - lasting_cost[0],
        )
        + (affinity - affinity[0])
    )
    passing = -elasticity * (log_trade_cost(spec, table, paths.overshoot) - lasting_cost)
    # A flow that does not exist yet starts with the capacity of a newcomer.
    newcomer = float(table[0, spec.place("relationships.start_share")])
    capacity = _capacity(spec, table, lasting, log(np.maximum(last + newcomer * latent, _NO_FLOW)))
    share = float(table[0, spec.place("adjustment.short_run_share")])
    desired = desired_log_flow(lasting, capacity, share)
    if spec.periods.warm_up:
        desired[0] = capacity[0]
    growth = log(1.0 + float(table[0, spec.place("world_price_rate")]))
    prices = Clock.of(spec).years[:, None] * growth + paths.log_price
    moved = exp(prices + paths.affinity[:, exporter] + share * passing) * (anchor + latent > 0.0)
    return exp(lasting) * moved, exp(desired) * moved


def log_trade_cost(spec: Specification, table: FloatArray, overshoot: FloatArray) -> FloatArray:
    """Log trade cost by period and good at given overshoots: the wedge of the potential.

    Time and fees stand here and nowhere else; refusals, queues and limits happen to orders and
    stand nowhere here.
    """
    days, days_sd, freight = _corridor_means(spec, table)
    fees = _channel_mean(spec, table, "channel.fee_share")
    exporter, importer = _sides(spec)
    pass_through = table[:, spec.places("economy.exchange_rate.pass_through_share")]
    premium = table[:, spec.places("economy.exchange_rate.premium_share")]
    response = table[:, spec.places("economy.exchange_rate.premium_response")]
    premium = np.clip(premium + response * overshoot, 0.0, 0.9)
    return (
        log(1.0 + table[:, spec.places("good.tariff_share")])
        + log(1.0 + freight)
        + log(1.0 + table[:, spec.places("good.insurance_share")])
        + log(1.0 + fees)
        + logistics_cost(
            days,
            table[:, spec.places("good.day_value_share")],
            days_sd,
            table[:, spec.places("good.reliability_share")],
        )
        + exchange_cost(
            overshoot[:, exporter],
            pass_through[:, exporter],
            overshoot[:, importer],
            pass_through[:, importer],
            -log(1.0 - premium[:, exporter]),
        )
    )


def channel_shares(spec: Specification, numbers: FloatArray) -> FloatArray:
    """Share of orders that try each settlement channel first."""
    shares = numbers[spec.places("channel.share")]
    result: FloatArray = shares / shares.sum()
    return result


def corridor_shares(spec: Specification, numbers: FloatArray) -> FloatArray:
    """Share of each flow's orders by corridor, shape (flows, corridors)."""
    columns = [spec.columns.get(f"good.corridors.{name}") for name in spec.corridors]
    shares = np.stack(
        [
            np.zeros(len(spec.flows)) if c is None else np.where(c < 0, 0.0, numbers[c])
            for c in columns
        ],
        axis=1,
    )
    result: FloatArray = shares / shares.sum(axis=1, keepdims=True)
    return result


def fallback_channels(spec: Specification, numbers: FloatArray) -> list[int]:
    """For every channel the largest other one in use, which a refused order tries next."""
    shares = channel_shares(spec, numbers)
    order = [int(n) for n in np.argsort(-shares, kind="stable") if shares[n] > 0.0]
    return [next((n for n in order if n != first), first) for first in range(len(shares))]


def acceptance(spec: Specification, numbers: FloatArray) -> FloatArray:
    """Share of each flow's orders that pass interruptions, refusals and customs in the base."""
    refusal = numbers[spec.places("channel.refusal_share")]
    patience = float(numbers[spec.place("settlement.patience_days")])
    available = [
        availability(*spec.repair_days(numbers, "channel", n), patience)
        for n in range(len(spec.channels))
    ]
    paid = 0.0
    for n, share in enumerate(channel_shares(spec, numbers)):
        second = fallback_channels(spec, numbers)[n]
        paid += float(share) * acceptance_share(
            available[n],
            float(refusal[n]),
            available[second],
            float(refusal[second]),
            spec.scenario.settlement.attempts,
        )
    red = numbers[spec.places("importer.customs.red_share")]
    rejected = red * numbers[spec.places("importer.customs.rejection_share")]
    result: FloatArray = np.maximum(paid * (1.0 - rejected), 0.01)
    return result


def _capacity(
    spec: Specification, table: FloatArray, lasting: FloatArray, start: FloatArray
) -> FloatArray:
    """Log capacity by period: it follows the lasting potential, slowly up and fast down.

    A warm-up lies before the start, at the capacity of the last year.
    """
    up, down = (float(table[0, spec.place(f"adjustment.{name}_years")]) for name in ("up", "down"))
    steps = Clock.of(spec).steps
    rise, fall = exp(-steps / up), exp(-steps / down)
    capacity = np.empty_like(lasting)
    state = start
    for period in range(spec.periods.count):
        gap = lasting[period] - state
        state = lasting[period] - capacity_gap_left(gap, rise[period], fall[period])
        capacity[period] = state
    if spec.periods.warm_up:
        capacity[0] = start
    return capacity


def _shares(spec: Specification, numbers: FloatArray, exporter: IntArray) -> FloatArray:
    """Drawn shares of goods, scaled back to 1 in each direction."""
    share = numbers[spec.places("good.share")]
    total = np.bincount(exporter, weights=share, minlength=2)
    result: FloatArray = share / np.where(total > 0.0, total, 1.0)[exporter]
    return result


def _corridor_means(
    spec: Specification, table: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Expected days, their spread and the ad-valorem freight by period and good."""
    shares = corridor_shares(spec, table[0])
    excess = table[:, spec.places("corridor.excess_days")]
    days = table[:, spec.places("corridor.minimum_days")] + excess
    spread = excess * table[:, spec.places("corridor.excess_cv")]
    freight = table[:, spec.places("corridor.freight_usd_per_tonne")]
    price = table[0, spec.places("good.price_usd_per_tonne")]
    return (
        _weighted(shares, days),
        _weighted(shares, spread),
        _weighted(shares, freight) / price,
    )


def _channel_mean(spec: Specification, table: FloatArray, column: str) -> FloatArray:
    """Mean of a channel's number over the channels, by period (one column for all goods)."""
    return _weighted(channel_shares(spec, table[0])[None, :], table[:, spec.places(column)])


def _weighted(shares: FloatArray, values: FloatArray) -> FloatArray:
    """Sum over the last axis of shares (rows, names) x values (periods, names), in name order."""
    total = np.zeros((values.shape[0], shares.shape[0]))
    for name in range(shares.shape[1]):
        total += values[:, name, None] * shares[None, :, name]
    return total


def _sides(spec: Specification) -> tuple[IntArray, IntArray]:
    """The numbers of each flow's exporter and importer."""
    exporter = np.array([spec.economies.index(flow.exporter) for flow in spec.flows])
    return exporter, 1 - exporter
