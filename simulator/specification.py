"""Specification: a scenario as arrays of places in its vector of numbers, made once per run."""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from threading import Lock
from typing import Any

import numpy as np
import numpy.typing as npt

from simulator.calendars import Periods, periods
from simulator.inputs import Inputs
from simulator.scenario.memory import base_numbers, gone_numbers
from simulator.scenario.paths import matching
from simulator.scenario.quantities import Frozen, Within, within_of
from simulator.scenario.types import DAYS_PER_MONTH, Contract, Effect, Scenario, quantities
from simulator.trajectory import FIRST_CONTRACT, INCUMBENTS

IntArray = npt.NDArray[np.int64]
ABSENT = -1
"""Place of a number that a scenario leaves out: infinity stands there."""


@dataclass(frozen=True, slots=True)
class Flow:
    """One good in one direction."""

    exporter: str
    importer: str
    good: str

    @property
    def name(self) -> str:
        """Name in streams and records."""
        return f"{self.exporter}.{self.good}"


@dataclass(frozen=True, slots=True)
class Impact:
    """An effect on one number: which measure, which place, and the place of the amount."""

    measure: int
    place: int
    multiplies: bool
    amount: int


@dataclass(frozen=True)
class Specification:
    """What both engines and the conditions read of a scenario; names in sorted order.

    ``columns`` maps a field of a collection, such as ``channel.refusal_share``, to the places of
    its numbers in the order of the collection's names.
    """

    scenario: Scenario
    periods: Periods
    inputs: Inputs
    low: npt.NDArray[np.float64]
    high: npt.NDArray[np.float64]
    economies: tuple[str, ...]
    flows: tuple[Flow, ...]
    channels: tuple[str, ...]
    corridors: tuple[str, ...]
    contracts: tuple[tuple[str, Contract], ...]
    measures: tuple[str, ...]
    changes: tuple[Impact, ...]
    columns: dict[str, IntArray]
    by_path: dict[str, int]

    @property
    def known_until(self) -> float:
        """The day until which everything is known, so that nothing new happens by chance."""
        return max(0.0, self.periods.day(self.scenario.information_date))

    @cached_property
    def exporters(self) -> IntArray:
        """Number of the economy that exports each flow."""
        return np.array([self.economies.index(flow.exporter) for flow in self.flows], np.int64)

    def flow(self, exporter: str, good: str) -> int:
        """Number of a flow."""
        return next(n for n, f in enumerate(self.flows) if (f.exporter, f.good) == (exporter, good))

    def repair_days(
        self, numbers: npt.NDArray[np.float64], kind: str, place: int
    ) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """Days between failures and to repair of a channel or corridor; it may never fail."""
        column = self.columns.get(f"{kind}.interruptions.between_months")
        if column is None or column[place] == ABSENT:
            never = np.full(numbers.shape[:-1], np.inf)
            return never, np.zeros_like(never)
        repair = self.columns[f"{kind}.interruptions.repair_months"]
        return (
            numbers[..., column[place]] * DAYS_PER_MONTH,
            numbers[..., repair[place]] * DAYS_PER_MONTH,
        )

    def places(self, column: str) -> IntArray:
        """Places of a field's numbers over its collection."""
        return self.columns[column]

    def stream(self, number: int) -> str:
        """A stream of orders in a word: incumbent, entrant, or the name of a contract."""
        if number >= FIRST_CONTRACT:
            return self.contracts[number - FIRST_CONTRACT][0]
        return "incumbent" if number == INCUMBENTS else "entrant"

    def place(self, path: str) -> int:
        """Place of one number."""
        return self.by_path[path]


_ARRANGED: deque[Specification] = deque(maxlen=4)
_AT_A_TIME = Lock()


def specification(scenario: Scenario) -> Specification:
    """Arrange a scenario for the engines; the last few are kept."""
    with _AT_A_TIME:
        for known in _ARRANGED:
            if known.scenario is scenario or known.scenario == scenario:
                return known
        found = _arranged(scenario)
        _ARRANGED.append(found)
    return found


