"""A simulator of trade between two sanctioned economies and its announced target.

scenario = simulator.load("scenarios/iran-belarus-2023.yaml")
run = simulator.run(scenario, replications=1000)
print(simulator.words(simulator.answer(run)))
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from simulator.answers import Answer, answer, as_json
    from simulator.comparisons import Comparison, compare
    from simulator.errors import SimulatorError
    from simulator.evidence.calibration import Calibration, calibrate
    from simulator.evidence.outside import Outside, outside
    from simulator.findings import find
    from simulator.needs import need
    from simulator.plots import plot
    from simulator.reasons import Reasons, why
    from simulator.reporting import report
    from simulator.runs import Run
    from simulator.scenario.overriding import override
    from simulator.scenario.reading import load
    from simulator.scenario.types import Scenario
    from simulator.sensitivities import Sensitivity, sensitivity
    from simulator.simulation import run
    from simulator.storage import load_run, save
    from simulator.sweeps import Sweep, sweep
    from simulator.wording import words

__version__ = "0.4.0"

__all__ = [
    "Answer",
    "Calibration",
    "Comparison",
    "Outside",
    "Reasons",
    "Run",
    "Scenario",
    "Sensitivity",
    "SimulatorError",
    "Sweep",
    "answer",
    "as_json",
    "calibrate",
    "compare",
    "find",
    "load",
    "load_run",
    "need",
    "outside",
    "override",
    "plot",
    "report",
    "run",
    "save",
    "sensitivity",
    "sweep",
    "why",
    "words",
]

_HOMES = {
    "Answer": "answers",
    "Calibration": "evidence.calibration",
    "Comparison": "comparisons",
    "Outside": "evidence.outside",
    "Reasons": "reasons",
    "Run": "runs",
    "Scenario": "scenario.types",
    "Sensitivity": "sensitivities",
    "SimulatorError": "errors",
    "Sweep": "sweeps",
    "answer": "answers",
    "as_json": "answers",
    "calibrate": "evidence.calibration",
    "compare": "comparisons",
    "find": "findings",
    "load": "scenario.reading",
    "load_run": "storage",
    "need": "needs",
    "outside": "evidence.outside",
    "override": "scenario.overriding",
    "plot": "plots",
    "report": "reporting",
    "run": "simulation",
    "save": "storage",
    "sensitivity": "sensitivities",
    "sweep": "sweeps",
    "why": "reasons",
    "words": "wording",
}
"""Where each public name lives; it is fetched at first use, so that ``sim --help`` starts fast."""


def __getattr__(name: str) -> Any:
    """Fetch a public name from its module."""
    if name not in _HOMES:
        raise AttributeError(f"module 'simulator' has no attribute {name!r}")
    return getattr(import_module(f"simulator.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    """Public names, for completion in a notebook."""
    return [*__all__, "__version__"]
