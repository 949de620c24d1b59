"""Counterfactuals: what a scenario's trade costs do in the long run, to the pair and to others."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_flow

from simulator.calendars import year_bounds
from simulator.conditions import worlds
from simulator.draws import Draws
from simulator.errors import Problem, ScenarioError
from simulator.evidence import equilibrium
from simulator.evidence.equilibrium import Counterfactual, Square
from simulator.evidence.industry import industry
from simulator.evidence.panels import Records
from simulator.portable import FloatArray
from simulator.potential import log_wedge
from simulator.runs import planned
from simulator.scenario.types import DAYS_PER_YEAR, Scenario
from simulator.shocks import PeriodClock
from simulator.specification import specification

REPLICATIONS = 200
"""Over which a scenario's trade costs are averaged: dates of measures and numbers are drawn."""

SPAN = 3
"""Years over which flows are averaged, because single years are lumpy."""

GDP = "gdp_usd_bn_weo"

LEAST_AT_HOME = 0.1
"""Of output sold at home at least: hubs of re-export sell more abroad than they produce."""

DOLLARS, MOST_CAPACITY = 1e6, 2**31 - 1
"""Debts are netted in dollars, or in coarser units where one is too large to count."""

Ways = dict[str, float]
"""Something of each direction, by exporter."""


@dataclass(frozen=True)
class Wedges:
    """What a scenario changes in trade costs until its target year."""

    log_effect: Ways
    """Log change of the potential at given multilateral resistance, by exporter."""
    elasticity: float
    """Trade elasticity, the mean of its goods by their flows."""


@dataclass(frozen=True)
class Bystander:
    """An economy outside the pair."""

    economy: str
    change_usd_million: float
    """Of its yearly sales to the two."""
    welfare_change: float
    """Relative change of its real spending."""


@dataclass(frozen=True)
class Standing:
    """What one further member of a collective brings and takes, after those before it."""

    economy: str
    pooled_usd_million: float
    """Its yearly trade with the others, as far as it goes through the platform."""
    offset_share: float
    """Share of what is still open between the two that its balances let cancel."""
    diverted_share: float
    """Share of the trade of the two that it takes, being cheaper to trade with as well."""


@dataclass(frozen=True)
class Impact:
    """Effects of a scenario's wedges, from a square of observed flows."""

    pair: tuple[str, str]
    target_year: int
    wedges: Wedges
    years: tuple[int, int]
    """Over which flows are averaged."""
    economies: int
    left_out: tuple[str, ...]
    """Economies without output in the panel."""
    recorded_usd_million: Ways
    partial: Ways
    """Ratio of flows at given multilateral resistance and prices: what the model takes."""
    industry: Ways
    """The same when prices of exporters rise with what they sell, all else equal."""
    conditional: Ways
    """Multilateral resistance has adjusted, incomes have not."""
    general: Ways
    """Prices and incomes have adjusted everywhere."""
    welfare_change: Ways
    """Relative change of real spending of the two."""
    bystanders: tuple[Bystander, ...]
    """Every other economy, the one that loses most of its sales to the two first."""
    members: tuple[Standing, ...]
    """Of the scenario's collective, in its order; none where it has none."""
    closure: float
    steps: int


def wedges(scenario: Scenario, seed: int | None = None) -> Wedges:
    """What a scenario changes in trade costs until its target year, on average of its draws."""
    spec = specification(scenario)
    seed, _ = planned(scenario, seed, 1)
    drawn = worlds(spec, Draws(seed, range(REPLICATIONS)))
    base = spec.inputs.at_base(drawn.numbers, drawn.draws)
    calendar = scenario.statistics[scenario.offices[0]].calendar
    first, after = map(spec.periods.day, year_bounds(calendar, scenario.target.year))
    days = PeriodClock.of(spec).years * DAYS_PER_YEAR
    inside = (first < days) & (days < after)
    effect = log_wedge(spec, drawn.levels, base)[:, inside, :].mean(axis=(0, 1))
    flows = drawn.potential[:, inside, :].mean(axis=(0, 1))
    elasticities = drawn.numbers[:, spec.places("good.trade_elasticity")].mean(axis=0)
    before = flows / np.exp(effect)
    found = {
        side: _log_growth(before, flows, np.array([f.exporter == side for f in spec.flows]))
        for side in spec.economies
    }
    return Wedges(found, float(elasticities @ flows / flows.sum()))


