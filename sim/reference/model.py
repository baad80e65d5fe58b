"""The model, put together: the people of a settled world, the services, and the steps of a day."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, Final, Protocol

import simpy

from sim.core.dates import NEVER
from sim.core.world import World
from sim.people import read_areas
from sim.reference import (
    assessment,
    claims,
    conditionality,
    demography,
    fit_notes,
    job_loss,
    job_search,
    pools,
    return_to_work,
    sickness,
    support,
    workwell,
)
from sim.reference.chance import person_key
from sim.reference.durations import Spell, Table
from sim.reference.ledger import Ledger
from sim.reference.parameters import Parameters
from sim.reference.person import Person
from sim.reference.programmes import SLOTS
from sim.reference.services import Ticket
from sim.reference.world import MOMENTS, DayStep, PlainWorld
from sim.scenario import Scenario


class Serves(Protocol):
    """Whoever serves a line, day after day."""

    def work(self) -> Generator[simpy.Event, None, None]:
        """The process of it."""


STEPS: Final = {
    "demography": demography.act,
    "return_to_work": return_to_work.act,
    "job_loss": job_loss.act,
    "job_search": job_search.act,
    "sickness": sickness.act,
    "fit_notes": fit_notes.act,
    "claims": claims.act,
    "assessment": assessment.act,
    "reconsideration": assessment.reconsider,
    "conditionality": conditionality.act,
    "workwell": workwell.act,
    **{slot.name: slot.act for slot in SLOTS},
}
"""What a person does at each moment of a day that has something for them."""

SHOCKS: Final = (
    *demography.SHOCKS,
    *job_loss.SHOCKS,
    *job_search.SHOCKS,
    *sickness.SHOCKS,
    *claims.SHOCKS,
    *assessment.SHOCKS,
    *conditionality.SHOCKS,
    *workwell.SHOCKS,
    *(slot.shock for slot in SLOTS),
)
RATIOS: Final = {**return_to_work.RATIOS, **job_loss.RATIOS, **conditionality.RATIOS}
WATCHES: Final = (assessment.benefit_changed, conditionality.benefit_changed)
"""What follows at once from a change of benefit, whatever the reason for it."""
OUTLOOKS: Final = (claims.expect_threshold,)
"""What people enter into the diary on the evening before a new policy."""


def plain_world(settled: World, scenario: Scenario, seed: int) -> PlainWorld:
    """The plain twin of a world of one arm in which nothing has happened yet.

    Parameters
    ----------
    settled : World
        A new world, as :func:`sim.model.new_world` makes it: people with spells, notes and claims
        under way. Only what is true of its people is taken from it.
    scenario : Scenario
    seed : int
    """
    areas = read_areas().code
    facts = {name: values.tolist() for name, values in settled.facts.items() if values.ndim}
    world = PlainWorld(
        settled.day,
        settled.last_day,
        areas,
        Parameters(scenario, areas, settled.day + 1),
        {name: Table(clock.table) for name, clock in settled.spells.items()},
        facts,
        scenario.scale,
    )
    world.ledger = Ledger(world, settled.recorder)
    world.steps = [DayStep(MOMENTS.index(name), act) for name, act in STEPS.items()]
    world.shocks = list(SHOCKS)
    world.shock = {shock.name: shock for shock in SHOCKS}
    world.ratios = dict(RATIOS)
    world.watches = list(WATCHES)
    world.outlooks = list(OUTLOOKS)
    world.assessors, world.coaches = assessment.Assessors(world), workwell.Coaches(world)
    world.slots = SLOTS
    world.providers = {
        programme.name: support.Provider(world, slot, programme)
        for slot in SLOTS
        for programme in slot.programmes
    }
    world.surgeries = fit_notes.Surgeries(world)
    world.staff, world.visits = pools.staff(world), pools.VisitTime(world, pools.GP_TIME)
    world.people = _people(settled, world, seed)
    world.ledger.begin(world.today)
    world.inhabited = sorted({p.area for p in world.people})
    _fill_lines(settled, world)
    services: tuple[Serves, ...] = (
        world.surgeries,
        world.assessors,
        world.coaches,
        *world.providers.values(),
    )
    for process in (world.turn_policy, world.count_months, *(each.work for each in services)):
        world.env.process(process())
    for p in world.people:
        world.env.process(p.live())
    return world


def _people(settled: World, world: PlainWorld, seed: int) -> list[Person]:
    columns = {name: values.tolist() for name, values in settled.people.items()}
    diaries = {
        name: settled.due[name].tolist() for name in settled.clocks if name not in settled.streams
    }
    numbers = settled.facts["person"].tolist()
    people = []
    for index, number in enumerate(numbers):
        attributes = {name: values[index] for name, values in columns.items()}
        p = Person(world, index, number, person_key(seed, number), attributes)
        p.diary = {name: days[index] for name, days in diaries.items() if days[index] != NEVER}
        p.spells = {
            name: Spell(
                *(attributes[f"{name}_{part}"] for part in ("start", "group", "goal", "ratio"))
            )
            for name in settled.spells
            if name in p.diary
        }
        people.append(p)
    return people


def _fill_lines(settled: World, world: PlainWorld) -> None:
    """Whoever stands in line for an assessor stays there, in order."""
    tickets: list[Any] = settled.people["wca_ticket"].tolist()
    since = settled.people["wca_since"].tolist()
    for p, position in zip(world.people, tickets, strict=True):
        if position >= 0:
            world.assessors.line.put(
                Ticket(
                    position - len(tickets), False, p.number, p, world.env.event(), since[p.index]
                )
            )
