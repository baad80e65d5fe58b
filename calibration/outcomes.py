"""An outcome of scenarios at draws of the parameters, or its difference between two scenarios."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from calibration.experiment import BLOCK, Progress
from calibration.likelihood import F64, I64
from calibration.space import Space
from results.outcomes import yearly
from sim.arms import Arm
from sim.processes import as_finished
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
    """

    scenario: Scenario
    against: Scenario | None
    space: Space
    outcome: str
    year: int

    def simulate(self, x: F64, pool: I64, workers: int, progress: Progress) -> F64:
        """The outcome at each draw (standard normal coordinates), shape (draws,)."""
        numbers = self.space.numbers(x)
        block = max(1, BLOCK // (1 if self.against is None else 2))
        work = [
            (self, numbers[k : k + block], pool[k : k + block]) for k in range(0, len(x), block)
        ]
        found: dict[int, F64] = {}
        progress(0, len(x))
        with closing(as_finished(outcome_of, work, workers)) as finished:
            for k, values in finished:
                found[k] = values
                progress(min(len(found) * block, len(x)), len(x))
        return np.concatenate([found[k] for k in range(len(work))])


def outcome_of(work: tuple[Asked, F64, I64]) -> F64:
    """The outcome of some draws that are simulated side by side."""
    asked, numbers, pool = work
    sides = {"a": asked.scenario} | ({"b": asked.against} if asked.against else {})
    arms = [
        Arm(asked.space.scenario(scenario, row, f"{side}{k}"), FIRST_SEED + int(seed))
        for k, (row, seed) in enumerate(zip(numbers, pool, strict=True))
        for side, scenario in sides.items()
    ]
    values = yearly(run_arms(arms), asked.scenario.scale)
    mine = values[(values["outcome"] == asked.outcome) & (values["year"] == asked.year)]
    by_name: pd.Series = mine.set_index("scenario")["value"]
    gain = by_name[[f"a{k}" for k in range(len(numbers))]].to_numpy(float)
    if asked.against is not None:
        gain = gain - by_name[[f"b{k}" for k in range(len(numbers))]].to_numpy(float)
    return gain
