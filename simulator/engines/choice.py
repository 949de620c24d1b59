"""Choice: which engine runs replications. Both give the same bits, so only speed depends on it."""

from collections.abc import Callable
from importlib import import_module

from simulator.conditions import Worlds
from simulator.draws import Fill
from simulator.errors import EnvironmentFaultError
from simulator.specification import Specification
from simulator.trajectory import Trajectories

AUTO, REFERENCE, COMPILED = ENGINES = ("auto", "reference", "compiled")

FEW = 40
"""Replications up to which the reference is as fast: it starts at once. Measured with the flagship
on one core: 40 replications take 4 seconds, those of the compiled engine less than 1 second and its
start another one."""

FEW_TO_COMPILE_FOR = 500
"""The same where the other engine has to be compiled first, which takes half a minute."""

Simulate = Callable[[Specification, int, range], tuple[Worlds, Trajectories]]
"""Runs some replications under a seed; gives their worlds and what happened in them."""


def chosen(engine: str, replications: int, tell: Callable[[str], object] = lambda _: None) -> str:
    """The engine that is meant by a name, for so many replications; told what is worth knowing.

    Raises:
        ValueError: There is no engine of that name.
        EnvironmentFaultError: The compiled engine is asked for, and numba is not there.

    """
    if engine not in ENGINES:
        raise ValueError(f"{engine} is none of the engines {', '.join(ENGINES)}")
    if engine == REFERENCE or (engine == AUTO and replications <= FEW):
        return REFERENCE
    try:
        compiling = import_module("simulator.engines.compiling")
    except ImportError as error:
        if engine == COMPILED:
            raise EnvironmentFaultError(f"the compiled engine needs numba: {error}") from error
        tell("numba is not there: the reference engine does the work, with the same numbers.")
        return REFERENCE
    if compiling.is_compiled("compiled.run"):
        return COMPILED
    if engine == AUTO and replications <= FEW_TO_COMPILE_FOR:
        return REFERENCE
    is_kept = compiling.can_keep()
    end = "; it is kept for later" if is_kept else ", at every start: its cache is not writable"
    tell(f"The fast engine is being compiled, which takes half a minute{end}.")
    return COMPILED


def fill() -> Fill | None:
    """What fetches draws in machine code, if that is there; None: numpy does, with the same bits.

    Nothing is compiled for it.
    """
    try:
        compiling = import_module("simulator.engines.compiling")
    except ImportError:
        return None
    if not compiling.is_compiled("chance.fill_in"):
        return None
    found: Fill = import_module("simulator.engines.chance").fill
    return found


def engine_of(name: str) -> Simulate:
    """What runs replications; the compiled engine is loaded only when it is named."""
    found: Simulate = import_module(f"simulator.engines.{name}").simulate_all
    return found
