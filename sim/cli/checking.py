"""Checks one file of a user, whichever kind it is."""

from __future__ import annotations

from pathlib import Path

from sim.cli.arms import kind_of
from sim.scenario import Change, default_library, load_scenario
from sim.scenario.areas import load_areas
from sim.scenario.changes import Context, read_reform
from sim.scenario.cursor import Cursor
from sim.scenario.errors import Problems
from sim.scenario.library import check_stem, find_file, names_of
from sim.scenario.parameters import read_parameters
from sim.scenario.yaml_source import read_yaml
from sim.words import some


def check_file(ref: str) -> str:
    """Check a scenario, reform or sweep; what it is, in words.

    Raises
    ------
    ScenarioError
        With all its problems.
    """
    library = default_library()
    path = find_file(ref, "scenario", library, Path())
    if path is None and ref in names_of("reform", library):
        path = find_file(ref, "reform", library, Path())
    if path is None and ref in names_of("sweep", library):
        path = find_file(ref, "sweep", library, Path())
    if path is not None and kind_of(path) == "sweep":
        return _check_sweep(path)
    if path is None or kind_of(path) == "scenario":
        scenario = load_scenario(ref)
        return (
            f"a scenario without problems ({some(len(scenario.reforms), 'reform')}, "
            f"{some(len(scenario.files), 'file')} read)"
        )
    return _check_reform(path, library)


def _check_sweep(path: Path) -> str:
    from results.outcomes import NEEDS
    from sim.sweep.files import load_sweep

    sweep = load_sweep(path, outcomes=NEEDS)
    points, arms = some(len(sweep.points), "point"), some(len(sweep.scenarios), "arm")
    return f"a sweep without problems ({points}, {arms} with bases)"


def _check_reform(path: Path, library: Path) -> str:
    problems = Problems()
    areas = load_areas(library, problems)
    parameters, _ = read_parameters(library, areas, problems)
    document = read_yaml(path, problems)
    changes: list[Change] = []
    if document is not None:
        top = Cursor.top(document, problems)
        check_stem(path, top, "reform", library)
        _, changes = read_reform(top, Context(parameters, areas, horizon=None))
    problems.stop()
    return f"a reform without problems ({some(len(changes), 'change')})"
