"""Factors of a sweep file: what is said of each, and whether each has values and does something."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Final

from sim.scenario import Scenario
from sim.scenario.cursor import Cursor
from sim.scenario.errors import nearest_names, shown
from sim.scenario.validation import validated
from sim.sweep.designs import DRAW, Designs
from sim.sweep.overlay import Overlay, marks_in
from sim.sweep.schema import Factor

TAKEN: Final = (
    "point", "arm", "base_arm", "outcome", "measure", "year", "base", "reform", "difference", "standard_error",
    "low", "high", "pairs", "value", "draw",
)  # fmt: skip
"""Names of columns that stand beside those of factors."""


def read_factors(top: Cursor, base: Scenario) -> dict[str, Factor]:
    """What a file says of each factor; problems are noted.

    A name with a dot is a parameter's; none is that of another column of the results.
    """
    found: dict[str, Factor] = {}
    if not isinstance(top.value.get("factors"), dict):
        return found
    for item in top.at("factors").each():
        if not isinstance(item.value, dict):
            item.report(f"{shown(item.value)} given", "a mapping {title, unit, kind}")
        elif factor := validated(item, Factor):
            found[item.key] = factor
        if "." in item.key and item.key not in base.parameters:
            item.unknown("parameter", base.parameters)
        if item.key in TAKEN:
            item.report("a column of the results is called so", f"any name but {', '.join(TAKEN)}")
        found.setdefault(item.key, Factor())
    return found


def known_names(factors: Iterable[str], base: Scenario, designs: Designs) -> list[str]:
    """Names that may be those of factors: of the file, in its order, then any of a design that cannot be read."""
    unread = () if designs.whole else (DRAW, *base.parameters)
    return list(dict.fromkeys([*factors, *designs.names, *unread]))


def check_used(
    top: Cursor,
    factors: Mapping[str, Factor],
    base: Scenario,
    designs: Designs,
    overlays: Iterable[Overlay],
) -> None:
    """Every factor has values and does something; a name that is wrong counts for the one that it is meant for."""
    names = known_names(factors, base, designs)
    strange = [
        (place, name) for overlay in overlays for place, name in overlay.marks if name not in names
    ]
    for place, name in strange:
        place.unknown("factor", names, name)
    # Whatever key a mark stands under by mistake, its factor is not idle.
    marked = {name for _, name in marks_in(top)} | _meant({name for _, name in strange}, factors)
    unknown = {name for name in designs.names if name not in {*factors, *base.parameters, DRAW}}
    valued = {*designs.names, *_meant(unknown, factors)} if designs.whole else set(factors)
    for name in factors:
        parameter = "." in name
        if name not in valued and not (parameter and name not in base.parameters):
            top.at("factors", name).report("no design gives it values", "one that does")
        elif name not in marked and not parameter:
            top.at("factors", name).report(
                "it stands nowhere", f"'${name}' under everywhere or arms"
            )


def _meant(strange: Iterable[str], names: Collection[str]) -> set[str]:
    """What names that are not known may be meant for: of those that are known, the nearest."""
    return {meant for name in strange for meant in nearest_names(name, names, 1)}


def own_factor(base: Scenario, name: str) -> Factor:
    """What a factor is of which the file says nothing: a parameter, or a part of a posterior draw.

    It is called by its name, since what a parameter is takes more words than there is room for on a chart.
    """
    title = name.replace("_", " ").replace(".", ": ").capitalize()
    parameter = base.parameters.get(name)
    if parameter is None:
        return Factor(title=title, kind="uncertainty")
    unit = parameter.unit if not parameter.by else "times the value"
    return Factor(title=title, unit=unit, kind="uncertainty")
