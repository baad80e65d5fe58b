"""The people of a run, as columns: everybody below State Pension age, and who will turn 16."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sim.core.draws import U64, person_keys
from sim.people import cells
from sim.people.areas import Areas, read_areas
from sim.people.attributes import (
    DAYS_TO_16,
    YEAR,
    age_in_days,
    age_tilts,
    earnings_bands,
    entrants,
    times_so_far,
)
from sim.people.parameters import PeopleParameters
from sim.people.pension_age import earliest_birth, pension_day
from sim.people.start_state import StartState, start_state
from sim.states import Benefit, Labour

I16 = NDArray[np.int16]
I64 = NDArray[np.int64]
U8 = NDArray[np.uint8]

AREA_BITS: Final = 40
"""A person's number is that of the area, moved up by this many bits, plus a running number."""
_YEARS_16_TO_24: Final = 9
_SPREAD: Final = 0.6180339887498949
"""Fraction of the golden ratio: spreads the first entrants of areas over time."""


@dataclass(frozen=True, eq=False)
class People:
    """People of some areas, one entry a person, ordered by person.

    Parameters
    ----------
    person : uint64 array
        The same number for the same person, whichever areas are simulated.
    area : uint8 array
        Number of the area, by the order of ``areas.csv``.
    sex, condition, limiting, labour, benefit : uint8 arrays
        Codes of :mod:`sim.states`; labour is ``OUTSIDE`` for people who are not yet 16.
    earnings_band : uint8 array
        Fifth of earnings, 0 (lowest) to 4; of what they could earn for people without a job.
    birth_day, enter_day, pension_day : int16 arrays
        Days of birth, of the 16th birthday and of State Pension age, since 1 January 2000.
    labour_since, benefit_since : int16 arrays
        First day in the present state; the start for people who are not yet 16.
    """

    person: U64
    area: U8
    sex: U8
    birth_day: I16
    condition: U8
    limiting: U8
    labour: U8
    benefit: U8
    labour_since: I16
    benefit_since: I16
    earnings_band: U8
    enter_day: I16
    pension_day: I16

    def __len__(self) -> int:
        return len(self.person)


def build(
    areas: Sequence[str],
    scale: float,
    seed: int,
    start_day: int,
    end_day: int,
    parameters: PeopleParameters | None = None,
) -> People:
    """The people of some areas: those below State Pension age, and those who turn 16 by the end.

    How many people of each kind there are depends on the scale alone: running totals over all cells
    and areas, in the order of ``areas.csv``, are rounded down, so fractions carry over and no kind
    is lost or favoured. The seed decides only what differs between people of a kind.

    Parameters
    ----------
    areas : sequence of str
        Codes; their order does not matter.
    scale : float
        Simulated people for each person, above 0 and at most 1.
    seed : int
    start_day, end_day : int
        First and last day, since 1 January 2000.
    parameters : PeopleParameters or None
        Those of the library if None.

    Returns
    -------
    People

    Raises
    ------
    ValueError
        If an area is unknown, the scale is not above 0 and at most 1, or the end is before the
        start.
    """
    if not 0 < scale <= 1:
        raise ValueError(f"the scale is {scale:g}; it is above 0 and at most 1")
    if end_day < start_day:
        raise ValueError(f"the end (day {end_day}) is before the start (day {start_day})")
    parameters = parameters or PeopleParameters.default()
    places = read_areas()
    oldest_days = start_day - earliest_birth(start_day) + 1
    start = start_state(parameters, oldest_days / YEAR)
    parts = []
    for number in places.numbers(areas):
        here = _residents(places, start, number, scale, seed, start_day, parameters)
        parts.append(here)
        parts.append(
            _entrants(places, start, number, scale, seed, start_day, end_day, len(here), parameters)
        )
    return _joined(parts)


def counts_at(start: StartState, number: int, scale: float) -> I64:
    """Simulated people of one area in every cell, shape (cells,)."""
    before = int(start.counts[:number].sum())
    running = before + np.concatenate(([0], np.cumsum(start.counts[number])))
    below = np.floor(running * scale).astype(np.int64)
    return below[1:] - below[:-1]


def _residents(
    places: Areas,
    start: StartState,
    number: int,
    scale: float,
    seed: int,
    start_day: int,
    parameters: PeopleParameters,
) -> People:
    counts = counts_at(start, number, scale)
    cell = np.repeat(np.arange(cells.CELLS), counts)
    person = _numbers(number, 0, len(cell))
    keys = person_keys(seed, person)
    labour, benefit, band = cells.LABOUR[cell], cells.BENEFIT[cell], cells.AGE_BAND[cell]
    tilt = age_tilts(parameters, start.counts[number])[labour, band]
    to_64 = float(places.residents[number, -1])
    from_65 = float(places.aged_65[number]) * (start.oldest - 65)
    age = age_in_days(keys, band, tilt, to_64 / (to_64 + from_65), round(start.oldest * YEAR))
    birth = start_day - age
    adult = birth + DAYS_TO_16
    in_state, on_benefit = times_so_far(parameters, keys, labour, benefit)
    return People(
        person=person,
        area=np.full(len(cell), number, np.uint8),
        sex=cells.SEX[cell],
        birth_day=birth.astype(np.int16),
        condition=cells.CONDITION[cell],
        limiting=cells.LIMITED[cell],
        labour=labour,
        benefit=benefit,
        labour_since=np.maximum(start_day - in_state, adult).astype(np.int16),
        benefit_since=np.maximum(start_day - on_benefit, adult).astype(np.int16),
        earnings_band=earnings_bands(parameters, keys, labour, benefit),
        enter_day=adult.astype(np.int16),
        pension_day=pension_day(birth),
    )


def _entrants(
    places: Areas,
    start: StartState,
    number: int,
    scale: float,
    seed: int,
    start_day: int,
    end_day: int,
    first: int,
    parameters: PeopleParameters,
) -> People:
    """People who turn 16 after the start and by the end; a later end only adds people."""
    between = YEAR * _YEARS_16_TO_24 / (float(places.residents[number, 0]) * scale)
    offset = (number + 1) * _SPREAD % 1
    most = int((end_day - start_day) / between) + 1
    wait = np.ceil((np.arange(most) + offset) * between).astype(np.int64)
    enter = start_day + np.maximum(wait[wait <= end_day - start_day], 1)
    person = _numbers(number, first, len(enter))
    keys = person_keys(seed, person)
    sex, condition, limiting = entrants(
        keys, float(places.female_share[number]), start.counts[number]
    )
    birth = enter - DAYS_TO_16
    labour = np.full(len(enter), Labour.OUTSIDE, np.uint8)
    benefit = np.full(len(enter), Benefit.NONE, np.uint8)
    since = np.full(len(enter), start_day, np.int16)
    return People(
        person=person,
        area=np.full(len(enter), number, np.uint8),
        sex=sex,
        birth_day=birth.astype(np.int16),
        condition=condition,
        limiting=limiting,
        labour=labour,
        benefit=benefit,
        labour_since=since,
        benefit_since=since,
        earnings_band=earnings_bands(parameters, keys, labour, benefit),
        enter_day=enter.astype(np.int16),
        pension_day=pension_day(birth),
    )


def _numbers(area: int, first: int, how_many: int) -> U64:
    running = np.arange(first, first + how_many, dtype=np.uint64)
    return running + (np.uint64(area) << np.uint64(AREA_BITS))


def _joined(parts: Sequence[People]) -> People:
    columns: dict[str, Any] = {
        field.name: np.concatenate([getattr(part, field.name) for part in parts])
        for field in fields(People)
    }
    return People(**columns)
