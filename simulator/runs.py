"""A run: what every replication of one scenario came to, as tables."""

import hashlib
import json
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar, TypeVarTuple
from weakref import WeakKeyDictionary

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from simulator.draws import SCHEME
from simulator.errors import FailedError, Problem, RefusedError
from simulator.ledger import ACCOUNTS
from simulator.scenario.types import DEFAULT_SEED, Scenario

MODEL_VERSION = "0.3.0"
"""Changes whenever the same scenario and seed give other numbers."""

LARGEST_RUN = 10_000_000
"""Replications above which a run is refused unless asked otherwise: days of work, a full disk."""

CENTS_PER_MILLION = 100_000_000

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Tables = dict[str, pa.Table]
Progress = Callable[[int, int], None]
"""Told how many replications are done, out of how many."""
Tell = Callable[[str], object]
"""Told in a sentence what somebody should know."""
Details = TypeVarTuple("Details")
Found = TypeVar("Found")

NAME = pa.dictionary(pa.int16(), pa.string())
"""A name that many rows share: told once, and numbered in each of them."""

SCHEMAS: dict[str, pa.Schema] = {
    "replications": pa.schema(
        {
            "replication": pa.int32(),
            "orders": pa.int32(),
            "delivered_orders": pa.int32(),
            "lost_orders": pa.int32(),
            "delivered_cents": pa.int64(),
            "potential_cents": pa.int64(),
            "largest_deal_cents": pa.int64(),
            "largest_deal_is_contract": pa.bool_(),
            "largest_deal": pa.string(),
        }
    ),
    "years": pa.schema(
        {
            "replication": pa.int32(),
            "statistics": NAME,
            "year": pa.int16(),
            "exporter": NAME,
            "reported_usd": pa.float64(),
            "delivered_cents": pa.int64(),
            "largest_deal_cents": pa.int64(),
            "complete": pa.bool_(),
        }
    ),
    "months": pa.schema(
        {
            "replication": pa.int32(),
            "month": NAME,
            "exporter": NAME,
            "delivered_cents": pa.int64(),
        }
    ),
    "ledger": pa.schema(
        {
            "replication": pa.int32(),
            "year": pa.int16(),
            "exporter": NAME,
            "good": NAME,
            "account": NAME,
            "cents": pa.int64(),
        }
    ),
}
"""The tables of a run, each sorted by replication.

``replications`` speaks of the target year of the headline statistics, free on board and without
error of measurement. ``years`` holds what each office would publish (``reported_usd``, with its
error, imports with freight and insurance) beside the true flow; a year is named by the Gregorian
year in which it begins. ``ledger`` follows the headline calendar (``simulator.ledger``).
"""


@dataclass(frozen=True, slots=True)
class Failure:
    """A replication that came to nothing, and why."""

    replication: int
    reason: str
    details: str = ""
    """The traceback, where there is one."""


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Run:
    """A scenario, the seed and number of its replications, and what they came to."""

    scenario: Scenario
    seed: int
    replications: int
    """Those that are there."""
    tables: Tables
    asked: int | None = None
    """Those that there were to be, where a run is not complete."""
    failures: tuple[Failure, ...] = ()
    """Why some of them are not there, where they were tried."""

    def __post_init__(self) -> None:
        """Every table is there, with its columns, and every replication."""
        for name, schema in SCHEMAS.items():
            found = self.tables[name].schema.remove_metadata()
            assert found.equals(schema), f"{name}: {found} instead of {schema}"
        rows = self.tables["replications"].num_rows
        assert rows == self.replications, f"{rows} of {self.replications} replications"

    def __hash__(self) -> int:
        """Of this very run: what is remembered of one is not looked for in another."""
        return id(self)

    @property
    def is_complete(self) -> bool:
        """Whether every replication that was asked for is there."""
        return self.asked is None

    def table(self, name: str) -> pa.Table:
        """One of ``replications``, ``years``, ``months`` and ``ledger``; see ``SCHEMAS``.

        Names are written out in every row.
        """
        return written_out(self.tables[name])

    @property
    def id(self) -> str:
        """Digits that follow from everything the result follows from, and the replications."""
        series = series_id(self.scenario, self.seed)
        return run_id(series, self.replications) if self.is_complete else series


def written_out(table: pa.Table) -> pa.Table:
    """A table with its names as text."""
    fields = [
        field.with_type(pa.string()) if field.type == NAME else field for field in table.schema
    ]
    return table.cast(pa.schema(fields))


def remembered(
    find: Callable[[Run, *Details], Found],
) -> Callable[[Run, *Details], Found]:
    """A finding about a run that is worked out once, however many figures and tables rest on it.

    It lasts as long as the run does. What is found must not be changed.
    """
    known: WeakKeyDictionary[Run, dict[tuple[*Details], Found]] = WeakKeyDictionary()

    @wraps(find)
    def recalled(run: Run, *details: *Details) -> Found:
        of_run = known.setdefault(run, {})
        if details not in of_run:
            of_run[details] = find(run, *details)
        return of_run[details]

    return recalled


