"""Commands that ask many questions: compare, sweep."""

import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from simulator.cli.base import (
    File,
    Json,
    Out,
    Overrides,
    Settings,
    app,
    changes_of,
    guarded,
    is_file,
    warn,
)
from simulator.cli.runs import (
    Cluster,
    Insecure,
    MaxReps,
    Reps,
    Seed,
    Workers,
    apart,
    made,
    workforce,
)

if TYPE_CHECKING:
    from simulator.executors import Workforce
    from simulator.runs import Run
    from simulator.scenario.types import Scenario
    from simulator.simulation import Question

Vary = Annotated[
    list[str] | None,
    typer.Option(
        "--vary",
        metavar="PATH=VALUES",
        help="Values 1..4, 0.1..0.5:5 or a,b,c; repeatable. [default: the file's sweep block]",
    ),
]
Design = Annotated[
    str | None, typer.Option("--design", help="grid, zip, latin or sobol. [default: grid]")
]
Points = Annotated[
    int | None, typer.Option("--points", min=1, help="Settings of latin and sobol. [default: 16]")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only tell what would be run.")]
Sides = Annotated[
    list[str],
    typer.Argument(
        metavar="A B...",
        help="Stored runs, or scenario files, with FILE@NAME for a named override; A is the base.",
    ),
]
DifferencePrecision = Annotated[
    float | None,
    typer.Option(
        "--precision",
        min=1e-4,
        max=0.5,
        help="Stop when the change of the chance is known to +- so much.",
    ),
]


@app.command()
@guarded
def compare(  # noqa: PLR0913 -- each one is an option
    sides: Sides,
    *,
    reps: Reps = None,
    precision: DifferencePrecision = None,
    seed: Seed = None,
    workers: Workers = None,
    cluster: Cluster = None,
    insecure_cluster: Insecure = False,
    settings: Settings = None,
    out: Out = Path("results"),
    as_json: Json = False,
) -> None:
    """Tell what scenarios come to otherwise than the first, pair by pair on the same draws."""
    from simulator import comparison_words, comparisons, storage, terminal  # noqa: PLC0415

    if len(sides) < 2:
        raise typer.BadParameter("two runs or scenarios are needed", param_hint="A B...")
    options = [("--reps", reps), ("--seed", seed), ("--precision", precision)]
    again = ["sim", "compare", *sides]
    again += [str(part) for option in options if option[1] is not None for part in option]
    again += [part for setting in settings or () for part in ("--set", setting)]
    asked = [_side(side, seed, reps, changes_of(settings), out) for side in sides]
    with workforce(workers, cluster, insecure=insecure_cluster) as crew:
        compared = _compared(asked, precision, crew, out, shlex.join(again))
    before, *others = compared
    told = [comparisons.compare(before, after) for after in others]
    folder = storage.save_comparison(compared, out)
    if as_json:
        data = {"schema": "sim.compare/1", "comparisons": [comparisons.as_data(t) for t in told]}
        terminal.put_json(data | {"files": {"folder": str(folder)}})
    else:
        texts = (
            comparison_words.words(one, folder=folder if one is told[-1] else None) for one in told
        )
        terminal.put("\n".join(texts))
    if precision is not None and any(
        one.chances and one.chances[0].change.half_width > precision for one in told
    ):
        terminal.say("Not as precise as asked; more --reps would be needed.")
        raise typer.Exit(7)


@app.command()
@guarded
def sweep(  # noqa: PLR0913 -- each one is an option
    file: File,
    *,
    vary: Vary = None,
    design: Design = None,
    points: Points = None,
    reps: Reps = None,
    seed: Seed = None,
    workers: Workers = None,
    cluster: Cluster = None,
    insecure_cluster: Insecure = False,
    settings: Settings = None,
    overrides: Overrides = None,
    dry_run: DryRun = False,
    out: Out = Path("results"),
    max_replications: MaxReps = 10_000_000,
    as_json: Json = False,
) -> None:
    """Try many settings of a scenario on the same draws, and tell whether one is the best."""
    from simulator import designs, runs, sweep_plots, sweep_words, sweeps, terminal  # noqa: PLC0415
    from simulator.scenario.reading import read  # noqa: PLC0415
    from simulator.storage import BYTES_PER_REPLICATION  # noqa: PLC0415

    apart(out, file)
    found = read(file, changes_of(settings), overrides=overrides or ())
    warn(found.warnings)
    if vary:
        factors, kind, count = [designs.parse_factor(text) for text in vary], "grid", None
    else:
        factors, kind, count = designs.from_block(found.sweep)
    kind, count = design or kind, points or count
    seed, each = runs.planned(found.scenario, seed, reps, max_replications)
    _allowed(found.scenario, designs.size(factors, kind, count), each, max_replications)
    tried = designs.points(factors, kind, count)
    sweeps.varied(found.scenario, tried)
    runs_in_all = (len(tried) + 1) * each
    seconds = runs_in_all * _seconds(found.scenario) / (workers or len(os.sched_getaffinity(0)))
    told = sweep_words.plan(tried, each, seconds, runs_in_all * BYTES_PER_REPLICATION / 2)
    if dry_run:
        terminal.put(told)
        return
    terminal.say(told.partition("\n")[0])
    again = _again(file, vary, design, points, reps, seed, settings, overrides)
    with workforce(workers, cluster, insecure=insecure_cluster) as crew:
        swept = sweeps.swept(
            found.scenario,
            factors,
            kind,
            count,
            seed,
            each,
            lambda questions: made(questions, crew, out, again),
        )
    folder = sweep_plots.save_sweep(swept, out)
    if as_json:
        data = {"schema": "sim.sweep/1", **sweeps.as_data(swept)}
        terminal.put_json(data | {"files": {"folder": str(folder)}})
    else:
        terminal.put(sweep_words.words(swept, folder=folder, repeat=again))


def _again(file: str, *options: object) -> str:
    """The command line that asks the same sweep again."""
    names = ("--vary", "--design", "--points", "--reps", "--seed", "--set", "--override")
    words = ["sim", "sweep", file]
    for name, given in zip(names, options, strict=True):
        each = given if isinstance(given, list) else [given]
        words += [part for one in each if one is not None for part in (name, str(one))]
    return shlex.join(words)


def _allowed(scenario: "Scenario", cells: int, each: int, most: int) -> None:
    """Refuse a sweep that is too large, with what it would take."""
    from simulator.errors import Problem, RefusedError  # noqa: PLC0415
    from simulator.storage import BYTES_PER_REPLICATION  # noqa: PLC0415

    total = (cells + 1) * each
    if total > most:
        hours = total * _seconds(scenario) / 3600
        note = (
            f"about {hours:,.0f} hours on one core, {total * BYTES_PER_REPLICATION / 1e9:,.0f} GB"
        )
        message = f"{cells:,} settings of {each:,} replications are too many, the limit is {most:,}"
        raise RefusedError(Problem("S183", message, note=note), "--max-replications")


def _seconds(scenario: "Scenario") -> float:
    from simulator.scenario.sizes import SECONDS_PER_ORDER, expected_orders  # noqa: PLC0415

    return SECONDS_PER_ORDER * expected_orders(scenario)


def _side(
    text: str, seed: int | None, reps: int | None, changes: dict[str, object], out: Path
) -> "Run | Question":
    """A stored run as it is, or the question of a scenario file."""
    from simulator import comparisons, runs, storage  # noqa: PLC0415
    from simulator.sampling import Goal  # noqa: PLC0415
    from simulator.scenario.reading import read  # noqa: PLC0415
    from simulator.simulation import Question  # noqa: PLC0415

    file, _, name = text.partition("@")
    if not is_file(file):
        folder = storage.find(text, out)
        run = storage.load_run(folder)
        if run.is_complete:
            made_by = storage.manifest_of(folder)
            versions = made_by["model_version"], made_by["draw_scheme"]
            comparisons.refuse(comparisons.basis(run), comparisons.basis(run, *versions))
        return run
    found = read(file, changes, overrides=(name,) if name else ())
    warn(found.warnings)
    seed, most = runs.planned(found.scenario, seed, reps)
    return Question(found.scenario, seed, Goal(most))


def _compared(
    sides: "list[Run | Question]",
    precision: float | None,
    workers: "Workforce",
    out: Path,
    again: str,
) -> "list[Run]":
    """Every side as a run; with a precision, no more replications than it takes.

    Looks come as in a run of its own, at numbers that follow from what was seen before.
    """
    from dataclasses import replace  # noqa: PLC0415

    from simulator import comparisons  # noqa: PLC0415
    from simulator.runs import Run  # noqa: PLC0415
    from simulator.sampling import FIRST_LOOK, Goal, enlarged  # noqa: PLC0415

    questions = [side for side in sides if not isinstance(side, Run)]
    bases = [comparisons.basis(side if isinstance(side, Run) else side.scenario) for side in sides]
    for other in bases[1:]:
        comparisons.refuse(bases[0], other)
    most = max((question.goal.most for question in questions), default=0)
    count = most if precision is None else min(most, FIRST_LOOK)
    while True:
        asked = [replace(q, goal=Goal(min(count, q.goal.most))) for q in questions]
        answered = iter(made(asked, workers, out, again) if asked else ())
        compared = [side if isinstance(side, Run) else next(answered) for side in sides]
        if precision is None or count >= most:
            return compared
        told = [comparisons.compare(compared[0], after).chances for after in compared[1:]]
        width = max((chances[0].change.half_width for chances in told if chances), default=0.0)
        if width <= precision:
            return compared
        count = min(most, enlarged(count, (width / precision) ** 2))
