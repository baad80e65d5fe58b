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
from results.numbers import shown
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
        ``series`` by places in these lists, "outcome.scenario.area.condition": [months in a period,
        means, half-widths of 95% intervals], where equal runs have 0 in place of lists; ``bases`` by
        "outcome.area.condition": levels in the base.
    """
    cuts = [Cut((), QUARTER), Cut(("condition",), QUARTER)]
    if run.by_area:
        cuts.append(Cut(("area",), YEAR))
        cuts += [Cut(("area", "condition"), YEAR)] if cross else []
    areas = {EVERY: run.place}
    if run.by_area:
        codes = run.breakdown("area").labels[0]
        areas |= dict(sorted(((c, area_names()[c]) for c in codes), key=lambda pair: pair[1]))
    packed = _Packed(run, list(areas))
    for cut in cuts:
        packed.add(run.breakdown(*cut.by), cut)
    months = run.breakdown().months
    return {
        "base": run.titles[run.base],
        "run": run.name,
        "pairs": len(run.seeds),
        "outcomes": [_outcome(name) for name in EXPLORED],
        "scenarios": {name: run.titles[name] for name in run.reforms},
        "areas": areas,
        "conditions": CONDITIONS,
        "periods": {str(n): months[n - 1 :: n] for n in (QUARTER, YEAR)},
        "series": packed.series,
        "bases": packed.bases,
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


class _Packed:
    """Series and levels under short keys: the places of what is chosen in its list."""

    def __init__(self, run: Opened, areas: list[str]) -> None:
        self.run, self.areas = run, {code: k for k, code in enumerate(areas)}
        self.series: dict[str, Any] = {}
        self.bases: dict[str, Any] = {}

    def add(self, parts: Breakdown, cut: Cut) -> None:
        for number, name in enumerate(EXPLORED):
            if can_be_told_apart(OUTCOMES[name], cut.by):
                self._add(parts, cut, number, name)

    def _add(self, parts: Breakdown, cut: Cut, number: int, name: str) -> None:
        run, where = self.run, [self._place(parts, cut, index) for index in _cells(parts)]
        levels = parts.values(name, cut.months)[parts.scenarios.index(run.base)].mean(axis=0)
        for index, place in zip(_cells(parts), where, strict=True):
            self.bases[f"{number}.{place}"] = _levels(levels[index])
        for k, scenario in enumerate(run.reforms):
            found = parts.difference(name, run.base, scenario, cut.months)
            half = found.high - found.mean
            for index, place in zip(_cells(parts), where, strict=True):
                # Numbers of the whole place stand in tables too, and must read the same.
                exact = OUTCOMES[name].step if "area" not in cut.by else None
                self.series[f"{number}.{k}.{place}"] = _packed(
                    cut.months, found.mean[index], half[index], exact
                )

    def _place(self, parts: Breakdown, cut: Cut, index: tuple[int, ...]) -> str:
        labels = {
            name: parts.labels[k][i] for k, (name, i) in enumerate(zip(cut.by, index, strict=True))
        }
        area = self.areas[labels.get("area", EVERY)]
        return f"{area}.{list(CONDITIONS).index(labels.get('condition', EVERY))}"


def _cells(parts: Breakdown) -> list[tuple[int, ...]]:
    return list(np.ndindex(*map(len, parts.labels)))


def _packed(months: int, mean: F64, half: F64, exact: float | None) -> list[Any]:
    if not mean.any() and not half.any():
        return [months, 0, 0]
    # A tenth of the step that a reader sees is kept, and more where that would read otherwise.
    kept = [_unit(h) for h in half.tolist()]
    pairs = list(zip(mean.tolist(), half.tolist(), kept, strict=True))
    if exact is not None:
        pairs = [(m, h, _exact_unit(m, h, unit, exact)) for m, h, unit in pairs]
    return [
        months,
        [_rounded(m, unit) for m, _, unit in pairs],
        [_rounded(h, unit) for _, h, unit in pairs],
    ]


def _exact_unit(mean: float, half: float, unit: float, smallest: float) -> float:
    """The largest unit, from ``unit`` down, in which numbers read as they do in tables."""
    wanted = shown(mean, mean - half, mean + half, smallest)
    for finer in (unit, unit / 10, unit / 100, unit / 1000):
        m, h = _rounded(mean, finer), _rounded(half, finer)
        if m is None or h is None or shown(m, m - h, m + h, smallest) == wanted:
            return finer
    return unit / 10_000


def _unit(half: float) -> float:
    return (
        10.0 ** (math.floor(math.log10(half / 2)) - 1) if math.isfinite(half) and half > 0 else 1e-3
    )


def _rounded(value: float, unit: float) -> float | None:
    """A multiple of a power of ten, as short as JSON can have it; None where not available."""
    if not math.isfinite(value):
        return None
    places = max(0, -round(math.log10(unit)))
    rounded = round(round(value / unit) * unit, places)
    return int(rounded) if rounded == int(rounded) else rounded


def _levels(values: F64) -> list[float | None]:
    """Levels with three digits."""
    return [
        _rounded(x, 10.0 ** (math.floor(math.log10(abs(x))) - 2) if math.isfinite(x) and x else 1.0)
        for x in values.tolist()
    ]


def as_json(data: dict[str, Any]) -> str:
    """JSON that can stand inside a script element."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("</", "<\\/")
