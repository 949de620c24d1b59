"""The words of an exploration, on its page and as a terminal of 90 columns shows them."""

import math
import textwrap
from pathlib import Path

from simulator.estimates import wilson
from simulator.explorations import Exploration, Plan, Slider
from simulator.scenario.paths import unit
from simulator.sweep_words import duration
from simulator.wording import WIDTH, amount, count, labelled

EDGE = 1
"""Runs of 100 that are a bound: the surface does not look beyond."""


def words(found: Exploration, page: Path) -> str:
    """Where the page is, and how far to trust it."""
    lines = [labelled("What-if page", f"{page}", split=False), labelled("", error(found))]
    if found.is_rough:
        warning = "Warning: the what-if page is too rough to rely on; run its commands instead."
        lines.insert(0, textwrap.fill(warning, WIDTH))
    return "\n".join(lines) + "\n"


def plan(asked: Plan, seconds: float) -> str:
    """What is going to be done for a page."""
    return f"What-if page: about {count(asked.runs())} runs, {duration(seconds)}."


def error(found: Exploration) -> str:
    """How many runs it rests on, and how far off it is where it can be checked."""
    off = found.misfit
    return (
        f"{len(found.tried) - off.settings} settings of {count(found.replications)} runs were "
        f"fitted; at {off.settings} others the chance was off by {points(off.typical)} points of "
        f"100 typically and {points(off.largest)} at most."
    )


def trust(found: Exploration) -> list[str]:
    """What the page can tell and what it cannot, a sentence each."""
    off, runs = found.misfit, found.replications
    low, high = wilson(0.5, runs)
    drawn = [one for one in found.sliders if one.is_drawn]
    told = [
        (
            "The numbers above are an approximation, a surface of second degree fitted to the "
            f"quantiles of turnover; it was checked at {off.settings} settings that it has not "
            f"seen, for {len(found.sizes)} sizes of the target."
        ),
        (
            f"There the chance was off by {points(off.typical)} points typically and by "
            f"{points(off.largest)} at most, and P10, middle and P90 by "
            f"{percent(off.typical_share)} typically and {percent(off.largest_share)} at most."
        ),
        (
            f"{count(runs)} runs alone know a chance to \u00b1{100 * (high - low) / 2:.0f} points; "
            "all settings share their draws, so that differences between them are known better."
        ),
        (
            "Sliders end where the surface ends; nothing is told beyond, and nothing of numbers "
            "without a slider."
        ),
    ]
    if drawn:
        numbers = "this number" if len(drawn) == 1 else f"{len(drawn)} of these numbers"
        told.append(
            f"As the scenario stands it draws {numbers} from a law; a slider sets the same number "
            "in all runs, as --set does. So the start of the sliders is not quite the scenario as "
            "it stands."
        )
    told += [
        f"{one.path} stands at {one.stands:g}, where its slider does not reach."
        for one in found.sliders
        if not one.low <= one.stands <= one.high
    ]
    return told


def sentence(subject: str, size: float, year: int, share: float, statistics: str) -> str:
    """The answer at a setting."""
    goal = f"USD {amount(size)} million in {year}"
    return f"{subject} reaches {goal} in {frequency(share)} on {statistics}."


def frequency(share: float) -> str:
    """A chance as runs of 100; at the ends of the surface as a bound."""
    runs = hundred(share)
    if runs <= EDGE:
        return f"at most {EDGE} of 100 runs"
    return (
        f"at least {100 - EDGE} of 100 runs" if runs >= 100 - EDGE else f"about {runs} of 100 runs"
    )


def hundred(share: float) -> int:
    """Runs of 100, halves upwards."""
    return math.floor(100 * share + 0.5)


def short(value: float) -> str:
    """A turnover with three digits, which is more than is known."""
    return amount(float(f"{value:.3g}"))


def setting(one: Slider, value: float) -> str:
    """The value of a slider as the command line takes it."""
    return f"{value:.{one.decimals}f}"


def valued(one: Slider, value: float) -> str:
    """The value of a slider with its unit."""
    return f"{setting(one, value)} {units(one)}".strip()


def units(one: Slider) -> str:
    """The unit of a slider, where it has one."""
    found = unit(one.path.rpartition(".")[2])
    return "" if found == "share" else found


def points(share: float) -> str:
    """A difference of chances in points of 100."""
    return f"{100 * share:.1f}"


def percent(share: float) -> str:
    """A relative error."""
    return f"{share:.1%}" if share < 0.1 else f"{share:.0%}"
