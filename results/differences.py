"""The difference that a reform makes: reform minus base, seed by seed.

Runs with the same seed share people and luck, so their difference varies far less than either run.
Its mean has a t interval with one degree of freedom less than there are pairs. The interval is of
Monte Carlo error only, the chance in the simulation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from sim.explained import ExplainedError

F64 = NDArray[np.float64]

LEVEL: Final = 0.95
NET: Final = "in_work_net"
"""The outcome that displacement is taken off."""
MONTE_CARLO_NOTE: Final = (
    "The intervals hold Monte Carlo error only, which is the chance in the simulation. They do not "
    "include uncertainty about the parameters or the model, which can be larger."
)

COLUMNS: Final = {
    "scenario": ("label", "Name of the reform scenario."),
    "outcome": ("label", "Name of the outcome."),
    "year": ("number or YYYY-MM", "Year since the start, from 1; `month` in monthly files."),
    "base": ("unit of the outcome", "Mean value in the base scenario over the pairs."),
    "reform": ("unit of the outcome", "Mean value in the reform scenario over the pairs."),
    "difference": ("unit of the outcome", "Mean of reform minus base, seed by seed."),
    "standard_error": ("unit of the outcome", "Standard error of the difference."),
    "low": ("unit of the outcome", "Lower end of the 95% t interval of Monte Carlo error."),
    "high": ("unit of the outcome", "Upper end of the interval."),
    "pairs": ("number", "Seeds run in both scenarios."),
    "identical": ("true or false", "Whether every pair is exactly equal."),
    "variance_ratio": (
        "ratio",
        "Variance of the difference with fresh seeds over that with paired seeds: how many times "
        "more replications an unpaired comparison would need.",
    ),
}
"""Columns of a table of differences: unit and description."""


class DifferenceError(ExplainedError):
    """A difference cannot be computed; the message says why and what to do."""


@dataclass(frozen=True)
class Paired:
    """Mean paired difference and its Monte Carlo error; arrays hold one entry per quantity."""

    mean: F64
    standard_error: F64
    low: F64
    high: F64
    variance_ratio: F64
    pairs: int


def paired_difference(base: F64, reform: F64, level: float = LEVEL) -> Paired:
    """Mean of ``reform - base`` over pairs, with its t interval.

    Parameters
    ----------
    base, reform : float array, shape (pairs,) or (pairs, quantities)
        Values by seed; equal rows have equal seeds.
    level : float
        Coverage of the interval.

    Returns
    -------
    Paired
        Arrays of shape () or (quantities,). The variance ratio is infinite when the difference does
        not vary but the levels do, and NaN when nothing varies.

    Raises
    ------
    DifferenceError
        With fewer than two pairs, for then the error is unknown.
    """
    base, reform = np.asarray(base, np.float64), np.asarray(reform, np.float64)
    if base.shape != reform.shape:
        raise ValueError(f"shapes differ: {base.shape} and {reform.shape}")
    pairs = len(base)
    if pairs < 2:
        raise DifferenceError(
            f"A difference needs at least 2 pairs of runs to know its error; there is {pairs}. "
            "Ask for more replications, for example replications: 8."
        )
    gain = reform - base
    mean, variance = gain.mean(axis=0), gain.var(axis=0, ddof=1)
    # Equal differences whose mean is not a binary fraction have a variance that is only rounding.
    variance = np.where(np.ptp(gain, axis=0) == 0, 0.0, variance)
    error = np.sqrt(variance / pairs)
    half = stats.t.ppf((1 + level) / 2, pairs - 1) * error
    fresh = base.var(axis=0, ddof=1) + reform.var(axis=0, ddof=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.asarray(fresh / variance)
    return Paired(mean, error, mean - half, mean + half, ratio, pairs)


def differences(
    values: pd.DataFrame, base: str, level: float = LEVEL, *, displacement: float = 0.0
) -> pd.DataFrame:
    """Paired differences of every scenario from ``base``, for every outcome and period.

    Parameters
    ----------
    values : DataFrame
        As :func:`results.outcomes.yearly` or :func:`results.outcomes.monthly` gives them.
    base : str
        Name of the scenario to compare with.
    level : float
        Coverage of the intervals.
    displacement : float
        Share of additional jobs that would otherwise have gone to somebody else. The difference in
        people in work net of displacement is the gross one less this share.

    Returns
    -------
    DataFrame
        A row per scenario, outcome and period, with the columns of :data:`COLUMNS`; differences are
        NaN where the outcome is missing in any run of a pair.

    Raises
    ------
    DifferenceError
        When there is no base, nothing to compare with it, or fewer than two seeds in common.
    """
    period = "year" if "year" in values else "month"
    scenarios = list(dict.fromkeys(values["scenario"]))
    if base not in scenarios:
        raise DifferenceError(f"The run has no scenario {base!r}. It has {', '.join(scenarios)}.")
    reforms = [s for s in scenarios if s != base]
    if not reforms:
        raise DifferenceError(f"The run has only {base!r}: there is nothing to compare it with.")
    wide = {
        name: rows.pivot(index="seed", columns=["outcome", period], values="value")
        for name, rows in values.groupby("scenario", sort=False)
    }
    rows = pd.concat(
        [_against(wide[base], wide[s], base, s, period, level) for s in reforms], ignore_index=True
    )
    return _net(rows, displacement)


def _net(rows: pd.DataFrame, displacement: float) -> pd.DataFrame:
    """Take displacement off the rows of the net outcome, which are counted gross."""
    net = rows["outcome"] == NET
    rows.loc[net, ["difference", "standard_error", "low", "high"]] *= 1 - displacement
    rows.loc[net, "reform"] = rows.loc[net, "base"] + rows.loc[net, "difference"]
    return rows


def _against(
    base: pd.DataFrame, reform: pd.DataFrame, base_name: str, name: str, period: str, level: float
) -> pd.DataFrame:
    seeds = base.index.intersection(reform.index)
    if len(seeds) < 2:
        raise DifferenceError(_too_few(list(seeds), base_name, name))
    before = base.loc[seeds].to_numpy()
    after = reform.loc[seeds, base.columns].to_numpy()
    found = paired_difference(before, after, level)
    return pd.DataFrame(
        {
            "scenario": name,
            "outcome": base.columns.get_level_values("outcome"),
            period: base.columns.get_level_values(period),
            "base": before.mean(axis=0),
            "reform": after.mean(axis=0),
            "difference": found.mean,
            "standard_error": found.standard_error,
            "low": found.low,
            "high": found.high,
            "pairs": found.pairs,
            "identical": (before == after).all(axis=0),
            "variance_ratio": found.variance_ratio,
        }
    )


def _too_few(seeds: Sequence[int], base: str, reform: str) -> str:
    what = f"Only seed {seeds[0]} was" if seeds else "No seed was"
    return (
        f"{what} run in both {base!r} and {reform!r}. A difference needs at least 2 seeds run in "
        "both to know its error. Ask for more replications, for example replications: 8."
    )
