"""Reasons: what keeps trade below its potential, shared out among frictions, and what binds next.

The ledger books every dollar to what stopped it first. The attribution asks another question: how
much more would be realised without a friction, which depends on the others that are still there.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from simulator import answers, runs
from simulator.answers import Flags
from simulator.attribution import (
    Coalition,
    additions,
    apportioned,
    coalitions,
    orderings,
    shapley,
    visited,
)
from simulator.calendars import year_bounds
from simulator.engines.choice import AUTO, chosen
from simulator.errors import Problem, ScenarioError
from simulator.estimates import (
    CONFIDENCE,
    Change,
    Mean,
    Proportion,
    is_clear,
    mean,
    normal_width,
    paired_change,
    student,
)
from simulator.executors import workforce
from simulator.ledger import ACCOUNTS, LOSSES, POTENTIAL, REALISED
from simulator.runs import CENTS_PER_MILLION, Floats, Integers, Run
from simulator.sampling import Goal
from simulator.scenario.frictions import (
    Capacity,
    Friction,
    capacities,
    frictions,
    raised,
    without,
)
from simulator.scenario.types import Scenario
from simulator.simulation import Question, condensed

MOST_EXACT = 7
"""Frictions of which every coalition is run; of more, orders of removal are sampled."""

USUAL_ORDERS = 24
"""Orders of removal where frictions are too many for all of them."""

USUAL_REPLICATIONS = 400
"""Replications of each setting unless asked otherwise: differences on the same draws need few."""

CONTRACT_ACCOUNTS = ("not_executed", "shortfall")

MOST_EXPLAINED = 3
"""Accounts that are named where a finding goes the unexpected way."""

NOBODY: Coalition = frozenset()


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the waterfall: what it does to trade, on average."""

    key: str
    words: str
    cents: int
    """Average cents, rounded so that all steps together are exact."""
    mean: Mean
    """The same in million dollars, with its interval over the runs."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What one change does to realised trade, in million dollars, and to the chance."""

    trade: Mean
    is_clear: bool
    """Whether the pairs of runs are surely up or surely down."""
    chance: Change


@dataclass(frozen=True, slots=True)
class Share:
    """A friction, and what it costs."""

    key: str
    words: str
    paths: tuple[str, ...]
    """The numbers that are made harmless."""
    cents: int
    """Shapley's share in average cents, rounded so that all of them add up exactly."""
    mean: Mean
    """The same in million dollars, with its interval over the runs."""
    order_half_width: float | None
    """Half of the 95 % interval due to orders that were not tried; None where all were."""
    alone: Effect
    """If it alone is removed."""
    last: Effect
    """If it is removed after all others."""
    potential: Mean | None
    """What removing it alone does to the potential; None where it does nothing, as it should."""


@dataclass(frozen=True, slots=True)
class Surprise:
    """A removed friction after which trade, or the chance, is clearly lower, and what takes it."""

    key: str
    words: str
    is_alone: bool
    """Whether it alone was removed, and not after all others."""
    is_trade: bool
    """Whether trade itself falls, and not only the chance."""
    effect: Effect
    takers: tuple[Step, ...]
    """Accounts of the ledger that take most of what it had stopped."""


@dataclass(frozen=True, slots=True)
class Price:
    """What more of a limit brings: the shadow price of a capacity, by a discrete step."""

    path: str
    unit: str
    now: float
    """The central value of the limit."""
    step: float
    effect: Effect
    """Of the whole step."""

    @property
    def usd_million_per_unit(self) -> float:
        """Realised trade for one more unit."""
        return self.effect.trade.value / self.step

    @property
    def points_per_unit(self) -> float:
        """Percentage points of the chance for one more unit."""
        return 100 * self.effect.chance.value / self.step


@dataclass(frozen=True, slots=True)
class Binding:
    """The friction whose removal brings most, after some others are gone."""

    key: str
    words: str
    effect: Effect
    rivals: tuple[str, ...]
    """Frictions, in words, whose removal instead does not bring clearly less."""


