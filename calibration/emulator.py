"""A quick stand-in for the model near its targets: a plane, a quadratic, and an effect of each seed.

It is local: good where the ensembles lie that it was fitted to, and nowhere else. How good is measured by leaving
out each draw in turn.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from sklearn.linear_model import RidgeCV

from calibration.likelihood import F64, Ensemble

_PENALTIES: Final = np.logspace(0, 5, 21)


@dataclass(frozen=True)
class Emulator:
    """Simulated values as a function of standard normal coordinates.

    Parameters
    ----------
    centre, spread : float64 arrays of shape (parameters,)
        Of the draws that it was fitted to.
    reach : float64 array of shape (2, parameters)
        The lowest and highest coordinates of those draws, a fifth wider.
    variance : float64 array of shape (targets,)
        Of its error about the mean of the model over seeds.
    left_out : float64 array of shape (targets,)
        Standard deviation of the error on draws left out, noise of the simulation included.
    explained : float64 array of shape (targets,)
        Share of the variance of draws left out that it explains (Q squared), seeds included.
    tilt : float64 array of shape (parameters, targets)
        What is added to the slopes, to bring them to the scale of :meth:`tilted_to`.
    offset : float64 array of shape (targets,)
        What is added, to bring values to the scale of :meth:`brought_to`.
    """

    centre: F64
    spread: F64
    reach: F64
    plane: F64
    ridge: Any
    variance: F64
    left_out: F64
    explained: F64
    tilt: F64
    offset: F64 | float = 0.0

    @classmethod
    def fitted(cls, ensemble: Ensemble, noise: F64) -> Emulator:
        """Fit it.

        Parameters
        ----------
        ensemble : Ensemble
        noise : float64 array of shape (targets,)
            Variance of one run over seeds, at one point.
        """
        effects, plane = ensemble.seed_effects()
        centre, spread = ensemble.x.mean(axis=0), ensemble.x.std(axis=0)
        flat = np.column_stack([np.ones(len(ensemble.x)), ensemble.x]) @ plane
        rest = ensemble.y - effects[ensemble.seed] - flat
        features = _squares((ensemble.x - centre) / spread)
        ridge = RidgeCV(_PENALTIES, alpha_per_target=True, store_cv_results=True)
        ridge.fit(features, rest)
        # With a single target, scikit-learn gives one number in the place of an array, here and below.
        penalty = np.atleast_1d(ridge.alpha_)
        chosen = np.argmin(np.abs(_PENALTIES - penalty[:, None]), axis=1)
        left_out = ridge.cv_results_.reshape(len(rest), rest.shape[1], -1)
        errors = left_out[:, np.arange(rest.shape[1]), chosen].mean(axis=0)
        among = effects.var(axis=0, ddof=1)
        within = np.maximum(noise - among, 0)
        # Coefficients of the plane and of the seeds, and those that the penalty leaves of the squares.
        values = np.linalg.svd(features - features.mean(axis=0), compute_uv=False) ** 2
        free = (values / (values + penalty[:, None])).sum(axis=1) + plane.shape[0] + len(effects)
        errors = errors * len(rest) / (len(rest) - plane.shape[0] - len(effects))
        variance = np.maximum(errors - within, 0) + errors * free / len(rest) + among / len(effects)
        low, high = ensemble.x.min(axis=0), ensemble.x.max(axis=0)
        return cls(
            centre,
            spread,
            np.stack([low - 0.1 * (high - low), high + 0.1 * (high - low)]),
            plane,
            ridge,
            variance,
            np.sqrt(errors),
            1 - errors / (ensemble.y - effects[ensemble.seed]).var(axis=0),
            np.zeros((ensemble.x.shape[1], ensemble.y.shape[1])),
        )

    def __call__(self, x: F64) -> F64:
        """Simulated values, mean over seeds, shape (draws, targets)."""
        flat = np.column_stack([np.ones(len(x)), x]) @ self.plane
        curve = _squares((x - self.centre) / self.spread) @ np.atleast_2d(self.ridge.coef_).T
        return np.asarray(flat + curve + self.ridge.intercept_ + self.offset + x @ self.tilt)

    def tilted_to(self, x: F64, steps: F64, slopes: F64) -> Emulator:
        """The same with other slopes around a point: those of runs at another scale.

        Parameters
        ----------
        x : float64 array of shape (parameters,)
        steps : float64 array of shape (parameters,)
            Over which the slopes were measured, one parameter at a time.
        slopes : float64 array of shape (parameters, targets)
        """
        own = (self(x + np.diag(steps)) - self(x[None])) / steps[:, None]
        return replace(self, tilt=self.tilt + slopes - own)

    def brought_to(self, x: F64, y: F64) -> Emulator:
        """The same for runs at another scale, from some of them at one point.

        Lines for services are lumpy where an area has few people, so that waits depend on the scale.

        Parameters
        ----------
        x : float64 array of shape (parameters,)
        y : float64 array of shape (runs, targets)
            At ``x`` and the other scale.
        """
        here = self(x[None])[0] - self.offset
        chance = y.var(axis=0, ddof=1) / len(y)
        return replace(self, offset=y.mean(axis=0) - here, variance=self.variance + chance)

    def within_reach(self, x: F64) -> Any:
        """Whether draws lie where the emulator was fitted, shape (draws,)."""
        return np.all((x >= self.reach[0]) & (x <= self.reach[1]), axis=1)


def _squares(z: F64) -> F64:
    """Products of all pairs of coordinates, shape (draws, pairs)."""
    first, second = np.triu_indices(z.shape[1])
    return z[:, first] * z[:, second]
