"""The tables of a run: what stands in them, and how they are checked."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.explained import ExplainedError
from sim.states import LABELS

_MEASURES: Final = ("started", "waited_days", "waiting", "in_support", "places", "sanctioned")
_MONTH: Final = re.compile(r"\d{4}-(0[1-9]|1[0-2])")


class RunFolderError(ExplainedError):
    """A run's tables or its folder are not as they must be; the message says what to do."""


@dataclass(frozen=True)
class Column:
    """A column of a table: ``labels`` lists the values allowed, all when empty."""

    name: str
    dtype: str
    unit: str
    description: str
    labels: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """A table of a run: ``keys`` tell its rows apart, ``measures`` are counted (a log has none)."""

    name: str
    description: str
    keys: tuple[Column, ...]
    measures: tuple[Column, ...] = ()

    @property
    def columns(self) -> tuple[Column, ...]:
        """All columns in the order they are written."""
        return (*self.keys, *self.measures)


def _label(name: str, description: str, labels: Sequence[str] = (), unit: str = "label") -> Column:
    return Column(name, "category", unit, description, tuple(labels))


def _count(name: str, description: str, unit: str) -> Column:
    return Column(name, "int64", unit, description)


def _states(suffix: str = "", moment: str = "") -> tuple[Column, ...]:
    words = {"condition": "Main condition", "labour": "Labour-market state", "benefit": "Benefit"}
    return tuple(_label(n + suffix, f"{w}{moment}.", LABELS[n]) for n, w in words.items())


_SCENARIO = _label("scenario", "Name of the scenario.")
_SEED = _count("seed", "Seed of the replication; equal seeds share people and luck.", "number")
_TIME = (_SCENARIO, _SEED, _label("month", "The month that ended.", unit="YYYY-MM"))
_AREA = _label("area", "Integrated care board or Wales; or a country.", unit="code")
_EVENT = _label("event", "What happened; see the list of events.")
_DETAIL = _label("detail", "Which kind of the event.")
_SERVICE = _label(
    "service", "What people wait for, such as `workwell` or `wca`; or `conditionality`."
)
_MEASURE = _label("measure", "`started`, `waited_days`: in the month; others: its end.", _MEASURES)
_BASE = _label("base", "Name of the scenario that another is compared with.")
_GROUPS = (
    _label("age_band", "Age on the last evening.", LABELS["age_band"]),
    _label("sex", "Sex.", LABELS["sex"]),
    _label(
        "earnings_band",
        "Fifth of earnings; without a job, of what the person could earn.",
        LABELS["earnings_band"],
    ),
    _label("condition", "Main condition in the base.", LABELS["condition"]),
)
_DAY = Column("day", "datetime64[ms]", "date", "The day of the event.")
_ORDER = _count("order", "Order of a person's events of a day.", "number")
_PERSON = Column("person", "uint64", "number", "The person; has one number in all scenarios.")
_STOCKS = (
    _count("people", "People in the state at the end of the month.", "people simulated"),
    _count("person_days", "Days that people spent in the state in the month.", "days"),
)
_SPELL = (
    _label("kind", "What the spell was, such as a sickness absence."),
    _label("length_band", "Band of the completed length."),
    _label("outcome", "How the spell ended."),
)

_ALL: Final = (
    Table(
        "stocks",
        "People in each state at the end of each month.",
        (*_TIME, _AREA, *_states()),
        _STOCKS,
    ),
    Table(
        "flows",
        "Moves from state to state in each month.",
        (*_TIME, _AREA, *_states("_from", " before the move"), *_states("_to", " after the move")),
        (_count("people", "Moves in the month.", "moves"),),
    ),
    Table(
        "events",
        "Events in each month; a month without an event has no row for it.",
        (*_TIME, _AREA, _EVENT, _DETAIL),
        (_count("count", "Events in the month.", "events"),),
    ),
    Table(
        "waits",
        "Queues and places of each service in each month.",
        (*_TIME, _SERVICE, _AREA, _MEASURE),
        (Column("value", "float64", "people simulated, or days", "Value of the measure."),),
    ),
    Table(
        "spells",
        "Spells that ended in each month.",
        (*_TIME, *_SPELL),
        (_count("count", "Spells.", "spells"), _count("days", "Sum of their lengths.", "days")),
    ),
    Table(
        "same_people",
        "The same people on the last evening in two scenarios, by what they are; of all areas, working ages. "
        "In runs of several scenarios; each is compared with those after it.",
        (
            _BASE,
            _SCENARIO,
            _SEED,
            *_GROUPS,
            *(c for c in _states("_base", " in the base") if c.name != "condition_base"),
            *(c for c in _states() if c.name != "condition"),
        ),
        (_count("people", "People.", "people simulated"),),
    ),
    Table(
        "log",
        "Every event of a sample of people, in order; kept when it is asked for.",
        (_SCENARIO, _SEED, _DAY, _ORDER, _PERSON, _AREA, _EVENT, _DETAIL),
    ),
)
TABLES: Final = {table.name: table for table in _ALL}
"""The tables of a run by name."""


