"""An appraisal: all its frames from one run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from results.appraisal import distribution, frames
from results.appraisal.columns import FRAMES
from results.appraisal.study import Options, Study, study, used_values
from results.opened import Opened


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


def appraise(run: Opened, options: Options | None = None) -> Appraisal:
    """Value what the reforms of a run change, in England (or in Wales, where that is all it has).

    Parameters
    ----------
    run : Opened
        As :func:`results.opened.open_run` gives it.
    options : Options or None

    Raises
    ------
    results.appraisal.study.AppraisalError
        When there is nothing beside the base, or the run is shorter than a year.
    """
    found = study(run, options or Options())
    used = {value.name: value for value in used_values(found.values, found.reforms, found.options)}
    return Appraisal(
        base=run.base,
        titles=run.titles,
        study=found,
        headline=frames.headline(found),
        lines=frames.lines(found),
        exchequer=frames.exchequer(found),
        draws=frames.draws(found),
        sensitivity=frames.sensitivity(found),
        acceptability=frames.acceptability_frame(found),
        information=frames.information(found),
        distribution=distribution.distribution(found, run),
        losers=distribution.losers(found, run),
        budget=distribution.budget(found),
        values=frames.values_frame(found, used),
    )
