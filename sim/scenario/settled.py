"""Settings of a scenario given elsewhere than in its file: checked as if the file held them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sim.scenario.areas import Areas
from sim.scenario.cursor import Cursor
from sim.scenario.models import Scenario
from sim.scenario.schema import ScenarioFile
from sim.scenario.validation import validated


def settled(scenario: Scenario, settings: Iterable[Cursor], areas: Areas | None) -> Scenario:
    """A scenario with other settings; problems are noted, and what is wrong is left as it was.

    Parameters
    ----------
    scenario : Scenario
    settings : iterable of Cursor
        One a setting; its last key is the name.
    areas : Areas or None
        For a choice of areas.
    """
    update: dict[str, Any] = {}
    origins = dict(scenario.origins)
    own = {name: getattr(scenario, name) for name in ("name", "title", "description")}
    for item in settings:
        whole = Cursor(item.document, item.problems, item.keys[:-1], {**own, item.key: item.value})
        file = validated(whole, ScenarioFile)
        if file is None:
            continue
        update[item.key] = getattr(file, item.key)
        origins[item.key] = item.origin
        if item.key == "areas" and areas:
            update["areas"] = areas.find(item)
    return scenario.model_copy(update={**update, "origins": origins})
