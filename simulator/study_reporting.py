"""Study reporting: the reports of comparisons and sweeps as files."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from simulator import (
    comparison_plots,
    comparison_words,
    study_reports,
    sweep_plots,
    sweep_words,
    wording,
)
from simulator.comparisons import compare
from simulator.drawing import DOUBLE, SHEETS, Picture, Sheet
from simulator.pages import Draw, page, shown
from simulator.reporting import REPORT, by_path, put
from simulator.runs import Run
from simulator.sweeps import Sweep


def comparison_report(compared: Sequence[Run], folder: Path, command: str) -> Path:
    """Write what runs come to otherwise than the first of them as a page of HTML without script.

    Args:
        compared: The runs, that to compare with first.
        folder: Where ``report.html`` goes.
        command: Makes the comparison again.

    Raises:
        EnvironmentFaultError: The machine does not allow it.

    """
    before, *others = compared
    compared_to = [compare(before, after) for after in others]
    pairs = wording.count(compared_to[0].pairs)
    foot = f"{{name}}.csv, {{name}}.svg; {' and '.join(run.id for run in compared)}"
    drawn = shown(_in_widths(comparison_plots.figures, compared), foot)
    names = [f"-{n}" if len(others) > 1 else "" for n in range(1, len(others) + 1)]
    changes = [study_reports.changes(one, n) for n, one in enumerate(compared_to, start=1)]
    causes = [study_reports.causes(one, n) for n, one in enumerate(compared_to, start=1)]
    html = page(
        "compare.html.j2",
        told=compared_to,
        sentences=[
            [line for line in comparison_words.sentence(one).splitlines() if line]
            for one in compared_to
        ],
        questions=[run.scenario.question for run in compared],
        changes=changes,
        causes=causes,
        differences=[sorted(wording.alike(one.differences), key=by_path) for one in compared_to],
        figures=[
            [drawn[stem + name] for stem in ("difference", "fans") if stem + name in drawn]
            for name in names
        ],
        ladder=drawn.get("ladder"),
        not_covered=sorted({item for run in compared for item in run.scenario.not_covered}),
        command=command,
        facts=[(run.id, f"{run.scenario.name}, seed {run.seed}") for run in compared],
        pairs=pairs,
        origins=[row.origin for table in (*changes, *causes) for row in table.rows],
    )
    put({REPORT: html}, folder)
    return folder / REPORT


def sweep_report(sweep: Sweep, folder: Path, command: str) -> Path:
    """Write what settings come to as a page of HTML without script.

    Args:
        sweep: The sweep.
        folder: Where ``report.html`` goes.
        command: Makes the sweep again.

    Raises:
        EnvironmentFaultError: The machine does not allow it.

    """
    table = study_reports.cells(sweep)
    drawn = shown(
        _in_widths(sweep_plots.figures, sweep),
        f"plots/{{name}}.csv, plots/{{name}}.svg; sweep {sweep.id}, seed {sweep.seed}",
    )
    fresh = study_reports.fresh(sweep)
    html = page(
        "sweep.html.j2",
        sweep=sweep,
        sentences=list(sweep_words.sentences(sweep)),
        basis=(
            ("Target", f"USD {wording.amount(sweep.target_usd_million)} million in {sweep.year}"),
            ("Statistics", sweep.statistics),
            ("Basis", "current US dollars; exports FOB, imports CIF"),
        ),
        table=table,
        fresh=fresh,
        figures=list(drawn.values()),
        command=command,
        facts=(
            ("design", sweep.design),
            ("seed", str(sweep.seed)),
            ("replications", wording.count(sweep.replications)),
        ),
        replications=wording.count(sweep.replications),
        origins=[*(row.origin for row in table.rows), fresh.origin],
    )
    put({REPORT: html}, folder)
    return folder / REPORT


def _in_widths(figures: Callable[..., Mapping[str, Any]], of: Any) -> dict[str, Draw]:
    """What draws each figure on a sheet."""
    made = {sheet: figures(of, sheet) for sheet in SHEETS}

    def draw(name: str, sheet: Sheet) -> Picture | None:
        found: Picture | None = made[sheet][name]()
        return found

    return {name: partial(draw, name) for name in made[DOUBLE]}
