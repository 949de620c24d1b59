"""Gravity: what economies of their size, distance and ties trade, estimated from a panel."""

import importlib.util
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa

from simulator.errors import EnvironmentFaultError, Problem, ScenarioError
from simulator.evidence.panels import TIES, Records
from simulator.portable import FloatArray

INTERVAL = 4
"""Years between the years that are used: trade takes its time to adjust."""

MOST_YEARS = 4

STRICT = 2.0
"""Strength of sanctions on both sides, 0 to 3, from which a pair counts as one of two targets."""

DISTANCE, TARGETS = "log distance", "both under sanctions"
NAMES = {
    "log_distance": DISTANCE,
    **dict(zip(TIES, ("common border", "common language", "colonial tie"), strict=True)),
    "both_targets": TARGETS,
}
"""Regressors by their column."""

MISSING = "structural gravity is estimated by pyfixest: install it with pip install pyfixest"


@dataclass(frozen=True)
class Coefficient:
    """Effect of one regressor on log trade."""

    name: str
    estimate: float
    standard_error: float
    """Clustered by pair."""


@dataclass(frozen=True)
class Gravity:
    """A gravity equation and what it expects of every flow that it was estimated from."""

    years: tuple[int, ...]
    flows: int
    """Observations, zeros included."""
    coefficients: tuple[Coefficient, ...]
    expected_usd_million: Mapping[tuple[int, str, str], float]
    """By year, exporter and importer."""
    log_spread: float
    """Standard deviation of log trade over what is expected, where some is recorded."""


def is_available() -> bool:
    """Whether the library that estimates is installed."""
    return importlib.util.find_spec("pyfixest") is not None


def estimated(records: Records, until: int) -> Gravity:
    """Poisson pseudo-maximum likelihood with exporter-year and importer-year effects.

    Absent flows count as zero between economies that are recorded in the year on both sides.

    Args:
        records: A panel with distances and ties.
        until: Last year that is used; every fourth year before it as well.

    Raises:
        EnvironmentFaultError: The library that estimates is not installed.
        ScenarioError: The panel has no distances and ties.

    Source: Santos Silva and Tenreyro, REStat 88 (2006); Advanced Guide (2016), chapter 1.

    """
    if not records.ties:
        message = f"gravity needs distances and the columns {', '.join(TIES)}"
        raise ScenarioError([Problem("S172", message, "pairs_geo.csv")])
    first, last = int(records.panel.year.min()), min(until, int(records.panel.year.max()))
    years = tuple(sorted(range(last, first - 1, -INTERVAL)[:MOST_YEARS]))
    columns = _columns(records, years)
    regressors = [name for name in NAMES if len(set(columns[name].tolist())) > 1]
    coefficients, expected = ppml(columns, regressors, ("exporter_year", "importer_year"), "pair")
    recorded = columns["usd_million"] > 0.0
    residuals = np.log(columns["usd_million"][recorded] / expected[recorded])
    keys = zip(columns["year"].tolist(), columns["exporter"], columns["importer"], strict=True)
    return Gravity(
        years,
        len(expected),
        tuple(replace(one, name=NAMES[one.name]) for one in coefficients),
        dict(zip(keys, expected.tolist(), strict=True)),
        float(residuals.std()),
    )


def as_data(found: Gravity, pair: tuple[str, str]) -> dict[str, Any]:
    """An estimate for programs, of its expectations those of one pair in the last year."""
    last = found.years[-1]
    expected = {
        side: found.expected_usd_million.get((last, side, other))
        for side, other in (pair, pair[::-1])
    }
    return {**asdict(found), "expected_usd_million": expected}


def ppml(
    columns: Mapping[str, Any], regressors: Sequence[str], effects: Sequence[str], cluster: str
) -> tuple[tuple[Coefficient, ...], FloatArray]:
    """Coefficients of log ``usd_million`` on regressors, and what is expected of every row.

    Args:
        columns: Equally long columns by name.
        regressors: Columns with a coefficient each.
        effects: Columns of whose every value there is an effect.
        cluster: A column; rows of equal value are not independent.

    Raises:
        EnvironmentFaultError: The library that estimates is not installed.

    """
    if not is_available():
        raise EnvironmentFaultError(MISSING)
    from pyfixest import fepois  # noqa: PLC0415 -- an extra, and slow to import

    formula = f"usd_million ~ {' + '.join(regressors)} | {' + '.join(effects)}"
    table = pa.table(dict(columns))
    with warnings.catch_warnings():  # what one library asks of another is no business of users
        warnings.simplefilter("ignore", DeprecationWarning)
        fit = fepois(formula, data=table, vcov={"CRV1": cluster})
        expected = np.asarray(fit.predict(table, type="response"), dtype=np.float64)
    estimates, errors = fit.coef(), fit.se()
    found = (Coefficient(name, float(estimates[name]), float(errors[name])) for name in regressors)
    return tuple(found), expected


def _columns(records: Records, years: tuple[int, ...]) -> dict[str, Any]:
    """One row a pair of economies that sold and bought in a year, zeros included."""
    panel, names = records.panel, np.array(records.panel.economies)
    parts: dict[str, list[Any]] = {}
    for year in years:
        chosen = panel.year == year
        flows = np.zeros((len(names), len(names)))
        flows[panel.exporter[chosen], panel.importer[chosen]] = panel.usd_million[chosen]
        trades = (flows.sum(axis=1) > 0.0) & (flows.sum(axis=0) > 0.0)
        targets = {name for name in names if records.sanctions.get((year, name), 0.0) >= STRICT}
        for i, j in np.argwhere(trades[:, None] & trades):
            way = str(names[i]), str(names[j])
            if way in records.ties and way in records.distances_km:
                row = {
                    "usd_million": flows[i, j],
                    "log_distance": np.log(records.distances_km[way]),
                    **dict(zip(TIES, map(float, records.ties[way]), strict=True)),
                    "both_targets": float(targets.issuperset(way)),
                    "year": year,
                    "exporter": way[0],
                    "importer": way[1],
                    "exporter_year": f"{way[0]} {year}",
                    "importer_year": f"{way[1]} {year}",
                    "pair": " ".join(sorted(way)),
                }
                for name, value in row.items():
                    parts.setdefault(name, []).append(value)
    return {name: np.array(values) for name, values in parts.items()}
