"""How fast this computer simulates, and how much it holds: measured once for each version of the code."""

from __future__ import annotations

import json
import time
import tracemalloc
from dataclasses import asdict, dataclass
from typing import Final

from sim.arms import Arm
from sim.output import code_digest
from sim.people import read_areas
from sim.run import run_arms
from sim.scenario import load_scenario
from sim.sweep.store import write_whole
from sim.warm import cache_folder

_PROBE: Final = ("E54000036", 0.002, 0.1)
"""An area (Cornwall and the Isles of Scilly), a few people, and many."""


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
    disk_bytes : float
        On disk for a month of one arm, place and table.
    """

    a_day: float
    a_person_day: float
    a_start: float
    a_person_start: float
    person_bytes: float
    process_bytes: float = 300e6
    disk_bytes: float = 600.0


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
    area, small, large = _PROBE
    places = read_areas()
    people = float(places.residents[places.code.index(area)].sum())
    _seconds(area, small, 1)  # what is loaded once is not to be counted
    few, many = ([_seconds(area, scale, years) for years in (1, 2)] for scale in (small, large))
    # What a second year adds is days; the rest of the first year is making the people.
    day = max(few[1] - few[0], 1e-3) / 365
    person_day = max(many[1] - many[0] - 365 * day, 0.0) / (365 * people * large)
    start = max(2 * few[0] - few[1], 0.0)
    person_start = max(2 * many[0] - many[1] - start, 0.0) / (people * large)
    person_bytes = (_bytes(area, large) - _bytes(area, small)) / (people * (large - small))
    return Speed(day, person_day, start, person_start, person_bytes)


def _seconds(area: str, scale: float, years: int) -> float:
    """Processor time for some years of one area without a warm-up."""
    arm = _arm(area, scale, years)
    began = time.process_time()
    run_arms([arm])
    return time.process_time() - began


def _bytes(area: str, scale: float) -> int:
    """The most memory that is held at once in a year of one area."""
    arm = _arm(area, scale, 1)
    tracemalloc.start()
    try:
        run_arms([arm])
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def _arm(area: str, scale: float, years: int) -> Arm:
    update = {"areas": (area,), "scale": scale, "years": years, "warm_up_years": 0}
    return Arm(load_scenario("baseline").model_copy(update=update), 1)
