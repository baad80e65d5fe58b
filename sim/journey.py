"""One person's history in words, with and without a reform, from the log of a run.

Every sentence stands for one event of the log, or for a session of a programme, which follows from the day on
which support starts and the day on which it ends; nothing else is added. What a person was like on the first
day is read from the simulated world itself.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd

from sim.arms import Arm
from sim.core.dates import date_of, day_of
from sim.core.engine import conduct
from sim.core.world import World
from sim.pathway.person import YEAR
from sim.people import read_areas
from sim.people.population import AREA_BITS
from sim.run import simulate
from sim.scenario import Scenario
from sim.states import Benefit, Condition, Labour, Sex
from sim.support.sessions import with_sessions
from sim.support.words import PROGRAMME_SENTENCES, SESSION_SENTENCES
from sim.warm import started_world

# ---- Words --------------------------------------------------------------------------------------

_ILLNESSES: Final = {
    "minor": "a minor illness",
    "mental_health": "a mental health condition",
    "musculoskeletal": "a problem with muscles, joints or back",
    "cardio_respiratory": "a heart or breathing problem",
    "other": "another condition",
}
_LENGTHS: Final = {
    "up_to_7_days": "up to 7 days",
    "8_to_27_days": "8 to 27 days",
    "4_to_5_weeks": "4 to 5 weeks",
    "5_to_6_weeks": "5 to 6 weeks",
    "6_to_8_weeks": "6 to 8 weeks",
    "8_to_13_weeks": "8 to 13 weeks",
    "13_to_26_weeks": "13 to 26 weeks",
    "26_to_39_weeks": "26 to 39 weeks",
    "39_to_52_weeks": "39 to 52 weeks",
    "over_52_weeks": "more than 52 weeks",
}
_STATES: Final = {
    "in_work": "in work",
    "off_sick": "in work, off sick",
    "searching": "looking for work",
    "sick_inactive": "not working or looking for work because of long-term sickness",
    "other_inactive": "not working or looking for work for another reason",
    "outside": "outside the working ages",
}
_BENEFITS: Final = {
    "none": "no benefit",
    "sick_pay": "Statutory Sick Pay",
    "uc_search": "Universal Credit, with a duty to look for work",
    "uc_light": "Universal Credit, without a duty to look for work",
    "uc_fit_note": "Universal Credit with a fit note, before the assessment",
    "lcw": "Universal Credit with limited capability for work (LCW)",
    "lcwra": "Universal Credit with limited capability for work-related activity (LCWRA)",
    "esa": "Employment and Support Allowance",
}
_DECISIONS: Final = {
    "fit": "fit for work",
    "lcw": "limited capability for work (LCW)",
    "lcwra": "limited capability for work-related activity (LCWRA)",
}
_NOTE_LENGTHS: Final = {
    "under_5_weeks": "for less than 5 weeks",
    "5_to_20_weeks": "for 5 to 20 weeks",
    "20_weeks_plus": "for 20 weeks or more",
}
_NOTE_KINDS: Final = {
    "not_fit": "not fit for work",
    "may_be_fit": "may be fit for work, with some changes",
}
_NOTE_ORDERS: Final = {
    "first": "The GP signs a fit note",
    "repeat": "The GP signs another fit note",
}

SENTENCES: Final[dict[str, Mapping[str, str]]] = {
    "entry": {"age_16": "{She} turns 16."},
    "pension_age": {"reached": "{She} reaches State Pension age."},
    "death": {"all": "{She} dies."},
    "return_to_work": {k: f"{{She}} goes back to work after {v} off sick." for k, v in _LENGTHS.items()},
    "recovery": dict.fromkeys(_STATES, "{She} is well again."),
    "sick_pay_starts": {"off_sick": "Statutory Sick Pay starts."},
    "sick_pay_ends": {"after_28_weeks": "Statutory Sick Pay runs out after 28 weeks."},
    "job_loss": {
        "searching": "{She} loses {her} job and starts to look for another.",
        "other_inactive": "{She} leaves {her} job and does not look for another.",
    },
    "left_work_sick": {k: f"{{Her}} job ends after {v} off sick." for k, v in _LENGTHS.items()},
    "job_start": {
        "in_work": "{She} starts another job.",
        "off_sick": "{She} starts another job.",
        "searching": "{She} finds a job.",
        "sick_inactive": "{She} starts a job after long-term sickness.",
        "other_inactive": "{She} starts a job without having looked for one.",
        "outside": "{She} starts a job.",
    },
    "starts_searching": dict.fromkeys(_STATES, "{She} starts to look for work."),
    "stops_searching": {"other_inactive": "{She} stops looking for work."},
    "stops_being_sick": {
        "other_inactive": "{She} is out of work for a reason other than sickness from now on."
    },
    "becomes_long_term_sick": {
        k: f"{{She}} is long-term sick from now on, after {v}."
        for k, v in {**_STATES, "searching": "having looked for work",
                     "other_inactive": "having been out of work for another reason"}.items()
    },
    "sickness_start": {k: f"{{She}} falls ill: {v}." for k, v in _ILLNESSES.items()},
    "health_worsens": {
        "new_condition": "{She} develops a lasting health condition.",
        "limits_work": "{Her} condition comes to limit the work {she} can do.",
    },
    "health_improves": {
        "condition_passes": "{Her} lasting condition has passed.",
        "no_longer_limits_work": "{Her} condition no longer limits the work {she} can do.",
    },
    "fit_note": {
        f"{kind}_{order}_{length}": f"{_NOTE_ORDERS[order]}: {_NOTE_KINDS[kind]}, {span}."
        for kind in _NOTE_KINDS
        for order in _NOTE_ORDERS
        for length, span in _NOTE_LENGTHS.items()
    },
    "conversation": {"work_and_health": "{She} has a conversation about work and health."},
    "no_conversation": {"no_time": "Nobody has time for a conversation about work and health."},
    "claim": {k: f"{{She}} claims: {v}." for k, v in _BENEFITS.items()},
    "hands_in_note": dict.fromkeys(_BENEFITS, "{Her} claim becomes one with a health condition."),
    "threshold_move": {
        k: f"The earnings threshold moves past what {{she}} earns: {{she}} is on {v}."
        for k, v in _BENEFITS.items()
    },
    "leaves_benefit": {k: f"{{She}} leaves {v}." for k, v in _BENEFITS.items()},
    "esa_migration": {
        k: f"Employment and Support Allowance ends; {{she}} moves to {v}."
        for k, v in _BENEFITS.items()
    },
    "wca_referral": {
        "first": "{She} is referred for a Work Capability Assessment.",
        "repeat": "{She} is called for another Work Capability Assessment.",
    },
    "wca_decision": {
        f"{order}_{outcome}": f"{words} finds: {result}."
        for order, words in {"first": "The assessment", "repeat": "The repeat assessment"}.items()
        for outcome, result in _DECISIONS.items()
    },
    "reconsideration": {
        "to_lcwra": f"The decision is changed on reconsideration: {_DECISIONS['lcwra']}."
    },
    "missed_appointment": {"all": "{She} misses an appointment at the Jobcentre."},
    "sanction": {
        "missed_appointment": "{She} is sanctioned for missing an appointment.",
        "availability": "{She} is sanctioned for not being available for work.",
        "employment_programme": "{She} is sanctioned for missing an employment programme.",
        "other": "{She} is sanctioned for another reason.",
    },
    "sanction_end": {
        "under_4_weeks": "The sanction ends after less than 4 weeks.",
        "4_to_13_weeks": "The sanction ends after 4 to 13 weeks.",
        "13_to_26_weeks": "The sanction ends after 13 to 26 weeks.",
        "over_26_weeks": "The sanction ends after more than 26 weeks.",
    },
    "claim_closed": {
        "after_review": "A review closes {her} claim.",
        "given_up": "{She} gives up {her} claim.",
    },
    "workwell_referral": {
        "gp": "The GP refers {object} to WorkWell.",
        "employer": "{Her} employer refers {object} to WorkWell.",
        "jobcentre": "The Jobcentre refers {object} to WorkWell.",
        "community": "A community or health service refers {object} to WorkWell.",
        "self": "{She} gets in touch with WorkWell.",
    },
    "workwell_start": {
        "in_work": "{She} starts with a WorkWell coach, with a job to keep.",
        "out_of_work": "{She} starts with a WorkWell coach, out of work.",
    },
    "workwell_contact": {
        "assessment": "WorkWell: work and health assessment, and a plan.",
        "physiotherapy": "WorkWell: a session of physiotherapy.",
        "counselling": "WorkWell: a session of counselling.",
        "hr_adviser": "WorkWell: a talk with an HR adviser.",
        "workplace_adjustment": "WorkWell: a meeting about changes to the workplace.",
        "training": "WorkWell: a session of training.",
        "social_prescribing": "WorkWell: a meeting with a social prescriber.",
        "debt_housing_advice": "WorkWell: advice on debt or housing.",
        "check_in": "WorkWell: a check-in with the coach.",
    },
    "workwell_end": {
        "completed": "Support by WorkWell ends as planned.",
        "dropped_out": "{She} drops out of WorkWell.",
    },
    "workwell_gave_up": {"waiting": "{She} gives up waiting for WorkWell."},
    **PROGRAMME_SENTENCES,
    **SESSION_SENTENCES,
}  # fmt: skip
"""What each event, and each session, reads like, by its detail."""

_PRONOUNS: Final = {
    Sex.FEMALE: {"She": "She", "she": "she", "Her": "Her", "her": "her", "object": "her"},
    Sex.MALE: {"She": "He", "she": "he", "Her": "His", "her": "his", "object": "him"},
}


def sentence(event: str, detail: str, sex: Sex) -> str:
    """What an event of a woman or a man reads like."""
    return SENTENCES[event][detail].format(**_PRONOUNS[sex])


def day_text(date: dt.date) -> str:
    """A date as a reader would write it, such as 3 October 2024."""
    return f"{date.day} {date:%B %Y}"


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
        she = _PRONOUNS[self.sex]["She"]
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
        benefit = _BENEFITS[self.benefit.name.lower()]
        return (
            f"{opening} On {day_text(first_day)} {she.lower()} is a {who} of {self.age} with "
            f"{condition}{limits}, {_STATES[self.labour.name.lower()]}{ill}. Benefit: {benefit}."
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
        s.name: _STATES[Labour(int(outcome.final_labour(s.name, seed)[running])).name.lower()]
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
