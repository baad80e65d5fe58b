"""The labour market: rates, and moves between work, search and inactivity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import pandas as pd
from scipy.linalg import expm

from calibration.measures.measure import (
    AGES,
    INACTIVE,
    JOB,
    SEARCH,
    WORKING_AGE,
    Compute,
    Measure,
)
from calibration.monthly import Monthly

GROUPS: Final = {"e": JOB, "u": SEARCH, "i": INACTIVE}


def _search_into_work(m: Monthly, months: Sequence[str]) -> pd.Series:
    who = {"labour_from": SEARCH, "benefit_from": ["uc_search"]}
    moved = m.moves(months, labour_to=JOB, **who) / len(months)
    return moved / m.stock(months, labour=SEARCH, benefit=["uc_search"])


def _rate(part: Sequence[str], whole: Sequence[str]) -> Compute:
    return lambda m, months: m.stock(months, labour=part) / m.stock(months, labour=whole)


def quarterly_flow(old: str, new: str) -> Compute:
    """Share of those in a group who are in another a quarter later, from monthly moves."""

    def share(m: Monthly, months: Sequence[str]) -> pd.Series:
        rates = np.zeros((len(m.runs), 3, 3))
        for i, (a, froms) in enumerate(GROUPS.items()):
            years = m.years(months, labour=froms).to_numpy()
            for j, (b, to) in enumerate(GROUPS.items()):
                if a != b:
                    moved = m.moves(months, labour_from=froms, labour_to=to).to_numpy()
                    rates[:, i, j] = moved / years
        for i in range(3):
            rates[:, i, i] = -rates[:, i].sum(axis=1)
        quarter = np.stack([expm(rate / 4) for rate in rates])
        order = list(GROUPS)
        return pd.Series(quarter[:, order.index(old), order.index(new)], index=m.runs)

    return share


_QUARTER: Final = (
    "moves of the months as rates a year, matrix exponential over a quarter; ages 16 to State "
    "Pension age"
)

LABOUR_MARKET: Final[Mapping[str, Measure]] = {
    "uc_search_into_work_rate": Measure(
        _search_into_work, note="people on UC who search for work and have no job"
    ),
    "employment_rate_16_64": Measure(_rate(JOB, WORKING_AGE), level=True, note=AGES),
    "unemployment_rate_16_plus": Measure(_rate(SEARCH, (*JOB, *SEARCH)), level=True, note=AGES),
    "inactivity_rate_16_64": Measure(_rate(INACTIVE, WORKING_AGE), level=True, note=AGES),
    **{
        f"quarterly_flow_{a}_to_{b}": Measure(quarterly_flow(a, b), note=_QUARTER)
        for a in GROUPS
        for b in GROUPS
        if a != b
    },
}
