"""The model, put together: the steps of a day in their order, and the world that they act on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from sim.arms import Arm
from sim.contracts import check_month
from sim.core.clocks import HazardTable, cumulative_hazard
from sim.core.dates import day_of
from sim.core.draws import F64, person_keys
from sim.core.engine import conduct
from sim.core.recorder import Layout, Recorder
from sim.core.spells import SpellClock
from sim.core.steps import Step
from sim.core.world import World
from sim.pathway import (
    assessment,
    claims,
    conditionality,
    demography,
    fit_notes,
    job_loss,
    job_search,
    person,
    return_to_work,
    sickness,
)
from sim.pathway.start import settle
from sim.people import PeopleParameters, build, read_areas
from sim.scenario import Scenario
from sim.settings import ParameterSettings
from sim.states import POSSIBLE_PAIRS, Benefit, Condition, Labour
from sim.support import pools, programmes, workwell

WEEK: Final = 7

# ---- The order of a day ---------------------------------------------------------------------------------


def close_month(w: World) -> None:
    """Count the month, and check that nobody was lost or is in an impossible state."""
    check_month(w, w.recorder.close_month(w))
    w.recorder.opening = w.recorder.months[-1].stocks


def turn_policy(w: World) -> None:
    """Tomorrow's parameters come into force; hazards that read one that changes are worked out anew."""
    settings = w.settings
    tomorrow = w.day + 1
    if tomorrow not in settings.change_days:
        return
    changed = settings.turn_to(tomorrow)
    everybody = np.arange(len(w.keys))
    w.renew(
        [
            (name, everybody)
            for name, stream in w.streams.items()
            if changed.intersection(stream.reads)
        ],
        [(ratio, everybody) for ratio in w.ratios if changed.intersection(ratio.reads)],
    )


STEPS: Final[tuple[Step, ...]] = (
    Step(
        "person",
        "Columns that every step shares; nothing happens.",
        lambda w: None,
        columns=person.COLUMNS,
        begin=pools.begin,
    ),
    demography.STEP,
    return_to_work.STEP,
    job_loss.STEP,
    job_search.STEP,
    sickness.STEP,
    fit_notes.STEP,
    claims.STEP,
    assessment.STEP,
    conditionality.STEP,
    workwell.STEP,
    *programmes.STEPS,
    Step(
        "results",
        "Stocks, flows, events and waits of the month are counted.",
        close_month,
        monthly=True,
    ),
    Step("policy", "Tomorrow's reforms and uprated values come into force.", turn_policy),
)

EVENTS: Final = {name: details for step in STEPS for name, details in step.events.items()}


# ---- A new world ------------------------------------------------------------------------------------------------


def layout() -> Layout:
    """Sizes of the state space."""
    return Layout(len(read_areas()), len(Condition), len(Labour), len(Benefit), POSSIBLE_PAIRS)


def new_world(
    scenario: Scenario, seed: int, areas: Sequence[str], log_people: int | None = 0
) -> World:
    """A world of one arm on its first evening, before the warm-up; see :func:`ensemble`."""
    return ensemble([Arm(scenario, seed)], areas, log_people)


