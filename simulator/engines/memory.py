"""Memory: arrays that compiled code reaches by name, through bare pointers.

A tuple of arrays would count references at every call; a tuple of pointers costs nothing. The same
code reads the arrays themselves when it is not compiled.
"""

from collections.abc import Callable, Collection, Iterator
from functools import cache
from itertools import accumulate
from threading import local
from typing import Any, NamedTuple, TypeAlias
from weakref import ref

import numpy as np
import numpy.typing as npt
from numba import types
from numba.extending import intrinsic

Array = npt.NDArray[Any]

Floats: TypeAlias = npt.NDArray[np.float64]
Ints: TypeAlias = npt.NDArray[np.int64]
"""Kinds of fields; one that is ``float`` or ``int`` is a single number."""

_KINDS = {
    Floats: types.CPointer(types.float64),
    Ints: types.CPointer(types.int64),
    float: types.float64,
    int: types.int64,
}


LINE, GAP = 8, 3
"""Numbers in a line of the processor's cache, and lines between two arrays."""


@cache
def fields_of(groups: type[NamedTuple]) -> dict[tuple[str, str], Any]:
    """The kind of every field of a tuple of tuples, by group and name, in order."""
    return {
        (group, name): kind
        for group, cls in groups.__annotations__.items()
        for name, kind in cls.__annotations__.items()
    }


def dtype_of(groups: type[NamedTuple], group: str, name: str) -> type[np.float64 | np.int64]:
    """What the numbers of a field are."""
    return np.float64 if fields_of(groups)[group, name] in (Floats, float) else np.int64


def fitted(groups: type[NamedTuple], group: str, name: str, array: npt.ArrayLike) -> Array:
    """An array as its field needs it; unsigned numbers keep their bits."""
    found = np.asarray(array)
    if found.dtype == np.uint64:
        return np.ascontiguousarray(found).view(np.int64)
    return np.ascontiguousarray(found, dtype=dtype_of(groups, group, name))


def cut(counts: Collection[int]) -> Iterator[Floats]:
    """Arrays of so many numbers, each from the beginning of a line of the cache on.

    They are cut from one piece of memory, because the system gives large pieces in large pages,
    which a processor finds sooner. Some lines are left out between two: places of columns would
    else be multiples of a page apart, and push each other out of a cache that tells them apart by
    where they are in their page.
    """
    lines = [-(-count // LINE) + GAP for count in counts]
    *starts, total = accumulate((LINE * size for size in lines), initial=0)
    numbers = _piece(total + LINE)
    numbers = numbers[-numbers.ctypes.data % (LINE * numbers.itemsize) // numbers.itemsize :]
    return (numbers[start:][:count] for start, count in zip(starts, counts, strict=True))


class _Own(local):
    """The piece of memory that a thread works in, and a reference to who has it."""

    def __init__(self) -> None:
        self.piece = np.empty(0)
        self.user: Callable[[], Floats | None] = lambda: None


_OWN = _Own()


def _piece(count: int) -> Floats:
    """Memory for so many numbers: what the thread has used before, once nobody looks at it.

    The system clears new memory before it gives it away, which takes a twentieth of the time of
    what is then done there.
    """
    if len(_OWN.piece) < count or _OWN.user() is not None:
        _OWN.piece = np.empty(count)
    # Parts of an array keep it alive, if it has its numbers from something that is no array.
    numbers: Floats = np.frombuffer(_OWN.piece.data)
    _OWN.user = ref(numbers)
    return numbers


def opener(groups: type[NamedTuple]) -> Any:
    """A function that compiled code calls to turn an array of addresses into a world."""
    members = [
        types.NamedTuple([_KINDS[kind] for kind in cls.__annotations__.values()], cls)
        for cls in groups.__annotations__.values()
    ]
    whole = types.NamedTuple(members, groups)

    @intrinsic  # type: ignore[untyped-decorator]
    def opened(_: Any, addresses: Any) -> Any:
        def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            array = context.make_array(signature.args[0])(context, builder, arguments[0])
            place, parts = 0, []
            for member in members:
                values = []
                for kind in member.types:
                    where = builder.gep(array.data, [context.get_constant(types.intp, place)])
                    is_number = not isinstance(kind, types.CPointer)
                    wanted = context.get_value_type(types.CPointer(kind) if is_number else kind)
                    pointer = builder.inttoptr(builder.load(where), wanted)
                    values.append(builder.load(pointer) if is_number else pointer)
                    place += 1
                parts.append(context.make_tuple(builder, member, values))
            return context.make_tuple(builder, whole, parts)

        return whole(addresses), code

    return opened
