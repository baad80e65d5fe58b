"""Counts what happens: stocks, flows, events, spells and waits by month, and a log of sampled people.

During a month only batches are appended; they are counted once, at the end of the month. A state within an
area is one number, ``(condition * labour states + labour) * benefits + benefit``, the column ``state`` of
people; with the place in front of it, ``(arm * areas + area) * states of an area + state``, it is counted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from sim.core.world import World

I64 = NDArray[np.int64]
U8 = NDArray[np.uint8]

_NO_CODES: Final = np.empty(0, np.int64)

_MORE_KEYS: Final = 16
"""Counting by sorting is quicker where there are so many times more keys than there is to count."""

DETAILS = 64
"""An event has at most this many details."""


@dataclass(frozen=True)
class Layout:
    """Sizes of the state space: areas and the labels of condition, labour state and benefit."""

    areas: int
    conditions: int
    labours: int
    benefits: int
    possible: NDArray[np.bool_]

    @property
    def states(self) -> tuple[int, int, int]:
        """Numbers of conditions, labour states and benefits."""
        return self.conditions, self.labours, self.benefits

    @property
    def per_area(self) -> int:
        """Number of states in an area."""
        return self.conditions * self.labours * self.benefits

    @property
    def per_arm(self) -> int:
        """Number of states in an arm."""
        return self.areas * self.per_area


Row = tuple[I64, int, NDArray[np.integer] | None]
"""People, the event with the first detail or the one that all share, and, unless all share one, each one's."""


Move = tuple[int, I64, U8, U8]
"""Day, people, and the states within their areas that they leave and enter."""


class Moved(NamedTuple):
    """Moves one after another: day, and the states left and entered, with the place in front."""

    day: I64
    left: I64
    entered: I64


@dataclass
class Month:
    """One month's counts, as arrays of codes and numbers; decoded into tables after the run."""

    end_day: int
    days: int
    arms: int
    stocks: I64
    person_days: I64
    flows: tuple[I64, I64]
    events: tuple[I64, I64]
    spells: tuple[I64, I64, I64]
    waits: list[tuple[str, str, I64]]


