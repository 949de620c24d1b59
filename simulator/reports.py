"""Report: the answer of a run as numbers, each with the rows of the tables that it comes from."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from simulator import answers, runs, wording
from simulator.answers import Answer, Office, Spread
from simulator.errors import visible
from simulator.estimates import Mean, Proportion, Quantile, quantile, rounded
from simulator.evidence.credibility import Ground, Judgement, grounds, judged
from simulator.evidence.outside import Outside
from simulator.influence import Influence, influences
from simulator.input_plots import signed
from simulator.ledger import ACCOUNTS, POTENTIAL, REALISED
from simulator.origins import Origins
from simulator.outside_words import NAMES
from simulator.runs import Run
from simulator.scenario.describing import Entry, entries
from simulator.scenario.trees import Tree
from simulator.scenario.types import Scenario, quantities

WITHHELD = "withheld"
_ASSUMED = re.compile(r"^\s*assumed\b[:,]?\s*", re.IGNORECASE)
MANIFEST = "manifest.json: scenario"
"""Where a value stands of which no file is known."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Rows of a stored table, and what is made of them in every replication."""

    key: str
    table: str
    rows: str
    made: str


@dataclass(frozen=True, slots=True)
class Number:
    """A number as it is printed, as it is, and where it comes from."""

    text: str
    value: float | None
    """None where it is withheld."""
    origin: Origin
    statistic: str
    """What is made of the replications: p50, mean, share …"""


@dataclass(frozen=True, slots=True)
class Row:
    """Numbers beside a label."""

    label: str
    origin: Origin
    cells: tuple[tuple[Number, ...] | None, ...]
    """Numbers by column, two of them for a range; None where something was not simulated."""
    is_total: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under headings."""

    title: str
    unit: str
    heads: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Assumption:
    """An input with its evidence and with what it moves."""

    entry: Entry
    evidence: str
    source: str
    """Without the word that it is assumed, which is the evidence."""
    place: str
    moved: Number | None
    is_clear: bool


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that the report of a run says, but for its figures."""

    answer: Answer
    sentence: str
    turnover: Table | None
    reached: Table | None
    ledger: Table | None
    deal: tuple[Row, ...]
    outside: Table | None
    influences: tuple[Influence, ...]
    assumptions: tuple[Assumption, ...]
    words: tuple[Assumption, ...]
    """Dates, choices and names, which are no numbers."""
    credibility: tuple[Judgement, ...]
    grounds: tuple[Ground, ...]
    origins: tuple[Origin, ...]
    """Of all numbers, in the order in which they come."""
    facts: tuple[tuple[str, str], ...]
    """What the run follows from: versions, seed and hashes."""
    command: str
    """Makes the run again."""


def report(run: Run, where: Origins, manifest: Mapping[str, Any] | None = None) -> Report:
    """What the report of a run says.

    Args:
        run: The run.
        where: The lines of the scenario from which its values come.
        manifest: That of the stored run, for versions and hashes.

    """
    answer = answers.answer(run)
    found = influences(run)
    is_told = answer.has_trade and any(office.turnover for office in answer.offices)
    tables = (
        _turnover(run, answer) if is_told else None,
        _reached(run, answer) if is_told else None,
        _ledger(run, answer) if answer.accounts else None,
        _outside(answer.outside) if answer.outside else None,
    )
    deal = tuple(_deal(run, answer))
    numbers, words = _assumptions(run, where, found)
    rows = [*(row for table in tables if table for row in table.rows), *deal]
    told = [row.origin for row in rows] + [one.moved.origin for one in numbers if one.moved]
    file = where.command or "FILE"
    return Report(
        answer,
        wording.sentence(answer),
        *tables[:3],
        deal,
        tables[3],
        found,
        numbers,
        words,
        tuple(judged(answer, found)),
        tuple(grounds(run.scenario)),
        tuple(dict.fromkeys(told)),
        tuple(_facts(run, manifest or {})),
        f"sim run {file} --seed {run.seed} --reps {run.replications}",
    )


