"""Tests of samples against exact laws, and one decision over all of their p-values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

I64 = NDArray[np.int64]
F64 = NDArray[np.float64]
PValues = Mapping[str, float]

FALSE_DISCOVERY_RATE: Final = 0.01
"""If everything is right, the chance that the battery calls anything wrong (Benjamini and Hochberg, 1995)."""

_LEAST_EXPECTED: Final = 10.0
_CUT_OFF: Final = 1e-6
"""A law may leave out so much of what is far out."""
_LEAST_VARIANCE: Final = 25.0


def adjusted(p_by_check: Mapping[str, PValues]) -> dict[str, float]:
    """The smallest p-value of each check, corrected for all p-values of all checks.

    A check is called wrong where this is below the false discovery rate.
    """
    owner = [check for check, found in p_by_check.items() for _ in found]
    corrected = stats.false_discovery_control(
        [p for found in p_by_check.values() for p in found.values()], method="bh"
    )
    return {
        check: min(p for name, p in zip(owner, corrected, strict=True) if name == check)
        for check in p_by_check
    }


def wrong(p_by_check: Mapping[str, PValues]) -> list[str]:
    """The checks that the battery calls wrong."""
    return [name for name, p in adjusted(p_by_check).items() if p < FALSE_DISCOVERY_RATE]


# ---- Tests --------------------------------------------------------------------------------------


def shares_p(counts: ArrayLike, shares: ArrayLike) -> float:
    """Pearson's test of independent people in ordered classes; what is rare is pooled with its neighbours."""
    observed, law = np.asarray(counts, float).ravel(), np.asarray(shares, float).ravel()
    assert abs(law.sum() - 1) < _CUT_OFF
    if observed[law <= 0].any():
        return 0.0
    expected = law * observed.sum()
    group = pooled(expected, _LEAST_EXPECTED)
    observed, expected = np.bincount(group, observed), np.bincount(group, expected)
    return float(stats.chisquare(observed, expected * observed.sum() / expected.sum()).pvalue)


def means_p(sample: ArrayLike, means: ArrayLike) -> float:
    """Hotelling's test of the means of independent rows, shape (rows, measures)."""
    rows, wanted = np.asarray(sample, float), np.asarray(means, float)
    varies = rows.std(axis=0) > 0
    if (rows[0, ~varies] != wanted[~varies]).any():
        return 0.0
    rows, wanted = rows[:, varies], wanted[varies]
    n, k = rows.shape
    off = rows.mean(axis=0) - wanted
    distance = n * off @ np.linalg.solve(np.cov(rows, rowvar=False).reshape(k, k), off)
    return float(stats.f(k, n - k).sf(distance * (n - k) / (k * (n - 1))))


def increments_p(observed: ArrayLike, expected: ArrayLike, variance: ArrayLike) -> float:
    """Test of counts whose differences from what was to be expected are uncorrelated (martingale increments).

    Classes whose variance is small are pooled with their neighbours.
    """
    off = np.asarray(observed, float).ravel() - np.asarray(expected, float).ravel()
    spread = np.asarray(variance, float).ravel()
    group = pooled(spread, _LEAST_VARIANCE)
    off, spread = np.bincount(group, off), np.bincount(group, spread)
    return float(stats.chi2(len(off)).sf((off**2 / spread).sum()))


def same_law_p(counts: ArrayLike, others: ArrayLike) -> float:
    """Pearson's test that two samples of independent people come from one law."""
    table = np.stack([np.asarray(counts).ravel(), np.asarray(others).ravel()])
    table = table[:, table.sum(axis=0) > 0]
    return float(stats.chi2_contingency(table, correction=False).pvalue)


def uniform_p(p_values: ArrayLike) -> float:
    """Kolmogorov's test that p-values are uniform."""
    return float(stats.kstest(np.asarray(p_values), "uniform").pvalue)


def pooled(weight: F64, least: float) -> I64:
    """Number the groups of neighbouring classes that weigh at least so much each."""
    group, number, so_far = np.zeros(len(weight), np.int64), 0, 0.0
    for k, one in enumerate(weight):
        group[k] = number
        so_far += one
        if so_far >= least:
            number, so_far = number + 1, 0.0
    # The rest at the end is too light to stand alone.
    return np.minimum(group, max(number - 1, 0))
