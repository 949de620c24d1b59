"""Memory: what stood in a scenario before it was changed, and what follows for its base."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import lru_cache
from numbers import Integral, Real
from typing import Any, get_args, get_origin

from pydantic import BaseModel, TypeAdapter, ValidationError

from simulator.scenario.paths import child_kind, default_at, field_names, kind_at, matching
from simulator.scenario.quantities import Quantity
from simulator.scenario.trees import Path, Tree, above, with_value, without_entry
from simulator.scenario.types import MEMORY, VARYING, Scenario, quantities

WORDS = ("question", "name", "title", "context_of_use", "not_covered", "replications", "seed")
"""Fields that tell of a scenario and change nothing in it."""

CIRCUMSTANCES = (
    "corridors.*.excess_cv",
    "exports.*.goods.*.corridors.*",
    "settlement.channels.*.interruptions.*",
    "settlement.channels.*.share",
)
"""Numbers beside the varying ones under which the base flows came about."""

ABSENT = {
    "exports.*.goods.*.corridors.*": Quantity(value=0.0),
    "settlement.channels.*.interruptions.between_months": Quantity(value=1e9),
    "settlement.channels.*.interruptions.repair_months": Quantity(value=0.0),
    "settlement.channels.*.share": Quantity(value=0.0),
}
"""What circumstances amount to where none is stated: a way not used, a stop that never comes."""


def remembered(plain: dict[str, Any], targets: Iterable[Path]) -> dict[str, Any]:
    """``plain`` with what stands at each of ``targets`` kept as what it was at first.

    A difference changes what will be, not under what the base flows came about. So a lower tariff
    raises trade, and a payment that is refused more often lowers it.
    """
    known = plain.get(MEMORY)
    memory = {
        tuple(name.split(".")): was
        for name, was in (known.items() if isinstance(known, dict) else ())
    }
    around = {up for path in memory for up in above(path)}
    for target in targets:
        if target[0] in WORDS or any(up in memory for up in above(target)):
            continue
        before = Tree(plain).at(target)
        inner = [p for p in memory if p[: len(target)] == target] if target in around else []
        for path in inner:
            rest, was = path[len(target) :], memory.pop(path)
            before = without_entry(before, rest) if was is None else with_value(before, rest, was)
        memory[target] = before
        around.update(above(target))
    if not memory:
        return plain
    return {**plain, MEMORY: {".".join(path): was for path, was in memory.items()}}


def settled(scenario: Scenario) -> Scenario:
    """The scenario without memories of what is as it was, or of what never was a value."""
    if not scenario.former:
        return scenario
    kept = {
        ".".join(path): as_plain(was)
        for path, was, now in _changed(scenario)
        if as_plain(was) != as_plain(now)
    }
    return scenario.model_copy(update={MEMORY: kept})


def former_values(scenario: Scenario) -> Iterator[tuple[str, Any, Any]]:
    """Every path that was changed, what stood there and what stands there; None for nothing."""
    for path, was, now in _changed(scenario):
        yield ".".join(path), was, now


def base_numbers(scenario: Scenario) -> dict[str, Quantity]:
    """By path, what numbers were when the base was observed, where a change has touched them."""
    found: dict[str, Quantity] = {}
    for path, was, now in former_values(scenario):
        old, new = dict(quantities(was, path)), dict(quantities(now, path))
        found |= {p: number for p, number in old.items() if is_circumstance(p)}
        found |= _absent(path, new, old)
    return found


def gone_numbers(scenario: Scenario) -> dict[str, Quantity]:
    """By path, what numbers of the base that a difference has taken out amount to now."""
    found: dict[str, Quantity] = {}
    for path, was, now in former_values(scenario):
        found |= _absent(path, dict(quantities(was, path)), dict(quantities(now, path)))
    return found


def _absent(
    changed: str, some: Mapping[str, Quantity], others: Mapping[str, Quantity]
) -> dict[str, Quantity]:
    """Numbers of ``some`` that ``others`` lack, by what they amount to there.

    A good that the others lack as a whole went no way, which says nothing of its ways.
    """
    found = {}
    for path in some.keys() - others.keys():
        good, corridors, _ = path.rpartition(".corridors.")
        if corridors and not any(p.startswith(f"{good}.") for p in (changed, *others)):
            continue
        for pattern, amount in ABSENT.items():
            if matching(pattern, [path]):
                found[path] = amount
    return found


def is_circumstance(path: str) -> bool:
    """Whether a number tells under what the base flows came about, not what they were."""
    varies = path.rpartition(".")[2] in VARYING
    return varies or any(matching(pattern, [path]) for pattern in CIRCUMSTANCES)


def _changed(scenario: Scenario) -> Iterator[tuple[Path, Any, Any]]:
    """Memories that can be true: what stood at a path of scenarios, of the type that stands there.

    A parent may have held what no scenario can hold, until it was changed.
    """
    for dotted, before in scenario.former.items():
        path = tuple(dotted.split("."))
        owner = kind_at(path[:-1], Scenario)
        is_known = path[-1] in field_names(owner) or get_origin(owner) in (dict, tuple)
        if not is_known:
            continue
        try:
            was = default_at(path, Scenario) if before is None else _typed(owner, path[-1], before)
        except ValidationError:
            continue
        yield path, was, value_at(scenario, path)


def _typed(owner: Any, name: str, before: Any) -> Any:
    """A remembered value as the type that stands at a name."""
    if isinstance(owner, type):
        return _adapter(owner, name).validate_python(before)
    return TypeAdapter(get_args(owner)[-1 if get_origin(owner) is dict else 0]).validate_python(
        before
    )


@lru_cache(maxsize=1024)
def _adapter(owner: type, name: str) -> TypeAdapter[Any]:
    return TypeAdapter(child_kind(owner, name))


def value_at(scenario: Scenario, path: Path) -> Any:
    """What a scenario holds at a path; None where there is nothing."""
    value: Any = scenario
    for name in path:
        if isinstance(value, dict):
            value = value.get(name)
        elif isinstance(value, tuple):
            value = value[int(name)] if name.isdecimal() and int(name) < len(value) else None
        else:
            value = getattr(value, name, None)
    return value


def as_plain(value: Any) -> Any:  # noqa: PLR0911 -- one line a type
    """A value of Python as it would stand in a file."""
    if isinstance(value, BaseModel):
        return as_plain(value.model_dump(exclude_none=True))
    if isinstance(value, Mapping):
        return {str(name): as_plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return tuple(as_plain(inner) for inner in value)
    if isinstance(value, bool):
        return value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Integral):
        return int(value)
    return float(value) if isinstance(value, Real) else value
