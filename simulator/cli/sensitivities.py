"""Commands about what an answer hangs on: sensitivity."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

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
    crew_of,
    engine_for,
    lanes,
)

if TYPE_CHECKING:
    from simulator.executors import Workforce
    from simulator.scenario.types import Scenario
    from simulator.sensitivities import Sensitivity, Study

Which = Annotated[
    list[str] | None,
    typer.Option(
        "--input",
        metavar="PATH",
        help="Only these inputs, * for any name; repeatable. [default: all with a law]",
    ),
]
Method = Annotated[
    Literal["tornado", "morris", "sobol"],
    typer.Option("--method", help="P10 and P90 one at a time, or indices (need SALib)."),
]
Top = Annotated[
    int | None,
    typer.Option("--top", min=1, help="Inputs that are looked at closely. [default: 15; sobol: 8]"),
]
Points = Annotated[
    int | None,
    typer.Option("--points", min=2, help="Design of morris and sobol. [default: 8; 256]"),
]
EachReps = Annotated[
    int | None,
    typer.Option("--reps", min=2, help="Replications of each setting. [default: 1000; 10]"),
]


@app.command()
@guarded
def sensitivity(  # noqa: PLR0913 -- each one is an option
    file: File,
    *,
    inputs: Which = None,
    method: Method = "tornado",
    top: Top = None,
    points: Points = None,
    reps: EachReps = None,
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
    """Tell which uncertain inputs move the answer, and which to find out first."""
    from simulator import (  # noqa: PLC0415
        sensitivities,
        sensitivity_plots,
        sensitivity_words,
        terminal,
    )
    from simulator.engines.choice import chosen  # noqa: PLC0415
    from simulator.scenario.reading import read  # noqa: PLC0415
    from simulator.scenario.sizes import SECONDS_PER_ORDER, expected_orders  # noqa: PLC0415

    apart(out, file)
    found = read(file, changes_of(settings), overrides=overrides or ())
    warn(found.warnings)
    scenario = found.scenario
    asked = sensitivities.study(
        scenario, inputs or (), method=method, top=top, points=points, seed=seed,
        replications=reps, most=max_replications,
    )  # fmt: skip
    each = SECONDS_PER_ORDER[chosen(engine, asked.runs())] * expected_orders(scenario)
    terminal.say(sensitivity_words.plan(asked, asked.seconds(each) / lanes(workers)))
    again = spelled(
        *("sim", "sensitivity", file),
        input=inputs,
        method=None if method == "tornado" else method,
        top=top,
        points=points,
        override=overrides,
        set=settings,
        seed=asked.seed,
        reps=reps,
        cluster=cluster,
        insecure_cluster=insecure_cluster,
        engine=engine,
        out=out,
        max_replications=max_replications,
    )
    named = engine_for(engine, asked.runs())
    with crew_of(workers, cluster, named, insecure=insecure_cluster) as crew:
        told = _studied(asked, scenario, crew, out, again)
    with terminal.unbroken():
        folder = sensitivity_plots.save_sensitivity(told, out)
    if as_json:
        data = sensitivities.as_data(told)
        terminal.put_json(data | {"files": {"folder": str(folder)}})
    else:
        terminal.put(sensitivity_words.words(told, folder=folder, repeat=again))


def _studied(
    asked: "Study", scenario: "Scenario", crew: "Workforce", out: Path, again: str
) -> "Sensitivity":
    """The sensitivity, from what is kept as far as it is there; it may be stopped."""
    from simulator import sensitivities, storage, terminal, trials, wording  # noqa: PLC0415
    from simulator.errors import StoppedError  # noqa: PLC0415

    storage.ready(out, sensitivities.MORE * asked.replications)
    total = asked.runs()
    with terminal.progress(scenario.name) as progress, terminal.stopping() as stop:
        ask = trials.asking(
            scenario, crew, results=out, stop=stop, progress=lambda done, _: progress(done, total)
        )
        try:
            return sensitivities.studied(asked, ask, terminal.say)
        except StoppedError as error:
            terminal.put(wording.stopped(None, error.made, total, again))
            raise typer.Exit(stop.code) from None
