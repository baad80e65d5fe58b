"""Little's law on the services of the model: exact over any window, if those in line at its ends are counted.

The number in line, added up over the evenings of a window, is the number of evenings in line, added up over
people. The first is the service's own count; the second is worked out from when each person joined and left.

Source: Little (1961), Operations Research 9:383; Little (2011), Operations Research 59:536, on finite windows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pytest
from numpy.typing import NDArray

from sim.core.dates import day_of
from sim.core.engine import conduct
from sim.core.world import World
from sim.model import new_world, warm_up
from sim.scenario import load_scenario, override
from sim.support.programmes import SLOTS
from sim.support.workwell import IN_SUPPORT
from tests.theory.clinic import NOT_YET, visits
from tests.theory.services import DAYS as CLINIC_DAYS
from tests.theory.services import LONGER, QUEUES
from tests.verification.plugin import Verified

I64 = NDArray[np.int64]

AREAS = ("E54000057", "E54000062")
DAYS = 450
PLACES, STARTS, OFFERS = 30_000, 5_000, 4.0
"""Capacity of every programme, places or starts a month in the nation, and offers a year by every route."""
PROGRAMMES = {
    programme.name: (slot, number)
    for slot in SLOTS
    for number, programme in enumerate(slot.programmes, start=1)
}
SERVICES = ("workwell", "wca", *PROGRAMMES)


@dataclass
class Line:
    """What is kept of one service: its own count of each evening, and each stay in line that has ended."""

    counted: list[I64] = field(default_factory=list)
    waits: list[I64] = field(default_factory=list)
    """Place and evenings in line within the window of everybody who left it, shape (people, 2)."""
    at_start: int = 0
    joined: int = 0


@dataclass
class Run:
    """A window of a run of the model."""

    world: World
    lines: Mapping[str, Line]
    in_use: I64
    log: list[tuple[int, int, I64, int, I64]]
    supported_at_start: I64
    first: int


@pytest.fixture(scope="module")
def run() -> Run:
    size = {"scale": 0.006, "years": 2, "warm_up_years": 0.25, "areas": AREAS}
    scenario = override(load_scenario("workwell_pilots"), busy()).model_copy(update=size)
    w = warm_up(new_world(scenario, 3, AREAS, None), day_of(scenario.start) - 1)
    # Every service before which people stand in line has a check here.
    assert {name for name, service in w.services.items() if hasattr(service, "lines")} == set(
        SERVICES
    )
    lines = {name: Line() for name in SERVICES}
    first = w.day
    supported = np.flatnonzero(w.people["workwell"] == IN_SUPPORT)
    before = {name: _standing(w, name) for name in SERVICES}
    for name, line in lines.items():
        line.at_start = int(before[name][0].sum())
    in_use = []
    for _ in range(DAYS):
        conduct(w, w.day + 1)
        for name, line in lines.items():
            was, since = before[name]
            now, since_now = _standing(w, name)
            # Whoever left and joined again within the day stands since today.
            left = np.flatnonzero(was & (~now | (since_now != since)))
            evenings = w.day - np.maximum(since[left], first + 1)
            line.waits.append(np.stack([w.place_of(left), evenings]))
            line.joined += int((now & (~was | (since_now != since))).sum())
            line.counted.append(w.services[name].lines.waiting.copy())
            before[name] = (now, since_now)
        in_use.append(w.services["workwell"].capacity.in_use.copy())
    for name, line in lines.items():
        standing, since = before[name]
        still = np.flatnonzero(standing)
        evenings = w.day + 1 - np.maximum(since[still], first + 1)
        line.waits.append(np.stack([w.place_of(still), evenings]))
    return Run(w, lines, np.stack(in_use), w.recorder.log, supported, first)


def busy() -> dict[str, float]:
    """Values under which every programme has some capacity, and more offers than that."""
    values: dict[str, float] = {}
    for programme in (programme for slot in SLOTS for programme in slot.programmes):
        values[programme.amount] = PLACES if programme.capacity == "places" else STARTS
        for route in programme.routes:
            values[route.parameter(programme.name)] = 0.1 if route.occasion else OFFERS
    return values


def _standing(w: World, name: str) -> tuple[NDArray[np.bool_], I64]:
    """Who stands in the line of a service, and since when they last joined one like it."""
    if name not in PROGRAMMES:
        return w.people[f"{name}_ticket"] >= 0, w.people[f"{name}_since"].astype(np.int64)
    slot, number = PROGRAMMES[name]
    here = (w.people[f"{slot.name}_ticket"] >= 0) & (w.people[slot.which] == number)
    return here, w.people[f"{slot.name}_since"].astype(np.int64)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(
            n,
            marks=pytest.mark.verification(
                "little_programmes" if n in PROGRAMMES else f"little_{n}"
            ),
        )
        for n in SERVICES
    ],
)
def test_evenings_in_line_add_up_to_the_lengths_of_the_line(
    run: Run, name: str, verified: Verified
) -> None:
    line = run.lines[name]
    place, evenings = np.concatenate(line.waits, axis=1)
    assert (evenings >= 0).all()
    of_line = np.sum(line.counted, axis=0)
    of_people = np.bincount(place, evenings, len(of_line)).astype(np.int64)
    np.testing.assert_array_equal(of_people, of_line)
    # The same as L = lambda W, with everybody who stood in line in the window.
    people = line.at_start + line.joined
    assert people == len(place) > 20
    assert of_line.sum() > 50
    length, rate, wait = of_line.sum() / DAYS, people / DAYS, evenings.mean()
    verified(
        f"{name}: person-evenings in line, by the service and by people",
        f"{of_line.sum():,} = {of_people.sum():,}; L {length:.4f} = {rate:.4f} a day x {wait:.4f} days",
    )


@pytest.mark.verification("little_places")
def test_days_of_support_add_up_to_the_places_in_use(run: Run, verified: Verified) -> None:
    """Support as the log tells it: from its start, or that of the window, to its end or the person's leaving."""
    w = run.world
    events = {number: name for name, number in w.recorder.events.items()}
    began = np.full(len(w.keys), -1, np.int64)
    began[run.supported_at_start] = run.first + 1
    evenings = np.zeros(len(w.keys), np.int64)
    stays = 0
    for day, _, ids, number, _ in run.log:
        event = events[number]
        if day <= run.first:
            continue
        if event == "workwell_start":
            assert (began[ids] == -1).all()
            began[ids] = day
        elif event in ("workwell_end", "death", "pension_age"):
            ids = ids[began[ids] >= 0]
            evenings[ids] += day - began[ids]
            began[ids] = -1
            stays += len(ids)
    still = np.flatnonzero(began >= 0)
    evenings[still] += w.day + 1 - began[still]
    assert stays > 20
    in_use = run.in_use.sum(axis=0)
    by_place = np.bincount(w.place_of(np.arange(len(w.keys))), evenings, len(in_use))
    np.testing.assert_array_equal(by_place.astype(np.int64), in_use)
    verified(
        "person-evenings in support, by the service and by the log",
        f"{in_use.sum():,} = {int(by_place.sum()):,}; {stays:,} stays ended",
    )


