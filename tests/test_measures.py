"""Measures: when agreements enter into force, how far measures are in effect, what they change.

Seeds are fixed, so a test passes always or never; a band holds a right model in 99.9 % of seeds.
"""

from datetime import date

import numpy as np
import pytest
from engines.worlds import FLAGSHIP, MINIMAL, YEAR, busy
from scipy import stats

from simulator.conditions import conditions
from simulator.draws import Draws
from simulator.measures import NEVER, Course, course, levels
from simulator.scenario.reading import load
from simulator.shocks import PeriodClock, shocks
from simulator.specification import specification

ALARM = 0.001
MONTH = YEAR / 12

TARIFF = "exports.AAA.goods.widgets.tariff_share"
REFUSAL = "settlement.channels.bank.refusal_share"

AGREEMENT = {
    "title": "A pact",
    "document": "agreement",
    "signed": "2022-06-01",
    "in_force": "2023-01-02",
    "implemented_share": 1,
    "phase_in_years": 0,
    "effects": {},
}
SANCTION = {
    "title": "An embargo",
    "sender": "a third country",
    "target": "AAA",
    "imposed": "2023-01-02",
    "buildup_years": 0,
    "fade_years": 0,
    "effects": {},
}


def table_of(changes, replication=0):
    """The specification of the minimal scenario with changes, and its numbers by period."""
    spec = specification(load(MINIMAL, {"horizon.end": "2034-12-31", **changes}))
    draws, numbers = Draws(1, replication), spec.inputs.fixed
    return spec, levels(spec, numbers, shocks(spec, numbers, draws), draws)


def over_time(path, effect, *, base=0.2, agreement=None, sanction=None):
    """Times in years, and one number over them, under an agreement or a sanction."""
    effects = {"effects": {"it": {"path": path, **effect}}}
    changes = {path: base}
    if agreement is not None:
        changes["agreements.pact"] = {**AGREEMENT, **effects, **agreement}
    if sanction is not None:
        changes["sanctions.embargo"] = {**SANCTION, **effects, **sanction}
    spec, table = table_of(changes)
    return PeriodClock.of(spec).years, table[:, spec.place(path)]


# --- What measures change ---


def test_without_measures_numbers_stay():
    """Without agreements and sanctions every number is that of the base in every period."""
    spec, table = table_of({})
    assert np.array_equal(table, np.tile(spec.inputs.fixed, (spec.periods.count, 1)))


def test_full_effect_multiplies_or_adds():
    """A measure fully in effect multiplies its number by the amount, or adds it; no other moves."""
    _, halved = over_time(TARIFF, {"multiply": 0.5}, agreement={})
    assert halved == pytest.approx(np.full_like(halved, 0.1))
    _, raised = over_time(TARIFF, {"add": 0.3}, sanction={})
    assert raised == pytest.approx(np.full_like(raised, 0.5))
    effects = {"it": {"path": TARIFF, "add": 0.1}}
    spec, table = table_of({"sanctions.embargo": {**SANCTION, "effects": effects}})
    others = np.arange(table.shape[1]) != spec.place(TARIFF)
    assert np.array_equal(table[:, others], np.tile(spec.inputs.fixed, (len(table), 1))[:, others])


def test_partial_effect_is_a_part():
    """Carried out to a half, a measure takes half the way to its factor, or adds half its sum."""
    _, multiplied = over_time(TARIFF, {"multiply": 0.25}, agreement={"implemented_share": 0.5})
    assert multiplied == pytest.approx(np.full_like(multiplied, 0.2 * 0.625))
    _, added = over_time(TARIFF, {"add": 0.3}, agreement={"implemented_share": 0.5})
    assert added == pytest.approx(np.full_like(added, 0.35))


def test_effects_on_one_number_come_together():
    """Two measures on one number multiply, or add."""
    effect = {"path": TARIFF, "multiply": 0.5}
    pact = {**AGREEMENT, "effects": {"one": effect, "two": {**effect, "multiply": 0.1}}}
    spec, table = table_of({TARIFF: 0.2, "agreements.pact": pact, "agreements.other": pact})
    assert table[:, spec.place(TARIFF)] == pytest.approx(np.full(len(table), 0.2 * 0.05**2))


