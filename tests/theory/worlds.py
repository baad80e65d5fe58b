"""Small worlds of the real core, with no more than a test of theory needs."""

from __future__ import annotations

from typing import Final

import numpy as np

from sim.core.draws import person_keys
from sim.core.recorder import Layout, Recorder
from sim.core.steps import Columns, Step
from sim.core.world import World
from tests.core.toy import FIRST_DAY, Plan, PlanSettings

BARE: Final[Columns] = {"area": (np.uint16, 0), "state": (np.uint8, 0)}
"""Columns that every world has."""


def world(
    *steps: Step,
    people: int,
    days: int,
    seed: int,
    areas: int = 1,
    states: int = 1,
    plan: Plan | None = None,
) -> World:
    """A world of one arm on its first evening, before anything is due."""
    w = World(
        day=FIRST_DAY,
        last_day=FIRST_DAY + days,
        arms=1,
        people=people,
        areas=areas,
        steps=steps,
        settings=PlanSettings([plan or {}], FIRST_DAY + 1),
        recorder=Recorder.for_steps(Layout(areas, 1, states, 1, np.ones((states, 1), bool)), {}),
    )
    w.keys[:] = person_keys(seed, np.arange(people, dtype=np.uint64))
    return w


def begin(w: World, *aspects: str) -> World:
    """Look up the first candidates of everybody, who all feel these aspects."""
    w.touch(np.arange(len(w.keys)), *aspects)
    w.dusk()
    return w
