"""Benefits for people with a health condition, their assessments, and sanctions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import pandas as pd

from calibration.measures.measure import JOB, Compute, Measure, around
from calibration.monthly import DAYS_A_YEAR, Monthly

HEALTH: Final = ("uc_fit_note", "lcw", "lcwra")
SANCTIONABLE: Final = ("uc_search", "uc_fit_note", "lcw")
"""Groups whose regimes allow sanctions in the published rate; the model sanctions the first."""
SIX_MONTHS: Final = 182
"""Days from which a sanction counts as one of over 26 weeks."""


def benefit_stock(*benefits: str) -> Compute:
    """People on some benefits at the end of a month."""
    return lambda m, months: m.stock(months, benefit=benefits)


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


def sanctions(m: Monthly, months: Sequence[str]) -> pd.Series:
    """Sanction decisions a month."""
    return m.count(months, "sanction") / len(months)


def _missed_share(m: Monthly, months: Sequence[str]) -> pd.Series:
    return m.count(months, "sanction", ["missed_appointment"]) / m.count(months, "sanction")


def people_sanctioned(m: Monthly, months: Sequence[str]) -> pd.Series:
    """People sanctioned at a time, mean over the ends of the months of a year: a month has few."""
    year = around(m, months)
    return m.waiting(year, "conditionality", "sanctioned") / len(year)


def _sanctioned_share(m: Monthly, months: Sequence[str]) -> pd.Series:
    year = around(m, months)
    return people_sanctioned(m, months) / m.stock(year, benefit=SANCTIONABLE)


def _sanctioned_6_months(m: Monthly, months: Sequence[str]) -> pd.Series:
    year = around(m, months)
    kind, band = ["sanction"], ["over_26_weeks"]
    days = m.ended(year, "days", kind=kind, length_band=band)
    beyond = days - SIX_MONTHS * m.ended(year, kind=kind, length_band=band)
    return beyond / (DAYS_A_YEAR * len(year) / 12)


def sanction_length_share(label: str) -> Compute:
    """Share of the sanctions that end which lasted a band of length."""

    def share(m: Monthly, months: Sequence[str]) -> pd.Series:
        every = m.ended(months, kind=["sanction"])
        return m.ended(months, kind=["sanction"], length_band=[label]) / every

    return share


def sanction_mean_days(m: Monthly, months: Sequence[str]) -> pd.Series:
    """Mean days of the sanctions that end."""
    return m.ended(months, "days", kind=["sanction"]) / m.ended(months, kind=["sanction"])


def _sanctions_ended(label: str) -> Compute:
    """Sanctions of a length that end in a month, mean over the year: a month has few."""

    def ended(m: Monthly, months: Sequence[str]) -> pd.Series:
        year = around(m, months)
        return m.ended(year, kind=["sanction"], length_band=[label]) / len(year)

    return ended


_YEAR: Final = "mean of the ends of the months of the year around"
_LITTLE: Final = (
    "people sanctioned for so long are worked out from the days of the sanctions that end in the year "
    "(arrivals times mean length)"
)

BENEFITS: Final[Mapping[str, Measure]] = {
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
    "sanction_decisions": Measure(sanctions),
    "sanctioned_share_of_sanctionable": Measure(_sanctioned_share, level=True, note=_YEAR),
    "people_sanctioned": Measure(people_sanctioned, level=True, note=_YEAR),
    "people_sanctioned_6_months": Measure(_sanctioned_6_months, level=True, note=_LITTLE),
    "sanction_missed_appointment_share": Measure(_missed_share),
    **{
        f"sanctions_ended_{label}": Measure(_sanctions_ended(label))
        for label in ("under_4_weeks", "4_to_13_weeks", "over_26_weeks")
    },
}
