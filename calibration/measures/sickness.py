"""Fit notes, sickness absence and long-term sickness."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import pandas as pd

from calibration.measures.measure import AGES, JOB, SEARCH, Compute, Measure, labour_stock
from calibration.monthly import DAYS_A_YEAR, Monthly

CONDITIONS: Final = ("mental_health", "musculoskeletal", "cardio_respiratory", "other")
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
    """Notes of the sampled people with any, in years of results."""
    if m.log is None:
        return m.blank()
    log = m.log[m.log["event"].astype(str) == "fit_note"]
    year = (log["day"].dt.year * 12 + log["day"].dt.month - 4) // 12
    number = log.groupby([log["run"], log["person"], year]).size()
    return m.by_run(number.groupby("run").mean())


def _recurrence(m: Monthly, months: Sequence[str]) -> pd.Series:
    """Share of the first notes of a spell after which another spell begins within 12 months."""
    if m.log is None:
        return m.blank()
    first = m.log["detail"].astype(str).str.contains("_first_")
    log = m.log[(m.log["event"].astype(str) == "fit_note") & first]
    log = log.sort_values(["run", "person", "day"])
    gap = -log.groupby(["run", "person"])["day"].diff(-1).dt.days
    followed = log["day"] < log["day"].max() - pd.Timedelta(days=365)
    again = (gap <= DAYS_A_YEAR)[followed]
    return m.by_run(again.groupby(log.loc[followed, "run"]).mean())


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


_SAMPLE: Final = "from the log of a sample of people, the same number in every area"
_DIRECT: Final = "direct moves into long-term sickness, not a comparison of two interviews"

SICKNESS: Final[Mapping[str, Measure]] = {
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
    "stock_sick_inactive": Measure(labour_stock("sick_inactive"), level=True, note=AGES),
    "sick_inactive_into_work_rate": Measure(_into_work),
    "new_sick_inactive_from_other_inactive_share": Measure(
        _new_long_term_sick_from(["other_inactive"]), note=_DIRECT
    ),
    "new_sick_inactive_from_work_share": Measure(_new_long_term_sick_from(JOB), note=_DIRECT),
}
