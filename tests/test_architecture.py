"""The shape of the house: imports point down, each library has its doors."""

import ast
import sys
from fnmatch import fnmatch
from pathlib import Path

ROOT = Path(__file__).parents[1] / "simulator"

LAYERS = [  # low to high: a module imports only from layers below its own
    ["simulator"],  # the facade names its parts and imports none of them when it is imported
    ["errors", "portable", "calendars", "ledger", "scenario.quantities", "attribution", "turns"],
    ["draws", "equations.*", "scenario.types", "scenario.scalars", "scenario.trees", "trajectory"],
    ["inputs", "scenario.paths"],
    ["scenario.standards", "scenario.plausibility", "scenario.sizes", "scenario.memory"],
    ["scenario.sweeping"],
    ["scenario.checking", "scenario.spelling", "scenario.merging"],
    ["scenario.parsing", "scenario.validating", "scenario.files", "scenario.series"],
    ["scenario.overriding", "scenario.layers"],
    [
        "scenario.reading",
        "scenario.describing",
        "scenario.writing",
        "scenario.schema",
        "scenario.frictions",
    ],
    ["scenario.restating", "scenario.levers"],
    ["scenario.starting", "specification", "runs"],
    ["shocks"],
    ["measures", "potential"],
    ["conditions"],
    ["lives", "journal"],
    ["books", "deals"],
    ["entities"],
    ["engines.stations", "engines.stories", "engines.tables", "engines.log", "invariants"],
    ["engines.reference", "engines.compiling", "engines.memory"],
    ["engines.agenda", "engines.chance"],
    ["engines.world"],
    ["engines.births", "engines.luck", "engines.arrays"],
    ["engines.loading"],
    ["engines.compiled"],
    ["engines.choice"],
    ["replication", "estimates", "files", "cells"],
    ["evidence.panels", "evidence.equilibrium", "evidence.industry"],
    ["evidence.gravity", "evidence.counterfactuals"],
    ["evidence.scores"],
    ["evidence.outside", "evidence.inference", "evidence.observed"],
    ["evidence.pairs", "evidence.outcomes"],
    ["evidence.backtest", "evidence.summaries"],
    ["answers", "sampling", "executors", "parts", "designs"],
    ["clusters", "wording", "replaying", "thresholds", "rules", "influence"],
    ["surfaces"],
    ["mixes"],
    ["drawing", "replay_words", "evidence.credibility", "origins", "studies"],
    ["input_plots"],
    ["plots"],
    ["storage"],
    ["simulation", "catalogue", "verifying", "exporting"],
    ["conditioning", "variances", "indices"],
    ["comparisons", "sweeps", "findings", "trials", "reasons", "evidence.calibration"],
    ["collectives", "needs", "sensitivities"],
    ["explorations"],
    ["comparison_words", "sweep_words", "outside_words", "backtest_words", "outcome_words"],
    ["potential_words", "collective_words", "calibration_words", "need_words", "finding_words"],
    ["sensitivity_words", "reason_words", "exploration_words"],
    ["comparison_plots", "sweep_plots", "backtest_plots", "calibration_plots", "need_plots"],
    ["sensitivity_plots", "reason_plots", "reports"],
    ["pages", "brief_words", "study_reports"],
    ["reporting"],
    ["study_reporting", "what_if"],
    ["explanations", "terminal"],
    ["cli.base"],
    ["cli.explorations"],
    ["cli.scenarios", "cli.runs", "cli.results", "cli.replays"],
    ["cli.experiments", "cli.evidence", "cli.calibrations", "cli.needs", "cli.sensitivities"],
    ["cli.why"],
    ["cli.app"],
    ["__main__"],
]
DOORS = {
    "simpy": ["engines.reference", "engines.stations", "engines.stories"],
    "numba": ["engines.compiling", "engines.memory"],
    "llvmlite": ["engines.compiling"],
    "scipy": [
        "estimates",
        "designs",
        "inputs",
        "measures",
        "conditions",
        "evidence.scores",
        "evidence.counterfactuals",
        "evidence.inference",
        "variances",
        "sensitivities",
    ],
    "SALib": ["indices"],
    "typer": ["cli.*"],
    "filelock": ["parts"],
    "dask": ["clusters"],
    "distributed": ["clusters"],
    "rich": ["terminal"],
    "ruamel": ["scenario.parsing", "scenario.writing"],
    "pydantic": ["scenario.*", "specification"],
    "pydantic_core": ["scenario.*"],
    "jdatetime": ["calendars"],
    "iso3166": ["scenario.standards"],
    "iso4217": ["scenario.standards"],
    "matplotlib": ["drawing", "*plots"],
    "pyarrow": [
        "runs",
        "replication",
        "parts",
        "files",
        "answers",
        "sweeps",
        "sweep_plots",
        "needs",
        "findings",
        "sensitivities",
        "comparisons",
        "reasons",
        "studies",
        "cells",
        "exporting",
        "replaying",
        "evidence.panels",
        "evidence.gravity",
    ],
    "pyfixest": ["evidence.gravity"],
    "xlsxwriter": ["exporting"],
    "jinja2": ["pages"],
    "markupsafe": ["pages"],
    "numpy": ["*"],
}
NO_NUMPY = ["scenario.*", "cli.*", "errors", "ledger", "calendars", "engines.reference"]


