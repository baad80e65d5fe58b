"""The integer clock: whole days since 1 January 2000.

Every event falls on a whole day, so results are the same to the last bit on every processor, and a day
fits in two bytes until the year 2089.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from itertools import takewhile
from typing import Final

EPOCH: Final = dt.date(2000, 1, 1)
NEVER: Final = 32767
"""A day that never comes: the largest value of a two-byte day."""


def day_of(date: dt.date) -> int:
    """Days from the epoch to ``date``."""
    return (date - EPOCH).days


def date_of(day: int) -> dt.date:
    """The date of an integer day."""
    return EPOCH + dt.timedelta(days=int(day))


def month_starts(start: int, end: int) -> list[int]:
    """First days of the months that begin in ``start < day <= end``, each the end of a month of results."""
    return [day for day in takewhile(lambda day: day <= end, _months(start)) if day > start]


def _months(start: int) -> Iterator[int]:
    date = date_of(start).replace(day=1)
    last = day_of(dt.date(2089, 1, 1))
    while day_of(date) < last:
        yield day_of(date)
        date = (date + dt.timedelta(days=32)).replace(day=1)
