"""The words of findings, as a terminal of 90 columns shows them."""

from collections.abc import Iterator

from simulator.errors import visible
from simulator.estimates import Proportion
from simulator.findings import Findings
from simulator.rules import Limit, Rule
from simulator.wording import count, frequency, interval, labelled, wrapped


def words(found: Findings) -> str:
    """The rules as text of at most 90 columns, the answer first."""
    parts = [wrapped(sentence(found))]
    for side in found.sides:
        for number, rule in enumerate(side.rules, start=1):
            parts.append("\n".join(_rule(found, rule, number, is_met=side.is_met)))
    parts.append("\n".join(_notes(found)))
    return "\n\n".join(parts) + "\n"


def sentence(found: Findings) -> str:
    """The strongest rule, or that there is none."""
    if found.met.hits in (0, found.met.of):
        how = "met" if found.met.hits else "missed"
        return f"The target is {how} in every run: there is nothing to tell apart."
    if not found.inputs:
        return (
            "No rule holds: no input differs between runs, so that chance alone tells them apart."
        )
    strongest = [(rule, side.is_met) for side in found.sides for rule in side.rules[:1]]
    if not strongest:
        return (
            f"No rule holds: none of {len(found.inputs)} inputs that differ between runs tells "
            "apart those that meet the target from those that miss it so that others confirm it."
        )
    rule, is_met = max(strongest, key=lambda one: abs(one[0].unseen.share - one[0].base.share))
    where = " and ".join(_condition(found, limit) for limit in rule.limits)
    return (
        f"Where {where}, the target is {_outcome(is_met=is_met)} in {frequency(rule.unseen)}, "
        f"against {frequency(rule.base)} over all."
    )


def _outcome(*, is_met: bool) -> str:
    return "met" if is_met else "missed"


def _condition(found: Findings, limit: Limit) -> str:
    side = "at most" if limit.is_upper else "at least"
    return f"{visible(found.inputs[limit.column])} is {side} {limit.value:g}"


def _rule(found: Findings, rule: Rule, number: int, *, is_met: bool) -> Iterator[str]:
    how, other = _outcome(is_met=is_met), _outcome(is_met=not is_met)
    rest = " in what is left" if number > 1 else ""
    yield f"  The target is oftener {how}{rest} where"
    for limit in rule.limits:
        yield f"    {_condition(found, limit)}"
        yield (
            f"      (in 9 of 10 resamples {limit.low:.3g} to {limit.high:.3g}; limited in "
            f"{100 * limit.reproduced:.0f} of 100 resamples)"
        )
    yield labelled(
        "  Right", f"{how} in {_told(rule.inside)} there, {_told(rule.outside)} elsewhere"
    )
    yield labelled("  Covers", f"{_told(rule.coverage)} that are {how}")
    wrong = Proportion(
        rule.unseen.of - rule.unseen.hits,
        rule.unseen.of,
        None if rule.unseen.high is None else 1 - rule.unseen.high,
        None if rule.unseen.low is None else 1 - rule.unseen.low,
    )
    text = f"{other} after all in {_told(wrong)} that were left out when it was looked for"
    yield labelled("  Wrong", f"{text} ({interval(wrong)})")


def _told(chance: Proportion) -> str:
    return frequency(chance)


def _notes(found: Findings) -> Iterator[str]:
    base = f"the target is met in {frequency(found.met)} ({interval(found.met)})"
    yield labelled("Over all", f"{base}, in {found.year} on the {visible(found.statistics)}")
    several = f"{len(found.runs)} runs, " if len(found.runs) > 1 else ""
    yield labelled(
        "Looked at",
        f"{several}{count(found.rows)} replications, {len(found.inputs)} inputs that differ; "
        f"seed {found.seed}",
    )
    yield labelled(
        "Mind",
        "a rule tells where the target is met, not what brings it about; what is not drawn as an "
        "input, such as shocks and single orders, decides the rest",
    )
