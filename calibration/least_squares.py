"""The plain calibrator: least squares on common random numbers, with wide steps.

Where to stand is judged by runs at full scale, and where to go by slopes of small ones, which take many. Steps are wide
because the model is noisy: derivatives over small steps are noise. Around the best point draws are run for an
emulator, in a cloud twice as wide as differences that are wider still say it should be.
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
REACH: Final = 3.0
"""Nothing is run further from the centre of a prior, in its standard deviations: a share may end at one."""
MOST_STEPS: Final = 8
LEAST_GAIN: Final = 0.05
"""The search ends with a step that lowers the sum of squares by less than this share: with some forty targets that is
below what another four seeds would change."""
SEEDS: Final = 4


def search(plan: Plan, noise: F64, say: Say) -> tuple[list[Ensemble], F64, int]:
    """Find the best point, and run draws around it for an emulator.

    Returns
    -------
    ensembles : list of Ensemble
        The points of each set of slopes, and draws around the best point.
    end : float64 array of shape (draws, parameters)
        Draws of the normal approximation at the best point.
    large : int
        Number of runs at full scale.
    """
    size, experiment, likelihood = plan.space.size, plan.experiment(), plan.likelihood
    # Noise was measured on small runs; that of large ones is smaller by as much as they are larger.
    deviation = np.sqrt(likelihood.error**2 + noise * plan.scale / plan.full_scale / SEEDS)
    points_seen = 0
    ensembles: list[Ensemble] = []

    def residual(x: F64) -> F64:
        """Distances from the targets and from the centre of the prior, from runs at full scale."""
        nonlocal points_seen
        points_seen += 1
        stage = f"point {points_seen} of at most {MOST_STEPS}"
        y = plan.run_at_full_scale(x[None], SEEDS, stage, say).mean(axis=(0, 1))
        return np.append((y - likelihood.observed) / deviation, x)

    def slopes(x: F64, step: float = STEP) -> F64:
        """Central differences of small runs, mean over a few seeds that are the same for all points."""
        points = np.concatenate([x + step * np.eye(size), x - step * np.eye(size)])
        points, pool = points.repeat(SEEDS, axis=0), np.tile(np.arange(SEEDS), len(points))
        stage = f"slopes at point {points_seen}"
        y = experiment.run(points, pool, lambda *n: say(stage, *n))
        ensembles.append(Ensemble(points, y, pool))
        up, down = y.reshape(2, size, SEEDS, -1).mean(axis=2)
        return np.vstack([((up - down) / (2 * step) / deviation).T, np.eye(size)])

    best = optimize.least_squares(
        residual,
        np.zeros(size),
        jac=slopes,
        bounds=(WIDE - REACH, REACH - WIDE),
        max_nfev=MOST_STEPS,
        ftol=LEAST_GAIN,
    )
    steep = slopes(best.x, WIDE)
    spread = np.linalg.inv(steep.T @ steep)
    rng = np.random.default_rng(plan.seed)
    end = np.clip(rng.multivariate_normal(best.x, spread, size=plan.draws), -REACH, REACH)
    # Twice as wide as the approximation, so that the emulator sees what bends.
    around = np.clip(best.x + 2 * (end - best.x), -REACH, REACH)
    pool = np.arange(plan.draws) % plan.pool
    y = experiment.run(around, pool, lambda *n: say("around the best point", *n))
    return [*ensembles, Ensemble(around, y, pool)], end, points_seen * SEEDS
