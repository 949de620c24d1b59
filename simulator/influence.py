"""Influence: what each uncertain input moves, read off the replications that are there."""

from dataclasses import dataclass

from simulator import runs
from simulator.draws import Draws
from simulator.engines import choice
from simulator.estimates import CONFIDENCE, apart
from simulator.inputs import Inputs, quantile
from simulator.runs import Run
from simulator.scenario.types import quantities

OUTER = 0.2
"""Share of a law at either end; their middles are its P10 and P90."""

FEWEST = 200
"""Replications from which on two groups of a fifth have an average that can be trusted."""

MOST = 10_000
"""Replications that are read; more would change no digit that is printed."""


@dataclass(frozen=True, slots=True)
class Influence:
    """How turnover differs between replications with a high and with a low value of one input."""

    path: str
    is_assumed: bool
    low: float
    """P10 of its law."""
    high: float
    """P90 of its law."""
    change: float
    """Average turnover where it is high less that where it is low, in million dollars."""
    half_width: float
    """Half of the 95 % interval of the change."""
    is_clear: bool
    """Whether it is not zero, after correction for all inputs that were looked at."""


def unknown(run: Run) -> str:
    """Why nothing can be told of influence, in a sentence; empty where it can."""
    office, year = runs.headline(run), run.scenario.target.year
    if all(number.law is None for _, number in quantities(run.scenario)):
        return "No input of this scenario is uncertain."
    if year not in runs.complete_years(run, office):
        return "The target year is not simulated to its end, so that no turnover can be sorted."
    if run.replications < FEWEST:
        return f"Fewer than {FEWEST} runs do not tell which inputs move the answer."
    return ""


@runs.remembered
def influences(run: Run) -> tuple[Influence, ...]:
    """Every uncertain input by how much turnover moves with it, the largest change first.

    Turnover is that of the target year on the headline statistics. The draws of an input follow
    from seed and number of a replication, so they need not be stored. Compared are replications
    with the input in the highest and in the lowest fifth of its law; all other inputs differ as
    they may. There are none where ``unknown`` says why.
    """
    if unknown(run):
        return ()
    office, year = runs.headline(run), run.scenario.target.year
    numbers = run.tables["replications"]["replication"].to_numpy()[:MOST]
    named = list(quantities(run.scenario))
    inputs = Inputs.of(named)
    draws = Draws(run.seed, range(int(numbers[-1]) + 1), choice.fill())
    shares = inputs.shares(draws)[numbers]
    turnover = runs.turnover(run, office, year)[: numbers.size]
    # Bonferroni: of all inputs together, one without influence is called clear 5 times in 100.
    sure = 1 - (1 - CONFIDENCE) / len(inputs.laws)
    found = []
    for column, (place, law) in enumerate(inputs.laws):
        share = shares[:, column]
        groups = turnover[share > 1 - OUTER], turnover[share < OUTER]
        change, half = apart(*groups)
        path, number = named[place]
        found.append(
            Influence(
                path,
                number.is_assumed,
                quantile(law, OUTER / 2),
                quantile(law, 1 - OUTER / 2),
                change,
                half,
                abs(change) > apart(*groups, sure)[1],
            )
        )
    return tuple(sorted(found, key=lambda one: -abs(one.change)))
