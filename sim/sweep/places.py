"""Where the values of factors stand: a wrong one is told there, and not where its factor is marked."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Set
from dataclasses import dataclass, field, replace
from typing import Any

from sim.scenario.errors import Problem

Key = tuple[str, type, Hashable]
"""A factor and a value of it; of the type too, since 1 and true are equal in Python and not in a file."""


def key_of(factor: str, value: Hashable) -> Key:
    """What a value of a factor is known by."""
    return factor, type(value), value


@dataclass(frozen=True)
class Place:
    """Where a value stands: its file, and the line and key there.

    Parameters
    ----------
    file : str
    line : int or None
    key : str
    range : str
        The range that stands there, of which the value is one; empty where the value itself stands.
    """

    file: str
    line: int | None
    key: str
    range: str = ""


@dataclass
class Places:
    """The places of the values that a user wrote down, each the first of its kind.

    Parameters
    ----------
    known : dict of Place
        By factor and value.
    told : dict of str
        The factor, by problem that was told at the place of a value.
    """

    known: dict[Key, Place] = field(default_factory=dict)
    told: dict[Problem, str] = field(default_factory=dict)

    def note(self, factor: str, value: Hashable, place: Place) -> None:
        """Remember where a value stands, if it is the first of its kind."""
        self.known.setdefault(key_of(factor, value), place)

    def to_try(self, without: Set[Key]) -> list[tuple[str, Any]]:
        """Factors with values to try by themselves: the least and the greatest of each place.

        Parameters
        ----------
        without : set
            Values that stand at no point.
        """
        at: dict[tuple[str, Place], list[Any]] = {}
        for key, place in self.known.items():
            if key not in without:
                at.setdefault((key[0], place), []).append(key[2])
        ends = ((name, (min(values), max(values))) for (name, _), values in at.items())
        return [(name, value) for name, pair in ends for value in dict.fromkeys(pair)]

    def moved(
        self, problem: Problem, factor: str | None, values: Mapping[str, Hashable]
    ) -> Problem:
        """A problem with the value of a factor, at the place of the value where it is known."""
        if factor is None or factor not in values:
            return problem
        place = self.known.get(key_of(factor, values[factor]))
        if place is None:
            return problem
        if place.range:
            problem = replace(problem, given=f"{place.range} given", nearest=None)
        given = f"{problem.given} for {problem.key}" if problem.key else problem.given
        there = replace(problem, file=place.file, line=place.line, key=place.key, given=given)
        self.told[there] = factor
        return there
