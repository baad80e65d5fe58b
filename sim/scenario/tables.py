"""Tables of a file: values by the labels of dimensions, whole or in part, and by date."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Generic, TypeVar

from sim.scenario.cursor import Cursor
from sim.scenario.errors import listed, shown

Leaf = TypeVar("Leaf")
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True)
class Axis:
    """One dimension of a table.

    Parameters
    ----------
    name : str
    labels : tuple of str
        In order.
    names : mapping
        Labels by other names (in small letters) that may stand for them, or for several at once.
    """

    name: str
    labels: tuple[str, ...]
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def places(self, key: str) -> list[int]:
        """Places of the labels that a key stands for; none if it is not valid."""
        labels = (key,) if key in self.labels else self.names.get(plain(key), ())
        return [self.labels.index(label) for label in labels]


@dataclass(frozen=True)
class Reading(Generic[Leaf]):
    """How a table is read.

    Parameters
    ----------
    axes : tuple of Axis
        Dimensions, outermost first.
    read_leaf : function
        Reads one entry; None if it cannot be used.
    is_leaf : function
        Whether a value of the file is an entry even though it is a mapping.
    whole : bool
        Whether every label must be there.
    """

    axes: tuple[Axis, ...]
    read_leaf: Callable[[Cursor], Leaf | None]
    is_leaf: Callable[[Any], bool] = lambda value: not isinstance(value, dict)
    whole: bool = False

    def read(self, cursor: Cursor) -> dict[int, Leaf]:
        """Entries by their place in the table (last dimension fastest); problems are noted.

        A value in the place of a mapping of labels stands for every entry below it.
        """
        return dict(self._below(cursor, self.axes, 0))

    def _below(
        self, cursor: Cursor, axes: tuple[Axis, ...], block: int
    ) -> Iterator[tuple[int, Leaf]]:
        """Entries of the ``block``-th part of the table, the one that ``cursor`` holds."""
        if self.is_leaf(cursor.value):
            entry = self.read_leaf(cursor)
            size = math.prod(len(axis.labels) for axis in axes)
            if entry is not None:
                yield from ((block * size + place, entry) for place in range(size))
        elif not axes:
            labels = listed(f"'{key}'" for key in cursor.value)
            cursor.report(
                f"labels {labels} given", "one value; there is no dimension (left) to label"
            )
        else:
            yield from self._by_label(cursor, axes, block)

    def _by_label(
        self, cursor: Cursor, axes: tuple[Axis, ...], block: int
    ) -> Iterator[tuple[int, Leaf]]:
        axis, *rest = axes
        places = {key: axis.places(key) for key in cursor.value}
        covered = {place for found in places.values() for place in found}
        missing = [label for place, label in enumerate(axis.labels) if place not in covered]
        if self.whole and missing:
            cursor.report(f"no value for {listed(missing)}", f"every {axis.name} needs one")
        elif not cursor.value:
            cursor.report("an empty mapping", f"at least one {axis.name}")
        for item in cursor.each():
            if places[item.key]:
                for place in places[item.key]:
                    yield from self._below(item, tuple(rest), block * len(axis.labels) + place)
            elif is_date(item.key):
                item.report(f"the date {item.key} inside a table", "dates stand outermost")
            else:
                item.unknown(f"label of {axis.name}", axis.labels)


def by_date(cursor: Cursor) -> list[tuple[dt.date | None, Cursor]]:
    """The values of a dated mapping by date, or the one value of any other as (None, value)."""
    if not isinstance(cursor.value, dict) or not any(map(is_date, cursor.value)):
        return [(None, cursor)]
    dated: list[tuple[dt.date | None, Cursor]] = []
    for item in cursor.each():
        date = read_date(item.key)
        if date is None:
            item.report(f"{shown(item.key)} among dates", "a date such as 2024-04-01")
        else:
            dated.append((date, item))
    return sorted(dated, key=lambda pair: pair[0] or dt.date.min)


def is_date(text: str) -> bool:
    """Whether text is written like a date (it may name a day that does not exist)."""
    return bool(_DATE.fullmatch(text))


def read_date(text: str) -> dt.date | None:
    """The date that text states as year-month-day; None if it states none."""
    try:
        return dt.date.fromisoformat(text) if is_date(text) else None
    except ValueError:
        return None


def plain(name: str) -> str:
    """A name in small letters, with single spaces for spaces and underscores."""
    return re.sub(r"[\s_]+", " ", name.strip()).casefold()
