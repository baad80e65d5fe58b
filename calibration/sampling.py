"""Draws from the posterior, by an ensemble of walkers over an emulator."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import emcee
import numpy as np
from threadpoolctl import threadpool_limits

from calibration.emulator import Emulator
from calibration.likelihood import F64, Likelihood

WALKERS_PER_PARAMETER: Final = 4
STEPS: Final = 4000
"""Steps of each walker; the first quarter is dropped."""


@dataclass(frozen=True)
class Posterior:
    """Draws, and how well the walkers mixed.

    Parameters
    ----------
    draws : float64 array of shape (draws, parameters)
        Standard normal coordinates.
    correlation_steps : float
        The longest integrated autocorrelation time, in steps.
    spread_ratio : float
        The largest split R-hat of any parameter; near 1 when the walkers agree.
    independent : float
        Number of independent draws that they are worth.
    """

    draws: F64
    correlation_steps: float
    spread_ratio: float
    independent: float


def sample(
    emulator: Emulator,
    likelihood: Likelihood,
    start: F64,
    *,
    draws: int = 500,
    steps: int = STEPS,
    seed: int,
) -> Posterior:
    """Sample standard normal priors times the likelihood, within reach of the emulator.

    Parameters
    ----------
    emulator, likelihood
    start : float64 array of shape (any, parameters)
        Draws near the posterior, such as the last ensemble.
    draws : int
        Draws kept.
    steps : int
        Steps of each walker.
    seed : int
    """
    size = start.shape[1]
    rng = np.random.default_rng(seed)
    walkers = WALKERS_PER_PARAMETER * size
    low, high = emulator.reach + 0.001 * np.abs(emulator.reach) * [[1], [-1]]
    inside = np.clip(start, low, high)
    first = inside[rng.integers(len(inside), size=walkers)]
    first = first + 0.05 * rng.standard_normal(first.shape)
    first = np.clip(first, low, high)

    def log_posterior(x: F64) -> F64:
        value = -0.5 * (x**2).sum(axis=1) + likelihood.log(emulator(x), emulator.variance)
        return np.where(emulator.within_reach(x), value, -np.inf)

    moves = [(emcee.moves.DEMove(), 0.7), (emcee.moves.DESnookerMove(), 0.1)]
    moves.append((emcee.moves.StretchMove(), 0.2))
    sampler = emcee.EnsembleSampler(walkers, size, log_posterior, moves=moves, vectorize=True)
    sampler.random_state = np.random.RandomState(seed).get_state()
    # A second thread costs more than it gains on arrays of this size.
    with threadpool_limits(1):
        sampler.run_mcmc(first, steps)
    chain = sampler.get_chain(discard=steps // 4)
    time = float(np.max(emcee.autocorr.integrated_time(chain, tol=0)))
    flat = chain.reshape(-1, size)
    kept = flat[np.linspace(0, len(flat) - 1, draws).astype(int)]
    return Posterior(kept, time, _spread_ratio(chain), len(flat) / time)


def _spread_ratio(chain: F64) -> float:
    """Split R-hat: between and within halves of walkers (Gelman and others, Bayesian Data Analysis, 11.4)."""
    half = len(chain) // 2
    parts = np.concatenate([chain[:half], chain[half : 2 * half]], axis=1)
    within = parts.var(axis=0, ddof=1).mean(axis=0)
    between = parts.mean(axis=0).var(axis=0, ddof=1)
    return float(np.sqrt(((half - 1) / half * within + between) / within).max())
