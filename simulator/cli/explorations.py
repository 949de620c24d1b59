"""What ``sim run --explore`` makes beside the run: a page on which settings can be moved."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from simulator.cli.base import spelled

if TYPE_CHECKING:
    from simulator.executors import Workforce
    from simulator.explorations import Exploration, Plan
    from simulator.runs import Run
    from simulator.simulation import Question

PAGE = "explore.html"

Explore = Annotated[
    bool, typer.Option("--explore", help="Make a page with sliders as well; takes minutes.")
]
Sliders = Annotated[
    list[str] | None,
    typer.Option(
        "--slider",
        metavar="PATH",
        help="A slider of it, PATH or PATH=2..40; repeatable. [default: what moves most]",
    ),
]


def planned(question: "Question", sliders: list[str] | None) -> "Plan":
    """What the page of a question is to explore, checked before anything is computed."""
    from simulator import explorations  # noqa: PLC0415
    from simulator.errors import Problem, ScenarioError  # noqa: PLC0415
    from simulator.scenario.levers import parse_lever  # noqa: PLC0415

    stated: dict[str, object] = {}
    for path, between in map(parse_lever, sliders or ()):
        if path in stated:
            problem = Problem("S156", "a slider is named twice", "--slider", field=path)
            raise ScenarioError([problem])
        stated[path] = between
    most = question.goal.most
    return explorations.planned(question.scenario, stated, seed=question.seed, replications=most)


def page(  # noqa: PLR0913 -- what is explored, who computes, and how it is named
    plan: "Plan", run: "Run", folder: Path, crew: "Workforce", command: str, again: str
) -> "Exploration":
    """Explore, from what is kept as far as it is there, and write the page; it may be stopped.

    ``command`` names the scenario without what has a slider; ``again`` is the whole command.
    """
    from simulator import (  # noqa: PLC0415
        exploration_words,
        explorations,
        terminal,
        trials,
        what_if,
        wording,
    )
    from simulator.errors import StoppedError  # noqa: PLC0415
    from simulator.scenario.sizes import SECONDS_PER_ORDER, expected_orders  # noqa: PLC0415

    each = SECONDS_PER_ORDER[crew.engine] * expected_orders(plan.scenario)
    terminal.say(exploration_words.plan(plan, plan.seconds(each) / crew.lanes))
    total = plan.runs()
    with terminal.progress(plan.scenario.name) as progress, terminal.stopping() as stop:
        ask = trials.asking(
            plan.scenario,
            crew,
            results=folder.parent.parent,
            stop=stop,
            progress=lambda done, _: progress(done, total),
        )
        try:
            found = explorations.explored(plan, run, ask, terminal.say)
        except StoppedError as error:
            terminal.put(wording.stopped(None, error.made, total, again))
            raise typer.Exit(stop.code) from None
    with terminal.unbroken():
        what_if.what_if(found, run, folder, command=command, repeat=again)
    return found


def scenario_words(
    plan: "Plan", file: str, overrides: list[str] | None, settings: list[str] | None
) -> str:
    """How the command line names the scenario, without numbers that have a slider."""
    from simulator.explorations import TARGET  # noqa: PLC0415

    paths = {TARGET, *(one.path for one in plan.sliders)}
    kept = [one for one in settings or () if one.partition("=")[0].strip() not in paths]
    return spelled(file, override=overrides, set=kept)


def told(found: "Exploration") -> dict[str, Any]:
    """What a program is told of an exploration."""
    from simulator import explorations  # noqa: PLC0415

    return explorations.as_data(found)


def words(found: "Exploration", folder: Path) -> str:
    """What a person is told of it."""
    from simulator import exploration_words  # noqa: PLC0415

    return exploration_words.words(found, folder / PAGE)
