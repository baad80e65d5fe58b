"""The baseline against what was published: ``python -m calibration.baseline``.

Every target of ``baseline_targets.csv`` that a run without reforms can express is set beside its
simulated value in the same period, or in the nearest one inside the years simulated.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from calibration.measures import MEASURES, NOT_EXPRESSED, OTHER_FIGURES
from calibration.monthly import Monthly, mean_and_error
from sim.output import RunTables
from sim.run import Outcome, simulate
from sim.scenario import load_scenario

TARGETS: Final = Path(__file__).with_name("baseline_targets.csv")
TOLERANCE: Final = 0.10
LOG_PEOPLE: Final = 150
"""People of each area whose events are kept, for the statistics that need a person's history."""

WITHIN: Final = "within 10%"
INSIDE: Final = "in the published range"
OUTSIDE: Final = "not within 10%"
NOT_SIMULATED: Final = "cannot be expressed"

_FISCAL: Final = re.compile(r"(\d{4})-(\d{2})$")
_PART: Final = re.compile(r"(\d{4})(?:-(\d{2}))?(?:-\d{2})?$")


def read_targets() -> pd.DataFrame:
    """The published statistics, one a row, in the order of the file."""
    return pd.read_csv(TARGETS)


# ---- Periods -------------------------------------------------------------------------------------


def months_between(first: int, last: int) -> list[str]:
    """Months as ``2024-04``, from and to numbers that count months since year 0."""
    return [f"{m // 12:04d}-{m % 12 + 1:02d}" for m in range(first, last + 1)]


def period_bounds(period: str) -> tuple[int, int] | None:
    """First and last month of a period; None when it is too loose to be placed.

    Accepted are a month, a day, a calendar year, a fiscal year such as ``2026-27``, and two months
    with a slash between them.
    """
    parts = period.split("/")
    fiscal = _FISCAL.match(period)
    if fiscal and int(fiscal[2]) == (int(fiscal[1]) + 1) % 100 and int(fiscal[2]) > 12:
        return int(fiscal[1]) * 12 + 3, int(fiscal[1]) * 12 + 14
    found = [_PART.match(part) for part in parts]
    if len(found) > 2 or not all(found):
        return None
    first, last = found[0], found[-1]
    assert first is not None
    assert last is not None
    start = int(first[1]) * 12 + (int(first[2]) - 1 if first[2] else 0)
    end = int(last[1]) * 12 + (int(last[2]) - 1 if last[2] else 11)
    return start, end


def months_used(period: str, months: Sequence[str], *, level: bool) -> list[str]:
    """The months of a run that stand for a period.

    Those of the period that were simulated; of a flow over a year or longer only when all were.
    Otherwise a level is read at the nearest month, and a flow in the same months of the first year
    simulated, all twelve for a period of a year or longer.
    """
    bounds = period_bounds(period)
    if bounds is None:
        return list(months[:12])
    wanted = months_between(*bounds)
    inside = [m for m in wanted if m in set(months)]
    if inside and (level or len(inside) == len(wanted) or len(wanted) < 12):
        return inside
    if level:
        return [months[0] if wanted[0] < months[0] else months[-1]]
    if len(wanted) >= 12:
        return list(months[:12])
    names = {m[-2:] for m in wanted}
    return [m for m in months[:12] if m[-2:] in names]


# ---- The comparison ------------------------------------------------------------------------------


def report(outcome: Outcome) -> pd.DataFrame:
    """Compare a baseline run with every published target.

    Parameters
    ----------
    outcome : Outcome
        A run of whole years; its first scenario is compared. Areas must be told apart for the
        targets of areas.

    Returns
    -------
    DataFrame
        One row a target: what was published, ``simulated`` with its Monte Carlo
        ``standard_error``, ``months`` read, ``ratio``, ``verdict``, ``year_1`` and last year
        (``year_last``) with the ratio of the two as ``drift``, and a ``note``. People are grossed
        up.
    """
    scenario = next(iter(outcome.manifest["scenarios"]))
    return compare(outcome.tables, float(outcome.manifest["scale"]), scenario)


