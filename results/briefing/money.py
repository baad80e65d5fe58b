"""What a briefing says of costs and benefits, from the frames of an appraisal."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

from results.appraisal.appraisal import Appraisal
from results.appraisal.columns import TOTAL
from results.appraisal.shown import (
    MILLION,
    groups_table,
    headline_table,
    losers_table,
    switching_table,
    when,
)
from results.numbers import MINUS, NOT_AVAILABLE, plain

ROWS: Final = (
    "person_years_net",
    "programme_cost",
    "exchequer_net_cost",
    "cost_per_person_year",
    "return_exchequer",
    "return_society",
    "npsv",
    "npsv_weighted",
    "probability_npsv_positive",
    "never_pays_back",
)
"""Measures of the table; the whole run where they are given by year too."""
COLUMNS: Final = ("Measure", "Unit", "Central", "90% range")
SWITCHING: Final = 8
"""Values of which it is said where NPSV is nought."""


def finding(appraisal: Appraisal, scenario: str) -> str:
    """What it costs and what it is worth, in a sentence."""
    rows = appraisal.headline[appraisal.headline["scenario"] == scenario]
    texts = headline_table(appraisal, scenario).set_index(rows["measure"] + rows["year"])

    def said(measure: str) -> str:
        row = texts.loc[measure + TOTAL]
        amount, mark = str(row["Central"]).partition(" ")[::2]
        return f"{_amount(amount)} (90% range over draws: {row['90% range']}){mark and f' {mark}'}"

    return (
        f"Delivering it costs {said('programme_cost')}. Its net present social value, which weighs all "
        f"gains against all costs, is {said('npsv')}. The ranges are of unit values and assumed effects."
    )


def _amount(text: str) -> str:
    """An amount in GBP million as a sentence has it."""
    return f"{text[0]}£{text[1:]} million" if text[:1] == MINUS else f"£{text} million"


def section(appraisal: Appraisal, scenario: str) -> dict[str, Any]:
    """Tables on the money of one scenario and sentences on who loses.

    Returns
    -------
    dict
        ``columns`` and ``rows`` as text; ``losers``, a sentence each; ``groups``, columns and rows of who
        gains and who loses; and ``more``, tables for those who
        want every figure: title, columns, rows, and the first column of numbers.
    """
    table = headline_table(appraisal, scenario)
    raw = appraisal.headline[appraisal.headline["scenario"] == scenario].reset_index(drop=True)
    whole = raw["year"].astype("str") == TOTAL
    dated = raw["measure"].isin(raw.loc[whole, "measure"])
    last = ~raw.duplicated("measure", keep="last")
    chosen = raw["measure"].isin(ROWS) & (whole | (~dated & last))
    losers, groups = losers_table(appraisal, scenario), groups_table(appraisal, scenario)
    return {
        "columns": list(COLUMNS),
        "rows": _cells(table.loc[chosen.to_numpy(), list(COLUMNS)]),
        # People nearer to work and further from it stand in the finding already.
        "losers": [
            f"{row['Count']}: {row['Central']} {row['Unit']}"
            for row in losers.to_dict("records")
            if not row["Count"].startswith("People ")
        ],
        "groups": (list(groups.columns), _cells(groups)),
        "more": [
            _more("Every measure, by year", table, 3),
            _more("Spending by measure and year, £ million", _spending(appraisal, scenario), 1),
            _more(
                "What would change the answer: values and where NPSV is nought",
                _switching(appraisal, scenario),
                1,
            ),
        ],
    }


def _more(title: str, table: pd.DataFrame, numbers_from: int) -> tuple[str, list[str], Any, int]:
    return title, [_pounds(str(c)) for c in table.columns], _cells(table), numbers_from


def _spending(appraisal: Appraisal, scenario: str) -> pd.DataFrame:
    """Spending in money of the year, a row a measure, beside what was published for it."""
    rows = appraisal.budget[appraisal.budget["scenario"] == scenario]
    wide = rows.pivot(index="label", columns="year", values="value")
    wide = wide.reindex(dict.fromkeys(rows["label"]))
    envelope = rows[rows["year"] == TOTAL].set_index("label")["envelope"]
    table = wide.assign(**{"Published envelope": envelope}).div(MILLION)
    table = table.map(lambda x: NOT_AVAILABLE if x != x else plain(x, 1))
    table.columns = [when(str(c)).capitalize() for c in table.columns]
    return table.reset_index(names="Measure")


def _switching(appraisal: Appraisal, scenario: str) -> pd.DataFrame:
    rows = appraisal.sensitivity[appraisal.sensitivity["scenario"] == scenario]
    table = switching_table(appraisal, scenario, SWITCHING)
    labels = rows["label"].head(SWITCHING).str.rstrip(".").to_list()
    return table.assign(Value=[f"{w} ({n})" for w, n in zip(labels, table["Value"], strict=True)])


def _cells(table: pd.DataFrame) -> list[list[str]]:
    return [[_pounds(str(cell)) for cell in row] for row in table.to_numpy().tolist()]


def _pounds(text: str) -> str:
    return text.replace("GBP 1", "£1").replace("GBP", "£")
