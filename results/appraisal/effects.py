"""The assumed effects of a reform, and what their uncertainty does to its outcomes.

A run holds each reform at the centre of its assumed effects. Outcomes at other strengths are taken
in proportion; of several effects of one reform, each is taken to bring about an equal part, and so
is each change whose value is certain. That is a first approximation, for which no run with other
effects is needed. Several reforms together
are taken apart where the run also holds them one by one; what they do beyond the sum of the parts
is left as it is.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from results.appraisal.draws import quantile
from sim.scenario.models import Change, Parameter

F64 = NDArray[np.float64]


@dataclass(frozen=True)
class Effect:
    """An effect whose strength is uncertain.

    Parameters
    ----------
    name, label, unit, grade : str
    centre, low, high, neutral : float
        Central value, ends of the 90% plausible interval, value of no effect.
    allowed : (float, float)
        What it can be.
    ratio : bool
        Whether strength is the logarithm of the value (a hazard ratio) or its distance from
        ``neutral``.
    """

    name: str
    label: str
    unit: str
    grade: str
    centre: float
    low: float
    high: float
    neutral: float
    allowed: tuple[float, float]
    ratio: bool

    def strength(self, value: F64) -> F64:
        """Strength at a value over the strength at the centre."""
        if self.ratio:
            return np.asarray(np.log(value) / math.log(self.centre))
        return np.asarray((value - self.neutral) / (self.centre - self.neutral))

    def at(self, z: F64) -> F64:
        """Value at standard normal quantiles."""
        return quantile(z, self.centre, self.low, self.high, self.allowed)


@dataclass(frozen=True)
class Mechanisms:
    """How a reform works: its uncertain effects, and how many of its changes are certain."""

    effects: tuple[Effect, ...]
    certain: int

    def strength(self, drawn: Mapping[str, F64]) -> F64 | float:
        """Mean strength; effects that are not drawn are at their centre, what is certain at 1."""
        parts = [e.strength(drawn[e.name]) if e.name in drawn else 1.0 for e in self.effects]
        count = len(parts) + self.certain
        total: F64 | float = sum(parts, self.certain + 0.0)
        return total / count if count else 1.0


@dataclass(frozen=True)
class Part:
    """A part of what a scenario changes.

    Parameters
    ----------
    alone : str or None
        The scenario of the run that holds this reform alone; None for all that is left.
    reforms : tuple of Mechanisms
        How each reform in this part works.
    """

    alone: str | None
    reforms: tuple[Mechanisms, ...]

    def strength(self, drawn: Mapping[str, F64], size: int) -> F64:
        """Strength over that of the run, shape (size,): the mean of its reforms, 1 if none."""
        means = [reform.strength(drawn) for reform in self.reforms]
        result: F64 = np.ones(size) * (sum(means) / len(means) if means else 1.0)
        return result


def parts_of(manifest: Mapping[str, Any], base: str, scenario: str) -> list[Part]:
    """What a scenario has and its base has not, in parts as far as the run can tell them apart."""
    reforms = _new_changes(manifest, base, scenario)
    parameters = manifest["scenarios"][scenario]["parameters"]
    works = {name: _mechanisms(changes, parameters) for name, changes in reforms.items()}
    if len(reforms) == 1:
        return [Part(None, tuple(works.values()))]
    alone = {}
    for other in manifest["scenarios"]:
        theirs = _new_changes(manifest, base, other)
        if other not in (base, scenario) and len(theirs) == 1:
            (name,) = theirs
            if theirs[name] == reforms.get(name):
                alone[name] = other
    parts = [Part(alone[name], (works[name],)) for name in reforms if name in alone]
    return [*parts, Part(None, tuple(w for name, w in works.items() if name not in alone))]


def effects_in(parts: Sequence[Part]) -> dict[str, Effect]:
    """All effects of some parts by name."""
    return {e.name: e for part in parts for reform in part.reforms for e in reform.effects}


def _new_changes(manifest: Mapping[str, Any], base: str, scenario: str) -> dict[str, list[Change]]:
    """Changes of a scenario that its base has not, by reform; where they stand does not matter."""
    scenarios = manifest["scenarios"]
    found: dict[str, list[Change]] = {}
    for change in scenarios[scenario]["changes"]:
        if change not in scenarios[base]["changes"]:
            read = Change.model_validate(change).model_copy(update={"origin": ""})
            found.setdefault(read.reform, []).append(read)
    return found


def _mechanisms(changes: Sequence[Change], parameters: Mapping[str, Any]) -> Mechanisms:
    """How a reform works; how many places it adds is its size, and no mechanism."""
    effects = tuple(_effects(changes, parameters))
    uncertain = {effect.name for effect in effects}
    certain = {
        change.what
        for change in changes
        if change.what not in uncertain and parameters[change.what]["scope"] != "place"
    }
    return Mechanisms(effects, len(certain))


def _effects(changes: Sequence[Change], parameters: Mapping[str, Any]) -> Iterator[Effect]:
    """Effects with a range of a reform.

    They are its changes that have a range, and the hazard ratios with a plausible interval of the
    programme or step that it changes, unless they stand at 1.
    """
    changed = {change.what for change in changes}
    for change in changes:
        effect = _of_change(change, Parameter.model_validate(parameters[change.what]))
        if effect:
            yield effect
    steps = {name.partition(".")[0] for name in changed}
    for name, content in parameters.items():
        if name.partition(".")[0] in steps and name.endswith("hazard_ratio"):
            effect = _of_parameter(Parameter.model_validate(content))
            if effect and name not in changed:
                yield effect


def _of_change(change: Change, parameter: Parameter) -> Effect | None:
    # How many places there are is the size of a programme, not its effect.
    sized = parameter.scope == "place"
    if sized or change.range is None or not isinstance(change.value, int | float):
        return None
    multiplies = change.join == "multiply"
    neutral = 1.0 if multiplies else _only_entry(parameter)
    if neutral is None or change.value == neutral:
        return None
    return Effect(
        change.what,
        f"{parameter.description} As changed by {change.reform}.",
        "times" if multiplies else parameter.unit,
        change.grade,
        float(change.value),
        *change.range,
        neutral=neutral,
        allowed=(0.0, math.inf) if multiplies else parameter.range,
        ratio=False,
    )


def _only_entry(parameter: Parameter) -> float | None:
    entries = {entry for numbers in parameter.numbers for entry in numbers.entries}
    return entries.pop() if len(entries) == 1 else None


def _of_parameter(parameter: Parameter) -> Effect | None:
    span, value = parameter.uncertainty, _only_entry(parameter)
    if span is None or value in (None, 0.0, 1.0):
        return None
    assert value is not None
    # The logarithm of nought is not a strength.
    lowest = max(parameter.range[0], span.low / 100)
    return Effect(
        parameter.name,
        parameter.description,
        parameter.unit,
        parameter.grade,
        value,
        span.low,
        span.high,
        neutral=1.0,
        allowed=(lowest, parameter.range[1]),
        ratio=True,
    )
