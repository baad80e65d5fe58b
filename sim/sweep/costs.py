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

_AREA: Final = "E54000036"
"""Cornwall and the Isles of Scilly."""
_FEW: Final = (1, 0.002)
_MANY: Final = (8, 0.03)
"""Arms side by side and their scale: one of a few people, and a block such as sweeps are made of."""


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
    places = read_areas()
    residents = float(places.residents[places.code.index(_AREA)].sum())
    few, many = (arms * scale * residents for arms, scale in (_FEW, _MANY))
    _seconds(_FEW, 1)  # what is loaded once is not to be counted
    of_few, of_many = ([_seconds(block, years) for years in (1, 2)] for block in (_FEW, _MANY))
    # What a second year adds is days; the rest of the first year is making the people.
    day = max(of_few[1] - of_few[0], 1e-3) / 365
    person_day = max(of_many[1] - of_many[0] - 365 * day, 0.0) / (365 * many)
    start = max(2 * of_few[0] - of_few[1], 0.0)
    person_start = max(2 * of_many[0] - of_many[1] - start, 0.0) / many
    person_bytes = max(_bytes(_MANY) - _bytes(_FEW), 0) / (many - few)
    return Speed(day, person_day, start, person_start, person_bytes)


def _seconds(block: tuple[int, float], years: int) -> float:
    """Processor time for some years of a block without a warm-up."""
    arms = _arms(block, years)
    began = time.process_time()
    run_arms(arms)
    return time.process_time() - began


def _bytes(block: tuple[int, float]) -> int:
    """The most memory that is held at once in a year of a block."""
    arms = _arms(block, 1)
    tracemalloc.start()
    try:
        run_arms(arms)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def _arms(block: tuple[int, float], years: int) -> list[Arm]:
    number, scale = block
    update = {"areas": (_AREA,), "scale": scale, "years": years, "warm_up_years": 0}
    scenario = load_scenario("baseline").model_copy(update=update)
    return [Arm(scenario, seed) for seed in range(1, number + 1)]
