"""The expert calibrator: history matching in waves.

Each wave runs draws, fits an emulator, and rules out what lies too far from the targets (Andrianakis and others
2015, PLoS Computational Biology 11(1)): implausibility is the distance in standard deviations of target, noise and
emulator together. The next wave is drawn from what is left. When nothing is left, the model cannot meet its targets.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from calibration.emulator import Emulator
from calibration.likelihood import F64, Ensemble, Likelihood
from calibration.space import latin_hypercube
from sim.explained import ExplainedError

if TYPE_CHECKING:
    from calibration.fitting import Plan, Say

CUT: Final = 3.0
"""Three standard deviations (Pukelsheim 1994)."""
TRIED: Final = 20_000
SEEDS: Final = 4


class NothingLeftError(ExplainedError):
    """No draw comes near enough to the targets: the model cannot meet them within the prior."""


def narrowed(plan: Plan, noise: F64, say: Say) -> tuple[list[Ensemble], F64, int]:
    """Run waves.

    Returns
    -------
    ensembles : list of Ensemble
        One a wave.
    end : float64 array of shape (draws, parameters)
        Draws that the last wave does not rule out.
    large : int
        Number of runs at full scale.

    Raises
    ------
    NothingLeftError
    """
    experiment, rng = plan.experiment(), np.random.default_rng(plan.seed)
    x = latin_hypercube(plan.space.size, plan.draws, plan.seed)
    ensembles: list[Ensemble] = []
    for wave in range(plan.steps):
        pool = (np.arange(len(x)) + wave * (plan.pool // 2 + 1)) % plan.pool
        stage = f"wave {wave + 1} of {plan.steps}"
        y = experiment.run(x, pool, lambda *n, stage=stage: say(stage, *n))
        ensembles.append(Ensemble(x, y, pool))
        # The level is that of full scale, measured where the wave lies.
        middle = np.median(x, axis=0)
        level = plan.run_at_full_scale(middle[None], SEEDS, f"full scale of {stage}", say)
        small = Emulator.fitted(Ensemble.joined(ensembles), noise)
        emulator = small.brought_to(middle, level[:, 0])
        x = _left(emulator, plan.likelihood, x, plan.draws, rng)
    return ensembles, x, plan.steps * SEEDS


def implausibility(emulator: Emulator, likelihood: Likelihood, x: F64) -> F64:
    """The second largest distance of any target, in standard deviations, shape (draws,).

    The second, since among dozens of targets one lies beyond three by chance or by error.
    """
    z = np.abs(likelihood.z(emulator(x), emulator.variance))
    return np.asarray(np.sort(z, axis=1)[:, -2])


def _left(
    emulator: Emulator, likelihood: Likelihood, x: F64, number: int, rng: np.random.Generator
) -> F64:
    """Draws that the emulator leaves, by a walk from the most plausible ones."""

    def distance(points: F64) -> F64:
        return implausibility(emulator, likelihood, points)

    order = np.argsort(distance(x))
    here = x[order[: max(10, number // 4)]][rng.integers(max(10, number // 4), size=number)]
    far = distance(here)
    for _ in range(TRIED // number):
        one, other = here[rng.permutation(number)], here[rng.permutation(number)]
        stride = rng.choice([0.3, 0.6, 1.0], size=(number, 1)) * 2.38 / np.sqrt(2 * x.shape[1])
        there = here + stride * (one - other) + 0.02 * rng.standard_normal(here.shape)
        away = distance(there)
        # Towards plausible points; among those, as the prior has it.
        prior = 0.5 * ((here**2).sum(axis=1) - (there**2).sum(axis=1))
        better = np.where(away < CUT, np.log(rng.random(number)) < prior, away < far)
        here, far = np.where(better[:, None], there, here), np.where(better, away, far)
    left = here[far < CUT]
    if not len(left):
        raise NothingLeftError(
            f"No draw lies within {CUT:g} standard deviations of all targets but one (nearest "
            f"{far.min():.1f}): widen a prior, or the discrepancy of the targets it misses."
        )
    return np.asarray(left[rng.integers(len(left), size=number)])
