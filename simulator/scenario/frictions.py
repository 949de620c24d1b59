"""Frictions: what in a scenario stops or delays orders, and the scenario without some of it.

A friction is a group of numbers that can be made harmless. What is a trade cost (tariffs, freight,
fees, days, rates of exchange) lowers the potential itself and is none: nothing counts twice. Nor is
the patience of buyers one: where nothing makes them wait, it does not matter.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from simulator.scenario.memory import as_plain, value_at
from simulator.scenario.overriding import override
from simulator.scenario.paths import matching, targets
from simulator.scenario.quantities import Quantity
from simulator.scenario.types import Effect, Scenario, quantities

STEP_SHARE = 0.1
"""By how much of itself a limit is raised, to see what more of it would bring."""

MEASURE = "more_of_a_limit"
"""The name under which a limit is raised."""


@dataclass(frozen=True, slots=True)
class Friction:
    """A group of numbers that stops or delays orders, and what each of them is without it."""

    key: str
    words: str
    changes: Mapping[str, object]
    """By dotted path what makes the number harmless; None takes away what stands there."""


@dataclass(frozen=True, slots=True)
class Capacity:
    """A limit of a scenario, and the step by which it is raised."""

    path: str
    unit: str
    now: float
    """The central value of the limit."""
    step: float


KINDS: dict[str, tuple[str, dict[str, object]]] = {
    "payments": (
        "payments refused or never made",
        {
            "settlement.channels.*.refusal_share": 0,
            "settlement.default_share": 0,
            "collective.retaliation_share": 0,
        },
    ),
    "interruptions": (
        "settlement channels interrupted",
        {"settlement.channels.*.interruptions": None},
    ),
    "queues": (
        "settlement slots and queues",
        {"settlement.channels.*.slots": None, "settlement.channels.*.queue_limit": None},
    ),
    "clearing": ("clearing limits", {"settlement.channels.*.clearing": None}),
    "closings": (
        "corridors closed or interrupted",
        {
            "corridors.*.closed": False,
            "corridors.*.closing": None,
            "corridors.*.interruptions": None,
        },
    ),
    "corridor_slots": ("corridor slots", {"corridors.*.slots": None}),
    "customs": ("goods sent back at customs", {"economies.*.customs.rejection_share": 0}),
    "contracts": (
        "contracts not carried out in full",
        {
            "contracts.*.execution_share": 1,
            "contracts.*.fulfilment_share": 1,
            "contracts.*.fulfilment_spread": 0,
        },
    ),
}
"""Every kind of friction with its words, and what numbers by path are without it."""

LIMITS = {
    "settlement.channels.*.slots": "slot",
    "settlement.channels.*.queue_limit": "place in the queue",
    "settlement.channels.*.clearing.credit_limit_usd_million": "USD million of credit",
    "corridors.*.slots": "slot",
}
"""Every kind of limit by path, with the words for one more of it."""


def frictions(scenario: Scenario) -> list[Friction]:
    """The frictions that a scenario has, in the order of an order's life."""
    plain = as_plain(scenario)
    found = []
    for key, (words, neutral) in KINDS.items():
        changes = {
            path: harmless
            for pattern, harmless in neutral.items()
            for path in _present(scenario, plain, pattern)
            if not _is_harmless(scenario, path, harmless)
        }
        # A spread alone is no loss: its mean is the same.
        if not all(path.endswith(".fulfilment_spread") for path in changes):
            found.append(Friction(key, words, changes))
    return found


def without(scenario: Scenario, removed: Iterable[Friction]) -> Scenario:
    """The scenario with frictions made harmless, as a difference: its base stays as observed.

    Effects of measures on nothing but what is removed go with it.

    Raises:
        ScenarioError: A change is not valid.

    """
    changes = {path: value for friction in removed for path, value in friction.changes.items()}
    if not changes:
        return scenario
    return override(scenario, {**changes, **_idle_effects(scenario, changes)})


def capacities(scenario: Scenario) -> list[Capacity]:
    """The limits of a scenario with the steps by which they are raised."""
    plain = as_plain(scenario)
    return [
        _capacity(path, unit, value_at(scenario, tuple(path.split("."))))
        for pattern, unit in LIMITS.items()
        for path in _present(scenario, plain, pattern)
    ]


def raised(scenario: Scenario, capacity: Capacity) -> Scenario:
    """The scenario with a limit that is higher by its step from the start on.

    A number rises by a measure, which adds the same amount whatever law it is drawn from.
    """
    limit = value_at(scenario, tuple(capacity.path.split(".")))
    if not isinstance(limit, Quantity):
        return override(scenario, {capacity.path: int(limit + capacity.step)})
    effect = {"path": capacity.path, "add": capacity.step}
    begins = scenario.horizon.start + timedelta(days=1)
    measure = {
        "title": "More of a limit",
        "at": begins.isoformat(),
        "effects": {"more": effect},
    }
    return override(scenario, {f"measures.{MEASURE}": measure})


def _present(scenario: Scenario, plain: Any, pattern: str) -> Iterator[str]:
    """The paths of a pattern at which something stands."""
    for path in targets(pattern, plain, Scenario):
        if value_at(scenario, path) is not None:
            yield ".".join(path)


def _is_harmless(scenario: Scenario, path: str, harmless: object) -> bool:
    """Whether a value is what it would be without the friction, and no effect makes it more."""
    value = value_at(scenario, tuple(path.split(".")))
    if not isinstance(value, Quantity) or harmless is None:
        return bool(value == harmless)
    added = any(
        effect.add is not None and matching(effect.path, [path])
        for effects in scenario.effects.values()
        for effect in effects.values()
    )
    return value.value == harmless and not added


def _idle_effects(scenario: Scenario, changes: Mapping[str, object]) -> dict[str, None]:
    """The effects that change nothing but what is removed, each to be taken away."""
    numbers = [path for path, _ in quantities(scenario)]

    def is_idle(effect: Effect) -> bool:
        return all(
            any(path == gone or path.startswith(f"{gone}.") for gone in changes)
            for path in matching(effect.path, numbers)
        )

    return {
        f"{owner}.effects.{name}": None
        for owner, effects in scenario.effects.items()
        for name, effect in effects.items()
        if is_idle(effect)
    }


def _capacity(path: str, unit: str, limit: Quantity | int) -> Capacity:
    """A limit with a tenth of itself as its step: one digit, and whole where it is a count."""
    now = limit.central if isinstance(limit, Quantity) else float(limit)
    step = float(f"{STEP_SHARE * now:.1g}") or 1.0
    if not path.endswith("_usd_million"):
        step = float(max(1, round(step)))
    return Capacity(path, unit, now, step)
