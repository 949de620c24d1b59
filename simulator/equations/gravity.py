"""Long-run potential: structural gravity in changes, with multilateral resistance held fixed.

Numbers may be floats or arrays of equal shape; logarithms are handed in, so that the formulas are
plain arithmetic.
"""

from typing import TypeVar

from simulator.portable import FloatArray

Number = TypeVar("Number", float, FloatArray)


def logistics_cost(days: Number, day_value: Number, days_sd: Number, reliability: Number) -> Number:
    """Log trade cost of time: days x value of a day + spread of days x price of reliability.

    Ad-valorem shares a day. Source: Hummels and Schaur, AER 103 (2013); reliability as in Arvis,
    Raballand and Marteau, The cost of being landlocked (World Bank, 2010).
    """
    return days * day_value + days_sd * reliability


def exchange_cost(
    exporter_overshoot: Number,
    exporter_pass_through: Number,
    importer_overshoot: Number,
    importer_pass_through: Number,
    log_premium: Number,
) -> Number:
    """Log trade cost of exchange rates.

    A currency weaker than its inflation makes imports dearer by the pass-through and exports
    cheaper by the rest; exporters who must sell receipts below the free rate lose the premium:
    p_m q_m - (1 - p_x) q_x + premium. Source: Campa and Goldberg (2005) for pass-through.
    """
    return (
        importer_pass_through * importer_overshoot
        - (1.0 - exporter_pass_through) * exporter_overshoot
        + log_premium
    )


def log_potential(
    exporter_growth: Number, importer_growth: Number, elasticity: Number, cost_change: Number
) -> Number:
    """Log change of the potential: growth of both sizes less elasticity x change of log trade cost.

    ln X - ln X0 = g_x + g_m - theta (ln tau - ln tau0), at fixed multilateral resistance and with
    size elasticities of 1. Source: Anderson and van Wincoop, AER 93 (2003); Head and Mayer (2014).
    """
    return exporter_growth + importer_growth - elasticity * cost_change