@pytest.mark.parametrize(
    ("path", "add", "held"),
    [
        (REFUSAL, 5, 1.0),
        (REFUSAL, -5, 0.0),
        ("corridors.road.minimum_days", -50, 0.0),
        ("economies.AAA.exchange_rate.premium_share", 3, 1.0),
        ("exports.AAA.goods.widgets.affinity", -50, -49.8),
    ],
)
def test_numbers_stay_within_their_range(path, add, held):
    """No effect takes a share out of 0 to 1, or a time below 0; what has no range is free."""
    _, values = over_time(path, {"add": add}, sanction={})
    assert values == pytest.approx(np.full_like(values, held))


def test_severity_scales_the_effects_of_new_sanctions():
    """Effects of new sanctions are stated for severity 1; their share is the severity in effect."""
    spec = specification(busy())
    draws = Draws(1, 3)
    found = conditions(spec, draws)
    severity = found.shocks.severity.sum(axis=1)
    place = spec.place("settlement.channels.clearing.refusal_share")
    expected = np.clip(0.05 + 0.04 * severity, 0, 1)
    assert found.levels[:, place] == pytest.approx(expected)
    slower = spec.place("settlement.channels.clearing.processing_days")
    assert found.levels[:, slower] == pytest.approx(4 * 1.2**severity)


# --- How far measures are in effect ---


def test_agreement_phases_in():
    """24 % of an agreement are in effect at once; 85, 99 and 100 % after 4, 8 and 12 years.

    The curve keeps within three points of these published shares.
    """
    years, tariff = over_time(
        TARIFF, {"add": 0.5}, agreement={"in_force": "2023-01-02", "phase_in_years": 2.6}
    )
    share = np.interp([1 / YEAR, 4, 8, 11.9], years, (tariff - 0.2) / 0.5)
    assert share == pytest.approx([0.24, 0.85, 0.99, 1.0], abs=0.03)


def test_agreement_of_the_past_is_in_the_base():
    """What was in force at the start is part of the base: only what is still to come counts."""
    _, old = over_time(
        TARIFF, {"add": 0.5}, agreement={"in_force": "1990-01-01", "signed": "1989-01-01"}
    )
    assert old == pytest.approx(np.full_like(old, 0.2))
    young = {"in_force": "2022-07-01", "signed": "2022-01-01", "phase_in_years": 2.6}
    years, tariff = over_time(TARIFF, {"add": 0.5}, agreement=young)
    before = 184 / YEAR
    gained = np.exp(-(before / 2.6 + 0.27)) - np.exp(-((years + before) / 2.6 + 0.27))
    assert tariff == pytest.approx(0.2 + 0.5 * gained)


def test_sanction_builds_up_and_fades_in_a_line():
    """A sanction bites in proportion to its years up to two, and fades over eight after lifting."""
    terms = {"imposed": "2024-01-01", "lifted": "2026-01-01", "buildup_years": 2, "fade_years": 8}
    years, tariff = over_time(TARIFF, {"add": 0.5}, sanction=terms)
    share = np.interp([0.5, 1.5, 2.0, 3.0, 5.0, 7.0, 11.5], years, (tariff - 0.2) / 0.5)
    assert share == pytest.approx([0, 0.25, 0.5, 0.98, 0.75, 0.5, 0], abs=0.03)
    fading = (years > 3.2) & (years < 10.8)
    assert np.diff(tariff[fading]) / np.diff(years[fading]) == pytest.approx(
        np.full(fading.sum() - 1, -0.5 / 8)
    )


def test_relief_of_an_old_sanction_takes_its_effect_out_of_the_base():
    """A sanction in the base does nothing until it is lifted, and is then taken back."""
    terms = {"imposed": "2015-01-01", "lifted": "2025-01-01", "buildup_years": 2, "fade_years": 4}
    years, tariff = over_time(TARIFF, {"add": 0.1}, sanction=terms)
    assert np.interp([1, 4, 8], years, tariff) == pytest.approx([0.2, 0.15, 0.1], abs=0.002)


# --- When agreements enter into force ---


def forces(changes, count, name="pact", file=MINIMAL):
    """Days on which an agreement enters into force, over replications."""
    spec = specification(load(file, changes))
    numbers = spec.inputs.fixed
    return np.array(
        [course(spec, numbers, Draws(1, n), f"agreements.{name}").start for n in range(count)]
    )


