"""What differs between people of one cell: day of birth, time in their states, earnings.

Every number is an addressed draw of the person, so it is the same whoever else is simulated.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.core.draws import F64, U64, choose, stream_id, uniforms
from sim.people import cells
from sim.people.parameters import Curve, PeopleParameters
from sim.states import Benefit, Labour

I64 = NDArray[np.int64]
U8 = NDArray[np.uint8]

YEAR: Final = 365.25
DAYS_TO_16: Final = 5844
"""Sixteen years have four leap days."""
BAND_STARTS: Final = (16, 25, 35, 50, 65)
SICK_PAY_DAYS: Final = 196
"""Statutory sick pay ends after 28 weeks."""
_OLDEST_BAND: Final = 3
_TILTED_BANDS: Final = (0, _OLDEST_BAND)
_TILTED_LABOUR: Final = (Labour.SEARCHING, Labour.SICK_INACTIVE, Labour.OTHER_INACTIVE)

_BIRTH = stream_id("people.birth")
_TIME = stream_id("people.time")
_EARNINGS = stream_id("people.earnings")
_SEX = stream_id("people.entrant.sex")
_HEALTH = stream_id("people.entrant.health")


def age_tilts(parameters: PeopleParameters, counts: I64) -> F64:
    """Tilt of age within each band by labour-market state, so that the band as a whole stays even.

    Parameters
    ----------
    counts : int64 array, shape (cells,)
        People of the area.

    Returns
    -------
    float64 array, shape (labour, age bands)
    """
    people = np.zeros((len(Labour), cells.SHAPE[3]))
    np.add.at(people, (cells.LABOUR, cells.AGE_BAND), counts)
    tilt = np.zeros_like(people)
    for band, row in zip(_TILTED_BANDS, parameters.age_tilt, strict=True):
        for labour, value in zip(_TILTED_LABOUR, row, strict=True):
            tilt[labour, band] = value
    employed = people[: Labour.SEARCHING].sum(axis=0)
    owed = (tilt * people).sum(axis=0)
    balance = -np.divide(owed, employed, out=np.zeros_like(owed), where=employed > 0)
    tilt[: Labour.SEARCHING] = np.clip(balance, -1, 1)
    return tilt


def age_in_days(keys: U64, band: U8, tilt: F64, share_under_65: float, oldest_days: int) -> I64:
    """Age of each person in whole days.

    Ages are even within a band, tilted by labour-market state; in the oldest band the years from 65
    have their own share.

    Parameters
    ----------
    keys : uint64 array, shape (people,)
    band : uint8 array, shape (people,)
    tilt : float64 array, shape (people,)
    share_under_65 : float
        Share of the oldest band aged 50 to 64.
    oldest_days : int
        First age in days that is past State Pension age.

    Returns
    -------
    int64 array, shape (people,)
    """
    place = _tilted(uniforms(keys, _BIRTH), tilt)
    edges = np.ceil(np.array(BAND_STARTS) * YEAR).astype(np.int64)
    low, high = edges[band], edges[band.astype(np.int64) + 1]
    oldest = band == _OLDEST_BAND
    past = oldest & (place >= share_under_65)
    place = np.where(oldest & ~past, place / share_under_65, place)
    if share_under_65 < 1:
        place = np.where(past, (place - share_under_65) / (1 - share_under_65), place)
    low, high = np.where(past, edges[-1], low), np.where(past, oldest_days, high)
    return low + np.floor((high - low) * place).astype(np.int64)


def times_so_far(
    parameters: PeopleParameters, keys: U64, labour: U8, benefit: U8
) -> tuple[I64, I64]:
    """Days that each person has been in the labour-market state and on the benefit.

    One draw decides both: who is long-term sick for long is on the benefit for long.

    Returns
    -------
    tuple of two int64 arrays, shape (people,)
    """
    rank = 1 - uniforms(keys, _TIME)
    in_state = np.zeros(len(keys), np.int64)
    for state, curve in enumerate(parameters.time_in_state):
        at = np.flatnonzero(labour == state)
        in_state[at] = time_at(curve, rank[at])
    paid = np.flatnonzero(benefit == Benefit.SICK_PAY)
    curve = parameters.time_in_state[Labour.OFF_SICK]
    still = _share_at(curve, SICK_PAY_DAYS)
    in_state[paid] = time_at(curve, still + (1 - still) * rank[paid])
    on_benefit = in_state.copy()
    for which, curve in zip(cells.BENEFITS, parameters.time_on_benefit, strict=True):
        at = np.flatnonzero(benefit == which)
        on_benefit[at] = time_at(curve, rank[at])
    return in_state, on_benefit


def earnings_bands(parameters: PeopleParameters, keys: U64, labour: U8, benefit: U8) -> U8:
    """Fifth of earnings, 0 to 4; for people without a job, of what they could earn."""
    u = uniforms(keys, _EARNINGS)
    employed = labour < Labour.SEARCHING
    on_uc = (benefit != Benefit.NONE) & (benefit != Benefit.SICK_PAY)
    band = np.zeros(len(keys), np.uint8)
    for group, row in zip(
        (employed & ~on_uc, employed & on_uc, ~employed), parameters.earnings_band, strict=True
    ):
        at = np.flatnonzero(group)
        band[at] = choose(u[at], np.cumsum(row) / np.sum(row))
    return band


def entrants(keys: U64, female_share: float, counts: I64) -> tuple[U8, U8, U8]:
    """Sex, condition and whether it limits work, of people who will turn 16.

    Health is that of the area's 16 to 24-year-olds who are neither long-term sick nor on a health
    benefit.

    Parameters
    ----------
    counts : int64 array, shape (cells,)
        People of the area.

    Returns
    -------
    tuple of three uint8 arrays, shape (people,)
    """
    sex = (uniforms(keys, _SEX) >= female_share).astype(np.uint8)
    well = (cells.AGE_BAND == 0) & ~cells.LONG_TERM_SICK & ~cells.ON_HEALTH_BENEFIT
    health = cells.CONDITION.astype(np.int64) * 2 + cells.LIMITED
    people = np.bincount(health[well], weights=counts[well], minlength=2 * cells.SHAPE[1])
    kind = choose(uniforms(keys, _HEALTH), np.cumsum(people) / people.sum())
    return sex, kind // np.uint8(2), kind % np.uint8(2)


def time_at(curve: Curve, rank: F64) -> I64:
    """Whole days at which a curve falls to a rank, linear between its points."""
    days, shares = (np.array(axis) for axis in zip(*curve, strict=True))
    after = np.clip(
        len(shares) - np.searchsorted(shares[::-1], rank, side="left"), 1, len(shares) - 1
    )
    fall = shares[after - 1] - shares[after]
    part = np.divide(shares[after - 1] - rank, fall, out=np.ones_like(rank), where=fall > 0)
    step = (days[after] - days[after - 1]) * np.minimum(part, 1.0)
    time: I64 = np.floor(days[after - 1] + step).astype(np.int64)
    return time


def _share_at(curve: Curve, day: int) -> float:
    days, shares = zip(*curve, strict=True)
    return float(np.interp(day, days, shares))


def _tilted(u: F64, tilt: F64) -> F64:
    """Quantiles of the density 1 + tilt * (2x - 1) on [0, 1)."""
    rest = 1 - tilt
    root = np.sqrt(rest * rest + 4 * tilt * u)
    # The stable root of tilt * x**2 + rest * x = u, which also holds for no tilt.
    x: F64 = 2 * u / np.maximum(rest + root, np.finfo(np.float64).tiny)
    return np.minimum(x, np.nextafter(1.0, 0.0))
