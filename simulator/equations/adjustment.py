"""Adjustment: how trade follows its potential at once in part, and through capacity over years."""

from simulator.portable import FloatArray


def desired_log_flow(
    log_potential: FloatArray, log_capacity: FloatArray, short_run_share: FloatArray | float
) -> FloatArray:
    """Log flow at given bilateral capacity: w ln X* + (1 - w) ln K.

    Source: Anderson and Yotov, Short run gravity, JIE 126 (2020).
    """
    return short_run_share * log_potential + (1.0 - short_run_share) * log_capacity


def capacity_gap_left(
    log_gap: FloatArray, decay_up: FloatArray | float, decay_down: FloatArray | float
) -> FloatArray:
    """What is left of the gap ln X* - ln K after a period, from the two decay factors.

    d ln K / dt = (ln X* - ln K) / T with T_up when the gap is positive and T_down when negative;
    a decay factor is exp(-dt / T). Slow up, fast down: JUDGEMENT after the sunk-cost literature.
    """
    up = (log_gap > 0.0) * decay_up
    down = (log_gap <= 0.0) * decay_down
    result: FloatArray = log_gap * (up + down)
    return result
