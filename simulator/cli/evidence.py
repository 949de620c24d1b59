"""Commands about other economies and the past: outside, potential, backtest, score."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from simulator.cli.base import (
    PANEL,
    RESULTS,
    Engine,
    File,
    Json,
    Out,
    Overrides,
    PanelFolder,
    Settings,
    app,
    changes_of,
    guarded,
    spelled,
    warn,
)
from simulator.cli.results import Stored
from simulator.cli.runs import Workers, crew_of, engine_for, made

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from simulator.runs import Run
    from simulator.scenario.types import Scenario

Group = Annotated[
    Literal["sanctioned", "control", "all"], typer.Option("--group", help="Which pairs.")
]
SEED = 20230313
"""Of all forecasts of a back-test."""


@app.command()
@guarded
def outside(
    file: File,
    *,
    panel: PanelFolder = None,
    settings: Settings = None,
    overrides: Overrides = None,
    as_json: Json = False,
) -> None:
    """Tell how often pairs of comparable size achieved what a scenario's target asks."""
    from dataclasses import asdict  # noqa: PLC0415

    from simulator import outside_words, terminal  # noqa: PLC0415
    from simulator.errors import Problem, ScenarioError  # noqa: PLC0415
    from simulator.evidence import outside as evidence  # noqa: PLC0415
    from simulator.evidence import panels  # noqa: PLC0415
    from simulator.scenario.reading import read  # noqa: PLC0415

    found = read(file, changes_of(settings), overrides=overrides or ())
    warn(found.warnings)
    if panel is None:
        view = evidence.outside(found.scenario)
    else:
        last = found.scenario.information_date.year - 1
        known = panels.records(panel).turnovers.until(last)
        view = evidence.outside(found.scenario, evidence.rates(known), known.years)
    if view is None:
        raise ScenarioError([Problem("S192", evidence.NOT_COMPARABLE, file)])
    if as_json:
        terminal.put_json({"schema": "sim.outside/1", **asdict(view)})
    else:
        terminal.put(outside_words.words(found.scenario, view))


@app.command()
@guarded
def potential(
    file: File,
    *,
    panel: Annotated[Path, PANEL],
    settings: Settings = None,
    overrides: Overrides = None,
    as_json: Json = False,
) -> None:
    """Tell what a scenario's trade costs do in the long run, to the pair and to third countries."""
    from dataclasses import asdict  # noqa: PLC0415

    from simulator import potential_words, terminal  # noqa: PLC0415
    from simulator.evidence import counterfactuals, gravity, panels  # noqa: PLC0415
    from simulator.scenario.reading import read  # noqa: PLC0415

    found = read(file, changes_of(settings), overrides=overrides or ())
    warn(found.warnings)
    records = panels.records(panel)
    impact = counterfactuals.impact(found.scenario, records)
    expected = None
    if gravity.is_available():
        expected = gravity.estimated(records, found.scenario.base.year)
    else:
        terminal.say(f"note: {gravity.MISSING}")
    if as_json:
        told = {"schema": "sim.potential/1", **asdict(impact)}
        terminal.put_json(told | {"gravity": expected and gravity.as_data(expected, impact.pair)})
    else:
        terminal.put(potential_words.words(found.scenario, impact, expected))


@app.command()
@guarded
def backtest(  # noqa: PLR0913 -- the verb's options
    *,
    panel: Annotated[Path, PANEL],
    group: Group = "sanctioned",
    reps: Annotated[int, typer.Option("--reps", min=20, help="Replications of a forecast.")] = 200,
    workers: Workers = None,
    engine: Engine = "auto",
    out: Out = RESULTS,
    as_json: Json = False,
) -> None:
    """Score forecasts from a panel as it was known, against what happened and simple benchmarks."""
    from dataclasses import asdict  # noqa: PLC0415

    from simulator import backtest_plots, backtest_words, terminal  # noqa: PLC0415
    from simulator.evidence import backtest as evidence  # noqa: PLC0415
    from simulator.evidence import panels  # noqa: PLC0415
    from simulator.evidence.panels import CONTROL, SANCTIONED  # noqa: PLC0415
    from simulator.sampling import Goal  # noqa: PLC0415
    from simulator.simulation import Question  # noqa: PLC0415

    groups = {"sanctioned": [SANCTIONED], "control": [CONTROL], "all": [SANCTIONED, CONTROL]}
    records = panels.records(panel)
    known = evidence.cases(records, groups[group])
    again = spelled(
        *("sim", "backtest"), panel=panel, group=group, reps=reps, engine=engine, out=out
    )

    def answering(scenarios: "Sequence[Scenario]") -> "Iterable[Run]":
        questions = [Question(scenario, SEED, Goal(reps)) for scenario in scenarios]
        with crew_of(workers, None, engine_for(engine, reps * len(questions))) as crew:
            return made(crew, out, again, questions)

    questions = len({(case.pair, case.origin) for case in known})
    terminal.say(
        f"{questions} scenarios of {len({case.pair for case in known})} pairs are written."
    )
    results = list(evidence.scored(records, known, answering))
    lines = evidence.table(results)
    with terminal.unbroken():
        folder = backtest_plots.save_backtest(results, out)
    if as_json:
        told = {"schema": "sim.backtest/1", "scores": [asdict(x) for x in lines]}
        terminal.put_json(told | {"files": {"folder": str(folder)}})
    else:
        terminal.put(backtest_words.words(lines, folder))


@app.command()
@guarded
def score(
    run: Stored,
    *,
    published: Annotated[
        str, typer.Option("--published", metavar="CSV", help="What was published after all.")
    ],
    out: Out = RESULTS,
    as_json: Json = False,
) -> None:
    """Show where in the forecasts of a run fell what was published later."""
    from dataclasses import asdict  # noqa: PLC0415

    from simulator import outcome_words, storage, terminal  # noqa: PLC0415
    from simulator.evidence import outcomes  # noqa: PLC0415

    stored = storage.load_run(storage.find(run, out))
    found = outcomes.outcomes(stored, outcomes.published(published))
    if as_json:
        terminal.put_json({"schema": "sim.score/1", "outcomes": [asdict(one) for one in found]})
    else:
        terminal.put(outcome_words.words(stored, found))
