"""The day calendar: who is due today, at a cost that follows what is due.

An entry is a *code* (which clock, which person) on a day. Entries are hints: the ``due`` columns are the
truth, so an entry whose person has since been moved to another day is dropped by its reader. That is why
the calendar is never saved: it is rebuilt from the ``due`` columns when a world is loaded or branched.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

_FLUSH_AT = 131_072
_INT32 = 2**31


class Calendar:
    """Codes by day. New entries wait in one flat buffer, scanned daily, and are sorted into days in bulk.

    Parameters
    ----------
    last_day : int
        Entries on later days are left out.
    codes : int
        Number of codes; they are kept in four bytes each where that is enough.
    """

    def __init__(self, last_day: int, codes: int) -> None:
        self.last_day = last_day
        self._type: type[np.signedinteger[Any]] = np.int32 if codes <= _INT32 else np.int64
        self._by_day: dict[int, list[NDArray[np.integer]]] = {}
        self._new: list[tuple[NDArray[np.int16], NDArray[np.int64]]] = []
        self._pushed = 0
        self._days = np.empty(_FLUSH_AT, np.int16)
        self._codes = np.empty(_FLUSH_AT, self._type)
        self._size = 0

    def push(self, days: NDArray[np.int16], codes: NDArray[np.int64]) -> None:
        """Enter codes on days; the arrays are the calendar's from now on."""
        self._new.append((days, codes))
        self._pushed += len(codes)
        if self._pushed > _FLUSH_AT:
            self._take_in()

    def pop(self, day: int) -> NDArray[np.int64]:
        """The codes entered on ``day``, sorted, each once."""
        self._take_in()
        parts = self._by_day.pop(day, [])
        recent = (self._days[: self._size] == day).nonzero()[0]
        codes = np.concatenate([*parts, self._codes[recent]])
        codes.sort()
        return codes[first_of_each(codes)].astype(np.int64)

    def _take_in(self) -> None:
        """Put new entries into the buffer; days after the last are left out: nobody will read them."""
        if not self._new:
            return
        days = np.concatenate([days for days, _ in self._new])
        codes = np.concatenate(
            [codes for _, codes in self._new], dtype=self._type, casting="same_kind"
        )
        self._new, self._pushed = [], 0
        wanted = (days <= self.last_day).nonzero()[0]
        days, codes = days[wanted], codes[wanted]
        if self._size + len(codes) > _FLUSH_AT:
            self._flush()
        if len(codes) > _FLUSH_AT:
            self._sort_in(days, codes)
            return
        end = self._size + len(codes)
        self._days[self._size : end], self._codes[self._size : end] = days, codes
        self._size = end

    def _flush(self) -> None:
        self._sort_in(self._days[: self._size].copy(), self._codes[: self._size].copy())
        self._size = 0

    def _sort_in(self, days: NDArray[np.int16], codes: NDArray[np.integer]) -> None:
        order = np.argsort(days, kind="stable")
        days, codes = days[order], codes[order]
        if not len(days):
            return
        starts = first_of_each(days).nonzero()[0].tolist()
        for start, end in zip(starts, [*starts[1:], len(days)], strict=True):
            self._by_day.setdefault(int(days[start]), []).append(codes[start:end])


def as_days(days: NDArray[np.integer] | int, count: int) -> NDArray[np.int16]:
    """So many days as they are kept; all can be one."""
    if isinstance(days, np.ndarray) and days.ndim:
        return days.astype(np.int16)
    return np.full(count, days, np.int16)


def first_of_each(values: NDArray[np.integer]) -> NDArray[np.bool_]:
    """Mark the first of each run of equal values."""
    first = np.empty(len(values), bool)
    first[:1] = True
    np.not_equal(values[1:], values[:-1], out=first[1:])
    return first
