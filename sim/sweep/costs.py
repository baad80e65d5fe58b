"""How fast this computer simulates, and how much it holds: measured once for each version of the code."""

from __future__ import annotations

import json
import time
import tracemalloc
from dataclasses import asdict, dataclass
from typing import Final

from sim.arms import Arm
from sim.core.engine import conduct
from sim.core.world import World
from sim.model import ensemble
from sim.output import code_digest
from sim.scenario import load_scenario
from sim.sweep.store import write_whole
from sim.warm import cache_folder

_FEW: Final = 4
_MANY: Final = 16
"""Arms of England side by side, so that the line between the two is that of blocks such as sweeps are made of: what a
day costs at least is little for very few people, with whom hardly anything happens."""
_SCALE: Final = 0.0005
_DAYS: Final = 180
_DAYS_OF_MEMORY: Final = 40
"""More than a month, whose moves are held until it is counted."""


HELD: Final = 1.5
"""A process holds about so much more memory than is in use, since what is given back has gaps.

Measured in a block of twenty scenarios and two seeds of 20,000 people: 684 MB for 460 MB in use.
"""


@dataclass(frozen=True)
class Speed:
    """What simulation takes on one processor.

    Parameters
    ----------
    a_day, a_person_day : float
        Seconds for a day, whatever the number of people, and for each person and day on top.
    a_start, a_person_start : float
        Seconds to make the people of a block, and for each person on top.
    person_bytes, process_bytes : float
        Memory of a person in an arm, and of a worker that does nothing.
    month_bytes, disk_bytes : float
        In memory for the results of a month of one arm and place, and on disk for each table of them; as
        those of 40 arms of the whole country took.
    """

    a_day: float
    a_person_day: float
    a_start: float
    a_person_start: float
    person_bytes: float
    process_bytes: float = 200e6
    month_bytes: float = 60e3
    disk_bytes: float = 160.0


def measured_speed() -> Speed:
    """The speed of this computer: kept in the cache, measured in some seconds where it is not there."""
    path = cache_folder() / f"speed-{code_digest()[:16]}.json"
    try:
        return Speed(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        speed = _measure()
    write_whole(path, json.dumps(asdict(speed)).encode())
    return speed


def _measure() -> Speed:
    _made(1)  # what is loaded once is not to be counted
    few, many = _timed(_FEW), _timed(_MANY)
    more = many.people - few.people
    a_person_day = max(many.a_day - few.a_day, 0.0) / more
    a_person_start = max(many.start - few.start, 0.0) / more
    return Speed(
        a_day=max(few.a_day - a_person_day * few.people, 1e-5),
        a_person_day=a_person_day,
        a_start=max(few.start - a_person_start * few.people, 0.0),
        a_person_start=a_person_start,
        person_bytes=max(_bytes(_MANY) - _bytes(_FEW), 0) / more,
    )


@dataclass(frozen=True)
class _Timed:
    """People of a block, and the processor time to make them and to live a day."""

    people: int
    start: float
    a_day: float


def _timed(arms: int) -> _Timed:
    began = time.process_time()
    world = _made(arms)
    start = time.process_time() - began
    began = time.process_time()
    conduct(world, world.day + _DAYS)
    return _Timed(len(world.keys), start, (time.process_time() - began) / _DAYS)


def _bytes(arms: int) -> int:
    """The most memory that a block holds at once."""
    tracemalloc.start()
    try:
        world = _made(arms)
        conduct(world, world.day + _DAYS_OF_MEMORY)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def _made(arms: int) -> World:
    scenario = load_scenario("baseline").model_copy(update={"scale": _SCALE, "warm_up_years": 0})
    world = ensemble([Arm(scenario, seed) for seed in range(1, arms + 1)], scenario.areas)
    world.recorder.begin(world.day)
    return world