@dataclass(frozen=True, slots=True)
class Reasons:
    """Why trade of the target year is what it is."""

    scenario: str
    run: str
    """The run of the scenario as it is."""
    economies: tuple[str, ...]
    year: int
    statistics: str
    target_usd_million: float
    seed: int
    replications: int
    settings: int
    """Scenarios that were run, this one among them."""
    orders: int | None
    """Orders of removal that were sampled; None where all of them count."""
    chance: Proportion
    potential: Step
    realised: Step
    ledger: tuple[Step, ...]
    """From potential to realised: capacity, first causes of losses, of delays, contracts."""
    frictions: tuple[Share, ...]
    """The largest share first."""
    together: Effect
    """If all frictions are removed."""
    rest: Step
    """Potential less what is realised without any friction: what no friction explains."""
    rest_parts: tuple[Step, ...]
    """What the rest is made of, as losses, by the ledger of the run without any friction."""
    binds: tuple[Binding, ...]
    """What binds now, and what binds next when that is gone; fewer where nothing clearly does."""
    surprises: tuple[Surprise, ...]
    prices: tuple[Price, ...]

    @property
    def id(self) -> str:
        """Ten digits that follow from the run and from what was asked of it."""
        text = f"{self.run} {self.settings} {self.orders}"
        return hashlib.sha256(text.encode()).hexdigest()[:10]

    @property
    def loss_cents(self) -> int:
        """Potential less realised: what the frictions and the rest add up to."""
        return self.potential.cents - self.realised.cents

    def table(self, name: str = "frictions") -> pa.Table:
        """The ``frictions``, the ``ledger`` or the ``prices`` with their intervals."""
        if name == "ledger":
            return _steps_table([self.potential, *self.ledger, self.realised])
        if name == "prices":
            return pa.table(
                {
                    "path": [one.path for one in self.prices],
                    "unit": [one.unit for one in self.prices],
                    "now": [one.now for one in self.prices],
                    "step": [one.step for one in self.prices],
                    **_effect_columns([one.effect for one in self.prices]),
                }
            )
        if name != "frictions":
            raise KeyError(name)
        steps = [Step(one.key, one.words, one.cents, one.mean) for one in self.frictions]
        table = _steps_table([*steps, self.rest])
        effects = _effect_columns([one.alone for one in self.frictions])
        for column, values in effects.items():
            table = table.append_column(f"alone_{column}", pa.array([*values, None]))
        return table