def _log_growth(before: FloatArray, after: FloatArray, some: FloatArray) -> float:
    return float(np.log(after[some].sum() / before[some].sum())) if before[some].sum() else 0.0


def impact(scenario: Scenario, records: Records, seed: int | None = None) -> Impact:
    """Partial and general effects of a scenario's wedges, from what a panel knew by its base year.

    Raises:
        ScenarioError: The panel does not know both economies by then.

    """
    square, left_out, span = square_of(records, scenario.base.year)
    one, other = scenario.economies
    missing = [side for side in (one, other) if side not in square.economies]
    if missing:
        message = f"the panel has no output and trade of {' and '.join(missing)} in {span[1]}"
        raise ScenarioError([Problem("S194", message)])
    found = wedges(scenario, seed)
    place = {side: square.economies.index(side) for side in (one, other)}
    ways = {one: (place[one], place[other]), other: (place[other], place[one])}
    effect = np.zeros_like(square.usd_million)
    for side, way in ways.items():
        effect[way] = found.log_effect[side]
    after = equilibrium.general(square, effect, found.elasticity)
    held = equilibrium.conditional(square, effect).usd_million
    alone = _alone(square, effect, found.elasticity)

    def ratios(flows: FloatArray) -> Ways:
        before = square.usd_million
        return {
            side: float(flows[way] / before[way]) if before[way] else 1.0
            for side, way in ways.items()
        }

    return Impact(
        pair=(one, other),
        target_year=scenario.target.year,
        wedges=found,
        years=span,
        economies=len(square.economies),
        left_out=left_out,
        recorded_usd_million={s: float(square.usd_million[way]) for s, way in ways.items()},
        partial={side: float(np.exp(found.log_effect[side])) for side in ways},
        industry={side: float(1.0 + alone[way]) for side, way in ways.items()},
        conditional=ratios(held),
        general=ratios(after.after.usd_million),
        welfare_change={side: float(after.welfare[place[side]] - 1.0) for side in ways},
        bystanders=_bystanders(after, [*place.values()]),
        members=_members(scenario, square, found.elasticity),
        closure=after.closure,
        steps=after.steps,
    )


def square_of(records: Records, year: int) -> tuple[Square, tuple[str, ...], tuple[int, int]]:
    """The square that a panel knew by some year, who is left out, and its years.

    Flows are means of the last years; what is not recorded counts as nothing. Output is taken to be
    as large as gross domestic product: goods are about half of output, and output about twice the
    value added. What is not exported is sold at home.

    Raises:
        ScenarioError: The panel has no trade or no output by then.

    """
    panel = records.panel
    last = min(year, int(panel.year.max()))
    span = (last - SPAN + 1, last)
    chosen = (panel.year >= span[0]) & (panel.year <= span[1])
    count = len(panel.economies)
    flows = np.zeros((count, count))
    where = panel.exporter[chosen], panel.importer[chosen]
    np.add.at(flows, where, panel.usd_million[chosen] / SPAN)
    output = np.array([_output(records.macro, name, span) for name in panel.economies])
    trades = (flows.sum(axis=1) > 0.0) & (flows.sum(axis=0) > 0.0)
    kept = np.flatnonzero(np.isfinite(output) & trades)
    if len(kept) < 2:
        message = f"the panel has no trade beside {GDP} in {span[0]} to {span[1]}"
        raise ScenarioError([Problem("S194", message)])
    flows, output = flows[np.ix_(kept, kept)], output[kept]
    at_home = np.maximum(output - flows.sum(axis=1), LEAST_AT_HOME * output)
    names = tuple(panel.economies[n] for n in kept)
    left_out = tuple(name for name in panel.economies if name not in names)
    return Square(names, flows + np.diag(at_home)), left_out, span


