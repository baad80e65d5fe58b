"""Figures of areas that are not published: fit notes of 27 boards and Wales, and residents aged 65.

``areas.csv`` keeps the results; these functions work them out again from its published columns, so
the method can be checked.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from sim.people.areas import F64, Areas
from sim.people.sources import figures

LONDON: Final = "London"


def fit_note_rates(areas: Areas) -> F64:
    """Fit notes in 2023 for each 1,000 residents aged 16-64 of every area.

    The rate of the fifteen boards with a published count is regressed (ordinary least squares) on
    the share of residents in the most deprived fifth of neighbourhoods and on being in London, the
    region with the fewest fit notes. Fitted rates of the other boards are scaled by one factor so
    that England has its published total. Wales has England's rate, scaled by its inactivity rate.

    Returns
    -------
    float64 array, shape (areas,)
    """
    people = areas.residents.sum(axis=1)
    known, england = areas.fit_notes_published, areas.in_england
    london = np.array([region == LONDON for region in areas.nhs_region], np.float64)
    factors = np.stack([np.ones(len(areas)), areas.most_deprived, london], axis=1)
    coefficients = np.linalg.lstsq(factors[known], areas.fit_notes[known], rcond=None)[0]
    fitted = factors @ coefficients
    f = figures()
    unknown = england & ~known
    missing = 1000 * f["england_fit_notes"] - (areas.fit_notes * people)[known].sum()
    fitted *= missing / (fitted * people)[unknown].sum()
    rates = np.where(known, areas.fit_notes, fitted)
    rates[~england] = (
        1000
        * f["england_fit_notes"]
        / people[england].sum()
        * f["wales_inactivity_rate_2025"]
        / f["england_inactivity_rate_2025"]
    )
    return rates


def residents_aged_65(areas: Areas) -> F64:
    """Residents aged 65 of every area, at England's ratio to residents aged 50-64.

    England's number follows from published totals: 16-64 less 18-65 is 16 and 17 less 65.

    Returns
    -------
    float64 array, shape (areas,)
    """
    from_50 = areas.residents[:, -1]
    aged_65: F64 = figures()["england_65"] * from_50 / from_50[areas.in_england].sum()
    return aged_65
