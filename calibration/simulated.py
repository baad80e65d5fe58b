"""What runs give for each target."""

from __future__ import annotations

import pandas as pd

from calibration.measures import MEASURES, NOT_EXPRESSED
from calibration.monthly import Monthly
from calibration.periods import months_used


def simulated(run: Monthly, targets: pd.DataFrame) -> pd.DataFrame:
    """The simulated value of every target in every run.

    Parameters
    ----------
    run : Monthly
    targets : DataFrame
        As :func:`calibration.targets.read_targets` gives them.

    Returns
    -------
    DataFrame
        A row a run (scenario and seed), a column a target by its id; nan where the tables cannot
        tell: areas in a run that does not tell them apart, or people's histories without a log.
    """
    places = {"England": run}
    columns = {}
    for target in targets.to_dict("records"):
        name, area = str(target["statistic"]), str(target["area"])
        if area != "England" and area not in run.areas:
            columns[target["id"]] = run.blank()
            continue
        if area not in places:
            places[area] = run.in_area(area)
        if name in NOT_EXPRESSED:
            columns[target["id"]] = run.blank()
            continue
        measure = MEASURES[name]
        months = months_used(str(target["period"]), run.months, level=measure.level)
        columns[target["id"]] = measure.compute(places[area], months)
    return pd.DataFrame(columns, index=run.runs)