@pytest.mark.verification("little_clinics")
def test_clinics_obey_the_law_place_by_place(verified: Verified) -> None:
    """All clinics of the battery: evenings in line and in use, from the days on which each came, started, left."""
    in_line = in_use = 0
    for name, (design, law, clinics) in QUEUES.items():
        seen = visits(design, clinics, law.arrivals, CLINIC_DAYS, LONGER, seed=1)
        last = CLINIC_DAYS + LONGER
        line_until = np.where(seen.started == NOT_YET, seen.left, seen.started)
        line_until[line_until == NOT_YET] = last + 1
        waited = np.bincount(seen.clinic, line_until - seen.came, clinics)
        np.testing.assert_array_equal(waited, seen.in_line.sum(axis=0), err_msg=name)
        here = seen.started != NOT_YET
        until = np.where(seen.ended == NOT_YET, last + 1, seen.ended)
        used = np.bincount(seen.clinic[here], (until - seen.started)[here], clinics)
        np.testing.assert_array_equal(used, seen.in_use.sum(axis=0), err_msg=name)
        in_line, in_use = in_line + int(waited.sum()), in_use + int(used.sum())
    verified(
        f"person-evenings of {len(QUEUES)} kinds",
        f"{in_line:,} in line, {in_use:,} in use, all equal",
    )
