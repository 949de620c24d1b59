"""Panels: yearly trade between many economies, from CSV files that are checked row by row."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from simulator.errors import Problem, ScenarioError
from simulator.portable import FloatArray

SANCTIONED, CONTROL = "sanctioned_pair", "matched_control"
"""Groups of pairs: of two sanctioned economies, and of others that are like them."""

COLUMNS = ("year", "exporter", "importer", "usd_million")
TRADE_FILES = ("trade.csv", "trade_itpde_*.csv")
"""Names of files with trade; the first kind that is there is taken, and the others are not."""

GROUPS_FILE, MACRO_FILE = "pair_groups.csv", "macro_gdp_cpi_fx.csv"
SANCTIONS_FILE, DISTANCES_FILE = "sanctions_target_year.csv", "pairs_geo.csv"
"""Files that may stand beside them."""

MOST_ROWS = 5
"""Rows told: a file of another kind has a fault in every one."""

_CODE = (re.compile(r"[A-Z]{3}"), "three capital letters of ISO 3166")
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]*)?([eE][-+]?[0-9]{1,2})?")
_AMOUNT = (re.compile(_NUMBER.pattern.removeprefix("-?")), "a number of 0 or more")
_WORD = (re.compile(r".+"), "a word")
_FORMS = {
    "year": (re.compile(r"(19|20)[0-9]{2}"), "a year such as 2016"),
    **dict.fromkeys(("exporter", "importer", "iso3", "target_iso3", "a_iso3", "b_iso3"), _CODE),
    **dict.fromkeys(("usd_million", "max_strength_0_3", "dist_popweighted_km"), _AMOUNT),
    "value": (_NUMBER, "a number"),
    **dict.fromkeys(("contig", "comlang_off", "colony"), (re.compile("[01]"), "0 or 1")),
    **dict.fromkeys(("variable", "group"), _WORD),
}
"""What a cell of each column must look like, and how that is told."""

TIES = ("contig", "comlang_off", "colony")
"""Columns beside distances: a common border, a common official language, a colonial tie."""

WIDTH = 2.5
"""A turnover is comparable that is at most so many times as large, or as small."""

Codes = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Panel:
    """Recorded flows in million current dollars; what is absent is zero or was not reported."""

    economies: tuple[str, ...]
    year: Codes
    exporter: Codes
    """Places among the economies."""
    importer: Codes
    usd_million: FloatArray
    origin: str = "trade"
    """The files that it is from."""


@dataclass(frozen=True)
class Turnovers:
    """Turnover of pairs by year: what is recorded of the two directions; NaN where nothing is."""

    pairs: tuple[tuple[str, str], ...]
    first_year: int
    usd_million: FloatArray
    """Shape (pairs, years)."""
    is_sanctioned: Flags

    @property
    def years(self) -> tuple[int, int]:
        """The first and the last year."""
        return self.first_year, self.first_year + self.usd_million.shape[1] - 1

    def until(self, year: int) -> "Turnovers":
        """Those that somebody could know at the end of a year."""
        return replace(self, usd_million=self.usd_million[:, : max(year + 1 - self.first_year, 0)])

    def growth(
        self, years: int, around: float | None = None, among: Flags | None = None
    ) -> tuple[Codes, FloatArray]:
        """Log growth over some years, and the place of the pair of each.

        Args:
            years: How many.
            around: A turnover, to which that of the first year is comparable; else any is.
            among: Which pairs; else all.

        """
        first, later = self.usd_million[:, :-years], self.usd_million[:, years:]
        some = (first > 0.0) & (later > 0.0)
        if around is not None:
            some &= (first >= around / WIDTH) & (first <= around * WIDTH)
        if among is not None:
            some &= among[:, None]
        return np.nonzero(some)[0], np.log(later[some] / first[some])


@dataclass(frozen=True)
class Records:
    """All that a folder holds: trade, and what may stand beside it."""

    panel: Panel
    turnovers: Turnovers
    macro: Mapping[tuple[int, str, str], float]
    """By year, economy and variable."""
    sanctions: Mapping[tuple[int, str], float]
    """Strength, 0 to 3, by year and target."""
    distances_km: Mapping[tuple[str, str], float]
    """Between two economies by population."""
    ties: Mapping[tuple[str, str], tuple[bool, ...]]
    """What binds two economies, in the order of ``TIES``; nothing where the file has no such."""
    groups: Mapping[str, tuple[tuple[str, str], ...]]
    """Pairs by the name of their group."""


def records(folder: Path) -> Records:
    """Everything that a folder holds.

    Raises:
        ScenarioError: There is no file of trade, or one has wrong columns or rows.

    """
    panel, groups = _trade(folder), _groups(folder)
    macro = _rows(folder / MACRO_FILE, ("year", "iso3", "variable", "value"))
    columns = ("year", "target_iso3", "max_strength_0_3")
    sanctions = _rows(folder / SANCTIONS_FILE, columns)
    pairs, between = ("exporter", "importer"), folder / DISTANCES_FILE
    distances = _rows(between, (*pairs, "dist_popweighted_km"))
    ties = _rows(between, (*pairs, *TIES)) if _has(between, TIES) else []
    return Records(
        panel,
        turnovers(panel, groups.get(SANCTIONED, ())),
        {(int(year), code, name): float(value) for year, code, name, value in macro},
        {(int(year), code): float(strength) for year, code, strength in sanctions},
        {(one, other): float(km) for one, other, km in distances},
        {(one, other): tuple(tie == "1" for tie in has) for one, other, *has in ties},
        groups,
    )


def _trade(folder: Path) -> Panel:
    found = next((paths for name in TRADE_FILES if (paths := sorted(folder.glob(name)))), None)
    if found is None:
        message = f"no {' or '.join(TRADE_FILES)} in {folder}"
        raise ScenarioError([Problem("S101", message, str(folder))])
    whole = pa.concat_tables([_checked(path, COLUMNS) for path in found])
    _refuse_loops(whole, found)
    _refuse_duplicates(whole, found)
    economies = sorted({*whole["exporter"].unique().to_pylist(), *whole["importer"].to_pylist()})
    value_set = pa.array(economies)
    exporter, importer = (
        pc.index_in(whole[side], value_set).to_numpy() for side in ("exporter", "importer")
    )
    return Panel(
        tuple(economies),
        whole["year"].cast(pa.int64()).to_numpy(),
        exporter.astype(np.int64),
        importer.astype(np.int64),
        whole["usd_million"].cast(pa.float64()).to_numpy(),
        "_".join(found[0].stem.split("_")[:2]),
    )


def turnovers(panel: Panel, sanctioned: Iterable[tuple[str, str]] = ()) -> Turnovers:
    """Both directions of every pair together; ``sanctioned`` are pairs of two sanctioned ones."""
    first, count = int(panel.year.min()), len(panel.economies)
    low = np.minimum(panel.exporter, panel.importer)
    high = np.maximum(panel.exporter, panel.importer)
    known, place = np.unique(low * count + high, return_inverse=True)
    shape = (len(known), int(panel.year.max()) - first + 1)
    cell = place * shape[1] + panel.year - first
    size = shape[0] * shape[1]
    total = np.bincount(cell, weights=panel.usd_million, minlength=size).astype(np.float64)
    total[np.bincount(cell, minlength=size) == 0] = np.nan
    pairs = tuple((panel.economies[n // count], panel.economies[n % count]) for n in known.tolist())
    named = {(min(pair), max(pair)) for pair in sanctioned}
    is_sanctioned = np.array([pair in named for pair in pairs], dtype=np.bool_)
    return Turnovers(pairs, first, total.reshape(shape), is_sanctioned)


def flow(panel: Panel, exporter: str, importer: str, until: int) -> FloatArray:
    """A flow in every year from the panel's first one to a last one; NaN where not recorded."""
    first = int(panel.year.min())
    found = np.full(max(until + 1 - first, 0), np.nan)
    if {exporter, importer} <= {*panel.economies}:
        codes = (panel.economies.index(exporter), panel.economies.index(importer))
        rows = (panel.exporter == codes[0]) & (panel.importer == codes[1]) & (panel.year <= until)
        found[panel.year[rows] - first] = panel.usd_million[rows]
    return found


