"""What a sweep lays over a scenario: overrides, reforms and changes in which factors stand for values.

``$name``, alone in its place, stands for the value of a factor. In a list, nothing takes its item away and a list
of names puts several in its place.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from sim.scenario import Parameter, Scenario
from sim.scenario.areas import Areas
from sim.scenario.changes import Context, Horizon, read_reform
from sim.scenario.cursor import Cursor
from sim.scenario.errors import Problems
from sim.scenario.parameters import override
from sim.scenario.reforms import ReformList
from sim.scenario.validation import validated
from sim.scenario.yaml_source import Document, Keys, dotted
from sim.sweep.designs import Values
from sim.sweep.places import Places
from sim.sweep.schema import Listed

MARK: Final = "$"


@dataclass
class Overlay:
    """One section of a sweep file that is laid over scenarios.

    Parameters
    ----------
    section : Cursor
        Its mapping {parameters, reforms, changes}.
    name : str
        What the reform that its changes make up is called.
    library, folder : Path
        Where reforms are looked up by name, and by path.
    areas : Areas or None
    horizon : Horizon or None
        The days of results; None where they are not known.
    """

    section: Cursor
    name: str
    library: Path
    folder: Path
    areas: Areas | None
    horizon: Horizon | None
    _known: dict[str, tuple[Parameter, Parameter]] = field(default_factory=dict)

    @cached_property
    def factors(self) -> list[str]:
        """Names of the factors that stand in it."""
        return list(dict.fromkeys(name for _, name in self.marks))

    @cached_property
    def marks(self) -> list[tuple[Cursor, str]]:
        """Where factors stand in it, with their names."""
        return list(marks_in(self.section))

    def over(
        self, scenario: Scenario, values: Mapping[str, Any], places: Places, problems: Problems
    ) -> Scenario:
        """The scenario with all of it laid over; problems are noted, those of a value where it stands.

        A problem is one of a value if it is not there without. Nothing is said of a factor that has no value among
        ``values``.
        """
        noted, always = Problems(), Problems()
        laid = self._laid(scenario, values, noted)
        if noted.found:
            self._laid(scenario, {}, always)
        without = [f"'{MARK}{name}'" for name in self.factors if name not in values]
        for problem in noted.found:
            if any(mark in problem.given for mark in without):
                continue
            own = problem not in always.found and problem.file == self.section.document.file
            factor = self._factor_at(problem.key) if own else None
            problems.take(places.moved(problem, factor, values))
        return laid

    def _factor_at(self, key: str) -> str | None:
        """The factor whose value stands at a key path, or around it."""
        for place, name in self.marks:
            if re.match(rf"{re.escape(dotted(place.keys))}(?![^.\[])", key):
                return name
        return None

    def _laid(self, scenario: Scenario, values: Mapping[str, Any], problems: Problems) -> Scenario:
        data = substituted(self.section.value, values)
        document = _Filled.of(self.section, values)
        here = Cursor(document, problems, self.section.keys, data)
        parameters = dict(scenario.parameters)
        for item in here.at("parameters").each() if "parameters" in data else ():
            if item.key not in parameters:
                item.unknown("parameter", parameters)
            else:
                parameters[item.key] = self._override(parameters[item.key], item)
        if "reforms" in data:
            validated(here, Listed)
        context = Context(parameters, self.areas, self.horizon)
        listing = ReformList(
            self.library,
            context,
            list(scenario.files),
            reforms={reform.name: reform for reform in scenario.reforms},
            changes=list(scenario.changes),
        )
        listing.add(here, self.folder)
        if "changes" in data:
            inline = {"name": self.name, "changes": data["changes"]}
            place = Cursor(here.document, here.problems, here.keys, inline)
            reform, changes = read_reform(place, context, inline=True)
            if reform:
                listing.reforms[reform.name] = reform
                listing.changes += changes
        return scenario.model_copy(
            update={
                "parameters": parameters,
                "reforms": tuple(listing.reforms.values()),
                "changes": tuple(listing.changes),
                "files": tuple(listing.files),
            }
        )

    def _override(self, parameter: Parameter, item: Cursor) -> Parameter:
        """The same object for the same override, so that what is made of it is made once."""
        key = json.dumps([id(parameter), item.key, item.value])
        if key not in self._known:
            made = override(parameter, item, self.areas)
            if made is None:
                return parameter
            self._known[key] = parameter, made
        return self._known[key][1]


def substituted(value: Any, values: Mapping[str, Any]) -> Any:
    """A value of the file with the values of factors in their places."""
    if (name := _marked(value)) is not None:
        found = values.get(name, value)
        return list(found) if isinstance(found, tuple) else found
    if isinstance(value, dict):
        return {key: substituted(inner, values) for key, inner in value.items()}
    if not isinstance(value, list):
        return value
    items: list[Any] = []
    for item in value:
        inner = substituted(item, values)
        if _marked(item) is None:
            items.append(inner)
        elif inner is not None:
            items += inner if isinstance(inner, list) else [inner]
    return items


def _marked(value: Any) -> str | None:
    """The name of the factor that stands there; None for anything else."""
    return value[1:] if isinstance(value, str) and value.startswith(MARK) else None


def marks_in(place: Cursor) -> Iterator[tuple[Cursor, str]]:
    """Where factors stand, with their names."""
    if (name := _marked(place.value)) is not None:
        yield place, name
    elif isinstance(place.value, dict | list):
        for inner in place.each():
            yield from marks_in(inner)


@dataclass(frozen=True)
class _Filled(Document):
    """A file with values in the places of factors: lines and places are those of the file as it is written.

    Parameters
    ----------
    written : dict
        Places in the file, by where the same stands once values have moved items of lists.
    """

    written: Mapping[Keys, Keys] = field(default_factory=dict)

    @classmethod
    def of(cls, section: Cursor, values: Mapping[str, Any]) -> _Filled:
        """The file of a section with these values."""
        document = section.document
        written = dict(_moves(section.value, values, section.keys, section.keys))
        known = document.lines
        lines = {keys: known[there] for keys, there in written.items() if there in known}
        return cls(document.file, document.data, lines, written)

    def place(self, keys: Keys) -> str:
        """A value as messages name it."""
        known = next(keys[:end] for end in range(len(keys), -1, -1) if keys[:end] in self.written)
        return super().place(self.written[known] + keys[len(known) :])


def _moves(
    value: Any, values: Mapping[str, Any], keys: Keys, written: Keys
) -> Iterator[tuple[Keys, Keys]]:
    """Places once values are filled in, each with the place in the file."""
    yield keys, written
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _moves(inner, values, (*keys, key), (*written, key))
    elif isinstance(value, list):
        number = 0
        for place, item in enumerate(value):
            for _ in substituted([item], values):
                yield from _moves(item, values, (*keys, number), (*written, place))
                number += 1


def of_factors(values: Values, names: list[str]) -> Values:
    """The part of a point that some factors make up."""
    return {name: value for name, value in values.items() if name in names}