def _output(macro: Mapping[tuple[int, str, str], float], name: str, span: tuple[int, int]) -> float:
    """Mean yearly output of an economy in million dollars; NaN where a year is missing."""
    years = range(span[0], span[1] + 1)
    return 1e3 * float(np.mean([macro.get((year, name, GDP), np.nan) for year in years]))


def _alone(square: Square, effect: FloatArray, elasticity: float) -> FloatArray:
    """Relative change of flows when every exporter's supply is limited and nothing else moves."""
    cost_change = np.exp(-effect / elasticity) - 1.0
    costs = np.ones_like(effect)
    flows = square.usd_million
    return industry(flows, costs, cost_change, substitution=elasticity).quantities


def _bystanders(found: Counterfactual, pair: list[int]) -> tuple[Bystander, ...]:
    change = (found.after.usd_million - found.before.usd_million)[:, pair].sum(axis=1)
    others = (n for n in np.argsort(change) if n not in pair)
    return tuple(
        Bystander(found.before.economies[n], float(change[n]), float(found.welfare[n] - 1.0))
        for n in others
    )


def _members(scenario: Scenario, square: Square, elasticity: float) -> tuple[Standing, ...]:
    """What the members of a collective that the panel knows bring and take, one after the other."""
    collective = scenario.collective
    if collective is None:
        return ()
    inside = [square.economies.index(side) for side in scenario.economies]
    pair = np.ix_(inside, inside)
    abroad = ~np.eye(2, dtype=np.bool_)
    both = float(square.usd_million[pair][abroad].sum())
    share = min(1.0, collective.pooled_usd_million.central / both) if both else 0.0
    saved = collective.saving_share.central * collective.complementarity_share.central
    cheaper = -elasticity * np.log1p(-saved)

    def traded(places: list[int]) -> float:
        """Trade of the two when payments are cheaper among some economies."""
        effect = np.zeros_like(square.usd_million)
        effect[np.ix_(places, places)] = cheaper
        np.fill_diagonal(effect, 0.0)
        after = equilibrium.general(square, effect, elasticity).after.usd_million
        return float(after[pair][abroad].sum())

    found = []
    for code in collective.members:
        if code not in square.economies:
            continue
        wider = [*inside, square.economies.index(code)]
        flows = square.usd_million[np.ix_(wider, wider)]
        still_open = 1.0 - cancelled(flows[:-1, :-1])
        offset = 1.0 - (1.0 - cancelled(flows)) / still_open if still_open else 0.0
        found.append(
            Standing(
                code,
                share * float(flows[-1, :-1].sum() + flows[:-1, -1].sum()),
                offset,
                max(0.0, 1.0 - traded(wider) / traded(inside)),
            )
        )
        inside = wider
    return tuple(found)


def cancelled(flows: FloatArray) -> float:
    """Share of the balance of the first two economies that goes round through the others.

    Who sells more is owed the difference; a debt cancels as far as the creditor owes somebody who
    owes somebody … who owes the debtor: the largest flow from creditor to debtor through debts.
    """
    debts = np.rint(np.maximum(flows.T - flows, 0.0) * DOLLARS).astype(np.int64)
    owed = int(debts[0, 1] - debts[1, 0])
    debtor, creditor = (0, 1) if owed > 0 else (1, 0)
    debts[:2, :2] = 0
    largest = max(int(debts.max()), 1)
    scale = max(1, -(-largest // MOST_CAPACITY))
    around = maximum_flow(csr_array((debts // scale).astype(np.int32)), creditor, debtor)
    return min(1.0, around.flow_value * scale / abs(owed)) if owed else 0.0
