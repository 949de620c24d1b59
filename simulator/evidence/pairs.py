"""Pairs: what a panel knew of two economies at the end of a year, as numbers of a scenario."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from simulator.errors import Problem, ScenarioError
from simulator.evidence import panels
from simulator.portable import FloatArray
from simulator.scenario.restating import Stated
from simulator.scenario.starting import SIDES, TARGET, assumed, codes_of, started

GROWTH, RATE = "gdp_real_growth_pct_weo", "fx_lcu_per_usd_weo_implied"
RECENT = 5
"""Years from which means and spreads are taken."""

FEWEST = 5
"""Changes of comparable pairs for a spread; with fewer it is as usual."""

WEIGHT = 5.0
"""Changes of a flow's own for which the spread of comparable pairs counts."""

USUAL_SPREAD = 0.5
"""Of the yearly log change of a flow of which nothing is known."""

SUPPLIED = 0.2
"""Spread of yearly changes that the model makes of its orders, prices and contracts."""

LEAST_SPREAD, MOST_SPREAD = 0.1, 1.5
"""Bounds of the spread of yearly changes, because records of few years mislead."""

MOST_KEPT = 0.9999
"""Share left after a year from which a path is taken not to return."""

SCALED = ("relationship_usd_million", "sunk_cost_usd_million", "order_cost_usd")
"""Numbers of a good that are larger where its flow is, so that there are as many relationships."""

CONTRACT = "contracts.supply.size_usd_million"
CREDIT = "settlement.channels.clearing.clearing.credit_limit_usd_million"

SLOW, FAST = (5.0, 250.0), (3.0, 500.0)
"""Days on the way besides distance, and kilometres a day."""


@dataclass(frozen=True)
class Known:
    """What the panel recorded of one pair up to the base year."""

    codes: tuple[str, str]
    base: int
    flows: tuple[FloatArray, FloatArray]
    """Exports of each side in the years of the panel up to the base; NaN where not recorded."""
    comparable_variance: float
    growth: tuple[FloatArray, FloatArray]
    """Yearly growth of output of each side, the last years up to the base."""
    depreciation: tuple[FloatArray, FloatArray]
    """Yearly log change of local currency a dollar."""
    is_sanctioned: tuple[bool, bool]
    distance_km: float
    origin: str


def scenario_text(name: str, pair: tuple[str, str], year: int, records: panels.Records) -> str:
    """A new scenario for a pair, with what a panel knew before the year of its target.

    Raises:
        ScenarioError: The panel has no trade of the pair in the year before.

    """
    known = _known(records, codes_of(pair), year - 1)
    free = [
        f"economies.{code}.sanctions_process"
        for code, is_sanctioned in zip(known.codes, known.is_sanctioned, strict=True)
        if not is_sanctioned
    ]
    return started(name, pair, year, dict(_numbers(known)), free)


def _known(records: panels.Records, codes: tuple[str, str], base: int) -> Known:
    flows = [panels.flow(records.panel, *way, base) for way in (codes, codes[::-1])]
    if not any(_last(flow) > 0.0 for flow in flows):
        message = f"the panel records no trade between {codes[0]} and {codes[1]} in {base}"
        raise ScenarioError([Problem("S192", message)])
    years = range(base - RECENT, base + 1)

    def figures(variable: str, code: str) -> FloatArray:
        return np.array([records.macro.get((year, code, variable), math.nan) for year in years])

    growth = [figures(GROWTH, code)[1:] / 100.0 for code in codes]
    depreciation = [np.diff(np.log(figures(RATE, code))) for code in codes]
    sanctioned = [records.sanctions.get((base, code), 0.0) > 0.0 for code in codes]
    return Known(
        codes,
        base,
        (flows[0], flows[1]),
        _comparable_variance(records, codes, base),
        (growth[0], growth[1]),
        (depreciation[0], depreciation[1]),
        (sanctioned[0], sanctioned[1]),
        records.distances_km.get(codes, math.nan),
        records.panel.origin,
    )


def _comparable_variance(records: panels.Records, codes: tuple[str, str], base: int) -> float:
    """Variance of the yearly log change of pairs of comparable size, as it was known by then.

    For two sanctioned economies those are pairs of two such: their records break off and begin
    again. Who was sanctioned is asked of the base year: a list of today would know who came later.
    """
    known = records.turnovers.until(base)
    size = float(known.usd_million[known.pairs.index((min(codes), max(codes))), -1])
    sanctioned = {code for (year, code), much in records.sanctions.items() if year == base and much}
    alike = np.array([sanctioned.issuperset(pair) for pair in known.pairs], dtype=np.bool_)
    among = alike if sanctioned.issuperset(codes) else None
    for some in (among, None):
        _, growth = known.growth(1, size, some)
        if len(growth) >= FEWEST:
            return float(growth.var())
    return USUAL_SPREAD**2


def _last(flow: FloatArray) -> float:
    """Of the base year; nothing where it is not recorded."""
    return float(flow[-1]) if len(flow) and np.isfinite(flow[-1]) else 0.0


