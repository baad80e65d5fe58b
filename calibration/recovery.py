"""Can the method find what is known? Truths are simulated with the model, and looked for like the real targets.

The truths are draws of a middle ensemble of the smoother: wider than the posterior, and within reach of the emulator,
which is fitted without them. Each is simulated anew on seeds of its own, several to a truth; published errors are
added to what comes out, and the posterior is sampled from the same prior. So the model makes the data, and the
emulator and the sampler are what is tested; that the smoother led the ensembles there is not tested again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from calibration.emulator import Emulator
from calibration.likelihood import F64, Ensemble, Likelihood
from calibration.sampling import sample

if TYPE_CHECKING:
    from calibration.fitting import Fit, Say

INTERVAL: Final = (0.05, 0.95)
SEEDS: Final = 8
"""Runs of each truth, whose mean is its data."""
FIRST_SEED: Final = 30_001
IDENTIFIED: Final = 0.9
WEAK: Final = 0.5
"""Contractions from which a parameter counts as identified, and as weakly identified."""
STEPS: Final = 2500


@dataclass(frozen=True)
class Recovery:
    """Known truths, and what was found of each.

    Parameters
    ----------
    truths : float64 array of shape (truths, parameters)
        Standard normal coordinates.
    low, high : float64 arrays of shape (truths, parameters)
        Ends of the 90% intervals.
    contraction : float64 array of shape (truths, parameters)
    """

    truths: F64
    low: F64
    high: F64
    contraction: F64

    @property
    def covered(self) -> F64:
        """Whether each interval holds its truth, shape (truths, parameters)."""
        return np.asarray((self.low <= self.truths) & (self.truths <= self.high))

    @property
    def coverage(self) -> tuple[float, float]:
        """Share of intervals that hold their truth, and its standard error over truths."""
        by_truth = self.covered.mean(axis=1)
        return float(by_truth.mean()), float(by_truth.std(ddof=1) / np.sqrt(len(by_truth)))

    def table(self, names: list[str]) -> pd.DataFrame:
        """By parameter: coverage over truths, and mean contraction."""
        return pd.DataFrame(
            {
                "parameter": names,
                "coverage": self.covered.mean(axis=0),
                "contraction": self.contraction.mean(axis=0),
            }
        )


def recover(found: Fit, number: int, say: Say) -> Recovery:
    """Look for known truths.

    Parameters
    ----------
    found : Fit
        Gives the ensembles, and the plan.
    number : int
        Truths.
    say : callable
    """
    plan = found.plan
    # The second ensemble is wide, and yet near the targets; of least squares only the last is of draws.
    place = len(found.ensembles) - 1 if plan.method == "lsq" else 1
    middle = found.ensembles[place]
    others = [e for k, e in enumerate(found.ensembles) if k not in (0, place)]
    rng = np.random.default_rng(plan.seed + 1)
    chosen = rng.choice(len(middle.x), number, replace=False)
    truths = middle.x[chosen]
    y = _simulated(found, truths, say)
    kept = np.delete(np.arange(len(middle.x)), chosen)
    without = Ensemble(middle.x[kept], middle.y[kept], middle.seed[kept])
    emulator = Emulator.fitted(Ensemble.joined([without, *others]), found.noise)
    intervals, contraction = [], []
    for k in range(number):
        say("recovery", k, number)
        error = plan.likelihood.error
        observed = y[k] + error * rng.standard_normal(len(error))
        # What is left of the simulation's own noise in the mean of the runs.
        total = np.sqrt(error**2 + found.noise / SEEDS)
        likelihood = Likelihood(plan.likelihood.names, observed, total)
        posterior = sample(emulator, likelihood, without.x, steps=STEPS, seed=plan.seed + k)
        intervals.append(np.quantile(posterior.draws, INTERVAL, axis=0))
        contraction.append(1 - posterior.draws.var(axis=0))
    say("recovery", number, number)
    ends = np.array(intervals)
    return Recovery(truths, ends[:, 0], ends[:, 1], np.array(contraction))


def _simulated(found: Fit, truths: F64, say: Say) -> F64:
    """What the model gives at each truth, mean over seeds of its own."""
    number = len(truths)
    fresh = range(FIRST_SEED, FIRST_SEED + number * SEEDS)
    experiment = replace(found.plan.experiment(), seeds=fresh)
    y = experiment.run(
        np.repeat(truths, SEEDS, axis=0),
        np.arange(number * SEEDS),
        lambda *n: say("known truths", *n),
    )
    return np.asarray(y.reshape(number, SEEDS, -1).mean(axis=1))


def verdict(contraction: float) -> str:
    """Identified, weak or prior-dominated, by how far the targets narrow the prior, in hundredths as shown."""
    if round(contraction, 2) >= IDENTIFIED:
        return "identified"
    return "weak" if round(contraction, 2) >= WEAK else "mostly the prior"
