"""Measurement: what a statistics office publishes of a true flow."""

from typing import TypeVar

from simulator.portable import FloatArray

Number = TypeVar("Number", float, FloatArray)


def reported_imports_factor(cif_factor: Number, leak_share: Number) -> Number:
    """Recorded imports over the true flow free on board, before error: CIF valuation less leaks.

    Source: IMF Direction of Trade Statistics (2017) for the factor 1.06.
    """
    return cif_factor * (1.0 - leak_share)
