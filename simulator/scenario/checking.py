"""Checks of a scenario that concern more than one field; pure, by path, without places."""

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from simulator.calendars import JALALI_EPOCH, year_bounds
from simulator.errors import Problem
from simulator.scenario.memory import former_values
from simulator.scenario.paths import matching, nearest, nearest_path, unit
from simulator.scenario.plausibility import (
    HEAVY_SIGMA,
    LARGE_CUT_SHARE,
    UNLIKE_AVERAGE,
    UNLIKE_FORMER,
    UNLIKE_HISTORY,
    WORLD_TRADE_USD_MILLION,
    unusual,
)
from simulator.scenario.quantities import Lognormal, Normal, Quantity
from simulator.scenario.sizes import (
    BYTES_PER_ORDER,
    SECONDS_PER_ORDER,
    channel_loads,
    corridor_loads,
    expected_orders,
)
from simulator.scenario.standards import (
    HS_EDITIONS,
    economy_code,
    has_chapter,
    is_currency,
    nearest_currency,
    nearest_economy,
)
from simulator.scenario.types import (
    DAYS_PER_YEAR,
    FIRST_YEAR,
    LAST_YEAR,
    VARYING,
    Agreement,
    Measure,
    Moment,
    Sanction,
    Scenario,
    quantities,
)

SUM_TOLERANCE = 1e-9
"""How far from 1 a sum of shares may lie: rounding, not a mistake."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What is refused as too large; an option of the command line raises each limit."""

    input_bytes: int = 2**20
    nodes: int = 50_000
    scalar_characters: int = 10_000
    horizon_years: float = 50
    replications: int = 10_000_000
    orders: float = 1e6
    """Orders of one replication."""


LIMITS = Limits()


def problems(scenario: Scenario) -> list[Problem]:
    """Everything that contradicts itself in a scenario whose single fields are valid."""
    return [
        *_name(scenario),
        *_years(scenario),
        *_economies(scenario),
        *_members(scenario),
        *_products(scenario),
        *_amounts(scenario),
        *_growth(scenario),
        *_references(scenario),
        *_corridors(scenario),
        *_sums(scenario),
        *_effects(scenario),
        *_history(scenario),
        *_taken_out(scenario),
    ]


def refusals(scenario: Scenario, limits: Limits) -> list[tuple[Problem, str]]:
    """What is above a safety limit, with the option that raises the limit."""
    found = []
    years = scenario.horizon.days / DAYS_PER_YEAR
    # Fifty years with all their leap days are fifty years.
    if years > limits.horizon_years + 0.01:
        message = f"the horizon of {years:.0f} years is longer than {limits.horizon_years:g}"
        found.append((Problem("S182", message, field="horizon"), "--allow-long"))
    if scenario.replications > limits.replications:
        message = f"more than {limits.replications} replications"
        found.append((Problem("S183", message, field="replications"), "--max-replications"))
    orders = expected_orders(scenario)
    if orders > limits.orders:
        seconds = orders * SECONDS_PER_ORDER["reference"]
        message = (
            f"about {orders:.0e} orders in one replication, the limit is {limits.orders:.0e}: "
            f"{_duration(seconds)} and {_memory(orders * BYTES_PER_ORDER)}"
        )
        advice = "larger relationships (relationship_usd_million) or order_cost_usd make fewer"
        found.append((Problem("S184", message, field="exports", note=advice), "--max-orders"))
    return found


def _duration(seconds: float) -> str:
    for name, size in (("days", 86400.0), ("hours", 3600.0), ("minutes", 60.0)):
        if seconds >= size:
            return f"{seconds / size:,.0f} {name} on one core"
    return f"{seconds:.0f} seconds on one core"


def _memory(size: float) -> str:
    for name, scale in (("TB", 1e12), ("GB", 1e9)):
        if size >= scale:
            return f"{size / scale:,.0f} {name} of memory"
    return f"{size / 1e6:,.0f} MB of memory"


def warnings(scenario: Scenario) -> list[Problem]:
    """What is allowed but probably not meant."""
    numbers = list(quantities(scenario))
    return [
        *_partial_years(scenario),
        *_unused(scenario),
        *_outside(scenario),
        *_in_effect_already(scenario),
        *_laws(numbers),
        *_unusual(numbers),
        *_sources(scenario, numbers),
        *_unlike_history(scenario),
        *_out_of_proportion(scenario),
        *_unlike_former(scenario),
        *_busy(scenario),
    ]


# --- Names and standards ---

