"""Settings of a scenario given elsewhere than in its file: checked as if the file held them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from sim.scenario.areas import Areas, load_areas
from sim.scenario.cursor import Cursor
from sim.scenario.errors import Problems
from sim.scenario.library import default_library
from sim.scenario.models import Scenario
from sim.scenario.schema import ScenarioFile
from sim.scenario.validation import validated
from sim.scenario.yaml_source import Document, Keys

COMMAND_LINE: Final = "command line"


class _Option(Document):
    """An option of the command line: messages name it, and no key or place within what was given."""

    def place(self, keys: Keys) -> str:
        """Nothing more than the option."""
        return ""


def of_options(
    settings: Mapping[str, Any], problems: Problems, options: Mapping[str, str] | None = None
) -> Iterator[Cursor]:
    """Settings that were given as options of the command line.

    Parameters
    ----------
    settings : mapping
    problems : Problems
        Where problems are noted.
    options : mapping, optional
        What an option is called that has not the name of its setting.
    """
    for key, value in settings.items():
        option = (options or {}).get(key, key).replace("_", "-")
        document = _Option(f"{COMMAND_LINE}, --{option}", {key: value})
        yield from Cursor.top(document, problems).each()


def with_settings(
    scenario: Scenario, settings: Mapping[str, Any], options: Mapping[str, str] | None = None
) -> Scenario:
    """A scenario with settings from the command line, checked as if its file held them.

    Parameters
    ----------
    scenario : Scenario
    settings : mapping
    options : mapping, optional
        What an option is called that has not the name of its setting.

    Raises
    ------
    ScenarioError
        With every setting that cannot be used.
    """
    problems = Problems()
    areas = load_areas(default_library(), problems) if "areas" in settings else None
    changed = settled(scenario, of_options(settings, problems, options), areas)
    problems.stop()
    origins = scenario.origins | dict.fromkeys(settings, COMMAND_LINE)
    return changed.model_copy(update={"origins": origins})


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
