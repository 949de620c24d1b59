"""The words of outcomes, as a terminal of 90 columns shows them."""

from collections.abc import Sequence

from simulator.errors import visible
from simulator.evidence.outcomes import DECEMBER, Outcome
from simulator.evidence.scores import INNER, OUTER, is_inside
from simulator.runs import Run
from simulator.wording import TO, labelled, wrapped


def words(run: Run, found: Sequence[Outcome]) -> str:
    """What was published beside what was forecast, as text of at most 90 columns."""
    lines = [wrapped(sentence(found)), "", _row("USD million", "year", "published", *_HEADS)]
    for one in found:
        low, quarter, middle, three, high = (f"{value:,.0f}" for value in one.forecast)
        lines.append(
            _row(
                f"statistics of {visible(one.economy)}",
                f"{one.year}"
                if one.until_month == DECEMBER
                else f"{one.year}-{one.until_month:02}",
                f"{one.published:,.4g}",
                middle,
                f"{quarter}{TO}{three}",
                f"{low}{TO}{high}",
                f"{one.below:.0%}",
            )
        )
    text = (
        f"the share of the {run.replications} runs below what was published; of honest forecasts "
        "it is anything alike. So few figures of one pair prove nothing."
    )
    return "\n".join([*lines, "", labelled("Below", text)]) + "\n"


_HEADS = ("middle", "50% of runs", "90% of runs", "below")


def sentence(found: Sequence[Outcome]) -> str:
    """How many published years fell into the bands, and how far off they were on average."""
    inner, outer = (sum(is_inside(one.below, band) for one in found) for band in (INNER, OUTER))
    crps = sum(one.crps for one in found) / len(found)
    figures = "figure" if len(found) == 1 else "figures"
    return (
        f"Of {len(found)} published {figures}, {inner} fell into the middle half of the forecast "
        f"and {outer} into its middle 90%; the mean CRPS of log turnover is {crps:.2f}."
    )


def _row(name: str, *cells: str) -> str:
    widths = (8, 10, 9, 15, 17, 7)
    told = "".join(f"{cell:>{width}}" for cell, width in zip(cells, widths, strict=True))
    return f"  {name:22.22}{told}"
