"""Collectives: what each part of a shared platform does, by taking it away on the same draws."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from simulator.comparisons import Comparison, compare
from simulator.errors import Problem, ScenarioError
from simulator.scenario.overriding import override
from simulator.scenario.types import Collective
from simulator.simulation import Made, Question

WHOLE = "the whole collective"


@dataclass(frozen=True)
class Part:
    """A part of a collective, and what the scenario comes to with it and not without it."""

    name: str
    effect: Comparison


def parts(question: Question, made: Made) -> tuple[Part, ...]:
    """What every part of a scenario's collective does, the whole first.

    Each part is taken away alone, so that what parts do together is in the whole and in none of
    them.

    Args:
        question: A scenario with a collective, and how many replications of it.
        made: Answers questions.

    Raises:
        ScenarioError: The scenario has no collective.

    """
    collective = question.scenario.collective
    if collective is None:
        message = "the scenario has no collective"
        raise ScenarioError([Problem("S105", message, field="collective", example="collective: …")])
    names, changes = zip(*_without(collective), strict=True)
    scenarios = [override(question.scenario, change) for change in changes]
    questions = [question, *(replace(question, scenario=scenario) for scenario in scenarios)]
    with_all, *without = made(questions)
    return tuple(
        Part(name, compare(run, with_all)) for name, run in zip(names, without, strict=True)
    )


def _without(collective: Collective) -> Iterator[tuple[str, dict[str, Any]]]:
    """The parts that a collective has, each with the changes that take it away."""
    yield WHOLE, {"collective": None}
    yield "fixed cost of the platform", {"collective.platform_cost_usd_million": 0.0}
    yield "what payments save", {"collective.saving_share": 0.0}
    if collective.members:
        yield "netting with members", _of_members(collective, "offset_share")
        yield "trade that goes to members", _of_members(collective, "diverted_share")
        yield "closing of other channels", {"collective.retaliation_share": 0.0}
        yield "members in all", {f"collective.members.{code}": None for code in collective.members}


def _of_members(collective: Collective, field: str) -> dict[str, Any]:
    return {f"collective.members.{code}.{field}": 0.0 for code in collective.members}


def as_data(found: Sequence[Part]) -> list[dict[str, Any]]:
    """Parts as plain data: the change of turnover and of the chance, headline statistics."""
    return [
        {
            "part": part.name,
            "turnover_usd_million": part.effect.rows[0].change.value,
            "half_width_usd_million": part.effect.rows[0].change.half_width,
            "is_clear": part.effect.rows[0].is_clear,
            "chance": part.effect.chances[0].change.value,
            "chance_low": part.effect.chances[0].change.low,
            "chance_high": part.effect.chances[0].change.high,
        }
        for part in found
    ]
