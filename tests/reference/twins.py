"""Both engines on the same people: run them, and say where their histories part."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_type_hints

import numpy as np

from sim.core.dates import NEVER, date_of, day_of
from sim.core.engine import conduct
from sim.core.recorder import Month
from sim.core.world import World
from sim.model import EVENTS, new_world
from sim.reference.model import plain_world
from sim.reference.person import Person
from sim.reference.world import PlainWorld
from sim.scenario import Scenario
from sim.scenario.models import Change
from sim.support.programmes import PROGRAMMES
from tests.library import library

PILOTS = ("E54000027", "E54000048", "E54000008")
AREAS = ("E54000010", *PILOTS)
"""One area without and three with WorkWell."""
HISTORY_BEFORE = 12
"""Events of a person that are told before the first that differs."""

PARTS = {
    "stage": "stage",
    "programme": "programme",
    "ends": "ends",
    "drops_out": "drops_out",
    "offers": "offers",
}
"""Columns of a slot, and what they are called in a person's part in it."""

Log = dict[int, list[tuple[int, str, str]]]
"""Events (day, event, detail) in order, by index of the person."""


@dataclass(frozen=True)
class Twins:
    """What both engines recorded, and both worlds on the last evening."""

    core: World
    plain: PlainWorld
    core_log: Log
    plain_log: Log


def scenario(name: str, *changes: Change, **settings: Any) -> Scenario:
    """A library scenario without a warm-up, with further changes."""
    base = library(name).model_copy(update={"warm_up_years": 0, **settings})
    return base.model_copy(update={"changes": (*base.changes, *changes)})


def change(
    base: Scenario,
    what: str,
    value: float,
    *,
    join: Literal["multiply", "replace"] = "multiply",
    from_: dt.date | None = None,
    until: dt.date | None = None,
    ramp_months: int = 0,
    who: dict[str, tuple[str, ...]] | None = None,
    where: tuple[str, ...] = (),
) -> Change:
    """Multiply a parameter, or replace it."""
    size = int(np.prod(base.parameters[what].shape, initial=1))
    return Change(
        what=what,
        value=value,
        entries=(value,) * size,
        join=join,
        who=who or {},
        where=where,
        from_=from_ or base.start,
        ramp_months=ramp_months,
        until=until,
        range=None,
        grade="assumption",
        source=(),
        reasoning="test",
        reform="test",
        origin="test",
    )


def everything(scale: float, years: int = 5, *further: Change) -> Scenario:
    """The package, and every programme open with places, or starts, for few of those who are offered it."""
    base = scenario("package", scale=scale, years=years)
    values: dict[str, float] = {"therapy_time.capacity_ratio": 1.6, "gp_time.capacity_ratio": 1.6}
    for name, programme in PROGRAMMES.items():
        values[programme.amount] = 60_000 if programme.capacity == "places" else 12_000
        if programme.by_area:
            values[f"{name}.coverage"] = 1.0
        for route in programme.routes:
            values[route.parameter(name)] = 0.4 if route.occasion else 0.6
    opened = [change(base, what, value, join="replace") for what, value in values.items()]
    return base.model_copy(update={"changes": (*base.changes, *opened, *further)})


def live(
    scenario: Scenario, seed: int, areas: Sequence[str] = AREAS, days: int | None = None
) -> Twins:
    """Let both engines live through a scenario, or its first days, every event logged."""
    core, plain = _born(scenario, seed, areas)
    return _go_on(core, plain, day_of(scenario.end) - 1 if days is None else core.day + days)


def first_difference(scenario: Scenario, seed: int, areas: Sequence[str], days: int) -> str | None:
    """The first event that is not the same within some days, looked for once in thirty; None if all are."""
    core, plain = _born(scenario, seed, areas)
    last = core.day + days
    while core.day < last:
        told = difference(_go_on(core, plain, min(core.day + 30, last)))
        if told is not None:
            return told
    return None


def _born(scenario: Scenario, seed: int, areas: Sequence[str]) -> tuple[World, PlainWorld]:
    core = new_world(scenario, seed, areas, log_people=None)
    core.recorder.begin(core.day)
    return core, plain_world(core, scenario, seed)


