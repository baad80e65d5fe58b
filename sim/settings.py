"""Parameters in force: what each is worth today, for whom, in each arm.

A parameter has a base value (dated where it changes) and the changes that reforms make to it. Changes are
dated, ramped by monthly steps, aimed at people and areas, and joined in the order in which the scenario
lists its reforms. Between the days on which something changes every value is constant.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from sim.core.dates import date_of, day_of
from sim.core.steps import Crowd
from sim.core.world import World
from sim.scenario import Change, Parameter, Scenario
from sim.states import LABELS

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]
T = TypeVar("T")

CELL_DIMENSIONS = ("condition", "sex", "age_band", "limiting")
CELL_SIZES = tuple(len(LABELS[d]) for d in CELL_DIMENSIONS)
CELLS_PER_AREA = int(np.prod(CELL_SIZES))


def cell_of(
    area: NDArray[Any],
    condition: NDArray[Any],
    sex: NDArray[Any],
    age_band: NDArray[Any],
    limiting: NDArray[Any],
) -> NDArray[np.uint16]:
    """Number of the (area, condition, sex, age band, limiting) cell of each person."""
    cell = area.astype(np.int64)
    for digit, size in zip((condition, sex, age_band, limiting), CELL_SIZES, strict=True):
        cell = cell * size + digit
    return cell.astype(np.uint16)


@dataclass
class Timeline:
    """One parameter in one scenario: its value on any day."""

    parameter: Parameter
    changes: list[Change]
    areas: Sequence[str]

    def days(self) -> set[int]:
        """Days on which the value may change."""
        days = {day_of(date) for date, _ in self.parameter.dated() if date}
        for change in self.changes:
            start = day_of(change.from_)
            days.update(_month_steps(change.from_, max(change.ramp_months, 1)))
            days.add(start)
            if change.until:
                days.add(day_of(change.until))
        return days

    def by_cell(self) -> bool:
        """Whether any change is aimed at some people or areas and not others."""
        return any(change.who or self._aimed_at_areas(change) for change in self.changes)

    def at(self, day: int) -> F64:
        """Value on a day, shape by the parameter's dimensions, with cells in front if ``by_cell``."""
        value = self._base(day)
        if self.by_cell():
            cells = len(self.areas) * CELLS_PER_AREA
            value = np.broadcast_to(value, (cells, *value.shape)).copy()
        for change in self.changes:
            if day_of(change.from_) <= day and (change.until is None or day < day_of(change.until)):
                value = self._joined(value, change, day)
        return value

    def _base(self, day: int) -> F64:
        current = self.parameter.dated()[0][1]
        for date, value in self.parameter.dated():
            if date is None or day_of(date) <= day:
                current = value
        return np.array(current, float)

    def _joined(self, value: F64, change: Change, day: int) -> F64:
        wanted = change.array(self.parameter)
        share = _ramp_share(change, day)
        if change.join == "multiply":
            target = value * (1 + share * (wanted - 1))
        elif change.join == "cap":
            target = value + share * (np.minimum(value, wanted) - value)
        else:
            target = value + share * (wanted - value)
        target = np.where(np.isnan(wanted), value, target)
        if self.by_cell():
            mask = self._cells(change).reshape(-1, *([1] * (value.ndim - 1)))
            return np.where(mask, target, value)
        if change.where and "area" in self.parameter.by:
            axis = self.parameter.by.index("area")
            mask = np.isin(self.parameter.labels[axis], change.where)
            shape = [1] * value.ndim
            shape[axis] = len(mask)
            return np.where(mask.reshape(shape), target, value)
        return target

    def _aimed_at_areas(self, change: Change) -> bool:
        return bool(change.where) and "area" not in self.parameter.by

    def _cells(self, change: Change) -> NDArray[np.bool_]:
        mask = np.ones((len(self.areas), *CELL_SIZES), bool)
        if change.where:
            mask &= np.isin(list(self.areas), change.where).reshape(-1, 1, 1, 1, 1)
        for axis, dimension in enumerate(CELL_DIMENSIONS, start=1):
            if dimension in change.who:
                shape = [1] * mask.ndim
                shape[axis] = -1
                mask &= np.isin(LABELS[dimension], change.who[dimension]).reshape(shape)
        return mask.ravel()


