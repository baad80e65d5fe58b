"""One person's history in words, with and without a reform, from the log of a run.

Every sentence stands for one event of the log, or for a session of a programme, which follows from the day on
which support starts and the day on which it ends; nothing else is added. What a person was like on the first
day is read from the simulated world itself.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from sim.arms import Arm
from sim.core.dates import date_of, day_of
from sim.core.engine import conduct
from sim.core.world import World
from sim.journey_words import BENEFITS, PRONOUNS, STATES, day_text, sentence
from sim.pathway.person import YEAR
from sim.people import read_areas
from sim.people.population import AREA_BITS
from sim.run import simulate
from sim.scenario import Scenario
from sim.states import Benefit, Condition, Labour, Sex
from sim.support.sessions import with_sessions
from sim.warm import started_world

# ---- A person -----------------------------------------------------------------------------------


class NoSuchPersonError(Exception):
    """There is no such person in a scenario; the message says who there is."""


@dataclass(frozen=True)
class Portrait:
    """What a person is like on the evening before the first day of results."""

    person: int
    sex: Sex
    born: dt.date
    area: str
    condition: Condition
    limited: bool
    ill: bool
    labour: Labour
    benefit: Benefit
    age: int

    def text(self, first_day: dt.date) -> str:
        """Who this is on the first day of results, in a sentence or two."""
        who = "woman" if self.sex == Sex.FEMALE else "man"
        she = PRONOUNS[self.sex]["She"]
        opening = f"Person {self.person} lives in {self.area}."
        if self.labour == Labour.OUTSIDE:
            return f"{opening} {she} was born on {day_text(self.born)}."
        condition = {
            Condition.NONE: "no lasting health condition",
            Condition.MENTAL_HEALTH: "a mental health condition",
            Condition.MUSCULOSKELETAL: "a musculoskeletal condition",
            Condition.CARDIO_RESPIRATORY: "a heart or breathing condition",
            Condition.OTHER: "another lasting health condition",
        }[self.condition]
        limits = " that limits work" if self.limited else ""
        ill = ", ill at the moment" if self.ill and self.labour != Labour.OFF_SICK else ""
        benefit = BENEFITS[self.benefit.name.lower()]
        return (
            f"{opening} On {day_text(first_day)} {she.lower()} is a {who} of {self.age} with "
            f"{condition}{limits}, {STATES[self.labour.name.lower()]}{ill}. Benefit: {benefit}."
        )


@dataclass(frozen=True)
class Line:
    """An event on a day, in words, and the scenarios in which it happens."""

    day: dt.date
    text: str
    scenarios: tuple[str, ...]


@dataclass(frozen=True)
class Journey:
    """One person's history in one or two scenarios.

    ``differs`` is the first day on which the histories are not the same; None if there is none.
    ``ends`` says where the person stands on the last evening, by scenario.
    """

    portrait: Portrait
    lines: tuple[Line, ...]
    differs: dt.date | None
    ends: Mapping[str, str]


def tell(scenarios: Sequence[Scenario], seed: int, person: int) -> Journey:
    """Tell one person's history in one scenario, or with and without a reform.

    Parameters
    ----------
    scenarios : sequence of Scenario
        One or two, about the same people.
    seed : int
    person : int
        Number of the person, as the log has it.

    Raises
    ------
    NoSuchPersonError
        If nobody has that number.
    """
    area, running = _placed(scenarios[0], person)
    here = [scenario.model_copy(update={"areas": (area,)}) for scenario in scenarios]
    portrait = portray(here[0], seed, area, running)
    outcome = simulate(here, [seed], detail="area", log_people=running + 1)
    log = outcome.tables.log
    histories = {s.name: with_sessions(_events(log, s.name, person), s) for s in scenarios}
    lines, differs = merged(histories, portrait.sex)
    ends = {
        s.name: STATES[Labour(int(outcome.final_labour(s.name, seed)[running])).name.lower()]
        for s in scenarios
    }
    return Journey(portrait, lines, differs, ends)


def portray(scenario: Scenario, seed: int, area: str, running: int) -> Portrait:
    """What the person with a running number in an area is like before the first day of results.

    Raises
    ------
    NoSuchPersonError
        If the area has fewer people.
    """
    world = _eve(scenario, seed, area)
    people = len(world.keys)
    if running >= people:
        first = int(world.facts["person"][0])
        raise NoSuchPersonError(
            f"There is no person {first + running}: at scale {scenario.scale:g}, the people of "
            f"this area have the numbers {first} to {first + people - 1}."
        )
    column = {name: values[running] for name, values in world.people.items()}
    born = int(column["birth_day"])
    return Portrait(
        person=int(world.facts["person"][running]),
        sex=Sex(int(column["sex"])),
        born=date_of(born),
        area=read_areas().short_name[int(column["area"])],
        condition=Condition(int(column["condition"])),
        limited=bool(column["limiting"]),
        ill=bool(column["sick"]),
        labour=Labour(int(column["labour"])),
        benefit=Benefit(int(column["benefit"])),
        age=int((day_of(scenario.start) - born) / YEAR),
    )


def merged(
    histories: Mapping[str, Sequence[tuple[dt.date, str, str]]], sex: Sex
) -> tuple[tuple[Line, ...], dt.date | None]:
    """Put the histories of one person together, in order; what happens in both stands once.

    Parameters
    ----------
    histories : mapping
        Events (day, event, detail) in order, by scenario.
    sex : Sex

    Returns
    -------
    (tuple of Line, date or None)
        The first day that is not the same; None if all days are.
    """
    days = sorted({day for events in histories.values() for day, _, _ in events})
    lines: list[Line] = []
    for day in days:
        today = {name: [e for e in events if e[0] == day] for name, events in histories.items()}
        for event in dict.fromkeys(event for events in today.values() for event in events):
            has = tuple(name for name, events in today.items() if event in events)
            lines.append(Line(day, sentence(event[1], event[2], sex), has))
    differs = next((line.day for line in lines if len(line.scenarios) < len(histories)), None)
    return tuple(lines), differs


def _placed(scenario: Scenario, person: int) -> tuple[str, int]:
    """Code of a person's area, and the running number there."""
    codes = read_areas().code
    number, running = person >> AREA_BITS, person & ((1 << AREA_BITS) - 1)
    if not 0 <= number < len(codes) or codes[number] not in scenario.areas:
        raise NoSuchPersonError(f"There is no person {person} in the areas of {scenario.name!r}.")
    return codes[number], running


def _eve(scenario: Scenario, seed: int, area: str) -> World:
    """The world of one area on the evening before the first day of results."""
    world = started_world(Arm(scenario, seed), (area,))
    eve = day_of(scenario.start) - 1
    if world.day < eve:
        conduct(world, eve)
    return world


def _events(log: pd.DataFrame | None, scenario: str, person: int) -> list[tuple[dt.date, str, str]]:
    if log is None:
        return []
    rows = log[(log["person"] == person) & (log["scenario"] == scenario)]
    days = rows["day"].dt.date
    return list(zip(days, rows["event"].astype(str), rows["detail"].astype(str), strict=True))
