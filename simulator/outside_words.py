"""The words of an outside view, as a terminal of 90 columns shows them."""

import math
from collections.abc import Iterator

from simulator.errors import visible
from simulator.evidence.outside import EVERY, SANCTIONED, Outside
from simulator.scenario.types import Scenario
from simulator.wording import TO, count, labelled, outside_view

NAMES = {EVERY: "all pairs", SANCTIONED: "two sanctioned economies"}


def words(scenario: Scenario, found: Outside) -> str:
    """The outside view of a question as text of at most 90 columns, the rate first."""
    times = found.target_usd_million / found.base_usd_million
    asked = (
        f"{times:.2g} times the turnover of {scenario.base.year}, USD "
        f"{count(round(found.base_usd_million))} million, in {scenario.target.year}"
    )
    parts = [
        labelled("Question", visible(scenario.question)),
        labelled("Target asks", asked),
        labelled("Outside view", outside_view(found)),
    ]
    return "\n".join([*parts, "", *_growth(found), "", *_announced(found), "", *_limits()]) + "\n"


def _growth(found: Outside) -> Iterator[str]:
    years = "1 year" if found.horizon_years == 1 else f"{found.horizon_years} years"
    yield f"  Turnover {years} later over the first one, of comparable pairs"
    heads = f"{'50% of pairs':>16}{'90% of pairs':>16}{'pair-years':>12}{'pairs':>8}"
    yield f"{'':30}{'middle':>8}{heads}"
    for one in found.achieved:
        p05, p25, p50, p75, p95 = found.growth[one.group]
        middle, outer = (f"{low:.2f}{TO}{high:.2f}" for low, high in ((p25, p75), (p05, p95)))
        name = NAMES[one.group]
        yield (
            f"    {name:26}{p50:>8.2f}{middle:>16}{outer:>16}"
            f"{count(one.pair_years):>12}{count(one.pairs):>8}"
        )


def _announced(found: Outside) -> Iterator[str]:
    """What became of targets that others announced, as far as it was known."""
    if not found.announced:
        return
    logs = [math.log(one.realised_share) for one in found.announced]
    middle = math.exp(sum(logs) / len(logs))
    met = sum(one.realised_share >= 1.0 for one in found.announced)
    yield labelled(
        "Announced before",
        f"{met} of {len(found.announced)} targets were met when they were due; in the (geometric) "
        f"middle {middle:.2f} of the target was reached",
    )
    for one in found.announced:
        yield labelled("", f"{one.realised_share:.2f}  {one.what} ({one.source})")


def _limits() -> Iterator[str]:
    yield labelled(
        "What it is not",
        "a forecast for this pair: it knows its size and nothing else of it. Turnovers are in "
        "current dollars; pairs that are not recorded in both years are not counted.",
    )
