"""What determines the results of an arm, as a name: equal names, equal results."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from sim.output import code_digest, data_digest
from sim.scenario import Parameter, Scenario
from sim.scenario.models import Change


class Identity:
    """Names scenarios after their content; what many scenarios share is looked at once.

    Parameters
    ----------
    detail : str
    keep : sequence of str
        Which tables are kept, and how finely they tell areas apart.
    """

    def __init__(self, detail: str, keep: Sequence[str]) -> None:
        self._common = [code_digest(), data_digest(), detail, sorted(keep)]
        # What is kept with each digest lives as long, so that no other object can get its number.
        self._known: dict[int, tuple[Parameter | Change, str]] = {}

    def add(self, scenario: Scenario, title: str, scenarios: dict[str, Scenario]) -> str:
        """Put a scenario among others under the name of its content; returns the name."""
        name = self.name(scenario)
        if name not in scenarios:
            scenarios[name] = scenario.model_copy(update={"name": name, "title": title})
        return name

    def name(self, scenario: Scenario) -> str:
        """The name of a scenario: ``arm_`` and 16 hexadecimal digits."""
        what = [
            *self._common,
            str(scenario.start),
            scenario.years,
            scenario.scale,
            scenario.warm_up_years,
            list(scenario.areas),
            {name: self._digest(parameter) for name, parameter in scenario.parameters.items()},
            [self._digest(change) for change in scenario.changes],
        ]
        return f"arm_{_sha(what)[:16]}"

    def _digest(self, part: Parameter | Change) -> str:
        if id(part) not in self._known:
            self._known[id(part)] = part, _sha(part.determining())
        return self._known[id(part)][1]


def _sha(what: Any) -> str:
    text = json.dumps(what, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()
