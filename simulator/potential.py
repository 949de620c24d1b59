"""Potential: from the base flows to the potential and the desired flow of every good by period."""

import numpy as np

from simulator.equations.adjustment import capacity_gap_left, desired_log_flow
from simulator.equations.gravity import exchange_cost, log_potential, logistics_cost
from simulator.equations.measurement import reported_imports_factor
from simulator.equations.settlement import acceptance_share, availability, down_share
from simulator.portable import FloatArray, exp, log, total
from simulator.shocks import PeriodClock, Shocks
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
        numbers[..., None, spec.place("base.cif_factor")],
        numbers[..., None, spec.place(f"statistics.{base.statistics}.leak_share")],
    )
    valuation = np.where(np.array(spec.economies) == office.economy, 1.0, imports)
    last = numbers[..., spec.places("export.last_usd_million")] / (factor * valuation)
    average = numbers[..., spec.places("export.average_usd_million")] / (factor * valuation)
    lasting = numbers[..., None, spec.place("base.persistence_share")]
    anchor = exp(
        lasting * log(np.maximum(last, _NO_FLOW))
        + (1.0 - lasting) * log(np.maximum(average, _NO_FLOW))
    )
    anchor = np.where((last == 0.0) & (average == 0.0), 0.0, anchor)
    exporter, _ = _sides(spec)
    share = _shares(spec, numbers, exporter)
    passed = acceptance(spec, numbers) if base.observed_under_frictions else 1.0
    scale = share * 1e6 / passed
    latent = numbers[..., spec.places("good.latent_usd_million")] * 1e6
    return last[..., exporter] * scale, anchor[..., exporter] * scale, latent


def flows(
    spec: Specification,
    table: FloatArray,
    base: FloatArray,
    paths: Shocks,
    observed: tuple[FloatArray, FloatArray, FloatArray],
) -> tuple[FloatArray, FloatArray]:
    """Potential and desired flow by period and good, dollars a year at the prices of the time.

    ``base`` holds the numbers under which the ``observed`` flows (last year, anchor, latent) came
    about: trade cost counts from there. Capacity is built for what lasts. A currency's overshoot
    passes, and what nothing explains is measured on trade itself; both, like prices, move potential
    and desired flow alike.
    """
    last, anchor, latent = observed
    exporter, importer = _sides(spec)
    affinity = table[..., spec.places("good.affinity")]
    lasting = (
        log(np.maximum(anchor + latent, _NO_FLOW))[..., None, :]
        + log_potential(
            paths.output[..., exporter],
            paths.output[..., importer],
            table[..., spec.places("good.trade_elasticity")],
            _cost_change(spec, table, base),
        )
        + (affinity - base[..., None, spec.places("good.affinity")])
    )
    calm_exchange = _calm_exchange(spec, table)
    passing_cost = _exchange(spec, table, paths.overshoot) - calm_exchange
    passing = -_held(spec, table, "adjustment.exchange_elasticity") * passing_cost
    # A flow that does not exist yet lacks relationships, which take their time; nothing else.
    capacity = _capacity(spec, table, lasting, log(np.maximum(last + latent, _NO_FLOW)))
    share = _held(spec, table, "adjustment.short_run_share")
    desired = desired_log_flow(lasting, capacity, share)
    warm_up = spec.periods.warm_up
    desired[..., :warm_up, :] = capacity[..., :warm_up, :]
    growth = log(1.0 + _held(spec, table, "world_price_rate"))
    prices = PeriodClock.of(spec).years[:, None] * growth + paths.log_price
    exists = (anchor + latent > 0.0)[..., None, :]
    moved = exp(prices + paths.affinity[..., exporter] + passing) * exists
    return exp(lasting) * moved, exp(desired) * moved


def log_wedge(spec: Specification, table: FloatArray, base: FloatArray) -> FloatArray:
    """Log change of the potential by period and good that sizes of economies do not explain.

    Less the trade elasticity times the change of log trade cost since the base, and affinity.
    """
    elasticity = table[..., spec.places("good.trade_elasticity")]
    change, affinity = _cost_change(spec, table, base), spec.places("good.affinity")
    none = np.zeros_like(change)
    moved = log_potential(none, none, elasticity, change)
    found: FloatArray = moved + (table[..., affinity] - base[..., None, affinity])
    return found


