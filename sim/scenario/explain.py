"""Where a parameter of a scenario comes from: its value, its source, and all that set it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sim.scenario.errors import Problems
from sim.scenario.errors import nearest_names as nearest
from sim.scenario.evidence import Grade, Source
from sim.scenario.models import Change, Scenario, Setting


@dataclass(frozen=True)
class Explanation:
    """One parameter of a scenario, ready to be shown.

    Parameters
    ----------
    name, description, unit : str
    by : tuple of str
        Dimensions, outermost first.
    values : tuple of (date or None, value)
        The base value with overrides, by date: a number, a list, a hazard table, or nested
        mappings of these by label. Reforms are in ``changes``.
    range : (float, float)
    grade : str
    source : tuple of Source
    reasoning : str
    settings : tuple of Setting
        What set the value, in order: its own file, then every override, each with ``file:line``.
    changes : tuple of Change
        What reforms do to it, in order, each with ``file:line``.
    """

    name: str
    description: str
    unit: str
    by: tuple[str, ...]
    values: tuple[tuple[dt.date | None, Any], ...]
    range: tuple[float, float]
    grade: Grade
    source: tuple[Source, ...]
    reasoning: str
    settings: tuple[Setting, ...]
    changes: tuple[Change, ...]


def explain(name: str, scenario: Scenario) -> Explanation:
    """Explain one parameter of a scenario.

    Parameters
    ----------
    name : str
    scenario : Scenario

    Returns
    -------
    Explanation

    Raises
    ------
    ScenarioError
        If there is no such parameter, with the nearest name.
    """
    parameter = scenario.parameters.get(name)
    if parameter is None:
        problems = Problems()
        names = list(scenario.parameters)
        given, allowed = f"unknown parameter '{name}'", f"one of {len(names)} parameters"
        problems.add(scenario.name, None, "", given, allowed, (name, names))
        problems.stop()
    assert parameter is not None
    return Explanation(
        name=name,
        description=parameter.description,
        unit=parameter.unit,
        by=parameter.by,
        values=tuple(parameter.labelled()),
        range=parameter.range,
        grade=parameter.grade,
        source=parameter.source,
        reasoning=parameter.reasoning,
        settings=parameter.settings,
        changes=tuple(change for change in scenario.changes if change.what == name),
    )


def nearest_names(name: str, scenario: Scenario) -> list[str]:
    """Parameters of a scenario whose names look most like ``name``, best first."""
    return nearest(name, scenario.parameters)
