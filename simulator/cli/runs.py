"""Commands that compute: run."""

import os
import shlex
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from simulator.cli import explorations
from simulator.cli.base import (
    MOST_BYTES,
    MOST_ORDERS,
    MOST_REPLICATIONS,
    RESULTS,
    AllowLong,
    Engine,
    File,
    Json,
    Out,
    Overrides,
    Settings,
    Strict,
    app,
    changes_of,
    guarded,
    limits_of,
    of_input,
    spelled,
    warn,
)

if TYPE_CHECKING:
    from simulator.executors import Workforce
    from simulator.explorations import Exploration
    from simulator.runs import Run
    from simulator.scenario.reading import Reading
    from simulator.simulation import Question

Result = TypeVar("Result")
"""What is kept of a run."""

MOST_FAILURES = 5
"""Failed replications that are told one by one."""

Reps = Annotated[
    int | None,
    typer.Option("--reps", min=1, help="Replications; with --precision, at most so many."),
]
Precision = Annotated[
    float | None,
    typer.Option(
        "--precision",
        min=1e-4,
        max=0.5,
        help="Stop when the chance is known to +- so much. [default: 0.01, without --reps]",
    ),
]
Seed = Annotated[
    int | None, typer.Option("--seed", min=0, max=2**63 - 1, help="Seed of the draws.")
]
Workers = Annotated[
    int | None,
    typer.Option("--workers", min=1, help="Processes or threads. [default: all CPUs]"),
]
Cluster = Annotated[
    str | None,
    typer.Option(
        "--cluster", metavar="ADDRESS", help="Compute on Dask: tcp://127.0.0.1:8786, or local."
    ),
]
Insecure = Annotated[bool, typer.Option("--insecure-cluster", help="Allow tcp to other machines.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print only the run id.")]
MaxReps = Annotated[
    int, typer.Option("--max-replications", min=1, help="Refuse more replications than this.")
]
MaxOrders = Annotated[
    float, typer.Option("--max-orders", min=1, help="Refuse more orders a replication than this.")
]
MaxInput = Annotated[
    int, typer.Option("--max-input-size", min=1, help="Refuse files of more bytes than this.")
]


@app.command()
@guarded
def run(  # noqa: PLR0913 -- each one is an option
    file: File,
    *,
    reps: Reps = None,
    precision: Precision = None,
    seed: Seed = None,
    workers: Workers = None,
    cluster: Cluster = None,
    insecure_cluster: Insecure = False,
    engine: Engine = "auto",
    settings: Settings = None,
    overrides: Overrides = None,
    explore: explorations.Explore = False,
    slider: explorations.Sliders = None,
    out: Out = RESULTS,
    as_json: Json = False,
    quiet: Quiet = False,
    strict: Strict = False,
    max_replications: MaxReps = MOST_REPLICATIONS,
    max_orders: MaxOrders = MOST_ORDERS,
    max_input_size: MaxInput = MOST_BYTES,
    allow_long: AllowLong = False,
) -> None:
    """Answer the question of a scenario, and store the run."""
    from simulator import runs, sampling, terminal  # noqa: PLC0415
    from simulator.scenario.reading import read  # noqa: PLC0415
    from simulator.simulation import Question  # noqa: PLC0415

    if slider and not explore:
        raise typer.BadParameter("sliders stand on the page of --explore", param_hint="--slider")
    apart(out, file)
    limits = limits_of(
        replications=max_replications,
        orders=max_orders,
        **of_input(max_input_size),
        horizon_years=float("inf") if allow_long else None,
    )
    found = read(file, changes_of(settings), overrides=overrides or (), limits=limits)
    warn(found.warnings, strict=strict)
    seed, most = runs.planned(found.scenario, seed, reps, max_replications)
    enough = sampling.PRECISION if reps is None and precision is None else precision
    command = spelled(file, override=overrides, set=settings)
    question = Question(found.scenario, seed, sampling.Goal(most, enough))
    plan = explorations.planned(question, slider) if explore else None
    again = spelled(
        *("sim", "run", *shlex.split(command)),
        seed=seed,
        reps=reps,
        precision=precision,
        explore=explore,
        slider=slider,
        cluster=cluster,
        insecure_cluster=insecure_cluster,
        engine=engine,
        out=out,
        max_replications=max_replications,
        max_orders=max_orders,
        max_input_size=max_input_size,
        allow_long=allow_long,
    )
    named = engine_for(engine, question.goal.most + (plan.runs() if plan else 0))
    explored = None
    with crew_of(workers, cluster, named, insecure=insecure_cluster) as crew:

        def told(answered: "Run") -> "Run":
            _tell_failures(answered, command)
            if not (as_json or quiet) and answered.replications:
                _tell(answered, command, _place(answered, out))
            return answered

        (answered,) = condensed(crew, out, again, told, [question], is_last=not explore)
        folder = _place(answered, out)
        if folder is not None:
            with terminal.unbroken():
                _illustrate(answered, folder, found, command)
        if plan is not None and folder is not None:
            words = explorations.scenario_words(plan, file, overrides, settings)
            explored = explorations.page(plan, answered, folder, crew, words, again)
    if quiet:
        terminal.put(f"{answered.id}\n")
    elif as_json and answered.replications:
        _tell_programs(answered, folder, explored)
    elif explored is not None and folder is not None:
        terminal.put(explorations.words(explored, folder))
    _grade(answered, precision)


