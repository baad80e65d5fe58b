"""Published statistics to calibrate to: read from CSV files and checked."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from calibration.measures import MEASURES, NOT_EXPRESSED
from sim.scenario import Problem, ScenarioError
from sim.scenario.errors import nearest_names

FOLDER: Final = Path(__file__).with_name("targets")
COLUMNS: Final[Mapping[str, str]] = {
    "id": "a name of its own",
    "statistic": "what is counted: a measure of the model",
    "population": "whom it is about",
    "area": "England, or the code of an integrated care board",
    "period": "2024-04, 2024, 2024-25, or a first and a last month with a slash between them",
    "value": "a number above 0, for England or the area",
    "unit": "text",
    "se": "standard error of the value, in its unit, above 0: sampling, rounding, the rule for England",
    "se_basis": "where the standard error comes from",
    "discrepancy": "standard error, as a share of the value, of what the model cannot mean exactly",
    "discrepancy_reason": "what the model cannot mean exactly",
    "use": "fit, held_out, history (for the naive forecasts) or shown (never scored)",
    "geography_published": "the geography of the publication",
    "england_rule": "how the published figure was brought to England",
    "source_publisher": "publisher",
    "source_title": "title",
    "source_date": "date of publication",
    "source_url": "address",
    "grade": "published, second_hand, estimate or assumption",
}
USES: Final = ("fit", "held_out", "history", "shown")
_GRADES: Final = ("published", "second_hand", "estimate", "assumption")
_NUMBERS: Final = ("value", "se", "discrepancy")
_OPTIONAL: Final = ("discrepancy_reason",)


def read_targets(folder: Path = FOLDER) -> pd.DataFrame:
    """All targets, one a row, in the order of files and lines.

    Parameters
    ----------
    folder : Path
        Holds ``*.csv`` with the columns of :data:`COLUMNS`.

    Returns
    -------
    DataFrame
        With ``file`` as an added column.

    Raises
    ------
    ScenarioError
        With every problem in every file.
    """
    problems: list[Problem] = []
    frames = []
    for path in sorted(folder.glob("*.csv")):
        text = pd.read_csv(path, dtype="str", keep_default_na=False)
        missing = [name for name in COLUMNS if name not in text]
        if missing:
            allowed = f"every one of {', '.join(COLUMNS)}"
            problems.append(Problem(path.name, 1, "", f"no column {', '.join(missing)}", allowed))
            continue
        for number, row in enumerate(text.to_dict("records"), start=2):
            problems += _problems_of(row, path.name, number)
        frames.append(text[list(COLUMNS)].assign(file=path.stem))
    if not frames and not problems:
        problems.append(Problem(str(folder), None, "", "no files of targets (*.csv) here"))
    if not problems:
        names = pd.concat(frames)["id"]
        for name in names[names.duplicated()]:
            problems.append(Problem(str(folder), None, name, "stands twice", "each id once"))
    if problems:
        raise ScenarioError(problems)
    targets = pd.concat(frames, ignore_index=True)
    targets[list(_NUMBERS)] = targets[list(_NUMBERS)].astype(float)
    return targets


def used(targets: pd.DataFrame, use: str) -> pd.DataFrame:
    """The targets of one use, numbered anew."""
    return targets[targets["use"] == use].reset_index(drop=True)


def errors(targets: pd.DataFrame) -> NDArray[np.float64]:
    """Standard error of each target as a share of its value: published, and discrepancy.

    Returns
    -------
    float64 array of shape (targets,)
    """
    published = (targets["se"] / targets["value"]).to_numpy(float)
    return np.hypot(published, targets["discrepancy"].to_numpy(float))


def _problems_of(row: Mapping[str, Any], file: str, line: int) -> list[Problem]:
    found = []

    def note(key: str, given: str, nearest: str | None = None) -> None:
        found.append(Problem(file, line, key, given, COLUMNS[key], nearest))

    for key in COLUMNS:
        if not row[key].strip() and key not in _OPTIONAL:
            note(key, "nothing given")
    for key in _NUMBERS:
        number = _number(row[key])
        if number is None or number < 0 or (number == 0 and key != "discrepancy"):
            note(key, f"'{row[key]}' given")
    known = [*MEASURES, *NOT_EXPRESSED]
    if row["statistic"] not in known:
        near = nearest_names(row["statistic"], known, 1)
        note("statistic", f"unknown statistic '{row['statistic']}'", next(iter(near), None))
    elif row["use"] in ("fit", "held_out") and row["statistic"] in NOT_EXPRESSED:
        note("use", f"'{row['use']}' given, but {NOT_EXPRESSED[row['statistic']]}")
    if row["use"] not in USES:
        note("use", f"'{row['use']}' given", next(iter(nearest_names(row["use"], USES, 1)), None))
    if row["grade"] not in _GRADES:
        note("grade", f"'{row['grade']}' given")
    if (_number(row["discrepancy"]) or 0) > 0 and not row["discrepancy_reason"].strip():
        note("discrepancy_reason", "no reason for a discrepancy above 0")
    return found


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
