"""The library of scenarios: where it is, what it holds, and which file a name stands for."""

from __future__ import annotations

import importlib.resources
import os
from pathlib import Path
from typing import Final, Literal, NamedTuple

from sim.scenario.areas import load_areas
from sim.scenario.cursor import Cursor
from sim.scenario.errors import Problem, Problems, ScenarioError, listed, shown
from sim.scenario.models import Parameter
from sim.scenario.parameters import read_parameters
from sim.scenario.schema import ReformFile, ScenarioFile
from sim.scenario.validation import validated
from sim.scenario.yaml_source import display, read_yaml

Kind = Literal["scenario", "reform"]
FOLDERS: Final[dict[Kind, str]] = {"scenario": ".", "reform": "reforms"}


class LibraryEntry(NamedTuple):
    """A scenario or reform of the library."""

    kind: Kind
    name: str
    title: str
    description: str


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
    entries = []
    for kind, name in [(each, name) for each in FOLDERS for name in names_of(each, library)]:
        document = read_yaml(library / FOLDERS[kind] / f"{name}.yaml", problems)
        if document is None:
            continue
        model: type[ScenarioFile | ReformFile] = ScenarioFile if kind == "scenario" else ReformFile
        file = validated(Cursor.top(document, problems), model)
        if file:
            entries.append(LibraryEntry(kind, name, file.title, file.description))
    problems.stop()
    return entries


def names_of(kind: Kind, library: Path) -> list[str]:
    """Names of the scenarios or reforms of a library, in order."""
    return sorted(path.stem for path in (library / FOLDERS[kind]).glob("*.yaml"))


def find_file(ref: str, kind: Kind, library: Path, folder: Path) -> Path | None:
    """The file that a name or path stands for; None if a name is not in the library.

    Parameters
    ----------
    ref : str
        A name of the library; or a path, which ends in .yaml or .yml or holds a slash.
    kind : {"scenario", "reform"}
    library : Path
    folder : Path
        What a relative path is relative to.
    """
    if ref.endswith((".yaml", ".yml")) or "/" in ref or "\\" in ref:
        return folder / ref
    return library / FOLDERS[kind] / f"{ref}.yaml" if ref in names_of(kind, library) else None


def unknown_name(ref: str, kind: Kind, library: Path) -> tuple[str, str, tuple[str, list[str]]]:
    """What is wrong with a name that is not in the library: given, allowed, nearest."""
    names = names_of(kind, library)
    allowed = f"allowed: {listed(names)}, or the path of a file, such as ./{kind}.yaml"
    return f"unknown {kind} {shown(ref)}", allowed, (ref, names)


def check_stem(path: Path, cursor: Cursor, kind: Kind, library: Path) -> None:
    """A file of the library is called what its name says, so that names and files agree."""
    name = cursor.value.get("name")
    at_home = identity(path.parent) == identity(library / FOLDERS[kind])
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
