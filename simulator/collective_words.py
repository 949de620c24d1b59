"""The words of a collective's parts, as a terminal of 90 columns shows them."""

from collections.abc import Iterator, Sequence

from simulator.collectives import WHOLE, Part
from simulator.errors import visible
from simulator.scenario.types import Scenario
from simulator.wording import MINUS, TO, count, labelled

UNCLEAR = "~"


def words(scenario: Scenario, found: Sequence[Part]) -> str:
    """What the parts of a collective do, as text of at most 90 columns, the finding first."""
    lines = [
        labelled("Question", visible(scenario.question)),
        labelled("Finding", _finding(scenario, found)),
        "",
        *_table(found),
        "",
        labelled(
            "How to read it",
            f"each part is taken away alone, {count(found[0].effect.pairs)} pairs of runs on the "
            f"same draws; {UNCLEAR} marks what is not clear; parts do not add up where they work "
            "together",
        ),
    ]
    return "\n".join(lines) + "\n"


def _finding(scenario: Scenario, found: Sequence[Part]) -> str:
    assert scenario.collective is not None
    size = 2 + len(scenario.collective.members)
    whole = next(part for part in found if part.name == WHOLE).effect.rows[0]
    does = "raises" if whole.change.value > 0 else "lowers"
    verdict = (
        f"{does} turnover of {scenario.target.year} by USD {abs(whole.change.value):.1f} million"
        if whole.is_clear
        else f"makes no clear difference to turnover of {scenario.target.year}"
    )
    signs = {
        word: [part.name for part in found if part.name != WHOLE and _sign(part) == word]
        for word in ("+", MINUS)
    }
    told = [
        f"{word}: {', '.join(names)}"
        for word, names in zip(("for it", "against it"), signs.values(), strict=True)
        if names
    ]
    return "; ".join([f"the collective of {size} {verdict}", *told])


def _sign(part: Part) -> str:
    row = part.effect.rows[0]
    if not row.is_clear:
        return UNCLEAR
    return "+" if row.change.value > 0 else MINUS


def _table(found: Sequence[Part]) -> Iterator[str]:
    head = found[0].effect.rows[0].words
    yield f"  What it does to turnover of {found[0].effect.year}, {head}"
    yield f"{'':34}{'USD million a year':>28}{'points of the chance':>24}"
    for part in found:
        row, chance = part.effect.rows[0].change, part.effect.chances[0].change
        amount = _signed(row.value, 2)
        if row.half_width is not None:
            low, high = row.value - row.half_width, row.value + row.half_width
            amount += f" ({_signed(low, 2)}{TO}{_signed(high, 2)})"
        points = f"{_signed(100 * chance.value, 1)} ({_signed(100 * chance.low, 1)}{TO}"
        points += f"{_signed(100 * chance.high, 1)})"
        yield f"  {_sign(part)} {part.name:28}{amount:>30}{points:>25}"


def _signed(number: float, digits: int) -> str:
    """A number with its sign, unless it is none."""
    told = f"{abs(number):.{digits}f}"
    return told if float(told) == 0.0 else f"{'+' if number > 0 else MINUS}{told}"
