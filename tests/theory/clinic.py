"""Clinics to test services on: real worlds, one place an area, whose people come once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.core.clocks import HazardTable
from sim.core.dates import NEVER
from sim.core.engine import conduct
from sim.core.spells import SpellClock
from sim.core.steps import Step
from sim.core.world import World
from sim.support.service import Places, Service, Throughput
from tests.core.toy import FIRST_DAY
from tests.theory.worlds import BARE, world

I64 = NDArray[np.int64]
F64 = NDArray[np.float64]

NOT_YET: Final = -1


@dataclass(frozen=True)
class Design:
    """A clinic with so many places, or so many starts a day, and what people do there (times in days)."""

    places: float = 0.0
    a_day: float = 0.0
    support: float = 0.0
    fixed: bool = False
    patience: float = 0.0
    loses: bool = False
    priorities: int = 1
    backlog: int = 0
    """People who come to each clinic on the first day, before the others."""


@dataclass(frozen=True)
class Visits:
    """What became of everybody: who came where and when, in order, and on what day they started or left."""

    clinic: I64
    came: I64
    started: I64
    ended: I64
    left: I64
    priority: I64
    patient_until: I64
    in_line: I64
    """People in line on each evening, shape (days, clinics)."""
    in_use: I64

    @property
    def waited(self) -> I64:
        """Days from coming to starting; ``NOT_YET`` of those who did not start."""
        return np.where(self.started == NOT_YET, NOT_YET, self.started - self.came)


DAYS_SEEN: Final = ("came", "started", "ended", "left")


def _step(design: Design) -> Step:
    def act(w: World) -> None:
        p, service = w.people, w.services["clinic"]
        done = w.due_today("support")
        w.cancel("support", done)
        service.release(w, done)
        p["ended"][done] = w.day
        gone = w.due_today("patience")
        w.cancel("patience", gone)
        service.leave(w, gone)
        p["left"][gone] = w.day

        comers = w.due_today("comes")
        w.cancel("comes", comers)
        p["came"][comers] = p["clinic_since"][comers] = w.day
        for priority in range(design.priorities):
            service.join(w, comers[p["priority"][comers] == priority], priority)
        if design.patience:
            w.spells["patience"].start(w, comers, np.zeros(len(comers), np.uint8), 1.0)
            p["patient_until"][comers] = w.due["patience"][comers]

        taken = service.serve(w)
        p["started"][taken] = w.day
        w.cancel("patience", taken)
        if design.places:
            w.spells["support"].start(w, taken, np.zeros(len(taken), np.uint8), 1.0)
        if design.loses:
            lost = comers[service.lines.is_waiting(comers)]
            service.leave(w, lost)
            p["left"][lost] = w.day

    return Step(
        "clinic",
        "People come, wait, start, and leave.",
        act,
        columns={
            **BARE,
            "priority": (np.uint8, 0),
            "clinic_ticket": (np.int32, -1),
            "clinic_since": (np.int16, 0),
            "patient_until": (np.int16, NEVER),
            **{name: (np.int16, NOT_YET) for name in DAYS_SEEN},
        },
        clocks=("comes",),
        spells=("support", "patience"),
    )


def table_of(mean: float, fixed: bool = False) -> HazardTable:
    """Hazards of an exponential length, or of a fixed one."""
    if fixed:
        return HazardTable.from_specs([{"survival": {0: 1.0, mean - 1: 1.0, mean: 0.0}}])
    return HazardTable.from_specs([{"distribution": "expon", "scale": mean}])


@cache
def arrivals(clinics: int, rate: float, days: int, seed: int, backlog: int = 0) -> tuple[I64, I64]:
    """Days and clinics of Poisson arrivals after a backlog, in order."""
    counts = np.random.default_rng((seed, clinics, days)).poisson(rate, (days, clinics))
    counts[0] += backlog
    which = np.repeat(np.tile(np.arange(clinics), days), counts.ravel())
    return np.repeat(np.arange(1, days + 1), counts.sum(axis=1)), which


@cache
def visits(design: Design, clinics: int, rate: float, days: int, longer: int, seed: int) -> Visits:
    """Run some clinics for ``days`` of arrivals and ``longer`` without, from empty."""
    day, which = arrivals(clinics, rate, days, seed, design.backlog)
    step = _step(design)
    people = len(day)
    w = world(step, people=people, days=days + longer, seed=seed, areas=clinics)
    w.people["area"][:] = which
    w.people["priority"][:] = np.arange(people) % design.priorities
    w.spells = {
        "support": SpellClock("support", table_of(design.support or 1.0, design.fixed)),
        "patience": SpellClock("patience", table_of(design.patience or 1.0)),
    }
    amount = np.full(clinics, design.places or design.a_day)
    kind = Places if design.places else Throughput
    w.services["clinic"] = Service(w, "clinic", kind(lambda _w: amount, clinics), design.priorities)
    w.set_due("comes", np.arange(people), FIRST_DAY + day)
    in_line, in_use = [], []
    for _ in range(days + longer):
        conduct(w, w.day + 1)
        in_line.append(w.services["clinic"].lines.waiting.copy())
        in_use.append(getattr(w.services["clinic"].capacity, "in_use", in_line[-1]).copy())
    seen = {
        name: np.where(
            w.people[name] == NOT_YET, NOT_YET, w.people[name].astype(np.int64) - FIRST_DAY
        )
        for name in DAYS_SEEN
    }
    until = w.people["patient_until"].astype(np.int64) - FIRST_DAY
    return Visits(
        which.astype(np.int64),
        priority=w.people["priority"].astype(np.int64),
        patient_until=until,
        in_line=np.stack(in_line),
        in_use=np.stack(in_use),
        **seen,
    )