_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?|.*\.")
"""Names of files that one system or another does not allow."""


def _name(scenario: Scenario) -> Iterator[Problem]:
    if not scenario.question.strip():
        message = "required field 'question' is empty"
        yield Problem("S105", message, field="question", example="question: Will …?")
    if _RESERVED.fullmatch(scenario.name):
        message = "the name must be one that every system allows for a folder"
        yield Problem("S126", message, field="name", note=f"found '{scenario.name}'")


def _products(scenario: Scenario) -> Iterator[Problem]:
    """Product codes and the edition that they belong to."""
    codes = [
        (f"exports.{economy}.goods.{name}.hs.{place}", code)
        for economy, exports in scenario.exports.items()
        for name, good in exports.goods.items()
        for place, code in enumerate(good.hs)
    ]
    for path, code in codes:
        if not has_chapter(code):
            message = f"the Harmonized System has no chapter {code[:2]}"
            yield Problem("S133", message, field=path, note=f"found {code}")
    edition = scenario.hs_edition
    if codes and edition is None:
        message = "required field 'hs_edition' is missing: product codes change between editions"
        yield Problem("S105", message, field="hs_edition", example="hs_edition: HS2022")
    if edition is not None and HS_EDITIONS[edition] > scenario.information_date:
        message = f"{edition} is in force from {HS_EDITIONS[edition]} on"
        known = [name for name, day in HS_EDITIONS.items() if day <= scenario.information_date]
        example = f"hs_edition: {known[-1]}" if known else ""
        yield Problem("S136", message, field="hs_edition", example=example)


def _amounts(scenario: Scenario) -> Iterator[Problem]:
    """Millions written as dollars show in sums that the world does not trade."""
    amounts = {
        f"exports.{name}.{field}": getattr(exports, field).central
        for name, exports in scenario.exports.items()
        for field in ("last_usd_million", "average_usd_million")
    } | {
        f"contracts.{name}.size_usd_million": contract.size_usd_million.central
        for name, contract in scenario.contracts.items()
    }
    amounts["target.turnover_usd_million"] = scenario.target.turnover_usd_million.central
    for path, amount in amounts.items():
        if amount > WORLD_TRADE_USD_MILLION:
            message = (
                f"USD {amount * 1e6:.1e} is more than the trade of the world "
                f"(USD {WORLD_TRADE_USD_MILLION * 1e6:.1e})"
            )
            note = "the unit is million US dollars"
            yield Problem("S129", message, field=path, note=note, example=f"{amount / 1e6:g}")


def _growth(scenario: Scenario) -> Iterator[Problem]:
    """Rates that look harmless for a year, and make more than the trade of the world of a flow."""
    years = scenario.horizon.days / DAYS_PER_YEAR
    prices = math.log1p(scenario.world_price_rate.central)
    rates = {
        f"economies.{name}.output_growth_rate": economy.output_growth_rate.central
        for name, economy in scenario.economies.items()
    }
    log_growth = years * (prices + sum(map(math.log1p, rates.values())))
    for exports in scenario.exports.values():
        base = exports.last_usd_million.central
        if 0 < base <= WORLD_TRADE_USD_MILLION and (
            math.log(base) + log_growth > math.log(WORLD_TRADE_USD_MILLION)
        ):
            path = max(rates, key=rates.__getitem__)
            end = scenario.horizon.end.year
            message = f"exports grow beyond the trade of the world by {end}"
            note = f"{rates[path]:g} a year is {rates[path]:+.0%}"
            yield Problem("S129", message, field=path, note=note, example="0.03")
            return


# --- Economies and references ---


def _economies(scenario: Scenario) -> Iterator[Problem]:
    count = len(scenario.economies)
    if count != 2:
        yield Problem("S154", f"a scenario has two economies, found {count}", field="economies")
    for name, economy in scenario.economies.items():
        if not economy_code(name):
            message = f"{name} is not an economy of ISO 3166"
            near = nearest_economy(name)
            yield Problem("S134", message, field=f"economies.{name}", suggestion=near)
        currency = economy.exchange_rate.currency
        if not is_currency(currency):
            is_toman = currency.upper() in ("IRT", "TOMAN")
            yield Problem(
                "S135",
                f"{currency[:40]} is not a currency of ISO 4217",
                field=f"economies.{name}.exchange_rate.currency",
                suggestion=nearest_currency(currency),
                note="1 toman = 10 rial" if is_toman else "",
            )
        if name not in scenario.exports:
            example = f"{name}: {{last_usd_million: …, goods: …}}"
            message = f"the exports of {name} are missing"
            yield Problem("S105", message, field="exports", example=example)


