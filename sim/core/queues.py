"""Waiting lines by place, first come first served within priority, at a cost that follows who is served.

A *place* is one (arm, area). Each place has one ring buffer a priority; a person who gives up leaves a
hole that is skipped when the line reaches it, so leaving costs nothing.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

I64 = NDArray[np.int64]
_OUT = -1
SPAN: Final = 1 << 27
"""Positions that a line has, at most; lines that share a column of tickets start so far apart."""


class WaitingLines:
    """All the lines of one service.

    Parameters
    ----------
    ticket : int32 array, shape (people,)
        Column that holds each person's position in their line, ``-1`` when not waiting.
    places : int
        Number of (arm, area) places.
    priorities : int
        Number of priorities; 0 is served first.
    first : int
        Position at which lines start. Services that share a column of tickets, because a person waits
        for one of them at a time, have positions of their own, so that no ticket of one line is
        taken for a ticket of another.
    """

    def __init__(
        self, ticket: NDArray[np.int32], places: int, priorities: int = 1, first: int = 0
    ) -> None:
        self.ticket = ticket
        self.priorities = priorities
        self.first = first
        # Without dimensions, which numpy takes faster than numbers.
        self._from, self._to = np.array(first, np.int32), np.array(first + SPAN, np.int32)
        rows = places * priorities
        self._ring = np.zeros((rows, 16), np.int64)
        self._head = np.full(rows, first, np.int64)
        self._tail = np.full(rows, first, np.int64)
        self.waiting = np.zeros(places, np.int64)

    def join(self, ids: I64, place: I64, priority: int | I64 = 0) -> None:
        """People join the end of their line, in the order given."""
        row = place * self.priorities + priority
        order = np.argsort(row, kind="stable")
        ids, row = ids[order], row[order]
        count = np.bincount(row, minlength=len(self._tail))
        position = np.arange(len(row)) + (self._tail - (count.cumsum() - count))[row]
        self._tail += count
        self._make_room(int((self._tail - self._head).max()))
        self._ring[row, position % self._ring.shape[1]] = ids
        self.ticket[ids] = position
        self.waiting += count.reshape(-1, self.priorities).sum(axis=1)

    def leave(self, ids: I64, place: I64) -> None:
        """People who are waiting give up their position."""
        self.ticket[ids] = _OUT
        np.subtract.at(self.waiting, place, 1)

    def serve(self, free: I64) -> I64:
        """Take up to ``free[place]`` people from the head of each line; returns them in order of service."""
        served: list[I64] = []
        wanted = np.minimum(free, self.waiting)
        for priority in range(self.priorities):
            places = (wanted > 0).nonzero()[0]
            while len(places):
                rows = places * self.priorities + priority
                people, of_place = self._take(rows, places, wanted)
                served.append(people)
                taken = np.bincount(of_place, minlength=len(wanted))
                wanted -= taken
                self.waiting -= taken
                places = places[(wanted[places] > 0) & (self._tail[rows] > self._head[rows])]
        return np.concatenate(served) if served else np.empty(0, np.int64)

    def is_waiting(self, ids: I64) -> NDArray[np.bool_]:
        """Whether each person is in a line."""
        return self._stand(self.ticket[ids])

    def stand(self) -> NDArray[np.bool_]:
        """Whether each person of the world is in a line."""
        return self._stand(self.ticket)

    def _stand(self, ticket: NDArray[np.int32]) -> NDArray[np.bool_]:
        waits: NDArray[np.bool_] = ticket >= self._from
        waits &= ticket < self._to
        return waits

    def branched(
        self, ticket: NDArray[np.int32], parents: I64, areas: int, people: int
    ) -> WaitingLines:
        """The lines of new arms, each a copy of its parent arm's; ``people`` is the number an arm holds."""
        copy = WaitingLines(ticket, len(parents) * areas, self.priorities, self.first)
        of_row = (
            parents[:, None] * (areas * self.priorities) + np.arange(areas * self.priorities)
        ).ravel()
        shift = np.repeat((np.arange(len(parents)) - parents) * people, areas * self.priorities)
        copy._ring = self._ring[of_row] + shift[:, None]
        copy._head, copy._tail = self._head[of_row], self._tail[of_row]
        of_place = (parents[:, None] * areas + np.arange(areas)).ravel()
        copy.waiting = self.waiting[of_place]
        return copy

    def _take(self, rows: I64, places: I64, wanted: I64) -> tuple[I64, I64]:
        count = np.minimum(wanted[places], self._tail[rows] - self._head[rows])
        row = rows.repeat(count)
        step = np.arange(len(row)) - (count.cumsum() - count).repeat(count)
        position = self._head[row] + step
        people = self._ring[row, position % self._ring.shape[1]]
        self._head[rows] += count
        there = self.ticket[people] == position
        people = people[there]
        self.ticket[people] = _OUT
        return people, places.repeat(count)[there]

    def _make_room(self, longest: int) -> None:
        width = self._ring.shape[1]
        if longest <= width:
            return
        wider = max(2 * width, 1 << (longest - 1).bit_length())
        ring = np.zeros((len(self._ring), wider), np.int64)
        # Only what stands in the old ring moves; the people who are joining are written after.
        for row in np.flatnonzero(self._tail > self._head):
            at = np.arange(self._head[row], min(self._tail[row], self._head[row] + width))
            ring[row, at % wider] = self._ring[row, at % width]
        self._ring = ring
