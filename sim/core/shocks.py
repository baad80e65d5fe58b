"""Shocks: the calendar streams of a world, from the candidate that is due to the one that comes next.

Of every person and stream the world keeps the day of the next candidate (``due``), its layer, and the band
of layers that were looked at: four bytes, read and written as one word. A pair of a stream and a person has
one number, ``stream * people + person``, which is also its code in the calendar, so all streams are handled
at once: one pass in the morning for the candidates of the day and one in the evening for those that are
wanted anew. Only the hazards themselves are worked out stream by stream.

The hazard that counts on a day is that of the morning, before any step has acted. So whether a shock strikes
does not hang on how far ahead its candidates were looked up, and a change of state takes effect from
tomorrow; a person whom an earlier step has moved today to a state where the shock cannot strike is spared.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from sim.core.candidates import OUTGROWN, PROBE, Layers, marks, needed_hazard, top_layer
from sim.core.dates import NEVER
from sim.core.draws import F64, U64, stream_id
from sim.core.rates import Rates

if TYPE_CHECKING:
    from sim.core.steps import Rate, Stream
    from sim.core.world import World

I64 = NDArray[np.int64]
Words = NDArray[np.uint32]

T = TypeVar("T", bound=np.generic)

CANDIDATE: Final = np.dtype([("due", np.int16), ("layer", np.uint8), ("band", np.uint8)])
"""What a word says: day and layer of the next candidate, and below which layer was looked."""
NO_CANDIDATE: Final = np.array((NEVER, 0, 0), CANDIDATE)

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
        With a field ``candidates``, a word for each stream.
    states : tuple of int
        Number of conditions, labour states and benefits.
    """

    def __init__(
        self, streams: Sequence[Stream], rows: NDArray[np.void], states: tuple[int, int, int]
    ) -> None:
        self.streams = tuple(streams)
        count, self.size = len(streams), len(rows)
        self._words: Words = rows.view(np.uint32)
        # In words: how far people are apart, and where in a person's row those of the streams are.
        self._stride = rows.dtype.itemsize // self._words.itemsize
        first = (rows["candidates"].ctypes.data - rows.ctypes.data) // self._words.itemsize
        self._offset = first + np.arange(count)
        self.seen = np.zeros(count, np.int64)
        self.struck = np.zeros(count, np.int64)
        self.possible = np.zeros((count, int(np.prod(states))), bool)
        for number, stream in enumerate(streams):
            self.possible[number] = np.broadcast_to(stream.states, states).ravel()
        self.bits: U64 = _ONE << np.arange(count, dtype=np.uint64)
        self.possible_bits: U64 = (self.possible * self.bits[:, None]).sum(axis=0, dtype=np.uint64)
        self._ids = np.array([stream_id(s.name) for s in streams], np.uint64)
        self._base = np.array([s.base for s in streams])
        self._layers = Layers(self._ids, self._base)
        self._by_kind = Rates(self.streams, self.possible.shape[1])
        self._ratios = _runs(self.streams)
        # The hazard that is covered once so many layers have been looked at.
        self._covered = _STRICT * self._base[:, None] * np.exp2(np.arange(_BANDS) - 1.0)
        self._numbers = np.arange(count + 1)
        self.used_by = self._today = _NOBODY
        self.used_bits = self.bits[:0]
        self._edges = [0] * (count + 1)

    # ---- in the morning -------------------------------------------------------------------------------

    def dawn(self, w: World, codes: I64) -> None:
        """Look up the candidates of the day and their marks; a candidate that was seen is forgotten."""
        row = self._spread(self._numbers[:-1], codes.searchsorted(self._numbers * self.size))
        ids = codes - row * self.size
        at = self._at(ids, row)
        words = self._words[at]
        still = (words.view(CANDIDATE)["due"] == w.day).nonzero()[0]
        row, ids, at, words = row[still], ids[still], at[still], words[still]
        self.used_by, self.used_bits = ids, self.bits[row]
        self._words[at] = NO_CANDIDATE.view(np.uint32)
        layer = words.view(CANDIDATE)["layer"]
        true = layer != PROBE
        self.seen += np.bincount(row[true], minlength=len(self.seen))
        possible = self.possible_bits[w.people["state"][ids]] & self.used_bits
        can = (true & (possible != 0)).nonzero()[0]
        row, ids, layer, words = row[can], ids[can], layer[can], words[can]
        hazard = self._by_kind.of(w, row, ids)
        self._multiply(w, hazard, ids, row.searchsorted(self._numbers), peak=False)
        over = hazard > self._covered[row, words.view(CANDIDATE)["band"]]
        if np.count_nonzero(over):
            name = self.streams[row[over][0]].name
            raise AssertionError(f"the hazard of {name} rose above its bound without a touch")
        mark = marks(w.keys[ids], self._ids[row], layer, w.day)
        strikes = (hazard > needed_hazard(mark, self._base[row], layer)).nonzero()[0]
        self._today, row = ids[strikes], row[strikes]
        self.struck += np.bincount(row, minlength=len(self.struck))
        self._edges = row.searchsorted(self._numbers).tolist()

    def strikes(self, w: World, number: int) -> I64:
        """People on whom the shock of a stream strikes today."""
        start, end = self._edges[number], self._edges[number + 1]
        return self._can(w, number, self._today[start:end]) if start < end else _NOBODY

    def strikes_of(self, w: World, numbers: Sequence[int]) -> tuple[I64, I64]:
        """People on whom any shock of some streams strikes today, each once, and the position of the first."""
        parts = [self.strikes(w, number) for number in numbers]
        ids, first = np.unique(np.concatenate(parts), return_index=True)
        return ids, np.arange(len(parts)).repeat([*map(len, parts)])[first]

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
        asks = asks & self.possible_bits[w.people["state"][ids]]
        asks &= self._open(w, ids)
        anywhere = w.settings.kept(w, self._open_anywhere)
        wanted = ((asks & self.bits[anywhere, None]) != 0).reshape(-1).nonzero()[0]
        first = self._numbers[: len(anywhere) + 1] * len(ids)
        edges = wanted.searchsorted(first)
        position = wanted - self._spread(first[:-1], edges)
        row = self._spread(anywhere, edges)
        peak = self._by_kind.of(w, row, ids, position)
        ids = ids[position]
        self._multiply(w, peak, ids, row.searchsorted(self._numbers), peak=True)
        self._look_ahead(w, ids, row, peak)

    def renew(self, w: World, number: int, ids: I64) -> None:
        """Look ahead for these people in one stream, a part of them at a time; its rates are made anew."""
        self._by_kind.remake(w, number)
        ids = self._can(w, number, ids)
        ids = ids[np.broadcast_to(self._open(w, ids) & self.bits[number], ids.shape).nonzero()[0]]
        for start in range(0, len(ids), _PEOPLE_AT_ONCE):
            part = ids[start : start + _PEOPLE_AT_ONCE]
            peak = self.hazard(w, number, part, peak=True)
            self._look_ahead(w, part, np.full(len(part), number), peak)

    def _look_ahead(self, w: World, ids: I64, row: I64, peak: F64) -> None:
        """Find the next candidates of people who have none or whose hazard outgrew its layers.

        Parameters
        ----------
        ids, row : int64 arrays, shape (n,)
            Pairs of a person and the number of a stream.
        peak : float array, shape (n,)
            The highest hazards to come.
        """
        at = self._at(ids, row)
        band = self._words[at].view(CANDIDATE)["band"]
        base = self._base[row]
        some = (peak / base > OUTGROWN[band]).nonzero()[0]
        if not len(some):
            return
        ids, row, at = ids[some], row[some], at[some]
        top = top_layer(peak[some], base[some])
        found = np.empty(len(some), CANDIDATE)
        found["due"], found["layer"] = self._layers.next(w.keys[ids], row, top, w.day)
        found["band"] = top + 1
        self._words[at] = found.view(np.uint32)
        w.calendar.push(found["due"].copy(), row * self.size + ids)

    def hazard(self, w: World, number: int, ids: I64, *, peak: bool) -> F64:
        """The hazards of people in one stream."""
        hazard = self._by_kind.of(w, np.full(len(ids), number), ids)
        self._multiply(w, hazard, ids, (self._numbers > number) * len(ids), peak=peak)
        return hazard

    def _multiply(self, w: World, rate: F64, ids: I64, edges: I64, *, peak: bool) -> None:
        """Make hazards of rates by kind, stream after stream: today's, or the highest to come."""
        edge = edges.tolist()
        for first, last, ratio in self._ratios:
            start, end = edge[first], edge[last]
            if start < end:
                rate[start:end] *= ratio(w, ids[start:end], peak)

    def _open(self, w: World, ids: I64) -> U64:
        """A bit for each stream that can strike where people live: for each, or one for all."""
        bits = w.settings.kept(w, self._open_bits)
        return bits[w.place_of(ids)] if bits.ndim else bits

    def _open_anywhere(self, w: World) -> I64:
        """Numbers of the streams that can strike in any place."""
        anywhere = np.bitwise_or.reduce(np.atleast_1d(w.settings.kept(w, self._open_bits)))
        return (self.bits & anywhere).nonzero()[0]

    def _open_bits(self, w: World) -> U64:
        """A bit for each stream that can strike in a place, by place, or for all alike."""
        bits = np.zeros(w.arms * w.areas, np.uint64)
        for stream, bit in zip(self.streams, self.bits, strict=True):
            bits[stream.places(w) if stream.places else slice(None)] |= bit
        return bits[0].reshape(()) if (bits == bits[0]).all() else bits

    def _can(self, w: World, number: int, ids: I64) -> I64:
        """Those of the people who are in a state in which the shock of a stream can strike."""
        return ids[self.possible[number].take(w.people["state"][ids])]

    def _at(self, ids: I64, row: I64) -> I64:
        """Where the words of pairs of a person and a stream are."""
        at: I64 = ids * self._stride + self._offset[row]
        return at

    @staticmethod
    def _spread(values: NDArray[T], edges: I64) -> NDArray[T]:
        """One value a stream, repeated for its people."""
        return values.repeat(edges[1:] - edges[:-1])


def _runs(streams: Sequence[Stream]) -> list[tuple[int, int, Rate]]:
    """Neighbours with one rate, which are asked together: number of the first, and after the last."""
    runs, first = [], 0
    for rate, members in groupby(streams, lambda stream: stream.rate):
        last = first + len(list(members))
        if rate:
            runs.append((first, last, rate))
        first = last
    return runs