def _members(scenario: Scenario) -> Iterator[Problem]:
    """Further members of a collective are economies, and others than the two."""
    members = scenario.collective.members if scenario.collective is not None else {}
    for name in members:
        path = f"collective.members.{name}"
        if name in scenario.economies:
            message = f"{name} is one of the two: members are further economies"
            yield Problem("S153", message, field=path)
        elif not economy_code(name):
            message = f"{name} is not an economy of ISO 3166"
            yield Problem("S134", message, field=path, suggestion=nearest_economy(name))


def _references(scenario: Scenario) -> Iterator[Problem]:
    """Names that stand for something defined elsewhere."""
    for path, name, kind, defined in _references_by_path(scenario):
        if name not in defined:
            yield Problem(
                "S153",
                f"no {kind} is called '{name[:40]}'",
                field=path,
                note=f"defined: {', '.join(defined) or 'none'}"[:200],
                suggestion=nearest(name, defined),
            )


Reference = tuple[str, str, str, Iterable[str]]
"""The path of a reference, the name it gives, the kind of thing, and the names defined."""


def _references_by_path(scenario: Scenario) -> Iterator[Reference]:
    economies, offices = scenario.economies, scenario.statistics
    yield "base.statistics", scenario.base.statistics, "statistics", offices
    for place, name in enumerate(scenario.target.statistics):
        yield f"target.statistics.{place}", name, "statistics", offices
    for name, office in offices.items():
        yield f"statistics.{name}.economy", office.economy, "economy", economies
    for name in scenario.history:
        yield f"history.{name}", name, "statistics", offices
    for name, sanction in scenario.sanctions.items():
        yield f"sanctions.{name}.target", sanction.target, "economy", economies
    for name, agreement in scenario.agreements.items():
        for side in agreement.ratification:
            yield f"agreements.{name}.ratification.{side}", side, "economy", economies
    if scenario.collective is not None:
        name, channels = scenario.collective.channel, scenario.settlement.channels
        yield "collective.channel", name, "settlement channel", channels
    yield from _references_of_trade(scenario)


def _references_of_trade(scenario: Scenario) -> Iterator[Reference]:
    for economy, exports in scenario.exports.items():
        yield f"exports.{economy}", economy, "economy", scenario.economies
        for name, good in exports.goods.items():
            for corridor in good.corridors:
                path = f"exports.{economy}.goods.{name}.corridors.{corridor}"
                yield path, corridor, "corridor", scenario.corridors
    for name, contract in scenario.contracts.items():
        yield f"contracts.{name}.exporter", contract.exporter, "economy", scenario.exports
        if contract.exporter in scenario.exports:
            goods = scenario.exports[contract.exporter].goods
            yield f"contracts.{name}.good", contract.good, f"good of {contract.exporter}", goods


# --- Shares ---


def _corridors(scenario: Scenario) -> Iterator[Problem]:
    """A corridor without a slot is a closed one, and that has a field of its own."""
    for name, corridor in scenario.corridors.items():
        if corridor.slots is not None and corridor.slots.value == 0:
            message = "a corridor without slots lets nothing pass"
            yield Problem("S121", message, field=f"corridors.{name}.slots", example="closed: true")


def _sums(scenario: Scenario) -> Iterator[Problem]:
    channels = {name: channel.share for name, channel in scenario.settlement.channels.items()}
    yield from _sum_of_shares("settlement.channels", channels)
    for economy, exports in scenario.exports.items():
        shares = {name: good.share for name, good in exports.goods.items()}
        if any(share.central for share in shares.values()):
            yield from _sum_of_shares(f"exports.{economy}.goods", shares)
        for name, good in exports.goods.items():
            path = f"exports.{economy}.goods.{name}.corridors"
            if good.corridors:
                yield from _sum_of_shares(path, good.corridors)
            else:
                note = f"defined: {', '.join(scenario.corridors) or 'none'}"[:200]
                message = f"no corridor carries {name} from {economy}"
                yield Problem("S128", message, field=path, note=note)
    for name, side in scenario.economies.items():
        lanes = side.customs.green_share.central + side.customs.red_share.central
        if lanes > 1 + SUM_TOLERANCE:
            message = (
                f"green_share and red_share must not sum to more than 1, their sum is {lanes:g}"
            )
            yield Problem("S127", message, field=f"economies.{name}.customs")