@dataclass(frozen=True, slots=True)
class Study:
    """A scenario, what is removed from it in which company, and what is raised."""

    scenario: Scenario
    frictions: tuple[Friction, ...]
    capacities: tuple[Capacity, ...]
    orders: tuple[tuple[str, ...], ...] | None
    """Orders of removal; None for all of them."""

    @property
    def coalitions(self) -> list[Coalition]:
        """Frictions that are removed together, nothing first."""
        keys = [one.key for one in self.frictions]
        if self.orders is None:
            return list(coalitions(keys))
        every = frozenset(keys)
        asked = [NOBODY, *(frozenset({key}) for key in keys), every]
        asked += [every - {key} for key in keys]
        asked += [there for order in self.orders for there in visited(order)]
        return list(dict.fromkeys(asked))

    def removed(self, gone: Coalition) -> Scenario:
        """The scenario without some frictions."""
        return without(self.scenario, (one for one in self.frictions if one.key in gone))

    def further(self, first: str) -> list[Coalition]:
        """Coalitions that tell what binds next, beside those that are run anyway."""
        known = set(self.coalitions)
        pairs = [frozenset({first, one.key}) for one in self.frictions]
        return [pair for pair in pairs if pair not in known]

    @property
    def most_settings(self) -> int:
        """How many scenarios are run at most."""
        pairs = 0 if self.orders is None else len(self.frictions)
        return len(self.coalitions) + len(self.capacities) + pairs


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is kept of a run: the ledger of the target year, and where the target is met."""

    run: str
    books: Mapping[str, Integers]
    met: Flags


Settled = Callable[[Sequence[Question]], Sequence[Outcome]]
"""Answers questions by what is kept of their runs, each in its place."""


def why(  # noqa: PLR0913 -- the verb's options, each with a default
    scenario: Scenario,
    *,
    sampled: int | None = None,
    seed: int | None = None,
    replications: int | None = None,
    workers: int = 1,
    engine: str = AUTO,
    results: Path | None = None,
) -> Reasons:
    """Tell what keeps trade of the target year below its potential, and what would bring more.

    Args:
        scenario: What is asked.
        sampled: Orders of removal to sample; all of them count where frictions are at most seven.
        seed: Seed of the draws; the scenario's own, if not given.
        replications: How many of each setting; 400, or the scenario's own if these are fewer.
        workers: Processes, or threads of the compiled engine, to share the work.
        engine: ``reference``, ``compiled``, or ``auto`` for the faster one; the same numbers.
        results: A results folder, from which replications are taken and in which they are kept.

    Returns:
        The ledger, Shapley's share of every friction, what binds, and the price of every limit.

    Raises:
        ScenarioError: The target year is not simulated to its end.
        FailedError: Replications failed, so that settings cannot be paired.
        EnvironmentFaultError: The machine does not allow it.

    Example:
        >>> simulator.why(scenario).frictions[0].words  # doctest: +SKIP

    """
    seed, count = planned(scenario, seed, replications)
    asked = study(scenario, sampled)
    crew = workforce(workers, chosen(engine, count * asked.most_settings))
    return reasons(
        asked,
        seed,
        count,
        lambda questions: condensed(questions, crew, outcome, results=results),
    )


def planned(
    scenario: Scenario,
    seed: int | None,
    replications: int | None,
    most: int = runs.LARGEST_RUN,
) -> tuple[int, int]:
    """The seed and the replications of each setting.

    Raises:
        RefusedError: more than ``most`` replications.

    """
    usual = min(scenario.replications, USUAL_REPLICATIONS)
    return runs.planned(scenario, seed, usual if replications is None else replications, most)


def study(scenario: Scenario, sampled: int | None = None) -> Study:
    """What is going to be run.

    Raises:
        ScenarioError: The target year is not simulated to its end.

    """
    calendar = scenario.statistics[scenario.offices[0]].calendar
    first, after = year_bounds(calendar, scenario.target.year)
    horizon = scenario.horizon
    if first < horizon.start or after > horizon.end + timedelta(days=1):
        message = "the target year is not simulated to its end"
        raise ScenarioError([Problem("S201", message, field="horizon.end")])
    found = tuple(frictions(scenario))
    keys = [one.key for one in found]
    if sampled is None and len(found) > MOST_EXACT:
        sampled = USUAL_ORDERS
    orders = None if sampled is None else tuple(orderings(keys, sampled))
    return Study(scenario, found, tuple(capacities(scenario)), orders)


def outcome(run: Run) -> Outcome:
    """What is kept of a run.

    Raises:
        FailedError: Replications failed, so that settings cannot be paired.

    """
    runs.require_complete(run)
    met = answers.met(run, runs.headline(run), run.scenario.target.year)
    return Outcome(run.id, runs.accounts(run), met)


def reasons(asked: Study, seed: int, replications: int, settled: Settled) -> Reasons:
    """The reasons, from runs that somebody makes.

    Raises:
        FailedError: Replications failed, so that settings cannot be paired.

    """
    goal = Goal(replications)

    def made(scenarios: Iterable[Scenario]) -> Sequence[Outcome]:
        return settled([Question(one, seed, goal) for one in scenarios])

    gone, limits = asked.coalitions, asked.capacities
    first = made([*map(asked.removed, gone), *(raised(asked.scenario, limit) for limit in limits)])
    found = dict(zip(gone, first, strict=False))
    base = found[NOBODY]
    binds = [*_most(asked, found, NOBODY)]
    if binds:
        there = frozenset({binds[0].key})
        pairs = asked.further(binds[0].key)
        found |= zip(pairs, made(map(asked.removed, pairs)) if pairs else (), strict=True)
        binds += _most(asked, found, there)
    every = frozenset(one.key for one in asked.frictions)
    potential, realised = _ends(base)
    shares, rest = _shares(asked, found, potential.cents - realised.cents)
    prices = (
        Price(limit.path, limit.unit, limit.now, limit.step, effect(base, more))
        for limit, more in zip(limits, first[len(gone) :], strict=True)
    )
    scenario = asked.scenario
    office = scenario.statistics[scenario.offices[0]]
    partner = scenario.economies[scenario.partner(office.economy)].name
    return Reasons(
        scenario=scenario.name,
        run=base.run,
        economies=(partner, scenario.economies[office.economy].name),
        year=scenario.target.year,
        statistics=f"statistics of {scenario.economies[office.economy].name}",
        target_usd_million=scenario.target.turnover_usd_million.central,
        seed=seed,
        replications=replications,
        settings=len(found) + len(limits),
        orders=None if asked.orders is None else len(asked.orders),
        chance=answers.chance_of(base.met),
        potential=potential,
        realised=realised,
        ledger=tuple(_ledger(base, realised.cents - potential.cents)),
        frictions=tuple(sorted(shares, key=lambda one: -one.cents)),
        together=effect(base, found[every]),
        rest=rest,
        rest_parts=tuple(_rest_parts(base, found[every], rest.cents)),
        binds=tuple(binds),
        surprises=tuple(_surprises(asked, found)),
        prices=tuple(prices),
    )


def effect(before: Outcome, after: Outcome) -> Effect:
    """What a change does, pair by pair on the same draws."""
    change = _gain(before, after)
    return Effect(mean(change), is_clear(change), _chance(before, after, CONFIDENCE))


def as_data(found: Reasons) -> dict[str, Any]:
    """The reasons as plain data; what is withheld is null."""
    about = {"schema": "sim.why/1", "id": found.id, "loss_cents": found.loss_cents}
    data = asdict(found) | about
    for told, price in zip(data["prices"], found.prices, strict=True):
        told["usd_million_per_unit"] = price.usd_million_per_unit
        told["points_per_unit"] = price.points_per_unit
    return data


def _ends(base: Outcome) -> tuple[Step, Step]:
    """Potential and realised trade, each to the nearest cent."""
    potential, realised = (
        Step(key, ACCOUNTS[key], round(_average(base.books[key])), mean(_million(base.books[key])))
        for key in (POTENTIAL, REALISED)
    )
    return potential, realised


def _ledger(base: Outcome, total: int) -> Iterator[Step]:
    """The accounts that are not empty, as what they do to trade: causes, delays, contracts."""
    keys = sorted(LOSSES, key=_kind)
    return iter(_steps({key: -base.books[key] for key in keys}, total))


def _kind(account: str) -> int:
    """The place of an account's kind in the waterfall: capacity, losses, delays, contracts."""
    if account in CONTRACT_ACCOUNTS:
        return 3
    return 1 if account.startswith("lost_") else 2 if account.startswith("late_") else 0


