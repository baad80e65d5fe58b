"""The frames of an appraisal and their columns: type, unit and meaning, in the order of files.

Every frame is tidy: one number a cell, labels in columns of their own. ``low`` and ``high`` are the
ends of the 90% range over draws of unit values and assumed effects (parameter uncertainty);
``error`` is the standard error over replications (Monte Carlo error), kept apart.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

PERSPECTIVES: Final = ("participant", "other_people", "employer", "exchequer", "society")
"""Whose money: people in the simulation, workers displaced by them, employers, public purse, all.

Society is the sum of the other four, line by line.
"""
BASES: Final = ("nominal", "real", "present_value")
"""Money of the year; at prices of the first year; and discounted to the first year as well."""
TOTAL: Final = "total"
"""In place of a financial year: the sum over all of them."""


class Column(NamedTuple):
    """A column of a frame."""

    name: str
    unit: str
    description: str


_SCENARIO: Final = Column("scenario", "label", "Name of the reform scenario.")
_YEAR: Final = Column("year", "YYYY-YY", "Financial year, such as 2024-25; or `total`.")
_BASIS: Final = Column("basis", "label", "`nominal`, `real` or `present_value`.")
_RANGE: Final = (
    Column("low", "as value", "5% quantile over draws: parameter uncertainty only."),
    Column("high", "as value", "95% quantile over draws."),
    Column("error", "as value", "Standard error over replications: Monte Carlo error only."),
)
_VALUE: Final = Column("value", "GBP", "With all unit values and effects at their centre.")
_NOTE: Final = Column("note", "text", "Shorthand for a value that is missing or uncertain.")

FRAMES: Final[dict[str, tuple[str, tuple[Column, ...]]]] = {
    "headline": (
        "The headline table: one row a measure, scenario and year.",
        (
            _SCENARIO,
            Column("measure", "label", "Name of the measure; see the list of measures."),
            Column("label", "text", "The measure in words."),
            Column("year", "label", "1, 3, 5 since the start; a financial year; or `total`."),
            Column("unit", "text", "Unit: people, person-years, GBP, ratio, year, share."),
            Column("value", "unit of the row", "With all values at their centre."),
            *_RANGE,
            Column("step", "unit of the row", "Never show the value in finer steps than this."),
            _NOTE,
        ),
    ),
    "lines": (
        "The account line by line: who gains and who pays, by financial year.",
        (
            _SCENARIO,
            Column("line", "label", "Name of the line."),
            Column("label", "text", "The line in words."),
            Column("perspective", "label", "Whose money; society is the sum of the others."),
            _YEAR,
            _BASIS,
            _VALUE,
            *_RANGE,
        ),
    ),
    "exchequer": (
        "Net gain of the Exchequer by financial year (a cost is negative), and so far.",
        (
            _SCENARIO,
            _YEAR,
            _BASIS,
            _VALUE,
            *_RANGE,
            Column("so_far", "GBP", "Sum of the years up to this one."),
        ),
    ),
    "draws": (
        "Every draw of unit values and effects: the points of a cost-effectiveness plane.",
        (
            _SCENARIO,
            Column("draw", "number", "Number of the draw; 0 is the centre."),
            Column("person_years", "person-years", "Additional, net of displacement, discounted."),
            Column("exchequer_cost", "GBP", "Net cost to the Exchequer, present value."),
            Column("programme_cost", "GBP", "Cost of delivery, present value."),
            Column("npsv", "GBP", "Net present social value."),
            Column("npsv_weighted", "GBP", "The same with distributional weights."),
            Column("payback_year", "YYYY-YY", "Financial year of payback; empty where never."),
        ),
    ),
    "sensitivity": (
        "One value at a time: NPSV at the ends of its plausible interval, and where it is nought.",
        (
            _SCENARIO,
            Column("name", "label", "Name of the unit value or effect."),
            Column("label", "text", "What it is."),
            Column("unit", "text", "Its unit; `times` where all entries are multiplied."),
            Column("grade", "label", "Grade of its evidence."),
            Column("centre", "unit of the row", "Its central value."),
            Column("at_low", "unit of the row", "Lower end of its plausible interval."),
            Column("at_high", "unit of the row", "Upper end."),
            Column("npsv_at_low", "GBP", "NPSV there, all others at their centre."),
            Column("npsv_at_high", "GBP", "NPSV at the upper end."),
            Column("switching_value", "unit of the row", "Where NPSV is nought; empty if nowhere."),
            _NOTE,
        ),
    ),
    "acceptability": (
        "Probability of the highest net benefit at each value of an additional person-year.",
        (
            Column("scenario", "label", "A reform, or the base."),
            Column("threshold", "GBP per person-year", "Value of an additional year in work."),
            Column("probability", "share", "Share of draws in which it is best of all."),
            Column("frontier", "true or false", "Whether it is best on average there."),
        ),
    ),
    "information": (
        "What it would be worth to know before choosing among base and reforms.",
        (
            Column("name", "label", "`all`: every value and effect (EVPI); else one (EVPPI)."),
            Column("label", "text", "What would be known."),
            Column("value", "GBP", "Expected value of knowing it."),
            Column("share", "share", "As a share of EVPI."),
        ),
    ),
    "distribution": (
        "Who gains and who loses: over the whole run by main condition and area, in present values; and "
        "person by person on the last evening, also by fifth of earnings, age and sex.",
        (
            _SCENARIO,
            Column(
                "dimension",
                "label",
                "`condition` or `area`; and of the last evening `everybody`, `earnings_band`, "
                "`age_band`, `sex` or `condition`.",
            ),
            Column("group", "label", "Label of the group, or code of the area."),
            Column(
                "measure",
                "label",
                "Whole run: `person_years`, `participant`, `exchequer`. Last evening: `people` compared, "
                "`nearer` to work, `further` from it, with `higher_income` or `lower_income`, and "
                "`income_gained` and `income_lost` by them.",
            ),
            Column(
                "unit", "text", "person-years or GBP; people or GBP a year, at first-year prices."
            ),
            Column("value", "unit of the row", "With all values at their centre."),
            Column("low", "unit of the row", "Lower end of the 95% interval of Monte Carlo error."),
            Column("high", "unit of the row", "Upper end of the interval."),
            _NOTE,
        ),
    ),
    "losers": (
        "People further from work and people who lose benefit: gains and losses, counted.",
        (
            _SCENARIO,
            Column("measure", "label", "What is counted."),
            Column("label", "text", "The measure in words."),
            Column("unit", "text", "people or events."),
            Column("value", "unit of the row", "Mean over the replications."),
            Column("error", "unit of the row", "Monte Carlo error; empty where not known."),
        ),
    ),
    "budget": (
        "Spending on each measure by financial year, beside the published envelope.",
        (
            _SCENARIO,
            Column("measure", "label", "What the money is spent on."),
            Column("label", "text", "The measure in words."),
            _YEAR,
            Column("value", "GBP", "Spending beyond that of the base, in money of the year."),
            Column("low", "GBP", "5% quantile over draws of unit values."),
            Column("high", "GBP", "95% quantile."),
            Column("error", "GBP", "Standard error over replications."),
            Column(
                "envelope",
                "GBP",
                "Published cost of the reforms over their whole life, in the row `total`.",
            ),
            _NOTE,
        ),
    ),
    "values": (
        "The unit values used: what was drawn, its evidence and source.",
        (
            Column("name", "label", "Name of the unit value or effect."),
            Column("description", "text", "What it is."),
            Column("unit", "text", "Its unit."),
            Column("value", "text", "Its value, by date or label where it has several."),
            Column("low", "unit of the row", "Lower end of the 90% plausible interval."),
            Column("high", "unit of the row", "Upper end; of a multiplier where a table."),
            Column("grade", "label", "published, second_hand, estimate or assumption."),
            Column("source", "text", "Publisher, title, date and address of each source."),
            Column("reasoning", "text", "How it was worked out."),
        ),
    ),
}
"""Every frame by name: what it holds, and its columns in order."""

MEASURES: Final[dict[str, tuple[str, str, str]]] = {
    "in_work_gross": (
        "Additional people in work",
        "people",
        "People in work at the end of the year, reform minus base.",
    ),
    "in_work_net": (
        "Additional people in work, net of displacement",
        "people",
        "The same less the share that takes jobs others would have had.",
    ),
    "in_work_gross_fte": (
        "Additional people in work, full-time equivalents",
        "full-time equivalents",
        "Gross, with part-time jobs counted by their hours.",
    ),
    "in_work_net_fte": (
        "Additional people in work, full-time equivalents, net of displacement",
        "full-time equivalents",
        "Net, with part-time jobs counted by their hours.",
    ),
    "person_years_gross": (
        "Additional person-years in work",
        "person-years",
        "Years spent in work over the run, reform minus base.",
    ),
    "person_years_net": (
        "Additional person-years in work, net of displacement",
        "person-years",
        "The same less the share displaced.",
    ),
    "programme_cost": (
        "Cost of delivering the measures",
        "GBP",
        "Present value of what programmes and conversations cost. Assessments, Jobcentres and the "
        "administration of sanctions are in the account of the Exchequer.",
    ),
    "exchequer_net_cost": (
        "Net cost to the Exchequer",
        "GBP",
        "Cost less benefit saved and taxes; by financial year in money of the year, and in total "
        "as a present value. A saving is negative.",
    ),
    "cost_per_person_year": (
        "Cost per additional person-year in work",
        "GBP per person-year",
        "Cost of delivery, present value, per net additional person-year in work.",
    ),
    "cost_per_person_in_work": (
        "Cost per additional person in work",
        "GBP per person",
        "Cost of delivery, present value, per net additional person in work at the end of the last "
        "year shown.",
    ),
    "exchequer_cost_per_person_year": (
        "Net Exchequer cost per additional person-year in work",
        "GBP per person-year",
        "Net cost to the Exchequer, present value, per net additional person-year.",
    ),
    "return_exchequer": (
        "Return to the Exchequer per GBP 1",
        "GBP per GBP 1",
        "Savings and receipts, less other administration, over the cost of delivery; present values.",
    ),
    "return_society": (
        "Return to society per GBP 1",
        "GBP per GBP 1",
        "Social value before the cost of delivery, over that cost; present values.",
    ),
    "return_society_weighted": (
        "Return to society per GBP 1, with distributional weights",
        "GBP per GBP 1",
        "The same with the income of participants weighted.",
    ),
    "npsv": (
        "Net present social value",
        "GBP",
        "Present value of all gains of society less all costs.",
    ),
    "npsv_weighted": (
        "Net present social value, with distributional weights",
        "GBP",
        "The same with the income of participants and displaced workers weighted.",
    ),
    "npsv_displacement_none": (
        "Net present social value without displacement",
        "GBP",
        "The same if nobody is displaced.",
    ),
    "npsv_displacement_high": (
        "Net present social value with high displacement",
        "GBP",
        "The same with displacement at the upper end of its plausible interval.",
    ),
    "bcr": (
        "Benefit-cost ratio",
        "ratio",
        "Net gain of all but the Exchequer over the net cost to the Exchequer, present values; not "
        "available where the Exchequer gains.",
    ),
    "payback_year": (
        "Payback",
        "year",
        "First financial year by whose end the Exchequer has gained as much as it has spent.",
    ),
    "never_pays_back": (
        "Draws that never pay back",
        "share",
        "Share of draws in which the Exchequer has not got its money back by the end of the run.",
    ),
    "probability_npsv_positive": (
        "Probability that NPSV is above nought",
        "share",
        "Share of draws, with replications averaged: parameter uncertainty only.",
    ),
    "probability_npsv_positive_all": (
        "Probability that NPSV is above nought, with Monte Carlo error",
        "share",
        "The same with the error of the simulation added to each draw.",
    ),
}
"""Measures of the headline table: in words, unit, definition; in the order of the table."""


def names(frame: str) -> list[str]:
    """Names of the columns of a frame, in order."""
    return [column.name for column in FRAMES[frame][1]]


def columns_of(frames: Iterable[str]) -> list[dict[str, str]]:
    """Rows of the data dictionary of some frames."""
    return [
        {"table": frame, "column": c.name, "unit": c.unit, "description": c.description}
        for frame in frames
        for c in FRAMES[frame][1]
    ]
