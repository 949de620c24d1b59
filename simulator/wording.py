"""The words of an answer, as a terminal of 90 columns shows them."""

import textwrap
from collections.abc import Iterable, Iterator
from pathlib import Path

from simulator.answers import Account, Answer, LargestDeal, Office, Spread
from simulator.errors import visible
from simulator.estimates import Mean, Proportion, Quantile, likelier, rounded
from simulator.evidence.outside import Achieved, Outside
from simulator.sampling import PRECISION, needed
from simulator.scenario import describing
from simulator.scenario.paths import grouped

WIDTH = 90
LABEL = 23
"""Columns of the labels at the left of the text."""

MOST_YEARS = 7
"""Years that stand beside each other."""

SMALL_SHARE = 0.005
"""Accounts below this share of potential are told together."""

THOUSANDS = " "
"""Stands between thousands."""

TO, MINUS = " \u2013 ", "\u2212"
"""The dash of a range and the sign of a number, as typesetters make them."""


def words(answer: Answer, *, file: str = "FILE", folder: Path | None = None) -> str:
    """The answer as text of at most 90 columns, the answer first.

    ``file`` is how the command line names the question; ``folder`` is where the run is stored.
    """
    parts = [_headline(answer), "\n".join(_asked(answer))]
    if answer.has_trade and any(office.turnover for office in answer.offices):
        parts += ["\n".join(_turnover_table(answer)), "\n".join(_reached_table(answer))]
    if answer.has_trade and answer.offices[0].turnover:
        parts.append("\n".join(_binding(answer)))
    parts += ["\n".join(_trust(answer)), "\n".join(_where(answer, file, folder))]
    return "\n\n".join(parts) + "\n"


def stopped(answer: Answer | None, made: int, asked: int, command: str) -> str:
    """What is known when a run is stopped before its end, and how to go on with it."""
    lines = [f"Stopped at {count(made)} of {count(asked)} runs. Nothing is lost."]
    if answer is not None:
        lines.append(textwrap.fill(f"So far: {sentence(answer)}", WIDTH, break_on_hyphens=False))
    return "\n".join([*lines, labelled("Continue", command, split=False)]) + "\n"


def sentence(answer: Answer, *, intervals: bool = True) -> str:
    """The answer in one sentence."""
    if not answer.has_trade:
        return f"No trade happens in {answer.year} in any run, because {_first_reason(answer)}."
    told = [(office, office.chance) for office in answer.offices if office.chance is not None]
    if not told:
        reason = (
            "too many replications failed" if answer.failed else "it is not simulated to its end"
        )
        return f"No answer for {answer.year}: {reason}."
    goal = f"USD {amount(answer.target_usd_million)} million in {answer.year}"
    text = f"Trade between {' and '.join(answer.economies)} reaches {goal}"
    for first, (office, chance) in enumerate(told):
        whose = f"those of {_safe(office.economy)}" if first else statistics_of(office)
        runs = frequency(chance).removesuffix(" runs") if first else frequency(chance)
        text += f"{' and' if first else ''} in {runs} on {whose}"
        if intervals:
            text += _interval(chance, "" if first else "95% interval ")
    return text + "."


def statistics_of(office: Office) -> str:
    """An office by the side for which it speaks."""
    return f"the statistics of {_safe(office.economy)}"


def frequency(chance: Proportion) -> str:
    """A chance as runs that one can count: of 100 where that is exact enough, else of all."""
    hits, of = chance.hits, chance.of
    if _of_hundred(chance):
        hits, of = round(100 * chance.share), 100
    return f"{count(hits)} of {count(of)} runs"


def _headline(answer: Answer) -> str:
    lines = [sentence(answer), *(f"Warning: {_safe(warning)}." for warning in answer.warnings)]
    return "\n".join(textwrap.fill(line, WIDTH, break_on_hyphens=False) for line in lines)


def _first_reason(answer: Answer) -> str:
    """The largest loss, or that there is nothing to lose."""
    if not answer.accounts:
        return "there is no potential trade"
    worst = max(answer.accounts, key=lambda account: account.share)
    return f"{_cause(worst)} takes {worst.share:.0%} of the potential"


def _of_hundred(chance: Proportion) -> bool:
    return chance.of > 100 and 1 <= round(100 * chance.share) <= 99


def interval(chance: Proportion) -> str:
    """The 95 % interval of a chance in words, where there is one."""
    return _interval(chance, "95% interval ").strip(" ()")


