"""An outcome of scenarios at draws of the parameters, or its difference between two scenarios."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from calibration.blocks import BLOCK, Block, Kept, Progress
from calibration.likelihood import F64, I64
from calibration.space import Space
from results.outcomes import yearly
from sim.arms import Arm
from sim.run import run_arms
from sim.scenario import Scenario

FIRST_SEED: Final = 40_001


@dataclass(frozen=True)
class Asked:
    """What is to be worked out.

    Parameters
    ----------
    scenario : Scenario
    against : Scenario or None
        The scenario that is taken off, on the same people with the same luck.
    space : Space
    outcome : str
        A name of :data:`results.outcomes.OUTCOMES`.
    year : int
        Year of results, from 1.
    kept : Kept
        Where what is run is kept, and what runs it.
    """

    scenario: Scenario
    against: Scenario | None
    space: Space
    outcome: str
    year: int
    kept: Kept

    def simulate(self, x: F64, pool: I64, progress: Progress | None = None) -> F64:
        """The outcome at each draw (standard normal coordinates), shape (draws,)."""
        sides = (self.scenario,) if self.against is None else (self.scenario, self.against)
        numbers, seeds = self.space.numbers(x), FIRST_SEED + pool
        size = BLOCK // len(sides)
        blocks = [
            OutcomeBlock(
                self.space,
                numbers[k : k + size],
                seeds[k : k + size],
                sides,
                self.outcome,
                self.year,
            )
            for k in range(0, len(x), size)
        ]
        return self.kept.results(blocks, progress)["value"].to_numpy(float)


@dataclass(frozen=True)
class OutcomeBlock(Block):
    """Some draws, and the outcome to work out for them; of two scenarios, the second is taken off."""

    sides: tuple[Scenario, ...]
    outcome: str
    year: int

    @property
    def scenarios(self) -> Sequence[Scenario]:
        """One, or two to be compared."""
        return self.sides

    @property
    def asked(self) -> Any:
        """Which outcome of which year."""
        return [self.outcome, self.year]

    def results(self) -> pd.DataFrame:
        """The outcome at each draw."""
        arms = [
            Arm(self.space.scenario(side, row, f"side{s}draw{k}"), int(seed))
            for k, (row, seed) in enumerate(zip(self.numbers, self.seeds, strict=True))
            for s, side in enumerate(self.sides)
        ]
        values = yearly(run_arms(arms), self.sides[0].scale)
        mine = values[(values["outcome"] == self.outcome) & (values["year"] == self.year)]
        by_name: pd.Series = mine.set_index("scenario")["value"]
        of_sides = [
            by_name[[f"side{s}draw{k}" for k in range(len(self.numbers))]].to_numpy(float)
            for s in range(len(self.sides))
        ]
        return pd.DataFrame({"value": of_sides[0] - np.sum(of_sides[1:], axis=0)})
