"""What all measures share: how a statistic is worked out, and the groups of states it counts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd

from calibration.monthly import Monthly

Compute = Callable[[Monthly, Sequence[str]], pd.Series]

JOB: Final = ("in_work", "off_sick")
SEARCH: Final = ("searching",)
INACTIVE: Final = ("sick_inactive", "other_inactive")
OUT_OF_WORK: Final = (*SEARCH, *INACTIVE)
WORKING_AGE: Final = (*JOB, *OUT_OF_WORK)
AGES: Final = "the model's ages are 16 to State Pension age"


@dataclass(frozen=True)
class Measure:
    """How a statistic is worked out, and what the reader must know about it.

    ``level`` marks stocks, which are read at the months nearest to a period; flows and shares of
    flows are read over the same months of a later year instead. ``note`` is empty when the model
    counts just what was published.
    """

    compute: Compute
    level: bool = False
    note: str = ""


def labour_stock(*labour: str) -> Compute:
    """People in some labour-market states at the end of a month."""
    return lambda m, months: m.stock(months, labour=labour)


def around(m: Monthly, months: Sequence[str]) -> list[str]:
    """The year of results (April to March) in which the first of some months falls."""
    start = m.months.index(months[0]) // 12 * 12
    return m.months[start : start + 12]
