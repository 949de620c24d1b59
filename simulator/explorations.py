"""Explorations: settings of a few numbers that were run, and the surface that lies between them."""

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import numpy as np

from simulator.conditioning import Setting
from simulator.designs import filled
from simulator.errors import Problem, ScenarioError
from simulator.inputs import quantile
from simulator.runs import Floats, Run, Tell
from simulator.scenario.levers import Lever, lever
from simulator.scenario.overriding import override
from simulator.scenario.types import Scenario, quantities
from simulator.sensitivities import SECONDS_PER_SETTING, Bar, Study, strongest, study
from simulator.surfaces import Axis, Misfit, Surface, fitted, misfit
from simulator.trials import Ask, turnover

USUAL_SLIDERS, MOST_SLIDERS = 5, 6
CLOSE = 10
"""Inputs of which the screening keeps so many, for the tornado that chooses the sliders."""

ALWAYS = 2
"""Inputs that move most become sliders whatever they are; behind them levers come first."""

LOW, HIGH = 0.05, 0.95
"""Shares of a law below the ends of a slider."""

REPLICATIONS = 500
"""Of each setting, at most."""

INSIDE, AT_CORNERS, HELD_CORNERS, HELD_INSIDE = 32, 16, 4, 12
"""Points of the design: those that are fitted and those that judge the fit."""

POINTS = 1 + INSIDE + AT_CORNERS + HELD_CORNERS + HELD_INSIDE
"""Settings that are run, where the sliders start among them."""

STEPS, SIZES = 100, 40
"""About how many steps a slider has, and that of the size of the target."""

TOO_ROUGH = 0.05
"""Error of the chance above which the page warns in its head."""

TARGET = "target.turnover_usd_million"

Values = tuple[float, ...]
"""A value for each slider."""


@dataclass(frozen=True, slots=True)
class Slider:
    """A number that can be moved, in steps of a few digits."""

    path: str
    kind: str
    """Who decides it: a lever, an uncertainty or a constant."""
    low: float
    high: float
    step: float
    start: float
    """Where it stands, or the middle of its law, rounded to a step; or the nearest end."""
    stands: float
    decimals: int
    origin: str
    """What says how far it goes, in words."""
    is_drawn: bool
    """Whether the scenario draws it as long as nobody sets it."""

    @property
    def axis(self) -> Axis:
        """The range as the surface reads it."""
        return Axis(self.low, self.high)

    def at(self, place: float) -> float:
        """The step that is nearest to a place between 0 and 1, as the surface divides the range."""
        low, high = self.low, self.high
        if self.axis.is_log:
            value = math.exp(math.log(low) + place * (math.log(high) - math.log(low)))
        else:
            value = low + place * (high - low)
        return self.snapped(value)

    def snapped(self, value: float) -> float:
        """The nearest step within the range."""
        steps = round((min(max(value, self.low), self.high) - self.low) / self.step)
        return min(round(self.low + steps * self.step, self.decimals), self.high)


@dataclass(frozen=True, slots=True)
class Tried:
    """What a setting came to, or the scenario as it stands."""

    values: Values
    of: int
    """Replications."""
    hits: tuple[int, ...]
    """Those with at least each size of the target."""
    p10: float
    p50: float
    p90: float
    is_fitted: bool
    """Whether the surface has seen it; the others judge it."""


