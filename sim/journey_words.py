"""The sentences in which a person's history is told: one for each kind of event, and nothing else."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Final

from sim.states import Sex
from sim.support.words import PROGRAMME_SENTENCES, SESSION_SENTENCES

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
STATES: Final = {
    "in_work": "in work",
    "off_sick": "in work, off sick",
    "searching": "looking for work",
    "sick_inactive": "not working or looking for work because of long-term sickness",
    "other_inactive": "not working or looking for work for another reason",
    "outside": "outside the working ages",
}
BENEFITS: Final = {
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
    "recovery": dict.fromkeys(STATES, "{She} is well again."),
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
    "starts_searching": dict.fromkeys(STATES, "{She} starts to look for work."),
    "stops_searching": {"other_inactive": "{She} stops looking for work."},
    "stops_being_sick": {
        "other_inactive": "{She} is out of work for a reason other than sickness from now on."
    },
    "becomes_long_term_sick": {
        k: f"{{She}} is long-term sick from now on, after {v}."
        for k, v in {**STATES, "searching": "having looked for work",
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
    "no_referral": {"no_time": "{She} is to be referred to support, but the practice has no time for it."},
    "claim": {k: f"{{She}} claims: {v}." for k, v in BENEFITS.items()},
    "hands_in_note": dict.fromkeys(BENEFITS, "{Her} claim becomes one with a health condition."),
    "threshold_move": {
        k: f"The earnings threshold moves past what {{she}} earns: {{she}} is on {v}."
        for k, v in BENEFITS.items()
    },
    "leaves_benefit": {k: f"{{She}} leaves {v}." for k, v in BENEFITS.items()},
    "esa_migration": {
        k: f"Employment and Support Allowance ends; {{she}} moves to {v}."
        for k, v in BENEFITS.items()
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

PRONOUNS: Final = {
    Sex.FEMALE: {"She": "She", "she": "she", "Her": "Her", "her": "her", "object": "her"},
    Sex.MALE: {"She": "He", "she": "he", "Her": "His", "her": "his", "object": "him"},
}


def sentence(event: str, detail: str, sex: Sex) -> str:
    """What an event of a woman or a man reads like."""
    return SENTENCES[event][detail].format(**PRONOUNS[sex])


def day_text(date: dt.date) -> str:
    """A date as a reader would write it, such as 3 October 2024."""
    return f"{date.day} {date:%B %Y}"
