"""The joint distribution of the starting population: how many people of every kind live where."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from sim.people import cells
from sim.people.areas import Areas, read_areas
from sim.people.margins import Residents, column, national_margins, seed
from sim.people.parameters import PeopleParameters
from sim.people.raking import F64, I64, Margin, rake
from sim.states import Benefit, Labour

AGES = cells.SHAPE[3]
_OLDEST_BAND = AGES - 1


@dataclass(frozen=True, eq=False)
class StartState:
    """People in every cell of every area, at full size.

    Parameters
    ----------
    counts : int64 array, shape (areas, cells)
        Cells in the order of :mod:`sim.people.cells`.
    oldest : float
        Age at which the oldest reach State Pension age.
    """

    counts: I64
    oldest: float


@lru_cache(maxsize=8)
def start_state(parameters: PeopleParameters, oldest: float = 66.0) -> StartState:
    """Counts of the starting population; worked out once for each set of parameters.

    Parameters
    ----------
    parameters : PeopleParameters
    oldest : float
        Years of age at which people reach State Pension age on the first day; from 65.

    Returns
    -------
    StartState
    """
    areas = read_areas()
    table = _by_area(parameters)
    before = areas.residents[:, _OLDEST_BAND] + areas.aged_65
    after = areas.residents[:, _OLDEST_BAND] + areas.aged_65 * (oldest - 65)
    table = table * np.where(cells.AGE_BAND == _OLDEST_BAND, (after / before)[:, None], 1.0)
    # Whole people: running totals are rounded, so that what a cell loses the next one gains.
    rounded = np.floor(np.cumsum(table, axis=1) + 0.5).astype(np.int64)
    counts = np.diff(rounded, axis=1, prepend=0)
    counts.flags.writeable = False
    return StartState(counts, oldest)


def national(parameters: PeopleParameters) -> F64:
    """Joint distribution of England in spring 2024, shape (cells,)."""
    areas = read_areas()
    residents = Residents.of(areas, areas.in_england)
    return rake(seed(residents), national_margins(parameters, residents))


@lru_cache(maxsize=8)
def _by_area(parameters: PeopleParameters) -> F64:
    """People in every cell of every area before rounding, shape (areas, cells)."""
    areas = read_areas()
    england = areas.in_england
    nation = national(parameters)
    weight = gradient(parameters, areas)
    people = areas.residents + np.eye(AGES, dtype=np.int64)[_OLDEST_BAND] * areas.aged_65[:, None]
    start = nation / nation.sum() * people.sum(axis=1)[:, None] * weight
    out: F64 = np.zeros_like(start)
    out[england] = _raked(
        start[england], areas, england, [_same_nation(nation, int(england.sum()))]
    )
    for number in np.flatnonzero(~england):
        alone = np.arange(len(areas)) == number
        out[alone] = _raked(start[alone], areas, alone, [_welsh_labour(parameters, areas, alone)])
    out.flags.writeable = False
    return out


def gradient(parameters: PeopleParameters, areas: Areas) -> F64:
    """How much more often people of each cell are found in each area, before raking.

    Long-term sickness and health benefits follow the fit notes of the area; searching and other UC
    follow deprivation.

    Returns
    -------
    float64 array, shape (areas, cells)
    """
    england = areas.in_england
    people = areas.residents.sum(axis=1)
    notes = areas.fit_notes / np.average(areas.fit_notes[england], weights=people[england])
    deprived = areas.most_deprived / 100
    sick = notes**parameters.sick_inactive_gradient
    searching = np.exp(parameters.unemployment_gradient * deprived)
    by_sickness = cells.LONG_TERM_SICK | cells.ON_HEALTH_BENEFIT
    by_deprivation = (cells.LABOUR == Labour.SEARCHING) | np.isin(
        cells.BENEFIT, (Benefit.UC_SEARCH, Benefit.UC_LIGHT)
    )
    weight: F64 = np.select([by_sickness, by_deprivation], [sick[:, None], searching[:, None]], 1.0)
    return weight


def _raked(start: F64, areas: Areas, which: NDArray[np.bool_], more: list[Margin]) -> F64:
    """Fit areas to their residents by age and by sex, and to further margins over (area, cell)."""
    people = areas.residents[which].astype(np.float64)
    people[:, _OLDEST_BAND] += areas.aged_65[which]
    women = people.sum(axis=1) * areas.female_share[which]
    sexes = np.stack([women, people.sum(axis=1) - women], axis=1)
    place = np.repeat(np.arange(len(people)), cells.CELLS)
    times = len(people)
    margins = [
        *more,
        Margin("area by age", place * AGES + np.tile(cells.AGE_BAND, times), people.ravel()),
        Margin("area by sex", place * 2 + np.tile(cells.SEX, times), sexes.ravel()),
    ]
    return rake(start.ravel(), margins).reshape(start.shape)


def _same_nation(nation: F64, areas: int) -> Margin:
    return Margin(
        "the joint distribution of England", np.tile(np.arange(cells.CELLS), areas), nation
    )


def _welsh_labour(parameters: PeopleParameters, areas: Areas, which: NDArray[np.bool_]) -> Margin:
    """People with a job, searching and inactive in Wales."""
    to_64, at_65 = areas.residents[which].sum(), areas.aged_65[which].sum()
    employed, inactive = (
        column("labour_rate_wales", c, "Wales")[0] for c in ("employed", "inactive")
    )
    older = np.array(parameters.aged_65)
    totals = to_64 * np.array([employed, 1 - employed - inactive, inactive])
    totals += at_65 * np.array([older[0], older[1], older[2] + older[3]])
    group = np.array([0, 0, 1, 2, 2])[cells.LABOUR]
    return Margin("labour-market state of Wales", group, totals)
