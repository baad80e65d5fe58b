"""What the targets say about simulated values: errors, noise of the simulation, and their sum.

Simulated values are in units of the published ones: 1 is what was published. Ratios keep targets of all sizes
apart from their units, and a count of nought stays a number.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]


@dataclass(frozen=True)
class Likelihood:
    """A normal likelihood of independent targets.

    Parameters
    ----------
    names : list of str
        Ids of the targets.
    observed : float64 array of shape (targets,)
        1, or synthetic values in the same units.
    error : float64 array of shape (targets,)
        Standard error: published, and discrepancy.
    """

    names: list[str]
    observed: F64
    error: F64

    def z(self, y: F64, variance: F64 | float = 0.0) -> F64:
        """Observed less simulated, in standard errors that hold a further variance."""
        return np.asarray((self.observed - y) / np.sqrt(self.error**2 + variance))

    def log(self, y: F64, variance: F64 | float = 0.0) -> F64:
        """Log-likelihood of simulated values, shape (..., targets), but for a constant."""
        total = self.error**2 + variance
        return np.asarray(-0.5 * (((self.observed - y) ** 2) / total + np.log(total)).sum(axis=-1))


@dataclass(frozen=True)
class Ensemble:
    """Simulated draws: where they lie, what came out, and which of the seeds each used.

    Parameters
    ----------
    x : float64 array of shape (draws, parameters)
        Standard normal coordinates.
    y : float64 array of shape (draws, targets)
        Simulated over published.
    seed : int64 array of shape (draws,)
        Place of the seed in the pool.
    """

    x: F64
    y: F64
    seed: I64

    @classmethod
    def joined(cls, ensembles: list[Ensemble]) -> Ensemble:
        """Several as one."""
        return cls(
            np.concatenate([e.x for e in ensembles]),
            np.concatenate([e.y for e in ensembles]),
            np.concatenate([e.seed for e in ensembles]),
        )

    def seed_effects(self) -> tuple[F64, F64]:
        """What each seed adds to every target, when what parameters do has been taken out.

        Draws of one seed share people and luck, and so most of the noise of the simulation. The
        effects sum to nought over the seeds of the pool.

        Returns
        -------
        effects : float64 array of shape (seeds, targets)
        plane : float64 array of shape (1 + parameters, targets)
            Constant and slopes.
        """
        seeds = int(self.seed.max()) + 1
        dummies = np.eye(seeds)[self.seed]
        contrast = dummies[:, :-1] - dummies[:, -1:]
        features = np.column_stack([np.ones(len(self.x)), self.x, contrast])
        solved = np.linalg.lstsq(features, self.y, rcond=None)[0]
        split = 1 + self.x.shape[1]
        effects = solved[split:]
        balanced = np.asarray(np.vstack([effects, -effects.sum(axis=0)]), np.float64)
        return balanced, np.asarray(solved[:split], np.float64)

    def levelled(self) -> F64:
        """Simulated values without what is due to the seed, shape (draws, targets)."""
        effects, _ = self.seed_effects()
        return np.asarray(self.y - effects[self.seed])