def _interval(chance: Proportion, name: str = "") -> str:
    """The interval in the unit of the frequency; a bound where it was seen never or always."""
    if chance.low is None or chance.high is None:
        return " (one run tells no chance)" if name else ""
    if chance.hits == 0:
        return f" (95% upper bound {_percent(chance.high)})"
    if chance.hits == chance.of:
        return f" (95% lower bound {_percent(chance.low)})"
    if _of_hundred(chance):
        return f" ({name}{100 * chance.low:.0f} to {100 * chance.high:.0f})"
    return f" ({name}{_percent(chance.low)} to {_percent(chance.high)})"


def _percent(share: float) -> str:
    """One digit behind the point at the edges, where it matters."""
    return f"{share:.1%}" if share < 0.1 or share > 0.9 else f"{share:.0%}"


def _asked(answer: Answer) -> Iterator[str]:
    """What is asked, and what the scenario supposes for it; what changes alike together."""
    yield labelled("Question", _safe(answer.question))
    if asked := target_words(answer):
        yield labelled("Target asks", asked)
    if answer.outside is not None:
        yield labelled("Outside view", outside_view(answer.outside))
    label = "Supposed here"
    for pattern, one, times in alike(answer.suppositions):
        more = f", {times} times" if times > 1 else ""
        before = "new" if one.was == describing.ABSENT else f"was {_safe(one.was)}"
        yield labelled(label, f"{pattern} = {_safe(one.value)} ({before}){more}")
        label = ""


def target_words(answer: Answer) -> str:
    """What the target asks for beside the base year; empty where nothing was traded in it."""
    if answer.base_usd_million <= 0:
        return ""
    times = answer.target_usd_million / answer.base_usd_million
    change = f"{times - 1:+.0%} on" if times < 2 else f"{times:.2g} times"
    base = amount(answer.base_usd_million)
    text = f"{change.replace('-', MINUS)} the USD {base} million of {answer.base_year}"
    return f"{text} ({_safe(answer.base_statistics)})"


def outside_view(found: Outside) -> str:
    """How often others achieved as much: a statement about them, not about this pair."""
    every, *others = found.achieved
    years = "1 year later" if found.horizon_years == 1 else f"{found.horizon_years} years later"
    low, high = (float(f"{x:.2g}") for x in (found.low_usd_million, found.high_usd_million))
    size = f"{amount(low)}{TO}{amount(high)}"
    first, last = found.years
    text = (
        f"{_of_others(every)} pairs of economies with a turnover of USD {size} million had as much "
        f"{years} ({_uncertain(every)}; {count(every.pair_years)} pair-years of {first}{TO}{last})"
    )
    for one in others:
        text += (
            f"; of pairs of two sanctioned economies {100 * one.share:.0f} "
            f"({_uncertain(one)}; {count(one.pair_years)} pair-years)"
        )
    return text


def _of_others(one: Achieved) -> str:
    return f"{100 * one.share:.0f} of 100"


def _uncertain(one: Achieved) -> str:
    return f"{100 * one.low:.0f} to {100 * one.high:.0f}"


def alike(
    differences: Iterable[describing.Difference],
) -> Iterator[tuple[str, describing.Difference, int]]:
    """Differences with their paths as patterns, what differs alike together, and how often."""
    found: dict[tuple[str, str], list[describing.Difference]] = {}
    for difference in differences:
        found.setdefault((difference.value, difference.was), []).append(difference)
    for same in found.values():
        for pattern, paths in grouped(one.path for one in same).items():
            yield pattern, same[0], len(paths)


def _turnover_table(answer: Answer) -> Iterator[str]:
    yield "  Turnover, USD million, current prices, exports FOB, imports CIF"
    yield f"{'':28}{'middle':>8}{'50% of runs':>16}{'90% of runs':>16}{'average ± 95% CI':>20}"
    for office in answer.offices:
        if office.turnover is None:
            continue
        yield f"  {textwrap.shorten(_safe(office.title), 42)}, {office.period}"
        yield _row("Both directions", office.turnover)
        if office is answer.offices[0]:
            for flow in office.directions:
                yield _row(f"{_safe(flow.exporter)} → {_safe(flow.importer)}", flow.spread)
    yield from _withheld(answer)


def _row(label: str, values: Spread) -> str:
    cells = f"{_cell(values.p50):>8}{range_of(values.p25, values.p75):>16}"
    average = _average(values.mean)
    return f"    {fitted(label)}{cells}{range_of(values.p05, values.p95):>16}{average:>20}"


def fitted(label: str, columns: int = 24) -> str:
    """A label in its columns."""
    return f"{cut(label, columns):{columns}}"


