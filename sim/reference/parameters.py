"""The parameters of one scenario as plain numbers and lists, at their values of today."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sim.scenario import Scenario
from sim.settings import ParameterSettings


class Parameters:
    """What every parameter is worth today, for a person.

    Parameters
    ----------
    scenario : Scenario
    areas : sequence of str
        Codes of all areas, in the order of area numbers.
    day : int
        The day whose values are wanted first.
    """

    def __init__(self, scenario: Scenario, areas: Sequence[str], day: int) -> None:
        self._settings = ParameterSettings([scenario], areas, day)
        self._values: dict[str, Any] = {}
        self.change_days = self._settings.change_days

    def turn_to(self, day: int) -> None:
        """Bring every value to a day."""
        for name in self._settings.turn_to(day):
            self._values.pop(name, None)

    def changes_on(self, name: str, day: int) -> bool:
        """Whether the value of a parameter may change on a day."""
        return self._settings.changes_on(name, day)

    def value(self, name: str, cell: int) -> Any:
        """The value of a parameter in a cell of people: a number, or lists by its dimensions."""
        value = self._values.get(name)
        if value is None:
            value = self._values[name] = self._settings.entries[name].array.tolist()
        return value[cell] if self._settings.entries[name].by_cell else value

    def of_places(self, name: str) -> Any:
        """The value of a parameter that belongs to places, not to people."""
        return self.value(name, 0)
