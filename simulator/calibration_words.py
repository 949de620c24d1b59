"""The words of a calibration, as a terminal of 90 columns shows them."""

from collections.abc import Iterator
from pathlib import Path

from simulator.errors import visible
from simulator.evidence.calibration import Calibration, Check, Fit, Range
from simulator.evidence.summaries import Summary
from simulator.wording import TO, count, cut, labelled, wrapped

KINDS = {
    "turnover": "turnover, USD million",
    "average": "average, USD million",
    "growth": "growth, times",
    "mirror": "over",
    "spread": "spread of growth, log",
    "mirror spread": "spread of ratio, log",
    "mirror change": "its changes, log",
}

ODD = 0.05
"""A series that so few of the fitted scenario's own are as far from is not one of them."""


def words(
    found: Calibration, *, file: str = "FILE", folder: Path | None = None, wrote: str = ""
) -> str:
    """The calibration as text of at most 90 columns, the finding first.

    ``file`` is how the command line names the scenario; ``wrote`` is the file of the fitted laws.
    """
    parts = [
        "\n".join(map(wrapped, sentences(found))),
        "\n".join(_inputs(found)),
        "\n".join(_checks(found)),
        "\n".join(_notes(found)),
    ]
    where = [labelled("Results", f"{folder}/", split=False)] if folder is not None else []
    if wrote:
        where += [
            labelled("Fitted laws", wrote, split=False),
            labelled("Next", f"sim compare {file} {wrote}", split=False),
        ]
    return "\n\n".join([*parts, *(["\n".join(where)] if where else [])]) + "\n"


def sentences(found: Calibration) -> Iterator[str]:
    """What the series says, what it does not say, and whether the fit repeats it."""
    yield finding(found)
    vague = [fit.path for fit in found.fits if not fit.is_informed]
    if vague:
        told = ", ".join(map(visible, vague))
        yield f"Not pinned down, so that the law stays as it was: {told}."
    yield confirmed(found)


def finding(found: Calibration) -> str:
    """How many inputs the series narrows or moves."""
    first = min(year for _, year in found.series.turnover)
    last = max(year for _, year in found.series.turnover)
    rows = len(found.series.turnover)
    what = f"{rows} published figure{'s' if rows != 1 else ''} of {first}{TO}{last}"
    inputs = f"of {len(found.fits)} inputs" if len(found.fits) != 1 else "of the 1 input"
    told = len(found.informed)
    if not told:
        return f"{what} pin down none {inputs}."
    best = max(found.informed, key=lambda fit: fit.narrowed)
    text = f"{what} say something of {told} {inputs}"
    return f"{text}, most of {visible(best.path)}: {change_of(best)}."


def change_of(fit: Fit) -> str:
    """What a series did to an input, in words."""
    if not fit.is_informed:
        return "not pinned down"
    moved = f"moved {'up' if fit.shift > 0 else 'down'}"
    narrowed = f"{fit.narrowed:.0%} narrower"
    if fit.narrowed < 0.005:
        return moved
    return f"{narrowed}, {moved}" if fit.is_moved else narrowed


def confirmed(found: Calibration) -> str:
    """Where the series falls on fresh draws of the fitted laws."""
    inside, before = (
        sum(is_in(check) for check in found.checks) for is_in in (_is_inside, _was_inside)
    )
    of = len(found.checks)
    verdict = "Confirmed" if found.as_far >= ODD else "Not confirmed"
    return (
        f"{verdict} on fresh draws: {inside} of {of} numbers of the series fall into the middle "
        f"90% of the fitted scenario, {before} before the fit; {found.as_far:.0%} of the series "
        "that it makes itself have a number as far out as any of these."
    )


def _is_inside(check: Check) -> bool:
    return check.is_inside


def _was_inside(check: Check) -> bool:
    return check.was_inside


def _inputs(found: Calibration) -> Iterator[str]:
    yield f"  {'Inputs':30}{'middle':>10}{'90%':>21}{'95%':>21}"
    for fit in found.fits:
        yield f"  {cut(visible(fit.path), 60)}  {change_of(fit)}"
        yield _row("before", fit.prior)
        yield _row("fitted", fit.posterior)


def _row(name: str, told: Range) -> str:
    low, lower, middle, upper, high = (_number(value) for value in told)
    return f"    {name:28}{middle:>10}{lower + TO + upper:>21}{low + TO + high:>21}"


def _number(value: float) -> str:
    return f"{value:.3g}" if abs(value) < 1000 else count(round(value))


def _checks(found: Calibration) -> Iterator[str]:
    yield f"  {'Series':46}{'published':>10}{'fitted 90%':>19}{'below':>8}"
    for check in found.checks:
        band = f"{_number(check.after[1])}{TO}{_number(check.after[3])}"
        mark = "" if check.is_inside else "  !"
        name = cut(summary_words(check.what), 46)
        yield f"  {name:46}{_number(check.observed):>10}{band:>19}{check.below:>8.0%}{mark}"


def summary_words(what: Summary) -> str:
    """One number of a series in words."""
    office, *others = map(visible, what.offices)
    span = TO.strip().join(map(str, what.years))
    if what.kind == "mirror":
        return f"{office} {KINDS[what.kind]} {others[0]} {span}, times"
    name = f"{office} / {others[0]}" if others else office
    return f"{name} {span}: {KINDS[what.kind]}"


def _notes(found: Calibration) -> Iterator[str]:
    runs = f"{count(found.replications)} replications of the scenario as it is, seed {found.seed}"
    yield labelled("Drawn from", runs)
    worst = min(found.fits, key=lambda fit: fit.coverage)
    yield labelled(
        "Tried on",
        f"{found.trials} simulated series: the 95% interval held the truth in "
        f"{found.coverage:.1%}, least often for {visible(worst.path)} ({worst.coverage:.1%})",
    )
    yield labelled(
        "Below",
        f"the share of {count(found.confirming)} fresh replications of the fitted laws below what "
        "was published; ! is outside the middle 90%",
    )
    yield labelled(
        "Mind",
        "years up to the base tell of spread and measurement by growth and ratios alone; the laws "
        "are fitted one by one, and a figure from which a law was made is used twice here",
    )
