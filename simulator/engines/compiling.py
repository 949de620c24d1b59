"""Compiling: the door to numba, with a cache that follows what compiled code is made of."""

import hashlib
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FunctionType
from typing import Any, TypeVar

import llvmlite
import numba
from llvmlite import ir
from numba import types
from numba.core import config
from numba.core.cgutils import get_or_insert_function
from numba.core.typing import Signature
from numba.extending import intrinsic

Function = TypeVar("Function", bound=Callable[..., Any])

FOLDER = Path(__file__).parents[1]
SOURCES = (
    *("portable.py", "equations/*.py", "engines/*.py", "entities.py", "lives.py", "draws.py"),
    *("trajectory.py", "ledger.py", "scenario/types.py"),
)
"""Files from which compiled code takes functions and constants."""


def cache_folder() -> Path:
    """Where compiled code is kept.

    numba notices a changed file only where a function of its own stands in it, not where that takes
    a formula or a constant from another. So the folder's name is a hash of all of them.
    """
    content = hashlib.sha256()
    for pattern in SOURCES:
        for file in sorted(FOLDER.glob(pattern)):
            content.update(f"{file.name} {file.stat().st_size} ".encode())
            content.update(file.read_bytes())
    # numba keeps the code of each installation apart.
    versions = f"{numba.__version__} {llvmlite.__version__} {sys.version} {FOLDER}"
    content.update(versions.encode())
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "trade-simulator" / content.hexdigest()[:16]


def inlined(function: Function, **parts: Callable[..., Any]) -> Function:
    """Compile a function into whatever calls it; ``parts`` are the compiled ones that it calls."""
    if parts:
        known = {**function.__globals__, **parts}
        function = FunctionType(function.__code__, known, function.__name__)  # type: ignore[assignment]
    result: Function = numba.njit(forceinline=True, error_model="numpy")(function)
    return result


def shared(function: Function) -> Function:
    """Compile a function once for all that call it; it must not take a whole world."""
    result: Function = numba.njit(error_model="numpy")(function)
    return result


def compiled(signature: str) -> Callable[[Function], Function]:
    """Compile a function that runs without the interpreter's lock, and keep it for later starts."""

    def compile_(function: Function) -> Function:
        with _keeping() as is_kept:
            made = numba.njit(signature, nogil=True, cache=is_kept, error_model="numpy")
            result: Function = made(function)
        return result

    return compile_


@contextmanager
def _keeping() -> Iterator[bool]:
    """Let numba keep what it compiles meanwhile, if the cache can be written."""
    before = config.CACHE_DIR
    is_kept = can_keep()
    config.CACHE_DIR = str(cache_folder()) if is_kept else before
    try:
        yield is_kept
    finally:
        config.CACHE_DIR = before


def can_keep() -> bool:
    """Whether the cache can be written; elsewhere numba would keep code that follows nothing."""
    try:
        cache_folder().mkdir(parents=True, exist_ok=True)
    except (OSError, RuntimeError):  # the latter where there is no home
        return False
    return os.access(cache_folder(), os.W_OK)


def is_compiled(function: str) -> bool:
    """Whether an earlier start has left a function, named by its module and itself."""
    return can_keep() and any(cache_folder().rglob(f"{function}-*.nbi"))


@intrinsic  # type: ignore[untyped-decorator]
def product(_context: Any, _a: Any, _b: Any) -> Any:
    """The upper and the lower half of the product of two unsigned 64-bit numbers."""
    halves = types.UniTuple(types.uint64, 2)

    def code(context: Any, builder: Any, _: Any, factors: Any) -> Any:
        word, wide = ir.IntType(64), ir.IntType(128)
        whole = builder.mul(*(builder.zext(factor, wide) for factor in factors))
        high = builder.trunc(builder.lshr(whole, ir.Constant(wide, 64)), word)
        return context.make_tuple(builder, halves, [high, builder.trunc(whole, word)])

    return Signature(halves, (types.uint64, types.uint64), None), code


@intrinsic  # type: ignore[untyped-decorator]
def prefetch(_context: Any, numbers: Any, _place: Any) -> Any:
    """Bring a number and its neighbours near the processor, while it goes on with other work."""

    def code(context: Any, builder: Any, _: Any, arguments: Any) -> Any:
        short, pointer = ir.IntType(32), ir.IntType(8).as_pointer()
        kind = ir.FunctionType(ir.VoidType(), [pointer, short, short, short])
        function = get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
        where = builder.bitcast(builder.gep(arguments[0], [arguments[1]]), pointer)
        to_read, for_long, data = (ir.Constant(short, value) for value in (0, 3, 1))
        builder.call(function, [where, to_read, for_long, data])
        return context.get_dummy_value()

    return Signature(types.none, (numbers, types.int64), None), code


@intrinsic  # type: ignore[untyped-decorator]
def power_of_two(_context: Any, _exponent: Any) -> Any:
    """Two to an exponent between -1022 and 1023, by its bits."""

    def code(_: Any, builder: Any, __: Any, arguments: Any) -> Any:
        word = ir.IntType(64)
        biased = builder.add(arguments[0], ir.Constant(word, 1023))
        return builder.bitcast(builder.shl(biased, ir.Constant(word, 52)), ir.DoubleType())

    return Signature(types.float64, (types.int64,), None), code
