"""Commands about single replications: replay."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from simulator.cli.base import (
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

if TYPE_CHECKING:
    from simulator.replaying import Replay
    from simulator.runs import Run
    from simulator.scenario.types import Scenario

LAST = 2**31 - 1
"""The largest number that a replication can have."""

Source = Annotated[
    str, typer.Argument(metavar="RUN", help="A run by its folder or id, or a scenario.")
]
Replication = Annotated[
    int, typer.Option("--replication", metavar="K", help="Its number, counted from 0.")
]
Order = Annotated[
    int | None, typer.Option("--order", metavar="N", help="Tell the life of one order.")
]
Against = Annotated[
    str | None, typer.Option("--against", metavar="RUN2", help="Tell where another one parts.")
]
Parquet = Annotated[
    Path | None, typer.Option("--parquet", metavar="FILE", help="Write every event as a table.")
]
OfScenario = Annotated[
    int | None,
    typer.Option("--seed", min=0, max=2**63 - 1, help="Seed of the draws; runs know theirs."),
]


@app.command()
@guarded
def replay(  # noqa: PLR0913 -- each one is an option
    source: Source,
    *,
    replication: Replication,
    order: Order = None,
    against: Against = None,
    parquet: Parquet = None,
    settings: Settings = None,
    overrides: Overrides = None,
    seed: OfScenario = None,
    engine: Engine = "auto",
    out: Out = RESULTS,
    as_json: Json = False,
) -> None:
    """Tell what happened in one replication, in one order, or where two scenarios part."""
    from simulator import replay_words, replaying, terminal  # noqa: PLC0415
    from simulator.engines.choice import chosen  # noqa: PLC0415

    if not 0 <= replication <= LAST:
        raise typer.BadParameter(f"from 0 to {LAST}", param_hint="--replication")
    if order is not None and against is not None:
        raise typer.BadParameter("not together with --against", param_hint="--order")
    scenario, seed, stored = _asked(source, out, settings, overrides, seed)
    found = replaying.replayed(scenario, seed, replication, chosen(engine, 1, terminal.say))
    if stored is not None:
        _same(stored, found)
    if order is not None and not 0 <= order < found.orders:
        told = f"from 0 to {found.orders - 1}" if found.orders else "there is no order"
        raise typer.BadParameter(told, param_hint="--order")
    other = None if against is None else _other(against, out, seed, replication)
    if parquet is not None:
        replaying.stored(found.events, parquet)
        terminal.say(f"Wrote {parquet}: {found.events.num_rows} events.")
    if as_json:
        terminal.put_json({"schema": "sim.replay/1", **_facts(found, order, other)})
    elif other is not None:
        terminal.put(replay_words.divergence(found, other))
    elif order is not None:
        terminal.put(replay_words.order_story(found, order))
    else:
        own = {} if stored is not None else {"seed": seed}
        command = spelled(
            *("sim", "replay", source), override=overrides, set=settings, out=out, **own
        )
        terminal.put(replay_words.story(found, command))


def _facts(found: "Replay", order: int | None, other: "Replay | None") -> dict[str, object]:
    """What is told, as plain values."""
    from simulator import replaying  # noqa: PLC0415

    if other is not None:
        return replaying.difference(found, other)
    facts: dict[str, object] = replaying.facts(found)
    if order is not None:
        facts |= {"order": order, "events": replaying.told_of(found, order)}
    return facts


def _found(text: str, out: Path) -> Path | None:
    """The folder of a run, named by itself or by its id; None for a scenario file."""
    from simulator.storage import find  # noqa: PLC0415

    return None if is_file(text) else find(text, out)


def _asked(
    source: str,
    out: Path,
    settings: list[str] | None,
    overrides: list[str] | None,
    seed: int | None,
) -> "tuple[Scenario, int, Run | None]":
    """Scenario and seed of a run, with what was stored of it, or those of a scenario file."""
    folder = _found(source, out)
    if folder is None:
        return *_read(source, settings, overrides, seed), None
    options = (("--set", settings), ("--override", overrides), ("--seed", seed))
    for option, given in options:
        if given is not None:
            reason = "a run has its scenario and seed; name a scenario file to change them"
            raise typer.BadParameter(reason, param_hint=option)
    from simulator.storage import load_run  # noqa: PLC0415

    run = load_run(folder)
    return run.scenario, run.seed, run


def _read(
    file: str, settings: list[str] | None, overrides: list[str] | None, seed: int | None
) -> "tuple[Scenario, int]":
    """A scenario file with its changes, and the seed that a run of it would have."""
    from simulator import runs  # noqa: PLC0415
    from simulator.scenario.reading import read  # noqa: PLC0415

    found = read(file, changes_of(settings), overrides=overrides or ())
    warn(found.warnings)
    return found.scenario, runs.planned(found.scenario, seed, 1)[0]


def _other(text: str, out: Path, seed: int, replication: int) -> "Replay":
    """The same replication of another run or scenario; a run must have the same seed."""
    from simulator.replaying import replayed  # noqa: PLC0415

    folder = _found(text, out)
    scenario, its_seed, stored = _asked(text, out, None, None, None if folder else seed)
    if its_seed != seed:
        reason = f"its seed is {its_seed}, not {seed}: the draws are not the same"
        raise typer.BadParameter(reason, param_hint="--against")
    found = replayed(scenario, seed, replication)
    if stored is not None:
        _same(stored, found)
    return found


def _same(run: "Run", found: "Replay") -> None:
    """Refuse a replay that is not what the run has stored, as after a change of the model."""
    from simulator.errors import InvariantError  # noqa: PLC0415

    rows = run.tables["replications"].to_pydict()
    delivered = dict(zip(rows["replication"], rows["delivered_cents"], strict=True))
    expected = delivered.get(found.replication)
    if expected is not None and expected != found.delivered_cents:
        raise InvariantError(
            f"the run has USD {expected / 100:.2f} delivered in replication {found.replication}, "
            f"the replay USD {found.delivered_cents / 100:.2f}: another version made the run"
        )
