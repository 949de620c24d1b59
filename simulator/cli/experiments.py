"""Commands that ask many questions: compare, sweep, collective."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from simulator.cli.base import (
    MOST_REPLICATIONS,
    RESULTS,
    Engine,
    File,
    Json,
    Out,
    Overrides,
    Settings,
    app,
    changes_of,
    guarded,
    is_file,
    spelled,
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
    crew_of,
    engine_for,
    lanes,
    made,
    stored_run,
)

if TYPE_CHECKING:
    from simulator.runs import Run
    from simulator.scenario.sweeping import Block
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
    engine: Engine = "auto",
    settings: Settings = None,
    out: Out = RESULTS,
    as_json: Json = False,
) -> None:
    """Tell what scenarios come to otherwise than the first, pair by pair on the same draws."""
    from simulator import (  # noqa: PLC0415
        comparison_plots,
        comparison_words,
        comparisons,
        origins,
        study_reporting,
        terminal,
    )
    from simulator.simulation import Question  # noqa: PLC0415

    if len(sides) < 2:
        raise typer.BadParameter("two runs or scenarios are needed", param_hint="A B...")
    again = spelled(
        *("sim", "compare", *sides),
        set=settings,
        seed=seed,
        reps=reps,
        precision=precision,
        cluster=cluster,
        insecure_cluster=insecure_cluster,
        engine=engine,
        out=out,
    )
    asked = [_side(side, seed, reps, changes_of(settings), out) for side in sides]
    replications = sum(one.goal.most for one in asked if isinstance(one, Question))
    named = engine_for(engine, replications)
    with crew_of(workers, cluster, named, insecure=insecure_cluster) as crew:
        compared = comparisons.sampled(asked, precision, partial(made, crew, out, again))
    before, *others = compared
    told = [comparisons.compare(before, after) for after in others]
    with terminal.unbroken():
        folder = comparison_plots.save_comparison(compared, out)
        study_reporting.comparison_report(compared, folder, origins.command_for_others(again))
    if as_json:
        data = {"schema": "sim.compare/1", "comparisons": [comparisons.as_data(t) for t in told]}
        terminal.put_json(data | {"files": {"folder": str(folder)}})
    else:
        texts = (
            comparison_words.words(one, folder=folder if one is told[-1] else None) for one in told
        )
        terminal.put("\n".join(texts))
    if precision is not None and max(map(comparisons.change_width, told)) > precision:
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
    engine: Engine = "auto",
    settings: Settings = None,
    overrides: Overrides = None,
    dry_run: DryRun = False,
    out: Out = RESULTS,
    max_replications: MaxReps = MOST_REPLICATIONS,
    as_json: Json = False,
) -> None:
    """Try many settings of a scenario on the same draws, and tell whether one is the best."""
    from simulator import (  # noqa: PLC0415
        designs,
        origins,
        runs,
        study_reporting,
        sweep_plots,
        sweep_words,
        sweeps,
        terminal,
    )
    from simulator.engines.choice import chosen  # noqa: PLC0415
    from simulator.scenario.reading import read  # noqa: PLC0415
    from simulator.storage import BYTES_PER_REPLICATION  # noqa: PLC0415

    apart(out, file)
    found = read(file, changes_of(settings), overrides=overrides or ())
    warn(found.warnings)
    scenario = found.scenario
    block = _varied(vary, found.sweep, design, points)
    seed, each = runs.planned(scenario, seed, reps, max_replications)
    cells = designs.size(block.factors, block.design, block.points)
    total = (cells + 1) * each
    seconds = total * _seconds(scenario, chosen(engine, total))
    if total > max_replications:
        _refuse(cells, each, seconds, max_replications)
    asked = sweeps.study(scenario, block.factors, block.design, block.points)
    size = total * BYTES_PER_REPLICATION / 2
    told = sweep_words.plan(asked.settings, each, seconds / lanes(workers), size)
    if dry_run:
        terminal.put(told)
        return
    terminal.say(told.partition("\n")[0])
    again = spelled(
        *("sim", "sweep", file),
        vary=vary,
        design=design,
        points=points,
        override=overrides,
        set=settings,
        seed=seed,
        reps=reps,
        cluster=cluster,
        insecure_cluster=insecure_cluster,
        engine=engine,
        out=out,
        max_replications=max_replications,
    )
    named = engine_for(engine, total)
    with crew_of(workers, cluster, named, insecure=insecure_cluster) as crew:
        swept = sweeps.swept(asked, seed, each, partial(made, crew, out, again))
    with terminal.unbroken():
        folder = sweep_plots.save_sweep(swept, out)
        study_reporting.sweep_report(swept, folder, origins.command_for_others(again))
    if as_json:
        data = sweeps.as_data(swept)
        terminal.put_json(data | {"files": {"folder": str(folder)}})
    else:
        terminal.put(sweep_words.words(swept, folder=folder, repeat=again))


def _varied(
    vary: list[str] | None, of_file: "Block | None", design: str | None, points: int | None
) -> "Block":
    """What the command line asks to vary, or else the file."""
    from simulator.scenario.sweeping import Block, parse_factor  # noqa: PLC0415

    if vary:
        of_file = Block(tuple(map(parse_factor, vary)))
    if of_file is None:
        message = "nothing to vary: the file has no sweep block"
        raise typer.BadParameter(message, param_hint="--vary")
    return Block(of_file.factors, design or of_file.design, points or of_file.points)


def _refuse(cells: int, each: int, seconds: float, most: int) -> None:
    """Refuse a sweep that is too large, with what it would take."""
    from simulator.errors import Problem, RefusedError  # noqa: PLC0415
    from simulator.storage import BYTES_PER_REPLICATION  # noqa: PLC0415

    size = (cells + 1) * each * BYTES_PER_REPLICATION / 1e9
    note = f"about {seconds / 3600:,.0f} hours on one core, {size:,.0f} GB"
    message = f"{cells:,} settings of {each:,} replications are too many, the limit is {most:,}"
    raise RefusedError(Problem("S183", message, note=note), "--max-replications")


def _seconds(scenario: "Scenario", engine: str) -> float:
    from simulator.scenario.sizes import SECONDS_PER_ORDER, expected_orders  # noqa: PLC0415

    return SECONDS_PER_ORDER[engine] * expected_orders(scenario)


def _side(
    text: str, seed: int | None, reps: int | None, changes: dict[str, object], out: Path
) -> "Run | Question":
    """A stored run as it is, or the question of a scenario file."""
    from simulator import runs  # noqa: PLC0415
    from simulator.sampling import Goal  # noqa: PLC0415
    from simulator.scenario.reading import read  # noqa: PLC0415
    from simulator.simulation import Question  # noqa: PLC0415

    file, _, name = text.partition("@")
    if not is_file(file):
        return stored_run(text, out)
    found = read(file, changes, overrides=(name,) if name else ())
    warn(found.warnings)
    seed, most = runs.planned(found.scenario, seed, reps)
    return Question(found.scenario, seed, Goal(most))


@app.command()
@guarded
def collective(  # noqa: PLR0913 -- each one is an option
    file: File,
    *,
    reps: Reps = None,
    seed: Seed = None,
    workers: Workers = None,
    engine: Engine = "auto",
    settings: Settings = None,
    overrides: Overrides = None,
    out: Out = RESULTS,
    as_json: Json = False,
) -> None:
    """Tell what each part of a scenario's collective does: cost, netting, diversion and more."""
    from simulator import collective_words, collectives, runs, terminal  # noqa: PLC0415
    from simulator.sampling import Goal  # noqa: PLC0415
    from simulator.scenario.reading import read  # noqa: PLC0415
    from simulator.simulation import Question  # noqa: PLC0415

    apart(out, file)
    found = read(file, changes_of(settings), overrides=overrides or ())
    warn(found.warnings)
    seed, each = runs.planned(found.scenario, seed, reps)
    again = spelled(
        *("sim", "collective", file),
        override=overrides,
        set=settings,
        seed=seed,
        reps=reps,
        engine=engine,
        out=out,
    )
    question = Question(found.scenario, seed, Goal(each))
    with crew_of(workers, None, engine_for(engine, each * 8)) as crew:
        told = collectives.parts(question, partial(made, crew, out, again))
    if as_json:
        terminal.put_json({"schema": "sim.collective/1", "parts": collectives.as_data(told)})
    else:
        terminal.put(collective_words.words(found.scenario, told))
