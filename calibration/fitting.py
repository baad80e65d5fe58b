"""A calibration from the plan to the posterior, and the checks that belong to it.

Everything is worked out anew from the blocks of :mod:`calibration.experiment`, which are run only once: the same
plan gives the same posterior, to the last digit, and a stopped calibration goes on where it was.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
import pandas as pd

from calibration import least_squares, waves
from calibration.blocks import Kept
from calibration.emulator import Emulator
from calibration.experiment import Experiment
from calibration.likelihood import F64, I64, Ensemble, Likelihood
from calibration.sampling import Posterior, sample
from calibration.smoother import assimilate
from calibration.space import Space, latin_hypercube, read_space
from calibration.targets import errors, read_targets, used
from sim.scenario import Scenario, load_scenario
from sim.scenario.settled import with_settings

if TYPE_CHECKING:
    from sim.sweep.cluster import Scheduler

Method = Literal["esmda", "lsq", "hm"]
Say = Callable[[str, int, int], None]
"""Told the name of a stage, and how many of its draws are done."""

FIRST_SEED: Final = 10_001
FRESH_SEED: Final = 20_001
"""The pool of the fit and the seeds of its checks have none in common with each other or with usual runs."""
FULL_SCALE: Final = 0.008
YEARS: Final = 1
"""Years of results that the targets to be fitted need, after the years of warm-up."""
YEARS_CHECKED: Final = 2
TURNS: Final = 4
FULL_RUNS: Final = 8
SLOPE_SEEDS: Final = 2
LARGE_BLOCK: Final = 4
LAST_USED: Final = 3
"""Ensembles, from the last, that the emulator is fitted to."""


@dataclass(frozen=True)
class Plan:
    """What is to be done; the defaults are those of the published calibration.

    Parameters
    ----------
    method : {"esmda", "lsq", "hm"}
        Ensemble smoother with emulator (the default), least squares, history matching (expert).
    base : str
        Scenario.
    scale : float
        Simulated people for each person in every draw.
    draws : int
        Size of an ensemble; eight times the free parameters or more.
    steps : int
        Assimilations.
    pool : int
        Seeds that draws take in turn.
    seed : int
        For the design, the perturbed observations and the walkers.
    checked : int
        Posterior draws that are run again on fresh seeds, at full scale.
    full_scale : float
        The scale that the posterior is for; what the smaller draws are off is measured and taken out, unless the
        draws are as large.
    workers : int
        Processes.
    scheduler : Scheduler or None
        A dask scheduler, whose workers are used instead.
    folder : Path
        For blocks.
    targets, parameters : Path or None
        Other files than the published ones.
    """

    method: Method = "esmda"
    base: str = "baseline"
    scale: float = 0.0005
    draws: int = 200
    steps: int = 4
    pool: int = 32
    seed: int = 1
    checked: int = 16
    full_scale: float = FULL_SCALE
    workers: int = 1
    scheduler: Scheduler | None = None
    folder: Path = Path("calibrations")
    targets: Path | None = None
    parameters: Path | None = None

    @cached_property
    def space(self) -> Space:
        """The free parameters."""
        return read_space() if self.parameters is None else read_space(self.parameters)

    @cached_property
    def every_target(self) -> pd.DataFrame:
        """All targets, whatever their use."""
        return read_targets() if self.targets is None else read_targets(self.targets)

    @cached_property
    def fitted_to(self) -> pd.DataFrame:
        """The targets of the fit."""
        return used(self.every_target, "fit")

    @cached_property
    def likelihood(self) -> Likelihood:
        """What they say."""
        ones = np.ones(len(self.fitted_to))
        return Likelihood(list(self.fitted_to["id"]), ones, errors(self.fitted_to))

    @property
    def levels(self) -> int:
        """Runs at one point that tell the level at full scale."""
        return min(FULL_RUNS, self.pool)

    def scenario(self, years: int) -> Scenario:
        """The base scenario at the scale of the draws."""
        return self._scenario(years, "scale")

    def _scenario(self, years: int, scale: Literal["scale", "full_scale"]) -> Scenario:
        settings = {"scale": getattr(self, scale), "years": years}
        return with_settings(load_scenario(self.base), settings, {"scale": scale})

    def experiment(self) -> Experiment:
        """The runs of the fit."""
        seeds = range(FIRST_SEED, FIRST_SEED + self.pool)
        kept = Kept(self.folder, self.workers, self.scheduler)
        return Experiment(self.scenario(YEARS), self.space, self.fitted_to, seeds, kept)

    def check(self, seeds: int) -> Experiment:
        """The runs of the checks: longer, on fresh seeds, with the targets of England that are held out."""
        every = self.every_target
        told = every["use"].isin(["fit", "held_out"]) & (every["area"] == "England")
        targets = every[told].reset_index(drop=True)
        fresh = range(FRESH_SEED, FRESH_SEED + seeds)
        base = self.at_full_scale(YEARS_CHECKED)
        return replace(
            self.experiment(), base=base, targets=targets, seeds=fresh, block=LARGE_BLOCK
        )

    def at_full_scale(self, years: int) -> Scenario:
        """The base scenario at the scale that the posterior is for."""
        return self._scenario(years, "full_scale")

    def run_at_full_scale(self, x: F64, seeds: int, stage: str, say: Say) -> F64:
        """Simulated over published at points, on the first seeds of the pool at the scale that the posterior is for.

        Parameters
        ----------
        x : float64 array of shape (points, parameters)
        seeds : int
            How many; the same for every point.
        stage : str
            What to say that is done.
        say : callable

        Returns
        -------
        float64 array of shape (seeds, points, targets)
        """
        experiment = replace(self.experiment(), base=self.at_full_scale(YEARS), block=LARGE_BLOCK)
        pool = np.arange(seeds).repeat(len(x))
        y = experiment.run(np.tile(x, (seeds, 1)), pool, lambda *n: say(stage, *n))
        return np.asarray(y.reshape(seeds, len(x), -1))


@dataclass(frozen=True)
class Fit:
    """What a calibration found.

    Parameters
    ----------
    plan : Plan
    noise : float64 array of shape (targets,)
        Variance of one run over seeds, at the centre of the prior.
    ensembles : list of Ensemble
        Simulated draws, in the order in which they were run.
    end : float64 array of shape (draws, parameters)
        The last ensemble, not simulated: the smoother's own posterior.
    emulator : Emulator
        Fitted to the last ensembles.
    posterior : Posterior
    large : int
        Number of runs at full scale.
    notes : list of str
        What a reader should be warned of.
    """

    plan: Plan
    noise: F64
    ensembles: list[Ensemble]
    end: F64
    emulator: Emulator
    posterior: Posterior
    large: int
    notes: list[str] = field(default_factory=list)

    @property
    def runs(self) -> int:
        """Number of draws simulated for the fit at the scale of the draws, the pilot included."""
        return self.plan.pool + sum(len(ensemble.x) for ensemble in self.ensembles)

    def median(self) -> F64:
        """Values (or factors) of the parameters at the posterior median."""
        return np.asarray(np.median(self.plan.space.numbers(self.posterior.draws), axis=0))

    def contraction(self) -> F64:
        """One less the ratio of posterior to prior variance, a parameter each."""
        return np.asarray(1 - self.posterior.draws.var(axis=0))


def pilot(plan: Plan, say: Say) -> F64:
    """Variance of one run over the seeds of the pool, at the centre of the prior, a target each."""
    centre = np.zeros((plan.pool, plan.space.size))
    y = plan.experiment().run(centre, np.arange(plan.pool), lambda *n: say("noise", *n))
    return np.asarray(y.var(axis=0, ddof=1))


def fit(plan: Plan, say: Say) -> Fit:
    """Calibrate by the method of the plan."""
    noise = pilot(plan, say)
    if plan.method == "esmda":
        ensembles, end, large = *_smoothed(plan, noise, say), 0
    elif plan.method == "lsq":
        ensembles, end, large = least_squares.search(plan, noise, say)
    else:
        ensembles, end, large = waves.narrowed(plan, noise, say)
    small = Emulator.fitted(Ensemble.joined(ensembles[-LAST_USED:]), noise)
    if plan.full_scale > plan.scale:
        emulator, posterior = _at_full_scale(plan, small, end, say)
        large += SLOPE_SEEDS * (1 + plan.space.size) + TURNS * plan.levels
    else:
        emulator = small
        posterior = sample(emulator, plan.likelihood, end, seed=plan.seed)
    found = Fit(plan, noise, ensembles, end, emulator, posterior, large)
    return replace(found, notes=warnings_of(found))


def _at_full_scale(
    plan: Plan, small: Emulator, around: F64, say: Say
) -> tuple[Emulator, Posterior]:
    """The emulator brought to full scale, and the posterior that it gives."""
    tilted = _tilted(plan, small, around, say)
    for turn in range(TURNS):
        # What the scale does is measured where the posterior lies, which it moves.
        middle = np.median(around, axis=0)
        stage = f"full scale {turn + 1} of {TURNS}"
        level = plan.run_at_full_scale(middle[None], plan.levels, stage, say)
        emulator = tilted.brought_to(middle, level[:, 0])
        posterior = sample(emulator, plan.likelihood, around, seed=plan.seed)
        around = posterior.draws
    return emulator, posterior


def _tilted(plan: Plan, small: Emulator, around: F64, say: Say) -> Emulator:
    """The emulator with slopes of full scale: one parameter at a time, same people and luck, wide steps."""
    middle, steps = np.median(around, axis=0), around.std(axis=0)
    points = np.vstack([middle, middle + np.diag(steps)])
    y = plan.run_at_full_scale(points, SLOPE_SEEDS, "slopes at full scale", say).mean(axis=0)
    return small.tilted_to(middle, steps, (y[1:] - y[0]) / steps[:, None])


def _smoothed(plan: Plan, noise: F64, say: Say) -> tuple[list[Ensemble], F64]:
    experiment = plan.experiment()
    start = latin_hypercube(plan.space.size, plan.draws, plan.seed)
    done = 0

    def evaluate(x: F64, pool: I64) -> F64:
        nonlocal done
        done += 1
        return experiment.run(x, pool, lambda *n: say(f"ensemble {done} of {plan.steps}", *n))

    return assimilate(
        evaluate,
        start,
        plan.likelihood,
        noise / plan.pool,
        seeds=plan.pool,
        steps=plan.steps,
        seed=plan.seed,
    )


def warnings_of(found: Fit) -> list[str]:
    """What is not as it should be, in sentences."""
    notes = []
    size, plan = found.plan.space.size, found.plan
    if plan.method == "esmda" and plan.draws < 8 * size:
        notes.append(
            f"The ensemble of {plan.draws} is smaller than eight times the {size} free parameters."
        )
    coarse = np.sqrt(found.emulator.variance) > 0.5 * plan.likelihood.error
    if coarse.any():
        named = [n for n, bad in zip(plan.likelihood.names, coarse, strict=True) if bad]
        notes.append(
            "The emulator's error is more than half of the target's for " + ", ".join(named) + "."
        )
    if found.posterior.spread_ratio > 1.1:
        notes.append(f"The walkers have not mixed: split R-hat {found.posterior.spread_ratio:.2f}.")
    own, theirs = found.end.std(axis=0), found.posterior.draws.std(axis=0)
    apart = np.abs(own / theirs - 1) > 0.3
    if apart.any():
        named = [n for n, bad in zip(plan.space.names, apart, strict=True) if bad]
        notes.append(
            "The ensemble's own intervals differ by more than 30% in width for "
            + ", ".join(named)
            + "."
        )
    low, high = found.emulator.reach
    edge = (found.posterior.draws < low + 0.02 * (high - low)) | (
        found.posterior.draws > high - 0.02 * (high - low)
    )
    stuck = edge.mean(axis=0) > 0.05
    if stuck.any():
        named = [n for n, bad in zip(plan.space.names, stuck, strict=True) if bad]
        notes.append("Draws crowd at the end of the emulator's reach for " + ", ".join(named) + ".")
    return notes


def predictive(found: Fit, say: Say) -> tuple[Experiment, F64]:
    """Posterior draws run again on fresh seeds, with the targets that are held out.

    Returns
    -------
    experiment : Experiment
        With the targets.
    y : float64 array of shape (draws, targets)
        Simulated over published.
    """
    number = found.plan.checked
    experiment = found.plan.check(number)
    places = np.linspace(0, len(found.posterior.draws) - 1, number).astype(int)
    draws = found.posterior.draws[places]
    return experiment, experiment.run(draws, np.arange(number), lambda *n: say("check", *n))
