"""Outside view: how often pairs of comparable size achieved what a target asks."""

import csv
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
import numpy.typing as npt

from simulator.errors import EnvironmentFaultError
from simulator.estimates import wilson
from simulator.evidence.panels import WIDTH, Turnovers
from simulator.evidence.scores import SHOWN
from simulator.portable import FloatArray
from simulator.scenario.types import Scenario

IntArray = npt.NDArray[np.int64]

EVERY, SANCTIONED = "every", "sanctioned"
HORIZONS = range(1, 6)
"""Years between the base and the target for which there are base rates."""

CENTRES = tuple(round(10 ** (n / 5), 3) for n in range(23))
"""Million dollars in the middle of what is comparable: the nearest one to a base is taken."""

LEVELS = (0.0, 0.005, *(n / 100 for n in range(1, 100)), 0.995, 1.0)
"""Levels of the quantiles of growth."""

FEWEST = 10
"""Pair-years for a rate; fewer say nothing."""

YEARS = (2000, 2016)
"""Years of the panel that the rates of the project come from."""

TABLE = "base_rates.csv"

NOT_COMPARABLE = (
    "no pair is comparable: the base must be traded, of USD 0.4 million to 60 billion, the target"
    " 1 to 5 years after it, and the panel older than the information date"
)


@dataclass(frozen=True)
class Rates:
    """Growth of comparable pairs over some years."""

    group: str
    horizon_years: int
    centre_usd_million: float
    pair_years: int
    pairs: int
    design_effect: float
    """How much larger the variance of a share is than if pair-years were independent."""
    log_growth: tuple[float, ...]
    """Quantiles at ``LEVELS`` of the logarithm of the later turnover over the first one."""


@dataclass(frozen=True, slots=True)
class Achieved:
    """How often some pairs achieved what is asked, with its 95 % interval."""

    group: str
    share: float
    low: float
    high: float
    pair_years: int
    pairs: int


@dataclass(frozen=True, slots=True)
class Announced:
    """A target that was announced, and what became of it."""

    what: str
    realised_share: float
    """Trade over the target when it was due."""
    known: int
    """The year in which that was known."""
    source: str


ANNOUNCED = (
    Announced("Iran and Belarus 2006, USD 350 million", 0.30, 2013, "belta.by, sb.by: at most"),
    Announced(
        "Iran and Belarus 2023, USD 100 million", 0.79, 2024, "en.mehrnews.com, Iranian customs"
    ),
    Announced("Iran and Turkey 2012, USD 30 billion by 2015", 0.32, 2016, "eaworldview.com"),
    Announced("Iran and Turkey, USD 30 billion by 2020", 0.31, 2020, "eaworldview.com, 2018"),
    Announced("China and United States 2020-21, Phase One", 0.57, 2022, "piie.com"),
    Announced("Iran and Russia, USD 8 billion", 0.50, 2024, "2023, undated target"),
)
"""Targets under sanctions or tariffs whose outcome became known; none of them was met."""


@dataclass(frozen=True, slots=True)
class Outside:
    """What happened to pairs of comparable size over as many years."""

    base_usd_million: float
    target_usd_million: float
    horizon_years: int
    low_usd_million: float
    """Turnovers from here ..."""
    high_usd_million: float
    """... to here are comparable."""
    achieved: tuple[Achieved, ...]
    growth: dict[str, tuple[float, ...]]
    """Later over first turnover at ``SHOWN``, by group."""
    years: tuple[int, int]
    """First and last year of the panel."""
    announced: tuple[Announced, ...]
    """Targets of others, whose outcome was known at the information date."""


def rates(turnovers: Turnovers) -> Iterator[Rates]:
    """Base rates of a panel for every group, horizon and size that has enough pair-years."""
    for group, among in ((EVERY, None), (SANCTIONED, turnovers.is_sanctioned)):
        for horizon in HORIZONS:
            for centre in CENTRES:
                pair, growth = turnovers.growth(horizon, centre, among)
                if len(growth) >= FEWEST:
                    yield _rates(group, horizon, centre, pair, growth)


