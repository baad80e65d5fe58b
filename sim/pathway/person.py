"""What every step needs to say about a person: who they are, and that their state changes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sim.core.steps import Columns
from sim.core.world import World
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
    "state": (np.uint8, 0),
    "logged": (np.bool_, 0),
    "helped": (np.uint8, 0),
}

_BENEFITS: Final = len(Benefit)
_PAIRS: Final = len(Labour) * _BENEFITS
"""A pair of labour-market state and benefit is one number, ``labour * benefits + benefit``."""

PLACES_OF: Final = {
    "wca": (Benefit.UC_FIT_NOTE, Benefit.LCW, Benefit.LCWRA),
    "conditionality": (Benefit.UC_SEARCH,),
}
"""Services whose people are on one of these benefits; whoever comes off them leaves the service."""

_LABOUR, _BENEFIT, _WORK, _NONE, _IMPOSSIBLE, _LEAVES = (
    np.array(1 << bit, np.uint8) for bit in range(6)
)
"""What a change of pair can be, in bits: the last ones are for the services that people leave by it.

Those from ``_NONE`` on are rare, and looked for by the highest of all changes.
"""


_FIRST_RARE, _FIRST_LEAVING = int(_NONE), int(_LEAVES)
_LEAVES_SERVICE: Final = [
    (service, np.array(int(_LEAVES) << number, np.uint8))
    for number, service in enumerate(PLACES_OF)
]
"""Each service with the bit for who leaves it."""


def _changes() -> NDArray[np.uint8]:
    """What a change from a state to another of the same condition is, in bits.

    Going off sick and back is a change of labour-market state, but not of work.
    """
    pairs = np.arange(_PAIRS)
    labour, benefit = np.divmod(pairs, _BENEFITS)
    other = labour[:, None] != labour
    work = other & ((labour[:, None] > Labour.OFF_SICK) | (labour > Labour.OFF_SICK))
    changes = other * _LABOUR + (benefit[:, None] != benefit) * _BENEFIT + work * _WORK
    changes += (pairs[:, None] == pairs) * _NONE
    changes += ((pairs[:, None] != pairs) & ~POSSIBLE_PAIRS.ravel()) * _IMPOSSIBLE
    for service, leaves in _LEAVES_SERVICE:
        inside = np.isin(benefit, PLACES_OF[service])
        changes += (inside[:, None] & ~inside) * leaves
    return np.tile(changes.astype(np.uint8), (len(Condition), len(Condition)))


# By state within an area, from and to: what the change is.
_CHANGES: Final = _changes()
# By state: its labour-market state and benefit, and the state with another one of either.
_STATES: Final = np.arange(len(Condition) * _PAIRS)
_LABOUR_OF, _BENEFIT_OF = np.divmod(
    _STATES.astype(np.uint8) % np.uint8(_PAIRS), np.uint8(_BENEFITS)
)
_WITH_LABOUR, _WITH_BENEFIT = (
    _STATES + (np.arange(others)[:, None] - own) * places
    for others, own, places in (
        (len(Labour), _LABOUR_OF, _BENEFITS),
        (_BENEFITS, _BENEFIT_OF, 1),
    )
)


def state_of(condition: Any, labour: Any, benefit: Any) -> Any:
    """The number of a state within an area, as the recorder counts it; arguments broadcast."""
    return (condition * np.int64(len(Labour)) + labour) * _BENEFITS + benefit


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
    left = p["state"][ids]
    old = new = left.astype(np.int64)  # words, by which numpy looks up at once
    if labour is not None:
        new = _with(_WITH_LABOUR, labour, new)
    if benefit is not None:
        new = _with(_WITH_BENEFIT, benefit, new)
    change = _CHANGES[old, new]
    highest = int(change[change.argmax()])  # sooner than the maximum
    if highest >= _FIRST_RARE:
        moved = (change != _NONE).nonzero()[0]
        if not len(moved):
            return
        ids, left, new, change = ids[moved], left[moved], new[moved], change[moved]
        if np.count_nonzero(change & _IMPOSSIBLE):
            raise AssertionError(_impossible(new, w.day))
    entered = new.astype(np.uint8)
    p["state"][ids] = entered
    w.recorder.move(w, ids, left, entered)
    # Whoever has moved by one of them alone has changed it.
    if labour is not None:
        who = ids if benefit is None else _those(ids, change & _LABOUR)
        p["labour"][ids] = _LABOUR_OF[new]
        p["labour_since"][who] = w.day
        w.touch(_those(ids, change & _WORK), "work")
    if benefit is not None:
        who = ids if labour is None else _those(ids, change & _BENEFIT)
        p["benefit"][ids] = _BENEFIT_OF[new]
        p["benefit_since"][who] = w.day
        w.touch(who, "benefit")
        if highest >= _FIRST_LEAVING:
            for service, leaves in _LEAVES_SERVICE:
                leavers = _those(ids, change & leaves)
                if len(leavers):
                    w.services[service].leave(w, leavers)


def _with(table: I64, other: NDArray[Any] | int, state: I64) -> I64:
    """The states that people come to with another labour-market state or benefit."""
    changed: I64 = table[other][state] if isinstance(other, int) else table[other, state]
    return changed


def _those(ids: I64, marks: NDArray[np.uint8]) -> I64:
    """The people who are marked; most often everybody."""
    marked = marks.nonzero()[0]
    return ids if len(marked) == len(ids) else ids[marked]


def change_health(
    w: World, ids: I64, condition: NDArray[np.uint8], limiting: NDArray[np.uint8]
) -> None:
    """People gain or lose a main condition, or its limit on their work."""
    p = w.people
    old = p["state"][ids]
    new = state_of(condition, p["labour"][ids], p["benefit"][ids]).astype(np.uint8)
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


def multiply(rate: F64, who: NDArray[Any], ratio: F64) -> None:
    """Multiply the rates of those that ``who`` marks, in place, by each one's ratio or by one for all."""
    on = who.nonzero()[0]
    if len(on):
        rate[on] *= ratio[on] if ratio.ndim else ratio


def step_value(w: World, name: str, ids: I64, days: NDArray[Any], edges: I64, *, peak: bool) -> F64:
    """A parameter that changes with time in a state: today's band or, for ``peak``, the most from now on."""
    band = edges.searchsorted(days, side="right")
    value: F64 = (w.most_ahead if peak else w.value)(name, ids, band)
    return value


def _impossible(state: NDArray[np.uint8], day: int) -> str:
    pair = state % _PAIRS
    labour, benefit = divmod(int(pair[~POSSIBLE_PAIRS.ravel()[pair]][0]), _BENEFITS)
    name = f"{Labour(labour).name.lower()} with {Benefit(benefit).name.lower()}"
    return f"a person would be {name} on day {day}, which is not a possible pair"
