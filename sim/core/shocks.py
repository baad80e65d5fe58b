"""Shocks: the calendar streams of a world, from the candidate that is due to the one that comes next.

Of every person and stream the world keeps the day of the next candidate (``due``), its layer, and the band
of layers that were looked at. A pair of a stream and a person has one number, ``stream * people + person``,
which is also its code in the calendar, so all streams are handled at once: one pass in the morning for the
candidates of the day and one in the evening for those that are wanted anew. Only the hazards themselves
are worked out stream by stream.

The hazard that counts on a day is that of the morning, before any step has acted. So whether a shock strikes
does not hang on how far ahead its candidates were looked up, and a change of state takes effect from
tomorrow; a person whom an earlier step has moved today to a state where the shock cannot strike is spared.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from sim.core.candidates import PROBE, marks, needed_hazard, next_candidates, top_layer
from sim.core.dates import NEVER
from sim.core.draws import F64, U64, stream_id

if TYPE_CHECKING:
    from sim.core.world import Stream, World

I64 = NDArray[np.int64]
U8 = NDArray[np.uint8]

T = TypeVar("T", bound=np.generic)

_NOBODY: Final = np.empty(0, np.int64)
_PEOPLE_AT_ONCE: Final = 100_000
_ONE: Final = np.uint64(1)
_STRICT: Final = 1 + 1e-9
_BANDS: Final = 256


class Shocks:
    """Candidates of all calendar streams for everybody.

    Parameters
    ----------
    streams : sequence of Stream
    rows : structured array, shape (people,)
        With fields ``layer`` and ``band`` by stream, and ``due``, whose first clocks are the streams'.
    states : tuple of int
        Number of conditions, labour states and benefits.
    """

    def __init__(
        self, streams: Sequence[Stream], rows: NDArray[np.void], states: tuple[int, int, int]
    ) -> None:
        self.streams = tuple(streams)
        count, self.size = len(streams), len(rows)
        self.due, self.layer, self.band = rows["due"], rows["layer"], rows["band"]
        self.seen = np.zeros(count, np.int64)
        self.struck = np.zeros(count, np.int64)
        self.per_area = int(np.prod(states))
        self.possible = (
            np.stack([np.broadcast_to(s.states, states).ravel() for s in streams])
            if count
            else np.zeros((0, self.per_area), bool)
        )
        self.anywhere: list[bool] = [bool(row.all()) for row in self.possible]
        self.bits: U64 = _ONE << np.arange(count, dtype=np.uint64)
        self.possible_bits: U64 = (self.possible * self.bits[:, None]).sum(axis=0, dtype=np.uint64)
        self._ids = np.array([stream_id(s.name) for s in streams], np.uint64)
        self._base = np.array([s.base for s in streams])
        # The hazard that is covered once so many layers have been looked at.
        self._covered = _STRICT * self._base[:, None] * np.exp2(np.arange(_BANDS) - 1.0)
        self._numbers = np.arange(count + 1)
        self.used_by = self.used_row = self._today = _NOBODY
        self.used_bits = self.bits[:0]
        self._edges = [0] * (count + 1)

    # ---- in the morning -------------------------------------------------------------------------------

    def dawn(self, w: World, codes: I64) -> None:
        """Look up the candidates of the day and their marks."""
        row = codes // self.size
        ids = codes - row * self.size
        due = (self.due[ids, row] == w.day).nonzero()[0]
        if len(due) < len(ids):
            row, ids = row[due], ids[due]
        self.used_by, self.used_row, self.used_bits = ids, row, self.bits[row]
        layer = self.layer[ids, row]
        true = (layer != PROBE).nonzero()[0]
        row, ids, layer = row[true], ids[true], layer[true]
        edges = row.searchsorted(self._numbers)
        self.seen += edges[1:] - edges[:-1]
        hazard = np.zeros(len(ids))
        for number, (start, end) in enumerate(pairwise(edges.tolist())):
            if start < end:
                self._fill(w, number, ids[start:end], hazard[start:end])
        over = hazard > self._covered[row, self.band[ids, row]]
        if over.any():
            name = self.streams[row[over][0]].name
            raise AssertionError(f"the hazard of {name} rose above its bound without a touch")
        mark = marks(w.keys[ids], self._ids[row], layer, w.day)
        strikes = (hazard > needed_hazard(mark, self._base[row], layer)).nonzero()[0]
        self._today = ids[strikes]
        self._edges = row[strikes].searchsorted(self._numbers).tolist()

    def _fill(self, w: World, number: int, ids: I64, hazard: F64) -> None:
        """The hazard this morning of one stream, where it can strike at all."""
        if self.anywhere[number]:
            hazard[:] = self.streams[number].rate(w, ids, False)
        else:
            can = self._can(w, number, ids).nonzero()[0]
            if len(can):
                hazard[can] = self.streams[number].rate(w, ids[can], False)

    def strikes(self, w: World, number: int) -> I64:
        """People on whom the shock of a stream strikes today."""
        start, end = self._edges[number], self._edges[number + 1]
        if start == end:
            return _NOBODY
        ids = self._today[start:end]
        if not self.anywhere[number]:
            ids = ids[self._can(w, number, ids).nonzero()[0]]
        self.struck[number] += len(ids)
        return ids

    # ---- in the evening -------------------------------------------------------------------------------

    def dusk(self, w: World, ids: I64, asks: U64) -> None:
        """Look ahead for people whose state changed, and for those whose candidate was used.

        Parameters
        ----------
        ids : int64 array, shape (n,)
            People touched or used today, each once, in order.
        asks : uint64 array, shape (n,)
            A bit for each stream that feels what was touched.
        """
        if not all(self.anywhere):
            asks = asks & self.possible_bits[w.people["state"][ids] % self.per_area]
        wanted = ((asks & self.bits[:, None]) != 0).reshape(-1).nonzero()[0]
        first = self._numbers * len(ids)
        edges = wanted.searchsorted(first)
        who = ids[wanted - self._spread(first[:-1], edges)]
        self.look_ahead(w, who, edges)
        self._forget_used(w)

    def renew(self, w: World, number: int, ids: I64) -> None:
        """Look ahead for these people in one stream, a part of them at a time."""
        if not self.anywhere[number]:
            ids = ids[self._can(w, number, ids)]
        for start in range(0, len(ids), _PEOPLE_AT_ONCE):
            part = ids[start : start + _PEOPLE_AT_ONCE]
            self.look_ahead(w, part, (self._numbers > number) * len(part))

    def look_ahead(self, w: World, ids: I64, edges: I64) -> None:
        """Find the next candidates of people whose candidate is used up or whose hazard outgrew its layers.

        Parameters
        ----------
        ids : int64 array, shape (n,)
            People, stream after stream.
        edges : int64 array, shape (streams + 1,)
            Where the people of each stream begin and end.
        """
        if not len(ids):
            return
        peak = np.empty(len(ids))
        for stream, (start, end) in zip(self.streams, pairwise(edges.tolist()), strict=True):
            if start < end:
                peak[start:end] = stream.rate(w, ids[start:end], True)
        row = self._spread(self._numbers[:-1], edges)
        base = self._base[row]
        top = top_layer(peak, base)
        wants = ((self.due[ids, row] <= w.day) | (top >= self.band[ids, row])) & (peak > 0)
        some = wants.nonzero()[0]
        if not len(some):
            return
        ids, row, base, top = ids[some], row[some], base[some], top[some]
        day, layer = next_candidates(w.keys[ids], self._ids[row], base, top, w.day)
        self.layer[ids, row] = layer
        self.band[ids, row] = top + 1
        self.due[ids, row] = day
        w.calendar.push(day, row * self.size + ids)

    def _can(self, w: World, number: int, ids: I64) -> NDArray[np.bool_]:
        """Whether people are in a state in which the shock of a stream can strike."""
        can: NDArray[np.bool_] = self.possible[number][w.people["state"][ids] % self.per_area]
        return can

    def _forget_used(self, w: World) -> None:
        """A used candidate with none after it: the person cannot have the shock for now."""
        ids, row = self.used_by, self.used_row
        over = (self.due[ids, row] <= w.day).nonzero()[0]
        self.due[ids[over], row[over]] = NEVER
        self.band[ids[over], row[over]] = 0

    @staticmethod
    def _spread(values: NDArray[T], edges: I64) -> NDArray[T]:
        """One value a stream, repeated for its people."""
        return values.repeat(edges[1:] - edges[:-1])
