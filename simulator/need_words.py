"""The words of needs, as a terminal of 90 columns shows them."""

import math
from collections.abc import Iterator, Sequence
from pathlib import Path

from simulator.errors import visible
from simulator.estimates import Proportion, Z, rounded
from simulator.needs import Asked, Date, Mix, Moved, Need
from simulator.scenario.levers import Lever
from simulator.scenario.paths import unit
from simulator.thresholds import OPEN, Point, Threshold
from simulator.wording import count, frequency, labelled, wrapped

MOST_ROWS = 20
"""Settings of a table at most, as far apart as that."""


def words(found: Need | Mix | Date, *, file: str, folder: Path | None = None, repeat: str) -> str:
    """What has to change as text of at most 90 columns, the answer first.

    ``file`` is how the command line names the question; ``repeat`` is the whole command.
    """
    told = {Need: _need, Mix: _mix, Date: _date}[type(found)]
    parts = ["\n".join(map(wrapped, sentences(found))), *told(found, file)]  # type: ignore[operator]
    where = [labelled("Results", f"{folder}/", split=False)] if folder is not None else []
    where.append(labelled("Repeat", repeat, split=False))
    step = _next(found, file)
    where += [labelled("Next", step, split=False)] if step else []
    return "\n\n".join([*parts, "\n".join(where)]) + "\n"


def sentences(found: Need | Mix | Date) -> Iterator[str]:
    """The answer, and what belongs beside it."""
    if isinstance(found, Date):
        yield from _date_sentences(found)
    elif found.asked.is_met:
        yield from _already(found.asked)
    elif isinstance(found, Mix):
        yield from _mix_sentences(found)
    else:
        yield from _need_sentences(found)


def share(chance: Proportion) -> str:
    """A chance between 0 and 1 with its interval."""
    return f"{chance.share:.2f} ({_ends(chance)})"


def _ends(chance: Proportion) -> str:
    assert chance.low is not None
    assert chance.high is not None
    return f"95% interval {chance.low:.2f} to {chance.high:.2f}"


def _already(asked: Asked) -> Iterator[str]:
    yield f"Already reached: as it stands the chance is {share(asked.present)}; {_ask(asked)}."
    if asked.present.low is not None and asked.present.low < asked.probability:
        yield f"That it is at least {asked.probability:g} is not sure after so few runs."


def _ask(asked: Asked) -> str:
    return f"{asked.probability:g} is asked"


def _need_sentences(found: Need) -> Iterator[str]:
    told, lever = found.threshold, found.lever
    assert told is not None
    if told.value is None:
        best = f"{share(told.best.chance)}, at {_setting(lever, told.best.value)}"
        shown = "Not shown to be reachable" if told.status == OPEN else "Not reachable"
        text = f"{shown} with this lever alone: the best chance is {best}; {_ask(found.asked)}."
        yield text + (" More replications could tell." if told.status == OPEN else "")
    elif told.value == told.start:
        text = f"A chance of {found.asked.probability:g} needs {visible(lever.path)}"
        yield f"{text} to be held at {told.value:g}, which is where it is in the middle."
    else:
        verb = "rise" if told.value > told.start else "fall"
        yield (
            f"A chance of {found.asked.probability:g} needs {visible(lever.path)} to {verb} from "
            f"{told.start:.4g} to {value_words(lever, told)} ({interval_words(lever, told)})."
        )
    yield from _shape(found.lever, told)


def _shape(lever: Lever, told: Threshold) -> Iterator[str]:
    """That the chance does not rise all the way."""
    if told.lost is not None:
        yield f"Further on it is lost again, at {_value(lever, told.lost)} for sure."
    if told.fall is not None:
        points = 100 * told.fall.change.value
        yield (
            f"The chance does not rise all the way: from {_value(lever, told.fall.peak)} to "
            f"{_value(lever, told.fall.place)} it falls by {-points:.0f} percentage points."
        )


def _setting(lever: Lever, value: float) -> str:
    return f"{visible(lever.path)}={_value(lever, value)}"


def _value(lever: Lever, value: float) -> str:
    return f"{value:.0f}" if lever.whole else f"{value:.4g}"


def value_words(lever: Lever, told: Threshold) -> str:
    """The threshold with the digits that its interval supports."""
    assert told.value is not None
    return _supported(lever, told, told.value)


def interval_words(lever: Lever, told: Threshold) -> str:
    """The interval of a threshold; its end may lie beyond the range."""
    assert told.value is not None
    assert told.near is not None
    if told.far is None:
        side = "above" if told.value > told.start else "below"
        near = _supported(lever, told, told.near)
        return f"95% interval from {near} to {side} all that was tried"
    low, high = (_supported(lever, told, end) for end in sorted((told.near, told.far)))
    return f"95% interval {low} to {high}"