def _sum_of_shares(path: str, shares: Mapping[str, Quantity]) -> Iterator[Problem]:
    total = sum(share.central for share in shares.values())
    if abs(total - 1) > SUM_TOLERANCE:
        parts = " + ".join(f"{share.central:g}" for share in shares.values())
        message = f"the shares must sum to 1, their sum is {total:.10g}"
        yield Problem(
            "S127", message, field=path, note=f"{parts or 'no shares'} = {total:.10g}"[:200]
        )


def _taken_out(scenario: Scenario) -> Iterator[Problem]:
    """Ways of the base that a difference has taken out, so that nothing tells what they cost."""
    for path, was, now in former_values(scenario):
        present = {name for name, _ in quantities(now, path)}
        for name, share in quantities(was, path):
            *around, last = name.split(".")
            if name in present or not share.central:
                continue
            if matching("settlement.channels.*.share", [name]):
                yield _gone(".".join(around), f"{name}: 0")
            elif around[-1] == "corridors" and last not in scenario.corridors:
                yield _gone(f"corridors.{last}", f"corridors.{last}.closed: true")


def _gone(field: str, example: str) -> Problem:
    message = f"{field} is taken out, but the base flows came about with it"
    return Problem("S138", message, field=field, example=example)


# --- Effects ---


def _effects(scenario: Scenario) -> Iterator[Problem]:
    numbers = [path for path, _ in quantities(scenario)]
    by_name: dict[str, list[str]] = {}
    for number in numbers:
        by_name.setdefault(number.rpartition(".")[2], []).append(number)
    for measure, effects in scenario.effects.items():
        for name, effect in effects.items():
            path = f"{measure}.effects.{name}.path"
            last = effect.path.rpartition(".")[2]
            targets = matching(effect.path, numbers if "*" in last else by_name.get(last, ()))
            fixed = [target for target in targets if target.rpartition(".")[2] not in VARYING]
            if not targets:
                yield Problem(
                    "S151",
                    f"no number has the path '{effect.path[:80]}'",
                    field=path,
                    suggestion=nearest_path(effect.path, numbers),
                )
            if fixed:
                message = f"an effect cannot change {fixed[0]}, which is fixed during a run"
                yield Problem("S155", message, field=path)


# --- Times ---


def _years(scenario: Scenario) -> Iterator[Problem]:
    years = {"target.year": scenario.target.year, "base.year": scenario.base.year}
    outside = {p: year for p, year in years.items() if not FIRST_YEAR <= year <= LAST_YEAR}
    for path, year in outside.items():
        yield _not_gregorian(year, path)
    if outside:
        return
    seen = next((months for _, months in _months_simulated(scenario)), 0)
    if seen == 0:
        start, end = scenario.horizon.start, scenario.horizon.end
        message = f"the target year {scenario.target.year} lies outside the horizon"
        note = f"{start} to {end}; horizon.end sets how long it is"
        yield Problem("S141", message, field="target.year", note=note)
    elif scenario.target.year < scenario.base.year:
        message = f"the target year {scenario.target.year} is before the base year"
        yield Problem("S141", message, field="target.year")


def _not_gregorian(year: int, path: str) -> Problem:
    iranian = f"; Iranian {year} begins in {year + JALALI_EPOCH}" if 1300 <= year <= 1500 else ""
    message = f"expected a Gregorian year such as 2023, found {year}{iranian}"
    return Problem("S131", message, field=path)


def _history(scenario: Scenario) -> Iterator[Problem]:
    known = scenario.information_date.year
    for office, years in scenario.history.items():
        for year, amount in years.items():
            if not FIRST_YEAR <= int(year) <= LAST_YEAR:
                yield _not_gregorian(int(year), f"history.{office}.{year}")
            elif amount < 0:
                message = f"a published figure must be 0 or more, found {amount:g}"
                yield Problem("S121", message, field=f"history.{office}.{year}")
            elif int(year) > known:
                message = f"{year} is not known at the information date {scenario.information_date}"
                yield Problem("S142", message, field=f"history.{office}.{year}")
    if scenario.base.year > known:
        message = f"the base year {scenario.base.year} is after the information date"
        yield Problem("S142", message, field="base.year")
    elif scenario.base.year > scenario.horizon.start.year:
        message = f"the base year {scenario.base.year} is after the start of the horizon"
        yield Problem("S141", message, field="base.year")


