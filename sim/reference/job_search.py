"""Job search: people find work, start or stop looking for it, become long-term sick, or cease to be."""

from __future__ import annotations

from bisect import bisect_right

from sim.reference import claims, support, workwell
from sim.reference.person import YEAR, Person, Shock
from sim.states import LABELS, Benefit, Condition, Labour

SEARCHED = (91, 183, 365)
TOO_ILL_TO_WORK = (Benefit.UC_FIT_NOTE, Benefit.LCW, Benefit.LCWRA, Benefit.ESA)


# ---- Hazards ----------------------------------------------------------------------------------------------


def offer(p: Person, at_most: bool) -> float:
    """Per day, of a job offer that is taken."""
    if p.labour == Labour.SICK_INACTIVE:
        # The rate of the long-term sick is theirs as a group: health is in it already.
        rate = p.value("job_search.sick_inactive_offer_rate")
    else:
        rate = _offer_rate_outside_sickness(p, at_most)
    if p.sanctioned:
        rate *= p.value("conditionality.job_offer_hazard_ratio")
    if p.benefit in (Benefit.LCW, Benefit.LCWRA):
        rate *= p.value("job_search.award_hazard_ratio")
    rate *= p.value("job_search.hazard_ratio") * workwell.effect(p, "job_finding") / YEAR
    rate *= support.effect(p, "job_finding")
    return rate if at_most else rate * _lost(p)


def _lost(p: Person) -> float:
    """Ratio for what new services take from people: a coach's appointments, and therapy."""
    ratio = 1.0
    served = {
        "coach_time": p.benefit == Benefit.UC_SEARCH,
        "therapy_time": p.condition == Condition.MENTAL_HEALTH,
    }
    for staff, mine in served.items():
        if mine:
            lost = 1.0 - p.world.staff[staff].met(p.area)
            ratio *= p.value(f"{staff}.lost_job_finding_ratio") ** lost
    return ratio


def _offer_rate_outside_sickness(p: Person, at_most: bool) -> float:
    if p.labour == Labour.SEARCHING:
        by_length = p.value("job_search.offer_rate")
        band = bisect_right(SEARCHED, p.today - p.labour_since)
        rate = max(by_length[band:]) if at_most else by_length[band]
    else:
        rate = p.value("job_search.other_inactive_offer_rate", p.age_band)
    rate *= p.value("job_search.condition_ratio", p.condition)
    if p.limiting:
        rate *= p.value("job_search.limiting_ratio")
    if p.sick:
        rate *= p.value("job_search.ill_ratio")
    return rate * p.value("job_search.benefit_ratio", p.benefit)


def starting_to_search(p: Person, at_most: bool) -> float:
    """Per day, of starting to look for work; on a health benefit as seldom as the long-term sick."""
    too_ill = p.labour == Labour.SICK_INACTIVE or p.benefit in TOO_ILL_TO_WORK
    return p.value("job_search.search_rate", too_ill) / YEAR


def stopping_to_search(p: Person, at_most: bool) -> float:
    """Per day, of ceasing to look for work."""
    return p.value("job_search.to_inactive_rate", 0, 0) / YEAR


def becoming_sick(p: Person, at_most: bool) -> float:
    """Per day, of becoming long-term sick."""
    if p.labour == Labour.SEARCHING:
        rate = p.value("job_search.to_inactive_rate", 0, 1)
    else:
        rate = p.value("job_search.become_sick_inactive_rate", p.limiting)
    return rate * claims.area_ratio(p) / YEAR


def ceasing_to_be_sick(p: Person, at_most: bool) -> float:
    """Per day, of being out of work for a reason other than sickness."""
    return p.value("job_search.sick_to_other_rate") / YEAR


def inactive(p: Person) -> bool:
    """Out of work and not looking for it."""
    return p.labour in (Labour.SICK_INACTIVE, Labour.OTHER_INACTIVE)


SHOCKS = (
    Shock("job_offer", 0.03 / YEAR, offer, lambda p: p.labour == Labour.SEARCHING or inactive(p)),
    Shock("starts_searching", 0.04 / YEAR, starting_to_search, inactive),
    Shock(
        "stops_searching", 0.2 / YEAR, stopping_to_search, lambda p: p.labour == Labour.SEARCHING
    ),
    Shock(
        "becomes_long_term_sick",
        0.01 / YEAR,
        becoming_sick,
        lambda p: p.labour in (Labour.SEARCHING, Labour.OTHER_INACTIVE),
    ),
    Shock(
        "stops_being_sick",
        0.02 / YEAR,
        ceasing_to_be_sick,
        lambda p: p.labour == Labour.SICK_INACTIVE,
    ),
)


# ---- What happens -----------------------------------------------------------------------------------------


def act(p: Person) -> None:
    """Find a job; start or stop to look for one; become long-term sick, or cease to be."""
    if p.struck("job_offer"):
        p.record("job_start", LABELS["labour"][p.labour])
        p.call_off("claim")
        forget_illness(p)
        claims.take_job(p)
    if p.struck("starts_searching"):
        start_to_search(p)
    if p.struck("stops_searching"):
        stop_to_search(p)
    if p.struck("becomes_long_term_sick"):
        p.record("becomes_long_term_sick", LABELS["labour"][p.labour])
        forget_illness(p)
        claims.become_sick_inactive(p)
    if p.struck("stops_being_sick"):
        p.record("stops_being_sick", "other_inactive")
        on_search = p.benefit == Benefit.UC_SEARCH
        p.move(labour=Labour.OTHER_INACTIVE, benefit=Benefit.UC_LIGHT if on_search else p.benefit)


def start_to_search(p: Person) -> None:
    """An inactive person looks for work; the benefit follows."""
    p.record("starts_searching", LABELS["labour"][p.labour])
    before = after = p.benefit
    if before in (Benefit.LCWRA, Benefit.UC_LIGHT):
        after = Benefit.UC_SEARCH
    elif before == Benefit.ESA:
        after = Benefit.NONE
    p.move(labour=Labour.SEARCHING, benefit=after)
    if before in (Benefit.NONE, Benefit.ESA):
        claims.think_of_claiming(p)


def stop_to_search(p: Person) -> None:
    """To study, to care, to retire."""
    p.record("stops_searching", "other_inactive")
    forget_illness(p)
    p.call_off("claim")
    benefit = p.benefit
    if benefit == Benefit.UC_SEARCH:
        stays = p.happens("claims.stays_inactive", "claims.inactive_uc_share", p.jobs_taken)
        benefit = Benefit.UC_LIGHT if stays else Benefit.NONE
    p.move(labour=Labour.OTHER_INACTIVE, benefit=benefit)


def forget_illness(p: Person) -> None:
    """A spell of illness out of work ends with the search."""
    if p.sick:
        p.call_off("recovery")
        p.sick = 0
        if p.notes_in_spell:
            p.sick_ended = p.today
        p.notes_in_spell = 0
        p.may_be_fit = False