def _supported(lever: Lever, told: Threshold, value: float) -> str:
    """A place with no more digits than the standard error of the threshold supports."""
    assert told.value is not None
    assert told.near is not None
    if lever.whole:
        return f"{value:.0f}"
    wide = 2 * (told.value - told.near) if told.far is None else told.far - told.near
    return rounded(value, abs(wide) / (2 * Z))


def units_of(lever: Lever) -> str:
    """The unit of a lever, where its name does not say it all."""
    found = unit(lever.path.rpartition(".")[2])
    return "" if found == "share" else found


def _need(found: Need, _: str) -> list[str]:
    if found.threshold is None:
        return ["\n".join(_circumstances(found.asked, [found.lever]))]
    table = "\n".join(_points(found.lever, found.threshold))
    return [table, "\n".join(_circumstances(found.asked, [found.lever]))]


def _points(lever: Lever, told: Threshold) -> Iterator[str]:
    yield f"  {'setting':>14}{'chance':>12}{'95% interval':>20}"
    for point in _apart(told):
        mark = "  <- enough" if point.value == told.value else ""
        mark = "  <- now" if point.value == told.start else mark
        ends = f"{point.chance.low:.3f} \u2013 {point.chance.high:.3f}"
        value = _value(lever, point.value)
        yield f"  {value:>14}{point.chance.share:>12.3f}{ends:>20}{mark}"


def _apart(told: Threshold) -> list[Point]:
    """Settings that are apart from each other; those of which the words speak are among them."""
    points = told.points
    least = (points[-1].value - points[0].value) / MOST_ROWS
    shown = [p for p in points if p.value in (told.value, told.start, told.best.value)]
    for point in (points[0], points[-1], *points):
        if all(abs(point.value - other.value) >= least for other in shown):
            shown.append(point)
    return sorted(shown, key=lambda point: point.value)


def _circumstances(asked: Asked, levers: Sequence[Lever]) -> Iterator[str]:
    runs = f"the target is met in {frequency(asked.present)}"
    yield labelled("As it stands", f"{runs} ({_ends(asked.present)})")
    goal = f"USD {asked.target_usd_million:,.10g} million in {asked.year}".replace(",", " ")
    yield labelled("Target", f"{goal} on the {visible(asked.statistics)}")
    for number, lever in enumerate(levers):
        yield labelled("" if number else "Tried", _tried(lever))
    for lever in levers:
        if lever.kind != "lever":
            what = f"{visible(lever.path)} is {_kinds(lever)}, not a lever of the scenario"
            yield labelled("Mind", what)
    drawn = [lever for lever in levers if lever.is_drawn]
    if drawn:
        yield labelled("Mind", "a number that is drawn from its law is fixed wherever it is set")
    yield labelled(
        "Draws",
        f"{count(asked.replications)} replications of every setting on the same draws, "
        f"seed {asked.seed}",
    )


def _kinds(lever: Lever) -> str:
    return {"uncertainty": "an uncertainty", "constant": "a constant"}.get(lever.kind, "mixed")


def _tried(lever: Lever) -> str:
    name = visible(lever.path)
    several = f" ({lever.numbers} numbers alike)" if lever.numbers > 1 else ""
    units = units_of(lever)
    ends = f"{_value(lever, lever.low)} to {_value(lever, lever.high)}"
    now = f"{lever.start:.4g} on average" if lever.numbers > 1 else f"{lever.start:.4g}"
    told = f"{name}{several}: {ends}{f' {units}' if units else ''}, {lever.origin}; now {now}"
    return told + (" (middle of its law)" if lever.is_drawn and lever.numbers == 1 else "")


def _mix_sentences(found: Mix) -> Iterator[str]:
    mixture = found.mixture
    assert mixture is not None
    enough = found.asked.probability
    if mixture.shares is None:
        best = ", ".join(_setting(one.lever, one.best) for one in found.moved)
        shown = "Not shown to be reachable" if mixture.status == OPEN else "Not reachable"
        yield (
            f"{shown} with these levers together: the best chance is "
            f"{share(mixture.best_chance)}, at {best}; {_ask(found.asked)}."
        )
        return
    moves = [_move(one) for one in found.moved if one.value != one.lever.start]
    yield (
        f"A chance of {enough:g} needs {' and '.join(moves) or 'nothing but fixed levers'}; "
        "no cheaper mix was found."
    )
    fresh = found.fresh
    assert fresh is not None
    held = [one for one in found.moved if one.value == one.lever.start and one.lever.is_drawn]
    if held:
        names = " and ".join(visible(one.lever.path) for one in held)
        yield f"Held at the middle of {'their laws' if len(held) > 1 else 'its law'}: {names}."
    yield f"On fresh draws its chance is {share(fresh)}."
    if fresh.high is not None and fresh.high < enough:
        yield f"That is clearly below {enough:g}: the draws that chose it were lucky, take more."


