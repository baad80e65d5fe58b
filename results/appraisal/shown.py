"""An appraisal as a reader sees it: tables of text, with no more digits than the error allows."""

from __future__ import annotations

import math
from typing import Any, Final

import pandas as pd

from results.appraisal.appraisal import Appraisal
from results.appraisal.columns import MEASURES, TOTAL
from results.appraisal.years import year_name
from results.numbers import NOT_AVAILABLE, number, plain, round_to, rounding_step, shown

MILLION: Final = 1_000_000
IN_MILLIONS: Final = "GBP million"
_WHEN: Final = {TOTAL: "whole run"}
GAINS: Final = {
    "nearer": "Nearer to work",
    "further": "Further from work",
    "higher_income": "Higher income",
    "lower_income": "Lower income",
}
"""What is counted of the same people on the last evening, in words."""
_GROUPS: Final = {
    "everybody": "Everybody of working age",
    "earnings_band": "Earnings: {} fifth",
    "age_band": "Aged {}",
    "sex": "Sex: {}",
    "condition": "Main condition: {}",
}


def headline_table(appraisal: Appraisal, scenario: str) -> pd.DataFrame:
    """The headline table of one reform as text.

    Returns
    -------
    DataFrame
        Columns Measure, When, Unit, Central, 90% range, Error.
    """
    rows = appraisal.headline[appraisal.headline["scenario"] == scenario]
    return pd.DataFrame([_row(row) for row in rows.to_dict("records")])


def _row(row: dict[str, Any]) -> dict[str, str]:
    unit = str(row["unit"])
    divisor = MILLION if unit == "GBP" else 1
    span = ""
    if math.isfinite(row["low"]) and math.isfinite(row["high"]):
        low, high = (_number(row[end], row["step"], divisor) for end in ("low", "high"))
        span = f"{low} to {high}"
    return {
        "Measure": str(row["label"]),
        "When": when(str(row["year"])),
        "Unit": IN_MILLIONS if divisor == MILLION else unit,
        "Central": _central(row, divisor),
        "90% range": span,
        "Error": _error(row["error"], divisor),
    }


def when(year: str) -> str:
    """The year of a row in words."""
    return _WHEN.get(year, year if "-" in year else f"end of year {year}")


def _central(row: dict[str, Any], divisor: int) -> str:
    if not math.isfinite(row["value"]):
        return str(row["note"])
    if row["unit"] == "year":
        return year_name(int(row["value"]))
    if row["unit"] == "share":
        return f"{row['value']:.0%}"
    text = _number(row["value"], row["step"], divisor)
    return f"{text} {row['note']}".strip()


def _number(value: float, step: float, divisor: int) -> str:
    exact = rounding_step(0, step)
    return number(round_to(value, exact), exact, divisor)


def _error(error: float, divisor: int) -> str:
    """A standard error with one digit; nothing where it is not known."""
    if not math.isfinite(error):
        return ""
    if error == 0:
        return "0"
    step = 10.0 ** math.floor(math.log10(error))
    return _number(error, step, divisor) if step >= 1e-6 else "0"


def switching_table(appraisal: Appraisal, scenario: str, most: int = 5) -> pd.DataFrame:
    """The values that move NPSV most: its ends as text, and where it is nought."""
    rows = appraisal.sensitivity[appraisal.sensitivity["scenario"] == scenario].head(most)
    table = [
        {
            "Value": row["name"],
            "Central": f"{row['centre']:,.4g}",
            "Plausible": f"{row['at_low']:,.4g} to {row['at_high']:,.4g}",
            "NPSV, GBP million": " to ".join(
                plain(row[end] / MILLION, 1) for end in ("npsv_at_low", "npsv_at_high")
            ),
            "NPSV is nought at": row["note"] or f"{row['switching_value']:,.3g}",
        }
        for row in rows.to_dict("records")
    ]
    return pd.DataFrame(table)


def groups_table(appraisal: Appraisal, scenario: str) -> pd.DataFrame:
    """Who gains and who loses on the last evening, a row a group, as text with intervals.

    Returns
    -------
    DataFrame
        Columns Group, and those of :data:`GAINS`; no rows where the run did not compare people.
    """
    rows = appraisal.distribution
    rows = rows[(rows["scenario"] == scenario) & rows["measure"].isin(GAINS)]
    cells: dict[str, dict[str, str]] = {}
    for row in rows.to_dict("records"):
        name = _GROUPS[row["dimension"]].format(row["group"].replace("_", " "))
        found = shown(row["value"], row["low"], row["high"])
        cells.setdefault(name, {"Group": name})[GAINS[row["measure"]]] = (
            plain(row["value"], 1000) if found is None else "0" if found.identical else found.text()
        )
    return pd.DataFrame(cells.values(), columns=["Group", *GAINS.values()])


def losers_table(appraisal: Appraisal, scenario: str) -> pd.DataFrame:
    """Gains and losses counted, as text."""
    rows = appraisal.losers[appraisal.losers["scenario"] == scenario]
    return pd.DataFrame(
        [
            {
                "Count": row["label"],
                "Unit": row["unit"],
                "Central": _rounded(row["value"], row["error"]),
                "Error": _error(row["error"], 1),
            }
            for row in rows.to_dict("records")
        ]
    )


def _rounded(value: float, error: float) -> str:
    if not math.isfinite(value):
        return NOT_AVAILABLE
    return plain(value, float(rounding_step(2 * error if math.isfinite(error) else 0)))


def definitions() -> list[str]:
    """What each measure of the headline table is, in a sentence each."""
    return [f"{label}: {text}" for label, _, text in MEASURES.values()]
