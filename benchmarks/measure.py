"""What every measurement needs: processor time, a score of the processor, memory, and starts."""

from __future__ import annotations

import datetime as dt
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from sim.arms import Arm
from sim.core.dates import day_of
from sim.core.engine import conduct
from sim.core.world import World
from sim.scenario import Scenario, load_scenario
from sim.scenario.models import Change
from sim.warm import started_world

YEAR = 365.25
AREA_GROUP = ("E54000057", "E54000041", "E54000062")
"""Greater Manchester, Dorset and the Black Country."""


def cpu_seconds(act: Callable[[], object]) -> float:
    """Processor time that ``act`` takes in this process."""
    began = time.process_time()
    act()
    return time.process_time() - began


def cpu_score() -> float:
    """Seconds for a fixed piece of numpy and plain Python work: the yardstick of this computer now."""
    return min(cpu_seconds(_fixed_work) for _ in range(3))


def _fixed_work() -> None:
    small, ids = np.arange(30.0), np.arange(30)
    large = np.linspace(1.0, 2.0, 400_000)
    order = (np.arange(400_000) * 77_777) % 400_000
    total = 0
    for k in range(20_000):
        total += len((small * 2.0 < small[ids]).nonzero()[0]) + k % 7
    for _ in range(10):
        np.log(large[order])


def peak_megabytes() -> float:
    """The most memory that this process, or one that it waited for, has held."""
    most = max(
        resource.getrusage(who).ru_maxrss
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    # Linux counts in kilobytes, macOS in bytes.
    return most / (2**20 if sys.platform == "darwin" else 2**10)


@dataclass(frozen=True)
class Timed:
    """A stretch of simulation: how many people, for how long, in how much processor time."""

    people: int
    days: int
    seconds: float

    @property
    def per_person_year(self) -> float:
        """Microseconds of processor time a person and year."""
        return self.seconds / self.people / (self.days / YEAR) * 1e6


def conducted(world: World, last_day: int) -> Timed:
    """Run a world to the evening of a day and time it."""
    days = last_day - world.day
    return Timed(len(world.keys), days, cpu_seconds(lambda: conduct(world, last_day)))


def baseline(scale: float, areas: tuple[str, ...] | None = None, years: int = 5) -> Scenario:
    """The baseline at a scale, of some areas."""
    changes = {"scale": scale, "years": years} | ({"areas": areas} if areas else {})
    return load_scenario("baseline").model_copy(update=changes)


def started(scenario: Scenario) -> World:
    """A world on the eve of its start, warmed up or from the cache of starts."""
    return started_world(Arm(scenario, 1), scenario.areas)


def last_day(scenario: Scenario) -> int:
    """The last day of results."""
    return day_of(scenario.end) - 1


def nudged(scenario: Scenario, number: int) -> Scenario:
    """A scenario a little unlike the others: job offers come more often by ``number`` per mille."""
    change = Change(
        what="job_search.hazard_ratio",
        value=1 + number / 1000,
        entries=(1 + number / 1000,),
        join="multiply",
        who={},
        where=(),
        from_=scenario.start + dt.timedelta(days=30),
        ramp_months=0,
        until=None,
        range=None,
        grade="assumption",
        source=(),
        reasoning="measurement",
        reform="measurement",
        origin="benchmarks",
    )
    return scenario.model_copy(update={"changes": (*scenario.changes, change)})
