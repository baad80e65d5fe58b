"""An appraisal: all its frames from one run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from results.appraisal import distribution, frames
from results.appraisal.columns import FRAMES
from results.appraisal.study import Options, Study, study, used_values
from sim.output import RunTables


@dataclass(frozen=True)
class Appraisal:
    """The frames of an appraisal; their columns are those of :data:`~.columns.FRAMES`.

    Parameters
    ----------
    base : str
        Name of the scenario compared with.
    titles : dict of str
        Titles of base and reforms by name.
    study : Study
        What the frames were made from.
    """

    base: str
    titles: dict[str, str]
    study: Study
    headline: pd.DataFrame
    lines: pd.DataFrame
    exchequer: pd.DataFrame
    draws: pd.DataFrame
    sensitivity: pd.DataFrame
    acceptability: pd.DataFrame
    information: pd.DataFrame
    distribution: pd.DataFrame
    losers: pd.DataFrame
    budget: pd.DataFrame
    values: pd.DataFrame

    def items(self) -> Iterator[tuple[str, pd.DataFrame]]:
        """Each frame by name, in the order they are declared."""
        for name in FRAMES:
            yield name, getattr(self, name)


def appraise(
    tables: RunTables,
    manifest: Mapping[str, Any],
    base: str,
    options: Options | None = None,
) -> Appraisal:
    """Value what the reforms of a run change.

    Parameters
    ----------
    tables, manifest
        Of a run, as :func:`sim.output.read_run` gives them.
    base : str
        Name of the scenario to compare with.
    options : Options or None

    Raises
    ------
    results.appraisal.study.AppraisalError
        When the run has no such base, or nothing beside it.
    results.outcomes.OutcomeError
        When the run has none of the areas.
    """
    found = study(tables, manifest, base, options or Options())
    used = {value.name: value for value in used_values(found.values, found.options)}
    return Appraisal(
        base=base,
        titles={name: s["title"] for name, s in manifest["scenarios"].items()},
        study=found,
        headline=frames.headline(found),
        lines=frames.lines(found),
        exchequer=frames.exchequer(found),
        draws=frames.draws(found),
        sensitivity=frames.sensitivity(found),
        acceptability=frames.acceptability_frame(found),
        information=frames.information(found),
        distribution=distribution.distribution(found),
        losers=distribution.losers(found, manifest),
        budget=distribution.budget(found),
        values=frames.values_frame(found, used),
    )
