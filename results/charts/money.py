"""Amounts of money as a reader sees them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from results.charts.chart import NB
from results.numbers import MINUS

_UNITS = ((1_000_000_000, "billion"), (1_000_000, "million"))


def money(amount: float) -> str:
    """An amount in pounds with two or three digits, such as £1.2 billion."""
    size = abs(amount)
    sign = MINUS if amount < 0 else ""
    for divisor, word in _UNITS:
        if size >= 0.9995 * divisor:
            scaled = size / divisor
            digits = 1 if scaled < 99.95 else 0
            return f"{sign}£{scaled:,.{digits}f}{NB}{word}"
    if size < 0.5:
        return "£0"
    step = 10 ** max(0, int(np.floor(np.log10(size))) - 2)
    return f"{sign}£{round(size / step) * step:,.0f}"


def money_axis(amounts: NDArray[np.float64]) -> tuple[int, str]:
    """The unit that an axis is in, as a divisor and in words."""
    largest = float(np.nanmax(np.abs(amounts)))
    for divisor, word in _UNITS:
        if largest >= 2 * divisor:
            return divisor, f"£{NB}{word}"
    return (1_000, f"£{NB}thousand") if largest >= 20_000 else (1, "£")
