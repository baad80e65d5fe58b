"""How fast this computer simulates, and how much it holds: measured once for each version of the code."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass
from typing import Final

from sim.arms import Arm
from sim.output import code_digest
from sim.people import read_areas
from sim.run import run_arms
from sim.scenario import load_scenario
from sim.sweep.store import write_whole
from sim.warm import cache_folder

_PROBE: Final = ("E54000036", 0.002, 0.2)
"""An area (Cornwall and the Isles of Scilly), and two scales that differ a hundredfold."""


@dataclass(frozen=True)
class Speed:
    """What simulation takes on one processor.

    Parameters
    ----------
    a_day, a_person_day : float
        Seconds for a day, whatever the number of people, and for each person and day on top.
    a_table_month : float
        Seconds to put a month of one arm and place into tables and keep them.
    process_bytes, person_bytes : float
        Memory of a worker that does nothing, and of a person in an arm.
    disk_bytes : float
        On disk for a month of one arm, place and table.
    """

    a_day: float
    a_person_day: float
    a_table_month: float = 1e-4
    process_bytes: float = 300e6
    person_bytes: float = 250.0
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
    _seconds(area, small)  # what is loaded once is not to be counted
    few, many = _seconds(area, small), _seconds(area, large)
    a_person_day = max(many - few, 0.0) / (365 * people * (large - small))
    return Speed(few / 365, a_person_day)


def _seconds(area: str, scale: float) -> float:
    """Processor time for a year of one area without a warm-up."""
    update = {"areas": (area,), "scale": scale, "years": 1, "warm_up_years": 0}
    scenario = load_scenario("baseline").model_copy(update=update)
    began = time.process_time()
    run_arms([Arm(scenario, 1)])
    return time.process_time() - began
