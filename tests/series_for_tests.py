"""A small scenario whose base, spread and measurement are uncertain, and series for it."""

from engines.worlds import MINIMAL

from simulator.scenario.reading import load

HEADER = "statistics,year,turnover_usd_million,source"
LAWS = {
    "information_date": "2026-06-30",
    "horizon.end": "2025-12-31",
    "base.persistence_share": {"beta": {"a": 5, "b": 5}},
    "base.cif_factor": {"triangular": {"low": 1.02, "mode": 1.06, "high": 1.12}},
    "exports.*.last_usd_million": {"lognormal": {"median": 50, "sigma": 0.3}},
    "exports.*.average_usd_million": {"uniform": {"low": 40, "high": 60}},
    "exports.*.affinity_volatility": {"lognormal": {"median": 0.3, "sigma": 0.6}},
    "statistics.*.log_error_sd": {"lognormal": {"median": 0.2, "sigma": 0.6}},
    "statistics.*.persistence_share": {"beta": {"a": 3, "b": 3}},
    "statistics.*.leak_share": {"beta": {"a": 2, "b": 18}},
}
"""What is uncertain; everything else is as in the world without friction."""

ROWS = tuple(
    [("home", year) for year in range(2010, 2026)]
    + [("abroad", year) for year in range(2012, 2025)]
)
"""A long record of one office and a shorter one of the other; the base year is 2022."""


def uncertain(changes=None):
    """The small scenario."""
    return load(MINIMAL, {**LAWS, **(changes or {})})


def written(path, rows):
    """A series file of (office, year, amount)."""
    lines = [f"{office},{year},{amount},a paper" for office, year, amount in rows]
    path.write_text("\n".join([HEADER, *lines]) + "\n", encoding="utf-8")
    return path
