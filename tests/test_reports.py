"""V45: terminal, JSON, report, brief and export say what a recomputation from the tables says."""

import csv
import json
import math
import re

import numpy as np
import pyarrow.parquet as pq
import pytest
from pages_for_tests import Page
from runs_for_tests import uncertain
from scipy import stats

from simulator import answers, storage, wording
from simulator.brief_words import brief
from simulator.exporting import export
from simulator.ledger import ACCOUNTS, LOSSES
from simulator.origins import Origins
from simulator.reporting import report
from simulator.reports import report as told

GOAL = 100e6
OFFICES = ("belarus", "iran")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A stored run with its report."""
    run = uncertain()
    place = storage.save(run, tmp_path_factory.mktemp("results"), draw=lambda *_: None)
    report(run, place, manifest=storage.manifest_of(place))
    return place


@pytest.fixture(scope="module")
def tables(folder):
    """The stored tables as columns of numpy."""
    found = {}
    for path in folder.glob("*.parquet"):
        table = pq.read_table(path)
        found[path.stem] = {name: np.asarray(table[name]) for name in table.column_names}
    return found


@pytest.fixture(scope="module")
def page(folder):
    """The report as a program reads it."""
    return Page((folder / "report.html").read_text())


def per_run(tables, name, column, **wanted):
    """Sums of a column over the rows of each replication that are wanted."""
    table = tables[name]
    keep = np.ones(table["replication"].size, dtype=bool)
    for key, value in wanted.items():
        keep &= table[key] == value
    size = tables["replications"]["replication"].size
    return np.bincount(table["replication"][keep], table[column][keep].astype(float), size)


def wilson(hits, size):
    """Wilson's interval, written out."""
    z, share = stats.norm.ppf(0.975), hits / size
    middle = (share + z * z / (2 * size)) / (1 + z * z / size)
    half = z * math.sqrt(share * (1 - share) / size + z * z / (4 * size * size))
    return middle - half / (1 + z * z / size), middle + half / (1 + z * z / size)


def test_turnover_and_chance_are_those_of_the_tables(tables, page):
    """Chance, interval, quantiles and average of either side come out of the stored rows again."""
    for office in OFFICES:
        turnover = per_run(tables, "years", "reported_usd", statistics=office, year=2023) / 1e6
        hits = int((turnover >= GOAL / 1e6).sum())
        key = f"turnover-{office}"
        assert page.number(key, "share") == hits / turnover.size
        ends = [page.number(key, f"{end} end, Wilson's 95% interval") for end in ("lower", "upper")]
        assert ends == pytest.approx(wilson(hits, turnover.size), rel=1e-12)
        for level in (5, 25, 50, 75, 95):
            expected = np.quantile(turnover, level / 100)
            assert page.number(key, f"p{level:02d}") == pytest.approx(expected, rel=1e-12)
        assert page.number(key, "mean") == pytest.approx(turnover.mean(), rel=1e-12)
        half = stats.t.ppf(0.975, turnover.size - 1) * stats.sem(turnover)
        found = page.number(key, "half width of the 95% interval of the mean")
        assert found == pytest.approx(half, rel=1e-9)
        for exporter in ("BLR", "IRN"):
            wanted = {"statistics": office, "year": 2023, "exporter": exporter}
            flow = per_run(tables, "years", "reported_usd", **wanted) / 1e6
            found = page.number(f"{key}-{exporter}", "p50")
            assert found == pytest.approx(np.median(flow), rel=1e-12)


def test_the_ledger_is_that_of_the_tables_and_adds_up(tables, page):
    """Averages, shares and ranges of all accounts, and potential plus all of them is realised."""
    potential = per_run(tables, "ledger", "cents", account="potential", year=2023).mean()
    total = 0.0
    for account in ACCOUNTS:
        cents = per_run(tables, "ledger", "cents", account=account, year=2023)
        if not cents.any():
            assert (f"ledger-{account}", "mean") not in page.numbers
            continue
        sign = -1 if account in LOSSES else 1
        mean = page.number(f"ledger-{account}", "mean")
        assert mean == pytest.approx(sign * cents.mean() / 1e8, rel=1e-9)
        share = page.number(f"ledger-{account}", "mean over mean potential")
        assert share == pytest.approx(sign * cents.mean() / potential, rel=1e-9)
        low = page.number(f"ledger-{account}", "p05")
        assert low == pytest.approx(np.quantile(sign * cents / 1e8, 0.05), rel=1e-9, abs=1e-12)
        total += -mean if account == "realised" else mean
    assert total == pytest.approx(0.0, abs=1e-9)


def test_first_years_and_the_largest_deal_are_those_of_the_tables(tables, page):
    """When the target is first met, and what hangs on the largest deal."""
    size = tables["replications"]["replication"].size
    for office in OFFICES:
        met = np.zeros(size, dtype=bool)
        shares = []
        for year in range(2023, 2027 if office == "belarus" else 2026):
            wanted = {"statistics": office, "year": year}
            now = per_run(tables, "years", "reported_usd", **wanted) >= GOAL
            shares.append((now & ~met).mean())
            met |= now
        shares.append((~met).mean())
        found = [value for value, _ in page.numbers[f"reached-{office}", "share"]]
        assert found == pytest.approx(shares, rel=1e-12)
    rows = tables["replications"]
    deal = np.median(rows["largest_deal_cents"] / rows["delivered_cents"])
    assert page.number("deal-share", "p50") == pytest.approx(deal, rel=1e-12)
    contract = page.number("deal-contract", "share")
    assert contract == rows["largest_deal_is_contract"].mean()
    left = np.zeros(size)
    for exporter in ("BLR", "IRN"):
        wanted = {"statistics": "belarus", "year": 2023, "exporter": exporter}
        columns = ("reported_usd", "delivered_cents", "largest_deal_cents")
        reported, true, deal = (per_run(tables, "years", column, **wanted) for column in columns)
        left += reported * (1 - deal / np.where(true > 0, true, 1))
    turnover = per_run(tables, "years", "reported_usd", statistics="belarus", year=2023)
    decisive = ((turnover >= GOAL) & (left < GOAL)).mean()
    assert page.number("deal-decisive", "share") == decisive


