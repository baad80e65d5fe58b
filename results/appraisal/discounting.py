"""Real terms and present values, by financial year.

The first financial year of the run is year 0: its prices are those of real amounts, and it is not
discounted. Source of the formulas: HM Treasury, Green Book, annex on discounting.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from results.appraisal.values import UnitValues

F64 = NDArray[np.float64]

HORIZONS: Final = (31, 76)
"""The first rate holds for years 0 to 30, the second for years 31 to 75."""


def discount_factors(years: Sequence[int], rates: Sequence[float]) -> F64:
    """Present value of GBP 1 of each year, the first year undiscounted.

    Each year is discounted from the year before it at the rate of its own horizon:
    ``f(t) = f(t-1) / (1 + r(t))``.

    Parameters
    ----------
    years : sequence of int
        Financial years, in order.
    rates : sequence of float
        By horizon, such as 0.035 and 0.030.
    """
    last = years[-1] - years[0]
    if last >= HORIZONS[-1]:
        raise ValueError(f"rates are known for {HORIZONS[-1]} years only")
    yearly = [1.0, *(1 + rates[int(t >= HORIZONS[0])] for t in range(1, last + 1))]
    factors = 1 / np.cumprod(yearly)
    return factors[[year - years[0] for year in years]]


def deflators(u: UnitValues) -> F64:
    """What turns money of each year into money of the first, shape (years,)."""
    index = u.index("prices.deflator")
    return index[0] / index


class Discounting:
    """Factors from money of the year to real terms and to present values."""

    def __init__(self, u: UnitValues) -> None:
        self.real = deflators(u)
        self._standard, self._health = (
            self.real * discount_factors(u.years, u.values[name].numbers[0].entries)
            for name in ("appraisal.discount_rate", "appraisal.health_discount_rate")
        )

    def present(self, of_health: bool = False) -> F64:
        """Factors from money of the year to present value, shape (years,)."""
        return self._health if of_health else self._standard
