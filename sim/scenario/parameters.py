"""Parameters: read from an entry of the library, and overridden by a scenario."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.scenario.areas import Areas
from sim.scenario.cursor import Cursor
from sim.scenario.errors import Problems, listed
from sim.scenario.evidence import check_evidence
from sim.scenario.hazards import Spec, is_spec, read_spec
from sim.scenario.models import DatedNumbers, Parameter, Setting
from sim.scenario.numbers import Interval, interval_text, read_numbers
from sim.scenario.schema import ParameterEntry
from sim.scenario.tables import Axis, Reading, by_date
from sim.scenario.validation import validated
from sim.scenario.yaml_source import display, read_yaml
from sim.states import LABELS

F64 = NDArray[np.float64]
Series = list[tuple[dt.date | None, F64]]
Numbers = float | tuple[float, ...]
FOLDER: Final = "parameters"
MOST_ENTRIES: Final = 100_000
_NAME: Final = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*")


def read_parameters(
    library: Path, areas: Areas | None, problems: Problems
) -> tuple[dict[str, Parameter | None], list[str]]:
    """Every parameter of a library by name, None for those with problems; and the files read."""
    paths = sorted((library / FOLDER).glob("*.yaml"))
    if not paths:
        problems.add(display(library / FOLDER), None, "", "no parameter files (*.yaml) here")
    parameters: dict[str, Parameter | None] = {}
    files = []
    for path in paths:
        document = read_yaml(path, problems)
        if document is None:
            continue
        files.append(document.file)
        for entry in Cursor.top(document, problems).each():
            _check_name(entry, path.stem)
            if entry.key in parameters:
                entry.report("this parameter stands in another file too", "one entry for each name")
            parameters[entry.key] = read_parameter(entry, areas)
    return parameters, files


def read_parameter(cursor: Cursor, areas: Areas | None) -> Parameter | None:
    """Read one entry of a parameter file; None, with the problems noted, if it cannot be used."""
    if not isinstance(cursor.value, dict):
        cursor.report("no mapping", "description, unit, value, range, grade and their like")
        return None
    check_evidence(cursor)
    entry = validated(cursor, ParameterEntry)
    axes = None if entry is None else _axes(cursor, entry, areas)
    if entry is None or axes is None:
        return None
    value = cursor.at("value")
    numbers: Series = []
    specs: tuple[Spec, ...] = ()
    if entry.kind == "hazard_table":
        specs = _specs(value, axes, entry.range)
    else:
        numbers = _numbers(value, axes, entry.range)
    if not numbers and not specs:
        return None
    parameter = Parameter(
        name=cursor.key,
        description=entry.description,
        unit=entry.unit,
        by=entry.by,
        labels=tuple(axis.labels for axis in axes),
        length=next(iter(numbers[0][1].shape[len(axes) :]), None) if numbers else None,
        numbers=_flat(numbers),
        specs=specs,
        scope=entry.scope,
        range=entry.range,
        uncertainty=entry.uncertainty,
        grade=entry.grade,
        source=entry.source,
        reasoning=entry.reasoning or "",
        origins={field.key: field.origin for field in cursor.each()},
        settings=(Setting(origin=value.origin, value=value.value),),
    )
    _check_uncertainty(cursor, parameter)
    return parameter


def override(parameter: Parameter, cursor: Cursor, areas: Areas | None) -> Parameter | None:
    """A parameter with other values; None, with the problems noted, if they cannot be used.

    Entries that are not named keep their value. Without dates an override holds throughout; a dated
    one holds from its day on, whatever changed later in the value below it.

    Parameters
    ----------
    parameter : Parameter
    cursor : Cursor
        The value: of the same shape as in a parameter file, whole or in part.
    areas : Areas or None
        For names of areas as labels.
    """
    axes = axes_of(parameter, areas)
    noted = cursor.problems.noted
    if parameter.is_hazard_table:
        reading = Reading(axes, lambda c: read_spec(c, parameter.range), _is_hazard_leaf)
        specs = reading.read(cursor)
        changed: dict[str, object] = {
            "specs": tuple(specs.get(place, old) for place, old in enumerate(parameter.specs))
        }
    else:
        overlays = [
            (date, laid_out(value, parameter, axes, parameter.range))
            for date, value in by_date(cursor)
        ]
        changed = {"numbers": _flat(_overlaid(parameter.dated(), overlays))}
    if cursor.problems.noted > noted:
        return None
    setting = Setting(origin=cursor.origin, value=cursor.value)
    return parameter.model_copy(update={**changed, "settings": (*parameter.settings, setting)})


def laid_out(
    cursor: Cursor, parameter: Parameter, axes: tuple[Axis, ...], allowed: Interval
) -> F64:
    """Values of a file laid out over a parameter, NaN where there is none; problems are noted."""

    def read_leaf(leaf: Cursor) -> Numbers | None:
        entry = read_numbers(leaf, allowed)
        if isinstance(entry, tuple) and len(entry) != parameter.length:
            wanted = "one number" if parameter.length is None else f"{parameter.length} numbers"
            leaf.report(f"a list of {len(entry)} numbers", wanted)
            return None
        return entry

    array = np.full(parameter.shape, np.nan)
    table = array.reshape(_size(axes), -1)
    for place, entry in Reading(axes, read_leaf).read(cursor).items():
        table[place] = entry
    return array


def axes_of(parameter: Parameter, areas: Areas | None) -> tuple[Axis, ...]:
    """The dimensions of a parameter; areas can be named as a user names them."""
    return tuple(
        areas.axis() if areas and (name, labels) == ("area", areas.codes) else Axis(name, labels)
        for name, labels in zip(parameter.by, parameter.labels, strict=True)
    )


def _check_name(entry: Cursor, module: str) -> None:
    if not _NAME.fullmatch(entry.key):
        entry.report("the name is not module.name", "small letters, digits and underscores")
    elif entry.key.partition(".")[0] != module:
        entry.report(
            f"a name of another file than {module}.yaml", f"names here begin with {module}."
        )


def _axes(cursor: Cursor, entry: ParameterEntry, areas: Areas | None) -> tuple[Axis, ...] | None:
    known = {name: Axis(name, labels) for name, labels in LABELS.items()}
    known |= {"area": areas.axis()} if areas else {}
    for name, labels in entry.labels.items():
        if name not in entry.by:
            cursor.at("labels", name).report(
                "labels of a dimension that is not used", "name it in by"
            )
        if len(set(labels)) < len(labels):
            cursor.at("labels", name).report("a label is repeated", "each label once")
        known[name] = Axis(name, labels)
    if len(set(entry.by)) < len(entry.by):
        cursor.at("by").report("a dimension is repeated", "each dimension once")
    for name in entry.by:
        # Where the areas cannot be read, that is the problem to report.
        if name not in known and name != "area":
            cursor.at("by").unknown("dimension", [*known, "area"], name)
    if not set(entry.by) <= known.keys():
        return None
    axes = tuple(known[name] for name in entry.by)
    if _size(axes) > MOST_ENTRIES:
        cursor.at("by").report(f"a table of {_size(axes)} entries", f"at most {MOST_ENTRIES}")
        return None
    return axes


def _size(axes: tuple[Axis, ...]) -> int:
    return math.prod(len(axis.labels) for axis in axes)


def _numbers(cursor: Cursor, axes: tuple[Axis, ...], allowed: Interval) -> Series:
    if is_spec(cursor.value):
        cursor.report("a hazard table without kind", "write kind: hazard_table above it")
        return []
    reading: Reading[Numbers] = Reading(axes, lambda leaf: read_numbers(leaf, allowed), whole=True)
    tables = [(date, reading.read(value)) for date, value in by_date(cursor)]
    size = _size(axes)
    if not tables or any(len(table) < size for _, table in tables):
        return []
    lengths = {np.shape(entry) for _, table in tables for entry in table.values()}
    if len(lengths) > 1:
        cursor.report("entries of different lengths", "all numbers, or lists of the same length")
        return []
    shape = (*(len(axis.labels) for axis in axes), *lengths.pop())
    return [
        (date, np.array([table[place] for place in range(size)], np.float64).reshape(shape))
        for date, table in tables
    ]


def _is_hazard_leaf(value: object) -> bool:
    return is_spec(value) or not isinstance(value, dict)


def _specs(cursor: Cursor, axes: tuple[Axis, ...], allowed: Interval) -> tuple[Spec, ...]:
    reading = Reading(axes, lambda leaf: read_spec(leaf, allowed), _is_hazard_leaf, whole=True)
    specs = reading.read(cursor)
    size = _size(axes)
    return tuple(specs[place] for place in range(size)) if len(specs) == size else ()


def _check_uncertainty(cursor: Cursor, parameter: Parameter) -> None:
    if parameter.uncertainty is None:
        return
    low, high = parameter.uncertainty.low, parameter.uncertainty.high
    place = cursor.at("uncertainty")
    if low > high:
        place.report(f"low {low:.12g} above high {high:.12g}", "low first")
    single = parameter.shape == () and len(parameter.numbers) == 1
    middle = parameter.numbers[0].entries[0] if single else 1.0
    if not low <= middle <= high:
        what = "the value" if single else "1 (it is a common multiplier)"
        place.report(f"{low:.12g} to {high:.12g} given", f"an interval around {what}")
    outside = [end for end in (low, high) if not parameter.range[0] <= end <= parameter.range[1]]
    if single and outside:
        place.report(f"{listed(map(str, outside))} given", interval_text(parameter.range))


def _overlaid(base: Series, overlays: Series) -> Series:
    """Each overlay laid over everything from its day on, earliest first."""
    series = {date or dt.date.min: array for date, array in base}
    for date, overlay in overlays:
        start = date or dt.date.min
        before = [day for day in series if day <= start]
        if before:
            series.setdefault(start, series[max(before)])
        elif date is not None:
            # The first value also holds before its day: from now on it says so.
            first = series[min(series)]
            series |= {dt.date.min: first, start: first}
        for day, array in series.items():
            if day >= start:
                series[day] = np.where(np.isnan(overlay), array, overlay)
    return [(None if day == dt.date.min else day, series[day]) for day in sorted(series)]


def _flat(series: Sequence[tuple[dt.date | None, F64]]) -> tuple[DatedNumbers, ...]:
    return tuple(
        DatedNumbers(start=date, entries=tuple(array.ravel().tolist())) for date, array in series
    )
