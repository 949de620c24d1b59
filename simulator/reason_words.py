"""The words of reasons, as a terminal of 90 columns shows them."""

import math
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path

from simulator.attribution import apportioned
from simulator.comparison_words import signed
from simulator.errors import visible
from simulator.estimates import Change, Mean, rounded
from simulator.reasons import Binding, Effect, Price, Reasons, Share, Step, Study, Surprise
from simulator.runs import CENTS_PER_MILLION
from simulator.wording import MINUS, count, fitted, frequency, labelled, wrapped

COLUMNS = 46
"""Columns of the labels of the ledger."""

NARROW = 33
"""Columns of the labels of the frictions."""

DIGITS = 4
"""Digits of the largest amount of a table: more than intervals support, so that lines add up."""

NOT_COUNTED = (
    "tariffs, freight, fees, days and rates of exchange lower the potential itself and are in no "
    "line (sim compare tells what they do); nor is patience, which matters only where one waits"
)


def words(found: Reasons, *, folder: Path | None = None, repeat: str = "") -> str:
    """The reasons as text of at most 90 columns, the answer first."""
    parts = [
        "\n".join(map(wrapped, sentences(found))),
        "\n".join(_ledger(found)),
        "\n".join(_frictions(found)),
        "\n".join(_prices(found)),
        "\n".join(_notes(found)),
    ]
    where = [labelled("Results", f"{folder}/", split=False)] if folder is not None else []
    if repeat:
        where.append(labelled("Repeat", repeat, split=False))
    return "\n\n".join(part for part in [*parts, "\n".join(where)] if part) + "\n"


def sentences(found: Reasons) -> Iterator[str]:
    """What is realised of the potential, what binds, and what would bind next."""
    yield _realised(found)
    if not found.frictions:
        yield "The scenario has no friction: nothing stops or delays an order."
    elif not found.binds:
        yield "No friction clearly binds: removing any one of them brings no clear gain."
    else:
        yield finding(found)


def finding(found: Reasons) -> str:
    """What binds now, and what would bind next."""
    now, *more = found.binds
    text = f"What binds now: {now.words}; without that, {_gain(now, 'higher')}{_rivals(now)}."
    if not more:
        return f"{text} With that gone, nothing else clearly binds."
    (following,) = more
    return (
        f"{text} What would bind next: {following.words}; without that as well, "
        f"{_gain(following, 'higher again')}{_rivals(following)}."
    )


def plan(asked: Study, each: int, seconds: float, size: float) -> str:
    """What is going to be run, in a line."""
    settings = asked.most_settings
    limits = len(asked.capacities)
    several = len(asked.frictions)
    orders = len(asked.orders or ())
    how = f"{orders} order{'s' * (orders != 1)} of removal" if orders else "every combination"
    minutes = f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"
    return (
        f"{several} friction{'s' * (several != 1)} ({how}) and {limits} "
        f"limit{'s' * (limits != 1)}: {count(settings)} settings, {count(each)} runs of each, "
        f"about {minutes}, {size / 1e6:.1f} MB."
    )


def ends(found: Reasons) -> tuple[int, int]:
    """Potential and realised trade in the unit of the tables."""
    unit = shown_unit(found)
    potential, realised = (round(Fraction(one.cents, unit)) for one in _ends(found))
    return potential, realised


def ledger_units(found: Reasons) -> list[int]:
    """The steps of the ledger in the unit of the tables, so that what is shown adds up."""
    potential, realised = ends(found)
    return apportioned(_in_units(found, found.ledger), realised - potential)


def share_units(found: Reasons) -> list[int]:
    """The shares of frictions, and the rest at last, in the unit of the tables; they add up."""
    potential, realised = ends(found)
    return apportioned(_in_units(found, [*found.frictions, found.rest]), potential - realised)


def _ends(found: Reasons) -> tuple[Step, Step]:
    return found.potential, found.realised


def _in_units(found: Reasons, steps: Sequence[Step | Share]) -> list[Fraction]:
    return [Fraction(step.cents, shown_unit(found)) for step in steps]


def shown_unit(found: Reasons) -> int:
    """The unit of the tables in cents: the largest amount gets four digits."""
    largest = max(1, *(abs(one.cents) for one in _ends(found)))
    return int(10 ** max(0, math.floor(math.log10(largest)) - DIGITS + 1))


def decimal(units: int, unit: int, *, sign: bool = False) -> str:
    """So many units as million dollars."""
    places = max(0, round(math.log10(CENTS_PER_MILLION / unit)))
    text = f"{abs(units) * unit / CENTS_PER_MILLION:,.{places}f}".replace(",", " ")
    if units < 0:
        return f"{MINUS}{text}"
    return f"+{text}" if sign and units else text


