"""Where the values of factors stand: a wrong one is told there, and not where its factor is marked."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field, replace

from sim.scenario.errors import Problem


@dataclass(frozen=True)
class Place:
    """Where one value stands: its file, and the line and key there."""

    file: str
    line: int | None
    key: str


@dataclass
class Places:
    """The places of the values that a user wrote down, each the first of its kind.

    Parameters
    ----------
    known : dict of Place
        By factor and value.
    told : set of Problem
        Problems that were told at the place of a value.
    """

    known: dict[tuple[str, Hashable], Place] = field(default_factory=dict)
    told: set[Problem] = field(default_factory=set)

    def note(self, factor: str, value: Hashable, place: Place) -> None:
        """Remember where a value stands, if it is the first of its kind."""
        self.known.setdefault((factor, value), place)

    def moved(
        self, problem: Problem, factor: str | None, values: Mapping[str, Hashable]
    ) -> Problem:
        """A problem with the value of a factor, at the place of the value where it is known."""
        place = self.known.get((factor, values.get(factor))) if factor else None
        if place is None:
            return problem
        given = f"{problem.given} for {problem.key}" if problem.key else problem.given
        there = replace(problem, file=place.file, line=place.line, key=place.key, given=given)
        self.told.add(there)
        return there
