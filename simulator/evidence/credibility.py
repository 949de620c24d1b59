"""Credibility: how far each part of an answer can be trusted, by level and with the evidence."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch

from simulator.answers import Answer
from simulator.influence import Influence
from simulator.scenario.types import Scenario, quantities

LEVELS = ("none", "weak", "some", "good", "strong")
"""Levels 0 to 4 in words; 0 where there is no evidence."""

SOURCED = (0.0, 0.25, 0.6, 0.9)
"""Shares of sourced inputs above which their pedigree is weak, some, good, strong."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """One factor, its level, and what the level rests on."""

    factor: str
    level: int
    evidence: str

    @property
    def words(self) -> str:
        """The level in words, with its number."""
        return f"{LEVELS[self.level]} ({self.level} of {len(LEVELS) - 1})"


@dataclass(frozen=True, slots=True)
class Ground:
    """A part of the answer, and the inputs on which it rests."""

    part: str
    patterns: tuple[str, ...]
    sourced: int
    total: int

    @property
    def level(self) -> int:
        """The level of the pedigree of its inputs."""
        return pedigree(self.sourced, self.total)

    @property
    def words(self) -> str:
        """The level in words, with its number."""
        return f"{LEVELS[self.level]} ({self.level} of {len(LEVELS) - 1})"


PARTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Target, base year and the statistics of either side", ("target.*", "base.*", "statistics.*")),
    ("Potential trade and capacity", ("exports.*", "adjustment.*", "world_price_rate")),
    ("Output, exchange rates and customs of the economies", ("economies.*",)),
    ("Relationships and orders", ("relationships.*",)),
    ("Payments: refused, waiting, clearing limit", ("settlement.*",)),
    ("Transport: late, corridor closed", ("corridors.*",)),
    ("Contracts and the largest deal", ("contracts.*",)),
    ("Agreements and other measures", ("agreements.*", "measures.*")),
    ("Sanctions and geopolitics", ("sanctions.*", "geopolitics.*")),
)
"""Parts of an answer, with the paths of the inputs that they rest on."""


def pedigree(sourced: int, total: int) -> int:
    """The level of inputs of which so many are sourced."""
    share = sourced / total if total else 0.0
    return sum(share > limit for limit in SOURCED)


def grounds(scenario: Scenario) -> Iterator[Ground]:
    """What each part of an answer rests on; parts without an input are left out."""
    numbers = list(quantities(scenario))
    for part, patterns in PARTS:
        some = [q for path, q in numbers if any(fnmatch(path, pattern) for pattern in patterns)]
        if some:
            yield Ground(part, patterns, sum(not q.is_assumed for q in some), len(some))


def judged(answer: Answer, found: Sequence[Influence]) -> Iterator[Judgement]:
    """The eight factors of NASA-STD-7009 (2008), each with the evidence that there is.

    What speaks of the program alone is the same in every report and stands in the README; inputs,
    uncertainty and robustness are those of the run.
    """
    yield Judgement(
        "Verification",
        3,
        "Two engines written apart give the same bits on random scenarios; queues meet their "
        "closed forms; orders, money and goods are conserved in every replication of this run. "
        "No one outside the project has repeated it.",
    )
    yield Judgement(
        "Validation",
        1,
        "Scored against history on other pairs, with assumed payments and relationships: CRPS of "
        "log turnover 0.482 after one year and 0.678 after three for pairs of two sanctioned "
        "economies, 0.496 and 0.731 for the best benchmarks; 87% and 79% fell into the 90% band, "
        "so that ranges several years ahead are probably too narrow. "
        "This scenario itself is not scored here.",
    )
    yield _inputs(answer)
    yield _uncertainty(answer, found)
    yield _robustness(found)
    yield Judgement("Use history", 0, "No decision is known that was taken with this model.")
    yield Judgement(
        "Management",
        2,
        "Versions, seed and hashes are stored with the run, and the same command gives the same "
        "bytes; tests run at every change. No outside process watches over it.",
    )
    yield Judgement("People", 0, "No independent reviewer has examined the model or this scenario.")


def _inputs(answer: Answer) -> Judgement:
    inputs = answer.inputs
    return Judgement(
        "Input pedigree",
        pedigree(inputs.sourced, inputs.total),
        f"{inputs.sourced} of {inputs.total} inputs have a source, {inputs.assumed} are assumed; "
        "of many sourced ones the spread is assumed.",
    )


def _uncertainty(answer: Answer, found: Iterable[Influence]) -> Judgement:
    drawn = sum(1 for _ in found)
    if answer.replications < 2:
        return Judgement("Results uncertainty", 0, "One run tells no uncertainty.")
    what = f"{drawn} uncertain inputs" if drawn else "uncertain inputs"
    return Judgement(
        "Results uncertainty",
        2,
        f"Ranges hold chance and {what} as the scenario states their laws; they leave out what it "
        "does not cover, and that the model may be wrong.",
    )


def _robustness(found: Sequence[Influence]) -> Judgement:
    if not found:
        return Judgement("Results robustness", 0, "What the answer hangs on is not known.")
    clear = sum(one.is_clear for one in found)
    return Judgement(
        "Results robustness",
        1,
        f"Every uncertain input was varied, all at once; {clear} of {len(found)} move turnover "
        "clearly. Other forms of the model were not tried.",
    )