def _realised(found: Reasons) -> str:
    potential, realised = (
        rounded(one.mean.value, one.mean.error) for one in (found.potential, found.realised)
    )
    names = " and ".join(map(visible, found.economies))
    of = "more than its" if found.loss_cents < 0 else "of a"
    text = (
        f"Trade between {names} in {found.year} comes to USD {realised} million on average, {of} "
        f"potential of {potential}"
    )
    if found.frictions:
        side = "lower" if found.together.trade.value < 0 else "higher"
        text += f"; without any friction it would be {_dollars(found.together.trade)} {side}"
    return (
        f"{text} (true flow, exports FOB). The target is met in {frequency(found.chance)} on the "
        f"{visible(found.statistics)}."
    )


def _gain(one: Binding, higher: str) -> str:
    change = one.effect.chance
    text = f"trade is {_dollars(one.effect.trade)} {higher}"
    if change.is_clear:
        return f"{text} and the target met {_points(change)} more often"
    return f"{text}, and the chance is not clearly another"


def _rivals(one: Binding) -> str:
    """What may bind as much, where the first place is not sure."""
    if not one.rivals:
        return ""
    first, *others = one.rivals
    more = f" and {len(others)} other{'s' * (len(others) > 1)}" if others else ""
    return f" (not clearly more than without {first}{more})"


def _dollars(value: Mean) -> str:
    """The size of an amount with its interval, where there is one."""
    text = f"USD {rounded(abs(value.value), value.error)} million"
    if value.half_width is None:
        return text
    least = abs(value.value) - value.half_width
    low, high = (rounded(abs(e), value.error) for e in (least, abs(value.value) + value.half_width))
    return f"{text} ({MINUS if least < 0 else ''}{low} to {high})"


def _points(change: Change) -> str:
    low, value, high = (
        f"{100 * v:.1f}".replace("-", MINUS) for v in (change.low, change.value, change.high)
    )
    return f"{value} percentage points ({low} to {high})"


def _ledger(found: Reasons) -> Iterator[str]:
    unit = shown_unit(found)
    potential, realised = ends(found)
    yield (
        f"  Where trade of {found.year} goes, USD million, true flow, exports FOB, averages "
        "(± 95% CI)"
    )
    yield _line(found.potential.words, decimal(potential, unit), half(found.potential.mean))
    for step, whole in zip(found.ledger, ledger_units(found), strict=True):
        yield _line(step.words, decimal(whole, unit, sign=True), half(step.mean))
    yield _line(f"= {found.realised.words}", decimal(realised, unit), half(found.realised.mean))
    yield from _withheld([one.mean for one in (found.potential, *found.ledger, found.realised)])


def _withheld(means: Sequence[Mean]) -> Iterator[str]:
    """Why some lines have no interval; the reason that asks for most runs."""
    reasons = {mean.withheld for mean in means if mean.withheld}
    if reasons:
        yield f"    no ±: the interval is withheld ({max(reasons, key=lambda r: (len(r), r))})"


def _line(label: str, amount: str, around: str) -> str:
    return f"    {fitted(label, COLUMNS)}{amount:>10}  {around}".rstrip()


def half(value: Mean) -> str:
    """Half of an interval, where there is one."""
    if value.half_width is None:
        return ""
    return f"± {rounded(value.half_width, value.error)}"


def _frictions(found: Reasons) -> Iterator[str]:
    """Shapley's shares with what removing each alone and last would bring."""
    if not found.frictions:
        return
    unit = shown_unit(found)
    *units, left = share_units(found)
    yield f"  What each friction costs, USD million of the trade of {found.year}"
    yield f"{'':{NARROW + 4}}{'shared out':>15}{'alone':>8}{'last':>8}{'chance alone, points':>22}"
    for one, whole in zip(found.frictions, units, strict=True):
        share = f"{decimal(whole, unit)}{_space(one.mean)}"
        yield (
            f"    {fitted(one.words, NARROW)}{share:>15}{_moved(one.alone, unit):>8}"
            f"{_moved(one.last, unit):>8}{_chance(one.alone.chance):>22}"
        )
    total = f"{decimal(sum(units), unit)}{_space(found.together.trade)}"
    chance = _chance(found.together.chance)
    yield f"    {fitted('all of them together', NARROW)}{total:>15}{'':16}{chance:>22}"
    rest = f"{decimal(left, unit)}{_space(found.rest.mean)}"
    yield f"    {fitted(found.rest.words, NARROW)}{rest:>15}".rstrip()
    loss = f"{decimal(sum(units) + left, unit)}{'':8}"
    yield f"    {fitted('= potential less realised', NARROW)}{loss:>15}".rstrip()
    yield "    alone, last: what removing it first, or after all others, brings; ~ no clear change"
    yield from _withheld([*(one.mean for one in found.frictions), found.rest.mean])


def _space(value: Mean) -> str:
    """The half-width in its columns."""
    return f" {half(value):<7}"


def _moved(effect: Effect, unit: int) -> str:
    """What a removal brings, in a cell."""
    text = decimal(round(effect.trade.value * CENTS_PER_MILLION / unit), unit, sign=True)
    return text if effect.is_clear else f"~{text}"