def matches(name, patterns):
    """Whether a module's name fits one of the patterns."""
    return any(fnmatch(name, pattern) for pattern in patterns)


def layer(name):
    """The number of a module's layer."""
    return next(n for n, patterns in enumerate(LAYERS) if matches(name, patterns))


def modules():
    """Every module with its parsed source; sub-packages are empty."""
    for path in ROOT.rglob("*.py"):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        if name == "__init__":
            yield "simulator", ast.parse(path.read_text())
        elif name.endswith(".__init__"):
            assert path.read_text() == "", f"{name} must stay empty"
        else:
            yield name, ast.parse(path.read_text())


def runs_never(node):
    """An import for types only, in the facade: it names what others may ask for."""
    return isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING"


def imports(tree, *, facade):
    """Everything a module imports, also in functions and for types."""
    hidden = {
        inner for node in ast.walk(tree) if facade and runs_never(node) for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if node in hidden:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "write absolute imports"
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_imports_point_down_and_libraries_use_their_doors():
    """Every import goes to a lower layer, or through the door of its library."""
    known = dict(modules())
    for name, tree in known.items():
        for target in imports(tree, facade=name == "simulator"):
            inner = target.removeprefix("simulator.")
            library = target.partition(".")[0]
            if inner in known:
                assert layer(inner) < layer(name), f"{name} imports {target}"
            elif library != "simulator" and library not in sys.stdlib_module_names:
                assert matches(name, DOORS[library]), f"{name} imports {target}"
                assert library != "numpy" or not matches(name, NO_NUMPY), f"{name} imports numpy"


def test_no_number_asks_the_locale():
    """H12: whatever the user's language, numbers are read and written with a decimal point."""
    for name, tree in modules():
        assert "locale" not in set(imports(tree, facade=False)), name
        for node in ast.walk(tree):
            if isinstance(node, ast.FormattedValue) and node.format_spec is not None:
                spec = ast.unparse(node.format_spec)
                assert not spec.strip("f'\"").endswith("n"), f"{name} writes {spec}"


def test_equations_know_nothing_but_arithmetic():
    """A formula imports the portable functions and the language, nothing else."""
    for name, tree in modules():
        if name.startswith("equations."):
            for target in imports(tree, facade=False):
                library = target.partition(".")[0]
                allowed = library in sys.stdlib_module_names or target.startswith("simulator.por")
                assert allowed, f"{name} imports {target}"


def test_every_module_has_a_test_of_its_name():
    """The test tree is the source tree."""
    tests = Path(__file__).parent
    for name, tree in modules():
        parts = name.split(".")
        if name in ("simulator", "__main__") or not ast.get_docstring(tree):
            continue
        file = tests.joinpath(*parts[:-1], f"test_{parts[-1]}.py")
        story = tests.joinpath(*parts[:-1], "test_closed_forms.py")
        assert file.exists() or (name == "engines.reference" and story.exists()), name
