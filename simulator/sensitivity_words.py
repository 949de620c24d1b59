"""The words of a sensitivity, as a terminal of 90 columns shows them."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from simulator.comparison_words import signed
from simulator.errors import visible
from simulator.estimates import Z, rounded
from simulator.indices import FIRST_ORDER, TOTAL
from simulator.scenario.paths import grouped
from simulator.sensitivities import (
    SCREENING,
    Effect,
    Indexed,
    Input,
    Knowledge,
    Sensitivity,
    Study,
)
from simulator.sweep_words import duration
from simulator.variances import Part
from simulator.wording import MINUS, TO, count, labelled, wrapped

MOST_WORTH = 5
"""Inputs whose worth is told."""

MOST_PATTERNS = 6
"""Groups of inputs that are named where they move nothing clearly."""


def words(found: Sensitivity, *, folder: Path | None = None, repeat: str = "") -> str:
    """The sensitivity as text of at most 90 columns, the answer first."""
    parts = ["\n".join(map(wrapped, sentences(found)))]
    if found.bars:
        parts.append("\n".join(_bars(found)))
    if found.knowledge is not None:
        parts.append("\n".join(_worth(found.knowledge)))
    if found.indices:
        parts += ["\n".join(_indices(found, outcome)) for outcome in _outcomes(found)]
    parts.append("\n".join(_notes(found)))
    where = [labelled("Results", f"{folder}/", split=False)] if folder is not None else []
    if repeat:
        where.append(labelled("Repeat", repeat, split=False))
    return "\n\n".join([*parts, *(["\n".join(where)] if where else [])]) + "\n"


def plan(asked: Study, seconds: float) -> str:
    """What is going to be done: the inputs, the runs and the time."""
    return (
        f"{count(len(asked.inputs))} uncertain inputs: about {count(asked.runs())} runs, "
        f"{duration(seconds)}."
    )


def sentences(found: Sensitivity) -> Iterator[str]:
    """What moves the answer most, how much of it could be known, and what to find out first."""
    if found.indices:
        yield from _of_indices(found)
        return
    yield finding(found)
    if found.knowledge is not None:
        yield _split(found.knowledge)
        yield _research(found, found.knowledge)


def finding(found: Sensitivity) -> str:
    """The input that moves the chance most, or that none does clearly."""
    chance = (
        f"the chance that the target of USD {_number(found.target_usd_million)} million is met in "
        f"{found.year} ({visible(found.statistics)})"
    )
    of = f"Of {count(found.inputs)} uncertain inputs" if found.inputs > 1 else "Of one input"
    moving = [bar for bar in found.bars if bar.chance.is_clear]
    if moving:
        first = moving[0]
        return (
            f"{of}, {visible(first.input.path)} moves {chance} most: from "
            f"{points(first.chance.at_low)} to {points(first.chance.at_high)} of 100 runs as it "
            "goes from its P10 to its P90."
        )
    text = f"{of}, none clearly moves {chance}"
    if found.clear:
        first = max(found.clear, key=lambda bar: abs(bar.median.change))
        return f"{text}; {visible(first.input.path)} moves the middle turnover most."
    return f"{text}."


def points(share: float) -> str:
    """A chance in runs of a hundred."""
    return f"{100 * share:.0f}" if share in (0.0, 1.0) else f"{100 * share:.1f}"


def ends(one: Input) -> str:
    """What an input is at its P10 and at its P90."""
    return f"{_number(one.low)} \u2192 {_number(one.high)}"


def _number(value: float) -> str:
    return f"{value:.3g}" if abs(value) < 1000 else count(round(value))


def _split(knowledge: Knowledge) -> str:
    part = knowledge.of_event
    if part is None:
        return "Every run says the same of the target, so there is nothing to find out."
    return (
        f"Not knowing the inputs makes {_percent(part.value)} of the uncertainty whether the "
        f"target is met ({_range(part)}); {_percent(1 - part.value)} is run noise, which remains "
        "whatever is known."
    )


def _research(found: Sensitivity, knowledge: Knowledge) -> str:
    if knowledge.of_event is None:
        return "No input is worth research for this question."
    if knowledge.best is not None:
        part = knowledge.best.part
        return (
            f"Research {visible(knowledge.best.input.path)} first: knowing it would take away "
            f"about {_percent(part.value)} of the uncertainty ({_range(part)}, for all "
            f"{count(found.inputs)} inputs together)."
        )
    most = max((one.part.high for one in knowledge.worth if not one.input.is_lever), default=0.0)
    return (
        "No single input is surely worth research: none would take away more than "
        f"{_percent(most)} of the uncertainty (95%, for all {count(found.inputs)} inputs together)."
    )


def _range(part: Part) -> str:
    return f"95% interval {100 * part.low:.1f} to {_percent(part.high)}"


def _percent(share: float) -> str:
    return f"{100 * max(share, 0.0):.1f}%" if 0 < share < 0.1 or share > 0.9 else f"{share:.0%}"


def _bars(found: Sensitivity) -> Iterator[str]:
    """Every input that clearly moves something, and run noise beside them."""
    runs = count(found.replications)
    yield f"  Each input at its P10 and at its P90, {runs} runs on common draws"
    for number, bar in enumerate(found.clear, start=1):
        yield f"  {number:>3}  {visible(bar.input.path)}{_marks(bar.input)}"
        yield f"       {ends(bar.input)}"
        yield f"         chance, of 100 runs     {_chance(bar.chance)}"
        yield f"         middle, USD million     {_median(bar.median)}"
    if not found.clear:
        yield "    No input has a clear effect."
    yield "       replication noise: P10 to P90 of the same runs on other draws"
    if found.noise is not None:
        low, high = (points(share) for share in found.noise.chance)
        yield f"         chance, of 100 runs     {low} \u2192 {high}"
        if found.noise.median is not None:
            width = (found.noise.median[1] - found.noise.median[0]) / 2
            low, high = (rounded(one, width) for one in found.noise.median)
            yield f"         middle, USD million     {low} \u2192 {high}"


def _marks(one: Input) -> str:
    marks = [
        name for name, there in (("lever", one.is_lever), ("assumed", one.is_assumed)) if there
    ]
    return f"  ({', '.join(marks)})" if marks else ""


def _chance(effect: Effect) -> str:
    text = f"{points(effect.at_low)} \u2192 {points(effect.at_high)}"
    low, high = effect.low or 0.0, effect.high or 0.0
    change = f"{_signed(effect.change)} ({_signed(low)} to {_signed(high)})"
    return f"{text:>15}   {change}{'' if effect.is_clear else ' ~'}"


def _signed(share: float) -> str:
    text = f"{100 * share:+.1f}"
    return text.replace("-", MINUS)


def _median(effect: Effect) -> str:
    error = 0.0
    if effect.low is not None and effect.high is not None:
        error = (effect.high - effect.low) / (2 * Z)
    text = f"{rounded(effect.at_low, error)} \u2192 {rounded(effect.at_high, error)}"
    if effect.low is None or effect.high is None:
        return f"{text:>15}   (interval withheld: too few runs)"
    low, high = signed(effect.low, error), signed(effect.high, error)
    change = f"{signed(effect.change, error)} ({low} to {high})"
    return f"{text:>15}   {change}{'' if effect.is_clear else ' ~'}"


def _worth(knowledge: Knowledge) -> Iterator[str]:
    """Chance and inputs, and what knowing each input would take away."""
    yield "  Uncertainty                          unknown inputs (95% interval)     run noise"
    for name, part in (
        ("whether the target is met", knowledge.of_event),
        ("turnover (its logarithm)", knowledge.of_turnover),
    ):
        if part is not None:
            told = f"{_percent(part.value)} ({100 * part.low:.1f}{TO}{_percent(part.high)})"
            yield f"    {name:32} {told:>29} {_percent(1 - part.value):>13}"
    there = [one for one in knowledge.worth if one.part.value > 0][:MOST_WORTH]
    if not there or knowledge.of_event is None:
        return
    yield ""
    yield (
        f"  Worth knowing: points off the expected Brier score of {knowledge.brier:.3f}, and share "
        "of it"
    )
    for number, one in enumerate(there, start=1):
        part = one.part
        mark = "" if part.is_clear else " ~"
        yield f"  {number:>3}  {visible(one.input.path)}{_marks(one.input)}"
        yield (
            f"         {part.value * knowledge.brier:.4f}     {_percent(part.value)} "
            f"({100 * part.low:.1f}{TO}{_percent(part.high)}){mark}"
        )
    yield f"    from {count(knowledge.replications)} runs; what chance alone explains is taken off"


def _notes(found: Sensitivity) -> Iterator[str]:
    if found.unclear:
        yield labelled("No clear effect", _groups([bar.input.path for bar in found.unclear]))
    if found.screen is not None:
        screen = found.screen
        yield labelled(
            "Screened out",
            f"{_inputs(len(screen.paths))}: from P10 to P90 none of them moved turnover by "
            f"more than {100 * screen.largest:.1f}% on average over at least {SCREENING[0]} pairs "
            "of runs",
        )
    if found.bars:
        yield labelled(
            "How to read it",
            "an input becomes its P10 or P90 as by --set: the base came about with what it was. "
            "Knowing an input is another matter: it was so all along, and the base agrees with "
            f"it. Intervals hold for all {len(found.bars)} inputs together; ~ covers zero",
        )
    else:
        yield labelled("How to read it", _reading(found))


def _groups(paths: Sequence[str]) -> str:
    groups = sorted(grouped(paths).items(), key=lambda group: -len(group[1]))
    told = [f"{name} ({len(some)})" if len(some) > 1 else name for name, some in groups]
    more = len(told) - MOST_PATTERNS
    text = " \u00b7 ".join(map(visible, told[:MOST_PATTERNS]))
    return f"{_inputs(len(paths))}: {text}" + (
        f" \u00b7 and {more} more groups" if more > 0 else ""
    )


def _inputs(number: int, more: str = "") -> str:
    return f"{count(number)} {more}{'input' if number == 1 else 'inputs'}"


def _outcomes(found: Sensitivity) -> list[str]:
    return list(dict.fromkeys(one.outcome for one in found.indices))


def _of_indices(found: Sensitivity) -> Iterator[str]:
    """Which input counts most, by the method that was asked for."""
    is_sobol = found.method == "sobol"
    for outcome in _outcomes(found):
        name = TOTAL if is_sobol else "mean absolute effect"
        all_of = [one for one in found.indices if one.outcome == outcome]
        some = [one for one in all_of if one.index.name == name and one.index.is_clear]
        if not some:
            yield f"No input clearly moves the {outcome}."
            continue
        first = max(some, key=lambda one: one.index.value)
        path = visible(first.input.path)
        if is_sobol:
            alone = next(
                one for one in all_of if one.input == first.input and one.index.name == FIRST_ORDER
            )
            yield (
                f"Of what these inputs make of the {outcome}, {path} makes most: "
                f"about {alone.index.value:.0%} alone, {first.index.value:.0%} with the others."
            )
        else:
            yield f"{path} moves the {outcome} most: by {first.index.value:.2g} from P10 to P90."


def _indices(found: Sensitivity, outcome: str) -> Iterator[str]:
    """The indices of each input for an outcome, those that count most first."""
    rows: dict[Input, list[Indexed]] = {}
    for one in found.indices:
        if one.outcome == outcome:
            rows.setdefault(one.input, []).append(one)
    ordered = sorted(rows.items(), key=lambda row: -row[1][1].index.value)
    clear = [row for row in ordered if any(one.index.is_clear for one in row[1])][:15]
    yield f"  {outcome[0].upper()}{outcome[1:]}"
    for number, (source, told) in enumerate(clear, start=1):
        yield f"  {number:>3}  {visible(source.path)}{_marks(source)}"
        yield from (f"         {_index(index)}" for index in told)
    others = len(rows) - len(clear)
    if others:
        yield f"    {_inputs(others, 'more ')}: smaller, or not to be told from zero"


def _index(one: Indexed) -> str:
    index = one.index
    text = f"{index.name:22}{index.value:.3f}".replace("-", MINUS)
    if index.low is None or index.high is None:
        return text
    interval = f"({index.low:.2f} to {index.high:.2f})".replace("-", MINUS)
    return f"{text} {interval}{'' if index.is_clear else ' ~'}"


def _reading(found: Sensitivity) -> str:
    text = (
        f"each of {count(found.points or 0)} "
        f"{'base points' if found.method == 'sobol' else 'trajectories'} is an average of "
        f"{found.replications} runs on common draws, all other inputs drawn as usual; "
    )
    if found.method == "sobol":
        text += "the indices are shares of the variance that these inputs make, not of all of it"
    else:
        text += "an effect is the change of the outcome from P10 to P90, others at random places"
    return f"{text}; an input is so all along, and the base agrees with it; ~ covers zero"
