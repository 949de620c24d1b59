"""The words of a counterfactual, as a terminal of 90 columns shows them."""

from collections.abc import Iterator

from simulator.errors import visible
from simulator.evidence.counterfactuals import Impact, Ways
from simulator.evidence.gravity import Gravity
from simulator.scenario.types import Scenario
from simulator.wording import MINUS, TO, count, labelled

TOLD = 4
"""Third countries told at either end."""

SMALL = 0.01
"""Difference of log effects below which the general equilibrium may be left out."""


def words(scenario: Scenario, found: Impact, gravity: Gravity | None) -> str:
    """A counterfactual as text of at most 90 columns, the finding first.

    ``gravity`` is what the panel lets one expect of the pair; None where it was not estimated.
    """
    parts = [
        labelled("Question", visible(scenario.question)),
        labelled("Finding", _finding(found)),
        "",
        *_effects(found),
        "",
        *_bystanders(found),
    ]
    if found.members:
        parts += ["", *_members(found)]
    if gravity is not None:
        parts += ["", *_gravity(found, gravity)]
    return "\n".join([*parts, "", *_notes(found)]) + "\n"


def _finding(found: Impact) -> str:
    gap = max(abs(found.general[side] / found.partial[side] - 1.0) for side in found.pair)
    verdict = (
        f"the rest of the world changes that by less than {max(gap, 5e-4):.1%}, so the model may "
        "hold it still"
        if gap < SMALL
        else f"the rest of the world changes that by {gap:.0%}, which the model leaves out"
    )
    ways = " and ".join(
        f"{_signed(found.partial[side] - 1.0)} from {side} to {other}"
        for side, other in (found.pair, found.pair[::-1])
    )
    return (
        f"what changes in trade costs until {found.target_year} moves potential trade by {ways} in "
        f"the long run; {verdict}"
    )


def _effects(found: Impact) -> Iterator[str]:
    first, last = found.years
    yield f"  Long-run change of flows, from those of {first}{TO}{last}"
    yield f"{'':48}" + "".join(
        f"{f'{side} to {other}':>14}" for side, other in (found.pair, found.pair[::-1])
    )
    recorded = (f"{found.recorded_usd_million[side]:,.1f}" for side in found.pair)
    yield f"    {'recorded, USD million a year':44}" + "".join(f"{one:>14}" for one in recorded)
    rows: tuple[tuple[str, Ways], ...] = (
        ("partial: others and prices as they were", found.partial),
        ("industry: prices rise with what is sold", found.industry),
        ("conditional: incomes as they were", found.conditional),
        ("general: everything adjusts everywhere", found.general),
    )
    for title, ways in rows:
        told = "".join(f"{_signed(ways[side] - 1.0, 2):>14}" for side in found.pair)
        yield f"    {title:44}{told}"


def _bystanders(found: Impact) -> Iterator[str]:
    some = found.bystanders
    lost = sum(min(one.change_usd_million, 0.0) for one in some)
    won = sum(max(one.change_usd_million, 0.0) for one in some)
    yield labelled(
        "Third countries",
        f"sell {_dollars(lost)} less to the two where they lose, {_dollars(won)} more where they "
        "gain; the most:",
    )
    for one in (*some[:TOLD], *some[-TOLD:][::-1]):
        change = f"{MINUS if one.change_usd_million < 0 else '+'}{_dollars(one.change_usd_million)}"
        yield f"    {one.economy}  {change:>20} a year"
    own = ", ".join(f"{side} {_tiny(found.welfare_change[side])}" for side in found.pair)
    yield labelled("Real spending", f"of the two themselves: {own}")


def _members(found: Impact) -> Iterator[str]:
    yield labelled(
        "Collective",
        "what members bring and take, each after those before it: trade through the platform, the "
        "share of the pair's balance that can go round, the share of its trade that goes to them",
    )
    yield f"{'':8}{'USD million a year':>22}{'offset':>12}{'diverted':>12}"
    for one in found.members:
        yield (
            f"    {one.economy} {one.pooled_usd_million:>21,.0f}{one.offset_share:>12.1%}"
            f"{one.diverted_share:>12.2%}"
        )


def _gravity(found: Impact, gravity: Gravity) -> Iterator[str]:
    last = gravity.years[-1]
    yield labelled(
        "Gravity expects",
        "; ".join(
            f"USD {expected:,.0f} million from {side} to {other} in {last}"
            for side, other in (found.pair, found.pair[::-1])
            if (expected := gravity.expected_usd_million.get((last, side, other))) is not None
        )
        or f"nothing of this pair, which has no row in {last}",
    )
    yield labelled(
        "",
        f"of economies of their size, distance and ties (PPML, {count(gravity.flows)} flows of "
        f"{', '.join(map(str, gravity.years))}, effects of exporter-years and importer-years); "
        f"recorded flows are a factor of {2.718281828**gravity.log_spread:.0f} off either way",
    )
    for one in gravity.coefficients:
        low, high = (one.estimate + sign * 1.96 * one.standard_error for sign in (-1, 1))
        told = f"{one.estimate:.2f}{f'({low:.2f}{TO}{high:.2f})':>20}".replace("-", MINUS)
        yield f"    {one.name:26}{told}"


def _notes(found: Impact) -> Iterator[str]:
    left_out = f"; without {', '.join(found.left_out)}" if found.left_out else ""
    yield labelled(
        "How it is computed",
        f"exact changes from a square of {found.economies} economies{left_out}; output is taken "
        "to equal gross domestic product, and what is not exported is sold at home; trade "
        f"elasticity {found.wedges.elasticity:.1f}; deficits stay in dollars; {found.steps} steps, "
        f"closure {abs(found.closure):.0e} of world income",
    )
    yield labelled(
        "Not covered",
        "goods apart from each other, intermediate goods, how long it takes, and whatever happens "
        "to single orders",
    )


def _signed(share: float, digits: int = 1) -> str:
    """In percent, with a sign unless it is none."""
    told = f"{abs(100 * share):.{digits}f}%"
    return told if float(told[:-1]) == 0.0 else f"{'+' if share > 0 else MINUS}{told}"


def _tiny(share: float) -> str:
    """In percent to two digits, however small; below a billionth none."""
    if abs(share) < 1e-9:
        return "0%"
    return f"{'+' if share > 0 else MINUS}{abs(100 * share):.2g}%"


def _dollars(million: float) -> str:
    """An amount without its sign, in a unit in which it has digits."""
    amount = abs(million)
    if amount >= 1.0:
        return f"USD {amount:,.1f} million"
    return f"USD {1000 * amount:,.0f} thousand"