def test_known_day_is_kept():
    """An agreement in force on a known day is in force on that day."""
    found = forces({"agreements.pact": {**AGREEMENT, "in_force": "2023-05-15"}}, 3)
    assert set(found) == {134.0}
    assert date(2023, 1, 1).toordinal() + 134 == date(2023, 5, 15).toordinal()


FREE_TRADE = {
    "agreements.eaeu_free_trade.signed": {"median_months": 0, "sigma": 0},
}


def test_ratification_takes_as_long_as_it_took_others():
    """From signature to force: median 20 months, 8 to 57 hold 10 to 90 %, 507 and 528 days too.

    The last two are the clocks of the Eurasian Economic Union and Iran, of 2018 and of 2023.
    """
    spec = specification(load(FLAGSHIP))
    signed = spec.periods.day(spec.scenario.information_date)
    days = forces(FREE_TRADE, 4000, "eaeu_free_trade", FLAGSHIP) - signed
    low, median, high = np.quantile(days / MONTH, [0.1, 0.5, 0.9])
    assert median == pytest.approx(20, abs=1.5)
    assert 8 < low < 507 / MONTH < 528 / MONTH < high < 57
    both = stats.lognorm(0.68, scale=14.2 * MONTH)
    assert stats.kstest(days, lambda day: both.cdf(day) ** 2).pvalue > ALARM


def test_slower_side_decides():
    """Where both sides ratify the slower one decides; without ratification signature is enough."""
    clock = {"signed": {"median_months": 0, "sigma": 0}, "phase_in_years": 0}
    pact = {k: v for k, v in AGREEMENT.items() if k not in ("signed", "in_force")} | clock
    slow = {"AAA": {"median_months": 3, "sigma": 0}, "AAB": {"median_months": 5, "sigma": 0}}
    assert forces({"agreements.pact": pact}, 1)[0] == -1.0
    found = forces({"agreements.pact": {**pact, "ratification": slow}}, 3)
    assert found == pytest.approx(np.full(3, -1.0 + 5 * MONTH))


def test_some_agreements_are_never_signed():
    """An agreement is signed with its probability, or never enters into force."""
    unsigned = {k: v for k, v in AGREEMENT.items() if k not in ("signed", "in_force")}
    pact = {**unsigned, "signed": {"median_months": 6, "sigma": 0.5, "ever_share": 0.7}}
    found = forces({"agreements.pact": pact}, 2000)
    signed = found < NEVER
    assert stats.binomtest(int(signed.sum()), len(signed), 0.7).pvalue > ALARM
    law = stats.lognorm(0.5, scale=6 * MONTH, loc=-1.0)
    assert stats.kstest(found[signed], law.cdf).pvalue > ALARM


def test_never_signed_does_nothing():
    """An agreement that is never signed changes no number."""
    unsigned = {k: v for k, v in AGREEMENT.items() if k not in ("signed", "in_force")}
    _, tariff = over_time(TARIFF, {"add": 0.5}, agreement={"implemented_share": 1})
    assert tariff[0] == pytest.approx(0.7)
    terms = {"signed": {"median_months": 0, "sigma": 0, "ever_share": 0}}
    effects = {"effects": {"it": {"path": TARIFF, "add": 0.5}}}
    spec, table = table_of({"agreements.pact": {**unsigned, **terms, **effects}})
    assert not table[:, spec.place(TARIFF)].any()


def test_clock_still_running_goes_on():
    """Signed a year ago and not ratified yet, an agreement has the rest of its clock to go."""
    waiting = {"AAA": {"median_months": 10, "sigma": 0.7}}
    pact = {k: v for k, v in AGREEMENT.items() if k != "in_force"}
    changes = {"agreements.pact": {**pact, "signed": "2021-12-31", "ratification": waiting}}
    days = forces(changes, 2000) + 1 + 365
    law = stats.lognorm(0.7, scale=10 * MONTH)
    assert days.min() >= 365.0
    gone = law.cdf(365.0)
    assert stats.kstest(days, lambda day: (law.cdf(day) - gone) / (1 - gone)).pvalue > ALARM


MEASURE = {"title": "A reform", "at": "2024-01-01"}


def measure_over_time(**terms):
    """Times in years, and a tariff of 20 % to which a measure adds 30 points."""
    effects = {"it": {"path": TARIFF, "add": 0.3}}
    spec, table = table_of(
        {TARIFF: 0.2, "measures.reform": {**MEASURE, "effects": effects, **terms}}
    )
    return PeriodClock.of(spec).years, table[:, spec.place(TARIFF)]