def _steps(amounts: Mapping[str, Integers], total: int) -> list[Step]:
    """Accounts as steps that add up to a total; those that are empty in every run are left out."""
    kept = {key: cents for key, cents in amounts.items() if cents.any()}
    cents = apportioned([_average(one) for one in kept.values()], total)
    return [
        Step(key, ACCOUNTS[key], whole, mean(_million(amount)))
        for (key, amount), whole in zip(kept.items(), cents, strict=True)
    ]


def _shares(
    asked: Study, found: Mapping[Coalition, Outcome], loss: int
) -> tuple[list[Share], Step]:
    """Shapley's share of every friction, and the rest of the loss, to the cent."""
    keys = [one.key for one in asked.frictions]
    base, free = found[NOBODY], found[frozenset(keys)]

    @cache
    def average(gone: Coalition) -> Fraction:
        return _average(found[gone].books[REALISED])

    @cache
    def each(gone: Coalition) -> Floats:
        return _million(found[gone].books[REALISED])

    errors: dict[str, float | None] = dict.fromkeys(keys)
    if asked.orders is None:
        exact, by_run = shapley(keys, average), shapley(keys, each)
    else:
        orders = asked.orders
        count = len(orders)
        steps = [additions(order, average) for order in orders]
        exact = {key: sum((step[key] for step in steps), Fraction()) / count for key in keys}
        runs_of = [additions(order, each) for order in orders]
        by_run = {key: np.mean([step[key] for step in runs_of], axis=0) for key in keys}
        if count > 1:
            errors = {key: _order_half_width([step[key] for step in steps]) for key in keys}
    rest = base.books[POTENTIAL] - free.books[REALISED]
    *cents, left = apportioned([*exact.values(), _average(rest)], loss)
    return [
        _share(friction, whole, mean(by_run[friction.key]), errors[friction.key], found, keys)
        for friction, whole in zip(asked.frictions, cents, strict=True)
    ], Step("rest", "left without any friction", left, mean(_million(rest)))


def _order_half_width(added: Sequence[Fraction]) -> float:
    """Half of the 95 % interval of an average over orders that were drawn at random."""
    values = np.array([float(one) for one in added]) / CENTS_PER_MILLION
    return student(float(np.std(values, ddof=1)), len(added))


def _share(  # noqa: PLR0913 -- whose, how much and how sure, and the runs that tell the rest
    friction: Friction,
    cents: int,
    share: Mean,
    error: float | None,
    found: Mapping[Coalition, Outcome],
    keys: Sequence[str],
) -> Share:
    every, only = frozenset(keys), frozenset({friction.key})
    base, alone = found[NOBODY], found[only]
    moved = alone.books[POTENTIAL] - base.books[POTENTIAL]
    return Share(
        key=friction.key,
        words=friction.words,
        paths=tuple(friction.changes),
        cents=cents,
        mean=share,
        order_half_width=error,
        alone=effect(base, alone),
        last=effect(found[every - only], found[every]),
        potential=mean(_million(moved)) if moved.any() else None,
    )


