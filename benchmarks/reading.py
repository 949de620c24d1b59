"""Speed of the reader of scenarios beside a bare parse of the same text, in one run.

python -m benchmarks.reading: seconds to check every shipped scenario with all of its overrides, by
command; seconds for a file of nearly a mebibyte; and the ratio of the whole reading
to a bare parse by ruamel.yaml, whose scanner is plain Python and costs most of it.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from ruamel.yaml import YAML

from simulator.scenario.reading import checked

ROOT = Path(__file__).parents[1]
SCENARIOS = sorted((ROOT / "scenarios").glob("*.yaml"))
FLAGSHIP = ROOT / "scenarios" / "iran-belarus-2023.yaml"
ROUNDS = 5
MEBIBYTE = 2**20


def seconds(work: Callable[[], object]) -> float:
    """The median time of a piece of work."""
    taken = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def parse(path: Path) -> None:
    """Go through the events of a text and do nothing with them."""
    for _ in YAML(typ="safe", pure=True).parse(path.read_text(encoding="utf-8")):
        pass


def large(folder: Path) -> Path:
    """The flagship with one agreement in so many copies that it has a mebibyte."""
    text = FLAGSHIP.read_text(encoding="utf-8")
    head, mark, tail = text.partition("agreements:\n")
    start = tail.index("  eaeu_free_trade:\n")
    one = tail[start : tail.index("\n\n", start) + 1]
    copies = (MEBIBYTE - len(text.encode())) // (len(one.encode()) + 8)
    more = "".join(one.replace("  eaeu_free_trade:", f"  eaeu_{n}:", 1) for n in range(copies))
    path = folder / "large.yaml"
    path.write_text(f"{head}{mark}{more}{tail}", encoding="utf-8")
    figures = FLAGSHIP.with_name("iran-belarus-observed.csv")
    (folder / figures.name).write_bytes(figures.read_bytes())
    return path


def main() -> None:
    """Print the table."""
    command = [sys.executable, "-m", "simulator", "check", *map(str, SCENARIOS)]
    variants = sum(1 + len(checked(path).overrides) for path in SCENARIOS)
    whole = seconds(lambda: subprocess.run(command, check=True, capture_output=True, cwd=ROOT))  # noqa: S603
    bare = seconds(lambda: parse(FLAGSHIP))
    with tempfile.TemporaryDirectory() as folder:
        path = large(Path(folder))
        size = path.stat().st_size / MEBIBYTE
        start = time.perf_counter()
        checked(path)
        huge = time.perf_counter() - start
        start = time.perf_counter()
        parse(path)
        huge_bare = time.perf_counter() - start
    print("| measure | figure | aim |")
    print("|---|---|---|")
    files = f"{len(SCENARIOS)} files, {variants} variants"
    print(f"| seconds of `sim check scenarios/*.yaml` ({files}) | {whole:.2f} | below 1 |")
    print(f"| seconds of a bare parse of the flagship | {bare:.2f} | |")
    print(f"| seconds to check a file of {size:.2f} MiB | {huge:.1f} | below 10 |")
    print(f"| the same over its bare parse | {huge / huge_bare:.2f} | |")


if __name__ == "__main__":
    main()
