"""The scenarios of a command: from names, files and options to what is simulated side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from sim.cli.errors import CommandError
from sim.scenario import Scenario, default_library, load_scenario
from sim.scenario.areas import load_areas
from sim.scenario.changes import Context, Horizon
from sim.scenario.cursor import Cursor
from sim.scenario.errors import Problems, listed, shown
from sim.scenario.library import find_file, names_of
from sim.scenario.reforms import ReformList
from sim.scenario.settled import COMMAND_LINE, with_settings
from sim.scenario.yaml_source import Document, read_yaml

_SAME_PEOPLE: Final = {
    "start": "start",
    "years": "years",
    "scale": "scale",
    "warm_up_years": "warm-up years",
    "areas": "areas",
}
"""What scenarios must share to be about the same people, in words."""


def base_and_reforms(
    base: str, reforms: Sequence[str], settings: Mapping[str, Any]
) -> tuple[Scenario, ...]:
    """The scenarios of a comparison, the base first.

    Parameters
    ----------
    base : str
        Name or path of a scenario.
    reforms : sequence of str
        Names or paths: a reform stands for the base with it, a scenario for itself.
    settings : mapping
        Settings given on the command line; they hold in every scenario.

    Raises
    ------
    ScenarioError, CommandError
        If a file cannot be used, or the scenarios are not about the same people.
    """
    loaded = load_scenario(base)
    first = with_settings(loaded, settings)
    # Luck is shared: seeds and replications are those of the base.
    luck = {"seed": first.seed, "replications": first.replications}
    others = [
        with_settings(_scenario_or_reform(ref, loaded), settings).model_copy(update=luck)
        for ref in reforms
    ]
    for other in others:
        _check_same_people(first, other)
    scenarios = (first, *others)
    names = [scenario.name for scenario in scenarios]
    for name in names:
        if names.count(name) > 1:
            raise CommandError(
                f"Two of the scenarios are called {shown(name)}. Each needs a name of its own."
            )
    return scenarios


def with_reform(scenario: Scenario, ref: str) -> Scenario:
    """A scenario with one reform more, named after the reform.

    Raises
    ------
    ScenarioError
        With every problem in the file of the reform.
    """
    library, problems = default_library(), Problems()
    context = Context(
        scenario.parameters, load_areas(library, problems), Horizon(scenario.start, scenario.end)
    )
    files = list(scenario.files)
    listing = ReformList(
        library,
        context,
        files,
        reforms={reform.name: reform for reform in scenario.reforms},
        changes=list(scenario.changes),
    )
    listing.add(Cursor.top(Document(COMMAND_LINE, {"reforms": [ref]}), problems), Path())
    problems.stop()
    reform = list(listing.reforms.values())[-1]
    update = {
        "name": reform.name,
        "title": reform.title,
        "description": reform.description,
        "reforms": tuple(listing.reforms.values()),
        "changes": tuple(listing.changes),
        "files": tuple(files),
    }
    return scenario.model_copy(update=update)


def kind_of(path: Path) -> str:
    """Whether a file holds a scenario, a reform or a sweep: only these list changes, or designs."""
    document = read_yaml(path, Problems())
    keys = document.data if document is not None else {}
    return "reform" if "changes" in keys else "sweep" if "designs" in keys else "scenario"


def _scenario_or_reform(ref: str, base: Scenario) -> Scenario:
    """What a name or path stands for; a name of both kinds for the reform, on top of the base."""
    library = default_library()
    scenarios, reforms = names_of("scenario", library), names_of("reform", library)
    if ref in reforms:
        return with_reform(base, ref)
    path = find_file(ref, "scenario", library, Path())
    if path is None:
        problems = Problems()
        given = f"unknown scenario or reform {shown(ref)}"
        names = list(dict.fromkeys([*scenarios, *reforms]))
        allowed = f"allowed: {listed(names)}, or the path of a file, such as ./reform.yaml"
        problems.add(COMMAND_LINE, None, "", given, allowed, (ref, names))
        problems.stop()
    assert path is not None
    return with_reform(base, ref) if kind_of(path) == "reform" else load_scenario(ref)


def _check_same_people(first: Scenario, other: Scenario) -> None:
    differ = [key for key in _SAME_PEOPLE if getattr(first, key) != getattr(other, key)]
    if not differ:
        return
    how = []
    for key in differ:
        mine, theirs = getattr(first, key), getattr(other, key)
        values = f" ({mine} and {theirs})" if key != "areas" else ""
        how.append(_SAME_PEOPLE[key] + values)
    raise CommandError(
        f"{shown(first.name)} and {shown(other.name)} cannot be compared: they differ in "
        f"{', '.join(how)}. Let one extend the other, or give the setting for both as an option."
    )
