"""Sensitivities: which uncertain inputs move the answer, and which are worth knowing."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from scipy import special

from simulator import runs, variances
from simulator.conditioning import Setting, shares, uncertain
from simulator.engines.choice import AUTO, chosen
from simulator.errors import Problem, ScenarioError
from simulator.estimates import CONFIDENCE, Proportion, paired_change, proportion
from simulator.evidence.scores import log_of
from simulator.executors import workforce
from simulator.indices import Index, design, indices, size
from simulator.inputs import quantile
from simulator.runs import Floats, Tell
from simulator.scenario.paths import matching
from simulator.scenario.types import Scenario, quantities
from simulator.trials import Ask, asking
from simulator.variances import Part

METHODS = ("tornado", "morris", "sobol")
LOW, HIGH = 0.1, 0.9
"""The share of its law below an input at either end of its bar."""

USUAL_TOP = {"tornado": 15, "sobol": 8, "morris": 15}
"""Inputs that are told one by one; of Sobol, those that are tried at all."""

USUAL_REPLICATIONS = {"tornado": 1000, "morris": 10, "sobol": 10}
"""Of each setting."""

USUAL_POINTS = {"morris": 8, "sobol": 256}
"""Trajectories of Morris, base points of Sobol."""

SCREENING = (20, 100)
"""Replications at either end of an input in the rounds that choose those that are looked at."""

SECOND = 4
"""Times as many inputs, as are looked at closely, come into the second round."""

FRESH = 1
"""The bit of the seed that is turned for draws of the screening, which then do not judge."""

MORE = 4
"""Times as many replications, as they are, for the worth of knowing an input."""

ROWS, COLUMNS = 256, 16
"""Inputs of so many replications, each held while so many others lend their draws of all else."""

SECONDS_PER_SETTING = 0.05
"""What it costs to arrange a scenario of several hundred inputs for the engines."""

FEWEST = 60
"""Runs below which no interval of a median is told."""

RESAMPLES = 400
RESAMPLING = 20230313
"""Seed of the bootstrap, so that intervals are the same every time."""


@dataclass(frozen=True, slots=True)
class Input:
    """A number with a law: what it is at P10 and at P90, who decides it, what stands behind it."""

    path: str
    low: float
    high: float
    is_lever: bool = False
    is_assumed: bool = True


@dataclass(frozen=True, slots=True)
class Effect:
    """An outcome with an input at P10 and at P90, and the 95 % interval of its change.

    The interval holds for all inputs that are told of together; None: too few runs to tell one.
    """

    at_low: float
    at_high: float
    low: float | None
    high: float | None

    @property
    def change(self) -> float:
        """What the outcome gains as the input goes from P10 to P90."""
        return self.at_high - self.at_low

    @property
    def is_clear(self) -> bool:
        """Whether the interval leaves zero out."""
        return self.low is not None and self.high is not None and (self.low > 0 or self.high < 0)


@dataclass(frozen=True, slots=True)
class Bar:
    """What an input does to the chance of the target, and to the middle turnover."""

    input: Input
    chance: Effect
    median: Effect

    @property
    def is_clear(self) -> bool:
        """Whether it surely moves either of them."""
        return self.chance.is_clear or self.median.is_clear


@dataclass(frozen=True, slots=True)
class Noise:
    """Where both outcomes of so many runs lie between P10 and P90, over other draws."""

    chance: tuple[float, float]
    median: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Screen:
    """Inputs that were not looked at closely, because little moved with them."""

    paths: tuple[str, ...]
    largest: float
    """The largest relative change of turnover among them, on average over pairs of runs."""


@dataclass(frozen=True, slots=True)
class Worth:
    """The share of the variance of the event that knowing one input would take away."""

    input: Input
    part: Part


@dataclass(frozen=True, slots=True)
class Knowledge:
    """How sure one could be: what comes of inputs, and what each of them is worth knowing."""

    replications: int
    brier: float
    """Expected Brier score of the chance as it is told, p (1 - p)."""
    of_event: Part | None
    """The share of inputs in the variance of whether the target is met; None: it has none."""
    of_turnover: Part | None
    """The same of the logarithm of turnover."""
    worth: tuple[Worth, ...]
    """By what they are worth, the largest first."""
    best: Worth | None
    """What to find out first, if anything is surely worth it; a lever is chosen, not found out."""


@dataclass(frozen=True, slots=True)
class Indexed:
    """An index of an input for an outcome: the chance of the target, or log turnover."""

    input: Input
    outcome: str
    index: Index


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """What the answer of a scenario hangs on."""

    scenario: str
    year: int
    statistics: str
    target_usd_million: float
    seed: int
    replications: int
    method: str
    points: int | None
    inputs: int
    """Those that were asked about."""
    screen: Screen | None
    chance: Proportion | None
    median_usd_million: float | None
    noise: Noise | None
    bars: tuple[Bar, ...]
    """By the size of the change of the chance, the largest first."""
    knowledge: Knowledge | None
    indices: tuple[Indexed, ...]

    @property
    def id(self) -> str:
        """Ten digits that follow from all its numbers."""
        return hashlib.sha256(runs.canonical(asdict(self)).encode()).hexdigest()[:10]

    @property
    def clear(self) -> tuple[Bar, ...]:
        """The inputs that surely move the answer."""
        return tuple(bar for bar in self.bars if bar.is_clear)

    @property
    def unclear(self) -> tuple[Bar, ...]:
        """Those of which that cannot be said."""
        return tuple(bar for bar in self.bars if not bar.is_clear)

    def table(self, name: str = "bars") -> pa.Table:
        """The ``bars`` of the tornado, the ``worth`` of knowing inputs, or the ``indices``."""
        if name == "bars":
            return pa.table(_columns(map(_bar_row, self.bars)))
        if name == "worth":
            worth = self.knowledge.worth if self.knowledge else ()
            brier = self.knowledge.brier if self.knowledge else 0.0
            return pa.table(_columns(_worth_row(one, brier) for one in worth))
        if name == "indices":
            return pa.table(_columns(map(_index_row, self.indices)))
        raise KeyError(name)


@dataclass(frozen=True, slots=True)
class Study:
    """What is asked about a scenario."""

    scenario: str
    year: int
    statistics: str
    target_usd_million: float
    inputs: tuple[Input, ...]
    everything: tuple[str, ...]
    """Paths of all that is uncertain, asked about or not."""
    seed: int
    replications: int
    method: str = "tornado"
    top: int = USUAL_TOP["tornado"]
    points: int | None = None

    @property
    def screens(self) -> bool:
        """Whether there are more inputs than are looked at closely."""
        return self.method != "morris" and len(self.inputs) > self.top

    def rounds(self) -> list[tuple[int, int]]:
        """How many inputs come into each round of the screening, and its replications."""
        if not self.screens:
            return []
        inputs = [len(self.inputs), min(SECOND * self.top, len(self.inputs))]
        return list(zip(inputs, (min(one, self.replications) for one in SCREENING), strict=True))

    def stages(self) -> list[tuple[int, int]]:
        """How many settings there are at each stage, and the replications of each of them."""
        screening = [(2 * inputs, each) for inputs, each in self.rounds()]
        count = len(self.inputs) if self.method == "morris" else min(self.top, len(self.inputs))
        if self.method != "tornado":
            points = size(self.method, count, self.points or 0)
            return [*screening, (points, self.replications)]
        bars = (1, MORE * self.replications), (2 * count, self.replications)
        return [*screening, *bars, (ROWS, COLUMNS)]

    def runs(self) -> int:
        """Replications that it takes."""
        return sum(settings * each for settings, each in self.stages())

    def seconds(self, each: float) -> float:
        """Time that it takes on one core, with so many seconds a replication."""
        return self.runs() * each + SECONDS_PER_SETTING * sum(count for count, _ in self.stages())


def study(  # noqa: PLR0913 -- the verb's options
    scenario: Scenario,
    patterns: Sequence[str] = (),
    *,
    method: str = "tornado",
    top: int | None = None,
    points: int | None = None,
    seed: int | None = None,
    replications: int | None = None,
    most: int = runs.LARGEST_RUN,
) -> Study:
    """What is to be asked about a scenario.

    Raises:
        ScenarioError: No such input, nothing is uncertain, or the target year is cut off.
        RefusedError: More than ``most`` replications.

    """
    if method not in METHODS:
        message = f"'{method[:20]}' is no method: {', '.join(METHODS)}"
        raise ScenarioError([Problem("S125", message, field="--method")])
    points = points or USUAL_POINTS.get(method)
    if method == "sobol" and points is not None and points & (points - 1):
        message = f"the points of Sobol's method are a power of two, such as 256, not {points}"
        raise ScenarioError([Problem("S121", message, field="--points")])
    seed, each = runs.planned(scenario, seed, replications or USUAL_REPLICATIONS[method], most)
    office = scenario.statistics[scenario.target.statistics[0]]
    asked = Study(
        scenario.name,
        scenario.target.year,
        f"statistics of {scenario.economies[office.economy].name}",
        scenario.target.turnover_usd_million.central,
        inputs(scenario, patterns),
        uncertain(scenario),
        seed,
        each,
        method,
        top or USUAL_TOP[method],
        points,
    )
    runs.planned(scenario, seed, asked.runs(), most)
    return asked


def inputs(scenario: Scenario, patterns: Sequence[str] = ()) -> tuple[Input, ...]:
    """The numbers of a scenario that have a law, of those that patterns name.

    Raises:
        ScenarioError: S151, a pattern names none; S196, nothing is uncertain.

    """
    laws = {path: (q, q.law) for path, q in quantities(scenario) if q.law is not None}
    if not laws:
        message = "no number of the scenario has a law, so the answer hangs on chance alone"
        raise ScenarioError([Problem("S196", message)])
    chosen_paths = set(laws)
    if patterns:
        named = [(pattern, matching(pattern, laws)) for pattern in patterns]
        missing = [pattern for pattern, found in named if not found]
        if missing:
            message = "no number with a law stands there"
            raise ScenarioError(
                [Problem("S151", message, "--input", field=pattern) for pattern in missing]
            )
        chosen_paths = {path for _, found in named for path in found}
    return tuple(
        Input(path, quantile(law, LOW), quantile(law, HIGH), q.kind == "lever", q.is_assumed)
        for path, (q, law) in laws.items()
        if path in chosen_paths
    )


def sensitivity(  # noqa: PLR0913 -- the verb's options, each with a default
    scenario: Scenario,
    inputs: Sequence[str] = (),
    *,
    method: str = "tornado",
    top: int | None = None,
    points: int | None = None,
    seed: int | None = None,
    replications: int | None = None,
    workers: int = 1,
    engine: str = AUTO,
    results: Path | None = None,
) -> Sensitivity:
    """Tell what the answer of a scenario hangs on.

    Args:
        scenario: What is asked.
        inputs: Patterns of paths, such as ``settlement.*``; all numbers with a law, if not given.
        method: ``tornado``, ``morris`` or ``sobol``; the last two need SALib.
        top: How many inputs are told of; a screening chooses them where there are more.
        points: Trajectories of Morris, or base points of Sobol, a power of two.
        seed: Seed of the draws; the scenario's own, if not given.
        replications: How many for each setting.
        workers: Processes, or threads of the compiled engine, to share the work.
        engine: ``reference``, ``compiled``, or ``auto`` for the faster one; the same numbers.
        results: A results folder, from which replications are taken and in which they are kept.

    Returns:
        The bars of the tornado with what is worth knowing, or the indices.

    Raises:
        ScenarioError: A path is not one of the scenario's, or nothing is uncertain.
        EnvironmentFaultError: The machine does not allow it, or SALib is not installed.

    Example:
        >>> simulator.sensitivity(scenario, ["settlement.*"]).clear[0].chance  # doctest: +SKIP

    """
    asked = study(
        scenario, inputs, method=method, top=top, points=points, seed=seed,
        replications=replications,
    )  # fmt: skip
    crew = workforce(workers, chosen(engine, asked.runs()))
    return studied(asked, asking(scenario, crew, results=results))


def studied(asked: Study, ask: Ask, tell: Tell = lambda _: None) -> Sensitivity:
    """The sensitivity whose runs somebody makes.

    Args:
        asked: What is asked.
        ask: Gives the turnover at settings of the inputs.
        tell: Told what is about to be done.

    Raises:
        ScenarioError: The target year is not simulated to its end.
        FailedError: Replications failed, so that settings cannot be paired.
        EnvironmentFaultError: SALib is needed and not installed.

    """
    if asked.method != "tornado":
        design(asked.method, 1, 2)  # what is missing is told before anything runs
    close: Sequence[Input] = asked.inputs
    screen = None
    if asked.screens:
        tell(f"Screening {len(asked.inputs)} inputs on fresh draws.")
        close, screen = _screened(asked, ask)
    if asked.method != "tornado":
        tell(f"Trying {len(close)} inputs by the method of {asked.method.capitalize()}.")
        return _told(asked, screen, indices=tuple(_indexed(asked, close, ask)))
    tell(f"Setting {len(close)} inputs to their P10 and P90.")
    return _tornado(asked, close, screen, ask, tell)


def _told(asked: Study, screen: Screen | None, **parts: Any) -> Sensitivity:
    """A sensitivity with the parts that its method has."""
    empty: dict[str, Any] = dict.fromkeys(("chance", "median_usd_million", "noise", "knowledge"))
    return Sensitivity(
        scenario=asked.scenario,
        year=asked.year,
        statistics=asked.statistics,
        target_usd_million=asked.target_usd_million,
        seed=asked.seed,
        replications=asked.replications,
        method=asked.method,
        points=asked.points,
        inputs=len(asked.inputs),
        screen=screen,
        **(empty | {"bars": (), "indices": ()} | parts),
    )


def _tornado(
    asked: Study, close: Sequence[Input], screen: Screen | None, ask: Ask, tell: Tell
) -> Sensitivity:
    """Bars on common draws, with what comes of inputs and what each of them is worth."""
    seed, count = asked.seed, asked.replications
    (longer,) = ask([Setting()], MORE * count, seed)
    base, weights = longer[:count], _weights(count)
    bars = _bars(asked, close, ask, weights)
    tell("Telling what comes of inputs from what comes of chance.")
    rows = shares(asked.everything, seed, range(ROWS))
    held = [
        Setting(known=dict(zip(asked.everything, map(float, row), strict=True))) for row in rows
    ]
    grid = np.stack(ask(held, COLUMNS, seed))
    return _told(
        asked,
        screen,
        chance=_chance(base, asked.target_usd_million),
        median_usd_million=float(np.median(base)),
        noise=_noise(base, asked.target_usd_million, weights),
        bars=bars,
        knowledge=_knowledge(asked, longer, grid),
    )


def strongest(asked: Study, ask: Ask) -> tuple[Bar, ...]:
    """The bars of a tornado alone, the largest first, after a screening where inputs are many.

    Raises:
        ScenarioError: The target year is not simulated to its end.
        FailedError: Replications failed, so that settings cannot be paired.

    """
    close = _screened(asked, ask)[0] if asked.screens else asked.inputs
    return _bars(asked, close, ask, _weights(asked.replications))


def _bars(
    asked: Study, close: Sequence[Input], ask: Ask, weights: Floats | None
) -> tuple[Bar, ...]:
    """Inputs at both ends on common draws, the largest change first."""
    settings = [Setting(moved={one.path: share}) for one in close for share in (LOW, HIGH)]
    ends = ask(settings, asked.replications, asked.seed)
    bars = [
        _bar(one, low, high, asked.target_usd_million, len(close), weights)
        for one, low, high in zip(close, ends[::2], ends[1::2], strict=True)
    ]
    return tuple(sorted(bars, key=_size, reverse=True))


def _size(bar: Bar) -> tuple[float, float]:
    return abs(bar.chance.change), abs(bar.median.change)


def _chance(turnover: Floats, target: float) -> Proportion:
    return proportion(int(np.count_nonzero(turnover >= target)), turnover.size)


def _screened(asked: Study, ask: Ask) -> tuple[list[Input], Screen]:
    """The inputs with which most moves, on draws that do not judge them afterwards.

    The first round looks shortly at all, the second one longer at those that moved most in it.
    """
    left, out, largest = list(asked.inputs), [], 0.0
    ahead = [count for count, _ in asked.rounds()[1:]] + [asked.top]
    for (_, each), kept in zip(asked.rounds(), ahead, strict=True):
        score, growth = _moving(asked, left, each, ask)
        order = np.argsort(-score, kind="stable")
        near, far = sorted(order[:kept]), sorted(order[kept:])
        largest = max([largest, *(float(abs(np.expm1(growth[n]))) for n in far)])
        out += [left[n].path for n in far]
        left = [left[n] for n in near]
    return left, Screen(tuple(sorted(out)), largest)


def _moving(asked: Study, some: Sequence[Input], each: int, ask: Ask) -> tuple[Floats, Floats]:
    """How much moves with each input, and the growth of turnover from its P10 to its P90.

    Chance and turnover are each measured by what they usually are in such a round, and the larger
    one counts.
    """
    settings = [Setting(moved={one.path: share}) for one in some for share in (LOW, HIGH)]
    ends = ask(settings, each, asked.seed ^ FRESH)
    low, high = np.stack(ends[::2]), np.stack(ends[1::2])
    growth: Floats = np.mean(log_of(high) - log_of(low), axis=1)
    target = asked.target_usd_million
    gain: Floats = np.mean(_met(high, target) - _met(low, target), axis=1)
    usual = [float(np.sqrt(np.mean(one**2))) or 1.0 for one in (growth, gain)]
    score: Floats = np.maximum(np.abs(growth) / usual[0], np.abs(gain) / usual[1])
    return score, growth


def _bar(  # noqa: PLR0913 -- an input, both its ends, and what they are judged by
    one: Input, low: Floats, high: Floats, target: float, among: int, weights: Floats | None
) -> Bar:
    """What an input does, pair by pair; intervals hold for so many inputs together."""
    z = float(special.ndtri(1 - (1 - CONFIDENCE) / 2 / among))
    before, after = low >= target, high >= target
    gained, lost = np.count_nonzero(after & ~before), np.count_nonzero(before & ~after)
    change = paired_change(int(gained), int(lost), low.size, z)
    chance = Effect(float(before.mean()), float(after.mean()), change.low, change.high)
    middles = float(np.median(low)), float(np.median(high))
    if weights is None:
        return Bar(one, chance, Effect(*middles, None, None))
    half = z * float(np.std(_medians(high, weights) - _medians(low, weights)))
    shift = middles[1] - middles[0]
    return Bar(one, chance, Effect(*middles, shift - half, shift + half))


def _noise(base: Floats, target: float, weights: Floats | None) -> Noise:
    """How far other draws alone would carry both outcomes, from P10 to P90."""
    z = float(special.ndtri(HIGH))
    share = float(np.mean(base >= target))
    half = z * float(np.sqrt(share * (1 - share) / base.size))
    median = None
    if weights is not None:
        middle, error = float(np.median(base)), z * float(np.std(_medians(base, weights)))
        median = middle - error, middle + error
    return Noise((max(0.0, share - half), min(1.0, share + half)), median)


def _weights(count: int) -> Floats | None:
    """How often each replication is drawn in each resample; None where they are too few."""
    if count < FEWEST:
        return None
    random = np.random.default_rng(RESAMPLING)
    drawn = random.integers(count, size=(RESAMPLES, count))
    return np.stack([np.bincount(one, minlength=count) for one in drawn]).astype(np.float64)


def _medians(values: Floats, weights: Floats) -> Floats:
    """The median of every resample; the same resamples for all settings, as pairs ask for."""
    order = np.argsort(values, kind="stable")
    below = np.cumsum(weights[:, order], axis=1)
    places = np.sum(below < values.size / 2, axis=1)
    found: Floats = values[order][places]
    return found


def _knowledge(asked: Study, longer: Floats, grid: Floats) -> Knowledge:
    """What comes of inputs, and what each of them is worth knowing."""
    target, count = asked.target_usd_million, longer.size
    met = _met(longer, target)
    share = float(met.mean())
    paths = [one.path for one in asked.inputs]
    parts = variances.known(shares(paths, asked.seed, range(count)), met, len(paths))
    worth = [Worth(one, part) for one, part in zip(asked.inputs, parts, strict=True)]
    best = variances.first(parts, [not one.is_lever for one in asked.inputs])
    return Knowledge(
        count,
        share * (1 - share),
        variances.of_inputs(_met(grid, target), met),
        variances.of_inputs(log_of(grid), log_of(longer)),
        tuple(sorted(worth, key=lambda one: -one.part.value)),
        None if best is None else worth[best],
    )


def _met(turnover: Floats, target: float) -> Floats:
    """1 where the target is met, else 0."""
    return (turnover >= target).astype(np.float64)


def _indexed(asked: Study, close: Sequence[Input], ask: Ask) -> Iterator[Indexed]:
    """The indices of the expected outcome at each point, on common draws."""
    tried = design(asked.method, len(close), asked.points or 0)
    paths = [one.path for one in close]
    points = [Setting(known=dict(zip(paths, map(float, row), strict=True))) for row in tried]
    turnover = np.stack(ask(points, asked.replications, asked.seed))
    outcomes: Mapping[str, Floats] = {
        "chance of the target": np.mean(turnover >= asked.target_usd_million, axis=1),
        "log turnover": np.mean(log_of(turnover), axis=1),
    }
    for outcome, values in outcomes.items():
        for index in indices(asked.method, tried, values):
            yield Indexed(close[index.place], outcome, index)


def as_data(found: Sensitivity) -> dict[str, Any]:
    """The sensitivity as plain data; what is withheld is null."""
    return asdict(found) | {"schema": "sim.sensitivity/1", "id": found.id}


def _columns(rows: Iterator[dict[str, Any]]) -> dict[str, list[Any]]:
    """Rows as columns."""
    listed = list(rows)
    return {name: [row[name] for row in listed] for name in (listed[0] if listed else ())}


def _bar_row(bar: Bar) -> dict[str, Any]:
    row: dict[str, Any] = _input_row(bar.input) | {"p10": bar.input.low, "p90": bar.input.high}
    for name, effect in (("chance", bar.chance), ("median_usd_million", bar.median)):
        row |= {
            f"{name}_at_p10": effect.at_low,
            f"{name}_at_p90": effect.at_high,
            f"{name}_change": effect.change,
            f"{name}_change_low": effect.low,
            f"{name}_change_high": effect.high,
        }
    return row | {"is_clear": bar.is_clear}


def _worth_row(worth: Worth, brier: float) -> dict[str, Any]:
    part = worth.part
    return _input_row(worth.input) | {
        "share_of_variance": part.value,
        "share_low": part.low,
        "share_high": part.high,
        "brier_points": part.value * brier,
    }


def _index_row(one: Indexed) -> dict[str, Any]:
    index = one.index
    told = {"outcome": one.outcome, "index": index.name, "value": index.value}
    return _input_row(one.input) | told | {"low": index.low, "high": index.high}


def _input_row(one: Input) -> dict[str, Any]:
    return {"path": one.path, "is_lever": one.is_lever, "is_assumed": one.is_assumed}
