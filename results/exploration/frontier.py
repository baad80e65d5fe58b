"""Points that no other beats: no other has more for less."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]


def frontier(cost: F64, gain: F64) -> NDArray[np.bool_]:
    """Which points are not beaten: none costs no more and brings no less, and better in one of the two.

    Parameters
    ----------
    cost, gain : float array, shape (points,)

    Returns
    -------
    bool array, shape (points,)
        Of points that are alike in both, all or none.
    """
    order = np.lexsort((-gain, cost))
    kept = np.zeros(len(cost), bool)
    best, at = -np.inf, np.nan
    for k in order:
        if gain[k] > best:
            best, at = gain[k], cost[k]
            kept[k] = True
        elif gain[k] == best and cost[k] == at:
            kept[k] = True
    return kept