@dataclass(frozen=True, slots=True)
class Exploration:
    """Settings of a scenario that were run, and a surface for those between them."""

    run: str
    seed: int
    replications: int
    """Of each setting, on the draws with which the run begins."""
    sliders: tuple[Slider, ...]
    sizes: Values
    """Of the target, in million dollars, evenly spaced."""
    stands: Tried
    """The scenario as it stands, with all replications of the run."""
    tried: tuple[Tried, ...]
    surface: Surface
    misfit: Misfit

    @property
    def is_rough(self) -> bool:
        """Whether the surface may mislead."""
        return self.misfit.largest > TOO_ROUGH

    @property
    def start(self) -> Values:
        """Where the sliders stand at first."""
        return tuple(one.start for one in self.sliders)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be explored: sliders that are stated, or inputs from which they are chosen."""

    scenario: Scenario
    seed: int
    replications: int
    sliders: tuple[Slider, ...]
    study: Study | None
    """None where the sliders are stated."""

    def runs(self) -> int:
        """Replications that it takes, beside those of the scenario as it stands."""
        total = POINTS * self.replications
        if self.study is not None:
            close = min(CLOSE, len(self.study.inputs))
            total += sum(2 * inputs * each for inputs, each in self.study.rounds())
            total += 2 * close * self.replications
        return total

    def seconds(self, each: float) -> float:
        """Time that it takes on one core, with so many seconds a replication."""
        settings = POINTS
        if self.study is not None:
            settings += sum(2 * inputs for inputs, _ in self.study.rounds()) + 2 * CLOSE
        return self.runs() * each + SECONDS_PER_SETTING * settings


def planned(
    scenario: Scenario, stated: Mapping[str, object], *, seed: int, replications: int
) -> Plan:
    """What is to be explored, checked before anything is computed.

    Args:
        scenario: What is asked.
        stated: Sliders by path, each with its range or None; if empty, a tornado chooses them.
        seed: Seed of the run.
        replications: Those of the run, or as many as it may have.

    Raises:
        ScenarioError: There is no such number, a range is not one, sliders are too many, or no
            number has a law from which a slider could be made.

    """
    each = min(replications, REPLICATIONS)
    if len(stated) > MOST_SLIDERS:
        message = f"{len(stated)} sliders are more than anybody can follow, the limit is "
        raise ScenarioError([Problem("S152", f"{message}{MOST_SLIDERS}", field="--slider")])
    if TARGET in stated:
        message = "the size of the target has its slider on every page"
        raise ScenarioError([Problem("S156", message, "--slider", field=TARGET)])
    if not stated:
        if all(number.law is None for _, number in quantities(scenario)):
            message = "no number of the scenario has a law from which a slider could be made"
            example = "--explore --slider settlement.patience_days=30..120"
            raise ScenarioError([Problem("S196", message, field="--explore", example=example)])
        asked = study(scenario, top=CLOSE, seed=seed, replications=each)
        return Plan(scenario, seed, each, (), asked)
    sliders = tuple(_slider(scenario, path, between) for path, between in stated.items())
    for setting in itertools.chain(*_design(sliders)):
        override(scenario, dict(zip(stated, setting, strict=True)))
    return Plan(scenario, seed, each, sliders, None)


def explored(plan: Plan, run: Run, ask: Ask, tell: Tell = lambda _: None) -> Exploration:
    """The exploration, from runs that somebody makes.

    Args:
        plan: What is explored.
        run: The scenario as it stands.
        ask: Gives the turnover at settings.
        tell: Told what is about to be done.

    Raises:
        ScenarioError: The target year is not simulated to its end.
        FailedError: Replications failed, so that settings cannot be paired.

    """
    stands = turnover(run)
    sliders = plan.sliders
    if plan.study is not None:
        tell(f"Choosing sliders from {len(plan.study.inputs)} uncertain inputs.")
        sliders = _chosen(plan.scenario, strongest(plan.study, ask))
    fit, held = _design(sliders)
    tell(f"Running {len(fit) + len(held)} settings.")
    paths = [one.path for one in sliders]
    settings = [Setting(stated=dict(zip(paths, one, strict=True))) for one in (*fit, *held)]
    found = ask(settings, plan.replications, plan.seed)
    axes = [one.axis for one in sliders]
    surface = fitted(axes, fit, found[: len(fit)])
    sizes = _sizes(plan.scenario.target.turnover_usd_million.central, [stands, *found])
    return Exploration(
        run=run.id,
        seed=plan.seed,
        replications=plan.replications,
        sliders=sliders,
        sizes=sizes,
        stands=_tried((), stands, sizes, is_fitted=False),
        tried=tuple(
            _tried(values, one, sizes, is_fitted=n < len(fit))
            for n, (values, one) in enumerate(zip((*fit, *held), found, strict=True))
        ),
        surface=surface,
        misfit=misfit(surface, held, found[len(fit) :], sizes),
    )


def _chosen(scenario: Scenario, bars: Sequence[Bar]) -> tuple[Slider, ...]:
    """The sliders of the inputs that clearly move the answer; at least of the strongest two."""
    usable = [(bar, one) for bar in bars if (one := _usual(scenario, bar.input.path)) is not None]
    clear = [pair for pair in usable if pair[0].is_clear]
    if len(clear) < ALWAYS:
        clear = usable[:ALWAYS]
    first, others = clear[:ALWAYS], clear[ALWAYS:]
    others.sort(key=lambda pair: not pair[0].input.is_lever)
    return tuple(one for _, one in (*first, *others)[:USUAL_SLIDERS])


def _usual(scenario: Scenario, path: str) -> Slider | None:
    """The slider of an uncertain input; None where its ends are no numbers of the scenario."""
    try:
        one = _slider(scenario, path, None)
        for end in (one.low, one.high):
            override(scenario, {path: end})
    except ScenarioError:
        return None
    return one


def _slider(scenario: Scenario, path: str, between: object) -> Slider:
    """A number as a slider: between P5 and P95 of its law, or as far as a lever goes."""
    law = dict(quantities(scenario)).get(path)
    origin = ""
    if between is None and law is not None and law.law is not None:
        between = quantile(law.law, LOW), quantile(law.law, HIGH)
        origin = "P5 to P95 of its law"
        if between[0] == between[1]:
            between = None
    try:
        found = lever(scenario, path, between)
    except ScenarioError as error:
        raise ScenarioError([replace(one, file="--slider") for one in error.problems]) from None
    return _stepped(found, origin or found.origin)


def _stepped(found: Lever, origin: str) -> Slider:
    """A lever in steps of few digits that meet where it starts."""
    step = _round(max((found.high - found.low) / STEPS, 1 if found.whole else 0))
    start = Decimal(repr(min(max(found.start, found.low), found.high)))
    if found.is_drawn:
        start = round(start / step) * step
    below = _whole((float(start) - found.low) / float(step))
    above = _whole((found.high - float(start)) / float(step))
    if below + above == 0:
        message = "the range holds a single setting"
        raise ScenarioError([Problem("S152", message, "--slider", field=found.path)])
    decimals = max(0, *(-int(one.normalize().as_tuple().exponent) for one in (start, step)))
    low, high = start - below * step, start + above * step
    return Slider(
        path=found.path,
        kind=found.kind,
        low=float(low),
        high=float(high),
        step=float(step),
        start=float(start),
        stands=found.start,
        decimals=decimals,
        origin=origin,
        is_drawn=found.is_drawn,
    )


def _whole(steps: float) -> int:
    """Whole steps that fit, up to rounding of the last digit."""
    return max(0, math.floor(steps + 1e-9))


def _round(width: float) -> Decimal:
    """The next number of the form 1, 2 or 5 times a power of ten that is no smaller."""
    power = Decimal(1).scaleb(math.floor(math.log10(width)))
    return next(one * power for one in (1, 2, 5, 10) if one * power >= Decimal(repr(width)))


def _design(sliders: Sequence[Slider]) -> tuple[list[Values], list[Values]]:
    """Settings to fit, where the sliders start among them, and others that judge the fit.

    Blocks of a Sobol sequence fill the box evenly; some of them are carried to its corners, which
    a reader will look at first.

    Raises:
        ScenarioError: S152, the sliders have so few settings that all would be run.

    """
    ends = np.cumsum([INSIDE, AT_CORNERS, HELD_CORNERS, HELD_INSIDE])
    unit = filled(len(sliders), int(ends[-1]))
    unit[ends[0] : ends[2]] = np.round(unit[ends[0] : ends[2]])
    points = [
        tuple(one.at(float(place)) for one, place in zip(sliders, row, strict=True)) for row in unit
    ]
    start = tuple(one.start for one in sliders)
    fit = list(dict.fromkeys([start, *points[: ends[1]]]))
    held = [one for one in dict.fromkeys(points[ends[1] :]) if one not in set(fit)]
    if not held:
        message = f"there are only {len(fit)} settings, none is left between those that are run"
        note = "sim sweep runs them all"
        path = sliders[0].path
        raise ScenarioError([Problem("S152", message, "--slider", field=path, note=note)])
    return fit, held


def _sizes(target: float, turnovers: Sequence[Floats]) -> Values:
    """Sizes of the target: itself, and others as far as turnover goes."""
    everything = np.concatenate(turnovers)
    low = min(target, float(np.quantile(everything, 0.02)))
    high = max(target, float(np.quantile(everything, 0.98)), low * 1.1, 1e-3)
    step = _round((high - low) / SIZES)
    aim = Decimal(repr(target))
    below = min(_whole((target - low) / float(step)), _whole(target / float(step) - 0.5))
    above = math.ceil((high - target) / float(step))
    return tuple(float(aim + n * step) for n in range(-below, above + 1))


def _tried(values: Values, found: Floats, sizes: Values, *, is_fitted: bool) -> Tried:
    hits = tuple(int(np.count_nonzero(found >= one)) for one in sizes)
    p10, p50, p90 = (float(one) for one in np.quantile(found, (0.1, 0.5, 0.9)))
    return Tried(values, found.size, hits, p10, p50, p90, is_fitted)


def as_data(found: Exploration) -> dict[str, Any]:
    """What a program wants to know of an exploration, as plain data."""
    return {
        "sliders": [one.path for one in found.sliders],
        "settings": len(found.tried),
        "replications": found.replications,
        "held_out": found.misfit.settings,
        "typical_error": found.misfit.typical,
        "largest_error": found.misfit.largest,
        "is_rough": found.is_rough,
    }
