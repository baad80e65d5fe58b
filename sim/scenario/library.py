"""The library of scenarios: where it is, what it holds, and which file a name stands for."""

from __future__ import annotations

import datetime as dt
import importlib.resources
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Literal, NamedTuple, TypeVar

from sim.scenario.areas import load_areas
from sim.scenario.cursor import Cursor
from sim.scenario.errors import Problem, Problems, ScenarioError, listed, shown
from sim.scenario.models import Parameter
from sim.scenario.parameters import read_parameters
from sim.scenario.schema import InlineChange, ReformFile, ScenarioFile
from sim.scenario.validation import validated
from sim.scenario.yaml_source import display, read_yaml

Kind = Literal["scenario", "reform", "sweep"]
File = TypeVar("File", ScenarioFile, ReformFile)
FOLDERS: Final[dict[Kind, tuple[str, ...]]] = {
    "scenario": (".", "announced", "enacted", "options"),
    "reform": ("reforms",),
    "sweep": ("sweeps",),
}
"""Where files of a kind stand; a name is the name of one file, whatever the folder."""


class LibraryEntry(NamedTuple):
    """A scenario or reform of the library."""

    kind: Kind
    name: str
    title: str
    description: str
    folder: str
    scope: ReformScope


class ReformScope(NamedTuple):
    """When and where something applies, and what was published of its cost.

    Parameters
    ----------
    first, last : date or None
        First day, and the first day after; None where nothing changes, or where it stays.
    where : tuple of str
        Areas and groups as they are named in the files; empty for everywhere.
    cost : float or None
        GBP million over the whole life, as published; None where nothing is.
    """

    first: dt.date | None = None
    last: dt.date | None = None
    where: tuple[str, ...] = ()
    cost: float | None = None


def default_library() -> Path:
    """The folder of the installed library.

    Raises
    ------
    ScenarioError
        If it is not installed.
    """
    try:
        return Path(str(importlib.resources.files("scenarios")))
    except ModuleNotFoundError:
        problem = Problem("scenarios", None, "", "the library is not installed", "name its folder")
        raise ScenarioError([problem]) from None


def load_parameters(library: Path | None = None) -> dict[str, Parameter]:
    """Every parameter of a library, by name.

    Parameters
    ----------
    library : Path or None
        Folder of the library; the installed one if None.

    Returns
    -------
    dict of Parameter

    Raises
    ------
    ScenarioError
        With every problem in every file.
    """
    library = default_library() if library is None else library
    problems = Problems()
    areas = load_areas(library, problems)
    parameters, _ = read_parameters(library, areas, problems)
    problems.stop()
    return {name: parameter for name, parameter in parameters.items() if parameter}


def list_library(library: Path | None = None) -> list[LibraryEntry]:
    """Scenarios and reforms of a library, each kind by name.

    Raises
    ------
    ScenarioError
        If a file of the library is not what its folder says.
    """
    library = default_library() if library is None else library
    problems = Problems()
    scenarios = _read("scenario", ScenarioFile, library, problems)
    reforms = _read("reform", ReformFile, library, problems)
    scopes = {name: _scope(reform.changes, reform.cost_gbp_m) for name, reform in reforms.items()}
    problems.stop()
    entries = []
    for name, file in scenarios.items():
        own = [scopes[each] for each in file.reforms if isinstance(each, str) and each in scopes]
        folder = path_of("scenario", name, library).parent.name
        entries.append(
            LibraryEntry("scenario", name, file.title, file.description, folder, _together(own))
        )
    for name, reform in reforms.items():
        entries.append(
            LibraryEntry("reform", name, reform.title, reform.description, "reforms", scopes[name])
        )
    return entries


def _read(kind: Kind, model: type[File], library: Path, problems: Problems) -> dict[str, File]:
    found = {}
    for name in names_of(kind, library):
        document = read_yaml(path_of(kind, name, library), problems)
        file = validated(Cursor.top(document, problems), model) if document else None
        if file:
            found[name] = file
    return found