def _chance(change: Change) -> str:
    """A change of the chance in percentage points with its interval, in a cell."""
    points = [100 * value for value in (change.value, change.low, change.high)]
    digits = 0 if max(map(abs, points)) >= 10 else 1
    value, low, high = (f"{point:.{digits}f}".replace("-", MINUS) for point in points)
    sign = "+" if change.value > 0 else ""
    return f"{'' if change.is_clear else '~'}{sign}{value} ({low} to {high})"


def _prices(found: Reasons) -> Iterator[str]:
    if not found.prices:
        return
    yield "  What more of each limit brings, USD million of trade a unit (step that was tried)"
    for one in sorted(found.prices, key=lambda one: -abs(one.usd_million_per_unit)):
        yield f"    {visible(one.path)}"
        yield f"      {_price(one)}"


def _price(one: Price) -> str:
    tried = f"+{one.step:g} on {one.now:g}"
    trade = one.effect.trade
    if not trade.value and trade.half_width is None:
        return f"nothing in any run ({tried})"
    each = signed(trade.value / one.step, trade.error / one.step)
    around = half(_scaled(trade, one.step))
    points = f"{one.points_per_unit:+.2f} points of the chance".replace("-", MINUS)
    points = points if one.effect.chance.is_clear else f"~ {points}"
    if not one.effect.is_clear:
        each = f"~ {each}"
    return f"{each}{around and f' {around}'} a {one.unit}, {points} ({tried})"


def _scaled(value: Mean, by: float) -> Mean:
    around = None if value.half_width is None else value.half_width / by
    return Mean(value.value / by, around, value.withheld)


def _notes(found: Reasons) -> Iterator[str]:
    if found.frictions:
        yield labelled("Left without any", _rest(found))
        yield labelled("Together or apart", _overlap(found))
        label = "Unexpected"
        for text in surprises(found):
            yield labelled(label, text)
            label = ""
        yield labelled("Shared out", _method(found))
        yield labelled("No friction here", NOT_COUNTED)
    yield labelled(
        "Precision",
        f"{count(found.replications)} runs of each of {count(found.settings)} settings, all on "
        f"the same draws (seed {found.seed}), so that differences are surer than levels",
    )


def surprises(found: Reasons) -> Iterator[str]:
    """Findings that go the unexpected way, each with what the ledger says of it."""
    yield from map(_surprise, found.surprises)
    for one in found.frictions:
        if one.potential is not None:
            change = signed(one.potential.value, one.potential.error)
            yield (
                f"removing {one.words} also changes the potential, by USD {change} million: goods "
                "go other ways, at other costs"
            )


def _surprise(one: Surprise) -> str:
    when = "alone" if one.is_alone else "after all others"
    if one.is_trade:
        text = f"removing {one.words} {when} lowers trade by {_dollars(one.effect.trade)}"
    else:
        points = _points(one.effect.chance)
        text = f"removing {one.words} {when} changes the chance by {points}"
    if not one.takers:
        return f"{text}; no account of the ledger clearly takes more"
    takers = ", ".join(
        f"{step.words} {signed(-step.mean.value, step.mean.error)}" for step in one.takers
    )
    return f"{text}: what it had stopped meets other limits or comes at another time ({takers})"


def _rest(found: Reasons) -> str:
    """What the rest is made of, as what it does to trade."""
    if not found.rest_parts:
        return "nothing"
    told = sorted(found.rest_parts, key=lambda step: -abs(step.cents))
    parts = "; ".join(f"{step.words} {signed(-step.mean.value, step.mean.error)}" for step in told)
    return f"capacity, relationships and timing, as they add to trade or take from it: {parts}"


def _overlap(found: Reasons) -> str:
    """Whether frictions stop the same orders, or hide behind each other."""
    alone = sum(one.alone.trade.value for one in found.frictions)
    together = found.together.trade.value
    error = found.together.trade.error
    told = (
        f"removed one at a time they bring {signed(alone, error)} in all, together "
        f"{signed(together, error)}"
    )
    if abs(together - alone) < 0.05 * max(abs(alone), abs(together)):
        return f"{told}: they hardly touch each other"
    if together > alone:
        return f"{told}: some hide behind others, and what one lets through meets the next"
    return f"{told}: some stop the same orders, which come back only once"


def _method(found: Reasons) -> str:
    several = len(found.frictions)
    if found.orders is None:
        return (
            f"Shapley's share, exact: what a friction costs on average over all orders of removal, "
            f"from all {count(2**several)} combinations; with what is left the shares add up to "
            "the cent"
        )
    widths = [one.order_half_width for one in found.frictions if one.order_half_width is not None]
    error = (
        f"; the orders not tried may move a share by ± {rounded(max(widths), max(widths))} "
        "(95% CI, the widest)"
        if widths
        else ", with an error that a single one does not tell"
    )
    return (
        f"Shapley's share, estimated from {found.orders} of {count(math.factorial(several))} "
        f"orders of removal; with what is left the shares add up to the cent{error}"
    )
