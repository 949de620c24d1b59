"""Commands about what is known of other pairs: outside."""

from simulator.cli.base import (
    File,
    Json,
    Overrides,
    PanelFolder,
    Settings,
    app,
    changes_of,
    guarded,
    warn,
)


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
        known = panels.turnovers(panels.read(panel)).until(last)
        view = evidence.outside(found.scenario, evidence.rates(known), known.years)
    if view is None:
        raise ScenarioError([Problem("S192", evidence.NOT_COMPARABLE, file)])
    if as_json:
        terminal.put_json({"schema": "sim.outside/1", **asdict(view)})
    else:
        terminal.put(outside_words.words(found.scenario, view))
