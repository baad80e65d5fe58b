"""A scenario with base parameters varied, for sweeps, calibration and draws of a posterior.

A variation acts on every dated value of a parameter, below all reforms. Where a parameter is a table of
shares, the shares that are not named make room, so that each row still sums to one. A hazard table is
varied through one number of its distributions, by default the scale (how long spells last).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import numpy as np

from sim.scenario.cursor import Cursor
from sim.scenario.errors import Problems, listed
from sim.scenario.evidence import as_list
from sim.scenario.hazards import Spec, read_spec
from sim.scenario.models import DatedNumbers, Parameter, Scenario, Setting
from sim.scenario.numbers import ANY, POSITIVE, Interval, interval_text, read_number
from sim.scenario.parameters import F64, axes_of, laid_out
from sim.scenario.yaml_source import Document, as_read

Joining = Literal["replace", "multiply"]
SUMS_TO_ONE: Final = 1e-6
"""A row of shares that is so close to one is meant to sum to one."""


@dataclass(frozen=True)
class Variation:
    """Another value for a parameter, or for some of its entries.

    Parameters
    ----------
    what : str
        Name of the parameter.
    value
        A number, a list or nested mappings of labels, as in a scenario file; for a hazard table a number.
    join : {"replace", "multiply"}
        How the value joins the one that stands there.
    who : mapping
        Labels of the entries it is for, by dimension of the parameter; empty for all.
    part : str
        Which number of the distributions of a hazard table is varied.
    """

    what: str
    value: Any
    join: Joining = "replace"
    who: Mapping[str, str | Sequence[str]] = field(default_factory=dict)
    part: str = "scale"


def varied(
    scenario: Scenario, variations: Sequence[Variation], *, name: str, origin: str = "variations"
) -> Scenario:
    """A scenario whose base parameters are varied, one variation after another.

    Parameters
    ----------
    scenario : Scenario
    variations : sequence of Variation
    name : str
        Name of the new scenario; a new one is added to the title.
    origin : str
        What to call the place that the values come from, in messages and explanations.

    Returns
    -------
    Scenario

    Raises
    ------
    ScenarioError
        With every variation that cannot be used.
    """
    problems = Problems()
    data = [as_read({v.what: v.value}) for v in variations]
    top = Cursor.top(Document(origin, data), problems)
    parameters = dict(scenario.parameters)
    for variation, item in zip(variations, top.each(), strict=True):
        if variation.what not in parameters:
            item.unknown("parameter", parameters, variation.what)
            continue
        cursor = item.at(variation.what)
        changed = _changed(parameters[variation.what], variation, cursor)
        if changed is not None:
            parameters[variation.what] = changed
    problems.stop()
    title = scenario.title if name == scenario.name else f"{scenario.title} ({name})"
    return scenario.model_copy(update={"name": name, "title": title, "parameters": parameters})


def _changed(parameter: Parameter, variation: Variation, cursor: Cursor) -> Parameter | None:
    """The parameter varied; None, with the problems noted, if that cannot be."""
    noted = cursor.problems.noted
    mask = _aimed(parameter, variation, cursor)
    if cursor.problems.noted > noted:
        return None
    if parameter.is_hazard_table:
        update: dict[str, Any] = {"specs": _specs(parameter, variation, mask, cursor)}
    else:
        update = {"numbers": _numbers(parameter, variation, mask, cursor)}
    if cursor.problems.noted > noted:
        return None
    how = variation.value if variation.join == "replace" else {"multiply": variation.value}
    setting = Setting(origin=cursor.document.file, value=how)
    return parameter.model_copy(update={**update, "settings": (*parameter.settings, setting)})


def _aimed(parameter: Parameter, variation: Variation, cursor: Cursor) -> F64:
    """1 for the entries that a variation is for and NaN for others, shape ``parameter.shape``."""
    mask = np.ones(parameter.shape)
    for dimension, chosen in variation.who.items():
        if dimension not in parameter.by:
            cursor.unknown("dimension", parameter.by, dimension)
            continue
        axis = parameter.by.index(dimension)
        labels = parameter.labels[axis]
        for label in as_list(chosen):
            if label not in labels:
                cursor.unknown(f"label of {dimension}", labels, str(label))
        inside = np.isin(labels, as_list(chosen)).reshape([-1] + [1] * (mask.ndim - axis - 1))
        mask = np.where(inside, mask, np.nan)
    return mask


def _numbers(
    parameter: Parameter, variation: Variation, mask: F64, cursor: Cursor
) -> tuple[DatedNumbers, ...]:
    allowed = parameter.range if variation.join == "replace" else POSITIVE
    given = laid_out(cursor, parameter, axes_of(parameter, None), allowed) * mask
    return tuple(
        DatedNumbers(start=date, entries=tuple(_joined(parameter, base, given, variation, cursor)))
        for date, base in parameter.dated()
    )


def _joined(
    parameter: Parameter, base: F64, given: F64, variation: Variation, cursor: Cursor
) -> list[float]:
    """One dated value with the entries given, checked; flat."""
    named = ~np.isnan(given)
    target = np.where(named, given if variation.join == "replace" else base * given, base)
    if _are_shares(parameter, base):
        target = _make_room(base, target, named, cursor)
    _check_inside(target, parameter.range, cursor)
    return [float(entry) for entry in target.ravel()]


def _are_shares(parameter: Parameter, base: F64) -> bool:
    """Whether each row of a table (over its last dimension) is a whole divided up."""
    whole = base.ndim > 0 and parameter.unit == "share"
    return whole and bool(np.all(np.abs(base.sum(axis=-1) - 1) < SUMS_TO_ONE))


def _make_room(base: F64, target: F64, named: Any, cursor: Cursor) -> F64:
    """Shares that are not named, scaled so that each row sums to one."""
    taken = np.where(named, target, 0).sum(axis=-1, keepdims=True)
    rest = np.where(named, 0, base).sum(axis=-1, keepdims=True)
    without = (rest <= 0) & (np.abs(taken - 1) >= SUMS_TO_ONE)
    if np.any(taken > 1 + SUMS_TO_ONE) or np.any(without):
        worst = float(taken.flat[np.argmax(np.abs(taken - 1))])
        cursor.report(f"shares named sum to {worst:.6g}", "at most 1, and 1 if every one is named")
    room = np.divide(1 - taken, rest, out=np.ones_like(rest), where=rest > 0)
    return np.where(named, target, base * np.maximum(room, 0))


def _specs(
    parameter: Parameter, variation: Variation, mask: F64, cursor: Cursor
) -> tuple[Spec, ...]:
    number = read_number(cursor, ANY if variation.join == "replace" else POSITIVE)
    specs = parameter.hazard_specs()
    if number is None:
        return parameter.specs
    for spec, inside in zip(specs, ~np.isnan(mask.ravel()), strict=True):
        old = spec.get(variation.part)
        if not inside:
            continue
        if "distribution" not in spec or not isinstance(old, float | int):
            numbers = [key for key in spec if key != "distribution"]
            allowed = f"allowed: {listed(numbers)}" if "distribution" in spec else "a distribution"
            cursor.report(f"no {variation.part} in {listed(spec)}", allowed)
            continue
        spec[variation.part] = number if variation.join == "replace" else old * number
        read_spec(Cursor(cursor.document, cursor.problems, cursor.keys, spec), parameter.range)
    return tuple(specs)


def _check_inside(target: F64, allowed: Interval, cursor: Cursor) -> None:
    # What is off by rounding only is no mistake of the user.
    slack = SUMS_TO_ONE * max(1.0, abs(allowed[1]))
    outside = target[(target < allowed[0] - slack) | (target > allowed[1] + slack)]
    if len(outside):
        cursor.report(f"gives {outside.flat[0]:.6g}", interval_text(allowed))
