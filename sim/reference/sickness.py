"""Sickness: people fall ill for a while, and their lasting health gets worse or better."""

from __future__ import annotations

from sim.core.dates import date_of
from sim.reference import return_to_work
from sim.reference.person import YEAR, Person, Shock
from sim.states import LABELS, Benefit, Condition, Labour

CAUSES = ("minor", *LABELS["condition"][1:])


# ---- Hazards ----------------------------------------------------------------------------------------------


def falling_ill(p: Person, at_most: bool) -> float:
    """Per day: by condition, sex, age, limits on work, recent illness, area and season."""
    if p.sick:
        return 0.0
    rate = p.value("sickness.onset_rate", p.condition)
    rate *= p.value("sickness.onset_sex_ratio", p.sex)
    rate *= p.value("sickness.onset_age_ratio", p.age_band)
    if p.limiting:
        rate *= p.value("sickness.onset_limiting_ratio")
    if p.labour == Labour.SEARCHING:
        rate *= p.value("sickness.onset_out_of_work_ratio")
    if p.today - p.sick_ended < p.value("sickness.recurrence_days"):
        rate *= p.value("sickness.recurrence_ratio")
    rate *= p.world.note_ratio_of_area[p.area] ** p.value("sickness.area_exponent")
    rate *= p.value("sickness.onset_hazard_ratio")
    season = p.value("sickness.season")
    rate *= max(season) if at_most else season[date_of(p.today).month - 1]
    return rate / YEAR


def worsening(p: Person, at_most: bool) -> float:
    """Per day, of gaining a condition, or of it coming to limit work."""
    if p.limiting:
        return 0.0
    has_condition = p.condition != Condition.NONE
    return p.value("sickness.worsen_rate", has_condition, p.age_band) / YEAR


def improving(p: Person, at_most: bool) -> float:
    """Per day, of a limit on work passing, or of a condition passing."""
    rate = p.value("sickness.improve_rate", p.limiting)
    if p.labour == Labour.SICK_INACTIVE:
        rate *= p.value("sickness.long_sick_improve_ratio")
    return rate / YEAR


SHOCKS = (
    Shock(
        "falls_sick",
        0.5 / YEAR,
        falling_ill,
        lambda p: p.labour in (Labour.IN_WORK, Labour.SEARCHING),
    ),
    Shock("health_worsens", 0.03 / YEAR, worsening, lambda p: p.labour != Labour.OUTSIDE),
    Shock(
        "health_improves",
        0.03 / YEAR,
        improving,
        lambda p: p.labour != Labour.OUTSIDE and p.condition != Condition.NONE,
    ),
)


# ---- What happens -----------------------------------------------------------------------------------------


def act(p: Person) -> None:
    """Fall ill; get worse; get better."""
    if p.struck("falls_sick"):
        fall_ill(p)
    if p.struck("health_worsens"):
        get_worse(p)
    if p.struck("health_improves"):
        get_better(p)


def fall_ill(p: Person) -> None:
    """A spell starts: its cause is drawn; people in work go off sick; a week is self-certified."""
    cause = p.outcome("sickness.cause", p.value("sickness.cause", p.condition), p.sick_spells)
    p.sick = cause + 1
    p.sick_spells += 1
    p.notes_in_spell = 0
    p.may_be_fit = p.adjusted_duties = False
    p.record("sickness_start", CAUSES[cause])
    p.plan("fit_note", p.today + max(int(p.value("fit_notes.self_certification_days")), 1))
    if p.labour == Labour.IN_WORK:
        return_to_work.go_off_sick(p, cause)
    p.begin_spell("recovery", cause, return_to_work.recovery_ratio(p))


def get_worse(p: Person) -> None:
    """A condition is gained, or comes to limit work."""
    number = p.health_changes
    p.health_changes += 1
    if p.condition == Condition.NONE:
        cause = p.outcome(
            "sickness.new_condition", p.value("sickness.new_condition_cause", p.age_band), number
        )
        p.record("health_worsens", "new_condition")
        p.change_health(cause + 1, 0)
    else:
        p.record("health_worsens", "limits_work")
        p.change_health(p.condition, 1)


def get_better(p: Person) -> None:
    """A limit on work passes, or else the condition does."""
    p.health_changes += 1
    if not p.limiting:
        p.record("health_improves", "condition_passes")
        p.change_health(Condition.NONE, 0)
        return
    p.record("health_improves", "no_longer_limits_work")
    p.change_health(p.condition, 0)
    # A long-term sick person whose health no longer limits work is inactive for other reasons.
    if p.labour == Labour.SICK_INACTIVE and p.benefit != Benefit.UC_SEARCH:
        p.move(labour=Labour.OTHER_INACTIVE)