def _rows(path: Path, columns: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Rows of a file that a panel may have besides trade.

    Raises:
        ScenarioError: It has wrong columns or rows.

    """
    if not path.exists():
        return []
    table = _checked(path, columns)
    return list(zip(*(table[name].to_pylist() for name in columns), strict=True))


def _has(path: Path, columns: tuple[str, ...]) -> bool:
    """Whether a file is there and its first line names columns."""
    if not path.exists():
        return False
    with path.open(encoding="utf-8") as file:
        return {*columns} <= {*file.readline().rstrip("\r\n").split(",")}


def _checked(path: Path, columns: tuple[str, ...]) -> pa.Table:
    """The columns of a file as text, in which every cell has the form that it must have."""
    table = _text(path, columns)
    problems = sorted(_wrong_cells(path, table), key=lambda problem: problem.line or 0)
    if problems:
        raise ScenarioError(problems[:MOST_ROWS])
    return table


def _text(path: Path, columns: tuple[str, ...]) -> pa.Table:
    options = csv.ConvertOptions(
        column_types=dict.fromkeys(columns, pa.string()), strings_can_be_null=False
    )
    example = ",".join(columns)
    try:
        table = csv.read_csv(path, convert_options=options)
    except pa.ArrowInvalid as error:
        raise ScenarioError([Problem("S173", str(error), str(path), example=example)]) from None
    missing = [name for name in columns if name not in table.column_names]
    if missing:
        message, note = f"no column {', '.join(missing)}", f"found {','.join(table.column_names)}"
        raise ScenarioError([Problem("S172", message, str(path), 1, 1, note=note, example=example)])
    return table.select(columns)


def _wrong_cells(path: Path, table: pa.Table) -> Iterator[Problem]:
    for name in table.column_names:
        pattern, expected = _FORMS[name]
        for text in table[name].unique().to_pylist():
            if pattern.fullmatch(text) is None:
                row = pc.index(table[name], text).as_py()
                message = f"{name}: expected {expected}, found '{text[:40]}'"
                yield Problem("S173", message, str(path), row + 2, 1, field=name)


def _refuse_loops(table: pa.Table, files: list[Path]) -> None:
    same = table.filter(pc.equal(table["exporter"], table["importer"])).to_pylist()
    if same:
        where = ", ".join(map(str, files))
        rows = [f"{row['exporter']} to itself in {row['year']}" for row in same[:MOST_ROWS]]
        raise ScenarioError([Problem("S173", row, where) for row in rows])


def _refuse_duplicates(table: pa.Table, files: list[Path]) -> None:
    keys = ["year", "exporter", "importer"]
    counted = table.select(keys).group_by(keys).aggregate([([], "count_all")])
    twice = counted.filter(pc.greater(counted["count_all"], 1)).to_pylist()
    if twice:
        problems = [
            Problem(
                "S173",
                f"{row['exporter']} to {row['importer']} in {row['year']} stands"
                f" {row['count_all']} times",
                ", ".join(map(str, files)),
            )
            for row in twice[:MOST_ROWS]
        ]
        raise ScenarioError(problems)


def _groups(folder: Path) -> dict[str, tuple[tuple[str, str], ...]]:
    """Pairs by group, as the file has them; none where there is no such file."""
    found: dict[str, tuple[tuple[str, str], ...]] = {}
    for one, other, name in _rows(folder / GROUPS_FILE, ("a_iso3", "b_iso3", "group")):
        found[name] = (*found.get(name, ()), (one, other))
    return found
