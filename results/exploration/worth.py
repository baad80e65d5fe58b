"""What each point of a sweep costs the Exchequer, valued from the tables as an appraisal values a run."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from results import scope
from results.appraisal.account import Account
from results.appraisal.quantities import quantities
from results.appraisal.values import FROM_RUN, UnitValues, load_values, values_of_run
from results.differences import LEVEL
from results.outcomes import area_codes
from results.sweeps import OpenedSweep

F64 = NDArray[np.float64]

COST: Final = "exchequer_net_cost"
NPSV: Final = "npsv"
MEASURES: Final = {
    COST: ("Net cost to the Exchequer", "GBP, present value"),
    NPSV: ("Net present social value", "GBP, present value"),
}
"""What is valued: label and unit."""


def worth(opened: OpenedSweep) -> pd.DataFrame:
    """Net cost to the Exchequer and net present social value of each point against its base.

    Unit values stand at their centre. The cost of support is that of the people who start it.

    Returns
    -------
    DataFrame
        Columns point, measure, difference, low, high (95% t interval of Monte Carlo error), pairs; a row a point
        and measure of :data:`MEASURES`.
    """
    opened.check_parameters("What a point is worth", FROM_RUN)
    opened.check_kept("What a point is worth", ("stocks", "events"))
    key, _ = scope.place(opened.base)
    points = opened.points
    by_point: dict[int, list[tuple[float, float]]] = {}
    values: dict[str, UnitValues] = {}
    displaced = opened.displaced()
    for seed in opened.seeds():
        arms = opened.whole(seed)
        if not arms:
            continue
        tables = opened.tables([seed], arms)
        counts = quantities(tables, opened.base.scale, area_codes(tables.stocks["area"], key))
        known: dict[tuple[str, str], tuple[float, float]] = {}
        for row in points.to_dict("records"):
            arm, base = row["arm"], row["base_arm"]
            if arm not in arms or base not in arms:
                continue
            if base not in values:
                scenario = opened.record.scenario(base)
                manifest = {"scenarios": {base: scenario.model_dump(mode="json")}}
                found = load_values() | values_of_run(manifest, base, displaced[base])
                values[base] = UnitValues(found, counts.years, {})
            if (arm, base) not in known:
                account = Account(counts.difference(arm, base), values[base])
                known[arm, base] = float(account.exchequer_net_cost[0]), float(account.npsv[0])
            by_point.setdefault(row["point"], []).append(known[arm, base])
    rows = []
    for point, pairs in by_point.items():
        for measure, column in zip(MEASURES, np.array(pairs).T, strict=True):
            rows.append({"point": point, "measure": measure, **_interval(column)})
    return pd.DataFrame(rows)


def _interval(gains: F64) -> dict[str, float]:
    n = len(gains)
    half = (
        float(stats.t.ppf((1 + LEVEL) / 2, n - 1) * gains.std(ddof=1) / np.sqrt(n))
        if n > 1
        else np.nan
    )
    mean = float(gains.mean())
    return {"difference": mean, "low": mean - half, "high": mean + half, "pairs": n}
