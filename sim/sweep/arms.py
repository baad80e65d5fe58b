"""From the points of a sweep to scenarios: each arm, and the base that it is compared with."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from sim.scenario import Scenario, posterior
from sim.scenario.errors import Problems, ScenarioError
from sim.scenario.varied import Variation, varied
from sim.sweep.designs import DRAW, Reading, Values
from sim.sweep.identity import Identity
from sim.sweep.overlay import Overlay, of_factors


@dataclass(frozen=True)
class Point:
    """One choice of a value for every factor, and the scenarios that it stands for.

    Parameters
    ----------
    values : dict
        By the name of a factor.
    arm, base : str
        Names of the scenario at the point, and of the one it is compared with.
    """

    values: Values
    arm: str
    base: str


@dataclass
class Laying:
    """How values are laid over the base of a sweep.

    Parameters
    ----------
    base : Scenario
    everywhere, arms : Overlay
        What is laid over bases and arms, and what over arms only.
    reading : Reading
        What was read of the designs.
    """

    base: Scenario
    everywhere: Overlay
    arms: Overlay
    reading: Reading

    def check(self, written: Iterable[tuple[str, Any]], problems: Problems) -> None:
        """Note what is wrong whatever the values are, and what with each value by itself."""
        places = self.reading.places
        ground = self.everywhere.over(self.base, {}, places, problems)
        self.arms.over(ground, {}, places, problems)
        for name, value in written:
            alone: Values = {name: value}
            self._varied(self.base, alone, problems)
            for overlay in (self.everywhere, self.arms):
                if name in overlay.factors:
                    overlay.over(self.base, alone, places, problems)

    def laid_out(
        self, points: Sequence[Values], identity: Identity, problems: Problems
    ) -> tuple[list[Point], dict[str, Scenario]]:
        """The points with their scenarios, and those by name."""
        scenarios: dict[str, Scenario] = {}
        grounds: dict[str, tuple[Scenario, str]] = {}
        places = self.reading.places
        made = []
        for values in points:
            common = self._own(values) | of_factors(values, [*self.everywhere.factors, DRAW])
            key = json.dumps(common, sort_keys=True)
            if key not in grounds:
                ground = self._varied(self._drawn_at(values), values, problems)
                ground = self.everywhere.over(ground, values, places, problems)
                grounds[key] = ground, identity.add(ground, self.base.title, scenarios)
            ground, name = grounds[key]
            title = ", ".join(f"{factor} {in_words(value)}" for factor, value in values.items())
            arm = self.arms.over(ground, values, places, problems)
            made.append(Point(values, identity.add(arm, title, scenarios), name))
            if not places.told.keys() >= set(problems.found):
                break  # the other points would say the same again
        return made, scenarios

    @cached_property
    def _drawn(self) -> set[str]:
        """What a posterior draw sets; these only tell of it, since the draw itself is laid over as a whole."""
        drawn = self.reading.drawn
        return set(posterior.numbers_at(self.base, 0, drawn[0])) if drawn else set()

    def _drawn_at(self, values: Values) -> Scenario:
        """The base with the posterior draw of a point, if it has one."""
        if not self.reading.drawn:
            return self.base
        return posterior.at_draw(self.base, int(str(values[DRAW])), self.reading.drawn[0])

    def _own(self, values: Values) -> Values:
        """Values of the factors that are called after parameters."""
        parameters = self.base.parameters
        return {n: v for n, v in values.items() if n in parameters and n not in self._drawn}

    def _varied(self, base: Scenario, values: Values, problems: Problems) -> Scenario:
        """The base with parameters at the values of factors that are called after them; problems are noted."""
        own: Mapping[str, Any] = self._own(values)
        variations = [
            Variation(name, value, "replace" if not base.parameters[name].by else "multiply")
            for name, value in own.items()
        ]
        try:
            return varied(base, variations, name=base.name) if variations else base
        except ScenarioError as error:
            for problem in error.problems:
                factor = max((name for name in own if name in problem.key), key=len, default=None)
                told = replace(problem, key="") if factor else problem
                problems.take(self.reading.places.moved(told, factor, own))
            return base


def in_words(value: Any) -> str:
    """A value of a factor as text."""
    if isinstance(value, tuple | list):
        return " + ".join(map(str, value)) or "none"
    if value is None:
        return "none"
    return f"{value:.4g}" if isinstance(value, float) else str(value)
