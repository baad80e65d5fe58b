"""Figures of every year simulated, which show whether a path drifts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import pandas as pd

from calibration.measures.benefits import (
    benefit_stock,
    decisions,
    sanction_length_share,
    sanction_mean_days,
    sanctions,
    wca_queue,
    wca_wait,
)
from calibration.measures.measure import JOB, SEARCH, WORKING_AGE, Compute, labour_stock
from calibration.measures.sickness import notes
from calibration.monthly import Monthly

YEARLY: Final[Mapping[str, tuple[str, Compute]]] = {
    "In a job, off sick or not": ("people", labour_stock(*JOB)),
    "Searching": ("people", labour_stock(*SEARCH)),
    "Inactive, long-term sick": ("people", labour_stock("sick_inactive")),
    "Inactive, other": ("people", labour_stock("other_inactive")),
    "No condition": (
        "share",
        lambda m, months: (
            m.stock(months, condition=["none"], labour=WORKING_AGE)
            / m.stock(months, labour=WORKING_AGE)
        ),
    ),
    "UC searching for work": ("people", benefit_stock("uc_search")),
    "UC light touch": ("people", benefit_stock("uc_light")),
    "UC with a fit note": ("people", benefit_stock("uc_fit_note")),
    "LCW": ("people", benefit_stock("lcw")),
    "LCWRA": ("people", benefit_stock("lcwra")),
    "ESA": ("people", benefit_stock("esa")),
    "Fit notes": ("notes a year", notes),
    "Waiting for an assessor": ("people", wca_queue),
    "Mean wait for an assessor": ("days", wca_wait),
    "WCA decisions": ("decisions a month", decisions()),
    "Sanctions": ("decisions a month", sanctions),
    "Mean length of sanctions": ("days", sanction_mean_days),
    "Sanctions under 4 weeks": ("share", sanction_length_share("under_4_weeks")),
    "Sanctions of 4 to 13 weeks": ("share", sanction_length_share("4_to_13_weeks")),
    "Sanctions of 13 to 26 weeks": ("share", sanction_length_share("13_to_26_weeks")),
    "Sanctions over 26 weeks": ("share", sanction_length_share("over_26_weeks")),
}
"""Name, unit, and how they are worked out."""


def by_year(run: Monthly) -> pd.DataFrame:
    """Levels and flows of every year simulated, mean over runs; people grossed up."""
    years = [run.months[k : k + 12] for k in range(0, len(run.months), 12)]
    rows = []
    for name, (unit, compute) in YEARLY.items():
        values = {f"{year[0]} to {year[-1]}": float(compute(run, year).mean()) for year in years}
        rows.append({"figure": name, "unit": unit, **values})
    return pd.DataFrame(rows)
