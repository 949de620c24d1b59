"""Commands that ask what would have to be true: need, find."""

from functools import partial
from typing import Annotated

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
    Reps,
    Seed,
    Workers,
    apart,
    crew_of,
    engine_for,
    made,
)

Probability = Annotated[
    float, typer.Option("--probability", metavar="P", help="How likely the target is to be.")
]
Levers = Annotated[
    list[str] | None,
    typer.Option(
        "--vary",
        metavar="PATH[=LOW..HIGH]",
        help="A lever, and how far it may go; several give the cheapest mix. "
        "[default range: its law, or what is usual]",
    ),
]
Costs = Annotated[
    list[str] | None,
    typer.Option(
        "--cost",
        metavar="PATH=COST",
        help="Cost of a change by one unit. [default: of the scenario, or the share of the range]",
    ),
]
TargetDate = Annotated[
    bool, typer.Option("--target-date", help="Vary the year of the target, and no lever.")
]


@app.command()
@guarded
def need(  # noqa: PLR0913 -- each one is an option
    file: File,
    *,
    probability: Probability,
    vary: Levers = None,
    cost: Costs = None,
    target_date: TargetDate = False,
    reps: Reps = None,
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
    """Find the smallest change, or the cheapest mix, that makes the target likely enough."""
    from simulator import need_plots, need_words, needs, runs, terminal  # noqa: PLC0415
    from simulator.scenario.levers import parse_cost  # noqa: PLC0415
    from simulator.scenario.reading import read  # noqa: PLC0415

    if bool(vary) == target_date:
        message = "exactly one of --vary and --target-date is needed"
        raise typer.BadParameter(message, param_hint="--vary")
    apart(out, file)
    found = read(file, changes_of(settings), overrides=overrides or ())
    warn(found.warnings)
    scenario = found.scenario
    seed, each = runs.planned(scenario, seed, reps, max_replications)
    costs = dict(map(parse_cost, cost or ()))
    levers = needs.study(scenario, _varied(vary), probability, each, costs)
    expected = needs.expected_runs(levers) * each
    again = spelled(
        *("sim", "need", file),
        probability=probability,
        vary=vary,
        cost=cost,
        target_date=target_date,
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
    named = engine_for(engine, expected)
    with crew_of(workers, cluster, named, insecure=insecure_cluster) as crew:
        answers = partial(made, crew, out, again, is_last=False)
        answer = needs.needed(scenario, levers, probability, seed, each, answers)
    with terminal.unbroken():
        folder = need_plots.save_need(answer, out)
    if as_json:
        data = needs.as_data(answer)
        terminal.put_json(data | {"files": {"folder": str(folder)}})
    else:
        asked = spelled(file, override=overrides, set=settings)
        terminal.put(need_words.words(answer, file=asked, folder=folder, repeat=again))


def _varied(vary: list[str] | None) -> dict[str, object]:
    """The levers and their ranges, each lever once."""
    from simulator.errors import Problem, ScenarioError  # noqa: PLC0415
    from simulator.scenario.levers import parse_lever  # noqa: PLC0415

    found: dict[str, object] = {}
    for path, between in map(parse_lever, vary or ()):
        if path in found:
            raise ScenarioError([Problem("S156", "a path is varied twice", field="--vary")])
        found[path] = between
    return found


Source = Annotated[
    str,
    typer.Argument(metavar="RUN", help="A stored run or sweep, by its folder or id."),
]


@app.command()
@guarded
def find(source: Source, *, out: Out = RESULTS, as_json: Json = False) -> None:
    """Find rules that tell where the target is met from where it is missed."""
    from simulator import finding_words, findings, terminal  # noqa: PLC0415

    found = findings.find(findings.stored(source, out))
    if as_json:
        terminal.put_json({"schema": "sim.find/1", **findings.as_data(found)})
    else:
        terminal.put(finding_words.words(found))