def _number(value: float | None, error: float, origin: Origin, statistic: str) -> Number:
    text = WITHHELD if value is None else rounded(value, error).replace("-", wording.MINUS)
    return Number(text, value, origin, statistic)


def _quantile(found: Quantile, origin: Origin, error: float | None = None) -> Number:
    name = f"p{round(100 * found.level):02d}"
    return _number(found.value, found.error if error is None else error, origin, name)


def _range(low: Quantile, high: Quantile, origin: Origin) -> tuple[Number, ...]:
    error = max(low.error, high.error)
    return tuple(_quantile(end, origin, error) for end in (low, high))


def _mean(found: Mean, origin: Origin) -> tuple[Number, ...]:
    if found.half_width is None:
        return (replace(_number(None, 0.0, origin, "mean"), value=None),)
    return (
        _number(found.value, found.error, origin, "mean"),
        _number(
            found.half_width, found.error, origin, "half width of the 95% interval of the mean"
        ),
    )


def share_words(chance: Proportion) -> str:
    """Runs of 100, with a digit behind the point where there is little."""
    share = 100 * chance.share
    return f"{share:.0f}" if chance.hits in (0, chance.of) or 1 <= share <= 99 else f"{share:.1f}"


def _chance(chance: Proportion, origin: Origin) -> Number:
    return Number(share_words(chance), chance.share, origin, "share")


def _chance_range(chance: Proportion, origin: Origin) -> tuple[Number, ...]:
    if chance.low is None or chance.high is None:
        return (Number(WITHHELD, None, origin, "95% interval of the share"),)
    return (
        Number(f"{100 * chance.low:.1f}", chance.low, origin, "lower end, Wilson's 95% interval"),
        Number(f"{100 * chance.high:.1f}", chance.high, origin, "upper end, Wilson's 95% interval"),
    )


def _spread_cells(values: Spread, origin: Origin) -> tuple[tuple[Number, ...], ...]:
    return (
        (_quantile(values.p50, origin),),
        _range(values.p25, values.p75, origin),
        _range(values.p05, values.p95, origin),
        _mean(values.mean, origin),
    )


def _turnover(run: Run, answer: Answer) -> Table:
    """Chance and turnover of the target year by office, both directions below it."""
    rows: list[Row] = []
    exporters = sorted(run.scenario.economies)
    for office in answer.offices:
        if office.turnover is None or office.chance is None:
            continue
        origin = _yearly(office, answer)
        chance = ((_chance(office.chance, origin),), _chance_range(office.chance, origin))
        label = f"{office.title}, {office.period}"
        rows.append(
            Row(label, origin, (*chance, *_spread_cells(office.turnover, origin)), is_total=True)
        )
        for exporter, flow in zip(exporters, office.directions, strict=True):
            place = _yearly(office, answer, exporter)
            label = f"{flow.exporter} → {flow.importer}"
            rows.append(Row(label, place, ((), (), *_spread_cells(flow.spread, place))))
    return Table(
        "The target year on the statistics of either side",
        "Turnover in USD million, current prices, as each office would publish it (exports FOB, "
        "imports CIF); chances in runs of 100.",
        (
            "Statistics",
            "Meets the target",
            "95% interval",
            "Middle",
            "50% of runs",
            "90% of runs",
            "Average ± 95% CI",
        ),
        tuple(rows),
    )


def _yearly(office: Office, answer: Answer, exporter: str = "") -> Origin:
    rows = f"statistics = {office.key}, year = {answer.year}"
    rows += f", exporter = {exporter}" if exporter else ""
    made = "sum of reported_usd"
    return Origin(f"turnover-{office.key}{'-' if exporter else ''}{exporter}", "years", rows, made)


