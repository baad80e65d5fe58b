"""Displacement by the slack of the labour market; quick."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from results.appraisal.values import SHARE, values_of_run
from results.breakdown import Breakdown
from results.displacement import AT, ELASTICITY, Displacement, displaced
from sim.scenario import load_parameters, load_scenario
from sim.tables import RunTables

FIFTH = Displacement(0.2, 0.05, 1.0)


def stocks() -> pd.DataFrame:
    """Two areas, the second with twice the unemployment, two seeds and months; 100 more in work with a reform."""
    rows = []
    for scenario in ("base", "reform"):
        for seed in (1, 2):
            for month in ("2024-04", "2024-05"):
                for area, searching in (("E54000008", 50), ("E54000010", 100)):
                    for condition in ("none", "mental_health"):
                        for labour, people in (
                            ("searching", searching),
                            ("in_work", 1000 - searching),
                        ):
                            more = 100 * (scenario == "reform" and labour == "in_work")
                            rows.append(
                                (
                                    scenario,
                                    seed,
                                    month,
                                    area,
                                    condition,
                                    labour,
                                    "none",
                                    people + more,
                                )
                            )
    names = ["scenario", "seed", "month", "area", "condition", "labour", "benefit", "people"]
    return pd.DataFrame(rows, columns=names).astype(
        {name: "category" for name in names if name not in ("seed", "people")}
    )


def tables() -> RunTables:
    empty = pd.DataFrame()
    return RunTables(stocks=stocks(), flows=empty, events=empty, waits=empty, spells=empty)


@given(
    share=st.floats(0, 1), at=st.floats(0.01, 0.2), elasticity=st.floats(0, 3),
    one=st.floats(0.001, 0.5), other=st.floats(0.001, 0.5),
)  # fmt: skip
def test_it_is_a_share_that_rises_with_slack_and_holds_where_it_is_stated(
    share: float, at: float, elasticity: float, one: float, other: float
) -> None:
    law = Displacement(share, at, elasticity)
    low, high = (float(law.where(u, 1 - u)) for u in sorted((one, other)))
    assert 0 <= low <= high <= 1
    assert float(law.where(at, 1 - at)) == pytest.approx(share)
    assert float(Displacement(share, at, 0.0).where(one, 1 - one)) == pytest.approx(share)


def test_each_area_has_the_share_of_its_slack_and_the_country_its_own() -> None:
    by_area = Breakdown(tables(), 1.0, ("area",), displacement=FIFTH)
    assert by_area.displaced("base").ravel() == pytest.approx([0.2, 0.4])
    gross, net = (
        by_area.difference(name, "base", "reform").mean for name in ("in_work", "in_work_net")
    )
    assert gross[:, 0] == pytest.approx([200, 200])
    assert net[:, 0] == pytest.approx([160, 120])
    whole = by_area.merged()
    assert float(whole.displaced("base").item()) == pytest.approx(0.3)
    assert whole.difference("in_work_net", "base", "reform").mean == pytest.approx([280, 280])


def test_people_of_all_conditions_compete_for_the_jobs_of_a_place() -> None:
    apart = Breakdown(tables(), 1.0, ("area", "condition"), displacement=FIFTH)
    share = apart.displaced("base")
    assert share.shape == (2, 1, 1)
    assert share.ravel() == pytest.approx([0.2, 0.4])


def test_a_run_takes_the_unemployment_of_its_base() -> None:
    parameters = load_parameters()
    base = load_scenario("baseline").model_copy(update={"name": "base", "parameters": parameters})
    at, e = (float(parameters[name].dated()[0][1]) for name in (AT, ELASTICITY))
    share = float(parameters[SHARE].dated()[0][1])
    found = displaced(base, stocks(), "england")
    assert found == pytest.approx(share * (0.075 / at) ** e)
    assert displaced(base, stocks(), ["E54000008"]) == pytest.approx(share * (0.05 / at) ** e)


def test_an_appraisal_values_at_the_share_of_the_run_with_its_interval_in_proportion() -> None:
    base = load_scenario("baseline")
    manifest = {"scenarios": {"baseline": base.model_dump(mode="json")}}
    stated = base.parameters[SHARE]
    twice = values_of_run(manifest, "baseline", 0.4)[SHARE]
    assert twice.numbers[0].entries == (0.4,)
    assert stated.uncertainty is not None
    assert twice.uncertainty is not None
    assert np.array([twice.uncertainty.low, twice.uncertainty.high]) == pytest.approx(
        [2 * stated.uncertainty.low, min(2 * stated.uncertainty.high, 1)]
    )
