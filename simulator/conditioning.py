"""Conditioning: a scenario in which some uncertain inputs are known, or moved to a number."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from simulator.draws import Draws
from simulator.inputs import quantile
from simulator.portable import FloatArray
from simulator.scenario.memory import as_plain, remembered
from simulator.scenario.overriding import override
from simulator.scenario.quantities import LAWS, Distribution, Frozen, Quantity, Uniform
from simulator.scenario.trees import with_value
from simulator.scenario.types import MEMORY, Scenario
from simulator.specification import specification

Known = Mapping[str, float]
"""The share of its law that lies below the number of an uncertain input, by path."""


@dataclass(frozen=True, slots=True)
class Setting:
    """Inputs that are known to be so all along, inputs that become so now, and numbers set now."""

    known: Known = field(default_factory=dict)
    moved: Known = field(default_factory=dict)
    stated: Mapping[str, float] = field(default_factory=dict)
    """Numbers by path or pattern, as ``--set`` would set them."""


def at(scenario: Scenario, setting: Setting) -> Scenario:
    """The scenario at a setting of its inputs.

    Raises:
        ScenarioError: A number that is stated is not one of the scenario's, or not allowed.

    """
    after = override(scenario, setting.stated) if setting.stated else scenario
    after = moved(after, setting.moved) if setting.moved else after
    return conditioned(after, setting.known) if setting.known else after


def uncertain(scenario: Scenario) -> tuple[str, ...]:
    """Paths of the numbers that are drawn once in each replication, now or for the base."""
    inputs = specification(scenario).inputs
    places = {place for place, _ in inputs.laws} | {place for place, _ in _former_laws(scenario)}
    return tuple(inputs.paths[place] for place in sorted(places))


def shares(paths: Sequence[str], seed: int, replications: range) -> FloatArray:
    """The share of its law that lies below each input in each replication; last axis inputs."""
    return Draws(seed, replications).shares([f"input {path}" for path in paths])


def conditioned(scenario: Scenario, known: Known) -> Scenario:
    """The scenario in which some uncertain inputs are known.

    They were so all along: when the base was observed as well, by the law that they had then. So a
    replication of the scenario is one of a conditioned one, and the law of total variance holds.
    """
    former = {
        specification(scenario).inputs.paths[place]: law for place, law in _former_laws(scenario)
    }
    memory = dict(scenario.former)
    for path in former.keys() & known.keys():
        changed = next(at for at in memory if path == at or path.startswith(f"{at}."))
        rest = path.split(".")[len(changed.split(".")) :]
        number = as_plain(_certain(Quantity(value=0.0), former[path], known[path]))
        memory[changed] = with_value(memory[changed], tuple(rest), number)
    return _with_numbers(scenario, known).model_copy(update={MEMORY: memory})


def moved(scenario: Scenario, known: Known) -> Scenario:
    """The scenario in which some uncertain inputs become known numbers, whatever they were.

    The base came about with what they were, as where a number is set.
    """
    plain = remembered(as_plain(scenario), (tuple(path.split(".")) for path in known))
    return _with_numbers(scenario, known).model_copy(update={MEMORY: plain.get(MEMORY, {})})


def _former_laws(scenario: Scenario) -> Iterable[tuple[int, Distribution]]:
    """Places of the numbers that were drawn when the base was observed, with their laws."""
    former = specification(scenario).inputs.former
    return [(place, q.law) for place, q in former if q.law is not None]


def _with_numbers(scenario: Scenario, known: Known) -> Scenario:
    """The scenario with laws that leave no choice.

    It is not checked again: what is known of one input may not fit the middles of the others, as
    it does not in a replication either.
    """
    tree: dict[str, Any] = {}
    for path, share in known.items():
        *around, name = path.split(".")
        inside = tree
        for one in around:
            inside = inside.setdefault(one, {})
        inside[name] = share
    found: Scenario = _replaced(scenario, tree)
    return found


def _replaced(value: Any, known: Any) -> Any:
    """A value with the laws that a tree of shares names replaced by their numbers.

    What the tree names and the value lacks is a number of the base that is no more.
    """
    if isinstance(value, Quantity):
        return value if value.law is None else _certain(value, value.law, known)
    if isinstance(value, Frozen):
        there = {name: getattr(value, name) for name in known if hasattr(value, name)}
        return value.model_copy(
            update={name: _replaced(inner, known[name]) for name, inner in there.items()}
        )
    if isinstance(value, dict):
        there = {name: value[name] for name in known if name in value}
        return value | {name: _replaced(inner, known[name]) for name, inner in there.items()}
    if isinstance(value, tuple):
        return tuple(
            _replaced(inner, known[str(n)]) if str(n) in known else inner
            for n, inner in enumerate(value)
        )
    return value


def _certain(quantity: Quantity, law: Distribution, share: float) -> Quantity:
    """A quantity whose law has one number; a value would have to be a whole one in places."""
    number = quantile(law, share)
    laws = dict.fromkeys(LAWS) | {"uniform": Uniform(low=number, high=number)}
    return quantity.model_copy(update=laws | {"value": None})
