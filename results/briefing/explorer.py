"""The numbers of the explorer: differences by outcome, scenario, area and condition, packed small.

England is given by quarter, with conditions; areas by year, with conditions as far as there is room.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from results.breakdown import Breakdown, Group, can_be_told_apart
from results.opened import Opened
from results.outcomes import OUTCOMES
from results.places import area_names

F64 = NDArray[np.float64]

EXPLORED: Final = (
    "in_work",
    "in_work_net",
    "sick_inactive",
    "lcwra",
    "uc_health",
    "sickness_absence",
    "fit_notes",
    "sanctions",
    "workwell_starts",
    "wca_wait",
)
"""Outcomes to choose from, in order."""
EVERY: Final = ""
"""Code of the whole place, and of all conditions."""
CONDITIONS: Final = {
    EVERY: "All conditions",
    "none": "No main condition",
    "mental_health": "Mental health",
    "musculoskeletal": "Musculoskeletal",
    "cardio_respiratory": "Heart and lungs",
    "other": "Other conditions",
}
QUARTER, YEAR = 3, 12


@dataclass(frozen=True)
class Cut:
    """A way to tell outcomes apart, and the length of its periods in months."""

    by: tuple[Group, ...]
    months: int


def explorer_data(run: Opened, *, cross: bool = True) -> dict[str, Any]:
    """Everything the explorer needs, ready for JSON.

    Parameters
    ----------
    run : Opened
    cross : bool
        Whether areas are told apart by condition too.

    Returns
    -------
    dict
        ``outcomes``, ``scenarios``, ``areas`` and ``conditions`` to choose from; ``periods`` by length;
        ``series`` by "outcome|scenario|area|condition": [months in a period, means, half-widths of
        95% intervals], by period, where equal runs have 0 in place of lists; ``bases`` by
        "outcome|area|condition": levels in the base.
    """
    cuts = [Cut((), QUARTER), Cut(("condition",), QUARTER)]
    if run.by_area:
        cuts.append(Cut(("area",), YEAR))
        cuts += [Cut(("area", "condition"), YEAR)] if cross else []
    series: dict[str, Any] = {}
    bases: dict[str, Any] = {}
    for cut in cuts:
        _add(series, bases, run, run.breakdown(*cut.by), cut)
    months = run.breakdown().months
    areas = {EVERY: run.place}
    if run.by_area:
        codes = run.breakdown("area").labels[0]
        areas |= dict(sorted(((c, area_names()[c]) for c in codes), key=lambda pair: pair[1]))
    return {
        "base": run.titles[run.base],
        "run": run.name,
        "pairs": len(run.seeds),
        "outcomes": [
            _outcome(name) for name in EXPLORED if any(k.startswith(f"{name}|") for k in series)
        ],
        "scenarios": {name: run.titles[name] for name in run.reforms},
        "areas": areas,
        "conditions": CONDITIONS,
        "periods": {str(n): months[n - 1 :: n] for n in (QUARTER, YEAR)},
        "series": series,
        "bases": bases,
    }


def _outcome(name: str) -> dict[str, Any]:
    outcome = OUTCOMES[name]
    return {
        "name": name,
        "label": outcome.label,
        "phrase": outcome.phrase,
        "unit": outcome.difference_unit,
        "kind": outcome.kind,
        "step": outcome.step,
    }


def _add(
    series: dict[str, Any], bases: dict[str, Any], run: Opened, parts: Breakdown, cut: Cut
) -> None:
    place = {label: k for k, label in enumerate(cut.by)}
    for name in EXPLORED:
        if not can_be_told_apart(OUTCOMES[name], cut.by):
            continue
        base = parts.values(name, cut.months)[parts.scenarios.index(run.base)].mean(axis=0)
        for scenario in run.reforms:
            found = parts.difference(name, run.base, scenario, cut.months)
            half = found.high - found.mean
            for index in np.ndindex(found.mean.shape[:-1]):
                labels = [parts.labels[k][i] for k, i in enumerate(index)]
                area, condition = (
                    labels[place[g]] if g in place else EVERY for g in ("area", "condition")
                )
                key = f"{name}|{scenario}|{area}|{condition}"
                series[key] = _packed(cut.months, found.mean[index], half[index])
                bases[f"{name}|{area}|{condition}"] = _digits(base[index])


def _packed(months: int, mean: F64, half: F64) -> list[Any]:
    if not mean.any() and not half.any():
        return [months, 0, 0]
    return [months, _digits(mean), _digits(half)]


def _digits(values: F64) -> list[float | None]:
    """Values with four significant digits; None where not available."""
    return [_short(value) if math.isfinite(value) else None for value in values.tolist()]


def _short(value: float) -> float:
    rounded = float(f"{value:.4g}")
    return int(rounded) if rounded == int(rounded) else rounded


def as_json(data: dict[str, Any]) -> str:
    """JSON that can stand inside a script element."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("</", "<\\/")
