"""Who is nearer to work in one scenario than in another: the same people, compared one by one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.states import LABELS, Labour

ORDER: Final = (
    Labour.IN_WORK,
    Labour.OFF_SICK,
    Labour.SEARCHING,
    Labour.OTHER_INACTIVE,
    Labour.SICK_INACTIVE,
)
"""Labour-market states from best to worst: by nearness to work, which says nothing of income.

In work, in work and off sick, searching for work, inactive for other reasons, inactive because of
long-term sickness. Whoever is outside the working ages in either scenario is not compared.
"""

RANK: Final = np.full(len(Labour), -1)
"""Place of each labour-market state in that order; -1 outside the working ages."""
RANK[list(ORDER)] = np.arange(len(ORDER))


@dataclass(frozen=True)
class Coupling:
    """People by whether the reform leaves them nearer to work; grossed up.

    ``moves`` has a row per state in the base and a column per state in the reform, best first.
    """

    better: float
    worse: float
    unchanged: float
    not_compared: float
    moves: pd.DataFrame


def coupling(
    base: NDArray[np.integer], reform: NDArray[np.integer], scale: float = 1.0
) -> Coupling:
    """Compare the labour-market states of the same people in two scenarios on the same day.

    Parameters
    ----------
    base, reform : integer array, shape (people,)
        Codes of :class:`sim.states.Labour`; equal positions are the same person and seed.
    scale : float
        People simulated per person in the population; numbers are divided by it.
    """
    if base.shape != reform.shape:
        raise ValueError(f"the scenarios have {base.shape} and {reform.shape} people")
    before, after = RANK[base], RANK[reform]
    both = (before >= 0) & (after >= 0)
    size = len(ORDER)
    cells = np.bincount(before[both] * size + after[both], minlength=size * size) / scale
    table = cells.reshape(size, size)
    names = [LABELS["labour"][state] for state in ORDER]
    return Coupling(
        better=float(np.tril(table, -1).sum()),
        worse=float(np.triu(table, 1).sum()),
        unchanged=float(np.trace(table)),
        not_compared=float((~both).sum() / scale),
        moves=pd.DataFrame(
            table, index=pd.Index(names, name="base"), columns=pd.Index(names, name="reform")
        ),
    )
