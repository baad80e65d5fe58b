"""Reforms: read from a file or a scenario, and laid out over the parameters they change."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from sim.scenario.areas import Areas
from sim.scenario.cursor import Cursor
from sim.scenario.errors import listed
from sim.scenario.evidence import as_list, as_text, check_evidence
from sim.scenario.models import Change, Parameter, Reform
from sim.scenario.numbers import ANY, POSITIVE
from sim.scenario.parameters import F64, axes_of, laid_out
from sim.scenario.schema import (
    WHO_DIMENSIONS,
    InlineChange,
    InlineReform,
    ReformChange,
    ReformFile,
)
from sim.scenario.tables import is_date, read_date
from sim.scenario.validation import validated
from sim.states import LABELS

_ASSUMED: Final = "Set inside the scenario as an assumption."


@dataclass(frozen=True)
class Horizon:
    """The days for which a scenario yields results: from ``start`` to the day before ``end``."""

    start: dt.date
    end: dt.date

    def __str__(self) -> str:
        return f"{self.start} to {self.end - dt.timedelta(days=1)}"


@dataclass(frozen=True)
class Context:
    """What the changes of a reform are checked against.

    Parameters
    ----------
    parameters : mapping
        By name; None for those that cannot be used.
    areas : Areas or None
        None if they cannot be used.
    horizon : Horizon or None
        None if no scenario is known (a reform is looked at by itself).
    """

    parameters: Mapping[str, Parameter | None]
    areas: Areas | None
    horizon: Horizon | None


def read_reform(
    cursor: Cursor, context: Context, inline: bool = False
) -> tuple[Reform | None, list[Change]]:
    """Read a reform and its changes; problems are noted.

    Parameters
    ----------
    cursor : Cursor
        Its mapping.
    context : Context
    inline : bool
        Whether it stands inside a scenario, where texts and grades may be left out.

    Returns
    -------
    (Reform or None, list of Change)
        Without what cannot be used.
    """
    file: InlineReform | ReformFile | None
    file = validated(cursor, InlineReform) if inline else validated(cursor, ReformFile)
    name = file.name if file else str(cursor.value.get("name"))
    changes = []
    if isinstance(cursor.value.get("changes"), list):
        model: type[InlineChange] = InlineChange if inline else ReformChange
        for item in cursor.at("changes").each():
            changes.append(_read_change(item, context, name, model))
    if file is None:
        return None, []
    reform = Reform(
        name=file.name,
        title=file.title or file.name,
        description=file.description or "",
        status=file.status,
        sources=file.sources,
        origin=cursor.origin,
        cost_gbp_m=file.cost_gbp_m if isinstance(file, ReformFile) else None,
    )
    return reform, [change for change in changes if change]


def _read_change(
    cursor: Cursor, context: Context, reform: str, model: type[InlineChange]
) -> Change | None:
    if not isinstance(cursor.value, dict):
        return None
    check_evidence(cursor)
    entry = validated(cursor, model)
    who = _who(cursor)
    where = _where(cursor, context)
    entries = _entries(cursor, context)
    _check_dates(cursor, context.horizon)
    if entry is None:
        return None
    return Change(
        what=entry.what,
        value=entry.value,
        entries=entries,
        join=entry.join,
        who=who,
        where=where,
        from_=entry.from_,
        ramp_months=entry.ramp_months,
        until=entry.until,
        range=entry.range,
        grade=entry.grade,
        source=entry.source,
        reasoning=entry.reasoning or ("" if "grade" in cursor.value else _ASSUMED),
        reform=reform,
        origin=cursor.origin,
    )


def _who(cursor: Cursor) -> dict[str, tuple[str, ...]]:
    """The filter on people, each label checked."""
    who: dict[str, tuple[str, ...]] = {}
    if not isinstance(cursor.value.get("who"), dict):
        return who
    for dimension in cursor.at("who").each():
        labels = LABELS.get(dimension.key, ())
        if dimension.key not in WHO_DIMENSIONS:
            dimension.unknown("filter", WHO_DIMENSIONS)
            continue
        chosen = [as_text(label) for label in as_list(dimension.value)]
        for label in chosen:
            if label not in labels:
                dimension.unknown(f"label of {dimension.key}", labels, str(label))
        if not chosen:
            dimension.report("an empty list", f"at least one {dimension.key}, or leave it out")
        who[dimension.key] = tuple(label for label in labels if label in chosen)
    return who


def _where(cursor: Cursor, context: Context) -> tuple[str, ...]:
    if context.areas is None or "where" not in cursor.value:
        return ()
    return context.areas.find(cursor.at("where"))


def _entries(cursor: Cursor, context: Context) -> tuple[float | None, ...]:
    """The value laid out over its parameter, as far as both are known."""
    what = cursor.value.get("what")
    if not isinstance(what, str) or "value" not in cursor.value:
        return ()
    if what not in context.parameters:
        cursor.at("what").unknown("parameter", context.parameters, what)
        return ()
    parameter = context.parameters[what]
    if parameter is None:
        return ()
    if parameter.is_hazard_table:
        cursor.at("what").report(
            f"{what} is a hazard table, which a reform cannot change",
            "change a ratio that multiplies it, or override the table under parameters",
        )
        return ()
    if parameter.scope == "start":
        cursor.at("what").report(
            f"{what} is read once at the start, so a reform cannot change it",
            "override it under parameters",
        )
        return ()
    if parameter.scope == "place":
        aimed = ["who"] + (["where"] if "area" not in parameter.by else [])
        for key in (k for k in aimed if k in cursor.value):
            cursor.at(key).report(
                f"{what} belongs to a place and cannot be aimed by {key}", f"no {key}"
            )
    value = cursor.at("value")
    if isinstance(value.value, dict) and any(map(is_date, value.value)):
        value.report("a value by date", "one change for each date, with from and until")
        return ()
    # What the number means is unknown where the way to join is none: its size is not judged then.
    intervals = {"multiply": POSITIVE, "replace": parameter.range, "cap": parameter.range}
    join = cursor.value.get("join", "replace")
    allowed = intervals.get(join, ANY) if isinstance(join, str) else ANY
    array = laid_out(value, parameter, axes_of(parameter, context.areas), allowed)
    _check_range(cursor, array)
    return tuple(None if np.isnan(entry) else entry for entry in array.ravel().tolist())


def _check_range(cursor: Cursor, array: F64) -> None:
    """The uncertainty range of a change holds its value."""
    ends = cursor.value.get("range")
    try:
        low, high = (float(end) for end in ends)
    except (TypeError, ValueError):
        return
    outside = array[(array < low) | (array > high)]
    if len(outside):
        cursor.at("range").report(
            f"[{low:.12g}, {high:.12g}] given",
            f"an interval that holds the value {listed(map(repr, outside.tolist()))}",
        )


def _check_dates(cursor: Cursor, horizon: Horizon | None) -> None:
    """A change begins before it ends, and is in force on some day of the results."""
    first, after = (read_date(str(cursor.value.get(key))) for key in ("from", "until"))
    if first and after and after <= first:
        cursor.at("until").report(f"{after} given", f"a date after {first} (from)")
    elif horizon and first and first >= horizon.end:
        cursor.at("from").report(f"{first} given", f"before the scenario ends ({horizon})")
    elif horizon and after and after <= horizon.start:
        cursor.at("until").report(f"{after} given", f"after the scenario starts ({horizon})")