def test_a_measure_starts_ramps_ends_and_fades_on_its_days():
    """From 2024 on along a line of two years; from 2028 on back along a line of four."""
    years, tariff = measure_over_time(ramp_years=2, until="2028-01-01", fade_years=4)
    start, end = (years_to(day) for day in ("2024-01-01", "2028-01-01"))
    rise = np.clip((years - start) / 2, 0, 1)
    fall = np.clip((years - end) / 4, 0, 1)
    assert tariff == pytest.approx(0.2 + 0.3 * rise * (1 - fall), abs=1e-12)
    assert tariff.max() == pytest.approx(0.5)


def years_to(day):
    """Years from the start of the horizon to a day."""
    return (date.fromisoformat(day) - date(2023, 1, 1)).days / YEAR


def test_a_measure_without_ramps_acts_at_once_and_ends_at_once():
    """Absent ramps are steps."""
    years, tariff = measure_over_time(until="2028-01-01")
    inside = (years >= years_to("2024-01-01")) & (years < years_to("2028-01-01"))
    assert (tariff == np.where(inside, 0.5, 0.2)).all()


MOMENTS = {
    "sanctions.embargo": ("imposed", SANCTION),
    "measures.reform": ("at", {**MEASURE, "effects": {}}),
    "agreements.pact": ("in_force", AGREEMENT),
}


@pytest.mark.parametrize("path", MOMENTS)
def test_every_kind_of_measure_has_the_same_clocks(path):
    """A clock runs from the information date; what happens for sure or never does so."""
    field, terms = MOMENTS[path]

    def starts(moment, count):
        spec = specification(load(MINIMAL, {path: {**terms, field: moment}}))
        return np.array(
            [course(spec, spec.inputs.fixed, Draws(1, n), path).start for n in range(count)]
        )

    found = starts({"median_months": 6, "sigma": 0.5, "ever_share": 0.7}, 2000)
    happens = found < NEVER
    assert stats.binomtest(int(happens.sum()), len(happens), 0.7).pvalue > ALARM
    law = stats.lognorm(0.5, scale=6 * MONTH, loc=-1.0)
    assert stats.kstest(found[happens], law.cdf).pvalue > ALARM
    assert set(starts({"day": "2023-01-31", "ever_share": 1}, 5)) == {30.0}
    assert set(starts({"day": "2023-01-31", "ever_share": 0}, 5)) == {NEVER}


def test_an_agreement_that_ends_takes_its_effects_with_it():
    """A denounced agreement leaves the number as it was before."""
    pact = {"in_force": "2023-06-01", "ended": "2025-01-01"}
    years, tariff = over_time(TARIFF, {"add": 0.5}, agreement=pact)
    inside = (years >= years_to("2023-06-01")) & (years < years_to("2025-01-01"))
    assert (tariff == np.where(inside, 0.7, 0.2)).all()


def test_names_of_measures_do_not_decide():
    """A part added and a factor give the same number, whichever measure comes first by name."""
    added, halved = {"path": TARIFF, "add": 0.1}, {"path": TARIFF, "multiply": 0.5}
    for first, second in ((added, halved), (halved, added)):
        pacts = {
            name: {**AGREEMENT, "in_force": "2023-03-01", "effects": {"duty": effect}}
            for name, effect in (("a", first), ("b", second))
        }
        spec = specification(load(MINIMAL, {TARIFF: 0.2, "agreements": pacts}))
        world = conditions(spec, Draws(1, 0))
        assert world.levels[-1, spec.place(TARIFF)] == 0.2 * 0.5 + 0.1


@pytest.mark.parametrize(("start", "end"), [(400.0, 100.0), (100.0, 100.0), (NEVER, NEVER)])
def test_a_measure_that_ends_before_it_begins_never_acts(start, end):
    """A clock may ring after the stated end: then nothing rises, and nothing falls."""
    times = np.linspace(-1.0, 5.0, 50)
    assert not Course(start, 0.5, end, fall_years=1.0).share(times).any()
    assert Course(50.0, 0.5, 100.0, fall_years=1.0).share(times).any()


# --- A collective ---

