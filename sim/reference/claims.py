"""Claims: people turn to Universal Credit, move between its groups, and leave it."""

from __future__ import annotations

from sim.reference.person import YEAR, Person, Shock
from sim.states import LABELS, Benefit, Labour

# ---- Hazards ----------------------------------------------------------------------------------------------


def entering(p: Person, at_most: bool) -> float:
    """Per day, of coming onto UC without a change of work."""
    inactive = p.labour == Labour.OTHER_INACTIVE
    name = "claims.other_inactive_uc_rate" if inactive else "claims.in_work_uc_entry_rate"
    return p.value(name, p.age_band) / YEAR


def claiming_for_health(p: Person, at_most: bool) -> float:
    """Per day, of a UC health claim by people who are inactive for another reason."""
    return p.value("claims.other_inactive_health_claim_rate", p.limiting) / YEAR * area_ratio(p)


def area_ratio(p: Person) -> float:
    """Ratio by area on becoming long-term sick, and on health claims of the inactive."""
    return p.world.note_ratio_of_area[p.area] ** p.value("claims.area_exponent")


def leaving(p: Person, at_most: bool) -> float:
    """Per day, of leaving a benefit for a reason outside the pathway."""
    if p.out_of_work:
        return p.value("claims.exit_rate", p.benefit) / YEAR
    return p.value("claims.in_work_uc_exit_rate") / YEAR


def migrating(p: Person, at_most: bool) -> float:
    """Per day, of being moved from ESA to UC."""
    return p.value("claims.esa_migration_rate") / YEAR


SHOCKS = (
    Shock(
        "enters_uc",
        0.01 / YEAR,
        entering,
        lambda p: (
            p.labour in (Labour.IN_WORK, Labour.OFF_SICK, Labour.OTHER_INACTIVE)
            and p.benefit == Benefit.NONE
        ),
    ),
    Shock(
        "claims_for_health",
        0.01 / YEAR,
        claiming_for_health,
        lambda p: (
            p.labour == Labour.OTHER_INACTIVE and p.benefit in (Benefit.NONE, Benefit.UC_LIGHT)
        ),
    ),
    Shock(
        "leaves_benefit",
        0.03 / YEAR,
        leaving,
        lambda p: p.benefit not in (Benefit.NONE, Benefit.SICK_PAY),
    ),
    Shock("moves_from_esa", 0.1 / YEAR, migrating, lambda p: p.benefit == Benefit.ESA),
)


# ---- What happens -----------------------------------------------------------------------------------------


def act(p: Person) -> None:
    """Come under another threshold, claim, come onto UC, leave a benefit, be moved from ESA."""
    if p.due("threshold"):
        meet_threshold(p)
    if p.due("claim"):
        claim(p)
    if p.struck("enters_uc"):
        p.call_off("reconsideration")
        to = Benefit.UC_LIGHT if p.out_of_work else in_work_regime(p)
        p.record("claim", LABELS["benefit"][to])
        p.move(benefit=to)
    if p.struck("claims_for_health"):
        p.record("claim", "uc_fit_note")
        start_health_claim(p)
    if p.struck("leaves_benefit"):
        p.record("leaves_benefit", LABELS["benefit"][p.benefit])
        p.move(benefit=Benefit.NONE)
    if p.struck("moves_from_esa"):
        migrate(p)


def think_of_claiming(p: Person) -> None:
    """Somebody without a benefit decides whether to claim; who does, claims some days later."""
    number = p.claims_considered
    p.claims_considered += 1
    if p.labour == Labour.SEARCHING:
        share = p.value("claims.uc_share_after_job_loss", p.age_band)
    else:
        share = p.value("claims.health_claim_share")
    if p.chance("claims.considered", number) < share:
        delay = p.exponential("claims.delay", number) * p.value("claims.claim_delay_days")
        p.plan("claim", p.today + 1 + int(delay))


def claim(p: Person) -> None:
    """To look for work, for health, or for new-style ESA."""
    p.call_off("reconsideration")
    if p.benefit != Benefit.NONE:
        return
    certified = p.sick > 0 and p.notes_in_spell > 0
    if p.labour == Labour.SEARCHING and not certified:
        p.record("claim", "uc_search")
        p.move(benefit=Benefit.UC_SEARCH)
    elif p.labour in (Labour.SEARCHING, Labour.OFF_SICK, Labour.SICK_INACTIVE):
        esa = p.happens("claims.new_style_esa", "claims.esa_share", p.claims_considered)
        if esa and p.labour == Labour.SICK_INACTIVE:
            p.record("claim", "esa")
            p.move(benefit=Benefit.ESA)
        else:
            p.record("claim", "uc_fit_note")
            start_health_claim(p)


