"""The default calibrator: an ensemble smoother with multiple data assimilation (ES-MDA).

Emerick and Reynolds (2013), Computers & Geosciences 55. Each of ``steps`` assimilations moves the ensemble by the
regression of parameters on simulated values, towards observations to which noise of ``steps`` times the variance
is added. It assumes one connected, roughly normal region; its last ensembles are the design of a local emulator.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from calibration.likelihood import F64, I64, Ensemble, Likelihood

Evaluate = Callable[[F64, I64], F64]
"""Simulate draws (standard normal coordinates, places of seeds) side by side: simulated over published."""


def assimilate(
    evaluate: Evaluate,
    start: F64,
    likelihood: Likelihood,
    noise: F64,
    *,
    seeds: int,
    steps: int,
    seed: int,
) -> tuple[list[Ensemble], F64]:
    """Move an ensemble from the prior to the targets.

    Parameters
    ----------
    evaluate : callable
    start : float64 array of shape (draws, parameters)
        A design over the prior.
    likelihood : Likelihood
    noise : float64 array of shape (targets,)
        Variance of the simulation that is left when the effects of seeds are taken out.
    seeds : int
        Size of the pool; a draw changes its seed from step to step, so that none is fitted to its noise.
    steps : int
        Assimilations.
    seed : int
        For the perturbed observations.

    Returns
    -------
    ensembles : list of Ensemble
        Simulated, one a step.
    end : float64 array of shape (draws, parameters)
        Where the last step leads, not simulated.
    """
    rng = np.random.default_rng(seed)
    x = start
    variance = likelihood.error**2 + noise
    ensembles = []
    for step in range(steps):
        pool = (np.arange(len(x)) + step * (seeds // 2 + 1)) % seeds
        ensemble = Ensemble(x, evaluate(x, pool), pool)
        ensembles.append(ensemble)
        y = ensemble.levelled()
        dx, dy = x - x.mean(axis=0), y - y.mean(axis=0)
        cross, own = dx.T @ dy / (len(x) - 1), dy.T @ dy / (len(x) - 1)
        shaken = likelihood.observed + np.sqrt(steps * variance) * rng.standard_normal(y.shape)
        x = x + (shaken - y) @ np.linalg.solve(own + np.diag(steps * variance), cross.T)
    return ensembles, x