def compare(tables: RunTables, scale: float, scenario: str) -> pd.DataFrame:
    """What :func:`report` gives, from the tables of a run."""
    run = Monthly.of(tables, scale, scenario)
    targets = read_targets()
    rows = [_compare(run, target) for target in targets.to_dict("records")]
    return pd.concat([targets, pd.DataFrame(rows, index=targets.index)], axis=1)


def by_year(outcome: Outcome) -> pd.DataFrame:
    """Levels and flows of every year simulated, mean over replications; people grossed up."""
    scenario = next(iter(outcome.manifest["scenarios"]))
    run = Monthly.of(outcome.tables, float(outcome.manifest["scale"]), scenario)
    years = [run.months[k : k + 12] for k in range(0, len(run.months), 12)]
    rows = []
    for name, (unit, compute) in OTHER_FIGURES.items():
        values = [float(compute(run, year).mean()) for year in years]
        named = {f"{year[0]} to {year[-1]}": v for year, v in zip(years, values, strict=True)}
        rows.append({"figure": name, "unit": unit, **named})
    return pd.DataFrame(rows)


def _compare(run: Monthly, target: dict[str, Any]) -> dict[str, Any]:
    statistic, area = str(target["statistic"]), str(target["area"])
    if statistic in NOT_EXPRESSED:
        return _absent(NOT_EXPRESSED[statistic])
    measure = MEASURES[statistic]
    if area != "England":
        if area not in set(run.stocks["area"]):
            return _absent("the run does not tell areas apart")
        run = run.in_area(area)
    every = run.months
    months = months_used(str(target["period"]), every, level=measure.level)
    value, error = mean_and_error(measure.compute(run, months))
    if np.isnan(value):
        return _absent("needs a run that keeps a log of people")
    first = float(measure.compute(run, every[:12]).mean())
    last = float(measure.compute(run, every[-12:]).mean())
    ratio = value / float(target["value"])
    return {
        "months": months[0] if len(months) == 1 else f"{months[0]} to {months[-1]}",
        "simulated": value,
        "standard_error": error,
        "ratio": ratio,
        "verdict": _verdict(value, ratio, target),
        "year_1": first,
        "year_last": last,
        "drift": last / first if first else np.nan,
        "note": measure.note,
    }


def _verdict(value: float, ratio: float, target: dict[str, Any]) -> str:
    if abs(ratio - 1) <= TOLERANCE:
        return WITHIN
    return INSIDE if float(target["low"]) <= value <= float(target["high"]) else OUTSIDE


def _absent(why: str) -> dict[str, Any]:
    numbers = ("simulated", "standard_error", "ratio", "year_1", "year_last", "drift")
    blank: dict[str, Any] = dict.fromkeys(numbers, np.nan)
    return {**blank, "months": "", "verdict": NOT_SIMULATED, "note": why}


# ---- The command ---------------------------------------------------------------------------------


def run_baseline(scale: float, replications: int, workers: int) -> Outcome:
    """Simulate the baseline with a log of some people of every area."""
    scenario = load_scenario("baseline").model_copy(update={"scale": scale})
    seeds = [scenario.seed + k for k in range(replications)]
    return simulate([scenario], seeds, workers=workers, detail="area", log_people=LOG_PEOPLE)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the baseline, compare it, print or write the page."""
    from calibration.baseline_page import render_markdown

    parser = argparse.ArgumentParser(prog="python -m calibration.baseline", description=__doc__)
    parser.add_argument("--scale", type=float, default=0.01, help="share of people simulated")
    parser.add_argument("--replications", type=int, default=2, help="number of seeds")
    parser.add_argument("--workers", type=int, default=2, help="processes")
    parser.add_argument("--write", type=Path, help="file to write; printed when left out")
    given = parser.parse_args(arguments)
    outcome = run_baseline(given.scale, given.replications, given.workers)
    page = render_markdown(report(outcome), outcome.manifest, by_year(outcome))
    if given.write is None:
        print(page)
        return
    given.write.parent.mkdir(parents=True, exist_ok=True)
    given.write.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
