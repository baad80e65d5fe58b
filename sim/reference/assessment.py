"""The Work Capability Assessment: who waits for it, and what it decides."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING

import simpy

from sim.reference import claims, support
from sim.reference.person import YEAR, Person, Shock
from sim.reference.services import Service, Throughput
from sim.states import Benefit, Labour

if TYPE_CHECKING:
    from sim.reference.world import PlainWorld

OUTCOMES = ("fit", "lcw", "lcwra")
HELD = (Benefit.UC_FIT_NOTE, Benefit.LCW, Benefit.LCWRA)
"""Whoever is on one of these has a reason to wait for an assessor."""


def reassessing(p: Person, at_most: bool) -> float:
    """Per day, of being called to a repeat assessment."""
    if p.world.assessors.line.holds(p):
        return 0.0
    return p.value("assessment.reassessment_rate", p.benefit == Benefit.LCWRA) / YEAR


SHOCKS = (
    Shock(
        "reassessed", 0.01 / YEAR, reassessing, lambda p: p.benefit in (Benefit.LCW, Benefit.LCWRA)
    ),
)


# ---- The claimant -----------------------------------------------------------------------------------------


def act(p: Person) -> None:
    """Be referred; send the questionnaire back and stand in line; be called again."""
    if p.due("wca_referral") and p.benefit == Benefit.UC_FIT_NOTE:
        p.record("wca_referral", "first")
        p.plan("wca_ready", p.today + max(int(p.value("assessment.minimum_days_to_assessment")), 1))
    if p.due("wca_ready") and p.benefit == Benefit.UC_FIT_NOTE:
        p.world.assessors.line.join(p)
    if p.struck("reassessed"):
        p.record("wca_referral", "repeat")
        p.world.assessors.line.join(p, rank=1)


def be_decided_on(p: Person) -> None:
    """The assessor has come to this person: a decision, and perhaps a reconsideration of it."""
    repeat = p.benefit != Benefit.UC_FIT_NOTE
    shares = p.value("assessment.outcome_repeat" if repeat else "assessment.outcome_first")
    outcome = OUTCOMES[p.outcome("assessment.outcome", shares, p.wca_number)]
    disputed = p.happens(
        "assessment.reconsidered", "assessment.reconsideration_share", p.wca_number
    )
    p.wca_number += 1
    p.record("wca_decision", f"{'repeat' if repeat else 'first'}_{outcome}")
    award(p, outcome)
    support.offer_at(p.world, [p], "wca_decision", lambda p: p.wca_number)
    if disputed and outcome != "lcwra":
        p.plan("reconsideration", p.today + max(int(p.value("assessment.reconsideration_days")), 1))
    p.rouse()


def award(p: Person, outcome: str) -> None:
    """The benefit follows the decision, and the labour-market state where it must."""
    labour = p.labour
    if outcome == "lcw":
        p.move(benefit=Benefit.LCW)
    elif outcome == "lcwra":
        # Nobody on LCWRA has to look for work.
        searching = labour == Labour.SEARCHING
        p.move(labour=Labour.SICK_INACTIVE if searching else labour, benefit=Benefit.LCWRA)
    else:
        looks = p.happens("assessment.fit_searches", "assessment.fit_searches_share", p.wca_number)
        if labour == Labour.OTHER_INACTIVE or (labour == Labour.SICK_INACTIVE and looks):
            labour = Labour.SEARCHING
        benefit = Benefit.UC_SEARCH if p.out_of_work else claims.in_work_regime(p)
        p.move(labour=labour, benefit=benefit)


def reconsider(p: Person) -> None:
    """A decision that still stands is changed in the claimant's favour."""
    if p.due("reconsideration") and p.benefit in (Benefit.UC_SEARCH, Benefit.LCW):
        p.record("reconsideration", "to_lcwra")
        award(p, "lcwra")


def benefit_changed(p: Person) -> None:
    """Whoever recovers or leaves the claim leaves the line."""
    if p.benefit not in HELD:
        p.world.assessors.line.leave(p)


# ---- The assessors ----------------------------------------------------------------------------------------


class Assessors:
    """So many decisions a day in every area; whoever came first is assessed first."""

    def __init__(self, world: PlainWorld) -> None:
        self.world = world
        self.line = Service(world, "wca", Throughput)

    def decisions_a_day(self, area: int) -> float:
        """At the scale of the run."""
        monthly = self.world.parameters.of_places("assessment.decisions_per_month")
        return monthly * (12.0 / YEAR) * self.world.scale * self.world.share_of_area[area]

    def work(self) -> Generator[simpy.Event, None, None]:
        """Every day: decide on as many as there is time for."""
        while True:
            yield self.world.next_moment("assessors")
            for area in self.world.inhabited:
                for ticket, _ in self.line.serve(area, self.decisions_a_day(area)):
                    be_decided_on(ticket.person)
