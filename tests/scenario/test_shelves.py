"""The scenarios of the library's folders: two sentences and sources each, and free of problems."""

from __future__ import annotations

import datetime as dt
import re

import numpy as np
import pytest

from sim.core.dates import day_of
from sim.people import read_areas
from sim.scenario import default_library, list_library, load_scenario
from sim.scenario.library import FOLDERS, path_of
from sim.settings import timelines

SHELVES = [e for e in list_library() if e.kind == "scenario" and e.folder in FOLDERS["scenario"]]


def test_every_folder_has_its_scenarios() -> None:
    names = {
        folder: {e.name for e in SHELVES if e.folder == folder} for folder in FOLDERS["scenario"]
    }
    assert {"back_to_work_plan", "welfare_package"} <= names["announced"]
    assert {"no_plan", "current_policy"} <= names["enacted"]
    assert len(names["options"]) >= 6


@pytest.mark.parametrize("name", [e.name for e in SHELVES])
def test_a_scenario_says_in_two_sentences_what_it_is_and_rests_on_sources(name: str) -> None:
    scenario = load_scenario(name)
    sentences = re.findall(r"[.?](?:\s|$)", scenario.description)
    assert len(sentences) == 2
    assert any(c.source for c in scenario.changes) or any(r.sources for r in scenario.reforms)
    assert all(change.source or change.reasoning for change in scenario.changes)


def test_names_are_not_used_twice() -> None:
    library = default_library()
    names = [p.stem for folder in FOLDERS["scenario"] for p in (library / folder).glob("*.yaml")]
    assert len(names) == len(set(names))
    assert path_of("scenario", "current_policy", library).parent.name == "enacted"


def test_the_parts_that_undo_and_redo_what_the_baseline_holds_give_the_baseline() -> None:
    """What no_plan takes away, the three reforms that are in force put back."""
    base, plain, whole = (load_scenario(n) for n in ("baseline", "no_plan", "current_policy"))
    wanted = {"aet_rise_2024", "esa_migration_brought_forward", "sick_pay_reform_2026"}
    wanted |= {r.name for r in plain.reforms}
    back = whole.model_copy(
        update={"changes": tuple(c for c in whole.changes if c.reform in wanted)}
    )
    lines = [timelines(scenario, read_areas().code) for scenario in (base, back, plain)]
    undone = set()
    for name, line in lines[0].items():
        for day in line.days() | lines[1][name].days():
            np.testing.assert_allclose(line.at(day), lines[1][name].at(day), rtol=1e-12)
            if not np.allclose(line.at(day), lines[2][name].at(day)):
                undone.add(name)
    assert undone == {change.what for change in plain.changes}


def test_the_reform_of_the_assessment_adds_to_the_need_of_coaches_whatever_the_threshold() -> None:
    """A part that replaces the need must stand before the one that multiplies it."""
    need = {
        name: timelines(load_scenario(name), read_areas().code)["coach_time.today_ratio"]
        for name in ("no_plan", "wca_reform_alone", "welfare_package", "package")
    }
    before, after = day_of(dt.date(2025, 3, 31)), day_of(dt.date(2028, 6, 1))
    assert need["no_plan"].at(after) == need["wca_reform_alone"].at(before) == 0.9
    assert need["wca_reform_alone"].at(after) == pytest.approx(0.9 * 1.05)
    assert need["welfare_package"].at(before) == need["package"].at(before) == 1
    assert need["welfare_package"].at(after) == need["package"].at(after) == pytest.approx(1.05)
