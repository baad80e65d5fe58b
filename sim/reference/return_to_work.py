"""Return to work: people off sick get better and go back, on sick pay meanwhile."""

from __future__ import annotations

from bisect import bisect_right

from sim.reference import claims, support, workwell
from sim.reference.person import Person
from sim.states import LABELS, Benefit, Labour

LENGTHS = (
    (8, "up_to_7_days"),
    (28, "8_to_27_days"),
    (35, "4_to_5_weeks"),
    (42, "5_to_6_weeks"),
    (56, "6_to_8_weeks"),
    (91, "8_to_13_weeks"),
    (182, "13_to_26_weeks"),
    (273, "26_to_39_weeks"),
    (364, "39_to_52_weeks"),
)
"""An absence shorter than so many days is counted under this name."""


def recovery_ratio(p: Person) -> float:
    """Hazard ratio on recovery from a spell: policy, the note, the employer, support."""
    ratio = p.value("sickness.recovery_hazard_ratio")
    off_sick = p.labour == Labour.OFF_SICK
    if off_sick:
        ratio *= p.value("return_to_work.hazard_ratio")
    if p.may_be_fit:
        ratio *= p.value("fit_notes.may_be_fit_hazard_ratio")
    if off_sick and p.adjusted_duties:
        ratio *= p.value("return_to_work.employer_offer_hazard_ratio")
    return ratio * workwell.effect(p, "return") * support.effect(p, "return")


RATIOS = {"recovery": recovery_ratio}


def act(p: Person) -> None:
    """Recover; start or stop being paid."""
    if p.due("recovery"):
        recover(p)
    if p.due("sick_pay"):
        change_sick_pay(p)


def go_off_sick(p: Person, cause: int) -> None:
    """Off sick from today: the job may be lost by it; sick pay starts after the waiting days."""
    p.off_sick_since = p.today
    p.begin_spell("leaves_while_sick", cause, leaving_ratio(p))
    p.move(labour=Labour.OFF_SICK)
    eligible = p.happens("sick_pay.eligible", "return_to_work.sick_pay_eligible_share")
    if eligible and p.benefit == Benefit.NONE:
        waiting = int(p.value("return_to_work.ssp_waiting_days"))
        if waiting < 1:
            change_sick_pay(p)
        else:
            p.plan("sick_pay", p.today + waiting)


def leaving_ratio(p: Person) -> float:
    """Hazard ratio on leaving work while off sick: policy and support."""
    ratio = p.value("job_loss.sick_leaving_hazard_ratio") * workwell.effect(p, "job_loss")
    return ratio * support.effect(p, "job_loss")


def recover(p: Person) -> None:
    """A spell ends: back to work from being off sick, or well again out of work."""
    p.call_off("recovery")
    if p.labour == Labour.OFF_SICK:
        count_absence(p, "return_to_work")
        p.call_off("leaves_while_sick")
        end_spell(p)
        paid = p.benefit == Benefit.SICK_PAY
        p.move(labour=Labour.IN_WORK, benefit=Benefit.NONE if paid else p.benefit)
    else:
        p.record("recovery", LABELS["labour"][p.labour])
        end_spell(p)
    claims.fit_again(p)


def end_spell(p: Person) -> None:
    """Notes and sick pay stop; a spell with a note is remembered, for illness may recur."""
    p.sick = 0
    if p.notes_in_spell:
        p.sick_ended = p.today
    p.may_be_fit = p.adjusted_duties = False
    p.notes_in_spell = 0
    p.call_off("sick_pay")


def count_absence(p: Person, event: str) -> None:
    """An absence ends today."""
    days = p.today - p.off_sick_since
    number = bisect_right([edge for edge, _ in LENGTHS], days)
    name = LENGTHS[number][1] if number < len(LENGTHS) else "over_52_weeks"
    p.record(event, name)
    p.world.ledger.spell(p, event, name, days)


def change_sick_pay(p: Person) -> None:
    """Sick pay starts, for at most 28 weeks; or it ends, and some claim a benefit."""
    if p.labour != Labour.OFF_SICK:
        return
    if p.benefit == Benefit.NONE:
        p.plan("sick_pay", p.today + max(int(p.value("return_to_work.ssp_weeks") * 7), 1))
        p.record("sick_pay_starts", "off_sick")
        p.move(benefit=Benefit.SICK_PAY)
    elif p.benefit == Benefit.SICK_PAY:
        p.record("sick_pay_ends", "after_28_weeks")
        p.move(benefit=Benefit.NONE)
        claims.think_of_claiming(p)