@dataclass(frozen=True)
class RunTables:
    """The tables of some scenarios and seeds; numbers are people simulated, not grossed up."""

    stocks: pd.DataFrame
    flows: pd.DataFrame
    events: pd.DataFrame
    waits: pd.DataFrame
    spells: pd.DataFrame
    same_people: pd.DataFrame | None = None
    log: pd.DataFrame | None = None

    def items(self) -> Iterator[tuple[Table, pd.DataFrame]]:
        """Each table's description with its rows; what was not kept is left out."""
        for name, table in TABLES.items():
            if getattr(self, name) is not None:
                yield table, getattr(self, name)

    def conformed(self) -> RunTables:
        """Check and type every table, and put it into the standard order of rows."""
        return RunTables(**{table.name: conform(table, frame) for table, frame in self.items()})


def conform(table: Table, frame: pd.DataFrame) -> pd.DataFrame:
    """Check a table against its columns and give it their types and the standard order of rows.

    Raises
    ------
    RunFolderError
        When columns are missing or unknown, a value is not allowed, or a cell occurs twice.
    """
    expected, given = [c.name for c in table.columns], [str(c) for c in frame.columns]
    if sorted(expected) != sorted(given):
        missing = ", ".join(c for c in expected if c not in given) or "none"
        unknown = ", ".join(c for c in given if c not in expected) or "none"
        raise RunFolderError(f"Table {table.name}: columns missing: {missing}; unknown: {unknown}.")
    typed = pd.DataFrame({c.name: _typed(table, c, frame[c.name]) for c in table.columns})
    key = _row_key(table, typed)
    steps = np.diff(key)
    if (steps < 0).any():
        order = np.argsort(key, kind="stable")
        typed, steps = typed.iloc[order].reset_index(drop=True), np.diff(key[order])
    if table.measures and (steps == 0).any():
        row = typed.iloc[int(np.flatnonzero(steps == 0)[0])]
        cell = ", ".join(f"{c.name} {row[c.name]}" for c in table.keys)
        raise RunFolderError(f"Table {table.name}: there is more than one row for {cell}.")
    return typed


def _typed(table: Table, column: Column, values: pd.Series) -> pd.Series:
    where = f"Table {table.name}, column {column.name}"
    if values.isna().any():
        raise RunFolderError(f"{where}: {int(values.isna().sum())} values are missing.")
    values = values.reset_index(drop=True)
    if column.dtype == "category":
        return _labelled(where, column, values)
    try:
        typed = values.astype(column.dtype)
    except (TypeError, ValueError, OverflowError) as error:
        raise RunFolderError(f"{where}: values are not of type {column.dtype} ({error}).") from None
    if "int" in column.dtype and not (typed == values).all():
        raise RunFolderError(f"{where}: values are not whole numbers that {column.dtype} can hold.")
    return typed


def _labelled(where: str, column: Column, values: pd.Series) -> pd.Series:
    codes = values.astype("category").cat.remove_unused_categories()
    seen = [str(label) for label in codes.cat.categories]
    if column.unit == "YYYY-MM":
        wrong, allowed = [s for s in seen if not _MONTH.fullmatch(s)], "months such as 2024-04"
    else:
        wrong = [s for s in seen if column.labels and s not in column.labels]
        allowed = ", ".join(column.labels)
    if wrong:
        raise RunFolderError(f"{where}: unknown value {wrong[0]!r}; allowed: {allowed}.")
    return codes.cat.rename_categories(seen).cat.set_categories(list(column.labels) or sorted(seen))


def _row_key(table: Table, frame: pd.DataFrame) -> NDArray[np.int64]:
    """One number a row that sorts as the key columns do; equal only for equal keys."""
    key, size = np.zeros(len(frame), np.int64), 1
    for column in (frame[c.name] for c in table.keys):
        if column.dtype == "category":
            digit, base = column.cat.codes.to_numpy(np.int64), len(column.cat.categories)
        else:
            values, digit = np.unique(column.to_numpy(), return_inverse=True)
            base = len(values)
        if size * base >= 2**62:
            values, key = np.unique(key, return_inverse=True)
            size = len(values)
        key, size = key * base + digit, size * base
    return key


def content_hash(frame: pd.DataFrame) -> str:
    """SHA-256 of the values of a conformed table, whatever the platform and the file format."""
    rows = pd.util.hash_pandas_object(frame, index=False).to_numpy()
    return hashlib.sha256(rows.astype("<u8").tobytes()).hexdigest()
