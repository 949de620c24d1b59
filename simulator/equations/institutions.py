"""Institutions: how far a measure is in effect as time goes on. Time in years."""

from simulator.portable import FloatArray, exp

HEAD_START = 0.27
"""Phase-in already reached at entry into force, in phase-in times."""


def phase_in(years_in_force: FloatArray, phase_in_years: FloatArray | float) -> FloatArray:
    """Share of an agreement's effect reached after entry into force: 1 - e^-(t / T + 0.27).

    Zero before. Source: fit to four-year lags of trade agreements (An Advanced Guide to Trade
    Policy Analysis, appendix 3), within three points of its 24, 85, 99 and 100 % after 0, 4, 8 and
    12 years at T = 2.6.
    """
    in_force = years_in_force >= 0.0
    at_once = (phase_in_years == 0.0) * in_force
    elapsed = years_in_force.clip(0.0) / (phase_in_years + (phase_in_years == 0.0))
    reached: FloatArray = in_force * (1.0 - exp(-(elapsed + HEAD_START)))
    return at_once + (phase_in_years != 0.0) * reached


def ramp(years: FloatArray, length: FloatArray | float) -> FloatArray:
    """Share reached of a straight line that starts at time 0 and ends at ``length``.

    Sanctions bite more with duration and fade over years after lifting. Source: Dai, Felbermayr,
    Kirilakha, Syropoulos, Yalcin and Yotov (2021).
    """
    at_once = (length == 0.0) * (years >= 0.0)
    sloping: FloatArray = (years / (length + (length == 0.0))).clip(0.0, 1.0)
    return at_once + (length != 0.0) * sloping