def ensemble(arms: Sequence[Arm], areas: Sequence[str], log_people: int | None = 0) -> World:
    """A world of several arms side by side on its first evening, before the warm-up.

    Parameters
    ----------
    arms : sequence of Arm
        Of one start, length, scale and warm-up; any parameter may differ between them.
    areas : sequence of str
        Codes of the areas simulated here.
    log_people : int or None
        Log all events of about so many people of each area (None: of everybody).
    """
    scenarios = [arm.scenario for arm in arms]
    any_one = scenarios[0]
    start = day_of(any_one.start)
    # Without a warm-up the world begins on the eve of the first day.
    first = start - max(round(any_one.warm_up_years * person.YEAR), 1)
    last = day_of(any_one.end)
    people = [
        build(
            areas,
            any_one.scale,
            arm.seed,
            first,
            last,
            PeopleParameters.of(arm.scenario.parameters).before(any_one.warm_up_years),
        )
        for arm in arms
    ]
    places = read_areas()
    world = World(
        day=first,
        last_day=last,
        arms=len(arms),
        people=len(people[0]),
        areas=len(places),
        steps=STEPS,
        settings=ParameterSettings(scenarios, places.code, first + 1),
        recorder=Recorder.for_steps(layout(), EVENTS),
    )
    # How many people there are does not depend on the seed, so everybody has the same number in all arms.
    numbers = people[0].person
    world.keys[:] = np.concatenate([person_keys(arm.seed, numbers) for arm in arms])
    world.spells = spell_clocks(*scenarios)
    world.facts = facts(any_one)
    world.facts["person"] = numbers
    logged = _logged(numbers, log_people)
    world.people["logged"][:] = np.tile(logged, len(arms))
    world.recorder.logs = bool(logged.any())
    for step in STEPS:
        if step.begin:
            step.begin(world)
    settle(world, people)
    return world


def warm_up(world: World, until: int) -> World:
    """Run the years before the first day of results, if there are any, to the evening of day ``until``."""
    world.recorder.begin(world.day)
    if world.day < until:
        conduct(world, until)
    world.recorder.begin(world.day)
    return world


def spell_clocks(*scenarios: Scenario) -> dict[str, SpellClock]:
    """The clocks of spells, from the hazard tables of the scenario of each arm."""
    number: dict[int, int] = {}
    for scenario in scenarios:
        number.setdefault(id(scenario), len(number))
    different = {id(scenario): scenario for scenario in scenarios}.values()
    tables = [spell_tables(scenario) for scenario in different]
    arm = np.array([number[id(scenario)] for scenario in scenarios])
    clocks = {}
    for name, first in tables[0].items():
        of_each = [table[name] for table in tables]
        if all(np.array_equal(first, other) for other in of_each[1:]):
            clocks[name] = SpellClock(name, HazardTable(first))
        else:
            clocks[name] = SpellClock(name, HazardTable(np.concatenate(of_each)), arm * len(first))
    return clocks


def spell_tables(scenario: Scenario) -> dict[str, F64]:
    """Cumulative hazards of each kind of spell, shape (groups, days + 1)."""
    parameters = scenario.parameters

    def table(*names: str) -> F64:
        specs = [spec for name in names for spec in parameters[name].hazard_specs()]
        return np.stack([cumulative_hazard(spec) for spec in specs])

    bands = parameters["job_loss.leaving_share"]
    from_day = np.array([int(label.split("-")[0].rstrip("+")) * WEEK for label in bands.labels[0]])
    absence = table("sickness.duration")
    recovery, leaving = job_loss.split_absence(absence, bands.dated()[0][1], from_day)
    return {
        "recovery": recovery,
        "leaves_while_sick": leaving,
        "sanction": table("conditionality.length", "conditionality.disengaged_length"),
        "workwell_patience": table("workwell.patience_days"),
    }


def facts(scenario: Scenario) -> dict[str, np.ndarray]:
    """What does not change in a run: scale, areas, lengths of fit notes."""
    places = read_areas()
    residents = places.residents.sum(axis=1)
    england = places.in_england
    notes = places.fit_notes * residents
    average = notes[england].sum() / residents[england].sum()
    lengths = scenario.parameters["fit_notes.length"].labels[1]
    return {
        "scale": np.array(scenario.scale),
        "area_note_ratio": places.fit_notes / average,
        "area_share": notes / notes[england].sum(),
        "people_share": residents / residents[england].sum(),
        "note_lengths": np.array([int(days) for days in lengths]),
    }


def _logged(person_ids: np.ndarray, people: int | None) -> np.ndarray:
    running = person_ids & np.uint64(0xFFFFFFFF)
    return np.ones(len(running), bool) if people is None else running < np.uint64(people)
