"""The world: people as columns, arms side by side, and what is due when.

An *arm* is one scenario with one seed. Arms stand side by side in flat columns of length arms x people,
so one calendar and one pass of each step advances all of them. The world knows nothing of policy: steps
bring their columns, clocks and streams, and a settings object answers what a parameter is worth for a person.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from sim.core.calendar import Calendar
from sim.core.candidates import PROBE, acceptance, marks, next_candidates, top_layer
from sim.core.dates import NEVER
from sim.core.draws import F64, U64, exponentials, stream_id, uniforms
from sim.core.recorder import Recorder
from sim.core.spells import SpellClock

I64 = NDArray[np.int64]
Rate = Callable[["World", I64, bool], F64]


class Settings(Protocol):
    """What a world asks of the parameters in force."""

    def value(self, w: World, name: str, ids: I64, *index: Any) -> Any:
        """The value of a parameter for each person today."""


@dataclass(frozen=True)
class Stream:
    """A calendar stream: a named shock that can strike on any day.

    ``rate(world, ids, peak)`` is the hazard per day: today's, or (``peak``) one that it does not exceed until
    the person is next touched. ``base`` is the rate per day at which the layers of candidates start.
    ``reads`` names the parameters the rate depends on.
    """

    name: str
    base: float
    rate: Rate
    reads: tuple[str, ...] = ()


@dataclass(frozen=True)
class Ratio:
    """How a spell clock's hazard ratio is worked out for a person, and the parameters it reads."""

    clock: str
    ratio: Callable[[World, I64], F64]
    reads: tuple[str, ...] = ()