def _reached(run: Run, answer: Answer) -> Table | None:
    """How often the target is first met in each year."""
    offices = [office for office in answer.offices if office.never is not None]
    if not offices:
        return None
    years = sorted({reached.year for office in offices for reached in office.reached})
    rows = []
    for office in offices:
        origin = Origin(
            f"reached-{office.key}",
            "years",
            f"statistics = {office.key}, complete years",
            "first year in which the sum of reported_usd over exporters is at least the target",
        )
        chances = {reached.year: reached.chance for reached in office.reached}
        assert office.never is not None
        cells = [(_chance(chances[y], origin),) if y in chances else None for y in years]
        label = wording.statistics_of(office).removeprefix("the ")
        rows.append(Row(label, origin, (*cells, (_chance(office.never, origin),))))
    return Table(
        "The year in which the target is first met",
        f"Of 100 runs; years by that in which they begin; {wording.count(run.replications)} runs.",
        ("On the", *map(str, years), "Never"),
        tuple(rows),
    )


def _ledger(run: Run, answer: Answer) -> Table:
    """Potential, every loss and what is realised: average, share of potential, 90 % of runs."""
    books = runs.accounts(run)
    rows = []
    shares = {account.key: account.share for account in answer.accounts}
    potential = answer.potential_usd_million
    shares |= {POTENTIAL: 1.0, REALISED: answer.realised_usd_million / potential}
    digits = 2 if potential < 1000 else 0
    for key, words in ACCOUNTS.items():
        if not books[key].any():
            continue
        origin = Origin(
            f"ledger-{key}", "ledger", f"account = {key}, year = {answer.year}", "sum of cents"
        )
        is_total = key in (POTENTIAL, REALISED)
        sign = 1 if is_total else -1
        values = sign * books[key] / runs.CENTS_PER_MILLION
        mean = float(np.mean(values))
        low, high = (quantile(values, level) for level in (0.05, 0.95))
        text = f"{abs(mean):,.{digits}f}".replace(",", wording.THOUSANDS)
        share = sign * shares[key]
        cells = (
            (Number(_signs(mean, text, is_total=is_total), mean, origin, "mean"),),
            (
                Number(
                    _signs(share, f"{abs(share):.1%}", is_total=is_total),
                    share,
                    origin,
                    "mean over mean potential",
                ),
            ),
            _range(low, high, origin),
        )
        rows.append(Row(words, origin, cells, is_total))
    return Table(
        "From potential to realised trade",
        "USD million, current prices, true flow, exports FOB both ways. Averages add up before "
        "rounding, ranges do not; a plus is what arrives beyond, such as orders of the year "
        "before.",
        ("Account", "Average", "Share of potential", "90% of runs"),
        tuple(rows),
    )


def _signs(value: float, text: str, *, is_total: bool) -> str:
    if is_total:
        return text
    return f"{wording.MINUS if value < 0 else '+'}{text}"


def _deal(run: Run, answer: Answer) -> Iterator[Row]:
    """How much hangs on the largest deal."""
    deal = answer.largest_deal
    if deal is None:
        return
    every = "all runs that deliver anything"
    share = Origin("deal-share", "replications", every, "largest_deal_cents over delivered_cents")
    contract = Origin("deal-contract", "replications", "all runs", "largest_deal_is_contract")
    if deal.share.value is not None:
        number = Number(f"{deal.share.value:.0%}", deal.share.value, share, "p50")
        yield Row("Share of the year's trade in the middle run", share, ((number,),))
    yield Row(
        "Runs of 100 in which it is a contract of the scenario",
        contract,
        ((_chance(deal.contract, contract),),),
    )
    if deal.decisive is not None:
        decisive = Origin(
            "deal-decisive",
            "years",
            f"statistics = {runs.headline(run)}, year = {answer.year}",
            "met with largest_deal_cents and missed without its share of reported_usd",
        )
        label = "Runs of 100 that meet the target with it and miss it without"
        yield Row(label, decisive, ((_chance(deal.decisive, decisive),),))


