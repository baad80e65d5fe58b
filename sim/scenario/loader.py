"""Loads a scenario: what it extends, its overrides and its reforms, with all problems at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from sim.scenario.areas import AREAS_FILE, Areas, load_areas
from sim.scenario.changes import Context, Horizon
from sim.scenario.cursor import Cursor
from sim.scenario.errors import Problems
from sim.scenario.library import (
    check_stem,
    default_library,
    find_file,
    find_named,
    identity,
    unknown_name,
)
from sim.scenario.models import Parameter, Scenario, years_after
from sim.scenario.parameters import override as override_parameter
from sim.scenario.parameters import read_parameters
from sim.scenario.reforms import ReformList
from sim.scenario.schema import ScenarioFile
from sim.scenario.validation import salvaged
from sim.scenario.yaml_source import Document, as_read, display, read_yaml

_STAND_INS: Final = {"name": "unknown", "title": "unknown", "description": "Unknown."}
_OWN_OF_EACH: Final = ("extends", "parameters", "reforms")


def load_scenario(ref: str | Path, library: Path | None = None) -> Scenario:
    """Load a scenario by name or path, with what it extends and the reforms it lists.

    Parameters
    ----------
    ref : str or Path
        A name of the library, or the path of a file.
    library : Path or None
        Folder of the library; the installed one if None.

    Returns
    -------
    Scenario

    Raises
    ------
    ScenarioError
        With every problem in every file.
    """
    library = default_library() if library is None else library
    problems = Problems()
    scenario = _Loader(library, problems).load(ref)
    problems.stop()
    assert scenario is not None
    return scenario


def override(scenario: Scenario, values: Mapping[str, Any], origin: str = "override") -> Scenario:
    """A scenario with other values of some parameters, as if its file set them.

    Parameters
    ----------
    scenario : Scenario
    values : mapping
        By the name of a parameter; of the shapes that a scenario file can hold.
    origin : str
        What to call the place that these values come from, in messages and explanations.

    Returns
    -------
    Scenario

    Raises
    ------
    ScenarioError
        With every value that cannot be used.
    """
    problems = Problems()
    top = Cursor.top(Document(origin, as_read(values)), problems)
    parameters = dict(scenario.parameters)
    for item in top.each():
        if item.key not in parameters:
            item.unknown("parameter", parameters)
        elif changed := override_parameter(parameters[item.key], item, None):
            parameters[item.key] = changed
    problems.stop()
    return scenario.model_copy(update={"parameters": parameters})


@dataclass(frozen=True)
class _Link:
    """One file of the chain from a scenario to the root of what it extends."""

    path: Path
    cursor: Cursor
    header: ScenarioFile


@dataclass
class _Loader:
    """The state of one load: what has been read so far."""

    library: Path
    problems: Problems
    files: list[str] = field(default_factory=list)

    def load(self, ref: str | Path) -> Scenario | None:
        """The scenario; None if problems are noted."""
        chain = self.chain(ref)
        if not chain:
            return None
        areas = load_areas(self.library, self.problems)
        parameters, files = read_parameters(self.library, areas, self.problems)
        self.files += [display(self.library / AREAS_FILE), *files]
        for link in chain:
            self.override(link, parameters, areas)
        fields, origins = _merged(chain)
        horizon = _horizon(chain, fields)
        self.check_starts(parameters, horizon)
        fields["areas"] = self.areas(chain, areas)
        reforms = ReformList(self.library, Context(parameters, areas, horizon), self.files)
        for link in chain:
            reforms.add(link.cursor, link.path.parent)
        if self.problems.noted:
            return None
        return Scenario(
            **fields,
            parameters={name: p for name, p in parameters.items() if p},
            reforms=tuple(reforms.reforms.values()),
            changes=tuple(reforms.changes),
            origins=origins,
            files=tuple(self.files),
            posterior=self.posterior(chain),
        )

    def chain(self, ref: str | Path) -> list[_Link]:
        """The files of a scenario, the root of what it extends first."""
        path = find_file(ref, "scenario", self.library, Path()) if isinstance(ref, str) else ref
        if path is None:
            given, allowed, nearest = unknown_name(str(ref), "scenario", self.library)
            self.problems.add(display(self.library), None, "", given, allowed, nearest)
        chain: list[_Link] = []
        while path is not None:
            link = self.read(path)
            if link is None:
                break
            chain.insert(0, link)
            path = self.parent(chain)
        return chain

    def read(self, path: Path) -> _Link | None:
        document = read_yaml(path, self.problems)
        if document is None:
            return None
        self.files.append(document.file)
        cursor = Cursor.top(document, self.problems)
        check_stem(path, cursor, "scenario", self.library)
        return _Link(path, cursor, salvaged(cursor, ScenarioFile, _STAND_INS))

    def parent(self, chain: list[_Link]) -> Path | None:
        """The file that the first of the chain extends; None if there is none."""
        link = chain[0]
        if link.header.extends is None:
            return None
        place = link.cursor.at("extends")
        path = find_named(place, "scenario", self.library, link.path.parent)
        if path is not None and (circle := _circle(path, chain)):
            place.report(f"the scenarios extend each other: {circle}", "a chain that ends")
            return None
        return path

    def posterior(self, chain: list[_Link]) -> str:
        """The digest of the posterior if the scenario, or one that it extends, asks for its draws."""
        asked = any(link.cursor.value.get("parameters") == "posterior" for link in chain)
        if not asked:
            return ""
        # Imported here: it takes a third of a second, and most scenarios do without draws.
        from sim.scenario.posterior import posterior_digest

        return posterior_digest()

    def override(
        self, link: _Link, parameters: dict[str, Parameter | None], areas: Areas | None
    ) -> None:
        if not isinstance(link.cursor.value.get("parameters"), dict):
            return
        for item in link.cursor.at("parameters").each():
            parameter = parameters.get(item.key)
            if item.key not in parameters:
                item.unknown("parameter", parameters)
            elif parameter:
                parameters[item.key] = override_parameter(parameter, item, areas) or parameter

    def check_starts(
        self, parameters: dict[str, Parameter | None], horizon: Horizon | None
    ) -> None:
        """Every value is known from the start of the scenario."""
        if horizon is None:
            return
        for name, parameter in parameters.items():
            first = parameter.numbers[0].start if parameter and parameter.numbers else None
            if parameter and first and first > horizon.start:
                file, _, line = parameter.settings[0].origin.rpartition(":")
                self.problems.add(
                    file,
                    int(line),
                    name,
                    f"the first value is from {first}",
                    f"a value for the start of the scenario, {horizon.start}, or earlier",
                )

    def areas(self, chain: list[_Link], areas: Areas | None) -> tuple[str, ...]:
        if areas is None:
            return ()
        top = Cursor.top(Document("default", {"areas": "england"}), self.problems)
        for link in chain:
            if "areas" in link.cursor.value:
                top = link.cursor
        return areas.find(top.at("areas"))


def _merged(chain: list[_Link]) -> tuple[dict[str, Any], dict[str, str]]:
    """Fields of a scenario, each from the last file of the chain that sets it, and where from."""
    fields: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for link in chain:
        for name in ScenarioFile.model_fields:
            if name in _OWN_OF_EACH:
                continue
            if name in link.header.model_fields_set and name in link.cursor.value:
                origins[name] = link.cursor.at(name).origin
            elif name in fields:
                continue
            fields[name] = getattr(link.header, name)
    return fields, origins


def _horizon(chain: list[_Link], fields: dict[str, Any]) -> Horizon | None:
    """The days of results; None if a file states them wrongly."""
    for link in chain:
        if {"start", "years"} & link.cursor.value.keys() - link.header.model_fields_set:
            return None
    return Horizon(fields["start"], years_after(fields["start"], fields["years"]))


def _circle(path: Path, chain: list[_Link]) -> str:
    """The circle that a file would close, in words; empty if it closes none."""
    seen = [identity(link.path) for link in chain]
    if identity(path) not in seen:
        return ""
    members = chain[: seen.index(identity(path)) + 1]
    return " -> ".join(display(link.path) for link in [*reversed(members), members[-1]])