def _scope(changes: Sequence[InlineChange], cost: float | None) -> ReformScope:
    ends = [change.until for change in changes]
    where: list[str] = []
    for change in changes:
        named = [change.where] if isinstance(change.where, str) else list(change.where)
        # A capacity by area says in its value where it is.
        value = change.value if isinstance(change.value, dict) else {}
        named += [key for key in value if str(key)[:3] in ("E54", "W92")]
        where += [str(each) for each in named]
    last = max(end for end in ends if end) if all(ends) else None
    return ReformScope(
        min(change.from_ for change in changes), last, tuple(dict.fromkeys(where)), cost
    )


def _together(scopes: Sequence[ReformScope]) -> ReformScope:
    if not scopes:
        return ReformScope()
    costs = [scope.cost for scope in scopes if scope.cost is not None]
    ends = [scope.last for scope in scopes]
    everywhere = any(not scope.where for scope in scopes)
    where = () if everywhere else tuple(dict.fromkeys(w for s in scopes for w in s.where))
    return ReformScope(
        min(scope.first for scope in scopes if scope.first),
        max(end for end in ends if end) if all(ends) else None,
        where,
        sum(costs) if costs else None,
    )


def names_of(kind: Kind, library: Path) -> list[str]:
    """Names of the files of a kind in a library, in order."""
    return sorted(
        path.stem for folder in FOLDERS[kind] for path in (library / folder).glob("*.yaml")
    )


def path_of(kind: Kind, name: str, library: Path) -> Path:
    """The file of a name of the library; where it would stand if there is none."""
    paths = [library / folder / f"{name}.yaml" for folder in FOLDERS[kind]]
    return next((path for path in paths if path.exists()), paths[0])


def find_file(ref: str, kind: Kind, library: Path, folder: Path) -> Path | None:
    """The file that a name or path stands for; None if a name is not in the library.

    Parameters
    ----------
    ref : str
        A name of the library; or a path, which ends in .yaml or .yml or holds a slash.
    kind : {"scenario", "reform", "sweep"}
    library : Path
    folder : Path
        What a relative path is relative to.
    """
    if ref.endswith((".yaml", ".yml")) or "/" in ref or "\\" in ref:
        return folder / ref
    return path_of(kind, ref, library) if ref in names_of(kind, library) else None


def unknown_name(ref: str, kind: Kind, library: Path) -> tuple[str, str, tuple[str, list[str]]]:
    """What is wrong with a name that is not in the library: given, allowed, nearest."""
    names = names_of(kind, library)
    allowed = f"allowed: {listed(names)}, or the path of a file, such as ./{kind}.yaml"
    return f"unknown {kind} {shown(ref)}", allowed, (ref, names)


def check_stem(path: Path, cursor: Cursor, kind: Kind, library: Path) -> None:
    """A file of the library is called what its name says, so that names and files agree."""
    name = cursor.value.get("name")
    homes = [identity(library / folder) for folder in FOLDERS[kind]]
    at_home = identity(path.parent) in homes
    if at_home and isinstance(name, str) and name != path.stem:
        cursor.at("name").report(f"{shown(name)} given", f"the name of the file, '{path.stem}'")


def find_named(item: Cursor, kind: Kind, library: Path, folder: Path) -> Path | None:
    """The file that a name or path in a file stands for; None, with the problem noted, if none."""
    path = find_file(item.value, kind, library, folder)
    if path is None:
        item.report(*unknown_name(item.value, kind, library))
    elif not os.path.exists(identity(path)):
        item.report(f"there is no file {shown(item.value)}", f"a path from {display(folder)}")
        return None
    return path


def identity(path: Path) -> str:
    """The same text for every way to write the path of one file."""
    try:
        return str(path.resolve())
    except (OSError, RuntimeError, ValueError):
        return str(path)