def _outside(found: Outside) -> Table:
    """How often comparable pairs achieved as much."""
    rows = []
    for one in found.achieved:
        origin = Origin(
            f"outside-{one.group}",
            "evidence/base_rates.csv",
            f"group = {one.group}, horizon_years = {found.horizon_years}, turnover of USD "
            f"{found.low_usd_million:.2g} to {found.high_usd_million:.2g} million",
            f"pairs with at least {found.target_usd_million / found.base_usd_million:.4g} times "
            f"their turnover {found.horizon_years} years later",
        )
        ends = (
            Number(f"{100 * one.low:.0f}", one.low, origin, "lower end, 95% interval"),
            Number(f"{100 * one.high:.0f}", one.high, origin, "upper end, 95% interval"),
        )
        years = Number(wording.count(one.pair_years), one.pair_years, origin, "count of pair-years")
        pairs = Number(wording.count(one.pairs), one.pairs, origin, "count of pairs")
        share = Number(f"{100 * one.share:.0f}", one.share, origin, "share")
        rows.append(Row(NAMES[one.group], origin, ((share,), ends, (years,), (pairs,))))
    return Table(
        "How often pairs of comparable size had as much",
        f"Of 100 pair-years of {found.years[0]} to {found.years[1]}; a statement about others, not "
        "about this pair.",
        ("Among", "Had as much", "95% interval", "Pair-years", "Pairs"),
        tuple(rows),
    )


def _assumptions(
    run: Run, where: Origins, found: Sequence[Influence]
) -> tuple[tuple[Assumption, ...], tuple[Assumption, ...]]:
    """Every value of the scenario: its numbers, and what is no number."""
    moved = {one.path: one for one in found}
    origin = Origin(
        "influence",
        "years",
        f"statistics = {runs.headline(run)}, year = {run.scenario.target.year}",
        "sum of reported_usd; mean of runs with the input above P80 of its law less those below "
        "P20, the input being drawn again from seed and replication",
    )
    assumed = {path: q.is_assumed for path, q in quantities(run.scenario)}
    told = []
    # By path: a stored scenario has forgotten the order of its file.
    for entry in sorted(entries(run.scenario, Tree({})), key=lambda one: one.path):
        one = moved.get(entry.path)
        number = None
        if one is not None:
            text = signed(one.change, one.half_width / 2)
            number = Number(text, one.change, origin, "difference of means")
        evidence = "assumed" if assumed.get(entry.path) else "sourced"
        elsewhere = "not stated: the default" if where.places else f"{MANIFEST}.{entry.path}"
        place = where.places.get(entry.path, elsewhere)
        source = _ASSUMED.sub("", entry.source)
        is_clear = one is not None and one.is_clear
        told.append(Assumption(entry, evidence, source, place, number, is_clear))
    numbers = tuple(one for one in told if one.entry.path in assumed)
    return numbers, tuple(one for one in told if one.entry.path not in assumed)


def _facts(run: Run, manifest: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What a run follows from, and the hashes of its tables."""
    yield "run", run.id
    yield "scenario", f"{run.scenario.name}, version {run.scenario.version}"
    yield "information date", str(run.scenario.information_date)
    yield "seed", str(run.seed)
    yield "replications", wording.count(run.replications)
    yield "model", runs.MODEL_VERSION
    for name in ("draw_scheme", "python"):
        if name in manifest:
            yield name.replace("_", " "), str(manifest[name])
    for name, version in manifest.get("libraries", {}).items():
        yield str(name), str(version)
    for name, digest in manifest.get("tables", {}).items():
        yield f"{name}.parquet, SHA-256", str(digest)


def basis(scenario: Scenario, answer: Answer) -> tuple[tuple[str, str], ...]:
    """Target, year and basis in a few facts, for the head of a report."""
    goal = f"USD {wording.amount(answer.target_usd_million)} million"
    years = "; ".join(f"{visible(o.title)}: {o.period}" for o in answer.offices)
    facts = [
        ("Target", f"{goal} of trade in {answer.year}, both directions"),
        ("Year", years),
        ("Basis", "current US dollars; exports FOB, imports CIF, as each office publishes them"),
        ("Known until", str(scenario.information_date)),
    ]
    if asked := wording.target_words(answer):
        facts.insert(1, ("Target asks", asked))
    return tuple(facts)
