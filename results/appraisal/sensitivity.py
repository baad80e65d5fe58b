"""One value at a time: what it does to NPSV over its plausible interval, and where NPSV is nought."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

F64 = NDArray[np.float64]
Curve = Callable[[F64], F64]

GRID: Final = 41
"""Points at which a change of sign is looked for within what a value may be."""
REACH: Final = 10.0
"""How many times its plausible interval a value without an upper limit is followed."""


def searched(middle: float, low: float, high: float, allowed: tuple[float, float]) -> F64:
    """Values at which NPSV is looked at: from the middle outwards, within what is allowed."""
    span = max(high - low, abs(middle), 1e-9)
    bottom = max(allowed[0], middle - REACH * span)
    top = min(allowed[1], middle + REACH * span)
    return np.unique(np.concatenate([np.linspace(bottom, top, GRID), [low, middle, high]]))


def switching_value(curve: Curve, points: F64, middle: float) -> float:
    """The value nearest to ``middle`` at which a curve crosses nought; NaN if it does not.

    Parameters
    ----------
    curve : callable
        NPSV at some values, all others at their centre.
    points : float array
        Values within what is allowed, in order.
    middle : float
    """
    heights = curve(points)
    crossings = np.flatnonzero(np.sign(heights[:-1]) * np.sign(heights[1:]) < 0)
    found = [
        float(brentq(lambda x: float(curve(np.array([x]))[0]), points[k], points[k + 1], xtol=1e-9))
        for k in crossings
    ]
    found += [float(x) for x in points[heights == 0]]
    if not found or len(found) == len(points):
        return float("nan")
    return min(found, key=lambda x: abs(x - middle))
