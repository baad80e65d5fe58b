"""The day calendar: who is due today, at a cost that follows what is due.

An entry is a *code* (which clock, which person) on a day. Entries are hints: the ``due`` columns are the
truth, so an entry whose person has since been moved to another day is dropped by its reader. That is why
the calendar is never saved: it is rebuilt from the ``due`` columns when a world is loaded or branched.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_FLUSH_AT = 131_072


class Calendar:
    """Codes by day. New entries wait in one flat buffer, scanned daily, and are sorted into days in bulk."""

    def __init__(self, last_day: int) -> None:
        self.last_day = last_day
        self._by_day: dict[int, list[NDArray[np.int64]]] = {}
        self._days = np.empty(2 * _FLUSH_AT, np.int16)
        self._codes = np.empty(2 * _FLUSH_AT, np.int64)
        self._size = 0

    def push(self, days: NDArray[np.integer] | int, codes: NDArray[np.int64]) -> None:
        """Enter codes on days, or on one day; days after the last are left out: nobody will read them."""
        if isinstance(days, np.ndarray):
            wanted = days <= self.last_day
            if not wanted.all():
                days, codes = days[wanted], codes[wanted]
        elif days > self.last_day:
            return
        end = self._size + len(codes)
        if end > len(self._days):
            self._flush()
            if len(codes) > _FLUSH_AT:
                self._sort_in(np.broadcast_to(days, codes.shape), codes)
                return
            end = len(codes)
        self._days[self._size : end] = days
        self._codes[self._size : end] = codes
        self._size = end

    def pop(self, day: int) -> NDArray[np.int64]:
        """The codes entered on ``day``, sorted, each once."""
        if self._size > _FLUSH_AT:
            self._flush()
        parts = self._by_day.pop(day, [])
        recent = (self._days[: self._size] == day).nonzero()[0]
        if len(recent):
            parts = [*parts, self._codes[recent]]
        if not parts:
            return np.empty(0, np.int64)
        codes = np.concatenate(parts)
        codes.sort()
        return codes[first_of_each(codes)]

    def _flush(self) -> None:
        self._sort_in(self._days[: self._size].copy(), self._codes[: self._size].copy())
        self._size = 0

    def _sort_in(self, days: NDArray[np.integer], codes: NDArray[np.int64]) -> None:
        order = np.argsort(days, kind="stable")
        days, codes = days[order], codes[order]
        if not len(days):
            return
        starts = first_of_each(days).nonzero()[0].tolist()
        for start, end in zip(starts, [*starts[1:], len(days)], strict=True):
            self._by_day.setdefault(int(days[start]), []).append(codes[start:end])


def first_of_each(values: NDArray[np.integer]) -> NDArray[np.bool_]:
    """Mark the first of each run of equal values."""
    first = np.empty(len(values), bool)
    first[:1] = True
    np.not_equal(values[1:], values[:-1], out=first[1:])
    return first
