"""What the model says about each published statistic.

A measure is a function of the monthly numbers and some months; it gives one number a run. The names are
those of the column ``statistic`` of the files of targets.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from calibration.measures.benefits import BENEFITS
from calibration.measures.labour_market import LABOUR_MARKET
from calibration.measures.measure import Measure
from calibration.measures.sickness import SICKNESS

MEASURES: Final[Mapping[str, Measure]] = {**SICKNESS, **BENEFITS, **LABOUR_MARKET}
"""The statistics that a run can express, by name."""

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
