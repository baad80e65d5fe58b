"""Which parameters an outcome hangs on: Morris screening, and Sobol indices by an emulator.

The outcome is any measure of a scenario, or its difference from another scenario. Luck is shared: all draws of a seed
live with the same people, so that effects of parameters are seen through the noise, and what is left of the noise
is reported beside every index.

Morris: M. D. Morris (1991), Technometrics 33:161-174, with mean absolute effects as in Campolongo and others (2007).
Sobol: first-order and total indices of the emulator by the estimators of SciPy (Saltelli and others 2010), with
intervals from refitting the emulator to draws that are taken again with replacement.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from calibration.emulator import Emulator
from calibration.likelihood import F64, I64, Ensemble
from calibration.space import latin_hypercube

Outcome = Callable[[F64, I64], F64]
"""One number a draw, from standard normal coordinates and places of seeds."""

LEVELS: Final = np.array([-1.5, -0.5, 0.5, 1.5])
"""Standard normal coordinates that the screening steps between."""
STEP: Final = 2.0
SAMPLES: Final = 1024
RETAKEN: Final = 40


@dataclass(frozen=True)
class Indices:
    """Sobol indices of an outcome.

    Parameters
    ----------
    table : DataFrame
        By parameter: ``first`` and ``total`` order, with 90% intervals (``first_low`` and so on).
    explained : float
        Share of the variance over draws left out that the emulator explains, luck of seeds taken out.
    noise : float
        Share of the variance over draws that is luck: between seeds, and what is left.
    """

    table: pd.DataFrame
    explained: float
    noise: float


def screen(
    outcome: Outcome, names: list[str], *, trajectories: int, pool: int, seed: int
) -> pd.DataFrame:
    """Morris screening.

    Parameters
    ----------
    outcome : callable
    names : list of str
        Of the parameters.
    trajectories : int
        Paths that change one parameter after another; each lives with one seed.
    pool : int
        Seeds, taken in turn.
    seed : int

    Returns
    -------
    DataFrame
        By parameter: ``strength`` (mean absolute effect of a prior standard deviation), its standard
        error ``error`` over paths, and ``bends`` (standard deviation of the effect).
    """
    rng, size = np.random.default_rng(seed), len(names)
    points, order = [], []
    for _ in range(trajectories):
        x = rng.choice(LEVELS[:2], size)
        flipped = rng.permutation(size)
        points.append(x.copy())
        for k in flipped:
            x = x.copy()
            x[k] += STEP
            points.append(x)
        order.append(flipped)
    seeds = np.repeat(np.arange(trajectories) % pool, size + 1)
    y = outcome(np.array(points), seeds).reshape(trajectories, size + 1)
    effects = np.empty((trajectories, size))
    for path, flipped in enumerate(order):
        effects[path, flipped] = np.diff(y[path]) / STEP
    return pd.DataFrame(
        {
            "parameter": names,
            "strength": np.abs(effects).mean(axis=0),
            "error": np.abs(effects).std(axis=0, ddof=1) / np.sqrt(trajectories),
            "bends": effects.std(axis=0, ddof=1),
        }
    ).sort_values("strength", ascending=False, ignore_index=True)


def indices(outcome: Outcome, names: list[str], *, draws: int, pool: int, seed: int) -> Indices:
    """Sobol indices by an emulator that is fitted to draws over the prior."""
    x = latin_hypercube(len(names), draws, seed)
    places = np.arange(draws) % pool
    y = outcome(x, places)[:, None]
    scale = y.std()
    ensemble = Ensemble(x, y / scale, places)
    rng = np.random.default_rng(seed)
    fitted = _fitted(ensemble)
    found = _sobol(fitted, len(names), seed)
    retaken = []
    for k in range(RETAKEN):
        chosen = rng.integers(draws, size=draws)
        again = Ensemble(x[chosen], ensemble.y[chosen], places[chosen])
        retaken.append(_sobol(_fitted(again), len(names), seed + k))
    low, high = np.quantile(np.array(retaken), (0.05, 0.95), axis=0)
    effects, _ = ensemble.seed_effects()
    luck = effects[places].var() + (1 - fitted.explained[0]) * ensemble.levelled().var()
    table = pd.DataFrame(
        {
            "parameter": names,
            "first": found[0],
            "first_low": low[0],
            "first_high": high[0],
            "total": found[1],
            "total_low": low[1],
            "total_high": high[1],
        }
    )
    return Indices(
        table.sort_values("total", ascending=False, ignore_index=True),
        float(fitted.explained[0]),
        float(luck / ensemble.y.var()),
    )


def _fitted(ensemble: Ensemble) -> Emulator:
    return Emulator.fitted(ensemble, np.zeros(ensemble.y.shape[1]))


def _sobol(emulator: Emulator, size: int, seed: int) -> NDArray[np.float64]:
    """First-order and total indices of an emulator, shape (2, parameters)."""

    def on_columns(x: F64) -> F64:
        return emulator(x.T)[:, 0]

    found = stats.sobol_indices(
        func=on_columns,
        n=SAMPLES,
        dists=[stats.norm()] * size,
        rng=np.random.default_rng(seed),
    )
    return np.stack([found.first_order, found.total_order])
