"""Who is offered what, by whom: the one place in which every programme and every route into it stands.

A programme is declared by its slot, by who is eligible, and by its routes: who makes an offer, whom that
route sees, and whether the offer comes at an occasion (a fit note, a work and health conversation, a decision
on work capability) or at any time. How often is a parameter of the programme: ``<name>.<route>_rate``
a year for those whom the route sees, or ``<name>.<route>_share`` of the occasions. How many take an offer
up is ``<name>.take_up_share``. No offer is made in an area without capacity.

**What excludes what.** One programme of a slot at a time, in the order of priority in which they stand here;
``sim/support/programme.py`` has the rule for transfers. Programmes of different slots can be combined:
therapy with employment support, Access to Work with anything, a coach's time with a referral onwards, and
WorkWell, which has its own module, with all of them.

**Whose time an offer takes.** An offer that general practice makes, at a fit note or in a conversation, takes its
minutes (``sim/support/pools.py``), and is not made where there are none.

**Who refers more.** The Jobcentre's offers of employment programmes are multiplied for people whom an adviser
or more of a coach's time reaches (the effect ``referral`` of the slot ``coach``).
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.core.world import World
from sim.pathway.person import HAS_JOB, OF_WORKING_AGE, in_states
from sim.states import Benefit, Condition, Labour
from sim.support.programme import Bools, Programme, Route

I64 = NDArray[np.int64]

# ---- Who is seen --------------------------------------------------------------------------------------------

UNWELL: Final = tuple(c for c in range(len(Condition)) if c != Condition.NONE)
MENTAL: Final = (Condition.MENTAL_HEALTH,)
LOOKING_OR_SICK: Final = (Labour.SEARCHING, Labour.SICK_INACTIVE)
OUT_OF_WORK: Final = (*LOOKING_OR_SICK, Labour.OTHER_INACTIVE)
HEALTH_JOURNEY: Final = (Benefit.UC_FIT_NOTE, Benefit.LCW, Benefit.LCWRA)
AT_APPOINTMENTS: Final = (Benefit.UC_SEARCH, Benefit.UC_FIT_NOTE, Benefit.LCW)
"""Groups of Universal Credit that see a work coach."""

ANYBODY: Final = in_states(OF_WORKING_AGE)
AT_JOBCENTRE: Final = in_states(OUT_OF_WORK, AT_APPOINTMENTS)
ON_HEALTH_BENEFIT: Final = in_states(OUT_OF_WORK, (*HEALTH_JOURNEY, Benefit.ESA))
EMPLOYED: Final = in_states(HAS_JOB)


def long_enough_on_uc(w: World, ids: I64, peak: bool) -> Bools:
    """Searching on Universal Credit for as long as Restart asks for."""
    if peak:
        return np.ones(len(ids), bool)
    days = w.day - w.people["benefit_since"][ids].astype(np.int64)
    long: Bools = days >= w.value("restart.eligible_after_days", ids)
    return long


def limited(w: World, ids: I64, peak: bool) -> Bools:
    """Health limits their work."""
    yes: Bools = w.people["limiting"][ids] > 0
    return yes


def unwell_or_ill(w: World, ids: I64, peak: bool) -> Bools:
    """A lasting condition, or ill at the moment."""
    p = w.people
    yes: Bools = (p["condition"][ids] != Condition.NONE) | (p["sick"][ids] > 0)
    return yes


# ---- Employment programmes ----------------------------------------------------------------------------------

PLACE_AND_TRAIN: Final = (
    Route("jobcentre", AT_JOBCENTRE),
    Route("community", ANYBODY),
    Route("self", ANYBODY),
    Route("conversation", ANYBODY, "conversation", by_practice=True),
)
"""Routes into Universal Support and into its successor."""

EMPLOYMENT: Final = (
    Programme(
        name="restart",
        title="Restart",
        who="on UC and searching for as long as the threshold says; referral is mandatory",
        states=in_states((Labour.SEARCHING,), (Benefit.UC_SEARCH,)),
        also=long_enough_on_uc,
        reads=("restart.eligible_after_days",),
        routes=(Route("jobcentre", AT_JOBCENTRE),),
        effects=("job_finding",),
        capacity="places",
    ),
    Programme(
        name="ips_severe",
        title="Individual Placement and Support",
        who="out of work, a mental health condition that limits work; seen by a mental health team",
        states=in_states(LOOKING_OR_SICK, condition=MENTAL),
        also=limited,
        routes=(Route("mental_health_team", ANYBODY), Route("self", ANYBODY)),
        effects=("job_finding", "job_loss"),
        capacity="places",
    ),
    Programme(
        name="ips_primary_care",
        title="Individual Placement and Support in Primary Care",
        who="a health condition; out of work, or in work and struggling (off sick)",
        states=in_states((*LOOKING_OR_SICK, Labour.OFF_SICK), condition=UNWELL),
        routes=(
            Route("gp", ANYBODY, "fit_note", by_practice=True),
            Route("self", ANYBODY),
            Route("jobcentre", AT_JOBCENTRE),
        ),
        effects=("job_finding", "job_loss", "return"),
        capacity="places",
        by_area=True,
    ),
    Programme(
        name="universal_support",
        title="Universal Support",
        who="a health condition and out of work",
        states=in_states(OUT_OF_WORK, condition=UNWELL),
        routes=PLACE_AND_TRAIN,
        effects=("job_finding", "job_loss"),
        capacity="places",
        by_area=True,
    ),
    Programme(
        name="connect_to_work",
        title="Connect to Work",
        who="a health condition and out of work",
        states=in_states(OUT_OF_WORK, condition=UNWELL),
        routes=PLACE_AND_TRAIN,
        effects=("job_finding", "job_loss"),
        capacity="places",
        by_area=True,
    ),
)

# ---- Coaches and advisers -----------------------------------------------------------------------------------

COACH: Final = (
    Programme(
        name="pathways_to_work",
        title="Pathways to Work support",
        who="out of work, with a health benefit or waiting for the decision on one",
        states=ON_HEALTH_BENEFIT,
        routes=(
            Route("decision", ON_HEALTH_BENEFIT, "wca_decision"),
            Route("call", ON_HEALTH_BENEFIT),
        ),
        effects=("job_finding", "referral"),
        capacity="places",
    ),
    Programme(
        name="work_coach_support",
        title="Additional Work Coach Support",
        who="out of work, on UC with a fit note, LCW or LCWRA",
        states=in_states(OUT_OF_WORK, HEALTH_JOURNEY),
        routes=(Route("jobcentre", in_states(OUT_OF_WORK, HEALTH_JOURNEY)),),
        effects=("job_finding", "referral"),
        capacity="places",
    ),
    Programme(
        name="disability_adviser",
        title="a Disability Employment Adviser",
        who="out of work with a health condition, seen by a work coach",
        states=in_states(OUT_OF_WORK, AT_APPOINTMENTS, UNWELL),
        routes=(Route("jobcentre", AT_JOBCENTRE),),
        effects=("job_finding", "referral"),
        capacity="places",
    ),
)

# ---- Therapy ------------------------------------------------------------------------------------------------

THERAPY: Final = (
    Programme(
        name="employment_adviser",
        title="Talking Therapies with an Employment Adviser",
        who="a mental health condition; in work, off sick, searching or long-term sick",
        states=in_states((*HAS_JOB, *LOOKING_OR_SICK), condition=MENTAL),
        routes=(Route("therapist", ANYBODY),),
        effects=("job_finding", "job_loss", "return"),
        capacity="starts",
    ),
    Programme(
        name="talking_therapies",
        title="NHS Talking Therapies",
        who="a mental health condition",
        states=in_states(OF_WORKING_AGE, condition=MENTAL),
        routes=(Route("gp", ANYBODY, "fit_note", by_practice=True), Route("self", ANYBODY)),
        effects=("job_finding", "job_loss"),
        capacity="starts",
    ),
)

# ---- At the workplace ---------------------------------------------------------------------------------------

WORKPLACE: Final = (
    Programme(
        name="access_to_work",
        title="Access to Work",
        who="in work with a condition that limits it",
        states=in_states((Labour.IN_WORK,), condition=UNWELL),
        also=limited,
        routes=(Route("self", EMPLOYED), Route("employer", EMPLOYED)),
        effects=("job_loss",),
        capacity="starts",
    ),
    Programme(
        name="mental_health_support",
        title="the Mental Health Support Service",
        who="in work or off sick with a mental health condition",
        states=in_states(HAS_JOB, condition=MENTAL),
        routes=(
            Route("self", EMPLOYED),
            Route("gp", EMPLOYED, "fit_note", by_practice=True),
        ),
        effects=("job_loss", "return"),
        capacity="starts",
    ),
    Programme(
        name="occupational_health",
        title="occupational health",
        who="off sick, or in work with a condition",
        states=in_states(HAS_JOB),
        also=unwell_or_ill,
        routes=(Route("employer", EMPLOYED, "fit_note"), Route("self", EMPLOYED)),
        effects=("job_loss", "return"),
        capacity="starts",
    ),
)