def _rates(group: str, horizon: int, centre: float, pair: IntArray, growth: FloatArray) -> Rates:
    quantiles = np.quantile(growth, LEVELS)
    effect = max(design_effect(pair, growth >= np.quantile(growth, n / 10)) for n in range(1, 10))
    return Rates(
        group,
        horizon,
        centre,
        len(growth),
        len(np.unique(pair)),
        round(effect, 2),
        tuple(np.round(quantiles, 4).tolist()),
    )


def design_effect(cluster: IntArray, hits: npt.NDArray[np.bool_]) -> float:
    """Variance of a share with observations in clusters, over that of as many independent ones.

    Source: Kish (1965), with the linearised variance of a mean by clusters; at least 1.
    """
    share = hits.mean()
    if share in (0.0, 1.0):
        return 1.0
    _, place = np.unique(cluster, return_inverse=True)
    sums = np.bincount(place, weights=hits - share)
    return max(1.0, float((sums**2).sum() / (len(hits) * share * (1.0 - share))))


def written(some: Iterable[Rates]) -> str:
    """Rates as the text of a CSV file."""
    levels = [f"q{level:g}" for level in LEVELS]
    head = ["group", "horizon_years", "centre_usd_million", "pair_years", "pairs", "design_effect"]
    lines = [",".join([*head, *levels])]
    for one in some:
        cells = (one.group, one.horizon_years, one.centre_usd_million, one.pair_years, one.pairs)
        numbers = (one.design_effect, *one.log_growth)
        lines.append(",".join([*map(str, cells), *(f"{number:g}" for number in numbers)]))
    return "\n".join(lines) + "\n"


@cache
def own() -> tuple[Rates, ...]:
    """The project's own rates.

    Raises:
        EnvironmentFaultError: The installation lacks its table.

    """
    try:
        text = files("simulator.evidence").joinpath(TABLE).read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise EnvironmentFaultError(f"the installation lacks {TABLE}") from error
    return tuple(parsed(row) for row in csv.reader(text.splitlines()[1:]))


def parsed(row: list[str]) -> Rates:
    """A row of such a file."""
    group, horizon, centre, years, pairs, effect, *growth = row
    numbers = tuple(map(float, growth))
    return Rates(group, int(horizon), float(centre), int(years), int(pairs), float(effect), numbers)


def outside(
    scenario: Scenario,
    known: Iterable[Rates] | None = None,
    years: tuple[int, int] = YEARS,
) -> Outside | None:
    """The outside view of a scenario's question; None where no pair is comparable.

    Nothing is used that was not known at the scenario's information date: where the panel goes
    beyond it, there is no view.

    Args:
        scenario: Whose target and base.
        known: Rates of another panel than the project's own.
        years: First and last year of that panel.

    """
    base = sum(exports.last_usd_million.central for exports in scenario.exports.values())
    target = scenario.target.turnover_usd_million.central
    horizon = scenario.target.year - scenario.base.year
    is_known = years[1] < scenario.information_date.year
    if base <= 0.0 or target <= 0.0 or horizon not in HORIZONS or not is_known:
        return None
    centre = min(CENTRES, key=lambda one: abs(math.log(one / base)))
    if not centre / WIDTH <= base <= centre * WIDTH:
        return None
    found = [
        one
        for one in (own() if known is None else known)
        if (one.horizon_years, one.centre_usd_million) == (horizon, centre)
    ]
    if not found:
        return None
    asked = math.log(target / base)
    return Outside(
        base,
        target,
        horizon,
        centre / WIDTH,
        centre * WIDTH,
        tuple(_achieved(one, asked) for one in found),
        {
            one.group: tuple(np.exp(np.interp(SHOWN, LEVELS, one.log_growth)).tolist())
            for one in found
        },
        years,
        tuple(one for one in ANNOUNCED if one.known < scenario.information_date.year),
    )


def _achieved(one: Rates, asked: float) -> Achieved:
    """How often growth was at least what is asked."""
    share = _share_above(one.log_growth, asked)
    low, high = wilson(share, one.pair_years / one.design_effect)
    return Achieved(one.group, share, low, high, one.pair_years, one.pairs)


def _share_above(quantiles: tuple[float, ...], asked: float) -> float:
    """Share of a law above a value, between its quantiles by straight lines."""
    if asked <= quantiles[0]:
        return 1.0
    if asked > quantiles[-1]:
        return 0.0
    return 1.0 - float(np.interp(asked, quantiles, LEVELS))
