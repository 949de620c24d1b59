"""Reporting: the report of a run and its one-page brief as files."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from simulator import plots, wording
from simulator.brief_words import brief
from simulator.files import faults, written
from simulator.influence import unknown
from simulator.input_plots import INPUT_FIGURES
from simulator.origins import Origins
from simulator.pages import Draw, Shown, page, shown
from simulator.reports import basis
from simulator.reports import report as told
from simulator.runs import Run

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
        suppositions=sorted(wording.alike(answer.suppositions), key=by_path),
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


def by_path(alike: tuple[str, Any, int]) -> str:
    """The place of a difference in a list whose order means nothing."""
    return alike[0]
