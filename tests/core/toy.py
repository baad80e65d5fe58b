"""A toy world to test the core on: people fall ill, wait for a place in care, and recover."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sim.core.clocks import HazardTable
from sim.core.draws import choose, person_keys
from sim.core.recorder import Layout, Recorder
from sim.core.spells import SpellClock
from sim.core.steps import Ratio, Step, Stream
from sim.core.world import World
from sim.support.service import Places, Service

I64 = NDArray[np.int64]
F64 = NDArray[np.float64]
Plan = Mapping[str, Sequence[tuple[int, float]]]
"""Values of one arm: for each name, each value with the day from which it holds."""

FIRST_DAY: Final = 8_800
AREAS: Final = 3
PEOPLE: Final = 60
"""People in an area."""
STATUS: Final = ("well", "ill", "in_care")
WELL, ILL, IN_CARE = range(3)
MILD, GRAVE = range(2)

BARE: Final = {"area": (np.uint8, 0), "state": (np.uint8, 0)}
"""Columns that every world has."""

BASELINE: Final[Plan] = {
    "fall_rate": [(0, 0.02)],
    "recovery_ratio": [(0, 1.0)],
    "care_ratio": [(0, 3.0)],
    "places": [(0, 2.4)],
}


def changed(plan: Plan = BASELINE, **values: Sequence[tuple[int, float]]) -> Plan:
    """A plan in which some values also change on later days."""
    return {**plan, **{name: [*plan[name], *later] for name, later in values.items()}}


@dataclass
class PlanSettings:
    """The values in force today in every arm."""

    plans: Sequence[Plan]
    day: int
    now: dict[str, F64] = field(default_factory=dict)

    aimed: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        self.turn_to(self.day)

    def turn_to(self, day: int) -> None:
        self.now = {
            name: np.array([[v for d, v in plan[name] if d <= day][-1] for plan in self.plans])
            for name in self.plans[0]
        }

    def value(self, w: World, name: str, ids: I64, *index: Any) -> F64:
        return self.now[name][w.arm_of(ids)]

    def kept(self, w: World, make: Callable[[World], Any]) -> Any:
        return make(w)


# ---- Steps --------------------------------------------------------------------------------------


def falling_ill(w: World, ids: I64, peak: bool) -> F64:
    rate = w.value("fall_rate", ids) * (1 + w.people["area"][ids])
    return np.where(w.people["status"][ids] == WELL, rate, 0.0)


def recovery_ratio(w: World, ids: I64) -> F64:
    care = np.where(w.people["status"][ids] == IN_CARE, w.value("care_ratio", ids), 1.0)
    return w.value("recovery_ratio", ids) * care


def move(w: World, ids: I64, status: int) -> None:
    p = w.people
    old, new = p["state"][ids], np.full(len(ids), status, np.uint8)
    p["state"][ids] = p["status"][ids] = new
    w.recorder.move(w, ids, old, new)
    w.touch(ids, "status")


def act_illness(w: World) -> None:
    p = w.people
    back = w.due_today("illness")
    w.cancel("illness", back)
    cared = p["status"][back] == IN_CARE
    w.record("recovers", back, cared.astype(np.int64))
    days = w.day - p["illness_start"][back].astype(np.int64)
    w.recorder.spell(w, "recovers", back, cared.astype(np.int64), days)
    w.services["clinic"].leave(w, back)
    w.services["clinic"].release(w, back[cared])
    move(w, back, WELL)

    struck = w.strikes("falls_ill")
    kind = choose(w.uniform("toy.kind", struck, p["illnesses"][struck]), np.array([0.7, 1.0]))
    p["illnesses"][struck] += 1
    w.record("falls_ill", struck, kind)
    move(w, struck, ILL)
    w.spells["illness"].start(w, struck, kind, recovery_ratio(w, struck))
    p["clinic_since"][struck] = w.day
    w.services["clinic"].join(w, struck)


def act_clinic(w: World) -> None:
    taken = w.services["clinic"].serve(w)
    w.record("care_starts", taken)
    move(w, taken, IN_CARE)


def places(w: World) -> F64:
    settings = w.settings
    assert isinstance(settings, PlanSettings)
    return np.repeat(settings.now["places"], w.areas)


def begin_clinic(w: World) -> None:
    capacity = Places(places, w.arms * w.areas)
    w.services["clinic"] = Service(w, "clinic", capacity)


def turn_policy(w: World) -> None:
    settings = w.settings
    assert isinstance(settings, PlanSettings)
    before = settings.now
    settings.turn_to(w.day + 1)
    if any((before[name] != values).any() for name, values in settings.now.items()):
        w.touch(np.arange(len(w.keys)), "status")


ILLNESS: Final = Step(
    name="illness",
    does="People fall ill and recover.",
    act=act_illness,
    columns={
        **BARE,
        "status": (np.uint8, WELL),
        "illnesses": (np.uint16, 0),
        "logged": (np.bool_, 1),
    },
    spells=("illness",),
    streams=(Stream("falls_ill", 0.01, falling_ill, ("fall_rate",), feels=("status",)),),
    ratios=(Ratio("illness", recovery_ratio, ("recovery_ratio", "care_ratio"), feels=("status",)),),
    events={"falls_ill": ("mild", "grave"), "recovers": ("alone", "in_care")},
)
CLINIC: Final = Step(
    name="clinic",
    does="People who are ill wait for a place in care.",
    act=act_clinic,
    columns={"clinic_ticket": (np.int32, -1), "clinic_since": (np.int16, 0)},
    events={"care_starts": ("all",)},
    begin=begin_clinic,
)
RESULTS: Final = Step(
    "results", "The month is counted.", lambda w: w.recorder.close_month(w), monthly=True
)
POLICY: Final = Step("policy", "Tomorrow's values come into force.", turn_policy)
STEPS: Final = (ILLNESS, CLINIC, RESULTS, POLICY)

TABLE: Final = HazardTable.from_specs(
    [
        {"distribution": "expon", "scale": 12.0},
        {"distribution": "weibull_min", "c": 1.5, "scale": 40.0},
    ]
)


# ---- Worlds -------------------------------------------------------------------------------------


def toy_world(
    plans: Sequence[Plan],
    seeds: Sequence[int] | None = None,
    *,
    day: int = FIRST_DAY,
    last_day: int = FIRST_DAY + 400,
    areas: Sequence[int] = tuple(range(AREAS)),
    people: int = PEOPLE,
    steps: Sequence[Step] = STEPS,
) -> World:
    """A world on its first evening: an arm a plan, ``people`` well people in each of some areas."""
    layout = Layout(AREAS, 1, len(STATUS), 1, np.ones((len(STATUS), 1), bool))
    events = {name: details for step in steps for name, details in step.events.items()}
    world = World(
        day=day,
        last_day=last_day,
        arms=len(plans),
        people=len(areas) * people,
        areas=AREAS,
        steps=steps,
        settings=PlanSettings(plans, day + 1),
        recorder=Recorder.for_steps(layout, events),
    )
    world.recorder.logs = True
    area = np.repeat(np.asarray(areas, np.uint64), people)
    ids = area << np.uint64(32) | np.tile(np.arange(people, dtype=np.uint64), len(areas))
    world.keys[:] = np.concatenate([person_keys(seed, ids) for seed in seeds or [1] * len(plans)])
    world.people["area"][:] = np.tile(area, len(plans))
    everybody = np.arange(len(world.keys))
    world.people["state"][:] = WELL
    world.spells = {name: SpellClock(name, TABLE) for step in steps for name in step.spells}
    for step in steps:
        if step.begin:
            step.begin(world)
    world.recorder.begin(day)
    world.touch(everybody, "status")
    world.dusk()
    return world


def columns(world: World, arm: int = 0) -> dict[str, NDArray[Any]]:
    """Everything that is true of the people of an arm."""
    one = slice(arm * world.people_per_arm, (arm + 1) * world.people_per_arm)
    kinds = (world.people, world.due, world.layer, world.band)
    return {
        f"{number}/{name}": column[one].copy()
        for number, kind in enumerate(kinds)
        for name, column in kind.items()
    }


def same(one: Mapping[str, NDArray[Any]], other: Mapping[str, NDArray[Any]]) -> bool:
    """Equal to the last bit, column by column."""
    return one.keys() == other.keys() and all((one[name] == other[name]).all() for name in one)


def history(world: World, arm: int = 0) -> list[tuple[int, int, int, int]]:
    """All events of an arm in order: day, person, event, detail."""
    n = world.people_per_arm
    return [
        (day, int(person) - arm * n, event, int(detail))
        for day, _, ids, event, details in world.recorder.log
        for person, detail in zip(ids, details, strict=True)
        if person // n == arm
    ]
