"""Constraints of a sweep file: which points they leave."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sim.scenario.cursor import Cursor
from sim.scenario.errors import Problem
from sim.sweep.designs import Designs, Values
from sim.sweep.expressions import Condition, ExpressionError


@dataclass(frozen=True)
class Constrained:
    """What constraints leave.

    Parameters
    ----------
    points : list of dict
        Those at which every constraint holds; all, with that noted, if there are none.
    unworkable : list of (frozenset of str, Problem)
        Constraints that fail at some values, each with the factors that it names: a problem unless the values are.
    """

    points: list[Values]
    unworkable: list[tuple[frozenset[str], Problem]]


def constrained(top: Cursor, names: Sequence[str], designs: Designs) -> Constrained:
    """The points of designs that the constraints of a file leave; problems are noted.

    Parameters
    ----------
    top : Cursor
        The whole file.
    names : sequence of str
        What a constraint may name; of a factor that has no values nothing is asked.
    designs : Designs
    """
    texts = top.value.get("constraints")
    masks: list[list[bool]] = []
    unworkable: list[tuple[frozenset[str], Problem]] = []
    for place in top.at("constraints").each() if isinstance(texts, list) else ():
        condition = _condition(place, names)
        if condition is None or not condition.factors <= designs.points[0].keys():
            continue
        try:
            held = [condition.holds(point) for point in designs.points]
        except ExpressionError as error:
            unworkable.append((condition.factors, Problem(*place.place, str(error))))
            continue
        if any(held):
            masks.append(held)
        else:
            place.report(f"'{place.value}' holds at no point", "a condition that some points meet")
    rows = zip(designs.points, *masks, strict=True)
    kept = [point for point, *held in rows if all(held)]
    if not kept:
        top.at("constraints").report("no point meets all", "conditions that some points meet")
    return Constrained(kept or designs.points, unworkable)


def _condition(place: Cursor, names: Sequence[str]) -> Condition | None:
    """The condition that stands at a place; None, with that noted, if it is none."""
    if not isinstance(place.value, str):
        return None
    try:
        return Condition.of(place.value, names)
    except ExpressionError as error:
        place.report(str(error))
        return None
