"""Arms side by side, from the warm-up on: each lives as it would alone, whatever stands beside it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sim.arms import Arm, partings, roots
from sim.core.dates import day_of
from sim.run import run_arms, simulate
from sim.scenario import Scenario, override
from sim.tables import TABLES, RunTables
from tests.library import library

AREAS = ("E54000041",)


def small(name: str, overrides: dict[str, Any] | None = None, title: str | None = None) -> Scenario:
    """A scenario of the library, for a year and with few people."""
    scenario = library(name)
    if overrides:
        scenario = override(scenario, overrides)
    changes = {"scale": 0.001, "years": 1, "warm_up_years": 1, "areas": AREAS}
    return scenario.model_copy(update=changes | {"name": title or name})


LONGER_ABSENCES = {
    "sickness.duration": {
        cause: {"distribution": "weibull_min", "c": 0.8, "scale": 40 + 10 * k}
        for k, cause in enumerate(library("baseline").parameters["sickness.duration"].labels[0])
    }
}
BASE = small("baseline")
PILOTS = small("workwell_pilots")
LONGER = small("baseline", LONGER_ABSENCES, "longer_absences")
BACKLOG = small("baseline", {"assessment.initial_backlog": 400_000}, "backlog")
ARMS = [Arm(BASE, 1), Arm(LONGER, 1), Arm(PILOTS, 1), Arm(PILOTS, 7), Arm(BACKLOG, 7), Arm(BASE, 7)]


def tidy(tables: RunTables, scenario: str, seed: int) -> dict[str, pd.DataFrame]:
    """The tables of one arm, in one order of rows, labels as text."""
    of_arm = {}
    for table, frame in tables.items():
        rows = frame[(frame["scenario"] == scenario) & (frame["seed"] == seed)]
        keys = [c.name for c in TABLES[table.name].columns if c.dtype == "category"]
        rows = rows.astype(dict.fromkeys(keys, str))
        of_arm[table.name] = rows.sort_values(list(rows), ignore_index=True)
    return of_arm


def test_each_arm_lives_as_it_would_alone() -> None:
    together = run_arms(ARMS)
    for arm in ARMS[1:5]:
        name = arm.scenario.name
        alone = simulate([arm.scenario], [arm.seed]).tables
        for table, expected in tidy(alone, name, arm.seed).items():
            pd.testing.assert_frame_equal(tidy(together, name, arm.seed)[table], expected)


def test_kept_starts_change_nothing(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FITFLOW_CACHE", str(tmp_path))
    arms = [Arm(BASE, 3), Arm(PILOTS, 3)]
    together, first = run_arms(arms), run_arms(arms, keep_starts=True)
    assert list(tmp_path.glob("*.feather"))
    again = run_arms(arms, keep_starts=True)
    for (_, one), (_, other), (_, third) in zip(
        together.items(), first.items(), again.items(), strict=True
    ):
        pd.testing.assert_frame_equal(one, other)
        pd.testing.assert_frame_equal(one, third)


def test_arms_of_a_seed_share_a_start_if_they_agree_until_the_results_begin() -> None:
    assert roots(ARMS) == [[0, 2], [1], [3, 5], [4]]


def test_a_reform_that_is_in_force_before_the_start_has_a_start_of_its_own() -> None:
    early = PILOTS.model_copy(
        update={
            "changes": tuple(
                change.model_copy(update={"from_": BASE.start - dt.timedelta(days=1)})
                for change in PILOTS.changes
            )
        }
    )
    assert roots([Arm(BASE, 1), Arm(early, 1)]) == [[0], [1]]


def test_arms_part_on_the_first_day_on_which_their_values_differ() -> None:
    days = partings(ARMS, roots(ARMS))
    assert set(days) == {(0, 2), (3, 5)}
    first = min(change.from_ for change in PILOTS.changes)
    assert days[0, 2] == days[3, 5] == day_of(first)


def test_scenarios_with_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="names of their own"):
        run_arms([Arm(BASE, 1), Arm(small("baseline"), 2)])


def test_people_by_seed_differ() -> None:
    tables = run_arms([Arm(BASE, 1), Arm(BASE, 2)])
    flows = tables.flows.groupby("seed", observed=True)["people"].sum()
    assert np.ptp(flows) > 0
