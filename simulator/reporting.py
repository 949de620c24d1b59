"""Reporting: reports of runs, comparisons and sweeps as files, and the brief of a run."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from simulator import (
    comparison_plots,
    comparison_words,
    plots,
    study_reports,
    sweep_plots,
    sweep_words,
    wording,
)
from simulator.brief_words import brief
from simulator.comparisons import compare
from simulator.drawing import DOUBLE, SHEETS, Picture, Sheet
from simulator.files import faults, written
from simulator.influence import unknown
from simulator.input_plots import INPUT_FIGURES
from simulator.origins import Origins
from simulator.pages import Draw, Shown, page, shown
from simulator.reports import basis
from simulator.reports import report as told
from simulator.runs import Run
from simulator.sweeps import Sweep

REPORT, BRIEF = "report.html", "brief.md"

SECTIONS = {
    "target": ("distribution", "fan"),
    "binds": ("waterfall",),
    "hangs": ("tornado", "evidence"),
}
"""Figures of a report by the section in which they stand."""

CONTENTS = (
    ("target", "The target"),
    ("outside", "Outside view"),
    ("binds", "What binds"),
    ("deal", "Largest deal"),
    ("hangs", "What it hangs on"),
    ("credibility", "Credibility"),
    ("covered", "Not covered"),
    ("assumptions", "Assumptions"),
    ("repeat", "How to repeat"),
    ("numbers", "Where numbers come from"),
)


def report(
    run: Run,
    folder: Path,
    *,
    where: Origins | None = None,
    manifest: Mapping[str, Any] | None = None,
) -> list[Path]:
    """Write what a run says as one page of HTML without script, and as a brief of one page.

    The same run gives the same bytes; files that hold them already are left alone.

    Args:
        run: The run.
        folder: Where the files go; made if it is missing.
        where: The lines of the scenario from which its values come.
        manifest: That of the stored run, for versions and hashes.

    Returns:
        ``report.html`` and ``brief.md``.

    Raises:
        EnvironmentFaultError: The machine does not allow it.

    Example:
        >>> simulator.report(run, Path("results"))  # doctest: +SKIP

    """
    said = told(run, where or Origins(), manifest)
    answer = said.answer
    drawn = _figures(run, said.influences)
    html = page(
        "run.html.j2",
        report=said,
        basis=basis(run.scenario, answer),
        verdict=wording.verdict_words(answer),
        precision=wording.precision_words(answer),
        blocking=f"What blocks most: {wording.blocking_words(answer)}",
        outside=wording.outside_view(answer.outside) if answer.outside else "",
        deal=wording.deal_words(answer.largest_deal) if answer.largest_deal else "",
        suppositions=sorted(wording.alike(answer.suppositions), key=_path),
        unknown=unknown(run),
        context=run.scenario.context_of_use,
        known=run.scenario.information_date,
        replications=wording.count(run.replications),
        figures={
            section: [drawn[name] for name in names if name in drawn]
            for section, names in SECTIONS.items()
        },
        contents=CONTENTS,
        places={one.entry.path: f"input-{n}" for n, one in enumerate(said.assumptions, start=1)},
    )
    put({REPORT: html, BRIEF: brief(said, run.scenario)}, folder)
    return [folder / REPORT, folder / BRIEF]


def put(texts: Mapping[str, str], folder: Path) -> None:
    """Write files that are not there or say something else.

    Raises:
        EnvironmentFaultError: The machine does not allow it.

    """
    with faults(folder):
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            path = folder / name
            if not path.exists() or path.read_bytes() != text.encode():
                written(path, text)


def _figures(run: Run, found: Any) -> dict[str, Shown]:
    """The figures of the report of a run."""
    draws: dict[str, Draw] = {name: partial(draw, run) for name, draw in plots.FIGURES.items()}
    draws |= {name: partial(draw, run, found) for name, draw in INPUT_FIGURES.items()}
    wanted = [name for names in SECTIONS.values() for name in names]
    return shown(
        {name: draws[name] for name in wanted},
        f"plots/{{name}}.csv, plots/{{name}}.svg; {wording.count(run.replications)} runs, seed "
        f"{run.seed}, run {run.id}",
    )


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
        differences=[sorted(wording.alike(one.differences), key=_path) for one in compared_to],
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


def _path(alike: tuple[str, Any, int]) -> str:
    return alike[0]
