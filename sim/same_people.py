"""The same people in two scenarios: who they are, and where they are on the last evening in each.

The monthly tables tell people apart by area and condition only. Scenarios of one seed hold the same people,
so the last evening can be compared person by person, and then also by age, sex and earnings.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.core.recorder import decode
from sim.states import LABELS, Benefit, Condition, Labour

U16 = NDArray[np.uint16]
I64 = NDArray[np.int64]

WHO: Final = ("age_band", "sex", "earnings_band")
"""What a person is, besides the condition: the same in all scenarios of a seed."""
WHERE: Final = ("condition", "labour", "benefit")
"""What a person's state is made of."""
_SIZES: Final = tuple(len(LABELS[name]) for name in (*WHO, *WHERE))
_PLACES: Final = len(Labour) * len(Benefit)
_KINDS: Final = int(np.prod(_SIZES)) // _PLACES
"""People of different kinds: by what they are, and by condition."""


def evening(
    age_band: NDArray[np.integer],
    sex: NDArray[np.integer],
    earnings_band: NDArray[np.integer],
    state: NDArray[np.integer],
) -> U16:
    """One number a person for who and where they are; ``state`` as the recorder counts it."""
    who = (age_band.astype(np.int64) * _SIZES[1] + sex) * _SIZES[2] + earnings_band
    return (who * (len(Condition) * _PLACES) + state).astype(np.uint16)


def labour_of(evenings: U16) -> NDArray[np.uint8]:
    """Labour-market state of each person on an evening."""
    return (evenings // len(Benefit) % len(Labour)).astype(np.uint8)


def same_people(
    evenings: Mapping[tuple[str, int], U16], scenarios: Sequence[str], seeds: Sequence[int]
) -> pd.DataFrame:
    """Count people by what they are and where they are in each of two scenarios.

    Parameters
    ----------
    evenings : mapping
        The last evening of everybody by scenario and seed, in one order of people a seed.
    scenarios : sequence of str
        At least two; each is compared with those after it.
    seeds : sequence of int

    Returns
    -------
    DataFrame
        The columns of the table ``same_people`` of a run. Whoever is outside the working ages in either
        scenario is left out; the condition is that in the first of the two.
    """
    frames = [
        _counted(evenings[base, seed], evenings[scenario, seed]).assign(
            base=base, scenario=scenario, seed=seed
        )
        for base, scenario in combinations(scenarios, 2)
        for seed in seeds
    ]
    return pd.concat(frames, ignore_index=True)


def _counted(base: U16, other: U16) -> pd.DataFrame:
    within = (labour_of(base) != Labour.OUTSIDE) & (labour_of(other) != Labour.OUTSIDE)
    codes = base[within].astype(np.int64) * _PLACES + other[within] % _PLACES
    counts = np.bincount(codes, minlength=_KINDS * _PLACES * _PLACES)
    used = np.flatnonzero(counts)
    sizes = (*_SIZES, len(Labour), len(Benefit))
    names = [*WHO, "condition", "labour_base", "benefit_base", "labour", "benefit"]
    digits = dict(zip(names, decode(used, sizes), strict=True))
    frame = pd.DataFrame(
        {
            name: pd.Categorical.from_codes(digit, LABELS[name.removesuffix("_base")])
            for name, digit in digits.items()
        }
    )
    return frame.assign(people=counts[used])
