"""WorkWell: a coach who joins up work and health, in the areas where it runs."""

from __future__ import annotations

import math
from collections.abc import Generator
from itertools import accumulate
from typing import TYPE_CHECKING, Any

import simpy

from sim.reference.person import YEAR, Person, Shock
from sim.reference.services import Places, Service
from sim.states import Benefit, Condition, Labour

if TYPE_CHECKING:
    from sim.reference.world import PlainWorld

OWN_ROUTES = ("employer", "jobcentre", "community", "self")
"""Routes with a hazard of their own; a GP refers at a fit note."""
SERVICES = (
    "physiotherapy",
    "counselling",
    "hr_adviser",
    "workplace_adjustment",
    "training",
    "social_prescribing",
    "debt_housing_advice",
)
NOT_IN, WAITING, IN_SUPPORT, AFTER = range(4)


# ---- Effect and referral ----------------------------------------------------------------------------------


def effect(p: Person, on: str) -> float:
    """Hazard ratio on ``return``, ``job_loss`` or ``job_finding``, during support and after it."""
    if p.workwell < IN_SUPPORT:
        return 1.0
    strength = p.value("workwell.effect_after_share") if p.workwell == AFTER else 1.0
    site = p.world.site_effect[p.area] * p.value("workwell.site_effect_sd")
    log_ratio = math.log(p.value(f"workwell.{on}_hazard_ratio"))
    return math.exp((log_ratio + (-site if on == "job_loss" else site)) * strength)


def referring(p: Person, at_most: bool) -> float:
    """Per day, of a referral by employer, Jobcentre, community or oneself."""
    return sum(route_rates(p)) / YEAR if can_be_referred(p) else 0.0


def route_rates(p: Person) -> list[float]:
    """Referrals a year by each route of one's own."""
    # Who has LCWRA, or is not on UC, has no appointments at which to be referred.
    attends = p.out_of_work and Benefit.UC_SEARCH <= p.benefit <= Benefit.LCW
    return [
        p.value("workwell.employer_rate") * (not p.out_of_work),
        p.value("workwell.jobcentre_rate") * attends,
        p.value("workwell.community_rate", p.out_of_work),
        p.value("workwell.self_rate", p.out_of_work),
    ]


def can_be_referred(p: Person) -> bool:
    """Eligible, where WorkWell runs."""
    return eligible(p) and p.world.coaches.in_post(p.area) > 0


def eligible(p: Person) -> bool:
    """Of working age with a health condition, in work, off sick, searching or long-term sick; not in yet."""
    unwell = p.condition != Condition.NONE or p.sick > 0
    return unwell and p.labour <= Labour.SICK_INACTIVE and p.workwell == NOT_IN


SHOCKS = (
    Shock(
        "workwell_referral",
        0.02 / YEAR,
        referring,
        lambda p: (
            p.labour in (Labour.IN_WORK, Labour.OFF_SICK, Labour.SEARCHING, Labour.SICK_INACTIVE)
        ),
    ),
)


def act(p: Person) -> None:
    """Be referred by a route other than the GP."""
    if p.struck("workwell_referral"):
        rates = route_rates(p)
        total = sum(rates)
        if total > 0:
            # Running sums are divided, not the rates, so that the last is exactly one.
            u = p.chance("workwell.route", p.workwell_referrals)
            route = sum(u >= running / total for running in list(accumulate(rates))[:-1])
            refer(p, OWN_ROUTES[route])


def refer(p: Person, route: str) -> None:
    """A referral where WorkWell runs; who takes it up waits for a coach."""
    if not can_be_referred(p):
        return
    number = p.workwell_referrals
    p.workwell_referrals += 1
    p.record("workwell_referral", route)
    if p.happens("workwell.take_up", "workwell.take_up_share", number):
        p.coaching = p.world.env.process(be_supported(p))


# ---- From the line to the last check-in --------------------------------------------------------------------


