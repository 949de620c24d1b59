"""What-if page: an exploration as one file of HTML with sliders and a small script."""

import math
import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from simulator import exploration_words, runs, wording
from simulator.answers import Answer, answer
from simulator.errors import visible
from simulator.evidence.scores import log_of
from simulator.exploration_words import hundred, sentence, setting, short, valued
from simulator.explorations import TARGET, Exploration, Slider, Tried
from simulator.pages import as_script_data, page, scripted
from simulator.reporting import put
from simulator.runs import Floats, Run
from simulator.scenario.describing import law_words
from simulator.scenario.types import Scenario, quantities
from simulator.surfaces import LEVELS

EXPLORE = "explore.html"
SCRIPT = "explore.js"

LEFT, RIGHT, BASE, MOST, DOT = 8.0, 393.0, 158.0, 132.0, 11.0
"""The drawing: its edges, the floor of the dots, how high they go, and their width."""

FARTHEST = 30.0
"""Times the lowest middle that the drawing goes down, where hardly anything is traded."""


def what_if(
    found: Exploration, run: Run, folder: Path, *, command: str = "FILE", repeat: str = ""
) -> Path:
    """Write an exploration as a page on which settings can be moved.

    The same exploration gives the same bytes; a file that holds them already is left alone.

    Args:
        found: The exploration.
        run: The scenario as it stands.
        folder: Where ``explore.html`` goes; made if it is missing.
        command: How the command line names the scenario, without what has a slider.
        repeat: The command that makes the page again.

    Raises:
        EnvironmentFaultError: The machine does not allow it.

    """
    told = answer(run)
    scale = _scale(found)
    script, digest = scripted(SCRIPT)
    ends = _command(found, command)
    html = page(
        "explore.html.j2",
        exploration=found,
        scenario=run.scenario.name,
        question=run.scenario.question,
        year=told.year,
        stands=wording.sentence(told),
        error=exploration_words.error(found),
        trust=exploration_words.trust(found),
        not_covered=run.scenario.not_covered,
        names=[f"slider-{n}" for n in range(len(found.sliders))],
        told=_told(found, told, scale, ends),
        scale=scale | {"ticks": _ticks(scale), "stands": _across_stands(found, scale)},
        sizes={
            "low": _plain(found.sizes[0]),
            "high": _plain(found.sizes[-1]),
            "step": _plain(_step(found.sizes)),
            "start": _plain(told.target_usd_million),
        },
        sliders=[_slider(found, one, run.scenario) for one in found.sliders],
        standing=_row(found, found.stands, told.target_usd_million),
        rows=[_row(found, one, told.target_usd_million) for one in found.tried],
        facts=[
            ("run", found.run),
            ("scenario", f"{run.scenario.name}, version {run.scenario.version}"),
            ("seed", str(found.seed)),
            ("replications of each setting", wording.count(found.replications)),
            ("replications of the scenario as it stands", wording.count(run.replications)),
            ("model", runs.MODEL_VERSION),
        ],
        repeat=repeat or f"sim run {command} --seed {found.seed} --explore",
        data=as_script_data(_data(found, told, scale, ends)),
        script=script,
        digest=digest,
    )
    put({EXPLORE: html}, folder)
    return folder / EXPLORE


def subject(told: Answer) -> str:
    """Of what the page speaks."""
    return f"Trade between {' and '.join(map(visible, told.economies))}"


def _data(found: Exploration, told: Answer, scale: dict[str, Any], ends: tuple[str, str]) -> Any:
    """What the script needs."""
    return {
        "sliders": [
            {
                "path": one.path,
                "low": one.low,
                "high": one.high,
                "is_log": one.axis.is_log,
                "decimals": one.decimals,
                "unit": exploration_words.units(one),
                **dict(zip(("before", "after"), _option(one), strict=True)),
            }
            for one in found.sliders
        ],
        "levels": LEVELS,
        "surface": found.surface.coefficients,
        "sizes": found.sizes,
        "size_step": _step(found.sizes),
        "target_path": TARGET,
        "tried": [{"values": one.values, "hits": one.hits, "of": one.of} for one in found.tried],
        "stands": {"hits": found.stands.hits, "of": found.stands.of},
        "scale": scale,
        "words": {
            "subject": subject(told),
            "year": str(told.year),
            "statistics": wording.statistics_of(told.offices[0]),
        },
        "command": {"start": ends[0], "end": ends[1]},
    }


def _told(
    found: Exploration, told: Answer, scale: dict[str, Any], ends: tuple[str, str]
) -> dict[str, Any]:
    """What the page shows before its script has run: the sliders at their start, the first row."""
    start, size, surface = found.start, told.target_usd_million, found.surface
    low, middle, high = (surface.turnover(start, level) for level in (0.1, 0.5, 0.9))
    first = found.tried[0]
    hits = f"{first.hits[found.sizes.index(size)]} of {first.of} runs meet the target"
    aim = _across(size, scale)
    whose = wording.statistics_of(told.offices[0])
    share = surface.chance(start, size)
    options = [setting(one, one.start).join(_option(one)) for one in found.sliders]
    options.append(f"--set {TARGET}={_plain(size)}")
    return {
        "answer": sentence(subject(told), size, told.year, share, whose),
        "size": wording.amount(size),
        "p10": short(low),
        "p50": short(middle),
        "p90": short(high),
        "low": _across(low, scale),
        "middle": _across(middle, scale),
        "high": _across(high, scale),
        "aim": aim,
        "anchor": "start" if aim < 90 else "end" if aim > 310 else "middle",
        "dots": list(_dots(surface.logs(start), size, scale)),
        "nearest": f"This very setting was run (row 1): {hits}.",
        "command": " ".join([ends[0], *options, ends[1]]),
    }