def planned(
    scenario: Scenario, seed: int | None, replications: int | None, most: int = LARGEST_RUN
) -> tuple[int, int]:
    """The seed and the number of replications of a run: as asked, or else the scenario's own.

    Raises:
        RefusedError: more than ``most`` replications.

    """
    own_seed = DEFAULT_SEED if scenario.seed is None else scenario.seed
    count = scenario.replications if replications is None else replications
    if count > most:
        refusal = f"{count:,} replications are too many, the limit is {most:,}"
        reason = "10,000 know every chance to one percentage point"
        raise RefusedError(Problem("S183", refusal, note=reason), "--max-replications")
    return (own_seed if seed is None else seed), count


_SERIES: deque[tuple[Scenario, int, str]] = deque(maxlen=4)
"""Those told last: every figure names its run, and a hash of all inputs takes its time."""


def series_id(scenario: Scenario, seed: int) -> str:
    """Ten digits of the hash of all that a replication follows from, beside its number.

    Runs of one series begin with the same replications.
    """
    for known, its_seed, name in _SERIES:
        if known is scenario and its_seed == seed:
            return name
    text = canonical(
        {
            "scenario": resolved(scenario),
            "seed": seed,
            "model_version": MODEL_VERSION,
            "draw_scheme": SCHEME,
        }
    )
    name = hashlib.sha256(text.encode()).hexdigest()[:10]
    _SERIES.append((scenario, seed, name))
    return name


def run_id(series: str, replications: int) -> str:
    """The name of a run: its series and the number of its replications."""
    return f"{series}-{replications}"


def resolved(scenario: Scenario) -> dict[str, Any]:
    """Every value and source of a scenario, as plain data."""
    return scenario.model_dump(mode="json", exclude_none=True)


def canonical(value: Any) -> str:
    """One text for one value: JSON with sorted keys."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, allow_nan=False, indent=1) + "\n"


def require_complete(run: Run) -> None:
    """Raise an error if replications failed in a run, so that numbers cannot be paired."""
    if run.failures:
        first = run.failures[0]
        message = f"{len(run.failures)} replications of {run.scenario.name} failed; the first is "
        raise FailedError(f"{message}{first.replication}: {first.reason}")


def offices(run: Run) -> tuple[str, ...]:
    """The statistics to judge by: those of the target, the headline first, then the others."""
    return run.scenario.offices


def headline(run: Run) -> str:
    """The statistics of which the target speaks first."""
    return run.scenario.target.statistics[0]


@remembered
def complete_years(run: Run, office: str) -> tuple[int, ...]:
    """The years of an office that lie wholly inside the horizon."""
    table = run.tables["years"]
    kept = table.filter(pc.and_(pc.equal(table["statistics"], office), table["complete"]))
    return tuple(sorted(pc.unique(kept["year"]).to_pylist()))


@remembered
def flows(run: Run, office: str, year: int, column: str) -> dict[str, Floats]:
    """A column of ``years`` by exporter: one number for every replication, 0 where none stands."""
    table = run.tables["years"]
    rows = pc.and_(pc.equal(table["statistics"], office), pc.equal(table["year"], year))
    kept = table.select(["replication", "exporter", column]).filter(rows)
    return {
        exporter: _by_replication(run, kept.filter(pc.equal(kept["exporter"], exporter)), column)
        for exporter in sorted(run.scenario.economies)
    }


def turnover(run: Run, office: str, year: int) -> Floats:
    """What an office would publish for both directions of a year, million dollars."""
    total: Floats = np.sum(list(flows(run, office, year, "reported_usd").values()), axis=0)
    return total / 1e6


@remembered
def monthly(run: Run) -> tuple[list[str], Floats]:
    """The months, and the true turnover of each by replication and month, million dollars."""
    table = run.tables["months"]
    months = sorted(pc.unique(table["month"]).to_pylist())
    columns = pc.index_in(table["month"], pa.array(months)).to_numpy()
    cents = np.zeros((run.replications, len(months)), dtype=np.int64)
    np.add.at(cents, (_positions(run, table), columns), table["delivered_cents"].to_numpy())
    return months, cents / CENTS_PER_MILLION


def rolling(flow: Floats) -> Floats:
    """Sums of the last twelve months by replication, from the twelfth month on."""
    so_far = np.cumsum(flow, axis=1)
    so_far[:, 12:] -= so_far[:, :-12].copy()
    return so_far[:, 11:]


@remembered
def accounts(run: Run) -> dict[str, Integers]:
    """The ledger of the target year by account: cents in every replication."""
    table = run.tables["ledger"]
    rows = pc.equal(table["year"], run.scenario.target.year)
    table = table.select(["replication", "account", "cents"]).filter(rows)
    columns = pc.index_in(table["account"], pa.array(list(ACCOUNTS))).to_numpy()
    cents = np.zeros((run.replications, len(ACCOUNTS)), dtype=np.int64)
    np.add.at(cents, (_positions(run, table), columns), table["cents"].to_numpy())
    return dict(zip(ACCOUNTS, cents.T, strict=True))


def _by_replication(run: Run, table: pa.Table, column: str) -> Floats:
    values = np.zeros(run.replications)
    np.add.at(values, _positions(run, table), table[column].to_numpy())
    return values


def _positions(run: Run, table: pa.Table) -> Integers:
    """The row of ``replications`` to which each row of another table belongs."""
    numbers = run.tables["replications"]["replication"].to_numpy()
    positions: Integers = np.searchsorted(numbers, table["replication"].to_numpy())
    return positions