def _numbers(known: Known) -> Iterator[tuple[str, Stated]]:
    """Numbers by the template's paths."""
    base, where = known.base, known.origin
    target = float(f"{1.2 * sum(map(_last, known.flows)):.2g}")
    yield TARGET, Stated("assumed: a fifth above the turnover of the base year", target)
    usual = [assumed()[f"exports.{side}.last_usd_million"] for side in SIDES]
    times = max(sum(map(_last, known.flows)), 1.0) / sum(usual)
    yield CREDIT, Stated("assumed: as in the template, at this turnover", assumed()[CREDIT] * times)
    for side, code in enumerate(known.codes):
        flow = known.flows[side]
        last = _last(flow)
        recent = flow[-3:][np.isfinite(flow[-3:])]
        average = float(recent.mean()) if len(recent) else 0.0
        exports = f"exports.{code}"
        yield f"{exports}.last_usd_million", Stated(f"{where}, {base}", last)
        years = f"{where}, mean of what is recorded of {base - 2} to {base}"
        yield f"{exports}.average_usd_million", Stated(years, average)
        yield f"{exports}.affinity_volatility", _volatility(known, flow)
        yield from _scaled(code, SIDES[side], max(last, average, 0.5) / usual[side])
        yield from _economy(code, known.growth[side], known.depreciation[side], known)
    yield from _ways(known)


def _volatility(known: Known, flow: FloatArray) -> Stated:
    """How much a flow moves by what nothing explains: its own record, drawn towards its like.

    The variance of pairs of comparable size counts as much as five changes of its own. Of it the
    model's orders, prices and contracts supply a part by themselves.
    """
    changes = np.diff(np.log(np.where(flow > 0.0, flow, np.nan)))
    changes = changes[np.isfinite(changes)]
    own = float(changes.var(ddof=1)) if len(changes) > 1 else 0.0
    count = len(changes) if len(changes) > 1 else 0
    variance = (count * own + WEIGHT * known.comparable_variance) / (count + WEIGHT)
    left = min(variance, MOST_SPREAD**2) - SUPPLIED**2
    kept = assumed()["base.persistence_share"]
    words = f"{known.origin}, {count} yearly changes and those of comparable pairs to {known.base}"
    sd = math.sqrt(max(left, LEAST_SPREAD**2) / change_variance(kept))
    return Stated(f"{words}, as the sd of a path behind yearly averages", sd)


def change_variance(kept: float) -> float:
    """Variance of the change of yearly averages of a path that has variance 1 added in a year.

    Of an Ornstein-Uhlenbeck path of which a share k is left after a year, r = -ln k:
    ((r - 1 + k) / r - (1 - k)^2 / 2 r) 2 / r^2; of a path that never returns, 2/3. Source for
    averages: Working, Econometrica 28 (1960).
    """
    if kept > MOST_KEPT:
        return 2.0 / 3.0
    rate = -math.log(kept)
    return ((rate - 1.0 + kept) / rate - (1.0 - kept) ** 2 / (2.0 * rate)) * 2.0 / rate**2


def _scaled(code: str, side: str, times: float) -> Iterator[tuple[str, Stated]]:
    """What grows with the flow of one side of the template, for the economy in its place."""
    words = f"assumed: as many relationships as in the template, at the flow of {code}"
    for path, number in assumed().items():
        if path.startswith(f"exports.{side}.goods.") and path.endswith(SCALED):
            yield path.replace(side, code), Stated(words, number * times)
    if side == SIDES[0]:
        yield CONTRACT, Stated(words, assumed()[CONTRACT] * times)


def _economy(
    code: str, growth: FloatArray, depreciation: FloatArray, known: Known
) -> Iterator[tuple[str, Stated]]:
    """Growth of output, and the exchange rate, by the last years."""
    words = f"{panels.MACRO_FILE}, {{}} of {known.base - RECENT + 1} to {known.base}"
    if np.isfinite(growth).all():
        mean, sd = float(np.clip(growth.mean(), -0.05, 0.10)), float(growth.std(ddof=1))
        error = max(sd / math.sqrt(RECENT), 0.01)
        law = (("mean", mean), ("sd", error), ("low", mean - 4 * error), ("high", mean + 4 * error))
        told = Stated(words.format("mean of growth"), law="normal", parameters=law)
        yield f"economies.{code}.output_growth_rate", told
        spread = Stated(words.format("spread of growth"), max(sd, 0.01))
        yield f"economies.{code}.output_volatility", spread
    if np.isfinite(depreciation).all():
        rate = f"economies.{code}.exchange_rate"
        mean = float(np.clip(depreciation.mean(), -0.05, 0.5))
        told = Stated(words.format("mean change of the implied rate"), mean)
        yield f"{rate}.depreciation_rate", told
        sd = float(np.clip(depreciation.std(ddof=1), 0.02, 0.5))
        yield f"{rate}.volatility", Stated(words.format("spread of the implied rate"), sd)


def _ways(known: Known) -> Iterator[tuple[str, Stated]]:
    """Days on the way by distance."""
    if math.isfinite(known.distance_km):
        for corridor, (days, speed) in (("slow", SLOW), ("fast", FAST)):
            words = (
                f"assumed: {days:.0f} days and {speed:.0f} km a day for {known.distance_km:.0f} km"
            )
            least = days + known.distance_km / speed
            yield f"corridors.{corridor}.minimum_days", Stated(words, round(least, 1))
