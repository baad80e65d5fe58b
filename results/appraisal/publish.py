"""The files of an appraisal: tidy CSV, a data dictionary and an accessible workbook."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count
from pathlib import Path
from typing import Final

import pandas as pd

from results.appraisal.appraisal import Appraisal
from results.appraisal.columns import FRAMES, columns_of
from results.appraisal.shown import MILLION, definitions, when
from results.files import csv_bytes, write_once
from results.workbook import Sheet, workbook
from sim import __version__

MODEL_NOTE: Final = (
    "The 90% range holds uncertainty about unit values and, roughly, about assumed effects. "
    "It does not hold uncertainty about the structure of the model, which can be larger."
)
ERROR_NOTE: Final = (
    "The error is the standard error over replications of the simulation (Monte Carlo error); more "
    "replications reduce it."
)
_SHOWN: Final = ("headline", "lines", "exchequer", "sensitivity", "information", "acceptability",
    "distribution", "losers", "budget", "values")  # fmt: skip


def write_appraisal(appraisal: Appraisal, run: Path) -> list[Path]:
    """Write every frame, their dictionary and a workbook into a folder of their own in the run.

    What another appraisal has left there is kept, and the next free folder is taken.

    Parameters
    ----------
    appraisal : Appraisal
    run : Path
        The run's folder.
    """
    files = appraisal_files(appraisal, run.resolve().name)
    for number in count(1):
        folder = run / f"appraised_against_{appraisal.base}{f'_{number}' if number > 1 else ''}"
        if not _holds_others(folder, files):
            return [write_once(folder / name, content) for name, content in files.items()]
    raise AssertionError("count never ends")


def _holds_others(folder: Path, files: Mapping[str, bytes]) -> bool:
    """Whether a folder holds a file of one of these names with other content."""
    paths = {folder / name: content for name, content in files.items()}
    return any(path.exists() and path.read_bytes() != c for path, c in paths.items())


def appraisal_files(appraisal: Appraisal, run: str) -> dict[str, bytes]:
    """Content of the files by name; equal appraisals give equal bytes."""
    files = {f"{name}.csv": csv_bytes(frame) for name, frame in appraisal.items()}
    files["data_dictionary.csv"] = csv_bytes(pd.DataFrame(columns_of(FRAMES)))
    files["appraisal.xlsx"] = appraisal_workbook(appraisal, run)
    return files


def appraisal_workbook(appraisal: Appraisal, run: str) -> bytes:
    """The workbook: all frames but the single draws, amounts in GBP million."""
    reforms = ", ".join(reform.title for reform in appraisal.study.reforms)
    base = appraisal.titles[appraisal.base]
    options = appraisal.study.options
    intro = [
        f"Costs and benefits of reforms compared with {base}: {reforms}.",
        f"fitflow {__version__}, run {run}; {options.draws:,} draws of unit values and effects, "
        f"health valued by {options.health}.",
        MODEL_NOTE,
        ERROR_NOTE,
        "Effects that nobody has measured are marked assumption on the sheet of values.",
        "The file is in the format of Excel; the same tables are beside it as CSV, in GBP and with "
        "full precision. Rounded numbers may not add up.",
        "Measures of the headline table:",
        *definitions(),
    ]
    sheets = [_sheet(name, appraisal) for name in _SHOWN]
    notes = {"range": MODEL_NOTE, "error": ERROR_NOTE}
    return workbook(
        f"Costs and benefits: {reforms}", intro, sheets, notes, f"fitflow {__version__}, run {run}"
    )


def _sheet(name: str, appraisal: Appraisal) -> Sheet:
    description, columns = FRAMES[name]
    table = getattr(appraisal, name)
    decimals: dict[str, int] = {}
    if name == "headline":
        table = _rounded_headline(table)
        decimals = {"Value": 2, "Lower": 2, "Upper": 2, "Error": 3}
        title = f"{description} $$range$$ $$error$$"
    else:
        money = [c.name for c in columns if c.unit == "GBP" and c.name in table]
        table = table.drop(columns="draw", errors="ignore").copy()
        mixed = {"low", "high", "error"} & set(table.columns) if money else set()
        for column in sorted({*money, *mixed}):
            table[column] = (table[column] / MILLION).round(3)
            decimals[f"{column} (GBP million)"] = 3
        table = table.rename(columns={c: f"{c} (GBP million)" for c in {*money, *mixed}})
        title = description
    return Sheet(name.capitalize(), title, [], _plain_blanks(table), decimals)


def _rounded_headline(table: pd.DataFrame) -> pd.DataFrame:
    """The headline table with numbers rounded to their steps and shorthand where there are none."""
    rows = []
    for row in table.to_dict("records"):
        money = row["unit"] == "GBP"
        divisor = MILLION if money else 1
        step = row["step"]
        ends = {
            key: round(row[key] / step) * step / divisor
            if row[key] == row[key]
            else (row["note"] or "[x]")
            for key in ("value", "low", "high")
        }
        error = row["error"] / divisor if row["error"] == row["error"] else "[x]"
        rows.append(
            {
                "Scenario": row["scenario"], "Measure": row["label"], "When": when(row["year"]),
                "Unit": "GBP million" if money else row["unit"], "Value": ends["value"],
                "Lower": ends["low"], "Upper": ends["high"], "Error": error,
                "Note": row["note"] or "none",
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def _plain_blanks(table: pd.DataFrame) -> pd.DataFrame:
    """Every blank needs a reason: text that is empty says none."""
    text = table.select_dtypes(include=["object", "str"]).columns
    return table.assign(**{c: table[c].where(table[c] != "", "none") for c in text})
