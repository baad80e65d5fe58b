"""The cells of the starting population: every combination of state, health, age and sex.

Cells are in the order (state, condition, limiting, age band, sex), the last fastest, where a state
is a possible pair of labour-market state and benefit. Counts that are rounded in this order are
exact, to one person an area, for states and for states by condition.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.states import AGE_BANDS, LIMITING, POSSIBLE_PAIRS, Benefit, Condition, Labour, Sex

U8 = NDArray[np.uint8]

_STATES = np.argwhere(POSSIBLE_PAIRS[: Labour.OUTSIDE])
SHAPE: Final = (len(_STATES), len(Condition), len(LIMITING), len(AGE_BANDS), len(Sex))
CELLS: Final = int(np.prod(SHAPE))

_grid = np.indices(SHAPE).reshape(len(SHAPE), CELLS)
STATE: Final[NDArray[np.int64]] = _grid[0]
LABOUR: Final[U8] = _STATES[STATE, 0].astype(np.uint8)
BENEFIT: Final[U8] = _STATES[STATE, 1].astype(np.uint8)
CONDITION: Final[U8] = _grid[1].astype(np.uint8)
LIMITED: Final[U8] = _grid[2].astype(np.uint8)
AGE_BAND: Final[U8] = _grid[3].astype(np.uint8)
SEX: Final[U8] = _grid[4].astype(np.uint8)

STATE_LABOUR: Final[U8] = _STATES[:, 0].astype(np.uint8)
STATE_BENEFIT: Final[U8] = _STATES[:, 1].astype(np.uint8)

BENEFITS: Final = (
    Benefit.UC_SEARCH,
    Benefit.UC_LIGHT,
    Benefit.UC_FIT_NOTE,
    Benefit.LCW,
    Benefit.LCWRA,
    Benefit.ESA,
)
"""In the order of the labels of ``people.benefit_stock``."""

EMPLOYED: Final = np.isin(LABOUR, (Labour.IN_WORK, Labour.OFF_SICK))
UC_HEALTH: Final = np.isin(BENEFIT, (Benefit.UC_FIT_NOTE, Benefit.LCW, Benefit.LCWRA))
ON_HEALTH_BENEFIT: Final = UC_HEALTH | (BENEFIT == Benefit.ESA)
LONG_TERM_SICK: Final = LABOUR == Labour.SICK_INACTIVE

POSSIBLE: Final = np.where(
    ON_HEALTH_BENEFIT | LONG_TERM_SICK,
    (CONDITION != Condition.NONE) & (LIMITED == 1),
    (CONDITION != Condition.NONE) | (LIMITED == 0),
)
"""Cells that can hold people: only a condition limits work, and the long-term sick and those on a
health benefit have one that does."""


def state_of(labour: Labour, benefit: Benefit) -> int:
    """Number of a state among the possible pairs."""
    return int(np.flatnonzero(np.equal(STATE_LABOUR, labour) & np.equal(STATE_BENEFIT, benefit))[0])
