"""The least that an event can cost: a hold loop on a binary heap, in C.

Take the earliest entry, put it back a random time later: what every engine does with its agenda,
and nothing else. An entry is a time and a word, as in the compiled engine.
"""

import ctypes
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

SOURCE = """
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

typedef struct { double time; int64_t word; } entry;

static inline int before(const entry *a, const entry *b)
{
    return a->time < b->time || (a->time == b->time && a->word < b->word);
}

static inline void push(entry *heap, int64_t *count, entry new)
{
    int64_t place = (*count)++;
    while (place > 0) {
        int64_t above = (place - 1) >> 1;
        if (before(&heap[above], &new)) break;
        heap[place] = heap[above];
        place = above;
    }
    heap[place] = new;
}

static inline entry pop(entry *heap, int64_t *count)
{
    entry first = heap[0], last = heap[--*count];
    int64_t place = 0, child = 1;
    while (child < *count) {
        if (child + 1 < *count && before(&heap[child + 1], &heap[child])) child++;
        if (!before(&heap[child], &last)) break;
        heap[place] = heap[child];
        place = child;
        child = 2 * place + 1;
    }
    heap[place] = last;
    return first;
}

static inline double uniform(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return (double)(*state >> 11) * 0x1.0p-53;
}

/* Nanoseconds an event, of so many events on a heap of so many entries. */
double hold(int64_t size, int64_t events)
{
    entry *heap = malloc((size_t)(size + 1) * sizeof(entry));
    uint64_t state = 88172645463325252ULL;
    int64_t count = 0, word = 0;
    struct timespec start, end;
    while (count < size) push(heap, &count, (entry){uniform(&state), word++});
    clock_gettime(CLOCK_MONOTONIC, &start);
    for (int64_t event = 0; event < events; event++) {
        entry first = pop(heap, &count);
        push(heap, &count, (entry){first.time + uniform(&state), word++});
    }
    clock_gettime(CLOCK_MONOTONIC, &end);
    double spent = 1e9 * (double)(end.tv_sec - start.tv_sec);
    spent += (double)(end.tv_nsec - start.tv_nsec);
    /* The earliest time is used, so that no compiler takes the loop away. */
    int is_sane = heap[0].time > 0.0;
    free(heap);
    return is_sane ? spent / (double)events : -1.0;
}
"""

Hold = Callable[[int, int], float]
"""Nanoseconds an event, by the size of the heap and the number of events."""


def compiled() -> Hold | None:
    """The loop as machine code, or nothing where there is no compiler."""
    compiler = shutil.which("cc")
    if compiler is None:
        return None
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        source, library = Path(folder) / "heap_loop.c", Path(folder) / "heap_loop.so"
        source.write_text(SOURCE, encoding="utf-8")
        command = [compiler, "-O3", "-shared", "-fPIC", "-o", str(library), str(source)]
        subprocess.run(command, check=True)  # noqa: S603 -- the compiler that was found
        hold = ctypes.CDLL(str(library)).hold
    hold.restype = ctypes.c_double
    hold.argtypes = [ctypes.c_int64, ctypes.c_int64]
    return hold
