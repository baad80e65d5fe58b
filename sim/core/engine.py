"""SimPy conducts: each step of a day is a process that wakes on its days and moves the cohort that is due.

Processes hold no state: all that must survive lives in the columns of the world, so a world can be saved,
copied and branched on any evening and conducted on from there.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import simpy

from sim.core.dates import date_of, month_starts
from sim.core.steps import Step
from sim.core.world import World


def conduct(world: World, until: int) -> None:
    """Run a world from its day to the end of day ``until``."""
    moments = len(world.steps) + 2
    env = simpy.Environment(initial_time=(world.day + 1) * moments)
    env.process(_each_day(env, moments, 0, world.dawn))
    for order, step in enumerate(world.steps, start=1):
        env.process(_step(env, moments, order, step, world, until))
    env.process(_each_day(env, moments, moments - 1, lambda _day: world.dusk()))
    env.run(until=(until + 1) * moments)


def _each_day(
    env: simpy.Environment, moments: int, order: int, act: Any
) -> Generator[simpy.Event, None, None]:
    yield env.timeout(order)
    while True:
        act(int(env.now) // moments)
        yield env.timeout(moments)


def _step(
    env: simpy.Environment, moments: int, order: int, step: Step, world: World, until: int
) -> Generator[simpy.Event, None, None]:
    if step.monthly:
        for day in month_starts(world.day + 1, until + 1):
            # The last day of a month, at the step's moment.
            yield env.timeout((day - 1) * moments + order - env.now)
            step.act(world)
        return
    yield env.timeout(order)
    while True:
        step.act(world)
        yield env.timeout(moments)


def schedule(steps: tuple[Step, ...]) -> list[tuple[int, str, str, str]]:
    """The order of a day: number, name, when it wakes, what it does."""
    return [
        (k, step.name, "last day of the month" if step.monthly else "every day", step.does)
        for k, step in enumerate(steps, start=1)
    ]


def describe_day(day: int) -> str:
    """A day as a reader would write it."""
    return f"{date_of(day):%-d %B %Y}"
