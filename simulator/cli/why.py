"""Commands about what binds: why."""

from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from simulator.cli.base import (
    MOST_REPLICATIONS,
    RESULTS,
    Engine,
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
    Seed,
    Workers,
    apart,
    condensed,
    crew_of,
    engine_for,
    lanes,
    stored_run,
)

if TYPE_CHECKING:
    from simulator.reasons import Study

Asked = Annotated[str, typer.Argument(metavar="RUN|FILE", help="A stored run, or a scenario.")]
Reps = Annotated[
    int | None,
    typer.Option("--reps", min=1, help="Replications of each setting. [default: at most 400]"),
]
Sampled = Annotated[
    int | None,
    typer.Option(
        "--sampled",
        min=1,
        metavar="N",
        help="Sample N orders of removal. [default: all of them for at most 7 frictions]",
    ),
]


@app.command()
@guarded
def why(  # noqa: PLR0913 -- each one is an option
    asked: Asked,
    *,
    reps: Reps = None,
    sampled: Sampled = None,
    seed: Seed = None,
    workers: Workers = None,
    cluster: Cluster = None,
    insecure_cluster: Insecure = False,
    engine: Engine = "auto",
    settings: Settings = None,
    overrides: Overrides = None,
    out: Out = RESULTS,
    max_replications: MaxReps = MOST_REPLICATIONS,
    as_json: Json = False,
) -> None:
    """Tell what keeps trade below its potential: what binds now, and what would bind next."""
    from simulator import reason_plots, reason_words, reasons, terminal  # noqa: PLC0415
    from simulator.engines.choice import chosen  # noqa: PLC0415
    from simulator.scenario.reading import read  # noqa: PLC0415
    from simulator.scenario.sizes import SECONDS_PER_ORDER, expected_orders  # noqa: PLC0415
    from simulator.storage import BYTES_PER_REPLICATION  # noqa: PLC0415

    if is_file(asked):
        apart(out, asked)
        found = read(asked, changes_of(settings), overrides=overrides or ())
        warn(found.warnings)
        scenario = found.scenario
    else:
        if settings or overrides:
            message = "a stored run is what it is; changes need a file"
            raise typer.BadParameter(message, param_hint="--set" if settings else "--override")
        run = stored_run(asked, out)
        scenario, seed = run.scenario, run.seed if seed is None else seed
        reps = min(run.replications, reasons.USUAL_REPLICATIONS) if reps is None else reps
    seed, each = reasons.planned(scenario, seed, reps, max_replications)
    study = reasons.study(scenario, sampled)
    total = study.most_settings * each
    _refuse(study, each, max_replications)
    seconds = total * SECONDS_PER_ORDER[chosen(engine, total)] * expected_orders(scenario)
    size = total * BYTES_PER_REPLICATION / 2
    terminal.say(reason_words.plan(study, each, seconds / lanes(workers), size))
    again = spelled(
        *("sim", "why", asked),
        override=overrides,
        set=settings,
        sampled=sampled,
        seed=seed,
        reps=each,
        cluster=cluster,
        insecure_cluster=insecure_cluster,
        engine=engine,
        out=out,
        max_replications=max_replications,
    )
    named = engine_for(engine, total)
    with crew_of(workers, cluster, named, insecure=insecure_cluster) as crew:
        settled = partial(condensed, crew, out, again, reasons.outcome)
        told = reasons.reasons(study, seed, each, settled)
    with terminal.unbroken():
        folder = reason_plots.save_reasons(told, out)
    if as_json:
        data = reasons.as_data(told)
        terminal.put_json(data | {"files": {"folder": str(folder)}})
    else:
        terminal.put(reason_words.words(told, folder=folder, repeat=again))


def _refuse(study: "Study", each: int, most: int) -> None:
    """Refuse a question that is too large."""
    from simulator.errors import Problem, RefusedError  # noqa: PLC0415

    settings = study.most_settings
    if settings * each > most:
        message = f"{settings:,} settings of {each:,} replications are too many"
        note = f"the limit is {most:,}; fewer --reps, or --sampled with few orders, are quicker"
        raise RefusedError(Problem("S183", message, note=note), "--max-replications")