def _arranged(scenario: Scenario) -> Specification:
    named = [*quantities(scenario), *sorted(gone_numbers(scenario).items())]
    inputs = Inputs.of(named, base_numbers(scenario))
    places = {path: place for place, path in enumerate(inputs.paths)}
    economies = tuple(sorted(scenario.economies))
    flows = tuple(
        Flow(exporter, scenario.partner(exporter), good)
        for exporter in sorted(scenario.exports)
        for good in sorted(scenario.exports[exporter].goods)
    )
    channels = tuple(sorted(scenario.settlement.channels))
    corridors = tuple(sorted(scenario.corridors))
    collections = {
        "economy": [f"economies.{name}" for name in economies],
        "export": [f"exports.{name}" for name in economies],
        "good": [f"exports.{flow.exporter}.goods.{flow.good}" for flow in flows],
        "exporter": [f"economies.{flow.exporter}" for flow in flows],
        "importer": [f"economies.{flow.importer}" for flow in flows],
        "channel": [f"settlement.channels.{name}" for name in channels],
        "corridor": [f"corridors.{name}" for name in corridors],
    }
    columns: dict[str, IntArray] = {}
    for collection, prefixes in collections.items():
        columns.update(_columns(collection, prefixes, places))
    low, high = _bounds(scenario, inputs.paths)
    measures, changes = _changes(scenario, places)
    return Specification(
        scenario=scenario,
        periods=periods(
            scenario.horizon.start,
            scenario.horizon.end,
            scenario.horizon.warm_up_days,
        ),
        inputs=inputs,
        low=low,
        high=high,
        economies=economies,
        flows=flows,
        channels=channels,
        corridors=corridors,
        contracts=tuple(sorted(scenario.contracts.items())),
        measures=measures,
        changes=changes,
        columns=columns,
        by_path=places,
    )


def _columns(
    collection: str, prefixes: Sequence[str], places: dict[str, int]
) -> Iterable[tuple[str, IntArray]]:
    """For every field found under any of the prefixes, its places under all of them."""
    fields = {
        path.removeprefix(f"{prefix}."): None
        for prefix in prefixes
        for path in places
        if path.startswith(f"{prefix}.")
    }
    for field in fields:
        found = [places.get(f"{prefix}.{field}", ABSENT) for prefix in prefixes]
        yield f"{collection}.{field}", np.array(found, dtype=np.int64)


def _changes(
    scenario: Scenario, places: dict[str, int]
) -> tuple[tuple[str, ...], tuple[Impact, ...]]:
    """Measures by path (agreements, sanctions and the processes of new ones), and their effects."""
    effects = scenario.effects
    changes = [
        Impact(
            number,
            places[path],
            effect.multiply is not None,
            places[_amount(measure, name, effect)],
        )
        for number, measure in enumerate(effects)
        for name, effect in sorted(effects[measure].items())
        for path in matching(effect.path, places)
    ]
    return tuple(effects), tuple(changes)


def _amount(measure: str, name: str, effect: Effect) -> str:
    """Path of an effect's amount."""
    return f"{measure}.effects.{name}.{'add' if effect.multiply is None else 'multiply'}"


def _bounds(
    scenario: Scenario, paths: Sequence[str]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """The range each number must keep under effects, as its type states it."""
    ranges = dict(_ranges(scenario, ""))
    low = [ranges[path].low if path in ranges else -np.inf for path in paths]
    high = [ranges[path].high if path in ranges else np.inf for path in paths]
    return np.array([*low, -np.inf]), np.array([*high, np.inf])


def _ranges(value: Any, path: str) -> Iterable[tuple[str, Within]]:
    """Every number of ``value`` whose type states a range."""
    if isinstance(value, dict):
        for name, child in value.items():
            yield from _ranges(child, f"{path}{name}.")
    elif isinstance(value, Frozen):
        for name, field in type(value).model_fields.items():
            within = within_of(field.metadata, field.annotation)
            if within is not None:
                yield f"{path}{name}", within
            else:
                yield from _ranges(getattr(value, name), f"{path}{name}.")
