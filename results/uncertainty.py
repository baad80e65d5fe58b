"""Chance and parameters apart, in runs whose seeds live with draws of the posterior.

Two seeds share each draw. What differs between seeds of a draw is chance, the Monte Carlo error; what differs
between the means of draws beyond that is what is not known about the parameters. It is the analysis of variance of a
nested design (Searle, Casella and McCulloch, Variance Components, 1992, chapter 3).
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from sim.scenario.posterior import SEEDS_A_DRAW, pair_of

NOTE: Final = (
    "The intervals hold the chance in the simulation and the uncertainty of the parameters that were calibrated, with "
    "that of the effects of support. They do not hold what is wrong with the model itself."
)
COLUMNS: Final = {
    "scenario": ("label", "Name of the reform scenario."),
    "outcome": ("label", "Name of the outcome."),
    "year": ("number", "Year since the start, from 1."),
    "difference": ("unit of the outcome", "Mean of reform minus base over draws."),
    "draws": ("number", "Draws of the posterior, each lived with two seeds."),
    "chance": ("unit of the outcome", "Standard error of the difference from chance alone."),
    "parameters": ("unit of the outcome", "Standard deviation of the difference over draws."),
    "low": (
        "unit of the outcome",
        "5th percentile of the difference over draws, chance taken out.",
    ),
    "high": ("unit of the outcome", "95th percentile of the same."),
}
"""Columns of a table of uncertainty: unit and description."""
_HALF: Final = 1.6448536269514722


def by_draw(values: pd.DataFrame) -> pd.DataFrame:
    """Values with the draw in the place of the seed: means over the seeds that share it.

    Draws with one seed only are left out, so that all weigh the same.

    Parameters
    ----------
    values : DataFrame
        As :func:`results.outcomes.yearly` gives them.
    """
    keys = [column for column in values if column not in ("seed", "value")]
    seeds = values.groupby(pair_of(values["seed"]))["seed"].transform("nunique")
    whole = values[seeds == SEEDS_A_DRAW]
    drawn = whole.assign(seed=pair_of(whole["seed"]))
    grouped = drawn.groupby([*keys, "seed"], sort=False, observed=True)["value"]
    return grouped.mean().reset_index()[list(values.columns)]


def uncertainty(values: pd.DataFrame, base: str) -> pd.DataFrame:
    """Chance and parameters in the difference of every scenario from ``base``.

    Parameters
    ----------
    values : DataFrame
        By seed, as :func:`results.outcomes.yearly` gives them.
    base : str

    Returns
    -------
    DataFrame
        With the columns of :data:`COLUMNS`.
    """
    wide = values.pivot(index=["scenario", "outcome", "year"], columns="seed", values="value")
    before = wide.xs(base, level="scenario")
    rows = []
    for name in dict.fromkeys(values["scenario"]):
        if name == base:
            continue
        gain = wide.xs(name, level="scenario") - before
        rows.append(_parts(gain).assign(scenario=name))
    return pd.concat(rows, ignore_index=True)[list(COLUMNS)]


def _parts(gain: pd.DataFrame) -> pd.DataFrame:
    draw = pair_of(gain.columns.to_numpy())
    whole = [d for d in dict.fromkeys(draw) if (draw == d).sum() == SEEDS_A_DRAW]
    pairs = np.stack([gain.to_numpy()[:, draw == d] for d in whole], axis=1)
    means, number = pairs.mean(axis=2), len(whole)
    within = pairs.var(axis=2, ddof=1).mean(axis=1)
    between = means.var(axis=1, ddof=1) if number > 1 else np.full(len(means), np.nan)
    spread = np.sqrt(np.maximum(between - within / SEEDS_A_DRAW, 0))
    middle = means.mean(axis=1)
    return gain.index.to_frame(index=False).assign(
        difference=middle,
        draws=number,
        chance=np.sqrt(within / (SEEDS_A_DRAW * number)),
        parameters=spread,
        low=middle - _HALF * spread,
        high=middle + _HALF * spread,
    )