@dataclass
class _Entry:
    """A parameter at its value of today, and what is often made of it, made once."""

    array: F64
    by_arm: bool
    by_cell: bool
    same: bool
    """Whether the value is the same for everybody, but for the parameter's own dimensions."""

    @cached_property
    def running(self) -> F64:
        """Running sums over the last dimension."""
        return self.array.cumsum(axis=-1)

    @cached_property
    def most_ahead(self) -> F64:
        """The most from each entry of the last dimension on."""
        most: F64 = np.maximum.accumulate(self.array[..., ::-1], axis=-1)[..., ::-1]
        return most

    @cached_property
    def whole(self) -> I64:
        """Whole numbers, cut off."""
        return self.array.astype(np.int64)


class ParameterSettings:
    """The parameters of every arm, kept at their values of today.

    Parameters
    ----------
    scenarios : sequence of Scenario
        One an arm; arms of the same scenario may share the object.
    areas : sequence of str
        Codes of all areas, in the order of area numbers.
    day : int
        The day whose values are wanted first.
    """

    def __init__(self, scenarios: Sequence[Scenario], areas: Sequence[str], day: int) -> None:
        self.scenarios = list(scenarios)
        self.areas = areas
        self.cells = len(areas) * CELLS_PER_AREA
        lines: dict[int, dict[str, Timeline]] = {}
        for scenario in self.scenarios:
            if id(scenario) not in lines:
                lines[id(scenario)] = timelines(scenario, areas)
        self._lines = [lines[id(s)] for s in self.scenarios]
        self._change_days = {
            name: sorted({d for line in lines.values() for d in line[name].days()})
            for name in self._lines[0]
        }
        self.aimed = {
            name for name in self._lines[0] if any(line[name].by_cell() for line in self._lines)
        }
        self.change_days = {d for days in self._change_days.values() for d in days}
        self.entries: dict[str, _Entry] = {}
        self._kept: dict[Callable[[World], Any], Any] = {}
        for name in self._lines[0]:
            self._set(name, day)

    def value(self, w: Crowd, name: str, ids: I64, *index: Any) -> Any:
        """The value for each person, or one number where it is the same for everybody."""
        entry = self.entries[name]
        if entry.same:
            return entry.array[index] if index else entry.array
        return entry.array[self._of_people(w, entry, ids, index)]

    def running(self, w: World, name: str, ids: I64, *index: Any) -> Any:
        """Running sums of shares over their last dimension, looked up like a value."""
        entry = self.entries[name]
        return entry.running[index if entry.same else self._of_people(w, entry, ids, index)]

    def most_ahead(self, w: World, name: str, ids: I64, *index: Any) -> Any:
        """The most of a value from an entry of its last dimension on, looked up like a value."""
        entry = self.entries[name]
        return entry.most_ahead[index if entry.same else self._of_people(w, entry, ids, index)]

    def whole(self, w: World, name: str, ids: I64) -> Any:
        """A value as a whole number, of days or of people, looked up like a value."""
        entry = self.entries[name]
        return entry.whole if entry.same else entry.whole[self._of_people(w, entry, ids, ())]

    @staticmethod
    def _of_people(w: Crowd, entry: _Entry, ids: I64, index: tuple[Any, ...]) -> tuple[Any, ...]:
        """Where the values of people stand."""
        arm: tuple[Any, ...] = (ids // w.people_per_arm,) if entry.by_arm else ()
        cell: tuple[Any, ...] = (w.people["cell"][ids],) if entry.by_cell else ()
        return (*arm, *cell, *index)

    def kept(self, w: World, make: Callable[[World], T]) -> T:
        """What a function makes of the parameters of whole arms, made anew only when some value changes."""
        if make not in self._kept:
            self._kept[make] = make(w)
        made: T = self._kept[make]
        return made

    def named(self, arm: int) -> str:
        """The scenario of an arm."""
        return self.scenarios[arm].name

    def by_arm(self, w: World, name: str) -> F64:
        """The whole value in every arm, shape (arms, ...); for parameters that are not aimed at people."""
        entry = self.entries[name]
        if entry.by_cell:
            raise ValueError(f"{name} cannot be aimed at some people: it belongs to a place")
        if entry.by_arm:
            return entry.array
        return np.broadcast_to(entry.array, (w.arms, *entry.array.shape))

    def changes_on(self, name: str, day: int) -> bool:
        """Whether the value of a parameter may change on a day, in any arm."""
        return day in self._change_days[name]

    def turn_to(self, day: int) -> set[str]:
        """Bring every value to a day; returns the names of those that may have changed."""
        changed = {name for name, days in self._change_days.items() if day in days}
        self._kept.clear()
        for name in changed:
            self._set(name, day)
        return changed

    def _set(self, name: str, day: int) -> None:
        lines = [line[name] for line in self._lines]
        by_cell = any(line.by_cell() for line in lines)
        known: dict[int, F64] = {}
        for line in lines:
            if id(line) not in known:
                value = line.at(day)
                if by_cell and not line.by_cell():
                    value = np.broadcast_to(value, (self.cells, *value.shape))
                known[id(line)] = value
        values = [known[id(line)] for line in lines]
        same = all(np.array_equal(v, values[0], equal_nan=True) for v in values[1:])
        array = values[0] if same else np.stack(values)
        array.flags.writeable = False
        self.entries[name] = _Entry(array, not same, by_cell, same and not by_cell)


def timelines(scenario: Scenario, areas: Sequence[str]) -> dict[str, Timeline]:
    """The timeline of every number that a scenario sets; hazard tables do not change over time."""
    changes: dict[str, list[Change]] = {}
    for change in scenario.changes:
        changes.setdefault(change.what, []).append(change)
    return {
        name: Timeline(parameter, changes.get(name, []), areas)
        for name, parameter in scenario.parameters.items()
        if not parameter.is_hazard_table
    }


def first_difference(one: Scenario, other: Scenario, areas: Sequence[str], end: int) -> int:
    """First day on which two scenarios have different values; ``end`` if there is none before it."""
    mine, theirs = timelines(one, areas), timelines(other, areas)
    first = end
    for name, line in mine.items():
        twin = theirs[name]
        if line.parameter == twin.parameter and line.changes == twin.changes:
            continue
        start = day_of(one.start) - 1
        for day in sorted({start, *line.days(), *twin.days()}):
            if start <= day < first and not _same(line.at(day), twin.at(day)):
                first = day
    for name, parameter in one.parameters.items():
        if parameter.is_hazard_table and parameter != other.parameters[name]:
            return day_of(one.start) - 1
    return first


def _same(a: F64, b: F64) -> bool:
    """Equal values, where one may have cells in front and the other not."""
    one, other = np.broadcast_arrays(a, b)
    return a.size > 0 and np.array_equal(one, other)


def _month_steps(start: Any, months: int) -> list[int]:
    first = start.year * 12 + start.month - 1
    days = []
    for k in range(months):
        year, month = divmod(first + k, 12)
        days.append(
            day_of(start) if k == 0 else day_of(start.replace(year=year, month=month + 1, day=1))
        )
    return days


def _ramp_share(change: Change, day: int) -> float:
    """Linear by monthly steps: one part on the first day, everything in the last month of the ramp."""
    if change.ramp_months <= 1:
        return 1.0
    today = date_of(day)
    months = (today.year - change.from_.year) * 12 + today.month - change.from_.month
    return min(1.0, (months + 1) / change.ramp_months)
