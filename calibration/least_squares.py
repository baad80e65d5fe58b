"""The quick calibrator: least squares on common random numbers, with wide steps.

Steps are wide because the model is noisy: derivatives over small steps are noise. The intervals come from central
differences that are wider still, and they are approximate: in tests on a toy of this kind 90% intervals held 80 to
83% of truths.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from scipy import optimize

from calibration.likelihood import F64, Ensemble

if TYPE_CHECKING:
    from calibration.fitting import Plan, Say

STEP: Final = 0.2
"""In standard deviations of the prior, about 0.06 of its 90% range."""
WIDE: Final = 0.4
MOST_TURNS: Final = 8
SEEDS: Final = 4


def search(plan: Plan, noise: F64, say: Say) -> tuple[list[Ensemble], F64]:
    """Find the best point, and run draws around it for an emulator.

    Returns
    -------
    ensembles : list of Ensemble
        The points around the best one.
    end : float64 array of shape (draws, parameters)
        Draws of the normal approximation at the best point.
    """
    size, experiment, likelihood = plan.space.size, plan.experiment(), plan.likelihood
    deviation = np.sqrt(likelihood.error**2 + noise / SEEDS)
    turn = 0

    def mean(x: F64) -> F64:
        """Simulated values at points, mean over a few seeds that are the same for all."""
        nonlocal turn
        turn += 1
        pool = np.tile(np.arange(SEEDS), len(x))
        y = experiment.run(np.repeat(x, SEEDS, axis=0), pool, lambda *n: say(f"turn {turn}", *n))
        return np.asarray(y.reshape(len(x), SEEDS, -1).mean(axis=1))

    def residual(x: F64) -> F64:
        return np.append((mean(x[None])[0] - likelihood.observed) / deviation, x)

    def slopes(x: F64, step: float = STEP) -> F64:
        both = np.concatenate([x + step * np.eye(size), x - step * np.eye(size)])
        y = mean(both)
        return np.vstack([((y[:size] - y[size:]) / (2 * step) / deviation).T, np.eye(size)])

    best = optimize.least_squares(
        residual, np.zeros(size), jac=slopes, bounds=(-3, 3), max_nfev=MOST_TURNS
    )
    steep = slopes(best.x, WIDE)
    spread = np.linalg.inv(steep.T @ steep)
    rng = np.random.default_rng(plan.seed)
    end = rng.multivariate_normal(best.x, spread, size=plan.draws)
    # Twice as wide as the approximation, so that the emulator sees what bends.
    around = best.x + 2 * (end - best.x)
    pool = np.arange(plan.draws) % plan.pool
    y = experiment.run(around, pool, lambda *n: say("around the best point", *n))
    return [Ensemble(around, y, pool)], end