def be_supported(p: Person) -> Generator[simpy.Event, Any, None]:
    """Wait for a coach or give up; then the assessment, sessions, check-ins, the end, and what stays."""
    world, coaches = p.world, p.world.coaches
    try:
        p.workwell = WAITING
        turn = coaches.line.join(p)
        p.begin_spell("workwell_patience", 0, 1.0)
        patience = p.diary.pop("workwell_patience")
        yield turn | world.at(patience, "workwell")
        if not turn.triggered:
            coaches.line.leave(p)
            p.workwell = NOT_IN
            p.record("workwell_gave_up", "waiting")
            p.rouse()
            return
        support = begin(p)
        p.rouse()
        yield from contacts_until(p, support.end, support)
        coaches.line.capacity[p.area].give_back()
        p.record("workwell_end", "dropped_out" if support.drops_out else "completed")
        if not support.drops_out:
            p.workwell = AFTER
            p.rouse()
            fades = world.today + max(int(p.value("workwell.effect_after_days")), 1)
            yield from contacts_until(p, fades, support)
        p.workwell = NOT_IN
        p.rouse()
    except simpy.Interrupt:
        coaches.line.leave(p)
        if p.workwell == IN_SUPPORT:
            coaches.line.capacity[p.area].give_back()
        p.workwell = NOT_IN


class Support:
    """What is agreed with the coach on the first day."""

    def __init__(self, plan: list[bool], end: int, drops_out: bool, first_contact: int) -> None:
        self.plan, self.end, self.drops_out = plan, end, drops_out
        self.contacts, self.next_contact = 0, first_contact


def begin(p: Person) -> Support:
    """Support starts: a plan by condition, a length by work status, perhaps a drop-out."""
    p.workwell = IN_SUPPORT
    number = p.workwell_referrals
    shares = p.value("workwell.plan", p.condition)
    plan = [
        p.chance(f"workwell.plan.{name}", number) < share
        for name, share in zip(SERVICES, shares, strict=True)
    ]
    days = p.value(f"workwell.support_days_{'out_of' if p.out_of_work else 'in'}_work")
    stays = (
        p.exponential("workwell.drop_out", number)
        / max(p.value("workwell.drop_out_rate"), 1e-9)
        * YEAR
    )
    end = p.today + int(max(min(days, stays), 1))
    p.record("workwell_start", "out_of_work" if p.out_of_work else "in_work")
    return Support(
        plan, end, stays < days, p.today + max(int(p.value("workwell.assessment_days")), 1)
    )


def contacts_until(p: Person, end: int, support: Support) -> Generator[simpy.Event, None, None]:
    """Meet the coach on the days arranged, up to and on the last."""
    while support.next_contact <= end:
        yield p.world.at(support.next_contact, "workwell")
        kind = next_contact(p, support)
        p.record("workwell_contact", kind)
        support.contacts += 1
        gap = "check_in_days" if kind == "check_in" else "session_gap_days"
        support.next_contact = p.today + int(max(p.value(f"workwell.{gap}"), 1))
    if p.today < end:
        yield p.world.at(end, "workwell")


def next_contact(p: Person, support: Support) -> str:
    """The assessment, then the sessions of the plan in turn, then check-ins."""
    if p.workwell == AFTER:
        return "check_in"
    if support.contacts == 0:
        return "assessment"
    held_by_then = 1.0
    for name, wanted, sessions in zip(
        SERVICES, support.plan, p.value("workwell.sessions"), strict=True
    ):
        held_by_then += sessions if wanted else 0
        if support.contacts < held_by_then:
            return name
    return "check_in"


def leave_for_good(p: Person) -> None:
    """Whoever dies or reaches pension age leaves the line or the place."""
    if p.workwell != NOT_IN and p.coaching:
        p.coaching.interrupt()


# ---- The coaches ------------------------------------------------------------------------------------------


class Coaches:
    """So many people at once in every area; whoever came first starts first."""

    def __init__(self, world: PlainWorld) -> None:
        self.world = world
        self.line = Service(world, "workwell", Places)

    def in_post(self, area: int) -> float:
        """Coaches in post in an area."""
        return float(self.world.parameters.of_places("workwell.coaches")[area])

    def places(self, area: int) -> float:
        """People who can be in support at once, at the scale of the run."""
        caseload = self.world.parameters.of_places("workwell.caseload_per_coach")
        return self.in_post(area) * caseload * self.world.scale

    def work(self) -> Generator[simpy.Event, None, None]:
        """Every day: take on as many as there are free places."""
        while True:
            yield self.world.next_moment("coaches")
            for area in self.world.inhabited:
                for ticket, _ in self.line.serve(area, self.places(area)):
                    ticket.turn.succeed()