def _months_simulated(scenario: Scenario) -> Iterator[tuple[str, int]]:
    """How many months of the target year are simulated, by the statistics that judge it."""
    start, end = scenario.horizon.start.toordinal(), scenario.horizon.end.toordinal() + 1
    for name in scenario.target.statistics:
        office = scenario.statistics.get(name)
        calendar = office.calendar if office is not None else "gregorian"
        first, after = (day.toordinal() for day in year_bounds(calendar, scenario.target.year))
        days = max(0, min(end, after) - max(start, first))
        yield name, int(12 * days / (after - first))


def _partial_years(scenario: Scenario) -> Iterator[Problem]:
    for name, months in _months_simulated(scenario):
        if months < 12:
            message = f"only {months} of 12 months of the target year of {name} are simulated"
            yield Problem("S201", message, field="target.year")


def _unused(scenario: Scenario) -> Iterator[Problem]:
    goods = [good for exports in scenario.exports.values() for good in exports.goods.values()]
    used = {corridor for good in goods for corridor in good.corridors}
    for name in scenario.corridors:
        if name not in used:
            yield Problem("S202", f"no good uses the corridor {name}", field=f"corridors.{name}")
    judging = {*scenario.target.statistics, scenario.base.statistics, *scenario.history}
    for name in scenario.statistics:
        if name not in judging:
            message = f"nothing is judged on the statistics {name}"
            yield Problem("S202", message, field=f"statistics.{name}")
    collective = scenario.collective
    if collective and scenario.settlement.channels[collective.channel].clearing is None:
        message = f"{collective.channel} has no clearing account, so that members net nothing"
        yield Problem("S202", message, field="collective.channel")
    for path, measure in scenario.dated.items():
        if isinstance(measure, Agreement) and measure.in_force and measure.ratification:
            message = "in_force is stated, so that ratification is not used"
            yield Problem("S202", message, field=f"{path}.ratification")


def _outside(scenario: Scenario) -> Iterator[Problem]:
    """Measures on days that are never simulated."""
    start, end = scenario.horizon.start, scenario.horizon.end
    for path, moment in _moments(scenario):
        if moment.day is None:
            continue
        if moment.day > end:
            yield Problem("S203", f"{moment.day} is after the horizon ends", field=path)
        elif moment.day < start and path.endswith((".lifted", ".until", ".ended")):
            words = f"{path.rpartition('.')[2]} before the horizon starts: it has no effect here"
            yield Problem("S203", words, field=path)


def _in_effect_already(scenario: Scenario) -> Iterator[Problem]:
    """Measures from before the horizon that a difference brings or takes out as a whole."""
    start = scenario.horizon.start
    for path, was, now in former_values(scenario):
        since = _since(was if now is None else now if was is None else None)
        if since is None or since.day is None or since.day >= start:
            continue
        what, note = "new here", ""
        if now is None:
            what, note = "taken out", "lifted:, ended: or until: would end it on a day"
        message = f"in effect since {since.day}, but {what}: this counts from {start} on"
        yield Problem("S203", message, field=path, note=note)


def _since(measure: object) -> Moment | None:
    """From when on a dated measure acts."""
    match measure:
        case Sanction(imposed=moment) | Agreement(in_force=moment) | Measure(at=moment):
            return moment
    return None


def _moments(scenario: Scenario) -> Iterator[tuple[str, Moment]]:
    """Every moment of a contract or of a dated measure, with its path."""
    contracts = {f"contracts.{name}": contract for name, contract in scenario.contracts.items()}
    for path, measure in (contracts | scenario.dated).items():
        for name in type(measure).model_fields:
            moment = getattr(measure, name)
            if isinstance(moment, Moment):
                yield f"{path}.{name}", moment
    if scenario.collective is not None:
        yield "collective.founded", scenario.collective.founded
        for code, member in scenario.collective.members.items():
            yield f"collective.members.{code}.joins", member.joins


# --- Numbers that are probably slips ---

Numbers = list[tuple[str, Quantity]]


def _laws(numbers: Numbers) -> Iterator[Problem]:
    """Laws that say something else than they seem to."""
    for path, quantity in numbers:
        law = quantity.law
        if law is None:
            continue
        low, high = quantity.support
        if low == high or (isinstance(law, Normal | Lognormal) and not _spread(law)):
            message = f"the law leaves no choice: treated as the constant {quantity.central:g}"
            yield Problem("S204", message, field=path)
        elif isinstance(law, Lognormal) and law.sigma >= HEAVY_SIGMA:
            times = math.exp(law.sigma**2 / 2)
            message = (
                f"the mean of this law is {times:.1f} times its median, so that averages will "
                "not settle; use the median"
            )
            yield Problem("S205", message, field=path, note=f"sigma {law.sigma:g}")
        elif isinstance(law, Normal) and _cut(law) > LARGE_CUT_SHARE:
            message = f"the bounds cut off {_cut(law):.0%} of the normal law"
            yield Problem("S207", message, field=path)