def _place(run: "Run", out: Path) -> Path | None:
    """The folder of a run that is stored, or will be in a moment; None if it never is."""
    from simulator import storage  # noqa: PLC0415

    return storage.folder_of(run, out) if run.is_complete else None


def _illustrate(run: "Run", folder: Path, reading: "Reading", command: str) -> None:
    """Add the figures and the report to the folder of a run that is stored."""
    from simulator import origins, reporting, storage  # noqa: PLC0415

    storage.drawn(run, folder)
    if (folder / reporting.REPORT).exists():
        return
    origins.keep(origins.origins(reading, command), folder)
    manifest = storage.manifest_of(folder)
    reporting.report(run, folder, where=origins.kept(folder), manifest=manifest)


def apart(out: Path, file: str) -> None:
    """Results never go where scenarios are."""
    place, source = out.resolve(), Path(file).resolve()
    if file != "-" and place in (source, source.parent):
        raise typer.BadParameter("results would lie among the scenarios", param_hint="--out")


@contextmanager
def crew_of(
    workers: int | None, cluster: str | None, engine: str, *, insecure: bool = False
) -> "Iterator[Workforce]":
    """Who computes: a cluster, or as many workers as were asked for and at most one a CPU."""
    from simulator import terminal  # noqa: PLC0415
    from simulator.executors import workforce  # noqa: PLC0415

    if cluster is None:
        with terminal.unbroken():
            # The first start compiles.
            crew = workforce(lanes(workers), engine)
        yield crew
        return
    from simulator import clusters  # noqa: PLC0415

    with clusters.cluster(cluster, lanes(workers), insecure=insecure) as found:
        yield replace(found, engine=engine)


def engine_for(engine: Engine, replications: int) -> str:
    """The engine that is asked for, or the faster one for so many replications."""
    from simulator import terminal  # noqa: PLC0415
    from simulator.engines.choice import chosen  # noqa: PLC0415

    return chosen(engine, replications, terminal.say)


def lanes(workers: int | None) -> int:
    """As many processes as were asked for, and at most one a CPU."""
    from simulator import terminal  # noqa: PLC0415

    available = len(os.sched_getaffinity(0))
    if workers is not None and workers > available:
        terminal.say(f"Only {available} CPUs are available: {available} workers, not {workers}.")
    return min(workers or available, available)


def stored_run(text: str, out: Path) -> "Run":
    """A stored run by its folder or id, as this version of the model would make it.

    Raises:
        ScenarioError: Another version of the model has made it.
        EnvironmentFaultError: There is no such run.

    """
    from simulator import comparisons, storage  # noqa: PLC0415

    folder = storage.find(text, out)
    run = storage.load_run(folder)
    if run.is_complete:
        made_by = storage.manifest_of(folder)
        versions = made_by["model_version"], made_by["draw_scheme"]
        comparisons.refuse(comparisons.basis(run), comparisons.basis(run, *versions))
    return run


def made(
    workforce: "Workforce",
    out: Path,
    again: str,
    questions: "Sequence[Question]",
    *,
    is_last: bool = True,
) -> "list[Run]":
    """The runs of some questions, from the store as far as they are there.

    Where others follow from them, it is not the time to say that all is done.
    """
    return condensed(workforce, out, again, lambda run: run, questions, is_last=is_last)


