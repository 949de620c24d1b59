"""Institutions: how far a measure is in effect as time goes on. Time in years."""

from simulator.portable import FloatArray, exp

HEAD_START = 0.27
"""Phase-in already reached at entry into force, in phase-in times."""


def phase_in(years_in_force: FloatArray, phase_in_years: float) -> FloatArray:
    """Share of an agreement's effect reached after entry into force: 1 - e^-(t / T + 0.27).

    Zero before. Source: fit to four-year lags of trade agreements (An Advanced Guide to Trade
    Policy Analysis, appendix 3), within three points of its 24, 85, 99 and 100 % after 0, 4, 8 and
    12 years at T = 2.6.
    """
    in_force = years_in_force >= 0.0
    if phase_in_years == 0.0:
        return in_force.astype(float)
    elapsed = (years_in_force * in_force) / phase_in_years
    return in_force * (1.0 - exp(-(elapsed + HEAD_START)))


def ramp(years: FloatArray, length: float) -> FloatArray:
    """Share reached of a straight line that starts at time 0 and ends at ``length``.

    Sanctions bite more with duration and fade over years after lifting. Source: Dai, Felbermayr,
    Kirilakha, Syropoulos, Yalcin and Yotov (2021).
    """
    if length == 0.0:
        return (years >= 0.0).astype(float)
    result: FloatArray = (years / length).clip(0.0, 1.0)
    return result
