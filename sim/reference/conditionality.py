"""Conditionality: appointments at the Jobcentre, missed ones, sanctions, and claims that are closed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.reference.person import YEAR, Person, Shock
from sim.states import Benefit

if TYPE_CHECKING:
    from sim.reference.world import PlainWorld

REASONS = ("missed_appointment", "availability", "employment_programme", "other")
USUAL, STAYS_AWAY = 0, 1
REVIEW_AFTER, REVIEW_AGAIN_AFTER = 183, 30
"""Days of a long sanction after which it is looked at, in case closure of claims has come in."""


# ---- Hazards ----------------------------------------------------------------------------------------------


def missing(p: Person, at_most: bool) -> float:
    """Per day, of missing an appointment; not for those who are sanctioned already, or exempt."""
    if p.sanctioned or p.happens("conditionality.exempt", "conditionality.exempt_share"):
        return 0.0
    rate = (
        p.value("conditionality.appointments_per_month", 0)
        * 12
        * p.value("conditionality.missed_share")
    )
    rate *= p.value("conditionality.sanction_sex_ratio", p.sex)
    return rate * p.value("conditionality.sanction_age_ratio", p.age_band) / YEAR


def giving_up(p: Person, at_most: bool) -> float:
    """Per day, of leaving UC without work while sanctioned."""
    return p.value("conditionality.exit_uc_hazard") / YEAR if p.sanctioned else 0.0


def contact_ratio(p: Person) -> float:
    """Hazard ratio on getting back in touch."""
    return float(p.value("conditionality.contact_hazard_ratio"))


def must_attend(p: Person) -> bool:
    """In the regime in which appointments can be missed."""
    return p.benefit == Benefit.UC_SEARCH


SHOCKS = (
    Shock("misses_appointment", 0.1 / YEAR, missing, must_attend),
    Shock("gives_up_claim", 0.1 / YEAR, giving_up, must_attend),
)
RATIOS = {"sanction": contact_ratio}


# ---- What happens -----------------------------------------------------------------------------------------


def act(p: Person) -> None:
    """Miss an appointment; get back in touch; be reviewed; give the claim up."""
    if p.struck("misses_appointment"):
        number = p.missed
        p.missed += 1
        # An appointment for which no coach has time is not held, and cannot be missed.
        if p.chance("conditionality.held", number) < p.world.staff["coach_time"].met(p.area):
            p.record("missed_appointment", "all")
            if p.happens("conditionality.decision", "conditionality.decision_share", number):
                be_sanctioned(p)
    if p.due("sanction"):
        lift(p)
    if p.due("sanction_review"):
        review(p)
    if p.struck("gives_up_claim") and p.sanctioned:
        p.record("claim_closed", "given_up")
        p.move(benefit=Benefit.NONE)


def be_sanctioned(p: Person) -> None:
    """No standard allowance until the claimant is back in touch, and for a fixed time after."""
    number = p.sanctions
    p.sanctions += 1
    reason = p.outcome("conditionality.reason", p.value("conditionality.reason_share"), number)
    stays_away = p.happens("conditionality.disengaged", "conditionality.disengaged_share", number)
    p.sanctioned = True
    p.record("sanction", REASONS[reason])
    p.begin_spell("sanction", STAYS_AWAY if stays_away else USUAL, contact_ratio(p))
    closes_after = int(p.value("conditionality.closure_after_days"))
    p.plan("sanction_review", p.today + (closes_after if closes_after > 0 else REVIEW_AFTER))


def lift(p: Person) -> None:
    """The sanction ends."""
    days = p.today - p.spells["sanction"].start
    p.sanctioned = False
    p.call_off("sanction", "sanction_review")
    length = length_of(days)
    p.record("sanction_end", length)
    p.world.ledger.spell(p, "sanction_end", length, days)


def length_of(days: int) -> str:
    """What a sanction of so many days is counted under."""
    if days < 28:
        return "under_4_weeks"
    return "4_to_13_weeks" if days < 91 else "13_to_26_weeks" if days < 182 else "over_26_weeks"


def review(p: Person) -> None:
    """Where the reform applies, a claim that pays nothing else is closed, and the sanction with it."""
    p.plan("sanction_review", p.today + REVIEW_AGAIN_AFTER)
    nil_award = p.happens("conditionality.nil_award", "conditionality.closure_nil_award_share")
    if p.value("conditionality.closure_after_days") > 0 and nil_award:
        p.record("claim_closed", "after_review")
        p.move(benefit=Benefit.NONE)


def sanctioned(world: PlainWorld) -> list[int]:
    """People sanctioned tonight, by area."""
    by_area = [0] * len(world.areas)
    for p in world.people:
        by_area[p.area] += p.sanctioned
    return by_area


def benefit_changed(p: Person) -> None:
    """A sanction ends at once when its person leaves the regime, whatever the reason."""
    if p.sanctioned and not must_attend(p):
        lift(p)
