"""The states a person can be in, in the words of the field, in the order of their codes."""

from __future__ import annotations

from enum import IntEnum
from typing import Final, TypeVar

import numpy as np

_States = TypeVar("_States", bound=type[IntEnum])


def _plain_numbers(states: _States) -> _States:
    """Let ``Labour.IN_WORK`` be a plain number, which numpy compares far faster than a member.

    Iterating, ``len``, ``Labour(0)`` and ``Labour["IN_WORK"]`` still give members with their names.
    """
    for state in states:
        type.__setattr__(states, state.name, int(state))
    return states


@_plain_numbers
class Condition(IntEnum):
    """Main health condition."""

    NONE = 0
    MENTAL_HEALTH = 1
    MUSCULOSKELETAL = 2
    CARDIO_RESPIRATORY = 3
    OTHER = 4


@_plain_numbers
class Sex(IntEnum):
    """Sex as recorded in population estimates."""

    FEMALE = 0
    MALE = 1


@_plain_numbers
class Labour(IntEnum):
    """Labour-market state; ``OUTSIDE`` is not yet 16, past pension age, or dead."""

    IN_WORK = 0
    OFF_SICK = 1
    SEARCHING = 2
    SICK_INACTIVE = 3
    OTHER_INACTIVE = 4
    OUTSIDE = 5


@_plain_numbers
class Benefit(IntEnum):
    """Benefit state; ``UC_FIT_NOTE`` is UC with a fit note before the assessment."""

    NONE = 0
    SICK_PAY = 1
    UC_SEARCH = 2
    UC_LIGHT = 3
    UC_FIT_NOTE = 4
    LCW = 5
    LCWRA = 6
    ESA = 7


AGE_BANDS: Final = ("16-24", "25-34", "35-49", "50+")
AGE_EDGES: Final = (25, 35, 50)
LIMITING: Final = ("no", "yes")
EARNINGS_BANDS: Final = ("lowest", "second", "middle", "fourth", "highest")
"""Fifths of earnings; for people without a job, of what they could earn."""

LABELS: Final[dict[str, tuple[str, ...]]] = {
    "condition": tuple(c.name.lower() for c in Condition),
    "sex": tuple(s.name.lower() for s in Sex),
    "age_band": AGE_BANDS,
    "limiting": LIMITING,
    "earnings_band": EARNINGS_BANDS,
    "labour": tuple(s.name.lower() for s in Labour),
    "benefit": tuple(b.name.lower() for b in Benefit),
}

_POSSIBLE: Final[dict[Labour, str]] = {
    Labour.IN_WORK: "none uc_search uc_light uc_fit_note lcw lcwra",
    Labour.OFF_SICK: "none sick_pay uc_search uc_light uc_fit_note lcw lcwra",
    Labour.SEARCHING: "none uc_search uc_light uc_fit_note lcw",
    Labour.SICK_INACTIVE: "none uc_search uc_fit_note lcw lcwra esa",
    Labour.OTHER_INACTIVE: "none uc_light uc_fit_note lcw lcwra esa",
    Labour.OUTSIDE: "none",
}

POSSIBLE_PAIRS: Final = np.zeros((len(Labour), len(Benefit)), bool)
"""Which (labour, benefit) pairs a person can be in; every other pair is an error of the model."""
for _labour, _benefits in _POSSIBLE.items():
    for _name in _benefits.split():
        POSSIBLE_PAIRS[_labour, Benefit[_name.upper()]] = True
