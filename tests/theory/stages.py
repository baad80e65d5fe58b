"""Spells one after the other on one clock: their sum has the convolution of their laws, as each draws its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sim.core.clocks import HazardTable, cumulative_hazard
from sim.core.engine import conduct
from sim.core.spells import SpellClock
from sim.core.steps import Step
from sim.core.world import World
from tests.core.toy import FIRST_DAY
from tests.theory.battery import shares_p
from tests.theory.worlds import BARE, world

I64 = NDArray[np.int64]
Spec = Mapping[str, Any]

STAGES: Final[tuple[Spec, ...]] = (
    {"distribution": "expon", "scale": 6.0},
    {"distribution": "weibull_min", "c": 1.8, "scale": 14.0},
    {"survival": {0: 1.0, 4: 0.5, 20: 0.1, 30: 0.0}},
)
PEOPLE: Final = 40_000
DAYS: Final = 160


@cache
def lengths(seed: int) -> I64:
    """Days until the last stage was over, of everybody; zero of those whose stages go on."""

    def act(w: World) -> None:
        p, clock = w.people, w.spells["stage"]
        over = w.due_today("stage")
        w.cancel("stage", over)
        p["stage"][over] += 1
        done = p["stage"][over] == len(STAGES)
        p["length"][over[done]] = w.day - FIRST_DAY
        on = over[~done]
        clock.start(w, on, p["stage"][on], 1.0)

    step = Step(
        "stages",
        "Spells follow each other.",
        act,
        columns={
            **BARE,
            "stage": (np.uint8, 0),
            "length": (np.int16, 0),
        },
        spells=("stage",),
    )
    w = world(step, people=PEOPLE, days=DAYS, seed=seed)
    w.spells = {"stage": SpellClock("stage", HazardTable.from_specs(STAGES))}
    w.spells["stage"].start(w, np.arange(PEOPLE), w.people["stage"], 1.0)
    conduct(w, w.last_day)
    return w.people["length"].astype(np.int64)


def of_stages(seed: int, told: Sequence[Spec] = STAGES) -> dict[str, float]:
    """How long all stages took together, against the convolution of their laws."""
    law = np.ones(1)
    for spec in told:
        ended = -np.expm1(-cumulative_hazard(spec, DAYS))
        law = np.convolve(law, np.diff(ended, prepend=0.0))[: DAYS + 1]
    counts = np.bincount(lengths(seed), minlength=DAYS + 1)
    # Those still under way count as the last class.
    return {"length": shares_p([*counts[1:], counts[0]], [*law[1:], 1 - law[1:].sum()])}


LONGER: Final[tuple[Spec, ...]] = ({"distribution": "expon", "scale": 6.6}, *STAGES[1:])
"""Stages whose first is a tenth too long."""