def start_health_claim(p: Person) -> None:
    """On UC with a fit note from today; the assessment is asked for on a fixed day of the claim."""
    p.move(benefit=Benefit.UC_FIT_NOTE)
    p.plan("wca_referral", p.today + max(int(p.value("assessment.referral_day")) - 1, 1))
    p.call_off("wca_ready", "reconsideration")  # of a claim before this one
    if "fit_note" not in p.diary:
        p.plan("fit_note", p.today + 1)


def hand_in_note(p: Person) -> None:
    """A UC claimant with a new note joins the health journey; in work, only a share tells of it."""
    if not p.looks_for_work_on_uc:
        return
    tells = p.happens("claims.in_work_note", "claims.in_work_note_share", p.sick_spells)
    if p.labour == Labour.SEARCHING or (p.labour == Labour.OFF_SICK and tells):
        turn_into_health_claim(p)


def turn_into_health_claim(p: Person) -> None:
    """A note turns a UC claim into one with a health condition."""
    p.record("hands_in_note", LABELS["benefit"][p.benefit])
    start_health_claim(p)


def fit_again(p: Person) -> None:
    """Who is well needs no note: back to looking for work, or to the regime of their earnings."""
    if p.benefit == Benefit.UC_FIT_NOTE:
        if p.labour == Labour.SEARCHING:
            p.move(benefit=Benefit.UC_SEARCH)
        elif p.labour == Labour.IN_WORK:
            p.move(benefit=in_work_regime(p))


def in_work_regime(p: Person) -> Benefit:
    """The regime of UC that the earnings in the present job put somebody in."""
    below = p.happens("claims.earnings", "claims.below_threshold_share", p.jobs_taken)
    return Benefit.UC_SEARCH if below else Benefit.UC_LIGHT


def expect_threshold(p: Person, day: int) -> None:
    """Tomorrow the threshold moves."""
    if p.world.parameters.changes_on("claims.below_threshold_share", day):
        p.plan("threshold", day)


def meet_threshold(p: Person) -> None:
    """Who is on UC in work comes into the regime in which the threshold of today puts them."""
    to = in_work_regime(p)
    if p.looks_for_work_on_uc and not p.out_of_work and to != p.benefit:
        p.record("threshold_move", LABELS["benefit"][to])
        p.move(benefit=to)


def leave_job(p: Person, to: int) -> None:
    """Stop working: the benefit follows, and somebody without one may claim."""
    before = p.benefit
    if before == Benefit.LCWRA and to == Labour.SEARCHING:
        to = Labour.SICK_INACTIVE  # nobody on LCWRA has to look for work
    after = Benefit.NONE if before == Benefit.SICK_PAY else before
    if p.looks_for_work_on_uc:
        after = Benefit.UC_LIGHT if to == Labour.OTHER_INACTIVE else Benefit.UC_SEARCH
        p.move(labour=to, benefit=after)
        if to == Labour.SICK_INACTIVE:
            turn_into_health_claim(p)
        return
    p.move(labour=to, benefit=after)
    if after == Benefit.NONE and to != Labour.OTHER_INACTIVE:
        think_of_claiming(p)


def take_job(p: Person) -> None:
    """Start work: some stay on UC, in the regime that their earnings put them in."""
    p.jobs_taken += 1
    p.job_since = p.today
    stays = p.happens("claims.stays_in_work", "claims.in_work_uc_share", p.jobs_taken)
    benefit = p.benefit
    if p.looks_for_work_on_uc and stays:
        benefit = in_work_regime(p)
    elif p.looks_for_work_on_uc or benefit == Benefit.UC_FIT_NOTE:
        benefit = benefit if stays else Benefit.NONE
    elif benefit == Benefit.ESA:
        benefit = Benefit.NONE
    p.move(labour=Labour.IN_WORK, benefit=benefit)


def become_sick_inactive(p: Person) -> None:
    """Long-term sick from today: a UC claimant hands in a note, somebody without a benefit may claim."""
    before = p.benefit
    if p.looks_for_work_on_uc:
        p.move(labour=Labour.SICK_INACTIVE, benefit=Benefit.UC_SEARCH)
        turn_into_health_claim(p)
    else:
        p.move(labour=Labour.SICK_INACTIVE)
        if before == Benefit.NONE:
            think_of_claiming(p)


def migrate(p: Person) -> None:
    """ESA ends; nearly all claim UC, most of them in the group that matches the support group."""
    claims_uc = p.happens("claims.esa_claims_uc", "claims.esa_migration_claim_share")
    support_group = p.happens("claims.esa_support_group", "claims.esa_support_group_share")
    to = Benefit.NONE if not claims_uc else Benefit.LCWRA if support_group else Benefit.LCW
    p.record("esa_migration", LABELS["benefit"][to])
    p.move(benefit=to)
