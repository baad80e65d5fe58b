"""What every step needs to say about a person: who they are, and that their state changes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sim.core.world import Columns, World
from sim.settings import CELLS_PER_AREA
from sim.states import AGE_EDGES, POSSIBLE_PAIRS, Benefit, Condition, Labour

I64 = NDArray[np.int64]
F64 = NDArray[np.float64]

HAS_JOB: Final = (Labour.IN_WORK, Labour.OFF_SICK)
NO_JOB: Final = (Labour.SEARCHING, Labour.SICK_INACTIVE, Labour.OTHER_INACTIVE)
OF_WORKING_AGE: Final = (*HAS_JOB, *NO_JOB)

YEAR: Final = 365.25
"""Days in a year; turns rates per year into hazards per day."""

COLUMNS: Final[Columns] = {
    "area": (np.uint8, 0),
    "sex": (np.uint8, 0),
    "birth_day": (np.int16, 0),
    "age_band": (np.uint8, 0),
    "condition": (np.uint8, 0),
    "limiting": (np.uint8, 0),
    "cell": (np.uint16, 0),
    "labour": (np.uint8, Labour.OUTSIDE),
    "labour_since": (np.int16, 0),
    "benefit": (np.uint8, 0),
    "benefit_since": (np.int16, 0),
    "earnings_band": (np.uint8, 0),
    "state": (np.int32, 0),
    "logged": (np.bool_, 0),
}

_BENEFITS: Final = len(Benefit)
_PER_CONDITION: Final = len(Labour) * _BENEFITS
_PER_AREA: Final = len(Condition) * _PER_CONDITION


def state_of(place: Any, condition: Any, labour: Any, benefit: Any) -> Any:
    """The number of a state, as the recorder counts it; arguments broadcast."""
    return (
        place * _PER_AREA
        + (condition * np.int64(_PER_CONDITION))
        + labour * np.int64(_BENEFITS)
        + benefit
    )


def move(
    w: World,
    ids: I64,
    *,
    labour: NDArray[Any] | int | None = None,
    benefit: NDArray[Any] | int | None = None,
) -> None:
    """People change labour-market state, benefit, or both; those who stay as they are, are left alone."""
    if not len(ids):
        return
    p = w.people
    old_labour, old_benefit = p["labour"][ids], p["benefit"][ids]
    new_labour = old_labour if labour is None else _like(labour, ids)
    new_benefit = old_benefit if benefit is None else _like(benefit, ids)
    moved = (old_labour != new_labour) | (old_benefit != new_benefit)
    if not moved.all():
        ids, old_labour, old_benefit = ids[moved], old_labour[moved], old_benefit[moved]
        new_labour, new_benefit = new_labour[moved], new_benefit[moved]
    if not POSSIBLE_PAIRS[new_labour, new_benefit].all():
        raise AssertionError(_impossible(new_labour, new_benefit, w.day))
    old = p["state"][ids].astype(np.int64)
    change = (new_labour.astype(np.int64) - old_labour) * _BENEFITS + new_benefit - old_benefit
    p["state"][ids] = old + change
    p["labour"][ids], p["benefit"][ids] = new_labour, new_benefit
    p["labour_since"][ids[old_labour != new_labour]] = w.day
    p["benefit_since"][ids[old_benefit != new_benefit]] = w.day
    w.recorder.move(w, ids, old, old + change)
    changed = old_benefit != new_benefit
    _touch_moved(w, ids, old_labour, new_labour, changed)
    if changed.any():
        for service in w.services.values():
            service.benefit_changed(w, ids[changed], old_benefit[changed])


def _touch_moved(
    w: World, ids: I64, old: NDArray[np.uint8], new: NDArray[np.uint8], benefit: NDArray[np.bool_]
) -> None:
    """Tell whose work and whose benefit changed; going off sick and back is not a change of work."""
    w.touch(ids[benefit], "benefit")
    has_job = Labour.OFF_SICK
    w.touch(ids[(old != new) & ((old > has_job) | (new > has_job))], "work")


def change_health(
    w: World, ids: I64, condition: NDArray[np.uint8], limiting: NDArray[np.uint8]
) -> None:
    """People gain or lose a main condition, or its limit on their work."""
    p = w.people
    old = p["state"][ids].astype(np.int64)
    new = old + (condition.astype(np.int64) - p["condition"][ids]) * _PER_CONDITION
    p["state"][ids], p["condition"][ids], p["limiting"][ids] = new, condition, limiting
    moved = new != old
    w.recorder.move(w, ids[moved], old[moved], new[moved])
    set_cells(w, ids)
    w.touch(ids, "health")


def set_cells(w: World, ids: I64) -> None:
    """Work out anew which (area, condition, sex, age band, limiting) cell people are in."""
    p = w.people
    within = (
        (p["condition"][ids].astype(np.int64) * 2 + p["sex"][ids]) * 4 + p["age_band"][ids]
    ) * 2
    p["cell"][ids] = p["area"][ids] * np.int64(CELLS_PER_AREA) + within + p["limiting"][ids]


def age_band_on(birth_day: NDArray[np.integer], day: int) -> NDArray[np.uint8]:
    """Age band of people born on given days."""
    age = (day - birth_day.astype(np.int64)) / YEAR
    return np.searchsorted(AGE_EDGES, age, side="right").astype(np.uint8)


def in_states(
    labour: Iterable[int] = range(len(Labour)),
    benefit: Iterable[int] = range(len(Benefit)),
    condition: Iterable[int] = range(len(Condition)),
) -> NDArray[np.bool_]:
    """Mark states, shape (conditions, labour states, benefits), for the shocks that strike in them."""
    marked = np.zeros((len(Condition), len(Labour), len(Benefit)), bool)
    marked[np.ix_(tuple(condition), tuple(labour), tuple(benefit))] = True
    return marked


def only(w: World, ids: I64, who: NDArray[np.bool_], hazard: Any) -> F64:
    """A hazard per day for those of the people that ``who`` marks, zero for the rest."""
    rate = np.zeros(len(ids))
    on = np.flatnonzero(who)
    if len(on):
        rate[on] = hazard(ids[on])
    return rate


def step_value(
    w: World, name: str, ids: I64, days: NDArray[Any], edges: Any, *, peak: bool, lead: Any = ()
) -> F64:
    """A parameter that changes with time in a state: today's band or, for ``peak``, the most from now on."""
    band = np.searchsorted(edges, days, side="right")
    now: F64 = w.value(name, ids, *lead, band)
    if peak:
        for later in range(1, len(edges) + 1):
            now = np.maximum(now, np.where(later > band, w.value(name, ids, *lead, later), 0.0))
    return now


def _like(value: NDArray[Any] | int, ids: I64) -> NDArray[np.uint8]:
    if isinstance(value, np.ndarray):
        return value.astype(np.uint8, copy=False)
    return np.full(len(ids), value, np.uint8)


def _impossible(labour: NDArray[Any], benefit: NDArray[Any], day: int) -> str:
    at = np.flatnonzero(~POSSIBLE_PAIRS[labour, benefit])[0]
    pair = f"{Labour(int(labour[at])).name.lower()} with {Benefit(int(benefit[at])).name.lower()}"
    return f"a person would be {pair} on day {day}, which is not a possible pair"