@dataclass
class Recorder:
    """Batches of the current month and the months counted so far."""

    layout: Layout
    events: dict[str, int]
    details: list[Sequence[str]]
    months: list[Month] = field(default_factory=list)
    log: list[tuple[int, int, I64, int, I64]] = field(default_factory=list)
    moves: list[Move] = field(default_factory=list)
    event_rows: list[Row] = field(default_factory=list)
    spell_rows: list[tuple[Row, I64]] = field(default_factory=list)
    month_start: int = 0
    opening: I64 | None = None
    """People by state on the evening before this month, once they were counted."""
    logs: bool = False
    """Whether anybody's events are logged one by one."""

    @classmethod
    def for_steps(cls, layout: Layout, events: Mapping[str, Sequence[str]]) -> Recorder:
        """A recorder that knows the events of the steps and their details."""
        for name, details in events.items():
            if len(details) > DETAILS:
                raise ValueError(f"event {name} has {len(details)} details; at most {DETAILS} fit")
        return cls(layout, {name: k for k, name in enumerate(events)}, list(events.values()))

    def move(self, w: World, ids: I64, old: U8, new: U8) -> None:
        """People go from one state within their area to another today."""
        self.moves.append((w.day, ids, old, new))

    def event(self, w: World, event: str, ids: I64, detail: NDArray[np.integer] | int) -> None:
        """People have an event today."""
        self.event_rows.append(self._row(event, ids, detail))
        if self.logs:
            seen = w.people["logged"][ids].nonzero()[0]
            if len(seen):
                kinds = np.broadcast_to(np.asarray(detail, np.int64), ids.shape)
                self.log.append((w.day, len(self.log), ids[seen], self.events[event], kinds[seen]))

    def _row(self, event: str, ids: I64, detail: NDArray[np.integer] | int) -> Row:
        first = self.events[event] * DETAILS
        return (
            (ids, first, detail) if isinstance(detail, np.ndarray) else (ids, first + detail, None)
        )

    def spell(self, w: World, event: str, ids: I64, detail: NDArray[np.integer], days: I64) -> None:
        """Spells of a length in days are over; counted under an event's name and detail."""
        self.spell_rows.append((self._row(event, ids, detail), days))

    def joined(self, w: World, moves: Sequence[Move]) -> Moved:
        """Moves, one after another."""
        if not moves:
            return Moved(_NO_CODES, _NO_CODES, _NO_CODES)
        days, ids, left, entered = zip(*moves, strict=True)
        first = w.place_of(np.concatenate(ids)) * self.layout.per_area
        day = np.array(days).repeat([*map(len, ids)])
        return Moved(day, first + np.concatenate(left), first + np.concatenate(entered))

    def close_month(self, w: World) -> Moved:
        """Count the month that ends today; returns its moves."""
        end = w.day
        states = w.arms * self.layout.per_arm
        stocks = self.stocks(w)
        days = end - self.month_start
        moved = self.joined(w, self.moves)
        # Everybody is taken to have spent the month where they end it; each move corrects for the days before it.
        before = moved.day - (self.month_start + 1)
        gained = np.bincount(moved.left, before, states) - np.bincount(
            moved.entered, before, states
        )
        person_days = stocks * days + np.rint(gained).astype(np.int64)
        flows = np.unique(moved.left * states + moved.entered, return_counts=True)
        spell_key = self._keys(w, [row for row, _ in self.spell_rows])
        spell_days = np.concatenate([d for _, d in self.spell_rows] or [_NO_CODES])
        kinds, counts = self._counted(w, spell_key)
        total = np.bincount(kinds.searchsorted(spell_key), spell_days, len(kinds)).astype(np.int64)
        waits = [row for service in w.services.values() for row in service.month_rows(w)]
        self.months.append(
            Month(
                end,
                days,
                w.arms,
                stocks,
                person_days,
                flows,
                self._counted(w, self._keys(w, self.event_rows)),
                (kinds, counts, total),
                waits,
            )
        )
        self._clear(end)
        return moved

    def _keys(self, w: World, rows: Sequence[Row]) -> I64:
        """Place, event and detail of everything in the rows, as one number."""
        if not rows:
            return _NO_CODES
        sizes = [len(ids) for ids, _, _ in rows]
        key = np.array([code for _, code, _ in rows]).repeat(sizes)
        details = [detail for _, _, detail in rows if detail is not None]
        if details:
            key[np.array([d is not None for _, _, d in rows]).repeat(sizes)] += np.concatenate(
                details
            )
        key += w.place_of(np.concatenate([ids for ids, _, _ in rows])) * (
            len(self.events) * DETAILS
        )
        return key

    def _counted(self, w: World, keys: I64) -> tuple[I64, I64]:
        """The keys that occur, in order, and how often: by counting all where most occur, by sorting otherwise."""
        size = w.arms * self.layout.areas * len(self.events) * DETAILS
        if size > _MORE_KEYS * len(keys):
            return np.unique(keys, return_counts=True)
        counts = np.bincount(keys, minlength=size)
        occurring = counts.nonzero()[0]
        return occurring, counts[occurring]

    def stocks(self, w: World) -> I64:
        """People by state tonight."""
        size = self.layout.per_arm
        code = w.people["area"].astype(np.min_scalar_type(size))
        code *= self.layout.per_area
        code += w.people["state"]
        return np.concatenate(
            [np.bincount(arm, minlength=size) for arm in code.reshape(w.arms, -1)]
        )

    def begin(self, day: int) -> None:
        """Forget everything and start counting from tomorrow."""
        self.months, self.log, self.opening = [], [], None
        self._clear(day)

    def _clear(self, day: int) -> None:
        self.moves, self.event_rows, self.spell_rows = [], [], []
        self.month_start = day

    def branched(self, parents: I64, people: int) -> Recorder:
        """A recorder for new arms of ``people`` each, with the batches of this month but no months."""

        def again(ids: I64) -> tuple[I64, I64]:
            """Rows of each parent arm, and the people of the child arm in them."""
            rows = [np.flatnonzero(ids // people == parent) for parent in parents]
            moved = [
                ids[r] + (k - p) * people
                for k, (p, r) in enumerate(zip(parents, rows, strict=True))
            ]
            return np.concatenate(rows), np.concatenate(moved)

        moves: list[Move] = []
        for day, ids, old, new in self.moves:
            rows, moved = again(ids)
            moves.append((day, moved, old[rows], new[rows]))

        def row_again(row: Row) -> tuple[I64, Row]:
            ids, code, detail = row
            rows, moved = again(ids)
            return rows, (moved, code, None if detail is None else detail[rows])

        spells: list[tuple[Row, I64]] = []
        for row, days in self.spell_rows:
            rows, moved_row = row_again(row)
            spells.append((moved_row, days[rows]))
        return Recorder(
            self.layout,
            self.events,
            self.details,
            moves=moves,
            event_rows=[row_again(row)[1] for row in self.event_rows],
            spell_rows=spells,
            month_start=self.month_start,
            logs=self.logs,
            opening=None
            if self.opening is None
            else self.opening.reshape(-1, self.layout.per_arm)[parents].ravel(),
        )


def decode(codes: I64, sizes: Sequence[int]) -> list[Any]:
    """Split mixed-radix codes into their digits, first the most significant."""
    digits: list[Any] = []
    for size in reversed(sizes[1:]):
        codes, digit = np.divmod(codes, size)
        digits.append(digit)
    digits.append(codes)
    return digits[::-1]
