"""The project's own table of base rates, from the 125-country panel of 2000-2016.

Usage: python -m benchmarks.base_rates [--panel DIR]: writes ``simulator/evidence/base_rates.csv``,
which the outside view reads. The panel (``trade_itpde_*.csv``: International Trade and Production
Database for Estimation, release 1, US International Trade Commission, as extracted and described in
its PROVENANCE.md) is not part of the repository; what is computed from it is.
"""

import argparse
from pathlib import Path

from simulator.evidence import outside, panels

FILE = Path(outside.__file__).with_name(outside.TABLE)
PANEL = Path("../shared/data/panel")


def main() -> None:
    """Write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--panel", type=Path, default=PANEL)
    records = panels.records(parser.parse_args().panel)
    rates = list(outside.rates(records.turnovers))
    FILE.write_text(outside.written(rates), encoding="utf-8")
    print(f"{FILE}: {len(rates)} rows from {len(records.panel.year):,} flows")


if __name__ == "__main__":
    main()
