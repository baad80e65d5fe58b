"""Which parameters an outcome hangs on: Morris screening, and Sobol indices by an emulator.

The outcome is any measure of a scenario, or its difference from another scenario. Luck is shared: all draws of a seed
live with the same people, so that effects of parameters are seen through the noise, and what is left of the noise
is reported beside every index.

Morris: M. D. Morris (1991), Technometrics 33:161-174, with mean absolute effects as in Campolongo and others (2007).
Sobol: first-order and total indices of a quadratic, exactly, from its coefficients (:mod:`calibration.quadratic`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import pandas as pd

from calibration.likelihood import F64, I64
from calibration.quadratic import Coefficients, Quadratic, explained, pairs
from calibration.space import latin_hypercube
from sim.explained import ExplainedError

Method = Literal["morris", "sobol"]
Outcome = Callable[[F64, I64], F64]
"""One number a draw, from standard normal coordinates and places of seeds."""

LEVELS: Final = np.array([-1.5, -0.5, 0.5, 1.5])
"""Standard normal coordinates that the screening steps between."""
STEP: Final = 2.0
PATHS: Final = 10
LEAST_PATHS: Final = 4
DRAWS_A_PARAMETER: Final = 10
POSTERIOR_DRAWS: Final = 2000
INTERVAL: Final = (0.05, 0.5, 0.95)


class SensitivityError(ExplainedError):
    """Nothing can be said of what an outcome hangs on; the message says why and what to do."""


def default_draws(method: Method, parameters: int) -> int:
    """Paths of the screening, or draws for the indices, where nothing else is asked for."""
    return PATHS if method == "morris" else DRAWS_A_PARAMETER * parameters


def check_draws(method: Method, parameters: int, draws: int) -> None:
    """Refuse fewer draws than a method can do with.

    Raises
    ------
    SensitivityError
    """
    if method == "morris" and draws < LEAST_PATHS:
        raise SensitivityError(f"{draws} paths given; the screening needs {LEAST_PATHS} or more.")
    least = DRAWS_A_PARAMETER * parameters
    if method == "sobol" and draws < least:
        raise SensitivityError(
            f"{draws} draws given; Sobol indices of {parameters} parameters need {least} or more, "
            f"{DRAWS_A_PARAMETER} for each."
        )


@dataclass(frozen=True)
class Indices:
    """Sobol indices of an outcome.

    An estimate is the median, and its interval the middle 90%, of indices of the quadratics that the draws allow.

    Parameters
    ----------
    table : DataFrame
        By parameter: ``first`` and ``total`` order, with 90% intervals (``first_low`` and so on): shares of the
        variance that the parameters bring.
    noise : tuple of float
        Share of the variance over draws that is luck (between seeds, and what is left): low, estimate, high.
    explained : float
        Share of the variance of draws left out that the quadratic explains, luck of seeds taken out; what it does
        not explain is luck that hangs on the parameters, bends that are not quadratic, or for want of draws.
    """

    table: pd.DataFrame
    noise: tuple[float, float, float]
    explained: float


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
    check_draws("morris", len(names), trajectories)
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
    y = _seen(outcome, np.array(points), seeds).reshape(trajectories, size + 1)
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
    """Sobol indices by a quadratic that is fitted to draws over the prior.

    Raises
    ------
    SensitivityError
        When there are too few draws, or all of them have the same outcome.
    """
    check_draws("sobol", len(names), draws)
    x = latin_hypercube(len(names), draws, seed)
    places = np.arange(draws) % pool
    y = _seen(outcome, x, places)
    if not y.std() > 1e-12 * np.abs(y).max():
        raise SensitivityError(
            "The outcome is the same in all draws: it hangs on none of the parameters."
        )
    y = (y - y.mean()) / y.std()
    fitted = Quadratic.fitted(x, y, places, pool)
    allowed = fitted.draws(POSTERIOR_DRAWS, seed)
    (first, total), noise = shares(allowed)
    table = pd.DataFrame({"parameter": names})
    for name, drawn in (("first", first), ("total", total)):
        low, middle, high = np.quantile(drawn, INTERVAL, axis=0)
        table = table.assign(**{name: middle, f"{name}_low": low, f"{name}_high": high})
    low, middle, high = map(float, np.quantile(noise, INTERVAL))
    return Indices(
        table.sort_values("total", ascending=False, ignore_index=True),
        (low, middle, high),
        explained(x, y, places, pool, fitted.priors),
    )


def shares(found: Coefficients) -> tuple[tuple[F64, F64], F64]:
    """First-order and total indices, shape (draws, parameters) each, and the share of luck, shape (draws,)."""
    size = found.slopes.shape[1]
    one, other = pairs(size)
    own = (one == other)[:, None] * np.eye(size)[one]
    either = np.maximum(np.eye(size)[one], np.eye(size)[other])
    slopes, curves = found.slopes**2, found.curves**2
    known = slopes.sum(axis=1) + curves.sum(axis=1)
    luck = found.seeds.var(axis=1) + found.noise
    first = (slopes + curves @ own) / known[:, None]
    total = (slopes + curves @ either) / known[:, None]
    return (first, total), luck / (known + luck)


def _seen(outcome: Outcome, x: F64, places: I64) -> F64:
    """The outcome at draws.

    Raises
    ------
    SensitivityError
        When some of them have none.
    """
    y = outcome(x, places)
    missing = int((~np.isfinite(y)).sum())
    if missing:
        raise SensitivityError(
            f"{missing} of {len(y)} draws have too few people for a value of the outcome; ask for a larger scale."
        )
    return y
