"""How much of a jump in bilateral trade lasts, and how much of its yearly movement is noise.

Reads the 125-country panel of 2000-2016 (``trade_itpde_*.csv`` and ``pair_groups.csv``), which is
not part of the repository, and prints the figures that scenarios quote. All are for pair-years of
20 to 120 million dollars.

- persistence: ln X(t+1) - ln M(t) on ln X(t) - ln M(t), where M(t) is the mean of X over t-2 to t,
  for X within a factor of 2.25 of M (beyond it most departures are gaps in the record). ``slope``
  is taken within years, its error clustered by pair. ``mean`` and ``median`` say, for jumps of at
  least 1.5, which share of the departure is left a year later, in excess of ordinary growth.
- volatility: the standard deviation of the yearly log change, plain and robust (from the middle
  half of the observations), and the latter split into an error that lasts one year and the rest.
  Such an error of variance v adds 2v to the variance of changes and -v to their first
  autocovariance; a true one-year movement, such as one large contract, has the same signature.

Usage: python benchmarks/panel_persistence.py [--panel DIR]
"""

import argparse
import csv
import math
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

LOW_USD_MILLION, HIGH_USD_MILLION = 20.0, 120.0
JUMP = 1.5
WIDEST = 2.25
"""Largest ratio of a year to its three-year mean, and of the mean to the year, that is used."""
NORMAL_IQR = 1.349
"""Distance between the quartiles of a standard normal law."""

Pair = tuple[str, str]
Series = dict[Pair, dict[int, float]]


@dataclass(frozen=True)
class Departures:
    """Departures from the three-year mean (``now``) and what is left of them (``next_year``)."""

    pair: np.ndarray
    year: np.ndarray
    now: np.ndarray
    next_year: np.ndarray


def directions(panel: Path) -> Series:
    """Read recorded flows by (exporter, importer) and year, million dollars."""
    flows: Series = defaultdict(dict)
    for path in sorted(panel.glob("trade_itpde_*.csv")):
        with path.open(newline="", encoding="utf8") as lines:
            for row in csv.DictReader(lines):
                pair = row["exporter"], row["importer"]
                flows[pair][int(row["year"])] = float(row["usd_million"])
    return flows


def turnovers(flows: Series) -> Series:
    """Sum of both directions in the years in which both are recorded."""
    return {
        (a, b): {
            year: value + flows[b, a][year] for year, value in years.items() if year in flows[b, a]
        }
        for (a, b), years in flows.items()
        if a < b and (b, a) in flows
    }


def sanctioned_pairs(panel: Path) -> set[frozenset[str]]:
    """Pairs of two sanctioned countries."""
    with (panel / "pair_groups.csv").open(newline="", encoding="utf8") as lines:
        return {
            frozenset((row["a_iso3"], row["b_iso3"]))
            for row in csv.DictReader(lines)
            if row["group"] == "sanctioned_pair"
        }


def in_band(value: float) -> bool:
    """Trade of the size of the seed case."""
    return LOW_USD_MILLION <= value <= HIGH_USD_MILLION


def departures(series: Series) -> Departures:
    """Every pair-year in the band with its two years before and its year after."""
    rows = [
        (number, year, math.log(years[year] / mean), math.log(years[year + 1] / mean))
        for number, years in enumerate(series.values())
        for year in years
        if {year - 2, year - 1, year + 1} <= years.keys() and in_band(years[year])
        if (mean := (years[year - 2] + years[year - 1] + years[year]) / 3) <= WIDEST * years[year]
        if years[year] <= WIDEST * mean
    ]
    return Departures(*np.array(rows, dtype=float).reshape(-1, 4).T)


