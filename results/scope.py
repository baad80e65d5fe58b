"""What a scenario is about, as results name it: the place, and the effects that nobody has measured."""

from __future__ import annotations

from results.outcomes import COUNTRIES
from sim.people import read_areas
from sim.scenario import Scenario


def place(scenario: Scenario) -> tuple[str, str]:
    """The place that headlines are for: its key among the outcomes' areas, and in words.

    England where the run has any of it, as most figures are published for England.
    """
    areas = read_areas()
    england = [c for c, e in zip(areas.code, areas.in_england, strict=True) if e]
    here = [code for code in england if code in scenario.areas]
    if not here:
        return "wales", "Wales"
    if here == england:
        return "england", "England"
    if len(here) == 1:
        return "england", areas.short_name[areas.code.index(here[0])]
    return "england", f"{len(here)} areas of England"


def all_places(scenario: Scenario) -> str:
    """All the areas of a run in words."""
    key, words = place(scenario)
    wales = any(code.startswith(COUNTRIES["wales"]) for code in scenario.areas)
    return f"{words} and Wales" if key == "england" and wales else words


def assumed_effects(base: Scenario, scenario: Scenario) -> list[str]:
    """Names of what a scenario brings into play that is assumed, not measured.

    That is what it changes by an assumption of its own, and the assumed effects of the same step or
    programme: hazard ratios and other parameters with ``effect`` in their names, but for levers that
    stand at the neutral value of 1.
    """
    changes = [change for change in scenario.changes if change not in base.changes]
    steps = {change.what.partition(".")[0] for change in changes}
    changed = [change.what for change in changes if change.grade == "assumption"]
    effects = [
        name
        for name, parameter in scenario.parameters.items()
        if name.partition(".")[0] in steps
        and parameter.grade == "assumption"
        and ("hazard_ratio" in name or "effect" in name)
        and not all((value == 1).all() for _, value in parameter.dated())
    ]
    return list(dict.fromkeys([*changed, *effects]))