def cut(text: str, most: int) -> str:
    """A text of at most so many signs, with an ellipsis where something is left out."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _cell(value: Quantile) -> str:
    return "withheld" if value.value is None else rounded(value.value, value.error)


def range_of(low: Quantile, high: Quantile) -> str:
    """Two quantiles with the dash between them, or that they are withheld."""
    if low.value is None or high.value is None:
        return "withheld"
    error = max(low.error, high.error)
    return rounded(low.value, error) + TO + rounded(high.value, error)


def _average(average: Mean) -> str:
    if average.half_width is None:
        return "withheld"
    return f"{rounded(average.value, average.error)} ± {rounded(average.half_width, average.error)}"


def _withheld(answer: Answer) -> Iterator[str]:
    """Why a cell of the table holds no number, and how many runs it would need."""
    spreads = [office.turnover for office in answer.offices if office.turnover is not None]
    if any(values.is_constant for values in spreads) and answer.replications > 1:
        yield "    Every run gave the same value."
    quantiles = (spreads[0].p50, spreads[0].p25, spreads[0].p05)
    names = ("the middle", "the 50% range", "the 90% range")
    for name, value in zip(names, quantiles, strict=True):
        if value.value is None:
            yield f"    Withheld: {name} needs at least {value.needed} runs."
    reasons = sorted({str(values.mean.withheld) for values in spreads} - {"None"})
    yield from (f"    Withheld: the interval of the average ({reason})." for reason in reasons)


def _reached_table(answer: Answer) -> Iterator[str]:
    offices = [office for office in answer.offices if office.never is not None]
    years = sorted({reached.year for office in offices for reached in office.reached})
    unit = "of 100 runs" if answer.replications > 100 else f"of {answer.replications} runs"
    yield f"  The target is first met in the year that begins in ({unit})"
    heads = [*(str(year) for year in years), "never"]
    rows = []
    for office in offices:
        chances = {reached.year: reached.chance for reached in office.reached}
        cells = [_share_cell(chances.get(year)) for year in years] + [_share_cell(office.never)]
        rows.append((statistics_of(office).removeprefix("the "), cells))
    for first in range(0, len(heads), MOST_YEARS):
        part = slice(first, first + MOST_YEARS)
        yield f"{'':28}" + "".join(f"{head:>8}" for head in heads[part])
        for label, cells in rows:
            yield f"    {fitted(label)}" + "".join(f"{cell:>8}" for cell in cells[part])


def _share_cell(chance: Proportion | None) -> str:
    if chance is None:
        return TO.strip()
    if chance.of <= 100:
        return str(chance.hits)
    return "<1" if 0 < 100 * chance.share < 0.5 else f"{100 * chance.share:.0f}"


def blocking_words(answer: Answer) -> str:
    """The largest losses."""
    ordered = sorted(answer.accounts, key=lambda account: -account.share)
    worst = [f"{_cause(a)} {a.share:.0%}" for a in ordered[:3] if a.share >= SMALL_SHARE]
    return f"{' · '.join(worst)} of potential trade" if worst else "nothing of any size"


def _binding(answer: Answer) -> Iterator[str]:
    realised = answer.realised_usd_million / answer.potential_usd_million
    yield labelled("What blocks most", blocking_words(answer))
    potential = count(round(answer.potential_usd_million))
    yield labelled(
        "Where it goes",
        f"on average, potential USD {potential} million (true flow, FOB); "
        + "; ".join(_all_accounts(answer.accounts))
        + f"; realised {realised:.1%}",
    )
    if answer.largest_deal is not None:
        yield labelled("Largest deal", deal_words(answer.largest_deal))


def _cause(account: Account) -> str:
    return account.words.removeprefix("lost: ").removeprefix("late: ")


def _all_accounts(accounts: tuple[Account, ...]) -> Iterator[str]:
    """The whole ledger in its own order, by kind, with what is small told together."""
    large = [account for account in accounts if abs(account.share) >= SMALL_SHARE]
    for prefix in ("", "lost: ", "late: "):
        kind = [a for a in large if _kind(a) == prefix]
        taken = ", ".join(f"{a.words.removeprefix(prefix)} {_signed(a)}" for a in kind)
        if taken:
            yield prefix + taken
    rest = sum(account.share for account in accounts if account not in large)
    if rest:
        yield f"all other {_signed(Account('', '', rest))}"


def _kind(account: Account) -> str:
    return next((kind for kind in ("lost: ", "late: ") if account.words.startswith(kind)), "")


def _signed(account: Account) -> str:
    """What an account takes away, or adds."""
    return f"{-account.share:+.1%}".replace("-", MINUS)


def deal_words(deal: LargestDeal) -> str:
    """How much hangs on the largest deal."""
    text = f"a contract in {frequency(deal.contract)}"
    if deal.share.value is not None:
        text = f"{deal.share.value:.0%} of the year's trade in the middle run; {text}"
    if deal.decisive is not None:
        text += f"; it alone decides that the target is met in {frequency(deal.decisive)}"
    return text


def _trust(answer: Answer) -> Iterator[str]:
    inputs = answer.inputs
    yield labelled(
        "Inputs",
        f"{inputs.total}: {inputs.sourced} sourced, {inputs.assumed} assumed; "
        f"{inputs.levers} of them are levers",
    )
    levers = grouped(lever.path for lever in answer.levers)
    counts = sorted(levers, key=lambda pattern: -len(levers[pattern]))
    told = (f"{p} ({len(levers[p])})" if len(levers[p]) > 1 else p for p in counts)
    yield labelled("Levers", " · ".join(told) or "none named")
    missing = "; ".join(_safe(item) for item in answer.not_covered)
    yield labelled("NOT covered", missing or "the scenario names nothing")
    if verdict := verdict_words(answer):
        yield labelled("Verdict", verdict)
    yield labelled("Precision", precision_words(answer))


def precision_words(answer: Answer) -> str:
    """How well the number of runs knows the chance, which is not how well we know the world."""
    chance = next((office.chance for office in answer.offices if office.chance), None)
    if answer.replications == 1:
        return "none: one run tells no chance; ask for more with --reps 1000"
    if chance is None or chance.low is None or chance.high is None:
        return f"{count(answer.replications)} runs"
    half = 50 * (chance.high - chance.low)
    grade = "good" if half <= 3.5 else "fair" if half <= 10 else "poor"
    points = f"{half:.1f}" if half < 1 else f"{half:.0f}"
    text = (
        f"{grade}: {count(answer.replications)} runs know the chance to ±{points} percentage "
        "points; "
    )
    if half > 100 * PRECISION:
        enough = -(-needed(chance.share, PRECISION) // 100) * 100
        text += f"±{100 * PRECISION:.0f} is not reached and would take about {count(enough)}; "
    return text + "more runs would not narrow the ranges"


def verdict_words(answer: Answer) -> str:
    """Whether the target is likelier met than missed; empty where that cannot be said at all."""
    chance = answer.offices[0].chance
    if chance is None or chance.of < 2:
        return ""
    whose = statistics_of(answer.offices[0])
    above = likelier(chance.hits, chance.of)
    if above is None:
        return f"whether the target is likelier met than missed on {whose} is still open"
    likely, other = ("met", "missed") if above else ("missed", "met")
    text = f"on {whose} the target is likelier {likely} than {other}"
    return f"{text} (at 95%, however often one looks)"


def _where(answer: Answer, file: str, folder: Path | None) -> Iterator[str]:
    if folder is not None:
        yield labelled("Report", f"{folder / 'report.html'}", split=False)
        yield labelled("Data", f"{folder}/", split=False)
        yield labelled("Plots", f"{folder / 'plots'}/", split=False)
    repeat = f"sim run {file} --seed {answer.seed} --reps {answer.replications}"
    yield labelled("Repeat", repeat, split=False)
    yield labelled("Next", _next(answer, file), split=False)


def _next(answer: Answer, file: str) -> str:
    """More runs when they are too few, else what half of a lever, of payments if any, would do."""
    # Shares that sum to 1 cannot be changed one at a time.
    free = [lever for lever in answer.levers if lever.value and not lever.path.endswith(".share")]
    if answer.replications < 1000 or not free:
        return f"sim run {file} --reps {max(1000, 4 * answer.replications)}"
    lever = min(free, key=lambda lever: not lever.path.startswith("settlement."))
    return f"sim run {file} --set {lever.path}={lever.value / 2:g}"


def wrapped(text: str) -> str:
    """Text in lines of the terminal's width."""
    return textwrap.fill(text, WIDTH, break_on_hyphens=False)


def labelled(label: str, text: str, *, split: bool = True) -> str:
    """A label with its text beside it, wrapped; a command stays on one line."""
    if not split:
        return f"  {label:{LABEL - 2}}{text}"
    return textwrap.fill(
        text,
        WIDTH,
        initial_indent=f"  {label:{LABEL - 2}}",
        subsequent_indent=" " * LABEL,
        break_on_hyphens=False,
    )


def count(number: int) -> str:
    """A whole number, its thousands apart."""
    return f"{number:,}".replace(",", THOUSANDS)


def amount(value: float) -> str:
    """A number as it is, its thousands apart."""
    return f"{value:,.10g}".replace(",", THOUSANDS)


def _safe(text: str) -> str:
    """Text of a user that may go to a terminal."""
    return visible(text)