def _spread(law: Normal | Lognormal) -> float:
    return law.sd if isinstance(law, Normal) else law.sigma


def _cut(law: Normal) -> float:
    """Share of a normal law that lies beyond its bounds."""

    def below(number: float) -> float:
        return 0.5 * (1 + math.erf((number - law.mean) / (law.sd * math.sqrt(2))))

    return 1 - (below(law.high) - below(law.low))


def _unusual(numbers: Numbers) -> Iterator[Problem]:
    for path, quantity in numbers:
        usual = unusual(path, quantity.central)
        if usual:
            message = f"{quantity.central:g} is far from what is usual"
            yield Problem("S210", message, field=path, note=usual)


_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_NO_YEARS = re.compile(r"https?://\S+|\d{4}\s*(-|\u2013|to)\s*\d{4}")


def _sources(scenario: Scenario, numbers: Numbers) -> Iterator[Problem]:
    """Sources that speak of years after the information date; a span may have been announced."""
    known = scenario.information_date.year
    for path, quantity in numbers:
        # Most sources name no year at all, and none that is in an address counts.
        if quantity.source is None or not _YEAR.search(quantity.source):
            continue
        text = _NO_YEARS.sub("", quantity.source)
        later = [year for year in _YEAR.findall(text) if int(year) > known]
        if later:
            message = f"the source speaks of {later[0]}, after the information date"
            yield Problem("S213", message, field=path, note=str(scenario.information_date))


def _unlike_history(scenario: Scenario) -> Iterator[Problem]:
    """A base that differs from what the same office published of the same year."""
    base = scenario.base
    published = scenario.history.get(base.statistics, {}).get(str(base.year))
    stated = sum(exports.last_usd_million.central for exports in scenario.exports.values())
    if published and stated and max(published / stated, stated / published) > UNLIKE_HISTORY:
        message = (
            f"the base flows sum to {stated:g} million, but history has {published:g} for "
            f"{base.year}"
        )
        yield Problem("S211", message, field="exports")


def _out_of_proportion(scenario: Scenario) -> Iterator[Problem]:
    """Flows that differ from their own average by a slip of units, or that have no goods."""
    for name, exports in scenario.exports.items():
        last, average = exports.last_usd_million.central, exports.average_usd_million.central
        if last and average and max(last / average, average / last) > UNLIKE_AVERAGE:
            message = f"last_usd_million is {last:g} and average_usd_million {average:g}"
            yield Problem("S211", message, field=f"exports.{name}.average_usd_million")
        if (last or average) and not any(g.share.central for g in exports.goods.values()):
            message = f"no good has a share of the flow out of {name}, so nothing of it is traded"
            yield Problem("S212", message, field=f"exports.{name}.goods")


def _unlike_former(scenario: Scenario) -> Iterator[Problem]:
    """Amounts, prices and times that differ from what they replace by a slip of units."""
    for path, was, now in former_values(scenario):
        before = dict(quantities(was, path))
        for name, number in quantities(now, path):
            old, new = before.get(name, number).central, number.central
            if not _has_scale(name) or not old or not new:
                continue
            times = max(new / old, old / new)
            if times >= UNLIKE_FORMER:
                message = f"{new:g} is {times:,.0f} times {'more' if new > old else 'less'} than"
                message += f" the {old:g} that it replaces"
                yield Problem("S214", message, field=name, note=unit(name.rpartition(".")[2]))


def _has_scale(path: str) -> bool:
    """Whether a number is in a unit that it could have been mistaken for another one of."""
    return unit(path.rpartition(".")[2]) not in ("", "share", "a year")


def _busy(scenario: Scenario) -> Iterator[Problem]:
    """Queues that grow without end."""
    loads = {f"settlement.channels.{name}": load for name, load in channel_loads(scenario)}
    loads |= {f"corridors.{name}": load for name, load in corridor_loads(scenario)}
    for path, load in loads.items():
        if load >= 1:
            name = path.rpartition(".")[2]
            often = f"arrivals are {load:.1f} times" if load < math.inf else "nothing is"
            message = f"the queue grows without end at '{name}': {often} the capacity"
            yield Problem("S209", message, field=f"{path}.slots")