def log_trade_cost(spec: Specification, table: FloatArray) -> FloatArray:
    """Log trade cost by period and good besides exchange rates: the wedge of the potential.

    Time in transit and at customs and fees stand here and nowhere else; refusals, queues and limits
    happen to orders and stand nowhere here.
    """
    days, days_sd, freight = _corridor_means(spec, table)
    fees = _channel_mean(spec, table, "channel.fee_share")
    shares = ("good.tariff_share", "good.insurance_share")
    tariff, insurance = (table[..., spec.places(name)] for name in shares)
    on_value = log((1.0 + tariff) * (1.0 + freight) * (1.0 + insurance) * (1.0 + fees))
    return on_value + logistics_cost(
        days + _customs_days(spec, table),
        table[..., spec.places("good.day_value_share")],
        days_sd,
        table[..., spec.places("good.reliability_share")],
    )


def _cost_change(spec: Specification, table: FloatArray, base: FloatArray) -> FloatArray:
    """Change of log trade cost since the base, exchange rates where inflation has caught up."""
    before = base[..., None, :]
    lasting = log_trade_cost(spec, table) + _calm_exchange(spec, table)
    change: FloatArray = lasting - log_trade_cost(spec, before) - _calm_exchange(spec, before)
    return change


def _calm_exchange(spec: Specification, table: FloatArray) -> FloatArray:
    """Log trade cost of exchange rates without an overshoot: the premium of exporters."""
    return _exchange(spec, table, np.zeros((*table.shape[:-1], len(spec.economies))))


def _exchange(spec: Specification, table: FloatArray, overshoot: FloatArray) -> FloatArray:
    """Log trade cost of exchange rates at given overshoots."""
    exporter, importer = _sides(spec)
    pass_through = table[..., spec.places("economy.exchange_rate.pass_through_share")]
    premium = table[..., spec.places("economy.exchange_rate.premium_share")]
    response = table[..., spec.places("economy.exchange_rate.premium_response")]
    premium = np.clip(premium + response * overshoot, 0.0, 0.9)
    return exchange_cost(
        overshoot[..., exporter],
        pass_through[..., exporter],
        overshoot[..., importer],
        pass_through[..., importer],
        -log(1.0 - premium)[..., exporter],
    )


def channel_shares(spec: Specification, numbers: FloatArray) -> FloatArray:
    """Share of orders that try each settlement channel first."""
    shares = numbers[..., spec.places("channel.share")]
    result: FloatArray = shares / total(shares)[..., None]
    return result


def corridor_shares(spec: Specification, numbers: FloatArray) -> FloatArray:
    """Share of each flow's orders by corridor, last axes (flows, corridors)."""
    columns = [spec.columns.get(f"good.corridors.{name}") for name in spec.corridors]
    none = np.zeros((*numbers.shape[:-1], len(spec.flows)))
    shares = np.stack(
        [none if c is None else np.where(c < 0, 0.0, numbers[..., c]) for c in columns], axis=-1
    )
    is_open = np.array([not spec.scenario.corridors[name].closed for name in spec.corridors])
    usable = shares * is_open
    # What can go another way does; a good whose every corridor is closed waits.
    shares = np.where(total(usable)[..., None] > 0.0, usable, shares)
    result: FloatArray = shares / total(shares)[..., None]
    return result


def fallback_channels(spec: Specification, numbers: FloatArray) -> IntArray:
    """For every channel the largest other one in use, which a refused order tries next."""
    shares = channel_shares(spec, numbers)
    order = np.argsort(-shares, axis=-1, kind="stable")
    every = np.arange(shares.shape[-1])
    if len(every) == 1:
        return order
    largest, second = order[..., :1], order[..., 1:2]
    has_second = np.take_along_axis(shares, second, axis=-1) > 0.0
    result: IntArray = np.where(every != largest, largest, np.where(has_second, second, every))
    return result


