"""What the model says about each published statistic.

A measure is a function of the monthly numbers and some months; it gives one number a replication.
The names are those of the column ``statistic`` of ``baseline_targets.csv``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from scipy.linalg import expm

from calibration.monthly import DAYS_A_YEAR, Monthly

Compute = Callable[[Monthly, Sequence[str]], pd.Series]

JOB: Final = ("in_work", "off_sick")
SEARCH: Final = ("searching",)
INACTIVE: Final = ("sick_inactive", "other_inactive")
GROUPS: Final = {"e": JOB, "u": SEARCH, "i": INACTIVE}
OUT_OF_WORK: Final = (*SEARCH, *INACTIVE)
CONDITIONS: Final = ("mental_health", "musculoskeletal", "cardio_respiratory", "other")
HEALTH: Final = ("uc_fit_note", "lcw", "lcwra")
SANCTIONABLE: Final = ("uc_search", "uc_fit_note", "lcw")
"""Groups whose regimes allow sanctions in the published rate; the model sanctions the first."""
BANDS: Final = {
    "4-5": ("4_to_5_weeks",),
    "5-6": ("5_to_6_weeks",),
    "6-8": ("6_to_8_weeks",),
    "8-13": ("8_to_13_weeks",),
    "13-26": ("13_to_26_weeks",),
    "26-39": ("26_to_39_weeks",),
    "39-52": ("39_to_52_weeks",),
    "52+": ("over_52_weeks",),
}
LONG: Final = tuple(label for labels in BANDS.values() for label in labels)
OVER_13_WEEKS: Final = LONG[4:]
NOTE_KINDS: Final = ("not_fit", "may_be_fit")
SIX_MONTHS: Final = 182
"""Days from which a sanction counts as one of over 26 weeks."""


@dataclass(frozen=True)
class Measure:
    """How a statistic is worked out, and what the reader must know about it.

    ``level`` marks stocks, which are read at the months nearest to a period; flows and shares of
    flows are read over the same months of a later year instead. ``note`` is empty when the model
    counts just what was published.
    """

    compute: Compute
    level: bool = False
    note: str = ""


# ---- Fit notes -----------------------------------------------------------------------------------


def notes(m: Monthly, months: Sequence[str], *classes: str) -> pd.Series:
    """Fit notes of some classes of length (all, when none is given)."""
    orders = [f"{kind}_{order}_" for kind in NOTE_KINDS for order in ("first", "repeat")]
    wanted = [f"{order}{length}" for order in orders for length in (classes or ("",))]
    return m.count(months, "fit_note", wanted)


def _not_fit_share(m: Monthly, months: Sequence[str]) -> pd.Series:
    return m.count(months, "fit_note", ["not_fit"]) / notes(m, months)


def _five_weeks_share(m: Monthly, months: Sequence[str]) -> pd.Series:
    return notes(m, months, "5_to_20_weeks", "20_weeks_plus") / notes(m, months)


def _twenty_weeks_share(m: Monthly, months: Sequence[str]) -> pd.Series:
    return notes(m, months, "20_weeks_plus") / notes(m, months)


def _notes_per_person(m: Monthly, months: Sequence[str]) -> pd.Series:
    """Notes of the sampled people with any, in windows of as many months as asked for."""
    if m.log is None:
        return pd.Series(np.nan, index=m.seeds)
    log = m.log[m.log["event"].astype(str) == "fit_note"]
    year = (log["day"].dt.year * 12 + log["day"].dt.month - 4) // 12
    number = log.groupby([log["seed"], log["person"], year]).size()
    return number.groupby("seed").mean().reindex(m.seeds)


def _recurrence(m: Monthly, months: Sequence[str]) -> pd.Series:
    """Share of the first notes of a spell after which another spell begins within 12 months."""
    if m.log is None:
        return pd.Series(np.nan, index=m.seeds)
    first = m.log["detail"].astype(str).str.contains("_first_")
    log = m.log[(m.log["event"].astype(str) == "fit_note") & first]
    log = log.sort_values(["seed", "person", "day"])
    gap = -log.groupby(["seed", "person"])["day"].diff(-1).dt.days
    followed = log["day"] < log["day"].max() - pd.Timedelta(days=365)
    again = (gap <= DAYS_A_YEAR)[followed]
    return again.groupby(log.loc[followed, "seed"]).mean().reindex(m.seeds)


# ---- Sickness absence ----------------------------------------------------------------------------


def absence_rate(*conditions: str) -> Compute:
    """Share of the days of people with a job on which they are off sick."""
    kept = {"condition": conditions} if conditions else {}

    def rate(m: Monthly, months: Sequence[str]) -> pd.Series:
        off = m.years(months, labour=["off_sick"], **kept)
        return off / m.years(months, labour=JOB, **kept)

    return rate


def _over_4_weeks(m: Monthly, months: Sequence[str]) -> pd.Series:
    ended = m.ended(months, kind=["sickness_absence"], length_band=LONG)
    return ended * 12 / len(months)


def _left_after_4_weeks(m: Monthly, months: Sequence[str]) -> pd.Series:
    left = m.ended(months, kind=["sickness_absence"], length_band=LONG, outcome=["left_work"])
    return left * 12 / len(months)


def _leaving_share(labels: Sequence[str]) -> Compute:
    def share(m: Monthly, months: Sequence[str]) -> pd.Series:
        kind = ["sickness_absence"]
        left = m.ended(months, kind=kind, length_band=labels, outcome=["left_work"])
        return left / m.ended(months, kind=kind, length_band=labels)

    return share


def _over_12_weeks(m: Monthly, months: Sequence[str]) -> pd.Series:
    absence = ["sickness_absence"]
    certified = m.ended(months, kind=absence, length_band=("8_to_27_days", *LONG))
    long = m.ended(months, kind=absence, length_band=OVER_13_WEEKS)
    # 7 of the 35 days of the band from 8 to 13 weeks lie beyond 12 weeks.
    return (long + m.ended(months, kind=absence, length_band=BANDS["8-13"]) / 5) / certified


# ---- Long-term sickness --------------------------------------------------------------------------


def _into_work(m: Monthly, months: Sequence[str]) -> pd.Series:
    moved = m.moves(months, labour_from=["sick_inactive"], labour_to=JOB)
    return moved / m.years(months, labour=["sick_inactive"])


def _new_long_term_sick_from(froms: Sequence[str]) -> Compute:
    def share(m: Monthly, months: Sequence[str]) -> pd.Series:
        to = ["sick_inactive"]
        new = m.moves(
            months, labour_from=(*JOB, *SEARCH, "other_inactive", "outside"), labour_to=to
        )
        return m.moves(months, labour_from=froms, labour_to=to) / new

    return share


# ---- Benefits ------------------------------------------------------------------------------------


def benefit_stock(*benefits: str) -> Compute:
    """People on some benefits at the end of a month."""
    return lambda m, months: m.stock(months, benefit=benefits)


def labour_stock(*labour: str) -> Compute:
    """People in some labour-market states at the end of a month."""
    return lambda m, months: m.stock(months, labour=labour)


def _in_work_share(benefit: str) -> Compute:
    def share(m: Monthly, months: Sequence[str]) -> pd.Series:
        return m.stock(months, benefit=[benefit], labour=JOB) / m.stock(months, benefit=[benefit])

    return share


def decisions(*details: str) -> Compute:
    """WCA decisions a month."""
    return lambda m, months: m.count(months, "wca_decision", details) / len(months)


def _decision_share(part: str, whole: str = "") -> Compute:
    def share(m: Monthly, months: Sequence[str]) -> pd.Series:
        every = m.count(months, "wca_decision", [whole] if whole else [])
        return m.count(months, "wca_decision", [part]) / every

    return share


def wca_queue(m: Monthly, months: Sequence[str]) -> pd.Series:
    """People who wait for an assessor, mean over the ends of the months."""
    return m.waiting(months, "wca", "waiting") / len(months)


def wca_wait(m: Monthly, months: Sequence[str]) -> pd.Series:
    """Mean days in the queue for an assessor of those decided on."""
    started = m.waiting(months, "wca", "started")
    return m.waiting(months, "wca", "waited_days") / started


# ---- Sanctions -----------------------------------------------------------------------------------


def _sanctions(m: Monthly, months: Sequence[str]) -> pd.Series:
    return m.count(months, "sanction") / len(months)


def _missed_share(m: Monthly, months: Sequence[str]) -> pd.Series:
    return m.count(months, "sanction", ["missed_appointment"]) / m.count(months, "sanction")


def people_sanctioned(m: Monthly, months: Sequence[str]) -> pd.Series:
    """People sanctioned at a time: days of the sanctions that end in a year, over its days."""
    year = around(m, months)
    return m.ended(year, "days", kind=["sanction"]) / (DAYS_A_YEAR * len(year) / 12)


def _sanctioned_share(m: Monthly, months: Sequence[str]) -> pd.Series:
    year = around(m, months)
    return people_sanctioned(m, months) / m.stock(year, benefit=SANCTIONABLE)


def _sanctioned_6_months(m: Monthly, months: Sequence[str]) -> pd.Series:
    year = around(m, months)
    kind, band = ["sanction"], ["over_26_weeks"]
    days = m.ended(year, "days", kind=kind, length_band=band)
    beyond = days - SIX_MONTHS * m.ended(year, kind=kind, length_band=band)
    return beyond / (DAYS_A_YEAR * len(year) / 12)


def around(m: Monthly, months: Sequence[str]) -> list[str]:
    """The year of results (April to March) in which the first of some months falls."""
    every = m.months
    start = every.index(months[0]) // 12 * 12
    return every[start : start + 12]


def sanction_length_share(label: str) -> Compute:
    """Share of the sanctions that end which lasted a band of length."""

    def share(m: Monthly, months: Sequence[str]) -> pd.Series:
        every = m.ended(months, kind=["sanction"])
        return m.ended(months, kind=["sanction"], length_band=[label]) / every

    return share


def sanction_mean_days(m: Monthly, months: Sequence[str]) -> pd.Series:
    """Mean days of the sanctions that end."""
    return m.ended(months, "days", kind=["sanction"]) / m.ended(months, kind=["sanction"])


# ---- Labour market -------------------------------------------------------------------------------


def _search_into_work(m: Monthly, months: Sequence[str]) -> pd.Series:
    who = {"labour_from": SEARCH, "benefit_from": ["uc_search"]}
    moved = m.moves(months, labour_to=JOB, **who) / len(months)
    return moved / m.stock(months, labour=SEARCH, benefit=["uc_search"])


def _rate(part: Sequence[str], whole: Sequence[str]) -> Compute:
    return lambda m, months: m.stock(months, labour=part) / m.stock(months, labour=whole)


def quarterly_flow(old: str, new: str) -> Compute:
    """Share of those in a group who are in another a quarter later, from monthly moves."""

    def share(m: Monthly, months: Sequence[str]) -> pd.Series:
        rates = np.zeros((len(m.seeds), 3, 3))
        for i, (a, froms) in enumerate(GROUPS.items()):
            years = m.years(months, labour=froms).to_numpy()
            for j, (b, to) in enumerate(GROUPS.items()):
                if a != b:
                    moved = m.moves(months, labour_from=froms, labour_to=to).to_numpy()
                    rates[:, i, j] = moved / years
        for i in range(3):
            rates[:, i, i] = -rates[:, i].sum(axis=1)
        quarter = np.stack([expm(rate / 4) for rate in rates])
        order = list(GROUPS)
        return pd.Series(quarter[:, order.index(old), order.index(new)], index=m.seeds)

    return share


# ---- All of them ---------------------------------------------------------------------------------

_WORKING_AGE: Final = (*JOB, *OUT_OF_WORK)
_AGES: Final = "the model's ages are 16 to State Pension age"
_LITTLE: Final = (
    "people sanctioned are worked out from the days of the sanctions that end in the year "
    "(arrivals times mean length)"
)
_QUARTER: Final = (
    "moves of the months as rates a year, matrix exponential over a quarter; ages 16 to State "
    "Pension age"
)
_DIRECT: Final = "direct moves into long-term sickness, not a comparison of two interviews"
_SAMPLE: Final = "from the log of a sample of people, the same number in every area"

MEASURES: Final[Mapping[str, Measure]] = {
    "fit_notes_issued": Measure(notes),
    "fit_note_not_fit_share": Measure(_not_fit_share),
    "fit_note_5_weeks_share": Measure(_five_weeks_share),
    "fit_note_20_weeks_share": Measure(_twenty_weeks_share),
    "fit_notes_per_person_with_a_note": Measure(_notes_per_person, note=_SAMPLE),
    "certified_sickness_recurrence_share": Measure(
        _recurrence, note=f"first notes of a spell followed by those of another; {_SAMPLE}"
    ),
    "certified_episodes_over_12_weeks_share": Measure(
        _over_12_weeks,
        note="absences from work over 7 days; the band from 8 to 13 weeks taken as even",
    ),
    "sickness_absence_rate": Measure(absence_rate(), note="share of people's days, not hours"),
    "sickness_absence_rate_with_condition": Measure(
        absence_rate(*CONDITIONS), note="share of people's days, not hours"
    ),
    "sickness_absence_rate_without_condition": Measure(
        absence_rate("none"), note="share of people's days, not hours"
    ),
    "people_absent_over_4_weeks": Measure(_over_4_weeks, note="absences that end, not people"),
    "people_leaving_work_after_4_weeks_absence": Measure(_left_after_4_weeks),
    **{
        f"leaving_work_share_of_absences_{band}_weeks": Measure(_leaving_share(labels))
        for band, labels in BANDS.items()
    },
    "stock_sick_inactive": Measure(labour_stock("sick_inactive"), level=True, note=_AGES),
    "sick_inactive_into_work_rate": Measure(_into_work),
    "new_sick_inactive_from_other_inactive_share": Measure(
        _new_long_term_sick_from(["other_inactive"]), note=_DIRECT
    ),
    "new_sick_inactive_from_work_share": Measure(_new_long_term_sick_from(JOB), note=_DIRECT),
    **{f"stock_{b}": Measure(benefit_stock(b), level=True) for b in (*HEALTH, "esa")},
    "stock_uc_health": Measure(benefit_stock(*HEALTH), level=True),
    **{f"in_work_share_of_{b}": Measure(_in_work_share(b), level=True) for b in HEALTH},
    "wca_decisions": Measure(decisions()),
    "wca_decisions_repeat": Measure(decisions("repeat")),
    "wca_repeat_share": Measure(_decision_share("repeat")),
    "wca_decisions_lcwra": Measure(decisions("first_lcwra", "repeat_lcwra")),
    "wca_first_fit_share": Measure(_decision_share("first_fit", "first")),
    "wca_first_lcw_share": Measure(
        lambda m, months: (
            (
                m.count(months, "wca_decision", ["first_lcw"])
                - m.count(months, "wca_decision", ["first_lcwra"])
            )
            / m.count(months, "wca_decision", ["first"])
        )
    ),
    "wca_first_lcwra_share": Measure(_decision_share("first_lcwra", "first")),
    "wca_repeat_lcw_share": Measure(
        lambda m, months: (
            (
                m.count(months, "wca_decision", ["repeat_lcw"])
                - m.count(months, "wca_decision", ["repeat_lcwra"])
            )
            / m.count(months, "wca_decision", ["repeat"])
        )
    ),
    "wca_repeat_lcwra_share": Measure(_decision_share("repeat_lcwra", "repeat")),
    "sanction_decisions": Measure(_sanctions),
    "sanctioned_share_of_sanctionable": Measure(_sanctioned_share, level=True, note=_LITTLE),
    "people_sanctioned": Measure(people_sanctioned, level=True, note=_LITTLE),
    "people_sanctioned_6_months": Measure(_sanctioned_6_months, level=True, note=_LITTLE),
    "sanction_missed_appointment_share": Measure(_missed_share),
    "uc_search_into_work_rate": Measure(
        _search_into_work, note="people on UC who search for work and have no job"
    ),
    "employment_rate_16_64": Measure(_rate(JOB, _WORKING_AGE), level=True, note=_AGES),
    "unemployment_rate_16_plus": Measure(_rate(SEARCH, (*JOB, *SEARCH)), level=True, note=_AGES),
    "inactivity_rate_16_64": Measure(_rate(INACTIVE, _WORKING_AGE), level=True, note=_AGES),
    **{
        f"quarterly_flow_{a}_to_{b}": Measure(quarterly_flow(a, b), note=_QUARTER)
        for a in GROUPS
        for b in GROUPS
        if a != b
    },
}
"""The statistics that a baseline run can express, by name."""

NOT_EXPRESSED: Final[Mapping[str, str]] = {
    "fit_note_patients_employed_share": "fit notes are not counted by the patient's job",
    "sickness_absence_rate_women": "the tables of a run do not tell women and men apart",
    "sickness_absence_rate_men": "the tables of a run do not tell women and men apart",
    "workwell_starts": "WorkWell is a reform; the baseline has none",
    "workwell_starts_in_work_share": "WorkWell is a reform; the baseline has none",
    "workwell_referral_share_gp": "WorkWell is a reform; the baseline has none",
    "workwell_referral_share_self": "WorkWell is a reform; the baseline has none",
    "workwell_referral_share_jobcentre": "WorkWell is a reform; the baseline has none",
}
"""The statistics that it cannot, and why."""

OTHER_FIGURES: Final[Mapping[str, tuple[str, Compute]]] = {
    "In a job, off sick or not": ("people", labour_stock(*JOB)),
    "Searching": ("people", labour_stock(*SEARCH)),
    "Inactive, long-term sick": ("people", labour_stock("sick_inactive")),
    "Inactive, other": ("people", labour_stock("other_inactive")),
    "No condition": (
        "share",
        lambda m, months: (
            m.stock(months, condition=["none"], labour=_WORKING_AGE)
            / m.stock(months, labour=_WORKING_AGE)
        ),
    ),
    "UC searching for work": ("people", benefit_stock("uc_search")),
    "UC light touch": ("people", benefit_stock("uc_light")),
    "UC with a fit note": ("people", benefit_stock("uc_fit_note")),
    "LCW": ("people", benefit_stock("lcw")),
    "LCWRA": ("people", benefit_stock("lcwra")),
    "ESA": ("people", benefit_stock("esa")),
    "Fit notes": ("notes a year", notes),
    "Waiting for an assessor": ("people", wca_queue),
    "Mean wait for an assessor": ("days", wca_wait),
    "WCA decisions": ("decisions a month", decisions()),
    "Sanctions": ("decisions a month", _sanctions),
    "Mean length of sanctions": ("days", sanction_mean_days),
    "Sanctions under 4 weeks": ("share", sanction_length_share("under_4_weeks")),
    "Sanctions of 4 to 13 weeks": ("share", sanction_length_share("4_to_13_weeks")),
    "Sanctions of 13 to 26 weeks": ("share", sanction_length_share("13_to_26_weeks")),
    "Sanctions over 26 weeks": ("share", sanction_length_share("over_26_weeks")),
}
"""Figures shown by year beside the targets: name, unit, and how they are worked out."""