def _move(one: Moved) -> str:
    assert one.value is not None
    verb = "to rise" if one.value > one.lever.start else "to fall"
    to = _value(one.lever, one.value)
    return f"{visible(one.lever.path)} {verb} from {one.lever.start:.4g} to {to}"


def _mix(found: Mix, _: str) -> list[str]:
    levers = [one.lever for one in found.moved]
    circumstances = "\n".join(_circumstances(found.asked, levers))
    if found.mixture is None:
        return [circumstances]
    return ["\n".join(_levers(found)), circumstances]


def _levers(found: Mix) -> Iterator[str]:
    mixture = found.mixture
    assert mixture is not None
    yield f"  {'':4}{'now':>10}{'to':>10}{'best end':>11}{'cost':>10}{'alone to':>12}{'cost':>10}"
    for number, one in enumerate(found.moved, start=1):
        to = "\u2013" if one.value is None else _value(one.lever, one.value)
        paid = "\u2013" if one.value is None else f"{_paid(one, one.value):.3g}"
        alone = "not enough" if one.alone is None else _value(one.lever, one.alone)
        for_alone = "" if one.alone is None else f"{_paid(one, one.alone):.3g}"
        yield (
            f"  {number:<4}{f'{one.lever.start:.4g}':>10}{to:>10}{_value(one.lever, one.end):>11}"
            f"{paid:>10}{alone:>12}{for_alone:>10}"
        )
    for number, one in enumerate(found.moved, start=1):
        is_stated = one.lever.cost is not None
        price = f"a unit costs {one.cost:g}" if is_stated else "its whole range costs 1"
        yield f"  {number:<4}{visible(one.lever.path)}: {price}"
    if mixture.cost is not None:
        assert mixture.near is not None
        end = "more than can be tried" if mixture.far is None else f"{mixture.far:.3g}"
        yield labelled(
            "Cost of the mix",
            f"{mixture.cost:.3g} (95% interval along its own direction {mixture.near:.3g} to "
            f"{end}); {len(mixture.tried)} mixes were tried",
        )


def _paid(one: Moved, value: float) -> float:
    return one.cost * abs(value - one.lever.start)


def _date_sentences(found: Date) -> Iterator[str]:
    first, asked = found.first, found.asked
    if first is None:
        best = max(found.years, key=lambda one: one.chance.share)
        yield (
            f"Not within the horizon: the best chance is {share(best.chance)}, in {best.year}; "
            f"{_ask(asked)}."
        )
        open_ones = [y for y in found.years if (y.chance.high or 0) >= asked.probability]
        if open_ones:
            yield f"For {open_ones[0].year} that is not sure after so few runs."
        once = [one.year for one in found.years if one.by_then.share >= asked.probability]
        if once:
            yield f"That it is met at least once by then is as likely from {once[0]} on."
        return
    chance = share(first.chance)
    yield f"{first.year} is the first year with a chance of {asked.probability:g}: {chance}."
    possible = [one.year for one in found.years if (one.chance.high or 0) >= asked.probability]
    sure = [one.year for one in found.years if (one.chance.low or 0) >= asked.probability]
    if possible[0] < first.year:
        yield f"After so few runs it may be {possible[0]} as well."
    if not sure or sure[0] > first.year:
        yield (
            f"The first sure year is {sure[0]}."
            if sure
            else "It is sure in no year of the horizon."
        )
    later = [one for one in found.years if one.year > first.year]
    lost = [one.year for one in later if (one.chance.high or 1) < asked.probability]
    if lost:
        yield f"It is lost again in {lost[0]}."


def _date(found: Date, _: str) -> list[str]:
    lines = [f"  {'year':>8}{'met in it':>12}{'95% interval':>18}{'met by then':>14}"]
    for one in found.years:
        ends = f"{one.chance.low:.3f} \u2013 {one.chance.high:.3f}"
        lines.append(
            f"  {one.year:>8}{one.chance.share:>12.3f}{ends:>18}{one.by_then.share:>14.3f}"
        )
    return ["\n".join(lines), "\n".join(_circumstances(found.asked, []))]


def _next(found: Need | Mix | Date, file: str) -> str:
    """What to type next: the answer as a run, or the other way to ask."""
    if isinstance(found, Date):
        return f"sim run {file} --set target.year={found.first.year}" if found.first else ""
    if isinstance(found, Mix):
        if found.mixture is None or found.mixture.shares is None:
            return ""
        settings = [f"--set {one.lever.path}={one.value:g}" for one in found.moved]
        return f"sim run {file} {' '.join(settings)}"
    told = found.threshold
    if told is None or told.value is None or math.isnan(told.value):
        return ""
    return f"sim run {file} --set {found.lever.path}={told.value:.10g}"
