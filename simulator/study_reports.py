"""Study reports: comparisons and sweeps as tables of numbers, each with where it comes from."""

from collections.abc import Iterator

from simulator import comparisons, wording
from simulator.comparison_words import signed
from simulator.comparisons import Chances, Comparison
from simulator.estimates import rounded
from simulator.reports import WITHHELD, Number, Origin, Row, Table, share_words
from simulator.sweep_words import setting_words, value_words
from simulator.sweeps import Cell, Sweep

Cells = tuple[Number, ...]


def changes(told: Comparison, number: int) -> Table:
    """Turnover and chance in both runs, and their changes."""
    rows = [_amount(told, number, place) for place in range(len(told.rows))]
    rows += [_chance(told, number, one) for one in told.chances]
    return Table(
        f"{told.after} (B) beside {told.before} (A)",
        "Averages of turnover in USD million, current prices, exports FOB, imports CIF; chances in "
        f"runs of 100; {told.pairs} pairs of runs. Clear: the interval of the change leaves zero "
        "out.",
        ("Of the target year", "A", "B", "Change", "95% interval", "Clear", "Pairs with B higher"),
        tuple(rows),
    )


def causes(told: Comparison, number: int) -> Table:
    """The accounts of the ledger whose change is clear."""
    rows = []
    for place, row in enumerate(told.causes):
        if row.is_clear:
            origin = Origin(
                f"cause-{number}-{place}",
                f"ledger of {told.before_run} and {told.after_run}",
                f"{row.words}, year = {told.year}",
                "sum of cents, losses with their sign turned; the change pair by pair",
            )
            rows.append(Row(row.words, origin, _cells(row, origin)))
    return Table(
        "Where the change comes from",
        "Averages, USD million, true flow, exports FOB both ways; what is not clear is left out.",
        ("Account", "A", "B", "Change", "95% interval"),
        tuple(rows),
    )


def _amount(told: Comparison, number: int, place: int) -> Row:
    row = told.rows[place]
    origin = Origin(
        f"change-{number}-{place}",
        f"years of {told.before_run} and {told.after_run}",
        f"{row.words}, year = {told.year}",
        "sum of reported_usd; the change pair by pair",
    )
    higher = Number(str(row.higher), row.higher, origin, "pairs with a change above 0")
    cells = (*_cells(row, origin), _word(origin, is_clear=row.is_clear), (higher,))
    return Row(_capital(row.words), origin, cells)


def _cells(row: comparisons.Row, origin: Origin) -> tuple[Cells, ...]:
    """Both averages, the change and its interval."""
    change, error = row.change, row.change.error
    before, after = (
        (Number(_minus(rounded(value, error)), value, origin, f"mean of {side}"),)
        for value, side in ((row.before, "A"), (row.after, "B"))
    )
    told = (Number(signed(change.value, error), change.value, origin, "mean of the change"),)
    if change.half_width is None:
        ends: Cells = (Number(WITHHELD, None, origin, "95% interval of the mean"),)
    else:
        ends = tuple(
            Number(signed(end, error), end, origin, f"{name} end, 95% interval of the mean")
            for name, end in (
                ("lower", change.value - change.half_width),
                ("upper", change.value + change.half_width),
            )
        )
    return before, after, told, ends


def _chance(told: Comparison, number: int, one: Chances) -> Row:
    origin = Origin(
        f"chance-{number}-{one.office}",
        f"years of {told.before_run} and {told.after_run}",
        f"statistics = {one.office}, year = {told.year}",
        "whether the sum of reported_usd is at least the target, pair by pair",
    )
    before, after = (
        (Number(share_words(chance), chance.share, origin, f"share of {side}"),)
        for chance, side in ((one.before, "A"), (one.after, "B"))
    )
    change = (Number(_points(one.change.value), one.change.value, origin, "change of the share"),)
    ends = tuple(
        Number(_points(end), end, origin, f"{name} end, 95% interval of the change (Agresti, Min)")
        for name, end in (("lower", one.change.low), ("upper", one.change.high))
    )
    label = f"Runs of 100 that meet the target, {one.title}"
    word = _word(origin, is_clear=one.change.is_clear)
    return Row(label, origin, (before, after, change, ends, word, ()), is_total=True)


def _word(origin: Origin, *, is_clear: bool) -> Cells:
    """Yes, or the sign of a difference that is none."""
    return (Number("yes" if is_clear else "~ no", None, origin, "is clear"),)


def _points(share: float) -> str:
    return f"{100 * share:+.1f}".replace("-", wording.MINUS)


def _minus(text: str) -> str:
    return text.replace("-", wording.MINUS)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def cells(sweep: Sweep) -> Table:
    """Every setting and what it comes to, in the order of the design."""
    return Table(
        f"All {len(sweep.cells)} settings",
        f"Turnover in USD million, current prices, {sweep.statistics}, year {sweep.year}; chances "
        f"in runs of 100; {wording.count(sweep.replications)} runs of each setting on the same "
        "draws. ~ not clearly worse than the best (corrected for all pairs of settings).",
        (
            "Setting",
            *(factor.path for factor in sweep.factors),
            "Average ± 95% CI",
            "90% of runs",
            "Meets the target",
            "Standing",
        ),
        tuple(_cell_rows(sweep)),
    )


def _cell_rows(sweep: Sweep) -> Iterator[Row]:
    for number, cell in enumerate(sweep.cells, start=1):
        origin = Origin(
            f"setting-{number}",
            f"years of run {cell.run}",
            f"{sweep.statistics}, year = {sweep.year}",
            f"sum of reported_usd; {setting_words(cell.settings)}",
        )
        settings = tuple(
            (Number(value_words(value), None, origin, "setting"),)
            for value in cell.settings.values()
        )
        mean, spread = cell.turnover.mean, cell.turnover
        average: Cells = (Number(rounded(mean.value, mean.error), mean.value, origin, "mean"),)
        if mean.half_width is not None:
            text = rounded(mean.half_width, mean.error)
            half = "half width of the 95% interval of the mean"
            average += (Number(text, mean.half_width, origin, half),)
        error = max(spread.p05.error, spread.p95.error)
        ends = tuple(
            Number(
                WITHHELD if end.value is None else rounded(end.value, error),
                end.value,
                origin,
                f"p{round(100 * end.level):02d}",
            )
            for end in (spread.p05, spread.p95)
        )
        chance = (Number(share_words(cell.chance), cell.chance.share, origin, "share"),)
        standing = (Number(_standing(cell), None, origin, "standing"),)
        cells_of = (*settings, average, ends, chance, standing)
        yield Row(f"{number}", origin, cells_of, cell.is_best)


def _standing(cell: Cell) -> str:
    if cell.is_best:
        return "best"
    return "~" if cell.is_near else "worse"


def fresh(sweep: Sweep) -> Number:
    """The average of the best setting on draws that have not chosen it."""
    origin = Origin(
        "fresh",
        "years of the best setting, run with another seed",
        f"{sweep.statistics}, year = {sweep.year}",
        "sum of reported_usd",
    )
    return Number(rounded(sweep.fresh.value, sweep.fresh.error), sweep.fresh.value, origin, "mean")
