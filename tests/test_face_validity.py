"""Face validity on what was known: the record of the pair lies where the model says it may.

The base years are before the outcomes, and no parameter was fitted to them. With a handful of
points this is a check for absurdity, not a validation.
"""

from collections import defaultdict
from functools import cache
from pathlib import Path

import pytest

import simulator
from simulator.runs import turnover

FLAGSHIP = Path(__file__).parents[1] / "scenarios" / "iran-belarus-2023.yaml"

AT_THE_END_OF_2020 = {
    # Both offices' figures of 2020 (24.7 and 52.3 in all) by direction, geometric means; averages
    # over what is known of 2016, 2017 without crude oil, and 2020.
    "information_date": "2020-12-31",
    "hs_edition": "HS2017",
    "horizon.start": "2021-01-01",
    "horizon.end": "2023-03-31",
    "base.year": 2020,
    "target.year": 2021,
    "history.*": None,
    "agreements.*": None,
    "sanctions.*": None,
    "exports.BLR.last_usd_million": 17.4,
    "exports.BLR.average_usd_million": 38,
    "exports.IRN.last_usd_million": 17.8,
    "exports.IRN.average_usd_million": 20,
}
AT_THE_END_OF_2016 = {
    **AT_THE_END_OF_2020,
    "information_date": "2016-12-31",
    "hs_edition": "HS2012",
    "horizon.start": "2017-01-01",
    "horizon.end": "2018-03-31",
    "base.year": 2016,
    "target.year": 2017,
    "exports.BLR.last_usd_million": 40,
    "exports.BLR.average_usd_million": 50,
    "exports.IRN.last_usd_million": 8.6,
    "exports.IRN.average_usd_million": 9,
    "contracts.*": None,
}
CRUDE_OIL = {
    "title": "Two cargoes of crude oil",
    "exporter": "IRN",
    "good": "plastics_petrochemicals",
    "document": "firm",
    "signed": "2017-01-15",
    "size_usd_million": 60,
    "size_sigma": 0,
    "execution_share": 1,
    "fulfilment_share": 1,
    "fulfilment_spread": 0,
    "delay_days": 0,
    "spacing_days": 120,
    "instalments": 2,
}


@cache
def run(name, replications):
    """One of the three histories."""
    changes = {
        "2020": AT_THE_END_OF_2020,
        "2016": AT_THE_END_OF_2016,
        "2016 with crude": {**AT_THE_END_OF_2016, "contracts": {"crude_oil": CRUDE_OIL}},
    }[name]
    return simulator.run(simulator.load(FLAGSHIP, changes), replications=replications, workers=2)


def rank(name, replications, office, year, observed):
    """Share of runs below what was observed."""
    return float((turnover(run(name, replications), office, year) < observed).mean())


@pytest.mark.parametrize(
    ("office", "year", "observed"),
    [
        ("belarus", 2021, 33.1),
        ("belarus", 2022, 101.3),
        ("iran", 2021, 40.0),
        ("iran", 2022, 58.6),
    ],
)
def test_the_years_after_2020_lie_inside_the_band(office, year, observed):
    """What both offices published of 2021 and 2022 is inside the 90 % band of the end of 2020."""
    assert 0.05 <= rank("2020", 240, office, year, observed) <= 0.95


def test_the_spike_of_2017_is_a_contract_and_not_growth():
    """Turnover of 150 million lies outside the band of 2016, and inside with the crude oil."""
    assert rank("2016", 120, "belarus", 2017, 150.0) > 0.95
    assert 0.05 <= rank("2016 with crude", 120, "belarus", 2017, 150.0) <= 0.95


def test_without_the_crude_oil_2017_was_an_ordinary_year():
    """The ninety million that remain without the cargoes lie inside the band of 2016."""
    assert 0.05 <= rank("2016", 120, "belarus", 2017, 90.0) <= 0.95


def test_no_order_waits_forever_without_being_booked():
    """What was ordered and did not arrive is booked: every flow's year adds up in every run."""
    table = run("2020", 240).tables["ledger"].to_pydict()
    keys = zip(table["replication"], table["year"], table["exporter"], table["good"], strict=True)
    rest = defaultdict(int)
    for key, account, cents in zip(keys, table["account"], table["cents"], strict=True):
        rest[key] += cents if account == "potential" else -cents
    assert len(rest) > 240 * 2 * 9
    assert set(rest.values()) == {0}
    assert {account for account in table["account"] if account.startswith("late_")}