def acceptance(spec: Specification, numbers: FloatArray) -> FloatArray:
    """Share of each flow's orders that pass interruptions, refusals and customs in the base."""
    refusal = numbers[..., spec.places("channel.refusal_share")]
    patience = numbers[..., spec.place("settlement.patience_days")]
    repairs = [spec.repair_days(numbers, "channel", n) for n in range(len(spec.channels))]
    down = [down_share(*days) for days in repairs]
    waited_for = np.stack([availability(*days, patience) for days in repairs], axis=-1)
    by_second = np.take_along_axis(
        waited_for * (1.0 - refusal), fallback_channels(spec, numbers), axis=-1
    )
    shares = channel_shares(spec, numbers)
    paid = np.zeros(numbers.shape[:-1])
    for n in range(len(spec.channels)):
        if spec.scenario.settlement.attempts == 1:
            passed = waited_for[..., n] * (1.0 - refusal[..., n])
        else:
            passed = acceptance_share(down[n], refusal[..., n], by_second[..., n])
        paid = paid + shares[..., n] * passed
    red = numbers[..., spec.places("importer.customs.red_share")]
    rejected = red * numbers[..., spec.places("importer.customs.rejection_share")]
    result: FloatArray = np.maximum(paid[..., None] * (1.0 - rejected), 0.01)
    return result


def _capacity(
    spec: Specification, table: FloatArray, lasting: FloatArray, start: FloatArray
) -> FloatArray:
    """Log capacity by period: it follows the lasting potential, slowly up and fast down.

    A warm-up lies before the start, at the capacity of the last year.
    """
    steps = PeriodClock.of(spec).steps[:, None]
    rise = exp(-steps / _held(spec, table, "adjustment.up_years"))
    fall = exp(-steps / _held(spec, table, "adjustment.down_years"))
    capacity = np.empty_like(lasting)
    state = start
    for period in range(spec.periods.count):
        now = lasting[..., period, :]
        left = capacity_gap_left(now - state, rise[..., period, :], fall[..., period, :])
        state = now - left
        capacity[..., period, :] = state
    capacity[..., : spec.periods.warm_up, :] = start[..., None, :]
    return capacity


def _held(spec: Specification, table: FloatArray, path: str) -> FloatArray:
    """A number that no measure changes, to be used over periods and flows."""
    found: FloatArray = table[..., :1, spec.place(path), None]
    return found


def _shares(spec: Specification, numbers: FloatArray, exporter: IntArray) -> FloatArray:
    """Drawn shares of goods, scaled back to 1 in each direction."""
    share = numbers[..., spec.places("good.share")]
    sums = np.stack([total(share * (exporter == side)) for side in (0, 1)], axis=-1)
    result: FloatArray = share / np.where(sums > 0.0, sums, 1.0)[..., exporter]
    return result


def _corridor_means(
    spec: Specification, table: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Expected days, their spread and the ad-valorem freight by period and good."""
    shares = corridor_shares(spec, table[..., 0, :])
    excess = table[..., spec.places("corridor.excess_days")]
    days = table[..., spec.places("corridor.minimum_days")] + excess
    spread = excess * table[..., spec.places("corridor.excess_cv")]
    freight = table[..., spec.places("corridor.freight_usd_per_tonne")]
    price = table[..., :1, spec.places("good.price_usd_per_tonne")]
    return (
        _weighted(shares, days),
        _weighted(shares, spread),
        _weighted(shares, freight) / price,
    )


def _customs_days(spec: Specification, table: FloatArray) -> FloatArray:
    """Expected days at the importer's customs by period and good."""
    green = table[..., spec.places("importer.customs.green_share")]
    red = np.minimum(table[..., spec.places("importer.customs.red_share")], 1.0 - green)
    days: FloatArray = (
        green * table[..., spec.places("importer.customs.green_days")]
        + (1.0 - green - red) * table[..., spec.places("importer.customs.yellow_days")]
        + red * table[..., spec.places("importer.customs.red_days")]
    )
    return days


def _channel_mean(spec: Specification, table: FloatArray, column: str) -> FloatArray:
    """Mean of a channel's number over the channels, by period (one column for all goods)."""
    shares = channel_shares(spec, table[..., 0, :])[..., None, :]
    return _weighted(shares, table[..., spec.places(column)])


def _weighted(shares: FloatArray, values: FloatArray) -> FloatArray:
    """Sum over the last axis of shares (rows, names) x values (periods, names), in name order."""
    summed = np.zeros((*values.shape[:-1], shares.shape[-2]))
    for name in range(shares.shape[-1]):
        summed += values[..., name, None] * shares[..., None, :, name]
    return summed


def _sides(spec: Specification) -> tuple[IntArray, IntArray]:
    """The numbers of each flow's exporter and importer."""
    exporter = np.array([spec.economies.index(flow.exporter) for flow in spec.flows])
    return exporter, 1 - exporter
