"""Income of the same people with a reform and without it, on the last evening: gainers and losers by group.

A person's income is that of a year in the state of the evening: pay of the own fifth of earnings after tax
and contributions, Statutory Sick Pay, Universal Credit as far as the taper leaves it, and ESA.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from results.appraisal.discounting import Discounting
from results.appraisal.jobs import UC, WEEKS, jobs
from results.appraisal.quantities import BENEFITS, CELLS, WORK, cells
from results.appraisal.values import UnitValues
from results.coupling import RANK
from results.opened import Opened
from sim.states import LABELS

F64 = NDArray[np.float64]

EVERYBODY: Final = "everybody"
DIMENSIONS: Final = (EVERYBODY, "earnings_band", "age_band", "sex", "condition")
"""What people are told apart by."""
AMOUNTS: Final = ("income_gained", "income_lost")
"""Measures in GBP a year; the others count people."""
LEAST: Final = 1.0
"""An income differs from another by more than so many GBP a year."""


def incomes(u: UnitValues) -> F64:
    """A year's income by fifth of earnings and cell in the last year, at prices of the first, in GBP.

    Returns
    -------
    float array, shape (fifths, cells)
    """
    j, idle = jobs(u), cells(work="off_sick") + cells(work="out_of_work")
    sick_pay, esa = (
        WEEKS * u[name][0, -1] * cells(benefit=benefit)
        for name, benefit in (
            ("return_to_work.ssp_weekly_rate", "sick_pay"),
            ("benefits.esa", "esa"),
        )
    )
    found = np.add.outer(j.net_pay[0, -1], np.zeros(len(CELLS))) * cells(work="works")
    found += sick_pay + esa
    for name in UC:
        found += j.award[name][0, -1] * idle * cells(benefit=name)
        found += np.multiply.outer(j.award_left[name][0, -1], cells("works", name))
    result: F64 = found * Discounting(u).real[-1]
    return result


def person_by_person(
    run: Opened, scenario: str, income: F64
) -> Iterator[tuple[str, str, str, F64]]:
    """Gainers and losers on the last evening: dimension, group, measure, and its values by replication.

    Parameters
    ----------
    run : Opened
    scenario : str
    income : float array, shape (fifths, cells)
        As :func:`incomes` gives it.
    """
    rows = run.same_people(scenario)
    counts = _measures(rows, income).mul(rows["people"] / run.scale, axis=0)
    counts["seed"] = rows["seed"]
    for dimension in DIMENSIONS:
        labels = [EVERYBODY] if dimension == EVERYBODY else LABELS[dimension]
        group = EVERYBODY if dimension == EVERYBODY else rows[dimension].astype("str")
        sums = counts.assign(group=group).groupby(["group", "seed"]).sum()
        for label in labels:
            for measure in sums.columns if label in sums.index.levels[0] else ():
                by_seed = sums.loc[label, measure].reindex(run.seeds, fill_value=0.0)
                yield dimension, label, measure, by_seed.to_numpy(np.float64)


def _measures(rows: pd.DataFrame, income: F64) -> pd.DataFrame:
    """What each row's people count for, a column a measure."""
    fifth = rows["earnings_band"].cat.codes.to_numpy(np.int64)
    before, after = (income[fifth, _cell(rows, suffix)] for suffix in ("_base", ""))
    near, far = (RANK[rows[name].cat.codes] for name in ("labour_base", "labour"))
    gain = after - before
    return pd.DataFrame(
        {
            "people": 1.0,
            "nearer": (far < near) * 1.0,
            "further": (far > near) * 1.0,
            "higher_income": (gain > LEAST) * 1.0,
            "lower_income": (gain < -LEAST) * 1.0,
            "income_gained": np.where(gain > LEAST, gain, 0.0),
            "income_lost": np.where(gain < -LEAST, -gain, 0.0),
        },
        index=rows.index,
    )


def _cell(rows: pd.DataFrame, suffix: str) -> NDArray[np.int64]:
    """Number of the cell that people are in."""
    works = np.array([WORK.get(label, -1) for label in LABELS["labour"]], np.int64)
    work = works[rows[f"labour{suffix}"].cat.codes.to_numpy()]
    return work * len(BENEFITS) + rows[f"benefit{suffix}"].cat.codes.to_numpy(np.int64)
