"""How many replications a paired difference needs, by a rule that looks ahead.

After each replication the half-width of the interval is set against the precision wanted. The rule of Hoad,
Robinson and Davies stops at the first number of replications, of at least three, at which it is narrow
enough *and stays so* while some more are made: a few early differences that happen to be alike do not end
the run. Their rule is for the mean of one output of one system; here it is for the mean difference of pairs,
and for several outcomes at once, each of which must satisfy it.

Source: K. Hoad, S. Robinson and R. Davies (2010), "Automated selection of the number of replications for a
discrete-event simulation", Journal of the Operational Research Society 61:1632-1644.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from results.differences import LEVEL

_ROOT_OF_MOST: Final = 1e6
"""A need for more replications than the square of this is as good as infinite."""

F64 = NDArray[np.float64]
Verdict = Literal["met", "out of reach", "not yet", "not available"]

FIRST: Final = 3
"""Replications before the first look."""
LOOK_AHEAD: Final = 5
"""Replications over which the precision must last (the paper's kLimit), up to 100 of them."""


@dataclass(frozen=True)
class Precision:
    """The half-width wanted: a share of the difference, or a number in the unit of the outcome."""

    size: float
    relative: bool

    def target(self, difference: F64) -> F64:
        """The widest half-width that will do for differences so large."""
        size = np.full_like(difference, self.size)
        return size * np.abs(difference) if self.relative else size


def running(values: F64, level: float = LEVEL) -> tuple[F64, F64]:
    """Mean and half-width of its t interval after each replication.

    Parameters
    ----------
    values : float array, shape (replications,)
    level : float
        Coverage of the intervals.

    Returns
    -------
    (float array, float array)
        Both of shape (replications,); the first half-width is infinite.
    """
    count = np.arange(1, len(values) + 1)
    # About the first value, so that large equal parts do not drown small differences.
    off = values - values[0]
    mean = off.cumsum() / count
    squares = np.maximum((off**2).cumsum() - count * mean**2, 0.0)
    half = np.full(len(values), np.inf)
    freedom = count[1:] - 1
    half[1:] = stats.t.ppf((1 + level) / 2, freedom) * np.sqrt(squares[1:] / freedom / count[1:])
    return values[0] + mean, half


def look_ahead_from(replications: int, look_ahead: int = LOOK_AHEAD) -> int:
    """For how many more the precision must last; above 100 a share of what was made so far."""
    return look_ahead * max(replications, 100) // 100


def solution(
    values: F64, precision: Precision, *, look_ahead: int = LOOK_AHEAD, level: float = LEVEL
) -> int | None:
    """Number of replications at which the precision is reached and lasts; None if not yet.

    Parameters
    ----------
    values : float array, shape (replications,)
        Differences by replication, in the order in which they were made.
    precision : Precision
    look_ahead : int
        The paper's kLimit.
    level : float
        Coverage of the intervals.
    """
    mean, half = running(values, level)
    fits = half <= precision.target(mean)
    fits[: FIRST - 1] = False
    for number in (np.flatnonzero(fits) + 1).tolist():
        last = number + look_ahead_from(number, look_ahead)
        if last <= len(values) and fits[number - 1 : last].all():
            return int(number)
    return None


def replications_needed(
    deviation: float, half_width: float, *, samples: int = 1, level: float = LEVEL
) -> float:
    """Replications after which the half-width of a t interval is expected to be small enough.

    Parameters
    ----------
    deviation : float
        Standard deviation of one difference.
    half_width : float
        Half-width wanted, in the same unit.
    samples : int
        1 for paired seeds; 2 where base and reform have fresh seeds, so that the variance is
        estimated from both and has twice the degrees of freedom.

    Returns
    -------
    float
        A whole number of at least 2, or infinity.
    """
    if deviation == 0:
        return 2.0
    if half_width == 0:
        return math.inf
    roughly = stats.norm.ppf((1 + level) / 2) * (deviation / half_width)
    if roughly > _ROOT_OF_MOST:
        return math.inf
    number = max(2, math.ceil(roughly**2))
    upper = (1 + level) / 2
    while stats.t.ppf(upper, samples * (number - 1)) * deviation / math.sqrt(number) > half_width:
        number += 1
    return float(number)


def deviation_interval(
    deviation: float, replications: int, level: float = LEVEL
) -> tuple[float, float]:
    """Interval of a standard deviation that was estimated from so many normal values (chi-squared)."""
    freedom = replications - 1
    low, high = (stats.chi2.ppf(q, freedom) for q in ((1 + level) / 2, (1 - level) / 2))
    return deviation * math.sqrt(freedom / low), deviation * math.sqrt(freedom / high)


@dataclass(frozen=True)
class Progress:
    """How far one outcome has come.

    ``enough`` is the number of replications that the rule gives, where it has one; ``would_need`` how many the
    precision would take if the difference and its spread are as estimated.
    """

    verdict: Verdict
    mean: float
    half_width: float
    target: float
    enough: int | None
    would_need: float


def progress(values: F64, precision: Precision, most: int, level: float = LEVEL) -> Progress:
    """Judge the differences made so far.

    An outcome is *out of reach* when the precision would need more than ``most`` replications even if the
    difference were as large, and its spread as small, as their intervals allow. That is the fate of effects
    near zero, of which no share is wide enough to be reached.

    Parameters
    ----------
    values : float array, shape (replications,)
        At least two; NaN where the outcome was not available.
    precision : Precision
    most : int
        The most replications that will be made.
    level : float
        Coverage of all intervals.
    """
    if np.isnan(values).any():
        return Progress("not available", math.nan, math.nan, math.nan, None, math.nan)
    means, halves = running(values, level)
    mean, half = float(means[-1]), float(halves[-1])
    deviation = float(values.std(ddof=1)) if np.ptp(values) else 0.0
    target = float(precision.target(means[-1:])[0])
    enough = solution(values, precision, level=level)
    needed = replications_needed(deviation, target, level=level)
    verdict: Verdict = "not yet"
    if enough is not None:
        verdict = "met"
    else:
        at_best = float(precision.target(np.array([abs(mean) + half]))[0])
        least, _ = deviation_interval(deviation, len(values), level)
        if replications_needed(least, at_best, level=level) > most:
            verdict = "out of reach"
    return Progress(verdict, mean, half, target, enough, needed)