def _slider(found: Exploration, one: Slider, scenario: Scenario) -> dict[str, Any]:
    """A slider with the chance at either of its ends."""
    size = scenario.target.turnover_usd_million.central
    place = found.sliders.index(one)
    at_ends = [
        (*found.start[:place], end, *found.start[place + 1 :]) for end in (one.low, one.high)
    ]
    number = dict(quantities(scenario)).get(one.path)
    about = one.origin
    if number is not None and number.law is not None:
        about += f"; as the scenario stands, drawn: {law_words(number)}"
    return {
        "path": one.path,
        "kind": one.kind,
        "told": valued(one, one.start),
        "low": setting(one, one.low),
        "high": setting(one, one.high),
        "step": setting(one, one.step),
        "start": setting(one, one.start),
        "ends": [f"{hundred(found.surface.chance(end, size))} of 100" for end in at_ends],
        "about": about,
        "standing": "drawn" if one.is_drawn else f"{one.stands:.10g}",
    }


def _row(found: Exploration, one: Tried, size: float) -> dict[str, Any]:
    """What a setting came to, and what the surface makes of it."""
    hits = one.hits[found.sizes.index(size)]
    row: dict[str, Any] = {
        "hits": hits,
        "of": one.of,
        "share": f"{100 * hits / one.of:.1f}",
        "p10": short(one.p10),
        "p50": short(one.p50),
        "p90": short(one.p90),
    }
    if not one.values:
        return row
    guess = found.surface.chance(one.values, size)
    off = float(f"{100 * (guess - hits / one.of):.1f}")
    sign = "+" if off > 0 else wording.MINUS if off < 0 else ""
    return row | {
        "settings": list(map(setting, found.sliders, one.values)),
        "guess": f"{100 * guess:.1f}",
        "off": f"{sign}{abs(off):g}",
        "is_fitted": one.is_fitted,
    }


def _command(found: Exploration, command: str) -> tuple[str, str]:
    """What stands before and behind the settings of a command that makes them a run."""
    return f"sim run {command}", f"--seed {found.seed} --reps {found.replications}"


def _option(one: Slider) -> tuple[str, str]:
    """What stands before and behind a value on the command line, quoted where it has to be."""
    mark = "0"
    before, after = shlex.quote(f"{one.path}={mark}").rsplit(mark, 1)
    return f"--set {before}", after


def _step(sizes: Sequence[float]) -> float:
    """The distance of two sizes of the target."""
    return float(f"{(sizes[-1] - sizes[0]) / (len(sizes) - 1):.6g}")


def _plain(value: float) -> str:
    """A number as an attribute of a slider."""
    return f"{value:.10g}"


def _scale(found: Exploration) -> dict[str, Any]:
    """The axis of the drawing: log turnover wherever a setting leads."""
    logs = [found.surface.logs(one.values) for one in found.tried]
    middle = min(float(one[len(LEVELS) // 2]) for one in logs)
    low = max(min(float(one[0]) for one in logs), middle - math.log(FARTHEST))
    high = max(float(one[-1]) for one in logs)
    if high - low < 0.02:
        low, high = low - 0.1, high + 0.1
    return {
        "low": low,
        "high": high,
        "left": LEFT,
        "right": RIGHT,
        "dot": DOT,
        "base": BASE,
        "most": MOST,
    }


def _across(value: float, scale: dict[str, Any]) -> float:
    """Where a turnover stands on the drawing."""
    low, high = float(scale["low"]), float(scale["high"])
    share = (float(log_of(value)) - low) / (high - low)
    return round(LEFT + (RIGHT - LEFT) * min(1.0, max(0.0, share)), 3)


def _across_stands(found: Exploration, scale: dict[str, Any]) -> list[float]:
    one = found.stands
    return [_across(value, scale) for value in (one.p10, one.p50, one.p90)]


def _dots(logs: Floats, size: float, scale: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    """The fifty dots in columns, those that meet the target full."""
    last = int((RIGHT - LEFT) / DOT) - 1
    columns = [
        min(last, int((_across(math.exp(one), scale) - LEFT) / DOT)) for one in map(float, logs)
    ]
    rows = [columns[:n].count(column) for n, column in enumerate(columns)]
    rise = min(DOT, MOST / (max(rows) + 1))
    aim = float(log_of(size))
    for log, column, row in zip(logs, columns, rows, strict=True):
        kind = "met" if log >= aim else "missed"
        yield LEFT + DOT * (column + 0.5), round(BASE - rise * (row + 0.5), 3), kind


def _ticks(scale: dict[str, Any]) -> list[tuple[float, str]]:
    """Round numbers on the axis: 1, 2 and 5 times powers of ten, or evenly where it is short."""
    low, high = math.exp(scale["low"]), math.exp(scale["high"])
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    found = [one * 10.0**power for power in powers for one in (1, 2, 5)]
    inside = [one for one in found if low <= one <= high]
    if len(inside) < 3:
        step = 10.0 ** math.floor(math.log10(high - low))
        step = next(
            one * step for one in (0.2, 0.5, 1, 2, 5, 10) if (high - low) / (one * step) <= 5
        )
        first = math.ceil(low / step)
        inside = [n * step for n in range(first, math.floor(high / step) + 1)]
    return [(_across(one, scale), wording.amount(float(f"{one:.6g}"))) for one in inside]