def test_no_kind_of_number_was_forgotten(page):
    """Four kinds are computed again here; outside view and influence in tests of their own."""
    kinds = {origin.partition("-")[0] for origin, _ in page.numbers}
    assert kinds == {"turnover", "ledger", "reached", "deal", "outside", "influence"}


def test_printed_digits_are_those_of_the_value(page):
    """A printed number is its value, rounded; shares are told of 100."""
    count = 0
    for (origin, statistic), found in page.numbers.items():
        for value, text in found:
            if value is None:
                assert text == "withheld"
                continue
            plain = text.replace("\N{MINUS SIGN}", "-").replace(" ", "").lstrip("+").rstrip("%")
            printed, digits = float(plain), len(plain.partition(".")[2])
            is_share = any(word in statistic for word in ("share", "Wilson", "over mean"))
            is_share |= origin.startswith("outside") and "count" not in statistic
            is_share |= text.endswith("%")
            size = max(10.0**-digits, abs(printed) / 10 if digits == 0 else 0.0)
            expected = 100 * value if is_share else value
            assert printed == pytest.approx(expected, abs=0.51 * size), (origin, statistic)
            count += 1
    assert count > 100


def test_terminal_json_and_report_tell_the_same(folder, page):
    """The words of the terminal stand in the report, and its JSON holds the same numbers."""
    run = storage.load_run(folder)
    answer = answers.answer(run)
    terminal = " ".join(wording.words(answer).split())
    assert wording.sentence(answer) in terminal
    assert wording.sentence(answer) in page.words
    for text in (
        wording.target_words(answer),
        wording.outside_view(answer.outside),
        wording.blocking_words(answer),
        wording.deal_words(answer.largest_deal),
        wording.precision_words(answer),
    ):
        assert text in terminal
        assert text in page.words
    data = json.loads(json.dumps(answers.as_json(answer)))
    for office in data["offices"]:
        key = f"turnover-{office['key']}"
        hits, of = office["chance"]["hits"], office["chance"]["of"]
        assert page.number(key, "share") == hits / of
        for level in ("p05", "p50", "p95"):
            assert page.number(key, level) == office["turnover"][level]["value"]
    cells = re.findall(r"Both directions\s+(\S+)", wording.words(answer))
    assert cells == [page.numbers[f"turnover-{office}", "p50"][0][1] for office in OFFICES]


def test_the_brief_tells_the_same(folder, page):
    """Each number of the brief stands in the report as well."""
    text = (folder / "brief.md").read_text().replace("\\", "")
    body, _, repeat = text.partition("## How to repeat it")
    assert storage.load_run(folder).id in repeat
    numbers = re.findall(r"\d+(?:[.,]\d+)?", body)
    missing = {number for number in numbers if number not in page.words}
    potential, realised = (
        f"{page.number(f'ledger-{name}', 'mean'):.0f}" for name in ("potential", "realised")
    )
    assert f"USD {realised} million of a potential of {potential} million" in body
    assert missing <= {potential, realised}
    assert len(text.splitlines()) < 50


def test_the_export_holds_the_rows(folder, tables, tmp_path):
    """The exported rows are those of which the report speaks."""
    export(folder, ("csv",), tmp_path / "export")
    with (tmp_path / "export" / "years.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [float(row["reported_usd"]) for row in rows] == tables["years"]["reported_usd"].tolist()


def test_every_number_leads_to_where_it_comes_from(page):
    """Links inside the page lead somewhere, ids are unique, and each origin is explained."""
    assert len(page.ids) == len(set(page.ids))
    inside = [link[1:] for link in page.links if link.startswith("#")]
    assert set(inside) <= set(page.ids)
    assert {f"from-{origin}" for origin, _ in page.numbers} <= set(page.ids)
    titles = [value for tag, name, value in page.attributes if (tag, name) == ("data", "title")]
    assert all(": " in title and "; " in title for title in titles)
    assert "400 replications" in page.words


def test_every_input_stands_with_value_source_and_line():
    """Values come with unit, kind, source and line, or with their place in the manifest."""
    run = uncertain()
    found = told(run, Origins("x.yaml", {"world_price_rate": "x.yaml:7"}))
    inputs = {one.entry.path: one for one in found.assumptions}
    assert len(inputs) == answers.inputs_of(run.scenario).total
    rate = inputs["world_price_rate"]
    assert (rate.place, rate.evidence, rate.entry.kind) == ("x.yaml:7", "assumed", "uncertainty")
    assert rate.source == "a guess"
    assert rate.moved.value > 0
    assert rate.is_clear
    goal = inputs["target.turnover_usd_million"]
    assert goal.place == "not stated: the default"
    (alone, *_) = told(run, Origins()).assumptions
    assert alone.place == f"manifest.json: scenario.{alone.entry.path}"
    assert (goal.evidence, goal.entry.source) == ("sourced", "announced in March 2023")
    assert found.command == f"sim run x.yaml --seed {run.seed} --reps 400"
    assert "x.yaml" in brief(found, run.scenario)
