"""What a briefing says of costs and benefits, from the frames of an appraisal."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd

from results.charts.money import money
from results.gallery import Money
from results.numbers import NOT_AVAILABLE, plain

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
"""Measures of the table, in order."""


def section(appraisal: Money, scenario: str) -> dict[str, Any]:
    """The table and sentences on money for one scenario.

    Returns
    -------
    dict
        ``rows`` of measure, value and range as text, and ``losers``, sentences on who loses.
    """
    return {
        "rows": _rows(appraisal.headline, scenario),
        "losers": _losers(appraisal.losers, scenario),
    }


def _rows(headline: pd.DataFrame, scenario: str) -> list[tuple[str, str, str]]:
    mine = headline[headline["scenario"] == scenario]
    rows = []
    for name in ROWS:
        found = mine[mine["measure"] == name]
        total = found[found["year"].astype("str") == "total"]
        for row in (total if len(total) else found.tail(1)).to_dict("records"):
            value = _text(row["value"], row)
            ends = [_text(row[end], row) for end in ("low", "high")]
            known = NOT_AVAILABLE not in ends and ends[0] != ends[1]
            rows.append(
                (
                    str(row["label"]).replace("GBP 1", "£1"),
                    value,
                    f"{ends[0]} to {ends[1]}" if known else "",
                )
            )
    return rows


def _text(value: object, row: dict[str, Any]) -> str:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return str(value) if str(value) not in ("", "nan") else NOT_AVAILABLE
    if not np.isfinite(value):
        return str(row.get("note") or NOT_AVAILABLE)
    unit = str(row["unit"])
    if unit.startswith("GBP per GBP"):
        return f"£{value:,.2f}"
    if unit.startswith("GBP"):
        return money(float(value))
    if unit == "share":
        return f"{value:.0%}"
    if unit == "year":
        return f"{value:.0f} to {value + 1:.0f}"
    return plain(float(value), float(row["step"]))


def _losers(losers: pd.DataFrame, scenario: str) -> list[str]:
    mine = losers[losers["scenario"] == scenario]
    return [
        f"{row['label']}: {plain(float(row['value']), 100)} {row['unit']}"
        for row in mine.to_dict("records")
        if np.isfinite(float(row["value"]))
    ]
