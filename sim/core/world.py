"""The world: people as columns, arms side by side, and what is due when.

An *arm* is one scenario with one seed. Arms stand side by side in flat columns of length arms x people,
so one calendar and one pass of each step advances all of them. The world knows nothing of policy: steps
bring their columns, clocks and streams, and a settings object answers what a parameter is worth for a person.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sim.core.calendar import Calendar, as_days, first_of_each
from sim.core.dates import NEVER
from sim.core.draws import F64, U64, exponentials, stream_id, stream_ids, uniforms
from sim.core.recorder import Recorder
from sim.core.shocks import CANDIDATE, NO_CANDIDATE, Shocks
from sim.core.spells import SpellClock
from sim.core.steps import WHO, Columns, Ratio, Settings, Step, Stream

I64 = NDArray[np.int64]

_NOBODY: Final = np.empty(0, np.int64)

APART: Final[tuple[str, ...]] = ("area", "state")
"""Columns that are read for everybody at the end of a month, and so do not stand in the rows."""


class World:
    """People, clocks and services of an ensemble of arms.

    Parameters
    ----------
    day, last_day : int
        First day's eve and last day of the run.
    arms, people : int
        Number of arms and of people an arm.
    areas : int
        Number of areas.
    steps : sequence of Step
        In the order in which they act within a day.
    settings : Settings
        The parameters in force.
    """

    def __init__(
        self,
        *,
        day: int,
        last_day: int,
        arms: int,
        people: int,
        areas: int,
        steps: Sequence[Step],
        settings: Settings,
        recorder: Recorder,
    ) -> None:
        self.day, self.last_day = day, last_day
        self.arms, self.people_per_arm, self.areas = arms, people, areas
        self.steps, self.settings, self.recorder = steps, settings, recorder
        size = arms * people
        self.streams = {s.name: s for step in steps for s in step.streams}
        self.ratios = [r for step in steps for r in step.ratios]
        # Streams come first, so that a stream and its clock have the same number.
        self.clocks = [*self.streams, *(c for step in steps for c in (*step.clocks, *step.spells))]
        self.spells: dict[str, SpellClock] = {}
        self.services: dict[str, Any] = {}
        self.facts: dict[str, NDArray[Any]] = {}
        self.touched: list[tuple[I64, int]] = []
        """People touched today, with a bit for each stream and ratio that feels it."""
        columns: dict[str, tuple[type[np.generic], float]] = {}
        for step in steps:
            for spell in step.spells:
                columns |= SpellClock.columns(spell)
            columns |= step.columns
        own = self.clocks[len(self.streams) :]
        self.apart = {
            name: np.full(size, rest, dtype)
            for name, (dtype, rest) in columns.items()
            if name in APART
        }
        inside = {name: column for name, column in columns.items() if name not in self.apart}
        self.rows = _at_rest(inside, len(self.streams), len(own)).repeat(size)
        """What is kept of a person stands side by side, since a day reads much of a few people."""
        self.keys: U64 = self.rows["key"]
        self.people: dict[str, NDArray[Any]] = {
            name: self.apart[name] if name in self.apart else self.rows[name] for name in columns
        }
        candidates = self.rows["candidates"].view(CANDIDATE)
        self.due = _by_name(self.streams, candidates["due"]) | _by_name(own, self.rows["due"])
        self.layer = _by_name(self.streams, candidates["layer"])
        self.band = _by_name(self.streams, candidates["band"])
        self.shocks = Shocks(list(self.streams.values()), self.rows, recorder.layout.states)
        self._number = {name: k for k, name in enumerate(self.clocks)}
        self._first_code = np.arange(len(self.clocks) + 1) * size
        # Without dimensions, which numpy takes faster than numbers.
        self._first = {name: np.array(k * size) for name, k in self._number.items()}
        self._codes, self._edges = _NOBODY, [0] * (len(self.clocks) + 1)
        # A parameter aimed at some people makes what reads it feel who a person is.
        feeling: list[Stream | Ratio] = [*self.streams.values(), *self.ratios]
        self._feels = [
            (*x.feels, *(WHO if settings.aimed.intersection(x.reads) else ())) for x in feeling
        ]
        self._asks: dict[tuple[str, ...], int] = {}
        self._bits = [np.array(1 << k, np.uint64) for k in range(len(feeling))]
        self.calendar = Calendar(last_day, len(self.clocks) * size)

    # ---- who is due -----------------------------------------------------------------------------------

    def dawn(self, day: int) -> None:
        """Turn to a new day and look up who is due."""
        self.day = day
        codes = self.calendar.pop(day)
        self._codes, self._edges = codes, codes.searchsorted(self._first_code).tolist()
        self.shocks.dawn(self, codes[: self._edges[len(self.streams)]])

    def due_today(self, clock: str) -> I64:
        """People whose clock is due today and still stands, in order."""
        k = self._number[clock]
        start, end = self._edges[k], self._edges[k + 1]
        if start == end:
            return _NOBODY
        ids = self._codes[start:end] - self._first[clock]
        return ids[self.due[clock][ids] == self.day]

    def set_due(self, clock: str, ids: I64, days: NDArray[np.integer] | int) -> None:
        """Set a clock; any earlier day of the same clock is forgotten."""
        if len(ids):
            days = as_days(days, len(ids))
            self.due[clock][ids] = days
            self.calendar.push(days, ids + self._first[clock])

    def cancel(self, clock: str, ids: I64) -> None:
        """Stop a clock."""
        if len(ids):
            self.due[clock][ids] = NEVER

    def strikes(self, stream: str) -> I64:
        """People on whom a shock strikes today; every candidate seen asks for its next one tonight."""
        return self.shocks.strikes(self, self._number[stream])

    def strikes_of(self, *streams: str) -> tuple[I64, I64]:
        """People on whom any of these shocks strikes today, each once, and by which: the first named counts."""
        return self.shocks.strikes_of(self, [self._number[stream] for stream in streams])

    def hazard(self, stream: str, ids: I64, *, peak: bool = False) -> F64:
        """Hazard per day of a shock for people in states in which it can strike; the most ahead for ``peak``."""
        return self.shocks.hazard(self, self._number[stream], ids, peak=peak)

    @property
    def candidates(self) -> dict[str, int]:
        """Candidates seen so far, by stream."""
        return dict(zip(self.streams, self.shocks.seen.tolist(), strict=True))

    @property
    def strikes_so_far(self) -> dict[str, int]:
        """Candidates that the hazard of the morning let strike so far, by stream."""
        return dict(zip(self.streams, self.shocks.struck.tolist(), strict=True))

    # ---- what changes tonight -----------------------------------------------------------------------------

    def touch(self, ids: I64, *aspects: str) -> None:
        """These aspects of people changed: tonight the hazards that feel them are worked out anew."""
        if len(ids):
            asks = self._asks.get(aspects)
            if asks is None:
                felt = set(aspects)
                asks = sum(
                    1 << k for k, feels in enumerate(self._feels) if felt.intersection(feels)
                )
                self._asks[aspects] = asks
            self.touched.append((ids, asks))

    def dusk(self) -> None:
        """Renew the candidates and the hazard ratios of everybody touched today."""
        used = self.shocks.used_by
        parts, asked = [ids for ids, _ in self.touched], [asks for _, asks in self.touched]
        ids = np.concatenate([*parts, used])
        if not len(ids):
            return
        asks = np.array([*asked, 0], np.uint64).repeat([*map(len, parts), len(used)])
        if len(used):
            asks[-len(used) :] = self.shocks.used_bits
        # Numbers with their positions in one word are sorted quicker than positions by their numbers.
        width = len(ids).bit_length()
        words = (ids << width) | np.arange(len(ids))
        words.sort()
        ids, order = words >> width, words & ((1 << width) - 1)
        starts = first_of_each(ids).nonzero()[0]
        ids, asks = ids[starts], np.bitwise_or.reduceat(asks[order], starts)
        for k, ratio in enumerate(self.ratios, start=len(self.streams)):
            self._change_ratio(ratio, ids[(asks & self._bits[k]).nonzero()[0]])
        self.shocks.dusk(self, ids, asks)
        self.touched = []

    def renew(
        self, streams: Sequence[tuple[str, I64]], ratios: Sequence[tuple[Ratio, I64]]
    ) -> None:
        """Look up next candidates and set hazard ratios from today's state; from tomorrow they hold."""
        for ratio, ids in ratios:
            self._change_ratio(ratio, ids)
        for name, ids in streams:
            self.shocks.renew(self, self._number[name], ids)

    def _change_ratio(self, ratio: Ratio, ids: I64) -> None:
        running = self.spells[ratio.clock].running(self, ids) if len(ids) else ids
        if len(running):
            self.spells[ratio.clock].change_ratio(self, running, ratio.ratio(self, running))

    # ---- what is true of a person -------------------------------------------------------------------------

    def value(self, name: str, ids: I64, *index: Any) -> Any:
        """The value of a parameter for each person today; see the settings."""
        return self.settings.value(self, name, ids, *index)

    def running(self, name: str, ids: I64, *index: Any) -> Any:
        """Running sums of the shares of a parameter for each person today; see the settings."""
        return self.settings.running(self, name, ids, *index)

    def most_ahead(self, name: str, ids: I64, *index: Any) -> Any:
        """The most of a parameter from an entry of its last dimension on; see the settings."""
        return self.settings.most_ahead(self, name, ids, *index)

    def whole(self, name: str, ids: I64) -> Any:
        """The value of a parameter as a whole number for each person today; see the settings."""
        return self.settings.whole(self, name, ids)

    def uniform(self, stream: str, ids: I64, counter: int | NDArray[Any] = 0) -> F64:
        """One addressed uniform number a person."""
        return uniforms(self.keys[ids], stream_id(stream), _counter(counter))

    def uniforms(self, streams: Sequence[str], ids: I64, counter: NDArray[Any]) -> F64:
        """Uniform numbers of several streams at the same counters, shape (streams, people)."""
        return uniforms(self.keys[ids], stream_ids(*streams), _counter(counter))

    def exponential(self, stream: str, ids: I64, counter: int | NDArray[Any] = 0) -> F64:
        """One addressed unit exponential number a person."""
        return exponentials(self.keys[ids], stream_id(stream), _counter(counter))

    @property
    def bytes_a_person(self) -> int:
        """Bytes that all that is kept of a person takes."""
        return self.rows.itemsize + sum(column.itemsize for column in self.apart.values())

    def arm_of(self, ids: I64) -> I64:
        """The arm of each person."""
        return ids // self.people_per_arm

    @property
    def kinds(self) -> int:
        """Number of kinds of people: arms times cells."""
        return self.arms * self.settings.cells

    def kind_of(self, ids: I64) -> I64:
        """The kind of each person, ``arm * cells + cell``."""
        cell = self.people["cell"][ids].astype(np.int64)
        if self.arms > 1:
            cell += ids // self.people_per_arm * self.settings.cells
        return cell

    def place_of(self, ids: I64) -> I64:
        """The (arm, area) of each person, ``arm * areas + area``."""
        area = self.people["area"][ids]
        if self.arms == 1:
            return area.astype(np.int64)
        return ids // self.people_per_arm * self.areas + area

    def record(self, event: str, ids: I64, detail: NDArray[np.integer] | int = 0) -> None:
        """Count an event of these people, and log it for those in the sample."""
        if len(ids):
            self.recorder.event(self, event, ids, detail)

    # ---- branch, save, load ---------------------------------------------------------------------------------

    def branched(self, parents: Sequence[int], settings: Settings) -> World:
        """A world whose arm k is a copy of this world's arm ``parents[k]``, under other settings.

        The past is shared; from tomorrow each arm goes its own way.
        """
        rows = np.asarray(parents, np.int64)
        n = self.people_per_arm
        new = World(
            day=self.day,
            last_day=self.last_day,
            arms=len(rows),
            people=n,
            areas=self.areas,
            steps=self.steps,
            settings=settings,
            recorder=self.recorder.branched(rows, n),
        )
        # Arm by arm, since all at once would hold everybody twice for a moment.
        columns = [(self.rows, new.rows), *((c, new.apart[name]) for name, c in self.apart.items())]
        for old_column, new_column in columns:
            for child, parent in enumerate(parents):
                new_column[child * n : (child + 1) * n] = old_column[parent * n : (parent + 1) * n]
        new.spells = {name: clock.branched(rows) for name, clock in self.spells.items()}
        new.facts = dict(self.facts)
        for name, service in self.services.items():
            new.services[name] = service.branched(new, rows)
        new.shocks.seen, new.shocks.struck = self.shocks.seen.copy(), self.shocks.struck.copy()
        new.refill_calendar()
        return new

    def refill_calendar(self) -> None:
        """Rebuild the calendar from the ``due`` columns."""
        self.calendar = Calendar(self.last_day, len(self.clocks) * len(self.keys))
        for clock, due in self.due.items():
            ids = np.flatnonzero((due > self.day) & (due <= self.last_day))
            self.calendar.push(due[ids], ids + self._first[clock])


def _at_rest(columns: Columns, streams: int, clocks: int) -> NDArray[np.void]:
    """The row of a person with whom nothing is going on: wide fields first, so that none is lost to alignment."""
    by_width = sorted(columns, key=lambda name: -np.dtype(columns[name][0]).itemsize)
    fields: list[Any] = [("key", np.uint64), *((name, columns[name][0]) for name in by_width)]
    fields += [("candidates", np.uint32, (streams,)), ("due", np.int16, (clocks,))]
    row = np.zeros(1, np.dtype(fields, align=True))
    for name, (_, rest) in columns.items():
        row[name] = rest
    row["candidates"], row["due"] = NO_CANDIDATE.view(np.uint32), NEVER
    return row


def _by_name(names: Iterable[str], columns: NDArray[Any]) -> dict[str, NDArray[Any]]:
    return {name: columns[:, k] for k, name in enumerate(names)}


def _counter(counter: int | NDArray[Any]) -> int | U64:
    return counter.astype(np.uint64) if isinstance(counter, np.ndarray) else counter
