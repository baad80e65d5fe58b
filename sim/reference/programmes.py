"""Who is offered what, by whom: every programme of the plain engine, and every route into it."""

from __future__ import annotations

from sim.reference.person import Person
from sim.reference.support import Programme, Route, Slot
from sim.states import Benefit, Condition, Labour

# ---- Who is seen --------------------------------------------------------------------------------------------

HEALTH_JOURNEY = (Benefit.UC_FIT_NOTE, Benefit.LCW, Benefit.LCWRA)
AT_APPOINTMENTS = (Benefit.UC_SEARCH, Benefit.UC_FIT_NOTE, Benefit.LCW)


def anybody(p: Person) -> bool:
    """Of working age."""
    return p.labour != Labour.OUTSIDE


def out_of_work(p: Person) -> bool:
    """Searching, long-term sick, or inactive for another reason."""
    return p.out_of_work and anybody(p)


def looking_or_sick(p: Person) -> bool:
    """Searching or long-term sick."""
    return p.labour in (Labour.SEARCHING, Labour.SICK_INACTIVE)


def has_job(p: Person) -> bool:
    """In work, or off sick from it."""
    return not p.out_of_work


def has_condition(p: Person) -> bool:
    """A lasting health condition."""
    return p.condition != Condition.NONE


def is_mental(p: Person) -> bool:
    """A mental health condition."""
    return p.condition == Condition.MENTAL_HEALTH


def at_jobcentre(p: Person) -> bool:
    """Out of work, in a group of Universal Credit that sees a work coach."""
    return out_of_work(p) and p.benefit in AT_APPOINTMENTS


def on_health_journey(p: Person) -> bool:
    """Out of work, on Universal Credit with a fit note, LCW or LCWRA."""
    return out_of_work(p) and p.benefit in HEALTH_JOURNEY


def on_health_benefit(p: Person) -> bool:
    """The same, or on ESA."""
    return out_of_work(p) and p.benefit in (*HEALTH_JOURNEY, Benefit.ESA)


def is_limited(p: Person, at_most: bool) -> bool:
    """Health limits work."""
    return bool(p.limiting)


def long_enough_on_uc(p: Person, at_most: bool) -> bool:
    """For as long as Restart asks for."""
    return at_most or p.today - p.benefit_since >= p.value("restart.eligible_after_days")


def unwell_or_ill(p: Person, at_most: bool) -> bool:
    """A lasting condition, or ill at the moment."""
    return has_condition(p) or p.sick > 0


# ---- The slots, in the order of the day; programmes in order of priority --------------------------------------

COACH = Slot(
    "coach",
    (
        Programme(
            "pathways_to_work",
            on_health_benefit,
            (
                Route("decision", on_health_benefit, "wca_decision"),
                Route("call", on_health_benefit),
            ),
            ("job_finding", "referral"),
            "places",
        ),
        Programme(
            "work_coach_support",
            on_health_journey,
            (Route("jobcentre", on_health_journey),),
            ("job_finding", "referral"),
            "places",
        ),
        Programme(
            "disability_adviser",
            lambda p: at_jobcentre(p) and has_condition(p),
            (Route("jobcentre", at_jobcentre),),
            ("job_finding", "referral"),
            "places",
        ),
    ),
    staff="coach_time",
)

PLACE_AND_TRAIN = (
    Route("jobcentre", at_jobcentre),
    Route("community", anybody),
    Route("self", anybody),
    Route("conversation", anybody, "conversation", by_practice=True),
)

EMPLOYMENT = Slot(
    "employment",
    (
        Programme(
            "restart",
            lambda p: p.labour == Labour.SEARCHING and p.benefit == Benefit.UC_SEARCH,
            (Route("jobcentre", at_jobcentre),),
            ("job_finding",),
            "places",
            also=long_enough_on_uc,
        ),
        Programme(
            "ips_severe",
            lambda p: looking_or_sick(p) and is_mental(p),
            (Route("mental_health_team", anybody), Route("self", anybody)),
            ("job_finding", "job_loss"),
            "places",
            also=is_limited,
        ),
        Programme(
            "ips_primary_care",
            lambda p: (looking_or_sick(p) or p.labour == Labour.OFF_SICK) and has_condition(p),
            (
                Route("gp", anybody, "fit_note", by_practice=True),
                Route("self", anybody),
                Route("jobcentre", at_jobcentre),
            ),
            ("job_finding", "job_loss", "return"),
            "places",
            by_area=True,
        ),
        Programme(
            "universal_support",
            lambda p: out_of_work(p) and has_condition(p),
            PLACE_AND_TRAIN,
            ("job_finding", "job_loss"),
            "places",
            by_area=True,
        ),
        Programme(
            "connect_to_work",
            lambda p: out_of_work(p) and has_condition(p),
            PLACE_AND_TRAIN,
            ("job_finding", "job_loss"),
            "places",
            by_area=True,
        ),
    ),
    refers="referral",
)

THERAPY = Slot(
    "therapy",
    (
        Programme(
            "employment_adviser",
            lambda p: (has_job(p) or looking_or_sick(p)) and is_mental(p),
            (Route("therapist", anybody),),
            ("job_finding", "job_loss", "return"),
            "starts_per_month",
        ),
        Programme(
            "talking_therapies",
            lambda p: anybody(p) and is_mental(p),
            (Route("gp", anybody, "fit_note", by_practice=True), Route("self", anybody)),
            ("job_finding", "job_loss"),
            "starts_per_month",
        ),
    ),
    staff="therapy_time",
)

WORKPLACE = Slot(
    "workplace",
    (
        Programme(
            "access_to_work",
            lambda p: p.labour == Labour.IN_WORK and has_condition(p),
            (Route("self", has_job), Route("employer", has_job)),
            ("job_loss",),
            "starts_per_month",
            also=is_limited,
        ),
        Programme(
            "mental_health_support",
            lambda p: has_job(p) and is_mental(p),
            (Route("self", has_job), Route("gp", has_job, "fit_note", by_practice=True)),
            ("job_loss", "return"),
            "starts_per_month",
        ),
        Programme(
            "occupational_health",
            has_job,
            (Route("employer", has_job, "fit_note"), Route("self", has_job)),
            ("job_loss", "return"),
            "starts_per_month",
            also=unwell_or_ill,
        ),
    ),
)

SLOTS = (COACH, EMPLOYMENT, THERAPY, WORKPLACE)