def _rest_parts(base: Outcome, free: Outcome, total: int) -> list[Step]:
    """What is lost without any friction, and what removing them does to the potential itself."""
    moved = base.books[POTENTIAL] - free.books[POTENTIAL]
    steps = _steps({POTENTIAL: moved, **{key: free.books[key] for key in LOSSES}}, total)
    words = "potential at the costs of other ways"
    return [replace(one, words=words) if one.key == POTENTIAL else one for one in steps]


def _most(asked: Study, found: Mapping[Coalition, Outcome], gone: Coalition) -> Iterator[Binding]:
    """The friction whose removal brings most after some are gone, if it clearly brings any."""
    further = {one.key: found[gone | {one.key}] for one in asked.frictions if one.key not in gone}
    if not further:
        return
    words = {one.key: one.words for one in asked.frictions}
    realised = {key: _million(one.books[REALISED]) for key, one in further.items()}
    best = max(realised, key=lambda key: float(realised[key].mean()))
    # The best-looking one is partly luck: corrected for every other that could have been it.
    confidence = 1 - (1 - CONFIDENCE) / max(len(further) - 1, 1)
    rivals = (
        words[key]
        for key, other in realised.items()
        if key != best and not is_clear(realised[best] - other, confidence)
    )
    gain = effect(found[gone], further[best])
    if gain.is_clear and gain.trade.value > 0:
        yield Binding(best, words[best], gain, tuple(rivals))


def _gain(before: Outcome, after: Outcome) -> Floats:
    return _million(after.books[REALISED] - before.books[REALISED])


def _chance(before: Outcome, after: Outcome, confidence: float) -> Change:
    gained = int(np.count_nonzero(after.met & ~before.met))
    lost = int(np.count_nonzero(before.met & ~after.met))
    return paired_change(gained, lost, after.met.size, normal_width(confidence))


def _surprises(asked: Study, found: Mapping[Coalition, Outcome]) -> Iterator[Surprise]:
    """Removals after which trade or the chance is clearly lower than before."""
    every = frozenset(one.key for one in asked.frictions)
    # Looked for at both ends of every friction, in trade and chance: one false alarm in 20 answers.
    confidence = 1 - (1 - CONFIDENCE) / max(4 * len(every), 1)
    for one in asked.frictions:
        only = frozenset({one.key})
        ends = {True: (NOBODY, only), False: (every - only, every)}
        for is_alone, (less, more) in ends.items():
            if not is_alone and len(every) == 1:
                continue  # the same as alone
            before, after = found[less], found[more]
            gain = _gain(before, after)
            is_trade = float(gain.mean()) < 0 and is_clear(gain, confidence)
            if is_trade or _chance(before, after, confidence).high < 0:
                told, takers = effect(before, after), tuple(_takers(before, after))
                yield Surprise(one.key, one.words, is_alone, is_trade, told, takers)


def _takers(before: Outcome, after: Outcome) -> list[Step]:
    """The accounts that take clearly more after a change than before, most first."""
    more = {key: after.books[key] - before.books[key] for key in LOSSES}
    more[POTENTIAL] = before.books[POTENTIAL] - after.books[POTENTIAL]
    steps = [
        Step(key, ACCOUNTS[key], round(_average(cents)), mean(_million(cents)))
        for key, cents in more.items()
        if cents.any() and cents.mean() > 0 and is_clear(_million(cents))
    ]
    return sorted(steps, key=lambda step: -step.cents)[:MOST_EXPLAINED]


def _average(cents: Integers) -> Fraction:
    """The exact average of whole cents."""
    return Fraction(sum(cents.tolist()), cents.size)


def _million(cents: Integers) -> Floats:
    return cents / CENTS_PER_MILLION


def _steps_table(steps: Sequence[Step]) -> pa.Table:
    return pa.table(
        {
            "key": [one.key for one in steps],
            "words": [one.words for one in steps],
            "cents": [one.cents for one in steps],
            "half_width_usd_million": pa.array(
                [one.mean.half_width for one in steps], pa.float64()
            ),
        }
    )


def _effect_columns(effects: Sequence[Effect]) -> dict[str, list[float | None]]:
    return {
        "trade_usd_million": [one.trade.value for one in effects],
        "trade_half_width_usd_million": [one.trade.half_width for one in effects],
        "chance_change": [one.chance.value for one in effects],
        "chance_low": [one.chance.low for one in effects],
        "chance_high": [one.chance.high for one in effects],
    }
