"""What it buys to run base and reform on the same seeds: variance ratios and replications saved."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from results.differences import LEVEL, paired_difference
from results.replications import Precision, deviation_interval, replications_needed

F64 = NDArray[np.float64]

COLUMNS: Final = {
    "scenario": ("label", "Name of the reform scenario."),
    "outcome": ("label", "Name of the outcome."),
    "year": ("number", "Year since the start, from 1."),
    "pairs": ("number", "Seeds run in both scenarios."),
    "difference": ("unit of the outcome", "Mean of reform minus base, seed by seed."),
    "low": ("unit of the outcome", "Lower end of the 95% t interval of Monte Carlo error."),
    "high": ("unit of the outcome", "Upper end of the interval."),
    "variance_ratio": (
        "ratio",
        "Variance of the difference with fresh seeds over that with paired seeds.",
    ),
    "ratio_low": ("ratio", "Lower end of the 95% interval of the variance ratio."),
    "ratio_high": ("ratio", "Upper end of the interval."),
    "half_width": ("unit of the outcome", "Half-width wanted of the interval of the difference."),
    "paired": ("number", "Replications that the half-width needs with paired seeds."),
    "paired_low": ("number", "The same with the smallest spread that its interval allows."),
    "paired_high": ("number", "The same with the largest spread."),
    "unpaired": ("number", "Replications of base and of reform that it needs with fresh seeds."),
    "unpaired_low": ("number", "The same with the smallest spread that its interval allows."),
    "unpaired_high": ("number", "The same with the largest spread."),
}
"""Columns of a table of what pairing buys: unit and description."""


def variance_ratio_interval(base: F64, reform: F64, level: float = LEVEL) -> tuple[float, float]:
    """Interval of the variance ratio: fresh seeds over paired seeds.

    With S = base + reform and D = reform - base the ratio (var base + var reform) / var D is
    (var S / var D + 1) / 2. S and D are two correlated variables, and the interval of the ratio of the
    variances of such a pair is exact for normal values, however few: it holds those ratios t for which
    S + sqrt(t) D and S - sqrt(t) D show no correlation.

    Parameters
    ----------
    base, reform : float array, shape (pairs,)
        Values by seed; equal rows have equal seeds.
    level : float
        Coverage of the interval.

    Returns
    -------
    (float, float)
        From 0.5, which is the least a ratio can be, to infinity where there are fewer than three pairs; NaN
        where the difference does not vary.

    Notes
    -----
    Source: E. J. G. Pitman (1939), "A note on normal correlation", Biometrika 31:9-12; W. A. Morgan (1939), "A
    test for the significance of the difference between the two variances in a sample from a normal bivariate
    population", Biometrika 31:13-19.
    """
    both, gain = base + reform, reform - base
    if np.ptp(gain) == 0:
        return math.nan, math.nan
    if len(gain) < 3:
        return 0.5, math.inf
    if np.ptp(both) == 0:
        return 0.5, 0.5
    ratio = both.var(ddof=1) / gain.var(ddof=1)
    alike = np.corrcoef(both, gain)[0, 1] ** 2
    freedom = len(gain) - 2
    k = 1 + 2 * (1 - alike) * stats.t.ppf((1 + level) / 2, freedom) ** 2 / freedom
    spread = math.sqrt(k**2 - 1)
    # k - spread, written so that nothing cancels.
    return (ratio / (k + spread) + 1) / 2, (ratio * (k + spread) + 1) / 2


def pairing_rows(
    values: pd.DataFrame,
    base: str,
    precision: Precision,
    outcomes: Iterable[str],
    years: Iterable[int],
) -> pd.DataFrame:
    """What pairing buys for every reform, outcome and year.

    The number of replications is not given (NaN) where the half-width is a share of a difference that
    cannot be told from zero: such a share is no yardstick.

    Parameters
    ----------
    values : DataFrame
        As :func:`results.outcomes.yearly` gives them.
    base : str
        Name of the base scenario.
    precision : Precision
        The half-width wanted.
    outcomes, years : iterable
        Rows wanted, in their order.

    Returns
    -------
    DataFrame
        With the columns of :data:`COLUMNS`; outcomes that are not available are left out.
    """
    wide = {
        name: rows.pivot(index="seed", columns=["outcome", "year"], values="value")
        for name, rows in values.groupby("scenario", sort=False)
    }
    rows = []
    years = list(years)
    for name in (name for name in wide if name != base):
        for outcome in outcomes:
            for year in years:
                before = wide[base][outcome, year].to_numpy()
                after = wide[name][outcome, year].to_numpy()
                if not (np.isnan(before).any() or np.isnan(after).any()):
                    labels = {"scenario": name, "outcome": outcome, "year": year}
                    rows.append(labels | _bought(before, after, precision))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _bought(base: F64, reform: F64, precision: Precision) -> dict[str, float]:
    found = paired_difference(base, reform)
    pairs = found.pairs
    ratio_low, ratio_high = variance_ratio_interval(base, reform)
    half_width = float(precision.target(np.atleast_1d(found.mean))[0])
    told_apart = found.low > 0 or found.high < 0
    if precision.relative and not told_apart:
        half_width = math.nan
    numbers = {
        "paired": _numbers(float(found.standard_error) * math.sqrt(pairs), pairs, half_width, 1),
        # The variances of base and reform may rise and fall together: no more freedom than one of them has.
        "unpaired": _numbers(
            math.sqrt(base.var(ddof=1) + reform.var(ddof=1)), pairs, half_width, 2
        ),
    }
    return {
        "pairs": pairs,
        "difference": float(found.mean),
        "low": float(found.low),
        "high": float(found.high),
        "variance_ratio": float(found.variance_ratio),
        "ratio_low": ratio_low,
        "ratio_high": ratio_high,
        "half_width": half_width,
        **{
            f"{name}{end}": number
            for name, triple in numbers.items()
            for end, number in zip(("", "_low", "_high"), triple, strict=True)
        },
    }


def _numbers(
    deviation: float, pairs: int, half_width: float, samples: int
) -> tuple[float, float, float]:
    """Replications needed with the spread as estimated, and at either end of its interval."""
    if math.isnan(half_width):
        return math.nan, math.nan, math.nan
    low, high = deviation_interval(deviation, pairs)
    at, least, most = (
        replications_needed(d, half_width, samples=samples) for d in (deviation, low, high)
    )
    return at, least, most