@dataclass(frozen=True)
class Step:
    """One step of a day: what it does, and the columns, clocks, streams and events it brings."""

    name: str
    does: str
    act: Callable[[World], None]
    columns: Mapping[str, tuple[type[np.generic], float]] = field(default_factory=dict)
    clocks: tuple[str, ...] = ()
    spells: tuple[str, ...] = ()
    streams: tuple[Stream, ...] = ()
    ratios: tuple[Ratio, ...] = ()
    events: Mapping[str, Sequence[str]] = field(default_factory=dict)
    begin: Callable[[World], None] | None = None
    monthly: bool = False


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
        self.keys: U64 = np.zeros(size, np.uint64)
        self.people: dict[str, NDArray[Any]] = {}
        self.due: dict[str, NDArray[np.int16]] = {}
        self.layer: dict[str, NDArray[np.uint8]] = {}
        self.band: dict[str, NDArray[np.uint8]] = {}
        self.streams = {s.name: s for step in steps for s in step.streams}
        self.ratios = [r for step in steps for r in step.ratios]
        self.clocks = [c for step in steps for c in (*step.clocks, *step.spells, *_names(step))]
        self.spells: dict[str, SpellClock] = {}
        self.services: dict[str, Any] = {}
        self.facts: dict[str, NDArray[Any]] = {}
        self.candidates = dict.fromkeys(self.streams, 0)
        self.strikes_so_far = dict.fromkeys(self.streams, 0)
        self._number = {name: k for k, name in enumerate(self.clocks)}
        self._stream_ids = {name: stream_id(name) for name in self.streams}
        self._touched: list[I64] = []
        self._due_today: dict[str, I64] = {}
        for step in steps:
            for spell in step.spells:
                self._add_columns(SpellClock.columns(spell), size)
            self._add_columns(step.columns, size)
        for clock in self.clocks:
            self.due[clock] = np.full(size, NEVER, np.int16)
        for stream in self.streams:
            self.layer[stream] = np.zeros(size, np.uint8)
            self.band[stream] = np.zeros(size, np.uint8)
        self.calendar = Calendar(last_day)

    def _add_columns(self, columns: Mapping[str, tuple[type[np.generic], float]], size: int) -> None:
        for name, (dtype, rest) in columns.items():
            self.people[name] = np.full(size, rest, dtype)

    # ---- who is due -----------------------------------------------------------------------------------

    def dawn(self, day: int) -> None:
        """Turn to a new day and look up who is due."""
        self.day = day
        codes = self.calendar.pop(day)
        size = len(self.keys)
        edges = np.searchsorted(codes, np.arange(len(self.clocks) + 1) * size)
        self._due_today = {
            name: codes[edges[k] : edges[k + 1]] - k * size for name, k in self._number.items()
        }

    def due_today(self, clock: str) -> I64:
        """People whose clock is due today and still stands, in order."""
        ids = self._due_today[clock]
        return ids[self.due[clock][ids] == self.day]

    def set_due(self, clock: str, ids: I64, days: NDArray[np.integer] | int) -> None:
        """Set a clock; any earlier day of the same clock is forgotten."""
        self.due[clock][ids] = days
        days = np.broadcast_to(np.asarray(days), ids.shape)
        self.calendar.push(days, ids + self._number[clock] * len(self.keys))

    def cancel(self, clock: str, ids: I64) -> None:
        """Stop a clock."""
        self.due[clock][ids] = NEVER

    def strikes(self, stream: str) -> I64:
        """People on whom a shock strikes today; every candidate seen asks for its next one tonight."""
        ids = self.due_today(stream)
        if not len(ids):
            return ids
        spec, layer = self.streams[stream], self.layer[stream][ids]
        hazard = self._within_bound(spec, ids, spec.rate(self, ids, False))
        self._touched.append(ids)
        u = marks(self.keys[ids], self._stream_ids[stream], layer, self.day)
        struck = ids[u < acceptance(hazard, spec.base, layer)]
        self.candidates[stream] += int((layer != PROBE).sum())
        self.strikes_so_far[stream] += len(struck)
        return struck

    def _within_bound(self, spec: Stream, ids: I64, hazard: F64) -> F64:
        """Hold hazards to what was looked up last night; only a change of state today may exceed it."""
        covered = spec.base * np.exp2(self.band[spec.name][ids].astype(float) - 1.0)
        above = hazard > covered * (1 + 1e-9)
        if above.any():
            touched = np.concatenate(self._touched) if self._touched else np.empty(0, np.int64)
            if not np.isin(ids[above], touched).all():
                raise AssertionError(f"the hazard of {spec.name} rose above its bound without a touch")
        return np.minimum(hazard, covered)

    # ---- what changes tonight -----------------------------------------------------------------------------

    def touch(self, ids: I64) -> None:
        """Something about these people changed: tonight their hazards are worked out anew."""
        if len(ids):
            self._touched.append(ids)

    def dusk(self) -> None:
        """Renew the candidates and the hazard ratios of everybody touched today."""
        if not self._touched:
            return
        ids = np.concatenate(self._touched)
        self._touched = []
        if len(ids) > 1:
            ids = np.sort(ids)
            ids = ids[np.append(True, ids[1:] != ids[:-1])]
        self.renew(ids, list(self.streams), self.ratios)

    def renew(self, ids: I64, streams: Sequence[str], ratios: Sequence[Ratio]) -> None:
        """Look up next candidates and set hazard ratios from today's state; from tomorrow they hold."""
        for ratio in ratios:
            running = self.spells[ratio.clock].running(self, ids)
            if len(running):
                self.spells[ratio.clock].change_ratio(self, running, ratio.ratio(self, running))
        asked = [(name, *self._who_needs_candidates(name, ids)) for name in streams]
        asked = [(name, who, top) for name, who, top in asked if len(who)]
        if not asked:
            return
        keys = np.concatenate([self.keys[who] for _, who, _ in asked])
        numbers = np.concatenate([np.full(len(w), self._stream_ids[s]) for s, w, _ in asked])
        base = np.concatenate([np.full(len(w), self.streams[s].base) for s, w, _ in asked])
        top = np.concatenate([t for _, _, t in asked])
        day, layer = next_candidates(keys, numbers, base, top, self.day)
        at = 0
        for name, who, t in asked:
            part = slice(at, at + len(who))
            at += len(who)
            self.layer[name][who] = layer[part]
            self.band[name][who] = t + 1
            self.set_due(name, who, day[part])

    def _who_needs_candidates(self, stream: str, ids: I64) -> tuple[I64, NDArray[np.uint8]]:
        """People whose candidate is used up or whose hazard has outgrown the layers looked at."""
        spec = self.streams[stream]
        peak = spec.rate(self, ids, True)
        due = self.due[stream][ids]
        top = top_layer(np.maximum(peak, 1e-300), spec.base)
        used = due <= self.day
        idle = ids[(peak <= 0) & used]
        self.due[stream][idle] = NEVER
        self.band[stream][idle] = 0
        needs = (peak > 0) & (used | (top + 1 > self.band[stream][ids]))
        return ids[needs], top[needs]

    # ---- what is true of a person -------------------------------------------------------------------------

    def value(self, name: str, ids: I64, *index: Any) -> Any:
        """The value of a parameter for each person today; see the settings."""
        return self.settings.value(self, name, ids, *index)

    def uniform(self, stream: str, ids: I64, counter: int | NDArray[Any] = 0) -> F64:
        """One addressed uniform number a person."""
        return uniforms(self.keys[ids], stream_id(stream), _counter(counter))

    def exponential(self, stream: str, ids: I64, counter: int | NDArray[Any] = 0) -> F64:
        """One addressed unit exponential number a person."""
        return exponentials(self.keys[ids], stream_id(stream), _counter(counter))

    def arm_of(self, ids: I64) -> I64:
        """The arm of each person."""
        return ids // self.people_per_arm

    def place_of(self, ids: I64) -> I64:
        """The (arm, area) of each person, ``arm * areas + area``."""
        return ids // self.people_per_arm * self.areas + self.people["area"][ids]

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
            recorder=self.recorder.branched(rows),
        )

        def copied(column: NDArray[Any]) -> NDArray[Any]:
            return column.reshape(self.arms, n)[rows].reshape(-1)

        new.keys = copied(self.keys)
        for mine, theirs in (
            (self.people, new.people), (self.due, new.due), (self.layer, new.layer), (self.band, new.band)
        ):
            for name, column in mine.items():
                theirs[name] = copied(column)
        new.spells, new.facts = dict(self.spells), dict(self.facts)
        for name, service in self.services.items():
            new.services[name] = service.branched(new, rows)
        new.candidates, new.strikes_so_far = dict(self.candidates), dict(self.strikes_so_far)
        new.refill_calendar()
        return new

    def refill_calendar(self) -> None:
        """Rebuild the calendar from the ``due`` columns."""
        self.calendar = Calendar(self.last_day)
        for clock, due in self.due.items():
            ids = np.flatnonzero((due > self.day) & (due <= self.last_day))
            self.calendar.push(due[ids], ids + self._number[clock] * len(self.keys))


def _names(step: Step) -> tuple[str, ...]:
    return tuple(s.name for s in step.streams)


def _counter(counter: int | NDArray[Any]) -> int | U64:
    return counter if isinstance(counter, int) else np.asarray(counter).astype(np.uint64)
