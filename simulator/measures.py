"""Measures: how far agreements and sanctions are in effect, and what they do to the numbers.

One mechanism serves both. A measure has a share in effect by period, relative to the start of the
horizon, because the base numbers already contain what was in effect then. An effect adds share x
amount, or multiplies: a share s of a measure by 1 + s (m - 1), as when a preference is used on that
share of trade; a severity s by m to the power of s. All factors come before all additions.
"""

from datetime import date

import numpy as np
from scipy.special import ndtr

from simulator.draws import Draws
from simulator.equations.institutions import phase_in, ramp
from simulator.portable import FloatArray, exp, log, normal_quantile
from simulator.scenario.types import DAYS_PER_MONTH, DAYS_PER_YEAR, Sanction
from simulator.shocks import PeriodClock, Shocks
from simulator.specification import Specification

NEVER = float("inf")


def levels(spec: Specification, numbers: FloatArray, shocks: Shocks, draws: Draws) -> FloatArray:
    """Every number in every period, measures applied; shape (periods, numbers)."""
    table = np.tile(numbers, (spec.periods.count, 1))
    shares = [_share(spec, numbers, shocks, draws, measure) for measure in spec.measures]
    touched = sorted({change.place for change in spec.changes})
    # Factors first, then additions: the order of names must not matter.
    for change in sorted(spec.changes, key=lambda change: not change.multiplies):
        amount, share = numbers[change.amount], shares[change.measure]
        if not change.multiplies:
            table[:, change.place] += share * amount
        elif spec.measures[change.measure].startswith("economies."):
            table[:, change.place] *= exp(share * log(amount))
        else:
            table[:, change.place] *= 1.0 + share * (amount - 1.0)
    table[:, touched] = np.clip(table[:, touched], spec.low[touched], spec.high[touched])
    return table


def entry_into_force(spec: Specification, numbers: FloatArray, draws: Draws, name: str) -> float:
    """Day on which an agreement enters into force: signed, then ratified by the slower side."""
    agreement = spec.scenario.agreements[name]
    if agreement.in_force is not None:
        return spec.periods.day(agreement.in_force)
    path = f"agreements.{name}"
    chance = draws.uniform(f"agreement {name}", words=4)[0]
    known = spec.periods.day(spec.scenario.information_date)
    if agreement.signed is not None:
        signed = spec.periods.day(agreement.signed)
    else:
        if chance[0] > numbers[spec.place(f"{path}.signing_share")]:
            return NEVER
        signed = known + _wait(spec, numbers, f"{path}.signing", chance[1], 0.0)
    ratified = [
        signed
        + _wait(spec, numbers, f"{path}.ratification.{side}", chance[2 + place], known - signed)
        for place, side in enumerate(spec.economies)
        if side in agreement.ratification
    ]
    return max([signed, *ratified])


def _wait(
    spec: Specification, numbers: FloatArray, path: str, chance: float, elapsed_days: float
) -> float:
    """Days of a lognormal clock, given that it is still running after ``elapsed_days``."""
    median = float(numbers[spec.place(f"{path}.median_months")]) * DAYS_PER_MONTH
    sigma = float(numbers[spec.place(f"{path}.sigma")])
    if median == 0.0 or sigma == 0.0:
        return max(median, elapsed_days)
    if elapsed_days > 0.0:
        gone = float(ndtr(float(log(elapsed_days / median)) / sigma))
        chance = min(gone + chance * (1.0 - gone), 1.0 - 1e-12)
    return median * float(exp(sigma * normal_quantile(chance)))


def _share(
    spec: Specification, numbers: FloatArray, shocks: Shocks, draws: Draws, measure: str
) -> FloatArray:
    """Share of one measure in effect by period, over its share at the start."""
    kind, _, name = measure.partition(".")
    if kind == "economies":
        return shocks.severity[:, spec.economies.index(name.partition(".")[0])]
    years = PeriodClock.of(spec).years
    at = np.concatenate([[0.0], years])
    if kind == "agreements":
        day = entry_into_force(spec, numbers, draws, name)
        share = _implemented(spec, numbers, name, day, at)
    else:
        share = _imposed(spec, numbers, spec.scenario.sanctions[name], name, at)
    result: FloatArray = share[1:] - share[0]
    return result


def _implemented(
    spec: Specification, numbers: FloatArray, name: str, day: float, years: FloatArray
) -> FloatArray:
    """Share of an agreement carried out: what is ever implemented x what is phased in."""
    if day == NEVER:
        return np.zeros_like(years)
    share = float(numbers[spec.place(f"agreements.{name}.implemented_share")])
    phase = float(numbers[spec.place(f"agreements.{name}.phase_in_years")])
    return share * phase_in(years - day / DAYS_PER_YEAR, phase)


def _imposed(
    spec: Specification, numbers: FloatArray, sanction: Sanction, name: str, years: FloatArray
) -> FloatArray:
    """Share of a sanction that bites: built up since it was imposed, faded since it was lifted."""

    def since(day: date | None, field: str) -> FloatArray:
        if day is None:
            return np.zeros_like(years)
        length = float(numbers[spec.place(f"sanctions.{name}.{field}")])
        return ramp(years - spec.periods.day(day) / DAYS_PER_YEAR, length)

    return since(sanction.imposed, "buildup_years") * (1.0 - since(sanction.lifted, "fade_years"))
