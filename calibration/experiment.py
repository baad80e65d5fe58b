"""Runs of a calibration: what draws give for the targets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from calibration.blocks import BLOCK, Block, Kept, Progress
from calibration.likelihood import F64, I64
from calibration.monthly import Monthly
from calibration.simulated import simulated
from calibration.space import Space
from sim.arms import Arm
from sim.run import run_arms
from sim.scenario import Scenario


@dataclass(frozen=True)
class Experiment:
    """What all runs of a calibration have in common.

    Parameters
    ----------
    base : Scenario
        With the scale and the years of the runs.
    space : Space
    targets : DataFrame
        Those to work out.
    seeds : sequence of int
        The pool that draws take in turn.
    kept : Kept
        Where what is run is kept, and what runs it.
    block : int
        Draws side by side.
    """

    base: Scenario
    space: Space
    targets: pd.DataFrame
    seeds: Sequence[int]
    kept: Kept
    block: int = BLOCK

    def run(self, x: F64, pool: I64, progress: Progress | None = None) -> F64:
        """Simulate draws.

        Parameters
        ----------
        x : float64 array of shape (draws, parameters)
            Standard normal coordinates.
        pool : int64 array of shape (draws,)
            Place of each draw's seed in the pool.
        progress : callable, optional
            Called with the number of draws done and of all.

        Returns
        -------
        float64 array of shape (draws, targets)
            Simulated over published.
        """
        numbers = self.space.numbers(x)
        seeds = np.array(self.seeds)[pool]
        blocks = [
            TargetBlock(
                self.space,
                numbers[k : k + self.block],
                seeds[k : k + self.block],
                self.base,
                self.targets,
            )
            for k in range(0, len(x), self.block)
        ]
        values = self.kept.results(blocks, progress)[list(self.targets["id"])].to_numpy()
        return np.asarray(values / self.targets["value"].to_numpy())


@dataclass(frozen=True)
class TargetBlock(Block):
    """Some draws, and the targets to work out for them."""

    base: Scenario
    targets: pd.DataFrame

    @property
    def scenarios(self) -> Sequence[Scenario]:
        """The base."""
        return (self.base,)

    @property
    def asked(self) -> Any:
        """What each target is."""
        return self.targets[["id", "statistic", "area", "period"]].to_dict("list")

    def results(self) -> pd.DataFrame:
        """The targets at each draw."""
        names = [f"draw{k}" for k in range(len(self.numbers))]
        arms = [
            Arm(self.space.scenario(self.base, numbers, name), int(seed))
            for name, numbers, seed in zip(names, self.numbers, self.seeds, strict=True)
        ]
        detail = "country" if set(self.targets["area"]) <= {"England"} else "area"
        months = Monthly.of(run_arms(arms, detail=detail), self.base.scale, names)
        return simulated(months, self.targets).loc[names].reset_index()


def people_simulated(base: Scenario, draws: int) -> int:
    """Person-lives of some draws, for the report: simulated people times draws."""
    from sim.people import read_areas

    places = read_areas()
    kept = [places.code.index(code) for code in base.areas]
    return round(float(places.residents[kept].sum()) * base.scale * draws)
