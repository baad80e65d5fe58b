"""The page that sets the baseline beside what was published, in Markdown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

from calibration.baseline import INSIDE, NOT_SIMULATED, OUTSIDE, WITHIN

_HEAD: Final = """\
# The baseline against published statistics

<!-- Written by `python -m calibration.baseline`; do not edit. -->

What the baseline scenario (no WorkWell, no reform) gives for England, beside every statistic in
`calibration/baseline_targets.csv`. Simulated numbers are grossed up by 1 / scale.

- **Run:** {title}; scale {scale:g}, {replications}, seeds {seeds}; {first} to {last}.
- **Standard error:** Monte Carlo error of the mean over replications. It holds nothing of the
  uncertainty about parameters.
- **Months:** the months that were read. A statistic from before the first month or after the last
  is set beside the nearest: levels at the nearest month, flows and shares in year 1 ({year_1}), in
  the same months of the year when the period is shorter than a year.
- **Drift:** the last year over year 1. The model has no trend of its own, so levels should stay;
  the groups of UC health and ESA are meant to move, because ESA ends.
- **Not a validation:** parameters graded estimate or assumption were set by hand while looking at
  this comparison, at targets marked `calibrate` and `validate` alike and with the first seed shown
  here. Some rows only give back what was put in (shares of fit notes, assessments and sanctions by
  kind, leaving by length of absence, into-work rate of the long-term sick). Several rows can be
  one statistic in several periods, so the counts below are no score.
- **Verdict:** within 10% of the published value, or inside its published range although further
  off, or neither.
"""

_COLUMNS: Final = (
    "target",
    "published",
    "low",
    "high",
    "simulated",
    "s.e.",
    "months",
    "ratio",
    "year 1",
    "last year",
    "drift",
    "verdict",
)


def render_markdown(
    frame: pd.DataFrame, manifest: Mapping[str, Any], years: pd.DataFrame | None = None
) -> str:
    """Write the comparison as a page.

    Parameters
    ----------
    frame : DataFrame
        As :func:`calibration.baseline.report` gives it.
    manifest : mapping
        Manifest of the run.
    years : DataFrame, optional
        As :func:`calibration.baseline.by_year` gives it.

    Returns
    -------
    str
        Markdown; targets that are not within 10%, and those that cannot be expressed, are listed.
    """
    parts = [_head(manifest), _summary(frame), _missed(frame), _absent(frame)]
    told = frame[frame["verdict"] != NOT_SIMULATED]
    areas = told["area"] != "England"
    parts.append("## England\n\n" + _table(told[~areas]))
    if areas.any():
        parts.append("## Integrated care boards\n\n" + _table(told[areas]))
    if years is not None:
        parts.append(_years(years))
    parts.append(_notes(told))
    return "\n\n".join(part.strip() for part in parts if part) + "\n"


def number(value: float) -> str:
    """A number as the page prints it: whole from a thousand, four digits below."""
    if np.isnan(value):
        return "–"
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.4g}"


def _head(manifest: Mapping[str, Any]) -> str:
    scenario: Mapping[str, Any] = next(iter(manifest["scenarios"].values()))
    start, years = str(scenario["start"]), int(scenario["years"])
    year, month = int(start[:4]), int(start[5:7])
    before = (month - 2) % 12 + 1
    last = f"{year + years - (month == 1)}-{before:02d}"
    first_year = f"{start[:7]} to {year + 1 - (month == 1)}-{before:02d}"
    seeds = [str(seed) for seed in manifest["seeds"]]
    count = f"{len(seeds)} replication{'s' if len(seeds) > 1 else ''}"
    return _HEAD.format(
        title=scenario["title"],
        scale=float(manifest["scale"]),
        replications=count,
        seeds=", ".join(seeds),
        first=start[:7],
        last=last,
        year_1=first_year,
    )


def _summary(frame: pd.DataFrame) -> str:
    counts = frame["verdict"].value_counts()
    lines = ["## In short", "", "| verdict | targets |", "|---|---:|"]
    lines += [f"| {v} | {counts.get(v, 0)} |" for v in (WITHIN, INSIDE, OUTSIDE, NOT_SIMULATED)]
    return "\n".join(lines)


def _missed(frame: pd.DataFrame) -> str:
    missed = frame[frame["verdict"] == OUTSIDE]
    if missed.empty:
        return "## Not within 10%\n\nNone."
    lines = ["## Not within 10%", ""]
    for row in missed.to_dict("records"):
        lines.append(
            f"- `{row['id']}`: {number(row['simulated'])} simulated ({row['months']}), "
            f"{number(row['value'])} published for {row['period']}; ratio {row['ratio']:.2f}."
        )
    return "\n".join(lines)


def _absent(frame: pd.DataFrame) -> str:
    absent = frame[frame["verdict"] == NOT_SIMULATED]
    if absent.empty:
        return ""
    lines = [f"- `{row['id']}`: {row['note']}." for row in absent.to_dict("records")]
    return "\n".join(["## Cannot be expressed in this run", "", *lines])


def _table(frame: pd.DataFrame) -> str:
    lines = [
        "| " + " | ".join(_COLUMNS) + " |",
        "|---|" + "---:|" * 5 + "---|" + "---:|" * 4 + "---|",
    ]
    for row in frame.to_dict("records"):
        cells = [
            f"`{row['id']}` ({row['unit']})",
            *(number(row[c]) for c in ("value", "low", "high", "simulated", "standard_error")),
            row["months"],
            f"{row['ratio']:.2f}",
            *(number(row[c]) for c in ("year_1", "year_last")),
            f"{row['drift']:.2f}",
            row["verdict"],
        ]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _years(years: pd.DataFrame) -> str:
    columns = [c for c in years if c not in ("figure", "unit")]
    lines = [
        "## Year by year",
        "",
        "Stocks are means over the ends of months.",
        "",
        "| figure | unit | " + " | ".join(columns) + " |",
        "|---|---|" + "---:|" * len(columns),
    ]
    for row in years.to_dict("records"):
        values = " | ".join(number(row[c]) for c in columns)
        lines.append(f"| {row['figure']} | {row['unit']} | {values} |")
    return "\n".join(lines)


def _notes(told: pd.DataFrame) -> str:
    notes = told[told["note"] != ""].drop_duplicates("statistic")
    if notes.empty:
        return ""
    lines = [f"- `{row['statistic']}`: {row['note']}." for row in notes.to_dict("records")]
    return "\n".join(["## What is compared with what", "", *lines])