def _go_on(core: World, plain: PlainWorld, until: int) -> Twins:
    conduct(core, until)
    plain.run(until)
    return Twins(core, plain, _core_log(core), _plain_log(plain))


def difference(twins: Twins) -> str | None:
    """The first event that is not the same, with the histories of its person; None if all are."""
    parts = []
    for person in twins.core_log.keys() | twins.plain_log.keys():
        mine, theirs = twins.core_log.get(person, []), twins.plain_log.get(person, [])
        if mine != theirs:
            common = next(
                (k for k, (a, b) in enumerate(zip(mine, theirs, strict=False)) if a != b),
                min(len(mine), len(theirs)),
            )
            day = min(history[common][0] for history in (mine, theirs) if common < len(history))
            parts.append((day, person, common))
    if not parts:
        return None
    day, person, common = min(parts)
    return "\n".join(
        [
            f"{len(parts)} people have histories that differ; the first from {date_of(day)}:",
            f"person {twins.plain.people[person].number}",
            *_told("vectorised engine", twins.core_log.get(person, []), common),
            *_told("plain engine", twins.plain_log.get(person, []), common),
        ]
    )


def states_that_differ(twins: Twins) -> list[str]:
    """Attributes and diaries that are not the same on the last evening."""
    found = []
    everybody = twins.plain.people
    for name in get_type_hints(Person):
        if name in twins.core.people:
            mine = twins.core.people[name].tolist()
            found += [name for p in everybody if getattr(p, name) != mine[p.index]][:1]
    for slot in twins.plain.slots:
        for name, attribute in PARTS.items():
            mine = twins.core.people[f"{slot.name}_{name}"].tolist()
            found += [
                f"{slot.name}: {name}"
                for p in everybody
                if _held(mine[p.index], name) != getattr(slot.part(p), attribute)
                and (name == "offers" or slot.part(p).stage)
            ][:1]
    for name in twins.core.clocks:
        if name not in twins.core.streams and not name.startswith("workwell"):
            mine = twins.core.due[name].astype(int).tolist()
            found += [
                f"diary: {name}"
                for p in everybody
                if _ahead(mine[p.index], twins) != _ahead(p.diary.get(name, NEVER), twins)
            ][:1]
    return found


def months_that_differ(twins: Twins) -> list[str]:
    """Counts of a month that are not the same."""
    mine, theirs = twins.core.recorder.months, twins.plain.ledger.months
    assert len(mine) == len(theirs) > 0
    return [
        f"{name} of the month to {date_of(a.end_day)}"
        for a, b in zip(mine, theirs, strict=True)
        for name in Month.__dataclass_fields__
        if not _equal(getattr(a, name), getattr(b, name))
    ]


def _held(value: int, name: str) -> int:
    """What the plain engine calls a value: it numbers programmes from zero."""
    return value - 1 if name == "programme" else value


def _equal(a: Any, b: Any) -> bool:
    if isinstance(a, tuple | list):
        return len(a) == len(b) and all(_equal(x, y) for x, y in zip(a, b, strict=True))
    return bool(np.array_equal(a, b))


def _ahead(day: int, twins: Twins) -> int:
    """A day to come; entries of the past are of no matter."""
    return day if day > twins.core.day else NEVER


def _core_log(world: World) -> Log:
    names, log = list(EVENTS), Log()
    for day, _, ids, event, kinds in world.recorder.log:
        name = names[event]
        for person, kind in zip(ids.tolist(), kinds.tolist(), strict=True):
            log.setdefault(person, []).append((day, name, EVENTS[name][kind]))
    return log


def _plain_log(world: PlainWorld) -> Log:
    names, log = list(EVENTS), Log()
    for day, person, event, kind in world.ledger.log:
        name = names[event]
        log.setdefault(person, []).append((day, name, EVENTS[name][kind]))
    return log


def _told(engine: str, history: list[tuple[int, str, str]], common: int) -> list[str]:
    shown = history[max(0, common - HISTORY_BEFORE) : common + 3]
    first = max(0, common - HISTORY_BEFORE)
    return [
        f"  {engine}:",
        *(
            f"  {'>' if first + k >= common else ' '} {date_of(day)} {event}: {detail}"
            for k, (day, event, detail) in enumerate(shown)
        ),
        *(["  > (nothing more)"] if common >= len(history) else []),
    ]
