"""A finished run, opened: its tables as pandas frames, its scenarios, and what can be worked out from them.

``open_run("runs/1a2b3c4d5e6f")`` is where a notebook starts.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from results import scope
from results.breakdown import Breakdown, Group
from results.differences import differences
from results.displacement import Displacement, displaced
from results.outcomes import OUTCOMES
from results.uncertainty import by_draw
from sim.explained import ExplainedError
from sim.output import read_run
from sim.scenario import Scenario
from sim.scenario.errors import suggestion
from sim.scenario.in_words import day_text
from sim.tables import RunTables


class OpenError(ExplainedError):
    """A run does not hold what was asked for; the message says why."""


@dataclass(frozen=True)
class Opened:
    """A finished run of several scenarios.

    Parameters
    ----------
    folder : Path
    tables : RunTables
        Frames ``stocks``, ``flows``, ``events``, ``waits``, ``spells`` and, if kept, ``log``; their columns
        are in the data dictionary. Numbers are people simulated.
    manifest : dict
    base : str
        Name of the scenario that others are compared with.
    """

    folder: Path
    tables: RunTables
    manifest: Mapping[str, Any]
    base: str

    def named(self, scenario: str) -> str:
        """The name of a scenario of the run.

        Raises
        ------
        OpenError
            When the run has no such scenario.
        """
        if scenario not in self.manifest["scenarios"]:
            known = self.manifest["scenarios"]
            near = suggestion(scenario, known)
            names = ", ".join(known)
            raise OpenError(f"{self.folder} has no scenario {scenario!r}.{near} It has {names}.")
        return scenario

    @property
    def name(self) -> str:
        """The run's name, the first digits of its hash."""
        return self.folder.resolve().name

    @cached_property
    def scenarios(self) -> dict[str, Scenario]:
        """Scenarios by name as they were run, the base first, then in the order they were asked for."""
        found = self.manifest["scenarios"]
        order = [self.base, *(name for name in self._order if name != self.base)]
        return {name: Scenario.model_validate(found[name]) for name in order}

    @property
    def _order(self) -> Sequence[str]:
        """A manifest is sorted by name; the rows of the first replication keep the order of the arms."""
        rows = self.manifest["replications"][0].get("coupling", [])
        asked = dict.fromkeys(row["base"] for row in rows)
        return list(asked) or list(self.manifest["scenarios"])

    @property
    def reforms(self) -> list[str]:
        """Names of the scenarios that are compared with the base."""
        return [name for name in self.scenarios if name != self.base]

    @property
    def titles(self) -> dict[str, str]:
        """Titles of all scenarios by name."""
        return {name: scenario.title for name, scenario in self.scenarios.items()}

    @property
    def scale(self) -> float:
        """People simulated per person in the population."""
        return float(self.manifest["scale"])

    @property
    def seeds(self) -> list[int]:
        """One a replication."""
        return [int(seed) for seed in self.manifest["seeds"]]

    @property
    def country(self) -> str:
        """England where the run has any of it, else Wales: a key of the outcomes' areas."""
        return scope.place(self.scenarios[self.base])[0]

    @property
    def place(self) -> str:
        """The place that results are for, in words."""
        return scope.place(self.scenarios[self.base])[1]

    @property
    def everywhere(self) -> str:
        """All areas of the run in words: what counts of people one by one are for."""
        return scope.all_places(self.scenarios[self.base])

    @property
    def by_area(self) -> bool:
        """Whether its tables tell areas apart."""
        return self.manifest["detail"] == "area"

    @property
    def last_day(self) -> str:
        """The last day of the results, in words."""
        return day_text(self.scenarios[self.base].end - dt.timedelta(days=1))

    @cached_property
    def displacement(self) -> float:
        """Share of additional jobs that would otherwise have gone to somebody else, in the whole place."""
        return displaced(self.scenarios[self.base], self.tables.stocks, self.country)

    @cached_property
    def yearly(self) -> pd.DataFrame:
        """Values of every outcome by scenario, seed and year; see :mod:`results.outcomes`."""
        return self._whole.tidy(list(OUTCOMES), 12).rename(columns={"period": "year"})

    @cached_property
    def monthly(self) -> pd.DataFrame:
        """Values of every outcome by scenario, seed and month."""
        return self._whole.tidy(list(OUTCOMES), 1).rename(columns={"period": "month"})

    @cached_property
    def differences_by_year(self) -> pd.DataFrame:
        """Paired differences from the base by year; columns in ``results.differences.COLUMNS``."""
        return differences(self._paired(self.yearly), self.base, displacement=self.displacement)

    @cached_property
    def differences_by_month(self) -> pd.DataFrame:
        """Paired differences from the base by month."""
        return differences(self._paired(self.monthly), self.base, displacement=self.displacement)

    def _paired(self, values: pd.DataFrame) -> pd.DataFrame:
        """Values by what pairs are independent: seeds, or draws of the posterior."""
        return by_draw(values) if self.scenarios[self.base].posterior else values

    def breakdown(self, *by: Group) -> Breakdown:
        """Outcomes told apart by area or condition."""
        if set(by) == set(self._finest.by):
            return self._finest
        return self._finest.merged(*by)

    @cached_property
    def _finest(self) -> Breakdown:
        by: tuple[Group, ...] = ("area", "condition") if self.by_area else ("condition",)
        return Breakdown(
            self.tables,
            self.scale,
            by,
            country=self.country,
            displacement=Displacement.of(self.scenarios[self.base]),
        )

    @cached_property
    def _whole(self) -> Breakdown:
        return self._finest.merged()

    def assumed(self, scenario: str) -> list[str]:
        """Names of the effects in a scenario that nobody has measured."""
        return scope.assumed_effects(self.scenarios[self.base], self.scenarios[scenario])

    def moves(self, scenario: str) -> NDArray[np.float64]:
        """People by state in the base and state in a scenario on the last day; see results.coupling.

        Returns
        -------
        float64 array, shape (replications, states, states)
            In the order of :data:`results.coupling.ORDER`, in people of the population.

        Raises
        ------
        OpenError
            When the run was made by a version that did not count moves.
        """
        rows = [
            row
            for replication in self.manifest["replications"]
            for row in replication.get("coupling", [])
            if (row["base"], row["reform"]) == (self.base, scenario)
        ]
        if not rows or "moves" not in rows[0]:
            raise OpenError(
                f"{self.folder} does not say who is where in {scenario!r}: run it again."
            )
        return np.array([row["moves"] for row in rows], np.float64)

    def same_people(self, scenario: str) -> pd.DataFrame:
        """The table ``same_people`` of a scenario and the base, whichever was compared with which.

        Raises
        ------
        OpenError
            When the run was made by a version that did not count them.
        """
        table = self.tables.same_people
        if table is None:
            raise OpenError(
                f"{self.folder} does not say who is where in {scenario!r}: run it again."
            )
        found = table[(table["base"] == self.base) & (table["scenario"] == scenario)]
        if found.empty:
            turned = {"labour": "labour_base", "benefit": "benefit_base"}
            turned |= {other: name for name, other in turned.items()}
            found = table[(table["base"] == scenario) & (table["scenario"] == self.base)]
            found = found.rename(columns=turned)
        return found.drop(columns=["base", "scenario"])


def open_run(folder: Path | str, base: str | None = None) -> Opened:
    """Open a finished run.

    Parameters
    ----------
    folder : path
        The run's folder.
    base : str, optional
        Name of the scenario to compare with; else the one that the run was made with.

    Raises
    ------
    OpenError
        When the run has no such scenario.
    sim.output.RunFolderError
        When the folder is not a finished run.
    """
    folder = Path(folder)
    tables, manifest = read_run(folder)
    opened = Opened(folder, tables, manifest, "")
    return Opened(folder, tables, manifest, opened.named(base or opened._order[0]))
