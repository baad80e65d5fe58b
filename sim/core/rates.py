"""Rates by kind of person and state: what a hazard owes to who people are, for all streams in one row of numbers.

A kind is an arm with a cell of the settings: everybody of a kind has the same parameters. There are some
thousands of kinds and millions of people, so the part of a hazard that hangs on kind and state alone is worked
out once a kind, when a parameter changes, and all streams look theirs up together.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.core.draws import F64

if TYPE_CHECKING:
    from sim.core.steps import Settings, Stream
    from sim.core.world import World

I64 = NDArray[np.int64]


class Rates:
    """The rates by kind of calendar streams; one, where a stream has none.

    Parameters
    ----------
    streams : sequence of Stream
    states : int
        Number of states within an area.
    """

    def __init__(self, streams: Sequence[Stream], states: int) -> None:
        self._streams = streams
        self._some = any(stream.by_kind for stream in streams)
        self._states = np.array(states)
        self._made_for: Settings | None = None
        self._rows = [slice(0, 1)] * len(streams)
        # Where the rates of a stream in a state begin.
        self._first = np.zeros(len(streams) * states, np.int64)
        self._values = np.ones((1, 1))

    def of(self, w: World, row: I64, ids: I64, position: I64 | slice = slice(None)) -> F64:
        """The rates of pairs: of streams by number, and of people by their position among ``ids``."""
        if not self._some:
            return np.ones(len(row))
        if self._made_for is not w.settings:
            self._make(w)
        at = self._first[row * self._states + w.people["state"][ids][position]]
        at += w.kind_of(ids)[position]
        rates: F64 = self._values.ravel()[at]
        return rates

    def remake(self, w: World, number: int) -> None:
        """Work out the rates of a stream anew, since a parameter that it reads has changed.

        All of them anew, whatever changes, would cost ensembles of many arms dearly.
        """
        table = self._streams[number].by_kind
        if table and self._made_for is w.settings:
            self._values[self._rows[number]] = table(w)[1]

    def _make(self, w: World) -> None:
        parts, rows = [np.ones((1, w.kinds))], 1
        for number, stream in enumerate(self._streams):
            if stream.by_kind:
                group, rates = stream.by_kind(w)
                mine = slice(number * len(group), (number + 1) * len(group))
                self._first[mine] = (rows + group) * w.kinds
                self._rows[number] = slice(rows, rows + len(rates))
                parts.append(rates)
                rows += len(rates)
        self._values = np.concatenate(parts)
        self._made_for = w.settings
