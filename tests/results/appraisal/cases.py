"""Runs and changes to appraise, made without simulating."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from results.appraisal.quantities import CELLS, CONDITIONS, EVENTS, Change
from results.appraisal.values import FROM_RUN, UnitValues, load_values
from results.opened import Opened
from sim.scenario import load_parameters
from sim.scenario.models import Parameter
from tests.library import library
from tests.results.synthetic import run_tables

YEARS = (2024, 2025, 2026)


@cache
def all_values() -> dict[str, Parameter]:
    """Unit values, and the parameters of the model that are valued with."""
    parameters = load_parameters()
    return load_values() | {name: parameters[name] for name in FROM_RUN}


def unit_values(years: tuple[int, ...] = YEARS, **entries: float | list[float]) -> UnitValues:
    """Unit values at their centre; ``module__name=entries`` replaces all entries of one."""
    values = dict(all_values())
    for name, given in entries.items():
        key = name.replace("__", ".")
        flat = tuple(np.ravel(given).tolist())
        dates = [numbers.start for numbers in values[key].numbers][:1]
        numbers = [{"start": dates[0], "entries": flat}]
        values[key] = Parameter.model_validate(values[key].model_dump() | {"numbers": numbers})
    return UnitValues(values, years, {})


def no_change(n: int = 1, years: int = len(YEARS)) -> Change:
    """Nothing changes."""
    return Change(
        np.zeros((n, years, len(CELLS), len(CONDITIONS))), np.zeros((n, years, len(EVENTS)))
    )


def random_change(seed: int, n: int = 1, years: int = len(YEARS)) -> Change:
    """Anything changes."""
    rng = np.random.default_rng(seed)
    empty = no_change(n, years)
    return Change(rng.normal(0, 1e4, empty.states.shape), rng.normal(0, 1e3, empty.events.shape))


def moved(
    before: tuple[str, str], after: tuple[str, str], people: float = 1.0, condition: int = 1
) -> Change:
    """So many person-years in each year spent in another cell."""
    change = no_change()
    change.states[:, :, CELLS.index(before), condition] -= people
    change.states[:, :, CELLS.index(after), condition] += people
    return change


def opened(
    effects: Mapping[str, float], *, seeds: tuple[int, ...] = (1, 2, 3, 4), months: int = 36
) -> Opened:
    """A run of the baseline and scenarios of the library with these effects on people in work."""
    tables = run_tables({"baseline": 0.0, **effects}, seeds, months)
    starts = tables.events["event"] == "workwell_start"
    none = ~tables.events["scenario"].isin(["workwell_pilots", "package"])
    tables = replace(tables, events=tables.events[~(starts & none)])
    names = ["baseline", *effects]
    pairs = [
        {"base": base, "reform": reform, "nearer": 10.0 * seed, "further": 4.0, "unchanged": 900.0}
        for base in names
        for reform in names
        if base != reform
        for seed in seeds[:1]
    ]
    manifest: dict[str, Any] = {
        "scenarios": {name: _scenario(name) for name in names},
        "seeds": list(seeds),
        "scale": 0.01,
        "detail": "area",
        "replications": [{"seed": seed, "coupling": pairs} for seed in seeds],
    }
    return Opened(Path("runs/0123456789ab"), tables, manifest, "baseline")


@cache
def _dump(name: str) -> dict[str, Any]:
    return library(name).model_dump(mode="json")


def _scenario(name: str) -> dict[str, Any]:
    """A scenario of the library as a manifest holds it; `same_again` is the baseline once more."""
    return _dump("baseline" if name == "same_again" else name) | {"name": name}