PLATFORM = "settlement.channels.platform"
POOL = {
    PLATFORM: {
        "title": "A platform",
        "share": 0.5,
        "processing_days": 1,
        "refusal_share": 0.1,
        "fee_share": 0.05,
        "clearing": {"credit_limit_usd_million": 5, "netting_share": 0.2},
    },
    "settlement.channels.bank.share": 0.5,
    "collective": {
        "title": "A collective",
        "channel": "platform",
        "founded": "2024-01-01",
        "ramp_years": 0,
        "pooled_usd_million": 10,
        "platform_cost_usd_million": 1,
        "saving_share": 0.04,
        "complementarity_share": 0.5,
        "retaliation_share": 0.1,
        "members": {
            code: {
                "title": code,
                "joins": joins,
                "pooled_usd_million": pooled,
                "offset_share": offset,
                "diverted_share": 0.2,
            }
            for code, joins, pooled, offset in (
                ("RUS", "2026-01-01", 30, 0.5),
                ("VEN", "2028-01-01", 60, 0.25),
            )
        },
    },
}
AFFINITY = "exports.AAA.goods.widgets.affinity"


def pooled(path, changes=None, **collective):
    """A number of the world with a collective before it, of two, of three and of four members."""
    block = {"collective": {**POOL["collective"], **collective}}
    spec, table = table_of({**POOL, **block, **(changes or {})})
    years = PeriodClock.of(spec).years
    found = table[0, :, spec.place(path)] if table.ndim == 3 else table[:, spec.place(path)]
    return [float(found[np.searchsorted(years, year)]) for year in (0.5, 2.5, 4.5, 6.5)]


def test_the_cost_of_a_platform_is_spread_over_all_that_goes_through_it():
    """The fee is that of the channel, plus F over the pooled trade, less what is saved of it."""
    expected = [0.05, 0.05 + 1 / 10 - 0.02, 0.05 + 1 / 40 - 0.02, 0.05 + 1 / 100 - 0.02]
    assert pooled(f"{PLATFORM}.fee_share") == pytest.approx(expected)


def test_a_platform_never_saves_more_than_there_is_of_a_fee():
    """However much a payment saves, nobody is paid for paying."""
    fees = pooled(f"{PLATFORM}.fee_share", saving_share=1)
    assert fees == pytest.approx([0.05, 0.0, 0.0, 0.0])


def test_members_cancel_only_what_is_still_open():
    """Netting of the channel and offsets of members join: 1 - (1 - n) (1 - a) (1 - b)."""
    netting = pooled(f"{PLATFORM}.clearing.netting_share")
    assert netting == pytest.approx([0.2, 0.2, 1 - 0.8 * 0.5, 1 - 0.8 * 0.5 * 0.75])


def test_every_member_takes_its_share_of_what_is_left():
    """Affinity falls by the log of what stays of the trade of the two."""
    left = pooled(AFFINITY)
    assert left == pytest.approx([0.0, 0.0, np.log(0.8), np.log(0.64)])


def test_other_channels_close_with_every_member_and_the_platform_does_not():
    """Refusals elsewhere grow with each further member; those of the platform stay."""
    refusal = pooled(REFUSAL, {REFUSAL: 0.2})
    assert refusal == pytest.approx([0.2, 0.2, 1 - 0.8 * 0.9, 1 - 0.8 * 0.81])
    assert pooled(f"{PLATFORM}.refusal_share") == pytest.approx([0.1] * 4)


def test_a_collective_that_is_never_founded_does_nothing():
    """Without the platform members change nothing, whenever they would have joined."""
    never = {"founded": {"day": "2024-01-01", "ever_share": 0}}
    for path, value in ((f"{PLATFORM}.fee_share", 0.05), (AFFINITY, 0.0)):
        assert pooled(path, **never) == pytest.approx([value] * 4)
    assert pooled(f"{PLATFORM}.clearing.netting_share", **never) == pytest.approx([0.2] * 4)


def test_who_joins_before_the_platform_is_there_comes_with_it():
    """A member counts from the later of the two days."""
    members = POOL["collective"]["members"]
    early = {**members, "RUS": {**members["RUS"], "joins": "2023-06-01"}}
    assert pooled(f"{PLATFORM}.fee_share", members=early)[:2] == pytest.approx(
        [0.05, 0.03 + 1 / 40]
    )