def condensed(  # noqa: PLR0913 -- who computes, where it is kept, and what is kept of it
    workforce: "Workforce",
    out: Path,
    again: str,
    result: "Callable[[Run], Result]",
    questions: "Sequence[Question]",
    *,
    is_last: bool = True,
) -> "list[Result]":
    """What ``result`` makes of each run, from the store as far as they are there."""
    from simulator import simulation, storage, terminal  # noqa: PLC0415
    from simulator.errors import StoppedError  # noqa: PLC0415

    storage.ready(out, sum(question.goal.most for question in questions))
    name = questions[0].scenario.name
    with ExitStack() as bar, terminal.stopping() as stop:
        progress = bar.enter_context(terminal.progress(name))
        computed = []

        def known(run: "Run") -> "Result":
            if len(questions) == 1:
                bar.close()  # it would stand in the way of what is told now
            return result(run)

        def count(done: int, asked: int) -> None:
            computed.append(done)
            progress(done, asked)

        try:
            found = simulation.condensed(
                *(questions, workforce, known),
                results=out,
                progress=count,
                stop=stop,
                tell=terminal.say,
            )
        except StoppedError as error:
            _tell_stopped(questions, error.made, out, again)
            raise typer.Exit(stop.code) from None
    if not computed and is_last:
        terminal.say("Everything is in the store already.")
    return found


def _tell_stopped(questions: "Sequence[Question]", made: int, out: Path, again: str) -> None:
    """What there is of a run that was stopped."""
    from simulator import answers, storage, terminal, wording  # noqa: PLC0415

    part = None
    if len(questions) == 1:
        part = storage.so_far(out, questions[0].scenario, questions[0].seed)
    answer = answers.answer(part) if part is not None and part.replications else None
    asked = sum(question.goal.most for question in questions)
    terminal.put(wording.stopped(answer, made, asked, again))


def _tell_failures(run: "Run", command: str) -> None:
    """What standard error shows of replications that failed."""
    from simulator import terminal  # noqa: PLC0415

    for failure in run.failures[:MOST_FAILURES]:
        terminal.say(f"Replication {failure.replication} failed: {failure.reason}")
    if len(run.failures) > MOST_FAILURES:
        terminal.say(f"and {len(run.failures) - MOST_FAILURES} more")
    if run.failures:
        first = run.failures[0].replication
        alone = f"sim replay {command} --seed {run.seed} --replication {first}"
        terminal.say(f"To see the first one alone: {alone}")


def _tell(run: "Run", command: str, folder: Path | None) -> None:
    """The answer on standard output, at once: figures are drawn when it stands there."""
    from simulator import answers, terminal, wording  # noqa: PLC0415

    words = wording.words(answers.answer(run), file=command, folder=folder)
    try:
        terminal.put(words)
        sys.stdout.flush()
    except BrokenPipeError:
        terminal.give_up_stdout()  # whoever stops reading gets the figures all the same


def _tell_programs(run: "Run", folder: Path | None, explored: "Exploration | None") -> None:
    """The answer as JSON."""
    from simulator import answers, terminal  # noqa: PLC0415

    files = {"folder": folder and str(folder)}
    if folder is not None:
        files["report"] = str(folder / "report.html")
    told = answers.as_json(answers.answer(run)) | {"files": files}
    if explored is not None and folder is not None:
        files["explore"] = str(folder / explorations.PAGE)
        told |= {"explore": explorations.told(explored)}
    terminal.put_json(told)


def _grade(run: "Run", precision: float | None) -> None:
    """The exit code of a run that is not all that was asked for."""
    from simulator import answers, sampling, terminal  # noqa: PLC0415

    if run.failures:
        raise typer.Exit(5)
    chance = answers.headline_chance(run)
    if precision is None or chance is None or sampling.half_width(chance) <= precision:
        return
    reached, needed = sampling.half_width(chance), sampling.needed(chance.share, precision)
    terminal.say(
        f"Not as precise as asked: \u00b1{reached:.2g} instead of \u00b1{precision:g} after "
        f"{run.replications} runs; --reps {needed} would do."
    )
    raise typer.Exit(7)
