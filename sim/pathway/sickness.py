"""Sickness: people fall ill for a while, and their lasting health gets worse or better.

A person in work, or looking for work, falls ill. Most spells are minor and over in days; others come from
a mental health, musculoskeletal, cardio-respiratory or other condition and can last for months. People with
a condition, above all one that limits their work, fall ill more often, and so does anybody who has just
been ill. Women fall ill more often than men, winter brings more than summer, and areas differ as their
fit-note rates do. Apart from spells, people gain a lasting condition, it comes to limit their work, and
either can pass.

Parameters: ``scenarios/parameters/sickness.yaml``. Evidence: absence rates by long-term condition and sex
(ONS), the spread of absence lengths (CBI through NICE), long absences a year (DWP).
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.core.dates import date_of
from sim.core.draws import choose
from sim.core.steps import Columns, Ratio, Step, Stream
from sim.core.world import World
from sim.pathway import return_to_work
from sim.pathway.kinds import Kinds, by_kind
from sim.pathway.person import OF_WORKING_AGE, YEAR, change_health, in_states, move
from sim.states import LABELS, Benefit, Condition, Labour

I64 = NDArray[np.int64]
F64 = NDArray[np.float64]

# ---- Declarations ---------------------------------------------------------------------------------------

CAUSES: Final = ("minor", *LABELS["condition"][1:])
WELL: Final = 0
"""``sick`` is 0 for people who are not ill, else 1 + the cause of the spell."""

COLUMNS: Final[Columns] = {
    "sick": (np.uint8, WELL),
    "sick_ended": (np.int16, -20_000),
    "sick_spells": (np.uint16, 0),
    "health_changes": (np.uint8, 0),
}

_ONSET_READS: Final = (
    "sickness.onset_rate",
    "sickness.onset_sex_ratio",
    "sickness.onset_age_ratio",
    "sickness.onset_limiting_ratio",
    "sickness.onset_out_of_work_ratio",
    "sickness.recurrence_ratio",
    "sickness.recurrence_days",
    "sickness.season",
    "sickness.onset_hazard_ratio",
    "sickness.area_exponent",
)


# ---- Hazards ----------------------------------------------------------------------------------------------


def onset(w: World, ids: I64, peak: bool) -> F64:
    """Ratio on falling ill: more often soon after a spell, and by the season; not while ill."""
    p = w.people
    season = w.value("sickness.season", ids, slice(None))
    season = season.max(axis=-1) if peak else season[..., date_of(w.day).month - 1]
    again = w.day - p["sick_ended"][ids] < w.value("sickness.recurrence_days", ids)
    ratio = np.where(again, season * w.value("sickness.recurrence_ratio", ids), season)
    ratio *= p["sick"][ids] == WELL
    return ratio


def _onset(k: Kinds) -> F64:
    """Hazard of falling ill, per day."""
    rate: F64 = k.value("sickness.onset_rate", k.condition)
    rate = rate * k.value("sickness.onset_sex_ratio", k.sex)
    rate *= k.value("sickness.onset_age_ratio", k.age_band)
    rate *= k.limited("sickness.onset_limiting_ratio")
    rate *= k.facts["area_note_ratio"][k.area] ** k.value("sickness.area_exponent")
    return rate * k.value("sickness.onset_hazard_ratio") / YEAR


def _onset_out_of_work(k: Kinds) -> F64:
    return _onset(k) * k.value("sickness.onset_out_of_work_ratio")


def _worsening(k: Kinds) -> F64:
    """Hazard per day of gaining a condition, or of it coming to limit work."""
    level = (k.condition != Condition.NONE).astype(np.int64)
    rate: F64 = k.value("sickness.worsen_rate", level, k.age_band)
    return np.where(k.limiting, 0.0, rate / YEAR)


def _improving(k: Kinds) -> F64:
    """Hazard per day of a limit on work passing, or of a condition passing."""
    rate: F64 = k.value("sickness.improve_rate", k.limiting)
    return rate / YEAR


def _long_sick_improving(k: Kinds) -> F64:
    return _improving(k) * k.value("sickness.long_sick_improve_ratio")


# ---- Action -------------------------------------------------------------------------------------------------


def act(w: World) -> None:
    """Today's new spells, and today's changes of lasting health."""
    fall_ill(w, w.strikes("falls_sick"))
    _worsen(w, w.strikes("health_worsens"))
    _improve(w, w.strikes("health_improves"))


def fall_ill(w: World, ids: I64) -> None:
    """A spell starts: its cause is drawn, its clocks are set; people in work go off sick."""
    if not len(ids):
        return
    p = w.people
    u = w.uniform("sickness.cause", ids, p["sick_spells"][ids])
    cause = choose(u, w.running("sickness.cause", ids, p["condition"][ids]))
    p["sick"][ids] = cause + 1
    p["sick_spells"][ids] += 1
    # Notes handed in with an earlier claim, outside any spell, say nothing about this one.
    p["notes_in_spell"][ids] = 0
    p["may_be_fit"][ids] = p["adjusted_duties"][ids] = False
    w.record("sickness_start", ids, cause)
    days = w.whole("fit_notes.self_certification_days", ids)
    w.set_due("fit_note", ids, w.day + np.maximum(days, 1))
    at_work = p["labour"][ids] == Labour.IN_WORK
    return_to_work.go_off_sick(w, ids[at_work], cause[at_work])
    w.spells["recovery"].start(w, ids, cause, return_to_work.recovery_ratio(w, ids))
    w.touch(ids, "ill")


def _worsen(w: World, ids: I64) -> None:
    if not len(ids):
        return
    p = w.people
    well = p["condition"][ids] == Condition.NONE
    drawn = choose(
        w.uniform("sickness.new_condition", ids, p["health_changes"][ids]),
        w.running("sickness.new_condition_cause", ids, p["age_band"][ids]),
    )
    condition = np.where(well, drawn + 1, p["condition"][ids]).astype(np.uint8)
    p["health_changes"][ids] += 1
    w.record("health_worsens", ids, (~well).astype(np.int64))
    change_health(w, ids, condition, np.where(well, 0, 1).astype(np.uint8))


def _improve(w: World, ids: I64) -> None:
    if not len(ids):
        return
    p = w.people
    limited = p["limiting"][ids] == 1
    condition = np.where(limited, p["condition"][ids], Condition.NONE).astype(np.uint8)
    p["health_changes"][ids] += 1
    w.record("health_improves", ids, limited.astype(np.int64))
    change_health(w, ids, condition, np.zeros(len(ids), np.uint8))
    # A long-term sick person whose health no longer limits work is inactive for other reasons.
    better = ids[limited & (p["labour"][ids] == Labour.SICK_INACTIVE)]
    fits = p["benefit"][better] != Benefit.UC_SEARCH  # which the otherwise inactive cannot be on
    move(w, better[fits], labour=Labour.OTHER_INACTIVE)


# ---- The step -----------------------------------------------------------------------------------------------

STEP: Final = Step(
    name="sickness",
    does="People fall ill, gain or lose a lasting condition.",
    act=act,
    columns=COLUMNS,
    streams=(
        Stream(
            "falls_sick",
            0.5 / YEAR,
            onset,
            _ONSET_READS,
            feels=("ill", "work", "health", "age"),
            states=in_states((Labour.IN_WORK, Labour.SEARCHING)),
            by_kind=by_kind(_onset, (in_states((Labour.SEARCHING,)), _onset_out_of_work)),
        ),
        Stream(
            "health_worsens",
            0.03 / YEAR,
            reads=("sickness.worsen_rate",),
            feels=("health", "age", "entry"),
            states=in_states(OF_WORKING_AGE),
            by_kind=by_kind(_worsening),
        ),
        Stream(
            "health_improves",
            0.03 / YEAR,
            reads=("sickness.improve_rate", "sickness.long_sick_improve_ratio"),
            feels=("health", "work"),
            states=in_states(OF_WORKING_AGE, condition=range(1, len(Condition))),
            by_kind=by_kind(_improving, (in_states((Labour.SICK_INACTIVE,)), _long_sick_improving)),
        ),
    ),
    ratios=(
        Ratio(
            "recovery",
            return_to_work.recovery_ratio,
            return_to_work.RATIO_READS,
            feels=("note", "support", "work"),
        ),
    ),
    events={
        "sickness_start": CAUSES,
        "health_worsens": ("new_condition", "limits_work"),
        "health_improves": ("condition_passes", "no_longer_limits_work"),
    },
)