def within(values: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Values less the mean of their group."""
    _, group = np.unique(groups, return_inverse=True)
    means = np.bincount(group, weights=values) / np.bincount(group)
    return values - means[group]


def persistence(found: Departures) -> tuple[float, float, float]:
    """Slope within years, its standard error clustered by pair, and the residual sd."""
    x, y = within(found.now, found.year), within(found.next_year, found.year)
    slope = float(x @ y / (x @ x))
    residual = y - slope * x
    _, cluster = np.unique(found.pair, return_inverse=True)
    scores = np.bincount(cluster, weights=x * residual)
    error = float(np.sqrt(scores @ scores) / (x @ x))
    return slope, error, float(residual.std())


def kept(found: Departures, summary: Callable[[np.ndarray], float]) -> tuple[int, float]:
    """Count of jumps, and the share of them left a year later in excess of ordinary growth."""
    jump = found.now >= math.log(JUMP)
    if not jump.any():
        return 0, math.nan
    calm = np.abs(found.now) < math.log(1.1)
    ordinary = summary(found.next_year[calm] - found.now[calm])
    left = summary(found.next_year[jump]) - ordinary
    return int(jump.sum()), float(left / summary(found.now[jump]))


def changes(series: Series) -> Iterator[tuple[float, float]]:
    """Log change out of each pair-year in the band, and the change that follows (or nan)."""
    for years in series.values():
        for year in sorted(years):
            if in_band(years[year]) and year + 1 in years:
                following = years.get(year + 2)
                yield (
                    math.log(years[year + 1] / years[year]),
                    math.log(following / years[year + 1]) if following else math.nan,
                )


def volatility(series: Series) -> tuple[int, float, float, float, float]:
    """Count, sd, robust sd, and the latter split into a one-year error and the rest."""
    now, following = np.array(list(changes(series))).reshape(-1, 2).T
    spread = float(now.std())
    robust = float(np.subtract(*np.quantile(now, [0.75, 0.25])) / NORMAL_IQR)
    both = ~np.isnan(following)
    kept_now, kept_next = trimmed(now[both], following[both])
    share = noise_share(kept_now, kept_next)
    error = robust * math.sqrt(share / 2)
    return len(now), spread, robust, error, robust * math.sqrt(1 - share)


def trimmed(now: np.ndarray, following: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of changes without the outer one percent of either."""
    low, high = np.quantile(np.concatenate([now, following]), [0.01, 0.99])
    inside = (now > low) & (now < high) & (following > low) & (following < high)
    return now[inside], following[inside]


def noise_share(now: np.ndarray, following: np.ndarray) -> float:
    """Share of the variance of changes that the first autocovariance ascribes to passing errors."""
    autocovariance = float(np.mean((now - now.mean()) * (following - following.mean())))
    return min(1.0, max(0.0, -2 * autocovariance / math.sqrt(now.var() * following.var())))


def report(flows: Series, chosen: set[frozenset[str]]) -> None:
    """Print both tables."""

    def only(series: Series, keep: Callable[[Pair], bool]) -> Series:
        return {pair: years for pair, years in series.items() if keep(pair)}

    def is_sanctioned(pair: Pair) -> bool:
        return frozenset(pair) in chosen

    pairs = turnovers(flows)
    samples = {
        "turnover, all pairs": pairs,
        "turnover, two sanctioned": only(pairs, is_sanctioned),
        "direction, all pairs": flows,
        "direction, two sanctioned": only(flows, is_sanctioned),
    }
    headings = "".join(f"{name:>8}" for name in ("n", "slope", "se", "resid", "jumps", "mean"))
    print(f"{'share of a departure that lasts':32}{headings}{'median':>8}")
    for name, series in samples.items():
        found = departures(series)
        slope, error, spread = persistence(found)
        jumps, mean = kept(found, np.mean)
        _, median = kept(found, np.median)
        print(
            f"{name:32}{len(found.now):8}{slope:8.2f}{error:8.2f}{spread:8.2f}"
            f"{jumps:8}{mean:8.2f}{median:8.2f}"
        )
    print()
    print(f"{'yearly log change':32}{'n':>8}{'sd':>8}{'robust':>8}{'error':>8}{'rest':>8}")
    for name, series in samples.items():
        count, spread, robust, error, rest = volatility(series)
        print(f"{name:32}{count:8}{spread:8.2f}{robust:8.2f}{error:8.2f}{rest:8.2f}")


def main() -> int:
    """Read the panel and print the tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    default = Path("../shared/data/panel")
    parser.add_argument("--panel", type=Path, default=default, help="folder of the panel files")
    panel: Path = parser.parse_args().panel
    if not (panel / "pair_groups.csv").exists() or not list(panel.glob("trade_itpde_*.csv")):
        print(f"no panel in {panel}: give its folder with --panel DIR", file=sys.stderr)
        return 2
    report(directions(panel), sanctioned_pairs(panel))
    return 0


if __name__ == "__main__":
    sys.exit(main())
