"""What a briefing says of costs and benefits, from the frames of an appraisal."""

from __future__ import annotations

from typing import Any, Final

from results.appraisal.appraisal import Appraisal
from results.appraisal.columns import TOTAL
from results.appraisal.shown import headline_table, losers_table

ROWS: Final = (
    "person_years_net",
    "programme_cost",
    "exchequer_net_cost",
    "cost_per_person_year",
    "cost_per_person_in_work",
    "return_exchequer",
    "return_society",
    "npsv",
    "npsv_weighted",
    "bcr",
    "payback_year",
    "never_pays_back",
    "probability_npsv_positive",
)
"""Measures of the table; the whole run where they are given by year too."""
COLUMNS: Final = ("Measure", "Unit", "Central", "90% range")


def section(appraisal: Appraisal, scenario: str) -> dict[str, Any]:
    """The table on money of one scenario and sentences on who loses.

    Returns
    -------
    dict
        ``columns`` and ``rows`` as text, and ``losers``, a sentence each.
    """
    table = headline_table(appraisal, scenario)
    raw = appraisal.headline[appraisal.headline["scenario"] == scenario].reset_index(drop=True)
    whole = raw["year"].astype("str") == TOTAL
    dated = raw["measure"].isin(raw.loc[whole, "measure"])
    last = ~raw.duplicated("measure", keep="last")
    chosen = raw["measure"].isin(ROWS) & (whole | (~dated & last))
    losers = losers_table(appraisal, scenario)
    return {
        "columns": list(COLUMNS),
        "rows": [
            [_pounds(str(cell)) for cell in row]
            for row in table.loc[chosen.to_numpy(), list(COLUMNS)].to_numpy().tolist()
        ],
        # People nearer to work and further from it stand in the finding already.
        "losers": [
            f"{row['Count']}: {row['Central']} {row['Unit']}"
            for row in losers.to_dict("records")
            if not row["Count"].startswith("People ")
        ],
    }


def _pounds(text: str) -> str:
    return text.replace("GBP 1", "£1").replace("GBP", "£")
